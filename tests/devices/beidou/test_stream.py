"""Any octets, in any pieces: the same observations, no exception, a bounded memory."""

from __future__ import annotations

import json
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.commands import SendText
from devices.driver import Outgoing, xor_octets
from devices.drivers.beidou_rdss import BeidouRdss
from devices.drivers.beidou_rdss.framing import BINARY_LIMIT, LINE_LIMIT
from devices.observations import DeliveryReport, Malformed, Observation, Signal, TextMessage, Unrecognised
from tests.devices.beidou.conversation import START_NS

VECTORS = tomllib.loads((Path(__file__).parents[2] / "vectors" / "beidou_rdss.toml").read_text(encoding="utf-8"))
PIECES = [
    bytes.fromhex(case["hex"]) if "hex" in case else case["text"].encode() + b"\r\n" for case in VECTORS["decode"]
]
RUBBISH = [b"$", b"$B", b"$TX", b"$FKXX", b"$FKXX\x00\x10", b"\r", b"\n", b"\0\xff", b"*7B\r\n", b",", b"TCQ OK!\r\n"]
streams = st.lists(st.one_of(st.sampled_from(PIECES), st.sampled_from(RUBBISH), st.binary(max_size=40)), max_size=12)


def understood(driver: BeidouRdss, data: bytes, cuts: list[int]) -> list[Observation]:
    seen: list[Observation] = []
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    for start, end in pairwise(edges):
        seen.extend(driver.receive(data[start:end], START_NS))
    return [*seen, *driver.finish()]


def sentence(body: bytes) -> bytes:
    return b"$%s*%02X\r\n" % (body, xor_octets(body))


@settings(deadline=None)
@given(streams, st.lists(st.integers(min_value=0, max_value=10_000), max_size=10))
def test_any_split_gives_the_same_observations(pieces: list[bytes], cuts: list[int]) -> None:
    data = b"".join(pieces)
    whole = understood(BeidouRdss({}), data, [])
    assert understood(BeidouRdss({}), data, cuts) == whole
    assert understood(BeidouRdss({}), data, list(range(len(data)))) == whole


@settings(deadline=None)
@given(streams, st.integers(min_value=0, max_value=10_000))
def test_a_driver_restored_from_its_saved_state_goes_on_where_it_was(pieces: list[bytes], cut: int) -> None:
    data = b"".join(pieces)
    cut %= len(data) + 1
    whole = BeidouRdss({})
    first = [*whole.receive(data[:cut], START_NS), *whole.receive(data[cut:], START_NS)]
    before, after = BeidouRdss({}), BeidouRdss({})
    seen = list(before.receive(data[:cut], START_NS))
    after.restore(json.loads(json.dumps(before.save())))
    seen += after.receive(data[cut:], START_NS)
    assert seen == first
    assert after.save() == whole.save()
    assert after.poll(START_NS) == whole.poll(START_NS)


@settings(deadline=None)
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=4), st.data())
def test_damage_never_raises_and_the_next_good_sentence_is_understood(pieces: list[bytes], data: st.DataObject) -> None:
    stream = bytearray(b"".join(pieces))
    for _ in range(data.draw(st.integers(min_value=1, max_value=6))):
        stream[data.draw(st.integers(min_value=0, max_value=len(stream) - 1))] = data.draw(st.integers(0, 255))
    driver = BeidouRdss({})
    driver.receive(bytes(stream), START_NS)
    # A damaged binary length can wait for at most one frame's limit of further octets.
    driver.receive(b"\r\n" * BINARY_LIMIT, START_NS)
    seen = driver.receive(sentence(b"BDFKI,DWA,Y,Y,0,0000"), START_NS)
    assert DeliveryReport(reference="DWA", state="sent") in seen


def test_a_damaged_binary_length_does_not_swallow_the_sentences_behind_it() -> None:
    driver = BeidouRdss({})
    good = sentence(b"BDFKI,DWA,Y,Y,0,0000")
    seen = driver.receive(b"$TXXX\x00\x40" + bytes(13) + good + good, START_NS)
    assert seen[-2:] == [DeliveryReport(reference="DWA", state="sent")] * 2
    assert {one.reason for one in seen if isinstance(one, Malformed)} == {"checksum"}


@settings(deadline=None)
@given(st.integers(min_value=0, max_value=86_399), st.integers(min_value=0, max_value=86_399))
def test_a_time_without_a_date_becomes_the_nearest_instant(said_s: int, now_s: int) -> None:
    at_ns = (1_709_769_600 + now_s) * 10**9
    time = f"{said_s // 3600:02d}{said_s // 60 % 60:02d}{said_s % 60:02d}"
    (seen,) = BeidouRdss({}).receive(sentence(f"BDFKI,{time},TCQ,Y,0,0".encode()), at_ns)
    assert isinstance(seen, DeliveryReport)
    assert seen.source_time_ns is not None
    assert seen.source_time_ns // 10**9 % 86_400 == said_s
    assert abs(seen.source_time_ns - at_ns) <= 43_200 * 10**9


@pytest.mark.parametrize("octet", [b"A", b"\xff", b"$", b","])
@pytest.mark.parametrize("start", [b"", b"$", b"$BDTXR,", b"$TXXX\x08\x00"])
def test_what_never_ends_is_held_to_a_limit(start: bytes, octet: bytes) -> None:
    driver = BeidouRdss({})
    driver.receive(start, START_NS)
    for _ in range(100):
        driver.receive(octet * 997, START_NS)
        assert len(driver.save()["held"]) // 2 <= LINE_LIMIT


@settings(deadline=None)
@given(streams, st.lists(st.integers(0, 50), max_size=3))
def test_octets_are_accounted_for(pieces: list[bytes], cuts: list[int]) -> None:
    """Nothing that is not understood vanishes: what is Malformed or Unrecognised is found in the stream again."""
    data = b"".join(pieces)
    for one in understood(BeidouRdss({}), data, cuts):
        if isinstance(one, Malformed | Unrecognised):
            assert one.raw
            assert one.raw in data


def test_a_text_of_the_longest_card_fits_one_line() -> None:
    driver = BeidouRdss({})
    driver.receive(sentence(b"BDICP,4216930,0,0,3,0,N,2,N,1,0,0,3,1,60,0,0,0,1,1,21,0,0,0"), START_NS)
    limit = driver.measure("应").limit
    assert limit == 1000
    body = b"BDTCI,4204986,4216930,2,071000,1,0," + ("急" * limit).encode("gbk")
    (seen,) = driver.receive(sentence(body), START_NS)
    assert isinstance(seen, TextMessage)
    assert seen.text == "急" * 1000


def test_without_a_known_now_times_stay_unknown() -> None:
    driver = BeidouRdss({})
    seen = [one for piece in PIECES for one in driver.receive(piece, -1)]
    undated = [one for one in seen if isinstance(one, TextMessage | DeliveryReport)]
    assert len(undated) > 30
    assert all(one.source_time_ns is None for one in undated)


def test_a_lost_beam_is_told_as_received_no_more() -> None:
    driver = BeidouRdss({})
    driver.receive(sentence(b"BDPWI,071000.00,00,02,2,51,44,0,4,50,43,0"), START_NS)
    seen = driver.receive(sentence(b"BDPWI,071001.00,00,01,4,50,43,0"), START_NS)
    values = {one.index: one.value for one in seen if isinstance(one, Signal)}
    assert values == {4: 50.0, 2: None}
    seen = driver.receive(sentence(b"BDPWI,071002.00,00,00"), START_NS)
    assert {one.index: one.value for one in seen if isinstance(one, Signal)} == {4: None, 2: None}


def test_the_pages_of_a_list_of_subordinates_are_joined() -> None:
    driver = BeidouRdss({})
    cards = [str(100_001 + number) for number in range(45)]
    page = [sentence(f"BDICZ,45,{','.join(part)}".encode()) for part in (cards[:40], cards[40:])]
    driver.receive(page[0], START_NS)
    (seen,) = driver.receive(page[1], START_NS)
    assert getattr(seen, "cards", None) == tuple(cards)
    driver.receive(page[0], START_NS)
    (again,) = driver.receive(page[1], START_NS)
    assert again == seen


def test_feedback_in_another_dialects_words_is_named_as_it_was_sent() -> None:
    driver = BeidouRdss({})
    driver.receive(sentence(b"BDICI,0166166,1,11,6,60,3,N,000"), START_NS)
    sent = driver.encode(SendText(reference="m", recipient="967760", text="应急"), START_NS)
    assert isinstance(sent, Outgoing)
    assert sent.reference == "TXA"
    seen = driver.receive(sentence(b"BDFKI,071000,TCQ,Y,0,0"), START_NS)
    assert [getattr(one, "reference", None) for one in seen] == ["TXA"]
    seen = driver.receive(sentence(b"BDFKI,071000,DWA,Y,0,0"), START_NS)
    assert [getattr(one, "reference", None) for one in seen] == ["DWA"]
