"""Marks on the map: a symbol of its own for each kind, hatched hazards, and what is unknown hollow and dashed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import atan2

from PySide6.QtCore import QLineF, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from console.map_marks import MapMark, MarkKind, MarkState, is_unknown
from console.picture import Picture
from console.views.situation.declutter import Box, Placed, Wanted, box, place_seen
from console.views.situation.lines import REACH, away, is_near, middle_of
from console.views.situation.mark_words import MarkWords, age_key, in_order, is_last_confirmed, words_of
from console.views.situation.marks import symbol_rect
from console.views.situation.plate import core
from console.views.situation.projection import View
from console.views.speech import Speech
from console.views.theme import Metric, Size, Theme

_TONES: dict[MarkKind, str] = {
    "road_block": "alarm",
    "hazard_area": "alarm",
    "water_depth": "warn",
    "shelter": "own",
    "helipad": "own",
    "rally_point": "own",
    "retreat_route": "info",
    "note": "soft",
}
_HATCHED: tuple[MarkKind, ...] = ("hazard_area",)
_MOST_TEAMS = 300
_ARROW_EVERY = 24.0
_BOX = 7.0
"""Spacing units: between two arrows of a way out, and a side of a symbol's box."""


class MarkLayer:
    """All marks of the picture; ``selected_id`` has a blue ring."""

    def __init__(self) -> None:
        self.selected_id: str | None = None
        self.keep_clear: Sequence[QRectF] = ()
        self.written: list[QRectF] = []

    def key(self, picture: Picture, view: View, now_ns: int) -> object:
        """The marks, and for each the age that is written beside it."""
        del view
        return picture.marks, self.selected_id, tuple(age_key(mark, now_ns) for mark in picture.marks)

    def draw(self, painter: QPainter, picture: Picture, view: View, theme: Theme, speech: Speech, now_ns: int) -> None:
        """Areas below lines, lines below symbols, words over all; words that would cover others are left out."""
        seen = [
            mark for mark in in_order(picture.marks, now_ns) if is_near(_points(mark, view), view, theme.space(REACH))
        ]
        for shape in ("area", "line"):
            for mark in reversed(seen):
                if mark.geometry.shape == shape:
                    draw_shape(painter, mark, view, theme, is_hollow=is_unknown(mark, now_ns))
        for mark in reversed(seen):
            centre = anchor_of(mark, view)
            draw_symbol(painter, mark, centre, theme, is_hollow=is_unknown(mark, now_ns))
            if mark.id == self.selected_id:
                grow = theme.space(1.25)
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(theme.pen(theme.palette.info, Metric.STROKE_BOLD))
                painter.drawRect(box_at(centre, theme).adjusted(-grow, -grow, grow, grow))
        said = {mark.id: words_of(mark, speech, now_ns) for mark in seen}
        centres = {mark.id: anchor_of(mark, view) for mark in seen}
        tones = {mark.id: tone_of(mark.kind, theme, is_hollow=said[mark.id].is_unknown) for mark in seen}
        order = sorted(said, key=lambda mark_id: mark_id != self.selected_id)
        wanted = [_wanted(i, said[i], centres[i], theme, must_show=i == self.selected_id) for i in order]
        taken = [*team_boxes(picture, view, theme), *map(box, self.keep_clear)]
        placed = place_seen(wanted, core(view), view.rect(), theme.space(1), taken)
        self.written = [one.rect for one in placed]
        for one in placed:
            _draw_words(painter, said[one.key], one, centres[one.key], tones[one.key], theme)

    def at(self, picture: Picture, view: View, point: QPointF, reach_px: float, now_ns: int) -> MapMark | None:
        """The mark whose symbol is nearest to a point within reach."""
        near = [(away(anchor_of(mark, view), point), mark) for mark in in_order(picture.marks, now_ns)]
        near = [one for one in near if one[0] <= reach_px]
        return min(near, key=lambda one: one[0])[1] if near else None


def tone_of(kind: MarkKind, theme: Theme, *, is_hollow: bool) -> QColor:
    """The colour of a kind; grey where nobody knows any more."""
    colour: QColor = theme.palette.dim if is_hollow else getattr(theme.palette, _TONES[kind])
    return colour


def _points(mark: MapMark, view: View) -> list[QPointF]:
    return [view.point(*corner) for corner in mark.geometry.vertices]


def anchor_of(mark: MapMark, view: View) -> QPointF:
    """Where the symbol stands: at the point, in the middle of the line, in the middle of the area's corners."""
    points = _points(mark, view)
    if mark.geometry.shape == "line":
        return middle_of(points)
    return QPointF(sum(p.x() for p in points) / len(points), sum(p.y() for p in points) / len(points))


def _pen(mark_kind: MarkKind, theme: Theme, width_px: float, *, is_hollow: bool) -> QPen:
    style = Qt.PenStyle.DashLine if is_hollow else Qt.PenStyle.SolidLine
    return theme.pen(tone_of(mark_kind, theme, is_hollow=is_hollow), width_px, style)


def draw_shape(painter: QPainter, mark: MapMark, view: View, theme: Theme, *, is_hollow: bool) -> None:
    """The line or the outline; a hazard is hatched while it is known, a way out has arrows along it."""
    points = _points(mark, view)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if mark.geometry.shape == "area":
        painter.setPen(_pen(mark.kind, theme, Metric.STROKE, is_hollow=is_hollow))
        outline = QPolygonF(points)
        if mark.kind in _HATCHED and not is_hollow:
            _hatch(painter, outline, tone_of(mark.kind, theme, is_hollow=False), view, theme)
        painter.drawPolygon(outline)
        return
    painter.setPen(_pen(mark.kind, theme, Metric.STROKE_BOLD, is_hollow=is_hollow))
    painter.drawPolyline(points)
    if mark.kind == "retreat_route":
        draw_arrows(painter, points, theme)


def _hatch(painter: QPainter, outline: QPolygonF, colour: QColor, view: View, theme: Theme) -> None:
    """Slanted lines inside: seen without colour, and the ground stays readable between them."""
    path = QPainterPath()
    path.addPolygon(outline)
    path.closeSubpath()
    painter.save()
    painter.setClipPath(path, Qt.ClipOperation.IntersectClip)
    painter.setPen(theme.pen(colour, Metric.HAIRLINE))
    bounds = outline.boundingRect() & view.rect()
    step = theme.px(Metric.HATCH)
    # Counted from the corner of the outline, so that the hatch moves with the ground.
    first = outline.boundingRect().left() + outline.boundingRect().top()
    start = first + step * int((bounds.left() + bounds.top() - first) / step)
    for number in range(int((bounds.width() + bounds.height()) / step) + 2):
        total = start + number * step
        painter.drawLine(QPointF(total - bounds.top(), bounds.top()), QPointF(total - bounds.bottom(), bounds.bottom()))
    painter.restore()


def draw_arrows(painter: QPainter, points: Sequence[QPointF], theme: Theme) -> None:
    """Arrows along a line, and one at its end: which way is out."""
    size, every = theme.space(2.0), theme.space(_ARROW_EVERY)
    left = every / 2
    for a, b in pairwise(points):
        length = away(a, b)
        angle = atan2(b.y() - a.y(), b.x() - a.x())
        while 0 < left <= length and length > 0:
            _draw_arrow(painter, a + (b - a) * (left / length), angle, size)
            left += every
        left -= length
    if len(points) > 1:
        a, b = points[-2], points[-1]
        _draw_arrow(painter, b, atan2(b.y() - a.y(), b.x() - a.x()), size * 1.5)


def _draw_arrow(painter: QPainter, tip: QPointF, angle: float, size: float) -> None:
    path = QPainterPath(QPointF(-size, -size))
    path.lineTo(0, 0)
    path.lineTo(-size, size)
    painter.save()
    painter.translate(tip)
    painter.rotate(angle * 57.29577951308232)
    pen = painter.pen()
    pen.setStyle(Qt.PenStyle.SolidLine)
    painter.setPen(pen)
    painter.drawPath(path)
    painter.restore()


def box_at(centre: QPointF, theme: Theme) -> QRectF:
    """The box of a symbol."""
    side = theme.space(_BOX)
    return QRectF(centre.x() - side / 2, centre.y() - side / 2, side, side)


def draw_symbol(painter: QPainter, mark: MapMark, centre: QPointF, theme: Theme, *, is_hollow: bool) -> None:
    """The kind's drawing in a box: on a full ground when confirmed, on the map's when reported, dashed when unknown."""
    state: MarkState = "confirmed" if is_last_confirmed(mark) else "reported"
    draw_kind(painter, mark.kind, box_at(centre, theme), theme, state=None if is_hollow else state)


def draw_kind(painter: QPainter, kind: MarkKind, box: QRectF, theme: Theme, *, state: MarkState | None) -> None:
    """As ``draw_symbol``; ``state`` ``None``: unknown."""
    colour = tone_of(kind, theme, is_hollow=state is None)
    painter.setPen(_pen(kind, theme, Metric.STROKE, is_hollow=state is None))
    drawn = colour
    if state == "confirmed":
        painter.setBrush(colour)
        drawn = theme.palette.map_ground
    elif state == "reported":
        painter.setBrush(theme.palette.panel)
    else:
        painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(box)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    inset = theme.space(0.75)
    theme.paint_icon(painter, f"mark-{kind}", box.adjusted(inset, inset, -inset, -inset), drawn)


def team_boxes(picture: Picture, view: View, theme: Theme) -> list[Box]:
    """The symbols of the teams, where they are few enough to be seen apart: no words of a mark beside a team's."""
    teams = picture.teams if len(picture.teams) <= _MOST_TEAMS else ()
    places = [view.point(team.place.lat_deg, team.place.lon_deg) for team in teams if team.place is not None]
    return [box(symbol_rect(place, theme)) for place in places]


def _wanted(mark_id: str, words: MarkWords, centre: QPointF, theme: Theme, *, must_show: bool) -> Wanted:
    metrics = theme.metrics(Size.SMALL)
    width = metrics.horizontalAdvance(words.title) + metrics.horizontalAdvance(words.said)
    size = QSizeF(width + theme.space(1.5) + 2 * theme.space(1.5), metrics.height() + theme.space(0.5))
    return Wanted(key=mark_id, symbol=box_at(centre, theme), size=size, must_show=must_show)


def _draw_words(
    painter: QPainter, words: MarkWords, placed: Placed, centre: QPointF, tone: QColor, theme: Theme
) -> None:
    """In a frame of the mark's colour, so that what a team's label leaves of it is not read as the team's."""
    metrics, rect = theme.metrics(Size.SMALL), placed.rect
    painter.setPen(theme.pen(tone, Metric.HAIRLINE))
    if placed.has_leader:
        painter.drawLine(QLineF(centre, rect.center()))
    painter.setBrush(theme.palette.map_box)
    painter.drawRect(rect)
    at = QPointF(rect.left() + theme.space(1.5), rect.center().y() - metrics.height() / 2 + metrics.ascent())
    painter.setPen(theme.palette.dim if words.is_unknown else theme.palette.text)
    painter.setFont(theme.font(Size.SMALL, is_struck=words.is_unknown))
    painter.drawText(at, words.title)
    painter.setFont(theme.font(Size.SMALL))
    painter.drawText(at + QPointF(metrics.horizontalAdvance(words.title) + theme.space(1.5), 0), words.said)
