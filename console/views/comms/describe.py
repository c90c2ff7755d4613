"""What is said of bearers and messages: pure, for a given moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import get_args

from console.picture import Bearer, Device, Fact, Message, Pace, Picture, Rung
from console.thrift import SPARE_SHARE, SPENT_SHARE
from console.views.carrying import carried, evidence_words, loss_ways, used
from console.views.comms.terminals import level_of
from console.views.pace import recovery_words, route_words, use_words
from console.views.speech import NOTHING, NS_PER_S, Speech
from console.views.telling import Said
from console.views.widgets.label import SEPARATOR
from console.views.widgets.understanding import word

JUDGED_OLD_NS = 15 * NS_PER_S
"""Figures judged longer ago are struck through and dated."""

RUNGS: tuple[Rung, ...] = get_args(Rung)
LATE_RECEIPT_NS = 300 * NS_PER_S
MESSAGE_TONES = {
    "queued": "soft",
    "submitted": "soft",
    "sent": "warn",
    "confirmed": "soft",
    "failed": "alarm",
    "unknown": "alarm",
    "abandoned": "faint",
    "received": "soft",
}
OPEN_STATES = ("unknown", "failed")


def bearer_lines(bearer: Bearer, pace: Pace, speech: Speech, now_ns: int) -> tuple[str, str, str]:
    """Below the name: whether it carries; since when, and what is needed of it; why it is as it is."""
    use = use_words(bearer, pace, speech, now_ns)
    need = speech.say("comms.requires", need=bearer.requires) if bearer.requires else ""
    since = speech.say(
        "comms.since", at=speech.minute(bearer.since_ns, now_ns), age=speech.age(now_ns - bearer.since_ns)
    )
    reason = _reason(bearer, pace, speech)
    if reason or use:
        # The reason may take two lines: then the need goes on the line of the time.
        return use, " · ".join(part for part in (since, need) if part), reason
    return need, since, ""


def brief_lines(bearer: Bearer, pace: Pace, speech: Speech, now_ns: int) -> tuple[str, str, str]:
    """The same in two lines: whether it carries; since when and why.  What it relies on is one of its facts then."""
    use = use_words(bearer, pace, speech, now_ns)
    since = speech.say(
        "comms.since", at=speech.minute(bearer.since_ns, now_ns), age=speech.age(now_ns - bearer.since_ns)
    )
    return use, "", SEPARATOR.join(part for part in (since, _reason(bearer, pace, speech)) if part)


def relied_on(bearer: Bearer, speech: Speech) -> list[Said]:
    """What it needs to work, where that is not said with the time."""
    return [Said(name=speech.say("comms.fact.relies"), value=bearer.requires)] if bearer.requires else []


def _reason(bearer: Bearer, pace: Pace, speech: Speech) -> str:
    reasons = (route_words(bearer, pace, speech), speech.tell(bearer.reason), evidence_words(bearer, speech))
    return SEPARATOR.join(part for part in reasons if part)


def is_old(bearer: Bearer, now_ns: int) -> bool:
    """Whether the figures are no longer those of now."""
    return bearer.judged_ns is None or now_ns - bearer.judged_ns > JUDGED_OLD_NS


def recovery(bearer: Bearer, picture: Picture, speech: Speech, now_ns: int) -> list[Said]:
    """What a bearer of a higher rung than the one that carries must do to carry again; nothing for the others."""
    pace, ranks = picture.pace, {one.id: RUNGS.index(one.rung) for one in picture.bearers}
    rank = ranks.get(pace.carrier_id or "")
    if rank is None or RUNGS.index(bearer.rung) >= rank:
        return []
    return [Said(name=speech.say("comms.fact.recovery"), value=recovery_words(bearer, pace, speech, now_ns))]


def bearer_facts(bearer: Bearer, speech: Speech, now_ns: int, device: Device | None = None) -> list[Said]:
    """Receipt, round trip, loss, level, next send, capacity, what pictures take: what this bearer has.

    Where the bearer itself has no level, the best that its ``device`` told.
    """
    said = [_receipt(bearer, speech, now_ns)]
    if bearer.round_trip_ms is not None:
        said.append(_figure(bearer, "round_trip", speech.round_trip(bearer.round_trip_ms), speech, now_ns))
    if bearer.round_trip_ms is not None or bearer.loss_percent is not None:
        loss = _figure(bearer, "loss", speech.percent(bearer.loss_percent), speech, now_ns)
        said.append(loss_ways(bearer, speech) or loss)
    if bearer.level is not None:
        said.append(_level(bearer.level, speech, now_ns))
    elif device is not None:
        said += level_of(device, speech, now_ns)
    if bearer.next_send_ns is not None or bearer.capacity_bits is not None:
        said.append(Said(name=speech.say("comms.fact.next"), value=_next(bearer, speech, now_ns)))
    if bearer.capacity_bits is not None:
        value = speech.say("comms.capacity", hanzi=bearer.capacity_bits // 14)
        said.append(Said(name=speech.say("comms.fact.capacity"), value=value))
    said += [one for one in (carried(bearer, speech, now_ns), used(bearer, speech)) if one is not None]
    return said + _video(bearer, speech)


def _video(bearer: Bearer, speech: Speech) -> list[Said]:
    """What pictures take of it now and took in the last hour, with the budgets; nothing where they never used it."""
    said: list[Said] = []
    if bearer.video_budget_bps is not None or bearer.video_grade != "main" or bearer.video_hour_bytes:
        now, most = bearer.video_bps, bearer.video_budget_bps
        value = speech.rate(now) if most is None else _of(now, most, (("Mb/s", 1e6), ("kb/s", 1e3)))
        said.append(Said(name=speech.say(f"comms.video.{bearer.video_grade}"), value=value))
    if bearer.video_hour_bytes or bearer.video_hour_budget_bytes:
        said.append(_video_hour(bearer, speech))
    return said


def _video_hour(bearer: Bearer, speech: Speech) -> Said:
    name, used_bytes, most_bytes = (
        speech.say("comms.fact.video_hour"),
        bearer.video_hour_bytes,
        bearer.video_hour_budget_bytes,
    )
    if most_bytes is None:
        return Said(name=name, value=speech.size(used_bytes))
    share = used_bytes / most_bytes
    tone = "alarm" if share >= SPENT_SHARE else "warn" if share >= SPARE_SHARE else "text"
    return Said(name=name, value=_of(used_bytes, most_bytes, (("GB", 1e9), ("MB", 1e6), ("kB", 1e3))), tone=tone)


def _of(used: float, most: float, units: Sequence[tuple[str, float]]) -> str:
    """``412/512 kb/s``: both in the unit of the bound, so that they can be compared and have room."""
    unit, scale = next((one for one in units if most >= one[1]), units[-1])
    digits = 1 if most < 10 * scale else 0
    return f"{used / scale:.{digits}f}/{most / scale:.{digits}f} {unit}"


def _receipt(bearer: Bearer, speech: Speech, now_ns: int) -> Said:
    name = speech.say("comms.fact.receipt")
    if bearer.receipt_ns is None:
        return Said(name=name, value=speech.say("comms.no_receipt"), tone="dim")
    age = speech.age(now_ns - bearer.receipt_ns)
    value = speech.say("comms.receipt", at=speech.minute(bearer.receipt_ns, now_ns), age=age)
    return Said(name=name, value=value)


def _figure(bearer: Bearer, name: str, value: str, speech: Speech, now_ns: int) -> Said:
    title = speech.say(f"comms.fact.{name}")
    if value == NOTHING or not is_old(bearer, now_ns):
        tone = "text" if value != NOTHING else "dim"
        return Said(name=title, value=value, tone=tone)
    dated = speech.say("comms.last_at", value=value, at=speech.minute(bearer.judged_ns, now_ns))
    return Said(name=title, value=dated, tone="dim", is_struck=True)


def _level(level: Fact, speech: Speech, now_ns: int) -> Said:
    name = word(speech, "comms.level", level.key)
    if level.value is None:
        return Said(name=name, value=speech.say("comms.not_received"), tone="warn")
    number = f"{level.value:g}" if isinstance(level.value, int | float) else str(level.value)
    value = f"{number} {word(speech, 'devices.unit', level.unit)}" if level.unit else number
    if now_ns - level.at_ns <= 4 * JUDGED_OLD_NS:
        return Said(name=name, value=value)
    dated = speech.say("comms.last_at", value=value, at=speech.minute(level.at_ns, now_ns))
    return Said(name=name, value=dated, tone="dim", is_struck=True)


def _next(bearer: Bearer, speech: Speech, now_ns: int) -> str:
    if bearer.state == "down":
        return NOTHING
    if bearer.next_send_ns is None or bearer.next_send_ns <= now_ns:
        return speech.say("comms.next_now")
    return speech.say("comms.next_later", wait=speech.age(bearer.next_send_ns - now_ns + NS_PER_S - 1))


# ---- messages


def message_head(message: Message, speech: Speech, names: Mapping[str, str]) -> tuple[str, str]:
    """To or from whom, and by which device with the measure of the text."""
    peer = message.peer_name or message.peer or speech.say("comms.nobody")
    head = speech.say("comms.to" if message.is_outgoing else "comms.from", peer=peer)
    by = names.get(message.device_id, message.device_id)
    if message.is_outgoing and message.used is not None and message.limit is not None and message.unit is not None:
        by = f"{by} {message.used} / {message.limit} {speech.say(f'unit.{message.unit}')}"
    return head, by


def message_state(message: Message, speech: Speech, now_ns: int) -> tuple[str, str]:
    """How far it got, in words, and the tone.  Sent is not confirmed: it says so, and for how long."""
    say = speech.say
    at = speech.second(message.changed_ns, now_ns)
    reason = speech.tell(message.reason)
    match message.state:
        case "sent":
            since_ns = message.sent_ns if message.sent_ns is not None else message.changed_ns
            words = say("comms.state.sent", age=speech.age(now_ns - since_ns))
        case "confirmed":
            words = say("comms.state.confirmed", at=speech.second(message.confirmed_ns, now_ns))
        case "received":
            words = ""
        case state:
            words = say(f"comms.state.{state}", at=at, age=speech.age(now_ns - message.changed_ns))
    tone = MESSAGE_TONES[message.state]
    if words and reason:
        words = say("comms.with_reason", state=words, reason=reason)
    return words or reason, tone


def newest_first(messages: Sequence[Message]) -> list[Message]:
    """Those that need a person first, then by time."""
    return sorted(messages, key=lambda message: (message.state not in OPEN_STATES, -message.created_ns))


def counts(messages: Sequence[Message], speech: Speech) -> str:
    """``待发 1 · 未确认 1 · 不明 1``."""
    waiting = sum(message.state in ("queued", "submitted") for message in messages)
    sent = sum(message.state == "sent" for message in messages)
    open_ = sum(message.state in OPEN_STATES for message in messages)
    return speech.say("comms.counts", waiting=waiting, sent=sent, open=open_)
