"""The words on the map: what the underlay is, the scale, and the coordinates of what is selected."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from console.geodesy import distance_and_bearing
from console.maps.package import Package
from console.maps.source import BrokenPackage
from console.picture import Picture
from console.views.judgement import own_place, place_age_ns
from console.views.situation.layers import Layer
from console.views.situation.paper_tiles import PaperTiles
from console.views.situation.placebar import buttons_width
from console.views.situation.projection import View
from console.views.situation.scene import Moment
from console.views.situation.search import SearchCircles
from console.views.situation.stamps import Stamps
from console.views.situation.tile_layer import TileLayer
from console.views.situation.toolbar import quick_width
from console.views.situation.vectors import Vectors
from console.views.situation.vehicle import is_own_place_old
from console.views.speech import Speech
from console.views.theme import Metric, Size, Theme
from console.views.widgets.label import RIGHT, draw_text

_SCALE_SHARE = 0.16
_ROUND = (1.0, 2.0, 5.0)
_GAP = "　"
_MOST_NAMED = 2
_NOTE_LEFT = 18.0
"""What the button of the tools takes beside the note, in spacing units."""


def readout(
    picture: Picture,
    speech: Speech,
    now_ns: int,
    selected_id: str | None,
    cursor_deg: tuple[float, float] | None,
) -> list[tuple[str, str]]:
    """Words and tones: the selected team's or the cursor's coordinates, then distance and bearing from the vehicle."""
    team = None if selected_id is None else next((team for team in picture.teams if team.id == selected_id), None)
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


def ground_note(moment: Moment, speech: Speech, tiles: TileLayer, layers: Sequence[Layer]) -> tuple[str, str]:
    """What the underlay is, and in what tone: packages and vector layers with day and datum; or that there is none."""
    shown = tiles.shown(moment.view)
    vectors = next((one for one in layers if isinstance(one, Vectors)), None)
    is_drill = moment.picture is not None and moment.picture.mode == "drill"
    parts = []
    if not shown:
        parts = [speech.say("situation.map.sketch" if is_drill else "situation.map.bare")]
        if any(isinstance(one, Package) for one in tiles.packages.values()):
            parts.insert(0, speech.say("maps.not_here"))
        if not is_drill and (vectors is None or not vectors.has_roads):
            parts.insert(0, speech.say("vectors.no_roads"))
    for package, steps in shown[:_MOST_NAMED]:
        words = [package.source.name, package.date, speech.say(f"maps.datum.{package.source.datum}")]
        if package.contradicted is not None:
            words.append(speech.say("maps.contradicted_short"))
        if steps:
            words.append(speech.say("maps.enlarged", times=1 << steps))
        parts.append(" ".join(word for word in words if word))
    if isinstance(tiles, PaperTiles) and tiles.missing:
        parts.insert(0, speech.say("maps.missing", count=tiles.missing))
    refused = [tiles.sources[index].name for index, one in tiles.packages.items() if isinstance(one, BrokenPackage)]
    parts = [*(speech.say("maps.unusable", name=name) for name in refused), *parts]
    is_doubtful = bool(refused) or any(
        package.source.datum == "unknown" or package.contradicted is not None for package, _ in shown
    )
    is_doubtful = is_doubtful or (vectors is not None and vectors.is_doubtful)
    parts += vectors.words(speech) if vectors is not None else []
    circles = next((one for one in layers if isinstance(one, SearchCircles)), None)
    if circles is not None and moment.picture is not None:
        parts.append(circles.words(moment.picture, moment.now_ns, speech))
    said = " · ".join(part for part in parts if part)
    return said, "warn" if is_doubtful else "dim"


def draw_legend(
    painter: QPainter, note: tuple[str, str], view: View, theme: Theme, words: list[tuple[str, str]], stamps: Stamps
) -> None:
    """Note on the underlay above right, scale and coordinates below left."""
    _draw_note(painter, view, theme, note, stamps)
    rect = legend_rect(view, theme, words)
    size = (rect.width() + 1, rect.height() + 1)
    key = ("legend", tuple(words), size)
    painter.drawPixmap(rect.topLeft(), stamps.stamp(key, *size, lambda on: _draw_readout(on, view, theme, words)))
    _draw_scale(painter, view, theme, rect.topLeft())


def note_rect(note: tuple[str, str], view: View, theme: Theme) -> QRectF:
    """The box of the note above right."""
    metrics = theme.metrics(Size.TINY)
    edge, pad = theme.space(3), theme.space(2)
    room = view.width_px - 2 * edge - theme.space(_NOTE_LEFT)
    width = min(ceil(theme.width(note[0], Size.TINY)) + 1 + 2 * pad, room)
    return QRectF(round(view.width_px - edge - width), edge * 2, width, metrics.height() + pad * 1.5)


def _draw_note(painter: QPainter, view: View, theme: Theme, note: tuple[str, str], stamps: Stamps) -> None:
    said, tone = note
    place, pad = note_rect(note, view, theme), theme.space(2)
    rect = QRectF(QPointF(0, 0), place.size())

    def draw(on: QPainter) -> None:
        on.setFont(theme.font(Size.TINY))
        _box(on, rect, theme)
        draw_text(on, rect.adjusted(pad, 0, -pad, 0), said, getattr(theme.palette, tone), align=RIGHT)

    stamp = stamps.stamp(("note", note, rect.width()), rect.width() + 1, rect.height() + 1, draw)
    painter.drawPixmap(place.topLeft(), stamp)


def _box(painter: QPainter, rect: QRectF, theme: Theme) -> None:
    painter.setPen(theme.pen(theme.palette.line, Metric.HAIRLINE))
    painter.setBrush(theme.palette.map_box)
    painter.drawRect(rect)
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _lines(view: View, theme: Theme, words: list[tuple[str, str]]) -> tuple[list[list[tuple[str, str]]], float]:
    """The words in lines that fit beside the map's buttons, and the width of the widest."""
    edge, pad, gap = theme.space(3), theme.space(3), theme.space(4)
    room = view.width_px - _left(theme) - 2 * edge - theme.px(Metric.TOUCH) - 2 * pad - quick_width(view, theme)
    lines: list[list[tuple[str, str]]] = [[]]
    used = widest = 0.0
    for said, tone in words:
        width = ceil(theme.width(said, Size.SMALL)) + gap
        if lines[-1] and used + width > room:
            lines.append([])
            used = 0.0
        lines[-1].append((said, tone))
        used += width
        widest = max(widest, used - gap)
    return lines, min(room, widest)


def _left(theme: Theme) -> float:
    """Right of the buttons that belong to the readout."""
    return theme.space(3) + buttons_width(theme) + theme.space(1)


def legend_rect(view: View, theme: Theme, words: list[tuple[str, str]]) -> QRectF:
    """The box of the coordinates below left."""
    lines, width = _lines(view, theme, words)
    edge, pad = theme.space(3), theme.space(3)
    height = len(lines) * theme.metrics(Size.SMALL).height() + pad * 1.5
    return QRectF(round(_left(theme)), round(view.height_px - edge - height), width + 2 * pad, height)


def _draw_readout(painter: QPainter, view: View, theme: Theme, words: list[tuple[str, str]]) -> None:
    painter.setFont(theme.font(Size.SMALL))
    metrics = theme.metrics(Size.SMALL)
    pad, gap = theme.space(3), theme.space(4)
    rect = QRectF(QPointF(0, 0), legend_rect(view, theme, words).size())
    _box(painter, rect, theme)
    y = rect.top() + pad * 0.75
    for line in _lines(view, theme, words)[0]:
        x = rect.left() + pad
        for said, tone in line:
            place = QRectF(x, y, rect.right() - pad - x + 1, metrics.height())
            x += draw_text(painter, place, said, getattr(theme.palette, tone)) + gap
        y += metrics.height()


def _draw_scale(painter: QPainter, view: View, theme: Theme, corner: QPointF) -> None:
    lat_deg = view.degrees_at(QPointF(view.width_px / 2, view.height_px / 2))[0]
    px_per_m = view.ground_px(1.0, lat_deg)
    most_m = view.width_px * _SCALE_SHARE / px_per_m
    length_m = 1.0
    while length_m * 10 <= most_m:
        length_m *= 10
    length_m *= max(step for step in _ROUND if step * length_m <= most_m or step == 1.0)
    edge, tick = corner.x(), theme.space(1.5)
    y = corner.y() - theme.space(3)
    painter.setPen(theme.pen(theme.palette.soft, Metric.STROKE))
    right = edge + length_m * px_per_m
    painter.drawPolyline([QPointF(edge, y - tick), QPointF(edge, y), QPointF(right, y), QPointF(right, y - tick)])
    painter.setFont(theme.font(Size.TINY))
    said = f"{length_m / 1000:g} km" if length_m >= 1000 else f"{length_m:g} m"
    painter.setPen(theme.palette.soft)
    painter.drawText(QPointF(right + tick, y), said)
