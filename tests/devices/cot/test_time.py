"""What is old, repeated, ours or an exercise is never taken for somebody who was heard now."""

from __future__ import annotations

import json
from typing import Any

import pytest

from devices.catalogue import make_driver
from devices.driver import NS_PER_S
from devices.drivers.cot import Cot
from devices.observations import Condition, Emergency, Malformed, Observation, Position, Power, Presence, Unrecognised
from tests.devices.cot.events import POINT, START_NS, USER, event, receipt, text, user

LATER_NS = START_NS + 60 * NS_PER_S


def driver(**settings: Any) -> Cot:
    made = make_driver("cot", settings)
    assert isinstance(made, Cot)
    return made


def begun(**settings: Any) -> Cot:
    """A driver whose wire stands since ``START_NS``."""
    made = driver(**settings)
    made.receive(b" ", START_NS)
    return made


def stored(seen: list[Observation] | Any) -> set[bool]:
    return {one.is_stored for one in seen if isinstance(one, (Position, Presence, Power, Emergency))}


def test_a_fresh_event_is_a_sign_of_life() -> None:
    assert stored(begun().receive(user("A", LATER_NS), LATER_NS)) == {False}


def test_an_event_past_its_stale_time_is_none() -> None:
    said = user("A", START_NS + NS_PER_S, stale_s=10.0)
    assert stored(begun().receive(said, LATER_NS)) == {True}


def test_an_event_older_than_the_wire_is_none_though_it_is_not_stale() -> None:
    said = user("A", START_NS - 20 * NS_PER_S, stale_s=3600.0)
    assert stored(begun().receive(said, START_NS + NS_PER_S)) == {True}


def test_a_clock_that_is_a_little_slow_does_not_silence_a_user() -> None:
    assert stored(begun().receive(user("A", START_NS - 4 * NS_PER_S), START_NS + NS_PER_S)) == {False}


def test_the_same_event_again_and_an_earlier_one_are_none_and_a_later_one_is() -> None:
    wire = begun()
    newest = user("A", LATER_NS)
    assert stored(wire.receive(newest, LATER_NS)) == {False}
    assert stored(wire.receive(newest, LATER_NS + NS_PER_S)) == {True}
    assert stored(wire.receive(user("A", LATER_NS - NS_PER_S), LATER_NS + NS_PER_S)) == {True}
    assert stored(wire.receive(newest, LATER_NS + NS_PER_S)) == {True}
    assert stored(wire.receive(user("A", LATER_NS + NS_PER_S), LATER_NS + NS_PER_S)) == {False}


def test_a_clock_that_was_far_ahead_and_is_put_right_does_not_silence_a_user() -> None:
    wire = begun()
    wire.receive(user("A", LATER_NS + 3600 * NS_PER_S), LATER_NS)
    assert stored(wire.receive(user("A", LATER_NS + NS_PER_S), LATER_NS + NS_PER_S)) == {False}


def test_one_users_dates_say_nothing_of_another() -> None:
    wire = begun()
    wire.receive(user("A", LATER_NS), LATER_NS)
    assert stored(wire.receive(user("B", LATER_NS - NS_PER_S), LATER_NS)) == {False}


def test_what_one_peer_told_is_a_repetition_from_the_next() -> None:
    wire = driver()
    said = user("A", START_NS, endpoint="192.0.2.7:4242:tcp")
    assert stored(wire.receive_from(said, "192.0.2.7:6969", START_NS)) == {False}
    assert stored(wire.receive_from(said, "192.0.2.9:6969", START_NS + NS_PER_S)) == {True}


def test_a_new_wire_begins_anew() -> None:
    wire = begun()
    wire.receive(user("A", START_NS), START_NS)
    wire.finish()
    wire.receive(b" ", LATER_NS)
    assert stored(wire.receive(user("A", START_NS + 20 * NS_PER_S, stale_s=900.0), LATER_NS)) == {True}


def test_old_texts_and_old_alerts_are_told_as_old() -> None:
    wire = begun()
    said = wire.receive(text("A", "All Chat Rooms", "早先的话", START_NS - 600 * NS_PER_S), LATER_NS)
    assert [getattr(one, "is_stored", None) for one in said] == [True]
    alert = event("A-9-1-1", START_NS - 600 * NS_PER_S, '<emergency type="911 Alert"/>', kind="b-a-o-tbl", stale_s=10)
    assert stored(wire.receive(alert, LATER_NS)) == {True}


def test_our_own_words_given_back_are_nobodys_sign_of_life() -> None:
    wire = begun(uid="CP", callsign="CP")
    for ours in (
        user("CP", LATER_NS),
        user("CP-team-fire-1", LATER_NS),
        text("CP", "All Chat Rooms", "x", LATER_NS),
        receipt("CP", "A", "x", LATER_NS),
        event("CP-ping", LATER_NS, kind="t-x-c-t"),
    ):
        seen = wire.receive(ours, LATER_NS)
        assert [type(one) for one in seen] == [Unrecognised], ours
    assert isinstance(wire.receive(user("CP-2", LATER_NS), LATER_NS)[0], Presence), (
        "a neighbour whose name begins alike"
    )


def test_nobody_deletes_us() -> None:
    wire = begun(uid="CP", callsign="CP")
    links = '<link uid="CP" relation="p-p"/><link uid="A" relation="p-p"/><link uid="CP-team-1" relation="p-p"/>'
    seen = wire.receive(event("d1", LATER_NS, links, kind="t-x-d-d"), LATER_NS)
    assert [(one.subject, one.state) for one in seen if isinstance(one, Presence)] == [("A", "offline")]


@pytest.mark.parametrize("how", ["h-e", "h-g-i-g-o", ""])
def test_a_mark_set_by_hand_is_no_sign_of_life(how: str) -> None:
    seen = begun().receive(event("M", LATER_NS, '<contact callsign="堤口"/>', kind="a-u-G", how=how), LATER_NS)
    assert stored(seen) == {True}
    assert [one.fix for one in seen if isinstance(one, Position)] == ["unknown"]


def test_an_event_belongs_to_its_own_uid_and_never_to_who_sent_it() -> None:
    wire = begun()
    wire.receive(user("A", LATER_NS), LATER_NS)
    seen = wire.receive(event("  ", LATER_NS, USER) + event("B", LATER_NS, USER), LATER_NS)
    assert [getattr(one, "subject", None) for one in seen] == [None, "B", "B"]
    assert isinstance(seen[0], Malformed)
    assert not [one for one in seen if isinstance(one, Position) and one.callsign], "no callsign of the one before"


@pytest.mark.parametrize(
    ("point", "how", "has_fix"),
    [
        ('<point lat="0.0" lon="0.0" hae="9999999.0" ce="9999999.0" le="9999999.0"/>', "m-g", False),
        ('<point lat="0" lon="0" hae="0" ce="999999" le="999999"/>', "m-g", False),
        ('<point lat="0.0" lon="0.0" hae="5" ce="10" le="10"/>', "h-g-i-g-o", False),
        ('<point lat="0.0" lon="0.0" hae="5" ce="10" le="10"/>', "m-g", True),
        ('<point lat="0.0" lon="12.0" hae="9999999" ce="9999999" le="9999999"/>', "m-g", True),
        ("", "m-g", False),
    ],
)
def test_zero_and_unknown_is_no_place(point: str, how: str, has_fix: bool) -> None:  # noqa: FBT001
    [seen] = begun().receive(event("A", LATER_NS, how=how, point=point), LATER_NS)
    assert isinstance(seen, Position)
    assert (seen.lat_deg is not None) == has_fix
    assert (seen.fix == "none") == (not has_fix)


@pytest.mark.parametrize(
    ("field", "value"),
    [("lat", "nan"), ("lat", "inf"), ("lat", "91"), ("lon", "-180.5"), ("lat", ""), ("lat", "34,3"), ("lon", "0x10")],
)
def test_a_place_that_is_none_is_said_to_be_bad(field: str, value: str) -> None:
    said = POINT.replace({"lat": "34.3956", "lon": "113.7394"}[field], value)
    seen = begun().receive(event("A", LATER_NS, point=said), LATER_NS)
    assert [one.reason for one in seen if isinstance(one, Malformed)] == ["field"]


def test_numbers_out_of_their_range_are_unknown_and_spoil_nothing_else() -> None:
    detail = '<track speed="-1" course="NaN"/><status battery="250"/>'
    said = event("A", LATER_NS, detail, point=POINT.replace("4.7", "0").replace("112.4", "-1e9"))
    [seen] = begun().receive(said, LATER_NS)
    assert isinstance(seen, Position)
    assert (seen.speed_mps, seen.course_deg, seen.accuracy_m, seen.altitude_m) == (None, None, None, None)
    assert seen.lat_deg == 34.3956


def test_a_cancelled_alert_is_no_alert() -> None:
    over = event("A-9-1-1", LATER_NS, '<emergency cancel="true"/>', kind="b-a-o-tbl")
    seen = begun().receive(over, LATER_NS)
    assert not [one for one in seen if isinstance(one, Emergency)]
    assert [(one.subject, one.value) for one in seen if isinstance(one, Condition)] == [("A", "cancelled")]


def test_a_stranger_cannot_speak_in_our_own_words() -> None:
    said = event("A-9-1-1", LATER_NS, '<emergency type="@refusal.empty"/>', kind="b-a-o-x")
    assert [one.kind for one in begun().receive(said, LATER_NS) if isinstance(one, Emergency)] == ["refusal.empty"]


def test_a_snapshot_keeps_what_was_told_before() -> None:
    wire = begun(uid="CP")
    wire.receive_from(user("A", LATER_NS), "192.0.2.7:5000", LATER_NS)
    wire.receive_from(user("B", LATER_NS)[:50], "192.0.2.8:5000", LATER_NS)
    after = driver(uid="CP")
    after.restore(json.loads(json.dumps(wire.save())))
    assert after.save() == wire.save()
    assert stored(after.receive_from(user("A", LATER_NS), "192.0.2.7:5000", LATER_NS)) == {True}
    assert stored(after.receive_from(user("B", LATER_NS)[50:], "192.0.2.8:5000", LATER_NS)) == {False}
