"""What is said of a road, and of the own way out, at one moment: on the map, in lists, in the strip.  Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from console.picture import Picture, Road
from console.road_facts import Passage, Retreat, RetreatLevel, RoadState, Standing, retreat_of, standing
from console.views.judgement import Tone
from console.views.speech import NS_PER_S, Speech

_HOUR_NS = 3_600 * NS_PER_S
_BEAT_NS = 10 * NS_PER_S
_RANK: dict[RoadState, int] = {"closed": 0, "difficult": 1, "unknown": 2, "open": 3}
TONES: dict[RoadState, str] = {"closed": "alarm", "difficult": "warn", "unknown": "dim", "open": "text"}
"""Colour names of the palette."""
_RETREAT_TONES: dict[RetreatLevel, Tone] = {
    "none": "normal",
    "proven": "normal",
    "old": "amber",
    "unproven": "amber",
    "overdue": "red",
    "closed": "red",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadWords:
    """``state`` is what may be counted on now, ``said`` how that is known and how old it is.

    ``until``: when it is to be looked at again, with what is foretold; empty where nothing is known.
    """

    title: str
    state: str
    said: str
    until: str
    tone: str
    is_unknown: bool


def words_of(road: Road, speech: Speech, now_ns: int) -> RoadWords:
    """The words of a road at ``now_ns``, judged from its times and nothing else."""
    judged = standing(road, now_ns)
    is_unknown = judged.state == "unknown"
    return RoadWords(
        title=road.name,
        state=speech.say(f"road.state.{judged.state}"),
        said=_said(road, judged, speech, now_ns),
        until=_until(road, judged, speech, now_ns),
        tone=TONES[judged.state],
        is_unknown=is_unknown,
    )


def _said(road: Road, judged: Standing, speech: Speech, now_ns: int) -> str:
    if judged.last_ns is None:
        return speech.say("road.said.never")
    at, age = speech.minute(judged.last_ns, now_ns), speech.age(now_ns - judged.last_ns)
    if judged.is_passage and road.passage is not None:
        by = speech.say("road.said.passed", who=_who(road.passage, speech), at=at, age=age)
    else:
        source = (road.report.source if road.report is not None else "") or speech.say("mark.no_source")
        by = speech.say("road.said.reported", source=source, at=at, age=age)
    if road.drawn_ns is not None and judged.last_ns < road.drawn_ns:
        by = speech.say("road.said.redrawn", by=by)
    if judged.is_disputed and road.report is not None:
        closed = speech.minute(road.report.seen_ns, now_ns)
        by = speech.say("road.said.disputed", by=by, at=closed)
    if judged.state == "unknown" and judged.last != "unknown":
        return speech.say("road.said.last", state=speech.say(f"road.state.{judged.last}"), by=by)
    return by


def _who(passage: Passage, speech: Speech) -> str:
    return passage.name or speech.say("road.own_vehicle" if passage.team_id is None else "road.other_vehicle")


def _until(road: Road, judged: Standing, speech: Speech, now_ns: int) -> str:
    parts = []
    if judged.until_ns is not None and judged.state != "unknown":
        parts.append(speech.say("road.until", at=speech.minute(judged.until_ns, now_ns)))
    if road.forecast or road.forecast_ns is not None:
        at = speech.minute(road.forecast_ns, now_ns) if road.forecast_ns is not None else ""
        parts.append(speech.say("road.forecast", what=road.forecast or speech.say("road.state.unknown"), at=at).strip())
    return " · ".join(parts)


def detail_of(road: Road, speech: Speech, now_ns: int) -> str:
    """All that stands behind it: since when, who said it and who wrote it down, who passed, how long it is."""
    judged = standing(road, now_ns)
    parts = [words_of(road, speech, now_ns).until]
    report, passage = road.report, road.passage
    if report is not None:
        said = speech.say(
            "road.detail.report",
            state=speech.say(f"road.state.{report.state}"),
            since=speech.minute(report.since_ns, now_ns),
            source=report.source or speech.say("mark.no_source"),
            by=report.by or speech.say("mark.nobody"),
        )
        parts.append(said)
    if passage is not None and not judged.is_passage:
        who = _who(passage, speech)
        age = speech.age(now_ns - passage.at_ns)
        parts.append(speech.say("road.said.passed", who=who, at=speech.minute(passage.at_ns, now_ns), age=age))
    if road.is_exit:
        parts.append(speech.say("road.exit"))
    if road.drawn_ns is not None:
        at, by = speech.minute(road.drawn_ns, now_ns), road.drawn_by or speech.say("mark.nobody")
        parts.append(speech.say("road.detail.redrawn", at=at, by=by))
    parts.append(f"{speech.say(f'road.kind.{road.kind}')} {speech.distance(road.length_m)}")
    return " · ".join(part for part in parts if part)


def age_key(road: Road, now_ns: int) -> object:
    """Changes when ``words_of`` would say something else; an age in minutes up to ten seconds late."""
    judged = standing(road, now_ns)
    if judged.last_ns is None:
        return judged.state
    seconds = max(0, now_ns - judged.last_ns) // NS_PER_S
    if seconds >= 60:
        seconds = 60 + max(0, now_ns - now_ns % _BEAT_NS - judged.last_ns) // NS_PER_S // 60
    return judged.state, seconds


def in_order(roads: Sequence[Road], now_ns: int) -> list[Road]:
    """What is cut first, then what is difficult, then what nobody knows; ways out before others of their state."""
    return sorted(roads, key=lambda road: (_RANK[standing(road, now_ns).state], not road.is_exit, road.name, road.id))


# ---- the own way out


def retreat(picture: Picture, now_ns: int) -> Retreat:
    """Whether there is a proven way out of here."""
    return retreat_of(picture.roads, picture.marks, picture.road_rules, now_ns)


def retreat_tone(found: Retreat) -> Tone:
    """How bad it is; a line that nobody proved yet is to be looked at."""
    tone = _RETREAT_TONES[found.level]
    return "amber" if tone == "normal" and found.best is not None and found.best.is_redrawn else tone


def retreat_words(found: Retreat, speech: Speech, now_ns: int, *, is_brief: bool = False) -> str:
    """One short line: proven how long ago, from an hour on in full hours, or why not."""
    best, form = found.best, "brief" if is_brief else "retreat"
    if best is None or best.proven_ns is None:
        return speech.say(f"road.{form}.{found.level}")
    word = "unknown" if best.state == "unknown" else "redrawn" if best.is_redrawn else "proven"
    age_ns = now_ns - best.proven_ns
    age = speech.say("road.hours", h=age_ns // _HOUR_NS) if _HOUR_NS <= age_ns < 24 * _HOUR_NS else speech.age(age_ns)
    return speech.say(f"road.{form}.{word}", age=age)


def exit_name(found: Retreat, speech: Speech) -> str:
    """What the best way out is called; empty where there is none."""
    return "" if found.best is None else found.best.name or speech.say("mark.kind.retreat_route")
