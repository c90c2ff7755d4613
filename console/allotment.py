"""From what is known and looked at to what is received of each camera: the way from the tables to the plan and out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from console.bearer_tables import BearerTable
from console.picture import Grade, Text
from console.rules import video_use
from console.sights import UNSEEN, Showing
from console.tables import CameraTable, Tables
from console.thrift import Claim, Decision, Purse, Thrift


class Receivers(Protocol):
    """Who receives the cameras."""

    def allot(self, camera_id: str, grade: Grade, note: Text | None = None) -> None:
        """What may be received of this camera from now on, and why no more."""

    def show(
        self, camera_id: str, width_px: int, height_px: int, *, full_rate: bool = False, key_only: bool = False
    ) -> None:
        """How large this camera is on the screen."""


class Allotment:
    """Decides anew at every ``revise`` what is received, and hands on what changed.  Engine's thread only."""

    def __init__(self, tables: Callable[[], Tables], now_ns: Callable[[], int]) -> None:
        self._tables = tables
        self._now_ns = now_ns
        self._receivers: Receivers | None = None
        self._thrift = Thrift()
        self._sights: Showing = {}
        self._told: dict[str, Decision] = {}

    def begin(self, receivers: Receivers) -> None:
        """Decide for these; before they open anything."""
        self._receivers = receivers
        self.revise()

    def show(self, showing: Showing) -> None:
        """These cameras are looked at from now on, so large, and no others."""
        self._sights = showing
        self.revise()
        if self._receivers is None:
            return
        for camera_id in self._tables().cameras:
            width_px, height_px, is_full_rate, _, is_key_only = showing.get(camera_id, UNSEEN)
            self._receivers.show(camera_id, width_px, height_px, full_rate=is_full_rate, key_only=is_key_only)

    def revise(self) -> None:
        """Plan with what is known now: at ticks, and when a bearer may have changed."""
        if self._receivers is None:
            return
        tables = self._tables()
        claims = [_claim(tables, camera) for camera in tables.cameras.values() if camera.state != "disabled"]
        if not claims and not self._told:
            return
        purses = [_purse(bearer) for bearer in tables.bearers.values()]
        decided = self._thrift.decide(self._now_ns(), claims, self._sights, purses)
        for camera_id, decision in decided.items():
            if self._told.get(camera_id) != decision:
                self._receivers.allot(camera_id, *decision)
        self._told = decided


def _claim(tables: Tables, camera: CameraTable) -> Claim:
    configuration = camera.configuration
    bearer = video_use.carrier(tables, camera)
    return Claim(
        camera_id=configuration.id,
        has_sub=configuration.sub_url is not None,
        is_on_demand=configuration.is_on_demand,
        bearer_id=None if bearer is None else bearer.configuration.id,
        is_over_unknown=bearer is None and configuration.bearer_id is not None,
        still_s=configuration.still_s,
        rates_bps=camera.rates_bps,
    )


def _purse(bearer: BearerTable) -> Purse:
    configuration = bearer.configuration
    return Purse(
        bearer_id=configuration.id,
        name=configuration.name,
        budget_bps=configuration.video_budget_bps,
        hour_bytes=configuration.video_hour_bytes,
        used_bytes=bearer.video_hour_bytes,
        most=configuration.video_grade,
    )
