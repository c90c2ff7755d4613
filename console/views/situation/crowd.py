"""Which teams are drawn one by one, and which are so close together that a count stands for them.

Works on arrays, for thousands of places are judged at every tick.  The selected, alarmed and stale ones are always
drawn themselves, as long as that can be read.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import compress, islice
from operator import is_not
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF

from console.picture import Picture, Team
from console.views.judgement import place_old_after_ns
from console.views.situation.projection import View, to_plane_arrays

CELL_WIDTH_PX = 56.0
CELL_HEIGHT_PX = 40.0
_REACH_PX = 40.0
_TOGETHER = 3
"""So many teams in a cell are still drawn one by one."""
SPREAD_MOST = 16
_MANY = 400
"""Of more teams in the view only one a cell is drawn by itself, and cells are twice as large."""
_MOST_EXEMPT = 300
_MOST_ALONE = 500

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]


class Badge(NamedTuple):
    """``number`` teams are about here; ``stale`` of them must not look current.

    ``team_ids`` are named only where they are few enough to be spread out (``SPREAD_MOST``).
    """

    x_px: float
    y_px: float
    number: int
    stale: int
    team_ids: tuple[str, ...]

    @property
    def centre(self) -> QPointF:
        """The middle of where they are."""
        return QPointF(self.x_px, self.y_px)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathering:
    """What is drawn of a picture: teams by themselves, and badges for the rest."""

    teams: tuple[Team, ...]
    badges: tuple[Badge, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cells:
    """``of`` every place the number of its cell, and how many places every cell has."""

    of: Indices
    counts: Indices


class Crowd:
    """The places of a picture's teams as arrays; only what changed is read anew."""

    def __init__(self) -> None:
        self._teams: tuple[Team, ...] = ()
        self._east_m: Floats = np.empty(0)
        self._north_m: Floats = np.empty(0)
        self._old_after_ns: npt.NDArray[np.int64] = np.empty(0, np.int64)
        self._indices: dict[str, int] = {}
        self._ids: list[str] = []
        self._alarm_ids: dict[int, str] = {}

    def take(self, picture: Picture) -> None:
        """Read the teams of this picture."""
        teams = picture.teams
        if teams is self._teams:
            return
        before, self._teams = self._teams, teams
        if len(before) == len(teams):
            is_changed = bytes(map(is_not, before, teams))
            changed = list(compress(teams, is_changed))
            if list(compress(self._ids, is_changed)) == [team.id for team in changed]:
                self._read(np.flatnonzero(np.frombuffer(is_changed, np.bool_)), changed)
                return
        self._ids = [team.id for team in teams]
        self._alarm_ids = {}
        self._indices = {team_id: index for index, team_id in enumerate(self._ids)}
        self._east_m, self._north_m = np.empty(len(teams)), np.empty(len(teams))
        self._old_after_ns = np.empty(len(teams), np.int64)
        self._read(np.arange(len(teams)), teams)

    def _read(self, at: Indices, teams: Sequence[Team]) -> None:
        """Read these teams, which stand ``at`` these places of the arrays."""
        if not teams:
            return
        places = [team.place for team in teams]
        lat_deg = np.array([np.nan if place is None else place.lat_deg for place in places])
        lon_deg = np.array([np.nan if place is None else place.lon_deg for place in places])
        self._east_m[at], self._north_m[at] = to_plane_arrays(lat_deg, lon_deg)
        self._old_after_ns[at] = [place_old_after_ns(team) for team in teams]
        alarm_ids = [team.alarm_id for team in teams]
        if self._alarm_ids or any(alarm_ids):
            for index, alarm_id in zip(at.tolist(), alarm_ids, strict=True):
                self._alarm_ids.pop(index, None)
                if alarm_id is not None:
                    self._alarm_ids[index] = alarm_id

    def with_alarm(self, alarm_ids: Collection[str]) -> set[str]:
        """The teams that one of these alarms is about."""
        return {self._ids[index] for index, one in self._alarm_ids.items() if one in alarm_ids}

    def gather(self, view: View, now_ns: int, exempt_ids: Collection[str]) -> Gathering:
        """What is drawn of ``view`` at ``now_ns``; ``exempt_ids`` are drawn by themselves whatever lies around them."""
        scale = view.scale_px_per_m
        x = view.width_px / 2 + (self._east_m - view.centre_east_m) * scale
        y = view.height_px / 2 - (self._north_m - view.centre_north_m) * scale
        with np.errstate(invalid="ignore"):
            is_seen = (np.abs(x - view.width_px / 2) < view.width_px / 2 + _REACH_PX) & (
                np.abs(y - view.height_px / 2) < view.height_px / 2 + _REACH_PX
            )
        seen: Indices = np.flatnonzero(is_seen)
        is_stale = now_ns > self._old_after_ns[seen]
        is_exempt = np.zeros(len(seen), np.bool_)
        wanted = [self._indices[one] for one in exempt_ids if one in self._indices]
        if wanted:
            is_exempt |= np.isin(seen, np.array(wanted, np.intp))
        if np.count_nonzero(is_stale) <= _MOST_EXEMPT:
            is_exempt |= is_stale
        is_rest = ~is_exempt
        rest = seen[is_rest]
        alone, badges = self._grid(view, rest, (x[rest], y[rest]), is_stale[is_rest])
        drawn = np.concatenate([seen[is_exempt], alone])
        return Gathering(teams=tuple(self._teams[index] for index in drawn.tolist()), badges=tuple(badges))

    def _grid(
        self, view: View, rest: Indices, points: tuple[Floats, Floats], is_stale: npt.NDArray[np.bool_]
    ) -> tuple[Indices, list[Badge]]:
        """Those alone in their cell, and a badge for every other cell; cells grow until few enough are alone."""
        together, factor = (_TOGETHER, 1.0) if len(rest) <= _MANY else (1, 2.0)
        while True:
            cells = self._cells(view, rest, factor)
            is_alone = cells.counts <= together
            if cells.counts[is_alone].sum() <= _MOST_ALONE:
                break
            factor *= 2.0
        alone = rest[is_alone[cells.of]]
        return alone, [] if len(alone) == len(rest) else self._badges(rest, points, is_stale, cells, together)

    def _cells(self, view: View, rest: Indices, factor: float) -> _Cells:
        # Cells are fixed to the ground, so that a badge does not jump while the map is moved.
        if not len(rest):
            return _Cells(of=rest, counts=rest)
        scale = view.scale_px_per_m / factor
        column = np.floor(self._east_m[rest] * (scale / CELL_WIDTH_PX)).astype(np.intp)
        row = np.floor(self._north_m[rest] * (scale / CELL_HEIGHT_PX)).astype(np.intp)
        column -= column.min()
        row -= row.min()
        # All lie in one view, so there are a few thousand cells at most.
        of = row * (column.max() + 1) + column
        return _Cells(of=of, counts=np.bincount(of))

    def _badges(
        self,
        members: Indices,
        points: tuple[Floats, Floats],
        is_stale: npt.NDArray[np.bool_],
        cells: _Cells,
        together: int,
    ) -> list[Badge]:
        """Of members, their points and whether they are stale; in the order of the cells."""
        counts = cells.counts
        kept = np.flatnonzero(counts > together)
        stale = np.bincount(cells.of[is_stale], minlength=len(counts))[kept].tolist()
        x, y = (np.rint(np.bincount(cells.of, axis)[kept] / counts[kept]).tolist() for axis in points)
        named = self._named(members, cells, together)
        numbers = counts[kept].tolist()
        return [
            Badge(across, down, number, old, named.get(cell, ()))
            for cell, across, down, number, old in zip(kept.tolist(), x, y, numbers, stale, strict=True)
        ]

    def _named(self, members: Indices, cells: _Cells, together: int) -> dict[int, tuple[str, ...]]:
        """Who is in the cells whose teams can be spread out, by cell."""
        counts = cells.counts[cells.of]
        few = np.flatnonzero((counts > together) & (counts <= SPREAD_MOST))
        few = few[np.argsort(cells.of[few], kind="stable")]
        ids = iter([self._ids[index] for index in members[few].tolist()])
        numbers = np.flatnonzero((cells.counts > together) & (cells.counts <= SPREAD_MOST))
        pairs = zip(numbers.tolist(), cells.counts[numbers].tolist(), strict=True)
        return {cell: tuple(islice(ids, number)) for cell, number in pairs}
