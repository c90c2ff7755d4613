"""A gateway, its terminals and stations, and the console together."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.commands import AskPosition, SendText
from devices.driver import NS_PER_S, Addressed, Outgoing
from devices.drivers.radio_gateway import RadioGateway
from devices.drivers.radio_gateway.reading import LINE_LIMIT
from devices.observations import (
    Call,
    Condition,
    DeliveryReport,
    Emergency,
    Malformed,
    Position,
    Power,
    Presence,
    Signal,
    TextMessage,
)
from tests.devices.radio_gateway.conversation import START_NS, Conversation


def line(**said: Any) -> bytes:
    return json.dumps(said, ensure_ascii=False).encode() + b"\n"


def test_terminals_stations_texts_and_calls_are_told() -> None:
    talk = Conversation()
    talk.run(60)
    assert not [one for one in talk.seen if isinstance(one, Malformed)]
    places = {one.subject for one in talk.seen if isinstance(one, Position)}
    assert places == {"3700201", "3700202", "3700203", "bs-1", "bs-2"}
    assert {one.state for one in talk.seen if isinstance(one, Call)} == {"started", "ended"}
    assert [one.sender for one in talk.seen if isinstance(one, TextMessage)] == ["3700202", "3700203"]
    assert {one.quantity for one in talk.seen if isinstance(one, Signal)} == {"vswr", "channel_busy", "terminals"}
    assert {one.source for one in talk.seen if isinstance(one, Power)} == {"battery", "mains"}


def test_a_list_at_the_beginning_is_no_sign_of_life() -> None:
    talk = Conversation()
    told = [one for one in talk.run(1) if isinstance(one, Presence)]
    assert len(told) == 3
    assert all(one.is_stored for one in told)


def test_a_station_that_loses_mains_and_core_says_so() -> None:
    talk = Conversation(mains_lost_after_s=20.0, core_lost_after_s=20.0)
    talk.run(70)
    of_first = [one for one in talk.seen if isinstance(one, Condition) and one.subject == "bs-1"]
    assert [one.value for one in of_first if one.part == "mains"] == ["present", "lost", "lost"]
    assert [one.value for one in of_first if one.part == "core"] == ["reached", "single-site", "single-site"]
    of_second = [one.value for one in talk.seen if isinstance(one, Condition) and one.subject == "bs-2"]
    assert "lost" not in of_second


def test_a_text_is_sent_and_confirmed() -> None:
    talk = Conversation(text_every_s=0)
    talk.run(2)
    sent = talk.send(SendText(reference="m-3", recipient="3700202", text="速到新村桥"))
    assert isinstance(sent, Outgoing)
    assert sent.reference == "m-3"
    reports = [(one.reference, one.state) for one in talk.run(5) if isinstance(one, DeliveryReport)]
    assert reports == [("m-3", "sent"), ("m-3", "confirmed")]


def test_a_terminal_that_cannot_be_reached_is_told_so() -> None:
    talk = Conversation(unreachable=["3700202"])
    talk.run(2)
    talk.send(SendText(reference="m-3", recipient="3700202", text="x"))
    reports = [(one.state, one.reason) for one in talk.run(10) if isinstance(one, DeliveryReport)]
    assert reports == [("sent", None), ("failed", "radio-no-answer")]


def test_a_text_to_us_is_repeated_until_we_have_it_and_told_once() -> None:
    talk = Conversation(text_every_s=40)
    told = [one for one in talk.run(35) if isinstance(one, TextMessage)]
    assert len(told) == 1
    received = [one for one in talk.said if b'"received"' in one]
    assert len(received) == 1
    driver = RadioGateway({})
    text = line(type="text", id="t-1", **{"from": "1"}, text="x")
    kinds = [type(driver.receive(text, START_NS + second * NS_PER_S)[0]).__name__ for second in (0, 10, 700)]
    assert kinds == ["TextMessage", "Unrecognised", "TextMessage"]


def test_an_emergency_is_told() -> None:
    talk = Conversation(emergency_after_s=3.0)
    assert [one.subject for one in talk.run(5) if isinstance(one, Emergency)] == ["3700201"]


def test_ask_position_asks_now() -> None:
    talk = Conversation(report_every_s=0, station_every_s=0)
    talk.run(1)
    talk.send(AskPosition(subject="3700203"))
    assert [one.subject for one in talk.run(3) if isinstance(one, Position)] == ["3700203"]


def test_we_say_hello_now_and_then_to_the_one_who_speaks() -> None:
    driver = RadioGateway({})
    assert driver.poll(START_NS) == [b'{"type":"hello","version":1}\n']
    driver.receive_from(line(type="alive"), "192.0.2.6:5370", START_NS)
    assert not driver.poll(START_NS + 29 * NS_PER_S)
    hello = driver.poll(START_NS + 30 * NS_PER_S)[0]
    assert isinstance(hello, Addressed)
    assert hello.peer == "192.0.2.6:5370"


def test_each_text_goes_to_the_gateway_that_knows_its_recipient() -> None:
    driver = RadioGateway({})
    driver.receive_from(line(type="presence", id="101", state="online"), "192.0.2.6:1", START_NS)
    driver.receive_from(line(type="presence", id="102", state="online"), "192.0.2.7:1", START_NS)
    peers = []
    for recipient in ("101", "102", "103"):
        answer = driver.encode(SendText(reference="m", recipient=recipient, text="x"), START_NS)
        assert isinstance(answer, Outgoing)
        peers.append(answer.peer)
    assert peers == ["192.0.2.6:1", "192.0.2.7:1", "192.0.2.7:1"]


def test_lines_of_two_gateways_do_not_mix() -> None:
    driver = RadioGateway({})
    one, two = line(type="presence", id="1", state="online"), line(type="presence", id="2", state="offline")
    said = [
        *driver.receive_from(one[:20], "192.0.2.6:1", START_NS),
        *driver.receive_from(two[:20], "192.0.2.7:1", START_NS),
        *driver.receive_from(one[20:], "192.0.2.6:1", START_NS),
        *driver.receive_from(two[20:], "192.0.2.7:1", START_NS),
    ]
    assert [(seen.subject, seen.state) for seen in said if isinstance(seen, Presence)] == [
        ("1", "online"),
        ("2", "offline"),
    ]


@pytest.mark.parametrize("chunk", [1, 997, 100_000])
def test_a_line_that_never_ends_is_one_fault_and_the_next_is_read(chunk: int) -> None:
    driver = RadioGateway({})
    stream = b"x" * (3 * LINE_LIMIT) + b"\n" + line(type="presence", id="1", state="online")
    said = [one for at in range(0, len(stream), chunk) for one in driver.receive(stream[at : at + chunk], START_NS)]
    assert [type(one).__name__ for one in said] == ["Malformed", "Presence"]


def test_a_flood_is_answered_slowly_and_remembered_in_bounds() -> None:
    driver = RadioGateway({})
    for number in range(3000):
        said = line(type="text", id=f"t-{number}", **{"from": str(number)}, text="x")
        driver.receive_from(said + b"{", f"192.0.2.6:{number}", START_NS)
    assert len(driver.poll(START_NS)) <= 51
    state = driver.save()
    assert len(state["held"]) <= 16
    assert len(state["peer_of"]) <= 1024
    assert len(state["texts"]) <= 128


@settings(max_examples=300, deadline=None)
@given(recipient=st.text(max_size=70), text=st.text(max_size=60), reference=st.uuids().map(str))
def test_no_text_can_start_a_second_line(recipient: str, text: str, reference: str) -> None:
    answer = RadioGateway({}).encode(SendText(reference=reference, recipient=recipient, text=text), START_NS)
    if isinstance(answer, Outgoing):
        assert answer.octets.count(b"\n") == 1
        assert not any(octet < 0x20 for octet in answer.octets[:-1])
        assert json.loads(answer.octets)["text"] == text


@settings(max_examples=300, deadline=None)
@given(
    said=st.dictionaries(
        st.sampled_from(["type", "id", "from", "to", "text", "state", "lat", "lon", "at", "stored", "mains", "vswr"]),
        st.one_of(
            st.none(),
            st.booleans(),
            st.integers(),
            st.floats(allow_nan=False),
            st.text(max_size=20),
            st.sampled_from(["presence", "position", "text", "station", "online", "2026-07-20T06:30:00Z"]),
        ),
    )
)
def test_any_object_is_taken_without_an_exception(said: dict[str, Any]) -> None:
    driver = RadioGateway({})
    for seen in driver.receive(line(**said), START_NS):
        if isinstance(seen, Position):
            assert (seen.lat_deg is None) == (seen.lon_deg is None)


def test_a_conversation_goes_on_where_a_snapshot_left_it() -> None:
    talk = Conversation(peer="192.0.2.6:5370")
    talk.run(20)
    other = RadioGateway({})
    other.restore(json.loads(json.dumps(talk.driver.save())))
    at_ns = talk.at_ns + 40 * NS_PER_S
    assert list(other.poll(at_ns)) == list(talk.driver.poll(at_ns))
    assert other.save() == talk.driver.save()
