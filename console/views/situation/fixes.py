"""Where else a team is said to be: the last fix of a means that is out of reach or does not agree with another."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from console.geodesy import rough_distance_m
from console.picture import Fix, Picture, Place, Team
from console.views.judgement import place_age_ns
from console.views.situation.projection import View
from console.views.speech import NS_PER_S, Speech
from console.views.theme import Metric, Size, Theme
from console.views.widgets.label import draw_text

_SHOWN_FOR_NS = 3600 * NS_PER_S
"""What was said longer ago stands in the team's detail only."""
_SAME_M = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """A second place of a team that is shown at these degrees."""

    team_id: str
    lat_deg: float
    lon_deg: float
    fix: Fix


def others(picture: Picture, now_ns: int) -> list[Other]:
    """Every fix that is not the place shown and disputes it."""
    return [
        Other(team_id=team.id, lat_deg=team.place.lat_deg, lon_deg=team.place.lon_deg, fix=fix)
        for team in picture.teams
        if team.place is not None
        for fix in team.fixes
        if _disputes(team, team.place, fix) and place_age_ns(fix.place, now_ns) <= _SHOWN_FOR_NS
    ]


def _disputes(team: Team, here: Place, fix: Fix) -> bool:
    there = fix.place
    if rough_distance_m(here.lat_deg, here.lon_deg, there.lat_deg, there.lon_deg) < _SAME_M:
        return False
    apart = team.disagreement
    return fix.is_jump or (apart is not None and fix.means in (apart.first, apart.second))


class OtherFixes:
    """A hollow diamond at the other place, a dashed line to the one shown, and which means says so."""

    def key(self, picture: Picture, view: View, now_ns: int) -> object:  # noqa: ARG002 - the places are on the ground
        """Every such fix, and how old it is said to be."""
        return tuple((one, place_age_ns(one.fix.place, now_ns) // NS_PER_S) for one in others(picture, now_ns))

    def draw(self, painter: QPainter, picture: Picture, view: View, theme: Theme, speech: Speech, now_ns: int) -> None:
        """Amber: it needs a person's attention."""
        names = {device.id: device.name for device in picture.devices}
        painter.setFont(theme.font(Size.TINY))
        for one in others(picture, now_ns):
            shown = view.point(one.lat_deg, one.lon_deg)
            at = view.point(one.fix.place.lat_deg, one.fix.place.lon_deg)
            painter.setPen(theme.pen(theme.palette.warn, Metric.HAIRLINE, Qt.PenStyle.DashLine))
            painter.drawLine(shown, at)
            painter.setPen(theme.pen(theme.palette.warn, Metric.STROKE))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            half = theme.space(2)
            painter.drawPolygon(
                [at + QPointF(0, -half), at + QPointF(half, 0), at + QPointF(0, half), at + QPointF(-half, 0)]
            )
            key = "teams.other.jump" if one.fix.is_jump else "teams.other.apart"
            device = names.get(one.fix.place.device_id, one.fix.place.device_id)
            age = speech.age(place_age_ns(one.fix.place, now_ns))
            words = speech.say(key, device=device, age=age)
            width, height = painter.fontMetrics().horizontalAdvance(words), painter.fontMetrics().height()
            left = at.x() + half * 1.5 if at.x() <= shown.x() else at.x() - half * 1.5 - width
            box = QRectF(left, at.y() - height / 2, width + theme.space(1), height)
            painter.fillRect(box, theme.palette.map_ground)
            draw_text(painter, box, words, theme.palette.warn)
