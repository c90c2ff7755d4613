"""Packages cut by latitude and longitude lie where they belong or are refused; none is drawn elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.maps.package import Package, coverage, inspect, open_source
from console.maps.source import BrokenPackage, TileSource
from console.maps.warp import area_of, corner_m, tile_at
from console.surroundings import Tiling
from tests.console.test_map_packages import write_pmtiles
from tests.map_packages import Place, colour_of, png, source, write_mbtiles

HOME = (34.395949, 113.740662)
C15 = (15, 26736, 5061)
"""The tile of Tianditu's "c" set over ``HOME``.  **Source:** (lon + 180) and (90 - lat) by 360°/2^15, by hand."""
G14 = (14, 26736, 5061)
"""The same square of ``WorldCRS84Quad``, which counts one zoom less.  **Source:** OGC 17-083r4, 180°/2^14 a tile."""
BOUNDS = "113.73,34.38,113.75,34.40"
SQUARE = [(0, 0), (1, 0), (0, 1), (1, 1), (-1, 0), (0, -1)]


def tiles_around(place: Place) -> list[Place]:
    zoom, column, row = place
    parent = (zoom - 1, column >> 1, row >> 1)
    return [*((zoom, column + x, row + y) for x, y in SQUARE), parent]


def south_of_half(zoom: int) -> int:
    return 1 << (zoom - 1)


def opened(path: Path, tiling: Tiling | None = None) -> tuple[TileSource, Package]:
    tiles = open_source(source(path, tiling=tiling))
    return tiles, inspect(source(path, tiling=tiling), tiles)


def written(folder: Path, kind: str, facts: dict[str, str]) -> Path:
    place, rows = {
        "square": (C15, lambda zoom: 1 << zoom),
        "half": (C15, south_of_half),
        "geodetic": (G14, lambda zoom: 1 << zoom),
    }[kind]
    return write_mbtiles(folder / f"{kind}.mbtiles", tiles_around(place), facts={"name": kind, **facts}, rows=rows)


FACTS = {"crs": "EPSG:4490", "bounds": BOUNDS}
WAYS: dict[str, Tiling] = {"square": "tianditu_c", "half": "tianditu_c", "geodetic": "geodetic"}


@pytest.mark.parametrize("kind", WAYS)
@pytest.mark.parametrize(
    "facts",
    [
        {},
        FACTS,
        {"bounds": BOUNDS},
        {"crs_wkid": "4490"},
        {"profile": "geodetic"},
        {"crs_wkt": 'GEOGCS["China Geodetic Coordinate System 2000"', "bounds": "-180,-90,180,90"},
    ],
)
def test_tiles_cut_by_degrees_are_found_where_they_belong(tmp_path: Path, kind: str, facts: dict[str, str]) -> None:
    tiles, package = opened(written(tmp_path, kind, facts), None if facts else WAYS[kind])
    own = C15 if kind != "geodetic" else G14
    assert package.projection == "degrees"
    assert package.zooms == (14, 15)
    assert tile_at(*HOME, 15, "cgcs2000", "degrees") == C15[1:]
    assert tiles.tile(*C15) == png(*colour_of(*own))
    west, south, east, north = package.area_deg or (0, 0, 0, 0)
    assert west < HOME[1] < east
    assert south < HOME[0] < north
    (whole,) = [one for one in coverage(package, tiles, (HOME[1], HOME[0], HOME[1], HOME[0])) if one.zoom == 15]
    assert whole.is_whole
    tiles.close()


@pytest.mark.parametrize("kind", WAYS)
def test_tiles_cut_by_degrees_of_which_nothing_is_said_are_refused_with_the_words_to_write(
    tmp_path: Path, kind: str
) -> None:
    with pytest.raises(BrokenPackage) as broken:
        opened(written(tmp_path, kind, {}))
    assert broken.value.text.id == "maps.broken.tiling"
    assert all(word in broken.value.sentence("zh") for word in ("tianditu_c", "geodetic", "mercator"))


def test_columns_that_no_mercator_map_has_are_refused_far_from_here_too(tmp_path: Path) -> None:
    sydney = (10, int((151.2 + 180) / 180 * 1024), int((90 + 33.9) / 180 * 1024))
    with pytest.raises(BrokenPackage) as broken:
        opened(write_mbtiles(tmp_path / "s.mbtiles", [sydney]))
    assert broken.value.text.id == "maps.broken.tiling"
    tiles, package = opened(tmp_path / "s.mbtiles", "geodetic")
    assert package.projection == "degrees"
    tiles.close()


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"crs": "EPSG:4547"}, "reference"),
        ({"crs": "EPSG:4490", "bounds": "100.0,20.0,100.5,20.5"}, "tiling"),  # it lies elsewhere than it says
    ],
)
def test_what_its_tiles_do_not_bear_out_is_refused(tmp_path: Path, facts: dict[str, str], reason: str) -> None:
    with pytest.raises(BrokenPackage) as broken:
        opened(written(tmp_path, "square", facts))
    assert broken.value.text.id == f"maps.broken.{reason}"


@pytest.mark.parametrize("facts", [{}, {"bounds": BOUNDS}, {"crs": "EPSG:3857"}, {**FACTS, "crs": "EPSG:4326"}])
def test_mercator_stays_mercator_even_where_the_file_calls_its_bounds_4326(
    tmp_path: Path, facts: dict[str, str]
) -> None:
    place = (15, *tile_at(*HOME, 15, "wgs84"))
    path = write_mbtiles(tmp_path / "m.mbtiles", tiles_around(place), facts={"name": "m", **facts})
    tiles, package = opened(path)
    assert package.projection == "mercator"
    assert tiles.tile(*place) == png(*colour_of(*place))
    tiles.close()


def test_a_tiling_that_cannot_be_is_refused(tmp_path: Path) -> None:
    whole = [(3, x, y) for x in range(8) for y in range(8)]
    with pytest.raises(BrokenPackage) as broken:
        opened(write_mbtiles(tmp_path / "w.mbtiles", whole), "tianditu_c")
    assert broken.value.text.id == "maps.broken.tiling"


def test_a_pmtiles_file_may_be_cut_by_degrees_too(tmp_path: Path) -> None:
    path = write_pmtiles(tmp_path / "c.pmtiles", tiles_around(C15))
    with pytest.raises(BrokenPackage):
        opened(path)
    tiles, package = opened(path, "tianditu_c")
    assert (package.projection, tiles.tile(*C15)) == ("degrees", png(*colour_of(*C15)))
    tiles.close()


def test_corners_cut_by_degrees_lie_on_their_parallel_and_meridian() -> None:
    zoom, column, row = C15
    west, south, east, north = area_of((column, column, row, row), zoom, "cgcs2000", "degrees")
    side_deg = 360 / (1 << zoom)
    assert (west, north) == pytest.approx((column * side_deg - 180, 90 - row * side_deg), abs=1e-9)
    assert (east - west, north - south) == pytest.approx((side_deg, side_deg), abs=1e-9)
    assert corner_m(zoom, column, row, "cgcs2000", "degrees")[0] == corner_m(zoom, column, row, "cgcs2000")[0]
