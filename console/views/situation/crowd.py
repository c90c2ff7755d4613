"""Which teams are drawn one by one, and which are so close together that a count stands for them.

Works on arrays, for thousands of places are judged at every tick.  The selected, alarmed and stale ones are always
drawn themselves, as long as that can be read.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from itertools import compress
from operator import is_not

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Badge:
    """So many teams are about here; ``stale`` of them must not look current.

    ``team_ids`` are named only where they are few enough to be spread out (``SPREAD_MOST``).
    """

    centre: QPointF
    count: int
    stale: int
    team_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathering:
    """What is drawn of a picture: teams by themselves, and badges for the rest."""

    teams: tuple[Team, ...]
    badges: tuple[Badge, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cells:
    """Places by cell: ``order`` sorts them so, every cell begins at one of ``starts`` and has one of ``counts``."""

    order: Indices
    starts: Indices
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
        changed = list(compress(range(len(teams)), map(is_not, before, teams)))
        if len(before) != len(teams) or [self._ids[index] for index in changed] != [
            teams[index].id for index in changed
        ]:
            changed = list(range(len(teams)))
            self._ids = [team.id for team in teams]
            self._alarm_ids = {}
            self._indices = {team_id: index for index, team_id in enumerate(self._ids)}
            self._east_m, self._north_m = np.empty(len(teams)), np.empty(len(teams))
            self._old_after_ns = np.empty(len(teams), np.int64)
        if changed:
            self._read(changed)

    def _read(self, changed: list[int]) -> None:
        at = np.array(changed, np.intp)
        lat_deg, lon_deg, old_after_ns = [], [], []
        for index in changed:
            team = self._teams[index]
            place = team.place
            lat_deg.append(np.nan if place is None else place.lat_deg)
            lon_deg.append(np.nan if place is None else place.lon_deg)
            old_after_ns.append(place_old_after_ns(team))
            if team.alarm_id is not None:
                self._alarm_ids[index] = team.alarm_id
            else:
                self._alarm_ids.pop(index, None)
        self._east_m[at], self._north_m[at] = to_plane_arrays(np.array(lat_deg), np.array(lon_deg))
        self._old_after_ns[at] = old_after_ns

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
        rest = seen[~is_exempt]
        alone, badges = self._grid(view, rest, (x[rest], y[rest]), is_stale[~is_exempt])
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
        order = cells.order
        alone = rest[np.sort(order[np.repeat(is_alone, cells.counts)])]
        return alone, self._badges(rest[order], (points[0][order], points[1][order]), is_stale[order], cells, together)

    def _cells(self, view: View, rest: Indices, factor: float) -> _Cells:
        # Cells are fixed to the ground, so that a badge does not jump while the map is moved.
        scale = view.scale_px_per_m / factor
        column = np.floor(self._east_m[rest] * (scale / CELL_WIDTH_PX)).astype(np.int64)
        row = np.floor(self._north_m[rest] * (scale / CELL_HEIGHT_PX)).astype(np.int64)
        if not len(rest):
            return _Cells(order=rest, starts=rest, counts=rest)
        column, row = column - column.min(), row - row.min()
        # Cell and index in one number: sorting numbers is many times faster than sorting indices by them.
        bits = len(rest).bit_length()
        ordered = np.sort(((row * (column.max() + 1) + column) << bits) + np.arange(len(rest)))
        order, cell = ordered & ((1 << bits) - 1), ordered >> bits
        starts = np.flatnonzero(np.concatenate([[True], cell[1:] != cell[:-1]]))
        return _Cells(order=order, starts=starts, counts=np.diff(starts, append=len(rest)))

    def _badges(
        self,
        members: Indices,
        points: tuple[Floats, Floats],
        is_stale: npt.NDArray[np.bool_],
        cells: _Cells,
        together: int,
    ) -> list[Badge]:
        """Of members, their points and whether they are stale in the order of the cells."""
        is_badge = cells.counts > together
        if not is_badge.any():
            return []
        stale = np.add.reduceat(is_stale, cells.starts, dtype=np.intp)
        x, y = (np.rint(np.add.reduceat(axis, cells.starts) / cells.counts) for axis in points)
        columns = (cells.starts, cells.counts, stale, x, y)
        return [
            Badge(
                centre=QPointF(across, down),
                count=count,
                stale=old,
                team_ids=self._named(members[start : start + count]) if count <= SPREAD_MOST else (),
            )
            for start, count, old, across, down in zip(*(one[is_badge].tolist() for one in columns), strict=True)
        ]

    def _named(self, members: Indices) -> tuple[str, ...]:
        return tuple([self._ids[index] for index in members.tolist()])
