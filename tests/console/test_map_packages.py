"""Map packages: what is in them is found in their tiles."""

from __future__ import annotations

import random
import threading
from math import atan, degrees, pi, sinh
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer

from console.maps.package import Package, coverage, inspect, is_ready, open_source
from console.maps.pmtiles import PmTiles, hilbert_id, place_of, zoom_of
from console.maps.source import BrokenPackage
from console.maps.store import Found, Key, TileStore
from console.maps.warp import area_of, corner_m, span_over, tile_at, to_source
from console.surroundings import Datum
from tests.map_packages import block, colour_of, png, source, write_mbtiles

HOME = (34.395949, 113.740662)
Z14 = (14, 13368, 6521)
"""The tile of zoom 14 under ``HOME``.  **Source:** the formula of the slippy map tile names, reckoned by hand."""


def write_pmtiles(path: Path, places: list[tuple[int, int, int]], side: int = 256) -> Path:
    """Written by the reference implementation."""
    with path.open("wb") as file:
        writer: Any = Writer(file)  # type: ignore[no-untyped-call]
        for z, x, y in sorted(places, key=lambda place: zxy_to_tileid(*place)):
            writer.write_tile(zxy_to_tileid(z, x, y), png(*colour_of(z, x, y), side))
        head = {
            "tile_type": TileType.PNG, "tile_compression": Compression.NONE, "min_zoom": 0, "max_zoom": 14,
            "min_lon_e7": 0, "min_lat_e7": 0, "max_lon_e7": 0, "max_lat_e7": 0, "center_zoom": 0, "center_lon_e7": 0,
            "center_lat_e7": 0,
        }  # fmt: skip
        writer.finalize(head, {"name": "pm", "attribution": "某局"})
    return path


PLACES = [*block(12, 3340, 1628, 4), *block(14, 13366, 6519, 5)]


def make(kind: str, folder: Path) -> Path:
    if kind == "pmtiles":
        return write_pmtiles(folder / "map.pmtiles", PLACES)
    return write_mbtiles(folder / "map.mbtiles", PLACES, is_deduplicated=kind == "deduplicated")


KINDS = ("plain", "deduplicated", "pmtiles")


@pytest.mark.parametrize("kind", KINDS)
def test_a_tile_is_read_from_its_place_counted_from_the_north(kind: str, tmp_path: Path) -> None:
    tiles = open_source(source(make(kind, tmp_path)))
    assert tiles.tile(*Z14) == png(*colour_of(*Z14))
    assert tiles.tile(14, 13366, 6519) == png(*colour_of(14, 13366, 6519))
    assert tiles.tile(14, 13365, 6519) is None
    assert tiles.tile(13, 6684, 3257) is None
    tiles.close()


@pytest.mark.parametrize("kind", KINDS)
def test_zooms_and_bounds_come_from_the_tiles_and_not_from_what_is_said_of_them(kind: str, tmp_path: Path) -> None:
    package = inspect(one := source(make(kind, tmp_path)), tiles := open_source(one))
    assert package.zooms == (12, 14)
    assert tiles.span(14) == (13366, 13370, 6519, 6523)
    assert package.area_deg == pytest.approx(area_of((13366, 13370, 6519, 6523), 14, "wgs84"))
    assert package.date == "2026-05"
    tiles.close()


def test_metadata_that_lies_about_zooms_and_bounds_is_not_believed(tmp_path: Path) -> None:
    facts = {"minzoom": "0", "maxzoom": "19", "bounds": "-180,-85,180,85", "attribution": "某局\n\x00\x1b[31m"}
    one = source(write_mbtiles(tmp_path / "a.mbtiles", PLACES, facts=facts), date="")
    package = inspect(one, tiles := open_source(one))
    assert package.zooms == (12, 14)
    assert package.area_deg is not None
    assert package.area_deg[0] > 113
    assert "\n" not in package.attribution
    assert "\x1b" not in package.attribution
    assert package.date == ""
    tiles.close()


@pytest.mark.parametrize("kind", KINDS)
def test_an_area_is_covered_only_where_every_tile_of_it_is_there(kind: str, tmp_path: Path) -> None:
    package = inspect(one := source(make(kind, tmp_path)), tiles := open_source(one))
    west, south, east, north = area_of((13367, 13368, 6520, 6521), 14, "wgs84")
    inner = (west + 1e-6, south + 1e-6, east - 1e-6, north - 1e-6)
    assert [(row.zoom, row.is_whole) for row in coverage(package, tiles, inner)] == [(12, True), (14, True)]
    wide = (west - 0.1, south, east, north)
    rows = {row.zoom: row for row in coverage(package, tiles, wide)}
    assert not rows[14].is_whole
    assert rows[14].wanted is not None
    assert 0 < rows[14].there < rows[14].wanted
    whole_country = {row.zoom: row for row in coverage(package, tiles, (73.0, 18.0, 135.0, 53.0))}
    assert whole_country[14].wanted is None
    assert not whole_country[14].is_whole
    tiles.close()


def test_one_may_leave_only_with_every_zoom_down_to_the_streets(tmp_path: Path) -> None:
    zooms = [
        (zoom, column + x, row + y)
        for zoom in (12, 13, 14, 15)
        for column, row in [tile_at(*HOME, zoom, "wgs84")]
        for x in (-1, 0, 1)
        for y in (-1, 0, 1)
    ]
    lat, lon = HOME
    area = (lon - 1e-3, lat - 1e-3, lon + 1e-3, lat + 1e-3)
    cases = ((zooms, True), ([one for one in zooms if one[0] != 14], False), (zooms[:-9], False))
    for number, (places, expected) in enumerate(cases):
        path = write_mbtiles(tmp_path / f"{number}.mbtiles", places)
        package = inspect(one := source(path), tiles := open_source(one))
        assert is_ready(coverage(package, tiles, area), 12) is expected
        tiles.close()


# ---- PMTiles beside the reference implementation


@given(zoom=st.integers(0, 20), data=st.data())
def test_the_curve_is_the_reference_implementations(zoom: int, data: st.DataObject) -> None:
    side = st.integers(0, (1 << zoom) - 1)
    column, row = data.draw(side), data.draw(side)
    tile_id = hilbert_id(zoom, column, row)
    assert tile_id == zxy_to_tileid(zoom, column, row)
    assert zoom_of(tile_id) == zoom
    assert place_of(tile_id) == (column, row)


def test_a_package_with_leaf_directories_is_read_whole(tmp_path: Path) -> None:
    places = block(13, 6600, 3200, 75)
    tiles = PmTiles(write_pmtiles(tmp_path / "large.pmtiles", places, 4))
    chance = random.Random(1)
    assert all(tiles.tile(*place) == png(*colour_of(*place), 4) for place in chance.sample(places, 200))
    assert tiles.tile(13, 6599, 3200) is None
    tiles.close()


# ---- datum

SHIFTED: tuple[Datum, ...] = ("gcj02", "bd09")


@pytest.mark.parametrize("datum", SHIFTED)
def test_every_corner_of_a_shifted_tile_lies_where_it_belongs(datum: Datum) -> None:
    column, row = tile_at(*HOME, 16, datum)
    west, south, east, north = area_of((column, column, row, row), 16, datum)
    assert west <= HOME[1] <= east
    assert south <= HOME[0] <= north
    plain = tile_at(*HOME, 16, "wgs84")
    assert (column, row) != plain, "580 m are more than one tile of this zoom"
    east_m, north_m = corner_m(16, column, row, datum)
    corner = degrees(atan(sinh(north_m / 6_378_137.0))), degrees(east_m / 6_378_137.0)
    own = to_source(*corner, datum)
    n = 1 << 16
    assert own[1] == pytest.approx(column / n * 360 - 180, abs=1e-8)
    assert own[0] == pytest.approx(degrees(atan(sinh(pi * (1 - 2 * row / n)))), abs=1e-8)


def test_the_shift_of_a_tile_is_that_of_the_vectors() -> None:
    """**Source:** Xinzheng in the coordinate vectors: 113.740662 E 34.395949 N is 113.746811797, 34.394659427."""
    assert to_source(*HOME, "gcj02") == pytest.approx((34.394659427, 113.746811797), abs=1e-8)
    assert to_source(*HOME, "unknown") == HOME
    assert to_source(*HOME, "cgcs2000") == HOME


@pytest.mark.parametrize("datum", SHIFTED)
def test_neighbouring_shifted_tiles_leave_no_gap_and_stay_nearly_upright(datum: Datum) -> None:
    zoom, scale = 17, 256 * 2**17 / 40_075_016.686
    column, row = tile_at(*HOME, zoom, datum)
    here, right = corner_m(zoom, column, row, datum), corner_m(zoom, column + 1, row, datum)
    below = corner_m(zoom, column, row + 1, datum)
    most_px = 1.5 if datum == "gcj02" else 6.0
    assert abs(right[1] - here[1]) * scale < most_px
    assert abs(below[0] - here[0]) * scale < most_px
    assert (right[0] - here[0]) * scale == pytest.approx(256, abs=6)


def test_an_area_over_a_shifted_map_asks_for_the_shifted_tiles() -> None:
    lat, lon = HOME
    area = (lon, lat, lon + 1e-6, lat + 1e-6)
    assert span_over(area, 16, "gcj02")[0] == tile_at(lat, lon, 16, "gcj02")[0]


# ---- the store


class Heard:
    """What a store said, and a wait for it."""

    def __init__(self) -> None:
        self.packages: dict[int, Package | BrokenPackage] = {}
        self.tiles: list[tuple[Key, Found | None]] = []
        self._came = threading.Condition()

    def package(self, index: int, package: Package | BrokenPackage) -> None:
        with self._came:
            self.packages[index] = package
            self._came.notify_all()

    def tile(self, key: Key, found: Found | None, made: object) -> None:
        del made
        with self._came:
            self.tiles.append((key, found))
            self._came.notify_all()

    def wait(self, *, packages: int = 0, tiles: int = 0) -> None:
        with self._came:
            is_there = self._came.wait_for(
                lambda: len(self.packages) >= packages and len(self.tiles) >= tiles, timeout=20
            )
        assert is_there


def ask(store: TileStore, *keys: Key) -> None:
    store.want([(key, lambda found: found) for key in keys])


def test_a_missing_tile_is_given_as_its_nearest_parent_and_one_that_comes_later_is_found(tmp_path: Path) -> None:
    heard = Heard()
    path = write_mbtiles(tmp_path / "a.mbtiles", block(12, 3340, 1628, 4))
    store = TileStore([source(path)], on_package=heard.package, on_tile=heard.tile)
    store.start()
    heard.wait(packages=1)
    key = Key(0, 14, 13368, 6521)
    outside = Key(0, 14, 1, 1)
    ask(store, key, outside)
    heard.wait(tiles=2)
    parent, nothing = dict(heard.tiles)[key], dict(heard.tiles)[outside]
    assert parent is not None
    assert (parent.zoom, parent.octets) == (12, png(*colour_of(12, 3342, 1630)))
    assert nothing is None
    ask(store, outside)
    heard.wait(tiles=3)
    store.close()


def test_a_broken_package_does_not_take_the_others_with_it(tmp_path: Path) -> None:
    (tmp_path / "bad.mbtiles").write_bytes(b"rubbish")
    good = write_mbtiles(tmp_path / "good.mbtiles", PLACES)
    heard = Heard()
    sources = [source(tmp_path / "bad.mbtiles"), source(good)]
    store = TileStore(sources, on_package=heard.package, on_tile=heard.tile)
    store.start()
    heard.wait(packages=2)
    assert isinstance(heard.packages[0], BrokenPackage)
    assert isinstance(heard.packages[1], Package)
    ask(store, Key(0, *Z14), Key(1, *Z14))
    heard.wait(tiles=2)
    assert {key.package: found is None for key, found in heard.tiles} == {0: True, 1: False}
    covered: list[object] = []
    done = threading.Event()

    def hear(*said: object) -> None:
        covered.append(said)
        done.set()

    store.check((113.74, 34.39, 113.75, 34.40), hear)
    assert done.wait(20)
    assert len(covered) == 1
    store.close()


def test_tiles_are_unpacked_side_by_side_but_those_wanted_later_one_at_a_time(tmp_path: Path) -> None:
    path = write_mbtiles(tmp_path / "a.mbtiles", block(12, 3340, 1628, 4))
    heard, both = Heard(), threading.Barrier(2)
    at_work, most, held = [0], [0], threading.Event()

    def together(found: Found) -> Found:
        both.wait(timeout=20)
        return found

    def alone(found: Found) -> Found:
        at_work[0] += 1
        most[0] = max(most[0], at_work[0])
        assert held.wait(20)
        at_work[0] -= 1
        return found

    keys = [Key(0, *one) for one in block(12, 3340, 1628, 4)]
    store = TileStore([source(path)], on_package=heard.package, on_tile=heard.tile)
    store.start()
    heard.wait(packages=1)
    store.want([(key, together) for key in keys[:4]], [(key, alone) for key in keys[4:8]])
    heard.wait(tiles=4)
    assert {key for key, _ in heard.tiles} == set(keys[:4])
    store.want([(key, lambda found: found) for key in keys[8:]], [(key, alone) for key in keys[4:8]])
    heard.wait(tiles=12)
    assert {key for key, _ in heard.tiles[4:]} == set(keys[8:]), "one that is held up beside the view holds up the rest"
    held.set()
    heard.wait(tiles=16)
    store.close()
    assert most == [1]
