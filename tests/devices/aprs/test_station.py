"""Amateur stations: who is heard, what is sent and acknowledged, and that nothing is radiated without a licence."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.configuration.model import Configuration, DeviceConfiguration, TeamConfiguration
from console.orders import ComposeMessage
from devices.catalogue import make_simulator
from devices.commands import AskPosition, AskReceipt, SendRaw, SendText
from devices.driver import NS_PER_S, Outgoing, Refused
from devices.drivers.aprs import Aprs
from devices.drivers.aprs.framing import Framer, kiss, open_frame, ui_frame, unescape
from devices.drivers.aprs.messages import AGAIN_NS, LONGEST_OCTETS
from devices.observations import (
    DeliveryReport,
    Malformed,
    Observation,
    Position,
    Presence,
    TextMessage,
    Unrecognised,
)
from tests.console.door import START_NS, Door

LICENSED = {"callsign": "by4cp", "licensed": True, "way": "WIDE1-1"}
PLACE = b"!3423.76N/11344.36E>"


def packet(source: str, info: bytes, way: Sequence[str] = ()) -> bytes:
    return kiss(ui_frame(source, "APRS", way, info))


def said(octets: bytes) -> tuple[str, str, bytes]:
    """Source, destination and text of one frame that we send."""
    ((doubt, piece),) = Framer().push(octets)
    frame = unescape(piece)
    assert not doubt
    assert frame is not None
    opened = open_frame(frame[1:])
    assert not isinstance(opened, str)
    return opened.source, opened.destination, opened.info


def sent(driver: Aprs, text: str = "你好", recipient: str = "TEAM1-9", at_ns: int = START_NS) -> Outgoing:
    answer = driver.encode(SendText(reference="m1", recipient=recipient, text=text), at_ns)
    assert isinstance(answer, Outgoing)
    return answer


# ---- hearing


def test_what_digipeaters_repeat_is_no_new_sign_of_life_but_the_next_beacon_is() -> None:
    driver = Aprs({})
    (first,) = driver.receive(packet("TEAM1-9", PLACE), START_NS)
    (again,) = driver.receive(packet("TEAM1-9", PLACE, ["BR4AA"]), START_NS + 20 * NS_PER_S)
    (other,) = driver.receive(packet("TEAM2", PLACE), START_NS + 20 * NS_PER_S)
    (later,) = driver.receive(packet("TEAM1-9", PLACE), START_NS + 31 * NS_PER_S)
    assert [type(one) for one in (first, again, other, later)] == [Position, Unrecognised, Position, Position]


def test_what_is_told_of_an_object_moves_neither_its_sender_nor_a_station_of_its_name() -> None:
    team = TeamConfiguration(id="t", name="一组", symbol="一", expected_s=300, means=("radio/TEAM1-9",))
    device = DeviceConfiguration(id="radio", name="电台", driver="aprs", wire="tcp:127.0.0.1:1")
    door = Door(
        Configuration(mode="live", incident="x", post="y", incident_since_ns=START_NS, devices=(device,), teams=(team,))
    )
    door.up("radio")
    door.say("radio", packet("BG4XYZ", b";TEAM1-9  *111111z3423.76N/11344.36E>"))
    (told,) = door.picture().teams
    assert (told.last_heard_ns, told.place) == (None, None)
    door.say("radio", packet("TEAM1-9", b";FLOOD    *111111z3423.76N/11344.36E>"))
    (told,) = door.picture().teams
    assert (told.last_heard_ns, told.place) == (door.at_ns, None)


def test_a_text_to_us_is_taken_once_and_acknowledged_each_time() -> None:
    driver = Aprs(LICENSED)
    text = packet("TEAM1-9", b":BY4CP    :hello{42")
    (first,) = driver.receive(text, START_NS)
    assert isinstance(first, TextMessage)
    assert (first.sender, first.recipient, first.text) == ("TEAM1-9", "BY4CP", "hello")
    (ack,) = driver.poll(START_NS)
    assert said(ack) == ("BY4CP", "APZ369", b":TEAM1-9  :ack42")
    (again,) = driver.receive(text, START_NS + 60 * NS_PER_S)
    assert isinstance(again, Presence)
    assert [said(one)[2] for one in driver.poll(START_NS + 60 * NS_PER_S)] == [b":TEAM1-9  :ack42"]


def test_a_flood_of_texts_makes_us_send_no_more_than_one_acknowledgement_in_two_seconds() -> None:
    driver = Aprs(LICENSED)
    for number in range(500):
        driver.receive(packet("TEAM1-9", b":BY4CP    :x{%d" % number), START_NS)
    acknowledged = sum(len(driver.poll(START_NS + tick * NS_PER_S // 10)) for tick in range(600))
    assert acknowledged <= 8
    assert len(json.dumps(driver.save())) < 40_000


# ---- saying


@pytest.mark.parametrize(
    ("settings", "reason"),
    [({}, "aprs-unlicensed"), ({"callsign": "BY4CP"}, "aprs-unlicensed"), ({"licensed": True}, "aprs-callsign"),
     ({"licensed": True, "callsign": "TOOLONG-99"}, "aprs-callsign")],
)  # fmt: skip
def test_without_licence_and_callsign_nothing_at_all_is_radiated(settings: dict[str, Any], reason: str) -> None:
    driver = Aprs(settings)
    for number in range(3):
        driver.receive(packet("TEAM1-9", b":BY4CP    :x{%d" % number), START_NS + number * NS_PER_S)
        assert not driver.poll(START_NS + number * NS_PER_S)
    for command in (
        SendText(reference="m", recipient="TEAM1-9", text="x"),
        AskPosition(subject="TEAM1-9"),
        SendRaw(octets=packet("BY4CP", PLACE)),
        AskReceipt(recipient="TEAM1-9"),
    ):
        assert driver.encode(command, START_NS) == Refused(reason=reason)
    assert not driver.measure("x").is_sendable


def test_a_text_is_confirmed_by_its_recipient_and_nobody_else() -> None:
    driver = Aprs(LICENSED)
    source, _, info = said(sent(driver).octets)
    assert source == "BY4CP"
    number = info.rpartition(b"{")[2]
    assert info == ":TEAM1-9  :你好".encode() + b"{" + number
    (stranger,) = driver.receive(packet("TEAM2", b":BY4CP    :ack" + number), START_NS)
    (other,) = driver.receive(packet("TEAM1-9", b":BY4CP    :ackZZZ"), START_NS)
    (foreign,) = driver.receive(packet("TEAM1-9", b":BG4XYZ   :ack" + number), START_NS)
    assert {type(one) for one in (stranger, other, foreign)} == {Presence}
    _, radiated, confirmed = driver.receive(packet("TEAM1-9", b":BY4CP    :ack" + number), START_NS)
    assert isinstance(radiated, DeliveryReport)
    assert isinstance(confirmed, DeliveryReport)
    assert (radiated.state, confirmed.state, confirmed.reference) == ("sent", "confirmed", "TEAM1-9")
    assert not driver.poll(START_NS + 60 * NS_PER_S), "a settled text is not said again"


def test_a_reply_acknowledges_besides_and_a_rejection_is_a_failure() -> None:
    driver = Aprs(LICENSED)
    number = said(sent(driver).octets)[2].rpartition(b"{")[2]
    seen = driver.receive(packet("TEAM1-9", b":BY4CP    :understood{07}" + number), START_NS)
    assert [one.state for one in seen if isinstance(one, DeliveryReport)] == ["sent", "confirmed"]
    assert isinstance(seen[-1], TextMessage)
    number = said(sent(driver, at_ns=START_NS + NS_PER_S).octets)[2].rpartition(b"{")[2]
    seen = driver.receive(packet("TEAM1-9", b":BY4CP    :rej" + number), START_NS)
    assert [(one.state, one.reason) for one in seen if isinstance(one, DeliveryReport)] == [("failed", "rejected")]


def test_an_unanswered_text_is_said_twice_again_with_its_number_and_then_no_more() -> None:
    driver = Aprs(LICENSED)
    first = sent(driver).octets
    again = [octets for second in range(120) for octets in driver.poll(START_NS + second * NS_PER_S)]
    assert again == [first] * len(AGAIN_NS)
    assert sent(driver, at_ns=START_NS + 500 * NS_PER_S).octets == first, "the outbox's own repetition keeps its number"


def test_our_own_packet_heard_again_was_radiated_and_proves_nobody() -> None:
    driver = Aprs(LICENSED)
    octets = sent(driver).octets
    (seen,) = driver.receive(octets, START_NS)
    assert isinstance(seen, DeliveryReport)
    assert seen.state == "sent"
    (own,) = driver.receive(packet("BY4CP", PLACE), START_NS)
    assert isinstance(own, Unrecognised)


def test_from_the_click_to_the_acknowledgement() -> None:
    device = DeviceConfiguration(id="radio", name="电台", driver="aprs", wire="tcp:127.0.0.1:1", settings=LICENSED)
    door = Door(Configuration(mode="live", incident="x", post="y", incident_since_ns=START_NS, devices=(device,)))
    door.up("radio")
    door.order(ComposeMessage(message_id="m1", device_id="radio", recipient="team1-9", text="撤离"))
    (octets,) = door.sent()
    assert door.message("m1").state == "submitted"
    number = said(octets)[2].rpartition(b"{")[2]
    door.wait(3)
    door.say("radio", packet("TEAM1-9", b":BY4CP    :ack" + number))
    assert door.message("m1").state == "confirmed"


# ---- no text becomes anything else


@given(text=st.text(max_size=90), recipient=st.text(max_size=12) | st.just("TEAM1-9"))
def test_no_text_starts_a_second_frame_or_a_second_message(text: str, recipient: str) -> None:
    driver = Aprs(LICENSED)
    answer = driver.encode(SendText(reference="m", recipient=recipient, text=text), START_NS)
    if isinstance(answer, Refused):
        return
    source, destination, info = said(answer.octets)
    assert (source, destination) == ("BY4CP", "APZ369")
    body, _, number = info[11:].rpartition(b"{")
    assert body.decode() == text
    assert number.isalnum()
    assert len(body) <= LONGEST_OCTETS
    assert not any(octet < 32 or octet in b"|~{\x7f" for octet in body)


@pytest.mark.parametrize("text", ["a\rb", "a\nb", "a\0b", "\x1a", "a\x85b", "a\u2028b", "a|b", "a~b", "a{b", "\ud800"])
def test_control_signs_are_refused(text: str) -> None:
    answer = Aprs(LICENSED).encode(SendText(reference="m", recipient="TEAM1-9", text=text), START_NS)
    assert answer == Refused(reason="aprs-charset")


@pytest.mark.parametrize("octets", ["", "c0", "c0ffc0", "c00105c0", "c000c0", "c00082c0"])
def test_raw_octets_are_one_whole_data_frame_or_refused(octets: str) -> None:
    answer = Aprs(LICENSED).encode(SendRaw(octets=bytes.fromhex(octets)), START_NS)
    assert answer == Refused(reason="aprs-raw")
    two = packet("BY4CP", PLACE) * 2
    assert Aprs(LICENSED).encode(SendRaw(octets=two), START_NS) == Refused(reason="aprs-raw")
    assert Aprs(LICENSED).encode(SendRaw(octets=packet("BY4CP", PLACE)), START_NS) == Outgoing(
        octets=packet("BY4CP", PLACE)
    )


def test_a_conversation_with_simulated_stations() -> None:
    driver = Aprs(LICENSED)
    stations = make_simulator("aprs", {"interval_s": 20}, lambda: 0.25)
    assert stations is not None
    seen: list[Observation] = []
    for tick in range(600):
        at_ns = START_NS + tick * NS_PER_S // 10
        wire = list(stations.tick(at_ns))
        out = [sent(driver, recipient="BG4XZB-2", at_ns=at_ns).octets] if tick == 100 else []
        while wire or out:
            seen += [one for piece in wire for one in driver.receive(piece, at_ns)]
            out += driver.poll(at_ns)
            wire = [piece for octets in out for piece in stations.receive(octets, at_ns)]
            out = []
    assert not [one for one in seen if isinstance(one, Malformed)]
    texts = [one for one in seen if isinstance(one, TextMessage)]
    assert [one.text for one in texts] == ["已到达安置点"], "acknowledged, so it is not said again"
    assert [one.state for one in seen if isinstance(one, DeliveryReport)][-1] == "confirmed"
    assert {one.subject for one in seen if isinstance(one, Position)} == {"BG4XZA-1", "BG4XZB-2", "BG4XZC-3"}
