"""What is said aloud, and what no longer is."""

from __future__ import annotations

import wave
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from console.alarm_rules import AlarmRule
from console.configuration.alarming import builtin
from console.i18n import Language, translate
from console.orders import AcknowledgeAlarm, SilenceSound
from console.picture import Text
from console.rules import alarms
from console.spoken import Espeak, Speaker, SpeechDispatcher, find_voice
from console.views.speech import Speech
from tests.console.door import VEHICLE, Door
from tests.crash.rig import wait_for
from tests.peers import need

BARE = replace(VEHICLE, devices=(), cameras=(), teams=(), bearers=(), contacts=())
FAULT = "alarm.fault"
RULES = (
    AlarmRule(id="low"),
    AlarmRule(id="high", consequence="life"),
    AlarmRule(id="mute", is_spoken=False),
)


@dataclass
class Mouth:
    """A voice whose phrases last as long as the test says."""

    said: list[str] = field(default_factory=list)
    is_speaking: bool = False
    stopped: int = 0

    def say(self, words: str, language: Language) -> None:
        self.said.append(f"{language} {words}")
        self.is_speaking = True

    def stop(self) -> None:
        self.is_speaking = False
        self.stopped += 1


class Ear:
    def __init__(self) -> None:
        self.mouth = Mouth()
        self.alarming = replace(builtin(), rules=RULES)
        self.door = Door(replace(BARE, alarming=self.alarming))
        self.speech = Speech("zh")
        self.speaker = Speaker(self.mouth, self.alarming, lambda: self.speech)
        self.wait(1)

    def wait(self, seconds: int, *, is_speaking: bool = False) -> None:
        for _ in range(seconds):
            self.mouth.is_speaking = is_speaking and self.mouth.is_speaking
            self.door.wait(1)
            self.speaker.hear(self.door.picture())

    def raised(self, rule: str, subject: str) -> None:
        text = Text(id=FAULT, args={"where": subject})
        alarms.set_alarm(self.door.engine.tables, rule, subject, text)

    def over(self, rule: str, subject: str) -> None:
        alarms.set_alarm(self.door.engine.tables, rule, subject, None)

    @property
    def said(self) -> list[str]:
        return self.mouth.said


def words(subject: str, language: Language = "zh") -> str:
    return f"{language} {translate(language, FAULT, {'where': subject})}"


def test_a_new_alarm_is_said_once_in_the_operators_language_and_not_every_second() -> None:
    ear = Ear()
    ear.raised("low", "甲")
    ear.wait(120)
    assert ear.said == [words("甲")]
    ear.speech.toggle()
    ear.raised("low", "乙")
    ear.wait(5)
    assert ear.said[1:] == [words("乙", "en")]


def test_the_urgent_comes_first_and_two_phrases_are_apart() -> None:
    ear = Ear()
    ear.raised("low", "甲")
    ear.raised("high", "乙")
    ear.wait(1)
    assert ear.said == [words("乙")]
    ear.wait(3)
    assert len(ear.said) == 1, "a pause"
    ear.wait(2)
    assert ear.said == [words("乙"), words("甲")]


def test_what_is_no_longer_true_is_dropped_before_it_is_said() -> None:
    ear = Ear()
    for subject in ("甲", "乙", "丙"):
        ear.raised("low", subject)
    ear.wait(1)
    ear.over("low", "乙")
    ear.door.order(AcknowledgeAlarm(alarm_id="low:丙"))
    ear.wait(30)
    assert ear.said == [words("甲")]


def test_a_phrase_that_becomes_untrue_is_broken_off() -> None:
    ear = Ear()
    ear.raised("low", "甲")
    ear.wait(1)
    ear.wait(1, is_speaking=True)
    assert ear.mouth.stopped == 0
    ear.door.order(AcknowledgeAlarm(alarm_id="low:甲"))
    ear.wait(1, is_speaking=True)
    assert ear.mouth.stopped == 1


def test_what_came_and_went_is_said_to_be_over_once_if_it_was_said() -> None:
    ear = Ear()
    ear.raised("low", "甲")
    ear.wait(70)
    ear.over("low", "甲")
    ear.wait(10)
    said = f"zh {translate('zh', 'alarm.over', {'@alarm': FAULT, 'where': '甲'})}"
    assert ear.said == [words("甲"), said]


def test_one_that_chatters_is_not_said_each_time() -> None:
    ear = Ear()
    for _ in range(20):
        ear.raised("low", "甲")
        ear.wait(1)
        ear.over("low", "甲")
        ear.wait(1)
    assert ear.said == [words("甲")]


def test_many_at_once_are_one_phrase_and_a_number() -> None:
    ear = Ear()
    for number in range(12):
        ear.raised("low", f"{number:02}")
    ear.wait(60)
    first = translate("zh", FAULT, {"where": "00"})
    assert ear.said == [f"zh {translate('zh', 'spoken.more', {'words': first, 'count': 11})}"]


def test_silence_breaks_off_and_nothing_is_made_up_for_afterwards() -> None:
    ear = Ear()
    ear.raised("low", "甲")
    ear.wait(1)
    ear.wait(1, is_speaking=True)
    ear.door.order(SilenceSound(for_s=60))
    ear.wait(1, is_speaking=True)
    assert ear.mouth.stopped == 1
    ear.raised("high", "乙")
    ear.wait(90)
    assert ear.said == [words("甲")]


def test_rules_that_are_not_spoken_and_files_that_want_no_speech_are_silent() -> None:
    ear = Ear()
    ear.raised("mute", "甲")
    ear.wait(5)
    quiet = Speaker(ear.mouth, replace(ear.alarming, is_spoken=False), lambda: ear.speech)
    ear.raised("low", "乙")
    quiet.hear(ear.door.picture())
    assert ear.said == []


def test_a_console_that_begins_says_nothing_of_what_it_finds() -> None:
    ear = Ear()
    ear.raised("low", "甲")
    ear.door.wait(60)
    late = Speaker(ear.mouth, ear.alarming, lambda: ear.speech)
    late.hear(ear.door.picture())
    assert ear.said == []


def test_a_change_of_bearer_is_said_once_and_only_the_last_one() -> None:
    ear = Ear()
    tables = ear.door.engine.tables
    for name in ("光纤", "卫星"):
        tables.note("bearer", name, "switch.taken", {"by": "指挥", "bearer": name})
    ear.wait(30)
    assert ear.said == [f"zh {translate('zh', 'switch.taken', {'by': '指挥', 'bearer': '卫星'})}"]


# ---- real programs


@pytest.mark.peer
@pytest.mark.parametrize(("language", "text"), [("zh", "车载交换机无应答"), ("en", "-v the switch does not answer")])
def test_espeak_speaks_both_languages(language: Language, text: str, tmp_path: Path) -> None:
    path = need("espeak-ng")
    file = tmp_path / "said.wav"
    voice = Espeak(path, ("-w", str(file)))
    voice.say(text, language)
    wait_for(lambda: not voice.is_speaking, "the phrase ends")
    with wave.open(str(file)) as sound:
        assert sound.getnframes() / sound.getframerate() > 0.8
    voice.stop()


def test_espeak_is_silent_at_once_when_it_is_stopped(tmp_path: Path) -> None:
    script = tmp_path / "slow"
    script.write_text("#!/bin/sh\ncat >/dev/null\nexec sleep 60\n")
    script.chmod(0o700)
    voice = Espeak(str(script))
    voice.say("甲", "zh")
    assert voice.is_speaking
    voice.stop()
    assert not voice.is_speaking


def test_speech_dispatcher_is_asked_to_speak_and_to_be_silent(tmp_path: Path) -> None:
    script, told = tmp_path / "spd-say", tmp_path / "told"
    script.write_text(f'#!/bin/sh\nprintf "%s|" "$@" >>{told}\necho >>{told}\n[ "$1" = --cancel ] || exec sleep 60\n')
    script.chmod(0o700)
    voice = SpeechDispatcher(str(script))
    voice.say("-x 断", "zh")
    wait_for(lambda: told.exists() and told.read_text().endswith("\n"), "it was asked")
    assert voice.is_speaking
    voice.stop()
    wait_for(lambda: "--cancel" in told.read_text(), "it is taken back")
    voice.stop()
    assert told.read_text().splitlines()[0] == "--wait|--language|zh|--|-x 断|"


def test_a_machine_without_a_voice_is_silent(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_voice() is None
    gone = Espeak(str(tmp_path / "gone"))
    gone.say("甲", "zh")
    assert not gone.is_speaking
