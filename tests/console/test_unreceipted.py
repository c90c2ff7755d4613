"""What the rear did not receipt is evidence against a bearer in slots, whatever its beams say."""

from __future__ import annotations

from dataclasses import replace

from console.assembly import digest_of
from console.configuration.bearers import fitted
from console.orders import AbandonMessage
from console.replay import new_engine
from tests.console.door import BEAMS, VEHICLE, sentence
from tests.console.test_receipts import ASKING, NONE, RADIATED, TEXT, Post, receipts

RDSS = 1
SLOT_S = 62
HEARD = sentence(f"BDTXR,1,4207700,0,,{TEXT}")


class Terminal(Post):
    """A terminal with good beams all the time, its bearer after the profile of BeiDou."""

    def __init__(self, **settings: object) -> None:
        super().__init__(**(settings or ASKING))
        bearers = (VEHICLE.bearers[0], fitted(VEHICLE.bearers[RDSS], "beidou"))
        self.vehicle = replace(self.vehicle, bearers=bearers)
        self.engine, self.seq = new_engine(), 0
        self.records.clear()
        self.begin(self.vehicle)
        self.ready_terminal()

    def pass_slots(self, slots: float) -> None:
        for _ in range(round(slots * SLOT_S)):
            self.wait(1)
            self.say("bd", BEAMS)

    def send(self, message_id: str, recipient: str = "4207700") -> int:
        """A text that is radiated as soon as the slot is free; when."""
        self.compose(message_id, recipient)
        while self.message(message_id).state == "queued":
            self.wait(1)
        self.say("bd", RADIATED)
        return self.message(message_id).submitted_ns or 0

    def receipt(self, at_ns: int) -> None:
        self.say("bd", receipts(at_ns))

    def judged(self) -> tuple[str, str | None]:
        bearer = self.picture().bearers[RDSS]
        return bearer.state, bearer.reason.id.removeprefix("bearer.reason.") if bearer.reason else None


def proved() -> Terminal:
    """A rear that is known to give receipts."""
    terminal = Terminal()
    terminal.receipt(terminal.send("m0"))
    terminal.pass_slots(1)
    assert terminal.judged() == ("up", None)
    return terminal


def test_two_slots_without_a_receipt_are_weak_and_not_before() -> None:
    terminal = proved()
    terminal.send("m1")
    terminal.pass_slots(1.9)
    assert terminal.judged() == ("up", None)
    terminal.pass_slots(0.2)
    assert terminal.judged() == ("degraded", "no_receipt")
    terminal.pass_slots(5)
    assert terminal.judged() == ("degraded", "no_receipt"), "one text alone is no cut, and does not fade to good"


def test_a_second_sending_without_a_receipt_is_a_cut_and_a_receipt_ends_it() -> None:
    terminal = proved()
    terminal.send("m1")
    terminal.pass_slots(2.6)
    second_ns = terminal.send("m2")
    terminal.pass_slots(1.9)
    assert terminal.judged() == ("degraded", "no_receipt")
    terminal.pass_slots(0.3)
    assert terminal.judged() == ("down", "no_receipt")
    assert terminal.alarm("bearer:rdss") is not None
    reason = terminal.picture().bearers[RDSS].reason
    assert reason is not None
    assert reason.args == {"count": 2, "slots": 2}
    terminal.receipt(second_ns)
    terminal.pass_slots(0.1)
    assert terminal.judged() == ("up", None)


def test_a_cut_that_nobody_tried_for_half_an_hour_is_weak_and_not_good() -> None:
    terminal = proved()
    for message_id in ("m1", "m2"):
        terminal.send(message_id)
        terminal.pass_slots(1.6)
    terminal.pass_slots(1)
    assert terminal.judged() == ("down", "no_receipt")
    terminal.pass_slots(30)
    assert terminal.judged() == ("degraded", "no_receipt")


def test_a_text_that_goes_out_again_counts_once_for_each_time_it_surely_did_not_arrive() -> None:
    terminal = proved()
    terminal.send("m1")
    terminal.until_asked()
    terminal.say("bd", NONE)
    terminal.until_sent()
    terminal.say("bd", RADIATED)
    terminal.pass_slots(2.2)
    assert terminal.judged() == ("down", "no_receipt")


def test_who_is_heard_and_does_not_hear_is_weak_and_not_cut() -> None:
    terminal = proved()
    for message_id in ("m1", "m2"):
        terminal.send(message_id)
        terminal.pass_slots(1)
    terminal.say("bd", HEARD)
    terminal.pass_slots(2)
    assert terminal.judged() == ("degraded", "no_receipt")


def test_a_rear_that_never_gave_a_receipt_may_not_know_how() -> None:
    terminal = Terminal()
    for message_id in ("m1", "m2", "m3"):
        terminal.send(message_id)
        terminal.pass_slots(1)
    terminal.pass_slots(2)
    assert terminal.judged() == ("degraded", "no_receipt")


def test_where_nobody_asks_nothing_follows() -> None:
    terminal = Terminal(ask_receipts=False)
    terminal.send("m1")
    terminal.send("m2")
    terminal.pass_slots(4)
    assert terminal.judged() == ("up", None)


def test_a_teams_card_that_is_off_says_nothing_of_the_way_to_the_rear() -> None:
    terminal = proved()
    terminal.send("m1", "4204986")
    terminal.send("m2", "4204986")
    terminal.pass_slots(4)
    assert terminal.judged() == ("up", None)


def test_lost_texts_that_are_given_up_accuse_nobody() -> None:
    terminal = Terminal(ask_receipts=True, resend_lost=0)
    terminal.send("m1")
    terminal.until_asked()
    terminal.say("bd", NONE)
    terminal.pass_slots(2.2)
    assert terminal.judged() == ("degraded", "no_receipt")
    terminal.order(AbandonMessage(message_id="m1"))
    terminal.pass_slots(0.1)
    assert terminal.judged() == ("up", None)


def test_replayed_from_the_start_and_from_a_snapshot_it_comes_to_the_same() -> None:
    terminal = proved()
    terminal.send("m1")
    terminal.pass_slots(1)
    half = len(terminal.records)
    terminal.send("m2")
    terminal.pass_slots(2.3)
    assert terminal.judged()[0] == "down"
    first = new_engine()
    for record in terminal.records[:half]:
        first.step(record)
    second = new_engine()
    second.restore(first.save())
    for record in terminal.records[half:]:
        first.step(record)
        second.step(record)
    assert digest_of(first.picture()) == digest_of(second.picture()) == digest_of(terminal.picture())


def test_no_beam_is_still_the_first_word() -> None:
    terminal = proved()
    terminal.send("m1")
    terminal.pass_slots(2.2)
    terminal.say("bd", sentence("BDBSI,01,03,0,0,0,0,0,0,0,0,0,0"))
    terminal.wait(1)
    assert terminal.judged() == ("degraded", "no_signal")
