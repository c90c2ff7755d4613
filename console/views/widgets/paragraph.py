"""Text of several lines in a named size and tone."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QLabel, QWidget

from console.views.theme import Size, Theme


class Paragraph(QLabel):
    """Wraps and grows downward; ``tone`` is a colour name of the palette.  Can be selected and copied if asked."""

    def __init__(
        self,
        theme: Theme,
        *,
        size: Size = Size.SMALL,
        tone: str = "soft",
        is_mono: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._size = size
        self._is_mono = is_mono
        self.tone = tone
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.restyle()

    def say(self, text: str, tone: str | None = None) -> None:
        """Show this text; ``tone`` ``None`` keeps the colour."""
        if text != self.text():
            self.setText(text)
        if tone is not None and tone != self.tone:
            self.tone = tone
            self.restyle()

    def restyle(self) -> None:
        """Measure and colour anew."""
        self.setFont(self._theme.font(self._size, is_mono=self._is_mono))
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.WindowText, getattr(self._theme.palette, self.tone))
        self.setPalette(palette)
