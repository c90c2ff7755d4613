"""Serial ports by pyserial, read in a thread of their own so that a slow port never holds the loop."""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import CancelledError, Future

import serial
from serial.tools import list_ports

from devices.transports.address import Wire
from devices.transports.contract import OpenFailed, Reason, Sink, WriteFailed, reason_of, words_of

WRITE_TIMEOUT_S = 10.0
WAITING_OCTETS = 65_536
GATHER_S = 0.02
GATHER_OCTETS = 1024
"""More than this at once is a fast line or a backlog: nothing to wait for."""
STOP_TIMEOUT_S = 2.0
_TROUBLE = (serial.SerialException, OSError, TypeError)
"""What pyserial raises when a port goes away under it, a closed descriptor (TypeError) included."""


class SerialPort:
    """``serial:/dev/...`` or ``serial:usb=VID:PID[:SERIAL]`` with baud, bytesize, parity, stopbits, rtscts, xonxoff.

    Defaults: 9600 baud, 8N1, no flow control.  The port is taken for ourselves alone.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._baud = int(wire.number("baud", 9600, 50, 4_000_000))
        self._bytesize = int(wire.choice("bytesize", "8", ("5", "6", "7", "8")))
        self._parity = wire.choice("parity", "N", ("N", "E", "O", "M", "S"))
        self._stopbits = float(wire.choice("stopbits", "1", ("1", "1.5", "2")))
        self._rtscts = wire.choice("rtscts", "0", ("0", "1")) == "1"
        self._xonxoff = wire.choice("xonxoff", "0", ("0", "1")) == "1"
        self._port: serial.Serial | None = None
        self._thread: threading.Thread | None = None
        self._delivery: Future[None] | None = None
        self._writing = asyncio.Lock()
        self._taking = threading.Lock()
        self._waiting_octets = 0
        self._is_closing = False

    @property
    def url(self) -> str:
        """The wire as configured."""
        return self._wire.url

    async def open(self, sink: Sink) -> None:
        """Find the port by its path or its hardware identity, and take it."""
        loop = asyncio.get_running_loop()
        port = await asyncio.to_thread(self._take)
        self._thread = threading.Thread(
            target=self._read_on, args=(port, sink, loop), name=f"serial {self._wire.what}", daemon=True
        )
        self._thread.start()

    def _take(self) -> serial.Serial:
        """Runs in a thread that outlives a cancelled ``open``: a port taken too late is given back at once."""
        port = self._found()
        with self._taking:
            if not self._is_closing:
                self._port = port
                return port
        port.close()
        raise OpenFailed("closed", self._wire.what)

    def _found(self) -> serial.Serial:
        path = path_of(self._wire.what)
        try:
            return serial.Serial(
                path,
                baudrate=self._baud,
                bytesize=self._bytesize,
                parity=self._parity,
                stopbits=self._stopbits,
                rtscts=self._rtscts,
                xonxoff=self._xonxoff,
                exclusive=True,
                write_timeout=WRITE_TIMEOUT_S,
            )
        except (*_TROUBLE, ValueError) as trouble:
            reason = _open_reason(trouble)
            raise OpenFailed(reason, path if reason != "trouble" else f"{path} {words_of(trouble)}") from None

    def _read_on(self, port: serial.Serial, sink: Sink, loop: asyncio.AbstractEventLoop) -> None:
        reason: Reason = "trouble"  # stays so if the sink fails: then the thread's own hook tells where
        try:
            data = b""
            while not self._is_closing:
                # Waiting for the loop to take it is the back-pressure: the rest waits in the system's buffer.
                self._delivery = asyncio.run_coroutine_threadsafe(self._deliver(data, sink), loop)
                self._delivery.result()
                data = self._gather(port)
        except CancelledError:
            reason = "closed"
        except _TROUBLE:
            reason = "gone"
        finally:
            if not loop.is_closed():
                loop.call_soon_threadsafe(self._end, sink, reason)

    def _gather(self, port: serial.Serial) -> bytes:
        """What has come, as one piece: a slow line gives its octets one by one, and each piece becomes a record."""
        first = port.read(1)
        if first and not self._is_closing and port.in_waiting < GATHER_OCTETS:
            time.sleep(GATHER_S)
        return bytes(first + port.read(port.in_waiting)) if first else b""

    async def _deliver(self, data: bytes, sink: Sink) -> None:
        if self._is_closing:
            return
        if data:
            sink.octets(data, "")
        await sink.ready()

    def _end(self, sink: Sink, reason: Reason) -> None:
        if not self._is_closing:
            sink.closed(reason, self._wire.what)

    async def write(self, data: bytes, peer: str = "") -> None:
        """Send; returns when the system has taken all octets."""
        port = self._port
        if port is None or peer:
            raise WriteFailed("no-peer", peer or self._wire.what)
        if self._waiting_octets + len(data) > WAITING_OCTETS:
            raise WriteFailed("full", self._wire.what)
        self._waiting_octets += len(data)
        try:
            async with self._writing:
                await asyncio.to_thread(port.write, data)
        except serial.SerialTimeoutException:
            raise WriteFailed("timeout", self._wire.what) from None
        except _TROUBLE as trouble:
            raise WriteFailed("gone", words_of(trouble)) from None
        finally:
            self._waiting_octets -= len(data)

    async def close(self) -> None:
        """Stop the reader and give the port back."""
        with self._taking:
            self._is_closing = True
            port, self._port = self._port, None
        thread, self._thread = self._thread, None
        if port is None:
            return
        if thread is not None:
            port.cancel_read()
            port.cancel_write()
            if self._delivery is not None:
                self._delivery.cancel()
            await asyncio.to_thread(thread.join, STOP_TIMEOUT_S)
        await asyncio.to_thread(port.close)


def path_of(what: str) -> str:
    """The port that a path or a hardware identity names.  Raises ``OpenFailed``."""
    if not what.startswith("usb="):
        return what
    wanted = what[4:].split(":")
    found = [port.device for port in list_ports.comports() if identity_of(port)[: len(wanted)] == wanted]
    if len(found) > 1:
        raise OpenFailed("ambiguous", f"{what}: {', '.join(found)}")
    if not found:
        raise OpenFailed("missing", what)
    return str(found[0])


def identity_of(port: object) -> list[str]:
    """Vendor, product and serial number of a USB port, the first two as four hex digits; empty for other ports."""
    vendor, product = getattr(port, "vid", None), getattr(port, "pid", None)
    if vendor is None or product is None:
        return []
    name = getattr(port, "serial_number", None)
    return [f"{vendor:04X}", f"{product:04X}", *([str(name)] if name else [])]


def _open_reason(trouble: BaseException) -> Reason:
    """Windows gives no number, only the name of the error inside the text."""
    text = str(trouble)
    if "FileNotFoundError" in text:
        return "missing"
    if "PermissionError" in text or "Could not exclusively lock" in text:
        return "busy"
    return "bad-url" if isinstance(trouble, ValueError) else reason_of(trouble)
