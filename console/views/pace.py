"""What is said of the bearer that carries, of what is proposed and of the way back: pure, for a given moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from console.orders import ComposeMessage, Order
from console.picture import Bearer, Contact, Pace, Picture
from console.switch_orders import AcknowledgeReserve, TakeBearer
from console.switch_texts import texts_of_change
from console.views.speech import NS_PER_S, Speech

_S_PER_MIN = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """One sentence on who carries and what should be done; ``tone`` is a colour name of the palette.

    ``needs_hand``: a person is waited for.
    """

    text: str
    tone: str
    needs_hand: bool


def advice(picture: Picture, speech: Speech, now_ns: int) -> Advice:
    """The sentence of this moment."""
    pace, names = picture.pace, {one.id: one.name for one in picture.bearers}
    carrier = names.get(pace.carrier_id or "", "")
    trouble = _trouble(picture, names, speech)
    if trouble is not None:
        return trouble
    if pace.held_by is not None:
        args = {"bearer": carrier, "by": pace.held_by, "at": speech.minute(pace.held_ns, now_ns)}
        return Advice(text=speech.say("switch.advice.held", **args), tone="warn", needs_hand=False)
    if not pace.is_on_reserve:
        return Advice(text=speech.say("switch.advice.first", bearer=carrier), tone="faint", needs_hand=False)
    is_seen = pace.acknowledged_by is not None
    text = speech.say("switch.advice.keep" if is_seen else "switch.advice.reserve", bearer=carrier)
    back = _way_back(pace, names, speech, now_ns)
    text = f"{text} · {back}" if back else text
    return Advice(text=text, tone="soft" if is_seen else "warn", needs_hand=not is_seen)


def _trouble(picture: Picture, names: Mapping[str, str], speech: Speech) -> Advice | None:
    """What goes before everything else: another should carry, none does, or the route did not follow."""
    pace = picture.pace
    carrier = names.get(pace.carrier_id or "", "")
    if pace.proposed_id is not None:
        args = {"bearer": names.get(pace.proposed_id, pace.proposed_id), "reason": speech.tell(pace.proposed_reason)}
        return Advice(text=speech.say("switch.advice.proposed", **args), tone="warn", needs_hand=True)
    if not carrier:
        return Advice(text=speech.say("switch.advice.none"), tone="dim", needs_hand=False)
    if not any(one.is_in_use for one in picture.bearers):
        return Advice(text=speech.say("switch.advice.lost", bearer=carrier), tone="warn", needs_hand=False)
    if pace.is_misled:
        word = f"switch.advice.{pace.execution}"
        text = speech.say(word, bearer=carrier, reason=speech.tell(pace.execution_reason))
        return Advice(text=text, tone="alarm", needs_hand=True)
    return None


def _way_back(pace: Pace, names: Mapping[str, str], speech: Speech, now_ns: int) -> str:
    if pace.returns_to_id is None:
        return ""
    name = names.get(pace.returns_to_id, pace.returns_to_id)
    quiet = next((one for one in pace.quiet if one.bearer_id == pace.returns_to_id), None)
    if quiet is None or quiet.returns_ns is None:
        return speech.say("switch.advice.back", bearer=name)
    wait = speech.age(max(0, quiet.returns_ns - now_ns) + NS_PER_S - 1)
    return speech.say("switch.advice.back_soon", bearer=name, wait=wait)


def use_words(bearer: Bearer, pace: Pace, speech: Speech, now_ns: int) -> str:
    """Below a bearer's name: that it carries, since when, by whom, and what became of the route; else empty.

    Only where the route was really changed it is called in use; without that nobody here knows which way packets go.
    """
    if bearer.id != pace.carrier_id:
        return speech.say("switch.use.proposed") if bearer.id == pace.proposed_id else ""
    if not bearer.is_in_use:
        return speech.say("switch.use.lost")
    parts = [speech.say("switch.use.carries" if pace.execution == "done" else "switch.use.preferred")]
    if pace.execution in {"asked", "failed", "unknown", "replaced"}:
        parts.append(speech.say(f"switch.route.{pace.execution}"))
    at = speech.minute(pace.since_ns, now_ns)
    # Without execution this console has chosen, and switched nothing.
    way = "chosen" if pace.way == "automatic" and pace.execution == "none" else pace.way or "start"
    return " · ".join((*parts, speech.say(f"switch.way.{way}", at=at, by=pace.by)))


def route_words(bearer: Bearer, pace: Pace, speech: Speech) -> str:
    """Why the route is not where it should be; empty where it is, or none is changed."""
    is_it = bearer.id == pace.carrier_id and pace.is_misled
    return speech.tell(pace.execution_reason) if is_it else ""


def use_tone(bearer: Bearer, pace: Pace) -> str:
    """The colour of these words: a route that did not change is red."""
    if bearer.id != pace.carrier_id:
        return "warn" if bearer.id == pace.proposed_id else "soft"
    if not bearer.is_in_use:
        return "warn"
    return "alarm" if pace.is_misled else "info"


def recovery_words(bearer: Bearer, pace: Pace, speech: Speech, now_ns: int) -> str:
    """What a bearer of a higher rung must do to carry again; empty where that is no question."""
    quiet = next((one for one in pace.quiet if one.bearer_id == bearer.id), None)
    if quiet is not None and quiet.returns_ns is not None:
        wait_ns = max(0, quiet.returns_ns - now_ns)
        return speech.say("switch.recovery.soon", wait=speech.age(wait_ns + NS_PER_S - 1))
    if quiet is not None:
        return speech.say("switch.recovery.held")
    return speech.say("switch.recovery.quiet", span=_span(pace.quiet_s, speech))


def _span(span_s: float, speech: Speech) -> str:
    return speech.period(span_s) if span_s < _S_PER_MIN * _S_PER_MIN else speech.age(round(span_s) * NS_PER_S)


def next_step(picture: Picture) -> Order | None:
    """What one key does now: take what is proposed, else try the route again, else say that the reserve was seen."""
    pace, by = picture.pace, picture.incident.post
    if pace.proposed_id is not None:
        return TakeBearer(bearer_id=pace.proposed_id, by=by)
    if pace.is_misled and pace.carrier_id is not None:
        return TakeBearer(bearer_id=pace.carrier_id, by=by)
    if pace.is_on_reserve and pace.acknowledged_by is None:
        return AcknowledgeReserve(by=by)
    return None


# ---- telling the rear


def rear_contacts(picture: Picture) -> list[Contact]:
    """Who is told: the rear by the device of the bearer that carries; where it has none, by whatever it is reached."""
    rear = [one for one in picture.contacts if one.is_rear]
    device_id = next((one.device_id for one in picture.bearers if one.id == picture.pace.carrier_id), None)
    return [one for one in rear if one.device_id == device_id] or rear


def telling(picture: Picture, speech: Speech, now_ns: int) -> list[ComposeMessage]:
    """The texts that tell the rear of the change in force; none where that was done by a text already."""
    pace = picture.pace
    name = next((one.name for one in picture.bearers if one.id == pace.carrier_id), None)
    if name is None or any(one.message_id for one in pace.told):
        return []
    text = speech.say("switch.telling", bearer=name, at=speech.minute(pace.since_ns, now_ns))
    return texts_of_change(pace.number, rear_contacts(picture), text)


def told_words(picture: Picture, speech: Speech, now_ns: int) -> str:
    """Who was told of the change in force and how far the text got; that nobody was, while a reserve carries."""
    pace, states = picture.pace, {one.id: one.state for one in picture.messages}
    if not pace.told:
        return speech.say("switch.untold") if pace.is_on_reserve else ""
    return speech.say(
        "switch.told_list", who=speech.say("shell.net.list_separator").join(_told(pace, states, speech, now_ns))
    )


def _told(pace: Pace, states: Mapping[str, str], speech: Speech, now_ns: int) -> Sequence[str]:
    said = []
    for one in pace.told:
        at = speech.minute(one.at_ns, now_ns)
        if one.message_id is None:
            said.append(speech.say("switch.told_voice", who=one.name, at=at))
            continue
        state = speech.say(f"word.message.{states.get(one.message_id, 'unknown')}")
        said.append(speech.say("switch.told_text", who=one.name, state=state))
    return said
