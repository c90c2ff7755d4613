"""The daemon gpsd with one receiver or several, as a client on its port hears it.

Settings, all optional: ``lat_deg``, ``lon_deg``, ``altitude_m``, ``speed_mps``, ``course_deg`` (a straight drive),
``rate_hz`` (0.1..20), ``receivers`` (paths, ``["/dev/ttyACM0"]``), ``has_fix``; faults: ``unplug_every_s`` with
``unplug_for_s`` (the first receiver goes and comes back), ``noise`` (share of reports followed by a torn line).

**Source:** output of Debian 12's gpsd 3.22 recorded from a run; nothing is shared with the driver.
**Assumed:** motion on a sphere, which is good for a few kilometres.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from devices.driver import NS_PER_S, Chance, Settings

M_PER_DEG: Final = 111_195.0
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_HELD_OCTETS: Final = 4096
_VERSION: Final = {"class": "VERSION", "release": "3.22", "rev": "3.22", "proto_major": 3, "proto_minor": 14}
_STARS: Final = ((3, 3, 48, 195), (3, 6, 63, 148), (3, 8, 72, 222), (0, 10, 44, 141), (0, 16, 21, 205))
"""Constellation, number, elevation, azimuth."""


class GpsdSimulator:
    """Says its version when asked to watch, then one fix a receiver and period, and what it sees every five fixes."""

    def __init__(self, settings: Settings, chance: Chance) -> None:
        self._settings = settings
        self._chance = chance
        self._receivers = [str(one) for one in settings.get("receivers", ("/dev/ttyACM0",))]
        self._period_ns = round(NS_PER_S / min(20.0, max(0.1, float(settings.get("rate_hz", 1.0)))))
        self._held = b""
        self._is_watched = False
        self._is_unplugged = False
        self._began_ns: int | None = None
        self._next_ns = 0
        self._fixes = 0

    def receive(self, data: bytes, at_ns: int) -> Sequence[bytes]:
        """Answer ``?WATCH``, ``?DEVICES`` and ``?VERSION``; anything else is an error, as the daemon says it."""
        self._began_ns = at_ns if self._began_ns is None else self._began_ns
        *requests, self._held = (self._held + data).split(b";")
        self._held = self._held[-_HELD_OCTETS:]
        said: list[bytes] = []
        for request in requests:
            said += [_line(report) for report in self._answer(request.strip(), at_ns)]
        return said

    def tick(self, at_ns: int) -> Sequence[bytes]:
        """What is due by now, once somebody watches."""
        self._began_ns = at_ns if self._began_ns is None else self._began_ns
        if not self._is_watched or at_ns < self._next_ns:
            return ()
        self._next_ns = at_ns - at_ns % self._period_ns + self._period_ns
        said = [_line(report) for report in self._unplug(at_ns)]
        for path in self._present():
            reports = [self._fix(path, at_ns)]
            reports += [self._sky(path)] if self._fixes % 5 == 0 else []
            said += [_line(report) for report in reports]
            if self._chance() < float(self._settings.get("noise", 0.0)):
                said.append(said[-1][: len(said[-1]) // 2] + b"\n")
        self._fixes += 1
        return said

    def _present(self) -> list[str]:
        return self._receivers[1:] if self._is_unplugged else self._receivers

    def _answer(self, request: bytes, at_ns: int) -> list[dict[str, Any]]:
        name, _, rest = request.partition(b"=")
        if name == b"?WATCH":
            self._is_watched = b'"enable":false' not in rest.replace(b" ", b"")
            watch = {"class": "WATCH", "enable": self._is_watched, "json": True, "nmea": False, "raw": 0}
            return [dict(_VERSION), self._devices(at_ns), watch]
        if name == b"?DEVICES":
            return [self._devices(at_ns)]
        if name == b"?VERSION":
            return [dict(_VERSION)]
        return [{"class": "ERROR", "message": f"Unrecognized request '{name.decode('ascii', 'replace')[:40]}'"}]

    def _devices(self, at_ns: int) -> dict[str, Any]:
        return {"class": "DEVICES", "devices": [_device(path, at_ns) for path in self._present()]}

    def _unplug(self, at_ns: int) -> list[dict[str, Any]]:
        every_s = float(self._settings.get("unplug_every_s", 0.0))
        since_s = (at_ns - (self._began_ns or 0)) / NS_PER_S
        was, for_s = self._is_unplugged, float(self._settings.get("unplug_for_s", 5.0))
        self._is_unplugged = every_s > 0 and since_s % every_s > every_s - for_s
        if was == self._is_unplugged:
            return []
        path = self._receivers[0]
        return [{"class": "DEVICE", "path": path, "activated": 0} if self._is_unplugged else _device(path, at_ns)]

    def _fix(self, path: str, at_ns: int) -> dict[str, Any]:
        told: dict[str, Any] = {"class": "TPV", "device": path, "mode": 3, "time": _iso(at_ns), "ept": 0.005}
        if not self._settings.get("has_fix", True):
            return told | {"mode": 1}
        since_s = (at_ns - (self._began_ns or 0)) / NS_PER_S
        speed_mps, course_deg = float(self._settings.get("speed_mps", 0.0)), self._course_deg()
        gone_deg = speed_mps * since_s / M_PER_DEG
        lat_deg = float(self._settings.get("lat_deg", 34.3956)) + gone_deg * math.cos(math.radians(course_deg))
        east_deg = gone_deg * math.sin(math.radians(course_deg)) / math.cos(math.radians(lat_deg))
        altitude_m = float(self._settings.get("altitude_m", 112.0))
        return told | {
            "lat": round(lat_deg, 9),
            "lon": round(float(self._settings.get("lon_deg", 113.7394)) + east_deg, 9),
            "altHAE": round(altitude_m - 15.6, 3),
            "altMSL": round(altitude_m, 3),
            "alt": round(altitude_m, 3),
            "track": course_deg,
            "speed": speed_mps,
            "eph": 4.2,
        }

    def _course_deg(self) -> float:
        return float(self._settings.get("course_deg", 90.0)) % 360.0

    def _sky(self, path: str) -> dict[str, Any]:
        has_fix = bool(self._settings.get("has_fix", True))
        stars = [
            {
                "PRN": number if system == 0 else 400 + number,
                "gnssid": system,
                "svid": number,
                "el": float(elevation),
                "az": float(azimuth),
                "ss": round(24 + elevation * 0.3 + self._chance() * 3, 1) if has_fix else 0.0,
                "used": has_fix,
            }
            for system, number, elevation, azimuth in _STARS
        ]
        return {"class": "SKY", "device": path, "hdop": 0.82, "pdop": 1.54, "satellites": stars}


def _device(path: str, at_ns: int) -> dict[str, Any]:
    return {"class": "DEVICE", "path": path, "driver": "NMEA0183", "activated": _iso(at_ns)}


def _iso(at_ns: int) -> str:
    moment = _EPOCH + timedelta(microseconds=at_ns // 1000)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def _line(report: dict[str, Any]) -> bytes:
    return json.dumps(report, separators=(",", ":")).encode("ascii") + b"\r\n"
