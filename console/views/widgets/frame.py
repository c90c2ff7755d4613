# ruff: noqa: N802 - the names of overridden methods are Qt's
"""What surrounds the window: nothing when live, a coloured frame in drill and replay."""

from __future__ import annotations

from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from console.views.theme import Metric, Theme


class Frame(QWidget):
    """The ground of the window; ``kind`` is ``live``, ``drill`` or ``replay``."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.kind = "live"

    @property
    def width_px(self) -> int:
        """How wide the frame is at the scale in force."""
        return 0 if self.kind == "live" else self._theme.px(Metric.FRAME)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's signature
        """Draw the ground that shows at the edges."""
        palette = self._theme.palette
        colours = {"live": palette.line, "drill": palette.drill, "replay": palette.replay}
        painter = QPainter(self)
        painter.fillRect(self.rect(), colours[self.kind])
        width = self.width_px
        painter.fillRect(self.rect().adjusted(width, width, -width, -width), palette.line)


def automatic_scale(width_px: int, height_px: int) -> float:
    """How much larger than drawn a window is; a wall of 3840 pixels without a scale of its own gets twice."""
    larger = min(width_px / Metric.DRAWN_WIDTH, height_px / Metric.DRAWN_HEIGHT)
    return larger if larger >= 1.5 else 1.0


def fitting_scale(chosen: float, width_px: int, height_px: int) -> float:
    """The chosen scale as far as a window of this size can show everything in it."""
    most = min(width_px / Metric.SMALLEST_WIDTH, height_px / Metric.SMALLEST_HEIGHT)
    return max(1.0, min(chosen * automatic_scale(width_px, height_px), most))
