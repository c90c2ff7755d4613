"""Turns commands into octets in the dialect of the card, and refuses what must not be sent.

Refusals (``refusal.*``): ``card-unknown`` no card has been told yet, ``no-card`` the terminal says that none is in,
``recipient``, ``empty``, ``charset``, ``capacity-unknown``, ``too-long``, ``no-receipt``, ``no-position``,
``no-broadcast`` the card has told no broadcast address, ``forbidden``.

A recipient is a card number, a BDS-3 group's number, or the word ``broadcast``: the card's own broadcast address.

**Source:** TXA, CXA, DWA, TCQ and TXSQ as in published codecs; the published sentence for an active fix without height
is reproduced octet by octet.  TCQ in the form of six fields, which most public code sends.
**Assumed:** DWSQ class 05: height mode "none given", ordinary height (one source).  The reply flag of TXSQ stays 0 as
in all published frames.  A broadcast address and a group's number go where a card's number goes; whether a card may
send to them the terminal says itself, and neither has receipts.  Queries by TXSQ and position requests in
``bd-ascii3`` are documented nowhere and refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from devices.commands import AskPosition, AskReceipt, SendText
from devices.driver import Outgoing, Refused, TextLimit
from devices.drivers.beidou_rdss.framing import binary_frame, sentence
from devices.drivers.beidou_rdss.known import Dialect, Known, KnownCard
from devices.drivers.beidou_rdss.texts import Coded, coded, limit_of

_RECIPIENT = re.compile(r"0*([1-9][0-9]{0,10})\Z", re.ASCII)
EVERYONE: Final = "broadcast"
_WIDEST_BINARY: Final = 0x1FFFFF
_ASCII_CLASSES: Final = {"hanzi": b"0", "digits": b"1", "octets": b"2"}
_BDS3_CLASSES: Final = {"hanzi": b"1", "digits": b"2", "octets": b"3"}

# Self-destruct (ZHS, JJZH, and its confirmation), management information, zero values, beam setting, radio silence.
_FORBIDDEN: Final = (b"ZHS", b"JJZH", b"ZHQR", b"GXM", b"GXZX", b"LZM", b"LZSZ", b"BSS", b"JMS")
_FORBIDDEN_FRAME = re.compile(rb"\$(?:..(?:ZHS|GXM|LZM|BSS|JMS)|JJZH|ZHQR|GXZX|LZSZ|BSSZ)", re.IGNORECASE | re.DOTALL)
_MEMORY_OCTETS: Final = 16
_CONTROLS: Final = bytes(range(0x21)) + b"\x7f"
_SEVEN_BITS: Final = bytes(octet & 0x7F for octet in range(256))


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """Settings of sending: the frequency point 1-5 and whether BDS-3 is to confirm the uplink."""

    frequency_point: int = 2
    is_confirmed: bool = False


def encode(command: SendText | AskReceipt | AskPosition, known: Known, habits: Habits) -> Outgoing | Refused:
    """``command`` as octets for the card that is in."""
    told = known.card()
    if told is None:
        return Refused(reason="card-unknown")
    dialect, card = told
    if card.card_id is None:
        return Refused(reason="no-card")
    match command:
        case SendText():
            return _send_text(command, dialect, card, habits)
        case AskReceipt(recipient=recipient):
            return _ask_receipt(dialect, card, recipient)
        case AskPosition(subject=subject):
            return _ask_position(dialect, card.card_id, subject)


def measure(text: str, known: Known) -> TextLimit:
    """How ``text`` would go, by the same rule as ``encode``."""
    code = coded(text)
    told = known.card()
    bits = told[1].capacity_bits if told else None
    if code is None:
        octets = len(text.encode("gb18030", "replace"))
        limit = None if bits is None else limit_of("octets", bits)
        return TextLimit(used=octets, limit=limit, unit="octets", is_sendable=False)
    limit = None if bits is None else limit_of(code.unit, bits)
    is_sendable = bool(text) and limit is not None and code.used <= limit and told is not None and bool(told[1].card_id)
    return TextLimit(used=code.used, limit=limit, unit=code.unit, is_sendable=is_sendable)


def raw(octets: bytes, sent_before: bytes) -> tuple[Outgoing | Refused, bytes]:
    """The squad's own octets, and what to remember of them: a command must not be sent in two halves either."""
    both = sent_before + octets
    for form in (both, both.translate(None, _CONTROLS), both.translate(_SEVEN_BITS).translate(None, _CONTROLS)):
        if any(name in form.upper() for name in _FORBIDDEN):
            return Refused(reason="forbidden"), sent_before
    if not octets:
        return Refused(reason="empty"), sent_before
    return Outgoing(octets=octets), both.translate(None, _CONTROLS)[-_MEMORY_OCTETS:]


def recipient_of(text: str) -> str | None:
    """A card number in its canonical spelling, ``None`` for anything that is no card number."""
    found = _RECIPIENT.match(text.strip())
    return found[1] if found else None


def _is_to_all(recipient: str, card: KnownCard) -> bool:
    is_address = card.broadcast_id is not None and recipient_of(recipient) == card.broadcast_id
    return is_address or recipient.strip().lower() == EVERYONE


def _send_text(command: SendText, dialect: Dialect, card: KnownCard, habits: Habits) -> Outgoing | Refused:
    is_to_all = _is_to_all(command.recipient, card)
    if is_to_all and card.broadcast_id is None:
        return Refused(reason="no-broadcast")
    recipient = card.broadcast_id if is_to_all else recipient_of(command.recipient)
    code = coded(command.text)
    if recipient is None or not _is_reachable(dialect, recipient):
        return Refused(reason="recipient")
    if code is None or not code.used:
        return Refused(reason="charset" if code is None else "empty")
    if card.capacity_bits is None:
        return Refused(reason="capacity-unknown")
    if code.used > limit_of(code.unit, card.capacity_bits):
        return Refused(reason="too-long")
    octets = _text_octets(dialect, card.card_id or "0", recipient, code, habits)
    # Mixed text stands in clear in a binary frame: a terminal out of step must not find a command in it.
    return Refused(reason="forbidden") if _FORBIDDEN_FRAME.search(octets, 1) else _outgoing(octets)


def _is_reachable(dialect: Dialect, recipient: str) -> bool:
    if dialect == "bd-bin40":
        return int(recipient) <= _WIDEST_BINARY
    return dialect == "bd-ascii3" or len(recipient) <= 8


def _text_octets(dialect: Dialect, own: str, recipient: str, code: Coded, habits: Habits) -> bytes:
    if dialect == "bd-bin40":
        return _txsq(own, recipient, code)
    content = b"A4" + code.payload.hex().upper().encode() if code.unit == "octets" else code.payload
    if dialect == "bd-ascii21":
        return sentence(b"CCTXA,%07d,1,%b,%b" % (int(recipient), _ASCII_CLASSES[code.unit], content))
    confirmation = 2 if habits.is_confirmed else 1
    fields = (recipient.encode(), habits.frequency_point, confirmation, _BDS3_CLASSES[code.unit], content)
    return sentence(b"CCTCQ,%b,%d,%d,%b,%b,0" % fields)


def _txsq(own: str, recipient: str, code: Coded) -> bytes:
    if code.unit == "digits":
        filled = code.payload + (b"F" if code.used % 2 else b"")
        message, bits = bytes.fromhex(filled.decode("ascii")), 4 * code.used
    else:
        message = (b"\xa4" if code.unit == "octets" else b"") + code.payload
        bits = 8 * len(message)
    kind = b"\x44" if code.unit == "hanzi" else b"\x46"
    content = kind + int(recipient).to_bytes(3, "big") + bits.to_bytes(2, "big") + b"\0" + message
    return binary_frame(b"TXSQ", int(own) & _WIDEST_BINARY, content)


def _outgoing(octets: bytes) -> Outgoing:
    """The octets with the name by which the terminal will feed back: three letters of a sentence, four of a frame."""
    command = octets[3:6] if octets[1:3] == b"CC" else octets[1:5]
    return Outgoing(octets=octets, reference=command.decode("ascii"))


def _ask_receipt(dialect: Dialect, card: KnownCard, recipient: str) -> Outgoing | Refused:
    asked = recipient_of(recipient)
    if dialect != "bd-ascii21" or _is_to_all(recipient, card):
        return Refused(reason="no-receipt")
    if asked is None or not _is_reachable(dialect, asked):
        return Refused(reason="recipient")
    return _outgoing(sentence(b"CCCXA,1,3,%07d" % int(asked)))


def _ask_position(dialect: Dialect, own: str, subject: str | None) -> Outgoing | Refused:
    card = "0" if subject is None else recipient_of(subject)
    if dialect == "bd-ascii3" or (dialect == "bd-bin40" and subject is not None):
        return Refused(reason="no-position")
    if card is None or not _is_reachable(dialect, card):
        return Refused(reason="recipient")
    if dialect == "bd-bin40":
        return _outgoing(binary_frame(b"DWSQ", int(own) & _WIDEST_BINARY, b"\x05" + bytes(10)))
    return _outgoing(sentence(b"CCDWA,%07d,V,1,L,,0,,,0" % int(card)))
