"""Ruler, range rings, radio reach and viewshed on the map."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from console.bridge import Bridge
from console.surroundings import Station, Surroundings
from console.terrain.heights import Floats
from console.terrain.links import Link
from console.terrain.viewshed import Viewshed
from console.views.situation.instruments import Instruments
from console.views.situation.map_view import MapView
from console.views.situation.reckoning import Nothing
from console.views.situation.spots import VEHICLE, Spot
from console.views.theme import Theme
from tests.terrain.tiles import write_tile
from tests.views.desks import FakeDesk
from tests.views.pictures import MIN, NOW, picture, place, team
from tests.views.situation_rig import SPEECH

STATION = Station(id="bs", name="新郑固定基站", lat_deg=34.41, lon_deg=113.72, height_m=35.0, frequency_mhz=380.0)
TEAM_AT = (34.39, 113.76)


class Rig:
    """A map with its instruments over a picture with one team."""

    def __init__(self, qtbot: QtBot, folder: Path | None = None) -> None:
        self.bridge = Bridge(
            FakeDesk(),
            open_replay=lambda *_: FakeDesk(NOW - 60 * MIN),
            surroundings=Surroundings(folder=folder, stations=(STATION,)),
        )
        self.theme = Theme()
        self.map = MapView(self.bridge, self.theme, SPEECH)
        self.tools = Instruments(self.map, self.bridge, self.theme, SPEECH)
        qtbot.addWidget(self.map)
        self.map.resize(1000, 700)
        shown = picture(teams=(team("消防一中队", "消", 8, 60, 15, place(*TEAM_AT, 60)),))
        self.bridge.picture = shown
        self.map.show_picture(shown)
        self.map.show()
        qtbot.waitExposed(self.map)
        self.map._is_moved_by_hand = True
        self.map.view = replace(self.map.view.centred(34.4, 113.74), zoom=12.5)

    def at(self, lat_deg: float, lon_deg: float) -> QPoint:
        return self.map.view.point(lat_deg, lon_deg).toPoint()

    def image(self) -> QImage:
        image = QImage(self.map.size(), QImage.Format.Format_RGB32)
        self.map.render(image, QPoint(0, 0))
        return image


@pytest.fixture
def rig(qtbot: QtBot) -> Iterator[Rig]:
    made = Rig(qtbot)
    yield made
    made.bridge.close()


def _valley(lats: Floats, lons: Floats) -> Floats:
    del lons
    return 100 + 0 * lats


def _with_heights(qtbot: QtBot, tmp_path: Path) -> Rig:
    write_tile(tmp_path, "N34E113.hgt", _valley)
    return Rig(qtbot, tmp_path)


def test_the_ruler_measures_on_the_ellipsoid_and_sticks_to_a_team(rig: Rig) -> None:
    rig.map.take(rig.tools.ruler)
    QTest.mouseClick(rig.map, Qt.MouseButton.LeftButton, pos=rig.at(*TEAM_AT) + QPoint(6, -5))
    QTest.mouseClick(rig.map, Qt.MouseButton.LeftButton, pos=rig.at(STATION.lat_deg, STATION.lon_deg))
    assert rig.tools.ruler.spots[0] == Spot(kind="team", id="消防一中队")
    # By pyproj's Geod: 4,295.3 m at 301.1 degrees.
    assert rig.tools.ruler.words() == "消防一中队 → 新郑固定基站 4.30 km 真方位 301°"
    QTest.mouseClick(rig.map, Qt.MouseButton.LeftButton, pos=rig.at(34.41, 113.76))
    assert "2 段共" in rig.tools.ruler.words()
    QTest.keyClick(rig.map, Qt.Key.Key_Backspace)
    assert len(rig.tools.ruler.spots) == 2
    QTest.keyClick(rig.map, Qt.Key.Key_Escape)
    assert rig.map.tool is None
    assert not rig.tools.ruler.spots


def test_the_ruler_works_by_keys_alone(rig: Rig) -> None:
    rig.map.take(rig.tools.ruler)
    QTest.keyClick(rig.map, Qt.Key.Key_Return)
    QTest.keyClick(rig.map, Qt.Key.Key_Right)
    QTest.keyClick(rig.map, Qt.Key.Key_Return)
    assert len(rig.tools.ruler.spots) == 2
    assert "真方位 090°" in rig.tools.ruler.words()


def test_an_old_place_that_is_measured_says_its_age(rig: Rig) -> None:
    shown = picture(teams=(team("消防一中队", "消", 8, 3600, 15, place(*TEAM_AT, 3600)),))
    rig.bridge.picture = shown
    rig.map.take(rig.tools.ruler)
    rig.tools.ruler.spots = [Spot(kind="team", id="消防一中队"), Spot(kind="point", degrees=(34.4, 113.7))]
    assert rig.tools.ruler.words().startswith("消防一中队(位置 1 时 0 分前) →")


def test_rings_stand_about_their_middle_and_stay_when_the_tool_is_put_away(rig: Rig) -> None:
    rig.map.take(rig.tools.ring_tool)
    before = rig.image()
    QTest.mouseClick(rig.map, Qt.MouseButton.LeftButton, pos=rig.at(STATION.lat_deg, STATION.lon_deg))
    rig.map.take(None)
    after = rig.image()
    step_px = rig.tools.rings.step_m * rig.map.view.scale_px_per_m / 0.825  # cos(34.41)
    middle = rig.map.view.point(STATION.lat_deg, STATION.lon_deg)
    east = (middle + QPointF(step_px, 0)).toPoint()
    window = [(east.x() + dx, east.y()) for dx in range(-3, 4)]
    assert any(before.pixel(*one) != after.pixel(*one) for one in window), "no ring a step to the east"
    rig.map.take(rig.tools.ring_tool)
    QTest.mouseClick(rig.map, Qt.MouseButton.LeftButton, pos=middle.toPoint())
    assert rig.tools.rings.centre is None


def _reach(rig: Rig, source: Spot = VEHICLE) -> None:
    rig.map.take(rig.tools.reach)
    rig.tools.reach.source = source
    rig.tools.reach.target = Spot(kind="team", id="消防一中队")
    rig.image()


def test_without_a_file_the_reach_is_no_terrain_data_and_never_a_guess(rig: Rig) -> None:
    _reach(rig)
    assert rig.tools.reach.words() == "指挥车 → 消防一中队:没有高程数据"
    rig.tools.sight.toggle(VEHICLE)
    assert rig.tools.sight.answer == Nothing(reason="no_folder")


def test_a_missing_tile_is_named(qtbot: QtBot, tmp_path: Path) -> None:
    write_tile(tmp_path, "N35E113.hgt", _valley)
    rig = Rig(qtbot, tmp_path)
    _reach(rig)
    qtbot.waitUntil(lambda: rig.tools.reach.answer is not None)
    assert rig.tools.reach.words() == "指挥车 → 消防一中队:没有高程数据(缺 N34E113.hgt 或该处为空)"
    rig.bridge.close()


def test_a_damaged_tile_and_a_missing_folder_are_sentences(qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "N34E113.hgt").write_bytes(b"\0" * 100)
    for folder, word in ((tmp_path, "大小不对"), (tmp_path / "gone", "读不出")):
        rig = Rig(qtbot, folder)
        _reach(rig)
        qtbot.waitUntil(lambda rig=rig: rig.tools.reach.answer is not None)  # type: ignore[misc]
        assert "没有高程数据" in rig.tools.reach.words()
        assert word in rig.tools.reach.words()
        rig.bridge.close()


def test_over_flat_ground_a_station_reaches_a_team_and_says_what_it_was_reckoned_with(
    qtbot: QtBot, tmp_path: Path
) -> None:
    rig = _with_heights(qtbot, tmp_path)
    _reach(rig, Spot(kind="station", id="bs", degrees=(STATION.lat_deg, STATION.lon_deg)))
    qtbot.waitUntil(lambda: rig.tools.reach.answer is not None)
    link = rig.tools.reach.answer
    assert isinstance(link, Link)
    ends = rig.tools.reach._ask()
    assert ends is not None
    lines = rig.tools.reach.lines(link, ends)
    assert lines[0] == "4.30 km 真方位 121° · 380 MHz · 天线离地 35 m / 1.5 m · 4/3 地球"
    assert lines[-1] == "只算地形,不含房屋、树木和干扰"
    assert rig.tools.reach.words() == "新郑固定基站 → 消防一中队:视线通,0.6 菲涅耳区受阻"
    rig.bridge.close()


def test_in_a_replay_the_reach_says_that_its_places_are_replayed(qtbot: QtBot, tmp_path: Path) -> None:
    rig = _with_heights(qtbot, tmp_path)
    shown = rig.bridge.picture
    rig.bridge.open_replay(None)
    rig.bridge.picture = shown
    _reach(rig)
    qtbot.waitUntil(lambda: rig.tools.reach.answer is not None)
    link, ends = rig.tools.reach.answer, rig.tools.reach._ask()
    assert isinstance(link, Link)
    assert ends is not None
    assert "回放时刻" in rig.tools.reach.lines(link, ends)[-1]
    rig.bridge.close()


def test_a_viewshed_is_reckoned_beside_the_window_and_drawn_under_the_teams(qtbot: QtBot, tmp_path: Path) -> None:
    rig = _with_heights(qtbot, tmp_path)
    before = rig.image()
    rig.tools.sight.toggle(Spot(kind="station", id="bs", degrees=(STATION.lat_deg, STATION.lon_deg)))
    assert rig.tools.sight.answer is None, "reckoned in the window's own thread"
    qtbot.waitUntil(lambda: isinstance(rig.tools.sight.answer, Viewshed), timeout=20_000)
    near = rig.at(34.405, 113.75)
    assert rig.image().pixel(near) != before.pixel(near)
    assert rig.map.bar.buttons["sight"].isChecked()
    rig.map.bar.buttons["sight"].click()
    rig.tools.sight.toggle(VEHICLE)
    assert not rig.map.bar.buttons["sight"].isChecked()
    rig.bridge.close()


def test_the_reach_begins_with_the_team_that_is_selected(rig: Rig) -> None:
    rig.map.select("消防一中队")
    rig.map.bar.buttons["reach"].click()
    assert rig.tools.reach.target == Spot(kind="team", id="消防一中队")
