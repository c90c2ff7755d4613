"""What a person can ask about which bearer carries the rear's traffic.  Every order is a record before it is obeyed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeBearer:
    """Carry the rear by this bearer from now on, whatever its state.

    What the rules themselves propose or would keep needs no more than this; any other choice is held until it is
    released, for the rules would change it at once.
    """

    bearer_id: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldBearer:
    """Stay with the bearer that carries now: no change and no return by itself until ``ReleaseBearer``."""

    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseBearer:
    """The rules may change the bearer again."""

    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgeReserve:
    """I know that we are on reserve: that the first rung does not carry."""

    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TellSwitch:
    """Somebody was told by voice, or on paper, which bearer carries now: ``who`` in words."""

    by: str
    who: str


SwitchOrder = TakeBearer | HoldBearer | ReleaseBearer | AcknowledgeReserve | TellSwitch
