"""Trails: where teams went.  A leg across a gap is dashed, for nobody knows the way taken.

Trails are kept as a transparent layer larger than the view.  A new leg is drawn onto it at once.  What
must vanish from it (the oldest legs of a full trail) needs a new layer, which is drawn a few trails a painting.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF, QRegion, QTransform

from console.picture import Picture, Team, TrailPoint
from console.views.situation.plate import Plate, Spare, cleared
from console.views.situation.projection import View, to_points
from console.views.theme import Metric, Theme

Trail = tuple[TrailPoint, ...]
_A_PAINTING = 4
"""How many trails of a new layer are drawn in one painting."""


class Ways:
    """Trails on the drawing plane, each point projected once."""

    def __init__(self) -> None:
        self._made: dict[str, tuple[Trail, list[QPointF]]] = {}

    def points(self, team_id: str, trail: Trail) -> list[QPointF]:
        """East and north in metres of every point of ``trail``."""
        made = self._made.get(team_id)
        if made is not None and made[0] == trail:
            return made[1]
        points: list[QPointF] = []
        if made is not None and trail and trail[0] in made[0]:
            old, known = made
            first = old.index(trail[0])
            if trail[: len(old) - first] == old[first:]:
                points = known[first:]
        points = points + to_points(trail[len(points) :])
        self._made[team_id] = (trail, points)
        return points

    def forget_others(self, team_ids: set[str]) -> None:
        """Keep only the trails of these teams."""
        for team_id in self._made.keys() - team_ids:
            del self._made[team_id]


@dataclass(slots=True, kw_only=True)
class _Layer:
    """Trails drawn, and what each looked like."""

    plate: Plate
    drawn: dict[str, tuple[Trail, bool]] = field(default_factory=dict)


class Trails:
    """The trails of all teams, those of stale teams fainter."""

    def __init__(self, spare: Spare | None = None) -> None:
        self._spare = spare or Spare()
        self._ways = Ways()
        self._key: object = None
        self._layer: _Layer | None = None
        self._next: _Layer | None = None
        self._is_worn = False

    @property
    def is_finished(self) -> bool:
        """Whether nothing waits to be drawn in the next paintings."""
        return not self._is_worn

    def draw(
        self, painter: QPainter, picture: Picture, view: View, theme: Theme, stale: set[str], *, ratio: float = 1.0
    ) -> None:
        """Draw them as they are in ``picture``."""
        self.bring(picture, view, theme, stale, ratio=ratio).put(painter, view)

    def bring(
        self,
        picture: Picture,
        view: View,
        theme: Theme,
        stale: set[str],
        *,
        ratio: float = 1.0,
        may_renew: bool = True,
    ) -> Plate:
        """The plate to put down, brought to ``picture``.

        What must vanish from it does so a few trails a time, when it ``may_renew``.
        """
        teams = {team.id: team for team in picture.teams if len(team.trail) >= 2}
        key = (view.zoom, view.width_px, view.height_px, theme.is_night, theme.scale, ratio)
        layer = self._layer
        if layer is None or key != self._key or not layer.plate.covers(view) or _has_jumped(layer, teams):
            self._key = key
            self.rest()
            self._ways.forget_others(set(teams))
            self._is_worn = False
            layer = self._layer = _Layer(plate=cleared(None if layer is None else layer.plate, view, ratio))
            self._add(layer, list(teams.values()), theme, stale)
        else:
            self._is_worn = self._extend(layer, teams, theme, stale) or self._is_worn or self._next is not None
            if may_renew and self._is_worn:
                layer = self._renew(layer, teams, view, theme, stale, ratio)
        return layer.plate

    def _extend(self, layer: _Layer, teams: dict[str, Team], theme: Theme, stale: set[str]) -> bool:
        """Draw what came; True where something must vanish."""
        is_worn = False
        changed: list[tuple[Team, int]] = []
        for team_id, team in teams.items():
            is_stale = team_id in stale
            trail, was_stale = layer.drawn.get(team_id, ((), is_stale))
            if is_stale == was_stale and trail == team.trail:
                continue
            start = team.trail.index(trail[-1]) if trail and is_stale == was_stale else 0
            is_worn = is_worn or is_stale != was_stale or bool(trail and trail[0] != team.trail[0])
            changed.append((team, start))
        if changed:
            self._put(layer, changed, theme, stale)
        return is_worn

    def _renew(
        self, layer: _Layer, teams: dict[str, Team], view: View, theme: Theme, stale: set[str], ratio: float
    ) -> _Layer:
        """A few trails more on the next layer; gives that one when it has all."""
        if self._next is None or not self._next.plate.covers(view):
            self.rest()
            self._next = _Layer(plate=self._spare.take(view, ratio))
        waiting = [team for team_id, team in teams.items() if team_id not in self._next.drawn]
        self._add(self._next, waiting[:_A_PAINTING], theme, stale)
        if len(waiting) > _A_PAINTING:
            return layer
        self._spare.give(layer.plate)
        self._layer, self._next = self._next, None
        self._ways.forget_others(set(teams))
        self._is_worn = self._extend(self._layer, teams, theme, stale)
        return self._layer

    def rest(self) -> None:
        """Begin again later with what is drawn behind: the map is dragged, and its plate is wanted for that."""
        if self._next is not None:
            self._spare.give(self._next.plate)
            self._next = None

    def _add(self, layer: _Layer, teams: list[Team], theme: Theme, stale: set[str]) -> None:
        self._put(layer, [(team, 0) for team in teams], theme, stale)

    def _put(self, layer: _Layer, legs: list[tuple[Team, int]], theme: Theme, stale: set[str]) -> None:
        """Draw the legs of these trails from the point of the given index on."""
        if not legs:
            return
        scale = layer.plate.view.scale_px_per_m
        zero = layer.plate.view.plane_point(0.0, 0.0)
        place = QTransform(scale, 0, 0, -scale, zero.x(), zero.y())
        lines: list[tuple[QPen, QPolygonF]] = []
        for team, start in legs:
            is_stale = team.id in stale
            colour = theme.palette.faint if is_stale else theme.palette.soft
            points = self._ways.points(team.id, team.trail)
            for first, last, is_missing in _runs(team.trail, start):
                style = Qt.PenStyle.DotLine if is_missing else Qt.PenStyle.SolidLine
                pen = theme.pen(colour, Metric.STROKE, style)
                lines.append((pen, place.map(QPolygonF(points[first : last + 1]))))
            layer.drawn[team.id] = (team.trail, is_stale)
        region = QRegion()
        grown = ceil(theme.scale * Metric.STROKE) + 1
        for _, line in lines:
            region += line.boundingRect().toAlignedRect().adjusted(-grown, -grown, grown, grown)
        painter = layer.plate.begin(region)
        for pen, line in lines:
            painter.setPen(pen)
            painter.drawPolyline(line)
        painter.end()


def _runs(trail: Trail, start: int) -> list[tuple[int, int, bool]]:
    """First and last index of every run of legs of one kind, from ``start`` on, and whether the way is missing."""
    runs: list[tuple[int, int, bool]] = []
    for index in range(start + 1, len(trail)):
        is_missing = trail[index].is_after_gap
        if runs and runs[-1][2] == is_missing:
            runs[-1] = (runs[-1][0], index, is_missing)
        else:
            runs.append((index - 1, index, is_missing))
    return runs


def _has_jumped(layer: _Layer, teams: dict[str, Team]) -> bool:
    """Whether a trail drawn is no longer the beginning of the one to draw: another incident, or another moment."""
    for team_id, (trail, _) in layer.drawn.items():
        team = teams.get(team_id)
        if team is None or (trail is not team.trail and trail[-1] not in team.trail):
            return True
    return False
