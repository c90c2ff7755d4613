"""A command post on a real wire: the driver, a transport of the product, and a clock that the test turns."""

from __future__ import annotations

from typing import Any

from devices.catalogue import make_driver
from devices.commands import DeviceCommand
from devices.driver import Addressed, Outgoing
from devices.drivers.cot import Cot
from devices.observations import Observation
from devices.transports import transport_for
from devices.transports.contract import Reason, Transport
from tests.devices.transports.ear import until


class Post:
    """Hears what a wire says and answers, as the engine does it."""

    def __init__(self, at_ns: int, **settings: Any) -> None:
        driver = make_driver("cot", settings)
        assert isinstance(driver, Cot)
        self.driver = driver
        self.at_ns = at_ns
        self.seen: list[Observation] = []
        self.waiting: list[tuple[bytes, str]] = []
        self.transport: Transport | None = None

    async def open(self, wire: str) -> None:
        self.transport = transport_for(wire, "stream")
        await self.transport.open(self)

    async def close(self) -> None:
        assert self.transport is not None
        await self.transport.close()

    # ---- the sink

    async def ready(self) -> None:
        await self.flush()

    def octets(self, data: bytes, peer: str) -> None:
        self.seen.extend(self.driver.receive_from(data, peer, self.at_ns))
        self.waiting += [
            (out, out.peer if isinstance(out, Addressed) else peer) for out in self.driver.poll(self.at_ns)
        ]

    def left(self, peer: str) -> None:
        pass

    def closed(self, reason: Reason, detail: str) -> None:
        pass

    # ---- what a test does

    async def flush(self) -> None:
        waiting, self.waiting = self.waiting, []
        for octets, peer in waiting:
            assert self.transport is not None
            await self.transport.write(octets, peer)

    async def tick(self) -> None:
        """A second passes."""
        self.at_ns += 1_000_000_000
        for out in self.driver.poll(self.at_ns):
            self.waiting.append((out, out.peer if isinstance(out, Addressed) else ""))
        await self.flush()

    async def send(self, command: DeviceCommand) -> Outgoing:
        answer = self.driver.encode(command, self.at_ns)
        assert isinstance(answer, Outgoing), answer
        self.waiting.append((answer.octets, answer.peer or ""))
        await self.flush()
        return answer

    async def sees(self, kind: type[Observation], **fields: object) -> Any:
        """The first observation of that kind with these fields, as soon as there is one."""
        found: list[Observation] = []

        def is_there() -> bool:
            found[:] = [
                one
                for one in self.seen
                if isinstance(one, kind) and all(getattr(one, name) == value for name, value in fields.items())
            ]
            return bool(found)

        await until(is_there, 10.0)
        return found[0]
