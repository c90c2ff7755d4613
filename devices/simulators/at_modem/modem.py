"""A modem that answers AT commands.

Settings, all optional: ``profile`` (``generic`` quectel tiantong iridium_sbd), ``echo`` (on until ATE0), ``texts``
(what arrives, in turn), ``sender``, ``text_every_s`` (the first after 6 s; 0: none), ``reply`` (what a recipient
answers after 20 s), ``send_s`` (how long the network takes, 1.5), ``is_reported`` (status reports come), ``faults``
(words, or tables ``kind``, ``from_s``, ``for_s``): no-sim no-network refused undelivered silent prompt-lost reboot.

**Source:** the answers published for Quectel and Iridium SBD modules, 3GPP TS 27.007 and 27.005, written again for this
side.  **Assumed:** a 天通 module answers as 27.007 says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from devices.driver import NS_PER_S, Chance, Settings
from devices.simulators.at_modem import units

TEXTS: Final = ("二号点已到达", "新村桥水位上涨，道路中断", "转移群众 36 人，请求物资。" * 8)
_HELD_OCTETS: Final = 4096
_PLACES: Final = 20
_REPLY_NS: Final = 20 * NS_PER_S
_REPORT_NS: Final = 4 * NS_PER_S
_SESSION_NS: Final = 6 * NS_PER_S
_SETTINGS = re.compile(r"AT(?:|V1|&K0|\+(?:CMEE|CMGF|CREG|CGREG|CEREG|CNMI|CLIP|SBDMTA|CPMS)=.*|\^BEIDOU=[01]|\+CHUP)")
_OK: Final = b"\r\nOK\r\n"
_ERROR: Final = b"\r\nERROR\r\n"


class AtModemSimulator:
    """One module with one card; the network behind it takes texts and sends some."""

    def __init__(self, settings: Settings, chance: Chance) -> None:
        self._settings = settings
        self._chance = chance
        self._is_sbd = settings.get("profile") == "iridium_sbd"
        self._has_echo = bool(settings.get("echo", True))
        self._texts = [str(one) for one in settings.get("texts", TEXTS)]
        self._held = b""
        self._wanted: tuple[str, int] | None = None
        self._waiting: list[tuple[int, bytes]] = []
        self._card: dict[int, tuple[int, bytes]] = {}
        self._mail: list[bytes] = []
        self._mobile: bytes | None = None
        self._terminated = b""
        self._count = 0
        self._arrived = 0
        self._began_ns: int | None = None
        self._next_text_ns = 0
        self._is_off = False

    # ---- the wire

    def receive(self, data: bytes, at_ns: int) -> Sequence[bytes]:
        """Answer what the console sent; a modem that is off hears nothing."""
        self._start(at_ns)
        if self._is("silent", at_ns) or self._is("reboot", at_ns):
            return ()
        self._held = (self._held + data)[-_HELD_OCTETS:]
        said: list[bytes] = []
        while self._held and (taken := self._take(at_ns)) is not None:
            said += taken
        return [one for one in said if one]

    def tick(self, at_ns: int) -> Sequence[bytes]:
        """What is due by now: delayed answers, texts that arrive, a new beginning."""
        self._start(at_ns)
        if self._is("reboot", at_ns):
            self._is_off, self._held, self._wanted, self._waiting = True, b"", None, []
            return ()
        said = [b"\r\nRDY\r\n"] if self._is_off else []
        if self._is_off:
            self._is_off, self._has_echo = False, bool(self._settings.get("echo", True))
        said += [octets for due_ns, octets in self._waiting if due_ns <= at_ns]
        self._waiting = [one for one in self._waiting if one[0] > at_ns]
        every_s = float(self._settings.get("text_every_s", 60.0))
        if every_s > 0 and self._texts and at_ns >= self._next_text_ns and not self._is("no-network", at_ns):
            self._next_text_ns = at_ns + round(every_s * NS_PER_S)
            text = self._texts[self._arrived % len(self._texts)]
            said += self._arrive(str(self._settings.get("sender", "+8617400000002")), text, at_ns)
        return () if self._is("silent", at_ns) else said

    def _start(self, at_ns: int) -> None:
        if self._began_ns is None:
            self._began_ns = at_ns
            self._next_text_ns = at_ns + 6 * NS_PER_S

    def _is(self, kind: str, at_ns: int) -> bool:
        since_s = (at_ns - (self._began_ns or 0)) / NS_PER_S
        for fault in self._settings.get("faults", ()):
            table: Mapping[str, Any] = {"kind": fault} if isinstance(fault, str) else fault
            from_s = float(table.get("from_s", 0.0))
            if table.get("kind") == kind and from_s <= since_s < from_s + float(table.get("for_s", 1e9)):
                return True
        return False

    def _take(self, at_ns: int) -> list[bytes] | None:
        """The next thing that the console sent, answered; ``None``: it is not whole yet."""
        if self._wanted is not None:
            return self._payload(at_ns)
        self._held = self._held.lstrip(b"\n\x1b")
        line, end, rest = self._held.partition(b"\r")
        if not end:
            return None
        self._held = rest
        echo = [line + b"\r"] if self._has_echo else []
        return [*echo, *self._answer(line.decode("ascii", "replace").strip(), at_ns)]

    def _payload(self, at_ns: int) -> list[bytes] | None:
        kind, size = self._wanted or ("", 0)
        if kind == "write":
            if len(self._held) < size + 2:
                return None
            data, self._held = self._held[: size + 2], self._held[size + 2 :]
            self._wanted = None
            is_sound = sum(data[:-2]) & 0xFFFF == int.from_bytes(data[-2:], "big")
            self._mobile = data[:-2] if is_sound else None
            return [b"\r\n%d\r\n" % (0 if is_sound else 2), _OK]
        ends = [at for at in (self._held.find(b"\x1a"), self._held.find(b"\x1b")) if at >= 0]
        if not ends:
            return None
        unit, mark, self._held = self._held[: min(ends)], self._held[min(ends)], self._held[min(ends) + 1 :]
        self._wanted = None
        echo = [unit + bytes([mark])] if self._has_echo else []
        return [*echo, *([_OK] if mark == 0x1B else self._submit(unit.strip(), size, at_ns))]

    # ---- answers

    def _answer(self, line: str, at_ns: int) -> list[bytes]:
        upper = line.upper()
        if upper in {"ATE0", "ATE1"}:
            self._has_echo = upper == "ATE1"
            return [_OK]
        if _SETTINGS.fullmatch(upper):
            return [_OK]
        name, _, value = upper.partition("=")
        answer = (self._burst_answers() if self._is_sbd else self._cell_answers()).get(name)
        return [_ERROR] if answer is None else answer(value, at_ns)

    def _cell_answers(self) -> Mapping[str, Callable[[str, int], list[bytes]]]:
        return {
            "AT+CPIN?": self._pin,
            "AT+CREG?": lambda _, at_ns: _info(f"+CREG: 2,{self._cell(at_ns)}"),
            "AT+CGREG?": lambda _, at_ns: _info(f"+CGREG: 2,{self._cell(at_ns)}"),
            "AT+CEREG?": lambda _, at_ns: _info(f"+CEREG: 2,{self._cell(at_ns)}"),
            "AT+COPS?": self._operator,
            "AT+CSQ": lambda _, at_ns: _info(f"+CSQ: {self._level(at_ns, 18, 99)},99"),
            "AT+CESQ": lambda _, at_ns: _info(
                f"+CESQ: 99,99,255,255,{self._level(at_ns, 23, 255)},{self._rsrp(at_ns)}"
            ),
            "AT+QENG": self._serving,
            "AT+CIMI": lambda _, at_ns: _error(at_ns) if self._is("no-sim", at_ns) else _info("460110123456789"),
            "AT+CGMM": lambda _, __: _info("SIMULATED LTE"),
            "AT+CGMR": lambda _, __: _info("SIM-MODULE V1.0"),
            "AT+CPMS?": lambda _, __: _info(",".join([f'+CPMS: "SM",{len(self._card)},{_PLACES}'] * 3)),
            "AT+CMGL": self._list,
            "AT+CMGR": self._read,
            "AT+CMGD": self._remove,
            "AT+CMGS": self._prompt,
        }

    def _pin(self, _: str, at_ns: int) -> list[bytes]:
        return [b"\r\n+CME ERROR: 10\r\n"] if self._is("no-sim", at_ns) else _info("+CPIN: READY")

    def _has_network(self, at_ns: int) -> bool:
        return not self._is("no-network", at_ns) and not self._is("no-sim", at_ns)

    def _cell(self, at_ns: int) -> str:
        return '1,"1A2B","00C3D4E5",7' if self._has_network(at_ns) else "2"

    def _operator(self, _: str, at_ns: int) -> list[bytes]:
        return _info('+COPS: 0,0,"CHN-CT",7' if self._has_network(at_ns) else "+COPS: 0")

    def _level(self, at_ns: int, middle: int, unknown: int) -> int:
        return middle + int(4 * self._chance()) - 2 if self._has_network(at_ns) else unknown

    def _rsrp(self, at_ns: int) -> int:
        return self._level(at_ns, 51, 255)

    def _serving(self, _: str, at_ns: int) -> list[bytes]:
        if self._settings.get("profile") != "quectel":
            return [_ERROR]
        if not self._has_network(at_ns):
            return _info('+QENG: "servingcell","SEARCH"')
        levels = f"{self._level(at_ns, -95, 0)},-10,-65,18,10"
        return _info(f'+QENG: "servingcell","NOCONN","LTE","FDD",460,11,1A2B3C4,100,2650,3,5,5,5AE,{levels}')

    # ---- short messages

    def _list(self, _: str, __: int) -> list[bytes]:
        said = [f"\r\n+CMGL: {place},1,,{size}\r\n{unit.hex().upper()}" for place, (size, unit) in self._card.items()]
        return ["".join(said).encode() + b"\r\n" if said else b"", _OK]

    def _read(self, value: str, _: int) -> list[bytes]:
        size, unit = self._card.get(int(value) if value.isdigit() else -1, (0, b""))
        return _info(f"+CMGR: 0,,{size}\r\n{unit.hex().upper()}") if unit else [b"\r\n+CMS ERROR: 321\r\n"]

    def _remove(self, value: str, _: int) -> list[bytes]:
        self._card.pop(int(value) if value.isdigit() else -1, None)
        return [_OK]

    def _prompt(self, value: str, at_ns: int) -> list[bytes]:
        if not value.isdigit() or self._is("prompt-lost", at_ns):
            return [] if self._is("prompt-lost", at_ns) else [_ERROR]
        self._wanted = "text", int(value)
        return [b"\r\n> "]

    def _submit(self, digits: bytes, size: int, at_ns: int) -> list[bytes]:
        try:
            octets = bytes.fromhex(digits.decode("ascii"))
        except ValueError:
            return [b"\r\n+CMS ERROR: 304\r\n"]
        sent = units.read_submit(octets)
        if sent is None or len(octets) - 1 != size:
            return [b"\r\n+CMS ERROR: 304\r\n"]
        due_ns = at_ns + round(float(self._settings.get("send_s", 1.5)) * NS_PER_S)
        if not self._has_network(at_ns) or self._is("refused", at_ns):
            self._later(due_ns, b"\r\n+CMS ERROR: %d\r\n" % (500 if self._has_network(at_ns) else 331))
            return []
        self._count = (self._count + 1) % 256
        self._later(due_ns, b"\r\n+CMGS: %d\r\n" % self._count + _OK)
        if sent.is_reported and self._settings.get("is_reported", True):
            status = 0x46 if self._is("undelivered", at_ns) else 0
            length, unit = units.status_report(self._count, sent.address, due_ns, status)
            self._later(due_ns + _REPORT_NS, b"\r\n+CDS: %d\r\n%b\r\n" % (length, unit.hex().upper().encode()))
        if self._settings.get("reply") and sent.part == sent.parts:
            for announced in self._arrive(sent.number, str(self._settings["reply"]), at_ns + _REPLY_NS):
                self._later(at_ns + _REPLY_NS, announced)
        return []

    def _arrive(self, sender: str, text: str, at_ns: int) -> list[bytes]:
        self._arrived += 1
        if self._is_sbd:
            self._mail = [*self._mail, text.encode()[:270]][-20:]
            return [b"\r\nSBDRING\r\n"]
        said = []
        for size, unit in units.deliver(sender, text, at_ns, self._arrived):
            place = next((one for one in range(1, _PLACES + 1) if one not in self._card), None)
            if place is not None:
                self._card[place] = size, unit
                said.append(b'\r\n+CMTI: "SM",%d\r\n' % place)
        return said

    def _later(self, due_ns: int, octets: bytes) -> None:
        self._waiting = [*self._waiting, (due_ns, octets)][-64:]

    # ---- short burst data

    def _burst_answers(self) -> Mapping[str, Callable[[str, int], list[bytes]]]:
        return {
            "AT+CGSN": lambda _, __: _info("300234010753370"),
            "AT+CGMM": lambda _, __: _info("IRIDIUM 9600 Family SBD Transceiver"),
            "AT+CGMR": lambda _, __: _info("Call Processor Version: TA16005"),
            "AT+CSQ": lambda _, at_ns: _info(f"+CSQ:{self._level(at_ns, 3, 0)}"),
            "AT+SBDD0": self._clear,
            "AT+SBDD1": self._clear,
            "AT+SBDWB": self._write,
            "AT+SBDIX": self._session,
            "AT+SBDIXA": self._session,
            "AT+SBDRB": self._block,
            "AT+SBDSX": lambda _, __: _info(
                f"+SBDSX: 0, {self._count}, 0, -1, {int(bool(self._mail))}, {len(self._mail)}"
            ),
        }

    def _clear(self, _: str, __: int) -> list[bytes]:
        self._mobile = None
        return [b"\r\n0\r\n", _OK]

    def _write(self, value: str, _: int) -> list[bytes]:
        if not value.isdigit() or not 0 < int(value) <= 340:
            return [b"\r\n3\r\n", _OK]
        self._wanted = "write", int(value)
        return [b"\r\nREADY\r\n"]

    def _session(self, _: str, at_ns: int) -> list[bytes]:
        if not self._has_network(at_ns):
            self._later(at_ns + _SESSION_NS, b"\r\n+SBDIX: 32, %d, 2, 0, 0, 0\r\n" % self._count + _OK)
            return []
        self._count += 1 if self._mobile is not None else 0
        self._terminated = self._mail.pop(0) if self._mail else b""
        received = (int(bool(self._terminated)), self._arrived, len(self._terminated), len(self._mail))
        self._later(at_ns + _SESSION_NS, b"\r\n+SBDIX: 0, %d, %d, %d, %d, %d\r\n" % (self._count, *received) + _OK)
        return []

    def _block(self, _: str, __: int) -> list[bytes]:
        data = self._terminated
        return [len(data).to_bytes(2, "big") + data + (sum(data) & 0xFFFF).to_bytes(2, "big"), _OK]


def _info(text: str) -> list[bytes]:
    return [b"\r\n" + text.encode() + b"\r\n", _OK]


def _error(_: int) -> list[bytes]:
    return [b"\r\n+CME ERROR: 10\r\n"]
