"""How much of each camera is received, so that pictures never take more of a bearer than they may.  Pure.

Four grades: the large stream, the small one, a still every so often, nothing.  Enlarged is wanted large, on the wall
small; what is received on demand and seen by nobody is wanted not at all.  ``plan`` says what may be had of that at one
moment: while all of a bearer's cameras together would take too much, those nobody looks at step down first, then the
others, the selected and the enlarged one last.  ``Thrift`` keeps that over time: down at once, up again only after the
plan has allowed it for a while, so that a bearer that comes and goes does not make the wall flicker.

Rates are believed as measured, and what was never received yet is taken to be as large as cameras commonly are set.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from console.picture import Grade, Text
from console.sights import UNSEEN, Sight
from devices.driver import NS_PER_S

HOLD_NS = 15 * NS_PER_S
"""So long must a better grade be allowed without a break before it is taken."""

COMMON_BPS: Mapping[str, float] = {"main": 2_000_000.0, "sub": 500_000.0}
"""What a stream takes that was never measured: the factory setting of most cameras."""

COMMON_STILL_BYTES = 60_000
SPARE_SHARE, RELAX_SHARE = 0.8, 0.7
"""From this share of the hour's bytes on stills only; streams again once it has fallen below the second."""

SPENT_SHARE, RENEWED_SHARE = 1.0, 0.95

_LADDER: tuple[Grade, ...] = ("off", "stills", "sub", "main")
RANK: Mapping[Grade, int] = {grade: rank for rank, grade in enumerate(_LADDER)}

Decision = tuple[Grade, Text | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One camera that would like to be received.

    ``bearer_id`` is the bearer it comes over now; ``None``: none that must be spared, or with ``is_over_unknown`` it is
    not known which.  ``rates_bps`` are measured, by grade.
    """

    camera_id: str
    has_sub: bool = False
    is_on_demand: bool = False
    bearer_id: str | None = None
    is_over_unknown: bool = False
    still_s: float = 10.0
    rates_bps: Mapping[str, float] = field(default_factory=dict)

    def expected_bps(self, grade: Grade) -> float:
        """What this grade will take."""
        if grade == "off":
            return 0.0
        common_bps = COMMON_STILL_BYTES * 8 / self.still_s if grade == "stills" else COMMON_BPS[grade]
        return self.rates_bps.get(grade, common_bps)

    def below(self, grade: Grade) -> Grade:
        """The next grade down; a camera without a small stream has no such step."""
        lower = _LADDER[max(RANK[grade] - 1, 0)]
        return "stills" if lower == "sub" and not self.has_sub else lower

    def within(self, grade: Grade, most: Grade) -> Grade:
        """The best grade that is no better than both."""
        while RANK[grade] > RANK[most]:
            grade = self.below(grade)
        return grade


@dataclass(frozen=True, slots=True, kw_only=True)
class Purse:
    """What a bearer has for pictures; ``None``: no bound.  ``is_sparing`` and ``is_spent`` are ``Thrift``'s to say."""

    bearer_id: str
    name: str
    budget_bps: float | None = None
    hour_bytes: int | None = None
    used_bytes: int = 0
    most: Grade = "main"
    is_sparing: bool = False
    is_spent: bool = False


def wish(claim: Claim, sight: Sight) -> Grade:
    """What is wanted of a camera that is looked at so."""
    if not sight.is_seen and claim.is_on_demand:
        return "off"
    return "main" if sight.is_enlarged or not claim.has_sub else "sub"


def plan(claims: Sequence[Claim], sights: Mapping[str, Sight], purses: Sequence[Purse]) -> dict[str, Decision]:
    """What may be received of each camera at this moment, and why no more than that."""
    decisions: dict[str, Decision] = {}
    for purse in purses:
        over = [claim for claim in claims if claim.bearer_id == purse.bearer_id]
        decisions |= _share(over, sights, purse)
    for claim in claims:
        if claim.camera_id not in decisions:
            wanted = wish(claim, sights.get(claim.camera_id, UNSEEN))
            granted = claim.within(wanted, "stills") if claim.is_over_unknown else wanted
            decisions[claim.camera_id] = granted, Text(id="thrift.no_bearer") if granted != wanted else None
    return decisions


def _share(claims: Sequence[Claim], sights: Mapping[str, Sight], purse: Purse) -> dict[str, Decision]:
    decisions = {one.camera_id: _bounded(one, sights.get(one.camera_id, UNSEEN), purse) for one in claims}
    if purse.budget_bps is None:
        return decisions
    note = Text(id="thrift.rate", args={"bearer": purse.name, "kbps": round(purse.budget_bps / 1000)})
    while sum(one.expected_bps(decisions[one.camera_id][0]) for one in claims) > purse.budget_bps:
        stepping = [one for one in claims if decisions[one.camera_id][0] != "off"]
        if not stepping:
            break
        first = min(stepping, key=lambda one: _precedence(one, sights, decisions[one.camera_id][0]))
        decisions[first.camera_id] = first.below(decisions[first.camera_id][0]), note
    return decisions


def _precedence(claim: Claim, sights: Mapping[str, Sight], grade: Grade) -> tuple[int, int, float, str]:
    """Who steps down first: the least looked at, of those the best grade, of those the largest."""
    sight = sights.get(claim.camera_id, UNSEEN)
    regard = 3 if sight.is_enlarged else 2 if sight.is_full_rate else 1 if sight.is_seen else 0
    return regard, -RANK[grade], -claim.expected_bps(grade), claim.camera_id


def _bounded(claim: Claim, sight: Sight, purse: Purse) -> Decision:
    wanted = wish(claim, sight)
    args = {"bearer": purse.name, "@most": f"camera.grade.{purse.most}"}
    bounds: list[tuple[Grade, Text]] = [(purse.most, Text(id="thrift.bound", args=dict(args)))]
    if purse.is_spent:
        # What somebody enlarged by hand he may have at the price of stills: it is his to judge.
        left: Grade = "stills" if sight.is_enlarged else "off"
        bounds.append((left, Text(id="thrift.hour_spent", args={"bearer": purse.name})))
    elif purse.is_sparing:
        bounds.append(("stills", Text(id="thrift.hour", args={"bearer": purse.name})))
    granted, note = wanted, None
    for most, why in bounds:
        lower = claim.within(granted, most)
        if lower != granted:
            granted, note = lower, why
    return granted, note


@dataclass(slots=True)
class _Held:
    """What one camera has, the best it ever had, and since when it might have more."""

    grade: Grade
    note: Text | None
    wanted: Grade
    best_rank: int
    allowed_since_ns: int | None = None


class Thrift:
    """Plans over time; asked at ticks and whenever what is seen or a bearer changes.  ``at_ns`` never goes back."""

    def __init__(self) -> None:
        self._held: dict[str, _Held] = {}
        self._sparing: set[str] = set()
        self._spent: set[str] = set()

    def decide(
        self, at_ns: int, claims: Sequence[Claim], sights: Mapping[str, Sight], purses: Sequence[Purse]
    ) -> dict[str, Decision]:
        """What is received of each camera from now on, and why no more."""
        planned = plan(claims, sights, [self._weighed(purse) for purse in purses])
        decided: dict[str, Decision] = {}
        for claim in claims:
            wanted = wish(claim, sights.get(claim.camera_id, UNSEEN))
            decided[claim.camera_id] = self._settle(at_ns, claim.camera_id, wanted, planned[claim.camera_id])
        self._held = {camera_id: held for camera_id, held in self._held.items() if camera_id in decided}
        return decided

    def _settle(self, at_ns: int, camera_id: str, wanted: Grade, planned: Decision) -> Decision:
        grade, note = planned
        held = self._held.get(camera_id)
        best_rank = RANK[grade] if held is None else max(held.best_rank, RANK[grade])
        if held is None or _is_free(held, grade, wanted):
            self._held[camera_id] = _Held(grade, note, wanted, best_rank)
            return planned
        if held.allowed_since_ns is None:
            held.allowed_since_ns = at_ns
        if at_ns - held.allowed_since_ns >= HOLD_NS:
            self._held[camera_id] = _Held(grade, note, wanted, best_rank)
            return planned
        held.wanted = wanted
        return held.grade, held.note

    def _weighed(self, purse: Purse) -> Purse:
        share = purse.used_bytes / purse.hour_bytes if purse.hour_bytes else 0.0
        is_sparing = _latch(self._sparing, purse.bearer_id, is_on=share >= SPARE_SHARE, is_off=share < RELAX_SHARE)
        is_spent = _latch(self._spent, purse.bearer_id, is_on=share >= SPENT_SHARE, is_off=share < RENEWED_SHARE)
        return Purse(
            bearer_id=purse.bearer_id,
            name=purse.name,
            budget_bps=purse.budget_bps,
            most=purse.most,
            is_sparing=is_sparing,
            is_spent=is_spent,
        )


def _is_free(held: _Held, grade: Grade, wanted: Grade) -> bool:
    """Whether this grade may be had without waiting.

    Down at once; what a person asks for at once; and the first time, when bearers become known one after another.
    """
    is_asked = held.note is None or RANK[wanted] > RANK[held.wanted]
    return is_asked or RANK[grade] <= RANK[held.grade] or RANK[grade] > held.best_rank


def _latch(known: set[str], name: str, *, is_on: bool, is_off: bool) -> bool:
    if is_on:
        known.add(name)
    elif is_off:
        known.discard(name)
    return name in known
