"""Modbus: ``modbus:host:502?unit=1&profile=..`` and ``modbus-rtu:/dev/...?baud=19200&parity=N&unit=1&profile=..``.

Reads the blocks of the profile, one after another, and nothing else; writes never.  An answer that came too late
cannot be told from the answer to the next question on a serial line: after a time-out the port is closed and opened
anew before anything else is asked.

**Source:** MODBUS Application Protocol V1.1b3, functions 1..4 and exceptions 1..11; pymodbus 3.16 does the framing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pymodbus.client import AsyncModbusSerialClient, AsyncModbusTcpClient
from pymodbus.exceptions import ModbusException

from devices.profiles import Block, Profile
from devices.transports.address import Wire
from devices.transports.contract import Clock, OpenFailed, Reason, WireTrouble
from devices.transports.polled import Timed, Told, numeric_address, profile_of
from devices.transports.serial_port import path_of

_EXCEPTIONS = {
    1: "illegal-function",
    2: "illegal-address",
    3: "illegal-value",
    4: "device-failure",
    5: "acknowledge",
    6: "busy",
    8: "parity",
    10: "gateway-path",
    11: "gateway-silent",
}
_NOBODY = frozenset({"gateway-path", "gateway-silent"})
"""What a gateway says for a device behind it that does not answer."""
_READS = {
    "holding": "read_holding_registers",
    "input": "read_input_registers",
    "coil": "read_coils",
    "discrete": "read_discrete_inputs",
}
# What it would say is told by the wire; and its frames belong into no log.
logging.getLogger("pymodbus").setLevel(logging.CRITICAL)


class ModbusAsker:
    """One device behind one address or port."""

    def __init__(self, wire: Wire, clock_ns: Clock) -> None:
        self._wire = wire
        self._clock_ns = clock_ns
        self._timeout_s = wire.number("timeout_s", 2.0, 0.1, 60.0)
        self._unit = int(wire.number("unit", 1, 0, 255))
        self._profile_name = wire.options.get("profile", "")
        self._serial: dict[str, Any] = {}
        if wire.scheme == "modbus-rtu":
            self._serial = {
                "baudrate": int(wire.number("baud", 19_200, 50, 4_000_000)),
                "bytesize": int(wire.choice("bytesize", "8", ("5", "6", "7", "8"))),
                "parity": wire.choice("parity", "N", ("N", "E", "O", "M", "S")),
                "stopbits": float(wire.choice("stopbits", "1", ("1", "1.5", "2"))),
            }
        self._client: AsyncModbusTcpClient | AsyncModbusSerialClient | None = None
        self._profile: Profile | None = None

    async def begin(self) -> Sequence[Told]:
        """Read the profile; connecting belongs to the first round."""
        self._profile = profile_of("modbus", self._profile_name)
        if not self._profile.blocks:
            raise OpenFailed("bad-url", f"profile={self._profile_name}: block")
        payload = {"profile": self._profile.table}
        return (Timed(self._clock_ns).told("profile", payload=payload),)

    async def ask(self) -> Sequence[Told]:
        """Every block.  One that the device refuses hides no other; where it refuses all, nothing was read."""
        assert self._profile is not None  # noqa: S101 - begun before
        try:
            client = await self._connected()
            told = [await self._read(client, block) for block in self._profile.blocks]
        except (ModbusException, TimeoutError, OSError) as trouble:
            await self.end()
            is_timeout = isinstance(trouble, TimeoutError) or "response" in str(trouble)
            raise WireTrouble("timeout" if is_timeout else "gone", self._wire.what) from None
        except asyncio.CancelledError:
            await self.end()
            raise
        if all(one.error is not None for one in told):
            reason: Reason = "timeout" if told[0].error in _NOBODY else "trouble"
            raise WireTrouble(reason, f"{self._wire.what} unit={self._unit} {told[0].error}")
        return told

    async def _connected(self) -> AsyncModbusTcpClient | AsyncModbusSerialClient:
        if self._client is not None and self._client.connected:
            return self._client
        await self.end()
        self._client = await self._make()
        _pass_over_garbage(self._client)
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        async with asyncio.timeout(self._timeout_s + 1.0):
            if await self._client.connect():
                return self._client
        is_slow = loop.time() - began_s >= self._timeout_s * 0.9
        await self.end()
        unanswered: WireTrouble = WireTrouble("timeout" if is_slow else "refused", self._wire.what)
        raise WireTrouble("busy", self._wire.what) if self._serial else unanswered

    async def _make(self) -> AsyncModbusTcpClient | AsyncModbusSerialClient:
        if self._serial:
            path = await asyncio.to_thread(_existing, self._wire.what)
            return AsyncModbusSerialClient(path, timeout=self._timeout_s, retries=0, reconnect_delay=0, **self._serial)
        address = await numeric_address(self._wire, self._timeout_s)
        return AsyncModbusTcpClient(
            address, port=self._wire.port, timeout=self._timeout_s, retries=0, reconnect_delay=0
        )

    async def _read(self, client: AsyncModbusTcpClient | AsyncModbusSerialClient, block: Block) -> Told:
        timed = Timed(self._clock_ns)
        ask = getattr(client, _READS[block.table])
        async with asyncio.timeout(self._timeout_s + 1.0):
            answer = await ask(block.address, count=block.count, device_id=self._unit)
        if answer.isError():
            code = int(getattr(answer, "exception_code", 0))
            return timed.told(block.path, error=_EXCEPTIONS.get(code, f"exception-{code}"))
        is_bits = block.table in {"coil", "discrete"}
        values = [int(one) for one in (answer.bits if is_bits else answer.registers)]
        if len(values) < block.count:
            return timed.told(block.path, error="short")
        return timed.told(block.path, payload=values[: block.count])

    async def end(self) -> None:
        """Hang up."""
        client, self._client = self._client, None
        if client is not None:
            client.close()


def _existing(what: str) -> str:
    """The path of the port.  Raises ``OpenFailed("missing")``; that another program has it shows when it is opened."""
    path = path_of(what)
    if not Path(path).exists():
        raise OpenFailed("missing", path)
    return path


def _pass_over_garbage(client: AsyncModbusTcpClient | AsyncModbusSerialClient) -> None:
    """Where octets are no answer the library raises into the loop, as if we were wrong; here they are passed over.

    The question they came for then runs into its time-out, and the connection is made anew.
    """
    understand = client.ctx.callback_data

    def take(data: bytes, addr: tuple[str, int] | None = None) -> int:
        try:
            return understand(data, addr)
        except ModbusException:
            return len(data)

    setattr(client.ctx, "callback_data", take)  # noqa: B010 - a method of one instance
