from __future__ import annotations

from itertools import pairwise

import pytest

from console.records import Kind
from console.rules.tracks import TRAIL_EVERY_NS, TRAIL_GAP_NS
from devices.driver import NS_PER_S
from tests.console.door import START_NS, Door, sentence


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
