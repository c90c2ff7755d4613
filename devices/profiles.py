"""What the numbers of a polled device mean: one TOML file a model, read by its sampler, understood by its driver.

A profile is handed on as the sampler's first line, so that a journal says by which table its numbers were read.
Files of this project lie in ``resources/profiles/<family>/``; a squad's own is named by its path.

Top: ``name``, ``proof`` (``standard``, ``found``: seen in public code, ``doubtful``: one source or a guessed scale),
``source``; for Modbus ``[[block]]`` with ``table``, ``address``, ``count``.  Each ``[[item]]``:

- ``oid`` (``{index}`` is the wire's ``index``) or ``table`` and ``address`` with ``format``
- ``kind``: ``level`` (a Signal), ``state`` (a Condition), ``text`` (a Condition), ``power`` (a field of Power),
  ``rate`` (a Signal from a counter), ``uptime`` and ``restart`` (they tell when counters began anew)
- ``name``: the quantity, the part, or the field of Power; ``unit``; ``scale``, ``offset``: value = raw * scale + offset
- ``low`` and ``high``: what can be, in ``unit``; outside nothing is believed.  ``absent``: raw values for "not there"
- ``good_low`` and ``good_high``: within is good; ``values``: raw number to word; ``good`` and ``bad``: words
- ``bits``: which bits of the raw number count, ``[lowest, count]``; ``against_required``: judged by a setting
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

FOLDER = Path(__file__).resolve().parent.parent / "resources" / "profiles"
ITEMS = 64
BLOCKS = 16
PROFILE_OCTETS = 16_384
TEXT_SIGNS = 64

Family = Literal["snmp", "modbus"]
Kind = Literal["level", "state", "text", "power", "rate", "uptime", "restart"]
Proof = Literal["standard", "found", "doubtful"]
RegisterTable = Literal["holding", "input", "coil", "discrete"]
Format = Literal["u16", "s16", "u32", "s32", "u32-low-first", "s32-low-first", "bit"]
_Word = TypeVar("_Word", bound=str)
_KINDS: Mapping[str, Kind] = {word: word for word in get_args(Kind)}
_PROOFS: Mapping[str, Proof] = {word: word for word in get_args(Proof)}
_REGISTER_TABLES: Mapping[str, RegisterTable] = {word: word for word in get_args(RegisterTable)}
_FORMATS: Mapping[str, Format] = {word: word for word in get_args(Format)}
_KEYS = frozenset({"kind", "name", "unit", "scale", "offset", "low", "high", "good_low", "good_high", "absent"})
_KEYS |= {"values", "good", "bad", "bits", "against_required"}
_PLACES: Mapping[str, frozenset[str]] = {
    "snmp": frozenset({"oid"}),
    "modbus": frozenset({"table", "address", "format"}),
}
_FIRST: Mapping[Kind, int] = {"uptime": 0, "restart": 1, "text": 2}
"""What is asked first, because it decides whether what follows in the same round can be believed."""
POWER_FIELDS = ("source", "voltage_v", "power_w", "charge_percent", "runtime_s")
_OID = re.compile(r"(?:0|1|2)(?:\.\d{1,10}){1,60}(?:\.\{index\})?(?:\.\d{1,10}){0,20}")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_TITLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}")


class ProfileFault(ValueError):  # noqa: N818 - the world is wrong, not we
    """A profile that cannot be used: says which key of which item."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One value.  ``low`` to ``good_high`` are in ``unit``; ``key`` is the OID, or ``table/address``."""

    key: str
    kind: Kind
    name: str
    unit: str = "1"
    scale: float = 1.0
    offset: float = 0.0
    low: float | None = None
    high: float | None = None
    good_low: float | None = None
    good_high: float | None = None
    absent: tuple[int, ...] = ()
    values: Mapping[str, str]
    good: tuple[str, ...] = ()
    bad: tuple[str, ...] = ()
    bits: tuple[int, int] | None = None
    format: Format = "u16"
    address: int = 0
    against_required: bool = False

    def value_of(self, raw: float) -> float | None:
        """The value in ``unit``; ``None``: outside of what can be."""
        value = raw * self.scale + self.offset
        if (self.low is not None and value < self.low) or (self.high is not None and value > self.high):
            return None
        return value if math.isfinite(value) else None

    def is_good(self, value: float) -> bool | None:
        """Whether a value is within its good bounds; ``None`` where there are none."""
        if self.good_low is None and self.good_high is None:
            return None
        return (self.good_low is None or value >= self.good_low) and (self.good_high is None or value <= self.good_high)

    def word_of(self, raw: int) -> tuple[str, bool | None]:
        """The word of a raw number and whether it is good; an unknown one keeps its number."""
        word = self.values.get(str(raw), f"unknown-{raw}")
        if word in self.good:
            return word, True
        return word, False if word in self.bad else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Registers that are read at once."""

    table: RegisterTable
    address: int
    count: int

    @property
    def path(self) -> str:
        """How a sampler's line names it."""
        return f"{self.table}/{self.address}/{self.count}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A checked profile; ``table`` is what it was made of, fit for JSON."""

    name: str
    proof: Proof
    items: tuple[Item, ...]
    blocks: tuple[Block, ...]
    table: Mapping[str, Any]

    def item(self, key: str) -> Item | None:
        """The item of that OID."""
        return next((item for item in self.items if item.key == key), None)


def bundled(family: str) -> tuple[str, ...]:
    """The names of this project's profiles of a family."""
    return tuple(sorted(file.stem for file in (FOLDER / family).glob("*.toml")))


def load(family: Family, name: str) -> dict[str, Any]:
    """The table of a bundled profile, or of a file where ``name`` is a path.  Raises ``ProfileFault``."""
    path = Path(name).expanduser() if "/" in name else FOLDER / family / f"{name}.toml"
    if "/" not in name and name not in bundled(family):
        raise ProfileFault(f"{name} ({', '.join(bundled(family))})")
    try:
        if path.stat().st_size > PROFILE_OCTETS:
            raise ProfileFault(f"{name}: > {PROFILE_OCTETS} octets")
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as trouble:
        raise trouble if isinstance(trouble, ProfileFault) else ProfileFault(f"{name}: {trouble}") from None


def read(family: Family, table: object, index: int = 1) -> Profile:
    """Check a table and make a profile of it; never trusts it.  Raises ``ProfileFault``."""
    if not isinstance(table, dict) or set(table) - {"name", "proof", "source", "item", "block"}:
        raise ProfileFault("name, proof, source, item, block")
    name, proof = table.get("name"), table.get("proof")
    if not isinstance(name, str) or not _TITLE.fullmatch(name):
        raise ProfileFault("name")
    rows, blocks = _tables(table, "item", ITEMS), _tables(table, "block", BLOCKS)
    items = [_item(family, row, index) for row in rows]
    return Profile(
        name=name,
        proof=_one_of(proof, _PROOFS, "proof"),
        items=tuple(sorted(items, key=lambda item: _FIRST.get(item.kind, len(_FIRST)))),
        blocks=tuple(_block(row) for row in blocks),
        table={"name": name, "proof": proof, "item": rows, "block": blocks},
    )


def _one_of(value: object, allowed: Mapping[str, _Word], where: str) -> _Word:
    found = allowed.get(value) if isinstance(value, str) else None
    if found is None:
        raise ProfileFault(f"{where}: {', '.join(allowed)}")
    return found


def _tables(table: Mapping[str, Any], key: str, limit: int) -> list[dict[str, Any]]:
    rows = table.get(key, [])
    if not isinstance(rows, list) or len(rows) > limit or not all(isinstance(row, dict) for row in rows):
        raise ProfileFault(key)
    return rows


def _block(row: Mapping[str, Any]) -> Block:
    address, count = row.get("address"), row.get("count")
    if set(row) - {"table", "address", "count"} or not _is_whole(address, 0, 65_535) or not _is_whole(count, 1, 120):
        raise ProfileFault("block: table, address, count")
    table = _one_of(row.get("table"), _REGISTER_TABLES, "block")
    return Block(table=table, address=int(address or 0), count=int(count or 1))


def _item(family: Family, row: Mapping[str, Any], index: int) -> Item:
    name = row.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ProfileFault("item: name")
    kind = _one_of(row.get("kind"), _KINDS, name)
    if unknown := set(row) - _KEYS - _PLACES[family]:
        raise ProfileFault(f"{name}: {sorted(unknown)[0][:40]}")
    if kind == "power" and name not in POWER_FIELDS:
        raise ProfileFault(f"{name}: {', '.join(POWER_FIELDS)}")
    key, format_, address = _oid(row, name, index) if family == "snmp" else _register(row, name)
    return Item(
        key=key,
        kind=kind,
        name=name,
        unit=_word(row, "unit", "1"),
        scale=_number(row, "scale", 1.0) or 0.0,
        offset=_number(row, "offset", 0.0) or 0.0,
        low=_number(row, "low", None),
        high=_number(row, "high", None),
        good_low=_number(row, "good_low", None),
        good_high=_number(row, "good_high", None),
        absent=_wholes(row, "absent"),
        values=_values(row),
        good=_words(row, "good"),
        bad=_words(row, "bad"),
        bits=_bits(row, name),
        format=format_,
        address=address,
        against_required=_flag(row, "against_required"),
    )


def _values(row: Mapping[str, Any]) -> dict[str, str]:
    values = row.get("values", {})
    if not isinstance(values, dict) or len(values) > 64 or not all(map(_is_word, values.values())):
        raise ProfileFault("values")
    return values


def _is_word(value: object) -> bool:
    return isinstance(value, str) and value.isprintable() and 0 < len(value) <= TEXT_SIGNS


def _flag(row: Mapping[str, Any], key: str) -> bool:
    value = row.get(key, False)
    if not isinstance(value, bool):
        raise ProfileFault(key)
    return value


def _oid(row: Mapping[str, Any], name: str, index: int) -> tuple[str, Format, int]:
    oid = row.get("oid")
    if not isinstance(oid, str) or not _OID.fullmatch(oid):
        raise ProfileFault(f"{name}: oid")
    return oid.replace("{index}", str(index)), "u16", 0


def _register(row: Mapping[str, Any], name: str) -> tuple[str, Format, int]:
    address = row.get("address")
    table = _one_of(row.get("table", "holding"), _REGISTER_TABLES, name)
    format_ = _one_of(row.get("format", "u16"), _FORMATS, name)
    if not _is_whole(address, 0, 65_535):
        raise ProfileFault(f"{name}: address")
    if (format_ == "bit") is not (table in {"coil", "discrete"}):
        raise ProfileFault(f"{name}: format")
    return f"{table}/{address}", format_, int(address or 0)


def _bits(row: Mapping[str, Any], name: str) -> tuple[int, int] | None:
    bits = row.get("bits")
    if bits is None:
        return None
    if not isinstance(bits, list) or len(bits) != 2 or not all(_is_whole(one, 0, 32) for one in bits) or not bits[1]:
        raise ProfileFault(f"{name}: bits")
    return bits[0], bits[1]


def _is_whole(value: object, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _number(row: Mapping[str, Any], key: str, default: float | None) -> float | None:
    value = row.get(key, default)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) <= 1e18:
        raise ProfileFault(key)
    return float(value)


def _word(row: Mapping[str, Any], key: str, default: str) -> str:
    value = row.get(key, default)
    if not isinstance(value, str) or not value.isprintable() or not 0 < len(value) <= 16:
        raise ProfileFault(key)
    return value


def _words(row: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = row.get(key, [])
    if not isinstance(value, list) or len(value) > 64 or not all(map(_is_word, value)):
        raise ProfileFault(key)
    return tuple(value)


def _wholes(row: Mapping[str, Any], key: str) -> tuple[int, ...]:
    value = row.get(key, [])
    if not isinstance(value, list) or len(value) > 64 or not all(_is_whole(one, -(1 << 63), 1 << 63) for one in value):
        raise ProfileFault(key)
    return tuple(value)


def shown_text(text: str) -> str:
    """A device's own text as one short printable line."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text[: 4 * TEXT_SIGNS]).split())[
        :TEXT_SIGNS
    ]


def words_of(flags: Sequence[str]) -> str:
    """Several words as one value; none is ``empty``."""
    return " ".join(flags) or "empty"
