from __future__ import annotations

from dataclasses import replace

from console.orders import AcknowledgeAlarm, SilenceSound
from console.sound import Sounder
from tests.console.door import VEHICLE, Door, sentence

HEARD = sentence("BDTXR,1,4204986,2,,A4D3A6BCB1")


class Ear:
    def __init__(self) -> None:
        self.played: list[str] = []
        self.sounder = Sounder(self.played.append)
        self.door = Door(
            replace(VEHICLE, devices=VEHICLE.devices[1:2], cameras=(), teams=VEHICLE.teams[:1], bearers=())
        )
        self.door.ready_terminal()

    def wait(self, seconds: int) -> None:
        for _ in range(seconds):
            self.door.wait(1)
            self.sounder.hear(self.door.picture())


def test_a_new_alarm_sounds_at_once_and_again_until_acknowledged() -> None:
    ear = Ear()
    ear.wait(90)
    assert ear.played == []
    ear.wait(1)
    assert ear.played[:1] == ["amber"]
    ear.wait(31)
    assert len(ear.played) == 3
    for alarm in ear.door.picture().alarms:
        ear.door.order(AcknowledgeAlarm(alarm_id=alarm.id))
    ear.wait(60)
    assert len(ear.played) == 3


def test_a_red_alarm_sounds_red_even_beside_amber_ones() -> None:
    ear = Ear()
    ear.wait(902)
    assert ear.played[-1] == "red"


def test_a_silenced_console_is_silent_until_the_silence_ends() -> None:
    ear = Ear()
    ear.wait(91)
    ear.door.order(SilenceSound(for_s=120))
    before = len(ear.played)
    ear.wait(119)
    assert len(ear.played) == before
    ear.wait(17)
    assert len(ear.played) > before


def test_an_alarm_that_returned_by_itself_does_not_sound_on() -> None:
    ear = Ear()
    ear.wait(91)
    ear.door.say("bd", HEARD)
    count = len(ear.played)
    for _ in range(60):
        ear.door.say("bd", HEARD)
        ear.wait(1)
    assert len(ear.played) == count
