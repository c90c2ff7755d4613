"""Turns commands into frames for a terminal that was heard on this wire.

Refusals (``refusal.*``): ``terminal-unheard``, ``empty``, ``gbk``, ``control``, ``long``, ``no-receipt``, ``no-frame``,
``no-remote-control``.

**Source:** 8300: flags (1), text in GBK; edition 2019 puts a kind (1) between (public code:
cuteLittleDevil/go-jt808, SmallChi/JT808, toggery/jt808).  Flags: bit 0 urgent, 2 show, 3 speak.  8201 has no body.
**Assumed:** edition 2019 uses flag bits 0 and 1 together: 3 is a notice, and kind 1 is a notice; an older reading takes
that for "urgent", which does no harm.  A text has at most 1000 octets, the limit that public platforms keep of 1024.
"""

from __future__ import annotations

import unicodedata
from typing import Final

from devices.driver import Outgoing, Refused, TextLimit
from devices.drivers.jt808.framing import FLAG, Address, Framer, open_piece

TEXT: Final = 0x8300
ASK_POSITION: Final = 0x8201
LONGEST_TEXT: Final = 1000

_SHOWN, _SPOKEN, _NOTICE = 0x04, 0x08, 0x03
_NOTICE_KIND: Final = b"\x01"
_REMOTE_CONTROL: Final = frozenset({0x8103, 0x8105, 0x8108, 0x8500})
"""Parameters, switching off and resetting, new firmware, doors and engine: a slip here loses a terminal for good."""


def coded(text: str) -> bytes | Refused:
    """The text as it goes on the wire, or why not."""
    if any(unicodedata.category(sign) == "Cc" and sign != "\n" for sign in text):
        return Refused(reason="control")
    try:
        octets = text.encode("gbk")
    except UnicodeEncodeError:
        return Refused(reason="gbk")
    if not text.strip():
        return Refused(reason="empty")
    return octets if len(octets) <= LONGEST_TEXT else Refused(reason="long")


def measure(text: str) -> TextLimit:
    """How ``text`` would go, by the same rule as ``coded``."""
    used = len(text.encode("gbk", "replace"))
    is_sendable = not isinstance(coded(text), Refused)
    return TextLimit(used=used, limit=LONGEST_TEXT, unit="octets", is_sendable=is_sendable)


def text_body(octets: bytes, address: Address, *, is_spoken: bool) -> bytes:
    """The body of a text in the terminal's edition."""
    flags = _SHOWN | (_SPOKEN if is_spoken else 0)
    if address.version is None:
        return bytes((flags,)) + octets
    return bytes((flags | _NOTICE,)) + _NOTICE_KIND + octets


def raw(octets: bytes) -> Outgoing | Refused:
    """The squad's own frames: whole and sound ones only, so that what they ask for can be judged."""
    framer = Framer()
    pieces = framer.feed(octets)
    if not pieces or framer.held != FLAG or not octets.startswith(FLAG):
        return Refused(reason="no-frame")
    for doubt, piece in pieces:
        frame = open_piece(piece) if doubt is None else doubt
        if isinstance(frame, str):
            return Refused(reason="no-frame")
        if frame.message in _REMOTE_CONTROL:
            return Refused(reason="no-remote-control")
    return Outgoing(octets=octets)
