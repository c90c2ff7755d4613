"""Which teams are drawn one by one, and which are so close together that a count stands for them.

Works on arrays, for thousands of places are judged at every tick.  The selected, alarmed and stale ones are always
drawn themselves, as long as that can be read.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

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


class Crowd:
    """The places of a picture's teams as arrays; only what changed is read anew."""

    def __init__(self) -> None:
        self._teams: tuple[Team, ...] = ()
        self._east_m: Floats = np.empty(0)
        self._north_m: Floats = np.empty(0)
        self._old_after_ns: npt.NDArray[np.int64] = np.empty(0, np.int64)
        self._indices: dict[str, int] = {}

    def take(self, picture: Picture) -> None:
        """Read the teams of this picture."""
        teams = picture.teams
        if teams is self._teams:
            return
        before, self._teams = self._teams, teams
        if len(before) == len(teams):
            changed = [index for index, (old, new) in enumerate(zip(before, teams, strict=True)) if old is not new]
            is_same = all(before[index].id == teams[index].id for index in changed)
        else:
            is_same = False
        if not is_same:
            changed = list(range(len(teams)))
            self._indices = {team.id: index for index, team in enumerate(teams)}
            self._east_m, self._north_m = np.empty(len(teams)), np.empty(len(teams))
            self._old_after_ns = np.empty(len(teams), np.int64)
        if changed:
            self._read(changed)

    def _read(self, changed: list[int]) -> None:
        rows = [self._teams[index] for index in changed]
        nowhere = (np.nan, np.nan)
        degrees = [(team.place.lat_deg, team.place.lon_deg) if team.place is not None else nowhere for team in rows]
        table = np.array(degrees, np.float64).reshape(-1, 2)
        at = np.array(changed, np.intp)
        self._east_m[at], self._north_m[at] = to_plane_arrays(table[:, 0], table[:, 1])
        self._old_after_ns[at] = np.fromiter((place_old_after_ns(team) for team in rows), np.int64, len(rows))

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
            cells, counts = self._cells(view, rest, factor)
            is_alone = counts[cells] <= together
            if np.count_nonzero(is_alone) <= _MOST_ALONE:
                break
            factor *= 2.0
        return rest[is_alone], self._badges(rest, points, is_stale, cells, counts > together)

    def _cells(self, view: View, rest: Indices, factor: float) -> tuple[Indices, Indices]:
        # Cells are fixed to the ground, so that a badge does not jump while the map is moved.
        scale = view.scale_px_per_m / factor
        column = np.floor(self._east_m[rest] * scale / CELL_WIDTH_PX).astype(np.int64)
        row = np.floor(self._north_m[rest] * scale / CELL_HEIGHT_PX).astype(np.int64)
        _, cells, counts = np.unique((row << 32) + column, return_inverse=True, return_counts=True)
        return cells, counts

    def _badges(
        self,
        rest: Indices,
        points: tuple[Floats, Floats],
        is_stale: npt.NDArray[np.bool_],
        cells: Indices,
        is_badge: npt.NDArray[np.bool_],
    ) -> list[Badge]:
        total = len(is_badge)
        if not is_badge.any():
            return []
        counts = np.bincount(cells, minlength=total)
        stale = np.bincount(cells, weights=is_stale, minlength=total)
        x, y = (np.rint(np.bincount(cells, weights=axis, minlength=total) / counts) for axis in points)
        order = np.argsort(cells, kind="stable")
        ends = np.cumsum(counts)
        return [
            Badge(
                centre=QPointF(x[cell], y[cell]),
                count=int(counts[cell]),
                stale=int(stale[cell]),
                team_ids=self._named(rest[order[ends[cell] - counts[cell] : ends[cell]]]),
            )
            for cell in np.flatnonzero(is_badge).tolist()
        ]

    def _named(self, members: Indices) -> tuple[str, ...]:
        return () if len(members) > SPREAD_MOST else tuple(self._teams[index].id for index in members.tolist())
