"""Radios and console together: who is there, where, and what was said."""

from __future__ import annotations

import json
import random
from collections import deque
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.commands import AskPosition, DeviceCommand, SendText
from devices.driver import NS_PER_S, Addressed, Outgoing, Refused
from devices.drivers.motorola import Motorola, ars, lrrp, tms
from devices.drivers.motorola.roster import RADIOS
from devices.observations import DeliveryReport, Malformed, Observation, Position, Presence, TextMessage
from devices.simulators.motorola import MotorolaSimulator

START_NS = 1_784_529_000 * NS_PER_S
STEP_NS = NS_PER_S // 10
REGISTER = bytes.fromhex("0007F0200231310000")


class Conversation:
    """One simulated radio for each address; steps all ends ten times a second."""

    def __init__(self, settings: dict[str, Any] | None = None, **simulated: Any) -> None:
        self.driver = Motorola(settings or {})
        self.radios = {
            f"12.0.0.{number}": MotorolaSimulator({**simulated, "id": number}, random.Random(number).random)
            for number in (11, 12, 13)
        }
        self.at_ns = START_NS
        self.seen: list[Observation] = []
        self.sent: list[tuple[int, str, bytes]] = []
        self._wire: deque[tuple[str, bytes]] = deque()

    def send(self, command: DeviceCommand) -> Outgoing | Refused:
        answer = self.driver.encode(command, self.at_ns)
        if isinstance(answer, Outgoing):
            self._out(answer.octets, answer.peer or "")
        return answer

    def run(self, for_s: float) -> list[Observation]:
        before = len(self.seen)
        for _ in range(round(for_s * 10)):
            self.at_ns += STEP_NS
            for host, radio in self.radios.items():
                self._wire.extend((host, octets) for octets in radio.tick(self.at_ns))
            self._poll()
            while self._wire:
                host, octets = self._wire.popleft()
                port = 4001 if lrrp.is_lrrp(octets) else 4005 if ars.is_ars(octets) else 4007
                self.seen.extend(self.driver.receive_from(octets, f"{host}:{port}", self.at_ns))
                self._poll()
        return self.seen[before:]

    def _poll(self) -> None:
        for octets in self.driver.poll(self.at_ns):
            assert isinstance(octets, Addressed)
            self._out(octets, octets.peer)

    def _out(self, octets: bytes, peer: str) -> None:
        self.sent.append((self.at_ns, peer, bytes(octets)))
        host = peer.rpartition(":")[0]
        if host in self.radios:
            self._wire.extend((host, one) for one in self.radios[host].receive(octets, self.at_ns))


def test_every_radio_registers_is_asked_once_and_then_reports_by_itself() -> None:
    talk = Conversation({"position_every_s": 10}, text_every_s=0)
    talk.run(120)
    assert not [one for one in talk.seen if isinstance(one, Malformed)]
    assert {one.subject for one in talk.seen if isinstance(one, Presence)} == {"11", "12", "13"}
    places = [one for one in talk.seen if isinstance(one, Position) and one.subject == "12"]
    assert len(places) >= 10
    assert places[0].lat_deg == pytest.approx(34.3933, abs=0.001)
    assert places[0].course_deg == pytest.approx(46.0, abs=2.1)
    assert places[-1].source_time_ns is not None
    assert 0 <= talk.at_ns - places[-1].source_time_ns <= 11 * NS_PER_S
    requests = [(peer, octets) for _, peer, octets in talk.sent if octets[0] == lrrp.TRIGGERED]
    assert sorted(peer for peer, _ in requests) == ["12.0.0.11:4001", "12.0.0.12:4001", "12.0.0.13:4001"]


def test_the_channel_is_never_asked_faster_than_it_allows() -> None:
    talk = Conversation({"request_gap_s": 4.0, "position_every_s": 10}, is_deaf=True)
    talk.run(200)
    times = [at_ns for at_ns, _, octets in talk.sent if octets[0] == lrrp.TRIGGERED]
    assert len(times) > 5
    assert min(after - before for before, after in pairwise(times)) >= 4 * NS_PER_S


def test_a_radio_that_came_back_is_asked_again() -> None:
    talk = Conversation({"position_every_s": 10}, text_every_s=0)
    talk.run(30)
    before = len([1 for _, _, octets in talk.sent if octets[0] == lrrp.TRIGGERED])
    talk.driver.receive_from(bytes.fromhex("000131"), "12.0.0.11:4005", talk.at_ns)
    talk.driver.receive_from(REGISTER, "12.0.0.11:4005", talk.at_ns)
    talk.run(10)
    assert len([1 for _, _, octets in talk.sent if octets[0] == lrrp.TRIGGERED]) == before + 1


def test_a_registration_is_answered_to_the_one_who_asked() -> None:
    driver = Motorola({"position_every_s": 0})
    driver.receive_from(REGISTER, "12.0.0.11:4005", START_NS)
    answers = driver.poll(START_NS)
    assert answers == [bytes.fromhex("0002BF01")]
    assert isinstance(answers[0], Addressed)
    assert answers[0].peer == "12.0.0.11:4005"


def test_a_registration_that_ran_out_is_checked_three_times() -> None:
    driver = Motorola({"position_every_s": 0})
    driver.receive_from(REGISTER, "12.0.0.11:4005", START_NS)
    checks = [
        second
        for second in range(3000)
        for octets in driver.poll(START_NS + second * NS_PER_S)
        if octets == ars.ARE_YOU_THERE
    ]
    assert checks == [2700, 2710, 2720]


def test_a_text_is_sent_and_confirmed_by_the_radio_that_has_it() -> None:
    talk = Conversation(text_every_s=0)
    talk.run(5)
    sent = talk.send(SendText(reference="m-7", recipient="012", text="速到新村桥"))
    assert isinstance(sent, Outgoing)
    assert sent.peer == "12.0.0.12:4007"
    reports = [one for one in talk.run(5) if isinstance(one, DeliveryReport)]
    assert sent.reference == "m-7"
    assert [(one.reference, one.state) for one in reports] == [("m-7", "sent"), ("m-7", "confirmed")]


def test_an_acknowledgement_of_another_radio_confirms_nothing() -> None:
    driver = Motorola({})
    driver.encode(SendText(reference="m", recipient="12", text="甲"), START_NS)
    said = driver.receive_from(tms.acknowledge(1), "12.0.0.13:4007", START_NS)
    assert [one.state for one in said if isinstance(one, DeliveryReport)] == ["sent"]
    said = driver.receive_from(tms.acknowledge(1), "12.0.0.12:4007", START_NS)
    assert [one.state for one in said if isinstance(one, DeliveryReport)] == ["sent", "confirmed"]
    said = driver.receive_from(tms.acknowledge(1), "12.0.0.12:4007", START_NS)
    assert [one.state for one in said if isinstance(one, DeliveryReport)] == ["sent"]


@pytest.mark.parametrize("number", [0, 1, 31, 32, 53, 127])
def test_numbers_of_texts_survive_both_ways(number: int) -> None:
    opened = tms.open_tms(tms.acknowledge(number))
    assert opened is not None
    assert opened.is_ack
    assert opened.number == number
    octets = tms.encoded("甲")
    assert octets is not None
    sent = tms.open_tms(tms.send(number, octets))
    assert sent is not None
    assert (sent.number, sent.text, sent.wants_ack) == (number, "甲", True)


def test_a_text_that_the_radio_repeats_is_acknowledged_again_and_told_once() -> None:
    driver = Motorola({"position_every_s": 0})
    text = tms.send(5, tms.encoded("水位") or b"")
    told = [driver.receive_from(text, "12.0.0.11:4007", START_NS + second * NS_PER_S) for second in (0, 10, 20)]
    assert [type(one).__name__ for said in told for one in said] == ["TextMessage", "Unrecognised", "Unrecognised"]
    assert [one.sender for one in told[0] if isinstance(one, TextMessage)] == ["11"]
    assert driver.poll(START_NS + 20 * NS_PER_S) == [tms.acknowledge(5)] * 3


def test_a_host_outside_the_network_is_the_radio_that_registered_from_it() -> None:
    driver = Motorola({"position_every_s": 60})
    driver.receive_from(REGISTER, "192.0.2.9:50000", START_NS)
    said = driver.receive_from(tms.send(5, tms.encoded("水位") or b""), "192.0.2.9:50001", START_NS)
    assert [one.sender for one in said if isinstance(one, TextMessage)] == ["11"]
    question = driver.poll(START_NS)[-1]
    assert isinstance(question, Addressed)
    assert question.peer == "192.0.2.9:50001"


def test_a_position_never_belongs_to_nobody() -> None:
    report = bytes.fromhex("0D0F22042468ACE066118ECD8D118AD47B")
    for peer in ("", "192.0.2.9:4001", "12.0.0.11:4001"):
        said = Motorola({}).receive_from(report, peer, START_NS)
        assert [one.subject is not None for one in said if isinstance(one, Position)] == [True]


def test_a_name_that_registers_on_a_wire_with_one_end_breaks_nothing() -> None:
    driver = Motorola({})
    driver.receive(bytes.fromhex("0009F020044142434400") + b"\0", START_NS)
    for second in range(0, 6000, 10):
        driver.poll(START_NS + second * NS_PER_S)
    assert "ABCD" in driver.save()["radios"]


def test_ask_position_asks_now() -> None:
    talk = Conversation({"position_every_s": 0}, text_every_s=0)
    talk.run(2)
    talk.send(AskPosition(subject="13"))
    assert [one.subject for one in talk.run(3) if isinstance(one, Position)] == ["13"]


def test_a_flood_is_answered_slowly_and_remembered_in_bounds() -> None:
    driver = Motorola({})
    for number in range(3000):
        driver.receive_from(REGISTER, f"12.0.{number >> 8}.{number & 255}:4005", START_NS)
    assert len(driver.poll(START_NS)) <= 65
    for _ in range(100):
        driver.receive_from(REGISTER, "12.0.0.1:4005", START_NS + NS_PER_S)
    assert len(driver.poll(START_NS + NS_PER_S)) <= 21
    assert len(driver.save()["radios"]) <= RADIOS


@settings(max_examples=200, deadline=None)
@given(text=st.text(min_size=1, max_size=60), recipient=st.text(max_size=10) | st.just("12"))
def test_any_text_is_one_sound_message_that_says_this_text(text: str, recipient: str) -> None:
    answer = Motorola({}).encode(SendText(reference="m", recipient=recipient, text=text), START_NS)
    if isinstance(answer, Outgoing):
        told = tms.open_tms(answer.octets)
        assert told is not None
        assert told.text == text.rstrip("\0")
        assert (told.is_control, told.is_ack, told.wants_ack) == (False, False, True)


def test_a_conversation_goes_on_where_a_snapshot_left_it() -> None:
    talk = Conversation({"position_every_s": 10})
    talk.run(20)
    other = Motorola({"position_every_s": 10})
    other.restore(json.loads(json.dumps(talk.driver.save())))
    at_ns = talk.at_ns + 40 * NS_PER_S
    assert list(other.poll(at_ns)) == list(talk.driver.poll(at_ns))
    assert other.save() == talk.driver.save()
