"""What only repeats what was known never makes a team look heard: a regression test for each feed of the catalogue."""

from __future__ import annotations

from dataclasses import replace

import pytest

from console.configuration.model import DeviceConfiguration, TeamConfiguration
from console.picture import Team
from console.records import Kind
from devices.catalogue import entries, make_driver
from devices.driver import NS_PER_S
from devices.drivers.motorola import tms
from devices.observations import Observation, Position, Power, Presence, TextMessage
from tests.console.door import START_NS, VEHICLE, Door
from tests.devices.vectors import Case, decode_cases

ITSELF = {
    "nmea0183": "tells of the receiver alone",
    "gpsd": "tells of receivers on this vehicle",
    "probe": "asks a host now",
    "stamp": "asks a reflector now",
    "netlink": "is this computer's own interface",
    "snmp": "asks a box now",
    "nut": "asks a server now; what stands still there is judged by its driver",
    "modbus": "asks a controller now",
    "vedirect": "tells of the device on the cable",
    "osmand": "every request is made by the phone itself now; what it queued is dated, and its charge is not told",
}
"""Drivers that hand on nothing which somebody else kept."""
HYTERA_TEXT = "0980A10022000000010A01B2070A03640E4F004C004900560045005200200054004500530054007A03"
REPEATED = {
    "hytera": ("222222", bytes.fromhex(HYTERA_TEXT), "10.3.100.14:3004"),
    "motorola": ("11", tms.send(5, tms.encoded("水位") or b""), "12.0.0.11:4007"),
}
"""Radios that say a text again until it is acknowledged: who, what, from where."""


def door(driver: str, subject: str) -> Door:
    """A vehicle with this one device, and a team that is known by it."""
    device = DeviceConfiguration(id="feed", name="feed", driver=driver, wire="udp:127.0.0.1:1")
    team = TeamConfiguration(id="team", name="一队", symbol="队", expected_s=900, means=(f"feed/{subject}",))
    made = Door(replace(VEHICLE, devices=(*VEHICLE.devices, device), teams=(team,)))
    made.up("feed")
    return made


def team_of(made: Door) -> Team:
    (team,) = made.picture().teams
    return team


def subject_of(seen: Observation) -> str | None:
    if isinstance(seen, TextMessage):
        return seen.sender
    return seen.subject if isinstance(seen, (Position, Presence, Power)) else None


def kept_cases() -> list[tuple[Case, str]]:
    """Every vector that tells of somebody only what was kept, and who that is."""
    found = []
    for name in entries():
        for case in decode_cases(name):
            kept: dict[str, bool] = {}
            for seen in make_driver(name, case.settings).receive(case.octets, START_NS):
                subject = subject_of(seen)
                if subject is not None:
                    kept[subject] = kept.get(subject, True) and (getattr(seen, "is_stored", False) or is_absence(seen))
            found += [(case, subject) for subject, is_kept in kept.items() if is_kept]
    return found


def is_absence(seen: Observation) -> bool:
    return isinstance(seen, Presence) and seen.state != "online"


KEPT = kept_cases()


def test_every_driver_of_the_catalogue_is_tried_or_hands_on_nothing() -> None:
    assert {case.driver for case, _ in KEPT} | set(REPEATED) | set(ITSELF) == set(entries())
    assert not set(ITSELF) & {case.driver for case, _ in KEPT}


@pytest.mark.parametrize(("case", "subject"), KEPT, ids=lambda one: one if isinstance(one, str) else one.name)
def test_what_was_kept_somewhere_renews_nobody(case: Case, subject: str) -> None:
    made = door(case.driver, subject)
    made.put(Kind.OCTETS, "feed", case.octets)
    device = next(one for one in made.picture().devices if one.id == "feed")
    assert device.understood, "the case says nothing to the engine"
    assert team_of(made).last_heard_ns is None
    assert not any(heard.at_ns for heard in device.heard if heard.subject == subject)


@pytest.mark.parametrize("driver", REPEATED)
def test_a_text_that_a_radio_says_again_renews_nobody(driver: str) -> None:
    subject, octets, peer = REPEATED[driver]
    made = door(driver, subject)
    made.put(Kind.OCTETS, "feed", octets, peer)
    first_ns = team_of(made).last_heard_ns
    assert first_ns == made.at_ns
    made.at_ns += 30 * NS_PER_S
    made.put(Kind.OCTETS, "feed", octets, peer)
    assert team_of(made).last_heard_ns == first_ns
    assert sum(message.peer == subject for message in made.picture().messages) == 1
