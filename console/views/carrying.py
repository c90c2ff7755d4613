"""What a bearer carried when it was measured, what was used of it, what its devices say: in words, for one moment."""

from __future__ import annotations

from console.link_facts import Throughput
from console.picture import Bearer
from console.views.speech import NS_PER_S, Speech
from console.views.telling import Said

OLD_NS = 900 * NS_PER_S
"""A measurement older than that says little of what it carries now."""

_SPARE, _SPENT = 0.8, 1.0
_UNITS = (("GB", 1e9), ("MB", 1e6), ("kB", 1e3))


def evidence_words(bearer: Bearer, speech: Speech) -> str:
    """What its devices say, but for what the reason says already."""
    reason = speech.tell(bearer.reason)
    return " · ".join(words for one in bearer.evidence if (words := speech.tell(one)) and words != reason)


def carried(bearer: Bearer, speech: Speech, now_ns: int) -> Said | None:
    """The last check with its age beside what is required; ``None`` where neither is known."""
    found, need = bearer.throughput, bearer.requires_mbps
    if found is None:
        if need is None:
            return None
        value = speech.say("links.requires_mbps", required=f"{need:g}")
        return Said(name=speech.say("links.required"), value=value, tone="dim")
    name = speech.say("links.measured", age=speech.age(now_ns - found.at_ns))
    if found.out_mbps is None or found.back_mbps is None:
        return Said(name=name, value=speech.say("links.measured_failed"), tone="warn")
    args = {"out": rate(found.out_mbps), "back": rate(found.back_mbps)}
    if need is None:
        value = speech.say("links.figures", **args)
    else:
        value = speech.say("links.figures_required", required=f"{need:g}", **args)
    is_old = now_ns - found.at_ns > OLD_NS
    return Said(name=name, value=value, tone="dim" if is_old else _tone(found), is_struck=is_old)


def carried_aged(bearer: Bearer, speech: Speech, now_ns: int) -> str:
    """The same in one cell of a table."""
    said = carried(bearer, speech, now_ns)
    if said is None or bearer.throughput is None:
        return said.value if said is not None else ""
    return speech.say("links.aged", value=said.value, age=speech.age(now_ns - bearer.throughput.at_ns))


def _tone(found: Throughput) -> str:
    return "warn" if found.is_enough is False else "text"


def rate(mbps: float) -> str:
    """Two figures that count below ten, whole numbers above."""
    return f"{mbps:.2f}" if mbps < 1 else f"{mbps:.1f}" if mbps < 10 else f"{mbps:.0f}"


def used(bearer: Bearer, speech: Speech) -> Said | None:
    """Octets of the period, and of how many; ``None`` where nothing was counted and nothing bounds it."""
    usage = bearer.usage
    if usage is None or (usage.quota_bytes is None and usage.is_own):
        return None
    period = speech.say(f"links.period.{usage.period}")
    name = speech.say("links.used_own" if usage.is_own else "links.used", period=period)
    most = usage.quota_bytes
    if most is None:
        return Said(name=name, value=speech.size(usage.used_bytes))
    share = usage.used_bytes / most
    tone = "alarm" if share >= _SPENT else "warn" if share >= _SPARE else "text"
    unit, scale = next((one for one in _UNITS if most >= one[1]), _UNITS[-1])
    digits = 1 if most < 10 * scale else 0
    return Said(name=name, value=f"{usage.used_bytes / scale:.{digits}f}/{most / scale:.{digits}f} {unit}", tone=tone)


def loss_ways(bearer: Bearer, speech: Speech) -> Said | None:
    """The share lost each way; ``None`` where no reflector counts."""
    if bearer.loss_out_percent is None or bearer.loss_back_percent is None:
        return None
    value = f"{bearer.loss_out_percent:g}/{bearer.loss_back_percent:g}%"
    return Said(name=speech.say("links.loss_ways"), value=value)
