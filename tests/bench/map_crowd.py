"""Thousands of teams for the map's bench, and the same by two ready-made canvases."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsView, QWidget

from console.picture import Team, TrailPoint
from console.views.situation.projection import View, to_plane
from tests.views.pictures import NOW, S, place, team

WIDTH, HEIGHT = 1920, 1080
TRAIL_POINTS = 60
ZOOM = 13.0
CENTRE = (34.615127, 113.708496)
"""The middle of a tile, so that 9 × 5 = 45 of them are seen."""
SPREAD_DEG = (0.035, 0.055)


def crowd(count: int) -> tuple[Team, ...]:
    """So many teams with trails of a point a second, all of them fresh."""
    chance = random.Random(1)
    teams = []
    for number in range(count):
        lat, lon = chance.gauss(CENTRE[0], SPREAD_DEG[0]), chance.gauss(CENTRE[1], SPREAD_DEG[1])
        north, east = chance.uniform(-1e-4, 1e-4), chance.uniform(-1e-4, 1e-4)
        points = tuple(
            TrailPoint(lat + north * at, lon + east * at, NOW + at * S, is_after_gap=False)
            for at in range(1 - TRAIL_POINTS, 1)
        )
        here = place(points[-1].lat_deg, points[-1].lon_deg, 0, course_deg=number * 7 % 360)
        teams.append(team(f"队{number:05d}", "消", 5, 0, 15, here, trail=points))
    return tuple(teams)


def moved(teams: tuple[Team, ...], second: int, every: int) -> tuple[Team, ...]:
    """The same a second later: one in ``every`` went on by one point of its trail and was heard."""
    result = []
    for number, one in enumerate(teams):
        if (number + second) % every:
            result.append(one)
            continue
        last, before = one.trail[-1], one.trail[-2]
        point = TrailPoint(
            2 * last.lat_deg - before.lat_deg, 2 * last.lon_deg - before.lon_deg, NOW + second * S, is_after_gap=False
        )
        assert one.place is not None
        here = replace(
            one.place, lat_deg=point.lat_deg, lon_deg=point.lon_deg, at_ns=NOW + second * S, fix_ns=NOW + second * S
        )
        result.append(replace(one, place=here, last_heard_ns=NOW + second * S, trail=(*one.trail[1:], point)))
    return tuple(result)


def _trails(teams: tuple[Team, ...]) -> list[list[tuple[float, float]]]:
    east_m, north_m = to_plane(*CENTRE)
    view = View(centre_east_m=east_m, centre_north_m=north_m, zoom=ZOOM, width_px=float(WIDTH), height_px=float(HEIGHT))
    return [[view.point(one.lat_deg, one.lon_deg).toTuple() for one in team.trail] for team in teams]


class Graphics:
    """QGraphicsView with one item each for symbol, label and trail."""

    def __init__(self, count: int) -> None:
        from PySide6.QtWidgets import QGraphicsScene  # noqa: PLC0415

        self.scene = QGraphicsScene()
        pen = QPen(QColor("#a9b8c3"), 1.8)
        for number, points in enumerate(_trails(crowd(count))):
            path = QPainterPath(QPointF(*points[0]))
            for x, y in points[1:]:
                path.lineTo(x, y)
            self.scene.addPath(path, pen)
            x, y = points[-1]
            self.scene.addRect(QRectF(x - 15, y - 11, 30, 22), pen, QColor("#151c22"))
            label = self.scene.addSimpleText(f"队{number:05d} 1 秒")
            label.setBrush(QColor("#d9e2e8"))
            label.setPos(x + 20, y - 8)
        self.widget: QWidget
        self.view = QGraphicsView(self.scene)
        self.view.setBackgroundBrush(QColor("#11191e"))
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.setSceneRect(QRectF(-4 * WIDTH, -4 * HEIGHT, 9 * WIDTH, 9 * HEIGHT))
        self.view.centerOn(WIDTH / 2, HEIGHT / 2)
        self.widget = self.view

    def pan(self) -> None:
        across, up = self.view.horizontalScrollBar(), self.view.verticalScrollBar()
        across.setValue(across.value() - 8)
        up.setValue(up.value() - 5)
        self.view.viewport().repaint()


class Plotted:
    """pyqtgraph: a scatter, one curve of all trails, and no labels (with labels it is ten times slower)."""

    def __init__(self, count: int) -> None:
        import numpy as np  # noqa: PLC0415
        import pyqtgraph  # noqa: PLC0415

        trails = np.array(_trails(crowd(count)))
        self.plot: Any = pyqtgraph.PlotWidget()
        curve = trails.reshape(-1, 2)
        connect = np.ones(len(curve), np.int32)
        connect[trails.shape[1] - 1 :: trails.shape[1]] = 0
        self.plot.addItem(pyqtgraph.PlotCurveItem(curve[:, 0], curve[:, 1], connect=connect, antialias=False))
        self.plot.addItem(pyqtgraph.ScatterPlotItem(trails[:, -1, 0], trails[:, -1, 1], symbol="s", size=22))
        self.box = self.plot.getPlotItem().getViewBox()
        self.box.setRange(xRange=(0, WIDTH), yRange=(0, HEIGHT), padding=0)
        self.widget: QWidget = self.plot

    def pan(self) -> None:
        self.box.translateBy(x=-8, y=5)
        self.plot.viewport().repaint()
