"""Which camera is where on the wall: pure."""

from __future__ import annotations

from collections.abc import Sequence

COUNTS = (1, 4, 9, 16)


class Placement:
    """Cameras in slots, in pages of ``count`` tiles; every configured camera has exactly one slot."""

    def __init__(self, count: int = 4) -> None:
        self.count = count
        self.page = 0
        self._slots: list[str | None] = []

    def fit(self, camera_ids: Sequence[str]) -> None:
        """Take these cameras: those that were here stay where they are, new ones take the first free slots."""
        known = set(camera_ids)
        self._slots = [slot if slot in known else None for slot in self._slots]
        for camera_id in camera_ids:
            if camera_id not in self._slots:
                if None in self._slots:
                    self._slots[self._slots.index(None)] = camera_id
                else:
                    self._slots.append(camera_id)
        while self._slots and self._slots[-1] is None:
            self._slots.pop()
        self.page = min(self.page, self.pages - 1)

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-len(self._slots) // self.count))

    @property
    def side(self) -> int:
        """Tiles along an edge."""
        return {1: 1, 4: 2, 9: 3, 16: 4}[self.count]

    def shown(self) -> list[str | None]:
        """The slots of this page, ``None`` where there is no camera."""
        slots = self._slots[self.page * self.count : (self.page + 1) * self.count]
        return slots + [None] * (self.count - len(slots))

    def set_count(self, count: int, keep: str | None = None) -> None:
        """Show so many tiles, on the page where ``keep`` is."""
        self.count = count
        index = self._slots.index(keep) if keep in self._slots else 0
        self.page = index // count

    def turn(self, step: int) -> None:
        """Go so many pages further."""
        self.page = (self.page + step) % self.pages

    def swap(self, one: int, other: int) -> None:
        """Exchange two tiles of this page, by their numbers."""
        first, second = self.page * self.count + one, self.page * self.count + other
        if not 0 <= one < self.count or not 0 <= other < self.count:
            return
        self._slots += [None] * (max(first, second) + 1 - len(self._slots))
        self._slots[first], self._slots[second] = self._slots[second], self._slots[first]
        while self._slots and self._slots[-1] is None:
            self._slots.pop()
