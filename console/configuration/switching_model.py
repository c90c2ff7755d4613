"""How the bearer that carries is chosen, and what is done when it changes: plain frozen values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from console.words import Rung

Means = Literal["none", "route", "hook"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Uplink:
    """Where a bearer's way goes out of this computer: by ``gateway`` (an address, or empty), by ``interface``."""

    bearer_id: str
    gateway: str = ""
    interface: str = ""
    metric: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchingConfiguration:
    """When the carrying bearer changes, and whether this console changes anything outside of itself.

    Rungs in ``automatic`` are taken without asking, others are proposed.  A weak carrier is left after ``weak_s`` (0:
    never), one of which nothing is known after ``unknown_s``.  A higher rung is returned to after ``quiet_s`` in which
    it was good without a break and lost at most ``return_loss_percent``.  ``tell_rear`` is a text to the rear contacts
    at every change, ``{bearer}`` in it the name; empty: only offered.

    ``execute`` route: the route to ``destination`` is replaced; hook: the program ``hook`` runs with the bearer's id as
    its last word.  Either may take ``timeout_s``.
    """

    automatic: tuple[Rung, ...] = ("primary", "alternate")
    quiet_s: float = 300.0
    return_loss_percent: float = 5.0
    weak_s: float = 60.0
    unknown_s: float = 20.0
    tell_rear: str = ""
    execute: Means = "none"
    destination: str = "default"
    hook: tuple[str, ...] = ()
    timeout_s: float = 10.0

    def without_secrets(self) -> SwitchingConfiguration:
        """The copy that may be written down: what is said to the program may hold a password."""
        return replace(self, hook=(self.hook[0], *("***" for _ in self.hook[1:])) if self.hook else ())
