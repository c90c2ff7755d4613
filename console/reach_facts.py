"""Who can be reached, by what, until what hour, and what fails first.  Part of the picture; pure.

A time is a range, from the ranges of what feeds a means (``console.power_facts``).  What is not known is ``None``,
and ``doubt`` says what is against it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from console.words import Text

MeansKind = Literal["bearer", "device", "road"]
MeansState = Literal["up", "weak", "down", "unknown"]
EndKind = Literal["range", "open", "unknown", "out"]
"""``range``: between two hours.  ``open``: no end of itself (mains).  ``unknown``: nobody knows.  ``out``: now."""
CounterpartKind = Literal["rear", "contact", "team"]


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """Until when something lasts: ``low_ns`` at the least, ``high_ns`` at the most, both only of a ``range``.

    ``weakest`` is the name of what fails first, ``weakest_id`` its id; empty where nothing is known to.
    """

    kind: EndKind
    low_ns: int | None = None
    high_ns: int | None = None
    weakest: str = ""
    weakest_id: str = ""
    doubt: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """One way to a counterpart, from this end to that.

    ``since_ns``: since when it is in this state, ``None`` where nobody knows.  ``proof_ns``: when the counterpart last
    proved by it that it is there.  ``feeds`` are the names of what feeds it, ``hangs_on`` the ids of all it needs.
    ``is_two_way``: something can be said by it, not only heard.
    """

    id: str
    name: str
    kind: MeansKind
    state: MeansState
    since_ns: int | None
    proof_ns: int | None
    is_two_way: bool
    feeds: tuple[str, ...]
    hangs_on: tuple[str, ...]
    end: End


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """One counterpart and its means, the best first.  ``state`` and ``end`` are those of the best means together.

    A counterpart that can only be heard is ``weak``.  A road counts where nothing else is left.
    """

    id: str
    name: str
    kind: CounterpartKind
    state: MeansState
    end: End
    means: tuple[Means, ...]
