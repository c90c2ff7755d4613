"""TETRA identities: the short one of up to eight digits, or the long one with country and network before it.

**Source:** SvxLink's notes: country, network, then eight digits.
**Assumed:** neighbours are told apart by their short identity alone.
"""

from __future__ import annotations

import re
from typing import Final

WIDEST: Final = 16_777_215
_IDENTITY = re.compile(r"[0-9]{1,20}")


def subject_of(identity: str) -> str | None:
    """The short identity without leading zeros; ``None`` where there is none."""
    digits = identity.strip().strip('"')
    if _IDENTITY.fullmatch(digits) is None:
        return None
    short = digits[-8:] if len(digits) > 8 else digits
    return str(int(short)) if int(short) else None
