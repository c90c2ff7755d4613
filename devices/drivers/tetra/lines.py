"""Cuts what a terminal says into lines: CR, LF or both end one, a ``>`` at the beginning of one is a prompt.

**Source:** ftl/tetra-pei ``com`` for lines and final results.  **Assumed:** a line is at most 4096 octets.
"""

from __future__ import annotations

import re
from typing import Final

LINE_LIMIT: Final = 4096
_END = re.compile(rb"[\r\n]")


class Lines:
    """Holds the unfinished rest between two reads, never more than ``LINE_LIMIT`` octets."""

    def __init__(self) -> None:
        self.held = b""

    def feed(self, data: bytes) -> list[bytes]:
        """Every line that ``data`` finishes, without its end; an overlong one comes in pieces of ``LINE_LIMIT``."""
        held = self.held + data
        lines: list[bytes] = []
        at = 0
        while at < len(held):
            while held[at : at + 1] in {b"\r", b"\n", b" ", b">"}:
                at += 1
            end = _END.search(held, at, at + LINE_LIMIT)
            if end is not None:
                lines.append(held[at : end.start()])
                at = end.end()
            elif len(held) - at >= LINE_LIMIT:
                lines.append(held[at : at + LINE_LIMIT])
                at += LINE_LIMIT
            else:
                break
        self.held = held[at:]
        return lines

    def finish(self) -> bytes:
        """Give up what is unfinished."""
        held, self.held = self.held, b""
        return held
