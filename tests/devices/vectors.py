"""The vector files: what the wires of each driver say and what it means, both ways."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from console.commands.decode import as_line
from devices import commands
from devices.catalogue import entries
from devices.commands import DeviceCommand
from devices.driver import NS_PER_S
from devices.observations import Observation

FOLDER = Path(__file__).parents[1] / "vectors"
NOW_UNKNOWN_NS = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One case; ``expect`` lists for each observation the fields that matter, ``unknown`` those that are null."""

    driver: str
    name: str
    source: str
    octets: bytes
    at_ns: int
    expect: Sequence[dict[str, Any]]
    settings: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodeCase:
    """One command, after the driver heard ``given``.

    ``is_polled``: two seconds after each of them it said what was due.  ``talk`` is what it then hears, and says to it.
    """

    driver: str
    name: str
    source: str
    given: Sequence[bytes]
    at_ns: int
    command: DeviceCommand
    octets: bytes | None
    refused: str | None
    settings: dict[str, Any]
    is_polled: bool
    talk: Sequence[tuple[bytes, bytes]]


def path_of(driver_id: str) -> Path:
    return FOLDER / f"{driver_id}.toml"


def _read(driver_id: str) -> dict[str, Any]:
    return tomllib.loads(path_of(driver_id).read_text(encoding="utf-8")) if path_of(driver_id).exists() else {}


def decode_cases(driver_id: str) -> list[Case]:
    is_stream = entries()[driver_id].framing == "stream"
    return [
        Case(
            driver=driver_id,
            name=case["name"],
            source=case["source"],
            octets=_octets(case, is_stream=is_stream),
            at_ns=_at_ns(case),
            expect=case["expect"],
            settings=case.get("settings", {}),
        )
        for case in _read(driver_id).get("decode", ())
    ]


def encode_cases(driver_id: str) -> list[EncodeCase]:
    return [
        EncodeCase(
            driver=driver_id,
            name=case["name"],
            source=case["source"],
            given=[bytes.fromhex(one) for one in case.get("given", ())],
            at_ns=_at_ns(case),
            command=_command(case["command"]),
            octets=bytes.fromhex(case["octets_hex"]) if "octets_hex" in case else None,
            refused=case.get("refused"),
            settings=case.get("settings", {}),
            is_polled=case.get("polled", False),
            talk=[(bytes.fromhex(hear), bytes.fromhex(say)) for hear, say in case.get("talk", ())],
        )
        for case in _read(driver_id).get("encode", ())
    ]


def _octets(case: dict[str, Any], *, is_stream: bool) -> bytes:
    if "hex" in case:
        return bytes.fromhex(case["hex"])
    octets: bytes = case["text"].encode("latin-1")
    return octets + b"\r\n" if is_stream and not octets.endswith(b"\n") else octets


def _at_ns(case: dict[str, Any]) -> int:
    return int(datetime.fromisoformat(case["at"]).timestamp()) * NS_PER_S if "at" in case else NOW_UNKNOWN_NS


def _command(table: dict[str, Any]) -> DeviceCommand:
    fields = {name: value for name, value in table.items() if name != "type"}
    if "octets" in fields:
        fields["octets"] = bytes.fromhex(fields["octets"])
    command: DeviceCommand = getattr(commands, table["type"])(**fields)
    return command


def plain(seen: Sequence[Observation]) -> list[dict[str, Any]]:
    """Observations as ``main.py decode`` prints them."""
    return [json.loads(as_line(one)) for one in seen]


def assert_like(seen: Sequence[Observation], expect: Sequence[dict[str, Any]]) -> None:
    said = plain(seen)
    assert [one["kind"] for one in said] == [one["kind"] for one in expect], said
    for one, wanted in zip(said, expect, strict=True):
        for name in wanted.get("unknown", ()):
            assert one[name] is None, (name, one)
        for name, value in wanted.items():
            if name != "unknown":
                assert _is_same(one[name], value), (name, one[name], value)


def _is_same(said: object, wanted: object) -> bool:
    if isinstance(said, list) and isinstance(wanted, list):
        return len(said) == len(wanted) and all(map(_is_same, said, wanted))
    if isinstance(said, dict) and isinstance(wanted, dict):
        return all(_is_same(said.get(name), value) for name, value in wanted.items())
    if isinstance(said, float) and isinstance(wanted, (int, float)):
        return said == pytest.approx(wanted, abs=1e-9, rel=1e-12)
    return type(said) is type(wanted) and said == wanted
