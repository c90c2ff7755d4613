"""The buttons that move the map: nearer, farther, everything, home; along the right edge, below."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtWidgets import QPushButton, QWidget

from console.views.speech import Speech
from console.views.theme import Metric, Theme


class Movers:
    """One button an act, in their order; the words of each are ``situation.map.button.<name>``."""

    def __init__(self, owner: QWidget, acts: Mapping[str, Callable[[], object]], theme: Theme, speech: Speech) -> None:
        self._owner = owner
        self._theme = theme
        self._speech = speech
        self.buttons = {name: self._button(name, act) for name, act in acts.items()}

    def _button(self, name: str, act: Callable[[], object]) -> QPushButton:
        button = QPushButton(self._owner)
        button.setObjectName(f"map-{name}")
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.clicked.connect(lambda *_: act())
        return button

    def rects(self) -> list[QRectF]:
        """What they cover: no label is put there."""
        return [QRectF(button.geometry()) for button in self.buttons.values()]

    def retranslate(self) -> None:
        """Say everything anew."""
        for name, button in self.buttons.items():
            button.setAccessibleName(self._speech.say(f"situation.map.button.{name}"))

    def restyle(self) -> None:
        """Measure and colour anew."""
        side, touch = self._theme.px(Metric.ICON), self._theme.px(Metric.TOUCH)
        for name, button in self.buttons.items():
            button.setIcon(self._theme.icon(name, self._theme.palette.text))
            button.setIconSize(QSize(side, side))
            button.setFixedSize(touch, touch)
            button.setContentsMargins(0, 0, 0, 0)
            button.setStyleSheet("padding: 0; min-width: 0; min-height: 0;")
        self.place()

    def place(self) -> None:
        """Put them where they belong on the map of this size."""
        touch, gap, edge = self._theme.px(Metric.TOUCH), self._theme.space(2), self._theme.space(3)
        x = self._owner.width() - touch - edge
        y = self._owner.height() - edge - len(self.buttons) * (touch + gap) + gap
        for button in self.buttons.values():
            button.move(x, y)
            y += touch + gap
