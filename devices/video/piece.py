"""One access unit as a source gives it, and how a source fails.  Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One packet of a source.

    ``pts_ns`` and ``dts_ns`` are the sender's times; ``is_anew``: from here on size or coding are others;
    ``is_damaged``: the container says that something was lost here.
    """

    data: bytes
    pts_ns: int | None
    dts_ns: int | None
    is_key: bool
    is_anew: bool = False
    is_damaged: bool = False


class SourceError(Exception):
    """A source could not be opened, or ended.

    ``reason`` is a word of ``messages.REASONS``; ``detail`` is not redacted yet.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail
