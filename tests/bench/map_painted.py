"""One map in one process: ``python -m tests.bench.map_painted KIND COUNT FRAMES`` prints what it cost as JSON.

KIND is ``ours``, or the same picture (underlay, a symbol, a label and a trail each) by ``graphics`` (QGraphicsView) or
``pyqtgraph``.  Places are spread normally around the middle, so that nearly all are in the view; every frame is a pan
of 8 and 5 px, painted at once.  ``tiles`` is a screen of which no tile is kept: from asking for it to the end of the
painting that shows the last tile that lies in what is seen; what lies beside it is read after that and not waited for.
``empty`` is a window with nothing in it and the same imports: what no map could be without.
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
from functools import partial
from pathlib import Path
from typing import NamedTuple

import psutil
from PySide6.QtCore import QEventLoop, QPoint, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QWidget

from console.bridge import Bridge
from console.maps.package import open_source
from console.maps.store import Key
from console.maps.warp import tile_at
from console.picture import Picture
from console.surroundings import Surroundings
from console.views.painting import paint_in_one_thread
from console.views.situation.map_view import MapView
from console.views.situation.projection import View, to_plane
from console.views.situation.tile_image import Shape, decode
from console.views.speech import Speech
from console.views.theme import Theme
from tests.bench.figure import percentile
from tests.bench.map_crowd import CENTRE, HEIGHT, WIDTH, ZOOM, Graphics, Plotted, crowd, moved
from tests.map_packages import Place, block, source, write_mbtiles
from tests.views.pictures import NOW, FakeDesk, S, picture

TICKS = 12


class Cost(NamedTuple):
    """How long something took, and how long a processor worked on it in this thread: others cannot lengthen that."""

    took_ms: float
    worked_ms: float


class Watched(MapView):
    """The map, and a word when tiles that are ``awaited`` have all been painted."""

    complete = Signal()

    def __init__(self, bridge: Bridge) -> None:
        super().__init__(bridge, Theme(), Speech("zh"))
        self.awaited: set[Key] = set()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """A tile that is there when painting ends was painted: its coming asked for it."""
        super().paintEvent(event)
        if self.awaited and self.awaited <= {key for key, _ in self.tiles._kept}:
            # Queued: heard after what was painted has gone to the screen.
            QTimer.singleShot(0, self.complete.emit)


class Ours:
    """The console's own map."""

    def __init__(self, count: int) -> None:
        self.desk = FakeDesk()
        before_mb = memory_mb()
        self.teams = crowd(count)
        self.picture_mb = memory_mb() - before_mb
        self.folder = Path(tempfile.mkdtemp(prefix="command-post-bench-"))
        self.view = Watched(self._bridge())
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

    def tick(self, index: int, every: int) -> Cost:
        """A picture in which one team in ``every`` moved: taken over, judged and painted."""
        self.teams = moved(self.teams, index, every)
        shown = picture(teams=self.teams, cameras=())
        self.desk.at_ns = NOW + index * S
        return _timed(lambda: self._take(shown))

    def _take(self, shown: Picture) -> None:
        self.view.show_picture(shown)
        self.view.refresh()
        while not self.view._canvas.rest.isEmpty():
            QApplication.processEvents()


KINDS: dict[str, Callable[[int], Ours | Graphics | Plotted]] = {
    "ours": Ours,
    "graphics": Graphics,
    "pyqtgraph": Plotted,
}


def _timed(act: Callable[[], None]) -> Cost:
    began, worked = time.perf_counter_ns(), time.thread_time_ns()
    act()
    return Cost((time.perf_counter_ns() - began) / 1e6, (time.thread_time_ns() - worked) / 1e6)


def _middle(costs: list[Cost]) -> tuple[float, float]:
    return percentile((cost.took_ms for cost in costs), 0.5), percentile((cost.worked_ms for cost in costs), 0.5)


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


class Heart(QTimer):
    """Beats every millisecond in the window's thread; the longest pause is how long the window ever stood still."""

    def __init__(self) -> None:
        super().__init__()
        self.setTimerType(Qt.TimerType.PreciseTimer)
        self.setInterval(1)
        self.timeout.connect(self._beat)
        self.longest_ms = 0.0
        self._last_ns = 0

    def begin(self) -> None:
        """From now on."""
        self.longest_ms, self._last_ns = 0.0, time.perf_counter_ns()
        self.start()

    def _beat(self) -> None:
        now_ns = time.perf_counter_ns()
        self.longest_ms = max(self.longest_ms, (now_ns - self._last_ns) / 1e6 - self.interval())
        self._last_ns = now_ns


def _unpack(octets: list[bytes]) -> None:
    for one in octets:
        decode(one)


def cold(frames: int) -> dict[str, float]:
    """From asking for a screen to the last tile painted on it, and how long the window ever stood still."""
    application = QApplication([])
    costs, stops_ms, alone_ms = [], [], []
    ours, heart, loop = Ours(0), Heart(), QEventLoop()
    ours.widget.show()
    ours.settle(application)
    tiles = ours.view.tiles
    ours.view.awaited = {key for key, shape in tiles._shapes.items() if ours.is_seen(shape)}
    ours.view.complete.connect(loop.quit)

    def show() -> None:
        ours.view.update()
        loop.exec()

    for _ in range(max(3, frames // 8)):
        ours.settle(application)
        tiles._kept.clear()
        tiles._kept_bytes = 0
        tiles.view = None
        heart.begin()
        costs.append(_timed(show))
        application.processEvents()
        stops_ms.append(heart.longest_ms)
        heart.stop()
        opened = open_source(tiles.sources[0])
        octets = [opened.tile(key.zoom, key.column, key.row) or b"" for key in ours.view.awaited]
        alone_ms.append(_timed(partial(_unpack, octets)).took_ms)
        opened.close()
    ours.close()
    took_ms, worked_ms = _middle(costs)
    return {
        "cold_ms": took_ms,
        "cold_cpu_ms": worked_ms,
        "stop_ms": percentile(stops_ms, 0.5),
        "alone_ms": percentile(alone_ms, 0.5),
        "tiles": len(ours.view.awaited),
    }


def empty() -> dict[str, float]:
    """What a window of this size takes that shows nothing."""
    application = QApplication([])
    widget = QWidget()
    widget.resize(WIDTH, HEIGHT)
    widget.show()
    application.processEvents()
    widget.repaint()
    return {"memory_mb": memory_mb()}


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
    pans = []
    for _ in range(frames):
        pans.append(_timed(shown.pan))
        application.processEvents()
    pan_ms, pan_cpu_ms = _middle(pans)
    said = {
        "pan_ms": pan_ms,
        "pan_cpu_ms": pan_cpu_ms,
        "pan_worst_ms": max(cost.took_ms for cost in pans),
        "memory_mb": memory_mb(),
    }
    if not isinstance(shown, Ours):
        return said
    for name, every, first in (("tick", 10, 1), ("tick_all", 1, 1 + TICKS)):
        ticks, gone = [], []
        for index in range(first, first + TICKS):
            ticks.append(shown.tick(index, every))
            gone.append(_timed(application.processEvents))
        said[f"{name}_ms"], said[f"{name}_cpu_ms"] = _middle(ticks)
        said[f"{name}_gone_ms"] = _middle(gone)[0]
        said["memory_mb"] = max(said["memory_mb"], memory_mb())
    said["picture_mb"] = shown.picture_mb
    shown.close()
    return said


def measured(kind: str, count: int, frames: int) -> dict[str, float]:
    """What the words of the command line ask for."""
    if kind in {"ours", "tiles"}:
        paint_in_one_thread()
    if kind == "empty":
        return empty()
    return cold(frames) if kind == "tiles" else panned(kind, count, frames)


if __name__ == "__main__":
    print(json.dumps(measured(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))))
