"""The console dies after every single record of a text's long way: it is never doubled blindly and never lost."""

from __future__ import annotations

import pytest

from console.records import Kind, Record
from console.replay import new_engine
from devices.driver import NS_PER_S
from tests.console.test_receipts import ASKED, NONE, RADIATED, Post, receipts, sent_post

MOST = 3
"""One sending and at most two more by itself."""


def long_way() -> Post:
    """Sent, asked about, passed over, sent again, asked about, passed over, sent again."""
    post = sent_post()
    for _ in range(2):
        post.until_asked()
        post.say("bd", NONE)
        post.until_sent()
        post.say("bd", RADIATED)
    return post


WAY = long_way()
TURNS = [
    index
    for index, record in enumerate(WAY.records)
    if record.kind != Kind.TICK or (WAY.records[index - 1].kind != Kind.TICK)
] + [index for index, _ in enumerate(WAY.records) if index % 17 == 0]


def after_death(records: list[Record]) -> Post:
    """What a restarted console makes of the records that were on disk."""
    engine = new_engine()
    for record in records:
        engine.step(record)
    dead = Post(new_engine())
    dead.engine = engine
    dead.seq = records[-1].seq
    dead.at_ns = records[-1].at_ns + 3 * NS_PER_S
    dead.effects = []
    dead.restart()
    return dead


def sendings(records: list[Record]) -> int:
    """How many texts left at most until this record: the last one's effects may or may not have happened."""
    replayed = Post(new_engine())
    replayed.engine = new_engine()
    replayed.effects = []
    for record in records:
        replayed.effects += replayed.engine.step(record)
    return replayed.texts


@pytest.mark.parametrize("turn", sorted(set(TURNS)))
def test_a_restart_sends_nothing_before_it_has_asked_and_never_more_than_thrice(turn: int) -> None:
    records = WAY.records[: turn + 1]
    before = sendings(records)
    post = after_death(records)
    message = post.engine.tables.messages.get("m1")
    if message is None:
        return
    assert message.state in {"queued", "sent", "unknown"}
    may_leave = message.state == "queued"
    texts, questions = 0, 0
    for _ in range(900):
        post.wait(1)
        if post.texts > texts:
            assert may_leave, "sent again without an answer"
            texts, may_leave = post.texts, False
            post.say("bd", RADIATED)
        elif post.questions > questions:
            questions = post.questions
            post.say("bd", ASKED + NONE)
            may_leave = post.message("m1").state == "queued"
    assert before + post.texts == MOST
    assert post.message("m1").state == "unknown"


@pytest.mark.parametrize("turn", sorted(set(TURNS)))
def test_a_receipt_for_the_first_sending_confirms_after_any_restart(turn: int) -> None:
    records = WAY.records[: turn + 1]
    if not sendings(records):
        return
    first_ns = WAY.engine.tables.outbox["bd"].attempts["m1"][0]
    post = after_death(records)
    post.say("bd", receipts(first_ns))
    post.wait(300)
    assert post.texts == 0
    assert post.message("m1").state == "confirmed"
