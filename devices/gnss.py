"""What the NMEA sentences of GNSS receivers mean; dates and sky views are put together over several sentences.

Field layouts, numbered from 1 after the address:

- GGA time, lat, N/S, lon, E/W, quality, satellites, HDOP, altitude, M, geoid, M, age, station [, vendor]
- RMC time, A/V, lat, N/S, lon, E/W, knots, course, ddmmyy, variation, E/W [, mode [, status]]
- GLL lat, N/S, lon, E/W, time, A/V [, mode]   - GNS time, lat, N/S, lon, E/W, modes, satellites, HDOP, altitude, geoid
- GSA A/M, 1..3, 12 numbers, PDOP, HDOP, VDOP [, system]   - GSV count, index, in view, 4 x (number, elevation,
  azimuth, C/N0) [, signal]   - VTG course, T, course, M, knots, N, km/h, K [, mode]   - ZDA time, day, month, year

**Source:** field layouts as published by gpsd ("NMEA Revealed") and pynmeagps; talkers BD and GB for BeiDou.
**Assumed:** altitude, satellites, speed and course belong to every position within two seconds of the sentence that
told them; a GSA mode holds for the next 20 positions; qualities 6 to 8 (estimated, manual, simulated) are positions of
unknown fix; without GSA a fix is 3d when it has an altitude from four satellites, 2d from three; a ZDA of more than
seven fields is the RDSS sentence of the same name and not ours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from typing import Any

from devices.driver import NS_PER_S
from devices.nmea import FieldFault, angle, day_ns, day_time_ns, nearest_ns, number, short_date_ns, whole
from devices.observations import ClockReading, Condition, Fix, Malformed, Observation, Position, Signal
from devices.sky import SkyViews

MPS_PER_KNOT = 1852 / 3600
MODE_POSITIONS = 20
CARRY_NS = 2 * NS_PER_S

_MODES: Mapping[bytes, Fix] = {b"1": "none", b"2": "2d", b"3": "3d"}
_QUALITIES = frozenset((b"", b"0", b"1", b"2", b"3", b"4", b"5", b"6", b"7", b"8", b"9"))
_INVALID = frozenset((b"", b"0"))
_DOUBTFUL = frozenset((b"6", b"7", b"8"))
_ANTENNA: Mapping[str, bool] = {"ok": True, "open": False, "short": False}
Fields = list[bytes]


_Height = tuple[int, float | None, int | None, Fix]
"""Time of day, altitude, satellites and inferred fix of the last GGA or GNS."""
_Motion = tuple[int, float | None, float | None]
"""Time of day, speed and course of the last RMC."""
_NEVER_NS = -(1 << 62)
_NO_HEIGHT: _Height = (_NEVER_NS, None, None, "unknown")
_NO_MOTION: _Motion = (_NEVER_NS, None, None)


class _Short(Exception):  # noqa: N818 - an inner word of this file
    """A sound sentence has fewer fields than its kind must have."""


class Gnss:
    """Understands GGA RMC GLL GNS GSA GSV VTG ZDA TXT of one receiver.

    Undated times are completed from the last date this receiver told, carried on by the console time that went by
    since, else to the nearest instant to ``at_ns``; with ``at_ns`` negative (now is not known) they stay ``None``.
    Positions without a fix have no coordinates.  The state is bounded.
    """

    __slots__ = ("_date", "_dated_at_ns", "_dated_ns", "_height", "_mode", "_mode_left", "_motion", "_sky", "_time")

    def __init__(self) -> None:
        self._dated_ns: int | None = None
        self._dated_at_ns = -1
        self._mode: Fix = "unknown"
        self._mode_left = 0
        self._height: _Height = _NO_HEIGHT
        self._motion: _Motion = _NO_MOTION
        self._sky = SkyViews()
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

    def _no_fix(self, time_ns: int | None, satellites: int | None = None) -> Position:
        self._height, self._motion = _NO_HEIGHT, _NO_MOTION
        return Position(fix="none", satellites=satellites, source_time_ns=time_ns)

    def _fix(self, inferred: Fix) -> Fix:
        if self._mode_left <= 0:
            return inferred
        self._mode_left -= 1
        return self._mode

    def _gga(self, f: Fields, at_ns: int) -> Sequence[Observation]:
        if len(f) < 10:
            raise _Short
        quality = f[6]
        if quality not in _QUALITIES:
            raise FieldFault
        return self._with_height(f, at_ns, is_valid=quality not in _INVALID, is_doubtful=quality in _DOUBTFUL)

    def _gns(self, f: Fields, at_ns: int) -> Sequence[Observation]:
        if len(f) < 10:
            raise _Short
        modes = f[6].strip(b"N")
        return self._with_height(f, at_ns, is_valid=bool(modes), is_doubtful=not modes.strip(b"NEMS"))

    def _with_height(self, f: Fields, at_ns: int, *, is_valid: bool, is_doubtful: bool) -> Sequence[Observation]:
        since_ns = self._since_midnight(f[1])
        time_ns = self._complete(since_ns, at_ns)
        satellites = whole(f[7], 0, 999)
        lat_deg, lon_deg = angle(f[2], f[3]), angle(f[4], f[5])
        if not is_valid or lat_deg is None or lon_deg is None:
            return (self._no_fix(time_ns, satellites),)
        altitude_m = number(f[9], -20_000.0, 1e8)
        fix = "unknown" if is_doubtful else self._fix(_inferred(altitude_m, satellites))
        speed_mps = course_deg = None
        if since_ns is not None:
            self._height = (since_ns, altitude_m, satellites, fix)
            told_ns, speed_mps, course_deg = self._motion
            if not -CARRY_NS <= since_ns - told_ns <= CARRY_NS:
                speed_mps = course_deg = None
        return (_position((lat_deg, lon_deg), altitude_m, (speed_mps, course_deg), fix, satellites, time_ns),)

    def _rmc(self, f: Fields, at_ns: int) -> Sequence[Observation]:
        if len(f) < 10:
            raise _Short
        since_ns = self._since_midnight(f[1])
        known, midnight_ns = self._date
        if f[9] != known:
            midnight_ns = short_date_ns(f[9])
            self._date = (f[9], midnight_ns)
        is_valid = _is_valid(f[2]) and f[12:13] != [b"N"]
        lat_deg, lon_deg = angle(f[3], f[4]), angle(f[5], f[6])
        knots, course_deg = number(f[7], 0.0, 1e5), number(f[8], 0.0, 360.0)
        if since_ns is None or midnight_ns is None:
            time_ns = self._complete(since_ns, at_ns)
            clock: tuple[Observation, ...] = ()
        else:
            time_ns = self._dated(midnight_ns + since_ns, at_ns)
            clock = (ClockReading(source_time_ns=time_ns, is_locked=is_valid),)
        if not is_valid or lat_deg is None or lon_deg is None:
            return (self._no_fix(time_ns), *clock)
        speed_mps = None if knots is None else knots * MPS_PER_KNOT
        return (self._without_height(lat_deg, lon_deg, since_ns, time_ns, (speed_mps, course_deg)), *clock)

    def _gll(self, f: Fields, at_ns: int) -> Sequence[Observation]:
        if len(f) < 7:
            raise _Short
        since_ns = self._since_midnight(f[5])
        time_ns = self._complete(since_ns, at_ns)
        lat_deg, lon_deg = angle(f[1], f[2]), angle(f[3], f[4])
        if not _is_valid(f[6]) or f[7:8] == [b"N"] or lat_deg is None or lon_deg is None:
            return (self._no_fix(time_ns),)
        return (self._without_height(lat_deg, lon_deg, since_ns, time_ns, None),)

    def _without_height(
        self,
        lat_deg: float,
        lon_deg: float,
        since_ns: int | None,
        time_ns: int | None,
        motion: tuple[float | None, float | None] | None,
    ) -> Position:
        altitude_m: float | None = None
        satellites: int | None = None
        fix: Fix = "unknown"
        if since_ns is not None:
            if motion is not None:
                self._motion = (since_ns, *motion)
            elif -CARRY_NS <= since_ns - self._motion[0] <= CARRY_NS:
                motion = self._motion[1:]
            told_ns, altitude_m, satellites, fix = self._height
            if not -CARRY_NS <= since_ns - told_ns <= CARRY_NS:
                altitude_m, satellites, fix = None, None, "unknown"
        return _position((lat_deg, lon_deg), altitude_m, motion or _NO_MOTION[1:], self._fix(fix), satellites, time_ns)

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

    def _gsv(self, f: Fields, _at_ns: int) -> Sequence[Observation]:
        if len(f) < 4:
            raise _Short
        return self._sky.take(f)

    # ---- state

    def save(self) -> dict[str, Any]:
        """The state in plain values."""
        return {
            "dated_ns": self._dated_ns,
            "dated_at_ns": self._dated_at_ns,
            "mode": self._mode,
            "mode_left": self._mode_left,
            "height": list(self._height),
            "motion": list(self._motion),
            "sky": self._sky.save(),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue from what ``save`` gave."""
        self._dated_ns = state["dated_ns"]
        self._dated_at_ns = state["dated_at_ns"]
        self._mode = state["mode"]
        self._mode_left = state["mode_left"]
        self._height = tuple(state["height"])
        self._motion = tuple(state["motion"])
        self._sky.restore(state["sky"])


_new = object.__new__
_SLOTS = {name: getattr(Position, name).__set__ for name in Position.__slots__}
_set_lat, _set_lon, _set_altitude = _SLOTS["lat_deg"], _SLOTS["lon_deg"], _SLOTS["altitude_m"]
_set_speed, _set_course = _SLOTS["speed_mps"], _SLOTS["course_deg"]
_set_fix, _set_satellites, _set_time = _SLOTS["fix"], _SLOTS["satellites"], _SLOTS["source_time_ns"]
_HERE = {"lat_deg", "lon_deg", "altitude_m", "speed_mps", "course_deg", "fix", "satellites", "source_time_ns"}
_REST = tuple((_SLOTS[one.name], one.default) for one in fields(Position) if one.name not in _HERE)


def _position(
    place: tuple[float, float],
    altitude_m: float | None,
    motion: tuple[float | None, float | None],
    fix: Fix,
    satellites: int | None,
    time_ns: int | None,
) -> Position:
    """``Position(...)`` slot by slot: 0.7 us instead of 1.6, a fifth of what a sentence costs."""
    position = _new(Position)
    for set_default, value in _REST:
        set_default(position, value)
    _set_lat(position, place[0])
    _set_lon(position, place[1])
    _set_altitude(position, altitude_m)
    _set_speed(position, motion[0])
    _set_course(position, motion[1])
    _set_fix(position, fix)
    _set_satellites(position, satellites)
    _set_time(position, time_ns)
    return position


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
