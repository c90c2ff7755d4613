from __future__ import annotations

import pytest

from console.orders import (
    AbandonMessage,
    ComposeMessage,
    ConfirmUnrecorded,
    ResendMessage,
    SendOctets,
)
from console.records import Kind
from devices.driver import NS_PER_S
from tests.console.door import CARD, START_NS, Door, sentence

FIRST = ComposeMessage(message_id="m1", device_id="bd", recipient="4207700", text="桥断缺舟两艘")
SECOND = ComposeMessage(message_id="m2", device_id="bd", recipient="4207700", text="续报")
RADIATED = sentence("BDFKI,TXA,Y,Y,0,0000")


def composed() -> Door:
    door = Door()
    door.ready_terminal()
    door.order(FIRST)
    return door


def test_a_text_is_submitted_at_once_when_the_slot_is_free() -> None:
    door = composed()
    message = door.message("m1")
    assert message.state == "submitted"
    assert (message.used, message.limit, message.unit) == (6, 44, "hanzi")
    (octets,) = door.sent()
    assert octets.startswith(b"$CCTXA,4207700,1,0,")


def test_radiated_is_sent_and_never_confirmed() -> None:
    door = composed()
    door.say("bd", RADIATED)
    assert door.message("m1").state == "sent"
    door.wait(300)
    assert door.message("m1").state == "sent"


def test_the_next_text_waits_for_the_cards_interval() -> None:
    door = composed()
    door.say("bd", RADIATED)
    door.order(SECOND)
    door.wait(61)
    assert len(door.sent()) == 1
    door.wait(2)
    assert len(door.sent()) == 2
    assert door.message("m2").state == "submitted"


def test_only_one_text_is_in_the_air_at_a_time() -> None:
    door = composed()
    door.order(SECOND)
    door.wait(5)
    assert len(door.sent()) == 1
    assert door.message("m2").state == "queued"


def test_an_interval_refusal_queues_again_and_waits_as_told() -> None:
    door = composed()
    door.say("bd", sentence("BDFKI,TXA,N,Y,0,0020"))
    assert door.message("m1").state == "queued"
    door.wait(21)
    assert len(door.sent()) == 1
    door.wait(2)
    assert len(door.sent()) == 2


def test_a_refusal_for_good_is_failed_with_its_reason() -> None:
    door = composed()
    door.say("bd", sentence("BDFKI,TXA,N,Y,3,0000"))
    message = door.message("m1")
    assert message.state == "failed"
    assert message.reason is not None
    assert message.reason.id == "delivery.reason.silence"


def test_no_feedback_is_unknown_and_is_never_sent_again_by_itself() -> None:
    door = composed()
    door.wait(31)
    message = door.message("m1")
    assert message.state == "unknown"
    assert message.reason is not None
    assert message.reason.id == "message.reason.no_report"
    door.wait(600)
    assert len(door.sent()) == 1
    door.order(ResendMessage(message_id="m1"))
    door.wait(1)
    assert len(door.sent()) == 2


def test_an_intent_without_outcome_is_unknown_after_a_restart() -> None:
    door = composed()
    door.at_ns += 5 * NS_PER_S
    door.begin(last_ns=START_NS)
    message = door.message("m1")
    assert message.state == "unknown"
    assert message.reason is not None
    assert message.reason.id == "message.reason.restart"
    door.ready_terminal()
    door.wait(300)
    assert len(door.sent()) == 1


def test_a_queued_text_survives_a_restart_and_goes_out_once() -> None:
    door = Door()
    door.order(FIRST)
    assert door.message("m1").state == "queued"
    door.begin(last_ns=START_NS)
    door.ready_terminal()
    door.wait(3)
    assert len(door.sent()) == 1


def test_a_text_that_surely_did_not_leave_waits_again() -> None:
    door = composed()
    door.put(Kind.OUTCOME, "bd", {"effect": "send", "reference": "m1", "is_written": False, "reason": "closed"})
    assert door.message("m1").state == "queued"
    door.wait(2)
    assert len(door.sent()) == 2


def test_a_text_of_which_a_part_may_have_left_is_not_sent_again() -> None:
    door = composed()
    door.put(Kind.OUTCOME, "bd", {"effect": "send", "reference": "m1", "is_written": None, "reason": "gone"})
    assert door.message("m1").state == "submitted"
    door.wait(40)
    assert door.message("m1").state == "unknown"
    assert len(door.sent()) == 1


def test_a_receipt_confirms_its_own_text_and_proves_the_rear() -> None:
    door = composed()
    door.say("bd", RADIATED)
    minute = door.at_ns // (60 * NS_PER_S) % 1440
    door.wait(20)
    door.say("bd", sentence(f"BDHZR,4207700,1,{minute // 60:02d}{minute % 60:02d},{minute // 60:02d}{minute % 60:02d}"))
    assert door.message("m1").state == "confirmed"
    assert door.picture().bearers[1].receipt_ns == door.at_ns


def test_a_receipt_for_an_older_text_confirms_nothing() -> None:
    door = composed()
    door.say("bd", RADIATED)
    minute = (door.at_ns // (60 * NS_PER_S) - 30) % 1440
    door.say("bd", sentence(f"BDHZR,4207700,1,{minute // 60:02d}{minute % 60:02d},{minute // 60:02d}{minute % 60:02d}"))
    assert door.message("m1").state == "sent"
    assert door.picture().bearers[1].receipt_ns is None


def test_feedback_on_another_command_is_not_taken_for_the_texts() -> None:
    door = composed()
    door.say("bd", sentence("BDFKI,DWA,Y,Y,0,0000"))
    assert door.message("m1").state == "submitted"


def test_a_text_that_does_not_fit_fails_before_it_is_sent() -> None:
    door = Door()
    door.ready_terminal()
    door.order(ComposeMessage(message_id="long", device_id="bd", recipient="4207700", text="汉" * 45))
    message = door.message("long")
    assert message.state == "failed"
    assert message.reason is not None
    assert message.reason.id == "refusal.too-long"
    assert door.sent() == []


def test_without_a_card_a_text_waits_and_says_why() -> None:
    door = Door()
    door.up("bd")
    door.order(FIRST)
    message = door.message("m1")
    assert message.state == "queued"
    assert message.reason is not None
    assert message.reason.id == "refusal.card-unknown"
    door.say("bd", CARD)
    door.wait(1)
    assert door.message("m1").state == "submitted"


def test_the_same_click_twice_is_one_text() -> None:
    door = composed()
    door.order(FIRST)
    door.say("bd", RADIATED)
    door.wait(200)
    assert len(door.sent()) == 1


def test_unrecorded_texts_wait_for_the_operators_word() -> None:
    door = Door()
    door.ready_terminal()
    door.put(Kind.JOURNAL, "console", {"state": "unrecorded", "reason": "full"})
    door.order(FIRST)
    door.wait(3)
    assert door.sent() == []
    assert door.message("m1").reason is not None
    door.order(ConfirmUnrecorded(message_id="m1"))
    door.wait(1)
    assert len(door.sent()) == 1


def test_a_text_given_up_is_never_sent() -> None:
    door = Door()
    door.order(FIRST)
    door.order(AbandonMessage(message_id="m1"))
    door.ready_terminal()
    door.wait(100)
    assert door.message("m1").state == "abandoned"
    assert door.sent() == []


def test_a_text_in_the_air_cannot_be_given_up() -> None:
    door = composed()
    door.order(AbandonMessage(message_id="m1"))
    assert door.message("m1").state == "submitted"


@pytest.mark.parametrize("octets", [b"$CCZHS,1*00\r\n", b"$JJZH,1*00\r\n", b"xx$cczhs,1"])
def test_the_workbench_cannot_send_a_self_destruct(octets: bytes) -> None:
    door = Door()
    door.ready_terminal()
    effects = door.order(SendOctets(device_id="bd", octets_hex=octets.hex()))
    assert effects == []
    assert door.picture().notices[-1].text.id == "notice.refused"


def test_the_workbench_can_send_a_query() -> None:
    door = Door()
    door.ready_terminal()
    effects = door.order(SendOctets(device_id="bd", octets_hex=sentence("CCICA,0,00").hex()))
    assert len(effects) == 1


def test_a_text_that_the_wire_repeats_is_one_text_and_the_same_words_later_are_two() -> None:
    door = Door()
    door.ready_terminal()
    said = sentence("BDTXR,1,4204986,2,,A4D3A6BCB1")
    door.say("bd", said + said)
    door.wait(2)
    door.say("bd", said)
    assert len(door.picture().messages) == 1
    door.wait(30)
    door.say("bd", said)
    assert len(door.picture().messages) == 2


def test_a_text_that_was_written_to_somebody_else_says_to_whom() -> None:
    door = Door()
    door.up("bd")
    door.say("bd", sentence("BDICP,4207733,2032472,1,3,0,N,2,N,1,0,0,3,1,60,2,0,0,1,1,2,0,0,0"))
    for second, receiver in enumerate(("4207733", "242286", "4207700")):
        door.say("bd", sentence(f"BDTCI,04204986,{receiver},2,02324{second},2,0,A4D3A6BCB1"))
    names = [message.peer_name for message in door.picture().messages]
    assert names == ["消防水域二组", "消防水域二组 → 242286", "消防水域二组 → 后方"]
