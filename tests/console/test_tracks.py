from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from console.configuration.model import DeviceConfiguration, TeamConfiguration
from console.records import Kind
from console.rules.tracks import TRAIL_EVERY_NS, TRAIL_GAP_NS
from devices.driver import NS_PER_S
from tests.console.door import START_NS, VEHICLE, Door, sentence


def fix(at: str, lat: str = "3423.7000", quality: int = 1) -> bytes:
    return sentence(f"GNGGA,{at},{lat},N,11344.4000,E,{quality},12,1.0,100,M,0,M,,")


def hhmmss(ns: int) -> str:
    seconds = ns // NS_PER_S % 86_400
    return f"{seconds // 3600:02d}{seconds // 60 % 60:02d}{seconds % 60:02d}.00"


def test_a_fix_is_dated_by_its_source_and_never_later_than_its_arrival() -> None:
    door = Door()
    door.up("gnss")
    door.say("gnss", fix(hhmmss(START_NS - 40 * NS_PER_S)))
    team = door.picture().teams[1]
    assert team.place is not None
    assert team.place.fix_ns == START_NS - 40 * NS_PER_S
    assert team.place.at_ns == START_NS
    assert team.last_heard_ns == START_NS
    assert not team.place.is_clock_doubtful


def test_a_source_clock_in_the_future_is_doubted_and_its_fix_counts_from_arrival() -> None:
    door = Door()
    door.up("gnss")
    door.say("gnss", fix(hhmmss(START_NS + 600 * NS_PER_S)))
    place = door.picture().teams[1].place
    assert place is not None
    assert place.is_clock_doubtful
    assert place.fix_ns == START_NS


def test_a_source_two_seconds_ahead_is_believed_but_not_fresher_than_its_arrival() -> None:
    door = Door()
    door.up("gnss")
    door.say("gnss", fix(hhmmss(START_NS + 2 * NS_PER_S)))
    place = door.picture().teams[1].place
    assert place is not None
    assert not place.is_clock_doubtful
    assert place.fix_ns == START_NS


def test_a_late_older_fix_renews_last_heard_but_does_not_move_the_team_back() -> None:
    door = Door()
    door.up("gnss")
    door.say("gnss", fix(hhmmss(START_NS), "3423.7000"))
    door.wait(60)
    door.say("gnss", fix(hhmmss(START_NS - 300 * NS_PER_S), "3429.9000"))
    team = door.picture().teams[1]
    assert team.place is not None
    assert team.place.lat_deg == pytest.approx(34 + 23.7 / 60)
    assert team.last_heard_ns == door.at_ns


def test_a_sentence_without_a_fix_proves_life_but_no_place() -> None:
    door = Door()
    door.up("gnss")
    door.say("gnss", fix(hhmmss(START_NS), quality=0))
    team = door.picture().teams[1]
    assert team.place is None
    assert team.last_heard_ns == START_NS


def test_a_lost_fix_keeps_the_last_place_with_its_age() -> None:
    door = Door()
    door.up("gnss")
    door.say("gnss", fix(hhmmss(START_NS)))
    door.wait(30)
    door.say("gnss", fix(hhmmss(door.at_ns), quality=0))
    place = door.picture().teams[1].place
    assert place is not None
    assert place.fix_ns == START_NS


def test_a_trail_is_thinned_and_breaks_across_a_gap() -> None:
    door = Door()
    door.up("gnss")
    for minute in range(3):
        door.say("gnss", fix(hhmmss(door.at_ns), f"3423.{minute}000"))
        door.say("gnss", fix(hhmmss(door.at_ns), f"3423.{minute}100"))
        door.wait(60)
    door.wait(TRAIL_GAP_NS // NS_PER_S)
    door.say("gnss", fix(hhmmss(door.at_ns), "3424.0000"))
    trail = door.picture().teams[1].trail
    assert [point.is_after_gap for point in trail] == [False, False, False, True]
    assert all(b.at_ns - a.at_ns >= TRAIL_EVERY_NS for a, b in pairwise(trail))


def test_a_subject_with_leading_zeros_is_the_same_team() -> None:
    door = Door()
    door.ready_terminal()
    door.say("bd", sentence("BDWAA,0,,04204986,084936.50,3423.2434,N,11323.6667,E,14,M"))
    team = door.picture().teams[0]
    assert team.last_heard_by == "bd"
    assert team.place is not None


def test_a_subject_nobody_named_changes_no_team() -> None:
    door = Door()
    door.ready_terminal()
    door.say("bd", sentence("BDWAA,0,,0967760,084936.50,2302.2434,N,11323.6667,E,14,M"))
    assert door.picture().teams[0].last_heard_ns is None


def test_reading_a_card_or_beams_is_no_sign_of_life_of_a_team() -> None:
    door = Door()
    door.ready_terminal()
    door.say("bd", sentence("BDICZ,2,4204986,4204990"))
    assert door.picture().teams[0].last_heard_ns is None
    assert door.picture().devices[1].subordinates == ("4204986", "4204990")


def test_a_text_from_a_team_renews_its_clock_by_its_own_kind() -> None:
    door = Door()
    door.ready_terminal()
    door.wait(10)
    door.say("bd", sentence("BDTXR,1,4204986,2,,A4D3A6BCB1"))
    picture = door.picture()
    assert picture.teams[0].last_heard_kind == "text"
    assert picture.teams[0].last_heard_ns == door.at_ns
    assert picture.messages[0].text == "应急"
    assert picture.messages[0].peer_name == "消防水域二组"


def test_octets_of_a_device_that_is_not_configured_change_nothing() -> None:
    door = Door()
    before = door.picture()
    door.put(Kind.OCTETS, "stranger", fix(hhmmss(START_NS)))
    assert door.picture().teams == before.teams


# ---- several means of one team

M_PER_LAT_DEG = 111_320.0
TWO = replace(
    VEHICLE,
    devices=(*VEHICLE.devices, DeviceConfiguration(id="gnss2", name="平板", driver="nmea0183", wire="udp:127.0.0.1:2")),
    teams=(TeamConfiguration(id="own", name="指挥车", symbol="车", expected_s=300, means=("gnss", "gnss2")),),
)


def minutes(north_m: float) -> str:
    return f"34{23.7 + north_m / M_PER_LAT_DEG * 60:07.4f}"


def two() -> Door:
    door = Door(TWO)
    door.up("gnss")
    door.up("gnss2")
    return door


def tell(door: Door, device: str, north_m: float, age_s: float = 0) -> None:
    door.say(device, fix(hhmmss(door.at_ns - round(age_s * NS_PER_S)), minutes(north_m)))


def north_m(door: Door) -> float:
    place = door.picture().teams[0].place
    assert place is not None
    return round((place.lat_deg - 34.395) * M_PER_LAT_DEG)


def said(door: Door) -> list[str]:
    return [notice.text.id for notice in door.picture().notices if notice.subject_id == "own"]


def test_the_newest_valid_fix_of_all_means_is_the_place_and_the_last_of_each_is_kept() -> None:
    door = two()
    tell(door, "gnss", 0)
    door.wait(10)
    tell(door, "gnss2", 100)
    tell(door, "gnss", 50, age_s=5)
    team = door.picture().teams[0]
    assert north_m(door) == 100
    assert {one.means: (one.place.device_id, one.is_jump) for one in team.fixes} == {
        "gnss": ("gnss", False),
        "gnss2": ("gnss2", False),
    }
    assert team.disagreement is None


def test_means_that_tell_places_too_far_apart_for_one_moment_are_shown_and_not_averaged() -> None:
    door = two()
    tell(door, "gnss", 0)
    door.wait(60)
    tell(door, "gnss2", 900)
    team = door.picture().teams[0]
    assert team.disagreement is not None
    assert (team.disagreement.first, team.disagreement.second) == ("gnss", "gnss2")
    assert team.disagreement.distance_m == pytest.approx(900, abs=2)
    assert north_m(door) == 900, "the newest stands as it is"
    assert said(door) == ["notice.disagreement"]
    door.wait(10)
    tell(door, "gnss", 880)
    assert door.picture().teams[0].disagreement is None
    assert said(door) == ["notice.disagreement", "notice.agreement"]


@pytest.mark.parametrize(
    ("apart_m", "wait_s", "differs"), [(195, 5, False), (205, 5, True), (900, 119, True), (900, 121, False)]
)
def test_two_means_disagree_beyond_200_m_within_two_minutes(apart_m: float, wait_s: float, *, differs: bool) -> None:
    door = two()
    tell(door, "gnss", 0)
    door.wait(wait_s)
    tell(door, "gnss2", apart_m)
    assert (door.picture().teams[0].disagreement is not None) == differs


def test_a_fix_out_of_reach_is_told_and_does_not_move_the_team() -> None:
    door = two()
    tell(door, "gnss", 0)
    door.wait(10)
    tell(door, "gnss", 5_000)
    team = door.picture().teams[0]
    assert north_m(door) == 0
    assert [(one.is_jump, round(one.place.lat_deg, 2)) for one in team.fixes] == [(True, 34.44)]
    assert door.alarm("jump:own").text.args == {"team": "指挥车", "device": "车载 GNSS", "km": 5.0}  # type: ignore[union-attr]
    assert team.last_heard_ns == door.at_ns, "it is a sign of life all the same"
    door.wait(1)
    tell(door, "gnss", 20)
    assert north_m(door) == 20
    assert not door.picture().teams[0].fixes[0].is_jump


def test_a_leap_said_three_times_while_nothing_else_is_said_is_taken_and_its_leg_is_dashed() -> None:
    door = two()
    tell(door, "gnss", 0)
    for _ in range(2):
        door.wait(10)
        tell(door, "gnss", 5_000)
        assert north_m(door) == 0
    door.wait(10)
    tell(door, "gnss", 5_010)
    assert north_m(door) == 5_010
    assert said(door)[-1] == "notice.jump_taken"
    assert [point.is_after_gap for point in door.picture().teams[0].trail] == [False, True]


def test_a_leap_is_not_taken_while_another_means_says_the_team_is_where_it_was() -> None:
    door = two()
    for _ in range(6):
        tell(door, "gnss", 0)
        door.wait(5)
        tell(door, "gnss2", 9_000)
        door.wait(5)
        assert north_m(door) == 0
    assert door.picture().teams[0].disagreement is not None


@pytest.mark.parametrize(("metres", "jumps"), [(640, False), (660, True)])
def test_faster_than_60_m_a_second_is_a_jump(metres: float, *, jumps: bool) -> None:
    door = two()
    tell(door, "gnss", 0)
    door.wait(10)
    tell(door, "gnss", metres)
    assert door.picture().teams[0].fixes[0].is_jump == jumps


def test_the_same_leap_again_and_again_is_told_once_in_ten_minutes() -> None:
    door = two()
    for _ in range(5):
        tell(door, "gnss", 0)
        door.wait(1)
        tell(door, "gnss", 5_000)
        door.wait(1)
    assert said(door).count("alarm.jump") == 1
