from __future__ import annotations

from dataclasses import replace

import pytest

from console.configuration.model import DeviceConfiguration, TeamConfiguration
from console.effects import Send
from console.fleet import PEERS, Fleet
from console.orders import ComposeMessage
from console.records import Kind
from console.tables import DeviceTable
from devices.catalogue import entries, make_driver
from devices.driver import NS_PER_S
from tests.console.door import CARD, VEHICLE, Door, sentence

LISTENER = DeviceConfiguration(id="bd", name="北斗", driver="beidou_rdss", wire="tcp-listen:127.0.0.1:1")
COT = DeviceConfiguration(
    id="tak",
    name="TAK",
    driver="cot",
    wire="udp-multicast:239.2.3.1:6969",
    settings={"publish": True, "publish_s": 30, "uid": "XZ-POST-1"},
)


def listening() -> Door:
    door = Door(replace(VEHICLE, devices=(LISTENER,), cameras=(), bearers=()))
    door.up("bd")
    return door


def say(door: Door, peer: str, octets: bytes) -> list[Send]:
    return [effect for effect in door.put(Kind.OCTETS, "bd", octets, peer) if isinstance(effect, Send)]


def test_each_peer_of_a_listener_has_a_driver_of_its_own() -> None:
    door = listening()
    say(door, "a:1", CARD[:15])
    say(door, "b:2", sentence("BDTXR,1,4204986,2,,A4D3A6BCB1"))
    say(door, "a:1", CARD[15:])
    device = door.picture().devices[0]
    assert device.card is not None
    assert device.malformed == 0
    assert len(door.picture().messages) == 1


def test_a_text_goes_to_the_peer_that_was_heard_last() -> None:
    door = listening()
    say(door, "a:1", CARD)
    say(door, "b:2", CARD)
    say(door, "a:1", CARD)
    door.order(ComposeMessage(message_id="m", device_id="bd", recipient="4207700", text="桥断"))
    sends = [effect for effect in door.effects if isinstance(effect, Send) and effect.reference == "m"]
    assert [send.peer for send in sends] == ["a:1"]


def test_a_peer_that_left_leaves_its_half_sentence_as_malformed_and_no_driver() -> None:
    door = listening()
    say(door, "a:1", CARD[:15])
    door.put(Kind.WIRE, "bd", {"state": "peer-left"}, "a:1")
    assert door.picture().devices[0].malformed == 1
    say(door, "a:1", CARD[15:])
    assert door.picture().devices[0].card is None


def test_nothing_is_sent_to_nobody_on_a_listener() -> None:
    door = listening()
    say(door, "a:1", CARD)
    door.effects.clear()
    door.wait(130)
    assert {effect.peer for effect in door.effects if isinstance(effect, Send)} <= {"a:1"}


def test_strangers_cannot_fill_the_memory() -> None:
    fleet = Fleet(make_driver)
    device = DeviceTable(configuration=LISTENER, state="up", since_ns=0)
    for number in range(PEERS + 50):
        fleet.exchange(device, f"peer:{number}", b"$", 0)
    assert len(fleet.save()["bd"]) == PEERS
    assert f"peer:{PEERS + 49}" in fleet.save()["bd"]


@pytest.mark.parametrize("driver_id", [name for name, entry in entries().items() if entry.peers == "together"])
def test_a_driver_that_serves_all_peers_is_one_and_survives_a_snapshot(driver_id: str) -> None:
    fleet = Fleet(make_driver)
    device = DeviceTable(
        configuration=DeviceConfiguration(id="d", name="d", driver=driver_id, wire="udp:x"), state="up", since_ns=0,
        serves_together=True,
    )  # fmt: skip
    for peer in ("a:1", "b:2"):
        fleet.exchange(device, peer, b"\x00garbage", 0)
    assert list(fleet.save()["d"]) == [""]
    again = Fleet(make_driver)
    again.restore(fleet.save(), {"d": device})
    assert again.save() == fleet.save()


def test_our_teams_are_published_with_the_age_of_their_fix() -> None:
    door = Door(
        replace(
            VEHICLE,
            devices=(*VEHICLE.devices, COT),
            teams=(*VEHICLE.teams, TeamConfiguration(id="tak-man", name="蓝天", symbol="蓝", means=("tak/uid-1",))),
        )
    )
    door.ready_terminal()
    door.up("tak")
    door.say("bd", sentence("BDWAA,0,,4204986,,3423.2434,N,11323.6667,E,14,M"))
    door.wait(100)
    said = [
        e.octets
        for e in door.effects
        if isinstance(e, Send) and e.device_id == "tak" and "消防水域二组".encode() in e.octets
    ]
    assert 3 <= len(said) <= 4
    assert b'lat="34.387' in said[-1]
    assert not [octets for octets in said if "蓝天".encode() in octets]


def test_a_wire_that_is_not_told_to_publish_says_nothing_of_our_teams() -> None:
    door = Door(replace(VEHICLE, devices=(*VEHICLE.devices, replace(COT, settings={}))))
    door.ready_terminal()
    door.up("tak")
    door.say("bd", sentence("BDWAA,0,,4204986,,3423.2434,N,11323.6667,E,14,M"))
    door.at_ns += NS_PER_S
    door.wait(100)
    assert not [e for e in door.effects if isinstance(e, Send) and "消防水域二组".encode() in e.octets]


def test_every_team_with_a_means_that_carries_text_can_be_written_to() -> None:
    contacts = [(c.device_id, c.recipient, c.name) for c in Door().picture().contacts]
    assert contacts == [("bd", "4207700", "后方"), ("bd", "4204986", "消防水域二组")]


def test_a_text_to_a_room_that_gives_no_receipts_is_sent_when_it_left_and_never_confirmed() -> None:
    door = Door(replace(VEHICLE, devices=(COT,), cameras=(), bearers=(), teams=()))
    door.up("tak")
    door.order(ComposeMessage(message_id="m", device_id="tak", recipient="All Chat Rooms", text="桥断"))
    assert door.message("m").state == "submitted"
    door.put(Kind.OUTCOME, "tak", {"effect": "send", "reference": "m", "is_written": True, "reason": ""})
    assert door.message("m").state == "sent"
    door.order(ComposeMessage(message_id="n", device_id="tak", recipient="All Chat Rooms", text="续报"))
    door.wait(2)
    assert door.message("n").state == "submitted"
    door.put(Kind.OUTCOME, "tak", {"effect": "send", "reference": "n", "is_written": None, "reason": "gone"})
    door.wait(40)
    assert door.message("n").state == "unknown"
