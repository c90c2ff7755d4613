"""The last seconds of one camera, held in memory so that they can be saved after something was seen.

Whole groups from one keyframe to the next: what is saved begins with a picture.  No copy is made of any packet.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field

from devices.video.feed import Unit
from devices.video.segment import Recorded

_NS_PER_S = 1_000_000_000


@dataclass(slots=True)
class Group:
    """Packets from a keyframe on, of one stream."""

    stream: Recorded
    units: list[Unit] = field(default_factory=list)
    size_bytes: int = 0


class Ring:
    """Packets of the last ``kept_s`` seconds, at most ``most_bytes``.  Any thread."""

    def __init__(self, *, kept_s: float, most_bytes: int) -> None:
        self._kept_ns = int(kept_s * _NS_PER_S)
        self._most_bytes = most_bytes
        self._groups: deque[Group] = deque()
        self._size_bytes = 0
        self._stream: Recorded | None = None
        self._is_whole = False
        self._lock = threading.Lock()

    def begin(self, stream: Recorded) -> None:
        """Another stream begins; what is held of the one before stays until it is too old."""
        with self._lock:
            self._stream, self._is_whole = stream, False

    def put(self, unit: Unit) -> None:
        """One packet arrived."""
        with self._lock:
            if self._stream is None:
                return
            if unit.is_key:
                self._groups.append(Group(self._stream))
                self._is_whole = True
            elif unit.is_jump:
                self._is_whole = False
            if not self._is_whole:
                return
            group = self._groups[-1]
            group.units.append(unit)
            group.size_bytes += len(unit.data)
            self._size_bytes += len(unit.data)
            self._forget(unit.received_ns - self._kept_ns)

    def _forget(self, before_ns: int) -> None:
        groups = self._groups
        while len(groups) > 1 and (groups[1].units[0].received_ns <= before_ns or self._size_bytes > self._most_bytes):
            self._size_bytes -= groups.popleft().size_bytes
        if self._size_bytes > self._most_bytes:
            # One group alone is too large: the next keyframe begins anew.
            groups.clear()
            self._size_bytes, self._is_whole = 0, False

    def last(self, last_s: float) -> list[Group]:
        """The groups of the last seconds before the newest packet, oldest first; the first may begin earlier."""
        with self._lock:
            if not self._groups:
                return []
            groups = [Group(group.stream, list(group.units), group.size_bytes) for group in self._groups]
        from_ns = groups[-1].units[-1].received_ns - int(last_s * _NS_PER_S)
        begun = [number for number, group in enumerate(groups) if group.units[0].received_ns <= from_ns]
        return groups[begun[-1] if begun else 0 :]
