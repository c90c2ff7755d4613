"""What pictures take of each bearer: counted where they arrive, kept for an hour.

Counted are the octets of video; what the network's own heads add to them (a few in a hundred) is not known here.
"""

from __future__ import annotations

from typing import Any

from console.bearer_tables import BearerTable, ByteRow
from console.configuration.model import IN_USE
from console.rules import pace, usage
from console.tables import CameraTable, Tables
from devices.driver import NS_PER_S

SLOT_NS = 10 * NS_PER_S
HOUR_NS = 3_600 * NS_PER_S
_NEWEST_SHARE = 0.2


def in_use(tables: Tables) -> BearerTable | None:
    """The bearer that carries the rear's traffic now; ``None``: none that could be used."""
    return pace.carrier(tables)


def carrier(tables: Tables, camera: CameraTable) -> BearerTable | None:
    """The bearer this camera comes over now; ``None``: none is configured for it, or it is not known which."""
    bearer_id = camera.configuration.bearer_id
    if bearer_id is None:
        return None
    return in_use(tables) if bearer_id == IN_USE else tables.bearers.get(bearer_id)


def count(tables: Tables, camera: CameraTable, said: dict[str, Any]) -> None:
    """Take in what a camera's report says of octets and rates."""
    grade, rate_bps = said.get("grade"), said.get("rate_bps")
    if grade is not None and rate_bps is not None and said.get("state") in {"live", "delayed", "abnormal", "stills"}:
        before_bps = camera.rates_bps.get(grade, float(rate_bps))
        camera.rates_bps[grade] = round(before_bps + _NEWEST_SHARE * (float(rate_bps) - before_bps), 1)
    if camera.configuration.bearer_id is None:
        return
    camera.uncounted_bytes += int(said.get("video_bytes") or 0)
    bearer = carrier(tables, camera) or tables.bearers.get(camera.bearer_id or "")
    if bearer is None:
        return
    camera.bearer_id = bearer.configuration.id
    size_bytes, camera.uncounted_bytes = camera.uncounted_bytes, 0
    if size_bytes > 0:
        _add(bearer, tables.at_ns, size_bytes)


def _add(bearer: BearerTable, at_ns: int, size_bytes: int) -> None:
    rows = bearer.video
    if not rows or at_ns - rows[-1].from_ns >= SLOT_NS:
        rows.append(ByteRow(at_ns, 0))
    rows[-1].size_bytes += size_bytes
    bearer.video_hour_bytes += size_bytes
    usage.count_own(bearer, size_bytes)


def forget_old(tables: Tables, bearer: BearerTable) -> None:
    """Let go what is more than an hour old: a slot counts until all of it is."""
    rows = bearer.video
    while rows and tables.at_ns - rows[0].from_ns >= HOUR_NS + SLOT_NS:
        bearer.video_hour_bytes -= rows[0].size_bytes
        del rows[0]


def rate_bps(tables: Tables, bearer: BearerTable) -> float:
    """What pictures take of this bearer now."""
    return sum(
        camera.rates_bps.get(camera.grade or "", 0.0)
        for camera in tables.cameras.values()
        if camera.state in {"live", "delayed", "abnormal", "stills"} and carrier(tables, camera) is bearer
    )
