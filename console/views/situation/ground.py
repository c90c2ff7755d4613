"""What lies under the teams: the graticule with its datum, and in a drill the sketch of the country."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import ceil, floor

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QRegion

from console.i18n import Language
from console.views.situation.projection import View
from console.views.situation.sketch import Line, drill_sketch
from console.views.situation.stamps import Stamps, Writing
from console.views.theme import Metric, Size, Theme

_ANGLES = Writing(Size.TINY)
_LEAST_SPACING_PX = 110.0
_ANGLE_WIDTH = 18.0
"""What the degrees of a line take, in spacing units."""
_STEPS_DEG = tuple(
    step / 3600 for step in (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 18_000, 36_000)
)


def graticule_step_deg(view: View, spacing_px: float = _LEAST_SPACING_PX) -> float:
    """The distance of the lines: the smallest round step that keeps them ``spacing_px`` apart."""
    west = view.degrees_at(QPointF(0, 0))[1]
    east = view.degrees_at(QPointF(spacing_px, 0))[1]
    return next((step for step in _STEPS_DEG if step >= east - west), _STEPS_DEG[-1])


def _lines(view: View, theme: Theme) -> tuple[list[float], list[float]]:
    step = graticule_step_deg(view, _LEAST_SPACING_PX * theme.scale)
    north, west = view.degrees_at(QPointF(0, 0))
    south, east = view.degrees_at(QPointF(view.width_px, view.height_px))
    lats = [index * step for index in range(floor(south / step), ceil(north / step) + 1)]
    lons = [index * step for index in range(floor(west / step), ceil(east / step) + 1)]
    return lats, lons


def draw_graticule(painter: QPainter, view: View, theme: Theme) -> None:
    """Lines of equal latitude and longitude."""
    lats, lons = _lines(view, theme)
    painter.setPen(theme.pen(theme.palette.map_line, Metric.HAIRLINE))
    for lat in lats:
        y = view.point(lat, lons[0]).y()
        painter.drawLine(QPointF(0, y), QPointF(view.width_px, y))
    for lon in lons:
        x = view.point(lats[0], lon).x()
        painter.drawLine(QPointF(x, 0), QPointF(x, view.height_px))


def draw_graticule_labels(
    painter: QPainter, view: View, theme: Theme, stamps: Stamps, region: QRegion, obstacles: Sequence[QRectF] = ()
) -> None:
    """The degrees of the lines along the left and the upper edge that touch ``region``; none under ``obstacles``."""
    lats, lons = _lines(view, theme)
    height, ascent = theme.metrics(Size.TINY).height(), theme.metrics(Size.TINY).ascent()
    edge, width, widest = theme.space(1), theme.space(_ANGLE_WIDTH), theme.space(2 * _ANGLE_WIDTH)
    foot = theme.space(28)
    faint = theme.palette.faint
    for lat in lats:
        y = view.point(lat, lons[0]).y()
        line = QRectF(0, y - edge - ascent, width, height)
        reach = QRect(0, floor(line.top()), widest, ceil(height) + 1)
        if not height * 2 < y < view.height_px - foot or not region.intersects(reach):
            continue
        if not any(line.intersects(one) for one in obstacles):
            at = QPointF(edge, round(y - edge - ascent))
            stamps.words(painter, at, angle_words(lat, "N", "S"), faint, _ANGLES, height)
    for lon in lons:
        x = view.point(lats[0], lon).x()
        if 0 < x < view.width_px and region.intersects(QRect(floor(x), edge, widest, ceil(height) + 1)):
            at = QPointF(round(x + edge), edge)
            stamps.words(painter, at, angle_words(lon, "E", "W"), faint, _ANGLES, height)


def angle_words(value_deg: float, positive: str, negative: str) -> str:
    """``N 34°24′`` or, between whole minutes, ``N 34°24′30″``."""
    seconds = round(abs(value_deg) * 3600)
    degrees, rest = divmod(seconds, 3600)
    minutes, second = divmod(rest, 60)
    tail = f"{second:02d}″" if second else ""
    return f"{positive if value_deg >= 0 else negative} {degrees}°{minutes:02d}′{tail}"


def _path(line: Line, view: View) -> QPainterPath:
    points = [view.point(lat, lon) for lon, lat in line.points]
    path = QPainterPath(points[0])
    for here, after in pairwise(points[1:]):
        path.quadTo(here, QPointF((here.x() + after.x()) / 2, (here.y() + after.y()) / 2))
    path.lineTo(points[-1])
    return path


def draw_sketch(painter: QPainter, view: View, theme: Theme, language: Language) -> list[QRectF]:
    """Rivers, roads and names; gives where the names stand."""
    palette = theme.palette
    sketch = drill_sketch()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    rivers = [_path(river, view) for river in sketch.rivers]
    for colour, width in ((palette.map_river_edge, Metric.RIVER * 1.4), (palette.map_river, Metric.RIVER)):
        painter.setPen(theme.pen(colour, width))
        for path in rivers:
            painter.drawPath(path)
    for road in sorted(sketch.roads, key=lambda line: line.is_major):
        colour = palette.map_road if road.is_major else palette.map_road_minor
        painter.setPen(theme.pen(colour, Metric.ROAD_MAJOR if road.is_major else Metric.ROAD_MINOR))
        painter.drawPath(_path(road, view))
    painter.setFont(theme.font(Size.BODY))
    named: list[QRectF] = []
    for name in sketch.names:
        words = name.zh if language == "zh" else name.en
        painter.setPen(palette.map_river_name if name.is_water else palette.map_name)
        width = painter.fontMetrics().horizontalAdvance(words) + theme.space(2)
        centre = view.point(name.lat_deg, name.lon_deg)
        height = painter.fontMetrics().height()
        rect = QRectF(centre.x() - width / 2, centre.y() - height / 2, width, height)
        painter.drawText(rect, int(Qt.AlignmentFlag.AlignCenter), words)
        named.append(rect)
    return named
