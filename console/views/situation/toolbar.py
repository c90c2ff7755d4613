# ruff: noqa: N802 - the names of overridden methods are Qt's
"""The one button of the map's tools: it opens their list, with names and keys; the most used stand at the readout too.

A list that stood open would cover the ground and the teams on it; it is not modal, and goes when something was chosen,
by Esc, and by its button.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from console.views.situation.projection import View
from console.views.speech import Speech
from console.views.theme import Metric, Size, Theme

KEY = "K"
"""Opens the list."""
_ORDER = ("marks", "roads", "retreat", "ruler", "rings", "reach", "sight", "grid", "sheet", "maps")
"""The most used first; what is not named here follows in the order of adding."""
QUICK = ("marks", "ruler", "retreat")
"""Also at the readout, where there is room."""
_QUICK_FROM = 230.0
"""Width of the map from which there is room, in spacing units: the readout keeps one line."""


def quick_width(view: View, theme: Theme) -> float:
    """What the quick buttons take of the readout's line, with the gap before them; 0 where there is no room."""
    if view.width_px < theme.space(_QUICK_FROM):
        return 0.0
    return len(QUICK) * (theme.px(Metric.QUICK_WIDTH) + theme.space(1)) + theme.space(1)


def quick_rect(view: View, theme: Theme) -> QRectF:
    """Where they stand: left of the zoom buttons, below; empty where there is no room."""
    width = quick_width(view, theme)
    if not width:
        return QRectF()
    touch, edge = theme.px(Metric.TOUCH), theme.space(3)
    width -= theme.space(2)
    right = view.width_px - edge - touch - theme.space(2)
    return QRectF(right - width, view.height_px - edge - touch, width, touch)


def bind(owner: QWidget, key: str, act: Callable[[], object]) -> None:
    """A key of the whole window while ``owner`` is to be seen."""
    shortcut = QShortcut(QKeySequence(key), owner)
    shortcut.setAutoRepeat(False)
    shortcut.activated.connect(act)


class ToolButton(QPushButton):
    """An entry of the list: the name left, the key right."""

    def __init__(self, parent: QWidget, key: str) -> None:
        super().__init__(parent)
        self.key = QLabel(QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText), self)
        self.key.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        line = QHBoxLayout(self)
        line.addStretch(1)
        line.addWidget(self.key)

    def restyle(self, theme: Theme) -> None:
        """Measure and colour anew."""
        palette, pad = theme.palette, theme.space(3)
        touch = theme.px(Metric.TOUCH)
        self.setStyleSheet(
            f"QPushButton {{ text-align: left; padding: 0 {pad}px; min-width: 0; min-height: {touch}px; border: none;"
            f" background: {palette.panel.name()}; font-size: {theme.points(Size.BODY)}; }}"
            f" QPushButton:focus, QPushButton:hover {{ background: {palette.raised.name()}; }}"
            f" QPushButton:checked {{ background: {palette.button.name()}; color: {palette.on_button.name()}; }}"
            f" QLabel {{ background: transparent; color: {palette.dim.name()}; }}"
        )
        self.key.setFont(theme.font(Size.SMALL))
        layout = self.layout()
        if layout is not None:
            layout.setContentsMargins(0, 0, pad, 0)

    def wanted_width(self, theme: Theme) -> int:
        """What name and key take."""
        words = theme.metrics(Size.BODY).horizontalAdvance(self.text())
        return round(words + theme.metrics(Size.SMALL).horizontalAdvance(self.key.text())) + theme.space(12)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    key: str
    button: ToolButton
    act: Callable[[], object]
    words: Callable[[], str] | None


class ToolBar(QFrame):
    """The list, and its button above left on the map ``owner``; both at least 44 px.

    The words of a tool are ``situation.map.tool.<name>``.
    """

    def __init__(self, owner: QWidget, theme: Theme, speech: Speech) -> None:
        super().__init__(owner)
        self._owner = owner
        self._theme = theme
        self._speech = speech
        self._entries: dict[str, _Entry] = {}
        self.setObjectName("map-tool-list")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.hide()
        self.button = self._plain_button("map-tools", self.toggle)
        self.button.setCheckable(True)
        self.quick: dict[str, QPushButton] = {}
        bind(owner, KEY, self.toggle)

    def _plain_button(self, name: str, act: Callable[[], object]) -> QPushButton:
        button = QPushButton(self._owner)
        button.setObjectName(name)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.clicked.connect(lambda *_: act())
        return button

    @property
    def buttons(self) -> dict[str, ToolButton]:
        """The entries by name."""
        return {name: entry.button for name, entry in self._entries.items()}

    def add(
        self,
        name: str,
        key: str,
        act: Callable[[], object],
        *,
        is_checkable: bool = False,
        words: Callable[[], str] | None = None,
    ) -> QPushButton:
        """An entry, and its key; ``is_checkable`` shows whether it is at work; ``words`` if they change."""
        button = ToolButton(self, key)
        button.setObjectName(f"map-tool-{name}")
        button.setCheckable(is_checkable)
        button.clicked.connect(lambda *_: self._choose(act))
        self._entries[name] = _Entry(key=key, button=button, act=act, words=words)
        bind(self._owner, key, lambda: self._choose(act))
        if name in QUICK:
            quick = self.quick[name] = self._plain_button(f"map-quick-{name}", act)
            quick.setCheckable(is_checkable)
            button.toggled.connect(quick.setChecked)
            # A click on it toggles only what is seen of it: what is at work is said by the tool itself.
            quick.clicked.connect(lambda *_: quick.setChecked(button.isChecked()))
        self.retranslate()
        self.restyle()
        return button

    # ---- opening

    def toggle(self) -> None:
        """Open the list, or put it away."""
        self.close_list() if self.isVisible() else self._open()

    def _open(self) -> None:
        self.place()
        self.show()
        self.raise_()
        self.button.setChecked(True)
        first = self._ordered()[0]
        self._entries[first].button.setFocus()

    def close_list(self) -> bool:
        """Put the list away; whether it was open."""
        was_open = self.isVisible()
        self.hide()
        self.button.setChecked(False)
        if was_open:
            self._owner.setFocus()
        return was_open

    def _choose(self, act: Callable[[], object]) -> None:
        self.close_list()
        act()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc puts it away, Enter chooses, up and down walk through it."""
        match event.key():
            case Qt.Key.Key_Escape:
                self.close_list()
            case Qt.Key.Key_Down | Qt.Key.Key_Right:
                self.focusNextPrevChild(True)  # noqa: FBT003 - Qt's
            case Qt.Key.Key_Up | Qt.Key.Key_Left:
                self.focusNextPrevChild(False)  # noqa: FBT003 - Qt's
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                focused = next((one for one in self.buttons.values() if one.hasFocus()), None)
                if focused is not None:
                    focused.click()
            case _:
                super().keyPressEvent(event)

    # ---- words, looks

    def _ordered(self) -> list[str]:
        places = {name: index for index, name in enumerate(_ORDER)}
        return sorted(self._entries, key=lambda name: places.get(name, len(places)))

    def keys(self) -> str:
        """All tools with their keys, for the table of keys."""
        say = self._speech.say
        told = [f"{KEY} {say('situation.map.tool.tools')}"]
        told += [f"{self.buttons[name].key.text()} {say(f'situation.map.tool.{name}')}" for name in self._ordered()]
        return " · ".join(told)

    def retranslate(self) -> None:
        """Say everything anew."""
        say = self._speech.say
        self.button.setText(f"{say('situation.map.tool.tools')} {KEY}")
        for name, entry in self._entries.items():
            words = entry.words() if entry.words is not None else say(f"situation.map.tool.{name}")
            entry.button.setText(words)
            entry.button.setAccessibleName(words)
        for name, quick in self.quick.items():
            quick.setText(say(f"situation.map.tool.{name}"))

    def restyle(self) -> None:
        """Measure and colour anew."""
        theme, palette = self._theme, self._theme.palette
        border = f"border: {theme.px(Metric.HAIRLINE)}px solid"
        self.setStyleSheet(f"#map-tool-list {{ background: {palette.panel.name()}; {border} {palette.info.name()}; }}")
        plain = (
            f"QPushButton {{ padding: 0; min-width: 0; min-height: 0; background: {palette.panel.name()};"
            f" {border} {palette.line.name()}; font-size: {theme.points(Size.SMALL)}; }}"
            f" QPushButton:checked {{ background: {palette.button.name()}; color: {palette.on_button.name()}; }}"
        )
        for button in (self.button, *self.quick.values()):
            button.setStyleSheet(plain)
        for entry in self._entries.values():
            entry.button.restyle(theme)
        self.place()

    def place(self) -> None:
        """The button above left, the list beside it in as many columns as the map's height asks for."""
        theme, owner = self._theme, self._owner
        touch, gap, edge, top = theme.px(Metric.TOUCH), theme.space(2), theme.space(3), theme.space(7)
        words = theme.metrics(Size.SMALL).horizontalAdvance(self.button.text())
        self.button.setFixedSize(max(touch, round(words) + theme.space(5)), touch)
        self.button.move(edge, top)
        names = self._ordered()
        rows = max(1, min(len(names), (owner.height() - top - theme.space(22)) // touch))
        columns = max(1, ceil(len(names) / rows))
        rows = max(1, ceil(len(names) / columns))
        pad = theme.space(1)
        wide = max((entry.button.wanted_width(theme) for entry in self._entries.values()), default=touch)
        for index, name in enumerate(names):
            button = self._entries[name].button
            button.setGeometry(pad + index // rows * wide, pad + index % rows * touch, wide, touch)
            if index:
                QWidget.setTabOrder(self._entries[names[index - 1]].button, button)
        self.setGeometry(round(self.right) + gap, top, columns * wide + 2 * pad, rows * touch + 2 * pad)
        self._place_quick()

    def _place_quick(self) -> None:
        theme, owner = self._theme, self._owner
        view = View(centre_east_m=0, centre_north_m=0, zoom=0, width_px=owner.width(), height_px=owner.height())
        rect = quick_rect(view, theme)
        width, gap, touch = theme.px(Metric.QUICK_WIDTH), theme.space(1), theme.px(Metric.TOUCH)
        shown = [self.quick[name] for name in QUICK if name in self.quick]
        for index, button in enumerate(shown):
            button.setFixedSize(width, touch)
            button.move(round(rect.right()) - (len(shown) - index) * (width + gap) + gap, round(rect.top()))
            button.setVisible(not rect.isEmpty())

    @property
    def right(self) -> float:
        """Where the button ends: what else lies above on the map begins beyond it."""
        return float(self.button.x() + self.button.width())

    def rects(self) -> list[QRectF]:
        """What the button covers: no label is put there."""
        return [QRectF(self.button.geometry())]
