"""Grids against published values and against other people's code, on both sides of 114°E."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import utm
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Transformer

from console.coordinates.beidou_grid import cell_of, code_of
from console.coordinates.grids import (
    from_grid,
    mgrs_of,
    numbered,
    place_of_mgrs,
    to_grid,
    utm_zone,
    zone_at,
    zone_of_epsg,
)
from console.geodesy import rough_distance_m
from tests.coordinates.surveyed import Vector, said, vectors

MILLIMETRE_M = 0.001
HENAN = st.tuples(st.floats(31.4, 36.4), st.floats(110.4, 116.6))
LEVEL_LENGTHS = {3: 7, 5: 11, 7: 14, 10: 20}


@pytest.mark.parametrize("vector", vectors("EPSG:"), ids=said)
def test_grids_agree_with_others_to_a_millimetre_there_and_back(vector: Vector) -> None:
    found = zone_of_epsg(int(vector.kind[5:].split(" ")[0]))
    assert found is not None
    zone, has_number = found
    easting_m, northing_m = vector.pair
    grid = to_grid(zone, vector.lat_deg, vector.lon_deg)
    assert grid is not None
    written_m = numbered(zone, grid[0]) if has_number else grid[0]
    assert (written_m, grid[1]) == pytest.approx((easting_m, northing_m), abs=MILLIMETRE_M)
    back = from_grid(zone, easting_m % 1_000_000, northing_m)
    assert back is not None
    assert rough_distance_m(*back, vector.lat_deg, vector.lon_deg) < MILLIMETRE_M


@given(HENAN)
def test_every_place_lies_in_the_zone_that_the_registry_draws_there(place: tuple[float, float]) -> None:
    """The registry's own definitions of the codes, which know nothing of our zone arithmetic."""
    zone = zone_at("gk3", *place)
    assert zone is not None
    assert abs(place[1] - zone.central_deg) <= 1.5
    found = zone_of_epsg(4534 + zone.number - 25)
    assert found == (zone, False)
    transformer = Transformer.from_crs(4490, 4534 + zone.number - 25, always_xy=True)
    assert to_grid(zone, *place) == pytest.approx(transformer.transform(place[1], place[0]), abs=MILLIMETRE_M)


@given(st.tuples(st.floats(-79.0, -0.01) | st.floats(0.0, 70.0), st.floats(-179.9, -0.1) | st.floats(13.0, 179.9)))
def test_utm_agrees_with_another_library_in_both_hemispheres(place: tuple[float, float]) -> None:
    zone = zone_at("utm", *place)
    assert zone is not None
    easting_m, northing_m, number, _ = utm.from_latlon(*place)
    assert zone == utm_zone(number, is_southern=place[0] < 0)
    # That library's series is good to some tenths of a millimetre.
    assert to_grid(zone, *place) == pytest.approx((easting_m, northing_m), abs=0.002)


@pytest.mark.parametrize("vector", vectors("MGRS"), ids=said)
def test_mgrs_agrees_with_others_and_its_square_holds_the_place(vector: Vector) -> None:
    assert mgrs_of(vector.lat_deg, vector.lon_deg) == vector.value
    square = place_of_mgrs(vector.value)
    assert square is not None
    assert rough_distance_m(*square[:2], vector.lat_deg, vector.lon_deg) < 0.72
    assert square[2] == 1.0


@pytest.mark.parametrize(
    "square", ["49RGU5194809465", "49SZZ1234567890", "99SGU1111", "49SGU519", "49SGU", "01CAA1111"]
)
def test_a_square_that_is_none_is_not_understood(square: str) -> None:
    """Among them one whose latitude band does not fit its northing: one of the two was mistyped."""
    assert place_of_mgrs(square) is None


@pytest.mark.parametrize("vector", vectors("BeiDou"), ids=said)
def test_beidou_codes_agree_with_others(vector: Vector) -> None:
    level = int(vector.kind.rsplit(maxsplit=1)[-1])
    assert len(vector.value) == LEVEL_LENGTHS[level]
    assert code_of(vector.lat_deg, vector.lon_deg, level) == vector.value


@given(st.tuples(st.floats(0.0, 87.9), st.floats(0.0, 179.9)), st.integers(1, 10))
def test_the_cell_of_a_code_holds_its_place_and_lies_in_the_cell_before(place: tuple[float, float], level: int) -> None:
    code = code_of(*place, level)
    assert code is not None
    cell = cell_of(code)
    assert cell is not None
    edge_deg = 1e-9
    assert abs(place[0] - cell.lat_deg) <= cell.height_deg / 2 + edge_deg
    assert abs(place[1] - cell.lon_deg) <= cell.width_deg / 2 + edge_deg
    assert (code_of(*place, 10) or "").startswith(code)


@pytest.mark.parametrize(
    "code", ["N49I", "N49IB44E36B115452204", "N49IC44", "N49IB46", "N49IB8", "N99I", "N49W", "S49I", "NABI", "N４9I"]
)
def test_codes_are_taken_only_whole_and_with_digits_that_there_are(code: str) -> None:
    assert (cell_of(code) is not None) == (code in {"N49I", "N49IB44E36B115452204"})


def test_a_place_far_from_the_meridian_has_no_easting_that_reads_as_another_zone() -> None:
    found = zone_of_epsg(4526)
    assert found is not None
    assert to_grid(found[0], 31.272068, 120.637779) is None
    assert to_grid(found[0], 34.4, 115.6) is not None


def test_nobody_waits_for_the_grid_libraries_who_asks_for_degrees() -> None:
    asked = (
        "import sys; from console.coordinates.reading import understand; "
        "from console.coordinates.telling import say_place; understand('34.4, 113.7'); say_place(34.4, 113.7, 'dms'); "
        "print(sorted({'pyproj', 'mgrs'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]
    )
    assert re.fullmatch(r"\[\]\s*", done.stdout)
