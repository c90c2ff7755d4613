"""Phones with OwnTracks, as the lines that a broker's wire would hand on; asked for their position they give it.

Settings: ``phones`` (4), ``interval_s`` (30), ``lat_deg``, ``lon_deg``, ``speed_mps``; ``prefix`` of the topics.
The last phone is lost after a minute: its last will comes, and then nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from devices.driver import NS_PER_S, Chance, Settings
from devices.simulators.walk import Walk

LOST_AFTER_S = 60
_NAMES = ("一组", "二组", "三组", "四组")


class OwnTracksSimulator:
    """Several phones of one broker."""

    def __init__(self, settings: Settings, chance: Chance) -> None:
        self._count = int(settings.get("phones", 4))
        self._interval_ns = round(float(settings.get("interval_s", 30.0)) * NS_PER_S)
        self._prefix = str(settings.get("prefix", "owntracks"))
        self._walk = Walk(settings)
        self._chance = chance
        self._began_ns: int | None = None
        self._next_ns: dict[int, int] = {}
        self._is_lost = False

    def receive(self, data: bytes, at_ns: int) -> Sequence[bytes]:
        """The position of the phone that was asked."""
        try:
            line = json.loads(data)
            topic, said = line["topic"], json.loads(line["payload"])
        except (ValueError, LookupError, TypeError):
            return ()
        asked = [number for number in self._present() if topic == f"{self._topic(number)}/cmd"]
        is_asking = isinstance(said, dict) and said.get("action") == "reportLocation"
        return [self._location(number, at_ns, "r") for number in asked if is_asking]

    def tick(self, at_ns: int) -> Sequence[bytes]:
        """What the phones say by now; at first what the broker kept of them."""
        said: list[bytes] = []
        if self._began_ns is None:
            self._began_ns = at_ns
            for number in range(self._count):
                self._next_ns[number] = at_ns + NS_PER_S * (1 + 2 * number)
                card = {"_type": "card", "name": _NAMES[number % len(_NAMES)], "tid": f"T{number % 10}"}
                said.append(self._line(f"{self._topic(number)}/info", card, at_ns, is_retained=True))
                said.append(self._location(number, at_ns, "u", before_ns=3600 * NS_PER_S))
        if not self._is_lost and self._count and at_ns - self._began_ns > LOST_AFTER_S * NS_PER_S:
            self._is_lost = True
            said.append(self._line(self._topic(self._count - 1), {"_type": "lwt", "tst": 1}, at_ns))
        for number in self._present():
            if at_ns >= self._next_ns[number]:
                self._next_ns[number] = at_ns + self._interval_ns
                said.append(self._location(number, at_ns, "t"))
        return said

    def _present(self) -> range:
        return range(self._count - (1 if self._is_lost else 0))

    def _topic(self, number: int) -> str:
        return f"{self._prefix}/team{number + 1}/phone"

    def _location(self, number: int, at_ns: int, trigger: str, before_ns: int = 0) -> bytes:
        place = self._walk.at(number, at_ns - before_ns)
        said = {
            "_type": "location",
            "tst": (at_ns - before_ns) // NS_PER_S,
            "lat": place.lat_deg,
            "lon": place.lon_deg,
            "vel": round(place.speed_mps * 3.6),
            "cog": round(place.course_deg) % 360,
            "acc": 5 + round(self._chance() * 20),
            "alt": 110,
            "batt": max(5, 95 - (at_ns - (self._began_ns or at_ns)) // (120 * NS_PER_S)),
            "bs": 1,
            "t": trigger,
            "tid": f"T{number % 10}",
        }
        return self._line(self._topic(number), said, at_ns, is_retained=before_ns > 0)

    def _line(self, topic: str, said: Mapping[str, Any], at_ns: int, *, is_retained: bool = False) -> bytes:
        payload = json.dumps(said, separators=(",", ":"), ensure_ascii=False)
        line = {"source": "mqtt:simulated", "asked_ns": None, "answered_ns": at_ns, "topic": topic}
        line |= {"retained": is_retained, "payload": payload}
        # Over HTTP there is no topic: the app names its user and device in headers.
        line |= dict(zip(("user", "device"), topic.split("/")[-2:], strict=False))
        return json.dumps(line, separators=(",", ":"), ensure_ascii=False).encode()
