"""This vehicle on the map: a blue box with a flag; hollow and dated when its own position is old."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath

from console.picture import Picture, Place
from console.views.judgement import (
    OWN_PLACE_OLD_NS,
    is_datum_trusted,
    own_place,
    place_age_ns,
    place_time_ns,
)
from console.views.situation.projection import View
from console.views.speech import Speech
from console.views.theme import Metric, Size, Theme
from console.views.widgets.label import draw_text


def is_own_place_old(place: Place, now_ns: int) -> bool:
    """Whether the vehicle's place must not look current."""
    return place_age_ns(place, now_ns) > OWN_PLACE_OLD_NS


def vehicle_words(place: Place, speech: Speech, now_ns: int) -> tuple[str, str]:
    """The name, and the date of a place that is old (struck through) with its warnings."""
    said = speech.say("situation.map.vehicle")
    if not is_datum_trusted(place):
        said = f"{said} {speech.datum(place.datum)}"
    if place.is_clock_doubtful:
        said = f"{said} {speech.say('situation.map.doubtful')}"
    if is_own_place_old(place, now_ns):
        return said, speech.say("situation.map.last", at=speech.minute(place_time_ns(place, now_ns), now_ns))
    return said, ""


def _box(centre: QPointF, theme: Theme) -> QRectF:
    # On whole pixels, so that a place that trembles moves no label around it.
    width, height = theme.px(Metric.VEHICLE_WIDTH), theme.px(Metric.VEHICLE_HEIGHT)
    return QRectF(round(centre.x() - width / 2), round(centre.y() - height / 2), width, height)


def vehicle_rect(picture: Picture, view: View, theme: Theme, speech: Speech, now_ns: int) -> list[QRectF]:
    """What the vehicle covers: its box with the flag, and its words."""
    place = own_place(picture)
    if place is None:
        return []
    box = _box(view.point(place.lat_deg, place.lon_deg), theme)
    flag = box.adjusted(0, -theme.space(5), 0, 0)
    return [flag, _words_rect(box, " ".join(vehicle_words(place, speech, now_ns)), theme)]


def _words_rect(box: QRectF, words: str, theme: Theme) -> QRectF:
    metrics = theme.metrics(Size.SMALL)
    width = theme.width(words, Size.SMALL) + theme.space(2)
    top = box.center().y() - metrics.height() / 2
    return QRectF(box.right() + theme.space(1.5), top, width, metrics.height())


def draw_vehicle(painter: QPainter, picture: Picture, view: View, theme: Theme, speech: Speech, now_ns: int) -> None:
    """Draw it where it was last told to be; nothing is drawn while that is not known."""
    place = own_place(picture)
    if place is None:
        return
    is_old = is_own_place_old(place, now_ns)
    colour = theme.palette.dim if is_old else theme.palette.info
    box = _box(view.point(place.lat_deg, place.lon_deg), theme)
    painter.setPen(theme.pen(colour, Metric.STROKE_BOLD, Qt.PenStyle.DashLine if is_old else Qt.PenStyle.SolidLine))
    painter.setBrush(Qt.BrushStyle.NoBrush if is_old else theme.palette.info_ground)
    painter.drawRect(box)
    mast = QPointF(box.center().x(), box.top())
    unit = theme.space(1)
    flag = QPainterPath(mast)
    flag.lineTo(mast - QPointF(0, 5 * unit))
    flag.lineTo(mast + QPointF(3.5 * unit, -3.75 * unit))
    flag.lineTo(mast - QPointF(0, 2.5 * unit))
    painter.setPen(theme.pen(colour, Metric.STROKE))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(flag)
    name, struck = vehicle_words(place, speech, now_ns)
    rect = _words_rect(box, f"{name} {struck}".strip(), theme)
    painter.fillRect(rect, theme.palette.map_box)
    painter.setFont(theme.font(Size.SMALL))
    inner = rect.adjusted(theme.space(1), 0, 0, 0)
    taken = draw_text(painter, inner, name, colour)
    if struck:
        painter.setFont(theme.font(Size.SMALL, is_struck=True))
        gap = theme.width(" ", Size.SMALL)
        draw_text(painter, inner.adjusted(taken + gap, 0, 0, 0), struck, colour)
