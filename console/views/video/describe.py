"""What is said of a camera: pure."""

from __future__ import annotations

from collections.abc import Sequence

from console.picture import Camera, CameraPlace, Picture
from console.views.speech import NOTHING, Speech
from console.views.widgets.sight import Kind, TileFacts, caption_note, seen_words

_TONES: dict[Kind, str] = {
    "live": "text",
    "keyed": "text",
    "still": "info",
    "on_demand": "dim",
    "held": "dim",
    "disabled": "dim",
    "recorded": "text",
    "replayed": "dim",
    "delayed": "warn",
    "connecting": "warn",
    "decoding": "warn",
    "abnormal": "warn",
    "never": "alarm",
    "stopped": "alarm",
}
_STATES: dict[Kind, str] = {"keyed": "live", "never": "down"}
_WAITING = frozenset({"connecting", "never", "stopped"})


def state_words(camera: Camera, facts: TileFacts, speech: Speech, now_ns: int) -> tuple[str, str]:
    """State since when, the two lamps in words, the next try; and the tone.

    Frames are believed before the reported state: a camera that is called live without frames is not.
    """
    kind, say = facts.kind, speech.say
    state = _STATES.get(kind, kind)
    if kind == "stopped":
        state = "down" if camera.state == "down" else "stalled"
    if facts.is_replayed:
        state = camera.state
    parts = [say(f"videowall.state.{state}", age=speech.age(now_ns - camera.since_ns))]
    if kind not in {"on_demand", "held", "disabled", "still"}:
        parts.append(say("videowall.device_on" if camera.is_connected else "videowall.device_off"))
    if camera.retry_at_ns is not None and kind in _WAITING:
        wait = speech.age(camera.retry_at_ns - now_ns)
        parts.append(say("videowall.retry", wait=wait, count=camera.attempts))
    return " · ".join(parts), _TONES[kind]


def reason_words(camera: Camera, facts: TileFacts, speech: Speech) -> tuple[str, str]:
    """Why it is so and what can be done: of an untrustworthy picture, of one that does not come, of one held back."""
    kind = facts.kind
    if kind == "abnormal":
        name = facts.health[0] if facts.health else "doubtful"
        return speech.say(f"videowall.health.{name}"), "warn"
    if kind in {"on_demand", "held", "still"}:
        hint = speech.say("videowall.on_demand_hint") if kind == "on_demand" else ""
        return speech.tell(camera.budget_note) or hint, "soft"
    if camera.reason is not None:
        return speech.tell(camera.reason), "soft" if kind in {"live", "keyed"} else _TONES[kind]
    return speech.tell(camera.budget_note), "soft"


def camera_facts(camera: Camera, facts: TileFacts, picture: Picture, speech: Speech) -> str:
    """Age, size and coding, rate, grade, bearer, recording, owner.

    What belongs to a picture is not said while there is none.
    """
    age = caption_note(facts, speech).split(" · ", maxsplit=1)[0]
    parts = [] if age == NOTHING else [age]
    if facts.is_live:
        if camera.width_px and camera.height_px:
            parts.append(f"{camera.width_px}×{camera.height_px}")
        if camera.codec:
            parts.append(camera.codec.upper())
        if camera.rate_fps is not None:
            parts.append(f"{camera.rate_fps:.0f} fps")
        if camera.rate_bps is not None:
            parts.append(speech.rate(camera.rate_bps))
    if camera.grade is not None and facts.is_unveiled:
        parts.append(speech.say(f"camera.grade.{camera.grade}"))
    bearer = next((one for one in picture.bearers if one.id == camera.bearer_id), None)
    if bearer is not None and bearer.video_budget_bps is not None:
        used, budget = speech.rate(bearer.video_bps), speech.rate(bearer.video_budget_bps)
        parts.append(speech.say("videowall.over_rate", bearer=bearer.name, used=used, budget=budget))
    elif bearer is not None:
        parts.append(speech.say("videowall.over", bearer=bearer.name))
    parts.append(speech.say("videowall.recording" if camera.is_recording else "videowall.not_recording"))
    if camera.owner:
        parts.append(camera.owner)
    return " · ".join(parts)


def place_words(place: CameraPlace | None, picture: Picture, speech: Speech, at_ns: int) -> str:
    """Coordinates with their datum and where they come from: fixed, or the carrying team's with their age."""
    if place is None:
        return speech.say("videowall.place.unknown")
    where = speech.coordinates(place.lat_deg, place.lon_deg, place.datum)
    if place.source == "fixed":
        return speech.say("videowall.place.fixed", where=where)
    team = next((team.name for team in picture.teams if team.id == place.source), place.source)
    # As doubtful as its source: a fix is never younger than its arrival.
    known = [ns for ns in (place.fix_ns, place.at_ns) if ns is not None]
    if not known:
        return speech.say("videowall.place.undated", where=where, team=team)
    age = speech.age(at_ns - min(known))
    return speech.say("videowall.place.team", where=where, team=team, age=age)


def snapshot_lines(camera: Camera, facts: TileFacts, picture: Picture, speech: Speech) -> Sequence[str]:
    """What is burned in: mode and incident; source; time of the picture's packet; place; what is wrong with it."""
    at_ns = facts.packet_ns or 0
    source = [camera.name, camera.id, camera.owner or ""]
    if camera.grade is not None:
        source.append(speech.say(f"camera.grade.{camera.grade}"))
    if camera.codec:
        source.append(camera.codec.upper())
    tenths = at_ns % 1_000_000_000 // 100_000_000
    lines = [
        " · ".join((speech.say(f"shell.badge.{picture.mode}"), picture.incident.name)),
        speech.say("videowall.burned.source", source=" · ".join(part for part in source if part)),
        speech.say("videowall.burned.at", date=speech.date(at_ns), at=f"{speech.clock(at_ns)}.{tenths}"),
        place_words(camera.place, picture, speech, at_ns),
    ]
    if facts.kind == "abnormal":
        lines.append(speech.say("videowall.burned.abnormal", seen=seen_words(facts, speech)))
    if facts.behind is not None:
        lines.append(speech.say("videowall.burned.behind"))
    if facts.kind == "recorded":
        lines.append(speech.say("videowall.burned.recorded"))
    if facts.kind == "still":
        lines.append(speech.say("videowall.burned.still"))
    return lines
