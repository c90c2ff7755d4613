"""One line a radio, terminal, modem or listener, and below a radio network one line a base station or radio.

Columns: name, state, net (card, registration, core), level, power, how many are heard, next send, last, note.
Pure, for a given moment: what is old is struck through and dated.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from console.picture import Device, Fact, Heard, Picture
from console.rules.terminals import USABLE_DBHZ, USABLE_LEVEL
from console.views.speech import NOTHING, NS_PER_S, Speech
from console.views.telling import (
    HEARING_GROUPS,
    POWER_KEYS,
    Said,
    by_subject,
    chosen,
    fact_name,
    fact_value,
    is_heard_lately,
    is_off,
    is_old,
    joined,
    latest,
    names_of,
)
from console.views.widgets.rows import Cell, Row
from console.views.widgets.understanding import word

GROUPS = (*HEARING_GROUPS, "modem")
SHOWN_SUBJECTS = 40
"""Lines below one radio network; more are counted."""

_STATE_TONES = {"up": "text", "connecting": "warn", "down": "alarm", "disabled": "dim"}
_REGISTRATIONS = ("condition.registration-eps", "condition.registration-ps", "condition.registration")
_NET_KEYS = ("condition.operator", "condition.network", "condition.session", "condition.mode", "condition.core")
_NAMED_NET_KEYS = (
    *("condition.link", "condition.network_state", "condition.no_lock", "condition.no_pl_lock", "condition.remote"),
    *("condition.tak-server", "condition.serving-cell", "condition.channel"),
)
_PLAIN_KEYS = (*_REGISTRATIONS, *_NET_KEYS)
"""Values that say what they are without a name."""

_LEVEL_KEYS = ("rsrp", "rsrq", "sinr-raw", "bars", "esn0", "ebn0", "cn", "link_margin", "snr_down", "rx_level", "rscp",
               "ecno", "rssi", "snr", "network", "channel_busy")  # fmt: skip
_LEVELS_SHOWN = 3
_RATE_KEYS = ("in_rate", "out_rate", "in_rate_share", "out_rate_share")
_NOTED_KEYS = ("condition.sms-memory", "sbd-waiting", "vswr", *_RATE_KEYS)
_STATION_KEYS = ("condition.on-air", "condition.core", "terminals", "vswr")
_INDENT = "　"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What every line needs to be said."""

    speech: Speech
    now_ns: int
    names: Mapping[tuple[str, str], str]


def terminals(picture: Picture) -> list[Device]:
    """Radios, terminals, modems and listeners; of the links those that tell levels or rates of their own."""
    return [device for device in picture.devices if _is_terminal(device)]


def _is_terminal(device: Device) -> bool:
    if device.sends or device.group in GROUPS:
        return True
    return device.group == "link" and any(fact.key in (*_LEVEL_KEYS, *_RATE_KEYS) for fact in device.facts)


def terminal_rows(picture: Picture, speech: Speech, now_ns: int) -> list[Row]:
    """All lines for this moment."""
    moment = Moment(speech=speech, now_ns=now_ns, names=names_of(picture))
    rows: list[Row] = []
    for device in terminals(picture):
        told = by_subject(device)
        rows.append(_device_row(device, told[None], moment))
        if device.group == "radio":
            rows += _subject_rows(device, told, moment)
    return rows


def counted(picture: Picture, speech: Speech, now_ns: int) -> str:
    """How many were heard lately by any of them, and how many the networks say are gone."""
    heard = [one for device in terminals(picture) if device.group in HEARING_GROUPS for one in device.heard]
    if not heard:
        return ""
    lately = sum(is_heard_lately(one, now_ns) for one in heard)
    return speech.say("comms.heard_count", lately=lately, all=len(heard), off=sum(is_off(one) for one in heard))


# ---- a device


def _device_row(device: Device, own: Mapping[str, Fact], moment: Moment) -> Row:
    speech, is_up = moment.speech, device.state == "up"
    age_ns = None if device.last_octets_ns is None else moment.now_ns - device.last_octets_ns
    is_silent = device.silent_after_s is not None and (age_ns or 0) > device.silent_after_s * NS_PER_S
    last = speech.say("comms.never") if age_ns is None else speech.say("comms.ago", age=speech.age(age_ns))
    return (
        Cell(text=device.name, is_bold=True),
        Cell(text=speech.say(f"comms.wire.{device.state}"), tone=_STATE_TONES[device.state], is_bold=not is_up),
        _net_cell(device, own, moment),
        _level_cell(device, own, moment),
        _cell(_joined(chosen(own, POWER_KEYS)[:3], device, moment)),
        _heard_cell(device, moment),
        Cell(text=_next(device, moment), tone="text" if is_up else "dim"),
        Cell(text=last, tone="text" if is_up and not is_silent else "alarm"),
        _note_cell(device, own, moment),
    )


def _cell(said: Said) -> Cell:
    return Cell(text=said.value, tone=said.tone, is_struck=said.is_struck)


def _net_cell(device: Device, own: Mapping[str, Fact], moment: Moment) -> Cell:
    if device.group == "satellite":
        words, tone = _card(device, moment.speech)
        return Cell(text=words, tone=tone)
    registrations = sorted(chosen(own, _REGISTRATIONS), key=lambda fact: fact.is_good is not True)
    facts = registrations[:1] + chosen(own, _NET_KEYS) + chosen(own, _NAMED_NET_KEYS)
    return _cell(_worded(facts[:3], device, moment))


def _worded(facts: Sequence[Fact], device: Device, moment: Moment) -> Said:
    return _joined(facts, device, moment, _named)


def _joined(
    facts: Sequence[Fact], device: Device, moment: Moment, words: Callable[[Fact, Speech], str] = fact_value
) -> Said:
    """The time stands before an old value: what a narrow column cuts off must never be how old it is."""
    return joined(facts, device, moment.speech, moment.now_ns, words, "comms.old_value")


def _named(fact: Fact, speech: Speech) -> str:
    """The value; with its short name where it means nothing without."""
    value = fact_value(fact, speech)
    return value if fact.key in _PLAIN_KEYS else f"{_short(fact, speech)} {value}"


def _short(fact: Fact, speech: Speech) -> str:
    name = word(speech, "comms.level", fact.key)
    return fact_name(fact, speech) if name == fact.key else name


def _level_cell(device: Device, own: Mapping[str, Fact], moment: Moment) -> Cell:
    beams = [fact for fact in device.facts if fact.key.startswith("beam") and fact.index is not None]
    if not beams:
        return _cell(_worded(_levels(own), device, moment))
    words = _beam_words(beam_levels(device), moment.speech)
    newest = max(beams, key=lambda fact: fact.at_ns)
    if not is_old(newest, device, moment.now_ns):
        return Cell(text=words, tone="text" if beam_levels(device) else "warn")
    at = moment.speech.minute(newest.at_ns, moment.now_ns)
    return Cell(text=moment.speech.say("comms.old_value", value=words, at=at), tone="dim", is_struck=True)


def _levels(own: Mapping[str, Fact]) -> list[Fact]:
    """The levels that say most; where none is received, that is said once."""
    facts = chosen(own, _LEVEL_KEYS)
    return [fact for fact in facts if fact.value is not None][:_LEVELS_SHOWN] or facts[:1]


def level_of(device: Device, speech: Speech, now_ns: int) -> list[Said]:
    """The level that says most of a device's reception, named; empty where it told none."""
    facts = _levels(by_subject(device)[None])[:1]
    said = [(_short(fact, speech), joined([fact], device, speech, now_ns)) for fact in facts]
    return [Said(name=name, value=one.value, tone=one.tone, is_struck=one.is_struck) for name, one in said]


def _heard_cell(device: Device, moment: Moment) -> Cell:
    if device.heard and device.group in HEARING_GROUPS:
        lately = sum(is_heard_lately(one, moment.now_ns) for one in device.heard)
        words = moment.speech.say("comms.heard", lately=lately, all=len(device.heard))
        return Cell(text=words, tone="text" if device.state == "up" else "dim")
    count = len(device.subordinates)
    return Cell(text=moment.speech.say("comms.subordinates", count=count) if count else NOTHING, tone="soft")


def _next(device: Device, moment: Moment) -> str:
    if not device.sends or device.state != "up":
        return NOTHING
    wait_ns = (device.next_send_ns or 0) - moment.now_ns
    if wait_ns <= 0:
        return moment.speech.say("comms.next_now")
    return moment.speech.say("comms.next_later", wait=moment.speech.age(wait_ns + NS_PER_S - 1))


def _note_cell(device: Device, own: Mapping[str, Fact], moment: Moment) -> Cell:
    """Why it is not up; else what is wrong with it, and the rest of what a look at it should tell."""
    if device.state != "up":
        return Cell(text=moment.speech.tell(device.reason), tone=_STATE_TONES[device.state])
    words, tone = _trouble(device, own, moment)
    facts = [fact for fact in chosen(own, _NOTED_KEYS) if not is_old(fact, device, moment.now_ns)]
    words += [f"{_short(fact, moment.speech)} {fact_value(fact, moment.speech)}" for fact in facts]
    one = latest(device.heard)
    if one is not None and device.group in HEARING_GROUPS and device.group != "radio":
        who = moment.names.get((device.id, one.subject)) or one.name or one.subject
        age = moment.speech.age(moment.now_ns - (one.at_ns or 0))
        words.append(moment.speech.say("comms.latest", who=who, age=age))
    return Cell(text=" · ".join(dict.fromkeys(words)), tone=tone)


def _trouble(device: Device, own: Mapping[str, Fact], moment: Moment) -> tuple[list[str], str]:
    shown = (*_NET_KEYS, *_NAMED_NET_KEYS, *_REGISTRATIONS, *_STATION_KEYS)
    bad = [
        f"{fact_name(fact, moment.speech)} {fact_value(fact, moment.speech)}"
        for fact in own.values()
        if fact.is_good is False and fact.key not in shown and not is_old(fact, device, moment.now_ns)
    ]
    return bad, "warn" if bad else "soft"


def _card(device: Device, speech: Speech) -> tuple[str, str]:
    card = device.card
    if card is None:
        return speech.say("comms.card_untold"), "dim"
    if card.card_id is None:
        return speech.say("comms.no_card"), "alarm"
    level = speech.say("comms.card_level", level=card.level) if card.level is not None else ""
    return " · ".join(part for part in (card.card_id, level) if part), "text"


def beam_levels(device: Device) -> list[tuple[int, float, bool]]:
    """Beams heard, strongest first: number, level, whether it is strong enough to send."""
    found = []
    for fact in device.facts:
        if not fact.key.startswith("beam") or fact.index is None or not isinstance(fact.value, int | float):
            continue
        usable = USABLE_DBHZ if fact.unit == "dBHz" else USABLE_LEVEL
        if fact.value > 0:
            found.append((fact.index, float(fact.value), fact.value >= usable))
    return sorted(found, key=lambda beam: -beam[1])


def _beam_words(beams: Sequence[tuple[int, float, bool]], speech: Speech) -> str:
    if not beams:
        return speech.say("comms.not_received")
    levels = " ".join(f"{number}:{level:g}" for number, level, _ in beams[:4])
    return speech.say("comms.beams", usable=sum(usable for _, _, usable in beams), levels=levels)


# ---- who is in a radio network


def _subject_rows(device: Device, told: Mapping[str | None, Mapping[str, Fact]], moment: Moment) -> list[Row]:
    heard = {one.subject: one for one in device.heard}
    subjects = sorted({*heard, *(one for one in told if one is not None)}, key=lambda one: _rank(one, told))
    rows = [_subject_row(device, one, heard.get(one), told.get(one, {}), moment) for one in subjects[:SHOWN_SUBJECTS]]
    if (more := len(subjects) - SHOWN_SUBJECTS) > 0:
        rows.append((Cell(text=_INDENT + moment.speech.say("comms.more", count=more), tone="dim"),))
    return rows


def _rank(subject: str, told: Mapping[str | None, Mapping[str, Fact]]) -> tuple[bool, int, str]:
    """Base stations first, then by number: a line that moves is a line that is read wrongly."""
    return not _is_station(told.get(subject, {})), len(subject), subject


def _is_station(own: Mapping[str, Fact]) -> bool:
    return any(key in own for key in _STATION_KEYS)


def _subject_row(device: Device, subject: str, heard: Heard | None, own: Mapping[str, Fact], moment: Moment) -> Row:
    name = moment.names.get((device.id, subject)) or (heard.name if heard else None)
    words, tone = _trouble(device, own, moment)
    count = own.get("terminals")
    return (
        Cell(text=_INDENT + _called(name, subject)),
        _presence_cell(device, heard, own, moment),
        _cell(_worded(chosen(own, ("condition.core",)), device, moment)),
        _cell(_worded(_levels(own), device, moment)),
        _cell(_joined(chosen(own, POWER_KEYS)[:3], device, moment)),
        _cell(_joined([count] if count else (), device, moment)),
        Cell(),
        _last_cell(device, heard, moment),
        Cell(text=" · ".join([*words, *_vswr(device, own, moment)]), tone=tone),
    )


def _called(name: str | None, subject: str) -> str:
    """Name and number; where the number is the name, once."""
    return subject if name is None or subject.endswith(name) else f"{name} · {subject}"


def _vswr(device: Device, own: Mapping[str, Fact], moment: Moment) -> list[str]:
    fact = own.get("vswr")
    if fact is None or is_old(fact, device, moment.now_ns):
        return []
    return [f"{fact_name(fact, moment.speech)} {fact_value(fact, moment.speech)}"]


def _presence_cell(device: Device, heard: Heard | None, own: Mapping[str, Fact], moment: Moment) -> Cell:
    """In the air or not for a station; in the net or gone for a radio, with no claim where nothing was told."""
    on_air = own.get("condition.on-air")
    if on_air is not None:
        key, is_good, is_doubted = f"air_{on_air.value}", on_air.is_good, is_old(on_air, device, moment.now_ns)
    elif heard is None or heard.state is None:
        return Cell(text=NOTHING, tone="dim")
    else:
        key, is_good = ("offline", False) if is_off(heard) else ("online", True)
        if heard.state == "unknown":
            key, is_good = "unknown", None
        is_doubted = device.state != "up" or not (is_off(heard) or is_heard_lately(heard, moment.now_ns))
    words = word(moment.speech, "comms.presence", key)
    if is_doubted:
        return Cell(text=words, tone="dim", is_struck=True)
    return Cell(text=words, tone="alarm" if is_good is False else "text", is_bold=is_good is False)


def _last_cell(device: Device, heard: Heard | None, moment: Moment) -> Cell:
    if heard is None or heard.at_ns is None:
        return Cell(text=moment.speech.say("comms.never"), tone="dim")
    kind = word(moment.speech, "comms.heard_kind", heard.kind)
    said = moment.speech.say("comms.heard_last", age=moment.speech.age(moment.now_ns - heard.at_ns), kind=kind)
    is_fresh = device.state == "up" and is_heard_lately(heard, moment.now_ns)
    return Cell(text=said, tone="text" if is_fresh else "dim")
