"""A panel: a ground, a header line with a title left and a note right, and whatever is inside."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from console.views.theme import Metric, Size, Theme
from console.views.widgets.label import RIGHT, Label


class PanelHeader(QWidget):
    """Title and note of a panel."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.title = Label(theme, size=Size.SMALL, tone="dim", is_bold=True)
        self.note = Label(theme, size=Size.SMALL, tone="faint")
        self.note.setAlignment(RIGHT)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self.title)
        self._row.addWidget(self.note, 1)
        self.title.setSizePolicy(self.title.sizePolicy().Policy.Preferred, self.title.sizePolicy().Policy.Fixed)
        self.restyle()

    def restyle(self) -> None:
        """Measure anew."""
        self.setFixedHeight(self._theme.px(Metric.HEADER_HEIGHT))
        self._row.setContentsMargins(self._theme.space(3.5), 0, self._theme.space(3.5), 0)
        self._row.setSpacing(self._theme.space(2))
        self.title.restyle()
        self.note.restyle()


class Panel(QFrame):
    """A ground with a header; put widgets into ``body``."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.header = PanelHeader(theme)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(0)
        self.body.addWidget(self.header)

    def restyle(self) -> None:
        """Measure anew."""
        self.header.restyle()
