"""What the objects of a gateway mean.

**Source:** the format of this project (see the package).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, cast

from devices.drivers.radio_gateway.reading import TEXT, FieldFault, Fields
from devices.observations import (
    Call,
    Condition,
    DeliveryReport,
    Emergency,
    Observation,
    Position,
    Power,
    Presence,
    Signal,
    TextMessage,
)

_PRESENCE: Final = frozenset({"online", "offline", "unknown"})
_FIX: Final = frozenset({"none", "2d", "3d", "unknown"})
_DATUM: Final = frozenset({"wgs84", "cgcs2000", "gcj02", "unknown"})
_DELIVERY: Final = frozenset({"sent", "confirmed", "failed", "deferred"})
_REASONS: Final = frozenset({"busy", "denied", "no-answer", "no-contact", "interrupted", "refused"})
_CALL: Final = frozenset({"started", "ended"})
_CORE: Final = frozenset({"reached", "single-site", "unknown"})
_EMERGENCY: Final = frozenset({"button", "man-down", "status"})
_BUSY_PERCENT: Final = 100.0
_VSWR_GOOD: Final = 2.0
_OF_NOW: Final = frozenset({"signal", "call"})


def understand(kind: str, fields: Fields) -> Sequence[Observation] | None:
    """What an object of that type means; ``None`` for a type that is not known, and for levels and calls of the past.

    Raises:
        FieldFault: a field is not what the format says.
    """
    reader = _READERS.get(kind)
    if reader is None or (kind in _OF_NOW and fields.is_stored()):
        return None
    return reader(fields)


def _hello(fields: Fields) -> Sequence[Observation]:
    parts = (("gateway", fields.text("gateway")), ("network", fields.text("network")))
    return [Condition(part=part, value=value) for part, value in parts if value]


def _alive(_: Fields) -> Sequence[Observation]:
    return []


def _presence(fields: Fields) -> Sequence[Observation]:
    state = fields.choice("state", _PRESENCE)
    if state is None:
        raise FieldFault("state")
    return [
        Presence(
            subject=fields.needed("id"),
            state=cast("Any", state),
            source_time_ns=fields.at_ns(),
            is_stored=fields.is_stored(),
        )
    ]


def _position(fields: Fields) -> Sequence[Observation]:
    return [_place(fields, fields.needed("id"))]


def _place(fields: Fields, subject: str) -> Position:
    lat_deg, lon_deg = fields.number("lat", -90.0, 90.0), fields.number("lon", -180.0, 180.0)
    fix = fields.choice("fix", _FIX) or "unknown"
    if (lat_deg is None) != (lon_deg is None):
        raise FieldFault("lat")
    if lat_deg is None or fix == "none":
        lat_deg = lon_deg = None
        fix = "none"
    satellites = fields.number("satellites", 0, 200)
    return Position(
        subject=subject,
        callsign=fields.text("name"),
        lat_deg=lat_deg,
        lon_deg=lon_deg,
        altitude_m=fields.number("altitude_m", -1_000.0, 20_000.0),
        speed_mps=fields.number("speed_mps", 0.0, 400.0),
        course_deg=fields.number("course_deg", 0.0, 360.0),
        accuracy_m=fields.number("accuracy_m", 0.0, 1_000_000.0),
        fix=cast("Any", fix),
        satellites=None if satellites is None else int(satellites),
        datum=cast("Any", fields.choice("datum", _DATUM) or "wgs84"),
        source_time_ns=fields.at_ns(),
        is_stored=fields.is_stored(),
    )


def _text(fields: Fields) -> Sequence[Observation]:
    text = fields.text("text", TEXT)
    if text is None:
        raise FieldFault("text")
    return [
        TextMessage(
            sender=fields.needed("from"),
            recipient=fields.identity("to"),
            text=text,
            source_time_ns=fields.at_ns(),
            is_stored=fields.is_stored(),
        )
    ]


def _delivery(fields: Fields) -> Sequence[Observation]:
    state, reference = fields.choice("state", _DELIVERY), fields.text("id")
    if state is None or not reference:
        raise FieldFault("state")
    word = fields.text("reason")
    reason = None
    if state in {"failed", "deferred"}:
        word = word if word in _REASONS else "refused"
        reason = word if word == "refused" else f"radio-{word}"
    wait_s = fields.number("wait_s", 0.0, 86_400.0)
    # A dispatcher has its own queue: nothing has to be waited for but what it asks.
    wait_s = 1.0 if wait_s is None and state != "confirmed" else wait_s
    return [DeliveryReport(reference=reference, state=cast("Any", state), reason=reason, wait_s=wait_s)]


def _call(fields: Fields) -> Sequence[Observation]:
    state = fields.choice("state", _CALL)
    if state is None:
        raise FieldFault("state")
    return [
        Call(
            subject=fields.needed("from"),
            group=fields.identity("group"),
            state=cast("Any", state),
            is_emergency=bool(fields.truth("emergency")),
            source_time_ns=fields.at_ns(),
        )
    ]


def _emergency(fields: Fields) -> Sequence[Observation]:
    """A word that is not known is a call for help all the same."""
    word = fields.text("kind")
    return [
        Emergency(
            subject=fields.needed("id"),
            kind=f"@radio.emergency.{word if word in _EMERGENCY else 'button'}",
            source_time_ns=fields.at_ns(),
            is_stored=fields.is_stored(),
        )
    ]


def _power(fields: Fields) -> Sequence[Observation]:
    return [
        Power(
            subject=fields.needed("id"),
            source=fields.text("source"),
            voltage_v=fields.number("voltage_v", 0.0, 1_000.0),
            power_w=fields.number("power_w", -1_000_000.0, 1_000_000.0),
            charge_percent=fields.number("charge_percent", 0.0, 100.0),
            runtime_s=fields.number("runtime_s", 0.0, 31_536_000.0),
            is_stored=fields.is_stored(),
        )
    ]


def _signal(fields: Fields) -> Sequence[Observation]:
    quantity, unit = fields.text("quantity"), fields.text("unit")
    if not quantity or unit is None:
        raise FieldFault("quantity")
    value = fields.number("value", -1e9, 1e9)
    return [Signal(subject=fields.needed("id"), quantity=quantity, value=value, unit=unit)]


def _station(fields: Fields) -> Sequence[Observation]:
    """A base station: on the air, joined to the core or alone, what feeds it, how loaded it is.

    Levels and conditions are of now: what they were is not told of a station out of a store.
    """
    subject = fields.needed("id")
    said: list[Observation] = []
    on_air, is_stored = fields.truth("on_air"), fields.is_stored()
    if on_air is not None:
        state: Any = "online" if on_air else "offline"
        said.append(Presence(subject=subject, state=state, source_time_ns=fields.at_ns(), is_stored=is_stored))
    if is_stored:
        return said
    if on_air is not None:
        said.append(Condition(subject=subject, part="on-air", value="yes" if on_air else "no", is_good=on_air))
    core = fields.choice("core", _CORE)
    if core is not None:
        is_good = None if core == "unknown" else core == "reached"
        said.append(Condition(subject=subject, part="core", value=core, is_good=is_good))
    return [*said, *_feeding(fields, subject), *_load(fields, subject)]


def _feeding(fields: Fields, subject: str) -> list[Observation]:
    """Mains as a condition, then the supply as a whole."""
    mains = fields.truth("mains")
    voltage_v = fields.number("battery_v", 0.0, 1_000.0)
    charge_percent = fields.number("battery_percent", 0.0, 100.0)
    runtime_s = fields.number("battery_runtime_s", 0.0, 31_536_000.0)
    if (mains, voltage_v, charge_percent, runtime_s) == (None, None, None, None):
        return []
    power = Power(
        subject=subject,
        source=None if mains is None else "mains" if mains else "battery",
        voltage_v=voltage_v,
        charge_percent=charge_percent,
        runtime_s=runtime_s,
    )
    if mains is None:
        return [power]
    return [Condition(subject=subject, part="mains", value="present" if mains else "lost", is_good=mains), power]


def _load(fields: Fields, subject: str) -> list[Observation]:
    said: list[Observation] = []
    for quantity, value, unit in (
        ("vswr", fields.number("vswr", 1.0, 100.0), "1"),
        ("channel_busy", fields.number("busy_percent", 0.0, _BUSY_PERCENT), "%"),
        ("terminals", fields.number("terminals", 0, 100_000), "1"),
    ):
        if value is not None:
            said.append(Signal(subject=subject, quantity=quantity, value=value, unit=unit))
    vswr = fields.number("vswr", 1.0, 100.0)
    if vswr is not None:
        good = vswr <= _VSWR_GOOD
        said.append(Condition(subject=subject, part="antenna-match", value="good" if good else "bad", is_good=good))
    if fields.number("lat", -90.0, 90.0) is not None:
        said.append(_place(fields, subject))
    return said


_READERS: Final[dict[str, Callable[[Fields], Sequence[Observation]]]] = {
    "hello": _hello,
    "alive": _alive,
    "presence": _presence,
    "position": _position,
    "text": _text,
    "delivery": _delivery,
    "call": _call,
    "emergency": _emergency,
    "power": _power,
    "signal": _signal,
    "station": _station,
}
