"""A GNSS receiver in a vehicle: drives a route and says GGA RMC GSA GSV ZDA with BeiDou talkers.

Settings, all optional: ``lat_deg``, ``lon_deg``, ``altitude_m``, ``course_deg``, ``speed_mps``; ``route`` (list of
``[lat_deg, lon_deg]``, driven there and back at ``speed_mps``; replaces the course); ``talker`` (``GN``), ``sky``
(talkers with a sky view, ``["GB", "GP"]``), ``rate_hz`` (0.1..20).  Faults: ``has_fix`` (false: no position),
``noise`` (share of epochs with garbage between), ``checksum_errors`` (share of sentences), ``silent_every_s`` with
``silent_for_s``, ``date_offset_days`` (an old date is negative; -7168 is one week rollover of GPS).

**Source:** layouts as in ``devices.gnss``.  **Assumed:** motion on a sphere, which is good for a few kilometres.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from devices.driver import NS_PER_S, Chance, Settings
from devices.nmea import seal

EARTH_M = 6_371_000.0
KNOTS_PER_MPS = 3600 / 1852
NO_FIX_OF = "00"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

SKIES: Mapping[str, tuple[tuple[int, int, int], ...]] = {
    "GB": (
        (3, 48, 195),
        (6, 63, 148),
        (8, 72, 222),
        (10, 32, 202),
        (13, 49, 322),
        (16, 16, 248),
        (21, 37, 82),
        (36, 55, 41),
    ),
    "GP": ((1, 31, 60), (8, 66, 301), (10, 44, 141), (16, 21, 205), (27, 12, 315)),
}


class Nmea0183Simulator:
    """Says one epoch of sentences whenever its time has come; answers nothing."""

    def __init__(self, settings: Settings, chance: Chance) -> None:
        self._chance = chance
        self._talker = str(settings.get("talker", "GN")).encode("ascii")
        self._sky = [str(one) for one in settings.get("sky", ("GB", "GP"))]
        self._period_ns = round(NS_PER_S / min(20.0, max(0.1, float(settings.get("rate_hz", 1.0)))))
        self._course = _Course(settings)
        self._has_fix = bool(settings.get("has_fix", True))
        self._noise = float(settings.get("noise", 0.0))
        self._checksum_errors = float(settings.get("checksum_errors", 0.0))
        self._silent_every_s = float(settings.get("silent_every_s", 0.0))
        self._silent_for_s = float(settings.get("silent_for_s", 0.0))
        self._offset = timedelta(days=float(settings.get("date_offset_days", 0.0)))
        self._began_ns: int | None = None
        self._next_ns = 0

    def receive(self, data: bytes, at_ns: int) -> Sequence[bytes]:  # noqa: ARG002
        """Nothing: a receiver has no answers."""
        return ()

    def tick(self, at_ns: int) -> Sequence[bytes]:
        """The sentences of the epoch that is due, if one is; after a pause only the newest."""
        if self._began_ns is None:
            self._began_ns = self._next_ns = at_ns
        if at_ns < self._next_ns:
            return ()
        epoch_ns = at_ns - (at_ns - self._next_ns) % self._period_ns
        self._next_ns = epoch_ns + self._period_ns
        since_s = (epoch_ns - self._began_ns) / NS_PER_S
        if self._silent_every_s > 0 and since_s % self._silent_every_s >= self._silent_every_s - self._silent_for_s:
            return ()
        sentences = [self._spoil(seal(body)) for body in self._bodies(epoch_ns, since_s)]
        if self._noise and self._chance() < self._noise:
            sentences.insert(int(self._chance() * len(sentences)), self._garbage())
        return sentences

    def _spoil(self, sentence: bytes) -> bytes:
        if not self._checksum_errors or self._chance() >= self._checksum_errors:
            return sentence
        at = 7 + int(self._chance() * (len(sentence) - 13))
        return sentence[:at] + bytes([sentence[at] ^ 0x01]) + sentence[at + 1 :]

    def _garbage(self) -> bytes:
        return bytes(int(self._chance() * 256) for _ in range(4 + int(self._chance() * 60)))

    def _bodies(self, epoch_ns: int, since_s: float) -> list[bytes]:
        moment = _EPOCH + timedelta(microseconds=epoch_ns // 1000) + self._offset
        lat_deg, lon_deg, course_deg, speed_mps = self._course.at(since_s)
        clock = moment.strftime("%H%M%S.") + f"{moment.microsecond // 10_000:02d}"
        place = f"{_ddmm(lat_deg, 2)},{'NS'[lat_deg < 0]},{_ddmm(lon_deg, 3)},{'EW'[lon_deg < 0]}"
        fix, status, count, mode = ("1", "A", self._count(), "3") if self._has_fix else ("0", "V", NO_FIX_OF, "1")
        if not self._has_fix:
            place = ",,,"
        height = f"{self._course.altitude_m:.1f},M,-15.6,M" if self._has_fix else ",M,,M"
        motion = f"{speed_mps * KNOTS_PER_MPS:.3f},{course_deg:.2f}" if self._has_fix else ","
        return [
            self._body(f"GGA,{clock},{place},{fix},{count},{'0.82' if self._has_fix else '99.99'},{height},,"),
            self._body(f"RMC,{clock},{status},{place},{motion},{moment:%d%m%y},,,{'A' if self._has_fix else 'N'}"),
            *self._views(mode),
            self._body(f"ZDA,{clock},{moment:%d,%m,%Y},00,00"),
        ]

    def _body(self, rest: str) -> bytes:
        return self._talker + rest.encode("ascii")

    def _count(self) -> str:
        return f"{min(12, sum(len(SKIES.get(talker, ())) for talker in self._sky)):02d}"

    def _views(self, mode: str) -> list[bytes]:
        bodies = []
        for talker in self._sky:
            used = [number for number, _, _ in SKIES.get(talker, ())][:12] if self._has_fix else []
            numbers = ",".join([*(f"{number:02d}" for number in used), *[""] * (12 - len(used))])
            bodies.append(self._body(f"GSA,A,{mode},{numbers},1.54,0.82,1.30"))
        for talker in self._sky:
            bodies += self._view(talker)
        return bodies

    def _view(self, talker: str) -> list[bytes]:
        seen = SKIES.get(talker, ())
        total = max(1, -(-len(seen) // 4))
        bodies = []
        for index in range(total):
            text = f"{talker}GSV,{total},{index + 1},{len(seen):02d}"
            for number, elevation, azimuth in seen[index * 4 : index * 4 + 4]:
                level = f"{round(24 + elevation * 0.3 + self._chance() * 3):02d}" if self._has_fix else ""
                text += f",{number:02d},{elevation:02d},{azimuth:03d},{level}"
            bodies.append(text.encode("ascii"))
        return bodies


class _Course:
    """Where the vehicle is after so many seconds: a pure function, so that any two plays are the same."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self.altitude_m = float(settings.get("altitude_m", 112.0))
        self._speed_mps = max(0.0, float(settings.get("speed_mps", 0.0)))
        self._course_deg = float(settings.get("course_deg", 90.0)) % 360.0
        start = (float(settings.get("lat_deg", 34.3956)), float(settings.get("lon_deg", 113.7394)))
        route = [(float(lat_deg), float(lon_deg)) for lat_deg, lon_deg in settings.get("route", ())] or [start]
        self._route = route + route[-2::-1]  # there and back
        self._legs_m = [_distance_m(a, b) for a, b in zip(self._route, self._route[1:], strict=False)]

    def at(self, since_s: float) -> tuple[float, float, float, float]:
        """Latitude, longitude, course in degrees, speed in m/s."""
        gone_m = self._speed_mps * since_s
        length_m = sum(self._legs_m)
        if length_m <= 0.0:
            return (*_ahead(self._route[0], self._course_deg, gone_m), self._course_deg, self._speed_mps)
        gone_m %= length_m
        leg = 0
        while gone_m > self._legs_m[leg] and leg < len(self._legs_m) - 1:
            gone_m -= self._legs_m[leg]
            leg += 1
        (lat_deg, lon_deg), (to_lat_deg, to_lon_deg) = self._route[leg], self._route[leg + 1]
        share = gone_m / self._legs_m[leg] if self._legs_m[leg] > 0 else 0.0
        place = lat_deg + (to_lat_deg - lat_deg) * share, lon_deg + (to_lon_deg - lon_deg) * share
        return (*place, _course_deg(self._route[leg], self._route[leg + 1]), self._speed_mps)


def _offset_m(a: tuple[float, float], b: tuple[float, float]) -> tuple[float, float]:
    """North and east from ``a`` to ``b``."""
    north_m = math.radians(b[0] - a[0]) * EARTH_M
    return north_m, math.radians(b[1] - a[1]) * EARTH_M * math.cos(math.radians((a[0] + b[0]) / 2))


def _distance_m(a: tuple[float, float], b: tuple[float, float]) -> float:
    return math.hypot(*_offset_m(a, b))


def _course_deg(a: tuple[float, float], b: tuple[float, float]) -> float:
    north_m, east_m = _offset_m(a, b)
    return round(math.degrees(math.atan2(east_m, north_m)) % 360.0, 2) % 360.0


def _ahead(place: tuple[float, float], course_deg: float, distance_m: float) -> tuple[float, float]:
    course = math.radians(course_deg)
    lat_deg = place[0] + math.degrees(distance_m * math.cos(course) / EARTH_M)
    lon_deg = place[1] + math.degrees(distance_m * math.sin(course) / (EARTH_M * math.cos(math.radians(place[0]))))
    return lat_deg, lon_deg


def _ddmm(value_deg: float, digits: int) -> str:
    """``[d]ddmm.mmmmm``; rounded as a whole, so that minutes never become 60."""
    units = round(abs(value_deg) * 60 * 100_000)
    degrees, rest = divmod(units, 60 * 100_000)
    return f"{degrees:0{digits}d}{rest // 100_000:02d}.{rest % 100_000:05d}"
