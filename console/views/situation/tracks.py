"""Trails: where teams went.  A leg across a gap is dashed, for nobody knows the way taken."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QTransform

from console.picture import Picture, TrailPoint
from console.views.situation.projection import View, to_plane
from console.views.theme import Metric, Theme


class Trails:
    """Trails as paths on the drawing plane, made anew only when a trail is another one."""

    def __init__(self) -> None:
        self._made: dict[str, tuple[tuple[TrailPoint, ...], QPainterPath, QPainterPath, QPointF]] = {}

    def draw(self, painter: QPainter, picture: Picture, view: View, theme: Theme, stale: set[str]) -> None:
        """Draw the trails of all teams; those of stale teams fainter."""
        scale = view.scale_px_per_m
        for team in picture.teams:
            if len(team.trail) < 2:
                continue
            known, missing, origin = self._paths(team.id, team.trail)
            start = view.plane_point(origin.x(), origin.y())
            place = QTransform(scale, 0, 0, -scale, start.x(), start.y())
            colour = theme.palette.faint if team.id in stale else theme.palette.soft
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(theme.pen(colour, Metric.STROKE))
            painter.drawPath(place.map(known))
            painter.setPen(theme.pen(colour, Metric.STROKE, Qt.PenStyle.DotLine))
            painter.drawPath(place.map(missing))

    def _paths(self, team_id: str, trail: tuple[TrailPoint, ...]) -> tuple[QPainterPath, QPainterPath, QPointF]:
        made = self._made.get(team_id)
        if made is not None and made[0] is trail:
            return made[1:]
        points = [QPointF(*to_plane(point.lat_deg, point.lon_deg)) for point in trail]
        origin = points[0]
        known, missing = QPainterPath(), QPainterPath()
        for index in range(1, len(points)):
            path = missing if trail[index].is_after_gap else known
            start = points[index - 1] - origin
            if path.elementCount() == 0 or path.currentPosition() != start:
                path.moveTo(start)
            path.lineTo(points[index] - origin)
        self._made[team_id] = (trail, known, missing, origin)
        return known, missing, origin
