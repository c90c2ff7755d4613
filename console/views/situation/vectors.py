"""Roads, waters, boundaries and names of vector layers, drawn in the map's colours.

Each zoom shows what is important enough for it, from points thinned for it, and only what lies in the view.  All lines
of a kind and rank are one path, handed to Qt as octets: point by point it takes twenty times as long.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QByteArray, QDataStream, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath

from console.picture import Picture
from console.vectors.layer import Group, Kind, Paths, Points, VectorLayer, pixel_m
from console.vectors.store import LayerStore
from console.views.situation.projection import View
from console.views.speech import Speech
from console.views.theme import Metric, Size, Theme

_ELEMENT = np.dtype([("type", ">i4"), ("x", ">f8"), ("y", ">f8")])
_FROM_ZOOM: dict[Kind, tuple[float, ...]] = {
    "road": (5.0, 8.0, 10.0, 11.0, 12.5),
    "rail": (8.0, 9.0, 10.0, 11.0, 13.0),
    "river": (6.0, 7.5, 11.0, 12.0, 12.5),
    "water": (7.0, 9.0, 10.0, 11.0, 12.0),
    "boundary": (5.0, 6.0, 7.5, 10.5, 12.0),
    "name": (5.0, 8.0, 10.0, 12.0, 13.5),
    "other": (5.0, 7.0, 9.0, 11.0, 13.0),
}
_LINE_NAMES_FROM: dict[Kind, tuple[float, ...]] = {
    "road": (11.0, 12.5, 13.5, 14.5, 15.5),
    "river": (9.0, 10.5, 13.0, 14.0, 14.5),
    "water": (11.0, 12.0, 13.0, 14.0, 15.0),
    "other": (10.0, 11.0, 12.0, 13.0, 14.0),
}
_ORDER: tuple[Kind, ...] = ("water", "river", "boundary", "rail", "road", "other", "name")
_LEAST_PX = 1.5
"""A line or ring smaller than this is not drawn: it would be a dot."""
_MOST_NAMES = 160
_DOT_PX = 2.5
_THIN_PX = 1.0
"""Up to this width Qt draws pixels along a line and strokes nothing: thousands of small roads in some milliseconds."""
_WIDE_FROM = (7.0, 10.5, 12.5, 13.5, 14.5)


class Label(NamedTuple):
    """A name to be put at a place of the view, the most important first."""

    order: int
    x_px: float
    y_px: float
    words: str
    tone: str


class Vectors:
    """A layer of the map: everything that the store has read."""

    def __init__(self, store: LayerStore) -> None:
        self.store = store
        self.is_shown = True

    @property
    def has_roads(self) -> bool:
        """Whether roads are shown now."""
        return self.is_shown and any(layer.has_roads for layer in self.store.layers)

    @property
    def is_doubtful(self) -> bool:
        """Whether a layer is shown whose datum nobody knows."""
        return self.is_shown and any(layer.datum == "unknown" for layer in self.store.layers)

    def words(self, speech: Speech) -> list[str]:
        """What is drawn of layers: their names, with the datum where it is not known; then which cannot be read."""
        layers = self.store.layers if self.is_shown else ()
        names = [
            speech.say("vectors.datum_unknown", name=layer.name) if layer.datum == "unknown" else layer.name
            for layer in layers
        ]
        said = [speech.say("vectors.drawn", names=speech.say("import.comma").join(names))] if names else []
        return [*said, *(trouble.sentence(speech.language) for _, trouble in self.store.broken)]

    def key(self, picture: Picture, view: View, now_ns: int) -> object:
        """Drawn anew when another layer was read."""
        del picture, view, now_ns
        return (self.is_shown, tuple(id(layer) for layer in self.store.layers))

    def draw(self, painter: QPainter, picture: Picture, view: View, theme: Theme, speech: Speech, now_ns: int) -> None:
        """Draw all layers: areas and lines from the lowest kind up, then the names that fit."""
        del picture, speech, now_ns
        layers = self.store.layers if self.is_shown else ()
        box_m = _box_m(view)
        labels: list[Label] = []
        for kind in _ORDER:
            for group in _ordered(layers, kind):
                if view.zoom >= _FROM_ZOOM[kind][group.rank]:
                    _draw_group(painter, group, view, box_m, theme)
                    labels.extend(_line_labels(group, view, box_m))
        for layer in layers:
            for points in layer.points:
                if view.zoom >= _FROM_ZOOM[points.kind][points.rank]:
                    labels.extend(_draw_points(painter, points, view, box_m, theme))
        _draw_labels(painter, labels, view, theme)


def _ordered(layers: tuple[VectorLayer, ...], kind: Kind) -> list[Group]:
    """The groups of this kind, the least important first: the others are drawn over them."""
    return sorted((one for layer in layers for one in layer.groups if one.kind == kind), key=lambda one: -one.rank)


def _box_m(view: View) -> tuple[float, float, float, float]:
    wide, high = view.width_px / 2 / view.scale_px_per_m, view.height_px / 2 / view.scale_px_per_m
    return (
        view.centre_east_m - wide,
        view.centre_north_m - high,
        view.centre_east_m + wide,
        view.centre_north_m + high,
    )


def _seen(group: Group, view: View, box_m: tuple[float, float, float, float]) -> NDArray[np.intp]:
    """Which lines lie in the view and are more than a dot."""
    west, south, east, north = box_m
    boxes = group.boxes_m
    is_in = (boxes[:, 0] <= east) & (boxes[:, 2] >= west) & (boxes[:, 1] <= north) & (boxes[:, 3] >= south)
    least_m = _LEAST_PX * pixel_m(view.zoom)
    is_large = (boxes[:, 2] - boxes[:, 0] >= least_m) | (boxes[:, 3] - boxes[:, 1] >= least_m)
    return np.flatnonzero(is_in & is_large)


def path_of(paths: Paths, chosen: NDArray[np.intp], view: View) -> QPainterPath:
    """The chosen lines as one path in pixels of the view."""
    firsts, lasts = paths.starts[chosen], paths.starts[chosen + 1]
    lengths = lasts - firsts
    total = int(lengths.sum())
    if not total:
        return QPainterPath()
    begins = np.concatenate(([0], np.cumsum(lengths)[:-1]))
    index = np.arange(total) - np.repeat(begins - firsts, lengths)
    scale = view.scale_px_per_m
    elements = np.empty(total, dtype=_ELEMENT)
    elements["type"] = 1
    elements["type"][begins] = 0
    elements["x"] = view.width_px / 2 + (paths.points_m[index, 0] - view.centre_east_m) * scale
    elements["y"] = view.height_px / 2 - (paths.points_m[index, 1] - view.centre_north_m) * scale
    octets = total.to_bytes(4, "big") + elements.tobytes() + int(begins[-1]).to_bytes(4, "big") + bytes(4)
    path = QPainterPath()
    held = QByteArray(octets)  # the stream only points to it
    stream = QDataStream(held)
    stream >> path
    return path


def _draw_group(
    painter: QPainter, group: Group, view: View, box_m: tuple[float, float, float, float], theme: Theme
) -> None:
    chosen = _seen(group, view, box_m)
    if not len(chosen):
        return
    path = path_of(group.at(view.zoom), chosen, view)
    palette = theme.palette
    painter.setBrush(Qt.BrushStyle.NoBrush)
    match group.kind:
        case "water":
            painter.setPen(theme.pen(palette.map_river_edge, Metric.HAIRLINE))
            painter.setBrush(palette.map_river if group.is_area else Qt.BrushStyle.NoBrush)
        case "river":
            share = (0.4, 0.3, 0.2, 0.15, 0.12)[group.rank] * _width_share(view)
            painter.setPen(theme.pen(palette.map_river_edge, max(Metric.HAIRLINE, Metric.RIVER * share)))
        case "boundary":
            width = Metric.STROKE if group.rank <= 2 else Metric.HAIRLINE
            painter.setPen(theme.pen(palette.faint, width, Qt.PenStyle.DashDotLine))
        case "rail":
            painter.setPen(theme.pen(palette.map_name, Metric.HAIRLINE, Qt.PenStyle.DashLine))
        case "road":
            painter.setPen(theme.pen(*_road(group.rank, view, theme)))
        case _:
            painter.setPen(theme.pen(palette.map_name, Metric.STROKE))
    if group.kind == "water" or painter.pen().widthF() <= _THIN_PX:
        painter.drawPath(path)
        return
    # A wide pen along one long path crosses itself everywhere, and Qt reckons all of that: fifteen times as slow.
    for line in path.toSubpathPolygons():
        painter.drawPolyline(line)


def _width_share(view: View) -> float:
    """Lines grow with the scale, up to their whole width at zoom 14."""
    return float(np.clip((view.zoom - 6.0) / 8.0, 0.35, 1.0))


def _road(rank: int, view: View, theme: Theme) -> tuple[QColor, float]:
    colour = theme.palette.map_road if rank <= 2 else theme.palette.map_road_minor
    if view.zoom < _WIDE_FROM[rank]:
        return colour, _THIN_PX / theme.scale
    major = Metric.ROAD_MAJOR * _width_share(view) * (1.2 - 0.25 * rank)
    return colour, max(Metric.STROKE, major) if rank <= 2 else Metric.ROAD_MINOR


def _line_labels(group: Group, view: View, box_m: tuple[float, float, float, float]) -> list[Label]:
    """One label a name: at the middle of its largest piece in the view."""
    froms = _LINE_NAMES_FROM.get(group.kind)
    if froms is None or view.zoom < froms[group.rank]:
        return []
    best: dict[str, tuple[float, int]] = {}
    boxes = group.boxes_m
    for index in _seen(group, view, box_m).tolist():
        name = group.names[index]
        size = max(boxes[index, 2] - boxes[index, 0], boxes[index, 3] - boxes[index, 1])
        if name and size > best.get(name, (0.0, 0))[0]:
            best[name] = (float(size), index)
    tone = "map_river_name" if group.kind in {"river", "water"} else "map_name"
    labels = []
    for name, (size, index) in best.items():
        points = group.paths.points_m[group.paths.starts[index] : group.paths.starts[index + 1]]
        west, south, east, north = box_m
        inside = points[
            (points[:, 0] >= west) & (points[:, 0] <= east) & (points[:, 1] >= south) & (points[:, 1] <= north)
        ]
        if len(inside) and size > 40 * pixel_m(view.zoom):
            middle = points.mean(axis=0) if group.is_area else inside[len(inside) // 2]
            point = view.plane_point(float(middle[0]), float(middle[1]))
            labels.append(Label(10 + group.rank, point.x(), point.y(), name, tone))
    return labels


def _draw_points(
    painter: QPainter, points: Points, view: View, box_m: tuple[float, float, float, float], theme: Theme
) -> list[Label]:
    """Dots for what is no mere name; the labels of all."""
    west, south, east, north = box_m
    x, y = points.places_m[:, 0], points.places_m[:, 1]
    chosen = np.flatnonzero((x >= west) & (x <= east) & (y >= south) & (y <= north))[: _MOST_NAMES * 4]
    labels = []
    radius = _DOT_PX * theme.scale
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.palette.map_name)
    for index in chosen.tolist():
        point = view.plane_point(float(x[index]), float(y[index]))
        if points.kind != "name":
            painter.drawEllipse(point, radius, radius)
            point += QPointF(0, theme.metrics(Size.SMALL).height() * 0.8)
        if points.names[index]:
            labels.append(Label(points.rank, point.x(), point.y(), points.names[index], "map_name"))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    return labels


def _draw_labels(painter: QPainter, labels: list[Label], view: View, theme: Theme) -> None:
    """Those that find room, the most important first, with a rim in the colour of the ground."""
    size = Size.SMALL
    painter.setFont(theme.font(size))
    metrics = theme.metrics(size)
    height, ascent = metrics.height(), metrics.ascent()
    taken: list[QRectF] = []
    for label in sorted(labels)[: _MOST_NAMES * 2]:
        width = metrics.horizontalAdvance(label.words) + theme.space(2)
        rect = QRectF(round(label.x_px - width / 2), round(label.y_px - height / 2), width, height)
        if len(taken) >= _MOST_NAMES or not view.rect().contains(rect) or any(rect.intersects(one) for one in taken):
            continue
        taken.append(rect)
        at = QPointF(rect.left() + theme.space(1), rect.top() + ascent)
        painter.setPen(theme.palette.map_ground)
        for shift in (QPointF(1, 1), QPointF(-1, -1), QPointF(1, -1), QPointF(-1, 1)):
            painter.drawText(at + shift, label.words)
        painter.setPen(getattr(theme.palette, label.tone))
        painter.drawText(at, label.words)
