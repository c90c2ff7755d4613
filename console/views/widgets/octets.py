r"""Octets as people type and read them.

**Source:** the escapes are those of C strings that terminals' manuals use: ``\r \n \t \0 \\ \xHH``.
"""

from __future__ import annotations

import re

_ESCAPE = re.compile(r"\\(x[0-9A-Fa-f]{2}|.|$)", re.DOTALL)
_NAMED = {"r": "\r", "n": "\n", "t": "\t", "0": "\0", "\\": "\\"}
_SHOWN = {o: f"\\x{o:02x}" for o in range(256) if not 0x20 <= o < 0x7F} | {
    0x0D: "\\r",
    0x0A: "\\n",
    0x09: "\\t",
    0x5C: "\\\\",
}
_HEX = re.compile(r"(?:0x)?([0-9A-Fa-f]{2})[\s,:-]*")


class BadOctetsError(ValueError):
    """What was typed is not octets; ``reason`` is a message id below ``devices.send.bad``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def from_text(typed: str) -> bytes:
    r"""Octets of a line with escapes.  Characters beyond ASCII are refused: their octets would be a guess.

    Raises:
        BadOctetsError: an unknown escape, a lone backslash, a character that is not ASCII, or nothing at all.
    """
    if not typed:
        raise BadOctetsError("empty")

    def said(match: re.Match[str]) -> str:
        word = match.group(1)
        if len(word) == 3:
            return chr(int(word[1:], 16))
        if word not in _NAMED:
            raise BadOctetsError("escape")
        return _NAMED[word]

    if not typed.isascii():
        raise BadOctetsError("ascii")
    return _ESCAPE.sub(said, typed).encode("latin-1")


def from_hex(typed: str) -> bytes:
    """Octets of hex digits in pairs; blanks, commas, colons, dashes and ``0x`` between them are ignored.

    Raises:
        BadOctetsError: anything else, half an octet, or nothing at all.
    """
    text = typed.strip()
    if not text:
        raise BadOctetsError("empty")
    octets, at = bytearray(), 0
    while at < len(text):
        match = _HEX.match(text, at)
        if match is None:
            raise BadOctetsError("hex")
        octets.append(int(match.group(1), 16))
        at = match.end()
    return bytes(octets)


def as_text(octets: bytes) -> str:
    """Printable ASCII as it is, the rest as escapes: nothing is hidden and nothing can move the cursor."""
    return octets.decode("latin-1").translate(_SHOWN)


def as_hex(octets: bytes) -> str:
    """Upper-case pairs with blanks between."""
    return octets.hex(" ").upper()


def is_readable(octets: bytes) -> bool:
    """Whether most of it is text, so that a line shows text first."""
    if not octets:
        return True
    shown = sum(0x20 <= o < 0x7F or o in (0x0D, 0x0A, 0x09) for o in octets)
    return shown * 10 >= len(octets) * 9
