"""Alarms said aloud: changes, never states; nothing that is no longer true; nothing while silenced.

Driven by the live incident's pictures in the engine's thread, as the alarm sound is, so a replay is never spoken.
Speech is made by a program of this machine (espeak-ng, else speech-dispatcher); without one nothing is spoken.

**Source:** what users of other consoles complain of: speech that goes on after the fault is gone (QGroundControl issue
4223), phrases without end (1353, 8232).
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from console.alarm_rules import Alarming
from console.i18n import Language
from console.picture import Alarm, Notice, Picture, Text
from devices.driver import NS_PER_S

PAUSE_NS = 3 * NS_PER_S
"""Between two phrases."""
AGAIN_NS = 60 * NS_PER_S
"""The same alarm is not said again sooner, however often it comes and goes."""
FRESH_NS = 30 * NS_PER_S
"""What happened longer ago is no change any more: a restart says nothing of what it found."""
MOST = 3
"""When more wait, the most urgent is said, and how many more there are."""
LONGEST = 300


class Voice(Protocol):
    """Makes speech; nothing waits for it."""

    @property
    def is_speaking(self) -> bool:
        """Whether it is in the middle of a phrase."""

    def say(self, words: str, language: Language) -> None:
        """Begin this phrase."""

    def stop(self) -> None:
        """Be silent at once."""


class Tongue(Protocol):
    """How the operator reads: the language in force, and a text in it."""

    language: Language

    def tell(self, text: Text | None) -> str:
        """The text in words."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Something to be said.  ``key`` is what it is of: an alarm's id, or ``notice``."""

    kind: str
    key: str
    at_ns: int
    text: Text
    is_red: bool = False
    number: int = 0
    """Of a line of the log."""


class Speaker:
    """Decides from pictures what to say and when; ``tongue`` is asked for each phrase, when it is said."""

    def __init__(self, voice: Voice, alarming: Alarming, tongue: Callable[[], Tongue]) -> None:
        self._voice = voice
        self._alarming = alarming
        self._tongue = tongue
        self._known: dict[str, tuple[str, int]] = {}
        self._notice_number: int | None = None
        self._waiting: list[Phrase] = []
        self._said_ns: dict[str, int] = {}
        self._saying: Phrase | None = None
        self._quiet_ns: int | None = None

    def hear(self, picture: Picture) -> None:
        """Take the newest live picture in."""
        changes = self._changes(picture)
        if picture.sound_silenced_until_ns is not None or not self._alarming.is_spoken:
            self._waiting = []
            self._stop()
            return
        self._waiting = [one for one in (*self._waiting, *changes) if _is_true(one, picture)]
        if self._voice.is_speaking:
            if self._saying is not None and not _is_true(self._saying, picture):
                self._stop()
            return
        if self._saying is not None:
            self._saying, self._quiet_ns = None, picture.at_ns
        is_pause = self._quiet_ns is not None and picture.at_ns - self._quiet_ns < PAUSE_NS
        if self._waiting and not is_pause:
            self._speak(picture.at_ns)

    def _changes(self, picture: Picture) -> list[Phrase]:
        """What began to ask for a person, what is over of it, and lines of the log that are said."""
        found = [phrase for alarm in picture.alarms if (phrase := self._of_alarm(alarm, picture.at_ns)) is not None]
        self._known = {alarm.id: (alarm.state, alarm.raised_ns) for alarm in picture.alarms}
        last = self._notice_number
        spoken = self._alarming.spoken_notices
        new = [one for one in picture.notices if last is not None and one.number > last and one.text.id in spoken]
        found += [_of_notice(notice) for notice in new]
        self._notice_number = picture.notices[-1].number if picture.notices else last or 0
        return found

    def _of_alarm(self, alarm: Alarm, now_ns: int) -> Phrase | None:
        state, raised_ns = self._known.get(alarm.id, ("", 0))
        if not alarm.is_spoken or now_ns - self._said_ns.get(alarm.id, now_ns - AGAIN_NS) < AGAIN_NS:
            return None
        is_red = alarm.priority == "red"
        if alarm.state == "unacknowledged" and (state, raised_ns) != (alarm.state, alarm.raised_ns):
            is_fresh = now_ns - alarm.raised_ns < FRESH_NS
            return Phrase("alarm", alarm.id, alarm.raised_ns, alarm.text, is_red) if is_fresh else None
        if alarm.state == "returned" and state == "unacknowledged" and alarm.id in self._said_ns:
            text = Text(id="alarm.over", args={"@alarm": alarm.text.id, **alarm.text.args})
            return Phrase("over", alarm.id, alarm.returned_ns or now_ns, text)
        return None

    def _speak(self, now_ns: int) -> None:
        tongue = self._tongue()
        self._waiting.sort(key=lambda one: (not one.is_red, one.kind == "over", one.at_ns))
        phrase = self._waiting.pop(0)
        words = tongue.tell(phrase.text)
        if len(self._waiting) >= MOST:
            words = tongue.tell(Text(id="spoken.more", args={"words": words, "count": len(self._waiting)}))
            for one in self._waiting:
                self._said_ns[one.key] = now_ns
            self._waiting = []
        self._said_ns[phrase.key] = now_ns
        self._said_ns = {key: at_ns for key, at_ns in self._said_ns.items() if now_ns - at_ns < 10 * AGAIN_NS}
        self._saying = phrase
        self._voice.say(_readable(words), tongue.language)

    def _stop(self) -> None:
        if self._saying is not None:
            self._voice.stop()
            self._saying = None


def _of_notice(notice: Notice) -> Phrase:
    return Phrase("notice", f"notice {notice.text.id}", notice.at_ns, notice.text, number=notice.number)


def _is_true(phrase: Phrase, picture: Picture) -> bool:
    """Whether it may still be said: the alarm asks as it did, it is still over, the line is the latest of its kind."""
    if phrase.kind == "notice":
        same = [n for n in picture.notices if n.text.id == phrase.text.id]
        is_last = not same or same[-1].number <= phrase.number
        return is_last and picture.at_ns - phrase.at_ns < FRESH_NS
    alarm = next((one for one in picture.alarms if one.id == phrase.key), None)
    if alarm is None:
        return False
    if phrase.kind == "over":
        return alarm.state == "returned"
    return alarm.state == "unacknowledged" and alarm.raised_ns == phrase.at_ns


def _readable(words: str) -> str:
    """One line of bounded length, its separators read as pauses."""
    return " ".join(words.replace("·", ",").replace("/", " ").split())[:LONGEST]


# ---- programs

_ESPEAK_VOICES: dict[Language, str] = {"zh": "cmn", "en": "en"}


class Espeak:
    """espeak-ng; ``more`` are further arguments (``-w FILE`` writes a sound file)."""

    def __init__(self, path: str, more: tuple[str, ...] = ()) -> None:
        self._path = path
        self._more = more
        self._running: subprocess.Popen[bytes] | None = None

    @property
    def is_speaking(self) -> bool:
        """Whether the program still runs."""
        return self._running is not None and self._running.poll() is None

    def say(self, words: str, language: Language) -> None:
        """Begin; the words go through a pipe, so they are never taken for an option."""
        self.stop()
        argv = (self._path, "-v", _ESPEAK_VOICES[language], "-s", "165", *self._more, "--stdin")
        self._running = _started(argv, words)

    def stop(self) -> None:
        """Kill the phrase."""
        if self._running is not None and self._running.poll() is None:
            self._running.kill()
        if self._running is not None:
            self._running.wait()
            self._running = None


class SpeechDispatcher(Espeak):
    """spd-say: the voice is the one this machine's user chose; a phrase is taken back by asking its server."""

    _taking_back: subprocess.Popen[bytes] | None = None

    def say(self, words: str, language: Language) -> None:
        """Begin.  A phrase never begins with a dash, and what follows ``--`` is no option."""
        self.stop()
        self._running = _started((self._path, "--wait", "--language", language, "--", words), "")

    def stop(self) -> None:
        """Kill what waits for the phrase, and have the server be silent."""
        was_speaking = self.is_speaking
        super().stop()
        if self._taking_back is not None:
            self._taking_back.wait()
            self._taking_back = None
        if was_speaking:
            self._taking_back = _started((self._path, "--cancel"), "")


def _started(argv: tuple[str, ...], words: str) -> subprocess.Popen[bytes] | None:
    try:
        program = subprocess.Popen(  # noqa: S603 - a program found on the path, words by pipe or behind "--"
            argv, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
    except OSError:
        return None
    if program.stdin is not None:
        with contextlib.suppress(OSError):
            program.stdin.write(words.encode() + b"\n")
            program.stdin.close()
    return program


def find_voice() -> Voice | None:
    """A voice of this machine, ``None`` where there is none."""
    path = shutil.which("espeak-ng")
    if path is not None:
        return Espeak(path)
    path = shutil.which("spd-say")
    return SpeechDispatcher(path) if path is not None else None
