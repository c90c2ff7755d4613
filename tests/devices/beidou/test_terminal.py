"""The driver and the simulated terminal talk, in three dialects, through every scripted trouble."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.commands import AskPosition, AskReceipt, SendRaw
from devices.driver import NS_PER_S, Outgoing
from devices.drivers.beidou_rdss import BeidouRdss
from devices.nmea import seal
from devices.observations import (
    Card,
    Condition,
    DeliveryReport,
    Malformed,
    Position,
    Signal,
    Subordinates,
    TextMessage,
    Unrecognised,
)
from devices.simulators.beidou_rdss import BeidouRdssSimulator
from tests.devices.beidou.conversation import SEND_NAMES, START_NS, Conversation

DIALECTS = tuple(SEND_NAMES)
every_dialect = pytest.mark.parametrize("dialect", DIALECTS)


def of(kind: type, seen: list[Any]) -> list[Any]:
    return [one for one in seen if isinstance(one, kind)]


@every_dialect
def test_a_terminal_introduces_itself_within_two_seconds(dialect: str) -> None:
    seen = Conversation(dialect=dialect).run(2)
    (card,) = of(Card, seen)
    assert (card.card_id, card.level, card.interval_s, card.capacity_bits) == ("166166", 3, 60.0, 628)
    (subordinates,) = of(Subordinates, seen)
    assert subordinates.cards == ("242407", "242286", "247718", "195817")
    assert {one.index for one in of(Signal, seen) if one.quantity == "beam"} >= {1, 2, 3}
    assert not of(Malformed, seen)
    assert not of(Unrecognised, seen)


@every_dialect
def test_subordinates_are_seen_where_they_are_and_the_terminal_too(dialect: str) -> None:
    talk = Conversation(dialect=dialect)
    seen = of(Position, talk.run(180))
    by_subject = {one.subject for one in seen}
    assert by_subject == {None, "242407", "242286", "247718", "195817"}
    for one in seen:
        assert one.lat_deg == pytest.approx(34.39, abs=0.08)
        assert one.lon_deg == pytest.approx(113.75, abs=0.08)
        assert one.source_time_ns is not None
        assert abs(one.source_time_ns - START_NS) < 200 * NS_PER_S
    first = next(one for one in seen if one.subject is None)
    assert (first.lat_deg, first.lon_deg) == (pytest.approx(34.396, abs=1e-6), pytest.approx(113.741, abs=1e-6))


@every_dialect
def test_their_texts_arrive(dialect: str) -> None:
    texts = of(TextMessage, Conversation(dialect=dialect).run(400))
    assert {(one.sender, one.text) for one in texts} == {
        ("242407", "已到观音寺镇，道路中断"),
        ("242286", "需要帐篷40顶"),
        ("247718", "搜索完毕，无被困人员"),
    }


@every_dialect
def test_a_text_is_sent_once_and_a_second_one_waits(dialect: str) -> None:
    talk = Conversation(dialect=dialect)
    talk.run(2)
    talk.text("应急测试")
    talk.run(2)
    (sent,) = talk.reports()
    assert (sent.reference, sent.state, sent.reason) == (SEND_NAMES[dialect], "sent", None)
    talk.run(8)
    talk.text("第二条")
    talk.run(2)
    deferred = talk.reports()[1]
    assert (deferred.reference, deferred.state, deferred.reason) == (SEND_NAMES[dialect], "deferred", "interval")
    assert deferred.wait_s == pytest.approx(50, abs=1)
    talk.run(deferred.wait_s or 0)
    talk.text("第二条")
    talk.run(2)
    assert talk.reports()[2].state == "sent"


def test_a_wait_above_a_minute_is_read_as_it_was_meant() -> None:
    for dialect in DIALECTS:
        talk = Conversation(dialect=dialect, interval_s=300)
        talk.run(1)
        talk.text("应急")
        talk.run(10)
        talk.text("应急")
        talk.run(2)
        assert talk.reports()[1].wait_s == pytest.approx(290, abs=1)


REASONS = {
    "suppressed": ("suppressed", "suppressed", "suppressed"),
    "silence": ("silence", "silence", None),
    "low-battery": ("low-battery", "pa-unlocked", "low-battery"),
    "pa-unlocked": ("refused", "pa-unlocked", "not-locked"),
    "y5": ("refused", "no-card", "refused"),
    "no-beams": ("refused", "refused", "refused"),
}


@every_dialect
@pytest.mark.parametrize("fault", REASONS)
def test_a_refusal_is_never_taken_for_sent(dialect: str, fault: str) -> None:
    talk = Conversation(dialect=dialect, faults=[fault])
    talk.run(2)
    assert isinstance(talk.text("应急测试"), Outgoing)
    talk.run(5)
    reason = REASONS[fault][DIALECTS.index(dialect)]
    expected = [] if reason is None else [(SEND_NAMES[dialect], "failed", reason)]
    assert [(one.reference, one.state, one.reason) for one in talk.reports()] == expected
    if reason is None:
        assert Condition(part="feedback", value="contradictory-8") in talk.seen


@every_dialect
def test_without_feedback_nothing_is_claimed(dialect: str) -> None:
    talk = Conversation(dialect=dialect, faults=["feedback-lost"])
    talk.run(2)
    talk.text("应急测试")
    talk.run(30)
    assert talk.reports() == []


@every_dialect
def test_without_a_card_sending_is_refused_until_it_is_put_in(dialect: str) -> None:
    talk = Conversation(dialect=dialect, faults=[{"kind": "no-card", "for_s": 25.0}])
    talk.run(20)
    assert {one.card_id for one in of(Card, talk.seen)} == {None}
    assert getattr(talk.text("应急"), "reason", None) == "no-card"
    talk.run(25)
    assert isinstance(talk.text("应急"), Outgoing)


def test_without_time_or_beams_the_terminal_says_so() -> None:
    seen = Conversation(dialect="bd-ascii3", faults=["no-time"]).run(3)
    assert Condition(part="time", value="unset", is_good=False) in seen
    assert {one.fix for one in of(Position, seen) if one.subject is None} == {"none"}
    talk = Conversation(dialect="bd-ascii3", faults=[{"kind": "no-beams", "from_s": 5.0}])
    assert of(Signal, talk.run(4))
    lost = {one.index: one.value for one in of(Signal, talk.run(4)) if one.quantity == "beam"}
    assert set(lost.values()) == {None}


@every_dialect
def test_a_duplicated_text_is_told_twice_for_the_engine_to_judge(dialect: str) -> None:
    texts = of(TextMessage, Conversation(dialect=dialect, faults=["duplicate-texts"]).run(400))
    assert len(texts) == 2 * len({(one.sender, one.text, one.source_time_ns) for one in texts})


@every_dialect
def test_wrong_checksums_are_counted_and_give_no_values(dialect: str) -> None:
    seen = Conversation(dialect=dialect, faults=["wrong-checksum"]).run(70)
    assert {one.reason for one in of(Malformed, seen)} <= {"checksum", "truncated", "noise", "length"}
    assert len(of(Malformed, seen)) > 3
    assert not [one for one in seen if not isinstance(one, Malformed | Unrecognised)]


@every_dialect
def test_split_output_says_the_same_as_whole_output(dialect: str) -> None:
    whole, split = Conversation(dialect=dialect), Conversation(dialect=dialect, faults=["split"])
    for talk in (whole, split):
        talk.run(2)
        talk.text("应急测试")
        talk.run(60)
    assert split.reports() == whole.reports()
    assert {one.card_id for one in of(Card, split.seen)} == {"166166"}
    assert not of(Malformed, split.seen)


@every_dialect
def test_after_a_reboot_beam_reports_are_switched_on_again(dialect: str) -> None:
    talk = Conversation(dialect=dialect, faults=[{"kind": "reboot", "from_s": 20.0, "for_s": 6.0}])
    talk.run(20.2)
    assert of(Signal, talk.seen)
    assert not of(Signal, talk.run(5.5))
    after = talk.run(75)
    assert [one.raw for one in of(Unrecognised, after)] == [b"READY FOR TRANSMISSION"]
    assert Malformed(reason="truncated", raw=b"$BDTXR,1,00") in talk.seen
    assert [one for one in of(Signal, after[-60:]) if one.quantity == "beam"]


def test_the_rear_confirms_after_twenty_seconds_and_not_before() -> None:
    talk = Conversation(interval_s=5)
    talk.run(2)
    talk.text("应急测试")
    sent_ns = talk.at_ns
    for wait_s, confirmed in ((8, 0), (14, 1)):
        talk.run(wait_s)
        assert isinstance(talk.send(AskReceipt(recipient="967760")), Outgoing)
        talk.run(4)
        assert len([one for one in talk.reports() if one.state == "confirmed"]) == confirmed
    receipt, end = talk.reports()[-2:]
    assert (end.reference, end.state, end.reason) == ("967760", "unlisted", None)
    assert receipt.reference == "967760"
    assert receipt.source_time_ns == sent_ns - sent_ns % (60 * NS_PER_S)


@every_dialect
def test_the_rear_may_answer_with_a_text(dialect: str) -> None:
    talk = Conversation(dialect=dialect, rear_reply="收到", subordinates=[])
    talk.run(2)
    talk.text("应急测试")
    texts = of(TextMessage, talk.run(25))
    assert [(one.sender, one.text) for one in texts] == [("967760", "收到")]


def test_a_fix_of_a_subordinate_is_asked_and_answered() -> None:
    talk = Conversation(subordinates=[{"card": "242407", "lat_deg": 34.41, "lon_deg": 113.7, "every_s": 0}])
    talk.run(2)
    talk.send(AskPosition(subject="242407"))
    seen = talk.run(5)
    assert [one.reference for one in of(DeliveryReport, seen)] == ["DWA"]
    assert [one.subject for one in of(Position, seen) if one.subject] == ["242407"]


@pytest.mark.parametrize(("dialect", "name"), [("bd-ascii21", "DWA"), ("bd-bin40", "DWSQ")])
def test_an_own_fix_is_asked_and_is_the_terminals(dialect: str, name: str) -> None:
    talk = Conversation(dialect=dialect, subordinates=[], gnss_every_s=0)
    talk.run(2)
    talk.send(AskPosition())
    seen = talk.run(5)
    assert [(one.reference, one.state) for one in of(DeliveryReport, seen)] == [(name, "sent")]
    (fix,) = of(Position, seen)
    assert fix.subject is None
    assert (fix.lat_deg, fix.lon_deg) == (pytest.approx(34.396, abs=1e-5), pytest.approx(113.741, abs=1e-5))


def test_a_self_test_asked_by_hand_is_answered() -> None:
    talk = Conversation(dialect="bd-bin40")
    talk.run(2)
    talk.send(SendRaw(octets=bytes.fromhex("24 58 54 5A 4A 00 0D 00 00 00 00 00 35")))
    assert Condition(part="hardware", value="ok", is_good=True) in talk.seen


def test_the_driver_never_floods_and_never_transmits_by_itself() -> None:
    for dialect in DIALECTS:
        talk = Conversation(dialect=dialect)
        talk.run(600)
        heads = talk.said.count(b"$")
        assert heads < 3 * 600 / 60 + 8, talk.said
        assert not any(name in talk.said for name in (b"TXA", b"TCQ", b"TXSQ", b"CXA", b"DWA", b"DWSQ", b"WAA"))


def test_a_silent_wire_is_asked_in_all_dialects_every_ten_seconds() -> None:
    driver = BeidouRdss({})
    asked = [driver.poll(START_NS + second * NS_PER_S) for second in range(60)]
    assert [second for second, said in enumerate(asked) if said] == [0, 10, 20, 30, 40, 50]
    assert b"".join(asked[10]) == b"$ICJC\x00\x0c\x00\x00\x00\x00+$CCICA,0,00*7B\r\n$CCICR,0,00*68\r\n"


def test_after_the_wire_was_down_the_card_is_asked_anew() -> None:
    talk = Conversation()
    talk.run(30)
    talk.driver.finish()
    assert b"$CCICR,0,00*68\r\n" in b"".join(talk.driver.poll(talk.at_ns))


def swapped(talk: Conversation, dialect: str, card: str) -> None:
    settings = {"dialect": dialect, "card": card, "subordinates": []}
    talk.simulator = BeidouRdssSimulator(settings, random.Random(1).random)


def test_another_terminal_on_the_wire_is_spoken_to_in_its_own_dialect() -> None:
    talk = Conversation(dialect="bd-ascii3")
    talk.run(5)
    talk.driver.finish()
    swapped(talk, "bd-ascii21", "412159")
    talk.run(5)
    answer = talk.text("应急")
    assert getattr(answer, "reference", None) == "TXA"


def test_a_terminal_swapped_without_the_wire_going_down_is_noticed() -> None:
    talk = Conversation(dialect="bd-ascii3")
    talk.run(5)
    swapped(talk, "bd-bin40", "412159")
    talk.run(260)
    assert {one.card_id for one in of(Card, talk.seen)} == {"166166", "412159"}
    assert getattr(talk.text("应急"), "reference", None) == "TXSQ"


def flipped(share: float) -> Callable[[bytes], bytes]:
    chance = random.Random(11)

    def damage(octets: bytes) -> bytes:
        if chance.random() > share:
            return octets
        spoiled = bytearray(octets)
        at = chance.randrange(len(spoiled))
        match chance.randrange(3):
            case 0:
                spoiled[at] ^= 1 << chance.randrange(8)
            case 1:
                del spoiled[at]
            case _:
                spoiled[at:at] = bytes([chance.randrange(256)])
        return bytes(spoiled)

    return damage


@every_dialect
def test_over_a_damaged_link_no_wrong_value_gets_through(dialect: str) -> None:
    """One damage in a frame is always found by the checksum; the picture misses things but holds no false ones."""
    talk = Conversation(dialect=dialect, damage=flipped(0.2))
    talk.run(2)
    for _ in range(20):
        talk.text("应急测试")
        talk.run(65)
    assert of(Malformed, talk.seen)
    assert {one.card_id for one in of(Card, talk.seen)} <= {"166166"}
    assert {one.text for one in of(TextMessage, talk.seen)} <= {
        "已到观音寺镇，道路中断",
        "需要帐篷40顶",
        "搜索完毕，无被困人员",
    }
    for one in of(Position, talk.seen):
        assert one.lat_deg == pytest.approx(34.39, abs=0.08)
        assert one.subject in {None, "242407", "242286", "247718", "195817"}
    assert 10 < len([one for one in talk.reports() if one.state == "sent"]) <= 20


def test_the_same_seed_plays_the_same_drill() -> None:
    assert Conversation(seed=3).run(120) == Conversation(seed=3).run(120)


REQUESTS = ["CCTXA,0967760,1,2,A461", "CCTCQ,967760,2,1,,1,12,0", "CCRMO,BSI,2,²", "CCCXA,1,3,x", "CCDWA,x", "CCICA"]


@every_dialect
@settings(deadline=None)
@given(st.lists(st.one_of(st.sampled_from(REQUESTS), st.binary(max_size=30)), max_size=8))
def test_whatever_is_sent_to_the_terminal_it_lives_on(dialect: str, requests: list[str | bytes]) -> None:
    simulator = BeidouRdssSimulator({"dialect": dialect, "interval_s": 0}, lambda: 0.5)
    for request in requests:
        octets = seal(request.encode()) if isinstance(request, str) else request
        for head in (b"", b"$ICJC\x00\x0b", b"$TXSQ\x00\x12", b"$GLJC\x00\x0b\0\0\0\x2d"):
            simulator.receive(head + octets, START_NS)
    assert simulator.tick(START_NS + 5 * NS_PER_S)


def test_an_unknown_fault_in_a_script_is_found_at_once() -> None:
    with pytest.raises(ValueError, match="fire"):
        BeidouRdssSimulator({"faults": ["fire"]}, lambda: 0.5)
