"""The TAK end of a wire: a server with some users behind it, or the mesh they are on.

Users walk in circles round the start and tell their place; they write to the room, answer what is written to them
with a receipt and a text, call for help and cancel it, log off and come back.  Pings are answered.  A user who left
before the console came is re-sent once, as servers do.

Settings, all optional: ``lat_deg``, ``lon_deg``, ``users`` (list of callsigns), ``every_s`` (5), ``stale_s`` (75),
``protobuf`` (``""``, ``stream`` or ``mesh``), ``text_every_s``, ``alert_every_s``, ``away_every_s`` (0: never),
``departed`` (true: one stored user at the start).  Faults: ``has_fix`` (false: nobody has one), ``noise`` (share of
events with garbage before), ``clock_offset_s`` (the users' clocks).

**Source:** as in the driver ``cot``.  **Assumed:** motion on a sphere; users answer at once.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from xml.etree.ElementTree import Element, ParseError, tostring
from xml.sax.saxutils import quoteattr

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from devices.driver import NS_PER_S, Chance, Settings

EARTH_M: Final = 6_371_000.0
RADIUS_M: Final = 400.0
WALK_MPS: Final = 1.4
HELD_OCTETS: Final = 65_536
ALERT_S: Final = 20
AWAY_S: Final = 30
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_END = b"</event>"
_UNKNOWN = "9999999.0"
_NOWHERE: Final[Mapping[str, str]] = {"lat": "0.0", "lon": "0.0", "hae": _UNKNOWN, "ce": _UNKNOWN, "le": _UNKNOWN}
_PARTS: Final[Mapping[str, tuple[int, tuple[str, ...]]]] = {
    "contact": (2, ("endpoint", "callsign")),
    "__group": (3, ("name", "role")),
    "status": (5, ("battery",)),
    "takv": (6, ("device", "platform", "os", "version")),
    "track": (7, ("speed", "course")),
}
_WORDS: Final = ("已到集结点", "道路积水 40 厘米，绕行", "转移群众 26 人", "需要冲锋舟 <2> 条 & 救生衣")


class CotSimulator:
    """Says what its users say when it is time; answers what the console sends."""

    def __init__(self, settings: Settings, chance: Chance) -> None:
        self._chance = chance
        self._start = float(settings.get("lat_deg", 34.3956)), float(settings.get("lon_deg", 113.7394))
        self._users = [str(one) for one in settings.get("users", ("消防一中队", "蓝天救援", "邻县联络员"))][:200]
        self._every_ns = round(max(0.2, float(settings.get("every_s", 5.0))) * NS_PER_S)
        self._stale_ns = round(float(settings.get("stale_s", 75.0)) * NS_PER_S)
        self._protobuf = str(settings.get("protobuf", ""))
        self._text_s = int(settings.get("text_every_s", 40))
        self._alert_s = int(settings.get("alert_every_s", 0))
        self._away_s = int(settings.get("away_every_s", 0))
        self._has_departed = bool(settings.get("departed", True))
        self._has_fix = bool(settings.get("has_fix", True))
        self._noise = float(settings.get("noise", 0.0))
        self._offset_ns = round(float(settings.get("clock_offset_s", 0.0)) * NS_PER_S)
        self._began_ns: int | None = None
        self._next_ns = 0
        self._second = 0
        self._held = b""
        self._texts = 0
        self._console = "CONSOLE"

    # ---- what the console sends

    def receive(self, data: bytes, at_ns: int) -> Sequence[bytes]:
        """Answers to pings and texts; announcements are noted."""
        *events, self._held = (self._held + data).split(_END)
        self._held = self._held[-HELD_OCTETS:]
        answers: list[bytes] = []
        for octets in events:
            begin = octets.find(b"<event")
            try:
                event = fromstring(octets[max(begin, 0) :] + _END, forbid_dtd=True)
            except (ParseError, DefusedXmlException, ValueError):
                continue
            answers += self._answer(event, at_ns)
        return answers

    def _answer(self, event: Element, at_ns: int) -> list[bytes]:
        kind = event.get("type", "")
        if kind == "t-x-c-t":
            return [self._event(("t-x-c-t-r", "takPong", "h-g-i-g-o"), at_ns, 20 * NS_PER_S, _NOWHERE, "")]
        if kind.startswith("a-") and event.find("detail/takv") is not None:
            self._console = event.get("uid", self._console)
        chat = event.find("detail/__chat")
        if kind != "b-t-f" or chat is None:
            return []
        target = chat.get("id", "")
        for number, _ in enumerate(self._users):
            if target == _uid(number):
                name = str(chat.get("messageId") or event.get("uid", ""))
                return [self._receipt(number, name, at_ns), self._text(number, self._console, "收到", at_ns)]
        return []

    # ---- what the users say

    def tick(self, at_ns: int) -> Sequence[bytes]:
        """What is due by now; after a pause only the newest."""
        said: list[bytes] = []
        if self._began_ns is None:
            self._began_ns = self._next_ns = at_ns
            if self._has_departed:
                past_ns = at_ns - 3 * 3600 * NS_PER_S
                said.append(self._place(len(self._users), "已离线用户", past_ns, 0.0))
        since_s = (at_ns - self._began_ns) / NS_PER_S
        if at_ns >= self._next_ns:
            self._next_ns = at_ns - (at_ns - self._next_ns) % self._every_ns + self._every_ns
            for number, callsign in enumerate(self._users):
                if number or not self._is_away(since_s):
                    said.append(self._place(number, callsign, at_ns, since_s))
        for second in range(max(self._second + 1, int(since_s) - 5), int(since_s) + 1):
            said += self._at_second(second, at_ns)
        self._second = max(self._second, int(since_s))
        return [self._spoilt(octets) for octets in said]

    def _is_away(self, since_s: float) -> bool:
        return self._away_s > 0 and since_s >= self._away_s and since_s % self._away_s < AWAY_S

    def _at_second(self, second: int, at_ns: int) -> list[bytes]:
        said: list[bytes] = []
        if self._users and self._text_s > 0 and second % self._text_s == 0:
            number = second // self._text_s % len(self._users)
            said.append(self._text(number, "All Chat Rooms", _WORDS[second // self._text_s % len(_WORDS)], at_ns))
        if self._users and self._alert_s > 0 and second >= self._alert_s and second % self._alert_s in {0, ALERT_S}:
            said.append(self._alert(at_ns, is_over=second % self._alert_s != 0))
        if self._users and self._away_s > 0 and second % self._away_s == 0:
            link = f'<link uid={quoteattr(_uid(0))} relation="p-p" type="a-f-G-U-C"/>'
            name = "t-x-d-d", f"{_uid(0)}-gone-{second}", "h-g-i-g-o"
            said.append(self._event(name, at_ns, 180 * NS_PER_S, _NOWHERE, link))
        return said

    def _where(self, number: int, since_s: float) -> dict[str, str]:
        if not self._has_fix:
            return dict(_NOWHERE)
        angle = since_s * WALK_MPS / RADIUS_M + number * 0.9
        north_m, east_m = RADIUS_M * math.cos(angle) * (1 + number % 5), RADIUS_M * math.sin(angle) * (1 + number % 5)
        lat_deg = self._start[0] + math.degrees(north_m / EARTH_M)
        lon_deg = self._start[1] + math.degrees(east_m / (EARTH_M * math.cos(math.radians(self._start[0]))))
        return {"lat": f"{lat_deg:.7f}", "lon": f"{lon_deg:.7f}", "hae": "112.4", "ce": "4.7", "le": "9.1"}

    def _place(self, number: int, callsign: str, at_ns: int, since_s: float) -> bytes:
        course_deg = (math.degrees(since_s * WALK_MPS / RADIUS_M + number * 0.9) + 90.0) % 360.0
        detail = (
            '<takv device="Simulator" platform="ATAK-CIV" os="33" version="5.1"/>'
            f'<contact callsign={quoteattr(callsign)} endpoint="*:-1:stcp"/>'
            f'<__group name="Yellow" role="Team Member"/><status battery="{max(5, 96 - int(since_s) // 120)}"/>'
            f'<track speed="{WALK_MPS}" course="{course_deg:.2f}"/><uid Droid={quoteattr(callsign)}/>'
        )
        how = "m-g" if self._has_fix else "h-g-i-g-o"
        name = "a-f-G-U-C", _uid(number), how
        return self._event(name, at_ns, self._stale_ns, self._where(number, since_s), detail)

    def _text(self, number: int, target: str, text: str, at_ns: int) -> bytes:
        self._texts += 1
        name = f"{self._texts:08x}-5e1f-4c07-8000-{number:012x}"
        written = quoteattr(target)
        words = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        detail = (
            f'<__chat parent="RootContactGroup" groupOwner="false" messageId="{name}" chatroom={written} id={written}'
            f" senderCallsign={quoteattr(self._users[number])}>"
            f'<chatgrp uid0="{_uid(number)}" uid1={written} id={written}/></__chat>'
            f'<link uid="{_uid(number)}" type="a-f-G-U-C" relation="p-p"/>'
            f'<remarks source="BAO.F.ATAK.{_uid(number)}" to={written} time="{self._moment(at_ns)}">{words}</remarks>'
        )
        uid = f"GeoChat.{_uid(number)}.{target}.{name}"
        return self._event(("b-t-f", uid, "h-g-i-g-o"), at_ns, 86_400 * NS_PER_S, _NOWHERE, detail)

    def _receipt(self, number: int, name: str, at_ns: int) -> bytes:
        console = quoteattr(self._console)
        detail = (
            f'<__chatreceipt parent="RootContactGroup" groupOwner="false" messageId={quoteattr(name)}'
            f" chatroom={console} id={console} senderCallsign={quoteattr(self._users[number])}>"
            f'<chatgrp uid0="{_uid(number)}" uid1={console} id={console}/></__chatreceipt>'
            f'<link uid="{_uid(number)}" type="a-f-G-U-C" relation="p-p"/>'
        )
        return self._event(("b-t-f-d", name, "h-g-i-g-o"), at_ns, 86_400 * NS_PER_S, _NOWHERE, detail)

    def _alert(self, at_ns: int, *, is_over: bool) -> bytes:
        number = len(self._users) - 1
        called = quoteattr(f"{self._users[number]}-Alert")
        link = f'<link uid="{_uid(number)}" type="a-f-G-U-C" relation="p-p"/><contact callsign={called}/>'
        told = '<emergency cancel="true"/>' if is_over else '<emergency type="911 Alert"/>'
        since_s = (at_ns - (self._began_ns or at_ns)) / NS_PER_S
        name = "b-a-o-can" if is_over else "b-a-o-tbl", f"{_uid(number)}-9-1-1", "m-g"
        return self._event(name, at_ns, 10 * NS_PER_S, self._where(number, since_s), link + told)

    # ---- how it is written

    def _moment(self, at_ns: int) -> str:
        whole = timedelta(milliseconds=(at_ns + self._offset_ns) // 1_000_000)
        return (_EPOCH + whole).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def _event(
        self, name: tuple[str, str, str], at_ns: int, stale_ns: int, point: Mapping[str, str], detail: str
    ) -> bytes:
        kind, uid, how = name
        if self._protobuf in {"stream", "mesh"}:
            body = self._message(name, (at_ns, at_ns + stale_ns), point, detail)
            return b"\xbf" + (b"\x01\xbf" if self._protobuf == "mesh" else _varint(len(body))) + body
        now, until = self._moment(at_ns), self._moment(at_ns + stale_ns)
        where = "".join(f' {key}="{value}"' for key, value in point.items())
        return (
            f'<event version="2.0" uid={quoteattr(uid)} type="{kind}" time="{now}" start="{now}" stale="{until}"'
            f' how="{how}"><point{where}/><detail>{detail}</detail></event>'
        ).encode()

    def _message(
        self, name: tuple[str, str, str], times_ns: tuple[int, int], point: Mapping[str, str], detail: str
    ) -> bytes:
        kind, uid, how = name
        begin_ms, stale_ms = ((one + self._offset_ns) // 1_000_000 for one in times_ns)
        numbers = [b"\x30", _varint(begin_ms), b"\x38", _varint(begin_ms), b"\x40", _varint(stale_ms)]
        place = [struct.pack("<Bd", 0x51 + 8 * index, float(value)) for index, value in enumerate(point.values())]
        event = _field(1, kind) + _field(5, uid) + b"".join(numbers) + _field(9, how) + b"".join(place)
        return _field(2, event + _field(15, _detail(detail)))

    def _spoilt(self, octets: bytes) -> bytes:
        if not self._noise or self._chance() >= self._noise:
            return octets
        return bytes(int(self._chance() * 256) for _ in range(4 + int(self._chance() * 60))) + octets


def _detail(written: str) -> bytes:
    """Contact, group, battery, equipment and track have fields of their own; the rest stays XML."""
    loose, typed = "", b""
    for element in fromstring(f"<detail>{written}</detail>", forbid_dtd=True):
        number, names = _PARTS.get(element.tag, (0, ()))
        if not number:
            loose += tostring(element, encoding="unicode")
            continue
        part = b""
        for index, name in enumerate(names, start=1):
            value = element.get(name)
            if value is None:
                continue
            if element.tag == "track":
                part += struct.pack("<Bd", index << 3 | 1, float(value))
            elif element.tag == "status":
                part += bytes([index << 3]) + _varint(int(value))
            else:
                part += _field(index, value)
        typed += _field(number, part)
    return (_field(1, loose) if loose else b"") + typed


def _uid(number: int) -> str:
    return f"ANDROID-5e1f{number:012x}"


def _varint(value: int) -> bytes:
    octets = bytearray()
    while value > 0x7F:
        octets.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*octets, value])


def _field(number: int, value: str | bytes) -> bytes:
    octets = value.encode() if isinstance(value, str) else value
    return bytes([number << 3 | 2]) + _varint(len(octets)) + octets
