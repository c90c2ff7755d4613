"""Frames, packets and peers: what is written is read, nothing is trusted, everything is bounded."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from devices.commands import SendRaw, SendText
from devices.driver import NS_PER_S, Addressed, Outgoing, Refused
from devices.drivers.jt808.channels import MOST as MOST_CHANNELS
from devices.drivers.jt808.framing import FLAG, LONGEST_PIECE, Address, Framer, open_piece, seal
from devices.drivers.jt808.parts import KEPT_NS, MOST_OCTETS, MOST_PACKETS
from devices.drivers.jt808.position import time_ns
from devices.drivers.jt808.terminals import MOST as MOST_TERMINALS
from devices.observations import Malformed, Observation, Position, Presence
from devices.simulators.jt808_wire import Ear, Edition, frames
from tests.devices.jt808.conversation import FIRST, REPORT, START_NS, driver

EDITIONS: tuple[Edition, ...] = ("2011", "2013", "2019")
ADDRESSES = {"2013": Address(None, bytes.fromhex("013803710001")), "2019": Address(1, bytes.fromhex(FIRST.zfill(20)))}


def heartbeat(phone: str = FIRST, edition: Edition = "2013", serial: int = 1) -> bytes:
    return frames(edition, phone, 0x0002, serial, b"")[0]


def packet(place: int, total: int, body: bytes, first_serial: int = 10, phone: str = FIRST) -> bytes:
    """One packet of a batch, as the header says it; ``place`` counts from 1."""
    text = bytes.fromhex("0704") + (0x2000 | len(body)).to_bytes(2, "big") + bytes.fromhex(phone.zfill(12))
    text += (first_serial + place - 1).to_bytes(2, "big") + total.to_bytes(2, "big") + place.to_bytes(2, "big") + body
    checksum = 0
    for octet in text:
        checksum ^= octet
    text += bytes([checksum])
    return FLAG + text.replace(b"\x7d", b"\x7d\x01").replace(FLAG, b"\x7d\x02") + FLAG


def batch(count: int) -> bytes:
    return count.to_bytes(2, "big") + b"\x01" + (len(REPORT).to_bytes(2, "big") + REPORT) * count


# ---- frames


@pytest.mark.parametrize("edition", ADDRESSES)
@given(message=st.integers(0, 0xFFFF), serial=st.integers(0, 0xFFFF), body=st.binary(max_size=1023))
@example(message=0x7D7E, serial=0x7E7D, body=b"\x7d\x01\x7d\x02\x7e\x7e\x7d")
def test_what_is_sealed_opens_again(edition: str, message: int, serial: int, body: bytes) -> None:
    sealed = seal(message, ADDRESSES[edition], serial, body)
    assert (sealed[:1], sealed[-1:], sealed.count(FLAG)) == (FLAG, FLAG, 2)
    assert len(sealed) <= LONGEST_PIECE + 2
    frame = open_piece(sealed[1:-1])
    assert not isinstance(frame, str)
    assert (frame.message, frame.serial, frame.body, frame.subject) == (message, serial, body, FIRST)
    assert frame.address == ADDRESSES[edition]


@given(text=st.text(alphabet=st.characters(codec="gbk"), min_size=1, max_size=400), is_2019=st.booleans())
@example(text="~ }~\n}", is_2019=False)
@example(text="AT+CFUN=0\r", is_2019=False)
@example(text="一\x1a\x00", is_2019=True)
def test_no_text_can_begin_a_second_frame(text: str, is_2019: bool) -> None:  # noqa: FBT001
    one = driver()
    one.receive(heartbeat(edition="2019" if is_2019 else "2013"), START_NS)
    answer = one.encode(SendText(reference="m", recipient=FIRST, text=text), START_NS)
    assert one.measure(text).is_sendable is isinstance(answer, Outgoing)
    if isinstance(answer, Refused):
        has_control = any(ord(sign) < 32 or 127 <= ord(sign) < 160 for sign in text.replace("\n", ""))
        assert has_control or not text.strip() or len(text.encode("gbk")) > 1000
        return
    assert answer.octets.count(FLAG) == 2
    (order,) = Ear().feed(answer.octets)
    assert (order.phone, order.number) == (FIRST, 0x8300)
    assert order.body[2 if is_2019 else 1 :].decode("gbk") == text


def test_a_frame_of_the_largest_size_is_read_and_a_longer_one_is_not() -> None:
    largest = seal(0x0900, ADDRESSES["2019"], 1, FLAG * 1023)
    framer = Framer()
    assert [doubt for doubt, _ in framer.feed(largest)] == [None]
    pieces = framer.feed(b"\x01" * (3 * LONGEST_PIECE + 5) + largest)
    assert [(doubt, len(piece)) for doubt, piece in pieces[:4]] == [
        ("length", LONGEST_PIECE),
        ("noise", LONGEST_PIECE),
        ("noise", LONGEST_PIECE),
        ("noise", 5),
    ]
    assert pieces[4][0] is None


@pytest.mark.parametrize("size", [1, 13, LONGEST_PIECE - 1, LONGEST_PIECE, LONGEST_PIECE + 1, 5000, 20_000])
@pytest.mark.parametrize("run", [LONGEST_PIECE, LONGEST_PIECE + 1, 2 * LONGEST_PIECE, 2 * LONGEST_PIECE + 1, 5000])
def test_a_run_without_an_end_is_cut_alike_however_it_is_read(run: int, size: int) -> None:
    stream = FLAG + b"\x01" * run + heartbeat() + b"\x02" * run + heartbeat()
    whole, split = Framer(), Framer()
    expected = whole.feed(stream)
    pieces = [piece for at in range(0, len(stream), size) for piece in split.feed(stream[at : at + size])]
    assert pieces == expected
    assert split.held == whole.held
    assert max(len(octets) for _, octets in pieces) <= LONGEST_PIECE


def test_texts_that_are_never_answered_take_bounded_memory() -> None:
    one = driver()
    one.receive(heartbeat(), START_NS)
    for number in range(200):
        assert isinstance(one.encode(SendText(reference=f"m{number}", recipient=FIRST, text="到"), START_NS), Outgoing)
    assert [text for *_, text in one.save()["awaited"]] == [f"m{number}" for number in range(136, 200)]


def test_raw_octets_are_taken_only_as_whole_frames() -> None:
    one = driver()
    whole = heartbeat()
    damaged = whole[:5] + b"\x11" + whole[6:]
    assert one.encode(SendRaw(octets=whole + whole), START_NS) == Outgoing(octets=whole + whole)
    for octets in (b"", FLAG, FLAG * 2, whole[:-1], whole[1:], whole + b"x", whole + whole[:5], b"AT\r\n", damaged):
        assert one.encode(SendRaw(octets=octets), START_NS) == Refused(reason="no-frame"), octets.hex()


def test_a_time_that_is_none_is_none() -> None:
    assert time_ns(bytes.fromhex("260720063000")) == 1_784_500_200 * NS_PER_S
    for digits in ("000000000000", "261320063000", "260720246000", "2607200630ff", "260229063000"):
        assert time_ns(bytes.fromhex(digits)) is None


REGISTRATION = (
    "7E0100002C0123456789010000001F007363640000007777772E3830382E636F6D000000000000000000"
    "3736353433323101B2E24131323334CC7E"
)


# Source: cuteLittleDevil/go-jt808 (MIT) protocol/model/parse_test.go publishes the questions and these answers.
@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        (REGISTRATION, "7E8100000E01234567890100000000003132333435363738393031377E"),
        (heartbeat("12345678901", serial=32767).hex(), "7E8001000501234567890100007FFF0002008E7E"),
    ],
    ids=["registration", "heartbeat"],
)
def test_answers_are_octet_for_octet_those_that_another_platform_publishes(asked: str, answer: str) -> None:
    one = driver()
    one.receive(bytes.fromhex(asked), START_NS)
    assert [octets.hex().upper() for octets in one.poll(START_NS)] == [answer]


# ---- packets


def test_packets_in_any_order_and_twice_make_one_batch() -> None:
    body = batch(30)
    cuts = [body[:500], body[500:1000], body[1000:]]
    one = driver()
    told: list[Observation] = []
    for place in (3, 1, 1, 3, 2):
        told += one.receive(packet(place, 3, cuts[place - 1]), START_NS)
    assert [type(seen) for seen in told] == [Position] * 30
    answers = Ear().feed(b"".join(one.poll(START_NS)))
    assert [(answer.number, answer.body[-1]) for answer in answers] == [(0x8001, 0)] * 5
    again = one.receive(packet(2, 3, cuts[1]), START_NS)
    assert not again


def test_packets_of_two_terminals_with_the_same_numbers_are_kept_apart() -> None:
    body = batch(30)
    one = driver()
    assert not one.receive(packet(1, 2, body[:700]), START_NS)
    assert not one.receive(packet(2, 2, body[700:], phone="13900000000"), START_NS)
    told = one.receive(packet(1, 2, body[:700], phone="13900000000"), START_NS)
    assert {seen.subject for seen in told if isinstance(seen, Position)} == {"13900000000"}


def test_a_batch_that_never_gets_whole_is_given_up_after_a_minute() -> None:
    one = driver()
    one.receive(packet(1, 2, batch(3)), START_NS)
    told = one.receive(packet(1, 2, batch(3), first_serial=900), START_NS + KEPT_NS + 1)
    assert [seen.reason for seen in told if isinstance(seen, Malformed)] == ["unfinished"]
    assert [seen.reason for seen in one.finish()] == ["unfinished"]
    assert not one.finish()


@pytest.mark.parametrize(
    ("place", "total"), [(0, 2), (3, 2), (1, 0), (1, MOST_PACKETS + 1)], ids=["0 of 2", "3 of 2", "1 of 0", "too many"]
)
def test_packet_numbers_that_cannot_be_are_refused(place: int, total: int) -> None:
    one = driver()
    told = one.receive(packet(place, total, b"\0\1\1"), START_NS)
    assert [seen.reason for seen in told if isinstance(seen, Malformed)] == ["parts"]
    assert not one.save()["parts"]


def test_a_packet_that_counts_otherwise_than_the_others_is_refused() -> None:
    one = driver()
    one.receive(packet(1, 3, b"\0\1\1"), START_NS)
    told = one.receive(packet(2, 4, b"\0\1\1"), START_NS)
    assert [seen.reason for seen in told if isinstance(seen, Malformed)] == ["parts"]


def test_unfinished_batches_without_end_take_bounded_memory() -> None:
    one = driver(frames_per_s=100_000)
    for number in range(3000):
        phone = str(13_000_000_000 + number // 8)
        one.receive(packet(1 + number % 8, 64, b"x" * 1000, phone=phone), -1)
        one.poll(-1)
    kept = sum(len(body) // 2 for *_, packets in one.save()["parts"] for _, body in packets)
    assert 0 < kept <= MOST_OCTETS


# ---- many


def test_more_terminals_than_can_be_kept_forget_the_one_unheard_for_longest() -> None:
    one = driver(frames_per_s=100_000)
    for number in range(MOST_TERMINALS):
        one.receive(heartbeat(str(13_000_000_000 + number)), START_NS)
    one.receive(heartbeat("13000000000"), START_NS)
    one.receive(heartbeat("13999999999"), START_NS)
    kept = one.save()["terminals"]
    assert len(kept) == MOST_TERMINALS
    assert "13000000000" in kept
    assert "13000000001" not in kept


def test_answers_that_nobody_fetches_and_peers_without_end_take_bounded_memory() -> None:
    one = driver(frames_per_s=100_000)
    for number in range(8000):
        one.receive_from(heartbeat() + b"\x7e\x01\x02", f"192.0.2.1:{number}", START_NS)
    state = one.save()
    assert len(state["answers"]["waiting"]) == 5000
    assert len(state["channels"]) == MOST_CHANNELS


def test_a_peer_that_floods_is_not_understood_for_the_rest_of_that_second_and_others_are() -> None:
    one = driver(frames_per_s=10)
    told = one.receive_from(heartbeat() * 25, "192.0.2.1:1", START_NS)
    assert [type(seen) for seen in told] == [Presence] * 10 + [Malformed]
    assert told[-1] == Malformed(reason="flood", raw=b"")
    assert not one.receive_from(heartbeat() * 3, "192.0.2.1:1", START_NS + NS_PER_S - 1)
    assert len(one.receive_from(heartbeat() * 3, "192.0.2.2:1", START_NS)) == 3
    assert len(one.receive_from(heartbeat() * 3, "192.0.2.1:1", START_NS + NS_PER_S)) == 3
    assert len(driver(frames_per_s=10).receive(heartbeat() * 25, -1)) == 25


def test_each_peer_finishes_its_own_frame_and_gets_its_own_answer() -> None:
    one = driver()
    mine, other = heartbeat(), heartbeat("13900000000")
    told = [
        *one.receive_from(mine[:7], "192.0.2.1:1", START_NS),
        *one.receive_from(other[:7], "192.0.2.2:1", START_NS),
        *one.receive_from(mine[7:], "192.0.2.1:1", START_NS),
        *one.receive_from(other[7:], "192.0.2.2:1", START_NS),
    ]
    assert told == [Presence(subject=FIRST, state="online"), Presence(subject="13900000000", state="online")]
    answers = one.poll(START_NS)
    assert [(answer.peer, Ear().feed(answer)[0].phone) for answer in answers if isinstance(answer, Addressed)] == [
        ("192.0.2.1:1", FIRST),
        ("192.0.2.2:1", "13900000000"),
    ]


def test_a_text_goes_to_the_connection_that_its_terminal_used_last() -> None:
    one = driver()
    for peer in ("192.0.2.1:1", "192.0.2.1:2"):
        one.receive_from(heartbeat(), peer, START_NS)
    state = json.loads(json.dumps(one.save()))
    again = driver()
    again.restore(state)
    for each in (one, again):
        answer = each.encode(SendText(reference="m", recipient=FIRST, text="到"), START_NS)
        assert isinstance(answer, Outgoing)
        assert answer.peer == "192.0.2.1:2"


def test_many_answers_to_one_peer_fit_datagrams() -> None:
    one = driver()
    one.receive(heartbeat() * 200, START_NS)
    pieces = one.poll(START_NS)
    assert 1 < len(pieces) < 20
    assert max(map(len, pieces)) <= 1200
    assert len(Ear().feed(b"".join(pieces))) == 200
    assert not one.poll(START_NS)
