"""Host names to addresses, in a thread of their own: a dead name server must neither hold the loop nor the exit."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import threading

from devices.transports.contract import OpenFailed

Found = list[tuple[int, str]]
"""Address family and numeric address."""


def literal(host: str) -> Found | None:
    """The address itself, where ``host`` is one."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None
    return [(socket.AF_INET if address.version == 4 else socket.AF_INET6, host)]


async def resolve(host: str) -> Found:
    """The addresses of ``host``, best first, never empty.  Raises ``OpenFailed("name")``."""
    known = literal(host)
    if known is not None:
        return known
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[Found] = loop.create_future()

    def tell(found: Found) -> None:
        if not answer.done():
            answer.set_result(found)

    def look() -> None:
        try:
            rows = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            rows = []
        found = list(dict.fromkeys((int(row[0]), str(row[4][0])) for row in rows))
        if not loop.is_closed():
            loop.call_soon_threadsafe(tell, found)

    threading.Thread(target=look, name=f"resolve {host}", daemon=True).start()
    found = await answer
    if not found:
        raise OpenFailed("name", host)
    return found
