"""A terminal, its radios and the console together."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.commands import SendRaw, SendText
from devices.driver import NS_PER_S, Outgoing, Refused
from devices.drivers.tetra import Tetra
from devices.drivers.tetra.coding import decoded, encoded
from devices.observations import (
    Call,
    Condition,
    DeliveryReport,
    Emergency,
    Malformed,
    Position,
    Power,
    Signal,
    TextMessage,
)
from devices.simulators.tetra import RADIOS
from tests.devices.tetra.conversation import START_NS, Conversation

COMMAND = re.compile(rb"(AT[ -~]*\r\n)|(AT\+CMGS=[0-9]+,[0-9]+\r\n[0-9A-F]+\x1a)")


def to(recipient: str, text: str, message_id: str = "m") -> SendText:
    return SendText(reference=message_id, recipient=recipient, text=text)


@pytest.mark.parametrize("is_inline", [False, True])
def test_places_texts_and_calls_of_radios_arrive(is_inline: bool) -> None:  # noqa: FBT001
    talk = Conversation(is_inline=is_inline)
    talk.run(60)
    assert not [one for one in talk.seen if isinstance(one, Malformed)]
    places = {one.subject: one for one in talk.seen if isinstance(one, Position)}
    assert set(places) == {str(radio["id"]) for radio in RADIOS}
    still = places["5003"]
    assert still.lat_deg == pytest.approx(34.3968, abs=1e-5)
    assert still.lon_deg == pytest.approx(113.7566, abs=1e-5)
    assert still.course_deg is None
    assert places["5002"].course_deg == 202.5
    texts = [one for one in talk.seen if isinstance(one, TextMessage)]
    assert [(one.sender, one.text) for one in texts] == [("5002", "OK, moving west"), ("5003", "转移群众 36 人")]
    calls = [(one.subject, one.state) for one in talk.seen if isinstance(one, Call)]
    assert calls[0][1] == "started"
    assert calls[1] == (calls[0][0], "ended")
    assert len(calls) == 4


def test_the_terminal_is_introduced_once_and_then_asked_now_and_then() -> None:
    talk = Conversation(report_every_s=0, text_every_s=0, call_every_s=0)
    talk.run(100)
    assert talk.said[0] == b"ATE0\r\n"
    assert talk.said.count(b"ATE0\r\n") == 1
    assert talk.said.count(b"AT+CSQ\r\n") == 4
    assert talk.said.count(b"AT+GPSPOS?\r\n") == 2, "what was refused twice is not asked again"
    told = {one.part: one.value for one in talk.seen if isinstance(one, Condition)}
    assert told == {"registration": "home", "network": "0460001", "mode": "trunked", "radio-id": "5000"}
    assert {one.value for one in talk.seen if isinstance(one, Signal)} == {-71.0}
    assert {one.charge_percent for one in talk.seen if isinstance(one, Power)} == {86.0}


def test_a_terminal_that_is_switched_on_later_is_introduced_then() -> None:
    talk = Conversation(is_deaf=True)
    talk.run(120)
    assert talk.said.count(b"ATE0\r\n") >= 2


def test_a_question_refused_once_is_asked_again_and_one_that_is_always_refused_only_every_ten_minutes() -> None:
    driver, at_ns = Tetra({"init": "ATE0"}), START_NS
    asked: list[tuple[int, bytes]] = []
    for second in range(1500):
        at_ns = START_NS + second * NS_PER_S
        for said in driver.poll(at_ns):
            asked.append((second, said))
            is_bad = said.startswith(b"AT+CBC") or (said.startswith(b"AT+CREG") and second < 30)
            driver.receive(b"ERROR\r\n" if is_bad else b"OK\r\n", at_ns)
    registration = [second for second, said in asked if said.startswith(b"AT+CREG?")]
    assert len(registration) >= 48, "one damaged line must not end it"
    assert 4 <= sum(said.startswith(b"AT+CBC") for _, said in asked) <= 8


def test_commands_go_one_at_a_time() -> None:
    talk = Conversation(is_deaf=True)
    talk.run(9)
    assert len(talk.said) == 1


def test_a_text_is_sent_and_confirmed_by_the_radio_that_has_it() -> None:
    talk = Conversation(text_every_s=0)
    talk.run(5)
    sent = talk.send(to("5002", "速到新村桥", "m-9"))
    assert isinstance(sent, Outgoing)
    reports = [one for one in talk.run(5) if isinstance(one, DeliveryReport)]
    assert sent.reference == "m-9"
    told = [(one.reference, one.state) for one in talk.seen if isinstance(one, DeliveryReport)]
    assert told == [("m-9", "sent"), ("m-9", "confirmed")]
    assert [one.state for one in reports] == ["confirmed"]


def test_a_refused_text_has_failed() -> None:
    talk = Conversation(refuses=True, text_every_s=0)
    talk.run(5)
    talk.send(to("5002", "x"))
    assert [one.state for one in talk.seen if isinstance(one, DeliveryReport)] == ["failed"]


def test_a_radio_that_cannot_be_reached_confirms_nothing() -> None:
    talk = Conversation(is_unreachable=True, text_every_s=0)
    talk.run(5)
    talk.send(to("5002", "x"))
    talk.run(20)
    assert [one.state for one in talk.seen if isinstance(one, DeliveryReport)] == ["sent"]


@pytest.mark.parametrize(
    ("report", "states"),
    [
        (b"+CTSDSR: 12,5002,0,5000,0,32\r\n82100001\r\n", ["confirmed"]),
        (b"+CTSDSR: 12,5003,0,5000,0,32\r\n82100001\r\n", []),
        (b"+CTSDSR: 12,5002,0,5000,0,32\r\n82100002\r\n", []),
        (b"+CTSDSR: 12,5002,0,5000,0,32\r\n82102101\r\n", []),
        (b"+CTSDSR: 12,5002,0,5000,0,32\r\n82105A01\r\n", ["failed"]),
        (b"+CTSDSR: 13,5002,0,5000,0,16\r\n7A01\r\n", ["confirmed"]),
        (b"+CTSDSR: 13,5002,0,5000,0,16\r\n7901\r\n", ["failed"]),
        (b"+CTSDSR: 12,5002,0,5000,0,32\r\n82100001\r\n" * 2, ["confirmed"]),
    ],
)
def test_only_the_recipient_confirms_its_own_text_and_once(report: bytes, states: list[str]) -> None:
    driver = Tetra({})
    assert isinstance(driver.encode(to("5002", "x"), START_NS), Outgoing)
    driver.receive(b"OK\r\n", START_NS)
    assert [one.state for one in driver.receive(report, START_NS) if isinstance(one, DeliveryReport)] == states


def test_a_sender_that_wants_a_receipt_gets_one_when_the_line_is_free() -> None:
    driver = Tetra({})
    first = driver.poll(START_NS)
    driver.receive(b"+CTSDSR: 12,5002,0,5000,0,48\r\n820409014142\r\n", START_NS)
    assert first == [b"ATE0\r\n"]
    assert not driver.poll(START_NS)
    driver.receive(b"OK\r\n", START_NS)
    assert driver.poll(START_NS) == [b"AT+CMGS=5002,32\r\n82100009\x1a"]


def test_receipts_are_left_to_the_terminal_where_that_is_set() -> None:
    driver = Tetra({"answer_reports": False})
    driver.receive(b"+CTSDSR: 12,5002,0,5000,0,48\r\n820409014142\r\n", START_NS)
    assert driver.poll(START_NS) == [b"ATE0\r\n"]


def test_a_report_that_wants_to_be_acknowledged_is() -> None:
    driver = Tetra({})
    driver.receive(b"+CTSDSR: 12,5002,0,5000,0,32\r\n821800CA\r\n", START_NS)
    assert driver.poll(START_NS) == [b"AT+CMGS=5002,32\r\n822001CA\x1a"]


def test_a_text_waits_while_a_command_has_not_ended() -> None:
    driver = Tetra({})
    driver.poll(START_NS)
    refused = driver.encode(to("5002", "x"), START_NS)
    assert isinstance(refused, Refused)
    assert (refused.reason, refused.is_for_now) == ("radio-waiting", True)
    driver.receive(b"OK\r\n", START_NS)
    assert isinstance(driver.encode(to("5002", "x"), START_NS), Outgoing)
    assert driver.encode(to("5003", "y"), START_NS + 29 * NS_PER_S) == Refused(reason="radio-waiting")
    assert isinstance(driver.encode(to("5003", "y"), START_NS + 31 * NS_PER_S), Outgoing)


def test_a_late_end_is_not_taken_for_the_end_of_another_text() -> None:
    driver = Tetra({})
    driver.encode(to("5002", "x", "first"), START_NS)
    driver.poll(START_NS + 31 * NS_PER_S)
    said = driver.receive(b"OK\r\n", START_NS + 32 * NS_PER_S)
    assert not [one for one in said if isinstance(one, DeliveryReport)]


def test_an_emergency_is_told() -> None:
    talk = Conversation(emergency_after_s=5.0, text_every_s=0, call_every_s=0)
    talk.run(6)
    assert [one.kind for one in talk.seen if isinstance(one, Emergency)] == [
        "@radio.emergency.button",
        "@radio.emergency.status",
    ]


def test_a_lower_limit_of_the_terminal_holds() -> None:
    driver = Tetra({})
    assert driver.measure("x" * 100).is_sendable
    driver.receive(b"+CMGS: (0-16777214),(8-800)\r\n", START_NS)
    assert driver.measure("x").limit == 96
    assert driver.encode(to("1", "x" * 97), START_NS) == Refused(reason="radio-too-long")


def test_what_introduces_us_is_ours_to_choose_and_cannot_smuggle() -> None:
    driver = Tetra({"init": "ATE0|AT+CTSP=1\rATD112|rm -rf|AT+X=1"})
    said: list[bytes] = []
    for _ in range(4):
        said += driver.poll(START_NS)
        driver.receive(b"OK\r\n", START_NS)
    assert said[:2] == [b"ATE0\r\n", b"AT+X=1\r\n"]


@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        (b"AT+CSQ\r\nATD112\r\n", "at-line"),
        (b"AT+CSQ\x1aATD112", "at-line"),
        (b"+CSQ", "at-line"),
        (b"AT+CPIN=1234\r\n", "at-forbidden"),
        (b'at + cpwd = "SC","1"', "at-forbidden"),
        (b"AT+CMGS=1,16", "at-forbidden"),
        (b"", "raw-length"),
        (b"AT" + b"x" * 1024, "raw-length"),
    ],
)
def test_what_is_typed_is_one_line_that_locks_nothing_or_is_refused(octets: bytes, reason: str) -> None:
    assert Tetra({}).encode(SendRaw(octets=octets), START_NS) == Refused(reason=reason)
    typed = Tetra({}).encode(SendRaw(octets=b"AT+CSQ\r\n"), START_NS)
    assert typed == Outgoing(octets=b"AT+CSQ\r\n")


@pytest.mark.parametrize("secret", ["AT+CPIN=1234", "at+cpin2=1,2", 'AT + CLCK = "SC",0,"1234"', "AT+CPWD=1234"])
def test_a_pin_is_never_among_the_commands_that_introduce_us(secret: str) -> None:
    driver = Tetra({"init": f"ATE0|{secret}|AT+X=1"})
    said: list[bytes] = []
    for _ in range(4):
        said += driver.poll(START_NS)
        driver.receive(b"OK\r\n", START_NS)
    assert said[:2] == [b"ATE0\r\n", b"AT+X=1\r\n"]


@settings(max_examples=300, deadline=None)
@given(recipient=st.text(max_size=12) | st.from_regex(r"[0-9]{1,8}", fullmatch=True), text=st.text(max_size=40))
def test_no_text_and_no_recipient_can_start_a_second_command(recipient: str, text: str) -> None:
    answer = Tetra({}).encode(to(recipient, text), START_NS)
    if isinstance(answer, Outgoing):
        assert COMMAND.fullmatch(answer.octets)
        assert answer.octets.count(b"AT") == 1
        assert answer.octets.count(b"\r") == answer.octets.count(b"\n") == answer.octets.count(b"\x1a") == 1


@settings(max_examples=200, deadline=None)
@given(text=st.text(min_size=1, max_size=40))
def test_a_text_survives_its_coding(text: str) -> None:
    code = encoded(text)
    if code is not None:
        assert decoded(*code) == text.rstrip("\0")


def test_a_conversation_goes_on_where_a_snapshot_left_it() -> None:
    talk = Conversation()
    talk.run(3)
    other = Tetra({})
    other.restore(json.loads(json.dumps(talk.driver.save())))
    at_ns = talk.at_ns + 40 * NS_PER_S
    assert list(other.poll(at_ns)) == list(talk.driver.poll(at_ns))
    assert other.save() == talk.driver.save()


def test_a_flood_of_texts_that_want_receipts_is_answered_in_bounds() -> None:
    driver = Tetra({})
    for _ in range(1000):
        driver.receive(b"+CTSDSR: 12,5002,0,5000,0,48\r\n820409014142\r\n", START_NS)
    assert len(driver.save()["asking"]["answers"]) == 16
