"""A commander's and a subordinate's terminal, each on a pty with a driver of its own, joined by one air."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from typing import Any

import pytest

from console.configuration.model import ContactConfiguration, TeamConfiguration
from console.effects import Send
from console.orders import ComposeMessage
from console.records import Kind
from devices.commands import AskPosition, AskReceipt, DeviceCommand, SendText
from devices.driver import NS_PER_S, Outgoing, Refused
from devices.drivers.beidou_rdss import BeidouRdss
from devices.observations import DeliveryReport, Malformed, Observation, Position, Subordinates, TextMessage
from devices.simulators.beidou_rdss import Air, BeidouRdssSimulator
from tests.console.door import VEHICLE, Door
from tests.devices.beidou.conversation import START_NS, STEP_NS
from tests.devices.beidou.test_pty import Wire

COMMANDER, SQUAD, OTHER, GROUP, ALL = "166166", "242407", "242286", "700001", "11"
SUBORDINATES = [{"card": SQUAD, "lat_deg": 34.4, "lon_deg": 113.7}, {"card": OTHER, "lat_deg": 34.4, "lon_deg": 113.8}]
DIALECTS = ("bd-ascii21", "bd-ascii3", "bd-bin40")
every_dialect = pytest.mark.parametrize("dialect", DIALECTS)


class Post:
    """One terminal on its pty and the driver at the other end."""

    def __init__(self, wire: Wire, air: Air, seed: int, **settings: Any) -> None:
        self.wire = wire
        self.simulator = BeidouRdssSimulator({"gnss_every_s": 0, **settings}, random.Random(seed).random, air)
        self.driver = BeidouRdss({})
        self.seen: list[Observation] = []

    def step(self, at_ns: int) -> None:
        self.hear(self.simulator.tick(at_ns), at_ns)
        for octets in self.driver.poll(at_ns):
            self.hear(self.simulator.receive(self.wire.to_device(octets), at_ns), at_ns)

    def hear(self, said: Any, at_ns: int) -> None:
        for octets in said:
            self.seen += self.driver.receive(self.wire.to_console(octets), at_ns)

    def give(self, command: DeviceCommand, at_ns: int) -> Outgoing | Refused:
        answer = self.driver.encode(command, at_ns)
        if isinstance(answer, Outgoing):
            self.hear(self.simulator.receive(self.wire.to_device(answer.octets), at_ns), at_ns)
        return answer

    def of(self, kind: type) -> list[Any]:
        return [one for one in self.seen if isinstance(one, kind)]


class Net:
    """Both posts and their clock."""

    def __init__(self, stack: ExitStack, dialect: str, **air: Any) -> None:
        self.air = Air(random.Random(3).random, groups={GROUP: (SQUAD, OTHER)}, **air)
        self.at_ns = START_NS
        wires = [stack.enter_context(closing(Wire())) for _ in range(2)]
        common = {"dialect": dialect, "broadcast": ALL}
        self.commander = Post(wires[0], self.air, 1, card=COMMANDER, subordinates=SUBORDINATES, **common)
        report = {"report_to": COMMANDER, "report_every_s": 300, "lat_deg": 34.41, "lon_deg": 113.71}
        self.squad = Post(wires[1], self.air, 2, card=SQUAD, subordinates=[], **common, **report)

    def run(self, for_s: float) -> None:
        for _ in range(round(for_s * NS_PER_S / STEP_NS)):
            self.at_ns += STEP_NS
            self.commander.step(self.at_ns)
            self.squad.step(self.at_ns)

    def text(self, post: Post, recipient: str, text: str) -> Outgoing | Refused:
        return post.give(SendText(reference="m", recipient=recipient, text=text), self.at_ns)


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as opened:
        yield opened


@every_dialect
def test_texts_go_both_ways_and_positions_reach_the_commander(stack: ExitStack, dialect: str) -> None:
    net = Net(stack, dialect)
    net.run(70)  # the first report has used the squad's slot
    assert isinstance(net.text(net.commander, SQUAD, "桥断缺舟两艘"), Outgoing)
    assert isinstance(net.text(net.squad, COMMANDER, "收到 2.4米"), Outgoing)
    net.run(6)
    assert [(one.sender, one.text) for one in net.squad.of(TextMessage)] == [(COMMANDER, "桥断缺舟两艘")]
    assert [(one.sender, one.text, one.is_stored) for one in net.commander.of(TextMessage)] == [
        (SQUAD, "收到 2.4米", False)
    ]
    assert [one.state for one in net.commander.of(DeliveryReport)] == ["sent"]
    (place,) = net.commander.of(Position)
    assert (place.subject, place.is_stored) == (SQUAD, False)
    assert place.lat_deg == pytest.approx(34.41, abs=1e-4)
    assert net.commander.of(Subordinates)[0].cards == (SQUAD, OTHER)
    assert not net.commander.of(Malformed) + net.squad.of(Malformed)


@every_dialect
def test_a_commander_overhears_what_its_subordinates_are_sent(stack: ExitStack, dialect: str) -> None:
    net = Net(stack, dialect)
    net.run(70)
    net.text(net.squad, OTHER, "向东搜索")
    net.run(5)
    (text,) = net.commander.of(TextMessage)
    assert (text.sender, text.text) == (SQUAD, "向东搜索")
    assert text.recipient == {"bd-ascii21": None, "bd-ascii3": OTHER, "bd-bin40": COMMANDER}[dialect]


@every_dialect
def test_a_text_to_all_reaches_all(stack: ExitStack, dialect: str) -> None:
    net = Net(stack, dialect)
    net.run(3)
    assert isinstance(net.text(net.commander, "broadcast", "全体后撤"), Outgoing)
    net.run(5)
    (text,) = net.squad.of(TextMessage)
    assert (text.sender, text.text) == (COMMANDER, "全体后撤")
    assert text.recipient == (ALL if dialect != "bd-bin40" else SQUAD)


def test_a_text_to_a_group_reaches_its_members_and_says_so(stack: ExitStack) -> None:
    net = Net(stack, "bd-ascii3")
    net.run(3)
    net.text(net.commander, GROUP, "集合")
    net.run(5)
    assert [(one.sender, one.recipient, one.text) for one in net.squad.of(TextMessage)] == [(COMMANDER, GROUP, "集合")]


def test_receipts_tell_what_arrived_and_what_was_lost(stack: ExitStack) -> None:
    net = Net(stack, "bd-ascii21", lost={2})  # 1 is the squad's report of its place
    net.run(3)
    for text, expected in (("第一报", [("unlisted", "none")]), ("第二报", [("confirmed", None), ("unlisted", None)])):
        net.text(net.commander, SQUAD, text)
        net.run(63)
        net.commander.give(AskReceipt(recipient=SQUAD), net.at_ns)
        net.run(63)
        said = [one for one in net.commander.of(DeliveryReport) if one.reference == SQUAD]
        assert [(one.state, one.reason) for one in said][-len(expected) :] == expected
    assert [one.text for one in net.squad.of(TextMessage)] == ["第二报"]


def test_a_place_asked_of_the_system_is_as_old_as_its_report_and_no_sign_of_life(stack: ExitStack) -> None:
    net = Net(stack, "bd-ascii21")
    net.run(200)
    net.commander.give(AskPosition(subject=SQUAD), net.at_ns)
    net.run(5)
    reported, asked = net.commander.of(Position)
    assert (reported.is_stored, asked.is_stored) == (False, True)
    assert asked.source_time_ns == reported.source_time_ns
    assert net.at_ns - asked.source_time_ns > 190 * NS_PER_S


# ---- the whole console at the commander's end


class Console(Door):
    """The engine of the command post at the commander's end of the wire."""

    def __init__(self, net: Net, **settings: Any) -> None:
        asked = {"ask_receipts": True, **settings}
        devices = tuple(replace(one, settings=asked) if one.id == "bd" else one for one in VEHICLE.devices)
        contact = ContactConfiguration(name="一中队", device_id="bd", recipient=SQUAD)
        teams = (
            TeamConfiguration(id="squad", name="一中队", symbol="消", people=8, expected_s=900, means=(f"bd/{SQUAD}",)),
        )
        super().__init__(replace(VEHICLE, devices=devices, contacts=(contact,), teams=teams))
        self.net = net
        self.at_ns = net.at_ns
        self.act(self.up("bd"))

    def act(self, effects: Any) -> None:
        """What the engine wants written goes through the kernel to the terminal, and back comes what it says."""
        post = self.net.commander
        for effect in effects:
            if isinstance(effect, Send) and effect.device_id == "bd":
                self.take(post.simulator.receive(post.wire.to_device(effect.octets), self.at_ns))

    def take(self, said: Any) -> None:
        for octets in said:
            self.act(self.say("bd", self.net.commander.wire.to_console(octets)))

    def go(self, seconds: int) -> None:
        for _ in range(seconds * 10):
            self.at_ns += STEP_NS
            self.take(self.net.commander.simulator.tick(self.at_ns))
            self.net.squad.step(self.at_ns)
            if (self.at_ns - START_NS) % NS_PER_S == 0:
                self.act(self.put(Kind.TICK, "console"))

    def write(self, text: str = "桥断缺舟两艘") -> None:
        self.go(3)
        self.act(self.order(ComposeMessage(message_id="m1", device_id="bd", recipient=SQUAD, text=text)))


@pytest.mark.parametrize(("lost", "radiated"), [((), 1), ((2,), 2), ((2, 3), 3)])
def test_a_text_gets_through_lost_slots_and_is_confirmed(
    stack: ExitStack, lost: tuple[int, ...], radiated: int
) -> None:
    net = Net(stack, "bd-ascii21", lost=lost)
    console = Console(net)
    console.write()
    console.go(600)
    assert len(net.air.radiated) == radiated
    assert [one.text for one in net.squad.of(TextMessage)] == ["桥断缺舟两艘"]
    assert console.message("m1").state == "confirmed"
    (team,) = console.picture().teams
    assert team.place is not None


def test_a_text_that_no_slot_carries_is_never_called_received(stack: ExitStack) -> None:
    net = Net(stack, "bd-ascii21", lost=set(range(2, 40)))
    console = Console(net)
    console.write()
    console.go(900)
    message = console.message("m1")
    assert (message.state, message.reason and message.reason.id) == ("unknown", "message.reason.no_receipt")
    assert len(net.air.radiated) == 3
    assert not [one for one in console.picture().notices if one.text.id == "message.confirmed"]


def test_a_text_whose_feedback_was_lost_is_asked_about_and_not_doubled(stack: ExitStack) -> None:
    net = Net(stack, "bd-ascii21")
    lost = {"kind": "feedback-lost", "from_s": 0, "for_s": 20}
    net.commander = Post(
        net.commander.wire, net.air, 1, card=COMMANDER, broadcast=ALL, subordinates=SUBORDINATES, faults=[lost]
    )
    console = Console(net)
    console.write()
    console.go(35)
    assert console.message("m1").state == "unknown"
    console.go(120)
    assert console.message("m1").state == "confirmed"
    assert len(net.air.radiated) == 1
