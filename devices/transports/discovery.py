"""What could be connected: serial ports by their hardware identity, services that announce themselves on the net.

Suggestions only: nothing is added, opened or asked.  Any machine on the network can announce anything.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from serial.tools import list_ports
from zeroconf import IPVersion, ServiceStateChange
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

from devices.transports.address import cleaned, written
from devices.transports.serial_port import identity_of

SERVICES = (
    "_rtsp._tcp.local.",
    "_axis-video._tcp.local.",
    "_psia._tcp.local.",
    "_gpsd._tcp.local.",
    "_nmea-0183._tcp.local.",
    "_mqtt._tcp.local.",
    "_http._tcp.local.",
)
ANSWER_MS = 1500
NAMES = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class SerialCandidate:
    """A serial port of this machine.  ``wire`` names it by its identity where it has one, else by its path."""

    wire: str
    path: str
    identity: str | None
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceCandidate:
    """A service that announced itself.  ``properties`` are its own words, shortened and never believed."""

    kind: str
    name: str
    host: str
    addresses: tuple[str, ...]
    port: int
    properties: tuple[tuple[str, str], ...]


async def serial_candidates() -> tuple[SerialCandidate, ...]:
    """Every serial port there is now, by path."""
    return await asyncio.to_thread(_serial_candidates)


def _serial_candidates() -> tuple[SerialCandidate, ...]:
    found = []
    for port in sorted(list_ports.comports(), key=lambda one: str(one.device)):
        identity = ":".join(identity_of(port)) or None
        found.append(
            SerialCandidate(
                wire=f"serial:usb={identity}" if identity else f"serial:{port.device}",
                path=str(port.device),
                identity=identity,
                description=cleaned(str(port.description or "")),
            )
        )
    return tuple(found)


async def announced_services(
    seconds: float, kinds: Sequence[str] = SERVICES, interfaces: Sequence[str] | None = None
) -> tuple[ServiceCandidate, ...]:
    """Listen for ``seconds`` and give what announced itself, sorted.  ``interfaces``: local addresses, else all.

    Raises ``OSError`` where there is no network to listen on.
    """
    heard: dict[tuple[str, str], None] = {}

    def note(zeroconf: object, service_type: str, name: str, state_change: ServiceStateChange) -> None:
        del zeroconf
        if state_change is not ServiceStateChange.Removed and len(heard) < NAMES:
            heard[service_type, name] = None

    where = {} if interfaces is None else {"interfaces": list(interfaces)}
    net = AsyncZeroconf(ip_version=IPVersion.V4Only, **where)  # type: ignore[arg-type]
    try:
        browser = AsyncServiceBrowser(net.zeroconf, list(kinds), handlers=[note])
        await asyncio.sleep(seconds)
        await browser.async_cancel()
        asked = [AsyncServiceInfo(kind, name) for kind, name in heard]
        answers = await asyncio.gather(*(one.async_request(net.zeroconf, ANSWER_MS) for one in asked))
    finally:
        await net.async_close()
    found = [_service(one) for one, is_answered in zip(asked, answers, strict=True) if is_answered]
    return tuple(sorted(found, key=lambda one: (one.kind, one.name, one.port)))


def _service(info: AsyncServiceInfo) -> ServiceCandidate:
    return ServiceCandidate(
        kind=info.type,
        name=cleaned(info.name.removesuffix(f".{info.type}")),
        host=cleaned(info.server or ""),
        addresses=tuple(info.parsed_addresses(IPVersion.V4Only)),
        port=info.port or 0,
        properties=tuple(
            (cleaned(_text(key)), cleaned(_text(value or b""))) for key, value in list(info.properties.items())[:16]
        ),
    )


def wire_of(service: ServiceCandidate) -> str | None:
    """The wire that this service would be, ``None`` without an address."""
    return f"tcp:{written(service.addresses[0], service.port)}" if service.addresses and service.port else None


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")
