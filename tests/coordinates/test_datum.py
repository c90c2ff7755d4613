"""GCJ-02 and BD-09 against published values, and their undoing to less than a millimetre."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.coordinates.datum import bd09_of, gcj02_of, wgs84_of_bd09, wgs84_of_gcj02
from console.geodesy import rough_distance_m
from tests.coordinates.surveyed import Vector, said, vectors

MILLIMETRE_M = 0.001
CHINA = st.tuples(st.floats(3.0, 53.9), st.floats(73.5, 135.5))


@pytest.mark.parametrize("vector", vectors("gcj02"), ids=said)
def test_gcj02_agrees_with_others_and_is_undone_to_a_millimetre(vector: Vector) -> None:
    lon, lat = vector.pair
    assert rough_distance_m(*gcj02_of(vector.lat_deg, vector.lon_deg), lat, lon) < MILLIMETRE_M
    assert rough_distance_m(*wgs84_of_gcj02(lat, lon), vector.lat_deg, vector.lon_deg) < MILLIMETRE_M


@pytest.mark.parametrize("vector", vectors("bd09"), ids=said)
def test_bd09_agrees_with_others_and_is_undone_to_a_millimetre(vector: Vector) -> None:
    lon, lat = vector.pair
    assert rough_distance_m(*bd09_of(vector.lat_deg, vector.lon_deg), lat, lon) < MILLIMETRE_M
    assert rough_distance_m(*wgs84_of_bd09(lat, lon), vector.lat_deg, vector.lon_deg) < MILLIMETRE_M


@given(CHINA)
def test_both_shifts_are_undone_to_a_millimetre_anywhere_in_china(place: tuple[float, float]) -> None:
    assert rough_distance_m(*wgs84_of_gcj02(*gcj02_of(*place)), *place) < MILLIMETRE_M
    assert rough_distance_m(*wgs84_of_bd09(*bd09_of(*place)), *place) < MILLIMETRE_M


def test_the_shift_is_six_hundred_metres_here_and_none_abroad() -> None:
    assert 560 < rough_distance_m(*gcj02_of(34.4, 113.74), 34.4, 113.74) < 600
    assert gcj02_of(48.85, 2.35) == bd09_of(48.85, 2.35) == wgs84_of_gcj02(48.85, 2.35) == (48.85, 2.35)
