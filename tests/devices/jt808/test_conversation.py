"""The driver and simulated terminals talk to each other: letting in, reports, calls for help, gaps, texts."""

from __future__ import annotations

import json
import random

import pytest

from devices.commands import AskPosition, SendText
from devices.driver import NS_PER_S, Outgoing
from devices.drivers.jt808.terminal import PAUSE_S
from devices.observations import (
    Condition,
    DeliveryReport,
    Emergency,
    Malformed,
    Position,
    Presence,
    Signal,
)
from devices.simulators.jt808_wire import frames
from tests.devices.jt808.conversation import FIRST, REPORT, START_NS, Conversation, driver


@pytest.mark.parametrize("edition", ["2011", "2013", "2019"])
def test_a_terminal_registers_authenticates_and_reports_in_every_edition(edition: str) -> None:
    talk = Conversation(count=1, edition=edition)
    talk.run(12)
    assert not talk.of(Malformed)
    named = [one.value for one in talk.of(Condition) if one.part == "terminal"]
    assert named == [f"{edition} SIM08 TRAINER T000000 豫A10000"]
    places = talk.of(Position)
    assert {(one.subject, one.callsign) for one in places} == {(FIRST, "豫A10000")}
    assert len(places) >= 2
    for one in places:
        assert one.lat_deg == pytest.approx(34.396, abs=0.02)
        assert one.lon_deg == pytest.approx(113.741, abs=0.02)
        assert one.speed_mps == pytest.approx(8.0)
        assert one.source_time_ns is not None
        assert 0 <= talk.at_ns - one.source_time_ns <= 12 * NS_PER_S
    assert {one.quantity for one in talk.of(Signal)} == {"mileage", "network"}


def test_the_time_of_a_report_is_beijing_time() -> None:
    talk = Conversation(count=1)
    seen = talk.run(6)
    fresh = talk.of(Position, seen)[-1]
    assert fresh.source_time_ns is not None
    assert abs(talk.at_ns - fresh.source_time_ns) < 6 * NS_PER_S


def test_five_hundred_terminals_report_once_a_second() -> None:
    talk = Conversation(count=500, every_s=1.0)
    talk.run(8)
    seen = talk.run(3)
    places = talk.of(Position, seen)
    assert not talk.of(Malformed)
    assert len({one.subject for one in places}) == 500
    assert 1400 <= len(places) <= 1600


def test_only_listed_terminals_are_let_in_once_there_is_a_list() -> None:
    talk = Conversation({"allowed": f"0{FIRST}, 13803710003"}, count=3)
    seen = talk.run(20)
    assert {one.subject for one in talk.of(Position, seen)} == {FIRST, "13803710003"}
    refused = [one for one in talk.of(Condition, seen) if one.part == "refused-terminal"]
    assert {(one.subject, one.value) for one in refused} == {(None, "13803710002")}
    assert "13803710002" not in {one.subject for one in talk.of(Presence, seen)}


def test_a_stranger_who_reports_without_asking_is_refused_and_not_believed() -> None:
    open_door, closed = driver(), driver(allowed="13900000000")
    (report,) = frames("2013", FIRST, 0x0200, 7, REPORT)
    assert [one for one in open_door.receive(report, START_NS) if isinstance(one, Position)]
    told = closed.receive(report, START_NS)
    assert [type(one) for one in told] == [Condition]
    answer = closed.poll(START_NS)[0]
    assert answer[-3] == 1  # result: failed


@pytest.mark.parametrize("allowed", ["13800000000;13803710001", "13800000000、 013803710001", "00000000013803710001"])
def test_the_list_may_be_written_in_several_ways(allowed: str) -> None:
    assert {type(one) for one in driver(allowed=allowed).receive(frames("2013", FIRST, 2, 1, b"")[0], -1)} == {Presence}


@pytest.mark.parametrize("allowed", ["1380371000l", "+8613803710001", "豫A12345", ",", "138-0371-0001"])
def test_a_list_with_a_slip_opens_no_door(allowed: str) -> None:
    told = driver(allowed=allowed).receive(frames("2013", FIRST, 2, 1, b"")[0], -1)
    assert [type(one) for one in told] == ([Presence] if allowed == "," else [Condition])


def test_others_are_let_in_beside_the_list_when_told_so() -> None:
    talk = Conversation({"allowed": FIRST, "accept_unknown": True}, count=3)
    assert len({one.subject for one in talk.of(Position, talk.run(20))}) == 3


def test_a_terminal_that_is_known_goes_on_after_a_restart_without_registering_anew() -> None:
    talk = Conversation(count=1)
    talk.run(10)
    talk.driver = driver()  # as after a restart without a snapshot
    assert talk.of(Position, talk.run(10))


def test_a_pressed_button_is_told_until_it_is_answered_and_never_again() -> None:
    talk = Conversation(count=2, sos=[{"terminal": 1, "from_s": 12}])
    assert not talk.of(Emergency, talk.run(11.5))
    calls = talk.of(Emergency, talk.run(20))
    assert [(one.subject, one.kind, one.is_stored) for one in calls] == [
        ("13803710002", "@jt808.emergency.button", False)
    ]


def test_what_was_measured_out_of_coverage_comes_later_as_stored_in_several_packets() -> None:
    talk = Conversation(count=1, every_s=1.0, blind=[{"terminal": 0, "from_s": 10, "for_s": 45}])
    talk.run(11)
    blind = talk.run(43)
    assert not talk.of(Position, blind)
    seen = talk.of(Position, talk.run(4))
    stored = [one for one in seen if one.is_stored]
    assert len(stored) > 40
    times = [one.source_time_ns or 0 for one in stored]
    assert times == sorted(times)
    assert talk.at_ns - times[0] > 40 * NS_PER_S
    assert any(not one.is_stored for one in seen)
    assert not talk.of(Malformed)


def test_a_text_is_confirmed_by_the_terminal_it_was_for() -> None:
    talk = Conversation(count=3)
    talk.run(8)
    sent = talk.text("请速回指挥部", f"0{FIRST}")
    assert isinstance(sent, Outgoing)
    assert [(one.reference, one.state, one.message_id) for one in talk.of(DeliveryReport)] == [
        (sent.reference, "sent", "m"),
        (f"0{FIRST}", "confirmed", "m"),
    ]


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        (1, "terminal-failed"),
        (2, "terminal-malformed"),
        (3, "terminal-unsupported"),
        (9, "terminal-unclear"),
    ],
)
def test_a_text_that_the_terminal_does_not_take_has_failed(result: int, reason: str) -> None:
    talk = Conversation(count=1, text_result=result)
    talk.run(8)
    sent = talk.text("到")
    assert isinstance(sent, Outgoing)
    assert talk.of(DeliveryReport) == [
        DeliveryReport(reference=sent.reference, state="failed", reason=reason, wait_s=PAUSE_S, message_id="m")
    ]


def test_another_terminal_cannot_confirm_a_text() -> None:
    talk = Conversation(count=2, edition="2013")
    talk.run(8)
    sent = talk.driver.encode(SendText(reference="m", recipient=FIRST, text="到"), talk.at_ns)
    assert isinstance(sent, Outgoing)
    serial = sent.octets[11:13]
    told = talk.driver.receive(frames("2013", "13803710002", 0x0001, 9, serial + b"\x83\x00\x00")[0], talk.at_ns)
    assert told == [Presence(subject="13803710002", state="online")]
    told = talk.driver.receive(frames("2013", FIRST, 0x0001, 9, serial + b"\x83\x00\x00")[0], talk.at_ns)
    assert [one.state for one in told if isinstance(one, DeliveryReport)] == ["sent", "confirmed"]
    told = talk.driver.receive(frames("2013", FIRST, 0x0001, 10, serial + b"\x83\x00\x00")[0], talk.at_ns)
    assert told == [Presence(subject=FIRST, state="online")]


def test_a_terminal_that_is_asked_says_where_it_is() -> None:
    talk = Conversation(count=3, every_s=600.0)
    talk.run(8)
    before = len(talk.seen)
    assert isinstance(talk.send(AskPosition(subject="13803710002")), Outgoing)
    assert {one.subject for one in talk.of(Position, talk.seen[before:])} == {"13803710002"}


@pytest.mark.parametrize("fault", ["split", "wrong-checksum", "no-fix", "no-answers"])
def test_troubles_of_the_scene_are_told_as_what_they_are(fault: str) -> None:
    talk = Conversation(count=2, faults=[fault])
    talk.run(20)
    places = talk.of(Position)
    match fault:
        case "split":
            assert places
            assert not talk.of(Malformed)
        case "wrong-checksum":
            assert {one.reason for one in talk.of(Malformed)} == {"checksum"}
            assert not places
        case "no-fix":
            assert {(one.lat_deg, one.fix) for one in places} == {(None, "none")}
        case _:
            assert not places


def test_a_damaged_wire_loses_reports_and_tells_nothing_false() -> None:
    chance = random.Random(3)

    def damage(octets: bytes) -> bytes:
        if chance.random() < 0.7:
            return octets
        at = chance.randrange(len(octets))
        return octets[:at] + bytes([chance.randrange(256)]) * chance.randrange(3) + octets[at + 1 :]

    talk = Conversation(count=20, every_s=1.0, damage=damage)
    talk.run(60)
    places = talk.of(Position)
    assert len(places) > 400
    assert talk.of(Malformed)
    phones = {str(int(FIRST) + index) for index in range(20)}
    wrong = [one for one in places if one.subject not in phones or abs((one.lat_deg or 34.396) - 34.396) > 0.1]
    assert len(wrong) <= len(places) // 200  # XOR is eight bits: one damaged frame in 256 passes


def test_a_driver_restored_in_the_middle_still_knows_its_terminals_and_what_it_sent() -> None:
    talk = Conversation(count=3)
    talk.run(8)
    sent = talk.driver.encode(AskPosition(subject=FIRST), talk.at_ns)
    assert isinstance(sent, Outgoing)
    state = json.loads(json.dumps(talk.driver.save(), allow_nan=False))
    talk.driver = driver()
    talk.driver.restore(state)
    answer = talk.text("到")
    assert isinstance(answer, Outgoing)
    assert [one.state for one in talk.of(DeliveryReport)] == ["sent", "confirmed"]
    assert {one.callsign for one in talk.of(Position, talk.run(6)) if one.subject == FIRST} == {"豫A10000"}
