"""What goes out to devices: drivers' answers, what is due, texts of the outbox, our teams, octets of a person."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from console import outbox
from console.effects import Send
from console.fleet import Fleet, peer_of
from console.orders import SendOctets
from console.rules import publishing
from console.tables import DeviceTable, Tables
from devices.commands import AskReceipt, SendRaw, SendText
from devices.driver import Refused


def _send(device: DeviceTable, peer: str, octets: bytes, reference: str | None = None) -> Send:
    device.octets_out += len(octets)
    return Send(device_id=device.configuration.id, peer=peer, octets=octets, reference=reference)


def answers(device: DeviceTable, peer: str, octets: Iterable[bytes]) -> list[Send]:
    """What a driver says upon what it was told by ``peer``."""
    return [_send(device, peer_of(one, peer), one) for one in octets]


def due(fleet: Fleet, device: DeviceTable, at_ns: int) -> list[Send]:
    """What its drivers say of their own accord by now."""
    return [_send(device, peer, octets) for peer, octets in fleet.due(device, at_ns)]


def submit(tables: Tables, fleet: Fleet, device: DeviceTable) -> list[Send]:
    """The next text of its outbox, where it may go now."""
    if "text" not in device.sends:
        return []
    driver, peer = fleet.chief(device), fleet.chief_peer(device)

    def encode(command: SendText | AskReceipt) -> Any:  # noqa: ANN401 - Outgoing | Refused of the driver
        return driver.encode(command, tables.at_ns)

    outgoing = outbox.submit_next(tables, device, encode)
    if outgoing is None:
        return []
    in_flight = tables.outbox[device.configuration.id].in_flight
    return [_send(device, outgoing.peer or peer, outgoing.octets, in_flight)]


def publish(tables: Tables, fleet: Fleet, device: DeviceTable) -> list[Send]:
    """Tell the others on this wire where our teams are, where its settings say so."""
    if device.state != "up" or not publishing.is_due(tables, device):
        return []
    driver = fleet.chief(device)
    told = [driver.encode(command, tables.at_ns) for command in publishing.commands(tables, device)]
    return [_send(device, one.peer or "", one.octets) for one in told if not isinstance(one, Refused)]


def raw(tables: Tables, fleet: Fleet, order: SendOctets) -> list[Send]:
    """Octets that a person typed, where the driver lets them through; else a line that says why not."""
    device = tables.devices.get(order.device_id)
    if device is None:
        return []
    answer = fleet.chief(device).encode(SendRaw(octets=bytes.fromhex(order.octets_hex)), tables.at_ns)
    if isinstance(answer, Refused):
        args = {"device": device.configuration.name, "@reason": f"refusal.{answer.reason}"}
        tables.note("operator", order.device_id, "notice.refused", args)
        return []
    tables.note("operator", order.device_id, "notice.sent_raw", {"device": device.configuration.name})
    return [_send(device, answer.peer or fleet.chief_peer(device), answer.octets)]
