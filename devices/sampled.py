"""The lines of samplers as drivers read them.

A line is one UTF-8 JSON object: ``source`` (the wire, without its options), ``asked_ns`` and ``answered_ns`` (console
time), ``oid`` or ``path`` (what was asked), and ``payload`` or ``error`` (a stable word).

**Source:** the sampler contract of this project.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

from devices.observations import Malformed

DATAGRAM_OCTETS = 32_768
LINES = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One line.  ``name`` is the OID or path; ``answered_ns`` is ``None`` where nothing answered."""

    name: str
    asked_ns: int
    answered_ns: int | None
    payload: Any
    error: str | None
    raw: bytes


def answers(data: bytes) -> Iterator[Answer | Malformed]:
    """Every line of a datagram (a sampler sends one, a simulator may send a round of them); never raises."""
    if len(data) > DATAGRAM_OCTETS:
        yield Malformed(reason="length", raw=data[:256])
        return
    lines = [line for line in data.split(b"\n", LINES) if line.strip()]
    if not lines:
        yield Malformed(reason="json", raw=data[:256])
    for line in lines[:LINES]:
        yield _answer(line)


def _answer(raw: bytes) -> Answer | Malformed:
    try:
        line = json.loads(raw, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return Malformed(reason="json", raw=raw)
    meant = _checked(line, raw) if isinstance(line, dict) else None
    return meant if meant is not None else Malformed(reason="field", raw=raw)


def _refuse(word: str) -> NoReturn:
    raise ValueError(word)


def _checked(line: dict[str, Any], raw: bytes) -> Answer | None:
    name, asked_ns, answered_ns, error = (
        line.get("oid", line.get("path")),
        instant(line.get("asked_ns")),
        instant(line.get("answered_ns")),
        line.get("error"),
    )
    if not isinstance(name, str) or not 0 < len(name) <= 256 or asked_ns is None:
        return None
    if error is not None and not (isinstance(error, str) and 0 < len(error) <= 64 and error.isprintable()):
        return None
    if error is None and ("payload" not in line or answered_ns is None or answered_ns < asked_ns):
        return None
    return Answer(
        name=name,
        asked_ns=asked_ns,
        answered_ns=answered_ns,
        payload=line.get("payload"),
        error=error,
        raw=raw,
    )


def instant(value: object) -> int | None:
    """A moment of console time, else ``None``."""
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value < 1 << 63 else None


def whole(value: object) -> int | None:
    """An integer of at most 64 bits and a sign, else ``None``."""
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if -(1 << 64) < value < 1 << 64 else None
