"""Power in words: how long it lasts, until when, what that stands on.  Pure; ages are counted for a given moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from console.picture import Picture
from console.power_facts import Power, Shed, Supply
from console.views.judgement import Tone
from console.views.speech import NS_PER_S, Speech
from console.views.widgets.facts import FactLine

_S_PER_MIN, _S_PER_H, _S_PER_DAY = 60, 3600, 86_400
_ROUND_NS = 300 * NS_PER_S
_MINUTES_BELOW_S = 2 * _S_PER_H
_DAYS_FROM_S = 3 * _S_PER_DAY
_AGED_NS = 600 * NS_PER_S
"""A charge or fuel told longer ago stands with its age."""
_ALARMS = ("mains_lost", "endurance", "fuel", "supply_untold")


def supply_of(power: Power, supply_id: str | None) -> Supply | None:
    """The supply of this id, if it is there."""
    return next((one for one in power.supplies if one.id == supply_id), None)


def left_s(supply: Supply, now_ns: int) -> tuple[int, int] | None:
    """The range counted from now, and not from when it was reckoned; a reserve does not run down."""
    if supply.low_s is None or supply.high_s is None or supply.reckoned_ns is None:
        return None
    gone_s = 0 if supply.is_reserve else max(0, now_ns - supply.reckoned_ns) // NS_PER_S
    return max(0, supply.low_s - gone_s), max(0, supply.high_s - gone_s)


def span_words(low_s: int, high_s: int, speech: Speech) -> str:
    """``6.2–7.1 小时``, ``35–48 分``, ``2.5–3.1 天``: one unit for both ends, the low one rounded down."""
    if high_s < _MINUTES_BELOW_S:
        return speech.say("power.span.minutes", low=low_s // _S_PER_MIN, high=-(-high_s // _S_PER_MIN))
    unit_s, name = (_S_PER_DAY, "days") if low_s >= _DAYS_FROM_S else (_S_PER_H, "hours")
    low, high = low_s * 10 // unit_s / 10, -(-high_s * 10 // unit_s) / 10
    return speech.say(f"power.span.{name}", low=f"{low:.1f}", high=f"{high:.1f}")


def range_words(supply: Supply, speech: Speech, now_ns: int) -> str | None:
    """How long it lasts from now, ``None`` where nobody knows."""
    left = left_s(supply, now_ns)
    return None if left is None else span_words(*left, speech)


def ends_words(supply: Supply, speech: Speech, now_ns: int) -> str | None:
    """``约 20:45 – 21:40 用尽``: to five minutes outward."""
    between = _between(supply.ends_low_ns, supply.ends_high_ns, speech, now_ns)
    return None if between is None else speech.say("power.ends", between=between)


def _between(low_ns: int | None, high_ns: int | None, speech: Speech, now_ns: int) -> str | None:
    if low_ns is None or high_ns is None:
        return None
    low_ns = low_ns // _ROUND_NS * _ROUND_NS
    low = speech.minute(low_ns, now_ns)
    high = speech.end_of_span(low_ns, -(-high_ns // _ROUND_NS) * _ROUND_NS, now_ns)
    return speech.say("power.between", low=low, high=high)


def state_word(supply: Supply, speech: Speech) -> str:
    """The state alone."""
    if supply.state == "unknown":
        return speech.say("power.state.unknown")
    kind = supply.kind if supply.kind in {"mains", "generator"} else "battery"
    return speech.say(f"power.state.{kind}.{supply.state}")


def state_words(supply: Supply, speech: Speech, now_ns: int) -> str:
    """The state with since when."""
    word = state_word(supply, speech)
    if supply.state == "unknown":
        return word
    return speech.say("power.state.since", state=word, at=speech.minute(supply.since_ns, now_ns))


def level_of(supply: Supply) -> tuple[float, int] | None:
    """Charge or fuel in percent as told, and when."""
    percent = supply.fuel_percent if supply.kind == "generator" else supply.charge_percent
    told_ns = supply.fuel_ns if supply.kind == "generator" else supply.charge_ns
    return (percent, told_ns) if percent is not None and told_ns is not None else None


def level_words(supply: Supply, speech: Speech, now_ns: int) -> str:
    """``63%``, ``油 38% · 2 时前``: with its age once that matters; empty where nobody told."""
    level = level_of(supply)
    if level is None:
        return ""
    word = "power.level.fuel" if supply.kind == "generator" else "power.level.charge"
    said = speech.say(word, percent=int(level[0]))
    if now_ns - level[1] <= _AGED_NS:
        return said
    return speech.say("power.level.aged", level=said, age=speech.age(now_ns - level[1]))


def is_level_old(supply: Supply) -> bool:
    """Whether what is told of it is old, so that it stands struck through."""
    return supply.is_stale


def shed_words(shed: Shed, speech: Speech) -> str:
    """``先关照明 +1.4 时``: the least it buys."""
    if shed.gain_low_s < _S_PER_H:
        return speech.say("power.shed.minutes", name=shed.name, minutes=shed.gain_low_s // _S_PER_MIN)
    return speech.say("power.shed.hours", name=shed.name, hours=f"{shed.gain_low_s / _S_PER_H:.1f}")


def power_tone(picture: Picture) -> Tone:
    """Red where something ends that feeds; amber where something is cut, low, old or unknown."""
    alarmed = [alarm for alarm in picture.alarms if alarm.rule in _ALARMS and alarm.state != "returned"]
    if any(alarm.priority == "red" for alarm in alarmed):
        return "red"
    power = picture.power
    chief = supply_of(power, power.chief_id)
    is_cut = any(one.kind == "mains" and one.state == "off" for one in power.supplies)
    return "amber" if is_cut or alarmed or chief is None or chief.is_stale else "normal"


def supply_tone(supply: Supply, picture: Picture) -> str:
    """The colour of one supply's figures."""
    alarmed = [alarm for alarm in picture.alarms if alarm.subject_id == supply.id and alarm.state != "returned"]
    if any(alarm.priority == "red" for alarm in alarmed):
        return "alarm"
    if supply.is_stale:
        return "dim"
    return "warn" if alarmed or (supply.kind == "mains" and supply.state == "off") else "text"


def headline(picture: Picture, speech: Speech, now_ns: int) -> str:
    """What the post lives on and how long: the strip's first line."""
    power = picture.power
    chief, reserve = supply_of(power, power.chief_id), supply_of(power, power.reserve_id)
    if chief is None:
        return speech.say("power.strip.unknown")
    lasting = range_words(chief, speech, now_ns)
    if lasting is not None and chief.is_stale and chief.reckoned_ns is not None:
        return speech.say("power.strip.old", name=chief.name, at=speech.minute(chief.reckoned_ns, now_ns), span=lasting)
    if lasting is not None:
        return speech.say("power.strip.lasts", name=chief.name, span=lasting)
    behind = range_words(reserve, speech, now_ns) if reserve is not None else None
    if behind is not None:
        return speech.say("power.strip.reserve", name=chief.name, span=behind)
    return speech.say("power.strip.endless" if chief.kind == "mains" else "power.strip.unreckoned", name=chief.name)


def short_headline(picture: Picture, speech: Speech, now_ns: int, *, form: str = "short") -> str:
    """The figure alone, where the headline finds no room; ``form`` ``brief`` where that finds none; empty without one.

    What is no more than a reserve, or was reckoned from old values, says so in every form.
    """
    power = picture.power
    chief, reserve = supply_of(power, power.chief_id), supply_of(power, power.reserve_id)
    for supply, word in ((chief, "old" if chief is not None and chief.is_stale else "lasts"), (reserve, "reserve")):
        lasting = range_words(supply, speech, now_ns) if supply is not None else None
        if lasting is not None:
            return speech.say(f"power.{form}.{word}", span=lasting)
    if chief is None:
        return speech.say("power.brief.unknown") if form == "brief" else ""
    if chief.kind == "mains":
        return ""
    return speech.say("power.brief.unreckoned")


def below_headline(picture: Picture, speech: Speech, now_ns: int) -> tuple[str, ...]:
    """What is cut, what is doubtful, fuel, and what to switch off first: the strip's second line."""
    power = picture.power
    chief = supply_of(power, power.chief_id)
    parts = [
        speech.say("power.strip.cut", name=one.name, at=speech.minute(one.since_ns, now_ns))
        for one in power.supplies
        if one.kind == "mains" and one.state == "off"
    ]
    if chief is not None and chief.doubt is not None:
        parts.insert(0, speech.tell(chief.doubt))
    parts += [
        words for one in power.supplies if one.kind == "generator" and (words := level_words(one, speech, now_ns))
    ]
    if power.sheds:
        parts.append(shed_words(power.sheds[0], speech))
    if not parts and chief is not None:
        parts.append(state_words(chief, speech, now_ns))
    return tuple(parts)


def names_of(picture: Picture) -> Mapping[str, str]:
    """What everything that can be fed is called."""
    groups: Sequence[Sequence[object]] = (
        picture.devices,
        picture.cameras,
        picture.bearers,
        picture.teams,
        picture.power.supplies,
        picture.power.loads,
    )
    return {str(getattr(one, "id", "")): str(getattr(one, "name", "")) for group in groups for one in group}


def supply_lines(supply: Supply, picture: Picture, speech: Speech, now_ns: int) -> list[FactLine]:
    """All that is known of one supply, a line each: name, value, tone, whether struck through."""
    say, lines = speech.say, list[FactLine]()

    def add(word: str, value: str | None, tone: str = "text", *, is_old: bool = False) -> None:
        if value:
            lines.append((say(f"power.line.{word}"), value, tone, is_old))

    add("state", state_words(supply, speech, now_ns), "warn" if supply.state == "unknown" else "text")
    add("told_by", supply.told_by, "soft")
    add("level", level_words(supply, speech, now_ns), supply_tone(supply, picture), is_old=supply.is_stale)
    if supply.fuel_l is not None:
        add("fuel", say("power.line.litres", litres=f"{supply.fuel_l:.1f}"), "soft")
    if supply.load_w is not None:
        add("load", f"{supply.load_w:.0f} W", "soft")
    lasting = range_words(supply, speech, now_ns)
    add("reserve" if supply.is_reserve else "lasts", lasting, supply_tone(supply, picture), is_old=supply.is_stale)
    between = _between(supply.ends_low_ns, supply.ends_high_ns, speech, now_ns)
    add("ends", between, "soft", is_old=supply.is_stale)
    reached = _between(supply.next_low_ns, supply.next_high_ns, speech, now_ns)
    if supply.next in {"low", "critical"} and reached is not None:
        add("next", say(f"power.next.{supply.next}", between=reached), "soft")
    add("basis", speech.tell(supply.basis), "dim")
    add("doubt", speech.tell(supply.doubt), "warn")
    if supply.told_runtime_s is not None:
        add("device", say("power.line.device_says", span=speech.age(round(supply.told_runtime_s * NS_PER_S))), "dim")
    names = names_of(picture)
    fed = [names.get(one, one) for one in supply.feeds]
    add("feeds", say("shell.net.list_separator").join(fed), "soft")
    return lines
