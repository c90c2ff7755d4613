"""One map in one process: ``python -m tests.bench.map_painted KIND COUNT FRAMES`` prints what it cost as JSON.

KIND is ``ours``, or the same picture (underlay, a symbol, a label and a trail each) by ``graphics`` (QGraphicsView) or
``pyqtgraph``.  Places are spread normally around the middle, so that nearly all are in the view; every frame is a pan
of 8 and 5 px, painted at once.
"""

from __future__ import annotations

import gc
import json
import random
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QApplication, QGraphicsView, QWidget

from console.bridge import Bridge
from console.maps.package import open_source
from console.maps.warp import tile_at
from console.picture import Team, TrailPoint
from console.surroundings import Surroundings
from console.views.situation.map_view import MapView
from console.views.situation.projection import View, to_plane
from console.views.situation.tile_image import Shape, decode
from console.views.speech import Speech
from console.views.theme import Theme
from tests.bench.figure import percentile
from tests.map_packages import Place, block, source, write_mbtiles
from tests.views.pictures import NOW, FakeDesk, S, picture, place, team

WIDTH, HEIGHT = 1920, 1080
TRAIL_POINTS = 60
TICKS = 12
CENTRE = (34.60, 113.70)
SPREAD_DEG = (0.035, 0.055)
ZOOM = 13.0


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


class Ours:
    """The console's own map."""

    def __init__(self, count: int) -> None:
        self.desk = FakeDesk()
        before_mb = memory_mb()
        self.teams = crowd(count)
        self.picture_mb = memory_mb() - before_mb
        self.folder = Path(tempfile.mkdtemp(prefix="command-post-bench-"))
        self.view = MapView(self._bridge(), Theme(), Speech("zh"))
        self.view.resize(WIDTH, HEIGHT)
        self.view.show_picture(picture(teams=self.teams, cameras=()))
        self.view.zoom(0)
        east_m, north_m = to_plane(*CENTRE)
        self.view.view = View(
            centre_east_m=east_m, centre_north_m=north_m, zoom=ZOOM, width_px=float(WIDTH), height_px=float(HEIGHT)
        )
        self.widget: QWidget = self.view

    def _bridge(self) -> Bridge:
        zoom = round(ZOOM)
        column, row = tile_at(*CENTRE, zoom, "wgs84")
        places = block(zoom, column - 10, row - 10, 21)
        return Bridge(self.desk, surroundings=Surroundings(maps=(source(noisy(self.folder / "map.mbtiles", places)),)))

    def settle(self, application: QApplication) -> None:
        """Until all tiles are there."""
        until_s = time.monotonic() + 20.0
        while not self.is_settled() and time.monotonic() < until_s:
            application.processEvents()
        application.processEvents()

    def is_settled(self) -> bool:
        """Whether every tile that is wanted is drawn."""
        tiles = self.view.tiles
        return bool(tiles._shapes) and all((key, ZOOM) in tiles._kept for key in tiles._shapes)

    def is_seen(self, shape: Shape) -> bool:
        """Whether a tile lies in what is seen."""
        scale = self.view.view.scale_px_per_m
        corner = QPoint(
            round(self.view.view.centre_east_m * scale - WIDTH / 2),
            round(-self.view.view.centre_north_m * scale - HEIGHT / 2),
        )
        return shape.rect.intersects(QRect(corner, QSize(WIDTH, HEIGHT)))

    def close(self) -> None:
        self.view.tiles.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def pan(self) -> None:
        self.view.view = self.view.view.panned(8, 5)
        self.desk.at_ns += 16_000_000
        self.view.repaint()

    def tick(self, index: int, every: int) -> float:
        """A picture in which one team in ``every`` moved: taken over, judged and painted, in ms."""
        self.teams = moved(self.teams, index, every)
        shown = picture(teams=self.teams, cameras=())
        self.desk.at_ns = NOW + index * S
        began = time.perf_counter_ns()
        self.view.show_picture(shown)
        self.view.refresh()
        self.view.repaint()
        return (time.perf_counter_ns() - began) / 1e6


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


KINDS: dict[str, Callable[[int], Ours | Graphics | Plotted]] = {
    "ours": Ours,
    "graphics": Graphics,
    "pyqtgraph": Plotted,
}


def _timed(act: Callable[[], None]) -> float:
    began = time.perf_counter_ns()
    act()
    return (time.perf_counter_ns() - began) / 1e6


def memory_mb() -> float:
    """What this process holds."""
    return float(psutil.Process().memory_info().rss / 1e6)


def noisy(path: Path, places: list[Place]) -> Path:
    """A package of pictures as hard to unpack as a street map."""
    chance = random.Random(2)
    pictures = []
    for _ in range(12):
        image = QImage(256, 256, QImage.Format.Format_RGB32)
        image.fill(QColor("#e8e4d8"))
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for _ in range(60):
            painter.setPen(QPen(QColor(*(chance.randrange(256) for _ in range(3))), chance.uniform(1, 5)))
            painter.drawLine(*(chance.randrange(256) for _ in range(4)))
        painter.end()
        image.save(str(path.with_suffix(".png")))
        pictures.append(path.with_suffix(".png").read_bytes())
    write_mbtiles(path, [])
    database = sqlite3.connect(path)
    rows = [(z, x, (1 << z) - 1 - y, pictures[(x * 7 + y) % 12]) for z, x, y in places]
    database.executemany("INSERT INTO tiles VALUES (?, ?, ?, ?)", rows)
    database.commit()
    database.close()
    return path


def cold(frames: int) -> dict[str, float]:
    """From the first painting of a place to the last tile of what is seen, and how long the window ever stood still."""
    application = QApplication([])
    took_ms, stops_ms, alone_ms = [], [], []
    ours = Ours(0)
    ours.widget.show()
    ours.settle(application)
    tiles = ours.view.tiles
    for _ in range(max(3, frames // 8)):
        tiles._kept.clear()
        tiles._plate = None
        application.processEvents()
        began = last = time.perf_counter_ns()
        ours.view.repaint()
        stops = [(time.perf_counter_ns() - last) / 1e6]
        seen = [key for key, shape in tiles._shapes.items() if ours.is_seen(shape)]
        while not all((key, ZOOM) in tiles._kept for key in seen):
            last = time.perf_counter_ns()
            application.processEvents()
            stops.append((time.perf_counter_ns() - last) / 1e6)
        took_ms.append((time.perf_counter_ns() - began) / 1e6)
        stops_ms.append(max(stops))
        opened = open_source(tiles.sources[0])
        began = time.perf_counter_ns()
        for key in seen:
            decode(opened.tile(key.zoom, key.column, key.row) or b"")
        alone_ms.append((time.perf_counter_ns() - began) / 1e6)
        opened.close()
    ours.close()
    middle = {"cold_ms": took_ms, "stop_ms": stops_ms, "alone_ms": alone_ms}
    return {**{name: percentile(values, 0.5) for name, values in middle.items()}, "tiles": len(seen)}


def panned(kind: str, count: int, frames: int) -> dict[str, float]:
    """Pan frames, ticks and memory of one canvas."""
    application = QApplication([])
    shown = KINDS[kind](count)
    shown.widget.resize(WIDTH, HEIGHT)
    shown.widget.show()
    application.processEvents()
    if isinstance(shown, Ours):
        shown.settle(application)
    gc.collect()
    gc.freeze()
    pan_ms = []
    for _ in range(frames):
        pan_ms.append(_timed(shown.pan))
        application.processEvents()
    said = {"pan_ms": percentile(pan_ms, 0.5), "pan_worst_ms": max(pan_ms), "memory_mb": memory_mb()}
    if not isinstance(shown, Ours):
        return said
    for name, every, first in (("tick_ms", 10, 1), ("tick_all_ms", 1, 1 + TICKS)):
        ticks = []
        for index in range(first, first + TICKS):
            ticks.append(shown.tick(index, every))
            application.processEvents()
        said[name] = percentile(ticks, 0.5)
    said["picture_mb"] = shown.picture_mb
    shown.close()
    return said


if __name__ == "__main__":
    KIND, COUNT, FRAMES = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    print(json.dumps(cold(FRAMES) if KIND == "tiles" else panned(KIND, COUNT, FRAMES)))
