"""The base map on paper: read whole before the sheet is drawn, counted where it is not there, never waited for long."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from console.bridge import Bridge
from console.maps.mbtiles import MbTiles
from console.maps.warp import tile_at
from console.surroundings import MapSource, Surroundings
from console.views.situation.legend import ground_note
from console.views.situation.map_sheet import RATIO, Drawn, MapImage, map_image, map_view
from console.views.situation.map_view import MapView
from console.views.situation.paper import Occasion
from console.views.situation.paper_tiles import MOST_TILES, PaperTiles
from console.views.situation.projection import View
from console.views.situation.scene import Moment
from console.views.situation.screen import SituationScreen
from console.views.theme import Theme
from tests.map_packages import Place, block, source, write_mbtiles
from tests.views.desks import FakeDesk
from tests.views.pictures import NOW, picture
from tests.views.situation_rig import SPEECH
from tests.views.test_map_tiles import HOME, around, map_over, tile_colour

pytestmark = [pytest.mark.usefixtures("qapp"), pytest.mark.qt_log_ignore("does not support propagateSizeHints")]
_LONG_MS = 20_000


def read(qtbot: QtBot, live: MapView, view: View) -> PaperTiles:
    tiles = PaperTiles(Theme(is_night=False), live.tiles, view, RATIO)
    with qtbot.waitSignal(tiles.ready, timeout=_LONG_MS):
        tiles.start()
    tiles.close()
    return tiles


def drawn(tiles: PaperTiles | None, live: MapView) -> MapImage:
    occasion = Occasion(picture=picture(teams=(), own_device_id=None), now_ns=NOW, is_replayed=False, number=1)
    return map_image("a4", occasion, Drawn(view=live.view, layers=[], grid="", tiles=tiles), SPEECH)


def zoom_of(tiles: PaperTiles) -> int:
    (zoom,) = {key.zoom for key in tiles._shapes}
    return zoom


def note_of(tiles: PaperTiles, view: View) -> str:
    moment = Moment(picture=picture(teams=()), view=view, now_ns=NOW, selected_id=None, cursor_deg=None)
    return ground_note(moment, SPEECH, tiles, [])[0]


def at(made: MapImage, lat_deg: float, lon_deg: float) -> QPoint:
    """Beside a place, where no line of the graticule runs."""
    return ((made.view.point(lat_deg, lon_deg) * RATIO).toPoint()) + QPoint(7, 9)


def everything(zooms: range, reach: int = 5) -> list[Place]:
    return [place for zoom in zooms for place in around(zoom, reach=reach)]


def test_the_tiles_of_the_printed_zoom_lie_under_the_true_places_with_datum_and_day(
    qtbot: QtBot, tmp_path: Path
) -> None:
    live = map_over(qtbot, source(write_mbtiles(tmp_path / "a.mbtiles", everything(range(14, 16))), name="新郑"))
    view = map_view("a4", live.view)
    tiles = read(qtbot, live, view)
    assert zoom_of(tiles) == round(view.zoom + 1), "finer than on the screen: paper has more pixels"
    assert 0 < len(tiles._shapes) <= MOST_TILES
    made = drawn(tiles, live)
    for lat_deg, lon_deg in (HOME, (HOME[0] + 0.008, HOME[1] - 0.008)):
        wanted = tile_colour((zoom_of(tiles), *tile_at(lat_deg, lon_deg, zoom_of(tiles), "wgs84")))
        assert made.image.pixelColor(at(made, lat_deg, lon_deg)) == wanted
    assert not tiles.missing
    assert note_of(tiles, view).startswith("新郑 2026-05 WGS-84")


def test_what_is_missing_stays_blank_and_is_counted(qtbot: QtBot, tmp_path: Path) -> None:
    whole = everything(range(15, 16))
    live = map_over(qtbot, source(write_mbtiles(tmp_path / "whole.mbtiles", whole)))
    zoom = zoom_of(read(qtbot, live, map_view("a4", live.view)))
    column, row = tile_at(*HOME, zoom, "wgs84")
    gone = {(zoom, column, row), (zoom, column + 1, row)}
    left = [place for place in everything(range(zoom, zoom + 1)) if place not in gone]
    holey = map_over(qtbot, source(write_mbtiles(tmp_path / "holey.mbtiles", left)))
    tiles = read(qtbot, holey, map_view("a4", holey.view))
    assert tiles.missing == 2
    made = drawn(tiles, holey)
    assert made.image.pixelColor(at(made, *HOME)) == Theme(is_night=False).palette.map_ground
    assert note_of(tiles, made.view).startswith("底图缺 2 块")


def test_what_is_printed_of_a_coarser_map_is_called_enlarged(qtbot: QtBot, tmp_path: Path) -> None:
    live = map_over(qtbot, source(write_mbtiles(tmp_path / "a.mbtiles", around(13))))
    view = map_view("a4", live.view)
    tiles = read(qtbot, live, view)
    assert not tiles.missing
    assert f"放大×{1 << (zoom_of(tiles) - 13)}" in note_of(tiles, view)


def test_a_package_that_covers_a_corner_leaves_the_rest_counted_and_one_elsewhere_nothing(
    qtbot: QtBot, tmp_path: Path
) -> None:
    live = map_over(qtbot, source(write_mbtiles(tmp_path / "a.mbtiles", around(14, reach=0))))
    view = map_view("a4", live.view)
    tiles = read(qtbot, live, view)
    assert 0 < tiles.missing < tiles.places
    away = map_over(qtbot, source(write_mbtiles(tmp_path / "b.mbtiles", block(14, 100, 100, 2))))
    elsewhere = read(qtbot, away, view)
    assert not elsewhere.missing
    assert "此处无离线底图" in note_of(elsewhere, view)


def test_the_number_of_tiles_is_bounded_however_small_they_would_be(qtbot: QtBot, tmp_path: Path) -> None:
    live = map_over(qtbot, source(write_mbtiles(tmp_path / "a.mbtiles", around(14))))
    wide = View(
        centre_east_m=live.view.centre_east_m,
        centre_north_m=live.view.centre_north_m,
        zoom=13.5,
        width_px=4000,
        height_px=4000,
    )
    tiles = PaperTiles(Theme(is_night=False), live.tiles, wide, RATIO)
    tiles.packages = dict(live.tiles.packages)
    assert tiles._count(tiles._finest()) > MOST_TILES
    assert 0 < len(tiles._chosen_shapes()) <= MOST_TILES


# ---- the card


def hidden_is_left_out(live: MapView) -> PaperTiles:
    live.tiles.set_shown(0, is_shown=False)
    return PaperTiles(Theme(is_night=False), live.tiles, live.view, RATIO)


def test_what_is_hidden_on_the_screen_is_not_printed(qtbot: QtBot, tmp_path: Path) -> None:
    live = map_over(qtbot, source(write_mbtiles(tmp_path / "a.mbtiles", around(14))))
    tiles = hidden_is_left_out(live)
    assert not tiles.sources
    with qtbot.waitSignal(tiles.ready):
        tiles.start()


@pytest.fixture
def screen(qtbot: QtBot, tmp_path: Path) -> Iterator[SituationScreen]:
    package = source(write_mbtiles(tmp_path / "a.mbtiles", everything(range(12, 15), reach=5)))
    yield from shown(qtbot, tmp_path, package)


def shown(qtbot: QtBot, folder: Path, package: MapSource) -> Iterator[SituationScreen]:
    incident = folder / "incident"
    incident.mkdir()
    bridge = Bridge(FakeDesk(), incident_folder=incident, surroundings=Surroundings(maps=(package,)))
    made = SituationScreen(bridge, Theme(), SPEECH)
    qtbot.addWidget(made)
    made.resize(1400, 900)
    bridge.picture = picture()
    made.show_picture(bridge.picture)
    made.show()
    qtbot.waitUntil(lambda: 0 in made.map.tiles.packages, timeout=_LONG_MS)
    made.map.view = replace(made.map.view.centred(*HOME), zoom=13.0)
    yield made
    bridge.close()
    made.map.tiles.close()


class Stuck:
    """A stick that gives no tile until it is let go."""

    def __init__(self, patch: pytest.MonkeyPatch, screen: SituationScreen, after: int) -> None:
        self.gate = threading.Event()
        self._left = after
        plain, on_screen = MbTiles.tile, [tiles for tiles, _ in screen.map.tiles._store._open.values()]

        def tile(tiles: MbTiles, zoom: int, column: int, row: int) -> bytes | None:
            if tiles not in on_screen:
                self._left -= 1
                if self._left < 0:
                    self.gate.wait(20)
            return plain(tiles, zoom, column, row)

        patch.setattr(MbTiles, "tile", tile)


def test_the_card_says_how_many_were_read_and_prints_by_itself(
    qtbot: QtBot, screen: SituationScreen, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = screen.instruments.sheets
    stuck = Stuck(monkeypatch, screen, 10)
    QTest.keyClick(screen, Qt.Key.Key_P)
    panel.make("a4")
    qtbot.waitUntil(lambda: panel.result.text().startswith("正在读底图 "), timeout=_LONG_MS)
    assert not any(button.isEnabled() for button in panel.buttons.values())
    assert panel.hurry.isVisible()
    stuck.gate.set()
    qtbot.waitUntil(lambda: "已存" in panel.result.text(), timeout=_LONG_MS)
    assert panel.hurry.isHidden()
    assert all(button.isEnabled() for button in panel.buttons.values())
    (file,) = (screen.bridge.incident_folder or Path()).glob("sheets/*.pdf")
    assert file.read_bytes().startswith(b"%PDF")


def test_a_stick_that_hangs_is_not_waited_for_and_what_it_did_not_give_is_counted(
    qtbot: QtBot, screen: SituationScreen, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = screen.instruments.sheets
    stuck = Stuck(monkeypatch, screen, 12)
    panel.toggle()
    panel.make("a4")
    qtbot.waitUntil(lambda: panel.result.text().startswith("正在读底图 "), timeout=_LONG_MS)
    tiles = panel._tiles
    assert tiles is not None
    QTest.mouseClick(panel.hurry, Qt.MouseButton.LeftButton)
    assert tiles.missing > 0
    assert "正在写入" in panel.result.text()
    stuck.gate.set()
    qtbot.waitUntil(lambda: "已存" in panel.result.text(), timeout=_LONG_MS)


def test_put_away_while_it_waits_the_card_prints_nothing(
    qtbot: QtBot, screen: SituationScreen, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = screen.instruments.sheets
    stuck = Stuck(monkeypatch, screen, 10)
    panel.toggle()
    panel.make("a4")
    qtbot.waitUntil(lambda: panel.result.text().startswith("正在读底图 "), timeout=_LONG_MS)
    QTest.keyClick(panel, Qt.Key.Key_Escape)
    assert panel.isHidden()
    stuck.gate.set()
    done: list[object] = []
    screen.bridge.reckon(lambda: None, done.append)
    qtbot.waitUntil(lambda: bool(done), timeout=_LONG_MS)
    assert not list((screen.bridge.incident_folder or Path()).glob("sheets/*.pdf"))
