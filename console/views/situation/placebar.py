# ruff: noqa: N802 - the names of overridden methods are Qt's
"""The buttons at the map's readout: how coordinates are written, copy them, and read them out in groups."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QPushButton, QVBoxLayout, QWidget

from console.coordinates.telling import aloud
from console.picture import Picture
from console.views.judgement import OWN_PLACE_OLD_NS, is_place_old, own_place, place_age_ns, place_time_ns
from console.views.situation.projection import View
from console.views.speech import Speech
from console.views.theme import Metric, Size, Theme
from console.views.widgets.paragraph import Paragraph

_COPIED_MS = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The place that the readout tells: a team's, the cursor's (without name and time), or the vehicle's."""

    name: str
    lat_deg: float
    lon_deg: float
    datum: str
    at_ns: int | None
    age_ns: int | None = None
    is_old: bool = False

    def words(self, speech: Speech, now_ns: int) -> str:
        """For the clipboard: with the name, the datum, and when a place that was heard was true."""
        parts = [self.name, speech.coordinates(self.lat_deg, self.lon_deg, self.datum)]
        if self.at_ns is not None:
            parts.append(f"({speech.say('coordinates.said.at', at=speech.second(self.at_ns, now_ns))})")
        return " ".join(part for part in parts if part)


def told_place(
    picture: Picture, speech: Speech, now_ns: int, selected_id: str | None, cursor_deg: tuple[float, float] | None
) -> Told | None:
    """What the readout is about; ``None`` where that has no place."""
    team = next((team for team in picture.teams if team.id == selected_id), None)
    if team is None and cursor_deg is not None:
        return Told(name="", lat_deg=cursor_deg[0], lon_deg=cursor_deg[1], datum="wgs84", at_ns=None)
    place = team.place if team is not None else own_place(picture)
    if place is None:
        return None
    return Told(
        name=team.name if team is not None else speech.say("situation.map.vehicle"),
        lat_deg=place.lat_deg,
        lon_deg=place.lon_deg,
        datum=place.datum,
        at_ns=place_time_ns(place, now_ns),
        age_ns=place_age_ns(place, now_ns),
        is_old=is_place_old(team, now_ns) if team is not None else place_age_ns(place, now_ns) > OWN_PLACE_OLD_NS,
    )


_WIDTHS = {"style": Metric.PLACE_STYLE_WIDTH, "copy": Metric.PLACE_COPY_WIDTH, "aloud": Metric.PLACE_ALOUD_WIDTH}
"""The same for all words, so that no button moves when style or language change."""


def buttons_width(theme: Theme) -> float:
    """What the buttons take of the readout's line."""
    return sum(theme.px(width) for width in _WIDTHS.values()) + (len(_WIDTHS) - 1) * theme.space(1)


def buttons_rect(view: View, theme: Theme) -> QRectF:
    """What the buttons cover of the map: no label is put there."""
    edge, touch = theme.space(3), theme.px(Metric.TOUCH)
    return QRectF(edge, view.height_px - edge - touch, buttons_width(theme), touch)


class PlaceBar(QObject):
    """The buttons, below left on the map ``owner``, and the card above them that is read out.

    ``asked`` wants the next style of coordinates.  Keys of the map: Ctrl+C copies, R reads out.
    """

    asked = Signal()

    def __init__(self, owner: QWidget, theme: Theme, speech: Speech) -> None:
        super().__init__(owner)
        self._owner = owner
        self._theme = theme
        self._speech = speech
        self._told: Told | None = None
        self._now_ns = 0
        self.buttons = {name: QPushButton(owner) for name in ("style", "copy", "aloud")}
        for name, act in (("style", self.asked.emit), ("copy", self.copy), ("aloud", self.toggle_aloud)):
            button = self.buttons[name]
            button.setObjectName(f"map-place-{name}")
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.clicked.connect(lambda *_, act=act: act())
        self.buttons["aloud"].setCheckable(True)
        self.card = QFrame(owner)
        self.card.setProperty("role", "raised")
        self.about = Paragraph(theme, tone="dim")
        self.figures = Paragraph(theme, size=Size.HUGE, tone="text")
        rows = QVBoxLayout(self.card)
        rows.addWidget(self.about)
        rows.addWidget(self.figures)
        self.card.hide()
        self._is_copied = False
        self._copied = QTimer(self)
        self._copied.setSingleShot(True)
        self._copied.setInterval(_COPIED_MS)
        self._copied.timeout.connect(self._forget_copy)
        for keys, act in ((QKeySequence("R"), self.toggle_aloud), (QKeySequence.StandardKey.Copy, self.copy)):
            shortcut = QShortcut(keys, owner)
            shortcut.activated.connect(act)
        owner.installEventFilter(self)
        self.retranslate()

    def show_place(self, told: Told | None, now_ns: int) -> None:
        """The readout tells of this place now."""
        self._told, self._now_ns = told, now_ns
        self._fill()

    def copy(self) -> None:
        """Put the place with its datum and time on the clipboard, and say so."""
        if self._told is None:
            return
        QGuiApplication.clipboard().setText(self._told.words(self._speech, self._now_ns))
        self._is_copied = True
        self._copied.start()
        self._fill()

    def _forget_copy(self) -> None:
        self._is_copied = False
        self._fill()

    def toggle_aloud(self) -> None:
        """Show the place large and in groups, or put the card away."""
        is_wanted = self.card.isHidden() or self._is_copied
        self._is_copied = False
        self.buttons["aloud"].setChecked(is_wanted)
        self._fill()

    def _fill(self) -> None:
        is_wanted = self.buttons["aloud"].isChecked()
        self.card.setVisible(is_wanted or self._is_copied)
        if self.card.isHidden():
            return
        told, speech = self._told, self._speech
        if told is None:
            self.about.say(speech.say("coordinates.said.nothing"), "warn")
            self.figures.say("")
        elif self._is_copied:
            self.about.say(speech.say("coordinates.said.copied"), "dim")
            self.figures.say(told.words(speech, self._now_ns))
        else:
            self.about.say(self._circumstances(told), "warn" if told.is_old else "dim")
            self.figures.say(aloud(speech.figures(told.lat_deg, told.lon_deg, told.datum)))
        self._place()

    def _circumstances(self, told: Told) -> str:
        """Whose place it is, in which datum, and how old: what is read out must not sound newer than it is."""
        speech = self._speech
        parts = [told.name, speech.datum(told.datum)]
        if told.at_ns is not None:
            parts.append(speech.say("coordinates.said.at", at=speech.second(told.at_ns, self._now_ns)))
            parts.append(speech.say("situation.map.fix_age", age=speech.age(told.age_ns)))
        return " · ".join(part for part in parts if part)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The map has another size."""
        if event.type() is QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        theme, owner = self._theme, self._owner
        edge, gap, touch = theme.space(3), theme.space(1), theme.px(Metric.TOUCH)
        x, y = edge, owner.height() - edge - touch
        for name, metric in _WIDTHS.items():
            width = theme.px(metric)
            self.buttons[name].setFixedSize(width, touch)
            self.buttons[name].move(x, y)
            x += width + gap
        width = owner.width() - 3 * edge - touch
        height = self.card.heightForWidth(width) if self.card.hasHeightForWidth() else self.card.sizeHint().height()
        # Above the scale and a readout of two lines.
        self.card.setGeometry(edge, y - theme.space(10) - height, width, height)

    def retranslate(self) -> None:
        """Say everything anew, in the style in force."""
        speech = self._speech
        style = speech.style_name()
        for name, button in self.buttons.items():
            words = style if name == "style" else speech.say(f"coordinates.button.{name}")
            button.setText(words)
            is_style = name == "style"
            button.setAccessibleName(speech.say("coordinates.button.style", style=style) if is_style else words)
        self._fill()
        self.restyle()

    def restyle(self) -> None:
        """Measure and colour anew."""
        palette, theme = self._theme.palette, self._theme
        sheet = (
            f"QPushButton {{ padding: 0; min-width: 0; min-height: 0; background: {palette.panel.name()};"
            f" border: {theme.px(Metric.HAIRLINE)}px solid {palette.line.name()};"
            f" font-size: {theme.points(Size.SMALL)}; }}"
            f" QPushButton:checked {{ background: {palette.button.name()}; color: {palette.on_button.name()}; }}"
        )
        for button in self.buttons.values():
            button.setStyleSheet(sheet)
        self.about.restyle()
        self.figures.restyle()
        self._place()
