"""What announces itself on the net, with zeroconf's own registration as the announcer."""

from __future__ import annotations

import asyncio
import socket

import pytest
from zeroconf import IPVersion
from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

from devices.transports.discovery import announced_services, wire_of


def test_an_announced_service_is_found_and_its_words_are_cleaned() -> None:
    async def look() -> None:
        try:
            net = AsyncZeroconf(ip_version=IPVersion.V4Only, interfaces=["127.0.0.1"])
        except OSError:
            pytest.skip("no multicast on the loopback of this machine")
        info = AsyncServiceInfo(
            "_nmea-0183._tcp.local.",
            "gateway._nmea-0183._tcp.local.",
            addresses=[socket.inet_aton("127.0.0.1")],
            port=10110,
            properties={"model": "a\x1b[31mb", "note": "x" * 200},
            server="gateway.local.",
        )
        try:
            await (await net.async_register_service(info))
            # Who has just announced itself answers nobody for a second (RFC 6762, 6).
            found = await announced_services(3.0, ["_nmea-0183._tcp.local."], interfaces=["127.0.0.1"])
        finally:
            await net.async_close()
        service = next(one for one in found if one.name == "gateway")
        assert (service.addresses, service.port) == (("127.0.0.1",), 10110)
        assert wire_of(service) == "tcp:127.0.0.1:10110"
        properties = dict(service.properties)
        assert properties["model"].isprintable()
        assert len(properties["note"]) <= 120

    asyncio.run(look())
