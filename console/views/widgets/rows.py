# ruff: noqa: N802 - the names of overridden methods are Qt's
"""A small table of words: rows of cells, replaced as a whole when the picture changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from console.views.theme import Metric, Size, Theme

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """Words in a tone (a colour name of the palette).

    ``is_number`` aligns to the right, ``is_struck`` says that it no longer holds or is no longer known.
    """

    text: str = ""
    tone: str = "text"
    is_bold: bool = False
    is_number: bool = False
    is_struck: bool = False
    is_mono: bool = False


Row = tuple[Cell, ...]


def cell_data(theme: Theme, cell: Cell, role: int) -> object:
    """What a view asks of a cell by ``role``."""
    match role:
        case Qt.ItemDataRole.DisplayRole:
            return cell.text
        case Qt.ItemDataRole.ForegroundRole:
            return getattr(theme.palette, cell.tone)
        case Qt.ItemDataRole.FontRole:
            return theme.font(Size.SMALL, is_bold=cell.is_bold, is_mono=cell.is_mono, is_struck=cell.is_struck)
        case Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if cell.is_number else Qt.AlignmentFlag.AlignLeft
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        case _:
            return None


class RowsModel(QAbstractTableModel):
    """Rows of cells under titles."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._titles: tuple[str, ...] = ()
        self._rows: list[Row] = []

    def entitle(self, titles: Sequence[str]) -> None:
        """Set the words above the columns."""
        if tuple(titles) == self._titles:
            return
        self.beginResetModel()
        self._titles = tuple(titles)
        self.endResetModel()

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Replace the rows; only what changed is drawn again."""
        if len(rows) != len(self._rows):
            self.beginResetModel()
            self._rows = list(rows)
            self.endResetModel()
            return
        for number, (old, new) in enumerate(zip(self._rows, rows, strict=True)):
            if old != new:
                self._rows[number] = new
                self.dataChanged.emit(self.index(number, 0), self.index(number, len(self._titles) - 1))

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """Rows at the top level."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        """Columns at the top level."""
        return 0 if parent.isValid() else len(self._titles)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """A cell by role."""
        row = self._rows[index.row()]
        return cell_data(self._theme, row[index.column()], role) if index.column() < len(row) else None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> object:
        """The titles."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._titles[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        return None


def style_table(table: QTableView, theme: Theme, row_px: float = Metric.ROW_HEIGHT) -> None:
    """Rows of one height, no grid, whole rows selected, the last column takes the rest."""
    table.setStyleSheet(f"QTableView::item {{ padding: 0 {theme.space(2)}px; }}")
    table.setShowGrid(False)
    table.setWordWrap(False)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    vertical = table.verticalHeader()
    vertical.setVisible(False)
    vertical.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    vertical.setMinimumSectionSize(theme.px(row_px))
    vertical.setDefaultSectionSize(theme.px(row_px))
    header = table.horizontalHeader()
    header.setStretchLastSection(True)
    header.setHighlightSections(False)
    header.setSectionsClickable(False)


def set_widths(table: QTableView, theme: Theme, widths_px: Sequence[float]) -> None:
    """Give the columns but the last their widths at the scale in force."""
    for column, width_px in enumerate(widths_px):
        table.setColumnWidth(column, theme.px(width_px))
