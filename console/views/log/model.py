# ruff: noqa: N802 - the names of overridden methods are Qt's
"""The table behind the log: asks for a page when a row of it is looked at, and keeps a few pages only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from console.bridge import Bridge
from console.queries import Page, Request
from console.views.log.pager import Pager
from console.views.theme import Theme
from console.views.widgets.rows import Cell, Row, cell_data

T = TypeVar("T")
Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
HEAD_PAGE = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Question(Generic[T]):
    """How to ask for pages of ``T`` and read the answers.

    ``request(before)`` makes the request of the page below a number; ``items(page)`` reads the answer as
    ``(items newest first, has_more)`` or ``None`` if it is no such page.
    """

    request: Callable[[int | None], Request]
    items: Callable[[Page], tuple[Sequence[T], bool] | None]
    number: Callable[[T], int]


class PagedModel(QAbstractTableModel, Generic[T]):
    """Rows newest first.  ``row_of(item)`` turns an item into cells; an absent page shows as empty rows."""

    answered = Signal()
    """A page arrived or failed: see ``is_failed`` and ``is_waiting``."""

    def __init__(self, bridge: Bridge, theme: Theme, row_of: Callable[[T], Row], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._theme = theme
        self._row_of = row_of
        self._titles: tuple[str, ...] = ()
        self._question: Question[T] | None = None
        self._pager: Pager[T] | None = None
        self._cancels: dict[int, Callable[[], None]] = {}
        self.is_failed = False
        # A view asks several times for each cell of a row; the row is said once.
        self._said_item: T | None = None
        self._said: Row = ()

    # ---- asking

    def ask(self, question: Question[T]) -> None:
        """Begin anew with this question: everything shown so far goes."""
        self._cancel_all()
        self.beginResetModel()
        self._question = question
        self._pager = Pager(question.number)
        self.is_failed = False
        self.endResetModel()
        self._fetch(0)

    def again(self) -> None:
        """Ask the same question from the newest line."""
        if self._question is not None:
            self.ask(self._question)

    def ask_head(self) -> None:
        """Ask whether newer lines have come."""
        if self._pager is not None and self._pager.is_started:
            self._fetch(HEAD_PAGE)

    @property
    def is_waiting(self) -> bool:
        """Whether a page is on its way."""
        return any(page != HEAD_PAGE for page in self._cancels)

    @property
    def newest(self) -> int | None:
        """The number of the newest line shown."""
        return self._pager.newest if self._pager else None

    @property
    def kept_rows(self) -> int:
        """Rows held in memory."""
        return self._pager.kept_rows if self._pager else 0

    @property
    def has_more(self) -> bool:
        """Whether older lines exist."""
        return self._pager is not None and self._pager.has_more

    def _cancel_all(self) -> None:
        cancels, self._cancels = self._cancels, {}
        for cancel in cancels.values():
            cancel()

    def _fetch(self, page: int) -> None:
        question, pager = self._question, self._pager
        if question is None or pager is None or page in self._cancels:
            return
        # Entered before the question is asked, because an answer may come at once.
        self._cancels[page] = _nothing
        before = None if page == HEAD_PAGE else pager.before(page)
        cancel = self._bridge.query(question.request(before), lambda answer: self._take(pager, page, before, answer))
        if page in self._cancels:
            self._cancels[page] = cancel

    def _take(self, pager: Pager[T], page: int, before: int | None, answer: Page | None) -> None:
        if pager is not self._pager or self._question is None:
            return
        self._cancels.pop(page, None)
        read = None if answer is None else self._question.items(answer)
        self.is_failed = read is None
        if read is not None and page == HEAD_PAGE:
            self._put_head(read[0], is_full=read[1])
        elif read is not None and pager.before(page) == before:
            # A long head may have become a page meanwhile: then this is the answer for another place.
            self._put_page(pager, page, read[0], has_more=read[1])
        self.answered.emit()

    def _put_page(self, pager: Pager[T], page: int, items: Sequence[T], *, has_more: bool) -> None:
        before = pager.row_count
        if page == pager.next_page() and items:
            self.beginInsertRows(QModelIndex(), before, before + len(items) - 1)
            pager.put(page, items, has_more=has_more)
            self.endInsertRows()
        else:
            pager.put(page, items, has_more=has_more)
            if before:
                self.dataChanged.emit(self.index(0, 0), self.index(before - 1, self.columnCount() - 1))

    def _put_head(self, items: Sequence[T], *, is_full: bool) -> None:
        pager, question = self._pager, self._question
        if pager is None or question is None:
            return
        fresh = pager.fresh(items)
        if fresh and len(fresh) == len(items) and is_full and pager.row_count:
            # More came than one page holds: between them and what is shown something would be missing.
            self.again()
            return
        self.add_fresh(fresh)

    def add_fresh(self, items: Sequence[T]) -> None:
        """Put lines that are newer than all others on top."""
        pager = self._pager
        fresh = pager.fresh(items) if pager and pager.is_started else []
        if pager is None or not fresh:
            return
        self.beginInsertRows(QModelIndex(), 0, len(fresh) - 1)
        pager.put_head(fresh)
        self.endInsertRows()

    # ---- the table

    def entitle(self, titles: Sequence[str]) -> None:
        """Set the words above the columns and say every row anew."""
        self.beginResetModel()
        self._titles = tuple(titles)
        self._said_item = None
        self.endResetModel()

    def item(self, row: int) -> T | None:
        """What this row is, ``None`` while it is not here."""
        return self._pager.item(row) if self._pager and 0 <= row < self._pager.row_count else None

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """Rows known so far."""
        return 0 if parent.isValid() or self._pager is None else self._pager.row_count

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        """Columns."""
        return 0 if parent.isValid() else len(self._titles)

    def canFetchMore(self, parent: Index) -> bool:
        """Whether an older page may be asked for now."""
        if parent.isValid() or self._pager is None or self.is_failed:
            return False
        page = self._pager.next_page()
        return page is not None and page not in self._cancels

    def fetchMore(self, parent: Index) -> None:
        """Ask for the next older page."""
        page = self._pager.next_page() if self._pager and not parent.isValid() else None
        if page is not None:
            self._fetch(page)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """A cell; looking at a row whose page is not here asks for it."""
        if self._pager is None or role not in _ROLES:
            return None
        item = self._pager.item(index.row())
        if item is None:
            page = self._pager.page_of(index.row())
            if page is not None and not self.is_failed:
                self._fetch(page)
            return cell_data(self._theme, Cell(), role)
        if item is not self._said_item:
            self._said_item, self._said = item, self._row_of(item)
        return cell_data(self._theme, self._said[index.column()], role)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> object:
        """The titles."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._titles[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        return None


_ROLES = (
    Qt.ItemDataRole.DisplayRole,
    Qt.ItemDataRole.ForegroundRole,
    Qt.ItemDataRole.FontRole,
    Qt.ItemDataRole.TextAlignmentRole,
)


def _nothing() -> None:
    """No answer is awaited yet."""
