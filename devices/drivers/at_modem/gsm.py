"""The seven-bit alphabet of short messages.

**Source:** 3GPP TS 23.038: the default alphabet and its extension table; read back in tests with smspdudecoder.
"""

from __future__ import annotations

from typing import Final

ESCAPE: Final = 0x1B
_BASIC: Final = (
    "@£$¥èéùìòÇ\nØø\rÅå"
    "Δ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ"
    " !\"#¤%&'()*+,-./"
    "0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNO"
    "PQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmno"
    "pqrstuvwxyzäöñüà"
)
_EXTENSION: Final = {
    0x0A: "\f", 0x14: "^", 0x28: "{", 0x29: "}", 0x2F: "\\", 0x3C: "[", 0x3D: "~", 0x3E: "]", 0x40: "|", 0x65: "€",
}  # fmt: skip
_SEPTETS: Final = {
    **{letter: bytes([code]) for code, letter in enumerate(_BASIC) if code != ESCAPE},
    **{letter: bytes([ESCAPE, code]) for code, letter in _EXTENSION.items()},
}


def septets_of(text: str) -> list[bytes] | None:
    """Each letter as one septet or two (an octet each); ``None`` where the alphabet lacks a letter."""
    found = [_SEPTETS.get(letter) for letter in text]
    return None if None in found else [one for one in found if one is not None]


def text_of(septets: bytes) -> str:
    """The text of septets, one an octet.  An unknown extension is the letter itself, as the standard wants."""
    letters: list[str] = []
    is_escaped = False
    for septet in septets:
        code = septet & 0x7F
        if code == ESCAPE and not is_escaped:
            is_escaped = True
            continue
        letters.append(_EXTENSION.get(code, _BASIC[code]) if is_escaped else _BASIC[code])
        is_escaped = False
    return "".join(letter if letter != "\x1b" else " " for letter in letters)


def packed(septets: bytes, fill_bits: int = 0) -> bytes:
    """Septets packed into octets, after ``fill_bits`` zero bits."""
    value = sum((septet & 0x7F) << (7 * at) for at, septet in enumerate(septets)) << fill_bits
    return value.to_bytes((7 * len(septets) + fill_bits + 7) // 8, "little")


def unpacked(octets: bytes, count: int, fill_bits: int = 0) -> bytes:
    """``count`` septets out of ``octets``, one an octet."""
    value = int.from_bytes(octets, "little") >> fill_bits
    return bytes((value >> (7 * at)) & 0x7F for at in range(count))
