"""The words on the map: what the underlay is, the scale, and the coordinates of what is selected."""

from __future__ import annotations

from math import cos, radians

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from console.geodesy import distance_and_bearing
from console.picture import Picture
from console.views.judgement import own_place, place_age_ns
from console.views.situation.projection import View
from console.views.situation.vehicle import is_own_place_old
from console.views.speech import Speech
from console.views.theme import Metric, Size, Theme
from console.views.widgets.label import RIGHT, draw_text

_SCALE_SHARE = 0.16
_ROUND = (1.0, 2.0, 5.0)
_GAP = "　"


def readout(
    picture: Picture,
    speech: Speech,
    now_ns: int,
    selected_id: str | None,
    cursor_deg: tuple[float, float] | None,
) -> list[tuple[str, str]]:
    """Words and tones: the selected team's or the cursor's coordinates, then distance and bearing from the vehicle."""
    team = next((team for team in picture.teams if team.id == selected_id), None)
    target: tuple[float, float] | None = None
    words: list[tuple[str, str]] = []
    if team is not None and team.place is None:
        return [(f"{team.name}{_GAP}{speech.say('situation.map.no_place')}", "warn")]
    if team is not None and team.place is not None:
        place = team.place
        target = (place.lat_deg, place.lon_deg)
        words = [
            (team.name, "text"),
            (speech.coordinates(place.lat_deg, place.lon_deg, place.datum), "text"),
            (speech.say("situation.map.fix_age", age=speech.age(place_age_ns(place, now_ns))), "dim"),
        ]
        if place.accuracy_m is not None:
            words.append((f"±{speech.distance(place.accuracy_m)}", "dim"))
    elif cursor_deg is not None:
        target = cursor_deg
        words = [(speech.coordinates(*cursor_deg, "wgs84"), "text")]
    own = own_place(picture)
    if target is None:
        if own is None:
            return [(speech.say("situation.map.no_own"), "warn")]
        return [
            (speech.say("situation.map.vehicle"), "text"),
            (speech.coordinates(own.lat_deg, own.lon_deg, own.datum), "text"),
            (
                speech.say("situation.map.fix_age", age=speech.fine_age(place_age_ns(own, now_ns))),
                "warn" if is_own_place_old(own, now_ns) else "dim",
            ),
        ]
    return [*words, _from_vehicle(picture, speech, now_ns, target)]


def _from_vehicle(picture: Picture, speech: Speech, now_ns: int, target: tuple[float, float]) -> tuple[str, str]:
    own = own_place(picture)
    if own is None:
        return speech.say("situation.map.no_own"), "warn"
    distance_m, bearing_deg = distance_and_bearing(own.lat_deg, own.lon_deg, *target)
    said = speech.say(
        "situation.map.from_vehicle", distance=speech.distance(distance_m), bearing=speech.bearing(bearing_deg)
    )
    if is_own_place_old(own, now_ns):
        age = speech.age(place_age_ns(own, now_ns))
        return f"{said}{_GAP}{speech.say('situation.map.own_old', age=age)}", "warn"
    return said, "text"


def draw_legend(
    painter: QPainter, picture: Picture, view: View, theme: Theme, speech: Speech, words: list[tuple[str, str]]
) -> QRectF:
    """Note on the underlay above right, scale and coordinates below left; gives the rectangle of the latter."""
    note = speech.say("situation.map.sketch" if picture.mode == "drill" else "situation.map.bare")
    _draw_note(painter, view, theme, note)
    rect = _draw_readout(painter, view, theme, words)
    _draw_scale(painter, view, theme, rect.top())
    return rect


def _draw_note(painter: QPainter, view: View, theme: Theme, note: str) -> None:
    painter.setFont(theme.font(Size.TINY))
    metrics = painter.fontMetrics()
    edge, pad = theme.space(3), theme.space(2)
    width = min(metrics.horizontalAdvance(note) + 2 * pad, view.width_px - 2 * edge)
    rect = QRectF(view.width_px - edge - width, edge * 2, width, metrics.height() + pad * 1.5)
    _box(painter, rect, theme)
    draw_text(painter, rect.adjusted(pad, 0, -pad, 0), note, theme.palette.dim, align=RIGHT)


def _box(painter: QPainter, rect: QRectF, theme: Theme) -> None:
    painter.setPen(theme.pen(theme.palette.line, Metric.HAIRLINE))
    painter.setBrush(theme.palette.map_box)
    painter.drawRect(rect)
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _draw_readout(painter: QPainter, view: View, theme: Theme, words: list[tuple[str, str]]) -> QRectF:
    painter.setFont(theme.font(Size.SMALL))
    metrics = painter.fontMetrics()
    edge, pad, gap = theme.space(3), theme.space(3), theme.space(4)
    room = view.width_px - 3 * edge - theme.px(Metric.TOUCH) - 2 * pad
    lines: list[list[tuple[str, str]]] = [[]]
    used = 0.0
    for said, tone in words:
        width = metrics.horizontalAdvance(said) + gap
        if lines[-1] and used + width > room:
            lines.append([])
            used = 0.0
        lines[-1].append((said, tone))
        used += width
    widths = [sum(metrics.horizontalAdvance(said) + gap for said, _ in line) - gap for line in lines]
    height = len(lines) * metrics.height() + pad * 1.5
    rect = QRectF(edge, view.height_px - edge - height, min(room, max(widths)) + 2 * pad, height)
    _box(painter, rect, theme)
    y = rect.top() + pad * 0.75
    for line in lines:
        x = rect.left() + pad
        for said, tone in line:
            place = QRectF(x, y, rect.right() - pad - x + 1, metrics.height())
            x += draw_text(painter, place, said, getattr(theme.palette, tone)) + gap
        y += metrics.height()
    return rect


def _draw_scale(painter: QPainter, view: View, theme: Theme, bottom: float) -> None:
    lat_deg = view.degrees_at(QPointF(view.width_px / 2, view.height_px / 2))[0]
    px_per_m = view.scale_px_per_m / cos(radians(lat_deg))
    most_m = view.width_px * _SCALE_SHARE / px_per_m
    length_m = 1.0
    while length_m * 10 <= most_m:
        length_m *= 10
    length_m *= max(step for step in _ROUND if step * length_m <= most_m or step == 1.0)
    edge, tick = theme.space(3), theme.space(1.5)
    y = bottom - theme.space(3)
    painter.setPen(theme.pen(theme.palette.soft, Metric.STROKE))
    right = edge + length_m * px_per_m
    painter.drawPolyline([QPointF(edge, y - tick), QPointF(edge, y), QPointF(right, y), QPointF(right, y - tick)])
    painter.setFont(theme.font(Size.TINY))
    said = f"{length_m / 1000:g} km" if length_m >= 1000 else f"{length_m:g} m"
    painter.setPen(theme.palette.soft)
    painter.drawText(QPointF(right + tick, y), said)
