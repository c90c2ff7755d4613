"""The clock of the strip: its words, and whether pictures still come."""

from __future__ import annotations

from collections.abc import Callable

from console.picture import ClockHealth, Picture
from console.queries import AlarmStrip
from console.views.speech import NS_PER_S, Speech
from console.views.widgets.strip import Pulse

STALLED_AFTER_NS = 2_500_000_000
_SOURCE_OLD_NS = 120 * NS_PER_S


class Heartbeat:
    """Counts the pictures that came, by a clock of its own that never jumps (``monotonic_ns``)."""

    def __init__(self, monotonic_ns: Callable[[], int]) -> None:
        self._monotonic_ns = monotonic_ns
        self._last_ns = monotonic_ns()
        self._at_ns: int | None = None
        self.beat = 0

    def came(self, at_ns: int) -> None:
        """A picture of this console time came; only one of another second moves the mark."""
        if self._at_ns is None or at_ns // NS_PER_S != self._at_ns // NS_PER_S:
            self.beat += 1
        if at_ns != self._at_ns:
            self._last_ns = self._monotonic_ns()
        self._at_ns = at_ns

    @property
    def has_begun(self) -> bool:
        """Whether any picture came yet."""
        return self._at_ns is not None

    def silent_ns(self) -> int:
        """How long no new picture came."""
        return max(0, self._monotonic_ns() - self._last_ns)

    @property
    def is_stalled(self) -> bool:
        """Whether the console stands still."""
        return self.silent_ns() > STALLED_AFTER_NS


def live_pulse(picture: Picture | None, heartbeat: Heartbeat, speech: Speech, now_ns: int) -> Pulse:
    """The clock of the live incident; standing still it shows the last picture's time, never a running one."""
    if picture is None or not heartbeat.has_begun:
        is_late = heartbeat.is_stalled
        return Pulse(
            clock="--:--:--", below=speech.say("shell.clock.waiting"), is_stalled=is_late, is_doubtful=False, beat=0
        )
    if heartbeat.is_stalled:
        below = speech.say("shell.clock.stalled", age=speech.age(heartbeat.silent_ns()))
        return Pulse(
            clock=speech.clock(picture.at_ns),
            below=below,
            is_stalled=True,
            is_doubtful=True,
            beat=heartbeat.beat,
            date=speech.date(picture.at_ns),
            short_date=speech.short_date(picture.at_ns),
        )
    said, is_doubtful = source_words(picture, speech, now_ns)
    return Pulse(
        clock=speech.clock(now_ns),
        below=said,
        is_stalled=False,
        is_doubtful=is_doubtful,
        beat=heartbeat.beat,
        date=speech.date(now_ns),
        short_date=speech.short_date(now_ns),
    )


def replay_pulse(
    strip: AlarmStrip | None, heartbeat: Heartbeat, speech: Speech, now_ns: int, *, has_live: bool = True
) -> Pulse:
    """While replaying: the replayed moment large, the live clock below it; without a live incident nothing stalls."""
    is_stalled = has_live and heartbeat.is_stalled
    if is_stalled:
        below = speech.say("shell.clock.stalled", age=speech.age(heartbeat.silent_ns()))
    else:
        below = speech.say("shell.replay.live", clock=speech.clock(strip.at_ns)) if strip else ""
    return Pulse(
        clock=speech.clock(now_ns),
        below=below,
        is_stalled=is_stalled,
        is_doubtful=False,
        beat=heartbeat.beat,
        date=speech.date(now_ns),
        short_date=speech.short_date(now_ns),
        is_replayed=True,
    )


def source_words(picture: Picture, speech: Speech, now_ns: int) -> tuple[str, bool]:
    """Where the time comes from, and whether it is in doubt."""
    clock: ClockHealth = picture.clock
    names = {device.id: device.name for device in picture.devices}
    name = names.get(clock.device_id or "", clock.device_id or "")
    if clock.offset_ns is None or clock.judged_ns is None or not name:
        return speech.say("shell.clock.doubtful_alone" if clock.is_doubtful else "shell.clock.own"), clock.is_doubtful
    said = speech.offset(clock.offset_ns)
    if clock.is_doubtful:
        return speech.say("shell.clock.doubtful", name=name, offset=said), True
    age_ns = now_ns - clock.judged_ns
    if age_ns > _SOURCE_OLD_NS:
        return speech.say("shell.clock.old", name=name, at=speech.minute(clock.judged_ns, now_ns)), True
    return speech.say("shell.clock.source", name=name, offset=said, age=speech.age(age_ns)), False
