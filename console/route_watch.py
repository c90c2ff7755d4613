"""Whether the route that was set is still the one in force: heard from the kernel, looked up, and told when it changes.

The kernel tells of every change of routes and links.  What is in force is then looked up, a moment later: a client
that renews its lease takes a route away before it sets its own.  Only the main table is looked at: rules that send
some traffic by tables of their own are the business of whoever wrote them.

**Source:** rtnetlink(7), groups ``RTMGRP_LINK``, ``RTMGRP_IPV4_ROUTE``, ``RTMGRP_IPV6_ROUTE``.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
from collections.abc import Callable
from dataclasses import dataclass

from console.configuration.switching_model import Uplink
from devices.transports import routes

SETTLE_S = 0.3
_RECEIVE_OCTETS = 1 << 16

Told = Callable[["Ordered", routes.Route | None, bool], None]
"""Hears what was ordered, the route in force (``None``: there is none), and whether that is the one ordered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered:
    """The route that was set for the change ``number``."""

    number: int
    uplink: Uplink
    destination: str

    def is_met_by(self, route: routes.Route | None) -> bool:
        """Whether packets leave as they should."""
        if route is None:
            return False
        gateway, interface = self.uplink.gateway, self.uplink.interface
        is_by = not gateway or (
            bool(route.gateway) and ipaddress.ip_address(gateway) == ipaddress.ip_address(route.gateway)
        )
        return is_by and (not interface or interface == route.interface)


class RouteWatch:
    """Watches one route.  In the engine's loop only."""

    def __init__(self, told: Told) -> None:
        self._told = told
        self._ordered: Ordered | None = None
        self._last: tuple[routes.Route | None, bool] | None = None
        self._has_changed = asyncio.Event()

    def expect(self, ordered: Ordered | None) -> None:
        """From now on this one should be in force; ``None``: nothing is expected, for instance while it is set."""
        self._ordered, self._last = ordered, None
        self._has_changed.set()

    async def live(self) -> None:
        """Watch until cancelled; returns at once where the kernel tells nothing (no Linux, a sandbox)."""
        try:
            opened = _listening()
        except (AttributeError, OSError):
            return
        loop = asyncio.get_running_loop()
        with opened as kernel:
            loop.add_reader(kernel.fileno(), self._hear, kernel)
            try:
                while True:
                    await self._has_changed.wait()
                    await asyncio.sleep(SETTLE_S)
                    self._has_changed.clear()
                    self._look()
            finally:
                loop.remove_reader(kernel.fileno())

    def _hear(self, kernel: socket.socket) -> None:
        self._has_changed.set()
        with contextlib.suppress(OSError):  # nothing more; or some were lost, and what is now is looked up anyway
            while kernel.recv(_RECEIVE_OCTETS):
                pass

    def _look(self) -> None:
        if self._ordered is None:
            return
        try:
            route = routes.in_force(self._ordered.destination)
        except OSError:
            return  # the kernel did not answer: the next change asks again
        now = route, self._ordered.is_met_by(route)
        before, self._last = self._last, now
        if now != before and not (before is None and now[1]):
            self._told(self._ordered, route, now[1])


def _listening() -> socket.socket:
    kernel = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
    try:
        kernel.settimeout(0)
        kernel.bind((0, routes.CHANGES))
    except OSError:
        kernel.close()
        raise
    return kernel
