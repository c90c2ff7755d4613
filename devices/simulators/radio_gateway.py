"""A dispatcher's gateway with terminals and base stations of a narrowband network behind it.

Settings, all optional: ``terminals`` (list of tables: ``id``, ``name``, ``lat_deg``, ``lon_deg``, ``course_deg``,
``speed_mps``, ``charge_percent``), ``stations`` (``id``, ``name``, ``lat_deg``, ``lon_deg``), ``report_every_s`` (20),
``station_every_s`` (30), ``text_every_s`` (45; 0 never), ``texts``, ``call_every_s`` (25; 0 never), ``answer_s`` (1.5),
``mains_lost_after_s`` and ``core_lost_after_s`` (the first station), ``emergency_after_s``, ``unreachable`` (numbers
that never confirm), ``lists`` (true: it begins with a list of everybody, marked as stored).

**Source:** the format of this project, written again: nothing is shared with the driver, so that a mistake in one shows
in the other.  **Assumed:** motion on a sphere, which is good for a few kilometres.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from devices.driver import NS_PER_S, Chance, Settings

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_METRES_PER_DEG: Final = 111_195.0
_WAITING: Final = 256
_HELD: Final = 16_000
_REPEAT_NS: Final = 10 * NS_PER_S
_GROUP: Final = "8001"
_TEXTS: Final = ("已到达新村桥，水位上涨", "转移群众 36 人", "基站发电机油量不足")
TERMINALS: Final = (
    {"id": "3700201", "name": "新村镇 1 号手台", "lat_deg": 34.3962, "lon_deg": 113.7333, "course_deg": 70.0},
    {"id": "3700202", "name": "郭店镇 1 号手台", "lat_deg": 34.4110, "lon_deg": 113.7552, "speed_mps": 1.1},
    {"id": "3700203", "name": "抢险一队车台", "lat_deg": 34.3801, "lon_deg": 113.7218, "speed_mps": 6.0},
)
STATIONS: Final = (
    {"id": "bs-1", "name": "新郑固定基站", "lat_deg": 34.3956, "lon_deg": 113.7394},
    {"id": "bs-2", "name": "移动基站车", "lat_deg": 34.4080, "lon_deg": 113.7461},
)


class RadioGatewaySimulator:
    """Tells of terminals and stations; sends our texts on and says what became of them."""

    def __init__(self, settings: Settings, chance: Chance) -> None:
        self._chance = chance
        self._settings = settings
        self._terminals: list[Mapping[str, Any]] = list(settings.get("terminals", TERMINALS))
        self._stations: list[Mapping[str, Any]] = list(settings.get("stations", STATIONS))
        self._unreachable = {str(one) for one in settings.get("unreachable", ())}
        self._answer_ns = round(float(settings.get("answer_s", 1.5)) * NS_PER_S)
        self._every = {
            name: round(float(settings.get(f"{name}_every_s", every_s)) * NS_PER_S)
            for name, every_s in (("report", 20.0), ("station", 30.0), ("text", 45.0), ("call", 25.0))
        }
        self._next: dict[str, int] = {}
        self._due: list[tuple[int, dict[str, Any]]] = []
        self._texts: dict[str, tuple[int, dict[str, Any]]] = {}
        self._began_ns: int | None = None
        self._held = b""
        self._turn = 0
        self._has_called = False

    def receive(self, data: bytes, at_ns: int) -> Sequence[bytes]:
        """Texts and questions are answered after the air time."""
        *lines, self._held = (self._held + data)[-_HELD:].split(b"\n")
        for line in lines:
            try:
                said = json.loads(line)
            except ValueError:
                continue
            if isinstance(said, dict):
                self._asked(said, at_ns)
        return ()

    def _asked(self, said: Mapping[str, Any], at_ns: int) -> None:
        kind, name = said.get("type"), said.get("id")
        if kind == "received":
            self._texts.pop(str(name), None)
        if kind == "locate":
            for terminal in self._terminals:
                if terminal["id"] == name:
                    self._later(at_ns + self._answer_ns, self._place(terminal, at_ns))
        if kind == "text" and isinstance(name, str):
            self._later(at_ns + self._answer_ns // 2, {"type": "delivery", "id": name, "state": "sent"})
            recipient = str(said.get("to"))
            is_there = any(terminal["id"] == recipient for terminal in self._terminals)
            if recipient in self._unreachable:
                failed = {"type": "delivery", "id": name, "state": "failed", "reason": "no-answer"}
                self._later(at_ns + 4 * self._answer_ns, failed)
            elif is_there:
                self._later(at_ns + self._answer_ns, {"type": "delivery", "id": name, "state": "confirmed"})

    def tick(self, at_ns: int) -> Sequence[bytes]:
        """What is due by now, one object a line."""
        if self._began_ns is None:
            self._began_ns = at_ns
            self._begin(at_ns)
        self._unasked(at_ns)
        for name, (next_ns, text) in list(self._texts.items()):
            if at_ns >= next_ns:
                self._texts[name] = (at_ns + _REPEAT_NS, text)
                self._later(at_ns, text)
        said = [object_ for due_ns, object_ in self._due if due_ns <= at_ns]
        self._due = [one for one in self._due if one[0] > at_ns]
        return [json.dumps(object_, ensure_ascii=False).encode("utf-8") + b"\n" for object_ in said]

    def _begin(self, at_ns: int) -> None:
        self._next = {name: at_ns + every_ns // 5 for name, every_ns in self._every.items()}
        self._later(at_ns, {"type": "hello", "gateway": "drill", "network": "370M PDT", "version": 1})
        for terminal in self._terminals:
            presence = {"type": "presence", "id": terminal["id"], "state": "online", "at": _iso(at_ns)}
            self._later(at_ns, {**presence, "stored": bool(self._settings.get("lists", True))})

    def _unasked(self, at_ns: int) -> None:
        since_s = self._since_s(at_ns)
        if self._is_time("report", at_ns):
            for index, terminal in enumerate(self._terminals):
                self._later(at_ns + index * NS_PER_S, self._place(terminal, at_ns + index * NS_PER_S))
                charge = max(0.0, float(terminal.get("charge_percent", 80.0)) - since_s / 60)
                told = {"type": "power", "id": terminal["id"], "source": "battery", "charge_percent": round(charge, 1)}
                self._later(at_ns + index * NS_PER_S, told)
        if self._is_time("station", at_ns):
            for index, station in enumerate(self._stations):
                self._later(at_ns, self._station(station, at_ns, is_first=index == 0))
        if self._is_time("call", at_ns) and self._terminals:
            speaker = self._terminals[int(self._chance() * len(self._terminals)) % len(self._terminals)]["id"]
            call = {"type": "call", "from": speaker, "group": _GROUP}
            self._later(at_ns, {**call, "state": "started", "at": _iso(at_ns)})
            self._later(at_ns + 4 * NS_PER_S, {**call, "state": "ended", "at": _iso(at_ns + 4 * NS_PER_S)})
        if self._is_time("text", at_ns) and self._terminals:
            self._say(at_ns)
        emergency_s = self._settings.get("emergency_after_s")
        if emergency_s is not None and since_s >= emergency_s and not self._has_called and self._terminals:
            self._has_called = True
            told = {"type": "emergency", "id": self._terminals[0]["id"], "kind": "button", "at": _iso(at_ns)}
            self._later(at_ns, told)

    def _say(self, at_ns: int) -> None:
        texts = [str(one) for one in self._settings.get("texts", _TEXTS)]
        if not texts:
            return
        self._turn += 1
        sender = self._terminals[self._turn % len(self._terminals)]["id"]
        name = f"g-{at_ns // NS_PER_S}-{self._turn}"
        told = {"type": "text", "id": name, "from": sender, "text": texts[self._turn % len(texts)], "at": _iso(at_ns)}
        self._texts[name] = (at_ns, told)

    def _place(self, terminal: Mapping[str, Any], at_ns: int) -> dict[str, Any]:
        course_deg, speed_mps = float(terminal.get("course_deg", 0.0)), float(terminal.get("speed_mps", 0.0))
        gone_m, course = speed_mps * self._since_s(at_ns) % 4000.0, math.radians(course_deg)
        lat_deg = float(terminal["lat_deg"]) + gone_m * math.cos(course) / _METRES_PER_DEG
        scale = _METRES_PER_DEG * math.cos(math.radians(lat_deg))
        return {
            "type": "position",
            "id": terminal["id"],
            "name": terminal.get("name"),
            "at": _iso(at_ns),
            "lat": round(lat_deg, 6),
            "lon": round(float(terminal["lon_deg"]) + gone_m * math.sin(course) / scale, 6),
            "speed_mps": speed_mps,
            "course_deg": course_deg,
            "fix": "3d",
        }

    def _station(self, station: Mapping[str, Any], at_ns: int, *, is_first: bool) -> dict[str, Any]:
        since_s = self._since_s(at_ns)
        mains_s, core_s = self._settings.get("mains_lost_after_s"), self._settings.get("core_lost_after_s")
        has_mains = not (is_first and mains_s is not None and since_s >= mains_s)
        has_core = not (is_first and core_s is not None and since_s >= core_s)
        return {
            "type": "station",
            "id": station["id"],
            "name": station.get("name"),
            "at": _iso(at_ns),
            "on_air": True,
            "core": "reached" if has_core else "single-site",
            "mains": has_mains,
            "battery_v": 53.5 if has_mains else 48.2,
            "battery_percent": 100 if has_mains else 71,
            "battery_runtime_s": None if has_mains else 14_400,
            "vswr": round(1.2 + 0.2 * self._chance(), 2),
            "busy_percent": round(100 * self._chance()),
            "terminals": len(self._terminals),
            "lat": station["lat_deg"],
            "lon": station["lon_deg"],
        }

    def _since_s(self, at_ns: int) -> float:
        return (at_ns - (self._began_ns if self._began_ns is not None else at_ns)) / NS_PER_S

    def _is_time(self, name: str, at_ns: int) -> bool:
        if not self._every[name] or at_ns < self._next[name]:
            return False
        self._next[name] = at_ns + self._every[name]
        return True

    def _later(self, due_ns: int, told: dict[str, Any]) -> None:
        if len(self._due) < _WAITING:
            self._due.append((due_ns, told))


def _iso(at_ns: int) -> str:
    return (_EPOCH + timedelta(milliseconds=at_ns // 1_000_000)).isoformat(timespec="milliseconds")
