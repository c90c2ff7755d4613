"""Roads on the map: closed ones crossed, unknown ones hollow and dashed, proven ones with the age of the proof."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from PySide6.QtCore import QLineF, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from console.picture import Picture, Road
from console.road_facts import RoadState, standing
from console.views.roadwords import TONES, RoadWords, age_key, in_order, words_of
from console.views.situation.declutter import Placed, Wanted, box, place_seen
from console.views.situation.lines import REACH, away, is_near, middle_of
from console.views.situation.mark_layer import draw_arrows, team_boxes
from console.views.situation.plate import core
from console.views.situation.projection import View
from console.views.speech import Speech
from console.views.theme import Metric, Size, Theme

_RADIUS = 2.5
"""Spacing units: half a symbol."""
_NAMED_FROM_ZOOM = 15.0
"""From here on roads are named too that are no way out and are open, or that nobody ever told of."""


class _Seen(NamedTuple):
    """What is drawn, how and when."""

    picture: Picture
    view: View
    theme: Theme
    speech: Speech
    now_ns: int


class RoadLayer:
    """All roads of the picture; ``selected_id`` has a blue ring; of ``mended_id`` the line is there to compare."""

    def __init__(self) -> None:
        self.selected_id: str | None = None
        self.mended_id: str | None = None
        self.keep_clear: Sequence[QRectF] = ()
        self.written: list[QRectF] = []

    def key(self, picture: Picture, view: View, now_ns: int) -> object:
        """The roads, and for each the age that is written beside it."""
        del view
        return picture.roads, self.selected_id, self.mended_id, tuple(age_key(road, now_ns) for road in picture.roads)

    def draw(self, painter: QPainter, picture: Picture, view: View, theme: Theme, speech: Speech, now_ns: int) -> None:
        """Lines below symbols, words over all; words that would cover others are left out."""
        seen = [
            road for road in in_order(picture.roads, now_ns) if is_near(_points(road, view), view, theme.space(REACH))
        ]
        states = {road.id: standing(road, now_ns).state for road in seen}
        for road in reversed(seen):
            draw_line(painter, road, states[road.id], view, theme)
        seen = [road for road in seen if road.id != self.mended_id]
        for road in reversed(seen):
            centre = anchor_of(road, view)
            draw_state(painter, states[road.id], centre, theme)
            if road.id == self.selected_id:
                side = theme.space(_RADIUS + 1.25)
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(theme.pen(theme.palette.info, Metric.STROKE_BOLD))
                painter.drawEllipse(centre, side, side)
        self._name(painter, seen, _Seen(picture, view, theme, speech, now_ns))

    def _name(self, painter: QPainter, roads: Sequence[Road], seen: _Seen) -> None:
        picture, view, theme, speech, now_ns = seen
        wanted: list[Wanted] = []
        said: dict[str, RoadWords] = {}
        centres: dict[str, QPointF] = {}
        for road in sorted(roads, key=lambda road: road.id != self.selected_id):
            is_chosen = road.id == self.selected_id
            stands = standing(road, now_ns)
            is_quiet = not road.is_exit and (stands.state == "open" or stands.last_ns is None)
            if is_quiet and not is_chosen and view.zoom < _NAMED_FROM_ZOOM:
                continue
            said[road.id], centres[road.id] = words_of(road, speech, now_ns), anchor_of(road, view)
            wanted.append(_wanted(road.id, said[road.id], centres[road.id], theme, must_show=is_chosen))
        taken = [*team_boxes(picture, view, theme), *map(box, self.keep_clear)]
        placed = place_seen(wanted, core(view), view.rect(), theme.space(1), taken)
        self._write(painter, placed, said, centres, theme)
        # Where the whole sentence finds no room, which road it is and how it is must still be read.
        taken += [box(one.rect) for one in placed]
        told = {one.key for one in placed}
        short = {key: replace(words, said="", until="") for key, words in said.items() if key not in told}
        wanted = [_wanted(key, words, centres[key], theme, must_show=False) for key, words in short.items()]
        brief = place_seen(wanted, core(view), view.rect(), theme.space(1), taken) if wanted else []
        self._write(painter, brief, short, centres, theme)
        self.written = [one.rect for one in (*placed, *brief)]

    def _write(
        self,
        painter: QPainter,
        placed: Sequence[Placed],
        said: Mapping[str, RoadWords],
        centres: Mapping[str, QPointF],
        theme: Theme,
    ) -> None:
        for one in placed:
            _draw_words(painter, said[one.key], one, centres[one.key], theme)

    def at(self, picture: Picture, view: View, point: QPointF, reach_px: float) -> Road | None:
        """The road whose symbol is nearest to a point within reach."""
        near = [(away(anchor_of(road, view), point), road.id, road) for road in picture.roads]
        near = [one for one in near if one[0] <= reach_px]
        return min(near)[2] if near else None


def _points(road: Road, view: View) -> list[QPointF]:
    return [view.point(*vertex) for vertex in road.line]


def anchor_of(road: Road, view: View) -> QPointF:
    """Where the symbol stands: half way along."""
    return middle_of(_points(road, view))


def tone_of(state: RoadState, theme: Theme) -> QColor:
    """The colour of a state."""
    colour: QColor = getattr(theme.palette, TONES[state])
    return colour


def draw_line(painter: QPainter, road: Road, state: RoadState, view: View, theme: Theme) -> None:
    """A way out is blue with arrows while it is passable; what nobody knows is dashed."""
    points = _points(road, view)
    colour = tone_of(state, theme)
    if road.is_exit and state == "open":
        colour = theme.palette.info
    style = Qt.PenStyle.DashLine if state == "unknown" else Qt.PenStyle.SolidLine
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(theme.pen(colour, Metric.STROKE_BOLD if state != "open" or road.is_exit else Metric.STROKE, style))
    painter.drawPolyline(points)
    if road.is_exit and state != "closed":
        draw_arrows(painter, points, theme)


def draw_state(painter: QPainter, state: RoadState, centre: QPointF, theme: Theme) -> None:
    """A circle: a cross in it closed, an exclamation mark difficult, a question mark unknown, a tick open."""
    colour, palette, radius = tone_of(state, theme), theme.palette, theme.space(_RADIUS)
    style = Qt.PenStyle.DashLine if state == "unknown" else Qt.PenStyle.SolidLine
    painter.setPen(theme.pen(colour, Metric.STROKE_BOLD if state == "closed" else Metric.STROKE, style))
    painter.setBrush(palette.map_ground if state == "unknown" else palette.panel)
    painter.drawEllipse(centre, radius, radius)
    pen = QPen(theme.pen(colour, Metric.STROKE_BOLD))
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    arm = radius * 0.45
    if state == "closed":
        painter.drawLine(centre + QPointF(-arm, -arm), centre + QPointF(arm, arm))
        painter.drawLine(centre + QPointF(-arm, arm), centre + QPointF(arm, -arm))
    elif state == "open":
        painter.drawPolyline(
            [centre + QPointF(-arm, 0), centre + QPointF(-arm * 0.2, arm), centre + QPointF(arm, -arm)]
        )
    else:
        painter.setFont(theme.font(Size.SMALL, is_bold=True))
        box = QRectF(centre.x() - radius, centre.y() - radius, 2 * radius, 2 * radius)
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), "!" if state == "difficult" else "?")


def _sentence(words: RoadWords) -> tuple[str, str]:
    return f"{words.title} {words.state}", " · ".join(part for part in (words.said, words.until) if part)


def _wanted(road_id: str, words: RoadWords, centre: QPointF, theme: Theme, *, must_show: bool) -> Wanted:
    metrics, radius = theme.metrics(Size.SMALL), theme.space(_RADIUS)
    title, said = _sentence(words)
    width = metrics.horizontalAdvance(title) + metrics.horizontalAdvance(said) + theme.space(4.5)
    size = QSizeF(width, metrics.height() + theme.space(0.5))
    symbol = QRectF(centre.x() - radius, centre.y() - radius, 2 * radius, 2 * radius)
    return Wanted(key=road_id, symbol=symbol, size=size, must_show=must_show)


def _draw_words(painter: QPainter, words: RoadWords, placed: Placed, centre: QPointF, theme: Theme) -> None:
    metrics, rect, palette = theme.metrics(Size.SMALL), placed.rect, theme.palette
    tone: QColor = getattr(palette, words.tone)
    title, said = _sentence(words)
    painter.setPen(theme.pen(tone, Metric.HAIRLINE))
    if placed.has_leader:
        painter.drawLine(QLineF(centre, rect.center()))
    painter.setBrush(palette.map_box)
    painter.drawRect(rect)
    at = QPointF(rect.left() + theme.space(1.5), rect.center().y() - metrics.height() / 2 + metrics.ascent())
    painter.setPen(tone)
    painter.setFont(theme.font(Size.SMALL))
    painter.drawText(at, title)
    painter.setPen(palette.dim if words.is_unknown else palette.soft)
    painter.drawText(at + QPointF(metrics.horizontalAdvance(title) + theme.space(1.5), 0), said)
