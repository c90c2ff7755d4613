"""What to ask a kind of modem: one TOML file each in ``resources/profiles/at_modem``, part of the program.

Keys: ``name``, ``proof`` (``found``: seen in public code, ``assumed``), ``source``, ``assumed``; ``carrier`` (``sms``,
``sbd``), ``level`` (how ``+CSQ`` counts: ``3gpp`` or ``bars``), ``interval_s`` (shortest time between two texts);
``start`` (told once and every ten minutes), ``registration``, ``signal``, ``mailbox`` (asked again and again);
``identity`` (asks for the card's number); ``restarted`` (lines that say that the modem began anew).
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal, get_args

FOLDER: Final = Path(__file__).resolve().parents[3] / "resources" / "profiles" / "at_modem"
COMMAND: Final = re.compile(r"AT[A-Za-z0-9+^$%&*=?\",;:./-]{0,80}", re.ASCII)

Carrier = Literal["sms", "sbd"]
Level = Literal["3gpp", "bars"]
Proof = Literal["found", "assumed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One kind of modem."""

    name: str
    proof: Proof
    source: str
    assumed: str
    carrier: Carrier
    level: Level
    interval_s: float
    start: tuple[str, ...]
    registration: tuple[str, ...]
    signal: tuple[str, ...]
    mailbox: tuple[str, ...]
    identity: str
    restarted: tuple[str, ...]


@cache
def profile(name: str) -> Profile:
    """The profile of that name.  One that cannot be read is our own mistake: raises ``ValueError`` or ``OSError``."""
    table: dict[str, Any] = tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    if set(table) != {field.name for field in fields(Profile)} or table["name"] != name:
        raise ValueError(f"modem profile {name}: its keys are not those of a profile")
    plain: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}
    found = Profile(**plain)
    words = (found.carrier in get_args(Carrier), found.level in get_args(Level), found.proof in get_args(Proof))
    asked = (*found.start, *found.registration, *found.signal, *found.mailbox, found.identity)
    if not all(words) or not all(COMMAND.fullmatch(one) for one in asked):
        raise ValueError(f"modem profile {name}: a word or a command is none")
    return found
