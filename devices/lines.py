"""Lines of the wires ``mqtt`` and ``http-listen``: one JSON object for each message or request, taken apart.

A line holds ``source`` (the wire, without its options), ``asked_ns`` (``None`` for a message that came unasked) and
``answered_ns`` (console time).  A message has ``topic`` and ``retained``; a request ``path``, ``method``, ``query``
and, where the request names them, ``user`` and ``device`` (headers X-Limit-U, X-Limit-D) and ``type`` (Content-Type).
``payload`` is the text said, ``payload_hex`` the octets where they are no UTF-8.

**Source:** the lines of this project, written by ``devices.transports.mqtt`` and ``devices.transports.http_listen``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from devices.observations import Malformed

LINE_OCTETS = 200_000
IDENTITY_LENGTH = 64
_KEPT_OCTETS = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line; ``topic`` is ``None`` for a request, ``path`` and ``query`` are ``None`` for a message."""

    topic: str | None = None
    path: str | None = None
    query: str | None = None
    user: str | None = None
    device: str | None = None
    payload: str = ""
    is_retained: bool = False


def read_line(data: bytes) -> Line | Malformed:
    """Take a line apart.  Reasons: ``length``, ``rate``, ``json``, ``field``, ``charset`` (the payload is no text)."""
    if len(data) > LINE_OCTETS:
        return Malformed(reason="length", raw=data[:_KEPT_OCTETS])
    said = read_object(data)
    if said is None:
        return Malformed(reason="json", raw=data[:_KEPT_OCTETS])
    if said.get("error") in ("length", "rate"):
        return Malformed(reason=said["error"], raw=data[:_KEPT_OCTETS])
    if "payload_hex" in said:
        return Malformed(reason="charset", raw=data[:_KEPT_OCTETS])
    texts = {key: said.get(key) for key in ("topic", "path", "query", "user", "device", "payload")}
    is_text = all(value is None or isinstance(value, str) for value in texts.values())
    if not is_text or (texts["topic"] is None) == (texts["path"] is None):
        return Malformed(reason="field", raw=data[:_KEPT_OCTETS])
    payload = texts.pop("payload")
    return Line(**texts, payload=payload or "", is_retained=said.get("retained") is not False and "retained" in said)


def read_object(text: bytes | str) -> Mapping[str, Any] | None:
    """A JSON object, ``None`` for anything else."""
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def number(value: object, low: float, high: float) -> float | None:
    """A finite number of that range, else ``None``: absent, of another type, out of range."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        read = float(value)
    except OverflowError:
        return None
    return read if math.isfinite(read) and low <= read <= high else None


def identity(*parts: object) -> str | None:
    """A subject's name put together of its parts; ``None`` where one is missing, too long or no plain word.

    Numbers lose their leading zeros: the canonical spelling of a subject.
    """
    words = [part for part in parts if isinstance(part, str) and 0 < len(part) <= IDENTITY_LENGTH]
    if len(words) != len(parts) or any(not word.isprintable() or "/" in word or word != word.strip() for word in words):
        return None
    name = "/".join(words)
    return (name.lstrip("0") or None) if name.isdigit() else name


def listed(text: object) -> frozenset[str]:
    """The names of a setting, separated by commas; empty where none is given."""
    return frozenset(name.strip() for name in str(text or "").replace("，", ",").split(",") if name.strip())
