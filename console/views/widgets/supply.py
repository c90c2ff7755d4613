"""电: what is known of the supplies configured; else what power boxes told, as plain facts.  What is old says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from console.picture import Device, Fact, Picture
from console.views.judgement import Tone
from console.views.power_words import below_headline, headline, power_tone, short_headline
from console.views.speech import NS_PER_S, Speech
from console.views.telling import (
    CHARGE_KEY,
    POWER_KEYS,
    RUNTIME_KEY,
    SOURCE_KEY,
    by_subject,
    chosen,
    fact_name,
    fact_value,
    is_old,
)
from console.views.widgets.summary import Summary

LOW_CHARGE_PERCENT = 20.0
_GROUPS = ("power", "link")
_TROUBLES_OF_LINKS = ("condition.battery", "condition.mains", "condition.alarms", "condition.load")
"""What concerns the supply of a box that is asked for its link too."""

_RESERVED = ("mains", "external", "bypass")
"""While these feed, what a battery lasts is a reserve."""

_HEADLINE_KEYS = (SOURCE_KEY, CHARGE_KEY)
_Told = tuple[Device, Mapping[str, Fact]]


def power_summary(picture: Picture, speech: Speech, now_ns: int) -> Summary | None:
    """What the post lives on and how long, where supplies are configured; else what power boxes told.

    ``None`` where there is neither.
    The battery of a radio or a short-message terminal is not what feeds the post: it stands with its device.
    """
    if picture.power.supplies:
        return Summary(
            mark=speech.say("devices.supply.mark"),
            headline=headline(picture, speech, now_ns),
            facts=below_headline(picture, speech, now_ns),
            tone=power_tone(picture),
            short=short_headline(picture, speech, now_ns),
            brief=short_headline(picture, speech, now_ns, form="brief"),
        )
    told = [(device, by_subject(device)[None]) for device in picture.devices if device.group in _GROUPS]
    supplies = [(device, own) for device, own in told if chosen(own, POWER_KEYS)]
    if not supplies:
        return None
    now = [one for one in (_fresh(device, own, now_ns) for device, own in supplies) if chosen(one[1], POWER_KEYS)]
    if not now:
        return _old(supplies, speech, now_ns)
    return _now(now, speech, now_ns, is_partly_old=len(supplies) > len(now))


def _fresh(device: Device, own: Mapping[str, Fact], now_ns: int) -> _Told:
    """Without what is no longer known: a runtime told an hour ago on battery is none of now."""
    return device, {key: fact for key, fact in own.items() if not is_old(fact, device, now_ns)}


def _oldest_ns(told: _Told) -> int:
    return min(fact.at_ns for fact in chosen(told[1], POWER_KEYS))


def _worst(told: _Told) -> tuple[bool, float, float]:
    """The one that ends first goes first; those that say nothing of an end come last."""
    runtime_s, charge_percent = _number(told, RUNTIME_KEY), _number(told, CHARGE_KEY)
    has_neither = runtime_s is None and charge_percent is None
    most = float("inf")
    return has_neither, most if runtime_s is None else runtime_s, most if charge_percent is None else charge_percent


def _number(told: _Told, key: str) -> float | None:
    fact = told[1].get(key)
    return float(fact.value) if fact is not None and isinstance(fact.value, int | float) else None


def _said(told: _Told, speech: Speech) -> str:
    facts = chosen(told[1], _HEADLINE_KEYS) or chosen(told[1], POWER_KEYS)
    return " · ".join(fact_value(fact, speech) for fact in facts)


def _now(now: Sequence[_Told], speech: Speech, now_ns: int, *, is_partly_old: bool) -> Summary:
    ranked = sorted(now, key=_worst)
    device, own = ranked[0]
    spans = sorted(span for one in now if (span := _number(one, RUNTIME_KEY)) is not None)
    source, charge = (own.get(key) for key in (SOURCE_KEY, CHARGE_KEY))
    headline, told_below, lasts = _said(ranked[0], speech), "", ""
    if spans:
        is_reserve = source is not None and source.value in _RESERVED
        lasts = _lasts(spans, "reserve" if is_reserve else "runtime", speech)
        headline = "　".join((fact_value(source, speech), lasts)) if source is not None else lasts
        told_below = fact_value(charge, speech) if charge is not None else ""
    trouble = _trouble(ranked, speech)
    oldest = speech.age(now_ns - min(_oldest_ns(one) for one in now))
    ages = speech.say("devices.supply.one", name=device.name, age=oldest)
    if len(now) > 1:
        ages = speech.say("devices.supply.many", name=device.name, count=len(now), age=oldest)
    tone: Tone = "amber" if trouble or is_partly_old else "normal"
    charges = [percent for one in now if (percent := _number(one, CHARGE_KEY)) is not None]
    if any(percent <= LOW_CHARGE_PERCENT for percent in charges):
        tone = "red"
    return Summary(
        mark=speech.say("devices.supply.mark"),
        headline=headline,
        facts=tuple(part for part in (told_below, ages, trouble) if part),
        tone=tone,
        short=lasts,
    )


def _lasts(spans_s: Sequence[float], kind: str, speech: Speech) -> str:
    least, most = (speech.age(round(span * NS_PER_S)) for span in (spans_s[0], spans_s[-1]))
    return speech.say(f"devices.supply.{kind}", span=least if least == most else f"{least}–{most}")


def _trouble(supplies: Sequence[_Told], speech: Speech) -> str:
    bad = [
        fact
        for device, own in supplies
        for fact in own.values()
        if fact.is_good is False and (device.group == "power" or fact.key in _TROUBLES_OF_LINKS)
    ]
    return f"{fact_name(bad[0], speech)} {fact_value(bad[0], speech)}" if bad else ""


def _latest_ns(told: _Told) -> int:
    return max(fact.at_ns for fact in chosen(told[1], POWER_KEYS))


def _old(supplies: Sequence[_Told], speech: Speech, now_ns: int) -> Summary:
    """What was told last, with when: never as if it were so now."""
    latest = max(supplies, key=_latest_ns)
    at_ns = _latest_ns(latest)
    return Summary(
        mark=speech.say("devices.supply.mark"),
        headline=speech.say("devices.supply.old_below", age=speech.age(now_ns - at_ns)),
        facts=(
            speech.say(
                "devices.supply.old",
                name=latest[0].name,
                at=speech.minute(at_ns, now_ns),
                said=_said(latest, speech),
            ),
        ),
        tone="amber",
    )
