"""The grids of the map: graticule, 3-degree kilometre grid, MGRS and BeiDou grid, one at a time.

Where a grid has zones, each is drawn up to its edge and the edge itself is drawn: at 114°E UTM squares and BeiDou
cells of six degrees begin anew, and lines that ran on would name places wrongly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, cos, floor, radians
from typing import Literal, get_args

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPolygonF

from console.coordinates.beidou_grid import code_of
from console.coordinates.grids import Kind, Zone, from_grid, mgrs_of, numbered, to_grid, zone_at
from console.picture import Picture
from console.views.situation.projection import View
from console.views.situation.ruler import draw_plate
from console.views.speech import Speech
from console.views.theme import Metric, Size, Theme

Grid = Literal["graticule", "gauss", "mgrs", "beidou"]
GRIDS: tuple[Grid, ...] = get_args(Grid)
LEAST_SPACING_PX = 110.0
_STEPS_M = (100.0, 200.0, 500.0, 1_000.0, 2_000.0, 5_000.0, 10_000.0, 20_000.0, 50_000.0, 100_000.0)
_POINTS = 24
_MOST_LINES = 120
_WIDEST_DEG = 12.0
_BEIDOU_CELLS: tuple[tuple[int, float, float], ...] = (
    (5, 4 / 3600, 4 / 3600),
    (4, 1 / 60, 1 / 60),
    (3, 1 / 4, 1 / 6),
    (2, 1 / 2, 1 / 2),
    (1, 6.0, 4.0),
)
"""Level, width and height of a cell in degrees."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of a grid in degrees, what it is called, and whether a zone ends at it."""

    places: tuple[tuple[float, float], ...]
    words: str = ""
    is_edge: bool = False
    is_upright: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A cell of a grid: its middle in degrees, and its name."""

    lat_deg: float
    lon_deg: float
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What is seen, in degrees."""

    south_deg: float
    north_deg: float
    west_deg: float
    east_deg: float


def bounds_of(view: View) -> Bounds:
    """The rectangle of a view."""
    north, west = view.degrees_at(QPointF(0, 0))
    south, east = view.degrees_at(QPointF(view.width_px, view.height_px))
    return Bounds(south_deg=south, north_deg=north, west_deg=west, east_deg=east)


def step_m(view: View, spacing_px: float) -> float:
    """The distance of the lines of a grid in metres: the least round one that keeps them ``spacing_px`` apart."""
    bounds = bounds_of(view)
    middle = radians((bounds.south_deg + bounds.north_deg) / 2)
    least = spacing_px / view.scale_px_per_m * cos(middle)
    return next((step for step in _STEPS_M if step >= least), _STEPS_M[-1])


# ---- grids in metres


def metric_lines(kind: Kind, bounds: Bounds, step: float) -> list[Line]:
    """The lines of every zone that is seen, each within its zone, and the edges between them."""
    lines: list[Line] = []
    for zone, west, east in _zones(kind, bounds):
        if west > bounds.west_deg:
            edge = ((bounds.south_deg, west), (bounds.north_deg, west))
            lines.append(Line(places=edge, is_edge=True, is_upright=True))
        lines.extend(_zone_lines(zone, bounds, (west, east), step))
    return lines


def _zones(kind: Kind, bounds: Bounds) -> Iterator[tuple[Zone, float, float]]:
    if bounds.east_deg - bounds.west_deg > _WIDEST_DEG:
        return
    middle = (bounds.south_deg + bounds.north_deg) / 2
    west = bounds.west_deg
    while west < bounds.east_deg:
        zone = zone_at(kind, middle, west + 1e-9)
        if zone is None:
            return
        east = min(bounds.east_deg, zone.central_deg + zone.half_width_deg)
        if east <= west:  # beyond the last zone, where the world ends
            return
        yield zone, west, east
        west = east


def _zone_lines(zone: Zone, bounds: Bounds, span: tuple[float, float], step: float) -> Iterator[Line]:
    corners = [to_grid(zone, lat, lon) for lat in (bounds.south_deg, bounds.north_deg) for lon in span]
    # The northernmost point of a parallel lies at the edge farther from the meridian; the middle may lie lowest.
    middle = max(span[0], min(span[1], float(zone.central_deg)))
    corners += [to_grid(zone, lat, middle) for lat in (bounds.south_deg, bounds.north_deg)]
    known = [corner for corner in corners if corner is not None]
    if not known:
        return
    eastings, northings = [one[0] for one in known], [one[1] for one in known]
    for is_upright, across, along in ((True, eastings, northings), (False, northings, eastings)):
        first, last = ceil(min(across) / step), floor(max(across) / step)
        if last - first > _MOST_LINES:
            continue
        for index in range(first, last + 1):
            places = _along(zone, index * step, (min(along), max(along)), is_upright=is_upright)
            inside = tuple(_within(list(places), span))
            if len(inside) >= 2:
                yield Line(places=inside, words=_metres(zone, index * step, step, is_upright), is_upright=is_upright)


def _along(
    zone: Zone, value_m: float, span_m: tuple[float, float], *, is_upright: bool
) -> Iterator[tuple[float, float]]:
    for index in range(_POINTS + 1):
        other = span_m[0] + (span_m[1] - span_m[0]) * index / _POINTS
        place = from_grid(zone, *((value_m, other) if is_upright else (other, value_m)))
        if place is not None:
            yield place


def _within(places: Sequence[tuple[float, float]], span: tuple[float, float]) -> Iterator[tuple[float, float]]:
    """What lies between two longitudes, cut at them."""
    for index, here in enumerate(places):
        if span[0] <= here[1] <= span[1]:
            yield here
        if index + 1 == len(places):
            return
        after = places[index + 1]
        for edge in span if here[1] < after[1] else reversed(span):
            if min(here[1], after[1]) < edge < max(here[1], after[1]):
                share = (edge - here[1]) / (after[1] - here[1])
                yield here[0] + share * (after[0] - here[0]), edge


def _metres(zone: Zone, value_m: float, step: float, is_upright: bool) -> str:  # noqa: FBT001 - as Line has it
    """In whole kilometres where the lines are that far apart; eastings of Gauss-Krueger with the zone's number."""
    value = numbered(zone, value_m) if is_upright and zone.kind != "utm" else value_m
    return f"{value / 1000:.0f}" if step >= 1000 else f"{value / 1000:.1f}"


def mgrs_cells(bounds: Bounds, lines: Sequence[Line], step: float) -> list[Cell]:
    """The names of the squares of 100 km that are seen, each once, in the middle of what is seen of it."""
    del lines, step
    found: dict[str, list[tuple[float, float]]] = {}
    for row in range(_POINTS + 1):
        for column in range(_POINTS + 1):
            lat = bounds.south_deg + (bounds.north_deg - bounds.south_deg) * row / _POINTS
            lon = bounds.west_deg + (bounds.east_deg - bounds.west_deg) * column / _POINTS
            square = mgrs_of(lat, lon, 1)
            if square is not None:
                found.setdefault(square[:-2], []).append((lat, lon))
    return [
        Cell(
            lat_deg=sum(place[0] for place in places) / len(places),
            lon_deg=sum(place[1] for place in places) / len(places),
            words=name,
        )
        for name, places in found.items()
    ]


# ---- the BeiDou grid


def beidou_level(view: View, spacing_px: float) -> tuple[int, float, float]:
    """The finest level whose cells are ``spacing_px`` wide, with their width and height in degrees."""
    bounds = bounds_of(view)
    px_per_deg = view.width_px / (bounds.east_deg - bounds.west_deg)
    return next((cell for cell in _BEIDOU_CELLS if cell[1] * px_per_deg >= spacing_px), _BEIDOU_CELLS[-1])


def beidou_grid(bounds: Bounds, cell: tuple[int, float, float]) -> tuple[list[Line], list[Cell]]:
    """The cells' edges and their codes; edges of the cells of six by four degrees are edges of zones."""
    level, width, height = cell
    lines, cells = [], []
    lons = range(floor(bounds.west_deg / width), ceil(bounds.east_deg / width) + 1)
    lats = range(floor(bounds.south_deg / height), ceil(bounds.north_deg / height) + 1)
    if len(lons) > _MOST_LINES or len(lats) > _MOST_LINES:
        return [], []
    for index in lons:
        lon = index * width
        places = ((bounds.south_deg, lon), (bounds.north_deg, lon))
        lines.append(Line(places=places, is_edge=_is_multiple(lon, 6.0), is_upright=True))
    for index in lats:
        lat = index * height
        lines.append(Line(places=((lat, bounds.west_deg), (lat, bounds.east_deg)), is_edge=_is_multiple(lat, 4.0)))
    for row in lats:
        for column in lons:
            lat, lon = (row + 0.5) * height, (column + 0.5) * width
            code = code_of(lat, lon, level)
            if code is not None:
                cells.append(Cell(lat_deg=lat, lon_deg=lon, words=code))
    return lines, cells


def _is_multiple(value: float, of: float) -> bool:
    return abs(value / of - round(value / of)) < 1e-9


# ---- the layer


class GridLayer:
    """Draws the grid chosen; the graticule alone is always there and is drawn by the map itself."""

    def __init__(self, grid: Grid = "graticule") -> None:
        self.grid = grid

    def next(self) -> Grid:
        """Choose the one after."""
        self.grid = GRIDS[(GRIDS.index(self.grid) + 1) % len(GRIDS)]
        return self.grid

    def key(self, picture: Picture, view: View, now_ns: int) -> object:
        """Which grid it is; its spacing goes with the zoom."""
        del picture, view, now_ns
        return self.grid

    def draw(self, painter: QPainter, picture: Picture, view: View, theme: Theme, speech: Speech, now_ns: int) -> None:
        """Lines with their figures, then the names of cells."""
        del picture, now_ns
        if self.grid == "graticule":
            return
        lines, cells = self.content(view, LEAST_SPACING_PX * theme.scale)
        for line in lines:
            points = [view.point(*place) for place in line.places]
            painter.setPen(
                theme.pen(theme.palette.warn, Metric.STROKE_BOLD, Qt.PenStyle.DashLine)
                if line.is_edge
                else theme.pen(theme.palette.faint, Metric.HAIRLINE)
            )
            painter.drawPolyline(QPolygonF(points))
        for line in lines:
            draw_names(painter, line, view, theme, speech)
        for cell in cells:
            draw_plate(painter, view.point(cell.lat_deg, cell.lon_deg), cell.words, theme, "dim", Size.TINY)

    def content(self, view: View, spacing_px: float) -> tuple[list[Line], list[Cell]]:
        """The lines and the named cells that are seen."""
        bounds = bounds_of(view)
        if self.grid == "beidou":
            return beidou_grid(bounds, beidou_level(view, spacing_px * 1.6))
        step = step_m(view, spacing_px)
        kind: Kind = "gk3" if self.grid == "gauss" else "utm"
        lines = metric_lines(kind, bounds, step)
        return lines, mgrs_cells(bounds, lines, step) if self.grid == "mgrs" and lines else []


def draw_names(painter: QPainter, line: Line, view: View, theme: Theme, speech: Speech) -> None:
    """The figure of a line every few hundred pixels, so that one is seen wherever the map is dragged."""
    points = [view.point(*place) for place in line.places]
    if line.is_edge:
        place = line.places[0]
        words = speech.say("situation.grid.edge", lon=f"{place[1]:g}") if line.is_upright else ""
    else:
        axis = "easting" if line.is_upright else "northing"
        words = speech.say(f"situation.grid.{axis}", value=line.words) if line.words else ""
    if not words or len(points) < 2:
        return
    at: Callable[[QPointF], float] = (lambda point: point.y()) if line.is_upright else (lambda point: point.x())
    gap = theme.space(60)
    last: float | None = None
    for point in _fine(points, gap / 2):
        if last is None or abs(at(point) - last) >= gap:
            last = at(point)
            draw_plate(painter, point, words, theme, "warn" if line.is_edge else "dim", Size.TINY)


def _fine(points: Sequence[QPointF], most_px: float) -> Iterator[QPointF]:
    """The points, with more between them where they lie far apart."""
    for begin, end in pairwise(points):
        parts = max(1, ceil((end - begin).manhattanLength() / most_px))
        for index in range(parts):
            yield begin + (end - begin) * (index / parts)
