"""The health of one decoded stream: what its pictures show (``devices.video.health``) and what its decoder missed.

The library that looks at pictures is loaded apart from the first picture, which would wait half a second for it.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, ClassVar

from av.video.frame import VideoFrame

from devices.video.messages import Health
from devices.video.slots import Slots

if TYPE_CHECKING:
    from devices.video.health import Watch

_NS_PER_S = 1_000_000_000
_EVERY_NS = 190_000_000
_BROKEN_NS = 10 * _NS_PER_S
_NOTHING_PACKETS = 4


class Checkup:
    """One opened stream.  ``may_stand_still``: an unchanging picture is no fault; ``has_groups``: see ``Judgement``."""

    _watch_class: ClassVar[type[Watch] | None] = None

    def __init__(self, *, may_stand_still: bool, has_groups: bool = True) -> None:
        self._may_stand_still = may_stand_still
        self._has_groups = has_groups
        self._watch: Watch | None = None
        self._looked_ns = 0
        self._size_px = (0, 0)
        self._broken_ns: int | None = None
        self._nothing = self._group = 0
        self._found: tuple[Health, int] | None = None

    @classmethod
    def prepare(cls) -> None:
        """Load what looking needs, in any thread; before that nothing is seen."""
        cls._watch_class = importlib.import_module("devices.video.health").Watch

    def forget(self) -> None:
        """What was seen is too long ago to be compared with."""
        self._watch = self._broken_ns = self._found = None
        self._nothing = 0

    def note_loss(self, stamp_ns: int) -> None:
        """Part of the stream is missing: pictures may be damaged up to the next key frame."""
        self._broken_ns = stamp_ns

    def note_nothing(self, stamp_ns: int, delay: int) -> bool:
        """A packet gave no picture, which ``delay`` of them may; gives whether too many running did."""
        self._nothing += 1
        if self._nothing <= delay + _NOTHING_PACKETS or self._watch is None:
            return False
        self._broken_ns = stamp_ns
        self._found = self._watch.miss(stamp_ns)
        return True

    def note_frame(self, stamp_ns: int, *, is_corrupt: bool, is_key: bool) -> None:
        """A packet gave a picture."""
        self._nothing = 0
        self._group += is_key
        if is_corrupt:
            self._broken_ns = stamp_ns
        elif self._broken_ns is not None and (
            # A key frame that was held back for its order may come out after what was lost behind it.
            (is_key and stamp_ns >= self._broken_ns)
            # A stream without key frames renews itself bit by bit.
            or stamp_ns - self._broken_ns > _BROKEN_NS
        ):
            self._broken_ns = None

    def look(self, slots: Slots, frame: VideoFrame, stamp_ns: int) -> None:
        """Look at this picture if the last look was long enough ago, and tell what is wrong."""
        if self._watch_class is None or (stamp_ns - self._looked_ns < _EVERY_NS and self._broken_ns != stamp_ns):
            return
        self._looked_ns = stamp_ns
        size_px = (frame.width, frame.height)
        if self._watch is None or size_px != self._size_px:
            self._size_px = size_px
            self._watch = self._watch_class(
                may_stand_still=self._may_stand_still,
                sharpness=slots.sharpness(size_px),
                has_groups=self._has_groups,
            )
        self._found = self._watch.look(frame, stamp_ns, self._group, is_broken=self._broken_ns is not None)
        if self._watch.sharpness is not None:
            slots.keep_sharpness(self._watch.sharpness, size_px)
        self.tell(slots)

    def tell(self, slots: Slots) -> None:
        """Write what is wrong where the window reads it."""
        health, since_ns = self._found or (None, 0)
        slots.note_health(health, since_ns)
