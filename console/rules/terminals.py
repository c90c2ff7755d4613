"""What a terminal, modem or interface says of the bearer it belongs to: no probes, they would eat slots and money.

Answering our questions alone proves nothing; being registered, locked, or seeing beams does.
"""

from __future__ import annotations

from collections.abc import Iterable

from console.picture import BearerState, Fact
from console.tables import DeviceTable, Tables
from devices.driver import NS_PER_S

FRESH_NS = 60 * NS_PER_S
"""What a terminal said longer ago says nothing of now."""
USABLE_LEVEL = 3.0
USABLE_DBHZ = 40.0
_REGISTRATION = "condition.registration"
_REACHED = ("condition.lock", "condition.hub", "condition.core")
_GONE = "not-present"
_CARRIER = "condition.link"
_UNRECORDED_STATES = frozenset({"disabled", "down", "connecting"})


def state_of(tables: Tables, device: DeviceTable) -> tuple[BearerState, str | None]:
    """The state by this terminal alone, and the word for it."""
    if device.state in _UNRECORDED_STATES:
        return "unknown", "wire"
    if device.card is not None and device.card.card_id is None:
        return "down", "no_card"
    fresh = _fresh(tables, device)
    beams = [fact for fact in fresh if fact.key == "beam"]
    return _by_beams(beams) if beams or device.has_slots else _by_conditions(fresh)


def carrier_of(tables: Tables, device: DeviceTable) -> bool | None:
    """Whether this interface has a carrier; ``None`` where the device does not say, or not lately."""
    if device.state in _UNRECORDED_STATES:
        return None
    told = [fact.is_good for fact in _fresh(tables, device) if fact.key == _CARRIER]
    return None if None in told or not told else all(told)


def lost_carrier(tables: Tables, devices: Iterable[DeviceTable]) -> str | None:
    """The word for what is wrong with the first interface without a carrier; ``None`` where none is.

    One that is not there is another trouble than one without its cable: a wrong name, or a modem pulled out.
    """
    for device in devices:
        if carrier_of(tables, device) is False:
            is_gone = any(fact.key == _CARRIER and fact.value == _GONE for fact in _fresh(tables, device))
            return "no_interface" if is_gone else "no_carrier"
    return None


def _fresh(tables: Tables, device: DeviceTable) -> list[Fact]:
    return [fact for fact in device.facts.values() if fact.subject is None and tables.at_ns - fact.at_ns < FRESH_NS]


def _by_beams(beams: list[Fact]) -> tuple[BearerState, str | None]:
    usable = sum(1 for fact in beams if is_usable(fact.value, fact.unit))
    if not beams:
        return "unknown", "no_beams"
    if usable == 0:
        return "down", "no_signal"
    return ("degraded", "few_beams") if usable == 1 else ("up", None)


def _by_conditions(fresh: list[Fact]) -> tuple[BearerState, str | None]:
    """Registered in any domain, locked, hub and core reached."""
    judged = [fact for fact in fresh if fact.is_good is not None]
    registered = [fact.is_good for fact in judged if fact.key.startswith(_REGISTRATION)]
    reached = [fact.is_good for fact in judged if fact.key.startswith(_REACHED)]
    if not registered and not reached:
        return "unknown", "no_registration"
    is_up = (any(registered) or not registered) and all(reached)
    return ("up", None) if is_up else ("down", "not_registered")


def is_usable(value: object, unit: str | None) -> bool:
    """Whether a beam of this level carries a message."""
    return isinstance(value, int | float) and value >= (USABLE_DBHZ if unit == "dBHz" else USABLE_LEVEL)
