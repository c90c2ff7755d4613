"""A mesh radio: what is heard now and what was kept, what is sent and acknowledged, and what never is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.configuration.model import Configuration, DeviceConfiguration, TeamConfiguration
from console.orders import ComposeMessage
from devices.catalogue import make_simulator
from devices.commands import AskPosition, SendText
from devices.driver import NS_PER_S, Outgoing, Refused
from devices.drivers.meshtastic import Meshtastic
from devices.drivers.meshtastic.framing import Framer, framed
from devices.drivers.meshtastic.meaning import EVERYBODY
from devices.drivers.meshtastic.radio import BACKLOG_NS, NODES, PACKETS
from devices.drivers.meshtastic.sending import LONGEST_OCTETS
from devices.observations import (
    DeliveryReport,
    Malformed,
    Observation,
    Position,
    Power,
    Presence,
    TextMessage,
    Unrecognised,
)
from devices.protobuf import Fields, put_fixed, put_octets, put_whole
from tests.console.door import START_NS, Door

LICENSED = {"licensed": True}
TEAM = 0xA1B2C300
OWN = 0x0C0FFEE0
NOW_S = START_NS // NS_PER_S

# Octets serialised by the public definitions, as the package meshtastic 2.7.11 (PyPI) ships them.
ME = bytes.fromhex("94c3000b1a0908e0fdbf6058f8eb01")
TEXT_ON_CHANNEL_2 = bytes.fromhex("94c3001e0a1c1500c3b2a11802220a08011206e4bda0e5a5bd350403020148035001")


def message(*, number: int, payload: bytes, port: int = 1, node: int = TEAM, rx_s: int | None = None) -> bytes:
    data = put_whole(1, port) + put_octets(2, payload)
    said = put_fixed(1, node) + put_fixed(2, EVERYBODY) + put_octets(4, data) + put_fixed(6, number)
    return framed(put_octets(2, said + (put_fixed(7, rx_s) if rx_s else b"")))


def answer(node: int, number: int, error: int = 0) -> bytes:
    data = put_whole(1, 5) + put_octets(2, put_whole(3, error)) + put_fixed(6, number)
    return framed(put_octets(2, put_fixed(1, node) + put_fixed(2, OWN) + put_octets(4, data) + put_fixed(6, 77)))


def place(at_s: int) -> bytes:
    return put_fixed(1, 343956000) + put_fixed(2, 1137394000) + put_fixed(4, at_s)


def listed(at_s: int) -> bytes:
    return framed(put_octets(4, put_whole(1, TEAM) + put_octets(3, place(at_s)) + put_fixed(5, at_s)))


DONE = framed(put_whole(7, 1))


def ready(settings: dict[str, Any] | None = None) -> Meshtastic:
    driver = Meshtastic(settings if settings is not None else LICENSED)
    driver.receive(ME + DONE, START_NS - BACKLOG_NS)
    return driver


def packet_of(octets: bytes) -> Fields:
    """The one packet in one frame that we send."""
    ((_, fields),) = Framer().push(octets)
    assert fields is not None
    packet = fields.inner(1)
    assert packet is not None
    return packet


def sent(driver: Meshtastic, text: str = "你好", recipient: str = "!a1b2c300", at_ns: int = START_NS) -> Outgoing:
    told = driver.encode(SendText(reference="m1", recipient=recipient, text=text), at_ns)
    assert isinstance(told, Outgoing)
    return told


# ---- hearing


def test_the_radio_is_asked_until_it_has_told_all_and_then_now_and_then() -> None:
    driver = Meshtastic({})
    (first,) = driver.poll(START_NS)
    assert first.startswith(b"\xc3" * 32)
    assert not driver.poll(START_NS + 29 * NS_PER_S)
    assert driver.poll(START_NS + 31 * NS_PER_S)
    driver.receive(ME + DONE, START_NS + 32 * NS_PER_S)
    assert not driver.poll(START_NS + 33 * NS_PER_S)
    (beat,) = driver.poll(START_NS + 400 * NS_PER_S)
    assert beat == bytes.fromhex("94c300023a00")
    driver.receive(framed(put_whole(8, 1)), START_NS + 401 * NS_PER_S)
    (again,) = driver.poll(START_NS + 402 * NS_PER_S)
    assert again.startswith(b"\xc3" * 32)


def test_neither_the_list_nor_what_the_radio_kept_renews_when_a_team_was_last_heard() -> None:
    team = TeamConfiguration(id="t", name="一组", symbol="一", expected_s=300, means=("mesh/!a1b2c300",))
    device = DeviceConfiguration(id="mesh", name="自组网", driver="meshtastic", wire="tcp:127.0.0.1:1")
    door = Door(
        Configuration(mode="live", incident="x", post="y", incident_since_ns=START_NS, devices=(device,), teams=(team,))
    )
    door.up("mesh")
    door.say("mesh", ME + listed(NOW_S - 7200) + DONE)
    door.say("mesh", message(number=5, payload=place(NOW_S - 600), port=3, rx_s=NOW_S - 590))
    door.say("mesh", message(number=6, payload=b"old", rx_s=NOW_S - 500))
    (told,) = door.picture().teams
    assert told.last_heard_ns is None
    assert told.place is not None
    door.wait(20)
    door.say("mesh", message(number=7, payload=b"now"))
    (told,) = door.picture().teams
    assert told.last_heard_ns == door.at_ns
    heard_ns = door.at_ns
    door.wait(60)
    door.down("mesh")
    door.up("mesh")
    door.say("mesh", ME + listed(heard_ns // NS_PER_S) + DONE)
    (told,) = door.picture().teams
    assert told.last_heard_ns == heard_ns


def test_a_packet_that_came_just_now_is_live_even_while_the_list_is_told() -> None:
    driver = Meshtastic({})
    (fresh,) = driver.receive(message(number=5, payload=b"x", rx_s=NOW_S - 5), START_NS)
    (undated,) = driver.receive(message(number=6, payload=b"x"), START_NS)
    assert isinstance(fresh, TextMessage)
    assert isinstance(undated, TextMessage)
    assert (fresh.is_stored, undated.is_stored) == (False, True)


def test_a_node_without_a_clock_is_live_once_the_radio_has_told_all() -> None:
    (seen,) = ready().receive(message(number=5, payload=b"x", rx_s=3), START_NS)
    assert isinstance(seen, TextMessage)
    assert not seen.is_stored


@pytest.mark.parametrize(("unit", "mps"), [("kmh", 10.0), ("mps", 36.0)])
def test_the_unit_of_speed_is_the_configured_one(unit: str, mps: float) -> None:
    driver = ready({"speed_unit": unit})
    payload = place(NOW_S) + put_whole(15, 36)
    (seen,) = driver.receive(message(number=5, payload=payload, port=3), START_NS)
    assert isinstance(seen, Position)
    assert seen.speed_mps == pytest.approx(mps)


def test_any_number_of_nodes_and_packets_leaves_the_memory_bounded() -> None:
    driver = ready()
    for number in range(3 * PACKETS):
        user = put_octets(2, "搜救一组的一个很长的名字".encode() * 4)
        driver.receive(message(number=number + 1, payload=user, port=4, node=number + 1), START_NS)
    state = driver.save()
    assert (len(state["names"]), len(state["heard"])) == (NODES, PACKETS)
    assert len(json.dumps(state)) < 120_000


def test_a_wire_full_of_marks_and_lengths_is_looked_through_quickly() -> None:
    driver = ready()
    for filler in (b"\x94", b"\x94\xc3", b"\x94\xc3\x00\x01\xff", b"\x94\xc3\xff"):
        driver.receive(filler * 20_000, START_NS)
    assert len(driver.save()["rest"]) <= 2 * 516


# ---- saying


@pytest.mark.parametrize("settings", [{}, {"licensed": False}, {"licensed": "true"}])
def test_without_leave_nothing_is_radiated(settings: dict[str, Any]) -> None:
    driver = ready(settings)
    for command in (SendText(reference="m", recipient="^all", text="x"), AskPosition(subject="!a1b2c300")):
        assert driver.encode(command, START_NS) == Refused(reason="mesh-unlicensed")
    assert not driver.measure("x").is_sendable


def test_before_the_radio_has_told_who_it_is_a_text_waits() -> None:
    told = Meshtastic(LICENSED).encode(SendText(reference="m", recipient="^all", text="x"), START_NS)
    assert isinstance(told, Refused)
    assert (told.reason, told.is_for_now) == ("mesh-not-ready", True)


def test_a_text_goes_out_as_the_public_definitions_write_it() -> None:
    driver = ready(LICENSED | {"channel": 2})
    octets = bytearray(sent(driver).octets)
    number = packet_of(bytes(octets)).octets(6)
    assert number is not None
    octets[octets.find(number) : octets.find(number) + 4] = bytes((4, 3, 2, 1))
    assert bytes(octets) == TEXT_ON_CHANNEL_2


def test_a_text_is_confirmed_by_its_node_and_only_sent_by_our_own_radio() -> None:
    driver = ready()
    number = packet_of(sent(driver).octets).fixed(6) or 0
    (stranger,) = driver.receive(answer(0x99999999, number), START_NS)
    assert isinstance(stranger, Presence)
    *_, implicit = driver.receive(answer(OWN, number).replace(b"\x4d\0\0\0", b"\x4e\0\0\0"), START_NS)
    assert isinstance(implicit, DeliveryReport)
    assert (implicit.state, implicit.message_id) == ("sent", "m1")
    seen = driver.receive(answer(TEAM, number), START_NS)
    reports = [one for one in seen if isinstance(one, DeliveryReport)]
    assert [(one.state, one.message_id) for one in reports] == [("sent", "m1"), ("confirmed", "m1")]
    assert reports[-1].reference == "!a1b2c300"


def test_nobody_can_confirm_what_was_for_everybody() -> None:
    driver = ready()
    number = packet_of(sent(driver, recipient="^all").octets).fixed(6) or 0
    assert [type(one) for one in driver.receive(answer(TEAM, number), START_NS)] == [Presence]
    seen = driver.receive(answer(OWN, number), START_NS)
    assert [one.state for one in seen if isinstance(one, DeliveryReport)] == ["sent"]


@pytest.mark.parametrize(
    ("error", "state", "reason"), [(5, "failed", "no-answer"), (9, "deferred", "duty-cycle"), (99, "failed", "refused")]
)
def test_what_went_wrong_is_told_in_a_word(error: int, state: str, reason: str) -> None:
    driver = ready()
    number = packet_of(sent(driver).octets).fixed(6) or 0
    seen = driver.receive(answer(OWN, number, error), START_NS)
    assert [(one.state, one.reason) for one in seen if isinstance(one, DeliveryReport)] == [(state, reason)]


def test_a_full_queue_of_the_radio_is_told_but_a_taken_text_is_not_sent_yet() -> None:
    driver = ready()
    number = packet_of(sent(driver).octets).fixed(6) or 0
    (taken,) = driver.receive(framed(put_octets(11, put_whole(2, 9) + put_whole(4, number))), START_NS)
    assert isinstance(taken, Unrecognised)
    (refused,) = driver.receive(framed(put_octets(11, put_whole(1, 6) + put_whole(4, number))), START_NS)
    assert isinstance(refused, DeliveryReport)
    assert (refused.state, refused.reason) == ("failed", "no-channel")


@pytest.mark.parametrize("recipient", ["", "all", "!", "!0", "!a1b2c30g", "!00000000", "!ffffffff", "!0c0ffee0", "7"])
def test_a_recipient_that_is_none_is_refused(recipient: str) -> None:
    told = ready().encode(SendText(reference="m", recipient=recipient, text="x"), START_NS)
    assert told == Refused(reason="mesh-recipient")


@given(text=st.text(max_size=220))
def test_a_text_is_one_frame_with_that_text_or_refused(text: str) -> None:
    told = ready().encode(SendText(reference="m", recipient="^all", text=text), START_NS)
    if isinstance(told, Refused):
        return
    data = packet_of(told.octets).inner(4)
    assert data is not None
    assert data.text(2) == text
    assert len(text.encode()) <= LONGEST_OCTETS
    assert not any(ord(sign) < 32 and sign != "\n" for sign in text)


def test_from_the_click_to_the_acknowledgement() -> None:
    device = DeviceConfiguration(
        id="mesh", name="自组网", driver="meshtastic", wire="tcp:127.0.0.1:1", settings=LICENSED
    )
    door = Door(Configuration(mode="live", incident="x", post="y", incident_since_ns=START_NS, devices=(device,)))
    door.up("mesh")
    door.order(ComposeMessage(message_id="m1", device_id="mesh", recipient="!a1b2c300", text="撤离"))
    assert door.message("m1").state == "queued"
    door.say("mesh", ME + DONE)
    door.wait(1)
    (octets,) = door.sent()
    assert door.message("m1").state == "submitted"
    door.say("mesh", answer(TEAM, packet_of(octets).fixed(6) or 0))
    assert door.message("m1").state == "confirmed"


def test_a_conversation_with_a_simulated_radio() -> None:
    driver = Meshtastic(LICENSED)
    radio = make_simulator("meshtastic", {"interval_s": 20}, lambda: 0.25)
    assert radio is not None
    seen: list[Observation] = []
    for tick in range(450):
        at_ns = START_NS + tick * NS_PER_S // 10
        wire = list(radio.tick(at_ns))
        out = [*driver.poll(at_ns)]
        out += [sent(driver, at_ns=at_ns).octets] if tick == 300 else []
        for octets in out:
            wire += radio.receive(octets, at_ns)
        seen += [one for piece in wire for one in driver.receive(piece, at_ns)]
    assert not [one for one in seen if isinstance(one, Malformed)]
    live = {one.callsign for one in seen if isinstance(one, Position) and not one.is_stored}
    assert live == {"搜救一组", "搜救二组", "搜救三组"}
    assert {one.is_stored for one in seen if isinstance(one, Power)} == {False}
    assert [one.state for one in seen if isinstance(one, DeliveryReport)] == ["sent", "confirmed"]
    assert [one.text for one in seen if isinstance(one, TextMessage)] == ["到达集合点"]
