"""What is understood of typed coordinates: every style, every spelling, every doubt, and no harm by hostile text."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.coordinates.reading import MOST_READINGS, Understood, understand
from console.coordinates.telling import STYLES, Style, aloud, say_place
from console.geodesy import rough_distance_m
from tests.coordinates.surveyed import Vector, said, vectors

XINZHENG = (34.395949, 113.740662)
EAST_OF_114 = (34.72, 114.1)
HENAN = st.tuples(st.floats(31.4, 36.4), st.floats(110.4, 116.6))
CHINESE_AXES = ("北 X", "东 Y")
FINENESS_M: dict[Style, float] = {
    "dms": 2.2,
    "dm": 1.4,
    "degrees": 0.9,
    "gk3": 0.8,
    "gk3_zone": 0.8,
    "mgrs": 0.8,
    "beidou": 5.5,
}
"""Half the diagonal of the smallest unit that each style writes."""


def first(text: str, near: tuple[float, float] | None = None) -> Understood:
    return understand(text, near)[0]


def doubts(one: Understood) -> set[str]:
    return {doubt.id.removeprefix("coordinates.doubt.") for doubt in one.doubts}


def away_m(one: Understood, place: tuple[float, float] = XINZHENG) -> float:
    return rough_distance_m(one.lat_deg, one.lon_deg, *place)


@pytest.mark.parametrize("style", STYLES)
@given(place=HENAN, axes=st.sampled_from([("N", "E"), CHINESE_AXES, ("North X", "East Y")]))
@settings(max_examples=60)
def test_what_is_said_in_any_style_is_understood_as_that_place(
    style: Style, place: tuple[float, float], axes: tuple[str, str]
) -> None:
    """On both sides of 114°E, of every zone's edge, and from the other end of the province."""
    one = first(say_place(*place, style, axes), XINZHENG)
    assert away_m(one, place) <= FINENESS_M[style] + 0.01
    assert one.style == {"gk3_zone": "gk3"}.get(style, style)
    assert not one.doubts


@pytest.mark.parametrize(
    "text",
    [
        "34.395949,113.740662",
        "113.740662 34.395949",
        "３４.３９５９４９，１１３.７４０６６２",
        "34.395949N 113.740662E",
        "N34.395949 E113.740662",
        "E 113.740662; N 34.395949",
        "geo:34.395949,113.740662",
        "lat: 34.395949, lon: 113.740662",
        "纬度34.395949 经度113.740662",
        "34.395949° 113.740662°",
        "34.395949/113.740662",
        "WGS-84 34.395949 113.740662",
        "CGCS2000：34.395949，113.740662",
        "34.3959490000000001, 113.7406620000000001",
        "34 23 45.416 113 44 26.383",
        "34-23-45.416 113-44-26.383",
        "113d44m26.383sE;34d23m45.416sN",
        "34D23M45.416SN 113D44M26.383SE",
        "北纬34度23分45.416秒，东经113度44分26.383秒",
        "34°23′45.416″N 113°44′26.383″E",
        "34°23'45.416\" 113°44'26.383\"",
        "34°23.75694′ 113°44.43972′",
        "34 23.75694, 113 44.43972",
        "49S GU 51948 09465",
        "49sgu5194809465",
        "n49ib44e36b115",
        "49N 751948.8853 3809465.0146",
        "UTM 49N 751948.8853E 3809465.0146N",
        "EPSG:32649 751948.8853 3809465.0146",
        "38476152.8207, 3807612.9565",
        "X=3807612.9565 Y=38476152.8207",
        "纵坐标3807612.9565 横坐标38476152.8207",
        "北 3807612.9565 东 476152.8207 38带",
        "3度带第38带 北 3807612.9565 东 476152.8207",
        "EPSG:4547 476152.8207 3807612.9565",
        "中央经线114° 476152.8207 3807612.9565",
        "19752049.7052 3810989.4103",
        "GCJ-02 34.394659427,113.746811797",
        "高德 113.746811797,34.394659427",
        "BD09 34.400918472,113.753218958",
        "百度坐标 113.753218958,34.400918472",
    ],
)
def test_one_field_takes_every_spelling_without_a_doubt(text: str) -> None:
    one = first(text)
    assert away_m(one) < (6.0 if one.style == "beidou" else 1.0)
    assert not one.doubts


@pytest.mark.parametrize("vector", vectors("EPSG:") + vectors("DMS"), ids=said)
def test_published_values_are_understood_as_written(vector: Vector) -> None:
    text = vector.value if vector.kind == "DMS" else f"{vector.kind.split(' ')[0]} {vector.value}"
    place = (vector.lat_deg, vector.lon_deg)
    assert away_m(first(text, place), place) < (0.05 if vector.kind == "DMS" else 0.001)


def test_a_shifted_coordinate_is_read_so_only_when_the_text_says_it() -> None:
    assert [one.datum for one in understand("34.394659427,113.746811797")] == ["wgs84"]
    assert [one.datum for one in understand("GCJ 34.394659427,113.746811797")] == ["gcj02"]
    assert away_m(first("GCJ 34.394659427,113.746811797")) < 0.001
    assert away_m(first("34.394659427,113.746811797")) > 500
    assert not understand("GCJ 38476152.8207, 3807612.9565"), "no grid is drawn on shifted coordinates"


def test_two_latitudes_are_given_both_ways_the_nearer_first() -> None:
    here, there = understand("34.4, 85.1")
    assert (here.lat_deg, here.lon_deg) == (34.4, 85.1)
    assert (there.lat_deg, there.lon_deg) == (85.1, 34.4)
    assert doubts(here) == doubts(there) == {"order"}
    assert first("34.4, 85.1", (85.0, 34.0)).lat_deg == 85.1
    assert len(understand("N 34.4, E 85.1")) == 1


def test_x_that_is_an_easting_is_turned_and_said() -> None:
    turned = first("X=38476152.8207 Y=3807612.9565")
    assert away_m(turned) < 0.001
    assert doubts(turned) == {"turned"}


def test_without_a_zone_the_one_here_is_assumed_and_said() -> None:
    one = first("476152.8207 3807612.9565")
    assert away_m(one) < 0.001
    assert doubts(one) == {"zone.gk3"}
    assert one.doubts[0].args == {"central": 114}
    suzhou = first("560737.5770 3461314.4787", (31.3, 120.6))
    assert away_m(suzhou, (31.272068, 120.637779)) < 0.001
    assert suzhou.doubts[0].args == {"central": 120}


def test_figures_of_a_six_degree_zone_and_of_utm_are_both_given() -> None:
    for place, text in ((XINZHENG, "751948.8853 3809465.0146"), (EAST_OF_114, "234431.7820 3845822.7326")):
        readings = understand(text, place)
        assert {one.style for one in readings} == {"utm", "gk6"}
        assert away_m(readings[0], place) < 0.001
        assert all(doubts(one) & {"zone.utm", "zone.gk6"} for one in readings)


def test_the_letter_s_is_a_band_first_and_the_south_second() -> None:
    band, south = understand("49S 751948.8853 3809465.0146")
    assert away_m(band) < 0.001
    assert south.lat_deg < -50
    assert doubts(band) == doubts(south) == {"letter"}
    assert not understand("49T 751948.8853 3809465.0146"), "the band of 40 to 48 degrees does not hold that northing"


def test_letters_of_seconds_and_of_the_south_are_kept_apart() -> None:
    assert first("34d23m45s 113d44m26s").lat_deg > 34
    assert first("34d23m45S 113d44m26E").lat_deg < -34
    assert first("S33.85 E151.2").lat_deg == first("-33.85 151.2").lat_deg == -33.85


def test_a_code_says_how_large_its_cell_is() -> None:
    assert first("49SGU5194").cell_m == 1000
    assert first("N49IB44E36B115").cell_m == pytest.approx(7.7, abs=0.1)
    assert first("34.4, 113.7").cell_m is None


@pytest.mark.parametrize(
    "text",
    ["", " ", "消防一中队", "12", "370", "3 号车", "34.4", "34 61 0 113 0 0", "34.4.1 113.7", "N34.1 N113.2", "91 200",
     "34.4 113.7 5", "1e3 2e5", "nan, inf", "N49Z", "38476152 138476152", "99999999999 3", "第 2 组, 3"],
)  # fmt: skip
def test_what_is_no_place_is_not_made_one(text: str) -> None:
    assert not understand(text)


@given(st.text(max_size=400) | st.text(alphabet="0123456789.,;-+ NSEWXY°'\"dmsDMS度分秒北东带:()GU", max_size=400))
@settings(max_examples=300)
def test_any_text_gives_a_bounded_number_of_places_on_earth(text: str) -> None:
    readings = understand(text)
    assert len(readings) <= MOST_READINGS
    for one in readings:
        assert -90 <= one.lat_deg <= 90
        assert -180.001 <= one.lon_deg <= 180.001


@pytest.mark.parametrize(
    "text", ["1 " * 100, "9" * 200, "N" * 200, "° " * 99, "1°" * 99, "ﷺ" * 200, "-" * 200, "(" * 5000]
)
def test_hostile_text_costs_no_time(text: str) -> None:
    understand("49SGU5194")
    begun = time.perf_counter()
    assert understand(text) == ()
    assert time.perf_counter() - begun < 0.2


def test_seconds_never_print_as_sixty() -> None:
    assert say_place(34.9999999, -0.0000001, "dms") == "N 35°00′00.0″ W 0°00′00.0″"
    assert say_place(34.9999999, 113.0, "dm") == "N 35°00.000′ E 113°00.000′"
    assert say_place(-0.000001, 113.0, "degrees") == "0.00000, 113.00000"


def test_a_style_that_has_nothing_abroad_says_degrees() -> None:
    assert say_place(48.85, 2.35, "gk3") == say_place(48.85, 2.35, "dms")
    assert say_place(-33.8, 151.2, "beidou") == say_place(-33.8, 151.2, "dms")
    assert say_place(89.0, 0.0, "mgrs") == say_place(89.0, 0.0, "dms")


def test_long_figures_are_grouped_for_the_voice() -> None:
    spoken = {style: aloud(say_place(*XINZHENG, style)) for style in STYLES}
    assert spoken["gk3"] == "N 3 807 613 E 476 153 (114°E)"
    assert spoken["gk3_zone"] == "N 3 807 613 E 38 476 153"
    assert spoken["mgrs"] == "49S GU 51 948 09 465"
    assert spoken["beidou"] == "N 49I B4 4 E3 6B 1 15"
    assert spoken["degrees"] == "34.395 95, 113.740 66"
    assert spoken["dms"] == say_place(*XINZHENG, "dms")


@pytest.mark.parametrize("style", STYLES)
@given(place=HENAN)
@settings(max_examples=20)
def test_reading_aloud_changes_no_figure(style: Style, place: tuple[float, float]) -> None:
    plain = say_place(*place, style)
    assert aloud(plain).replace(" ", "") == plain.replace(" ", "")
