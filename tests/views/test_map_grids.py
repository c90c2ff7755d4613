"""The grids of the map, on both sides of 114°E."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from console.coordinates.grids import Kind, to_grid, zone_at
from console.views.situation.grids import GRIDS, Bounds, GridLayer, beidou_grid, metric_lines, mgrs_cells, step_m
from console.views.situation.projection import View, to_plane
from console.views.theme import Theme
from tests.views.pictures import NOW, picture
from tests.views.situation_rig import SPEECH, Shown

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

ACROSS = Bounds(south_deg=34.3, north_deg=34.5, west_deg=113.8, east_deg=114.2)


def _view(lat_deg: float = 34.4, lon_deg: float = 114.0, zoom: float = 12.0) -> View:
    east_m, north_m = to_plane(lat_deg, lon_deg)
    return View(centre_east_m=east_m, centre_north_m=north_m, zoom=zoom, width_px=1000, height_px=800)


@pytest.mark.parametrize("kind", ["gk3", "utm"])
def test_every_line_has_one_coordinate_all_along_in_its_own_zone(kind: Kind) -> None:
    lines = [line for line in metric_lines(kind, ACROSS, 1_000.0) if not line.is_edge]
    assert len(lines) > 40
    for line in lines:
        middle = line.places[len(line.places) // 2]
        zone = zone_at(kind, *middle)
        assert zone is not None
        for place in line.places[1:-1]:
            found = to_grid(zone, *place)
            assert found is not None
            value_m = found[0 if line.is_upright else 1]
            assert value_m == pytest.approx(round(value_m / 1000) * 1000, abs=0.001)
            said = int(line.words) % 1000 if kind == "gk3" and line.is_upright else int(line.words)
            assert said == round(value_m / 1000)


def test_squares_of_utm_break_at_114_and_the_three_degree_grid_does_not() -> None:
    edges = [line for line in metric_lines("utm", ACROSS, 1_000.0) if line.is_edge]
    assert [line.places[0][1] for line in edges] == [114.0]
    assert not [line for line in metric_lines("gk3", ACROSS, 1_000.0) if line.is_edge]
    for line in metric_lines("utm", ACROSS, 1_000.0):
        lons = [place[1] for place in line.places]
        assert max(lons) <= 114.0 + 1e-9 or min(lons) >= 114.0 - 1e-9, "a line runs on into the next zone"


def test_northings_reach_the_edge_of_their_zone() -> None:
    lines = [line for line in metric_lines("utm", ACROSS, 5_000.0) if not line.is_upright and not line.is_edge]
    assert any(max(place[1] for place in line.places) == 114.0 for line in lines)
    assert any(min(place[1] for place in line.places) == 114.0 for line in lines)


def test_three_degree_eastings_carry_the_number_of_the_zone() -> None:
    # 113.740662, 34.395949 is 38476152.8207, 3807612.9565: between these two lines.
    words = {line.words for line in metric_lines("gk3", ACROSS, 1_000.0) if line.is_upright}
    assert "38500" in words, "the central meridian itself"
    assert all(one.startswith("38") for one in words)


def test_the_squares_of_both_zones_are_named() -> None:
    # Squares by two implementations of MGRS: 49SGU5194809465 and 50SKD3443145822 lie in these.
    bounds = Bounds(south_deg=34.3, north_deg=34.5, west_deg=113.7, east_deg=114.2)
    assert {cell.words for cell in mgrs_cells(bounds, [], 1_000.0)} >= {"49SGU", "50SKD"}


def test_beidou_cells_carry_their_codes_and_break_at_114() -> None:
    lines, cells = beidou_grid(ACROSS, (3, 1 / 4, 1 / 6))
    assert [line.places[0][1] for line in lines if line.is_edge and line.is_upright] == [114.0]
    names = {cell.words for cell in cells}
    assert {"N49IB45", "N50I044"} <= names
    _, fine = beidou_grid(
        Bounds(south_deg=34.395, north_deg=34.397, west_deg=113.739, east_deg=113.742), (5, 4 / 3600, 4 / 3600)
    )
    assert "N49IB44E36B" in {cell.words for cell in fine}


@pytest.mark.parametrize("zoom", [5.0, 8.0, 12.0, 15.0, 18.0])
@pytest.mark.parametrize("lon_deg", [114.0, 0.0, 179.9, -179.9, 60.0])
def test_no_view_has_more_lines_than_can_be_read(zoom: float, lon_deg: float) -> None:
    for grid in GRIDS[1:]:
        lines, cells = GridLayer(grid).content(_view(lon_deg=lon_deg, zoom=zoom), 110.0)
        assert len(lines) < 120
        assert len(cells) < 250
    assert step_m(_view(zoom=zoom), 110.0) >= 100


def test_the_edge_is_drawn_where_114_lies_and_nothing_is_drawn_for_the_graticule(qtbot: QtBot) -> None:
    del qtbot
    theme = Theme()
    colours = []
    for grid in ("graticule", "mgrs"):
        image = QImage(1000, 800, QImage.Format.Format_RGB32)
        image.fill(Qt.GlobalColor.black)
        painter = QPainter(image)
        GridLayer(grid).draw(painter, picture(), _view(), theme, SPEECH, NOW)
        painter.end()
        colours.append({image.pixel(500, y) for y in range(100, 700)})
    assert colours[0] == {QColor("black").rgb()}
    assert theme.palette.warn.rgb() in colours[1]


def test_a_key_and_the_button_choose_the_grid_and_the_button_says_which(qtbot: QtBot) -> None:
    shown = Shown(qtbot)
    button = shown.screen.map.bar.buttons["grid"]
    assert button.text() == "网格：经纬网"
    QTest.keyClick(shown.screen, Qt.Key.Key_X)
    assert button.text() == "网格：三度带公里网"
    button.click()
    assert button.text() == "网格：MGRS"
    assert shown.screen.instruments.grid.grid == "mgrs"
