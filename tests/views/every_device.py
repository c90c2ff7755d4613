"""A picture made by the real engine, of one device of every driver, fed with the octets of its vectors."""

from __future__ import annotations

import msgspec

from console.configuration.model import Configuration, ContactConfiguration, DeviceConfiguration, TeamConfiguration
from console.records import Kind
from devices.catalogue import entries
from devices.driver import NS_PER_S
from tests.console.door import START_NS, Door
from tests.devices.vectors import decode_cases

SILENT_AFTER_S = 90.0
_WITH_PEERS = ("jt808", "cot")

VEHICLE = Configuration(
    mode="live",
    incident="双洎河漫溢",
    post="新郑-指01",
    incident_since_ns=START_NS - 3600 * NS_PER_S,
    devices=tuple(
        DeviceConfiguration(
            id=name,
            name=f"{name}-1",
            driver=name,
            wire=entry.line,
            silent_after_s=SILENT_AFTER_S,
            is_own=name == "nmea0183",
        )
        for name, entry in entries().items()
    ),
    teams=(
        TeamConfiguration(
            id="comms", name="通信 03", symbol="通", people=2, expected_s=900, means=("radio_gateway/3107",)
        ),
    ),
    contacts=(ContactConfiguration(name="后方", device_id="beidou_rdss", recipient="4207700", is_rear=True),),
)


def ready() -> Door:
    """All wires are up, nothing was heard yet."""
    door = Door(VEHICLE)
    for name in entries():
        door.up(name)
    return door


def every_device() -> Door:
    """All vectors of each driver were heard, one driver's a second after the other's."""
    door = ready()
    for name in entries():
        for case in decode_cases(name):
            door.put(Kind.OCTETS, name, case.octets, peer="192.0.2.9:4000" if name in _WITH_PEERS else "")
        door.wait(1)
    return door


def gateway_says(door: Door, **said: object) -> None:
    """One line of the neutral gateway to a radio network."""
    door.say("radio_gateway", msgspec.json.encode(said) + b"\n")


def polled(door: Door, device_id: str, payload: object, **more: object) -> None:
    """One answer of a sampler."""
    line = {"source": device_id, "asked_ns": door.at_ns, "answered_ns": door.at_ns, "payload": payload, **more}
    door.say(device_id, msgspec.json.encode(line) + b"\n")
