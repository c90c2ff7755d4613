"""Line of sight, Fresnel zone and viewshed, against cases whose answers are known without a computer."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest
from geographiclib.geodesic import Geodesic

from console.terrain.heights import Floats
from console.terrain.links import (
    EFFECTIVE_RADIUS_M,
    MOST_DISTANCE_M,
    Profile,
    edge_loss_db,
    judge_link,
    profile_between,
)
from console.terrain.viewshed import Sight, around, see
from tests.terrain.tiles import Shape

HERE = (34.4, 113.74)
FLAT = Shape(lambda lats, _: np.zeros_like(lats))


def _there(distance_m: float, bearing_deg: float = 70.0) -> tuple[float, float]:
    end = Geodesic.WGS84.Direct(*HERE, bearing_deg, distance_m)
    return end["lat2"], end["lon2"]


def _ridge(at_m: float, height_m: float, length_m: float = 10_000.0) -> Profile:
    distances = np.linspace(0, length_m, 1001)
    heights = np.zeros_like(distances)
    heights[int(np.argmin(np.abs(distances - at_m)))] = height_m
    return Profile(distances_m=distances, heights_m=heights)


@pytest.mark.parametrize("factor", [0.98, 1.02])
def test_over_flat_ground_two_antennas_see_one_another_up_to_the_sum_of_their_horizons(factor: float) -> None:
    horizon_m = sqrt(2 * EFFECTIVE_RADIUS_M * 30) + sqrt(2 * EFFECTIVE_RADIUS_M * 2)
    assert horizon_m == pytest.approx(4_120 * (sqrt(30) + sqrt(2)), rel=0.001), "the rule of thumb 4.12 km per root m"
    link = judge_link(profile_between(FLAT, HERE, _there(horizon_m * factor)), 370.0, 30.0, 2.0)
    assert link.verdict == ("partly" if factor < 1 else "blocked")


def test_the_profile_is_as_long_as_the_geodesic_and_begins_and_ends_at_the_antennas() -> None:
    slope = Shape(lambda lats, _: (lats - 34.0) * 1000)
    end = _there(12_345.0)
    profile = profile_between(slope, HERE, end)
    assert profile.length_m == pytest.approx(12_345.0, abs=0.001)
    assert profile.heights_m[0] == pytest.approx(400.0)
    assert profile.heights_m[-1] == pytest.approx((end[0] - 34) * 1000)


def test_the_first_fresnel_radius_is_that_of_the_textbook() -> None:
    link = judge_link(_ridge(5_000, 0.0), 300.0, 100.0, 100.0)
    assert link.fresnel_m[500] == pytest.approx(sqrt(299_792_458 / 300e6 * 5_000 * 5_000 / 10_000), rel=1e-6)
    assert link.bulge_m[500] == pytest.approx(5_000**2 / (2 * 4 / 3 * 6_371_000))


@pytest.mark.parametrize(
    ("share", "verdict"), [(0.61, "clear"), (0.59, "partly"), (0.01, "partly"), (-0.01, "blocked")]
)
def test_six_tenths_of_the_zone_must_be_clear(share: float, verdict: str) -> None:
    wave_m = 299_792_458 / 370e6
    fresnel_m, bulge_m = sqrt(wave_m * 2_500), 5_000**2 / (2 * EFFECTIVE_RADIUS_M)
    link = judge_link(_ridge(5_000, 100.0 - bulge_m - share * fresnel_m), 370.0, 100.0, 100.0)
    assert link.verdict == verdict
    assert link.worst_share == pytest.approx(share, abs=1e-6)
    assert link.worst_m == pytest.approx(5_000)


def test_an_edge_at_the_ray_costs_six_decibels_and_a_high_one_what_the_curve_says() -> None:
    assert edge_loss_db(0.0) == pytest.approx(6.03, abs=0.02)
    assert edge_loss_db(-1.0 / sqrt(2)) == pytest.approx(13.9, abs=0.1)
    assert edge_loss_db(-sqrt(2)) == pytest.approx(19.0, abs=0.2)
    assert edge_loss_db(0.6) == pytest.approx(0.0, abs=0.2)
    assert edge_loss_db(1.0) == 0.0


def test_a_gap_in_the_heights_is_unknown_unless_known_ground_blocks_already() -> None:
    profile = _ridge(5_000, 0.0)
    heights = profile.heights_m.copy()
    heights[100:110] = np.nan
    gap = Profile(distances_m=profile.distances_m, heights_m=heights)
    assert judge_link(gap, 370.0, 50.0, 50.0).verdict == "unknown"
    heights = heights.copy()
    heights[500] = 200.0
    walled = Profile(distances_m=profile.distances_m, heights_m=heights)
    assert judge_link(walled, 370.0, 50.0, 50.0).verdict == "blocked"
    nowhere = Profile(distances_m=profile.distances_m, heights_m=np.full_like(heights, np.nan))
    link = judge_link(nowhere, 370.0, 50.0, 50.0)
    assert (link.verdict, link.worst_share, link.edge_loss_db, link.unknown_percent) == ("unknown", None, None, 100.0)


def test_an_unknown_height_under_an_antenna_makes_the_whole_link_unknown() -> None:
    profile = _ridge(5_000, 500.0)
    heights = profile.heights_m.copy()
    heights[0] = np.nan
    assert judge_link(Profile(distances_m=profile.distances_m, heights_m=heights), 370.0, 5.0, 5.0).verdict == "unknown"


def test_a_path_of_no_length_and_one_too_long() -> None:
    assert judge_link(profile_between(FLAT, HERE, HERE), 370.0, 4.0, 1.5).verdict == "clear"
    with pytest.raises(ValueError, match="no radio path"):
        profile_between(FLAT, HERE, _there(MOST_DISTANCE_M + 1_000))


@pytest.mark.parametrize("bearing_deg", [0, 37, 90, 200, 300])
@pytest.mark.parametrize("distance_m", [100.0, 10_000.0, 50_000.0])
def test_places_around_agree_with_the_geodesic(bearing_deg: float, distance_m: float) -> None:
    lats, lons = around(HERE, np.array([distance_m]), np.array([np.radians(bearing_deg)]))
    off = Geodesic.WGS84.Inverse(*_there(distance_m, bearing_deg), float(lats[0]), float(lons[0]))["s12"]
    assert off < 5.0


def test_over_flat_ground_a_viewshed_ends_at_the_horizons() -> None:
    shed = see(FLAT, HERE, 40_000.0, 20.0, 2.0)
    assert shed is not None
    horizon_m = sqrt(2 * EFFECTIVE_RADIUS_M * 20) + sqrt(2 * EFFECTIVE_RADIUS_M * 2)
    inside, outside = shed.at(np.array([horizon_m - 200, horizon_m + 200]), np.array([123.0, 123.0]))
    assert (inside, outside) == (Sight.SEEN, Sight.HIDDEN)
    assert shed.seen_percent == pytest.approx((horizon_m / 40_000) ** 2 * 100, abs=0.5)
    assert shed.at(np.array([40_001.0]), np.array([0.0]))[0] == Sight.UNKNOWN


def _wall(lats: Floats, _: Floats) -> Floats:
    """A wall of 50 m north of the antenna, three kilometres away."""
    north_m = (lats - HERE[0]) * 110_940
    return np.where((north_m > 3_000) & (north_m < 3_100), 50.0, 0.0)


def test_behind_a_wall_nothing_is_seen_and_before_it_everything() -> None:
    shed = see(Shape(_wall), HERE, 10_000.0, 10.0, 2.0)
    assert shed is not None
    sights = shed.at(np.array([2_900.0, 3_050.0, 3_200.0, 9_000.0, 9_000.0]), np.array([0.0, 0.0, 0.0, 0.0, 180.0]))
    assert sights.tolist() == [Sight.SEEN, Sight.SEEN, Sight.HIDDEN, Sight.HIDDEN, Sight.SEEN]


def test_beyond_unknown_ground_only_what_known_ground_hides_is_certain() -> None:
    def shape(lats: Floats, lons: Floats) -> Floats:
        north_m = (lats - HERE[0]) * 110_940
        return np.where((north_m > 1_000) & (north_m < 1_500), np.nan, _wall(lats, lons))

    shed = see(Shape(shape), HERE, 10_000.0, 10.0, 2.0)
    assert shed is not None
    sights = shed.at(np.array([900.0, 1_200.0, 2_000.0, 5_000.0]), np.array([0.0, 0.0, 0.0, 0.0]))
    assert sights.tolist() == [Sight.SEEN, Sight.UNKNOWN, Sight.UNKNOWN, Sight.HIDDEN]
    assert shed.unknown_percent > 0


def test_without_a_height_under_the_antenna_there_is_no_viewshed() -> None:
    assert see(Shape(lambda lats, _: np.full_like(lats, np.nan)), HERE, 10_000.0, 4.0, 1.5) is None
