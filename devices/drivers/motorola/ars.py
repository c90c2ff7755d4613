"""ARS: a radio says that it is there, and is told for how long that holds.

length(2) header(1: 0x80 another octet follows, 0x40 wants an answer, 0x20 priority, 0x10 control, low 4 the kind), then
for a registration event and encoding(1), and number, user, password, each with a length before it.

**Source:** ok-dmrlib ``motorola/ars`` layout, checked on its published octets.
**Assumed:** every ARS header has priority and control set, as all published ones have: it tells ARS from TMS.  User
registrations (kinds 5 to 7) are not answered: their answer's layout is not known.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

REGISTERED: Final = bytes.fromhex("0002BF01")
"""Registration taken, to be renewed after one unit of 30 minutes."""
RENEW_S: Final = 1800
ARE_YOU_THERE: Final = bytes.fromhex("000174")

REGISTER: Final = 0
LEAVE: Final = 1
RESPONSE: Final = 0xF
_MARKS: Final = 0x30


@dataclass(frozen=True, slots=True, kw_only=True)
class Ars:
    """One message; ``device`` is the number a registration gives, ``None`` where there is none."""

    kind: int
    has_more: bool
    wants_answer: bool
    device: str | None = None


def is_ars(data: bytes) -> bool:
    """Whether the octets have the form of ARS."""
    return len(data) >= 3 and int.from_bytes(data[:2], "big") == len(data) - 2 and data[2] & _MARKS == _MARKS


def open_ars(data: bytes) -> Ars | None:
    """The message, or ``None``: its lengths do not agree."""
    if len(data) < 3 or int.from_bytes(data[:2], "big") != len(data) - 2:
        return None
    header = data[2]
    kind = header & 0x0F
    device = None
    if kind == REGISTER and header & 0x80:
        if len(data) < 5 or len(data) < 5 + data[4]:
            return None
        device = data[5 : 5 + data[4]].decode("ascii", "replace").lstrip("0") or None
        device = device if device is not None and device.isalnum() else None
    return Ars(kind=kind, has_more=bool(header & 0x80), wants_answer=bool(header & 0x40), device=device)
