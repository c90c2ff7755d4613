"""The three ways in which a short message carries text, and what each costs over the air.

``hanzi``: double-octet GB2312 characters, 14 bits each.  ``digits``: code, 4 bits each.  ``octets``: mixed, GBK octets
of 8 bits behind one octet A4.

**Source:** counting rule and capacity table of a public gateway server; 628 bits at level 3 (44 characters, 157 digits,
77 octets) agree with four further public sources.  14000 bits for level 5: published figure for BDS-3.
**Assumed:** 14 bits hold row and cell of GB2312 (octets A1..FE), so other GBK characters go as mixed.  BDS-3 cards of
level 1-4 are counted with the BDS-2 table.  An odd hex digit at the end is dropped when it is a filler (0 or F).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

Unit = Literal["hanzi", "digits", "octets"]

_CAPACITY_BITS: Final = {1: (110, 140), 2: (408, 360), 3: (628, 580), 4: (848, 1680), 5: (14000, 14000)}
_DIGITS = re.compile(r"[0-9]+\Z")
_HEX = re.compile(rb"[0-9A-Fa-f]*\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Coded:
    """A text in its class: GBK octets, or the digits as ASCII.  ``used`` counts ``unit``."""

    unit: Unit
    payload: bytes
    used: int


def capacity_bits(level: int | None, *, is_encrypted: bool) -> int | None:
    """What one ordinary message may carry over the air; ``None`` for an unknown level."""
    pair = _CAPACITY_BITS.get(level) if level is not None else None
    return pair[is_encrypted] if pair else None


def limit_of(unit: Unit, bits: int) -> int:
    """How many ``unit`` fit into ``bits``."""
    if unit == "hanzi":
        return bits // 14
    return bits // 4 if unit == "digits" else max(bits // 8 - 1, 0)


def coded(text: str) -> Coded | None:
    """``text`` in the class its content allows; ``None`` where GBK has no such character."""
    if _DIGITS.match(text):
        return Coded(unit="digits", payload=text.encode("ascii"), used=len(text))
    try:
        octets = text.encode("gbk")
    except UnicodeEncodeError:
        return None
    # A half-width sign would be one octet among pairs, and "," or "*" would break the sentence: such a text goes mixed.
    if len(octets) == 2 * len(text) and all(0xA1 <= octet <= 0xFE for octet in octets):
        return Coded(unit="hanzi", payload=octets, used=len(text))
    return Coded(unit="octets", payload=octets, used=len(octets))


def text_of(octets: bytes) -> str:
    """GBK octets as text; what is no readable text is shown in hex, never dropped."""
    try:
        text = octets.rstrip(b"\0").decode("gbk")
    except UnicodeDecodeError:
        return octets.hex().upper()
    if all(sign.isprintable() or sign in "\r\n\t" for sign in text):
        return text
    return octets.hex().upper()


def mixed_text(content: bytes) -> str:
    """The content of a code or mixed field: ``A4`` and hex of GBK octets, else the field as it stands."""
    digits = content[2:]
    if content[:2].upper() != b"A4" or not _HEX.match(digits) or digits[:2].upper() == b"A0":
        return text_of(content)
    if len(digits) % 2:
        if digits[-1:].upper() not in b"0F":
            return text_of(content)
        digits = digits[:-1]
    return text_of(bytes.fromhex(digits.decode("ascii")))
