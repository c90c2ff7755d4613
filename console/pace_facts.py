"""Which bearer carries the rear's traffic, why, and what may change it.  Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from console.words import Text

Way = Literal["start", "automatic", "operator"]
"""``start``: the first that could be used; nothing was changed."""
Execution = Literal["none", "asked", "done", "failed", "unknown", "replaced"]
"""``none``: this console changes no route.  ``unknown``: asked before a restart, and the outcome was not seen.
``replaced``: it was done, and the route in force now is another, or gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Somebody who was told of the change: by a text with ``message_id``, or in person (``None``)."""

    name: str
    at_ns: int
    message_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """A bearer of a higher rung than the one that carries, good without a break since ``since_ns``.

    It takes over at ``returns_ns`` if it stays so; ``None``: something else forbids that (a hold).
    """

    bearer_id: str
    since_ns: int
    returns_ns: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Primary, alternate, contingency, emergency: where we are.

    ``carrier_id`` carries since ``since_ns`` (``None``: none was ever taken).  ``number`` counts the changes.
    ``proposed_id`` waits for a person to take it.  ``is_on_reserve``: a lower rung than the first configured carries;
    ``reserve_ns`` is since when, ``acknowledged_by`` who has seen it (``None``: nobody yet).  ``returns_to_id`` is the
    bearer that comes back by itself after ``quiet_s``.  ``execution`` says what became of changing the route.
    """

    carrier_id: str | None = None
    since_ns: int | None = None
    way: Way | None = None
    by: str = ""
    reason: Text | None = None
    number: int = 0
    held_by: str | None = None
    held_ns: int | None = None
    proposed_id: str | None = None
    proposed_ns: int | None = None
    proposed_reason: Text | None = None
    is_on_reserve: bool = False
    reserve_ns: int | None = None
    acknowledged_by: str | None = None
    returns_to_id: str | None = None
    quiet_s: float = 300.0
    quiet: tuple[Quiet, ...] = ()
    execution: Execution = "none"
    execution_ns: int | None = None
    execution_reason: Text | None = None
    told: tuple[Told, ...] = ()

    @property
    def is_misled(self) -> bool:
        """Whether packets are known to go out by another way than the bearer that is said to carry."""
        return self.execution in {"failed", "replaced"}
