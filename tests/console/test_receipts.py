"""A text without receipt is asked about, and goes out again by itself only when the answer passes it over."""

from __future__ import annotations

from dataclasses import replace

import pytest

from console.engine import Engine
from console.orders import AbandonMessage, ComposeMessage, ResendMessage
from console.picture import MessageState
from console.records import Kind
from console.replay import new_engine
from devices.driver import NS_PER_S
from tests.console.door import BEAMS, CARD, VEHICLE, Door, sentence

REAR = "4207700"
TEXT = "桥断缺舟两艘"
RADIATED = sentence("BDFKI,TXA,Y,Y,0,0000")
ASKED = sentence("BDFKI,CXA,Y,Y,0,0000")
NONE = sentence(f"BDHZR,{REAR},0")
ASKING = {"ask_receipts": True}


class Post(Door):
    """A terminal that is asked for receipts; ``texts`` and ``questions`` are what left."""

    def __init__(self, engine: Engine | None = None, **settings: object) -> None:
        devices = tuple(
            replace(device, settings=settings or ASKING) if device.id == "bd" else device for device in VEHICLE.devices
        )
        self.vehicle = replace(VEHICLE, devices=devices)
        super().__init__(self.vehicle, engine=engine)

    def restart(self) -> None:
        self.begin(self.vehicle, last_ns=self.at_ns)
        self.ready_terminal()

    def compose(self, message_id: str = "m1", recipient: str = REAR) -> None:
        self.order(ComposeMessage(message_id=message_id, device_id="bd", recipient=recipient, text=TEXT))

    @property
    def texts(self) -> int:
        return sum(octets.startswith(b"$CCTXA") for octets in self.sent())

    @property
    def questions(self) -> int:
        return sum(octets.startswith(b"$CCCXA") for octets in self.sent())

    def until_asked(self) -> None:
        asked = self.questions
        for _ in range(400):
            self.wait(1)
            if self.questions > asked:
                self.say("bd", ASKED)
                return
        raise AssertionError("nobody asked")

    def until_sent(self) -> None:
        texts = self.texts
        for _ in range(400):
            self.wait(1)
            if self.texts > texts:
                return
        raise AssertionError("nothing was sent")

    def state(self, message_id: str = "m1") -> tuple[MessageState, str | None]:
        message = self.message(message_id)
        return message.state, message.reason.id if message.reason else None

    def story(self) -> list[str]:
        return [one.text.id for one in self.picture().notices if one.kind == "message"]


def hhmm(at_ns: int) -> str:
    minute = at_ns // (60 * NS_PER_S) % 1440
    return f"{minute // 60:02d}{minute % 60:02d}"


def receipts(*sent_ns: int) -> bytes:
    pairs = "".join(f",{hhmm(at_ns)},{hhmm(at_ns)}" for at_ns in sent_ns)
    return sentence(f"BDHZR,{REAR},{len(sent_ns)}{pairs}")


def sent_post(engine: Engine | None = None, **settings: object) -> Post:
    post = Post(engine, **settings)
    post.ready_terminal()
    post.compose()
    post.say("bd", RADIATED)
    return post


def test_a_text_whose_receipt_is_missing_goes_out_again_after_the_interval() -> None:
    post = sent_post()
    post.until_asked()
    post.say("bd", NONE)
    assert post.state() == ("queued", "message.reason.not_received")
    post.wait(60)
    assert post.texts == 1
    post.wait(3)
    assert post.texts == 2
    assert post.state() == ("submitted", "message.reason.again")
    post.say("bd", RADIATED)
    assert post.state() == ("sent", "message.reason.again")


def test_a_lost_text_goes_out_three_times_at_most_and_every_attempt_is_in_the_log() -> None:
    post = sent_post()
    for _ in range(2):
        post.until_asked()
        post.say("bd", NONE)
        post.until_sent()
        post.say("bd", RADIATED)
    post.until_asked()
    post.say("bd", NONE)
    assert post.state() == ("unknown", "message.reason.no_receipt")
    post.wait(1000)
    assert post.texts == 3
    again = [(one.text.id, one.text.args.get("count")) for one in post.picture().notices if one.kind == "message"]
    told = [one for one in again if one[0] in {"message.again", "message.lost"}]
    assert told == [("message.again", 1), ("message.again", 2), ("message.lost", None)]
    assert post.story().count("message.submitted") == 3
    assert "message.confirmed" not in post.story()


def test_an_answer_that_never_comes_sends_nothing_again() -> None:
    post = sent_post()
    post.wait(1200)
    assert (post.texts, post.questions) == (1, 3)
    assert post.state() == ("sent", None)


def test_a_list_that_nobody_asked_for_sends_nothing_again() -> None:
    post = sent_post()
    post.wait(50)
    post.say("bd", NONE)
    assert post.state() == ("sent", None)


def test_an_answer_that_came_too_soon_after_the_sending_proves_nothing() -> None:
    post = Post()
    post.up("bd")
    post.say("bd", sentence("BDICI,4207733,02097151,0000011,4,1,3,N,002"))
    post.say("bd", BEAMS)
    post.compose()
    post.say("bd", RADIATED)
    post.until_asked()
    post.say("bd", NONE)
    assert post.state() == ("sent", None)


def test_one_answer_is_judged_once() -> None:
    post = sent_post()
    post.until_asked()
    post.say("bd", NONE + NONE)
    post.until_sent()
    post.say("bd", RADIATED + NONE)
    assert post.state() == ("sent", "message.reason.again")


def test_a_receipt_for_a_later_text_shows_that_the_earlier_one_was_passed_over() -> None:
    post = sent_post()
    post.wait(180)
    post.compose("m2")
    later_ns = post.message("m2").submitted_ns or 0
    post.say("bd", RADIATED)
    post.until_asked()
    post.say("bd", receipts(later_ns))
    assert post.state("m2") == ("confirmed", None)
    assert post.state("m1") == ("queued", "message.reason.not_received")


def test_a_receipt_for_an_earlier_text_says_nothing_of_the_later_one() -> None:
    post = sent_post()
    first_ns = post.at_ns
    post.wait(180)
    post.compose("m2")
    post.say("bd", RADIATED)
    post.until_asked()
    post.say("bd", receipts(first_ns))
    assert post.state("m1") == ("confirmed", None)
    assert post.state("m2") == ("sent", None)
    assert post.texts == 2


def test_a_repeated_receipt_of_the_first_text_does_not_confirm_the_next() -> None:
    post = Post()
    post.ready_terminal()
    post.at_ns += 21 * NS_PER_S  # just after the full minute, so that both texts lie near it
    post.compose()
    post.say("bd", RADIATED)
    first_ns = post.at_ns
    post.say("bd", receipts(first_ns))
    assert post.state("m1") == ("confirmed", None)
    post.compose("m2")
    post.until_sent()
    post.say("bd", RADIATED)
    post.until_asked()
    post.say("bd", receipts(first_ns))
    assert post.state("m2") == ("sent", None)


def test_texts_a_slot_apart_get_their_own_receipts_when_the_clock_is_known() -> None:
    post = Post()
    post.ready_terminal()
    post.at_ns -= post.at_ns % (60 * NS_PER_S) - 5 * NS_PER_S
    post.put(Kind.TICK, "console")
    post.say("bd", sentence(f"BDZDA,1,{hhmm(post.at_ns)}05.00,20,07,2025,00,00,00,00,00,Y"))
    post.compose()
    post.say("bd", RADIATED)
    post.compose("m2")
    post.until_sent()
    post.say("bd", RADIATED)
    times = [post.message(one).submitted_ns or 0 for one in ("m1", "m2")]
    assert times[1] - times[0] < 70 * NS_PER_S
    post.say("bd", receipts(*times))
    assert (post.state("m1"), post.state("m2")) == (("confirmed", None), ("confirmed", None))


def test_a_part_of_a_list_is_no_proof_that_the_rest_is_missing() -> None:
    post = sent_post()
    post.until_asked()
    post.say("bd", sentence(f"BDHZR,{REAR},2,0000,0000"))
    post.until_asked()
    post.say("bd", sentence(f"BDHZR,{REAR},"))
    assert post.state() == ("sent", None)


def test_a_full_list_says_nothing_of_what_is_older_than_it() -> None:
    post = sent_post()
    post.until_asked()
    post.compose("m2")
    post.until_sent()
    post.say("bd", RADIATED)
    later_ns = post.at_ns
    post.until_asked()
    post.say("bd", receipts(*[later_ns + minute * 60 * NS_PER_S for minute in range(5)]))
    assert post.state("m2") == ("confirmed", None)
    assert post.state("m1") == ("sent", None)


def test_a_late_receipt_of_the_first_sending_takes_the_text_out_of_the_queue() -> None:
    post = sent_post()
    first_ns = post.at_ns
    post.until_asked()
    post.say("bd", NONE)
    assert post.state()[0] == "queued"
    post.say("bd", receipts(first_ns))
    assert post.state() == ("confirmed", None)
    post.wait(300)
    assert post.texts == 1


def test_a_late_receipt_of_the_first_sending_still_confirms_after_the_second() -> None:
    post = sent_post()
    first_ns = post.at_ns
    post.until_asked()
    post.say("bd", NONE)
    post.until_sent()
    post.say("bd", RADIATED)
    post.say("bd", receipts(first_ns))
    assert post.state() == ("confirmed", None)


def test_a_text_whose_feedback_was_lost_is_asked_about_before_anything_is_sent_again() -> None:
    post = Post()
    post.ready_terminal()
    post.compose()
    post.until_asked()
    assert post.state() == ("unknown", "message.reason.no_report")
    assert post.texts == 1
    post.say("bd", NONE)
    assert post.state() == ("queued", "message.reason.not_received")
    post.until_sent()
    assert post.texts == 2


def test_a_text_whose_feedback_was_lost_and_which_arrived_is_confirmed_and_not_doubled() -> None:
    post = Post()
    post.ready_terminal()
    post.compose()
    left_ns = post.at_ns
    post.until_asked()
    post.say("bd", receipts(left_ns))
    assert post.state() == ("confirmed", None)
    post.wait(300)
    assert post.texts == 1


def test_contradictory_feedback_is_no_verdict_and_the_text_is_asked_about() -> None:
    post = Post()
    post.up("bd")
    post.say("bd", CARD)
    post.compose()
    post.say("bd", bytes.fromhex("24 46 4B 58 58 00 10 00 00 00 08 00 00 00 00 6F"))
    post.wait(35)
    assert post.state() == ("unknown", "message.reason.no_report")


def test_a_question_that_was_refused_was_not_asked() -> None:
    post = sent_post()
    asked = post.questions
    for _ in range(100):
        post.wait(1)
        if post.questions > asked:
            post.say("bd", sentence("BDFKI,CXA,N,Y,0,0020"))
            break
    post.say("bd", NONE)
    assert post.state() == ("sent", None)
    post.wait(1500)
    assert post.questions == 4  # three that were asked and the one that was not


def test_a_text_to_all_does_not_keep_the_others_from_being_asked_about() -> None:
    post = Post()
    post.ready_terminal()
    post.compose("all", "broadcast")
    assert post.sent()[0].startswith(b"$CCTXA,0000011,")
    post.say("bd", RADIATED)
    post.compose()
    post.until_sent()
    post.say("bd", RADIATED)
    post.until_asked()
    assert post.sent()[-1].startswith(f"$CCCXA,1,3,{REAR}".encode())


@pytest.mark.parametrize("limit", [0, 1])
def test_the_setting_bounds_how_often_a_lost_text_is_sent_again(limit: int) -> None:
    post = sent_post(ask_receipts=True, resend_lost=limit)
    for _ in range(limit):
        post.until_asked()
        post.say("bd", NONE)
        post.until_sent()
        post.say("bd", RADIATED)
    post.until_asked()
    post.say("bd", NONE)
    post.wait(600)
    assert post.texts == 1 + limit
    assert post.state() == ("unknown", "message.reason.no_receipt")


def test_without_the_setting_nobody_asks_and_nothing_is_sent_again() -> None:
    post = sent_post(ask_receipts=False)
    post.wait(600)
    post.say("bd", NONE)
    post.wait(100)
    assert (post.texts, post.questions) == (1, 0)


def test_the_operator_can_give_up_a_text_that_waits_to_be_sent_again_and_send_a_lost_one() -> None:
    post = sent_post(ask_receipts=True, resend_lost=0)
    post.until_asked()
    post.say("bd", NONE)
    post.order(ResendMessage(message_id="m1"))
    post.until_sent()
    post.say("bd", RADIATED)
    post.until_asked()
    post.say("bd", NONE)
    post.order(AbandonMessage(message_id="m1"))
    post.wait(300)
    assert post.texts == 2
    assert post.state()[0] == "abandoned"


def test_the_count_of_sendings_and_the_question_survive_a_snapshot_and_a_restart() -> None:
    post = sent_post()
    post.until_asked()
    kept = new_engine()
    kept.restore(post.engine.save())
    post.engine = kept
    post.restart()
    post.say("bd", NONE)
    assert post.state() == ("queued", "message.reason.not_received")
    post.until_sent()
    post.restart()
    assert post.state() == ("unknown", "message.reason.restart")
    texts = post.texts
    post.until_asked()
    assert post.texts == texts
    post.say("bd", NONE)
    post.until_sent()
    post.say("bd", RADIATED)
    post.until_asked()
    post.say("bd", NONE)
    post.wait(500)
    assert post.texts == 3
    assert post.state() == ("unknown", "message.reason.no_receipt")


def test_a_replay_of_the_same_records_comes_to_the_same_messages() -> None:
    post = sent_post()
    post.until_asked()
    post.say("bd", NONE)
    post.until_sent()
    again = new_engine()
    for record in post.records:
        again.step(record)
    assert again.picture().messages == post.picture().messages
    assert again.save() == post.engine.save()
