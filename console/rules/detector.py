"""From attempts and other signs of life to a bearer's state: the arithmetic alone, for any clock.

*Down* takes two things together: silence for ``down_after_s`` and ``misses_down`` attempts lost without a break.  The
count of misses, not the pace of the probes, buys immunity against loss.  Any sign of life ends both.

*Weak* is a score with hysteresis: it rises while loss (by more than its standard error) or round trips are beyond the
thresholds, falls while they are well within, stands in between; ``SCORE_S`` of evidence change the state.

*Unstable*: every cut adds one to a penalty that halves each ``HALF_LIFE_S``.  From ``UNSTABLE_FROM`` to below
``STABLE_BELOW`` a cut is still shown at once, but nothing better before ``STEADY_S`` without another, and no sooner
than ``CALM_S`` after the last change that was shown: so at most two changes a minute.

**Source:** own measurements (a fixed three-miss rule had 529 false "down" a day at 20 % loss, sixteen misses none at
40 %); the two thresholds follow OpenWrt's mwan3, the penalty RFC 2439 (route flap damping), clause 4.2.
"""

from __future__ import annotations

import math
from statistics import median
from typing import Literal

from console.bearer_tables import DetectorTable, ProbeRow
from console.configuration.model import BearerConfiguration
from console.words import BearerState
from devices.driver import NS_PER_S

LOSS_WINDOW_NS = 30 * NS_PER_S
TRIP_WINDOW_NS = 10 * NS_PER_S
LEAST_ROWS = 8
GOOD_UP = 3
SCORE_S = 10.0
STEP_S = 2.0
"""No single step counts for more: what was not watched is no evidence."""
RECOVERED_LOSS = 0.5
RECOVERED_TRIP = 0.8
HALF_LIFE_S = 60.0
PENALTY_MOST = 3.0
UNSTABLE_FROM = 1.5
STABLE_BELOW = 0.75
STEADY_S = 30.0
CALM_S = 60.0
CHANGES_A_MINUTE = 2
STALE_NS = 15 * NS_PER_S
NS_PER_MS = 1_000_000

Word = Literal["no_attempt", "no_answer", "loss", "slow"]


def attempt(detector: DetectorTable, at_ns: int, round_trip_ms: float | None, asked_ns: int | None = None) -> None:
    """One finished attempt, asked at ``asked_ns``; ``None`` for its round trip: lost.

    A loss is told a timeout later: one that was asked before what is answered already says nothing of now.
    """
    detector.last_attempt_ns = at_ns
    if round_trip_ms is not None or asked_ns is None or asked_ns >= detector.anew_ns:
        detector.attempts.append(ProbeRow(at_ns, round_trip_ms))
    if round_trip_ms is None:
        if asked_ns is None or asked_ns > (detector.answered_asked_ns or 0):
            detector.misses += 1
            detector.good_run = 0
        return
    detector.last_answer_ns = at_ns
    detector.answered_asked_ns = max(detector.answered_asked_ns or 0, asked_ns or at_ns)
    detector.good_run += 1
    _alive(detector, at_ns)


def hear(detector: DetectorTable, at_ns: int) -> None:
    """Something came over this bearer that can have come by no other way."""
    detector.life_run += 1
    _alive(detector, at_ns)


def _alive(detector: DetectorTable, at_ns: int) -> None:
    detector.last_life_ns = at_ns
    detector.misses = 0


def forget(detector: DetectorTable) -> None:
    """Nothing is known any more: a new run begins.  When it last answered stays."""
    fresh = DetectorTable(last_answer_ns=detector.last_answer_ns, last_life_ns=detector.last_life_ns)
    for field in fresh.__struct_fields__:
        setattr(detector, field, getattr(fresh, field))


def judge_attempts(
    detector: DetectorTable, at_ns: int, limits: BearerConfiguration, began_ns: int
) -> tuple[BearerState, Word | None]:
    """What attempts and signs of life say at ``at_ns``, undamped.

    ``unknown`` until ``GOOD_UP`` answers in a row, or signs of life, have come since the run began at ``began_ns``.
    """
    down_ns = round(limits.down_after_s * NS_PER_S)
    last_ns = max(detector.last_attempt_ns or 0, detector.last_life_ns or 0)
    if last_ns < began_ns or at_ns - last_ns > _stale_ns(limits):
        detector.is_reached = None
        return "unknown", "no_attempt"
    silent_ns = at_ns - max(detector.last_life_ns or 0, began_ns)
    if silent_ns > down_ns and detector.misses >= limits.misses_down:
        if detector.is_reached is not False:
            detector.is_reached = False
            detector.life_run = 0
        return "down", "no_answer"
    if detector.is_reached is not True:
        if max(detector.good_run, detector.life_run) < GOOD_UP:
            return ("down", "no_answer") if detector.is_reached is False else ("unknown", "no_attempt")
        _begin_anew(detector, at_ns)
    return _quality(detector, at_ns, limits)


def _stale_ns(limits: BearerConfiguration) -> int:
    return max(round(3 * max(limits.down_after_s, limits.idle_probe_s) * NS_PER_S), STALE_NS)


def _begin_anew(detector: DetectorTable, at_ns: int) -> None:
    """It is reached again: what was lost during the cut says nothing of how good it is now."""
    detector.is_reached = True
    answered = [row for row in detector.attempts if row.round_trip_ms is not None]
    detector.attempts = answered[len(answered) - detector.good_run :] if detector.good_run else []
    first = detector.attempts[0] if detector.attempts else None
    detector.anew_ns = at_ns if first is None else first.at_ns - round((first.round_trip_ms or 0.0) * NS_PER_MS)
    detector.score_s, detector.scored_ns, detector.quality = 0.0, at_ns, None


def _quality(detector: DetectorTable, at_ns: int, limits: BearerConfiguration) -> tuple[BearerState, Word | None]:
    passed_s = (at_ns - detector.scored_ns) / NS_PER_S
    if passed_s >= 1.0:
        detector.scored_ns = at_ns
        _score(detector, at_ns, limits, min(passed_s, STEP_S))
    word: Word | None = "loss" if detector.quality == "loss" else "slow" if detector.quality == "slow" else None
    return ("degraded", word) if word is not None else ("up", None)


def _score(detector: DetectorTable, at_ns: int, limits: BearerConfiguration, passed_s: float) -> None:
    trim(detector, at_ns)
    loss, trip_ms = loss_percent(detector), round_trip_ms(detector)
    most_loss, most_ms = limits.degraded_loss_percent, limits.degraded_ms
    bad = "loss" if loss is not None and loss - _error_percent(loss, len(detector.attempts)) > most_loss else None
    bad = bad or ("slow" if trip_ms is not None and trip_ms > most_ms else None)
    if bad is not None:
        detector.score_s = min(SCORE_S, detector.score_s + passed_s)
        if detector.score_s >= SCORE_S or detector.quality is not None:
            detector.quality = bad
        return
    is_fine = (loss is None or loss <= most_loss * RECOVERED_LOSS) and (
        trip_ms is None or trip_ms <= most_ms * RECOVERED_TRIP
    )
    if is_fine:
        detector.score_s = max(0.0, detector.score_s - passed_s)
        if detector.score_s <= 0.0:
            detector.quality = None


def _error_percent(loss: float, attempts: int) -> float:
    """The standard error of a share of so many attempts: a few losses by chance are no weak link."""
    return math.sqrt(loss * (100.0 - loss) / attempts)


def trim(detector: DetectorTable, at_ns: int) -> None:
    """Let go of attempts that are older than the window, but for the last few."""
    rows = detector.attempts
    old = 0
    while len(rows) - old > LEAST_ROWS and at_ns - rows[old].at_ns > LOSS_WINDOW_NS:
        old += 1
    del rows[:old]


def loss_percent(detector: DetectorTable) -> float | None:
    """Share of the attempts in the window that were lost, 0..100; ``None`` without attempts."""
    rows = detector.attempts
    if not rows:
        return None
    return round(100.0 * [row.round_trip_ms for row in rows].count(None) / len(rows), 1)


def round_trip_ms(detector: DetectorTable) -> float | None:
    """Median round trip of the answers of the last seconds, else of the last few attempts; ``None`` without any."""
    rows = detector.attempts
    if not rows:
        return None
    from_ns = rows[-1].at_ns - TRIP_WINDOW_NS
    first = max(0, len(rows) - LEAST_ROWS)
    while first > 0 and rows[first - 1].at_ns >= from_ns:
        first -= 1
    answered = [row.round_trip_ms for row in rows[first:] if row.round_trip_ms is not None]
    return round(median(answered), 1) if answered else None


def damp(detector: DetectorTable, at_ns: int, shown: BearerState, raw: BearerState) -> BearerState:
    """What to show, where ``shown`` is shown now and the evidence says ``raw``; to be called at every judgement."""
    _punish(detector, at_ns, raw)
    if raw in {"up", "degraded"}:
        if detector.usable_ns is None:
            detector.usable_ns = at_ns
    else:
        detector.usable_ns = None
    detector.raw = raw
    minute_ns = at_ns - round(CALM_S * NS_PER_S)
    while detector.changes and detector.changes[0] <= minute_ns:
        del detector.changes[0]
    if raw == shown or (raw not in {"down", "unknown"} and not _may_improve(detector, at_ns, shown)):
        return shown
    if "unknown" not in (raw, shown):  # to learn what it is, or not to know any more, is no flap
        detector.changes.append(at_ns)
    return raw


def _punish(detector: DetectorTable, at_ns: int, raw: BearerState) -> None:
    """What was cut while it was thought cut does not count twice; what came back and went again does."""
    passed_s = (at_ns - detector.penalty_ns) / NS_PER_S
    if passed_s > 0 and detector.penalty > 0:
        detector.penalty = round(detector.penalty * 0.5 ** (passed_s / HALF_LIFE_S), 6)
    detector.penalty_ns = at_ns
    if raw == "down" and detector.raw in {"up", "degraded"}:
        detector.penalty = min(PENALTY_MOST, detector.penalty + 1.0)
    if detector.penalty >= UNSTABLE_FROM:
        detector.is_unstable = True
    elif detector.penalty < STABLE_BELOW:
        detector.is_unstable = False


def _may_improve(detector: DetectorTable, at_ns: int, shown: BearerState) -> bool:
    if shown == "unknown":
        return True
    if not detector.is_unstable:
        return shown == "down" or len(detector.changes) < CHANGES_A_MINUTE
    steady_ns = at_ns - (detector.usable_ns if detector.usable_ns is not None else at_ns)
    return steady_ns >= STEADY_S * NS_PER_S and not detector.changes


def steady_in_s(detector: DetectorTable, at_ns: int) -> float | None:
    """How long an unstable bearer must go on answering; ``None``: it does not answer, or is stable."""
    if not detector.is_unstable or detector.usable_ns is None:
        return None
    waits_ns = detector.usable_ns + round(STEADY_S * NS_PER_S) - at_ns
    if detector.changes:
        waits_ns = max(waits_ns, detector.changes[-1] + round(CALM_S * NS_PER_S) - at_ns)
    return max(0.0, waits_ns / NS_PER_S)
