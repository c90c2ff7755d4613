from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from console.configuration.model import DeviceConfiguration
from console.orders import AcknowledgeAlarm, SilenceSound, TestDevice, WriteNote
from console.picture import Gap
from console.records import Kind
from devices.driver import NS_PER_S
from tests.console.door import START_NS, VEHICLE, Door, sentence

SILENCE = "silence:fire"
HEARD = sentence("BDTXR,1,4204986,2,,A4D3A6BCB1")


def quiet_team() -> Door:
    door = Door()
    door.ready_terminal()
    door.say("bd", HEARD)
    door.wait(901)
    return door


def test_a_team_is_silent_only_after_its_own_time() -> None:
    door = Door()
    door.ready_terminal()
    door.say("bd", HEARD)
    door.wait(900)
    assert door.alarm(SILENCE) is None
    door.wait(1)
    alarm = door.alarm(SILENCE)
    assert alarm is not None
    assert alarm.state == "unacknowledged"
    assert alarm.raised_ns == door.at_ns


def test_a_team_never_heard_is_silent_from_when_it_was_named() -> None:
    door = Door()
    door.wait(901)
    alarm = door.alarm(SILENCE)
    assert alarm is not None
    assert alarm.text.id in {"alarm.silence_never", "alarm.silence_cause"}


def test_an_acknowledged_alarm_that_returns_to_normal_is_gone() -> None:
    door = quiet_team()
    door.order(AcknowledgeAlarm(alarm_id=SILENCE))
    assert door.alarm(SILENCE).state == "acknowledged"  # type: ignore[union-attr]
    door.say("bd", HEARD)
    door.wait(1)
    assert door.alarm(SILENCE) is None


def test_an_unseen_alarm_that_returns_waits_for_a_person() -> None:
    door = quiet_team()
    door.say("bd", HEARD)
    door.wait(1)
    alarm = door.alarm(SILENCE)
    assert alarm is not None
    assert alarm.state == "returned"
    assert alarm.returned_ns == door.at_ns
    door.order(AcknowledgeAlarm(alarm_id=SILENCE))
    assert door.alarm(SILENCE) is None


def test_the_same_trouble_again_is_unacknowledged_again() -> None:
    door = quiet_team()
    door.say("bd", HEARD)
    door.wait(902)
    alarm = door.alarm(SILENCE)
    assert alarm is not None
    assert (alarm.state, alarm.raised_ns) == ("unacknowledged", door.at_ns - NS_PER_S)


def test_acknowledging_twice_or_a_stranger_changes_nothing() -> None:
    door = quiet_team()
    door.order(AcknowledgeAlarm(alarm_id=SILENCE))
    first = door.alarm(SILENCE)
    door.wait(5)
    door.order(AcknowledgeAlarm(alarm_id=SILENCE))
    door.order(AcknowledgeAlarm(alarm_id="silence:nobody"))
    assert door.alarm(SILENCE) == first


def test_a_device_that_says_nothing_is_an_alarm_and_speech_ends_it() -> None:
    door = Door()
    door.ready_terminal()
    door.wait(90)
    assert door.alarm("nodata:bd") is None
    door.wait(1)
    assert door.alarm("nodata:bd").text.id == "alarm.nodata"  # type: ignore[union-attr]
    door.say("bd", HEARD)
    door.wait(1)
    assert door.alarm("nodata:bd").state == "unacknowledged", "off-delay"  # type: ignore[union-attr]
    door.wait(2)
    assert door.alarm("nodata:bd").state == "returned"  # type: ignore[union-attr]


def test_a_closed_wire_is_an_alarm_with_the_wires_own_reason() -> None:
    door = Door()
    door.ready_terminal()
    door.wait(6)
    door.down("bd", "missing")
    door.wait(1)
    alarm = door.alarm("nodata:bd")
    assert alarm is not None
    assert alarm.text.id == "alarm.wire_down"
    assert alarm.text.args["@reason"] == "wire.reason.missing"


def test_octets_that_nobody_understands_are_named_as_such() -> None:
    door = Door()
    door.up("gnss")
    for _ in range(61):
        door.say("gnss", b"\xff\x00\x13garbage")
        door.wait(1)
    assert door.alarm("nodata:gnss").text.id == "alarm.not_understood"  # type: ignore[union-attr]
    assert door.picture().devices[0].last_understood_ns is None


def test_a_silent_team_whose_only_terminal_is_dead_names_the_cause() -> None:
    door = Door()
    door.ready_terminal()
    door.down("bd")
    door.wait(901)
    alarm = door.alarm(SILENCE)
    assert alarm is not None
    assert alarm.text.id == "alarm.silence_cause"
    assert alarm.text.args["device"] == "北斗指挥机"


def test_a_frozen_picture_is_an_alarm_and_a_live_one_is_not() -> None:
    door = Door()
    door.put(Kind.CAMERA, "cam", {"state": "live", "is_connected": True, "packet_age_ns": 0})
    door.wait(5)
    assert door.alarm("picture:cam") is None
    door.put(Kind.CAMERA, "cam", {"state": "stalled", "is_connected": True, "packet_age_ns": 2_000_000_000})
    door.wait(2)
    assert door.alarm("picture:cam") is not None
    camera = door.picture().cameras[0]
    assert camera.last_packet_ns == START_NS + 3 * NS_PER_S
    assert camera.is_connected


def test_a_camera_that_is_tried_again_and_again_stays_an_alarm_from_its_last_packet_on() -> None:
    door = Door()
    door.put(Kind.CAMERA, "cam", {"state": "live", "is_connected": True, "packet_age_ns": 0})
    door.wait(1)
    for state in ("stalled", "connecting", "down", "connecting", "down"):
        door.put(Kind.CAMERA, "cam", {"state": state, "is_connected": False})
        door.wait(1)
    alarm = door.alarm("picture:cam")
    assert alarm is not None
    assert alarm.raised_ns == START_NS + 2 * NS_PER_S
    assert alarm.state == "unacknowledged"


def test_an_unwritable_journal_is_an_alarm_and_its_loss_a_gap() -> None:
    door = Door()
    door.put(Kind.JOURNAL, "console", {"state": "unrecorded", "reason": "full", "detail": "disk full"})
    assert not door.picture().journal.is_recorded
    assert door.alarm("journal:console") is not None
    lost_from_ns = door.at_ns
    door.wait(5)
    door.put(Kind.JOURNAL, "console", {"state": "recorded", "lost": 17, "from_ns": lost_from_ns})
    picture = door.picture()
    assert picture.journal.is_recorded
    assert picture.journal.lost == 17
    assert picture.gaps == (Gap(from_ns=lost_from_ns, to_ns=door.at_ns, lost=17),)
    assert door.alarm("journal:console").state == "returned"  # type: ignore[union-attr]


def test_a_restart_keeps_alarms_and_draws_the_dead_time_as_a_gap() -> None:
    door = quiet_team()
    door.order(AcknowledgeAlarm(alarm_id=SILENCE))
    heard_ns = door.picture().teams[0].last_heard_ns
    last_ns = door.at_ns
    door.at_ns += 3600 * NS_PER_S
    door.begin(VEHICLE, last_ns=last_ns)
    door.wait(1)
    picture = door.picture()
    assert picture.gaps == (Gap(from_ns=last_ns, to_ns=last_ns + 3600 * NS_PER_S, lost=None),)
    assert picture.teams[0].last_heard_ns == heard_ns
    assert door.alarm(SILENCE).state == "acknowledged"  # type: ignore[union-attr]
    assert picture.devices[1].state == "connecting"
    assert picture.bearers[1].state == "unknown"


def test_a_restart_does_not_accuse_devices_before_they_had_time_to_speak() -> None:
    door = Door()
    door.ready_terminal()
    door.at_ns += 3600 * NS_PER_S
    door.begin(VEHICLE, last_ns=START_NS)
    door.wait(30)
    assert door.alarm("nodata:bd") is None


def test_silence_of_the_sound_ends_by_itself_and_changes_no_alarm() -> None:
    door = quiet_team()
    door.order(SilenceSound(for_s=60))
    assert door.picture().sound_silenced_until_ns == door.at_ns + 60 * NS_PER_S
    assert door.alarm(SILENCE).state == "unacknowledged"  # type: ignore[union-attr]
    door.wait(60)
    assert door.picture().sound_silenced_until_ns is None


@pytest.mark.parametrize(
    ("octets", "verdict"),
    [(HEARD * 3, "verdict.good"), (b"", "verdict.silent"), (b"\xff\x00\x13garbage\n", "verdict.not_understood")],
)
def test_a_test_of_a_device_ends_in_a_plain_verdict(octets: bytes, verdict: str) -> None:
    door = Door()
    door.up("bd")
    door.order(TestDevice(device_id="bd"))
    assert door.picture().devices[1].verdict.text.id == "verdict.running"  # type: ignore[union-attr]
    if octets:
        door.say("bd", octets)
    door.wait(8)
    found = door.picture().devices[1].verdict
    assert found is not None
    assert (found.text.id, found.is_good) == (verdict, verdict == "verdict.good")


def test_a_back_entry_keeps_when_it_happened_and_renews_nothing() -> None:
    door = Door()
    door.order(WriteNote(text="电话报平安", by="通信班", happened_ns=START_NS - 60 * NS_PER_S, team_id="fire"))
    notice = door.picture().notices[-1]
    assert (notice.happened_ns, notice.at_ns) == (START_NS - 60 * NS_PER_S, START_NS)
    assert notice.text.id == "notice.back_entry"
    assert door.picture().teams[0].last_heard_ns is None
    door.order(WriteNote(text="电话报平安", by="通信班", team_id="fire"))
    assert door.picture().teams[0].last_heard_ns == START_NS


def test_a_fault_of_ours_is_told_counted_and_the_rest_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    door = Door()
    door.up("gnss")
    driver = door.engine._fleet._drivers["gnss"][""]
    monkeypatch.setattr(type(driver), "receive", lambda *_: 1 / 0)
    (fault,) = door.say("gnss", b"$")
    assert "ZeroDivisionError" in msgspec.to_builtins(fault)["traceback"]
    monkeypatch.undo()
    door.put(Kind.FAULT, "gnss", {"where": "gnss", "traceback": "..."})
    assert door.picture().faults == 1
    assert door.alarm("fault:gnss") is not None
    door.say("gnss", sentence("GNGGA,063846.00,3423.7000,N,11344.4000,E,1,12,1.0,100,M,0,M,,"))
    assert door.picture().devices[0].understood == 1


def test_a_call_for_help_waits_for_a_person_and_a_second_one_waits_again() -> None:
    gateway = DeviceConfiguration(id="gw", name="370M 网关", driver="radio_gateway", wire="tcp:127.0.0.1:1")
    door = Door(replace(VEHICLE, devices=(gateway,), cameras=(), bearers=(), teams=()))
    door.up("gw")
    cry = b'{"type":"emergency","id":"3107","kind":"button"}\n'
    door.say("gw", cry)
    (alarm,) = [a for a in door.picture().alarms if a.rule == "emergency"]
    assert (alarm.state, alarm.priority) == ("unacknowledged", "red")
    door.order(AcknowledgeAlarm(alarm_id=alarm.id))
    assert not [a for a in door.picture().alarms if a.rule == "emergency"]
    door.wait(60)
    door.say("gw", cry.replace(b"button", b"man-down"))
    assert [a.state for a in door.picture().alarms if a.rule == "emergency"] == ["unacknowledged"]
