"""A NUT server: ``nut:host:3493?ups=name``, asked for all variables of one UPS a round.

Own sixty lines: the library on PyPI writes passwords into its debug log and leaves a connection open after a failed
login; here nothing is ever logged in, since reading needs no password.  Lines and their number are bounded.

**Source:** NUT developer guide, "Network protocol information": ``LIST UPS``, ``LIST VAR``, ``ERR``.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence

from devices.transports.address import Wire
from devices.transports.contract import Clock, OpenFailed, Reason, WireTrouble, reason_of, words_of
from devices.transports.polled import Timed, Told, numeric_address

LINE_OCTETS = 1024
LINES = 512
KEPT = 80
_ERROR = re.compile(r"ERR ([A-Z][A-Z-]{1,30})(?: .*)?")
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_VARIABLE = re.compile(r'VAR (\S{1,64}) ([a-z0-9.]{1,48}) "((?:[^"\\]|\\.){0,128})"')
_KEPT = ("battery.", "ups.", "input.", "output.", "device.", "driver.name", "driver.state")


class NutAsker:
    """One connection, kept while it answers; opened anew by the round after it broke."""

    def __init__(self, wire: Wire, clock_ns: Clock) -> None:
        self._wire = wire
        self._clock_ns = clock_ns
        self._timeout_s = wire.number("timeout_s", 5.0, 0.1, 60.0)
        self._ups = wire.options.get("ups", "")
        self._stream: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def begin(self) -> Sequence[Told]:
        """Find the UPS: the one that is named, or the only one there is."""
        if self._ups and not _NAME.fullmatch(self._ups):
            raise OpenFailed("bad-url", "ups=")
        listed = await self._talk("LIST UPS")
        names = [line.split(" ", 2)[1] for line in listed if line.startswith("UPS ")]
        if not self._ups and len(names) == 1 and _NAME.fullmatch(names[0]):
            self._ups = names[0]
        if self._ups not in names:
            known = ", ".join(names[:8])
            reason: Reason = "missing" if self._ups or not names else "ambiguous"
            raise OpenFailed(reason, f"ups={self._ups or '?'} ({known})")
        return ()

    async def ask(self) -> Sequence[Told]:
        """All that the server knows of the UPS; what it says of itself is an error word."""
        timed = Timed(self._clock_ns)
        path = f"ups/{self._ups}"
        lines = await self._talk(f"LIST VAR {self._ups}")
        refused = _ERROR.fullmatch(lines[0]) if lines else None
        if refused is not None:
            return (timed.told(path, error=refused[1].lower()),)
        return (timed.told(path, payload=_variables(lines)),)

    async def _talk(self, command: str) -> list[str]:
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._exchange(command)
        except (OSError, ValueError, asyncio.IncompleteReadError, WireTrouble) as trouble:
            await self.end()
            if isinstance(trouble, WireTrouble):
                raise
            word: Reason = "trouble" if isinstance(trouble, ValueError) else reason_of(trouble)
            word = "gone" if isinstance(trouble, asyncio.IncompleteReadError) else word
            detail = f"{self._wire.what} {words_of(trouble)}" if word == "trouble" else self._wire.what
            raise WireTrouble(word, detail) from None
        except asyncio.CancelledError:
            await self.end()
            raise

    async def _exchange(self, command: str) -> list[str]:
        """The answer to one command: the lines of its list, or one line with an error word."""
        if self._stream is None:
            address = await numeric_address(self._wire, self._timeout_s)
            self._stream = await asyncio.open_connection(address, self._wire.port, limit=LINE_OCTETS)
        reader, writer = self._stream
        writer.write(f"{command}\n".encode("ascii"))
        await writer.drain()
        lines = [await _line(reader)]
        if lines[0].startswith("ERR "):
            return lines
        if lines[0] != f"BEGIN {command}":
            raise ValueError(lines[0][:40])
        while (line := await _line(reader)) != f"END {command}":
            lines.append(line)
            if len(lines) > LINES:
                raise ValueError("lines")
        return lines

    async def end(self) -> None:
        """Hang up."""
        stream, self._stream = self._stream, None
        if stream is not None:
            stream[1].transport.abort()


async def _line(reader: asyncio.StreamReader) -> str:
    """One line; a longer one than any that is known is none.  Raises ``ValueError``, ``IncompleteReadError``."""
    octets = await reader.readline()
    if not octets.endswith(b"\n"):
        raise asyncio.IncompleteReadError(octets, None)
    return octets.decode("utf-8", "replace").rstrip("\r\n")


def _variables(lines: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in lines:
        parts = _VARIABLE.fullmatch(line)
        if parts is not None and parts[2].startswith(_KEPT) and len(found) < KEPT:
            found[parts[2]] = re.sub(r"\\(.)", r"\1", parts[3])
    return found
