"""Pictures of the ground become MBTiles that lie where the picture lay."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from math import asinh, cos, floor, pi, radians, tan
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtGui import QColor, QImage

from console.maps.package import inspect, open_source
from console.maps.warp import area_of, from_source, tile_at
from console.surroundings import Datum, MapSource
from tests.importing.rig import imported, refused
from tests.importing.sources import LAT, LON


def fraction(lat_deg: float, lon_deg: float, zoom: int) -> tuple[float, float]:
    """Column and row (from the north) with what is after the point."""
    scale = 1 << zoom
    return (lon_deg + 180) / 360 * scale, (1 - asinh(tan(radians(lat_deg))) / pi) / 2 * scale


class Tiles:
    """What a reader of MBTiles sees."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def ask(self, sql: str, *values: object) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(f"file:{self.file}?mode=ro", uri=True)) as database:
            return database.execute(sql, values).fetchall()

    @property
    def metadata(self) -> dict[str, str]:
        return {str(name): str(value) for name, value in self.ask("SELECT name, value FROM metadata")}

    def octets(self, zoom: int, column: int, row: int) -> bytes:
        sql = "SELECT tile_data FROM tiles WHERE zoom_level=? AND tile_column=? AND tile_row=?"
        found = self.ask(sql, zoom, column, (1 << zoom) - 1 - row)
        assert found, (zoom, column, row)
        data = found[0][0]
        assert isinstance(data, bytes)
        return data

    def colour(self, lat_deg: float, lon_deg: float, zoom: int) -> QColor:
        x, y = fraction(lat_deg, lon_deg, zoom)
        image = QImage.fromData(self.octets(zoom, floor(x), floor(y)))
        assert (image.width(), image.height()) == (256, 256)
        return image.pixelColor(floor(x % 1 * 256), floor(y % 1 * 256))


def is_red(colour: QColor) -> bool:
    return colour.red() > 150 and colour.green() < 60


def is_green(colour: QColor) -> bool:
    return colour.green() > 150 and colour.red() < 60


def test_a_picture_lies_where_it_lay_to_three_of_its_pixels(sources: Path, tmp_path: Path) -> None:
    out = tmp_path / "halves.mbtiles"
    report = imported(sources / "halves.tif", out)
    tiles = Tiles(out)
    assert report.zooms is not None
    finest = report.zooms[1]
    pixel_deg = 360 / (1 << finest) / 256
    for lat in (LAT - 0.003, LAT, LAT + 0.003):
        # The middle line of the picture runs along a grid north that leans 0.13 degrees: three pixels at its ends.
        lean = (lat - LAT) * 0.0019
        assert is_red(tiles.colour(lat, LON + lean - 3 * pixel_deg, finest))
        assert is_green(tiles.colour(lat, LON + lean + 3 * pixel_deg, finest))


def test_what_the_metadata_says_is_what_is_in_the_table(sources: Path, tmp_path: Path) -> None:
    out = tmp_path / "halves.mbtiles"
    report = imported(sources / "halves.tif", out, zooms=(12, 15), name="新郑影像")
    tiles = Tiles(out)
    said = tiles.metadata
    assert (said["name"], said["datum"], said["date"], said["format"]) == ("新郑影像", "cgcs2000", "2026-07-20", "jpg")
    assert tiles.ask("SELECT DISTINCT zoom_level FROM tiles ORDER BY 1") == [(12,), (13,), (14,), (15,)]
    assert (said["minzoom"], said["maxzoom"]) == ("12", "15")
    west, south, east, north = (float(part) for part in said["bounds"].split(","))
    assert west < LON < east
    assert south < LAT < north
    assert report.counts["tiles"] == tiles.ask("SELECT count(*) FROM tiles")[0][0]
    assert report.datum == "cgcs2000"


def test_a_shifted_picture_keeps_its_pixels_and_says_its_datum(sources: Path, tmp_path: Path) -> None:
    out = tmp_path / "gcj.mbtiles"
    imported(sources / "gcj.tif", out, datum="gcj02", zooms=(14, 14))
    assert Tiles(out).metadata["datum"] == "gcj02"
    assert is_red(Tiles(out).colour(LAT, LON - 0.001, 14))


@pytest.mark.parametrize("datum", ["wgs84", "gcj02", "bd09"])
def test_what_is_imported_is_read_by_the_map_where_the_picture_lay(sources: Path, tmp_path: Path, datum: Datum) -> None:
    """Nothing is configured: datum, day, area and zooms are those the import wrote."""
    out = tmp_path / "own.mbtiles"
    imported(sources / "gcj.tif", out, datum=datum, zooms=(15, 17), name="航片")
    given = MapSource(id="own", name="航片", path=out, datum="unknown")
    tiles = open_source(given)
    package = inspect(given, tiles)
    assert (package.source.datum, package.date, package.zooms) == (datum, "2026-07-20", (15, 16, 17))
    assert (package.projection, package.contradicted) == ("mercator", None)
    lat, lon = from_source(LAT, LON, datum)
    for shift_deg, is_colour in ((-0.001, is_red), (0.001, is_green)):
        column, row = tile_at(lat, lon + shift_deg, 17, datum)
        octets = tiles.tile(17, column, row)
        assert octets is not None
        west, _, _, north = area_of((column, column, row, row), 17, datum)
        side_px = 256 * (1 << 17) / 360
        x = (lon + shift_deg - west) * side_px
        y = (north - lat) * side_px / cos(radians(lat))
        assert is_colour(QImage.fromData(octets).pixelColor(min(255, floor(x)), min(255, floor(y))))
    tiles.close()


def test_a_datum_configured_against_what_the_import_wrote_is_a_contradiction(sources: Path, tmp_path: Path) -> None:
    out = tmp_path / "own.mbtiles"
    imported(sources / "gcj.tif", out, datum="gcj02", zooms=(15, 15))
    for datum, contradicted in (("wgs84", "gcj02"), ("cgcs2000", "gcj02"), ("gcj02", None)):
        given = MapSource(id="own", name="航片", path=out, datum=cast("Datum", datum))
        tiles = open_source(given)
        package = inspect(given, tiles)
        assert (package.source.datum, package.contradicted) == (datum, contradicted)
        tiles.close()


def test_where_the_picture_has_nothing_the_tile_is_transparent(sources: Path, tmp_path: Path) -> None:
    out = tmp_path / "hole.mbtiles"
    report = imported(sources / "hole.tif", out)
    assert report.zooms is not None
    middle = Tiles(out).colour(LAT, LON, report.zooms[1])
    beside = Tiles(out).colour(LAT + 0.005, LON, report.zooms[1])
    assert (middle.alpha(), beside.alpha()) == (0, 255)


def test_colours_by_name_stay_exactly_these_colours(sources: Path, tmp_path: Path) -> None:
    out = tmp_path / "palette.mbtiles"
    report = imported(sources / "palette.tif", out)
    assert report.zooms is not None
    for zoom in report.zooms:
        x, y = fraction(LAT, LON, zoom)
        image = QImage.fromData(Tiles(out).octets(zoom, floor(x), floor(y)))
        colours = {
            image.pixelColor(c, r).name() for c in range(256) for r in range(256) if image.pixelColor(c, r).alpha()
        }
        assert colours <= {"#0000ff", "#ffff00"}, "no third colour between two"
        assert colours


def test_sixteen_bits_are_stretched_and_that_is_said(sources: Path, tmp_path: Path) -> None:
    out = tmp_path / "deep.mbtiles"
    report = imported(sources / "deep.tif", out)
    assert "stretched" in report.notes
    assert report.zooms is not None
    north = Tiles(out).colour(LAT + 0.0095, LON, report.zooms[1])
    south = Tiles(out).colour(LAT - 0.0095, LON, report.zooms[1])
    assert north.value() < 20
    assert south.value() > 235


def test_the_picture_of_a_geopackage_is_cut_too(sources: Path, tmp_path: Path) -> None:
    out = tmp_path / "picture.mbtiles"
    imported(sources / "picture.gpkg", out, zooms=(14, 14))
    assert is_red(Tiles(out).colour(LAT, LON - 0.001, 14))
    assert is_green(Tiles(out).colour(LAT, LON + 0.001, 14))


def test_only_the_area_asked_for_is_cut(sources: Path, tmp_path: Path) -> None:
    area = (LON, LAT, LON + 0.002, LAT + 0.002)
    small = imported(sources / "halves.tif", tmp_path / "small.mbtiles", area_deg=area, zooms=(18, 18))
    assert small.bounds_deg == pytest.approx(area)
    # 0.002 degrees are 1.46 columns and 1.77 rows at this zoom.
    assert 2 <= small.counts["tiles"] <= 9


def test_an_old_chinese_datum_is_unknown_and_the_report_says_how_far_off_it_may_be(
    sources: Path, tmp_path: Path
) -> None:
    report = imported(sources / "old.tif", tmp_path / "old.mbtiles", zooms=(12, 12))
    assert report.datum == "unknown"
    assert "old_datum" in report.notes
    assert Tiles(tmp_path / "old.mbtiles").metadata["datum"] == "unknown"


def test_more_tiles_than_a_disk_likes_are_refused_before_the_first(sources: Path, tmp_path: Path) -> None:
    with refused("too_many_tiles"):
        # Xian to Shanghai at the finest zoom.
        imported(sources / "wide.tif", tmp_path / "x.mbtiles", zooms=(5, 19))
    assert not list(tmp_path.iterdir())


def test_a_picture_that_says_no_reference_system_is_refused_until_somebody_says_it(
    sources: Path, tmp_path: Path
) -> None:
    out = tmp_path / "nowhere.mbtiles"
    with refused("no_crs"):
        imported(sources / "nowhere.tif", out)
    assert not out.exists()
    report = imported(sources / "nowhere.tif", out, crs="EPSG:4547", zooms=(14, 14))
    assert report.crs == "EPSG:4547"
    assert is_red(Tiles(out).colour(LAT, LON - 0.002, 14))
    with refused("unknown_crs"):
        imported(sources / "nowhere.tif", tmp_path / "z.mbtiles", crs="EPSG:1")
