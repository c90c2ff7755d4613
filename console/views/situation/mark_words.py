"""What is said of a mark at one moment, on the map and in the list: pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from console.geodesy import distance_and_bearing
from console.map_marks import Geometry, MapMark, Vertex, is_unknown
from console.views.speech import NS_PER_S, Speech

_MIN_S = 60
_BEAT_NS = 10 * NS_PER_S


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkWords:
    """``title`` is what the mark claims, struck through where ``is_unknown``; ``said`` how sure and how old it is."""

    title: str
    said: str
    is_unknown: bool


def words_of(mark: MapMark, speech: Speech, now_ns: int) -> MarkWords:
    """The words of a mark at ``now_ns``, judged from its times and nothing else."""
    unknown = is_unknown(mark, now_ns)
    title = mark.name or speech.say(f"mark.kind.{mark.kind}")
    if mark.depth_m is not None:
        title = f"{title} {mark.depth_m:g} m"
    if mark.seen_ns is None:
        return MarkWords(title=title, said=speech.say("situation.marks.undated"), is_unknown=True)
    age = speech.age(now_ns - mark.seen_ns)
    if unknown:
        said = speech.say(
            "situation.marks.last_confirmed" if is_last_confirmed(mark) else "situation.marks.last_reported",
            at=speech.minute(mark.seen_ns, now_ns),
            age=age,
        )
        return MarkWords(title=title, said=said, is_unknown=True)
    state = speech.say("mark.state.confirmed" if is_last_confirmed(mark) else "mark.state.reported")
    return MarkWords(title=title, said=f"{state} {age}", is_unknown=False)


def is_last_confirmed(mark: MapMark) -> bool:
    """Whether what was last heard of it was a confirmation."""
    return mark.confirmed_ns is not None and mark.confirmed_ns == mark.seen_ns


def age_key(mark: MapMark, now_ns: int) -> int:
    """Changes when ``words_of`` would say something else: cheaper than the words.

    That nobody knows any more shows at once; an age in minutes up to ten seconds late, so that hundreds of marks,
    each with a minute of its own, do not have the map drawn anew at every moment.
    """
    seconds = 0 if mark.seen_ns is None else max(0, now_ns - mark.seen_ns) // NS_PER_S
    step = seconds
    if mark.seen_ns is not None and seconds >= _MIN_S:
        beat_ns = now_ns - now_ns % _BEAT_NS
        step = _MIN_S + max(0, beat_ns - mark.seen_ns) // NS_PER_S // _MIN_S
    return -1 - step if is_unknown(mark, now_ns) else step


def detail_of(mark: MapMark, speech: Speech, now_ns: int) -> str:
    """Who said it, who wrote it down, until when it is good."""
    nobody, no_source = speech.say("mark.nobody"), speech.say("mark.no_source")
    until = "" if mark.expires_ns is None else speech.minute(mark.expires_ns, now_ns)
    said = [speech.say("situation.marks.source", source=mark.source or no_source, by=mark.by or nobody)]
    if mark.confirmed_ns is not None:
        at, by = speech.minute(mark.confirmed_ns, now_ns), mark.confirmed_by or nobody
        said.append(speech.say("situation.marks.confirmed_by", at=at, by=by))
    if until and not is_unknown(mark, now_ns):
        said.append(speech.say("situation.marks.good_until", at=until))
    said.append(measure_of(mark.geometry, speech))
    return " · ".join(one for one in said if one)


def measure_of(geometry: Geometry, speech: Speech) -> str:
    """Where a point is; how long a line or an outline is, on the ellipsoid."""
    corners = geometry.vertices
    if geometry.shape == "point":
        return speech.coordinates(corners[0].lat_deg, corners[0].lon_deg, "wgs84") if corners else ""
    ring = (*corners, corners[0]) if geometry.shape == "area" and corners else corners
    text_id = "situation.marks.outline" if geometry.shape == "area" else "situation.marks.length"
    return speech.say(text_id, length=speech.distance(length_m(ring)), count=len(corners))


def length_m(corners: Sequence[Vertex]) -> float:
    """Metres along these corners."""
    return sum(distance_and_bearing(*a, *b)[0] for a, b in pairwise(corners))


def in_order(marks: Sequence[MapMark], now_ns: int) -> list[MapMark]:
    """The own way out first, then what nobody knows any more, then the newest."""
    return sorted(
        marks,
        key=lambda mark: (mark.kind != "retreat_route", not is_unknown(mark, now_ns), -(mark.seen_ns or 0), mark.id),
    )
