"""The alarm sound: at once when a new alarm comes, again while nobody acknowledges, silent when silenced.

Driven by the live incident's pictures in the engine's thread, so it sounds also while the window shows a replay.
The sound files are played by whatever player the system has; without one the console says so.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from console.picture import Picture, Priority
from devices.driver import NS_PER_S

REPEAT_NS = 15 * NS_PER_S
PAUSE_NS = 2 * NS_PER_S
_FOLDER = Path(__file__).resolve().parent.parent / "resources" / "sounds"
_PLAYERS = (("pw-play",), ("paplay",), ("aplay", "-q"), ("play", "-q"))

Play = Callable[[Priority], None]


class Sounder:
    """Decides from pictures when to sound; ``play`` makes the noise and must not wait."""

    def __init__(self, play: Play) -> None:
        self._play = play
        self._heard: set[tuple[str, int]] = set()
        self._last_ns: int | None = None

    def hear(self, picture: Picture) -> None:
        """Take the newest live picture in."""
        waiting = [alarm for alarm in picture.alarms if alarm.state == "unacknowledged"]
        known = {(alarm.id, alarm.raised_ns) for alarm in waiting}
        is_new = bool(known - self._heard)
        if not waiting or picture.sound_silenced_until_ns is not None:
            self._heard = known
            return
        since_ns = None if self._last_ns is None else picture.at_ns - self._last_ns
        is_due = since_ns is None or since_ns >= (PAUSE_NS if is_new else REPEAT_NS)
        if is_due:
            self._heard = known
            self._last_ns = picture.at_ns
            self._play("red" if any(alarm.priority == "red" for alarm in waiting) else "amber")


def find_player() -> Play | None:
    """A player of this system, ``None`` where there is none."""
    if os.name == "nt":
        return _play_on_windows
    for name, *options in _PLAYERS:
        path = shutil.which(name)
        if path is not None:
            return _Program((path, *options)).play
    return None


class _Program:
    """Plays by a program; never two at once."""

    def __init__(self, words: tuple[str, ...]) -> None:
        self._words = words
        self._running: subprocess.Popen[bytes] | None = None

    def play(self, priority: Priority) -> None:
        """Start the sound, unless one is sounding."""
        if self._running is not None and self._running.poll() is None:
            return
        try:
            self._running = subprocess.Popen(  # noqa: S603 - a player found on the path and our own file
                (*self._words, str(_FOLDER / f"{priority}.wav")),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        except OSError:
            self._running = None


def _play_on_windows(priority: Priority) -> None:
    import winsound  # noqa: PLC0415 - exists on Windows only

    flags = winsound.SND_FILENAME | winsound.SND_ASYNC  # type: ignore[attr-defined,unused-ignore]
    winsound.PlaySound(str(_FOLDER / f"{priority}.wav"), flags)  # type: ignore[attr-defined,unused-ignore]
