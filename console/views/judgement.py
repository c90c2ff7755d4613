"""How the situation is read from the picture: who is silent, which places are old, what is cut.

Pure; every judgement is made for a given moment, when painting, so nothing old can keep looking new.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from console.picture import Bearer, Camera, Device, Picture, Place, Team
from console.views.speech import NS_PER_S

Level = Literal["fresh", "soon", "over", "never", "unwatched", "stood_down"]
_SOON_SHARE = 0.8
_OLD_PLACE_PERIODS = 2
OWN_PLACE_OLD_NS = 15 * NS_PER_S
_DEAD_NS = 3 * NS_PER_S
COURSE_OLD_NS = 30 * NS_PER_S
RECEIPT_OLD_NS = 1800 * NS_PER_S
_TRUSTED_DATUMS = ("wgs84", "cgcs2000")


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """How long a team was not heard by any means.

    ``soon`` from 80 % of the expected period, ``over`` beyond it, ``never`` was not heard at all; ``unwatched`` has no
    means by which it could be heard; ``stood_down`` was sent home and is not waited for.
    """

    level: Level
    age_ns: int | None


def silence_of(team: Team, now_ns: int) -> Silence:
    """Judge one team at ``now_ns``."""
    if team.state == "stood_down":
        return Silence(level="stood_down", age_ns=None if team.last_heard_ns is None else now_ns - team.last_heard_ns)
    if team.last_heard_ns is None:
        return Silence(level="never" if team.means else "unwatched", age_ns=None)
    age_ns = max(0, now_ns - team.last_heard_ns)
    expected_ns = team.expected_s * NS_PER_S
    if age_ns > expected_ns:
        return Silence(level="over", age_ns=age_ns)
    return Silence(level="soon" if age_ns >= _SOON_SHARE * expected_ns else "fresh", age_ns=age_ns)


def by_silence(teams: Iterable[Team], now_ns: int) -> list[Team]:
    """Never heard first, then the longest silent; those that cannot be heard at all come last."""

    def key(team: Team) -> tuple[int, int, str]:
        silence = silence_of(team, now_ns)
        rank = {"never": 0, "unwatched": 2, "stood_down": 3}.get(silence.level, 1)
        return rank, -(silence.age_ns or 0), team.id

    return sorted(teams, key=key)


def fix_time_ns(place: Place) -> int:
    """The moment a place is true for: the source's time or arrival, whichever is earlier.

    A doubtful clock counts by arrival.
    """
    fix_ns, at_ns = place.fix_ns, place.at_ns
    return at_ns if fix_ns is None or place.is_clock_doubtful or fix_ns > at_ns else fix_ns


def place_age_ns(place: Place, now_ns: int) -> int:
    """Age of a fix, by the source's time or by arrival, whichever is older."""
    return max(0, now_ns - fix_time_ns(place))


def place_time_ns(place: Place, now_ns: int) -> int:
    """The moment a place is true for, never after ``now_ns``."""
    return min(now_ns, fix_time_ns(place))


def place_old_after_ns(team: Team) -> int:
    """The moment after which a team's place must not look current, as long as nothing more is heard of it.

    Its team is over, or the fix is older than twice the period; -1 of a team that was never heard.  Asked of
    thousands of teams at once.
    """
    place, heard_ns = team.place, team.last_heard_ns
    if place is None or (heard_ns is None and team.means):
        return -1
    expected_ns = int(team.expected_s * NS_PER_S)
    fix_old_ns = fix_time_ns(place) + _OLD_PLACE_PERIODS * expected_ns
    if heard_ns is None or heard_ns + expected_ns > fix_old_ns:
        return fix_old_ns
    return heard_ns + expected_ns


def is_place_old(team: Team, now_ns: int) -> bool:
    """Whether a team's place must not look current at ``now_ns``."""
    return team.place is not None and now_ns > place_old_after_ns(team)


def is_charge_old(team: Team, now_ns: int) -> bool:
    """Whether a team's charge was told too long ago to be drawn as a level."""
    return team.charge_ns is None or now_ns - team.charge_ns > _OLD_PLACE_PERIODS * team.expected_s * NS_PER_S


def is_datum_trusted(place: Place) -> bool:
    """Whether coordinates may be drawn as they are without a word of warning."""
    return place.datum in _TRUSTED_DATUMS


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamPlace:
    """What the place of a team is worth at a moment: how old, true for when, and whether it may look current.

    ``datum``: the one to warn of, ``None`` where coordinates may be drawn as they are.
    """

    age_ns: int
    at_ns: int
    is_old: bool
    datum: str | None


def judge_place(team: Team, place: Place, now_ns: int) -> TeamPlace:
    """Judge ``place`` of ``team`` at ``now_ns``."""
    return TeamPlace(
        age_ns=place_age_ns(place, now_ns),
        at_ns=place_time_ns(place, now_ns),
        is_old=is_place_old(team, now_ns),
        datum=None if is_datum_trusted(place) else place.datum,
    )


def own_device(picture: Picture) -> Device | None:
    """The device that says where this vehicle is."""
    return next((device for device in picture.devices if device.id == picture.own_device_id), None)


def own_place(picture: Picture) -> Place | None:
    """Where this vehicle is, as last told."""
    device = own_device(picture)
    return device.place if device else None


def is_dead_time(picture: Picture, now_ns: int) -> bool:
    """Whether the console did not run at this moment of a replay: a record comes every second while it does."""
    return now_ns - picture.at_ns > _DEAD_NS


# ---- links

NetState = Literal["none", "up", "preferred_weak", "partly", "degraded", "public_down", "down", "unknown"]
Tone = Literal["normal", "amber", "red"]
_NET_TONES: dict[NetState, Tone] = {
    "none": "amber",
    "up": "normal",
    "preferred_weak": "amber",
    "partly": "amber",
    "degraded": "amber",
    "public_down": "red",
    "down": "red",
    "unknown": "amber",
}
_PUBLIC_RUNGS = ("primary", "alternate")


@dataclass(frozen=True, slots=True, kw_only=True)
class Net:
    """Whether the rear can be reached: the state, since when, and the bearers by their states."""

    state: NetState
    tone: Tone
    since_ns: int | None
    up: tuple[Bearer, ...]
    degraded: tuple[Bearer, ...]
    down: tuple[Bearer, ...]
    unknown: tuple[Bearer, ...]
    in_use: Bearer | None
    receipt_ns: int | None
    receipt_by: Bearer | None

    def is_proven(self, now_ns: int) -> bool:
        """Whether the rear lately proved that it received by the bearer in use: a link that is up proves the pipe."""
        receipt_ns = self.in_use.receipt_ns if self.in_use else None
        return receipt_ns is not None and now_ns - receipt_ns <= RECEIPT_OLD_NS


def judge_net(bearers: Sequence[Bearer]) -> Net:
    """Read the links: all down, the primary and alternate ones down, some down, weak ones only, or well.

    ``preferred_weak``: none is down, but the one that would be used is weak; it must not be called up in the headline.
    """
    groups: dict[str, tuple[Bearer, ...]] = {
        state: tuple(bearer for bearer in bearers if bearer.state == state)
        for state in ("up", "degraded", "down", "unknown")
    }
    in_use = next((bearer for bearer in bearers if bearer.is_in_use), None)
    state, since_ns = _net_state(bearers, groups, in_use)
    newest = max(bearers, key=lambda bearer: bearer.receipt_ns or 0, default=None)
    receipt_by = newest if newest is not None and newest.receipt_ns is not None else None
    return Net(
        state=state,
        tone=_NET_TONES[state],
        since_ns=since_ns,
        up=groups["up"],
        degraded=groups["degraded"],
        down=groups["down"],
        unknown=groups["unknown"],
        in_use=in_use,
        receipt_ns=receipt_by.receipt_ns if receipt_by else None,
        receipt_by=receipt_by,
    )


def _net_state(
    bearers: Sequence[Bearer], groups: dict[str, tuple[Bearer, ...]], in_use: Bearer | None
) -> tuple[NetState, int | None]:
    down, degraded = groups["down"], groups["degraded"]
    public = [bearer for bearer in bearers if bearer.rung in _PUBLIC_RUNGS]
    is_public_down = bool(public) and all(bearer.state == "down" for bearer in public)
    weak = [in_use] if in_use is not None and in_use.state == "degraded" else []
    candidates: tuple[tuple[bool, NetState, Sequence[Bearer]], ...] = (
        (len(down) == len(bearers), "down", down),
        (not groups["up"] and not degraded, "unknown", bearers),
        (is_public_down, "public_down", public),
        (not groups["up"], "degraded", degraded),
        (bool(down), "partly", down),
        (bool(weak), "preferred_weak", weak),
    )
    if not bearers:
        return "none", None
    for applies, state, which in candidates:
        if applies:
            return state, max(bearer.since_ns for bearer in which)
    return "up", None


# ---- pictures


PictureClass = Literal["live", "abnormal", "still", "resting", "dark"]


def judge_picture(camera: Camera, now_ns: int, veil_after_ns: int) -> PictureClass:
    """Whether frames arrive now, one every so often, or none; ``resting``: none is fetched, on purpose."""
    age_ns = None if camera.last_packet_ns is None else now_ns - camera.last_packet_ns
    match camera.state:
        case "standby" | "held" | "disabled":
            return "resting"
        case "stills":
            return "still" if age_ns is not None and age_ns < 2 * camera.still_s * NS_PER_S + veil_after_ns else "dark"
        case "live" | "delayed" | "abnormal" if age_ns is not None and age_ns < veil_after_ns:
            return "abnormal" if camera.state == "abnormal" else "live"
        case _:
            return "dark"
