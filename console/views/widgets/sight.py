"""What a picture source shows at this moment, and in which words: pure.

The frame is believed before the reported state, and is dated by its own packet: whatever the engine says, a frame
whose packet is old is not live.  Every kind of sight is told apart by words and by shape, never by colour alone:

``live`` ``delayed``       the picture, unveiled
``keyed``                  key frames only, by the operator's wish: packets come, the frame is a few seconds old
``still``                  one picture every so often, dated on a band of its own
``abnormal``               packets and pictures come, but what they show is not to be trusted: a hatched band says why
``connecting`` ``decoding``  a picture is being fetched, there was none so far
``never`` ``stopped``      there is none, or not any more: veiled
``on_demand`` ``held``     none is fetched, on purpose: because nobody asked, or to spare the bearer
``disabled``               out of service
``recorded``               the recording of a replayed moment, in step with the replay, dated on a band and framed
``replayed``               a replayed moment of which no frame can be shown: veiled, with the reason and the state then
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from PySide6.QtGui import QImage

from console.picture import Camera
from console.sights import Footage
from console.views.speech import NOTHING, NS_PER_S, Speech
from console.views.unwatched import Unwatched

VEIL_AFTER_NS = 1_200_000_000
DELAYED_AFTER_NS = 600_000_000
OUT_OF_STEP_NS = 1 * NS_PER_S
"""A recording this far from the replayed moment is veiled, in the watcher's time: at 5x that is 5 s of the film."""

AHEAD_NS = 300_000_000
"""The moment is told ten times a second and a recording runs on by the clock: so far ahead it may seem."""

STILL_GRACE_NS = 5 * NS_PER_S
"""How much later than twice its interval a still may come: a source takes this long to open."""

Kind = Literal[
    "live", "delayed", "keyed", "still", "abnormal", "connecting", "decoding", "never", "stopped", "on_demand", "held",
    "disabled", "recorded", "replayed",
]  # fmt: skip
UNVEILED = frozenset({"live", "delayed", "keyed", "still", "abnormal", "recorded"})
AT_REST = frozenset({"on_demand", "held", "disabled"})
_ARRIVING = frozenset({"live", "delayed", "abnormal"})
_RESTING = frozenset({"standby", "held"})
_BEHIND: Mapping[str, str] = {"camera.reason.segmented": "segmented", "camera.reason.from-file": "file"}
"""Sources whose newest packet is of an unknown moment before its arrival."""

_GROUPS: dict[Kind, str] = {
    "live": "live", "delayed": "live", "keyed": "live", "abnormal": "abnormal", "still": "still",
    "on_demand": "resting", "held": "resting", "disabled": "resting",
}  # fmt: skip
_STATE_GROUPS = {
    "live": "live", "delayed": "live", "abnormal": "abnormal", "stills": "still", "standby": "resting",
    "held": "resting", "disabled": "resting",
}  # fmt: skip


class Seen(NamedTuple):
    """What shared memory holds of a camera: the frame taken last, and how old it is.

    ``overdue_ns``: how long nothing new has come that should have; ``None``: as the age.  ``health``: what is wrong
    with the newest frames, and for how long.
    """

    image: QImage | None
    age_ns: int | None = None
    overdue_ns: int | None = None
    health: tuple[str, int] | None = None


class Recording(NamedTuple):
    """What a replay's shared memory holds of a camera: a frame and its console time.

    ``key_interval_ns``: of the film, where key frames alone are decoded, else 0.
    """

    image: QImage | None
    at_ns: int | None = None
    key_interval_ns: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TileFacts:
    """What a tile shows now.

    ``packet_age_ns`` is the age of the packet of the frame shown (``None``: there never was one); ``image`` that frame,
    if one can be had.  ``packet_ns`` is when that packet came, in console time.  ``health`` is what is wrong with the
    frames and for how long.  ``overdue_ns`` is how long nothing new has come that should have: it decides the veil,
    and differs from the age only where key frames alone are decoded (``is_key_only``).

    ``is_replayed``: the camera's state is that of a replayed moment, and the frame, if any, is recorded: then
    ``packet_ns`` is the console time it is of, ``overdue_ns`` how far it is from that moment in the watcher's time,
    ``footage`` what is played, and ``is_off``: the console did not run at that moment.

    ``unwatched``: why no alarm about this camera is heard; ``None``: its alarms are.
    """

    camera: Camera
    image: QImage | None
    packet_ns: int | None
    packet_age_ns: int | None
    overdue_ns: int | None = None
    health: tuple[str, int] | None = None
    is_selected: bool = False
    is_key_only: bool = False
    is_replayed: bool = False
    is_off: bool = False
    footage: Footage | None = None
    unwatched: Unwatched | None = None

    @property
    def kind(self) -> Kind:
        """What kind of sight this is."""
        camera = self.camera
        if self.is_replayed:
            return "recorded" if self._is_in_step else "replayed"
        if camera.state == "disabled":
            return "disabled"
        if self._is_fresh and camera.state in _ARRIVING and camera.grade != "stills":
            return self._arriving
        if camera.state in _RESTING or camera.grade == "off":
            return "on_demand" if camera.is_on_demand and camera.budget_note is None else "held"
        if camera.grade == "stills" and self._is_still_of_now:
            return "abnormal" if self.health else "still"
        return self._missing

    @property
    def behind(self) -> str | None:
        """Why what arrives now is older than its arrival by nobody knows how much; ``None``: it is not."""
        reason = self.camera.reason
        return _BEHIND.get(reason.id) if reason is not None and not self.is_replayed else None

    @property
    def _is_in_step(self) -> bool:
        is_played = self.footage is not None and self.footage.state == "playing" and self.image is not None
        return is_played and self.overdue_ns is not None and self.overdue_ns < OUT_OF_STEP_NS

    @property
    def _is_fresh(self) -> bool:
        return self.image is not None and self.overdue_ns is not None and self.overdue_ns < VEIL_AFTER_NS

    @property
    def _arriving(self) -> Kind:
        if self.health is not None or self.camera.state == "abnormal":
            return "abnormal"
        if self.behind is not None:
            return "delayed"
        if self.is_key_only:
            return "keyed"
        is_late = (self.overdue_ns or 0) > DELAYED_AFTER_NS
        return "delayed" if is_late or self.camera.state == "delayed" else "live"

    @property
    def _is_still_of_now(self) -> bool:
        limit_ns = round(2 * self.camera.still_s * NS_PER_S) + STILL_GRACE_NS
        return self.image is not None and self.packet_age_ns is not None and self.packet_age_ns < limit_ns

    @property
    def _missing(self) -> Kind:
        if self.camera.state in _ARRIVING and self.image is None:
            return "decoding"
        if self.packet_ns is None:
            return "connecting" if self.camera.state == "connecting" else "never"
        return "stopped"

    @property
    def is_live(self) -> bool:
        """Whether pictures arrive now: the frame may be taken for the present."""
        return self.kind in {"live", "delayed", "keyed", "abnormal"}

    @property
    def is_unveiled(self) -> bool:
        """Whether the frame is shown as it is; a still too, dated."""
        return self.kind in UNVEILED


def facts_of(
    camera: Camera,
    seen: Seen,
    now_ns: int,
    *,
    is_selected: bool = False,
    is_key_only: bool = False,
) -> TileFacts:
    """The facts of a tile at ``now_ns``.

    Where there is no frame, the picture's last packet dates the veil.  What the engine says of the health counts
    where shared memory says nothing: a doubt raised by either stands.
    """
    stamp = camera.last_packet_ns
    if seen.age_ns is not None:
        stamp = now_ns - seen.age_ns
    age_ns = None if stamp is None else max(0, now_ns - stamp)
    health = seen.health
    if health is None and camera.health is not None:
        health = (camera.health, max(0, now_ns - (camera.health_since_ns or now_ns)))
    return TileFacts(
        camera=camera,
        image=seen.image,
        packet_ns=stamp,
        packet_age_ns=age_ns,
        overdue_ns=age_ns if seen.overdue_ns is None else seen.overdue_ns,
        health=health,
        is_selected=is_selected,
        is_key_only=is_key_only,
    )


def replayed_facts(
    camera: Camera,
    recording: Recording,
    now_ns: int,
    *,
    footage: Footage | None,
    pace: float = 0.0,
    is_off: bool = False,
) -> TileFacts:
    """The facts of a tile at the replayed moment ``now_ns`` of a replay that runs at ``pace``, 0: it stands.

    A frame of later than that moment is none: it is left of where the replay was before.  Where nothing was recorded,
    or the console was off, there is none either.
    """
    pace = max(1.0, pace)
    at_ns, image = recording.at_ns, recording.image
    is_wanted = footage is not None and footage.state in {"opening", "playing", "hung", "failed"} and not is_off
    if at_ns is None or at_ns > now_ns + AHEAD_NS * pace or not is_wanted:
        at_ns = image = None
    behind_ns = None if at_ns is None else max(0, now_ns - at_ns)
    overdue_ns = None if behind_ns is None else round(max(0, behind_ns - recording.key_interval_ns) / pace)
    return TileFacts(
        camera=camera,
        image=image,
        packet_ns=at_ns,
        packet_age_ns=behind_ns,
        overdue_ns=overdue_ns,
        is_key_only=recording.key_interval_ns > 0,
        is_replayed=True,
        is_off=is_off,
        footage=footage,
    )


def lamps(facts: TileFacts) -> tuple[bool | None, bool | None]:
    """Device answers, frames arrive; ``None``: none is expected, because none is fetched."""
    kind, camera = facts.kind, facts.camera
    if facts.is_replayed:
        group = _STATE_GROUPS.get(camera.state, "missing")
        if group == "resting":
            return (True if camera.is_connected else None), None
        return camera.is_connected, group != "missing"
    if kind in AT_REST:
        return (True if camera.is_connected else None), None
    # Between two stills the device is not asked: the still that came is the proof.
    return camera.is_connected or kind == "still", facts.is_unveiled


def tally(cameras: Iterable[Camera], facts: Mapping[str, TileFacts]) -> Counter[str]:
    """How many are ``live``, ``abnormal``, a ``still``, at ``resting``, or ``missing``: by what is seen where it is.

    Whatever is not on the wall is counted by its reported state.
    """
    return Counter(
        _GROUPS.get(facts[camera.id].kind, "missing")
        if camera.id in facts
        else _STATE_GROUPS.get(camera.state, "missing")
        for camera in cameras
    )


# ---- words


def veil_words(facts: TileFacts, speech: Speech, now_ns: int) -> tuple[str, str, str]:
    """What the veil says: a headline, a line below, and the tone of the headline.

    Tones: ``alarm`` a picture that was there has stopped, ``warn`` it is being fetched, ``dim`` none is fetched.
    """
    camera, kind, say = facts.camera, facts.kind, speech.say
    if kind == "replayed":
        return _replay_words(facts, speech, now_ns)
    if kind == "disabled":
        return say("tile.disabled"), speech.tell(camera.reason), "dim"
    if kind in {"on_demand", "held"}:
        last = say("tile.last", at=speech.second(facts.packet_ns, now_ns)) if facts.packet_ns else ""
        below = speech.tell(camera.budget_note) or (say("tile.on_demand_hint") if kind == "on_demand" else "")
        return say(f"tile.{kind}"), " · ".join(part for part in (last, below) if part), "dim"
    said = speech.tell(camera.reason) if camera.reason and camera.reason.id != "camera.reason.still-taken" else ""
    below = said or say("tile.connected" if camera.is_connected else "tile.disconnected")
    if kind == "decoding":
        return say("tile.decoding"), below, "warn"
    retry = ""
    if camera.retry_at_ns is not None and not camera.is_connected:
        retry = say("tile.retry", after=speech.age(max(0, camera.retry_at_ns - now_ns)))
    if kind in {"connecting", "never"}:
        headline = say(f"tile.{kind}")
        return headline, " · ".join(part for part in (below, retry) if part), _tone(kind)
    headline = say("tile.stopped", at=speech.second(facts.packet_ns, now_ns))
    parts = (say("tile.since", age=speech.age(facts.packet_age_ns)), below, retry)
    return headline, " · ".join(part for part in parts if part), "alarm"


def _replay_words(facts: TileFacts, speech: Speech, now_ns: int) -> tuple[str, str, str]:
    """Why no recorded frame is shown, and what was known of the camera then."""
    say, footage = speech.say, facts.footage
    if facts.is_off:
        return say("tile.off"), say("tile.off_below"), "dim"
    was = {"live": "live", "still": "live", "abnormal": "abnormal", "resting": "resting"}
    then = say(f"tile.was.{was.get(_STATE_GROUPS.get(facts.camera.state, ''), 'dark')}")
    if footage is None:
        return say("tile.replayed"), then, "dim"
    since = say("tile.footage_since", at=speech.second(footage.since_ns, now_ns)) if footage.since_ns else ""
    parts = [since if footage.state in {"gap", "removed"} else "", footage.file or "", then]
    tone = "dim" if footage.state in {"gap", "removed", "opening"} else "warn"
    return say(f"tile.footage.{footage.state}"), " · ".join(part for part in parts if part), tone


def recorded_words(facts: TileFacts, speech: Speech, now_ns: int) -> str:
    """That a frame is of a recording, and of when, to the tenth of a second."""
    at_ns = facts.packet_ns or 0
    at = f"{speech.second(at_ns, now_ns)}.{at_ns % NS_PER_S // 100_000_000}"
    return speech.say("tile.recorded_keyed" if facts.is_key_only else "tile.recorded", at=at)


def _tone(kind: Kind) -> str:
    return "warn" if kind in {"connecting", "decoding"} else "alarm"


def seen_words(facts: TileFacts, speech: Speech) -> str:
    """What is wrong with the frames, in a word or two."""
    return speech.say(f"camera.health.{facts.health[0]}" if facts.health else "tile.doubtful")


def band_words(facts: TileFacts, speech: Speech, now_ns: int) -> tuple[str, str, bool] | None:
    """What is said on a band above an unveiled frame, what of less weight beside it, and whether it is a warning."""
    kind, note = facts.kind, speech.tell(facts.camera.budget_note)
    if kind == "recorded":
        is_doubtful = facts.camera.state == "abnormal"
        return recorded_words(facts, speech, now_ns), speech.say("tile.was.abnormal") if is_doubtful else "", False
    if kind == "abnormal":
        if facts.health is None:
            return speech.say("tile.abnormal_undated", seen=seen_words(facts, speech)), "", True
        age = speech.age(facts.health[1])
        return speech.say("tile.abnormal", seen=seen_words(facts, speech), age=age), "", True
    if kind == "still":
        taken = speech.second(facts.packet_ns, now_ns)
        return speech.say("tile.still", at=taken, age=speech.age(facts.packet_age_ns)), note, False
    if kind == "delayed" and facts.behind is not None:
        return speech.say(f"tile.behind.{facts.behind}"), note, True
    return (note, "", False) if kind in UNVEILED and note else None


def caption_note(facts: TileFacts, speech: Speech) -> str:
    """Age, then of a picture that arrives its size, rate and grade; of one that does not how long since."""
    kind, camera = facts.kind, facts.camera
    if kind == "still":
        return speech.say("tile.still_age", age=speech.age(facts.packet_age_ns))
    if not facts.is_live:
        if kind in {"stopped", "held", "on_demand"} and facts.packet_age_ns is not None:
            return speech.say("tile.ago", age=speech.age(facts.packet_age_ns))
        return NOTHING
    parts = [speech.fine_age(facts.packet_age_ns)]
    if facts.is_key_only:
        parts[0] = speech.say("tile.keyed", age=parts[0])
    if kind == "delayed":
        parts[0] = speech.say("tile.late_unknown" if facts.behind is not None else "tile.late", age=parts[0])
    if camera.height_px:
        parts.append(f"{camera.height_px}p")
    if camera.rate_bps is not None:
        parts.append(speech.rate(camera.rate_bps))
    if camera.grade is not None:
        parts.append(speech.say(f"camera.grade.{camera.grade}"))
    return " · ".join(parts)
