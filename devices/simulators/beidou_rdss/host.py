"""What the console asks of a simulated terminal, read from the wire in all three dialects.

**Source:** the same published layouts as the driver's, read independently: nothing is shared with the driver, so that a
mistake in one shows in the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from devices.driver import xor_octets

Kind = Literal["card", "subordinates", "reports", "text", "receipts", "fix", "self-test", "other"]
_FRAMES: Final = {b"ICJC", b"XTZJ", b"GLJC", b"TXSQ", b"DWSQ", b"BBDQ", b"JJZH"}
_HELD_LIMIT: Final = 8192
_TEXT_FIELDS: Final = {"TXA": (1, 3, 4), "TCQ": (1, 4, 5)}
_HANZI: Final = {"TXA": "0", "TCQ": "1"}
_CODE: Final = {"TXA": "1", "TCQ": "2"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request.  ``name`` is the command as fed back; ``bits`` what a text costs over the air."""

    kind: Kind
    name: str
    dialect: str
    address: str = "0"
    text: str = ""
    bits: int = 0
    target: str = ""
    period_s: float = 0.0


class HostReader:
    """Cuts what the console sends into requests; anything unsound is dropped as a terminal drops it."""

    def __init__(self) -> None:
        self._held = b""

    def feed(self, data: bytes) -> list[Asked]:
        """Every whole request in ``data`` and what was held."""
        self._held = (self._held + data)[-_HELD_LIMIT:]
        asked: list[Asked] = []
        while (start := self._held.find(b"$")) >= 0:
            self._held = self._held[start:]
            size = self._size()
            if not size:
                break
            request = self._read(self._held[:size])
            self._held = self._held[size if request else max(size, 1) :]
            asked.extend([request] if request else [])
        return asked

    def _size(self) -> int:
        if len(self._held) < 7:
            return 0
        if self._held[1:5] in _FRAMES:
            size = int.from_bytes(self._held[5:7], "big")
            return 0 if len(self._held) < size else max(size, 1)
        end = self._held.find(b"\n")
        return end + 1

    @staticmethod
    def _read(frame: bytes) -> Asked | None:
        if frame[1:5] in _FRAMES:
            return _binary(frame) if xor_octets(frame[:-1]) == frame[-1] else None
        line = frame.strip()
        star = line.rfind(b"*")
        if star < 0 or b"%02X" % xor_octets(line[1:star]) != line[star + 1 :].upper():
            return None
        return _sentence(line[1:star])


def _sentence(body: bytes) -> Asked:
    fields = body.split(b",")
    name = fields[0][2:].decode("ascii", "replace")
    values = [field.decode("latin-1") for field in fields[1:]] + [""] * 8
    dialect = "bd-ascii3" if name in {"ICR", "TCQ"} else "bd-ascii21"
    if name in _TEXT_FIELDS:
        return _text(name, dialect, fields)
    if name in {"ICA", "ICR"}:
        kind: Kind = "card" if values[0] == "0" else "subordinates"
        return Asked(kind=kind, name=name, dialect=dialect)
    if name == "RMO":
        period_s = float(values[2] or 1) if values[1] in {"2", "4"} and _is_number(values[2]) else 0.0
        return Asked(kind="reports", name=name, dialect="", target=values[0], period_s=period_s)
    if name == "CXA" and values[:2] == ["1", "3"] and _is_number(values[2]):
        return Asked(kind="receipts", name=name, dialect=dialect, address=values[2].lstrip("0"))
    if name == "DWA" and _is_number(values[0]):
        return Asked(kind="fix", name=name, dialect=dialect, address=values[0].lstrip("0") or "0")
    return Asked(kind="other", name=name, dialect=dialect)


def _text(name: str, dialect: str, fields: list[bytes]) -> Asked:
    address_at, class_at, content_at = _TEXT_FIELDS[name]
    fields = [*fields, b"", b"", b"", b"", b""]
    text_class, content = fields[class_at].decode("latin-1"), fields[content_at]
    if name == "TCQ" and not content:  # one published form has an empty field before the content
        content = fields[content_at + 1]
    if text_class == _HANZI[name]:
        text, bits = content.decode("gbk", "replace"), len(content) * 7
    elif text_class == _CODE[name]:
        text, bits = content.decode("ascii", "replace"), len(content) * 4
    else:
        octets = _hex(content[2:])
        text, bits = octets.decode("gbk", "replace"), 8 * len(octets) + 8
    address = fields[address_at].decode("latin-1").lstrip("0")
    return Asked(kind="text", name=name, dialect=dialect, address=address, text=text, bits=bits)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 16


def _hex(digits: bytes) -> bytes:
    try:
        return bytes.fromhex(digits.decode("ascii"))
    except ValueError:
        return b""


def _binary(frame: bytes) -> Asked:
    name, content, dialect = frame[1:5].decode("ascii"), frame[10:-1], "bd-bin40"
    if name == "TXSQ" and len(content) >= 7:
        return _binary_text(content)
    if name == "ICJC" and content:
        return Asked(kind="subordinates" if content[0] else "card", name=name, dialect=dialect)
    if name == "GLJC" and content:
        return Asked(kind="reports", name=name, dialect=dialect, target="GLZK", period_s=float(content[0]))
    if name == "XTZJ":
        return Asked(kind="self-test", name=name, dialect=dialect)
    if name == "DWSQ":
        return Asked(kind="fix", name=name, dialect=dialect)
    return Asked(kind="other", name=name, dialect=dialect)


def _binary_text(content: bytes) -> Asked:
    bits, message = int.from_bytes(content[4:6], "big"), content[7:]
    if not content[0] & 0x02:
        text, bits = message.decode("gbk", "replace"), bits * 7 // 8
    elif message[:1] == b"\xa4":
        text = message[1:].decode("gbk", "replace")
    else:
        text = message.hex()[: bits // 4]
    address = str(int.from_bytes(content[1:4], "big"))
    return Asked(kind="text", name="TXSQ", dialect="bd-bin40", address=address, text=text, bits=bits)
