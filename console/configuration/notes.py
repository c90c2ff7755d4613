"""What is written well and may be meant all the same: worth a look before driving off, and no fault.

**Source:** that a probe must leave by its own bearer follows OpenWrt's mwan3, which binds each of its pings to the
interface it judges.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from urllib.parse import unquote

from console.configuration.bearers import PROBE_SCHEMES
from console.configuration.faults import Fault, said
from console.configuration.model import BearerConfiguration, Configuration, DeviceConfiguration
from console.configuration.wires import scheme_of


def notes_on(configuration: Configuration, file: str, interfaces: Collection[str]) -> tuple[Fault, ...]:
    """What to look at in the configuration that ``file`` holds; ``interfaces`` are those of this computer."""
    return (
        *_not_tied(configuration, file),
        *_tied_wrongly(configuration, file),
        *_absent(configuration, file, interfaces),
    )


def interface_of(device: DeviceConfiguration) -> str:
    """The interface that a device watches or a probe is tied to; empty where there is none."""
    scheme, _, rest = device.wire.partition(":")
    what, _, query = rest.partition("?")
    if scheme == "netlink":
        return what
    options = dict(part.partition("=")[::2] for part in query.split("&"))
    return unquote(options.get("dev", "")) if scheme in PROBE_SCHEMES else ""


def _not_tied(configuration: Configuration, file: str) -> Iterator[Fault]:
    """With two ways, a probe that is free to choose takes the one that works and calls the other one good."""
    devices = {device.id: device for device in configuration.devices}
    probed = [(bearer, probes) for bearer in configuration.bearers if (probes := _probes_of(bearer, devices))]
    if len(probed) < 2:
        return
    for bearer, probes in probed:
        if not any(map(interface_of, probes)):
            args = {"bearer": bearer.name, "devices": ", ".join(probe.id for probe in probes)}
            key = f"bearer.{bearer.id}.devices"
            yield Fault(file=file, key=key, reason=said("reason", "untied", **args), remedy=said("remedy", "untied"))


def _tied_wrongly(configuration: Configuration, file: str) -> Iterator[Fault]:
    """A probe tied to another interface than its bearer's own, or to one whose bearer is another: a slip in copying."""
    devices = {device.id: device for device in configuration.devices}
    ways = {uplink.bearer_id: uplink.interface for uplink in configuration.uplinks if uplink.interface}
    taken: dict[str, BearerConfiguration] = {}
    for bearer in configuration.bearers:
        watched = (interface_of(devices[one]) for one in bearer.device_ids if one in devices)
        own = {name for name in (*watched, ways.get(bearer.id, "")) if name}
        for probe in _probes_of(bearer, devices):
            name = interface_of(probe)
            other = taken.setdefault(name, bearer) if name else bearer
            args = {"device": probe.id, "bearer": bearer.name, "given": name}
            key = f"device.{probe.id}.wire"
            if other is not bearer:
                reason = said("reason", "tied_twice", **args, other=other.name)
                yield Fault(file=file, key=key, reason=reason, remedy=said("remedy", "tied_wrongly"))
            elif name and own - {name}:
                reason = said("reason", "tied_elsewhere", **args, known=", ".join(sorted(own - {name})))
                yield Fault(file=file, key=key, reason=reason, remedy=said("remedy", "tied_wrongly"))


def _probes_of(
    bearer: BearerConfiguration, devices: Mapping[str, DeviceConfiguration]
) -> tuple[DeviceConfiguration, ...]:
    found = (devices[identity] for identity in bearer.device_ids if identity in devices)
    return tuple(one for one in found if one.is_enabled and scheme_of(one.wire) in PROBE_SCHEMES)


def _absent(configuration: Configuration, file: str, interfaces: Collection[str]) -> Iterator[Fault]:
    named = [(f"device.{one.id}.wire", interface_of(one)) for one in configuration.devices if one.is_enabled]
    named += [(f"uplink.{uplink.bearer_id}.interface", uplink.interface) for uplink in configuration.uplinks]
    first = {name: key for key, name in reversed(named) if name}  # each is said once, at its first place
    for key, name in named:
        if name not in interfaces and first.get(name) == key:
            known = ", ".join(sorted(set(interfaces) - {"lo"})) or "-"
            reason = said("reason", "interface_absent", given=name, known=known)
            yield Fault(file=file, key=key, reason=reason, remedy=said("remedy", "interface_absent"))
