"""The drivers at work: one per device, or one per peer of a wire with many ends, kept by the engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, cast

from console.tables import DeviceTable
from devices.driver import Addressed, Driver, PeerDriver
from devices.observations import Malformed, Observation

PEERS = 1_024
"""Peers of one wire whose drivers are kept; the one unheard for longest goes first."""

DriverMaker = Callable[[str, Mapping[str, Any]], Driver]
"""Makes a driver by its id and settings."""


def peer_of(octets: bytes, peer: str) -> str:
    """Where a driver's octets go: where they say, else to ``peer``."""
    return octets.peer if isinstance(octets, Addressed) else peer


class Fleet:
    """Drivers by device and peer.  A driver that serves all peers together stands under the peer ``""``."""

    def __init__(self, make: DriverMaker) -> None:
        self._make = make
        self._drivers: dict[str, dict[str, Driver]] = {}

    def chief(self, device: DeviceTable) -> Driver:
        """Who takes commands: the one driver, or that of the peer heard last."""
        drivers = self._drivers.get(device.configuration.id)
        return next(reversed(drivers.values())) if drivers else self._of(device, "")

    def chief_peer(self, device: DeviceTable) -> str:
        """The peer whose driver takes commands; empty for the one driver."""
        drivers = self._drivers.get(device.configuration.id)
        return next(reversed(drivers)) if drivers else ""

    def _of(self, device: DeviceTable, peer: str) -> Driver:
        drivers = self._drivers.setdefault(device.configuration.id, {})
        driver = drivers.get(peer)
        if driver is None:
            driver = drivers[peer] = self._make(device.configuration.driver, device.configuration.settings)
            if peer:
                drivers.pop("", None)  # a wire with many ends has no end of its own
            if len(drivers) > PEERS:
                del drivers[next(iter(drivers))]
        elif peer and len(drivers) > 1:
            drivers[peer] = drivers.pop(peer)
        return driver

    def exchange(
        self, device: DeviceTable, peer: str, data: bytes, at_ns: int
    ) -> tuple[Sequence[Observation], Sequence[bytes]]:
        """What octets of this peer mean, and what to send upon them (``peer_of`` tells whereto)."""
        if device.serves_together:
            driver = self._of(device, "")
            return cast("PeerDriver", driver).receive_from(data, peer, at_ns), driver.poll(at_ns)
        driver = self._of(device, peer)
        return driver.receive(data, at_ns), driver.poll(at_ns)

    def due(self, device: DeviceTable, at_ns: int) -> Iterator[tuple[str, bytes]]:
        """What to send of the drivers' own accord by now: peer and octets."""
        drivers = self._drivers.get(device.configuration.id)
        for peer, driver in tuple(drivers.items()) if drivers else (("", self._of(device, "")),):
            for octets in driver.poll(at_ns):
                yield peer_of(octets, peer), octets

    def close(self, device_id: str, peer: str | None = None) -> Iterator[Malformed]:
        """A wire (``None``) or one peer of it is gone: its drivers end, with what was left over."""
        drivers = self._drivers.get(device_id, {})
        for name in list(drivers) if peer is None else [peer]:
            driver = drivers.pop(name, None)
            if driver is not None:
                yield from driver.finish()

    def forget(self, device_id: str) -> None:
        """Begin anew with this device's drivers."""
        self._drivers.pop(device_id, None)

    def keep_only(self, device_ids: AbstractSet[str]) -> None:
        """Begin anew with all drivers but those of these devices."""
        self._drivers = {name: drivers for name, drivers in self._drivers.items() if name in device_ids}

    def clear(self) -> None:
        """Begin anew with all drivers."""
        self._drivers = {}

    # ---- snapshots

    def save(self) -> dict[str, dict[str, dict[str, Any]]]:
        """The state of every driver, by device and peer."""
        return {
            device_id: {peer: driver.save() for peer, driver in drivers.items()}
            for device_id, drivers in self._drivers.items()
        }

    def restore(self, saved: dict[str, dict[str, dict[str, Any]]], devices: Mapping[str, DeviceTable]) -> None:
        """Continue; a driver that does not know its own state again (another version saved it) begins anew."""
        self._drivers = {}
        for device_id, states in saved.items():
            device = devices.get(device_id)
            if device is not None:
                self._drivers[device_id] = {peer: self._restored(device, state) for peer, state in states.items()}

    def _restored(self, device: DeviceTable, saved: Mapping[str, Any]) -> Driver:
        configuration = device.configuration
        driver = self._make(configuration.driver, configuration.settings)
        try:
            driver.restore(saved)
        except (LookupError, TypeError, ValueError, AttributeError):
            return self._make(configuration.driver, configuration.settings)
        return driver
