# ruff: noqa: N802, ARG002 - the names and signatures of overridden methods are Qt's
"""The one picture of a trial, whole and unstretched."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from console.queries import TrialPage


class Preview(QWidget):
    """Draws the picture as large as it fits; empty without one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image: QImage | None = None

    def show_image(self, page: TrialPage | None) -> None:
        """Show the picture of this page."""
        self._image = None
        if page is not None and page.data:
            looking = QImage(page.data, page.width_px, page.height_px, page.stride_bytes, QImage.Format.Format_RGB32)
            self._image = looking.copy()  # it only looks into octets it does not own
        self.update()

    @property
    def has_image(self) -> bool:
        """Whether a picture is shown."""
        return self._image is not None

    def paintEvent(self, event: QPaintEvent) -> None:
        """Top left, where the verdict stands."""
        if self._image is None:
            return
        painter = QPainter(self)
        size = self._image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        painter.drawImage(QRectF(0, 0, size.width(), size.height()), self._image)
