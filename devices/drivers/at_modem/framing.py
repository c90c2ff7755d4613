"""What a modem sends, cut into lines, prompts and binary blocks, the same however it arrives.

**Source:** ITU-T V.250 (CR LF around each answer), 3GPP TS 27.005 (the prompt ``>``), published SBD sessions (a block
of two octets length, the data, two octets sum, with no end of line).
**Assumed:** a line ends at the first CR or LF; a block is asked for and no longer than 1,960 octets.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

LINE_OCTETS: Final = 2048
BLOCK_OCTETS: Final = 1960
_END = re.compile(rb"[\r\n]")
_BLANK: Final = b"\r\n \0"
_BLANK_BEFORE_BLOCK: Final = b"\r\n"

Expected = Literal["line", "prompt", "block"]
Kind = Literal["line", "prompt", "block", "overlong"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One piece without its end of line; a block with its length and sum."""

    kind: Kind
    octets: bytes


class Framer:
    """Holds back at most one unfinished piece."""

    def __init__(self) -> None:
        self.held = b""
        self.is_overlong = False
        self._at = 0

    def push(self, data: bytes) -> None:
        """More octets; ask ``cut`` for pieces until there is none."""
        self.held += data

    def cut(self, expected: Expected) -> Piece | None:
        """The next whole piece, by what is expected now; ``None``: more octets are needed."""
        if not self.is_overlong:
            self._skip_blanks(_BLANK_BEFORE_BLOCK if expected == "block" else _BLANK)
        rest = len(self.held) - self._at
        if rest and not self.is_overlong:
            first = self.held[self._at]
            if expected == "prompt" and first == 0x3E:
                return self._take("prompt", 1)
            if expected == "block" and first <= BLOCK_OCTETS >> 8:
                return self._block(rest)
        return self._line()

    def drop_taken(self) -> None:
        """Forget what was cut off."""
        self.held = self.held[self._at :]
        self._at = 0

    def finish(self) -> bytes:
        """What is left over when the wire goes down."""
        rest, self.held, self.is_overlong, self._at = self.held, b"", False, 0
        return rest

    def _skip_blanks(self, blanks: bytes) -> None:
        while self._at < len(self.held) and self.held[self._at] in blanks:
            self._at += 1

    def _take(self, kind: Kind, size: int, skipped: int = 0) -> Piece:
        octets = self.held[self._at : self._at + size]
        self._at += size + skipped
        return Piece(kind=kind, octets=octets)

    def _block(self, rest: int) -> Piece | None:
        if rest < 2:
            return None
        size = int.from_bytes(self.held[self._at : self._at + 2], "big")
        if size > BLOCK_OCTETS:
            return self._take("overlong", 2)
        return self._take("block", size + 4) if rest >= size + 4 else None

    def _line(self) -> Piece | None:
        found = _END.search(self.held, self._at, self._at + LINE_OCTETS + 1)
        if found is None:
            if len(self.held) - self._at <= LINE_OCTETS:
                return None
            self.is_overlong = True
            return self._take("overlong", LINE_OCTETS)
        kind: Kind = "overlong" if self.is_overlong else "line"
        self.is_overlong = False
        return self._take(kind, found.start() - self._at, 1)
