"""What is said of a camera: pure."""

from __future__ import annotations

from console.picture import Camera
from console.views.speech import NOTHING, Speech
from console.views.widgets.tile import TileFacts, caption_note

_TONES = {
    "connecting": "warn",
    "live": "text",
    "delayed": "warn",
    "stalled": "alarm",
    "down": "alarm",
    "disabled": "dim",
    "abnormal": "alarm",
    "stills": "text",
    "standby": "dim",
    "held": "warn",
}


def state_words(camera: Camera, facts: TileFacts, speech: Speech, now_ns: int) -> tuple[str, str]:
    """State since when, the two lamps in words, the reason with its remedy, the next try; and the tone.

    Frames are believed before the reported state: a camera that is called live without frames is not.
    """
    state = camera.state
    if state in ("live", "delayed") and not facts.is_live and not facts.is_replayed:
        state = "stalled"
    parts = [
        speech.say(f"videowall.state.{state}", age=speech.age(now_ns - camera.since_ns)),
        speech.say("videowall.device_on" if camera.is_connected else "videowall.device_off"),
    ]
    if camera.reason is not None:
        parts.append(speech.tell(camera.reason))
    if camera.retry_at_ns is not None and state not in ("live", "delayed", "disabled"):
        wait = speech.age(camera.retry_at_ns - now_ns)
        parts.append(speech.say("videowall.retry", wait=wait, count=camera.attempts))
    return "　".join(parts), _TONES[state]


def camera_facts(camera: Camera, facts: TileFacts, speech: Speech) -> list[tuple[str, str]]:
    """Age, size and coding, rate, recording, owner.  What belongs to a picture is not said while there is none."""
    size = f"{camera.width_px}×{camera.height_px}" if camera.width_px and camera.height_px else NOTHING
    rate = f"{camera.rate_fps:.0f} fps" if camera.rate_fps is not None else NOTHING
    is_live = facts.is_live
    coded = " · ".join(part for part in (size, (camera.codec or "").upper()) if part)
    flow = f"{rate} · {speech.rate(camera.rate_bps)}"
    recorded = speech.say("videowall.recording" if camera.is_recording else "videowall.not_recording")
    return [
        (speech.say("videowall.age"), caption_note(facts, speech).split(" · ", maxsplit=1)[0]),
        (speech.say("videowall.size"), coded if is_live else NOTHING),
        (speech.say("videowall.rate"), flow if is_live else NOTHING),
        (speech.say("videowall.kept_as"), recorded),
        (speech.say("videowall.owner"), camera.owner or NOTHING),
    ]
