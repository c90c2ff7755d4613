r"""Battery monitors, solar and mains chargers and inverters of Victron by VE.Direct text.

A block of ``\r\n<label>\t<value>`` ends with ``Checksum`` and one octet that makes the sum of all its octets 0 modulo
256.  That is weak (one corruption in 256 passes), so a block with one impossible value is not believed at all, and a
Condition is told when two blocks in a row say the same.  Hexadecimal frames between the lines are stepped over.

**Source:** Victron's "VE.Direct protocol" paper, text mode (fields, units, alarm reasons, states of operation), as
public parsers of it agree, and its "VE.Direct protocol FAQ" (checksum, hexadecimal frames in the stream); a block
published with the package vedirect-jmfife (PyPI).  The paper itself was not at hand.
**Assumed:** an interrupted text block goes on after a hexadecimal frame.  ``P`` is negative while the battery gives.
``---`` and a ``TTG`` of -1 mean "not known".  A number that is in no list keeps itself beside the word unknown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from devices.commands import DeviceCommand
from devices.driver import Outgoing, Refused, Settings
from devices.observations import Condition, Malformed, Observation, Power, Signal, Unrecognised

BLOCK_OCTETS = 1024
HEX_OCTETS = 512
FIELDS = 40
_END = b"\r\nChecksum\t"
_LABEL = re.compile(r"[A-Za-z][A-Za-z0-9_#]{0,15}")
_WHOLE = re.compile(r"[+-]?\d{1,10}")
_HEX = re.compile(r"0x[0-9A-Fa-f]{1,8}")
_UNKNOWN = frozenset({"", "---"})

_NUMBERS: Mapping[str, tuple[float, float, float]] = {
    "V": (0.001, 0.0, 100.0),
    "VS": (0.001, -1.0, 100.0),
    "I": (0.001, -1000.0, 1000.0),
    "P": (1.0, -100_000.0, 100_000.0),
    "SOC": (0.1, 0.0, 100.0),
    "TTG": (60.0, -60.0, 30.0 * 86_400.0),
    "CE": (0.001, -20_000.0, 20_000.0),
    "T": (1.0, -60.0, 150.0),
    "VPV": (0.001, 0.0, 600.0),
    "PPV": (1.0, 0.0, 60_000.0),
    "IL": (0.001, -1000.0, 1000.0),
    "H20": (0.01, 0.0, 10_000.0),
    "AC_OUT_V": (0.01, 0.0, 400.0),
    "AC_OUT_I": (0.1, -1000.0, 1000.0),
    "AC_OUT_S": (1.0, -100_000.0, 100_000.0),
}
"""Label: factor to the unit below, least and greatest that can be."""

_SIGNALS = (
    ("I", "battery_current", "A"),
    ("CE", "consumed", "Ah"),
    ("T", "battery_temperature", "degC"),
    ("VS", "starter_voltage", "V"),
    ("VPV", "solar_voltage", "V"),
    ("PPV", "solar_power", "W"),
    ("H20", "yield_today", "kWh"),
    ("IL", "load_current", "A"),
    ("AC_OUT_V", "output_voltage", "V"),
    ("AC_OUT_I", "output_current", "A"),
    ("AC_OUT_S", "output_apparent", "VA"),
)
_STATES: Mapping[int, str] = {
    0: "off",
    1: "low-power",
    2: "fault",
    3: "bulk",
    4: "absorption",
    5: "float",
    6: "storage",
    7: "equalize",
    9: "inverting",
    11: "power-supply",
    245: "starting",
    246: "repeated-absorption",
    247: "auto-equalize",
    248: "battery-safe",
    252: "external-control",
}
_REASONS = (
    "low-voltage",
    "high-voltage",
    "low-charge",
    "low-starter-voltage",
    "high-starter-voltage",
    "low-temperature",
    "high-temperature",
    "mid-voltage",
    "overload",
    "dc-ripple",
    "low-output-voltage",
    "high-output-voltage",
    "short-circuit",
    "bms-lockout",
)
_SWITCHES = (("LOAD", "load"), ("Relay", "relay"))


class VeDirect:
    """One device on one port.  Listens only."""

    __slots__ = ("_block", "_hex", "_is_last", "_seen")

    def __init__(self, settings: Settings) -> None:
        del settings  # this driver has none
        self._block = bytearray()
        self._hex: bytearray | None = None
        self._is_last = False
        self._seen: dict[str, str] = {}

    def receive(self, data: bytes, at_ns: int) -> Sequence[Observation]:  # noqa: ARG002
        """What every finished block says; never raises."""
        said: list[Observation] = []
        at = 0
        while at < len(data):
            if self._is_last:
                said.extend(self._close(data[at]))
                at += 1
            elif self._hex is not None:
                said.extend(self._take_hex(data[at]))
                at += 1
            elif data[at] == 0x3A:
                self._hex = bytearray(b":")
                at += 1
            else:
                colon = data.find(b":", at)
                at += self._take_text(data[at : colon if colon >= 0 else len(data)], said)
        return said

    def _take_text(self, text: bytes, said: list[Observation]) -> int:
        """Take of this what belongs to the block, and say how much that was."""
        before = len(self._block)
        self._block += text[: BLOCK_OCTETS - before]
        end = self._block.find(_END, max(0, before - len(_END) + 1))
        if end >= 0:
            del self._block[end + len(_END) :]
            self._is_last = True
        taken = len(self._block) - before
        if not self._is_last and len(self._block) >= BLOCK_OCTETS:
            said.append(Malformed(reason="length", raw=self._take_block()))
        return taken

    def _take_hex(self, octet: int) -> Sequence[Observation]:
        assert self._hex is not None  # noqa: S101 - asked before
        self._hex.append(octet)
        if octet != 0x0A and len(self._hex) < HEX_OCTETS:
            return ()
        raw, self._hex = bytes(self._hex), None
        return (Unrecognised(name="hex", raw=raw) if octet == 0x0A else Malformed(reason="length", raw=raw),)

    def _take_block(self) -> bytes:
        raw = bytes(self._block)
        self._block.clear()
        return raw

    def _close(self, octet: int) -> Sequence[Observation]:
        self._is_last = False
        self._block.append(octet)
        raw = self._take_block()
        if sum(raw) & 0xFF:
            return (Malformed(reason="checksum", raw=raw),)
        fields = _fields(raw)
        if fields is None:
            return (Malformed(reason="field", raw=raw),)
        numbers = _numbers(fields)
        if numbers is None:
            return (Malformed(reason="range", raw=raw),)
        said = [*_power(numbers), *_signals(numbers), *self._conditions(fields)]
        return said or (Unrecognised(name="block", raw=raw),)

    def _conditions(self, fields: Mapping[str, str]) -> list[Observation]:
        """What two blocks in a row said alike."""
        said: list[Observation] = []
        for told in _told(fields):
            if self._seen.get(told.part) == told.value:
                said.append(told)
            self._seen[told.part] = told.value
        return said

    def poll(self, at_ns: int) -> Sequence[bytes]:  # noqa: ARG002
        """Nothing: the device speaks unasked, once a second."""
        return ()

    def encode(self, command: DeviceCommand, at_ns: int) -> Outgoing | Refused:  # noqa: ARG002
        """Refuse: a hexadecimal frame could change settings or switch the load off."""
        return Refused(reason="listen-only")

    def finish(self) -> Sequence[Malformed]:
        """The block or frame the wire broke off in; what comes next does not follow upon what was."""
        rest = bytes(self._hex) if self._hex is not None else b""
        rest = self._take_block() + rest
        self._hex, self._is_last = None, False
        self._seen.clear()
        return (Malformed(reason="truncated", raw=rest),) if rest else ()

    def save(self) -> dict[str, Any]:
        """The unfinished block and frame, and what the last block said."""
        return {
            "block": self._block.hex(),
            "hex": self._hex.hex() if self._hex is not None else None,
            "is_last": self._is_last,
            "seen": dict(self._seen),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue from what ``save`` gave."""
        self._block = bytearray.fromhex(state["block"])
        self._hex = bytearray.fromhex(state["hex"]) if state["hex"] is not None else None
        self._is_last = state["is_last"]
        self._seen = dict(state["seen"])


def _fields(raw: bytes) -> dict[str, str] | None:
    """Label and value of every line but the checksum; ``None`` where a line is none."""
    lines = raw[: -len(_END) - 1].decode("latin-1").split("\r\n")
    fields: dict[str, str] = {}
    if not lines[0]:
        del lines[0]
    if len(lines) > FIELDS:
        return None
    for line in lines:
        label, tab, value = line.partition("\t")
        if not tab or not _LABEL.fullmatch(label) or label in fields or len(value) > 48 or not value.isprintable():
            return None
        fields[label] = value
    return fields


def _numbers(fields: Mapping[str, str]) -> dict[str, float] | None:
    """The numbers that are known; ``None`` where one cannot be: then its neighbours are in doubt too."""
    numbers: dict[str, float] = {}
    for label, (factor, low, high) in _NUMBERS.items():
        text = fields.get(label, "").strip()
        if text in _UNKNOWN:
            continue
        if not _WHOLE.fullmatch(text) or not low <= round(int(text) * factor, 6) <= high:
            return None
        numbers[label] = round(int(text) * factor, 6)
    return numbers


def _power(numbers: Mapping[str, float]) -> list[Observation]:
    if not {"V", "P", "SOC", "TTG"} & set(numbers):
        return []
    runtime_s = numbers.get("TTG")
    return [
        Power(
            source="battery",
            voltage_v=numbers.get("V"),
            power_w=numbers.get("P"),
            charge_percent=numbers.get("SOC"),
            runtime_s=runtime_s if runtime_s is not None and runtime_s >= 0 else None,
        )
    ]


def _signals(numbers: Mapping[str, float]) -> list[Observation]:
    return [
        Signal(quantity=quantity, value=numbers[label], unit=unit)
        for label, quantity, unit in _SIGNALS
        if label in numbers
    ]


def _told(fields: Mapping[str, str]) -> list[Condition]:
    """Every Condition that one block names."""
    told = [
        Condition(part=part, value=fields[label].lower()) for label, part in _SWITCHES if fields.get(label) is not None
    ]
    if "PID" in fields:
        told.append(Condition(part="product", value=fields["PID"]))
    state = _number(fields.get("CS"))
    if state is not None:
        told.append(Condition(part="charger", value=_STATES.get(state, f"unknown-{state}"), is_good=state != 2))
    error = _number(fields.get("ERR"))
    if error is not None:
        told.append(Condition(part="error", value="clear" if error == 0 else f"error-{error}", is_good=error == 0))
    alarm = _alarm(fields)
    return told if alarm is None else [*told, alarm]


def _alarm(fields: Mapping[str, str]) -> Condition | None:
    """The alarm with its reasons; the warning where there is no alarm field (inverters)."""
    reasons = _number(fields.get("AR", fields.get("WARN")))
    is_on = fields.get("Alarm", "").upper() == "ON" or bool(reasons)
    if reasons is None and "Alarm" not in fields:
        return None
    words = [_reason(bit) for bit in range(32) if (reasons or 0) >> bit & 1]
    return Condition(part="alarm", value=" ".join(words) or ("on" if is_on else "clear"), is_good=not is_on)


def _reason(bit: int) -> str:
    return _REASONS[bit] if bit < len(_REASONS) else f"unknown-{1 << bit}"


def _number(text: str | None) -> int | None:
    if text is None:
        return None
    if _HEX.fullmatch(text):
        return int(text, 16)
    return int(text) if _WHOLE.fullmatch(text) and int(text) >= 0 else None
