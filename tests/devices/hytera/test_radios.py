"""Radios, repeater and console together: who is there, where, and what was said."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.commands import AskPosition, SendText
from devices.driver import NS_PER_S, Addressed, Outgoing
from devices.drivers.hytera import Hytera
from devices.drivers.hytera.framing import LP, RRS, TMP, Hdap, open_hdap, seal_hdap
from devices.drivers.hytera.known import RADIOS
from devices.observations import Call, DeliveryReport, Emergency, Malformed, Position, Presence, Signal, TextMessage
from devices.simulators.hytera import RADIOS as SIMULATED
from tests.devices.hytera.conversation import PEER, START_NS, Conversation

ADDRESS = bytes([10, 0, 4, 210])
REGISTER = seal_hdap(Hdap(service=RRS, opcode=0x0003, payload=ADDRESS))


def asked(talk: Conversation) -> list[tuple[int, bytes]]:
    """When positions were asked for, and of whom."""
    found = []
    for at_ns, _, octets in talk.sent:
        at = octets.find(b"\x08\xa0\x01")
        if at >= 0:
            frame, _ = open_hdap(octets[at:])
            assert isinstance(frame, Hdap)
            found.append((at_ns, frame.payload[4:8]))
    return found


@pytest.mark.parametrize("envelope", ["hstrp", "hrnp", "bare"])
def test_every_radio_registers_is_asked_and_found(envelope: str) -> None:
    talk = Conversation({"session": envelope}, envelope=envelope, call_every_s=0, text_every_s=0)
    talk.run(30)
    assert not [one for one in talk.seen if isinstance(one, Malformed)]
    numbers = {str(radio["id"]) for radio in SIMULATED}
    assert {one.subject for one in talk.seen if isinstance(one, Presence) and one.state == "online"} == numbers
    places = {one.subject: one for one in talk.seen if isinstance(one, Position)}
    assert set(places) == numbers
    first = places["3700101"]
    assert first.lat_deg == pytest.approx(34.4012, abs=0.001)
    assert first.lon_deg == pytest.approx(113.7311, abs=0.001)
    assert first.source_time_ns is not None
    assert 0 <= talk.at_ns - first.source_time_ns < 31 * NS_PER_S
    assert {one.value for one in talk.seen if isinstance(one, Signal)} >= {-71.0, -88.0}


def test_the_channel_is_never_asked_faster_than_it_allows() -> None:
    talk = Conversation({"session": "hstrp", "request_gap_s": 3.0, "position_every_s": 5})
    talk.run(120)
    times = [at_ns for at_ns, _ in asked(talk)]
    assert len(times) > 20
    assert min(after - before for before, after in pairwise(times)) >= 3 * NS_PER_S


def test_one_channel_has_one_rate_however_many_peers_speak() -> None:
    driver = Hytera({"request_gap_s": 2.0})
    questions = []
    for tick in range(100):
        at_ns = START_NS + tick * NS_PER_S // 10
        address = bytes([10, 0, 1, tick])
        register = seal_hdap(Hdap(service=RRS, opcode=0x0003, payload=address))
        driver.receive_from(register, f"10.0.1.{tick}:3002", at_ns)
        questions += [octets for octets in driver.poll(at_ns) if octets[:3] == b"\x08\xa0\x01"]
    assert len(questions) == 5


def test_a_radio_that_does_not_answer_is_asked_ever_more_rarely() -> None:
    talk = Conversation({"radios": "77", "position_every_s": 10}, silent=[radio["id"] for radio in SIMULATED])
    talk.run(600)
    times = [at_ns for at_ns, address in asked(talk) if address[1:] == b"\0\0\x4d"]
    gaps_s = [(after - before) / NS_PER_S for before, after in pairwise(times)]
    assert gaps_s[0] == pytest.approx(10, abs=1)
    assert gaps_s[-1] >= 80


def test_zero_asks_for_no_position_at_all() -> None:
    talk = Conversation({"session": "hstrp", "position_every_s": 0})
    talk.run(30)
    assert not asked(talk)


def test_a_registration_is_answered_at_once_and_to_the_one_who_asked() -> None:
    driver = Hytera({"renew_s": 900, "position_every_s": 0})
    driver.receive_from(REGISTER, "10.0.4.210:3002", START_NS)
    driver.receive_from(seal_hdap(Hdap(service=RRS, opcode=3, payload=b"\x0a\0\0\x09")), "10.0.0.9:3002", START_NS)
    answers = driver.poll(START_NS)
    assert [one.peer for one in answers if isinstance(one, Addressed)] == ["10.0.4.210:3002", "10.0.0.9:3002"]
    frame, _ = open_hdap(answers[0])
    assert isinstance(frame, Hdap)
    assert (frame.opcode, frame.payload) == (0x0080, ADDRESS + b"\0" + (900).to_bytes(4, "big"))
    assert not driver.poll(START_NS)


def test_a_registration_that_ran_out_is_checked_three_times_and_no_more() -> None:
    driver = Hytera({"renew_s": 60, "position_every_s": 0})
    driver.receive_from(REGISTER, "10.0.4.210:3002", START_NS)
    checks = []
    for second in range(300):
        for octets in driver.poll(START_NS + second * NS_PER_S):
            if octets[1:3] == b"\0\x02":
                checks.append(second)
                assert isinstance(octets, Addressed)
                assert octets.peer == "10.0.4.210:3002"
    assert checks == [90, 100, 110]


def test_bare_radios_are_asked_on_their_location_port_and_texted_on_their_text_port() -> None:
    driver = Hytera({"lp_port": 4003})
    driver.receive_from(REGISTER, "10.0.4.210:3002", START_NS)
    question = driver.poll(START_NS)[-1]
    assert isinstance(question, Addressed)
    assert question.peer == "10.0.4.210:4003"
    text = driver.encode(SendText(reference="m", recipient="1234", text="返回"), START_NS)
    assert isinstance(text, Outgoing)
    assert text.peer == "10.0.4.210:3004"


def test_a_radio_behind_another_host_is_reached_through_it() -> None:
    driver = Hytera({})
    driver.receive_from(REGISTER, "192.0.2.9:40000", START_NS)
    text = driver.encode(SendText(reference="m", recipient="1234", text="返回"), START_NS)
    assert isinstance(text, Outgoing)
    assert text.peer == "192.0.2.9:40000"


def test_a_text_is_sent_and_confirmed_by_the_radio_that_has_it() -> None:
    talk = Conversation({"session": "hstrp"}, call_every_s=0, text_every_s=0)
    talk.run(5)
    sent = talk.send(SendText(reference="m", recipient="3700102", text="速到新村桥"))
    assert isinstance(sent, Outgoing)
    assert (sent.peer, sent.reference) == (PEER, "m")
    reports = [one for one in talk.run(5) if isinstance(one, DeliveryReport)]
    assert [(one.reference, one.state) for one in reports] == [("m", "sent"), ("m", "confirmed")]


def test_an_answer_that_comes_twice_confirms_once() -> None:
    driver = Hytera({})
    sent = driver.encode(SendText(reference="m", recipient="1234", text="甲"), START_NS)
    assert isinstance(sent, Outgoing)
    frame, _ = open_hdap(sent.octets)
    assert isinstance(frame, Hdap)
    answer = seal_hdap(Hdap(service=TMP, opcode=0x80A2, payload=frame.payload[:12] + b"\0"))
    first, second = driver.receive(answer, START_NS), driver.receive(answer, START_NS)
    states = [[one.state for one in said if isinstance(one, DeliveryReport)] for said in (first, second)]
    assert states == [["sent", "confirmed"], ["sent"]]


def test_a_group_text_is_radiated_and_never_confirmed() -> None:
    talk = Conversation({"session": "hstrp"}, call_every_s=0, text_every_s=0)
    talk.run(5)
    talk.send(SendText(reference="m", recipient="g1", text="全体注意"))
    assert [one.state for one in talk.run(5) if isinstance(one, DeliveryReport)] == ["sent"]


def test_a_text_that_the_radio_repeats_is_answered_again_and_told_once() -> None:
    driver = Hytera({"position_every_s": 0})
    payload = b"\0\0\0\x05" + bytes([10, 0, 0, 1]) + ADDRESS + "水位".encode("utf-16-le")
    text = seal_hdap(Hdap(service=TMP, opcode=0x80A1, payload=payload))
    told = [driver.receive_from(text, "10.0.4.210:3004", START_NS + second * NS_PER_S) for second in (0, 10, 20)]
    assert [type(one).__name__ for said in told for one in said] == ["TextMessage", "Unrecognised", "Unrecognised"]
    assert len(driver.poll(START_NS + 20 * NS_PER_S)) == 3


def test_calls_begin_and_end_once() -> None:
    talk = Conversation({"session": "hstrp"}, text_every_s=0, call_every_s=20)
    calls = [one for one in talk.run(60) if isinstance(one, Call)]
    assert [one.state for one in calls] == ["started", "ended"] * 3
    assert {one.group for one in calls} == {"G1"}


def test_an_emergency_is_told_with_its_place() -> None:
    talk = Conversation({"session": "hstrp"}, emergency_after_s=5.0)
    talk.run(8)
    assert [one.subject for one in talk.seen if isinstance(one, Emergency)] == ["3700101"]


def test_texts_of_radios_arrive() -> None:
    talk = Conversation({"session": "hstrp"}, text_every_s=10)
    texts = [one for one in talk.run(30) if isinstance(one, TextMessage)]
    assert len(texts) == 3
    assert texts[0].sender == "3700102"


def test_ask_position_asks_now() -> None:
    talk = Conversation({"session": "hstrp", "position_every_s": 0}, call_every_s=0, text_every_s=0)
    talk.run(5)
    talk.send(AskPosition(subject="3700104"))
    assert [one.subject for one in talk.run(4) if isinstance(one, Position)] == ["3700104"]


def test_a_session_that_fell_silent_is_called_again() -> None:
    talk = Conversation({"session": "hrnp"}, envelope="hrnp")
    talk.run(10)
    heard_before = len(talk.sent)
    silence_ns = talk.at_ns + 61 * NS_PER_S
    said: list[bytes] = []
    for second in range(70):
        said += talk.driver.poll(silence_ns + second * NS_PER_S)
    connects = [octets for octets in said if octets[:1] == b"\x7e" and octets[3] == 0xFE]
    assert heard_before
    assert len(connects) == 14


def test_a_flood_of_registrations_is_answered_slowly_and_remembered_in_bounds() -> None:
    driver = Hytera({})
    for number in range(2000):
        register = seal_hdap(Hdap(service=RRS, opcode=3, payload=b"\x0a" + number.to_bytes(3, "big")))
        driver.receive_from(register, "10.9.9.9:3002", START_NS)
    assert len(driver.poll(START_NS)) <= 21
    assert len(driver.save()["known"]["radios"]) <= RADIOS


def test_many_peers_cannot_grow_the_state() -> None:
    driver = Hytera({})
    for number in range(3000):
        peer = f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}:3002"
        driver.receive_from(bytes.fromhex("7E04000020100001001B43B502471808000700000000000000C403"), peer, START_NS)
        driver.receive_from(bytes.fromhex("324200040001"), peer, START_NS)
    assert len(json.dumps(driver.save())) < 60_000


def test_a_position_that_is_null_island_is_no_position() -> None:
    block = b"A063000200726N0000.0000E00000.0000000000"
    report = Hdap(service=LP, opcode=0xA002, payload=b"\0\0\0\1" + ADDRESS + b"\0\0" + block)
    said = Hytera({}).receive(seal_hdap(report), START_NS)
    assert [one.fix for one in said if isinstance(one, Position)] == ["none"]


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=60), recipient=st.text(max_size=10) | st.from_regex(r"G?[0-9]{1,8}", fullmatch=True))
def test_any_text_is_one_sound_message_that_says_this_text(text: str, recipient: str) -> None:
    answer = Hytera({}).encode(SendText(reference="m", recipient=recipient, text=text), START_NS)
    if isinstance(answer, Outgoing):
        frame, size = open_hdap(answer.octets)
        assert isinstance(frame, Hdap)
        assert size == len(answer.octets)
        assert frame.opcode in {0x80A1, 0x80B1}
        assert frame.payload[12:].decode("utf-16-le") == text


def test_a_conversation_goes_on_where_a_snapshot_left_it() -> None:
    talk = Conversation({"session": "hstrp"})
    talk.run(20)
    saved = json.loads(json.dumps(talk.driver.save()))
    other = Hytera({"session": "hstrp"})
    other.restore(saved)
    at_ns = talk.at_ns + 3 * NS_PER_S
    assert list(other.poll(at_ns)) == list(talk.driver.poll(at_ns))
    assert other.save() == talk.driver.save()
