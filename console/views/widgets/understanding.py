"""What a driver understood, one JSON object an observation, said in one line."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from console.i18n import catalogue
from console.views.speech import NOTHING, Speech

_MALFORMED = "Malformed"


def word(speech: Speech, prefix: str, value: object) -> str:
    """The text of ``prefix.value``, or the value itself where no text is kept for it."""
    message_id = f"{prefix}.{value}"
    return speech.say(message_id) if message_id in catalogue(speech.language) else str(value)


def observation_words(speech: Speech, understood: str) -> str:
    """One line for people: ``定位：N 34°23′44.6″ … · 18 星``.  What is no JSON object is shown as it is."""
    try:
        seen = json.loads(understood)
    except ValueError:
        return understood
    if not isinstance(seen, dict):
        return understood
    kind = str(seen.get("kind", ""))
    say = _SAYERS.get(kind, _plain)
    rest = say(speech, {key: value for key, value in seen.items() if key != "kind" and value is not None})
    name = word(speech, "observation", kind)
    return speech.say("understood.line", kind=name, words=rest) if rest else name


def is_malformed(understood: str) -> bool:
    """Whether this says that the wire could not be understood."""
    return f'"{_MALFORMED}"' in understood


def _join(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _plain(_speech: Speech, seen: Mapping[str, Any]) -> str:
    return _join(*(f"{key} {_value(value)}" for key, value in seen.items()))


def _value(value: object) -> str:
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def _position(speech: Speech, seen: Mapping[str, Any]) -> str:
    place = word(speech, "understood.fix", seen.get("fix", "unknown"))
    if "lat_deg" in seen and "lon_deg" in seen:
        place = speech.coordinates(seen["lat_deg"], seen["lon_deg"], str(seen.get("datum", "unknown")))
    satellites = speech.say("understood.satellites", count=seen["satellites"]) if "satellites" in seen else ""
    altitude = f"{seen['altitude_m']:.0f} m" if "altitude_m" in seen else ""
    time = speech.clock(seen.get("source_time_ns")) if "source_time_ns" in seen else ""
    return _join(str(seen.get("subject", "")), place, altitude, satellites, time)


def _text(_speech: Speech, seen: Mapping[str, Any]) -> str:
    ends = " → ".join(str(seen[key]) for key in ("sender", "recipient") if key in seen)
    return _join(ends, str(seen.get("text", "")))


def _delivery(speech: Speech, seen: Mapping[str, Any]) -> str:
    wait = speech.say("understood.wait", time=speech.period(seen["wait_s"])) if "wait_s" in seen else ""
    state = word(speech, "understood.delivery", seen.get("state", ""))
    return _join(str(seen.get("reference", "")), state, str(seen.get("reason", "")), wait)


def _signal(speech: Speech, seen: Mapping[str, Any]) -> str:
    index = f" {seen['index']}" if "index" in seen else ""
    unit = word(speech, "devices.unit", seen.get("unit", ""))
    level = f"{seen['value']:g} {unit}".strip() if "value" in seen else NOTHING
    quantity = word(speech, "devices.told", seen.get("quantity", ""))
    return _join(str(seen.get("subject", "")), f"{quantity}{index} {level}")


def _card(speech: Speech, seen: Mapping[str, Any]) -> str:
    if "card_id" not in seen:
        return _join(speech.say("understood.no_card"), str(seen.get("generation", "")))
    interval = speech.period(seen["interval_s"]) if "interval_s" in seen else ""
    return _join(str(seen["card_id"]), str(seen.get("generation", "")), interval)


def _sky(speech: Speech, seen: Mapping[str, Any]) -> str:
    satellites = [one for one in seen.get("satellites", ()) if isinstance(one, dict)]
    levels = [one["cn0_dbhz"] for one in satellites if isinstance(one.get("cn0_dbhz"), int | float)]
    best = speech.say("understood.best", level=f"{max(levels):g}") if levels else ""
    return _join(str(seen.get("system", "")), speech.say("understood.satellites", count=len(satellites)), best)


def _condition(_speech: Speech, seen: Mapping[str, Any]) -> str:
    return _join(str(seen.get("subject", "")), f"{seen.get('part', '')} {seen.get('value', '')}")


def _malformed(speech: Speech, seen: Mapping[str, Any]) -> str:
    return word(speech, "understood.malformed", seen.get("reason", ""))


_SAYERS: dict[str, Callable[[Speech, Mapping[str, Any]], str]] = {
    "Position": _position,
    "TextMessage": _text,
    "DeliveryReport": _delivery,
    "Signal": _signal,
    "Card": _card,
    "Sky": _sky,
    "Condition": _condition,
    _MALFORMED: _malformed,
}
