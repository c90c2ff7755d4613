"""Tiles as they come: what is seen first, only their places painted, and no more of them kept than fit."""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint
from PySide6.QtGui import QPaintEvent, QRegion
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from console.maps.store import Key
from console.maps.warp import tile_at
from console.views.situation.map_view import MapView
from console.views.situation.tile_layer import _Made, rects_in
from tests.map_packages import source, write_mbtiles
from tests.views.test_map_tiles import HOME, around, map_over, shot

pytestmark = pytest.mark.usefixtures("qapp")


def has_all(view: MapView) -> bool:
    """Whether every tile that is wanted came."""
    tiles = view.tiles
    return tiles.view is not None and all((key, tiles.view.zoom) in tiles._kept for key in tiles._shapes)


def test_what_is_seen_is_asked_for_first_from_the_middle_outwards(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = map_over(qtbot, source(write_mbtiles(tmp_path / "a.mbtiles", around(14, reach=5))))
    asked: list[list[Key]] = []
    monkeypatch.setattr(view.tiles._store, "want", lambda *both: asked.extend([key for key, _ in one] for one in both))
    view.tiles._kept.clear()
    view.tiles.view = None
    view.grab()
    now, later = asked
    places = {key: rects_in(view.view, [shape.rect]) for key, shape in view.tiles._shapes.items()}
    assert now
    assert later
    assert all(places[key] for key in now)
    assert {key for key, shown in places.items() if not shown} <= set(later)
    assert now[0] == Key(0, 14, *tile_at(*HOME, 14, "wgs84"))


class Regions(QObject):
    """What was painted of a widget."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.painted = QRegion()
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        del watched
        if isinstance(event, QPaintEvent):
            self.painted += event.region()
        return False


def test_where_tiles_came_the_screen_is_painted_and_elsewhere_it_is_not(qtbot: QtBot, tmp_path: Path) -> None:
    column, row = tile_at(*HOME, 14, "wgs84")
    view = map_over(qtbot, source(write_mbtiles(tmp_path / "a.mbtiles", [(14, column, row), (14, column + 1, row)])))
    qtbot.waitUntil(lambda: len(view.tiles._kept) == 2, timeout=20_000)
    after, regions = shot(view), Regions(view)
    view.tiles._kept.clear()
    view.tiles.view = None
    before = shot(view)
    regions.painted = QRegion()
    qtbot.waitUntil(lambda: len(view.tiles._kept) == 2 and not regions.painted.isEmpty(), timeout=20_000)
    assert regions.painted != QRegion(view.rect())
    for x in range(0, 800, 7):
        for y in range(0, 500, 7):
            assert regions.painted.contains(QPoint(x, y)) or before.pixel(x, y) == after.pixel(x, y)
    assert shot(view) == after


def test_a_map_dragged_over_tiles_looks_as_if_it_was_opened_there(qtbot: QtBot, tmp_path: Path) -> None:
    package = source(write_mbtiles(tmp_path / "a.mbtiles", around(14, reach=5)))
    view, other = map_over(qtbot, package), map_over(qtbot, package)
    for step in range(1, 9):
        view.view = view.view.panned(37, -19)
        view.grab()
        other.view = view.view
        qtbot.waitUntil(partial(has_all, view), timeout=20_000)
        qtbot.waitUntil(partial(has_all, other), timeout=20_000)
        assert shot(view) == shot(other), step


def test_of_tiles_seen_before_only_so_many_octets_are_kept(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.views.situation.tile_layer._MOST_KEPT_BYTES", 4_000_000)
    path = write_mbtiles(tmp_path / "a.mbtiles", [place for zoom in (13, 14, 15) for place in around(zoom, reach=4)])
    view = map_over(qtbot, source(path), zoom=13.0)
    for zoom in (13, 14, 15, 14):
        view.zoom(2 * (zoom - view.view.zoom))
        view.grab()
        qtbot.waitUntil(partial(has_all, view), timeout=20_000)
        tiles = view.tiles
        sizes = [one.image.sizeInBytes() for one in tiles._kept.values()]
        assert sum(sizes) == tiles._kept_bytes
        assert sum(sizes) <= max(4_000_000, len(tiles._shapes) * max(sizes))


def test_what_was_read_before_a_package_was_opened_anew_is_not_drawn(qtbot: QtBot, tmp_path: Path) -> None:
    package = source(write_mbtiles(tmp_path / "a.mbtiles", around(14)))
    view = map_over(qtbot, package)
    qtbot.waitUntil(partial(has_all, view), timeout=20_000)
    tiles, here = view.tiles, Key(0, 14, *tile_at(*HOME, 14, "wgs84"))
    read_before = _Made(14, tiles._kept[here, 14.0].image.copy(), tiles._shapes[here], tiles._style)
    read_before.image.fill(0)  # type: ignore[union-attr]
    tiles.add(package)
    qtbot.waitUntil(lambda: tiles._opened_count == 2, timeout=20_000)
    view.grab()
    assert tiles._style != read_before.style
    qtbot.waitUntil(partial(has_all, view), timeout=20_000)
    shown = shot(view)
    tiles._hand_over(here, None, read_before)
    tiles._take_tiles()
    assert shot(view) == shown


REHEARSED = """
import enum
from PySide6.QtCore import QBuffer, QRect
from PySide6.QtGui import QColor, QImage
from console.maps.store import Found, Key
from console.views.situation.tile_image import Shape, make, rehearse

kinds = {"png": QImage.Format.Format_RGB32, "jpg": QImage.Format.Format_RGB32, "webp": QImage.Format.Format_ARGB32}
pictures = []
for kind, form in kinds.items():
    image, buffer = QImage(8, 8, form), QBuffer()
    image.fill(0)
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    assert image.save(buffer, kind)
    pictures.append(bytes(buffer.data().data()))
rect, made = QRect(0, 0, 9, 9), []
bent = ((0.0, 0.0), (9.0, 1.0), (9.0, 9.0), (0.0, 8.0))
FIRST
plain = enum.EnumType._create_
enum.EnumType._create_ = lambda cls, name, *more, **words: made.append(name) or plain(cls, name, *more, **words)
for octets in (*pictures, b"rubbish"):
    for zoom in (3, 4):
        for shape in (Shape(rect), Shape(rect, corners=bent), Shape(rect, bands=(4, 9))):
            for dim in (None, QColor(0, 0, 0, 99)):
                make(Found(key=Key(0, 4, 1, 1), zoom=zoom, octets=octets), shape, 1.5, dim)
print(made)
"""


@pytest.mark.parametrize(("first", "is_safe"), [("rehearse()", True), ("pass", False)])
def test_what_threads_do_at_once_makes_no_enumeration_once_it_was_rehearsed(first: str, *, is_safe: bool) -> None:
    program = REHEARSED.replace("FIRST", first)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    made = done.stdout.strip()
    assert (made == "[]") is is_safe, made
