"""The phones' end of HTTP, for simulated ones: each line that is written becomes one request.

``http:host:port``.  Shipped for training; the console itself calls nobody by HTTP.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

import h11

from devices.transports.address import host_and_port, written
from devices.transports.contract import OpenFailed, Sink, WriteFailed, words_of

ANSWER_S = 5.0
READ_OCTETS = 16_384


class HttpCall:
    """Asks one listener, one request at a time, each on a connection of its own."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._host, self._port = host_and_port(url.partition(":")[2])
        if not self._port:
            raise OpenFailed("bad-url", url)

    @property
    def url(self) -> str:
        """The wire as given."""
        return self._url

    async def open(self, sink: Sink) -> None:
        """Nothing to open: every request finds its own way, and a listener that is not there yet may come."""

    async def write(self, data: bytes, peer: str = "") -> None:  # noqa: ARG002
        """Make the request that a line describes.  Raises ``WriteFailed`` unless it was answered 200."""
        line = json.loads(data)
        try:
            async with asyncio.timeout(ANSWER_S):
                status = await self._ask(line)
        except (OSError, TimeoutError, h11.RemoteProtocolError) as trouble:
            raise WriteFailed("no-peer", words_of(trouble)) from None
        if status != 200:
            raise WriteFailed("refused", str(status))

    async def _ask(self, line: dict[str, Any]) -> int:
        reader, writer = await asyncio.open_connection(self._host, self._port)
        try:
            talk = h11.Connection(h11.CLIENT)
            writer.write(_request(talk, line, written(self._host, self._port)))
            while True:
                event = talk.next_event()
                if isinstance(event, h11.Response):
                    return event.status_code
                talk.receive_data(await reader.read(READ_OCTETS))
        finally:
            writer.close()
            await writer.wait_closed()

    async def close(self) -> None:
        """Nothing to close."""


def _request(talk: h11.Connection, line: dict[str, Any], host: str) -> bytes:
    body = str(line.get("payload", "")).encode()
    target = str(line.get("path", "/")) + (f"?{line['query']}" if line.get("query") else "")
    headers = [("Host", host), ("Content-Length", str(len(body)))]
    headers += [(name, str(line[key])) for key, name in (("user", "X-Limit-U"), ("device", "X-Limit-D")) if key in line]
    said = talk.send(h11.Request(method=str(line.get("method", "POST")), target=target, headers=headers)) or b""
    said += (talk.send(h11.Data(data=body)) or b"") if body else b""
    return said + (talk.send(h11.EndOfMessage()) or b"")
