"""HTTP: phones report by GET or POST, and each request becomes one JSON line (``devices.lines`` says its form).

``http-listen:address:port?token=..&per_minute=1200``, with ``cert`` and ``key`` over TLS.  The line also holds ``peer``
(``address:port``) and ``method``; a token is never in it.  Every request that was handed on is answered 200 with an
empty JSON list, which is what the apps take for "received"; what it means is not judged here.

A token, where one is configured, is asked of every request: as ``?token=``, as the password of Basic authentication
or as Bearer token.  Requests, headers and bodies have a longest length; an address that asks more often than
``per_minute`` is answered 429, and has to wait; one that opens connections and says nothing holds few of them.

**Source:** RFC 9112 by h11; RFC 7617 (Basic), RFC 6750 (Bearer).
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hmac
import json
import ssl
import time
from urllib.parse import parse_qsl, urlencode

import h11

from devices.transports.address import Wire, written
from devices.transports.contract import Clock, OpenFailed, Sink, WriteFailed, reason_of, words_of
from devices.transports.names import resolve
from devices.transports.payload import PAYLOAD_OCTETS, payload_of
from devices.transports.rates import Rates

HEAD_OCTETS = 8192
PEERS = 64
OF_ONE_ADDRESS = 16
REQUEST_S = 10.0
IDLE_S = 65.0
CLOSE_S = 1.0
READ_OCTETS = 16_384
_NAMED = {b"x-limit-u": "user", b"x-limit-d": "device", b"content-type": "type"}
_ANSWER = b"[]"
_METHODS = frozenset({b"GET", b"POST"})


class Refusal(Exception):  # noqa: N818 - an answer, not an error of ours
    """Why a request is not handed on: the HTTP status."""

    def __init__(self, status: int) -> None:
        super().__init__(str(status))
        self.status = status


class HttpListen:
    """An address on which phones call."""

    def __init__(self, wire: Wire, clock_ns: Clock = time.time_ns) -> None:
        self._wire = wire
        self._clock_ns = clock_ns
        self._port = wire.port
        self._token = wire.options.get("token", "").encode()
        self._rates = Rates(wire.number("per_minute", 1200.0, 1.0, 100_000.0))
        self._sink: Sink | None = None
        self._server: asyncio.Server | None = None
        self._serving: dict[asyncio.Task[None], str] = {}

    @property
    def url(self) -> str:
        """The wire with the port that the system gave, without its options."""
        return f"http-listen:{written(self._wire.host, self._port)}"

    async def open(self, sink: Sink) -> None:
        """Listen on that address only."""
        self._sink = sink
        (_, address), *_ = await resolve(self._wire.host)
        security = _security(self._wire)
        try:
            self._server = await asyncio.start_server(
                self._accept, address, self._wire.port, ssl=security, backlog=32, limit=READ_OCTETS
            )
        except OSError as trouble:
            raise OpenFailed(reason_of(trouble), self._wire.what) from None
        self._port = self._server.sockets[0].getsockname()[1]

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        address = writer.get_extra_info("peername")
        is_full = len(self._serving) >= PEERS or list(self._serving.values()).count(str(address[:1])) >= OF_ONE_ADDRESS
        if self._sink is None or not address or is_full:
            writer.transport.abort()
            return
        serving = asyncio.get_running_loop().create_task(self._serve(reader, writer, written(*address[:2])))
        self._serving[serving] = str(address[:1])
        serving.add_done_callback(self._served)

    def _served(self, task: asyncio.Task[None]) -> None:
        """A fault of ours must not be silent; it ends this connection, and the wire if nobody listens any more."""
        self._serving.pop(task, None)
        if task.cancelled():
            return
        fault = task.exception()
        if fault is not None:
            context = {"message": "serving an HTTP request failed", "exception": fault}
            asyncio.get_running_loop().call_exception_handler(context)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, peer: str) -> None:
        talk = h11.Connection(h11.SERVER, max_incomplete_event_size=HEAD_OCTETS)
        patience_s = REQUEST_S
        try:
            while await self._answer(talk, reader, writer, peer, patience_s):
                talk.start_next_cycle()
                patience_s = IDLE_S
        except (OSError, TimeoutError):
            pass  # the phone is gone, or said nothing for too long
        finally:
            writer.close()
            try:
                async with asyncio.timeout(CLOSE_S):
                    await writer.wait_closed()
            except (OSError, TimeoutError):
                writer.transport.abort()

    async def _answer(
        self,
        talk: h11.Connection,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        peer: str,
        patience_s: float,
    ) -> bool:
        """Take one request and answer it; whether the connection may go on."""
        status = 200
        try:
            async with asyncio.timeout(patience_s):
                request = await _next_event(talk, reader)
            if not isinstance(request, h11.Request):
                return False
            asked_ns = self._clock_ns()
            query = self._admit(request, peer)
            async with asyncio.timeout(REQUEST_S):
                body = await _body(talk, reader)
            await self._hand_on(request, query, body, peer, asked_ns)
        except Refusal as refusal:
            status = refusal.status
        except h11.RemoteProtocolError as trouble:
            status = trouble.error_status_hint
        writer.write(_response(talk, status))
        async with asyncio.timeout(REQUEST_S):
            await writer.drain()
        return talk.our_state is h11.DONE and talk.their_state is h11.DONE

    def _admit(self, request: h11.Request, peer: str) -> str:
        """The query without its token.  Raises ``Refusal``."""
        if not self._rates.allow(peer.rpartition(":")[0], self._clock_ns()):
            raise Refusal(429)
        if request.method not in _METHODS:
            raise Refusal(405)
        query, told = _without_token(request.target.decode("ascii", "replace").partition("?")[2])
        if self._token and not any(hmac.compare_digest(one, self._token) for one in (*told, *_passwords(request))):
            raise Refusal(401)
        return query

    async def _hand_on(self, request: h11.Request, query: str, body: bytes, peer: str, asked_ns: int) -> None:
        sink = self._sink
        if sink is None:
            raise Refusal(503)
        try:
            async with asyncio.timeout(REQUEST_S):
                await sink.ready()
        except TimeoutError:
            raise Refusal(503) from None
        line: dict[str, object] = {
            "source": self.url,
            "asked_ns": asked_ns,
            "answered_ns": max(asked_ns, self._clock_ns()),
            "peer": peer,
            "method": request.method.decode("ascii"),
            "path": request.target.decode("ascii", "replace").partition("?")[0],
            "query": query,
        }
        line |= _named(request) | payload_of(body)
        if self._sink is not None:
            sink.octets(json.dumps(line, separators=(",", ":"), ensure_ascii=False).encode(), "")

    async def write(self, data: bytes, peer: str = "") -> None:  # noqa: ARG002
        """Refuse: phones are answered, not called."""
        raise WriteFailed("one-way", self._wire.what)

    async def close(self) -> None:
        """Stop listening and hang up on every phone."""
        server, self._server = self._server, None
        self._sink = None
        if server is not None:
            server.close()
        serving = tuple(self._serving)
        for task in serving:
            task.cancel()
        if serving:
            await asyncio.wait(serving)
        if server is not None:
            await server.wait_closed()


def _security(wire: Wire) -> ssl.SSLContext | None:
    certificate, key = wire.file("cert"), wire.file("key")
    if certificate is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate, key)
    except OSError as trouble:
        raise OpenFailed("tls", words_of(trouble)) from None
    return context


async def _next_event(talk: h11.Connection, reader: asyncio.StreamReader) -> h11.Event | type[h11.PAUSED]:
    while True:
        event = talk.next_event()
        if event is not h11.NEED_DATA:
            return event  # type: ignore[return-value]  # h11 types its own marks as classes
        talk.receive_data(await reader.read(READ_OCTETS))


async def _body(talk: h11.Connection, reader: asyncio.StreamReader) -> bytes:
    """The body, whatever length was announced.  Raises ``Refusal(413)`` as soon as it is too long."""
    body = bytearray()
    while True:
        if talk.they_are_waiting_for_100_continue:
            raise Refusal(417)
        event = await _next_event(talk, reader)
        if not isinstance(event, h11.Data):
            return bytes(body)
        body += event.data
        if len(body) > PAYLOAD_OCTETS:
            raise Refusal(413)


def _response(talk: h11.Connection, status: int) -> bytes:
    if talk.our_state not in {h11.IDLE, h11.SEND_RESPONSE}:
        return b""
    body = _ANSWER if status == 200 else b""
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    if status != 200:
        headers.append(("Connection", "close"))
    if status == 401:
        headers.append(("WWW-Authenticate", 'Basic realm="command-post"'))
    if status == 429:
        headers.append(("Retry-After", "10"))
    said = talk.send(h11.Response(status_code=status, headers=headers)) or b""
    if body:
        said += talk.send(h11.Data(data=body)) or b""
    return said + (talk.send(h11.EndOfMessage()) or b"")


def _named(request: h11.Request) -> dict[str, object]:
    """The headers that a driver may want; never those with a secret."""
    found: dict[str, object] = {}
    for name, value in request.headers:
        word = _NAMED.get(name)
        if word is not None:
            found[word] = value[:256].decode("utf-8", "replace")
    return found


def _without_token(query: str) -> tuple[str, list[bytes]]:
    """The query as it may be written down, and the tokens that stood in it."""
    if "token" not in query.lower():
        return query, []
    pairs = parse_qsl(query, keep_blank_values=True, errors="replace")
    told = [value.encode() for name, value in pairs if name.lower() == "token"]
    return urlencode([(name, value) for name, value in pairs if name.lower() != "token"]), told


def _passwords(request: h11.Request) -> list[bytes]:
    found = []
    for name, value in request.headers:
        if name != b"authorization":
            continue
        scheme, _, told = value.partition(b" ")
        if scheme.lower() == b"bearer":
            found.append(told.strip())
        elif scheme.lower() == b"basic":
            try:
                found.append(base64.b64decode(told.strip(), validate=True).partition(b":")[2])
            except (binascii.Error, ValueError):
                continue
    return found
