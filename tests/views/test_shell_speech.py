"""Words for ages, clocks and coordinates, in both languages."""

from __future__ import annotations

import datetime as dt

import pytest

from console.i18n import LANGUAGES, catalogue
from console.picture import Text
from console.views.speech import Speech
from tests.views.pictures import MIN, NOW, S

CHINA = dt.timezone(dt.timedelta(hours=8))


@pytest.mark.parametrize(
    ("age_s", "zh", "en"),
    [
        (0, "0 秒", "0 s"),
        (59.9, "59 秒", "59 s"),
        (60, "1 分", "1 min"),
        (27 * 60, "27 分", "27 min"),
        (312 * 60, "5 时 12 分", "5 h 12 min"),
        (51 * 3600, "2 天 3 时", "2 d 3 h"),
        (-5, "0 秒", "0 s"),
    ],
)
def test_an_age_never_claims_more_than_has_passed(age_s: float, zh: str, en: str) -> None:
    assert Speech("zh").age(round(age_s * S)) == zh
    assert Speech("en").age(round(age_s * S)) == en


def test_a_clock_offset_has_a_sign_unless_there_is_none() -> None:
    assert [Speech("en").offset(round(s * S)) for s in (0.12, -0.04, -9.0, 3600)] == [
        "+0.1 s",
        "±0.0 s",
        "-9.0 s",
        "1 h 0 min",
    ]


def test_an_unknown_age_is_a_dash_and_never_zero() -> None:
    assert Speech("zh").age(None) == "—"
    assert Speech("zh").round_trip(None) == "—"
    assert [Speech("zh").round_trip(ms) for ms in (0.4, 1.2, 612.0, 1400.0)] == ["< 1 ms", "1 ms", "612 ms", "1.4 s"]
    assert Speech("zh").percent(None) == "—"


def test_yesterday_never_looks_like_today() -> None:
    speech = Speech("zh", zone=CHINA)
    assert speech.minute(NOW - 27 * MIN, NOW) == "14:05"
    assert speech.minute(NOW - 24 * 60 * MIN, NOW) == "07-19 14:32"
    assert speech.second(NOW - 24 * 60 * MIN, NOW) == "07-19 14:32:07"


def test_seconds_of_arc_are_rounded_once_and_never_print_sixty() -> None:
    assert Speech("zh").coordinates(34 + 23 / 60 + 59.97 / 3600, 113.0, "wgs84").startswith("N 34°24′00.0″")


def test_a_datum_that_is_not_known_says_so_beside_the_coordinates() -> None:
    assert Speech("zh").coordinates(-34.5, -113.25, "unknown") == "S 34°30′00.0″ W 113°15′00.0″ 基准不明"
    assert "GCJ-02" in Speech("en").coordinates(34.5, 113.25, "gcj02")


def test_a_moment_in_a_text_is_told_as_a_clock() -> None:
    said = Speech("en", zone=CHINA).tell(Text(id="shell.clock.old", args={"name": "GNSS", "at_ns": NOW, "at": "x"}))
    assert "GNSS" in said
    assert Speech("zh", zone=CHINA).clock(NOW) == "14:32:07"


def test_a_whole_number_is_told_without_a_fraction() -> None:
    for minutes, told in ((5.0, "5 min"), (1.5, "1.5 min")):
        said = Speech("en", zone=CHINA).tell(Text(id="alarm.silence", args={"team": "A", "minutes": minutes}))
        assert told in said


def test_the_second_language_says_everything_the_first_says() -> None:
    zh, en = (catalogue(language) for language in LANGUAGES)
    mine = ("shell.", "situation.", "compose.", "age.", "datum.", "tile.", "unit.", "weekday.", "word.")
    assert {key for key in zh if key.startswith(mine)} == {key for key in en if key.startswith(mine)}
