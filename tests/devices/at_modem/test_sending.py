"""Texts out: what is called sent, confirmed, failed, or nothing at all."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.commands import SendRaw
from devices.driver import NS_PER_S, Outgoing, Refused
from devices.drivers.at_modem import AtModem
from devices.drivers.at_modem.dialogue import QUEUE, SETTLE_NS, Command, Dialogue, Result
from devices.observations import Condition, DeliveryReport
from tests.devices.at_modem.conversation import START_NS, Conversation, of

NUMBER = "+8617401234567"


def ready(**device: Any) -> Conversation:
    talk = Conversation(text_every_s=0, **device)
    talk.run(5)
    return talk


def states(talk: Conversation, seconds: float) -> list[tuple[str, str | None]]:
    return [(one.state, one.reason) for one in of(DeliveryReport, talk.run(seconds))]


def test_a_text_is_sent_when_the_network_took_it_and_confirmed_by_its_report() -> None:
    talk = ready()
    answer = talk.text(NUMBER, "应急测试")
    assert isinstance(answer, Outgoing)
    assert (answer.octets, answer.reference) == (b"AT+CMGF=0\r", "m1")
    assert states(talk, 1) == []
    assert states(talk, 1.5) == [("sent", None)]
    assert states(talk, 2.5) == []
    confirmed = of(DeliveryReport, talk.run(3))
    assert [(one.state, one.message_id) for one in confirmed] == [("confirmed", "m1")]
    assert b"0031000D91687104214365F70008AA085E9460256D4B8BD5\x1a" in talk.sent


def test_a_long_text_is_sent_with_its_last_part_and_confirmed_with_its_last_report() -> None:
    talk = ready()
    assert isinstance(talk.text(NUMBER, "转移群众三十六人。" * 20), Outgoing)
    assert states(talk, 4) == []
    assert states(talk, 2) == [("sent", None)]
    assert states(talk, 2) == [], "two parts are reported, the third is not"
    assert states(talk, 4) == [("confirmed", None)]


def test_without_status_reports_a_text_is_never_called_confirmed() -> None:
    assert states_of_run(ready(is_reported=False)) == [("sent", None)]


def states_of_run(talk: Conversation) -> list[tuple[str, str | None]]:
    talk.text(NUMBER, "a")
    return states(talk, 30)


def test_delivery_reports_are_not_asked_for_where_the_setting_says_so() -> None:
    talk = Conversation(driver={"delivery_reports": False}, text_every_s=0)
    talk.run(5)
    assert states_of_run(talk) == [("sent", None)]
    assert b"0011000D91687104214365F700" in b"".join(talk.sent)


def test_a_text_that_the_network_gave_up_fails_after_it_was_sent() -> None:
    talk = ready(faults=["undelivered"])
    assert states_of_run(talk) == [("sent", None), ("failed", "not-delivered")]


def test_a_refused_text_fails_with_the_number_of_the_fault() -> None:
    talk = ready(faults=["refused"])
    assert states_of_run(talk) == [("failed", "modem-refused")]
    assert [one.value for one in of(Condition, talk.seen) if one.part == "sms-fault"] == ["CMS 500"]


def test_a_network_that_goes_while_a_text_is_sent_defers_it() -> None:
    talk = ready(faults=[{"kind": "no-network", "from_s": 3.0}])
    assert states_of_run(talk) == [("deferred", "no-network")]


def test_a_network_timeout_is_no_outcome_at_all() -> None:
    talk = ready()
    talk.text(NUMBER, "a")
    talk.run(1)
    seen = talk.driver.receive(b"\r\n+CMS ERROR: 332\r\n", talk.at_ns)
    assert [(one.part, one.value) for one in of(Condition, seen)] == [("sms-fault", "CMS 332")]
    assert of(DeliveryReport, seen) == []


@pytest.mark.parametrize(
    ("device", "reason"),
    [({"faults": ["no-sim"]}, "no-sim"), ({"faults": ["no-network"]}, "not-registered")],
)
def test_a_text_waits_for_card_and_network(device: dict[str, Any], reason: str) -> None:
    talk = ready(**device)
    answer = talk.text(NUMBER, "a")
    assert answer == Refused(reason=reason)
    assert isinstance(answer, Refused)
    assert answer.is_for_now


def test_a_second_text_waits_for_the_first() -> None:
    talk = ready()
    talk.text(NUMBER, "a")
    assert talk.text(NUMBER, "b", "m2") == Refused(reason="modem-busy")
    talk.run(10)
    assert isinstance(talk.text(NUMBER, "b", "m2"), Outgoing)


def test_a_prompt_that_never_comes_lets_the_text_wait_and_gives_the_prompt_up() -> None:
    talk = ready(faults=[{"kind": "prompt-lost", "from_s": 4.0, "for_s": 20.0}])
    talk.text(NUMBER, "a")
    assert states(talk, 14) == []
    assert states(talk, 20) == [("deferred", "modem-silent")]
    assert isinstance(talk.text(NUMBER, "a"), Outgoing)
    assert ("sent", None) in states(talk, 10)


def test_a_modem_that_falls_silent_after_the_text_left_has_no_outcome() -> None:
    talk = ready(send_s=30.0, faults=[{"kind": "silent", "from_s": 10.0, "for_s": 300.0}])
    talk.text(NUMBER, "a")
    assert states(talk, 400) == [], "it may be with the network or not"
    assert isinstance(talk.text(NUMBER, "b", "m2"), Outgoing), "the modem was found again"


def test_an_answer_that_comes_late_ends_the_search_and_the_true_end_of_the_search_ends_nothing() -> None:
    dialogue, ok = Dialogue(), Result(is_ok=True)
    assert dialogue.due(START_NS) == [b"AT\r"]
    dialogue.ask("AT+CSQ")
    dialogue.end(ok, START_NS)  # of the command before, late
    assert dialogue.due(START_NS + SETTLE_NS - 1) == []
    assert dialogue.end(ok, START_NS + SETTLE_NS - 1) is None
    assert dialogue.due(START_NS + SETTLE_NS) == [b"AT+CSQ\r"]


def test_one_part_that_went_and_one_that_did_not_is_a_failure() -> None:
    talk = ready()
    talk.text(NUMBER, "一" * 100)
    talk.run(2)
    talk.seen.extend(talk.driver.receive(b"\r\n+CMS ERROR: 42\r\n", talk.at_ns))
    assert [(one.state, one.reason) for one in of(DeliveryReport, talk.seen)] == [("failed", "partly-sent")]


def test_a_report_of_one_part_never_confirms_a_text_of_which_others_were_forgotten() -> None:
    talk = ready(is_reported=False)
    for number in range(30):
        talk.text(NUMBER, "一" * 200, f"m{number}")
        talk.run(8)
    held = {reference for _, reference, _ in talk.driver.save()["sms"]["awaited"]}
    counts = [sum(one[1] == reference for one in talk.driver.save()["sms"]["awaited"]) for reference in held]
    assert held
    assert set(counts) == {3}, "a text is awaited whole or not at all"


# ---- the measure


@pytest.mark.parametrize(
    ("text", "used", "limit", "parts", "is_sendable"),
    [
        ("", 0, 160, 1, False),
        ("一" * 70, 70, 70, 1, True),
        ("一" * 71, 71, 134, 2, True),
        ("🚒" * 35, 70, 70, 1, True),
        ("a" * 160, 160, 160, 1, True),
        ("a" * 161, 161, 306, 2, True),
        ("€" * 80, 160, 160, 1, True),
        ("一" * 268, 268, 268, 4, True),
        ("一" * 269, 269, 268, 5, False),
        ("a" * 613, 613, 612, 5, False),
    ],
)
def test_parts_are_counted(text: str, used: int, limit: int, parts: int, *, is_sendable: bool) -> None:
    found = AtModem({}).measure(text)
    assert (found.used, found.limit, found.parts, found.is_sendable) == (used, limit, parts, is_sendable)


def test_half_a_letter_is_no_text() -> None:
    assert not AtModem({}).measure("\ud83d").is_sendable
    answer = ready().text(NUMBER, "\ud83d")
    assert answer == Refused(reason="no-text")


# ---- nothing can start a second command

HOSTILE = st.text(alphabet='\r\n\x00\x1a\x1b";+>ATD0123456789中\u2028', max_size=40)


@settings(max_examples=150, deadline=None)
@given(text=HOSTILE, number=HOSTILE)
def test_no_text_and_no_number_can_start_a_second_command(text: str, number: str) -> None:
    for recipient in (NUMBER, number):
        talk = ready()
        before = len(talk.sent)
        if not isinstance(talk.text(recipient, text), Outgoing):
            assert len(talk.sent) == before
            continue
        talk.run(2)
        for octets in talk.sent[before:]:
            assert re.fullmatch(rb'\x1b?AT[A-Z0-9+=,?"]*\r|[0-9A-F]+\x1a', octets), octets


@settings(max_examples=200, deadline=None)
@given(octets=st.one_of(st.binary(max_size=40), HOSTILE.map(lambda text: b"AT" + text.encode())))
def test_typed_octets_are_one_line_or_refused(octets: bytes) -> None:
    talk = TALK
    answer = talk.driver.encode(SendRaw(octets=octets), talk.at_ns)
    if isinstance(answer, Outgoing):
        talk.driver.receive(b"\r\nOK\r\n", talk.at_ns)
        assert re.fullmatch(rb"AT[\x20-\x7e]*\r", answer.octets, re.IGNORECASE)


TALK = ready()


@pytest.mark.parametrize("line", ["at+cpin=1234", "AT+CSQ;+CPIN=1", 'AT+CLCK="SC",1,"1"', "AT+CMGS=12", "AT + CPIN =1"])
def test_what_could_lock_a_card_is_never_sent_by_hand(line: str) -> None:
    assert ready().driver.encode(SendRaw(octets=line.encode()), START_NS) == Refused(reason="at-forbidden")


def test_a_typed_line_is_answered_and_told() -> None:
    talk = ready()
    answer = talk.driver.encode(SendRaw(octets=b"AT+CGMR"), talk.at_ns)
    assert isinstance(answer, Outgoing)
    talk.seen.extend(talk.driver.receive(b"\r\nV9\r\n\r\nOK\r\n", talk.at_ns))
    assert [one.value for one in of(Condition, talk.seen) if one.part == "typed"] == ["ok"]


# ---- one command at a time


def test_what_waits_is_bounded_and_not_asked_twice() -> None:
    dialogue = Dialogue()
    for number in range(1000):
        dialogue.ask(f"AT+CMGR={number % 200}")
    assert len(dialogue.waiting) == QUEUE
    assert dialogue.waiting.count(Command(line="AT+CMGR=1")) == 1


def test_a_modem_left_at_a_prompt_is_freed_by_escape() -> None:
    talk = Conversation(text_every_s=0)
    talk.device.receive(b"AT+CMGS=20\r", START_NS)
    talk.run(12)
    assert talk.sent[:2] == [b"AT\r", b"\x1bAT\r"]
    assert isinstance(talk.text(NUMBER, "a"), Outgoing)


def test_a_modem_that_only_says_error_is_not_flooded() -> None:
    driver = AtModem({})
    asked = 0
    for tick in range(600):
        at_ns = START_NS + tick * NS_PER_S // 10
        for octets in driver.poll(at_ns):
            asked += 1
            assert octets.endswith(b"AT\r")
            driver.receive(b"\r\nERROR\r\n", at_ns)
            assert list(driver.poll(at_ns)) == []
    assert asked <= 61
