"""The sentences of dialect ``bd-ascii21`` (BDS-2, "2.1"): ICI ICZ BSI TXR FKI DWR WAA HZR ZTI ZDA SBX.

**Source:** public RDSS codecs (yufei2207/learn ``pt_bd2_rdss.c``, a gateway server with field comments,
com.hd.tools.BeidouUtil, novsky BDCommManager) and published device logs.  No official text was available.
**Assumed:** FKI's wait is ``mmss`` when it has four digits and the last two are below 60, else seconds.  ZTI field 6:
0 is charging.  A position that a commander queried (DWR kind 2) and a text that was asked back (TXR class 4, 5) come
out of the system's memory: stored, no sign of life now, and never dated after their arrival.  A list of fewer than
five receipts is complete.  A broadcast (TXR class 3) went to the card's broadcast address.  ``altitude_m`` is the
height above the ellipsoid as sent.  The payload of position reports inside TXR (A0) is published nowhere, so such a
message is shown as text in hex and no position is made of it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from devices.driver import NS_PER_S
from devices.drivers.beidou_rdss import fields as read
from devices.drivers.beidou_rdss.fields import FieldError, field
from devices.drivers.beidou_rdss.known import Known
from devices.drivers.beidou_rdss.texts import capacity_bits, mixed_text, text_of
from devices.observations import (
    Card,
    ClockReading,
    Condition,
    DeliveryReport,
    Observation,
    Position,
    Power,
    TextMessage,
)

Fields = list[bytes]
_WIDEST_BDS2_CARD: Final = 2_097_151
_SUPPRESSION: Final = {1: "suppressed", 2: "low-battery", 3: "silence"}
_ZTI_PARTS: Final = ("positioning-module", "encryption-module", "antenna", "channel")
_PAGE_SIZE: Final = 40
RECEIPTS_LISTED: Final = 5
"""So many receipts a list holds at most: a full one may leave older ones out."""
_BROADCAST: Final = b"3"
_QUERIED: Final = b"2"
_STORED_TEXTS: Final = frozenset({b"4", b"5"})


def decode(name: str, fields: Fields, at_ns: int, known: Known) -> list[Observation] | None:
    """What sentence ``name`` (three letters) says; ``None`` for a name of no concern here.  Raises ``FieldError``."""
    reader = _READERS.get(name)
    return None if reader is None else reader(fields, at_ns, known)


def _card(fields: Fields, _at_ns: int, known: Known) -> list[Observation]:
    card_id = read.card_id(field(fields, 1))
    if card_id is None:
        return [known.learn_card("bd-ascii21", Card(card_id=None, generation="bds2"))]
    feature, level = read.whole(field(fields, 4)), read.whole(field(fields, 6))
    is_bds3 = level == 0 or int(card_id) > _WIDEST_BDS2_CARD
    is_encrypted = field(fields, 7).upper() == b"E"
    level = 5 if level == 0 else level
    card = Card(
        card_id=card_id,
        broadcast_id=read.card_id(field(fields, 3)),
        generation="bds3" if is_bds3 else "bds2",
        level=level,
        interval_s=read.number(field(fields, 5)),
        capacity_bits=known.capacity_bits or capacity_bits(level, is_encrypted=is_encrypted),
        is_encrypted=is_encrypted,
        is_commander=None if feature is None else feature in {0, 4},
        subordinate_count=read.whole(field(fields, 8)),
    )
    return [known.learn_card("bd-ascii21", card)]


def _subordinates(fields: Fields, _at_ns: int, known: Known) -> list[Observation]:
    cards = [card for card in map(read.card_id, fields[1:]) if card is not None]
    found = known.learn_subordinates(cards, read.whole(field(fields, 1)), is_first=False)
    if len(cards) != _PAGE_SIZE:
        known.subordinates = []
    return [found]


def _beams(fields: Fields, _at_ns: int, known: Known) -> list[Observation]:
    levels = {index: read.number(field(fields, index + 2)) for index in range(1, 11)}
    if len(fields) < 12 or None in levels.values():
        raise FieldError(b",".join(fields))
    chosen = [
        Condition(part=part, value="none" if beam == 0 else str(beam), is_good=beam != 0)
        for part, beam in (
            ("response-beam", read.whole(field(fields, 1))),
            ("time-difference-beam", read.whole(field(fields, 2))),
        )
        if beam is not None
    ]
    return [*known.learn_beams("beam", levels, "level"), *chosen]


def text_field(text_class: bytes, content: bytes) -> str:
    """The content of TXR: class 0 is raw GBK, 1 digits, 2 mixed; 1 and 2 may hold ``A4`` and hex."""
    return text_of(content) if text_class == b"0" else mixed_text(content)


def _text(fields: Fields, at_ns: int, known: Known) -> list[Observation]:
    if len(fields) < 5:
        raise FieldError(b",".join(fields))
    is_stored = field(fields, 1) in _STORED_TEXTS
    told = known.card()
    return [
        TextMessage(
            sender=read.card_id(field(fields, 2)),
            recipient=told[1].broadcast_id if told and field(fields, 1) == _BROADCAST else None,
            # A half-width comma in raw text is not a border: the content is all that is left.
            text=text_field(field(fields, 3), b",".join(fields[4:])),
            source_time_ns=read.time_ns(field(fields, 4), at_ns, is_past=is_stored),
            is_stored=is_stored,
        )
    ]


def wait_s(octets: bytes) -> float | None:
    """FKI's wait: four digits are minutes and seconds where that can be, else seconds; ``None`` for none."""
    total = read.whole(octets)
    if total is None or total < 0:
        return None
    if len(octets) == 4 and total % 100 < 60:
        total = total // 100 * 60 + total % 100
    return float(total) or None


def _feedback(fields: Fields, _at_ns: int, known: Known) -> list[Observation]:
    wait = wait_s(field(fields, 5 if len(fields) > 4 else 4))
    suppression = read.whole(field(fields, 4)) if len(fields) > 4 else 0
    is_done = field(fields, 2).upper() == b"Y"
    if field(fields, 2).upper() not in {b"Y", b"N"}:
        raise FieldError(field(fields, 2))
    reference = known.reference(read.word(field(fields, 1)))
    if is_done and not suppression:
        return [DeliveryReport(reference=reference, state="sent", wait_s=wait)]
    if not is_done and wait:
        return [DeliveryReport(reference=reference, state="deferred", reason="interval", wait_s=wait)]
    reason = _SUPPRESSION.get(suppression, f"unknown-{suppression}") if suppression else "refused"
    return [DeliveryReport(reference=reference, state="failed", reason=reason, wait_s=wait)]


def _place(
    fields: Fields,
    first: int,
    at_ns: int,
    subject: str | None,
    accuracy_m: float | None = None,
    *,
    is_stored: bool = False,
) -> list[Observation]:
    """A position: time, angles with their sides, and height are six fields from ``first`` on."""
    lat_deg = read.angle_deg(field(fields, first + 1), field(fields, first + 2).upper(), b"NS", 90)
    lon_deg = read.angle_deg(field(fields, first + 3), field(fields, first + 4).upper(), b"EW", 180)
    source_ns = read.time_ns(field(fields, first), at_ns, is_past=is_stored)
    if lat_deg is None or lon_deg is None:
        none = Position(subject=subject, fix="none", datum="cgcs2000", source_time_ns=source_ns, is_stored=is_stored)
        return [none]
    return [
        Position(
            subject=subject,
            lat_deg=lat_deg,
            lon_deg=lon_deg,
            altitude_m=read.number(field(fields, first + 5)),
            accuracy_m=accuracy_m,
            datum="cgcs2000",
            source_time_ns=source_ns,
            is_stored=is_stored,
        )
    ]


def _fix(fields: Fields, at_ns: int, _known: Known) -> list[Observation]:
    is_own = field(fields, 1) == b"1"
    accuracy_m = {b"0": 20.0, b"1": 100.0}.get(field(fields, 12))
    # With several solutions the grade says nothing about which of them is true.
    has_several = field(fields, 14).upper() == b"A"
    subject = None if is_own else read.card_id(field(fields, 2))
    is_stored = field(fields, 1) == _QUERIED
    return _place(fields, 3, at_ns, subject, None if has_several else accuracy_m, is_stored=is_stored)


def _report(fields: Fields, at_ns: int, _known: Known) -> list[Observation]:
    is_own = field(fields, 1) == b"1"
    return _place(fields, 4, at_ns, None if is_own else read.card_id(field(fields, 3)))


def _receipts(fields: Fields, at_ns: int, _known: Known) -> list[Observation]:
    card_id = read.card_id(field(fields, 1))
    said = read.whole(field(fields, 2))
    count = min(said or 0, (len(fields) - 2) // 2)
    times_ns = [read.time_ns(field(fields, 3 + 2 * pair), at_ns) for pair in range(count)]
    if said is None or (said and not times_ns):
        raise FieldError(b",".join(fields))
    return listed(card_id, times_ns, is_whole=said == count)


def listed(card_id: str | None, times_ns: list[int | None], *, is_whole: bool) -> list[Observation]:
    """A list of receipts: one report for each, by the time of sending, and one that closes the list.

    The closing one says what is not in it, so it is left out where a part of the list could not be read.
    """
    if not times_ns:
        end = DeliveryReport(reference=card_id, state="unlisted", reason="none")
        none = Condition(subject=card_id, part="receipt", value="none")
        return [none] if card_id is None else [none, end]
    told: list[Observation] = [
        DeliveryReport(reference=card_id, state="confirmed", source_time_ns=sent_ns) for sent_ns in times_ns
    ]
    known_ns = [sent_ns for sent_ns in times_ns if sent_ns is not None]
    if card_id is None or not is_whole or len(known_ns) != len(times_ns):
        return told
    oldest_ns = min(known_ns) if len(known_ns) >= RECEIPTS_LISTED else None
    return [*told, DeliveryReport(reference=card_id, state="unlisted", source_time_ns=oldest_ns)]


def _state(fields: Fields, _at_ns: int, _known: Known) -> list[Observation]:
    words = {b"0": ("ok", True), b"1": ("fault", False)}
    told: list[Observation] = []
    for place, part in enumerate(_ZTI_PARTS, start=1):
        said = field(fields, place)
        if said:
            value, is_good = words.get(said, (read.word(said), None))
            told.append(Condition(part=part, value=value, is_good=is_good))
    charging = {b"0": "yes", b"1": "no"}.get(field(fields, 6))
    if charging is not None:
        told.append(Condition(part="charging", value=charging))
    left = field(fields, 8)
    told.append(
        Power(
            source={b"0": "battery", b"1": "external"}.get(field(fields, 5)),
            charge_percent=_percent(field(fields, 7)),
            runtime_s=(int(left[:2]) * 60 + int(left[2:])) * 60.0 if len(left) == 4 and left.isdigit() else None,
        )
    )
    return told


def _percent(octets: bytes) -> float | None:
    value = read.number(octets)
    return value if value is not None and 0 <= value <= 100 else None


def _clock(fields: Fields, _at_ns: int, _known: Known) -> list[Observation]:
    day, month, year = (read.whole(field(fields, place)) for place in (3, 4, 5))
    at_midnight_ns = midnight_ns(year, month, day)
    if at_midnight_ns is None:
        return [Condition(part="clock", value="unset", is_good=False)]
    # Completed to the nearest instant around that day's noon, the time of day falls on that day.
    source_ns = read.time_ns(field(fields, 2), at_midnight_ns + 43_200 * NS_PER_S)
    if source_ns is None:
        return [Condition(part="clock", value="unset", is_good=False)]
    is_locked = {b"Y": True, b"N": False}.get(field(fields, 11).upper())
    return [ClockReading(source_time_ns=source_ns, is_locked=is_locked)]


def midnight_ns(year: int | None, month: int | None, day: int | None) -> int | None:
    """Start of a day in UTC; ``None`` for no date or one before 1970."""
    if year is None or month is None or day is None or not 1970 <= year <= 2200:
        return None
    try:
        return int(datetime(year, month, day, tzinfo=UTC).timestamp()) * NS_PER_S
    except ValueError:
        return None


def _maker(fields: Fields, _at_ns: int, _known: Known) -> list[Observation]:
    parts = ("maker", "model", "software")
    return [
        Condition(part=part, value=text_of(field(fields, place)))
        for place, part in enumerate(parts, start=1)
        if field(fields, place)
    ]


_READERS: Final[dict[str, Callable[[Fields, int, Known], list[Observation]]]] = {
    "ICI": _card,
    "ICZ": _subordinates,
    "BSI": _beams,
    "TXR": _text,
    "FKI": _feedback,
    "DWR": _fix,
    "WAA": _report,
    "HZR": _receipts,
    "ZTI": _state,
    "ZDA": _clock,
    "SBX": _maker,
}
