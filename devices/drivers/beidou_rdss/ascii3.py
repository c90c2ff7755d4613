"""The sentences of dialect ``bd-ascii3`` (BDS-3): ICP PWI TCI and the feedback that begins with a time.

**Source:** names of the 23 fields of ICP from LXTTTTTT/BDSDK; feedback and send flow from a published ESP32 project
(wokwi 429266168852788225) and two TD3050 module drivers; samples published with all of them.
**Assumed:** a card with subordinates is a commander's; what the three group fields of ICP count is shown as it
stands, and groups are not asked for (the answer is published nowhere).  A TCI whose receiver is another number than
the card's went to a group or was overheard: sender and receiver are told as they stand.  A beam's level is the first
C/N0 of its group (S2C_d).  In TCI the time is the one of fields 3 and 4 that has six digits, the text class follows
it, the content is last.  Classes 4 and 5 (packed) are shown as they stand.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from devices.drivers.beidou_rdss import fields as read
from devices.drivers.beidou_rdss.fields import FieldError, field
from devices.drivers.beidou_rdss.known import Known
from devices.drivers.beidou_rdss.texts import capacity_bits, mixed_text, text_of
from devices.observations import Card, Condition, DeliveryReport, Observation, Signal, TextMessage

Fields = list[bytes]
REASONS: Final = {
    1: "interval",
    2: "suppressed",
    3: "silence",
    4: "pa-unlocked",
    5: "no-card",
    6: "no-permission",
    11: "checksum",
}
_GROUPS: Final = ("group-permission", "groups-own", "groups-joined")
_SIX_DIGITS = re.compile(rb"\d{6}(?:\.\d*)?\Z")


def is_feedback(fields: Fields) -> bool:
    """Whether an FKI is of this dialect: its first field is a time, not a command."""
    return _SIX_DIGITS.match(field(fields, 1)) is not None


def decode(name: str, fields: Fields, at_ns: int, known: Known) -> list[Observation] | None:
    """What sentence ``name`` (three letters) says; ``None`` for a name of no concern here.  Raises ``FieldError``."""
    reader = _READERS.get(name)
    return None if reader is None else reader(fields, at_ns, known)


def _card(fields: Fields, _at_ns: int, known: Known) -> list[Observation]:
    card_id = read.card_id(field(fields, 1))
    if card_id is None:
        return [known.learn_card("bd-ascii3", Card(card_id=None, generation="bds3"))]
    level, subordinates = read.whole(field(fields, 15)), read.whole(field(fields, 20))
    level = 5 if level == 0 else level
    is_encrypted = {b"E": True, b"N": False}.get(field(fields, 6).upper())
    card = Card(
        card_id=card_id,
        broadcast_id=read.card_id(field(fields, 2)),
        generation="bds3",
        level=level,
        interval_s=read.number(field(fields, 14)),
        capacity_bits=known.capacity_bits or capacity_bits(level, is_encrypted=bool(is_encrypted)),
        is_encrypted=is_encrypted,
        is_commander=True if subordinates else None,
        subordinate_count=subordinates,
    )
    groups = [
        Condition(part=part, value=read.word(field(fields, place)))
        for place, part in enumerate(_GROUPS, start=21)
        if field(fields, place).strip(b"0")
    ]
    return [known.learn_card("bd-ascii3", card), *groups]


def _beams(fields: Fields, _at_ns: int, known: Known) -> list[Observation]:
    time = field(fields, 1)
    has_time = bool(time.strip(b"0."))
    rest = fields[1:]
    width, next_count = _old_block(rest)
    old_count = _count(rest)
    old = _levels(rest[1 : 1 + old_count * width], old_count, width)
    new = {}
    if next_count < len(rest):
        block = rest[next_count:]
        count = _count(block)
        width = len(block[1:]) // count if count and len(block[1:]) % count == 0 else 0
        new = _levels(block[1:], count, width if width in {3, 4} else 0)
    heard = known.learn_beams("beam", new, "dBHz")
    if not heard:
        heard = [Signal(quantity="beam", value=None, unit="dBHz")]  # a report of no beam is not the want of a report
    return [
        *heard,
        *known.learn_beams("beam-bds2", old, "dBHz"),
        Condition(part="time", value="set" if has_time else "unset", is_good=has_time),
    ]


def _count(block: Fields) -> int:
    count = read.whole(block[0].strip()) if block else None
    if count is None or not 0 <= count <= 64:
        raise FieldError(b",".join(block))
    return count


def _old_block(rest: Fields) -> tuple[int, int]:
    """Width of the old generation's groups and where the count of the new ones stands: what makes the lengths agree."""
    old_count = _count(rest)
    for width in (3, 4):
        after = 1 + old_count * width
        block = rest[after:]
        if block and block[0].strip().isdigit():
            left, groups = len(block) - 1, int(block[0])
            if left in {groups * 3, groups * 4}:
                return width, after
    return 3, 1 + old_count * 3


def _levels(values: Fields, count: int, width: int) -> dict[int, float | None]:
    """Beam to level.  Width 0: groups of three, each with a fourth value where that is 0 or empty."""
    levels: dict[int, float | None] = {}
    at = 0
    for _ in range(count):
        if at + 2 > len(values):
            break
        beam = read.whole(values[at].strip())
        if beam is None:
            raise FieldError(b",".join(values))
        levels[beam] = read.number(values[at + 1].strip())
        has_fourth = values[at + 3 : at + 4] in ([b"0"], [b""])
        at += width or (4 if has_fourth else 3)
    return levels


def _text(fields: Fields, at_ns: int, _known: Known) -> list[Observation]:
    placed = next((place for place in (4, 3) if _SIX_DIGITS.match(field(fields, place))), None)
    if placed is None or len(fields) < placed + 2:
        raise FieldError(b",".join(fields))
    text_class, rest = field(fields, placed + 1), fields[placed + 1 :]
    has_unknown = len(rest) > 1 and len(rest[0].strip()) <= 1
    content = b",".join(rest[1:] if has_unknown else rest)
    return [
        TextMessage(
            sender=read.card_id(field(fields, 1)),
            recipient=read.card_id(field(fields, 2)),
            text=text_of(content) if text_class == b"1" else mixed_text(content),
            source_time_ns=read.time_ns(field(fields, placed), at_ns),
        )
    ]


def _feedback(fields: Fields, at_ns: int, known: Known) -> list[Observation]:
    done = field(fields, 3).upper()
    if done not in {b"Y", b"N"}:
        raise FieldError(done)
    code = read.whole(field(fields, 4)) or 0
    wait_s = read.number(field(fields, 5)) or None
    reason = REASONS.get(code, f"unknown-{code}") if code else None
    source_ns = read.time_ns(field(fields, 1), at_ns)
    reference = known.reference(read.word(field(fields, 2)))
    if done == b"Y" and reason is None:
        return [DeliveryReport(reference=reference, state="sent", wait_s=wait_s, source_time_ns=source_ns)]
    return [
        DeliveryReport(
            reference=reference,
            # Y with a reason may have been radiated: only a plain refusal may be tried again by itself.
            state="deferred" if done == b"N" and code == 1 else "failed",
            reason=reason or "refused",
            wait_s=wait_s,
            source_time_ns=source_ns,
        )
    ]


_READERS: Final[dict[str, Callable[[Fields, int, Known], list[Observation]]]] = {
    "ICP": _card,
    "PWI": _beams,
    "TCI": _text,
    "FKI": _feedback,
}
