"""A modem behind the engine's door: what the operator sees of a text from the click to the receipt."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest

from console.assembly import digest_of
from console.configuration.model import Configuration, ContactConfiguration, DeviceConfiguration
from console.effects import Send
from console.orders import ComposeMessage
from console.records import Kind
from console.replay import new_engine
from devices.simulators.at_modem import AtModemSimulator
from tests.console.door import VEHICLE, Door

NUMBER = "17401234567"
PHONE = replace(
    VEHICLE,
    devices=(
        *VEHICLE.devices,
        DeviceConfiguration(id="lte", name="车载短信", driver="at_modem", wire="tcp:192.0.2.1:4001"),
    ),
    contacts=(
        *VEHICLE.contacts,
        ContactConfiguration(name="县局值班手机", device_id="lte", recipient=NUMBER, is_rear=True),
    ),
)


class Phone(Door):
    """Every octet of the engine goes to the simulated modem, every answer through the door."""

    def __init__(self, configuration: Configuration = PHONE, **device: Any) -> None:
        super().__init__(configuration)
        self.modem = AtModemSimulator({"text_every_s": 0, **device}, random.Random(2).random)
        self._answer(self.up("lte"))

    def _answer(self, effects: list[Any]) -> None:
        waiting = list(effects)
        while waiting:
            effect = waiting.pop(0)
            if isinstance(effect, Send) and effect.device_id == "lte":
                for piece in self.modem.receive(effect.octets, self.now_ns()):
                    waiting += self.put(Kind.OCTETS, "lte", piece)

    def now_ns(self) -> int:
        return self.engine.tables.at_ns

    def live(self, seconds: int) -> None:
        for _ in range(seconds):
            self._answer(self.wait(1))
            for piece in self.modem.tick(self.now_ns()):
                self._answer(self.put(Kind.OCTETS, "lte", piece))

    def compose(self, message_id: str, text: str = "请求增援") -> None:
        self._answer(self.order(ComposeMessage(message_id=message_id, device_id="lte", recipient=NUMBER, text=text)))

    def state(self, message_id: str) -> str:
        return self.message(message_id).state


def test_a_text_goes_from_queued_to_confirmed() -> None:
    phone = Phone()
    phone.compose("m1")
    assert phone.state("m1") == "queued", "the modem is not ready yet"
    phone.live(4)
    assert phone.state("m1") in {"submitted", "sent"}
    phone.live(3)
    assert phone.state("m1") == "sent"
    phone.live(5)
    assert phone.state("m1") == "confirmed"


def test_two_texts_to_one_number_are_told_apart_by_their_receipts() -> None:
    phone = Phone()
    phone.live(5)
    phone.compose("m1", "第一条")
    phone.compose("m2", "第二条")
    phone.live(25)
    assert [phone.state(one) for one in ("m1", "m2")] == ["confirmed", "confirmed"]


def test_a_text_waits_for_the_network_and_goes_when_it_is_back() -> None:
    phone = Phone(faults=[{"kind": "no-network", "from_s": 0.0, "for_s": 60.0}])
    phone.compose("m1")
    phone.live(50)
    message = phone.message("m1")
    assert message.state == "queued"
    assert message.reason is not None
    assert message.reason.id == "refusal.not-registered"
    phone.live(60)
    assert phone.state("m1") == "confirmed"


def test_a_text_that_the_network_gives_up_later_is_failed_and_says_why() -> None:
    phone = Phone(faults=["undelivered"])
    phone.compose("m1")
    phone.live(20)
    message = phone.message("m1")
    assert message.state == "failed"
    assert message.reason is not None
    assert message.reason.id == "delivery.reason.not-delivered"


@pytest.mark.parametrize(("seconds", "state"), [(100, "submitted"), (200, "unknown")])
def test_a_slow_network_has_its_time_and_then_nothing_is_known(seconds: int, state: str) -> None:
    phone = Phone(send_s=1000)
    phone.compose("m1")
    phone.live(seconds)
    assert phone.state("m1") == state


def test_replay_comes_to_the_same_picture() -> None:
    phone = Phone(text_every_s=20)
    phone.compose("m1", "请求增援" * 30)
    phone.live(60)
    other = new_engine()
    for record in phone.records:
        other.step(record)
    assert digest_of(other.picture()) == digest_of(phone.picture())
