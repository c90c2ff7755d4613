"""From one raw number of a polled device and its profile's item to what it means."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from devices.observations import Condition, Observation, Power, Signal
from devices.profiles import POWER_FIELDS, Item, shown_text

BPS_PER_MBPS = 1_000_000.0
_DECIMAL = re.compile(r"\s*([+-]?\d{1,12}(?:\.\d{1,9})?)\s*[A-Za-z%/]{0,8}\s*")


def number_of(value: object) -> float | None:
    """A number, also where a device gives it as text (``12.3 dB``); ``None`` where it is none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        return value if -(2.0**64) < value < 2.0**64 else None
    found = _DECIMAL.fullmatch(value) if isinstance(value, str) else None
    return float(found[1]) if found else None


def bits_of(item: Item, raw: float) -> float:
    """The bits that count, where the item names some."""
    if item.bits is None or raw != int(raw):
        return raw
    lowest, count = item.bits
    return (int(raw) >> lowest) & ((1 << count) - 1)


def read_level(item: Item, raw: float, required_bps: float | None = None) -> Sequence[Observation] | None:
    """A Signal, and a Condition where the item has bounds of what is good; ``None``: outside of what can be."""
    if raw in item.absent:
        return (Signal(quantity=item.name, value=None, unit=item.unit),)
    value = item.value_of(raw)
    if value is None:
        return None
    said: list[Observation] = [Signal(quantity=item.name, value=value, unit=item.unit)]
    is_good = item.is_good(value)
    if item.against_required and required_bps is not None:
        is_good = value >= required_bps
        shown = f"{value / BPS_PER_MBPS:g} / {required_bps / BPS_PER_MBPS:g} Mbit/s"
        said.append(Condition(part=item.name, value=shown, is_good=is_good))
    elif is_good is not None:
        said.append(Condition(part=item.name, value=f"{value:g} {item.unit}", is_good=is_good))
    return said


def read_state(item: Item, raw: float) -> Condition:
    """A Condition: the word of a raw number."""
    word, is_good = item.word_of(int(raw))
    return Condition(part=item.name, value=word, is_good=is_good)


def read_text(item: Item, value: object) -> Condition:
    """A Condition: a device's own text, one short line."""
    return Condition(part=item.name, value=shown_text(value if isinstance(value, str) else str(value)))


def read_power(fields: Mapping[str, tuple[Item, float]]) -> Power | None:
    """One Power of the fields that were read and can be; ``None`` where there is none of them."""
    numbers: dict[str, float] = {}
    source = None
    for name in POWER_FIELDS:
        if name not in fields or fields[name][1] in fields[name][0].absent:
            continue
        item, raw = fields[name]
        if name == "source":
            source = item.word_of(int(raw))[0]
        elif (value := item.value_of(raw)) is not None:
            numbers[name] = value
    if source is None and not numbers:
        return None
    return Power(
        source=source,
        voltage_v=numbers.get("voltage_v"),
        power_w=numbers.get("power_w"),
        charge_percent=numbers.get("charge_percent"),
        runtime_s=numbers.get("runtime_s"),
    )


def is_possible(item: Item, raw: float) -> bool:
    """Whether a field of Power is absent or within what can be."""
    return item.name == "source" or raw in item.absent or item.value_of(raw) is not None
