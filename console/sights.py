"""Who looks at which camera, and how: what the window tells the engine's thread.  Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple


class Sight(NamedTuple):
    """One camera as it is looked at: its size in device pixels, and how much of it is wanted.

    ``is_full_rate``: every picture (the selected one).  ``is_enlarged``: its large stream is wanted.
    ``is_key_only``: thumbnails, key frames are enough.
    """

    width_px: int
    height_px: int
    is_full_rate: bool = False
    is_enlarged: bool = False
    is_key_only: bool = False

    @property
    def is_seen(self) -> bool:
        """Whether anything of it is visible."""
        return self.width_px > 0 and self.height_px > 0


UNSEEN = Sight(0, 0)

FootageState = Literal["opening", "playing", "gap", "removed", "missing", "damaged", "failed", "hung", "no-memory"]
REPLAYED = "replay/"
"""Before a camera's id: the name of the shared memory in which its recording is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Footage:
    """What is played of one camera at the replayed moment.

    ``gap``: nothing was recorded since ``since_ns``; ``removed`` ``missing`` ``damaged``: it was, into ``file``;
    ``failed`` ``hung`` ``no-memory``: our process cannot play.  Times are console time, ``None`` where unknown.
    """

    state: FootageState
    since_ns: int | None = None
    file: str | None = None


Showing = dict[str, Sight]
"""The cameras that are seen, by id."""


def merge(viewers: list[Showing]) -> Showing:
    """What several viewers together want: of each camera the largest wish."""
    merged: Showing = {}
    for showing in viewers:
        for camera_id, sight in showing.items():
            other = merged.get(camera_id)
            merged[camera_id] = sight if other is None else _both(other, sight)
    return merged


def _both(one: Sight, other: Sight) -> Sight:
    return Sight(
        max(one.width_px, other.width_px),
        max(one.height_px, other.height_px),
        is_full_rate=one.is_full_rate or other.is_full_rate,
        is_enlarged=one.is_enlarged or other.is_enlarged,
        is_key_only=one.is_key_only and other.is_key_only,
    )
