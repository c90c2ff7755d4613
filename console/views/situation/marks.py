"""What the map says of a team: its symbol and its words, and how an old place is kept from looking current."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from math import ceil, cos, sin, tau
from typing import Literal

from PySide6.QtCore import QLineF, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath

from console.picture import Picture, Place, Team
from console.views.judgement import COURSE_OLD_NS, by_silence, judge_place, silence_of
from console.views.situation.declutter import Placed, Wanted
from console.views.situation.projection import View
from console.views.situation.stamps import Stamps, Writing
from console.views.situation.teamwords import doubt_words
from console.views.speech import Speech
from console.views.theme import Metric, Size, Theme

Look = Literal["fresh", "soon", "old", "over"]
_MOVING_MPS = 0.5
_MOST_CIRCLE_PX = 1e6
"""No circle is drawn larger: its edge is out of sight, and Qt's whole pixels end."""
_COURSE_STEP_DEG = 5
_SPREAD_REACH = 14.0
_SPREAD_ROOM = 1.6
MOST_LED = 6
_PLAIN = Writing(Size.SMALL)
_BOLD = Writing(Size.SMALL, is_bold=True)
_REACH = 6.0
_COURSE_REACH = 8.0
"""How far a symbol reaches from its centre, alone and with the arrow of its course, in spacing units."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One team on the map.  ``look`` old and over are hollow and dashed; their ``struck`` words are struck through."""

    team_id: str
    symbol: str
    centre: QPointF
    look: Look
    name: str
    said: str
    struck: str
    course_deg: float | None
    accuracy_px: float | None
    is_selected: bool
    is_alarmed: bool
    anchor: QPointF | None = None
    """Where it really is, when it was moved aside from others at its place."""

    @property
    def is_stale(self) -> bool:
        """Whether it must not look current."""
        return self.look in ("old", "over")


def alarmed_ids(picture: Picture, teams: Iterable[Team]) -> set[str]:
    """Whom an alarm concerns that nobody acknowledged; of a common one of several, those of ``teams``."""
    subjects, alarms = waiting_alarms(picture)
    return subjects | {team.id for team in teams if team.alarm_id in alarms} if alarms else subjects


def waiting_alarms(picture: Picture) -> tuple[set[str], set[str]]:
    """The subjects and the ids of the alarms that nobody acknowledged."""
    waiting = [alarm for alarm in picture.alarms if alarm.state == "unacknowledged"]
    return {alarm.subject_id for alarm in waiting if alarm.subject_id}, {alarm.id for alarm in waiting}


def marks_of(
    picture: Picture,
    view: View,
    speech: Speech,
    now_ns: int,
    selected_id: str | None,
    teams: Sequence[Team] | None = None,
) -> list[Mark]:
    """The marks of all teams with a place, most important first: selected, alarmed, stale, then by silence.

    Of ``teams`` alone, where they are given.
    """
    shown = picture.teams if teams is None else teams
    alarmed = alarmed_ids(picture, shown)
    marks = []
    for team in by_silence(shown, now_ns):
        if team.place is None:
            continue
        marks.append(_mark(team, team.place, view, speech, now_ns, (team.id == selected_id, team.id in alarmed)))
    return sorted(marks, key=lambda mark: (not mark.is_selected, not mark.is_alarmed, not mark.is_stale))


def _mark(team: Team, place: Place, view: View, speech: Speech, now_ns: int, flags: tuple[bool, bool]) -> Mark:
    silence, judged = silence_of(team, now_ns), judge_place(team, place, now_ns)
    look: Look = "fresh"
    if silence.level == "over":
        look = "over"
    elif judged.is_old:
        look = "old"
    elif silence.level == "soon":
        look = "soon"
    said, struck = speech.age(judged.age_ns), ""
    if judged.is_old:
        struck = speech.say("situation.map.last", at=speech.minute(judged.at_ns, now_ns))
        said = speech.say("situation.map.silent", age=speech.age(silence.age_ns)) if look == "over" else ""
    if place.is_clock_doubtful:
        said = f"{said} {speech.say('situation.map.doubtful')}".strip()
    if judged.datum is not None:
        said = f"{said} {speech.datum(judged.datum)}".strip()
    if doubt := doubt_words(team, speech):
        said = f"{said} {doubt}".strip()
    is_course_fresh = judged.age_ns <= COURSE_OLD_NS and not judged.is_old
    moves = place.speed_mps is not None and place.speed_mps > _MOVING_MPS and is_course_fresh
    accuracy = place.accuracy_m
    return Mark(
        team_id=team.id,
        symbol=team.symbol[:1],
        centre=_whole(view.point(place.lat_deg, place.lon_deg)),
        look=look,
        name=team.name,
        said=said,
        struck=struck,
        course_deg=place.course_deg if moves else None,
        accuracy_px=None if accuracy is None else min(_MOST_CIRCLE_PX, view.ground_px(accuracy, place.lat_deg)),
        is_selected=flags[0],
        is_alarmed=flags[1],
    )


def spread(marks: list[Mark], team_ids: tuple[str, ...], theme: Theme) -> list[Mark]:
    """The same with these teams in a ring around the middle of their places: each can be seen and chosen."""
    ring = [mark for mark in marks if mark.team_id in team_ids]
    if len(ring) < 2:
        return marks
    x, y = (sum(axis) / len(ring) for axis in zip(*(mark.centre.toTuple() for mark in ring), strict=True))
    reach = max(theme.space(_SPREAD_REACH), len(ring) * theme.px(Metric.SYMBOL_WIDTH) * _SPREAD_ROOM / tau)
    places = {
        mark.team_id: _whole(QPointF(x + reach * sin(tau * n / len(ring)), y - reach * cos(tau * n / len(ring))))
        for n, mark in enumerate(sorted(ring, key=lambda mark: mark.team_id))
    }
    return [
        replace(mark, centre=places[mark.team_id], anchor=mark.centre) if mark.team_id in places else mark
        for mark in marks
    ]


def _whole(point: QPointF) -> QPointF:
    # On whole pixels: stamps stay crisp, and a team that moves by less moves no label.
    return QPointF(round(point.x()), round(point.y()))


def symbol_rect(centre: QPointF, theme: Theme) -> QRectF:
    """The box of a team symbol."""
    width, height = theme.px(Metric.SYMBOL_WIDTH), theme.px(Metric.SYMBOL_HEIGHT)
    return QRectF(centre.x() - width / 2, centre.y() - height / 2, width, height)


def mark_reach(mark: Mark, theme: Theme) -> QRectF:
    """All that a symbol may cover: with its ring, its arrow, its circle and the line to its true place."""
    reach = max(theme.space(_REACH if mark.course_deg is None else _COURSE_REACH), mark.accuracy_px or 0.0)
    rect = QRectF(mark.centre.x() - reach, mark.centre.y() - reach, 2 * reach, 2 * reach)
    return rect if mark.anchor is None else rect.united(QRectF(mark.anchor, QSizeF(1, 1)))


def symbol_key(mark: Mark) -> Hashable:
    """All that its symbol is drawn from, and how urgent it is: that says what it lies above."""
    course_deg = None if mark.course_deg is None else _stepped_course(mark.course_deg)
    anchor = None if mark.anchor is None else mark.anchor.toTuple()
    flags = (mark.look, mark.is_selected, mark.is_alarmed, course_deg)
    return (mark.symbol, mark.centre.toTuple(), anchor, mark.accuracy_px, *flags)


def label_key(mark: Mark) -> Hashable:
    """All that its label is drawn from beside its place."""
    return (mark.name, mark.said, mark.struck, mark.look, mark.is_selected, mark.is_alarmed, mark.centre.toTuple())


def _stepped_course(course_deg: float) -> int:
    return round(course_deg / _COURSE_STEP_DEG) * _COURSE_STEP_DEG % 360


def led_ids(marks: Sequence[Mark]) -> set[str]:
    """Of marks in their order of importance: whose label is shown even where it stands apart, on a leader.

    The selected team and the first ``MOST_LED`` alarmed or stale ones; more leaders cross one another and say nothing.
    """
    urgent = [mark.team_id for mark in marks if mark.is_alarmed or mark.is_stale]
    return {*urgent[:MOST_LED], *(mark.team_id for mark in marks if mark.is_selected)}


def wanted_label(mark: Mark, theme: Theme, stamps: Stamps, *, must_show: bool) -> Wanted:
    """What ``declutter`` needs to know of a mark's label; ``must_show`` where it may stand apart, on a leader."""
    writing = _BOLD if mark.is_selected else _PLAIN
    # Of each part, as they are drawn: an age is one of few, a whole label is another one every second.
    widths = [stamps.width(part, writing) for part in (mark.name, mark.struck, mark.said) if part]
    width = sum(widths) + (len(widths) - 1) * stamps.width(" ", _PLAIN)
    height = theme.metrics(Size.SMALL).height()
    symbol = symbol_rect(mark.centre, theme)
    if mark.course_deg is not None:
        arm = theme.space(7)
        symbol = symbol.united(QRectF(mark.centre.x() - arm, mark.centre.y() - arm, 2 * arm, 2 * arm))
    return Wanted(
        key=mark.team_id,
        symbol=symbol,
        size=QSizeF(ceil(width) + theme.space(2), ceil(height + theme.space(0.5))),
        must_show=must_show,
    )


def _colour(mark: Mark, theme: Theme) -> QColor:
    palette = theme.palette
    return {"fresh": palette.own, "soon": palette.warn, "old": palette.dim, "over": palette.alarm}[mark.look]


def draw_symbol(painter: QPainter, mark: Mark, theme: Theme, stamps: Stamps) -> None:
    """The box with its character: solid when current, hollow and dashed when not; a blue ring when selected."""
    rect = symbol_rect(mark.centre, theme)
    if mark.anchor is not None:
        painter.setPen(theme.pen(_colour(mark, theme), Metric.HAIRLINE))
        painter.drawLine(QLineF(mark.anchor, mark.centre))
    if mark.accuracy_px is not None and mark.accuracy_px > rect.width() / 2:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(theme.pen(_colour(mark, theme), Metric.HAIRLINE, Qt.PenStyle.DashLine))
        painter.drawEllipse(mark.centre, mark.accuracy_px, mark.accuracy_px)
    course_deg = None if mark.course_deg is None else _stepped_course(mark.course_deg)
    reach = theme.space(_REACH if course_deg is None else _COURSE_REACH)
    key = ("symbol", mark.symbol, mark.look, mark.is_selected, course_deg)
    middle = QPointF(reach, reach)
    pixmap = stamps.stamp(key, 2 * reach, 2 * reach, lambda on: _draw_symbol_at(on, middle, mark, course_deg, theme))
    painter.drawPixmap(mark.centre - middle, pixmap)


def _draw_symbol_at(painter: QPainter, centre: QPointF, mark: Mark, course_deg: int | None, theme: Theme) -> None:
    rect = symbol_rect(centre, theme)
    colour = _colour(mark, theme)
    palette = theme.palette
    if mark.is_selected:
        grow = theme.space(1.25)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(theme.pen(palette.info, Metric.STROKE_BOLD))
        painter.drawRect(rect.adjusted(-grow, -grow, grow, grow))
    if course_deg is not None:
        _draw_course(painter, centre, course_deg, theme, colour)
    painter.setPen(theme.pen(colour, Metric.STROKE, Qt.PenStyle.DashLine if mark.is_stale else Qt.PenStyle.SolidLine))
    painter.setBrush(Qt.BrushStyle.NoBrush if mark.is_stale else palette.panel)
    painter.drawRect(rect)
    painter.setFont(theme.font(Size.SMALL, is_bold=True))
    painter.setPen(colour)
    painter.drawText(rect, int(Qt.AlignmentFlag.AlignCenter), mark.symbol)


def _draw_course(painter: QPainter, centre: QPointF, course_deg: int, theme: Theme, colour: QColor) -> None:
    painter.save()
    painter.translate(centre)
    painter.rotate(course_deg)
    tip = -theme.space(7)
    half = theme.space(1.25)
    arrow = QPainterPath(QPointF(0, tip))
    arrow.lineTo(half, tip + 2 * half)
    arrow.lineTo(-half, tip + 2 * half)
    arrow.closeSubpath()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawPath(arrow)
    painter.restore()


@cache
def _label_ground(box_rgba: int, map_rgba: int) -> QColor:
    """The box's colour as it looks on the map's: opaque, for text is drawn best on an opaque ground."""
    box, below = QColor.fromRgba(box_rgba), QColor.fromRgba(map_rgba)
    share = box.alphaF()
    pairs = zip((box.red(), box.green(), box.blue()), (below.red(), below.green(), below.blue()), strict=True)
    return QColor(*(round(share * over + (1 - share) * under) for over, under in pairs))


def draw_label(painter: QPainter, mark: Mark, placed: Placed, theme: Theme, stamps: Stamps) -> None:
    """The words on a ground of the map's colour, so that lines below do not cross them."""
    colour = theme.palette.dim if mark.look == "old" else _colour(mark, theme)
    if placed.has_leader:
        painter.setPen(theme.pen(colour, Metric.HAIRLINE))
        painter.drawLine(QLineF(mark.centre, placed.rect.center()))
    rect = placed.rect
    ground = _label_ground(theme.palette.map_box.rgba(), theme.palette.map_ground.rgba())
    painter.fillRect(rect, ground)
    x, top, height = rect.left() + theme.space(1), rect.top(), rect.height()
    gap = stamps.width(" ", _PLAIN)
    for words, is_struck in ((mark.name, False), (mark.struck, True), (mark.said, False)):
        if words:
            writing = _writing(mark.is_selected, is_struck, ground.rgba())
            x += gap + stamps.words(painter, QPointF(round(x), top), words, colour, writing, height)


@cache
def _writing(is_bold: bool, is_struck: bool, ground_rgba: int) -> Writing:  # noqa: FBT001 - made once of each
    return Writing(Size.SMALL, is_bold=is_bold, is_struck=is_struck, ground_rgba=ground_rgba)
