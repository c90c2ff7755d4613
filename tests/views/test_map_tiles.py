"""Tiles on the map: where they lie, what is said of them, and that a bad one is a word and never a stop."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from PySide6.QtCore import QBuffer, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QColor, QImage, QPainter, QRegion
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from console.bridge import Bridge
from console.i18n import translate
from console.maps.mbtiles import MbTiles
from console.maps.source import BrokenPackage
from console.maps.store import Found, Key
from console.maps.warp import corner_m, tile_at
from console.surroundings import Datum, MapSource, Surroundings
from console.views.situation import SituationScreen
from console.views.situation.legend import ground_note
from console.views.situation.map_view import MapView
from console.views.situation.plate import wide
from console.views.situation.projection import View, to_plane
from console.views.situation.scene import Moment
from console.views.situation.tile_image import LARGEST_SIDE_PX, decode, make, shape_of
from console.views.theme import Theme
from tests.console.door import Door
from tests.map_packages import Place, block, bomb, colour_of, png, source, write_mbtiles
from tests.views.pictures import FakeDesk, picture
from tests.views.test_map_drawing import SPEECH

HOME = (34.395949, 113.740662)
pytestmark = pytest.mark.usefixtures("qapp")


def around(zoom: int, datum: Datum = "wgs84", reach: int = 3) -> list[Place]:
    column, row = tile_at(*HOME, zoom, datum)
    return block(zoom, column - reach, row - reach, 2 * reach + 1)


def map_over(qtbot: QtBot, *sources: MapSource, zoom: float = 14.0, is_night: bool = False) -> MapView:
    bridge = Bridge(FakeDesk(), surroundings=Surroundings(maps=sources))
    view = MapView(bridge, Theme(is_night=is_night), SPEECH)
    qtbot.addWidget(view)
    view.resize(800, 500)
    view.zoom(0)
    east_m, north_m = to_plane(*HOME)
    view.view = View(centre_east_m=east_m, centre_north_m=north_m, zoom=zoom, width_px=800.0, height_px=500.0)
    view.show_picture(picture(teams=(), own_device_id=None))
    view.show()
    qtbot.waitUntil(lambda: len(view.tiles.packages) == len(sources), timeout=20_000)
    return view


def shot(view: MapView) -> QImage:
    return view.grab().toImage()


def tile_colour(place: Place) -> QColor:
    return QColor(*colour_of(*place))


def settle(qtbot: QtBot, view: MapView, point: QPoint, colour: QColor) -> None:
    qtbot.waitUntil(lambda: shot(view).pixelColor(point) == colour, timeout=20_000)


def at_home(view: MapView) -> QPoint:
    """Beside the middle, where no line of the graticule runs."""
    return view.view.point(*HOME).toPoint() + QPoint(3, 5)


def words_of(view: MapView) -> str:
    moment = Moment(picture=picture(teams=()), view=view.view, now_ns=0, selected_id=None, cursor_deg=None)
    return ground_note(moment, SPEECH, view.tiles, view.layers)[0]


@pytest.mark.parametrize("zoom", [14.0, 13.5, 14.4])
def test_the_tile_under_a_place_is_drawn_at_that_place(zoom: float, qtbot: QtBot, tmp_path: Path) -> None:
    path = write_mbtiles(tmp_path / "a.mbtiles", [*around(14), *around(13)])
    view = map_over(qtbot, source(path), zoom=zoom)
    drawn = round(zoom + 0.01)
    settle(qtbot, view, at_home(view), tile_colour((drawn, *tile_at(*HOME, drawn, "wgs84"))))
    beyond = QPointF(at_home(view)) + QPointF(200, -150)
    lat, lon = view.view.degrees_at(beyond)
    settle(qtbot, view, beyond.toPoint(), tile_colour((drawn, *tile_at(lat, lon, drawn, "wgs84"))))


def test_a_package_cut_by_degrees_lies_where_it_belongs_on_the_map(qtbot: QtBot, tmp_path: Path) -> None:
    column, row = tile_at(*HOME, 15, "cgcs2000", "degrees")
    path = write_mbtiles(tmp_path / "c.mbtiles", block(15, column - 3, row - 3, 7))
    view = map_over(qtbot, source(path, "cgcs2000", tiling="tianditu_c"), zoom=15.0)
    settle(qtbot, view, at_home(view), tile_colour((15, column, row)))
    edge_m = corner_m(15, column, row, "cgcs2000", "degrees")
    edge = view.view.plane_point(*edge_m).toPoint()
    for across, down in ((2, 2), (-3, 2), (2, -3), (-3, -3)):
        there = (15, column - (across < 0), row - (down < 0))
        settle(qtbot, view, edge + QPoint(across, down), tile_colour(there))


@pytest.mark.parametrize("zoom", [4, 7, 9])
def test_parallels_within_a_tile_cut_by_degrees_lie_on_their_latitude(zoom: int) -> None:
    """Sixteen rows of colour; each is looked for in the middle of its own latitudes."""
    column, row = tile_at(*HOME, zoom, "wgs84", "degrees")
    image = QImage(256, 256, QImage.Format.Format_RGB32)
    for y in range(256):
        for x in range(256):
            image.setPixelColor(x, y, QColor(y // 16 * 16, 0, 0))
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    view = View(centre_east_m=0, centre_north_m=0, zoom=float(zoom), width_px=1, height_px=1)
    key = Key(0, zoom, column, row)
    shape = shape_of(key, "wgs84", view.scale_px_per_m, "degrees")
    drawn = make(Found(key=key, zoom=zoom, octets=bytes(buffer.data().data())), shape, 1.0)
    assert drawn is not None
    for number in range(16):
        _, north_m = corner_m(zoom, column, row + (number + 0.5) / 16, "wgs84", "degrees")
        y = round(-north_m * view.scale_px_per_m) - shape.rect.top()
        assert drawn.pixelColor(drawn.width() // 2, y).red() == number * 16


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_a_shifted_map_lies_under_the_true_places(datum: Datum, qtbot: QtBot, tmp_path: Path) -> None:
    path = write_mbtiles(tmp_path / "a.mbtiles", around(16, datum))
    view = map_over(qtbot, source(path, datum), zoom=16.0)
    settle(qtbot, view, at_home(view), tile_colour((16, *tile_at(*HOME, 16, datum))))
    assert "已纠偏" in words_of(view)
    wrong = map_over(qtbot, source(path, "wgs84"), zoom=16.0)
    QTest.qWait(50)
    assert shot(wrong).pixelColor(at_home(wrong)) != tile_colour((16, *tile_at(*HOME, 16, datum)))


@pytest.mark.parametrize("datum", ["wgs84", "gcj02", "bd09"])
def test_no_gap_of_ground_shows_between_tiles(datum: Datum, qtbot: QtBot, tmp_path: Path) -> None:
    path = write_mbtiles(tmp_path / "a.mbtiles", around(15, datum, 5))
    view = map_over(qtbot, source(path, datum), zoom=14.7)
    settle(qtbot, view, at_home(view), tile_colour((15, *tile_at(*HOME, 15, datum))))
    qtbot.waitUntil(lambda: len(view.tiles._kept) >= len(view.tiles._shapes), timeout=20_000)
    around_it, ground = wide(view.view), Theme(is_night=False).palette.map_ground
    image = QImage(round(around_it.width_px), round(around_it.height_px), QImage.Format.Format_RGB32)
    image.fill(ground)
    painter = QPainter(image)
    view.tiles.put(painter, around_it, QRegion(image.rect()))
    painter.end()
    middle = [(x, y) for x in range(250, 950, 2) for y in range(150, 600, 2)]
    holes = [(x, y) for x, y in middle if image.pixelColor(x, y) == ground]
    assert not holes


def test_beyond_the_last_zoom_the_parent_is_drawn_enlarged_and_called_so(qtbot: QtBot, tmp_path: Path) -> None:
    view = map_over(qtbot, source(write_mbtiles(tmp_path / "a.mbtiles", around(13))), zoom=16.0)
    settle(qtbot, view, at_home(view), tile_colour((13, *tile_at(*HOME, 13, "wgs84"))))
    assert "放大×8" in words_of(view)


def test_a_map_whose_datum_nobody_knows_says_so(qtbot: QtBot, tmp_path: Path) -> None:
    view = map_over(qtbot, source(write_mbtiles(tmp_path / "a.mbtiles", around(14)), "unknown"))
    assert "坐标系不明" in words_of(view)
    assert "2026-05" in words_of(view)


def test_beside_its_area_a_package_is_not_named(qtbot: QtBot, tmp_path: Path) -> None:
    view = map_over(qtbot, source(write_mbtiles(tmp_path / "a.mbtiles", around(14))))
    view.view = view.view.centred(30.0, 110.0)
    assert "此处无离线底图" in words_of(view)
    assert "无道路数据" in words_of(view)


def test_the_first_package_lies_on_top_and_a_hidden_one_not_at_all(qtbot: QtBot, tmp_path: Path) -> None:
    column, row = tile_at(*HOME, 14, "wgs84")
    upper = write_mbtiles(tmp_path / "a.mbtiles", [(14, column, row)])
    other = write_mbtiles(tmp_path / "b.mbtiles", around(14))
    with sqlite3.connect(other) as database:
        database.execute("UPDATE tiles SET tile_data = ?", (png(9, 99, 199),))
    database.close()
    view = map_over(qtbot, source(upper, name="上"), source(other, name="下"))
    settle(qtbot, view, at_home(view), tile_colour((14, column, row)))
    view.tiles.set_shown(0, is_shown=False)
    settle(qtbot, view, at_home(view), QColor(9, 99, 199))
    assert "上" not in words_of(view)


def test_a_tile_that_could_not_be_read_is_drawn_as_soon_as_it_can_be(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.views.situation.tile_layer._ASK_AGAIN_S", 0.05)
    here = (14, *tile_at(*HOME, 14, "wgs84"))
    plain, failures = MbTiles.tile, [True]

    def read(tiles: MbTiles, zoom: int, column: int, row: int) -> bytes | None:
        if failures and (zoom, column, row) == here:
            raise BrokenPackage("damaged", file="a", detail="stick")
        return plain(tiles, zoom, column, row)

    monkeypatch.setattr(MbTiles, "tile", read)
    view = map_over(qtbot, source(write_mbtiles(tmp_path / "a.mbtiles", around(14))))
    beside = at_home(view) + QPoint(260, 0)
    lat, lon = view.view.degrees_at(QPointF(beside))
    settle(qtbot, view, beside, tile_colour((14, *tile_at(lat, lon, 14, "wgs84"))))
    assert shot(view).pixelColor(at_home(view)) != tile_colour(here)
    failures.clear()
    settle(qtbot, view, at_home(view), tile_colour(here))


def test_at_night_a_bright_map_is_dimmed(qtbot: QtBot, tmp_path: Path) -> None:
    path = write_mbtiles(tmp_path / "a.mbtiles", around(14))
    day = tile_colour((14, *tile_at(*HOME, 14, "wgs84")))
    view = map_over(qtbot, source(path), is_night=True)
    point = at_home(view)
    qtbot.waitUntil(lambda: shot(view).pixelColor(point) != Theme().palette.map_ground, timeout=20_000)
    QTest.qWait(50)
    assert shot(view).pixelColor(point).lightness() < day.lightness() * 0.6


# ---- bad tiles


def bad(octets: bytes, folder: Path) -> Path:
    path = write_mbtiles(folder / "a.mbtiles", around(14))
    column, row = tile_at(*HOME, 14, "wgs84")
    database = sqlite3.connect(path)
    database.execute(
        "UPDATE tiles SET tile_data = ? WHERE tile_column = ? AND tile_row = ?", (octets, column, (1 << 14) - 1 - row)
    )
    database.commit()
    database.close()
    return path


@pytest.mark.parametrize(
    "octets", [bomb(), png(1, 2, 3)[:60], b"\x89PNG\r\n\x1a\n" + bytes(40), b"<svg xmlns='x'/>", b"GIF89a" + bytes(99)]
)
def test_a_bad_tile_is_counted_and_the_others_are_drawn(octets: bytes, qtbot: QtBot, tmp_path: Path) -> None:
    view = map_over(qtbot, source(bad(octets, tmp_path)))
    qtbot.waitUntil(lambda: view.tiles.damaged.get(0, 0) >= 1, timeout=20_000)
    beside = at_home(view) + QPoint(260, 0)
    lat, lon = view.view.degrees_at(QPointF(beside))
    settle(qtbot, view, beside, tile_colour((14, *tile_at(lat, lon, 14, "wgs84"))))
    view.panel.open(view.view)
    assert any("瓦片损坏" in line for line in view.panel.lines())


def test_a_picture_larger_than_a_tile_is_not_unpacked() -> None:
    assert decode(bomb()) is None
    assert decode(png(1, 2, 3, LARGEST_SIDE_PX + 1)) is None
    image = decode(png(1, 2, 3))
    assert image is not None
    assert image.pixelColor(0, 0) == QColor(1, 2, 3)


def test_the_part_of_a_parent_is_the_right_one(tmp_path: Path) -> None:
    octets = QImage(256, 256, QImage.Format.Format_RGB32)
    octets.fill(QColor(0, 0, 0))
    for x in range(128, 256):
        for y in range(128):
            octets.setPixelColor(x, y, QColor(255, 0, 0))
    file = tmp_path / "parent.png"
    octets.save(str(file))
    column, row = 2 * 13368, 2 * 6521
    for x in (0, 1):
        for y in (0, 1):
            key = Key(0, 15, column + x, row + y)
            shape = shape_of(key, "wgs84", 256 * 2**15 / 40_075_016.686)
            made = make(Found(key=key, zoom=14, octets=file.read_bytes()), shape, 1.0)
            assert made is not None
            assert made.pixelColor(128, 128) == QColor(255 if (x, y) == (1, 0) else 0, 0, 0)


# ---- the panel


def test_the_panel_tells_of_every_package_what_is_in_it_and_of_a_broken_one_what_is_wrong(
    qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "bad.mbtiles").write_bytes(b"rubbish")
    good = write_mbtiles(tmp_path / "good.mbtiles", [*around(13), *around(14)])
    view = map_over(qtbot, source(good, "unknown", name="全市"), source(tmp_path / "bad.mbtiles", name="坏"))
    view.bar.toggle()
    QTest.mouseClick(view.bar.buttons["maps"], Qt.MouseButton.LeftButton)
    first, second = view.panel.lines()
    assert "全市" in first
    assert "z13–14" in first
    assert "坐标系不明" in first
    assert "2026-05" in first
    assert "N 34°" in first
    assert "不是 MBTiles" in second
    assert min(view.panel.check_button.height(), view.panel.boxes[0].height()) >= 44
    QTest.keyClick(view.panel, Qt.Key.Key_Escape)
    assert not view.panel.isVisible()


def test_a_broken_package_is_named_on_the_map_itself_in_the_colour_of_a_doubt(qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "bad.mbtiles").write_bytes(b"rubbish")
    good = write_mbtiles(tmp_path / "good.mbtiles", around(14))
    view = map_over(qtbot, source(good), source(tmp_path / "bad.mbtiles", name="县城航片"))
    assert words_of(view).startswith("底图“县城航片”打不开，见“地图” · 图 ")
    moment = Moment(picture=picture(teams=()), view=view.view, now_ns=0, selected_id=None, cursor_deg=None)
    assert ground_note(moment, SPEECH, view.tiles, view.layers)[1] == "warn"


def test_a_datum_that_the_file_denies_is_said_on_the_map_and_in_the_panel(qtbot: QtBot, tmp_path: Path) -> None:
    path = write_mbtiles(tmp_path / "a.mbtiles", around(14), facts={"name": "a", "datum": "gcj02"})
    view = map_over(qtbot, source(path, "wgs84"))
    assert "与包里所写不符" in words_of(view)
    assert "自称 GCJ-02" in view.panel.lines()[0]
    plain = map_over(qtbot, source(path, "unknown"))
    assert "GCJ-02 已纠偏" in words_of(plain)
    assert "不符" not in words_of(plain)


def test_a_broken_package_is_a_line_of_the_log_with_the_reason(qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "bad.mbtiles").write_bytes(b"rubbish")
    desk = FakeDesk()
    bridge = Bridge(desk, surroundings=Surroundings(maps=(source(tmp_path / "bad.mbtiles", name="县城航片"),)))
    screen = SituationScreen(bridge, Theme(), SPEECH)
    qtbot.addWidget(screen)
    qtbot.waitUntil(lambda: bool(desk.orders), timeout=20_000)
    door = Door()
    door.order(desk.orders[0])
    text = door.picture().notices[-1].text
    words = translate("zh", text.id, text.args)
    assert "县城航片" in words
    assert "bad.mbtiles 不是 MBTiles" in words


def test_the_check_says_whether_one_may_leave_and_forgets_it_when_another_part_is_seen(
    qtbot: QtBot, tmp_path: Path
) -> None:
    whole = write_mbtiles(tmp_path / "a.mbtiles", [*around(14), *around(15, reach=5)])
    view = map_over(qtbot, source(whole))
    view.panel.open(view.view)
    QTest.mouseClick(view.panel.check_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(view.panel.verdicts), timeout=20_000)
    assert "可以出发：z14–15" in view.panel.lines()[0]
    view.view = view.view.panned(900, 0)
    view.grab()
    assert not view.panel.verdicts
    QTest.mouseClick(view.panel.check_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(view.panel.verdicts), timeout=20_000)
    assert "z14 缺" in view.panel.lines()[0]


def test_rows_that_are_said_anew_before_they_were_seen_never_stand_as_a_window(qtbot: QtBot, tmp_path: Path) -> None:
    view = map_over(qtbot, source(write_mbtiles(tmp_path / "a.mbtiles", around(14))))
    view.panel.open(view.view)
    for is_night in (True, False):
        view._theme.is_night = is_night
        view.panel.restyle()
    seen: list[QWidget] = []
    watch = QTimer()
    watch.timeout.connect(lambda: seen.extend(one for one in QApplication.topLevelWidgets() if one.isVisible()))
    watch.start(0)
    QApplication.processEvents()
    qtbot.waitUntil(lambda: bool(seen))
    assert set(seen) == {view}


def test_without_packages_the_panel_says_how_to_get_one(qtbot: QtBot) -> None:
    view = map_over(qtbot)
    view.panel.open(view.view)
    assert "[[map]]" in view.panel.lines()[0]
    assert not view.panel.check_button.isEnabled()
