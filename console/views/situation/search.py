"""Where a team may be that was not placed for a while: a circle that grows with the age of its fix.

**Assumed:** it goes on at the speed it told last, and at least on foot; nothing else is known, and the words beside
the circle say so.  Up to ``MOST_M``; beyond it a circle says nothing that helps a search.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from console.picture import Picture, Place, Team
from console.views.judgement import by_silence, is_place_old, place_age_ns, silence_of
from console.views.situation.projection import View
from console.views.speech import NS_PER_S, Speech
from console.views.theme import Metric, Size, Theme
from console.views.widgets.label import draw_text

WALKING_MPS = 4.0 / 3.6
MOST_M = 10_000.0
AGEING_SHARE = 0.5
"""Of the expected interval: a fix older than this is of some time ago, and the team may be somewhere else."""
MOST_SPOKEN = 3
"""So many circles, those of the teams silent longest, are shaded and say what was assumed; the selected team's too."""
_SPOKEN_PX = 36.0
_SHADE = 26

Tone = Literal["dim", "alarm"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How far from its last place a team may be.  ``is_most``: it may be further."""

    team_id: str
    lat_deg: float
    lon_deg: float
    radius_m: float
    speed_mps: float
    is_most: bool
    tone: Tone


def reach_of(team: Team, now_ns: int) -> Reach | None:
    """The circle of this team at ``now_ns``; ``None`` while its place is of now, or where it has none."""
    place = team.place
    if place is None:
        return None
    age_ns = place_age_ns(place, now_ns)
    is_lost = silence_of(team, now_ns).level == "over"
    if not is_lost and not is_place_old(team, now_ns) and age_ns < AGEING_SHARE * team.expected_s * NS_PER_S:
        return None
    speed_mps = _speed_mps(place)
    radius_m = (place.accuracy_m or 0.0) + speed_mps * age_ns / NS_PER_S
    return Reach(
        team_id=team.id,
        lat_deg=place.lat_deg,
        lon_deg=place.lon_deg,
        radius_m=min(radius_m, MOST_M),
        speed_mps=speed_mps,
        is_most=radius_m > MOST_M,
        tone="alarm" if is_lost else "dim",
    )


def _speed_mps(place: Place) -> float:
    return max(WALKING_MPS, place.speed_mps or 0.0)


def reach_words(reach: Reach, speech: Speech) -> str:
    """The circle in words, with what was assumed."""
    key = "beyond" if reach.is_most else "within"
    kmh = f"{reach.speed_mps * 3.6:.0f}"
    return speech.say(f"teams.reach.{key}", distance=speech.distance(reach.radius_m), kmh=kmh)


class SearchCircles:
    """The circles of all teams that were not placed for a while; those silent too long are red.

    ``selected_id`` gives the id of the selected team.
    """

    def __init__(self, selected_id: Callable[[], str | None] = lambda: None) -> None:
        self._selected_id = selected_id

    def key(self, picture: Picture, view: View, now_ns: int) -> object:
        """Every circle, its size in whole pixels, and whether it says so."""
        return tuple(
            (one.team_id, one.lat_deg, one.lon_deg, round(_radius_px(one, view)), one.tone, is_spoken)
            for one, is_spoken in self._ranked(picture, now_ns)
        )

    def words(self, picture: Picture, now_ns: int, speech: Speech) -> str:
        """How many there are, where not all of them say what they are; else nothing."""
        ranked = self._ranked(picture, now_ns)
        spoken = sum(is_spoken for _, is_spoken in ranked)
        if spoken == len(ranked):
            return ""
        return speech.say("teams.reach.count", count=len(ranked), spoken=spoken)

    def _ranked(self, picture: Picture, now_ns: int) -> list[tuple[Reach, bool]]:
        """The most urgent first, each with whether it says what was assumed."""
        found = (reach_of(team, now_ns) for team in by_silence(picture.teams, now_ns))
        reaches = sorted((one for one in found if one is not None), key=lambda one: one.tone != "alarm")
        selected = self._selected_id()
        return [(one, rank < MOST_SPOKEN or one.team_id == selected) for rank, one in enumerate(reaches)]

    def draw(self, painter: QPainter, picture: Picture, view: View, theme: Theme, speech: Speech, now_ns: int) -> None:
        """Dashed, those that say so faintly filled where the team is silent too long; above them what was assumed."""
        painter.setFont(theme.font(Size.TINY))
        ranked = self._ranked(picture, now_ns)
        for one, is_spoken in reversed(ranked):
            radius_px = _radius_px(one, view)
            colour = getattr(theme.palette, one.tone)
            painter.setPen(theme.pen(colour, Metric.HAIRLINE, Qt.PenStyle.DashLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            if is_spoken and one.tone == "alarm":
                shade = QColor(theme.palette.alarm)
                shade.setAlpha(_SHADE)
                painter.setBrush(shade)
            painter.drawEllipse(view.point(one.lat_deg, one.lon_deg), radius_px, radius_px)
        taken = [
            _symbol_box(view.point(team.place.lat_deg, team.place.lon_deg), theme)
            for team in picture.teams
            if team.place is not None
        ]
        for one in (one for one, is_spoken in ranked if is_spoken):
            words = reach_words(one, speech)
            box = _words_box(painter, one, words, view, theme)
            if _radius_px(one, view) >= _SPOKEN_PX and not any(box.intersects(other) for other in taken):
                taken.append(box)
                painter.fillRect(box, theme.palette.map_ground)
                draw_text(painter, box.adjusted(theme.space(1), 0, 0, 0), words, getattr(theme.palette, one.tone))


def _symbol_box(centre: QPointF, theme: Theme) -> QRectF:
    width, height = theme.px(Metric.SYMBOL_WIDTH), theme.px(Metric.SYMBOL_HEIGHT)
    return QRectF(centre.x() - width / 2, centre.y() - height / 2, width, height)


def _words_box(painter: QPainter, reach: Reach, words: str, view: View, theme: Theme) -> QRectF:
    metrics = painter.fontMetrics()
    width, height = metrics.horizontalAdvance(words) + 2 * theme.space(1), metrics.height()
    top = view.point(reach.lat_deg, reach.lon_deg) - QPointF(width / 2, _radius_px(reach, view) + height / 2)
    return QRectF(top.x(), top.y(), width, height)


def _radius_px(reach: Reach, view: View) -> float:
    return view.ground_px(reach.radius_m, reach.lat_deg)
