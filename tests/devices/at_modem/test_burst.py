"""Iridium short burst data: when a text counts as gone, and how mail is fetched without paying twice."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.commands import SendText
from devices.driver import NS_PER_S, Outgoing, Refused
from devices.drivers.at_modem.burst import MAIL_GAP_NS
from devices.observations import Condition, DeliveryReport, Malformed, TextMessage, Unrecognised
from tests.devices.at_modem.conversation import Conversation, of


def ready(**device: Any) -> Conversation:
    talk = Conversation(profile="iridium_sbd", **{"text_every_s": 0, **device})
    talk.run(8)
    return talk


def states(talk: Conversation) -> list[tuple[str, str | None]]:
    return [(one.state, one.reason) for one in of(DeliveryReport, talk.seen)]


def test_a_text_goes_with_its_sum_and_is_cleared_when_the_gateway_has_it() -> None:
    talk = ready()
    before = len(talk.sent)
    assert isinstance(talk.text("gateway", "二号点"), Outgoing)
    talk.run(8)
    asked = [one for one in talk.sent[before:] if b"SBDSX" not in one and b"CSQ" not in one]
    payload = bytes.fromhex("E4BA8CE58FB7E782B90677")
    assert asked == [b"AT+SBDD0\r", b"AT+SBDWB=9\r", payload, b"AT+SBDIX\r", b"AT+SBDD0\r"]
    assert states(talk) == [("sent", None)]


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (0, ("sent", None)),
        (4, ("sent", None)),
        (5, ("failed", "modem-refused")),
        (10, ("failed", "gateway-timeout")),
        (18, ("failed", "link-lost")),
        (32, ("deferred", "no-network")),
        (35, ("deferred", "modem-busy")),
    ],
)
def test_five_and_above_is_a_failure(status: int, outcome: tuple[str, str | None]) -> None:
    talk = ready()
    talk.text("gateway", "x")
    talk.run(1)
    answer = b"\r\n+SBDIX: %d, 6, 0, 0, 0, 0\r\n\r\nOK\r\n" % status
    talk.seen.extend(talk.driver.receive(answer, talk.at_ns))
    assert states(talk) == [outcome]


def test_a_session_without_an_answer_has_no_outcome() -> None:
    talk = ready(faults=[{"kind": "silent", "from_s": 9.0, "for_s": 400.0}])
    talk.text("gateway", "x")
    talk.run(600)
    assert states(talk) == []


def test_a_wrong_sum_is_refused_by_the_module_and_told() -> None:
    talk = ready()
    take = talk.device._payload
    talk.device._payload = lambda at_ns: [b"\r\n2\r\n", b"\r\nOK\r\n"] if take(at_ns) else None  # type: ignore[method-assign]
    talk.text("gateway", "x")
    talk.run(2)
    assert states(talk) == [("failed", "modem-refused")]
    assert ("sbd-write", "code-2") in [(one.part, one.value) for one in of(Condition, talk.seen)]


@pytest.mark.parametrize(
    ("recipient", "text", "reason"),
    [
        ("17401234567", "x", "gateway-only"),
        ("gateway", "", "empty"),
        ("gateway", "\ud800", "no-text"),
        ("gateway", "一" * 114, "burst-length"),
    ],
)
def test_what_cannot_go_is_refused(recipient: str, text: str, reason: str) -> None:
    talk = ready()
    assert talk.driver.encode(SendText(reference="m1", recipient=recipient, text=text), talk.at_ns) == Refused(
        reason=reason
    )
    assert not talk.driver.measure(text).is_sendable or recipient != "gateway"


def test_three_hundred_and_forty_octets_go() -> None:
    talk = ready()
    assert isinstance(talk.text("gateway", "一" * 113 + "a"), Outgoing)
    assert talk.driver.measure("一" * 113 + "a").is_sendable
    talk.run(10)
    assert states(talk) == [("sent", None)]


def test_a_ring_brings_the_mail_in() -> None:
    talk = ready(texts=["水库开闸\n十分钟后"], text_every_s=500)
    talk.run(30)
    assert [(one.sender, one.text, one.is_stored) for one in of(TextMessage, talk.seen)] == [
        ("gateway", "水库开闸\n十分钟后", False)
    ]
    assert b"AT+SBDIXA\r" in talk.sent


def test_a_flood_of_rings_starts_no_flood_of_sessions() -> None:
    talk = ready()
    began_ns = talk.at_ns
    for _ in range(100):
        talk.driver.receive(b"\r\nSBDRING\r\n", talk.at_ns)
        talk.run(1)
    sessions = sum(one.startswith(b"AT+SBDIX") for one in talk.sent)
    assert sessions <= (talk.at_ns - began_ns) // MAIL_GAP_NS + 1


def test_sessions_that_fail_are_tried_ever_more_rarely() -> None:
    talk = ready(faults=["no-network"])
    talk.driver.receive(b"\r\nSBDRING\r\n", talk.at_ns)
    talk.run(900)
    assert 4 <= sum(one.startswith(b"AT+SBDIX") for one in talk.sent) <= 6


def test_mail_that_was_left_in_the_module_is_read_as_stored_and_cleared() -> None:
    talk = ready()
    talk.device._terminated = "断线前".encode()
    talk.driver.receive(b"\r\n+SBDSX: 0, 6, 1, 3, 0, 0\r\n", talk.at_ns)
    talk.run(2)
    assert [(one.text, one.is_stored) for one in of(TextMessage, talk.seen)] == [("断线前", True)]
    assert b"AT+SBDD1\r" in talk.sent


@settings(max_examples=80, deadline=None)
@given(data=st.binary(max_size=270), chunk=st.integers(1, 300))
def test_a_block_is_read_by_its_length_whatever_it_holds(data: bytes, chunk: int) -> None:
    talk = ready()
    talk._chunk = chunk
    talk.device._terminated = data
    talk.driver.receive(b"\r\n+SBDSX: 0, 6, 1, 3, 0, 0\r\n", talk.at_ns)
    before = len(talk.seen)
    talk.run(2)
    told = [one for one in talk.seen[before:] if isinstance(one, TextMessage | Unrecognised | Malformed)]
    try:
        words = data.decode("utf-8")
    except UnicodeDecodeError:
        assert [type(one) for one in told] == [Unrecognised]
    else:
        assert [one.text for one in told if isinstance(one, TextMessage)] == ([words] if words else [])


def test_a_damaged_block_is_not_told_and_not_cleared() -> None:
    talk = ready()
    talk.driver.receive(b"\r\n+SBDSX: 0, 6, 1, 3, 0, 0\r\n", talk.at_ns)
    assert list(talk.driver.poll(talk.at_ns)) == [b"AT+SBDRB\r"]
    seen = talk.driver.receive(b"\x00\x05hello\x02\x15\r\nOK\r\n", talk.at_ns + NS_PER_S)
    assert [type(one) for one in seen] == [Malformed]
    assert b"AT+SBDD1\r" not in talk.driver.poll(talk.at_ns + NS_PER_S)
