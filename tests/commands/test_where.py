"""``main.py where`` as people script it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from console.commands import dispatch
from console.geodesy import rough_distance_m

KEYS = ["wgs84", "gcj02", "bd09", "dms", "dm", "epsg4547", "epsg4526", "mgrs", "beidou_grid"]


def where(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, Any], str]:
    try:
        code = dispatch(["where", *words])
    except SystemExit as ending:
        code = int(ending.code or 0)
    out, err = capsys.readouterr()
    return code, json.loads(out) if out else {}, err


def test_one_place_is_printed_in_every_style(capsys: pytest.CaptureFixture[str]) -> None:
    code, said, err = where(capsys, "34.395949, 113.740662")
    assert (code, err) == (0, "")
    assert list(said) == KEYS
    assert said["wgs84"] == [34.395949, 113.740662]
    assert said["gcj02"] == [34.394659427, 113.746811797]
    assert said["bd09"] == [34.400918472, 113.753218958]
    assert said["dms"] == "N 34°23′45.416″ E 113°44′26.383″"
    assert said["dm"] == "N 34°23.75694′ E 113°44.43972′"
    assert said["epsg4547"] == [476152.8207, 3807612.9565]
    assert said["epsg4526"] == [38476152.8207, 3807612.9565]
    assert said["mgrs"] == "49SGU5194809465"
    assert said["beidou_grid"] == "N49IB44E36B115452204"


def test_east_of_114_mgrs_changes_and_the_three_degree_grid_does_not(capsys: pytest.CaptureFixture[str]) -> None:
    _, said, _ = where(capsys, "34.72,114.1")
    assert said["epsg4547"] == pytest.approx([509159.8062, 3843534.8104], abs=0.001)
    assert said["mgrs"] == "50SKD3443145822"


@pytest.mark.parametrize("key", KEYS)
def test_what_it_prints_it_understands_again(key: str, capsys: pytest.CaptureFixture[str]) -> None:
    _, said, _ = where(capsys, "34.395949, 113.740662")
    datum = {"gcj02": "GCJ ", "bd09": "BD "}.get(key, "")
    value = said[key]
    code, again, _ = where(capsys, datum + (value if isinstance(value, str) else f"{value[0]:.9f} {value[1]:.9f}"))
    assert code == 0
    away_m = rough_distance_m(*again["wgs84"], *said["wgs84"])
    assert away_m < {"mgrs": 0.75, "dms": 0.03, "dm": 0.03, "beidou_grid": 0.02}.get(key, 0.001)


@pytest.mark.parametrize("words", [("-33.86,151.2",), ("-33.86", "151.2"), ("--lang", "en", "-33.86,151.2")])
def test_a_place_that_begins_with_a_minus_is_no_option(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    code, said, _ = where(capsys, *words)
    assert code == 0
    assert said["wgs84"] == [-33.86, 151.2]


def test_far_from_114_the_local_grid_is_unknown(capsys: pytest.CaptureFixture[str]) -> None:
    _, said, _ = where(capsys, "31.272068,120.637779")
    assert said["epsg4547"] is None
    assert said["epsg4526"] is None
    assert said["mgrs"] == "51RTQ7510162162"


def test_what_was_assumed_is_said_beside_the_answer(capsys: pytest.CaptureFixture[str]) -> None:
    code, said, err = where(capsys, "--lang", "en", "751948.8853", "3809465.0146")
    assert code == 0
    assert said["wgs84"] == pytest.approx([34.395949, 113.740662], abs=1e-8)
    assert "UTM of meridian 111" in err
    assert "Can also be read as Gauss 6° zone: 34.38225, 113.73912" in err


def test_what_is_no_place_is_a_fault_and_nothing_at_all_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    code, said, err = where(capsys, "--lang", "en", "fire brigade")
    assert (code, said) == (1, {})
    assert err.startswith("Not understood as coordinates: fire brigade.")
    assert where(capsys)[0] == 2
