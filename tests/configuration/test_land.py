"""What a person may write of heights and base stations."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.surroundings import MapConfiguration, Station, Terrain, surroundings_of
from tests.configuration.test_file import EXAMPLE, GNSS, only, read

STATION = '[[station]]\nid = "bs"\nlat_deg = 34.4\nlon_deg = 113.7\nheight_m = 35\nfrequency_mhz = 370\n'


def test_all_that_can_be_said_of_the_land_is_read(tmp_path: Path) -> None:
    configuration = read(
        GNSS + STATION + '[terrain]\nfolder = "heights"\nfrequency_mhz = 160\nvehicle_height_m = 6\n'
        "handheld_height_m = 1\n",
        tmp_path,
    )
    assert configuration.terrain == Terrain(folder="heights", frequency_mhz=160, vehicle_m=6, handheld_m=1)
    assert configuration.stations == (
        Station(id="bs", name="bs", lat_deg=34.4, lon_deg=113.7, height_m=35, frequency_mhz=370),
    )


def test_what_is_left_out_is_no_folder_and_no_station(tmp_path: Path) -> None:
    configuration = read(GNSS, tmp_path)
    assert configuration.terrain.folder is None
    assert configuration.stations == ()
    assert surroundings_of(configuration.terrain, (), tmp_path / "vehicle.toml").folder is None


def test_a_relative_folder_lies_beside_the_configuration(tmp_path: Path) -> None:
    file = tmp_path / "vehicle.toml"
    assert surroundings_of(Terrain(folder="heights"), (), file).folder == tmp_path / "heights"
    assert surroundings_of(Terrain(folder="/maps/heights"), (), file).folder == Path("/maps/heights")


@pytest.mark.parametrize(
    ("content", "key", "reason"),
    [
        (STATION.replace("lat_deg = 34.4\n", ""), "station.bs.lat_deg", "missing"),
        (STATION.replace("height_m = 35\n", ""), "station.bs.height_m", "missing"),
        (STATION.replace("frequency_mhz = 370\n", ""), "station.bs.frequency_mhz", "missing"),
        (STATION.replace("34.4", "134.4"), "station.bs.lat_deg", "range"),
        (STATION.replace("35", '"35 m"'), "station.bs.height_m", "type"),
        (STATION.replace('"bs"', '"gnss"'), "station.gnss.id", "id_duplicate"),
        (STATION + "power = 5\n", "station.bs.power", "unknown_key"),
        ("[terrain]\nfrequency_mhz = 5\n", "terrain[1].frequency_mhz", "range"),
        ("[terrain]\nfile = 'x'\n", "terrain[1].file", "unknown_key"),
    ],
)
def test_a_fault_names_the_key_and_the_reason(tmp_path: Path, content: str, key: str, reason: str) -> None:
    assert only(GNSS + content, tmp_path)[:2] == (key, reason)


def test_the_example_shows_every_key_of_the_land() -> None:
    lines = [line.lstrip("# ") for line in EXAMPLE.read_text(encoding="utf-8").splitlines()]
    for key in (
        "folder",
        "vehicle_height_m",
        "handheld_height_m",
        "height_m",
        "frequency_mhz",
        "file",
        "datum",
        "date",
        "tiling",
    ):
        assert any(line.startswith(key) for line in lines), key


def test_maps_are_read_with_their_datum_and_day_and_lie_beside_the_configuration(tmp_path: Path) -> None:
    maps = (
        '[[map]]\nid = "base"\nname = "底图"\nfile = "maps/base.mbtiles"\ndatum = "gcj02"\ndate = 2026-05-01\n'
        '[[map]]\nid = "aerial"\nfile = "/maps/a.pmtiles"\ndate = "2024 年春"\n'
        '[[map]]\nid = "sky"\nfile = "c.mbtiles"\ndatum = "cgcs2000"\ntiling = "tianditu_c"\n'
    )
    configuration = read(GNSS + maps, tmp_path)
    assert configuration.maps == (
        MapConfiguration(id="base", name="底图", file="maps/base.mbtiles", datum="gcj02", date="2026-05-01"),
        MapConfiguration(id="aerial", name="aerial", file="/maps/a.pmtiles", datum="unknown", date="2024 年春"),
        MapConfiguration(id="sky", name="sky", file="c.mbtiles", datum="cgcs2000", tiling="tianditu_c"),
    )
    found = surroundings_of(Terrain(), (), tmp_path / "vehicle.toml", configuration.maps).maps
    assert [one.path for one in found] == [
        tmp_path / "maps/base.mbtiles",
        Path("/maps/a.pmtiles"),
        tmp_path / "c.mbtiles",
    ]
    assert [one.tiling for one in found] == [None, None, "tianditu_c"]


def test_layers_are_read_in_their_order_and_lie_beside_the_configuration(tmp_path: Path) -> None:
    layers = (
        '[[layer]]\nid = "roads"\nname = "新郑道路"\nfile = "maps/roads.geojson"\n'
        '[[layer]]\nid = "plan"\nfile = "/maps/plan.geojson"\ndatum = "bd09"\ndate = 2025-01-31\n'
    )
    configuration = read(GNSS + layers, tmp_path)
    assert configuration.maps == ()
    assert configuration.layers == (
        MapConfiguration(id="roads", name="新郑道路", file="maps/roads.geojson", datum="unknown"),
        MapConfiguration(id="plan", name="plan", file="/maps/plan.geojson", datum="bd09", date="2025-01-31"),
    )
    found = surroundings_of(Terrain(), (), tmp_path / "vehicle.toml", (), configuration.layers).layers
    assert [one.path for one in found] == [tmp_path / "maps/roads.geojson", Path("/maps/plan.geojson")]


def test_two_layers_or_a_layer_and_a_map_never_share_an_id(tmp_path: Path) -> None:
    layer = '[[layer]]\nid = "a"\nfile = "a.geojson"\n'
    assert only(GNSS + layer + layer, tmp_path)[1] == "id_duplicate"
    assert only(GNSS + layer + '[[map]]\nid = "a"\nfile = "a.mbtiles"\n', tmp_path)[1] == "id_duplicate"


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ('datum = "wgs-84"', "map.m.datum"),
        ("date = 5", "map.m.date"),
        ('folder = "x"', "map.m.folder"),
        ('file = ""', "map.m.file"),
        ('tiling = "wgs84"', "map.m.tiling"),
        ('datum = "wgs-84"', "layer.m.datum"),
        ("date = 5", "layer.m.date"),
        ('tiling = "mercator"', "layer.m.tiling"),
        ("file = 3", "layer.m.file"),
    ],
)
def test_what_is_wrong_with_a_map_or_layer_is_told_at_its_place(line: str, key: str, tmp_path: Path) -> None:
    file = "" if line.startswith("file") else 'file = "a.mbtiles"\n'
    assert only(f'{GNSS}[[{key.partition(".")[0]}]]\nid = "m"\n{file}{line}\n', tmp_path)[0] == key
