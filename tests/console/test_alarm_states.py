"""The states of ISA-18.2 that are an operator's or the rule's: shelf, out of service, delays, deadband; the rate."""

from __future__ import annotations

from dataclasses import replace

import pytest

from console.alarm_orders import ReturnToService, ShelveAlarm, TakeOutOfService, UnshelveAlarm
from console.alarm_rules import AlarmRule
from console.assembly import digest_of
from console.configuration.alarming import builtin
from console.orders import AcknowledgeAlarm
from console.picture import Alarm, Text
from console.replay import new_engine
from console.rules import alarms
from devices.driver import NS_PER_S
from tests.console.door import VEHICLE, Door, sentence

NODATA = "nodata:bd"
HEARD = sentence("BDTXR,1,4204986,2,,A4D3A6BCB1")
ONE = replace(VEHICLE, devices=VEHICLE.devices[1:2], cameras=(), teams=(), bearers=(), contacts=())


def quiet() -> Door:
    """A terminal that says nothing."""
    door = Door(ONE)
    door.ready_terminal()
    door.wait(91)
    assert state(door) == "unacknowledged"
    return door


def state(door: Door, alarm_id: str = NODATA) -> str | None:
    alarm = door.alarm(alarm_id)
    return alarm.state if alarm is not None else None


def the(door: Door, alarm_id: str = NODATA) -> Alarm:
    alarm = door.alarm(alarm_id)
    assert alarm is not None
    return alarm


def speak(door: Door, seconds: int = 3) -> None:
    for _ in range(seconds):
        door.say("bd", HEARD)
        door.wait(1)


def shelve(door: Door, for_s: float = 600, by: str = "通信班") -> None:
    door.order(ShelveAlarm(alarm_id=NODATA, for_s=for_s, by=by))


def lines(door: Door) -> list[str]:
    return [notice.text.id for notice in door.picture().notices]


def test_a_shelved_alarm_that_still_stands_asks_a_person_again_when_its_time_is_over() -> None:
    door = quiet()
    door.order(AcknowledgeAlarm(alarm_id=NODATA))
    shelve(door)
    assert (the(door).state, the(door).by, the(door).until_ns) == ("shelved", "通信班", door.at_ns + 600 * NS_PER_S)
    door.order(AcknowledgeAlarm(alarm_id=NODATA))
    door.wait(599)
    assert state(door) == "shelved", "neither time nor a hand on the key changes it"
    door.wait(1)
    again = the(door)
    assert (again.state, again.raised_ns, again.by, again.until_ns) == ("unacknowledged", door.at_ns, None, None)
    assert lines(door)[-2:] == ["alarm.shelf_over", "alarm.nodata"]


def test_what_is_over_when_its_time_is_over_is_gone() -> None:
    door = quiet()
    shelve(door)
    speak(door)
    assert (the(door).state, the(door).is_active) == ("shelved", False)
    for _ in range(600):
        speak(door, 1)
    assert state(door) is None


def test_what_comes_and_goes_on_the_shelf_stays_there() -> None:
    door = quiet()
    shelve(door)
    speak(door)
    door.wait(95)
    assert (the(door).state, the(door).is_active) == ("shelved", True)
    assert lines(door).count("alarm.nodata") == 1
    door.order(UnshelveAlarm(alarm_id=NODATA, by="指挥"))
    assert state(door) == "unacknowledged"


@pytest.mark.parametrize("for_s", [0.0, 59.0, 43_201.0, -1.0])
def test_the_shelf_is_for_a_minute_to_twelve_hours(for_s: float) -> None:
    door = quiet()
    shelve(door, for_s)
    assert state(door) == "unacknowledged"


def test_what_may_not_be_put_away_stays_and_the_log_says_so() -> None:
    door = Door(ONE)
    rules = (AlarmRule(id="nodata", is_shelvable=False),)
    door.begin(replace(ONE, alarming=replace(builtin(), rules=rules)))
    door.ready_terminal()
    door.wait(91)
    shelve(door)
    assert (state(door), the(door).is_shelvable) == ("unacknowledged", False)
    assert lines(door)[-1] == "alarm.not_shelvable"


def test_out_of_service_lasts_until_somebody_returns_it() -> None:
    door = quiet()
    door.order(TakeOutOfService(alarm_id=NODATA, by="通信班"))
    assert (the(door).state, the(door).by) == ("out_of_service", "通信班")
    shelve(door)
    speak(door)
    door.wait(3_600)
    assert (the(door).state, the(door).is_active) == ("out_of_service", True)
    door.order(ReturnToService(alarm_id=NODATA, by="指挥"))
    assert state(door) == "unacknowledged"
    door.order(TakeOutOfService(alarm_id=NODATA, by="通信班"))
    speak(door)
    door.order(ReturnToService(alarm_id=NODATA, by="指挥"))
    assert state(door) is None


def test_orders_for_alarms_that_are_not_there_or_not_there_yet_do_nothing() -> None:
    door = quiet()
    before = door.picture().alarms
    for order in (
        ShelveAlarm(alarm_id="nodata:nobody", for_s=600, by="x"),
        UnshelveAlarm(alarm_id=NODATA, by="x"),
        ReturnToService(alarm_id=NODATA, by="x"),
    ):
        door.order(order)
    assert door.picture().alarms == before


def test_a_restart_and_a_replay_keep_shelf_and_service() -> None:
    door = quiet()
    shelve(door)
    saved, seq = door.engine.save(), door.seq
    door.at_ns += 300 * NS_PER_S
    door.begin(ONE, last_ns=door.at_ns - 300 * NS_PER_S)
    assert state(door) == "shelved"
    door.wait(300)
    assert state(door) == "unacknowledged"
    door.order(TakeOutOfService(alarm_id=NODATA, by="x"))
    whole, late = new_engine(), new_engine()
    late.restore(saved)
    for record in door.records:
        whole.step(record)
        if record.seq > seq:
            late.step(record)
    assert digest_of(whole.picture()) == digest_of(late.picture()) == digest_of(door.picture())


def ruled(**fields: float) -> Door:
    door = Door(ONE)
    rule = replace(AlarmRule(id="try"), **fields)  # type: ignore[arg-type]
    door.begin(replace(ONE, alarming=replace(builtin(), rules=(*builtin().rules, rule))))
    return door


def test_a_trouble_is_an_alarm_only_when_it_lasts() -> None:
    door = ruled(on_delay_s=10)
    tables = door.engine.tables
    for _ in range(3):
        alarms.set_alarm(tables, "try", "a", Text(id="alarm.fault"))
        door.wait(8)
        alarms.set_alarm(tables, "try", "a", None)
    assert state(door, "try:a") is None
    since_ns = door.at_ns
    alarms.set_alarm(tables, "try", "a", Text(id="alarm.fault"))
    door.wait(9)
    assert state(door, "try:a") is None
    door.wait(1)
    assert (the(door, "try:a").began_ns, the(door, "try:a").raised_ns) == (since_ns, door.at_ns)


def test_a_trouble_is_over_only_when_it_is_gone_for_a_while() -> None:
    door = ruled(off_delay_s=10)
    tables = door.engine.tables
    for _ in range(3):
        alarms.set_alarm(tables, "try", "a", Text(id="alarm.fault"))
        door.wait(1)
        alarms.set_alarm(tables, "try", "a", None)
        door.wait(8)
    assert state(door, "try:a") == "unacknowledged"
    assert len(tables.raised) == 1, "one that chatters asks once"
    door.wait(2)
    assert state(door, "try:a") == "returned"


def test_a_value_must_come_back_by_the_deadband() -> None:
    door = ruled(deadband=5)
    tables = door.engine.tables
    seen = []
    for value in (19, 21, 19, 16, 15, 14, 19):
        is_bad = alarms.is_over(tables, "try", "a", value, 20)
        alarms.set_alarm(tables, "try", "a", Text(id="alarm.fault") if is_bad else None)
        seen.append(is_bad)
    assert seen == [False, True, True, True, False, False, False]
    assert [alarms.is_under(tables, "try", "b", value, 20) for value in (21, 19)] == [False, True]
    alarms.set_alarm(tables, "try", "b", Text(id="alarm.fault"))
    assert [alarms.is_under(tables, "try", "b", value, 20) for value in (24, 25)] == [True, False]


def test_the_time_left_decides_with_the_consequence() -> None:
    life = AlarmRule(id="x", consequence="life", respond_min=180)
    assert [life.priority(left_s) for left_s in (None, 3_601, 3_599)] == ["amber", "amber", "red"]
    assert AlarmRule(id="x", consequence="command", respond_min=29).priority() == "red"
    assert AlarmRule(id="x", consequence="service", respond_min=0).priority() == "amber"


def test_what_becomes_urgent_asks_again_and_what_stays_does_not() -> None:
    door = ruled()
    rule = AlarmRule(id="try", consequence="life", respond_min=180)
    door.begin(replace(ONE, alarming=replace(builtin(), rules=(rule,))))
    tables = door.engine.tables
    text = Text(id="alarm.fault")
    alarms.set_alarm(tables, "try", "a", text, left_s=7_200)
    door.order(AcknowledgeAlarm(alarm_id="try:a"))
    alarms.set_alarm(tables, "try", "a", text, left_s=5_000)
    assert state(door, "try:a") == "acknowledged"
    alarms.set_alarm(tables, "try", "a", text, left_s=3_000)
    assert (the(door, "try:a").state, the(door, "try:a").priority) == ("unacknowledged", "red")


def test_the_rate_counts_what_asked_a_person_in_ten_minutes_and_in_an_hour() -> None:
    door = ruled()
    door.wait(1)
    for number in range(4):
        alarms.raise_event(door.engine.tables, "try", str(number), Text(id="alarm.fault"))
    load = door.picture().alarm_load
    assert (load.last_10_min, load.last_hour, load.allowed) == (4, 4, 1)
    door.say("bd", HEARD)
    door.wait(601)
    assert door.picture().alarm_load.last_10_min <= 1
    door.wait(3_000)
    assert door.picture().alarm_load.last_hour <= 1


def test_teams_whose_time_was_over_while_this_console_was_off_are_one_alarm() -> None:
    teams = tuple(
        replace(VEHICLE.teams[0], id=f"t{n}", name=f"队{n}", means=(f"bd/{n}",), expected_s=100) for n in range(1, 8)
    )
    wanted = replace(VEHICLE, teams=teams)
    door = Door(wanted)
    door.ready_terminal()
    door.wait(30)
    off_ns = door.at_ns
    door.at_ns += 1500 * NS_PER_S
    door.begin(wanted, last_ns=off_ns)
    door.wait(1)
    raised_ns = door.at_ns
    assert [line for line in lines(door) if line.startswith("alarm.silence")] == ["alarm.silence_group"]
    for _ in range(200):
        door.say("bd", HEARD)
        door.wait(1)
    silent = [alarm for alarm in door.picture().alarms if alarm.rule.startswith("silence")]
    assert [alarm.id for alarm in silent] == ["silence_together:console"]
    assert silent[0].text.args["count"] == 7
    assert (silent[0].text.args["@cause"], silent[0].text.args["since_ns"]) == ("alarm.cause.dead_time", off_ns)
    assert silent[0].raised_ns == raised_ns, "said once"
    door.say("bd", sentence("BDTXR,1,0000001,2,,A4D3A6BCB1"))
    door.wait(1)
    assert next(a for a in door.picture().alarms if a.rule == "silence_together").text.args["count"] == 6
    door.wait(102)
    assert "silence:t1" in {alarm.id for alarm in door.picture().alarms}, "silent again is silent by itself"
