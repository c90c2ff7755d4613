"""What is said of a device: pure, from the picture and the catalogue."""

from __future__ import annotations

from collections.abc import Sequence

from console.picture import Device, Fact, Picture, Text
from console.rules.terminals import USABLE_DBHZ, USABLE_LEVEL
from console.views.speech import NOTHING, Speech
from console.views.telling import (
    HEARING_GROUPS,
    POWER_KEYS,
    Said,
    by_subject,
    chosen,
    fact_name,
    is_heard_lately,
    is_off,
    is_old,
    joined,
    latest,
    old_after_ns,
    told,
)
from console.views.widgets.understanding import word
from devices.catalogue import entries

_STATE_TONES = {"up": "text", "connecting": "warn", "down": "alarm", "disabled": "dim"}
_BEAM = "beam"
_BOX_KEYS = (
    *("condition.registration-eps", "condition.registration", "condition.operator", "condition.sim"),
    *("condition.network", "condition.session", "condition.tak-server", "condition.link", "condition.no_lock"),
    *("rsrp", "rsrq", "sinr-raw", "bars", "esn0", "cn", "snr_down", "rssi", "in_rate", "out_rate", "in_rate_share"),
    *("condition.mains", "condition.ups-status", "condition.charger", "condition.engine", "load", "fuel_level"),
    *("solar_power", "round_trip"),
)
"""What is asked of a device of its kind first, in this order."""

_MOST_BOXES = 8
MOST_FACTS_OF_OTHERS = 60
"""Lines of what a device told of others; more are counted."""


def has_trouble(device: Device, picture: Picture) -> bool:
    """Whether somebody must look at it: its wire is down, or an alarm about it stands."""
    if device.id in unjudged(picture):
        return False
    if device.state in ("down", "connecting"):
        return device.state == "down" or device.attempts > 1
    return any(
        alarm.subject_id == device.id and alarm.state in {"unacknowledged", "acknowledged"} for alarm in picture.alarms
    )


def unjudged(picture: Picture) -> dict[str, Text | None]:
    """What is not judged because something it hangs on has failed, with the reason."""
    return {alarm.subject_id: alarm.reason for alarm in picture.alarms if alarm.state == "suppressed"}


def grouped(devices: Sequence[Device]) -> list[tuple[str, list[Device]]]:
    """Devices by group, in the order in which they are configured."""
    groups: dict[str, list[Device]] = {}
    for device in devices:
        groups.setdefault(device.group, []).append(device)
    return list(groups.items())


def wire_words(wire: str, speech: Speech) -> str:
    """A wire as people read it: its kind, and where."""
    scheme, _, rest = wire.partition(":")
    where = rest.split("?", 1)[0].lstrip("/") if scheme != "serial" else rest.split("?", 1)[0]
    options = rest.split("?", 1)[1] if "?" in rest else ""
    baud = next((part[5:] for part in options.split("&") if part.startswith("baud=")), "")
    where = where.removeprefix("/dev/serial/by-id/").removeprefix("usb-")
    return " · ".join(part for part in (word(speech, "devices.wire", scheme), where, baud) if part)


def state_words(device: Device, speech: Speech, now_ns: int) -> str:
    """``已开 · 4 时 12 分``."""
    age = speech.age(now_ns - device.since_ns)
    return speech.say(f"devices.state.{device.state}", age=age)


def reason_words(device: Device, speech: Speech, now_ns: int) -> str:
    """Why the wire is not up, what can be done, and when it is tried again; empty when it is up."""
    if device.state == "up":
        return ""
    parts = [speech.tell(device.reason)]
    if device.retry_at_ns is not None and device.state != "disabled":
        wait = speech.age(device.retry_at_ns - now_ns)
        parts.append(speech.say("devices.retry", wait=wait, count=device.attempts))
    return "　".join(part for part in parts if part)


def age_words(device: Device, speech: Speech, now_ns: int) -> str:
    """The age of the last byte, or that there never was one."""
    if device.last_octets_ns is None:
        return speech.say("devices.never")
    return speech.fine_age(now_ns - device.last_octets_ns)


def headline(device: Device, speech: Speech) -> str:
    """Driver, what it is, and how far it was tried."""
    return " · ".join(
        (
            device.driver,
            word(speech, "devices.driver", device.driver),
            word(speech, "devices.maturity", device.maturity),
        )
    )


def boxes(device: Device, speech: Speech, now_ns: int) -> list[Said]:
    """The few values that answer most questions; what a device of this kind never has is left out."""
    say = speech.say
    frames = device.understood + device.malformed
    bad_percent = 100 * device.malformed / frames if frames else None
    counted = say("devices.counted", count=f"{device.understood:,}", bad=speech.percent(bad_percent))
    said = [
        Said(name=say("devices.box.wire"), value=state_words(device, speech, now_ns), tone=_STATE_TONES[device.state]),
        Said(
            name=say("devices.box.last"),
            value=age_words(device, speech, now_ns),
            tone={"up": "text", "disabled": "dim"}.get(device.state, "alarm"),
        ),
        Said(name=say("devices.box.frames"), value=counted),
    ]
    return said + _terminal_boxes(device, speech, now_ns)


def _terminal_boxes(device: Device, speech: Speech, now_ns: int) -> list[Said]:
    say = speech.say
    said = []
    if device.card is not None:
        said.append(Said(name=say("devices.box.card"), value=card_words(device, speech), tone=card_tone(device)))
    elif device.group == "satellite" and "text" in device.sends:
        said.append(Said(name=say("devices.box.card"), value=say("devices.card.untold"), tone="warn"))
    beams = [fact for fact in device.facts if fact.key.startswith(_BEAM) and fact.index is not None]
    if beams:
        said.append(beam_box(beams, device, speech, now_ns))
    own = by_subject(device)[None]
    for fact in chosen(own, _BOX_KEYS)[:_MOST_BOXES]:
        one = joined([fact], device, speech, now_ns)
        said.append(Said(name=fact_name(fact, speech), value=one.value, tone=one.tone, is_struck=one.is_struck))
    power = chosen(own, POWER_KEYS)
    if power:
        one = joined(power[:3], device, speech, now_ns)
        said.append(Said(name=say("devices.box.power"), value=one.value, tone=one.tone, is_struck=one.is_struck))
    if device.heard and device.group in HEARING_GROUPS:
        said += _heard_boxes(device, speech, now_ns)
    if "text" in device.sends:
        said.append(Said(name=say("devices.box.next"), value=next_words(device, speech, now_ns)))
    return said


def _heard_boxes(device: Device, speech: Speech, now_ns: int) -> list[Said]:
    lately = sum(is_heard_lately(one, now_ns) for one in device.heard)
    off = sum(is_off(one) for one in device.heard)
    counts = speech.say("devices.heard", lately=lately, all=len(device.heard), off=off)
    said = [Said(name=speech.say("devices.box.heard"), value=counts, tone="text" if device.state == "up" else "dim")]
    one = latest(device.heard)
    if one is not None:
        who, age = one.name or one.subject, speech.age(now_ns - (one.at_ns or 0))
        said.append(Said(name=speech.say("devices.box.latest"), value=speech.say("devices.latest", who=who, age=age)))
    return said


def card_words(device: Device, speech: Speech) -> str:
    """``4207733 · 3 级 · 60 秒``."""
    card = device.card
    if card is None:
        return NOTHING
    if card.card_id is None:
        return speech.say("devices.card.none")
    parts = [card.card_id]
    if card.level is not None:
        parts.append(speech.say("devices.card.level", level=card.level))
    if card.interval_s is not None:
        parts.append(speech.period(card.interval_s))
    return " · ".join(parts)


def card_tone(device: Device) -> str:
    """No card is an alarm: nothing can be sent."""
    return "alarm" if device.card is not None and device.card.card_id is None else "text"


def beam_box(beams: Sequence[Fact], device: Device, speech: Speech, now_ns: int) -> Said:
    """How many beams are usable and the strongest; dated and struck through when told long ago, or the wire is down."""
    at_ns = max(fact.at_ns for fact in beams)
    heard = [fact for fact in beams if isinstance(fact.value, int | float) and fact.value > 0]
    usable = sum(float(fact.value or 0) >= (USABLE_DBHZ if fact.unit == "dBHz" else USABLE_LEVEL) for fact in heard)
    unit = heard[0].unit if heard else None
    if not heard:
        value = speech.say("devices.beams.none")
    else:
        best = max(float(fact.value or 0) for fact in heard)
        value = speech.say("devices.beams.some", count=usable, best=f"{best:g}", unit=unit_words(unit, speech))
    is_stale = is_old(max(beams, key=lambda fact: fact.at_ns), device, now_ns)
    if is_stale:
        value = speech.say("devices.last_at", value=value, at=speech.minute(at_ns, now_ns))
    tone = "dim" if is_stale else "text" if heard else "alarm"
    return Said(name=speech.say("devices.box.beams"), value=value, tone=tone, is_struck=is_stale)


def next_words(device: Device, speech: Speech, now_ns: int) -> str:
    """When the next transmission is permitted; nothing is promised while the wire is not up."""
    if device.state != "up":
        return speech.say("devices.next.no_wire")
    if device.next_send_ns is None or device.next_send_ns <= now_ns:
        return speech.say("devices.next.now")
    return speech.say("devices.next.later", wait=speech.age(device.next_send_ns - now_ns))


def unit_words(unit: str | None, speech: Speech) -> str:
    """A unit as it is written."""
    return word(speech, "devices.unit", unit) if unit else ""


def facts(device: Device, speech: Speech, now_ns: int) -> list[Said]:
    """Everything else that is known of it, one a line."""
    say = speech.say
    said = [
        Said(name=say("devices.fact.id"), value=device.id),
        Said(name=say("devices.fact.wire"), value=device.wire),
        Said(name=say("devices.fact.octets"), value=_octets(device, speech)),
        Said(
            name=say("devices.fact.malformed"),
            value=f"{device.malformed:,}",
            tone="warn" if device.malformed * 20 > device.understood else "text",
        ),
        Said(name=say("devices.fact.unrecognised"), value=f"{device.unrecognised:,}"),
        Said(name=say("devices.fact.understood"), value=_ago(device.last_understood_ns, speech, now_ns)),
    ]
    if device.silent_after_s is not None:
        said.append(Said(name=say("devices.fact.silent"), value=speech.period(device.silent_after_s)))
    said += [
        Said(name=_setting_name(device, key, speech), value=word(speech, "devices.setting", value))
        for key, value in device.settings
    ]
    return said + _place(device, speech, now_ns) + _told(device, speech, now_ns) + _catalogued(device, speech)


def _octets(device: Device, speech: Speech) -> str:
    return speech.say("devices.octets", received=f"{device.octets_in:,}", sent=f"{device.octets_out:,}")


def _ago(at_ns: int | None, speech: Speech, now_ns: int) -> str:
    if at_ns is None:
        return speech.say("devices.never")
    return speech.say("devices.ago", age=speech.fine_age(now_ns - at_ns))


def _setting_name(device: Device, key: str, speech: Speech) -> str:
    entry = entries().get(device.driver)
    setting = entry.settings.get(key) if entry else None
    return speech.say(setting.label) if setting and setting.label else key


def _place(device: Device, speech: Speech, now_ns: int) -> list[Said]:
    place = device.place
    if place is None:
        return []
    age_ns = now_ns - (place.at_ns if place.fix_ns is None else place.fix_ns)
    where = speech.coordinates(place.lat_deg, place.lon_deg, place.datum)
    is_stale = age_ns > old_after_ns(device) or device.state != "up"
    value = speech.say("devices.last_at", value=where, at=speech.minute(place.at_ns, now_ns)) if is_stale else where
    said = [Said(name=speech.say("devices.fact.place"), value=value, tone=_aged(is_stale), is_struck=is_stale)]
    said.append(Said(name=speech.say("devices.fact.fix_age"), value=speech.fine_age(age_ns)))
    if place.is_clock_doubtful:
        said.append(
            Said(name=speech.say("devices.fact.clock"), value=speech.say("devices.clock_doubtful"), tone="warn")
        )
    return said


def _aged(is_stale: bool) -> str:  # noqa: FBT001 - one flag, one word
    return "dim" if is_stale else "text"


def _told(device: Device, speech: Speech, now_ns: int) -> list[Said]:
    ordered = sorted(device.facts, key=lambda fact: (fact.key, fact.index or 0))
    said = [told(fact, device, speech, now_ns) for fact in ordered if fact.subject is None]
    if device.card is not None and device.card.capacity_bits is not None:
        bits = speech.say("devices.bits", bits=device.card.capacity_bits, hanzi=device.card.capacity_bits // 14)
        said.append(Said(name=speech.say("devices.fact.capacity"), value=bits))
    if device.subordinates:
        said.append(Said(name=speech.say("devices.fact.subordinates"), value=" ".join(device.subordinates)))
    return said + _of_others(device, speech, now_ns)


def _of_others(device: Device, speech: Speech, now_ns: int) -> list[Said]:
    """What it told of those it reaches, one after the other."""
    names = {one.subject: one.name for one in device.heard if one.name}
    facts = [fact for fact in device.facts if fact.subject is not None]
    facts.sort(key=lambda fact: (len(fact.subject or ""), fact.subject or "", fact.key, fact.index or 0))
    said = []
    for fact in facts[:MOST_FACTS_OF_OTHERS]:
        one = told(fact, device, speech, now_ns)
        who = names.get(fact.subject or "", fact.subject)
        said.append(Said(name=f"{who} {one.name}", value=one.value, tone=one.tone, is_struck=one.is_struck))
    if len(facts) > MOST_FACTS_OF_OTHERS:
        more = speech.say("devices.more_told", count=len(facts) - MOST_FACTS_OF_OTHERS)
        said.append(Said(name="", value=more, tone="dim"))
    return said


def _catalogued(device: Device, speech: Speech) -> list[Said]:
    entry = entries().get(device.driver)
    if entry is None:
        return []
    return [
        Said(name=speech.say("devices.fact.transports"), value=" ".join(entry.transports), tone="soft"),
        Said(name=speech.say("devices.fact.source"), value=entry.source, tone="soft"),
    ]
