"""Whether a bearer carries too little for what it is there for, by what was measured: a reason to propose another.

A check of throughput is asked for by a person, so somebody is there to answer: leaving a bearer for what was measured
is always proposed, also between rungs that change by themselves.  Its state stays what it is, for it does reach the
rear.  One measurement proves little (pictures may have filled the bearer meanwhile, or this computer was busy), so it
takes ``AT_LEAST_S`` seconds between the first and the last of measurements that were all too low; one that is enough
ends it.  After ``FRESH_S`` nothing of it counts: cells fill and empty within the hour.  A bearer that was found too
thin comes back by itself only after a measurement was enough; until then, once the evidence is old, its return is
proposed too, with the word to measure first.

What is proposed instead must be worth it: ``WORTH`` times what was measured here, by its own last measurement while
that is fresh, else by what it is required to carry; of a bearer without either nobody knows, and it is not proposed.

**Source:** the county plans require links of at least 100 Mbit/s (county) and 50 Mbit/s (towns); triggers that are
agreed and seen, not silent, follow PACE planning.  **Assumed:** the times and the ratio; not tried on real bearers.
"""

from __future__ import annotations

from console.bearer_tables import BearerTable, Shortfall
from console.link_facts import Throughput
from console.words import Text, Value
from devices.driver import NS_PER_S

AT_LEAST_S = 60.0
FRESH_S = 1_800.0
WORTH = 1.5
ENOUGH_SHARE = 0.95
"""Of what is required: less is too low."""


def take(bearer: BearerTable, found: Throughput) -> bool:
    """Remember what a check found; whether it is the first of a run that was too low.  Unjudged, it changes nothing."""
    if found.is_enough is None or found.out_mbps is None or found.back_mbps is None:
        return False
    before, bearer.shortfall = bearer.shortfall, None
    if found.is_enough:
        return False
    is_first = before is None or not _is_fresh(before.at_ns, found.at_ns)
    since_ns = found.at_ns if before is None or is_first else before.since_ns
    bearer.shortfall = Shortfall(since_ns=since_ns, at_ns=found.at_ns, mbps=min(found.out_mbps, found.back_mbps))
    return is_first


def is_thin(bearer: BearerTable, at_ns: int) -> bool:
    """Whether it is known now to carry less than what it is required to."""
    found = bearer.shortfall
    return (
        found is not None
        and is_unproved(bearer)
        and found.at_ns - found.since_ns >= AT_LEAST_S * NS_PER_S
        and _is_fresh(found.at_ns, at_ns)
    )


def is_unproved(bearer: BearerTable) -> bool:
    """Whether the last that was measured of it was too low, however long ago."""
    found, required_mbps = bearer.shortfall, bearer.configuration.requires_mbps
    return found is not None and required_mbps is not None and found.mbps < ENOUGH_SHARE * required_mbps


def is_worth(bearer: BearerTable, instead_of: BearerTable, at_ns: int) -> bool:
    """Whether this one may be expected to carry clearly more than the thin one."""
    thin, expected_mbps = instead_of.shortfall, _expected_mbps(bearer, at_ns)
    return thin is not None and expected_mbps is not None and expected_mbps >= WORTH * thin.mbps


def reason(bearer: BearerTable) -> Text:
    """What was measured and what is required."""
    required = f"{bearer.configuration.requires_mbps or 0.0:g}"
    args: dict[str, Value] = {"from": bearer.configuration.name, "mbps": _said(bearer), "required": required}
    return Text(id="switch.reason.thin", args=args)


def reason_to_ask(bearer: BearerTable, minutes: float) -> Text:
    """Quiet for so long, and too thin when it was last measured."""
    return Text(id="switch.reason.return_unproved", args={"minutes": minutes, "mbps": _said(bearer)})


def _said(bearer: BearerTable) -> str:
    return f"{0.0 if bearer.shortfall is None else bearer.shortfall.mbps:.3g}"


def _expected_mbps(bearer: BearerTable, at_ns: int) -> float | None:
    found = bearer.throughput
    if found is None or found.out_mbps is None or found.back_mbps is None or not _is_fresh(found.at_ns, at_ns):
        return bearer.configuration.requires_mbps
    return min(found.out_mbps, found.back_mbps)


def _is_fresh(then_ns: int, at_ns: int) -> bool:
    return at_ns - then_ns <= FRESH_S * NS_PER_S
