"""A window on a list of millions of rows that can only be asked page by page, newest first.

Pure: it says which page it wants and is given it.  Only a few pages are kept; of the others no more is remembered
than where each begins, so a page that was dropped can be asked for again and is the same.

**Source:** keyset paging (seek by the last number seen); lists are append-only, so a boundary never moves.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

PAGE_ROWS = 200
KEPT_PAGES = 12

T = TypeVar("T")


class Pager(Generic[T]):
    """Rows 0.. newest first: a head of lines that arrived since, then pages.

    ``number`` gives the strictly growing number of an item.  ``None`` for a row means: not here, ask for its page.
    """

    def __init__(self, number: Callable[[T], int]) -> None:
        self._number = number
        self._head: list[T] = []
        self._boundaries: list[int | None] = [None]
        self._starts: list[int] = []
        self._size = 0
        self._kept: OrderedDict[int, tuple[T, ...]] = OrderedDict()
        self.has_more = True
        self.newest: int | None = None

    @property
    def row_count(self) -> int:
        """Rows known so far."""
        return len(self._head) + self._size

    @property
    def kept_rows(self) -> int:
        """Rows held in memory."""
        return len(self._head) + sum(len(page) for page in self._kept.values())

    @property
    def is_started(self) -> bool:
        """Whether the newest page has been here, so that what is newer can be told."""
        return bool(self._starts) or not self.has_more

    def item(self, row: int) -> T | None:
        """The item of this row, ``None`` while its page is not here."""
        if row < len(self._head):
            return self._head[row]
        index, offset = self._place(row)
        page = self._kept.get(index)
        if page is None or offset >= len(page):
            return None
        self._kept.move_to_end(index)
        return page[offset]

    def _place(self, row: int) -> tuple[int, int]:
        below = row - len(self._head)
        index = bisect_right(self._starts, below) - 1
        return index, below - self._starts[index] if index >= 0 else 0

    def page_of(self, row: int) -> int | None:
        """The number of the page this row needs and that is not here; ``None`` if nothing is missing."""
        if row < len(self._head) or row >= self.row_count:
            return None
        index, _ = self._place(row)
        return None if index in self._kept else index

    def next_page(self) -> int | None:
        """The first page never seen, ``None`` at the end of the list."""
        return len(self._starts) if self.has_more else None

    def before(self, page: int) -> int | None:
        """The number below which this page begins; ``None``: from the newest."""
        return self._boundaries[page]

    def put(self, page: int, items: Sequence[T], *, has_more: bool) -> int:
        """Take a page that arrived; answers how many rows were added at the end."""
        if page < len(self._starts):
            self._keep(page, tuple(items))
            return 0
        # An empty page cannot say where the next one begins.
        self.has_more = has_more and bool(items)
        if not items:
            return 0
        if page == 0:
            # From now on the first page begins here, however much arrives above it.
            self.newest = self._number(items[0])
            self._boundaries[0] = self.newest + 1
        self._starts.append(self._size)
        self._size += len(items)
        self._boundaries.append(self._number(items[-1]))
        self._keep(page, tuple(items))
        return len(items)

    def fresh(self, items: Sequence[T]) -> list[T]:
        """Those items that are newer than everything here, newest first."""
        newest = self.newest
        new = [item for item in items if newest is None or self._number(item) > newest]
        return sorted(new, key=self._number, reverse=True)

    def put_head(self, items: Sequence[T]) -> None:
        """Take lines that arrived since (from ``fresh``); the oldest of a long head become a page."""
        if not items:
            return
        self.newest = self._number(items[0])
        self._head[:0] = items
        while len(self._head) > 2 * PAGE_ROWS:
            self._fold()

    def _fold(self) -> None:
        folded = tuple(self._head[-PAGE_ROWS:])
        del self._head[-PAGE_ROWS:]
        self._kept = OrderedDict((index + 1, page) for index, page in self._kept.items())
        self._boundaries[:1] = [self._number(folded[0]) + 1, self._number(folded[-1])]
        self._starts = [0, *(start + PAGE_ROWS for start in self._starts)]
        self._size += PAGE_ROWS
        self._keep(0, folded)

    def _keep(self, page: int, items: tuple[T, ...]) -> None:
        self._kept[page] = items
        self._kept.move_to_end(page)
        while len(self._kept) > KEPT_PAGES:
            self._kept.popitem(last=False)
