"""Phones through a broker: whose message it is, what was kept, what is old, and what never renews anything."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.configuration.model import Configuration, DeviceConfiguration, TeamConfiguration
from devices.commands import AskPosition
from devices.driver import NS_PER_S, Outgoing, Refused
from devices.drivers.owntracks import SUBJECTS, OwnTracks
from devices.observations import Malformed, Observation, Position, Power, Presence, Unrecognised
from tests.console.door import START_NS, Door

NOW_S = START_NS // NS_PER_S


def message(topic: str, *, is_retained: bool = False, **said: Any) -> bytes:
    payload = {"_type": "location", "lat": 34.4, "lon": 113.7, "tst": NOW_S} | said
    line = {"source": "x", "asked_ns": None, "answered_ns": START_NS, "topic": topic, "retained": is_retained}
    return json.dumps(line | {"payload": json.dumps(payload)}).encode()


def request(query: str = "", **more: Any) -> bytes:
    payload = {"_type": "location", "lat": 34.4, "lon": 113.7, "tst": NOW_S}
    line = {"source": "x", "asked_ns": START_NS, "answered_ns": START_NS, "path": "/", "query": query}
    return json.dumps(line | {"payload": json.dumps(payload)} | more).encode()


def only(seen: Sequence[Observation]) -> Observation:
    (one,) = seen
    assert not isinstance(one, Malformed)
    return one


def test_a_request_without_a_name_is_nobody_s_whoever_spoke_before() -> None:
    driver = OwnTracks({})
    driver.receive(request(user="wang", device="p40"), START_NS)
    driver.receive(message("owntracks/li/x"), START_NS)
    for nobody in (request(), request("u=&d="), request(user="wang"), request(device="p40"), request(user="a/b")):
        (seen,) = driver.receive(nobody, START_NS)
        assert isinstance(seen, Malformed)
        assert seen.reason == "identity"


@given(topic=st.text(max_size=30) | st.from_regex(r"owntracks(/[a-z0]{0,3}){0,4}", fullmatch=True))
def test_no_topic_leaves_a_position_without_its_subject(topic: str) -> None:
    for seen in OwnTracks({}).receive(message(topic), START_NS):
        if isinstance(seen, Position):
            _, user, device = topic.split("/")[:3]
            assert seen.subject == f"{user}/{device}"


def test_a_ping_at_an_unchanged_place_proves_the_phone_and_not_the_place() -> None:
    driver = OwnTracks({})
    first = only(driver.receive(message("owntracks/wang/p"), START_NS))
    assert isinstance(first, Position)
    ping = only(driver.receive(message("owntracks/wang/p", t="p", tst=NOW_S + 900), START_NS + 900 * NS_PER_S))
    assert isinstance(ping, Presence)
    assert ping.state == "online"
    moved = only(driver.receive(message("owntracks/wang/p", t="p", lat=34.5, tst=NOW_S + 901), START_NS))
    assert isinstance(moved, Position)


def test_a_name_on_a_card_names_later_positions_of_that_phone_only() -> None:
    driver = OwnTracks({})
    driver.receive(message("owntracks/wang/p/info", _type="card", name="王\x00队", is_retained=True), START_NS)
    named, other = (only(driver.receive(message(f"owntracks/{who}/p"), START_NS)) for who in ("wang", "li"))
    assert isinstance(named, Position)
    assert isinstance(other, Position)
    assert (named.callsign, other.callsign) == ("王队", None)


@pytest.mark.parametrize(("age_s", "is_told"), [(0, True), (599, True), (601, False), (-59, True), (-61, False)])
def test_a_charge_is_told_only_while_it_says_something_of_now(age_s: int, is_told: bool) -> None:  # noqa: FBT001
    seen = OwnTracks({}).receive(message("owntracks/wang/p", batt=80, tst=NOW_S - age_s), START_NS)
    assert any(isinstance(one, Power) for one in seen) is is_told
    assert any(isinstance(one, Position) for one in seen)


def test_with_a_list_others_are_strangers() -> None:
    driver = OwnTracks({"allowed": "wang/p, li/x，zhao/p"})
    assert isinstance(only(driver.receive(message("owntracks/zhao/p"), START_NS)), Position)
    assert isinstance(only(driver.receive(message("owntracks/mallory/p"), START_NS)), Unrecognised)


def test_another_prefix_of_several_levels() -> None:
    driver = OwnTracks({"prefix": "xinzheng/phones"})
    seen = only(driver.receive(message("xinzheng/phones/wang/p/event", _type="location"), START_NS))
    assert isinstance(seen, Position)
    assert seen.subject == "wang/p"
    asked = driver.encode(AskPosition(subject="wang/p"), START_NS)
    assert isinstance(asked, Outgoing)
    assert json.loads(asked.octets)["topic"] == "xinzheng/phones/wang/p/cmd"
    assert isinstance(OwnTracks({}).encode(AskPosition(subject="wang/p"), START_NS), Refused)


def test_any_number_of_phones_leaves_the_memory_bounded() -> None:
    driver = OwnTracks({})
    for number in range(SUBJECTS * 3):
        driver.receive(message(f"owntracks/u{number}/p"), START_NS)
        driver.receive(message(f"owntracks/u{number}/p/info", _type="card", name="名" * 100), START_NS)
    assert {len(table) for table in driver.save().values()} == {SUBJECTS}
    assert len(json.dumps(driver.save())) < 200_000


def test_what_the_broker_kept_never_renews_when_a_team_was_last_heard() -> None:
    team = TeamConfiguration(id="t", name="一组", symbol="一", expected_s=300, means=("phones/wang/p",))
    device = DeviceConfiguration(id="phones", name="手机", driver="owntracks", wire="mqtt:127.0.0.1:1/owntracks/#")
    door = Door(
        Configuration(mode="live", incident="x", post="y", incident_since_ns=START_NS, devices=(device,), teams=(team,))
    )
    door.up("phones")
    door.say("phones", message("owntracks/wang/p", is_retained=True, tst=NOW_S - 3600, batt=50))
    door.say("phones", message("owntracks/wang/p", is_retained=True, _type="lwt"))
    (told,) = door.picture().teams
    assert told.last_heard_ns is None
    assert told.place is not None
    door.wait(5)
    door.say("phones", message("owntracks/wang/p"))
    (told,) = door.picture().teams
    assert told.last_heard_ns == door.at_ns
    heard_ns = door.at_ns
    door.wait(60)
    door.down("phones")
    door.up("phones")
    door.say("phones", message("owntracks/wang/p", is_retained=True))
    (told,) = door.picture().teams
    assert told.last_heard_ns == heard_ns
