"""MQTT: listens to topics of a broker, and hands on each message as one JSON line (``devices.lines`` says its form).

``mqtt:host:port/topic?user=..&password=..&keepalive_s=30&timeout_s=5&version=5&per_minute=3000``, ``mqtts:`` with
``&ca=..&cert=..&key=..`` for TLS.  The topic may hold ``+`` and ``#``.  What is written are lines too:
``{"topic", "payload", "retained"}``, published once with quality of service 1.

A broker hands over what it has kept when we subscribe: ``retained`` is then true, and only then.  A message published
while we listen is not, however its sender marked it.  The session is always a new one, so nothing that was said while
we were away comes as if it were said now.

A topic on which more comes than ``per_minute`` is not heard for as long; one line with ``error`` ``rate`` says so.

Version 5 tells the broker the longest packet we take; version 4 (MQTT 3.1.1) can not, there the broker's own limit
holds.  Paho runs in our loop: only connecting, which may block, has a thread.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import json
import socket as sockets
import ssl
import threading
import time
from collections import deque
from typing import Any

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from devices.transports.address import Wire
from devices.transports.contract import Clock, OpenFailed, Reason, Sink, WriteFailed, reason_of, words_of
from devices.transports.payload import PAYLOAD_OCTETS, payload_of
from devices.transports.pump import Pump
from devices.transports.rates import SPEAKERS, Rates
from devices.transports.tcp import security_of

WAITING = 256
MISC_S = 1.0
WRITE_TIMEOUT_S = 10.0
_REFUSED: dict[str, Reason] = {
    "Not authorized": "permission",
    "Bad user name or password": "permission",
    "Banned": "permission",
    "Server busy": "busy",
}
_NUMBERS: dict[Reason, int] = {"permission": errno.EACCES, "busy": errno.EBUSY, "refused": errno.ECONNREFUSED}
"""How the pump is told why."""


class Mqtt:
    """One subscription of one broker."""

    def __init__(self, wire: Wire, clock_ns: Clock = time.time_ns) -> None:
        self._wire = wire
        self._clock_ns = clock_ns
        self._timeout_s = wire.number("timeout_s", 5.0, 0.1, 60.0)
        self._keepalive_s = round(wire.number("keepalive_s", 30.0, 5.0, 3600.0))
        self._version = wire.choice("version", "5", ("4", "5"))
        self._source = f"{wire.scheme}:{wire.what}"
        self._rates = Rates(wire.number("per_minute", 3000.0, 1.0, 100_000.0))
        self._dropped: set[str] = set()
        self._client: Client | None = None
        self._lines: deque[bytes] = deque()
        self._said = asyncio.Event()
        self._ended: tuple[Reason, str] | None = None
        self._greeted: asyncio.Future[None] | None = None
        self._published: dict[int, asyncio.Future[None]] = {}
        self._reading: sockets.socket | None = None
        self._misc: asyncio.Task[None] | None = None
        self._pump: Pump | None = None

    @property
    def url(self) -> str:
        """The wire as configured."""
        return self._wire.url

    # ---- opening

    async def open(self, sink: Sink) -> None:
        """Connect, and subscribe; return when the broker has agreed to both."""
        loop = asyncio.get_running_loop()
        self._greeted = loop.create_future()
        client = self._client = self._make(loop)
        try:
            async with asyncio.timeout(self._timeout_s):
                await self._connect(client)
                self._listen(loop, client)
                await self._greeted
        except TimeoutError:
            raise OpenFailed("timeout", self._wire.what) from None
        self._pump = Pump(self._read, sink, sink.closed)
        self._pump.start()

    def _make(self, loop: asyncio.AbstractEventLoop) -> Client:
        version = MQTTProtocolVersion.MQTTv5 if self._version == "5" else MQTTProtocolVersion.MQTTv311
        clean = True if self._version == "4" else None  # with version 5 it is said when connecting
        client = Client(CallbackAPIVersion.VERSION2, protocol=version, clean_session=clean, reconnect_on_failure=False)
        client.connect_timeout = self._timeout_s
        user = self._wire.options.get("user")
        if user is not None:
            client.username_pw_set(user, self._wire.options.get("password"))
        if self._wire.scheme == "mqtts":
            security = security_of(self._wire)
            security.sslsocket_class = _Handshake
            client.tls_set_context(security)
        client.on_connect = self._connected
        client.on_subscribe = self._subscribed
        client.on_message = self._heard
        client.on_disconnect = self._disconnected
        client.on_publish = self._taken

        def want_to_write(*_: object) -> None:
            loop.call_soon_threadsafe(self._want_to_write)

        client.on_socket_register_write = want_to_write
        return client

    async def _connect(self, client: Client) -> None:
        """In a thread, because names and handshakes block; a daemon, because a dead name server may hold it long."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[OSError | None] = loop.create_future()

        def tell(trouble: OSError | None) -> None:
            if not done.done():
                done.set_result(trouble)
            elif trouble is None:
                _hang_up(client)  # nobody waits any more

        def connect() -> None:
            trouble = _connected_or_why(client, self._wire, self._keepalive_s, is_five=self._version == "5")
            with contextlib.suppress(RuntimeError):  # the loop is closed
                loop.call_soon_threadsafe(tell, trouble)

        threading.Thread(target=connect, name=f"mqtt {self._wire.what}", daemon=True).start()
        trouble = await done
        if isinstance(trouble, sockets.gaierror):
            raise OpenFailed("name", self._wire.host)
        if trouble is not None:
            reason = reason_of(trouble)
            detail = words_of(trouble) if reason in {"tls", "trouble"} else ""
            raise OpenFailed(reason, f"{self._wire.what} {detail}".strip())

    def _listen(self, loop: asyncio.AbstractEventLoop, client: Client) -> None:
        opened = client.socket()
        if opened is None:
            raise OpenFailed("gone", self._wire.what)
        self._reading = opened  # type: ignore[assignment]  # paho calls all of its kinds of sockets by one name
        loop.add_reader(opened.fileno(), self._readable)
        self._want_to_write()
        self._misc = loop.create_task(self._keep_alive(client))

    # ---- paho's callbacks, all in our loop

    def _connected(self, client: Client, _data: Any, _flags: Any, code: ReasonCode, _more: Any) -> None:  # noqa: ANN401
        if code.is_failure:
            self._fail(_REFUSED.get(str(code), "refused"), str(code))
            return
        client.subscribe(self._wire.path, qos=1)

    def _subscribed(self, _client: Any, _data: Any, _id: int, codes: list[ReasonCode], _more: Any) -> None:  # noqa: ANN401
        if any(code.is_failure for code in codes):
            self._fail("permission", f"{self._wire.path}: {codes[0]}")
        elif self._greeted is not None and not self._greeted.done():
            self._greeted.set_result(None)

    def _heard(self, _client: Any, _data: Any, message: MQTTMessage) -> None:  # noqa: ANN401
        topic, at_ns = _topic(message), self._clock_ns()
        is_allowed = self._rates.allow(topic, at_ns)
        if not is_allowed and topic in self._dropped:
            return
        line: dict[str, object] = {
            "source": self._source,
            "asked_ns": None,
            "answered_ns": at_ns,
            "topic": topic,
            "retained": bool(message.retain),
        }
        if is_allowed:
            self._dropped.discard(topic)
            line |= payload_of(bytes(message.payload))
        else:
            self._dropped = {*list(self._dropped)[:SPEAKERS], topic}
            line["error"] = "rate"
        self._lines.append(json.dumps(line, separators=(",", ":"), ensure_ascii=False).encode())
        self._said.set()
        if len(self._lines) >= WAITING:
            self._stop_reading()  # nobody takes them: the broker waits, and keeps them for us or not

    def _disconnected(self, _client: Any, _data: Any, _flags: Any, code: ReasonCode, _more: Any) -> None:  # noqa: ANN401
        self._fail("closed" if not code.is_failure else "gone", str(code))

    def _taken(self, _client: Any, _data: Any, number: int, code: ReasonCode, _more: Any) -> None:  # noqa: ANN401
        waiting = self._published.pop(number, None)
        if waiting is not None and not waiting.done():
            if code.is_failure:
                waiting.set_exception(WriteFailed("refused", str(code)))
            else:
                waiting.set_result(None)

    def _fail(self, reason: Reason, detail: str) -> None:
        if self._ended is None:
            self._ended = reason, f"{self._wire.what} {detail}".strip()
        if self._greeted is not None and not self._greeted.done():
            self._greeted.set_exception(OpenFailed(*self._ended))
        for waiting in self._published.values():
            if not waiting.done():
                waiting.set_exception(WriteFailed("gone", self._wire.what))
        self._published.clear()
        self._stop_reading()
        self._said.set()

    # ---- the socket in our loop

    def _readable(self) -> None:
        client = self._client
        if client is None:
            return
        self._check(client.loop_read())
        while self._reading is not None and isinstance(self._reading, ssl.SSLSocket) and self._reading.pending():
            self._check(client.loop_read())

    def _want_to_write(self) -> None:
        if self._client is not None and self._reading is not None and self._client.want_write():
            asyncio.get_running_loop().add_writer(self._reading.fileno(), self._writable)

    def _writable(self) -> None:
        client = self._client
        if client is None or self._reading is None:
            return
        number = self._reading.fileno()
        self._check(client.loop_write())
        if not client.want_write() and number >= 0:
            asyncio.get_running_loop().remove_writer(number)

    def _check(self, code: MQTTErrorCode) -> None:
        if code != MQTTErrorCode.MQTT_ERR_SUCCESS:
            self._fail("gone", str(code.name))

    async def _keep_alive(self, client: Client) -> None:
        while self._ended is None:
            await asyncio.sleep(MISC_S)
            self._check(client.loop_misc())
            self._want_to_write()

    def _stop_reading(self) -> None:
        if self._reading is not None and self._reading.fileno() >= 0:
            loop = asyncio.get_running_loop()
            loop.remove_reader(self._reading.fileno())
            if self._ended is not None:
                loop.remove_writer(self._reading.fileno())

    async def _read(self) -> tuple[bytes, str] | None:
        while not self._lines:
            if self._ended is not None:
                if self._ended[0] == "closed":
                    return None
                raise OSError(_NUMBERS.get(self._ended[0], errno.ECONNRESET), self._ended[1])
            self._said.clear()
            await self._said.wait()
        line = self._lines.popleft()
        if len(self._lines) == WAITING // 2 and self._ended is None and self._reading is not None:
            asyncio.get_running_loop().add_reader(self._reading.fileno(), self._readable)
            self._readable()
        return line, ""

    # ---- writing and closing

    async def write(self, data: bytes, peer: str = "") -> None:
        """Publish one line; return when the broker has it."""
        client = self._client
        if client is None or self._ended is not None or self._pump is None:
            raise WriteFailed("gone", self._wire.what)
        topic, payload, is_retained = _publication(data, peer or self._wire.what)
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        told = client.publish(topic, payload, qos=1, retain=is_retained)
        self._published[told.mid] = waiting
        self._want_to_write()
        try:
            async with asyncio.timeout(WRITE_TIMEOUT_S):
                await waiting
        except TimeoutError:
            raise WriteFailed("timeout", self._wire.what) from None
        finally:
            self._published.pop(told.mid, None)

    async def close(self) -> None:
        """Say good-bye and hang up."""
        pump, self._pump = self._pump, None
        misc, self._misc = self._misc, None
        client, self._client = self._client, None
        if pump is not None:
            await pump.stop()
        if misc is not None:
            misc.cancel()
            await asyncio.wait({misc})
        self._ended = self._ended or ("closed", "")
        self._stop_reading()
        self._reading = None
        if client is not None:
            _silence(client)
            _hang_up(client)


class _Handshake(ssl.SSLSocket):
    """Closes itself when the other end cannot prove who it is: paho would leave the socket to the collector."""

    def do_handshake(self, block: bool = False) -> None:  # noqa: FBT001, FBT002 - the library's own signature
        try:
            super().do_handshake(block)
        except OSError:
            self.close()
            raise


def _topic(message: MQTTMessage) -> str:
    try:
        return message.topic
    except UnicodeDecodeError:
        return ""


def _publication(data: bytes, what: str) -> tuple[str, str, bool]:
    """Topic, payload and mark of a line to publish; nothing else is ever published."""
    try:
        line = json.loads(data)
        topic, payload = line["topic"], line["payload"]
    except (ValueError, LookupError, TypeError):
        raise WriteFailed("one-way", what) from None
    if not isinstance(topic, str) or not isinstance(payload, str) or not topic or set("+#\0") & set(topic):
        raise WriteFailed("one-way", what)
    return topic, payload, line.get("retained") is True


def _connected_or_why(client: Client, wire: Wire, keepalive_s: int, *, is_five: bool) -> OSError | None:
    """Connect, blocking.  Called in a thread of its own."""
    more: dict[str, Any] = {}
    if is_five:
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.MaximumPacketSize = PAYLOAD_OCTETS + 1024
        more = {"clean_start": True, "properties": properties}
    try:
        client.connect(wire.host, wire.port, keepalive_s, **more)
    except OSError as trouble:
        return trouble
    except ValueError as trouble:  # a host that paho does not take for one
        return OSError(errno.EADDRNOTAVAIL, str(trouble))
    return None


def _hang_up(client: Client) -> None:
    """A farewell, if the socket takes it at once; the socket is closed in any case."""
    client.disconnect()
    left = client.socket()
    if left is not None:
        left.close()


def _silence(client: Client) -> None:
    client.on_connect = client.on_subscribe = client.on_message = client.on_disconnect = client.on_publish = None
    client.on_socket_register_write = None
