"""What the NMEA sentences of GNSS receivers mean; dates and sky views are put together over several sentences.

Field layouts, numbered from 1 after the address:

- GGA time, lat, N/S, lon, E/W, quality, satellites, HDOP, altitude, M, geoid, M, age, station [, vendor]
- RMC time, A/V, lat, N/S, lon, E/W, knots, course, ddmmyy, variation, E/W [, mode [, status]]
- GLL lat, N/S, lon, E/W, time, A/V [, mode]   - GNS time, lat, N/S, lon, E/W, modes, satellites, HDOP, altitude, geoid
- GSA A/M, 1..3, 12 numbers, PDOP, HDOP, VDOP [, system]   - GSV count, index, in view, 4 x (number, elevation,
  azimuth, C/N0) [, signal]   - VTG course, T, course, M, knots, N, km/h, K [, mode]   - ZDA time, day, month, year

**Source:** field layouts as published by gpsd ("NMEA Revealed") and pynmeagps; talkers BD and GB for BeiDou.
**Assumed:** a GSA mode holds for the next 20 positions; qualities 6 to 8 (estimated, manual, simulated) are positions
of unknown fix; without GSA a fix is 3d when it has an altitude from four satellites, 2d from three; a ZDA of more
than seven fields is the RDSS sentence of the same name and not ours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from devices.nmea import FieldFault, angle, day_ns, day_time_ns, nearest_ns, number, short_date_ns, whole
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
)

MPS_PER_KNOT = 1852 / 3600
MODE_POSITIONS = 20
FORGET_GROUPS = 16
OPEN_GROUPS = 32

SYSTEMS: Mapping[bytes, str] = {
    b"GP": "gps",
    b"GL": "glonass",
    b"GA": "galileo",
    b"GB": "beidou",
    b"BD": "beidou",
    b"GQ": "qzss",
    b"QZ": "qzss",
    b"PQ": "qzss",
    b"GI": "navic",
    b"GN": "mixed",
}
_MODES: Mapping[bytes, Fix] = {b"1": "none", b"2": "2d", b"3": "3d"}
_QUALITIES = frozenset((b"1", b"2", b"3", b"4", b"5", b"6", b"7", b"8", b"9"))
_DOUBTFUL = frozenset((b"6", b"7", b"8"))
_ANTENNA: Mapping[str, bool] = {"ok": True, "open": False, "short": False}
Fields = list[bytes]


class _Short(Exception):  # noqa: N818 - an inner word of this file
    """A sound sentence has fewer fields than its kind must have."""


class Gnss:
    """Understands GGA RMC GLL GNS GSA GSV VTG ZDA TXT of one receiver.

    Undated times are completed from the last date this receiver told, carried on by the console time that went by
    since, else to the nearest instant to ``at_ns``; with ``at_ns`` negative (now is not known) they stay ``None``.
    Positions without a fix have no coordinates.  The state is bounded.
    """

    __slots__ = ("_date", "_dated_at_ns", "_dated_ns", "_groups", "_heard", "_mode", "_mode_left", "_time")

    def __init__(self) -> None:
        self._dated_ns: int | None = None
        self._dated_at_ns = -1
        self._mode: Fix = "unknown"
        self._mode_left = 0
        self._groups: dict[str, tuple[int, int, Fields]] = {}
        self._heard: dict[str, dict[str, tuple[int, tuple[Satellite, ...]]]] = {}
        self._time: tuple[bytes, int | None] = (b"", None)
        self._date: tuple[bytes, int | None] = (b"", None)

    def understand(self, body: bytes, frame: bytes, at_ns: int) -> Sequence[Observation] | None:
        """What the sentence means; ``None`` if it is none of ours.  ``body`` stands between ``$`` and ``*``."""
        decode = _DECODERS.get(body[2:6])
        if decode is None:
            return None
        if b"_" in body and body[2:6] != b"TXT,":  # the only character that float() would overlook
            return (Malformed(reason="field", raw=frame),)
        try:
            return decode(self, body.split(b","), at_ns)
        except FieldFault:
            return (Malformed(reason="field", raw=frame),)
        except _Short:
            return (Malformed(reason="length", raw=frame),)

    # ---- time

    def _since_midnight(self, field: bytes) -> int | None:
        known, value = self._time
        if field != known:
            value = day_time_ns(field)
            self._time = (field, value)
        return value

    def _complete(self, since_midnight_ns: int | None, at_ns: int) -> int | None:
        if since_midnight_ns is None:
            return None
        if self._dated_ns is None:
            return None if at_ns < 0 else nearest_ns(since_midnight_ns, at_ns)
        if at_ns < 0 or self._dated_at_ns < 0:
            self._dated_ns = nearest_ns(since_midnight_ns, self._dated_ns)
            return self._dated_ns
        return nearest_ns(since_midnight_ns, self._dated_ns + max(0, at_ns - self._dated_at_ns))

    def _dated(self, instant_ns: int, at_ns: int) -> int:
        self._dated_ns = instant_ns
        self._dated_at_ns = at_ns
        return instant_ns

    # ---- positions

    def _fix(self, inferred: Fix) -> Fix:
        if self._mode_left <= 0:
            return inferred
        self._mode_left -= 1
        return self._mode

    def _gga(self, f: Fields, at_ns: int) -> Sequence[Observation]:
        if len(f) < 10:
            raise _Short
        time_ns = self._complete(self._since_midnight(f[1]), at_ns)
        satellites = whole(f[7], 0, 999)
        quality = f[6]
        lat_deg, lon_deg = angle(f[2], f[3]), angle(f[4], f[5])
        if quality in {b"0", b""}:
            lat_deg = None
        elif quality not in _QUALITIES:
            raise FieldFault
        if lat_deg is None or lon_deg is None:
            return (Position(fix="none", satellites=satellites, source_time_ns=time_ns),)
        altitude_m = number(f[9], -20_000.0, 1e8)
        return (
            Position(
                lat_deg=lat_deg,
                lon_deg=lon_deg,
                altitude_m=altitude_m,
                fix="unknown" if quality in _DOUBTFUL else self._fix(_inferred(altitude_m, satellites)),
                satellites=satellites,
                source_time_ns=time_ns,
            ),
        )

    def _rmc(self, f: Fields, at_ns: int) -> Sequence[Observation]:
        if len(f) < 10:
            raise _Short
        since_midnight_ns = self._since_midnight(f[1])
        known, midnight_ns = self._date
        if f[9] != known:
            midnight_ns = short_date_ns(f[9])
            self._date = (f[9], midnight_ns)
        is_valid = _is_valid(f[2]) and f[12:13] != [b"N"]
        lat_deg, lon_deg = angle(f[3], f[4]), angle(f[5], f[6])
        if since_midnight_ns is None or midnight_ns is None:
            time_ns = self._complete(since_midnight_ns, at_ns)
            clock: tuple[Observation, ...] = ()
        else:
            time_ns = self._dated(midnight_ns + since_midnight_ns, at_ns)
            clock = (ClockReading(source_time_ns=time_ns, is_locked=is_valid),)
        if not is_valid or lat_deg is None or lon_deg is None:
            return (Position(fix="none", source_time_ns=time_ns), *clock)
        knots = number(f[7], 0.0, 1e5)
        position = Position(
            lat_deg=lat_deg,
            lon_deg=lon_deg,
            speed_mps=None if knots is None else knots * MPS_PER_KNOT,
            course_deg=number(f[8], 0.0, 360.0),
            fix=self._fix("unknown"),
            source_time_ns=time_ns,
        )
        return (position, *clock)

    def _gll(self, f: Fields, at_ns: int) -> Sequence[Observation]:
        if len(f) < 7:
            raise _Short
        time_ns = self._complete(self._since_midnight(f[5]), at_ns)
        lat_deg, lon_deg = angle(f[1], f[2]), angle(f[3], f[4])
        is_valid = _is_valid(f[6]) and f[7:8] != [b"N"]
        if not is_valid or lat_deg is None or lon_deg is None:
            return (Position(fix="none", source_time_ns=time_ns),)
        return (Position(lat_deg=lat_deg, lon_deg=lon_deg, fix=self._fix("unknown"), source_time_ns=time_ns),)

    def _gns(self, f: Fields, at_ns: int) -> Sequence[Observation]:
        if len(f) < 10:
            raise _Short
        time_ns = self._complete(self._since_midnight(f[1]), at_ns)
        satellites = whole(f[7], 0, 999)
        modes = f[6].strip(b"N")
        lat_deg, lon_deg = angle(f[2], f[3]), angle(f[4], f[5])
        if not modes or lat_deg is None or lon_deg is None:
            return (Position(fix="none", satellites=satellites, source_time_ns=time_ns),)
        altitude_m = number(f[9], -20_000.0, 1e8)
        is_doubtful = not modes.strip(b"NEMS")
        return (
            Position(
                lat_deg=lat_deg,
                lon_deg=lon_deg,
                altitude_m=altitude_m,
                fix="unknown" if is_doubtful else self._fix(_inferred(altitude_m, satellites)),
                satellites=satellites,
                source_time_ns=time_ns,
            ),
        )

    # ---- the rest

    def _gsa(self, f: Fields, _at_ns: int) -> Sequence[Observation]:
        if len(f) < 3:
            raise _Short
        mode = _MODES.get(f[2])
        if mode is None:
            raise FieldFault
        self._mode, self._mode_left = mode, 0 if mode == "none" else MODE_POSITIONS
        said: Observation = Condition(part="fix", value=mode, is_good=mode != "none")
        hdop = number(f[16], 0.0, 1e4) if len(f) > 16 else None
        return (said,) if hdop is None else (said, Signal(quantity="hdop", value=hdop, unit="1"))

    def _vtg(self, f: Fields, _at_ns: int) -> Sequence[Observation]:
        if len(f) < 5:
            raise _Short
        course_deg = number(f[1], 0.0, 360.0)
        knots = number(f[5] if f[2] == b"T" and len(f) > 5 else f[3], 0.0, 1e5)
        is_valid = f[9:10] != [b"N"]
        speed_mps = None if knots is None or not is_valid else knots * MPS_PER_KNOT
        return (
            Signal(quantity="speed", value=speed_mps, unit="m/s"),
            Signal(quantity="course", value=course_deg if is_valid else None, unit="deg"),
        )

    def _zda(self, f: Fields, at_ns: int) -> Sequence[Observation] | None:
        if len(f) > 8:
            return None
        if len(f) < 5:
            raise _Short
        since_midnight_ns = self._since_midnight(f[1])
        day, month, year = whole(f[2], 0, 31), whole(f[3], 0, 12), whole(f[4], 0, 9999)
        midnight_ns = day_ns(day or 0, month or 0, year or 0)
        if since_midnight_ns is None or midnight_ns is None:
            return ()
        return (ClockReading(source_time_ns=self._dated(midnight_ns + since_midnight_ns, at_ns)),)

    def _txt(self, f: Fields, _at_ns: int) -> Sequence[Observation]:
        if len(f) < 5:
            raise _Short
        text = b",".join(f[4:]).decode("ascii", "backslashreplace").strip()
        words = text.replace("=", " ").split()
        if len(words) == 2 and words[0].upper() in {"ANTENNA", "ANTSTATUS"}:
            state = words[1].lower()
            return (Condition(part="antenna", value=state, is_good=_ANTENNA.get(state)),)
        return (Condition(part="text", value=text),)

    # ---- the sky

    def _gsv(self, f: Fields, _at_ns: int) -> Sequence[Observation]:
        if len(f) < 4:
            raise _Short
        total, index = whole(f[1], 1, 99), whole(f[2], 1, 99)
        if total is None or index is None or index > total:
            raise FieldFault
        slots = f[4:]
        signal = slots.pop().decode("ascii", "replace") if len(slots) % 4 == 1 else ""
        system = SYSTEMS.get(f[0][:2]) or f[0][:2].decode("ascii", "replace").lower()
        slots += [b""] * (-len(slots) % 4)
        key = f"{system}/{signal[:2]}"
        before = self._groups.pop(key, None)
        if index > 1:
            if before is None or before[:2] != (total, index):
                return ()  # a part of the view was lost: better none than half of it
            slots = before[2] + slots
        if index < total:
            if len(self._groups) >= OPEN_GROUPS:
                del self._groups[next(iter(self._groups))]
            self._groups[key] = (total, index + 1, slots)
            return ()
        return (Sky(system=system, satellites=self._merge(system, signal[:2], _satellites(system, slots))),)

    def _merge(self, system: str, signal: str, seen: tuple[Satellite, ...]) -> tuple[Satellite, ...]:
        """The view over all signals of one constellation: a satellite has the C/N0 of its best signal."""
        if system not in self._heard and len(self._heard) >= OPEN_GROUPS:
            self._heard.clear()
        signals = self._heard.setdefault(system, {})
        fresh = {
            name: (missed + 1, satellites)
            for name, (missed, satellites) in signals.items()
            if name != signal and missed < FORGET_GROUPS
        }
        fresh[signal] = (0, seen)
        self._heard[system] = fresh
        if len(fresh) == 1:
            return seen
        best: dict[int, Satellite] = {}
        for _, satellites in fresh.values():
            for one in satellites:
                other = best.get(one.number)
                if other is None or (one.cn0_dbhz or -1.0) > (other.cn0_dbhz or -1.0):
                    best[one.number] = one
        return tuple(best[one] for one in sorted(best))

    # ---- state

    def save(self) -> dict[str, Any]:
        """The state in plain values."""
        return {
            "dated_ns": self._dated_ns,
            "dated_at_ns": self._dated_at_ns,
            "mode": self._mode,
            "mode_left": self._mode_left,
            "groups": {
                key: [total, index, [slot.hex() for slot in slots]]
                for key, (total, index, slots) in self._groups.items()
            },
            "heard": {
                system: {
                    name: [missed, [[one.number, one.elevation_deg, one.azimuth_deg, one.cn0_dbhz] for one in seen]]
                    for name, (missed, seen) in signals.items()
                }
                for system, signals in self._heard.items()
            },
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue from what ``save`` gave."""
        self._dated_ns = state["dated_ns"]
        self._dated_at_ns = state["dated_at_ns"]
        self._mode = state["mode"]
        self._mode_left = state["mode_left"]
        self._groups = {
            key: (total, index, [bytes.fromhex(slot) for slot in slots])
            for key, (total, index, slots) in state["groups"].items()
        }
        self._heard = {
            system: {
                name: (missed, tuple(_satellite(system, *one) for one in seen))
                for name, (missed, seen) in signals.items()
            }
            for system, signals in state["heard"].items()
        }


def _is_valid(status: bytes) -> bool:
    if status == b"A":
        return True
    if status in {b"V", b""}:
        return False
    raise FieldFault


def _inferred(altitude_m: float | None, satellites: int | None) -> Fix:
    if altitude_m is None or satellites is None or satellites < 3:
        return "unknown"
    return "3d" if satellites >= 4 else "2d"


def _satellite(
    system: str, number: int, elevation_deg: float | None, azimuth_deg: float | None, cn0_dbhz: float | None
) -> Satellite:
    return Satellite(
        system=system, number=number, elevation_deg=elevation_deg, azimuth_deg=azimuth_deg, cn0_dbhz=cn0_dbhz
    )


def _satellites(system: str, slots: Fields) -> tuple[Satellite, ...]:
    """Four fields a satellite; a slot without a number is empty."""
    found: list[Satellite] = []
    for at in range(0, len(slots), 4):
        name = whole(slots[at], 0, 999)
        if name is not None:
            elevation_deg, azimuth_deg = number(slots[at + 1], -90.0, 90.0), number(slots[at + 2], 0.0, 360.0)
            found.append(_satellite(system, name, elevation_deg, azimuth_deg, number(slots[at + 3], 0.0, 99.0)))
    return tuple(found)


_DECODERS: Mapping[bytes, Callable[[Gnss, Fields, int], Sequence[Observation] | None]] = {
    b"GGA,": Gnss._gga,  # noqa: SLF001
    b"RMC,": Gnss._rmc,  # noqa: SLF001
    b"GLL,": Gnss._gll,  # noqa: SLF001
    b"GNS,": Gnss._gns,  # noqa: SLF001
    b"GSA,": Gnss._gsa,  # noqa: SLF001
    b"GSV,": Gnss._gsv,  # noqa: SLF001
    b"VTG,": Gnss._vtg,  # noqa: SLF001
    b"ZDA,": Gnss._zda,  # noqa: SLF001
    b"TXT,": Gnss._txt,  # noqa: SLF001
}
