"""Whose alarms cannot sound now: not judged, on the shelf, out of service.  There silence is no sign of health."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from console.picture import Alarm, Picture
from console.views.speech import Speech

Unwatched = Literal["suppressed", "out_of_service", "shelved"]
_WORST_FIRST: tuple[Unwatched, ...] = ("suppressed", "out_of_service", "shelved")


class _Kept:
    """What was found in the alarms looked at last: tiles ask with every frame, alarms change once in a while."""

    alarms: Sequence[Alarm] = ()
    found: Mapping[str, Unwatched] = {}


def unwatched(picture: Picture | None) -> Mapping[str, Unwatched]:
    """By the id of who it is about, why an alarm of his is not heard; of several the one nobody chose first."""
    alarms = picture.alarms if picture is not None else ()
    if alarms is not _Kept.alarms:
        found: dict[str, Unwatched] = {}
        for state in reversed(_WORST_FIRST):
            found |= {alarm.subject_id: state for alarm in alarms if alarm.state == state}
        _Kept.alarms, _Kept.found = alarms, found
    return _Kept.found


def unwatched_word(why: Unwatched | None, speech: Speech) -> str:
    """In a word; empty where its alarms are heard."""
    return "" if why is None else speech.say(f"word.unwatched.{why}")
