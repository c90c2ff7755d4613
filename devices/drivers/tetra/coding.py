"""The text codings of SDS, by the number in the message.

**Source:** ftl/tetra-pei ``sds/text`` for the numbers (ETSI table 29.29).
**Assumed:** coding 0 is the GSM alphabet in seven bits, packed as in SMS; an unknown coding is not guessed.
"""

from __future__ import annotations

from typing import Final

LATIN: Final = 1
UTF16: Final = 26
_ISO: Final = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 14, 15)
_PAGES: Final = (437, 737, 850, 852, 855, 857, 860, 861, 863, 865, 866, 869)
_NAMES: Final = dict(
    enumerate([*(f"iso8859-{part}" for part in _ISO), *(f"cp{page}" for page in _PAGES), "utf-16-be"], start=LATIN)
)
_GSM: Final = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)


def decoded(coding: int, octets: bytes) -> str | None:
    """The text; ``None`` for an unknown coding or octets that are none of it."""
    if coding == 0:
        bits = int.from_bytes(octets, "little")
        return "".join(_GSM[bits >> 7 * at & 0x7F] for at in range(len(octets) * 8 // 7)).rstrip("@\r")
    name = _NAMES.get(coding)
    try:
        return octets.decode(name).rstrip("\0") if name is not None else None
    except UnicodeDecodeError:
        return None


def encoded(text: str) -> tuple[int, bytes] | None:
    """The coding that takes least, and the octets; ``None`` for what has no such form."""
    try:
        return LATIN, text.encode("latin-1")
    except UnicodeEncodeError:
        pass
    try:
        return UTF16, text.encode("utf-16-be")
    except UnicodeEncodeError:
        return None
