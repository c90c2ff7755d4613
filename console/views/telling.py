"""How what a device told is read: the name of a fact, its value, how old it is, who is meant.  Pure, for one moment.

A fact is old when it was told longer ago than its device may be silent, or when the device's wire is not up: it was
so, whether it still is is not known, and it must not look like now.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from console.i18n import catalogue
from console.picture import Bearer, Device, Fact, Heard, Picture
from console.views.speech import NOTHING, NS_PER_S, Speech
from console.views.widgets.understanding import word

STALE_FACT_NS = 300 * NS_PER_S
"""For a device that says nothing of how long it may be silent."""

HEARD_LATELY_NS = 900 * NS_PER_S

HEARING_GROUPS = ("satellite", "radio", "vehicle", "tak", "tracker")
"""Devices through which people and vehicles are heard; who sends a message to a modem is no station of its net."""

_NUMBERED = re.compile(r"(fault|code|error|unknown|state|status|mode)-([0-9A-Za-z]+)")
_CONDITION, _POWER = "condition.", "power."
POWER_KEYS = tuple(f"{_POWER}{part}" for part in ("source", "charge", "runtime", "voltage", "watts"))
"""What feeds it, how full, for how long."""

SOURCE_KEY, CHARGE_KEY, RUNTIME_KEY = POWER_KEYS[:3]
_FREE = frozenset(
    (
        *("firmware", "gateway", "imei", "interface", "maker", "model", "modem_status", "network", "network_state"),
        *("operator", "product", "profile", "radio-id", "refused-terminal", "region", "serving-id", "serving-network"),
        *("software", "status", "system_name", "terminal", "text"),
    )
)
"""Parts whose value is somebody's own wording, never a word of ours but for these."""

_WORD_BY_WORD = frozenset({"alarm", "battery", "call", "sms-report", "ups-status"})
"""Parts that list several of our words, or one and a number."""

_OURS = frozenset({"none", "unknown"})


_BEARER_TONES = {"up": "text", "degraded": "warn", "down": "alarm", "unknown": "dim"}


def bearer_word(bearer: Bearer, speech: Speech) -> str:
    """Its state, and whether it is cut and comes back again and again."""
    state = speech.say(f"word.bearer.{bearer.state}")
    return f"{state} · {speech.say('word.bearer.unstable')}" if bearer.is_unstable else state


def bearer_tone(bearer: Bearer) -> str:
    """The tone of that word: what is unstable is never plain."""
    tone = _BEARER_TONES[bearer.state]
    return "warn" if bearer.is_unstable and tone == "text" else tone


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A named value; ``is_struck``: it was so, whether it still is is not known."""

    name: str
    value: str
    tone: str = "text"
    is_struck: bool = False


def old_after_ns(device: Device) -> int:
    """How long what this device told may stand as of now."""
    return STALE_FACT_NS if device.silent_after_s is None else round(device.silent_after_s * NS_PER_S)


def is_old(fact: Fact, device: Device, now_ns: int) -> bool:
    """Whether this is no longer known to be so."""
    return device.state != "up" or now_ns - fact.at_ns > old_after_ns(device)


def by_subject(device: Device) -> dict[str | None, dict[str, Fact]]:
    """Facts by whom they are told of and by key; ``None`` is the device itself.  Numbered ones (beams) are left out."""
    found: dict[str | None, dict[str, Fact]] = {None: {}}
    for fact in device.facts:
        if fact.index is None:
            found.setdefault(fact.subject, {})[fact.key] = fact
    return found


def chosen(own: Mapping[str, Fact], keys: Sequence[str]) -> list[Fact]:
    """Those of these keys that were told, in this order."""
    return [own[key] for key in keys if key in own]


def fact_name(fact: Fact, speech: Speech) -> str:
    """What the value is, in words where they are known: ``参考信号功率``, ``波束 3``, ``核心网``."""
    family, _, part = fact.key.partition(".")
    if fact.key.startswith(_CONDITION):
        name = word(speech, "devices.condition", part)
        name = name if name != part else word(speech, "devices.told", part)
    elif fact.key.startswith(_POWER):
        name = word(speech, "devices.power", part)
    else:
        name = word(speech, "devices.told", family)
        name = f"{name} {part}" if part else name
    return name if fact.index is None else f"{name} {fact.index}"


def fact_value(fact: Fact, speech: Speech) -> str:
    """The value with its unit, in words where they are known; without one: nothing is received."""
    if fact.value is None:
        return speech.say("devices.not_received")
    if fact.key.startswith(_CONDITION):
        return _condition(fact.key.removeprefix(_CONDITION), str(fact.value), speech)
    if fact.key == SOURCE_KEY:
        return word(speech, "devices.power_source", fact.value)
    if isinstance(fact.value, bool | str):
        return str(fact.value)
    if fact.unit == "level" and not fact.key.startswith("beam"):
        return speech.say("devices.level", value=f"{fact.value:g}")
    return _measured(fact.value, fact.unit, speech)


def _measured(value: float, unit: str | None, speech: Speech) -> str:
    match unit:
        case "s":
            return speech.age(round(value * NS_PER_S))
        case "bit/s":
            return speech.rate(float(value))
        case None:
            return f"{value:g}"
        case "%":
            return f"{value:g}%"
        case _:
            return f"{value:g} {word(speech, 'devices.unit', unit)}".rstrip()


def _condition(part: str, value: str, speech: Speech) -> str:
    if part in _FREE and value not in _OURS:
        return value
    words = value.split(" ") if part in _WORD_BY_WORD else [value]
    return " ".join(_word_of(part, one, speech) for one in words)


def _word_of(part: str, value: str, speech: Speech) -> str:
    """The same word means another thing of another part: no operator is not "not registered"."""
    for prefix in (f"devices.condition_of.{part}", "devices.condition_value"):
        if f"{prefix}.{value}" in catalogue(speech.language):
            return word(speech, prefix, value)
    numbered = _NUMBERED.fullmatch(value)
    return speech.say(f"devices.numbered.{numbered[1]}", code=numbered[2]) if numbered else value


def fact_tone(fact: Fact) -> str:
    """How the device judges it: a bad part is amber, a level not received too."""
    if fact.is_good is False or (fact.value is None and not fact.key.startswith(_CONDITION)):
        return "warn"
    return "text"


def told(fact: Fact, device: Device, speech: Speech, now_ns: int) -> Said:
    """Name and value with its age; an old one with the time it was told, struck through."""
    name, value = fact_name(fact, speech), fact_value(fact, speech)
    if is_old(fact, device, now_ns):
        dated = speech.say("devices.last_at", value=value, at=speech.minute(fact.at_ns, now_ns))
        return Said(name=name, value=dated, tone="dim", is_struck=True)
    aged = speech.say("devices.aged", value=value, age=speech.age(now_ns - fact.at_ns))
    return Said(name=name, value=aged, tone=fact_tone(fact))


# ---- who is meant


def names_of(picture: Picture) -> Mapping[tuple[str, str], str]:
    """The team or contact behind a device's subject, by device and subject; a team's name goes first."""
    found = {(one.device_id, one.recipient.lstrip("0")): one.name for one in picture.contacts}
    for team in picture.teams:
        for means in team.means:
            device_id, slash, subject = means.partition("/")
            if slash:
                found[device_id, subject.lstrip("0")] = team.name
    return found


def latest(heard: Iterable[Heard]) -> Heard | None:
    """Who was heard last, ``None`` where nobody was."""
    return max((one for one in heard if one.at_ns is not None), key=lambda one: one.at_ns or 0, default=None)


def is_heard_lately(heard: Heard, now_ns: int) -> bool:
    """Whether this one gave a sign of life within the last quarter of an hour."""
    return heard.at_ns is not None and now_ns - heard.at_ns <= HEARD_LATELY_NS


def is_off(heard: Heard) -> bool:
    """Whether the network said that this one is gone, and nothing was heard of it since."""
    return heard.state == "offline" and (heard.at_ns is None or (heard.state_ns or 0) >= heard.at_ns)


# ---- several at once


def joined(
    facts: Sequence[Fact],
    device: Device,
    speech: Speech,
    now_ns: int,
    words: Callable[[Fact, Speech], str] = fact_value,
    dated_id: str = "devices.last_at",
) -> Said:
    """Several values in one cell: those of now, and only where there are none the last known, struck and dated.

    ``dated_id`` is the text with ``value`` and ``at`` for the latter.
    """
    if not facts:
        return Said(name="", value=NOTHING, tone="dim")
    fresh = [fact for fact in facts if not is_old(fact, device, now_ns)]
    value = " · ".join(words(fact, speech) for fact in fresh or facts)
    if fresh:
        tone = "warn" if any(fact_tone(fact) == "warn" for fact in fresh) else "text"
        return Said(name="", value=value, tone=tone)
    oldest = min(facts, key=lambda fact: fact.at_ns)
    dated = speech.say(dated_id, value=value, at=speech.minute(oldest.at_ns, now_ns))
    return Said(name="", value=dated, tone="dim", is_struck=True)
