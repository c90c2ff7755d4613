"""Phones with Traccar Client or OsmAnd: one HTTP request a position.

**Source:** the public decoder of Traccar and its tests (traccar/traccar, ``OsmAndProtocolDecoder``, in English): query
``id`` or ``deviceid``, ``lat``, ``lon`` or ``location``, ``timestamp``, ``speed`` in knots, ``bearing`` or ``heading``,
``altitude``, ``accuracy``, ``batt``, ``charge``, ``valid``, ``alarm``; the newer app's JSON (``device_id``,
``location``), speed in m/s, -1 for unknown.
**Assumed:** some apps write the speed in another unit, so it is a setting (knots by default).  A number of seconds or,
from 2^31-1 on, milliseconds; a date without a zone is China's time, UTC+8; a date that cannot be read makes the whole
report ``Malformed``, because an old position would look new.  A report without any date is dated by its arrival.  A
place of 0, 0 is no place.  ``valid`` false is no fix.  A charge that was measured long before it came is not told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import parse_qsl

from devices.commands import DeviceCommand
from devices.driver import NS_PER_S, Outgoing, Refused, Settings
from devices.lines import identity, listed, number, read_line, read_object
from devices.observations import Emergency, Malformed, Observation, Position, Power, Presence, Unrecognised

MPS: Mapping[str, float] = {"knots": 1852 / 3600, "kmh": 1 / 3.6, "mps": 1.0}
CHARGE_NS = 600 * NS_PER_S
FUTURE_NS = 60 * NS_PER_S
LATEST_S = 1 << 33
FIELDS = 60
BATCH = 100
SECONDS_BELOW = 2**31 - 1
_KEPT_OCTETS = 4096
_CHINA = timezone(timedelta(hours=8))
_NUMBER = re.compile(r"[+-]?\d{1,20}(\.\d{1,20})?([eE][+-]?\d{1,3})?")
_WHOLE = re.compile(r"\d{1,15}")
_DATE = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:?\d\d)?")
_TRUE = frozenset({"true", "1"})


class Osmand:
    """One line, one request.  Keeps nothing."""

    __slots__ = ("_allowed", "_mps")

    def __init__(self, settings: Settings) -> None:
        self._mps = MPS.get(str(settings.get("speed_unit")), MPS["knots"])
        self._allowed = listed(settings.get("allowed"))

    def receive(self, data: bytes, at_ns: int) -> Sequence[Observation]:
        """Positions, charge and calls for help; never raises.

        ``Malformed`` reasons: those of ``devices.lines``, and ``identity``, ``field`` of the request.
        """
        line = read_line(data)
        if isinstance(line, Malformed):
            return (line,)
        kept = data[:_KEPT_OCTETS]
        if line.path is None:
            return (Malformed(reason="field", raw=kept),)
        said = read_object(line.payload)
        if said is None:
            fields = _fields(line.payload) | _fields(line.query or "")
            return self._reports(fields.get("id") or fields.get("deviceid"), [_plain(fields)], kept, at_ns)
        return self._newer(said, kept, at_ns)

    def _newer(self, said: Mapping[str, Any], kept: bytes, at_ns: int) -> Sequence[Observation]:
        told = said.get("location")
        reports = [told] if isinstance(told, dict) else told
        if not isinstance(reports, list) or not 0 < len(reports) <= BATCH:
            return (Malformed(reason="field", raw=kept),)
        return self._reports(said.get("device_id"), [_flat(one) for one in reports], kept, at_ns)

    def _reports(
        self, name: object, reports: Iterable[Mapping[str, Any] | None], kept: bytes, at_ns: int
    ) -> list[Observation]:
        subject = identity(name)
        if subject is None:
            return [Malformed(reason="identity", raw=kept)]
        if self._allowed and subject not in self._allowed:
            return [Unrecognised(name="stranger", raw=kept)]
        seen: list[Observation] = []
        for report in reports:
            meant = None if report is None else self._meaning(report, subject, at_ns)
            seen += meant if meant is not None else [Malformed(reason="field", raw=kept)]
        return seen

    def _meaning(self, report: Mapping[str, Any], subject: str, at_ns: int) -> list[Observation] | None:
        source_ns = _instant_ns(report.get("timestamp"))
        if source_ns is None and str(report.get("timestamp") or ""):
            return None
        lat_deg, lon_deg = number(report.get("lat"), -90, 90), number(report.get("lon"), -180, 180)
        if (lat_deg is None) != (lon_deg is None) or (lat_deg is None and "lat" in report):
            return None
        seen: list[Observation] = []
        if lat_deg is None or (lat_deg, lon_deg) == (0, 0):
            seen.append(Presence(subject=subject, state="online", source_time_ns=source_ns))
        elif str(report.get("valid", "true")).lower() in _TRUE:
            seen.append(self._position(report, subject, lat_deg, lon_deg, source_ns))
        else:
            seen.append(Position(subject=subject, fix="none", source_time_ns=source_ns))
        if report.get("alarm"):
            seen.append(Emergency(subject=subject, kind=_alarm(str(report["alarm"])), source_time_ns=source_ns))
        power = _power(report, subject, source_ns, at_ns)
        return seen if power is None else [*seen, power]

    def _position(
        self, report: Mapping[str, Any], subject: str, lat_deg: float, lon_deg: float | None, source_ns: int | None
    ) -> Position:
        speed = number(report.get("speed"), 0, 2000)
        per_unit = 1.0 if report.get("is_json") else self._mps
        return Position(
            subject=subject,
            lat_deg=lat_deg,
            lon_deg=lon_deg,
            altitude_m=number(report.get("altitude"), -1000, 100_000),
            speed_mps=None if speed is None else speed * per_unit,
            course_deg=number(report.get("bearing", report.get("heading")), 0, 360),
            accuracy_m=number(report.get("accuracy"), 0, 1e7),
            source_time_ns=source_ns,
        )

    def poll(self, at_ns: int) -> Sequence[bytes]:  # noqa: ARG002
        """Nothing: phones speak unasked."""
        return ()

    def encode(self, command: DeviceCommand, at_ns: int) -> Outgoing | Refused:  # noqa: ARG002
        """Refuse: such a phone only reports."""
        return Refused(reason="phone-reports-only")

    def finish(self) -> Sequence[Malformed]:
        """Nothing is ever left over."""
        return ()

    def save(self) -> dict[str, Any]:
        """Nothing to save."""
        return {}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Nothing to restore."""


def _fields(text: str) -> dict[str, str]:
    """The first value of each name; empty where the text is no form."""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=FIELDS, errors="replace")
    except ValueError:
        return {}
    found: dict[str, str] = {}
    for name, value in pairs:
        found.setdefault(name, value)
    return found


def _plain(fields: Mapping[str, str]) -> dict[str, Any]:
    """The fields of a query, numbers as numbers."""
    report: dict[str, Any] = {}
    for name, text in fields.items():
        is_number = name not in {"timestamp", "id", "deviceid", "alarm", "valid", "charge", "location"}
        report[name] = float(text) if is_number and _NUMBER.fullmatch(text) else text
    if "location" in fields and "lat" not in fields:
        lat, _, lon = fields["location"].partition(",")
        report["lat"] = float(lat) if _NUMBER.fullmatch(lat) else None
        report["lon"] = float(lon) if _NUMBER.fullmatch(lon) else None
    return report


def _flat(said: object) -> dict[str, Any] | None:
    """The newer app's object by the names of the query; -1 is unknown there."""
    if not isinstance(said, dict):
        return None
    places, battery, extras = said.get("coords"), said.get("battery"), said.get("extras")
    places = places if isinstance(places, dict) else {}
    battery = battery if isinstance(battery, dict) else {}
    level = number(battery.get("level"), 0, 1)
    report: dict[str, Any] = {name: places.get(name) for name in ("speed", "heading", "accuracy", "altitude")}
    report |= {"lat": places.get("latitude"), "lon": places.get("longitude")} if places else {}
    report |= {"timestamp": said.get("timestamp"), "is_json": True}
    report["batt"] = None if level is None else round(level * 100, 6)
    report["charge"] = battery.get("is_charging")
    report["alarm"] = extras.get("alarm") if isinstance(extras, dict) else None
    return report


def _instant_ns(value: object) -> int | None:
    text = str(value) if isinstance(value, (int, str)) and not isinstance(value, bool) else ""
    if _WHOLE.fullmatch(text):
        whole = int(text)
        at_ns = whole * (NS_PER_S if whole < SECONDS_BELOW else 1_000_000)
        return at_ns if 0 < at_ns < LATEST_S * NS_PER_S else None
    if not _DATE.fullmatch(text):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    moment = moment.replace(tzinfo=_CHINA) if moment.tzinfo is None else moment
    try:
        at_s = moment.timestamp()
    except (OverflowError, ValueError):
        return None
    return round(at_s * 1000) * 1_000_000 if 0 < at_s < LATEST_S else None


def _alarm(word: str) -> str:
    """The word of the app; one that we know by its name for people, which no other word can be mistaken for."""
    if word.lower() == "sos":
        return "@phones.emergency.sos"
    return "".join(sign for sign in word[:32] if sign.isprintable()).lstrip("@ ") or "alarm"


def _power(report: Mapping[str, Any], subject: str, source_ns: int | None, at_ns: int) -> Power | None:
    charge_percent = number(report.get("batt"), 0, 100)
    if charge_percent is None:
        return None
    if source_ns is not None and at_ns >= 0 and not -FUTURE_NS <= at_ns - source_ns <= CHARGE_NS:
        return None
    state = report.get("charge")
    source = None if state is None else "external" if str(state).lower() in _TRUE else "battery"
    return Power(subject=subject, source=source, charge_percent=charge_percent)
