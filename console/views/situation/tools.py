"""What a hand can do on the map beside moving it: one tool at a time, chosen at the tool bar, ended by Esc."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QPushButton, QWidget

from console.views.situation.projection import View
from console.views.speech import Speech
from console.views.theme import Metric, Size, Theme
from console.views.widgets.label import draw_text


class Tool(Protocol):
    """A tool of the map, made with the map it works on.  Points are pixels of ``MapView.view``.

    What a tool does not take (answers False to) the map does itself, so that it can be dragged and zoomed meanwhile.
    """

    def press(self, point: QPointF) -> bool:
        """The button or finger went down; whoever takes it is given every ``move`` until the ``release``."""

    def move(self, point: QPointF) -> bool:
        """The pointer moved: pressed and taken, or hovering (which a finger never does)."""

    def release(self, point: QPointF) -> bool:
        """It went up where ``press`` was taken, or where it went down without a drag: a click."""

    def double(self, point: QPointF) -> bool:
        """A double click; ``press`` and ``release`` came before."""

    def key(self, event: QKeyEvent) -> bool:
        """A key went down while the map has the focus.  Esc that is not taken ends the tool."""

    def draw(self, painter: QPainter, view: View, theme: Theme) -> None:
        """Draw what it measures or makes, over everything."""

    def words(self) -> str:
        """What it found, or what to do next, in the operator's language; one line, shown while it is at work."""

    def ended(self) -> None:
        """It was put away: forget what is not finished."""


class ToolBar:
    """The buttons along the left edge of the map, at least 44 px, for what is there and nothing else.

    The words of a button are ``situation.map.tool.<name>``.
    """

    def __init__(self, owner: QWidget, theme: Theme, speech: Speech) -> None:
        self._owner = owner
        self._theme = theme
        self._speech = speech
        self.buttons: dict[str, QPushButton] = {}
        self._words: dict[str, Callable[[], str]] = {}

    def add(
        self,
        name: str,
        act: Callable[[], object],
        *,
        is_checkable: bool = False,
        words: Callable[[], str] | None = None,
    ) -> QPushButton:
        """A button below those that are there; ``is_checkable`` stays pressed; ``words`` if they change."""
        if words is not None:
            self._words[name] = words
        button = QPushButton(self._owner)
        button.setObjectName(f"map-tool-{name}")
        button.setProperty("role", "flat")
        button.setCheckable(is_checkable)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.clicked.connect(lambda *_: act())
        self.buttons[name] = button
        self.retranslate()
        self.restyle()
        button.show()
        return button

    def retranslate(self) -> None:
        """Say everything anew."""
        for name, button in self.buttons.items():
            own = self._words.get(name)
            words = own() if own is not None else self._speech.say(f"situation.map.tool.{name}")
            button.setText(words)
            button.setAccessibleName(words)

    def restyle(self) -> None:
        """Measure and colour anew."""
        palette, touch = self._theme.palette, self._theme.px(Metric.TOUCH)
        for button in self.buttons.values():
            button.setStyleSheet(
                f"QPushButton {{ padding: 0 {self._theme.space(2)}px; min-width: 0; min-height: 0;"
                f" background: {palette.panel.name()}; border: {self._theme.px(Metric.HAIRLINE)}px solid"
                f" {palette.line.name()}; font-size: {self._theme.points(Size.SMALL)}; }}"
                f" QPushButton:checked {{ background: {palette.button.name()}; color: {palette.on_button.name()}; }}"
            )
            words = self._theme.metrics(Size.SMALL).horizontalAdvance(button.text())
            button.setFixedSize(max(touch, round(words) + self._theme.space(5)), touch)
        self.place()

    def place(self) -> None:
        """Put the buttons along the left edge, in a further column where the map is low."""
        gap, edge = self._theme.space(1), self._theme.space(3)
        top, bottom = self._theme.space(7), self._owner.height() - self._theme.space(22)
        x, y, widest = edge, top, 0
        for button in self.buttons.values():
            if y > top and y + button.height() > bottom:
                x, y, widest = x + widest + gap, top, 0
            button.move(x, y)
            y += button.height() + gap
            widest = max(widest, button.width())

    def rects(self) -> list[QRectF]:
        """What the buttons cover."""
        return [QRectF(button.geometry()) for button in self.buttons.values()]


def draw_words(painter: QPainter, view: View, theme: Theme, words: str) -> None:
    """What the tool at work says, in a box above in the middle."""
    if not words:
        return
    painter.setFont(theme.font(Size.BODY))
    metrics = painter.fontMetrics()
    pad = theme.space(3)
    width = min(metrics.horizontalAdvance(words) + 2.0 * pad, view.width_px - 4 * pad)
    rect = QRectF((view.width_px - width) / 2, theme.space(12), width, metrics.height() + pad)
    painter.setPen(theme.pen(theme.palette.info, Metric.HAIRLINE))
    painter.setBrush(theme.palette.map_box)
    painter.drawRect(rect)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    draw_text(painter, rect.adjusted(pad, 0, -pad, 0), words, theme.palette.text)
