"""The daemon gpsd, which reads GNSS receivers of any make and tells what they say as lines of JSON.

One daemon may have several receivers.  Its reports belong to the device on this wire (``subject`` ``None``) while it
has one receiver only, or where the setting ``device`` names it; otherwise the subject is the receiver's path.

**Source:** gpsd's client protocol, major version 3 (classes VERSION, WATCH, DEVICES, DEVICE, TPV, SKY, ERROR);
output of Debian 12's gpsd 3.22 recorded from a run.
**Assumed:** constellation numbers ``gnssid`` 0 GPS, 1 SBAS, 2 Galileo, 3 BeiDou, 5 QZSS, 6 GLONASS, 7 NavIC, without
them the usual ranges of ``PRN``; a level of 0 dB-Hz means not received; ``status`` 5 (dead reckoning) and 8 (simulated)
are positions of unknown fix; ``eph``, else the larger of ``epx`` and ``epy``, is the accuracy.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from devices.commands import DeviceCommand, SendRaw
from devices.driver import NS_PER_S, Outgoing, Refused, Settings
from devices.observations import (
    ClockReading,
    Condition,
    Fix,
    Malformed,
    Observation,
    Position,
    Satellite,
    Signal,
    Sky,
    Unrecognised,
)

LINE_OCTETS: Final = 16_000
RECEIVERS: Final = 16
SATELLITES: Final = 200
WATCH: Final = b'?WATCH={"enable":true,"json":true};\n'
DEVICES: Final = b"?DEVICES;\n"
ASK_AGAIN_NS: Final = 10 * NS_PER_S
DEVICES_NS: Final = 30 * NS_PER_S
"""The daemon is silent without a receiver: its list of them tells it from a dead one."""
COUNT_NS: Final = 10 * NS_PER_S
_PATH_LETTERS: Final = 120
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MODES: Final[Mapping[int, Fix]] = {2: "2d", 3: "3d"}
_GUESSED: Final = frozenset({5, 8})
_SYSTEMS: Final[Mapping[int, str]] = {
    0: "gps",
    1: "sbas",
    2: "galileo",
    3: "beidou",
    5: "qzss",
    6: "glonass",
    7: "navic",
}
_RANGES: Final = (
    (1, 32, "gps"),
    (65, 96, "glonass"),
    (120, 158, "sbas"),
    (193, 202, "qzss"),
    (301, 336, "galileo"),
    (401, 463, "beidou"),
)


class _Fault(Exception):  # noqa: N818 - an inner word of this file
    """A report holds something that its field cannot mean."""


Report = Mapping[str, Any]


class Gpsd:
    """Lines of JSON in; the request to be told, and now and then for the list of receivers, out."""

    def __init__(self, settings: Settings) -> None:
        self._device = str(settings.get("device", ""))
        self._rest = b""
        self._is_overlong = False
        self._is_watched = False
        self._watched_ns: int | None = None
        self._listed_ns: int | None = None
        self._paths: list[str] = []
        self._systems: dict[str, list[str]] = {}
        self._used: dict[str, tuple[int, int]] = {}
        self._decoders: Mapping[str, Callable[[Report, int], Sequence[Observation]]] = {
            "TPV": self._place,
            "SKY": self._sky,
            "DEVICES": self._receivers,
            "DEVICE": self._receiver,
            "VERSION": self._version,
            "WATCH": self._watch,
            "ERROR": self._error,
        }

    def receive(self, data: bytes, at_ns: int) -> Sequence[Observation]:
        """Positions, clock readings, sky views, the state of receivers; never raises."""
        said: list[Observation] = []
        held = self._rest + data
        while True:
            end = held.find(b"\n", 0, LINE_OCTETS + 1)
            if end < 0 and len(held) <= LINE_OCTETS:
                break
            line, held = (held[:end], held[end + 1 :]) if end >= 0 else (held[:LINE_OCTETS], held[LINE_OCTETS:])
            if self._is_overlong or end < 0:
                said += [Malformed(reason="length", raw=line)] if line else []
                self._is_overlong = end < 0
            elif line.strip():
                said += self._understand(line.strip(), at_ns)
        self._rest = held
        return said

    def poll(self, at_ns: int) -> Sequence[bytes]:
        """The request to watch until it is confirmed, then the list of receivers at long intervals."""
        if not self._is_watched:
            if not _is_past(self._watched_ns, ASK_AGAIN_NS, at_ns):
                return ()
            self._watched_ns = self._listed_ns = at_ns
            return (WATCH,)
        if not _is_past(self._listed_ns, DEVICES_NS, at_ns):
            return ()
        self._listed_ns = at_ns
        return (DEVICES,)

    def encode(self, command: DeviceCommand, at_ns: int) -> Outgoing | Refused:  # noqa: ARG002
        """Pass one typed request (``?NAME...;``) on; refuse everything else: receivers have nobody to talk to."""
        if not isinstance(command, SendRaw):
            return Refused(reason="receiver-only")
        line = command.octets.rstrip(b"\r\n")
        if not 0 < len(line) <= 1024:
            return Refused(reason="raw-length")
        if not (line.startswith(b"?") and line.endswith(b";") and all(0x20 <= octet < 0x7F for octet in line)):
            return Refused(reason="gpsd-line")
        return Outgoing(octets=line + b"\n")

    def finish(self) -> Sequence[Malformed]:
        """The line the wire broke off in; the next connection is asked anew."""
        rest, self._rest, self._is_overlong = self._rest, b"", False
        self._is_watched, self._watched_ns = False, None
        return (Malformed(reason="truncated", raw=rest),) if rest.strip() else ()

    def save(self) -> dict[str, Any]:
        """The unfinished line, what was asked, the receivers and what each told of satellites."""
        return {
            "rest": self._rest.hex(),
            "is_overlong": self._is_overlong,
            "is_watched": self._is_watched,
            "watched_ns": self._watched_ns,
            "listed_ns": self._listed_ns,
            "paths": list(self._paths),
            "systems": {path: list(told) for path, told in self._systems.items()},
            "used": {path: list(told) for path, told in self._used.items()},
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue from what ``save`` gave."""
        self._rest = bytes.fromhex(state["rest"])
        self._is_overlong = bool(state["is_overlong"])
        self._is_watched = bool(state["is_watched"])
        self._watched_ns, self._listed_ns = state["watched_ns"], state["listed_ns"]
        self._paths = list(state["paths"])
        self._systems = {path: list(told) for path, told in state["systems"].items()}
        self._used = {path: (count, at_ns) for path, (count, at_ns) in state["used"].items()}

    # ---- reports

    def _understand(self, line: bytes, at_ns: int) -> Sequence[Observation]:
        try:
            report = json.loads(line, parse_constant=_no_number)
        except (ValueError, RecursionError):
            return (Malformed(reason="json", raw=line),)
        if not isinstance(report, dict):
            return (Malformed(reason="json", raw=line),)
        name = _words(report.get("class"))[:16]
        decode = self._decoders.get(name)
        if decode is None:
            return (Unrecognised(name=name, raw=line),)
        try:
            return decode(report, at_ns)
        except _Fault:
            return (Malformed(reason="field", raw=line),)

    def _subject(self, path: str) -> str | None:
        is_own = path == self._device if self._device else len(self._paths) <= 1
        return None if is_own else path or "unknown"

    def _path(self, report: Report) -> str:
        path = _words(report.get("device"))[:_PATH_LETTERS]
        self._know(path)
        return path

    def _know(self, path: str) -> None:
        if path and path not in self._paths:
            self._paths = [*self._paths, path][-RECEIVERS:]

    def _forget(self, path: str) -> None:
        self._paths = [one for one in self._paths if one != path]
        self._systems.pop(path, None)
        self._used.pop(path, None)

    def _version(self, report: Report, _at_ns: int) -> Sequence[Observation]:
        value = f"{_words(report.get('release'))[:40]} protocol {_words(report.get('proto_major'))[:8]}"
        return (Condition(part="gpsd", value=value, is_good=report.get("proto_major") == 3),)

    def _watch(self, report: Report, _at_ns: int) -> Sequence[Observation]:
        self._is_watched = report.get("enable") is True
        return (Condition(part="watch", value="on" if self._is_watched else "off", is_good=self._is_watched),)

    def _error(self, report: Report, _at_ns: int) -> Sequence[Observation]:
        return (Condition(part="error", value=_words(report.get("message"))[:200], is_good=False),)

    def _receivers(self, report: Report, _at_ns: int) -> Sequence[Observation]:
        given = report.get("devices")
        if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
            raise _Fault
        listed = [one for one in given[:RECEIVERS] if _words(one.get("path"))]
        gone = [path for path in self._paths if path not in {_words(one["path"])[:_PATH_LETTERS] for one in listed}]
        said = [one for path in gone for one in self._lost(path)]
        for one in listed:
            self._know(_words(one["path"])[:_PATH_LETTERS])
        said += [self._state(one) for one in listed]
        return said or (Condition(part="receiver", value="none", is_good=False),)

    def _receiver(self, report: Report, _at_ns: int) -> Sequence[Observation]:
        path = _words(report.get("path"))[:_PATH_LETTERS]
        if not path:
            raise _Fault
        activated = report.get("activated")
        if isinstance(activated, (int, float)) and activated == 0:
            return self._lost(path)
        self._know(path)
        return (self._state(report),)

    def _lost(self, path: str) -> Sequence[Observation]:
        subject = self._subject(path)
        self._forget(path)
        return (Condition(subject=subject, part="receiver", value=f"{path} gone", is_good=False),)

    def _state(self, report: Report) -> Condition:
        path = _words(report["path"])[:_PATH_LETTERS]
        driver = _words(report.get("driver"))[:40]
        value = f"{path} {driver}" if driver else f"{path} waiting"
        return Condition(subject=self._subject(path), part="receiver", value=value, is_good=True if driver else None)

    def _place(self, report: Report, at_ns: int) -> Sequence[Observation]:
        path = self._path(report)
        subject = self._subject(path)
        mode, status = _whole(report, "mode"), _whole(report, "status")
        time_ns = _time_ns(report.get("time"))
        lat_deg, lon_deg = _number(report, "lat", -90.0, 90.0), _number(report, "lon", -180.0, 180.0)
        fix = _MODES.get(mode if mode is not None else 0)
        clock = () if time_ns is None else (ClockReading(subject=subject, source_time_ns=time_ns, is_locked=bool(fix)),)
        altitudes_m = [_number(report, name, -20_000.0, 1e8) for name in ("altMSL", "alt", "altHAE")]
        accuracy_m, speed_mps, course_deg = _accuracy_m(report), *_motion(report)
        satellites = self._satellites(path, at_ns)
        if fix is None or lat_deg is None or lon_deg is None:
            return (Position(subject=subject, fix="none", satellites=satellites, source_time_ns=time_ns), *clock)
        place = Position(
            subject=subject,
            lat_deg=lat_deg,
            lon_deg=lon_deg,
            altitude_m=next((one for one in altitudes_m if one is not None), None) if fix == "3d" else None,
            speed_mps=speed_mps,
            course_deg=course_deg,
            accuracy_m=accuracy_m,
            fix="unknown" if status in _GUESSED else fix,
            satellites=satellites,
            source_time_ns=time_ns,
        )
        return (place, *clock)

    def _satellites(self, path: str, at_ns: int) -> int | None:
        """How many satellites the last sky view used, while that is recent."""
        count, told_ns = self._used.get(path, (None, at_ns))
        return count if 0 <= at_ns - told_ns <= COUNT_NS else None

    def _sky(self, report: Report, at_ns: int) -> Sequence[Observation]:
        hdop = _number(report, "hdop", 0.0, 1e4)
        given = report.get("satellites", [])
        if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
            raise _Fault
        seen: dict[str, dict[int, Satellite]] = {}
        for one in given[:SATELLITES]:
            _take_best(seen, _satellite(one))
        path = self._path(report)
        subject = self._subject(path)
        said: list[Observation] = []
        if hdop is not None:
            said.append(Signal(subject=subject, quantity="hdop", value=hdop, unit="1"))
        if "satellites" not in report:  # accuracies alone say nothing of the satellites in view
            return said or ()
        self._used[path] = (sum(one.get("used") is True for one in given[:SATELLITES]), at_ns)
        for system in dict.fromkeys((*seen, *self._systems.get(path, ()))):
            stars = seen.get(system, {})
            satellites = tuple(stars[number] for number in sorted(stars))
            said.append(Sky(subject=subject, system=system, satellites=satellites))
        self._systems[path] = list(seen)
        self._bound(path)
        return said

    def _bound(self, newest: str) -> None:
        for told in (self._systems, self._used):
            for path in list(told):
                if len(told) > RECEIVERS and path != newest:
                    told.pop(path)


def _take_best(seen: dict[str, dict[int, Satellite]], one: Satellite) -> None:
    """A satellite is told once a signal: it has the level of its best one."""
    stars = seen.setdefault(one.system, {})
    other = stars.get(one.number)
    if other is None or (one.cn0_dbhz or -1.0) > (other.cn0_dbhz or -1.0):
        stars[one.number] = one


def _satellite(report: Report) -> Satellite:
    prn, system_number, number = _whole(report, "PRN"), _whole(report, "gnssid"), _whole(report, "svid")
    if prn is None and (system_number is None or number is None):
        raise _Fault
    system = _SYSTEMS.get(system_number) if system_number is not None else None
    if system is None or number is None:
        number = prn if prn is not None else number or 0
        system = system or next((name for low, high, name in _RANGES if low <= number <= high), "mixed")
    return Satellite(
        system=system,
        number=number,
        elevation_deg=_number(report, "el", -90.0, 90.0),
        azimuth_deg=_number(report, "az", 0.0, 360.0),
        cn0_dbhz=_number(report, "ss", 0.0, 254.0) or None,
    )


def _motion(report: Report) -> tuple[float | None, float | None]:
    return _number(report, "speed", 0.0, 1e5), _number(report, "track", 0.0, 360.0)


def _accuracy_m(report: Report) -> float | None:
    both_m = _number(report, "eph", 0.0, 1e8)
    if both_m is not None:
        return both_m
    east_m, north_m = _number(report, "epx", 0.0, 1e8), _number(report, "epy", 0.0, 1e8)
    return max(east_m, north_m) if east_m is not None and north_m is not None else None


def _number(report: Report, name: str, low: float, high: float) -> float | None:
    value = report.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
        raise _Fault
    return float(value) if math.isfinite(value) else None


def _whole(report: Report, name: str) -> int | None:
    value = report.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 9999:
        raise _Fault
    return value


def _time_ns(value: object) -> int | None:
    """An instant in ISO 8601; what cannot be one (a leap second) is unknown."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return (moment - _EPOCH) // timedelta(microseconds=1) * 1000 if moment.tzinfo is not None else None


def _words(value: object) -> str:
    """A text of theirs without control characters."""
    text = value if isinstance(value, str) else str(value) if isinstance(value, int) else ""
    return "".join(letter for letter in text if letter.isprintable()).encode("utf-8", "replace").decode("utf-8")


def _no_number(name: str) -> float:
    raise ValueError(name)


def _is_past(before_ns: int | None, pause_ns: int, at_ns: int) -> bool:
    """Whether ``pause_ns`` has gone by; a clock that went backwards counts as if it had."""
    return before_ns is None or not 0 <= at_ns - before_ns < pause_ns
