# ruff: noqa: N802 - the names of overridden methods are Qt's
"""What the find field understood as coordinates, shown before anybody goes there."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from console.coordinates.reading import Understood, understand
from console.geodesy import distance_and_bearing
from console.picture import Picture
from console.views.judgement import own_place
from console.views.speech import Speech
from console.views.theme import Metric, Size, Theme
from console.views.widgets.paragraph import Paragraph


class Reading(QFrame):
    """One reading, at least 44 px high: where it is, how it was read, how far that is, and what is doubtful."""

    chosen = Signal()

    def __init__(self, theme: Theme, speech: Speech, one: Understood, own: tuple[float, float] | None) -> None:
        super().__init__()
        self._theme = theme
        self.one = one
        self.setProperty("role", "reading")
        self.setMinimumHeight(theme.px(Metric.TOUCH))
        rows = QVBoxLayout(self)
        rows.setContentsMargins(theme.space(3), theme.space(1.5), theme.space(3), theme.space(1.5))
        rows.setSpacing(0)
        read = [speech.say(f"coordinates.read.{one.style}"), speech.datum(one.datum)]
        if one.cell_m is not None and one.cell_m >= 1.0:
            read.append(speech.say("coordinates.found.cell", size=speech.distance(one.cell_m)))
        if own is not None:
            distance_m, bearing_deg = distance_and_bearing(*own, one.lat_deg, one.lon_deg)
            distance, bearing = speech.distance(distance_m), speech.bearing(bearing_deg)
            read.append(speech.say("situation.map.from_vehicle", distance=distance, bearing=bearing))
        lines = [
            (speech.coordinates(one.lat_deg, one.lon_deg, "wgs84"), Size.BODY, "text"),
            (" · ".join(read), Size.SMALL, "dim"),
            *((speech.tell(doubt), Size.SMALL, "warn") for doubt in one.doubts),
        ]
        self.lines = [said for said, _, _ in lines]
        for said, size, tone in lines:
            line = Paragraph(theme, size=size, tone=tone)
            line.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            line.say(said)
            rows.addWidget(line)
        self.mark(is_marked=False)

    def mark(self, *, is_marked: bool) -> None:
        """Whether Enter goes here."""
        palette = self._theme.palette
        ground = palette.info_ground if is_marked else palette.raised
        edge = palette.info if is_marked else palette.line
        self.setStyleSheet(
            f"QFrame[role=reading] {{ background: {ground.name()};"
            f" border-left: {self._theme.space(1)}px solid {edge.name()}; }}"
        )

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Go there."""
        if self.rect().contains(event.position().toPoint()):
            self.chosen.emit()


class FoundPlaces(QWidget):
    """The readings of a typed text, the likeliest first and marked; hidden while there are none.

    ``gone`` carries the latitude and longitude in degrees (WGS-84) that were chosen.
    """

    gone = Signal(float, float)

    def __init__(self, theme: Theme, speech: Speech, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._speech = speech
        self._text = ""
        self._own: tuple[float, float] | None = None
        self._marked = 0
        self.readings: list[Reading] = []
        self.hint = Paragraph(theme, size=Size.TINY, tone="faint")
        self._rows = QVBoxLayout(self)
        self._rows.addWidget(self.hint)
        self.restyle()
        self.hide()

    def show_picture(self, picture: Picture) -> None:
        """Where we are: readings near to it come first."""
        own = own_place(picture)
        self._own = None if own is None else (own.lat_deg, own.lon_deg)

    def read(self, text: str) -> None:
        """Show what this text may mean."""
        self._text = text
        for reading in self.readings:
            self._rows.removeWidget(reading)
            reading.deleteLater()
        found = understand(text, self._own)
        self.readings = [Reading(self._theme, self._speech, one, self._own) for one in found]
        for number, reading in enumerate(self.readings):
            reading.chosen.connect(lambda one=reading.one: self.gone.emit(one.lat_deg, one.lon_deg))
            self._rows.insertWidget(number, reading)
        self._marked = 0
        self._mark()
        self.hint.say(self._speech.say(f"coordinates.found.{'choose' if len(found) > 1 else 'hint'}"))
        self.setVisible(bool(found))

    def step(self, by: int) -> bool:
        """Mark another one; False where there is no other."""
        if len(self.readings) < 2:
            return False
        self._marked = (self._marked + by) % len(self.readings)
        self._mark()
        return True

    def go(self) -> bool:
        """Go to the marked one; False where nothing was understood."""
        if not self.readings:
            return False
        one = self.readings[self._marked].one
        self.gone.emit(one.lat_deg, one.lon_deg)
        return True

    def _mark(self) -> None:
        for number, reading in enumerate(self.readings):
            reading.mark(is_marked=number == self._marked)

    def retranslate(self) -> None:
        """Say everything anew."""
        self.read(self._text)

    def restyle(self) -> None:
        """Measure and colour anew."""
        gap = self._theme.space(1)
        self._rows.setContentsMargins(self._theme.space(2), gap, self._theme.space(2), gap)
        self._rows.setSpacing(gap)
        self.hint.restyle()
        self.read(self._text)
