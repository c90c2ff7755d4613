from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.assembly import canonical, digest_of, plain
from console.orders import AcknowledgeAlarm, ComposeMessage
from console.records import Kind, Record
from console.replay import new_engine
from devices.driver import NS_PER_S
from tests.console.door import BEAMS, CARD, Door, assert_same_from_every, sentence


def eventful_day() -> Door:
    """A day with everything in it that has a state."""
    door = Door()
    door.ready_terminal()
    door.up("gnss")
    door.up("p1")
    door.put(Kind.CAMERA, "cam", {"state": "live", "is_connected": True, "packet_age_ns": 5, "rate_fps": 25.0})
    for second in range(400):
        if second % 7 == 0:
            door.say("gnss", sentence(f"GNGGA,0638{second % 60:02d}.00,3423.{second:04d},N,11344.4,E,1,12,1,9,M,0,M,,"))
        if second % 50 == 10:
            door.say("bd", BEAMS[:20])
            door.say("bd", BEAMS[20:] + b"garbage\xff")
        if second == 30:
            door.order(ComposeMessage(message_id="m1", device_id="bd", recipient="4207700", text="桥断"))
        if second == 33:
            door.say("bd", sentence("BDFKI,TXA,Y,Y,0,0000"))
        if second == 200:
            door.down("bd")
            door.order(AcknowledgeAlarm(alarm_id="nodata:bd"))
        if second == 260:
            door.ready_terminal()
        door.probe("p1", None if 100 < second < 140 else 2.5)
        door.wait(1)
    last_ns = door.at_ns
    door.at_ns += 90 * NS_PER_S
    door.begin(last_ns=last_ns)
    door.wait(20)
    door.put(Kind.STOP, "console")
    return door


@pytest.fixture(scope="module")
def day() -> Door:
    return eventful_day()


def test_replay_from_zero_gives_the_same_digest(day: Door) -> None:
    engine = new_engine()
    for record in day.records:
        engine.step(record)
    assert digest_of(engine.picture()) == digest_of(day.picture())


def test_replay_from_any_snapshot_gives_the_same_digest(day: Door) -> None:
    assert_same_from_every(day, 37)


def test_a_snapshot_in_the_middle_of_a_sentence_loses_nothing() -> None:
    door = Door()
    door.up("bd")
    door.say("bd", CARD[:17])
    again = Door(engine=new_engine())
    again.engine.restore(door.engine.save())
    again.engine.step(Record(door.seq + 1, door.at_ns, Kind.OCTETS, "bd", "", CARD[17:]))
    card = again.engine.picture().devices[1].card
    assert card is not None
    assert card.card_id == "4207733"


def test_the_digest_notices_every_part_of_the_picture(day: Door) -> None:
    picture = plain(day.picture())
    assert b"NaN" not in canonical(picture)
    for key, value in picture.items():
        changed = {**picture, key: "something else"}
        assert canonical(changed) != canonical(picture), (key, value)


def test_a_number_that_is_none_cannot_enter_the_digest(day: Door) -> None:
    picture = {**plain(day.picture()), "at_ns": float("nan")}
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical(picture)


def test_replaying_gives_the_same_effects_and_executes_none(day: Door) -> None:
    engine = new_engine()
    effects = [effect for record in day.records for effect in engine.step(record)]
    assert effects == day.effects


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from(["gnss", "bd", "p1"]), st.binary(max_size=60)), max_size=30))
def test_any_octets_leave_a_picture_that_replays(noise: list[tuple[str, bytes]]) -> None:
    door = Door()
    for source, octets in noise:
        door.up(source)
        door.say(source, octets)
        door.wait(1)
    assert not [effect for effect in door.effects if type(effect).__name__ == "FaultFound"]
    again = new_engine()
    for record in door.records:
        again.step(record)
    assert digest_of(again.picture()) == digest_of(door.picture())


def test_the_picture_stays_bounded() -> None:
    door = Door()
    door.ready_terminal()
    for number in range(300):
        door.say("bd", sentence(f"BDTXR,1,{1000 + number},2,,A4{number:04X}"))
        door.order(ComposeMessage(message_id=f"m{number}", device_id="bd", recipient="1", text="a"))
    picture = door.picture()
    assert len(picture.messages) == 200
    assert len(picture.notices) == 200


def test_a_queued_text_is_not_pushed_out_by_what_arrives() -> None:
    door = Door()
    door.order(ComposeMessage(message_id="mine", device_id="bd", recipient="4207700", text="要舟"))
    door.up("bd")
    for number in range(300):
        door.say("bd", sentence(f"BDTXR,1,{1000 + number},2,,A4{number:04X}"))
    assert door.message("mine").state == "queued"


def test_replay_needs_nothing_but_the_first_record(day: Door) -> None:
    engine = new_engine()
    engine.step(day.records[0])
    assert engine.picture().incident.name == "双洎河漫溢"
