"""What every alarm rule is: data, read from ``resources/rules/alarms.toml`` and journalled with the configuration.

Pure values; which moment a rule holds is judged in ``console.rules``, how an alarm lives in ``console.rules.alarms``.

**Source:** priority by the consequence of doing nothing and the time that is left to act: ANSI/ISA-18.2 and
EEMUA 191, which also give the two delays and the deadband as means against chattering, and one alarm in ten minutes
as what one operator can well take in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from console.words import Priority

Consequence = Literal["life", "command", "service", "note"]
"""What happens if nobody acts: somebody may die; we can no longer lead; something does not work; nothing much."""
CONSEQUENCES: tuple[Consequence, ...] = get_args(Consequence)
_RED_BELOW_MIN: dict[Consequence, float] = {"life": 60.0, "command": 30.0, "service": 0.0, "note": 0.0}
"""Red where less time than this is left to act."""
ALLOWED_PER_10_MIN = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmRule:
    """One rule by its stable id, which is the first part of its alarms' ids.

    ``respond_min`` is the time left to act when it is raised, unless the one who raises it knows better.  The trouble
    must last ``on_delay_s`` before it is an alarm and be gone for ``off_delay_s`` before it is over; ``deadband`` is
    how far a value must come back over its limit (in the unit of the limit).  ``is_cutting``: what has this alarm gives
    nothing, so what hangs on it is not judged.  ``is_explained``: not raised where something it hangs on has failed.
    """

    id: str
    consequence: Consequence = "service"
    respond_min: float = 30.0
    on_delay_s: float = 0.0
    off_delay_s: float = 0.0
    deadband: float = 0.0
    is_spoken: bool = True
    is_shelvable: bool = True
    is_cutting: bool = False
    is_explained: bool = False

    def priority(self, left_s: float | None = None) -> Priority:
        """By consequence and the time left; ``left_s`` where it is known of this alarm."""
        left_min = self.respond_min if left_s is None else left_s / 60
        return "red" if left_min < _RED_BELOW_MIN[self.consequence] else "amber"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarming:
    """All rules, and how alarms are told.

    ``is_spoken``: whether anything is spoken at all; ``spoken_notices`` are the text ids of log lines that are spoken
    beside alarms.  ``operators`` share the alarms: so many in ten minutes are good for each.
    """

    rules: tuple[AlarmRule, ...] = ()
    is_spoken: bool = True
    spoken_notices: tuple[str, ...] = ()
    operators: int = 1
