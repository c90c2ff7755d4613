"""Phones with Traccar Client, as the lines that a listener would hand on: every second one speaks the newer way.

Settings: ``phones`` (4), ``interval_s`` (10), ``lat_deg``, ``lon_deg``, ``speed_mps``; ``sos_after_s``: the first phone
then calls for help.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import urlencode

from devices.driver import NS_PER_S, Chance, Settings
from devices.simulators.walk import Place, Walk

KNOTS_PER_MPS = 3600 / 1852


class OsmandSimulator:
    """Several phones that call one listener."""

    def __init__(self, settings: Settings, chance: Chance) -> None:
        self._count = int(settings.get("phones", 4))
        self._interval_ns = round(float(settings.get("interval_s", 10.0)) * NS_PER_S)
        sos_after_s = settings.get("sos_after_s")
        self._sos_after_ns = None if sos_after_s is None else round(float(sos_after_s) * NS_PER_S)
        self._walk = Walk(settings)
        self._chance = chance
        self._began_ns: int | None = None
        self._next_ns: dict[int, int] = {}

    def receive(self, data: bytes, at_ns: int) -> Sequence[bytes]:  # noqa: ARG002
        """Nothing: the phones are answered, not asked."""
        return ()

    def tick(self, at_ns: int) -> Sequence[bytes]:
        """The requests that are due."""
        if self._began_ns is None:
            self._began_ns = at_ns
            self._next_ns = {number: at_ns + NS_PER_S * number for number in range(self._count)}
        said = []
        for number, due_ns in self._next_ns.items():
            if at_ns >= due_ns:
                self._next_ns[number] = at_ns + self._interval_ns
                place = self._walk.at(number, at_ns)
                said.append(self._newer(number, place, at_ns) if number % 2 else self._older(number, place, at_ns))
        return said

    def _percent(self, at_ns: int) -> int:
        return max(5, 95 - (at_ns - (self._began_ns or at_ns)) // (120 * NS_PER_S))

    def _older(self, number: int, place: Place, at_ns: int) -> bytes:
        fields = {
            "id": f"{860000 + number}",
            "timestamp": at_ns // NS_PER_S,
            "lat": place.lat_deg,
            "lon": place.lon_deg,
            "speed": round(place.speed_mps * KNOTS_PER_MPS, 3),
            "bearing": place.course_deg,
            "altitude": 110.0,
            "accuracy": 5 + round(self._chance() * 20),
            "batt": self._percent(at_ns),
        }
        if number == 0 and self._sos_after_ns is not None and at_ns - (self._began_ns or at_ns) >= self._sos_after_ns:
            fields["alarm"] = "sos"
            self._sos_after_ns = None
        return _line("GET", urlencode(fields), "", at_ns)

    def _newer(self, number: int, place: Place, at_ns: int) -> bytes:
        moment = datetime.fromtimestamp(at_ns // NS_PER_S, UTC).isoformat().replace("+00:00", "Z")
        said = {
            "device_id": f"{860000 + number}",
            "location": {
                "timestamp": moment,
                "coords": {
                    "latitude": place.lat_deg,
                    "longitude": place.lon_deg,
                    "speed": place.speed_mps,
                    "heading": place.course_deg,
                    "accuracy": 5 + round(self._chance() * 20),
                    "altitude": 110.0,
                },
                "battery": {"level": self._percent(at_ns) / 100, "is_charging": False},
            },
        }
        return _line("POST", "", json.dumps(said, separators=(",", ":")), at_ns)


def _line(method: str, query: str, payload: str, at_ns: int) -> bytes:
    line = {"source": "http-listen:simulated", "asked_ns": at_ns, "answered_ns": at_ns, "peer": "simulated"}
    line |= {"method": method, "path": "/", "query": query, "payload": payload}
    return json.dumps(line, separators=(",", ":")).encode()
