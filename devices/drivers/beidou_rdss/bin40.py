"""The frames of dialect ``bd-bin40`` ("4.0"): ICXX ZJXX GLZK TXXX TXHZ DWXX FKXX SJXX.

Layout: ``$XXXX``, length 2, card 3 (21 bits), content, checksum; big endian; signed values are sign and magnitude.

**Source:** yufei2207/learn ``pt_bd1.c``, lysssssss/BDS_4_0, y-cj123/NJU_BEIDOU, two published digests of the interface.
**Assumed:** FKXX code 4 holds the seconds at whichever end of the four octets is not zero.  Code 8 is "silence" in
one source and "suppression lifted" in another, so it is no verdict on a message: shown as contradictory, the text
stays unknown.  A position with the query bit comes out of the system's memory: stored, no sign of life now.  DWXX
heights: the sign is bit 15 or bit 14 and the magnitude the low 14 bits.  SJXX is UTC.  The battery octet of ZJXX has
no published scale and is shown as it stands.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from devices.driver import NS_PER_S
from devices.drivers.beidou_rdss import fields as read
from devices.drivers.beidou_rdss.ascii21 import listed, midnight_ns
from devices.drivers.beidou_rdss.fields import FieldError
from devices.drivers.beidou_rdss.known import Known
from devices.drivers.beidou_rdss.texts import capacity_bits, text_of
from devices.observations import (
    Card,
    ClockReading,
    Condition,
    DeliveryReport,
    Malformed,
    Observation,
    Position,
    TextMessage,
)

_REASONS: Final = {
    1: "refused",
    2: "not-locked",
    3: "low-battery",
    5: "encryption",
    6: "checksum",
    7: "suppressed",
    9: "no-card",
    10: "no-route",
}
_ADDRESS_BITS: Final = 0x1FFFFF


def decode(frame: bytes, at_ns: int, known: Known) -> list[Observation] | None:
    """What a sound frame says; ``None`` for a head of no concern here.  Raises ``FieldError``."""
    reader = _READERS.get(frame[1:5])
    return None if reader is None else reader(frame, at_ns, known)


def _address(octets: bytes) -> str | None:
    return str(int.from_bytes(octets, "big") & _ADDRESS_BITS).lstrip("0") or None


def _card(frame: bytes, _at_ns: int, known: Known) -> list[Observation]:
    if frame[10]:
        cards = [_address(frame[at : at + 3]) for at in range(11, len(frame) - 3, 3)]
        told = [card for card in cards if card is not None]
        card = known.cards.get("bd-bin40")
        total = card.subordinate_count if card else None
        return [known.learn_subordinates(told, total, is_first=frame[10] == 1)]
    if len(frame) != 22:
        raise FieldError(frame)
    card_id = _address(frame[7:10])
    if card_id is None:
        return [known.learn_card("bd-bin40", Card(card_id=None, generation="bds2"))]
    level, is_encrypted = frame[17], frame[18] != 0
    told_card = Card(
        card_id=card_id,
        broadcast_id=_address(frame[11:14]),
        generation="bds3" if level == 0 else "bds2",
        level=level or 5,
        interval_s=float(int.from_bytes(frame[15:17], "big")),
        capacity_bits=known.capacity_bits or capacity_bits(level or 5, is_encrypted=is_encrypted),
        is_encrypted=is_encrypted,
        is_commander=frame[14] in {0, 4},
        subordinate_count=int.from_bytes(frame[19:21], "big"),
    )
    return [known.learn_card("bd-bin40", told_card)]


def _self_test(frame: bytes, _at_ns: int, known: Known) -> list[Observation]:
    states = [
        Condition(part=part, value="ok" if value == 0 else f"fault-{value:02X}", is_good=value == 0)
        for part, value in (("card", frame[10]), ("hardware", frame[11]), ("uplink", frame[13]))
    ]
    battery = Condition(part="battery-code", value=str(frame[12]))
    return [*states, battery, *_six_beams(frame[14:20], known)]


def _beams(frame: bytes, _at_ns: int, known: Known) -> list[Observation]:
    return _six_beams(frame[10:16], known)


def _six_beams(octets: bytes, known: Known) -> list[Observation]:
    return known.learn_beams("beam", {index: float(level) for index, level in enumerate(octets, start=1)}, "level")


def _text(frame: bytes, at_ns: int, _known: Known) -> list[Observation]:
    bits = int.from_bytes(frame[16:18], "big")
    size = (bits + 7) // 8
    if len(frame) != 20 + size:
        raise FieldError(frame)
    message, is_damaged = frame[18 : 18 + size], frame[18 + size] != 0
    # A text that was damaged over the air must not look like a good one: its octets are shown instead.
    text = message.hex().upper() if is_damaged else _message_text(frame[10], message, bits)
    told = TextMessage(
        sender=_address(frame[11:14]),
        recipient=_address(frame[7:10]),
        text=text,
        source_time_ns=read.completed_ns(read.day_time_ns(frame[14], frame[15], 0), at_ns),
    )
    return [told, Malformed(reason="air-checksum", raw=frame)] if is_damaged else [told]


def _message_text(message_class: int, message: bytes, bits: int) -> str:
    if not message_class & 0x20:
        return text_of(message)
    if message[:1] == b"\xa4":
        return text_of(message[1:])
    return message.hex().upper()[: bits // 4]


def _receipts(frame: bytes, at_ns: int, _known: Known) -> list[Observation]:
    receiver, count = _address(frame[10:13]), frame[13]
    if len(frame) != 15 + 4 * count:
        raise FieldError(frame)
    times_ns = [
        read.completed_ns(read.day_time_ns(frame[at], frame[at + 1], 0), at_ns) for at in range(14, 14 + 4 * count, 4)
    ]
    return listed(receiver, times_ns, is_whole=True)


def _fix(frame: bytes, at_ns: int, _known: Known) -> list[Observation]:
    kind, address, time = frame[10], _address(frame[11:14]), frame[14:18]
    of_day_ns = read.day_time_ns(time[0], time[1], time[2], time[3] * NS_PER_S // 100) if time[3] < 100 else None
    is_query, is_multiple = bool(kind & 0x20), kind & 0x02
    accuracy_m = 100.0 if kind & 0x08 else 20.0
    return [
        Position(
            subject=address if is_query or address != _address(frame[7:10]) else None,
            lat_deg=_arc_deg(frame[22:26], 90),
            lon_deg=_arc_deg(frame[18:22], 180),
            altitude_m=_height_m(frame[26:28]),
            accuracy_m=None if is_multiple else accuracy_m,
            datum="cgcs2000",
            source_time_ns=read.completed_ns(of_day_ns, at_ns, is_past=is_query),
            is_stored=is_query,
        )
    ]


def _arc_deg(octets: bytes, limit_deg: int) -> float:
    degrees, minutes, seconds, tenths = octets
    value = degrees + minutes / 60 + (seconds + tenths / 10) / 3600
    if minutes > 59 or seconds > 59 or tenths > 9 or value > limit_deg:
        raise FieldError(octets)
    return value


def _height_m(octets: bytes) -> float:
    value = int.from_bytes(octets, "big")
    return float(-(value & 0x3FFF) if value & 0xC000 else value)


def _feedback(frame: bytes, _at_ns: int, known: Known) -> list[Observation]:
    code, extra = frame[10], frame[11:15]
    reference = extra.decode("ascii") if extra.isalpha() and extra.isascii() else known.requested
    if code == 0:
        return [DeliveryReport(reference=reference, state="sent")]
    if code == 4:
        return [DeliveryReport(reference=known.requested, state="deferred", reason="interval", wait_s=_wait_s(extra))]
    if code == 8:
        return [Condition(part="feedback", value="contradictory-8")]
    reason = _REASONS.get(code, f"unknown-{code}")
    return [DeliveryReport(reference=reference, state="failed", reason=reason)]


def _wait_s(extra: bytes) -> float | None:
    if not extra[0]:
        return float(int.from_bytes(extra, "big")) or None
    return float(int.from_bytes(extra, "little")) if not extra[3] else None


def _clock(frame: bytes, _at_ns: int, _known: Known) -> list[Observation]:
    at_midnight_ns = midnight_ns(int.from_bytes(frame[10:12], "big"), frame[12], frame[13])
    of_day_ns = read.day_time_ns(frame[14], frame[15], frame[16])
    if at_midnight_ns is None or of_day_ns is None:
        return [Condition(part="clock", value="unset", is_good=False)]
    return [ClockReading(source_time_ns=at_midnight_ns + of_day_ns)]


_READERS: Final[dict[bytes, Callable[[bytes, int, Known], list[Observation]]]] = {
    b"ICXX": _card,
    b"ZJXX": _self_test,
    b"GLZK": _beams,
    b"TXXX": _text,
    b"TXHZ": _receipts,
    b"DWXX": _fix,
    b"FKXX": _feedback,
    b"SJXX": _clock,
}
