"""Where one message ends and the next begins, whatever somebody sends."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.catalogue import make_driver
from devices.driver import NS_PER_S, Driver
from devices.drivers.cot import Cot
from devices.drivers.cot.event import EventError
from devices.drivers.cot.framing import LIMIT, NOISE, Framer
from devices.drivers.cot.markup import parse
from devices.observations import Malformed, Observation, Position, TextMessage
from tests.devices.cot.events import START_NS, event, text, user
from tests.devices.vectors import decode_cases

A, B = (event(uid, START_NS, kind="a-f-G-E-S") for uid in "AB")
PUBLISHED = next(case.octets for case in decode_cases("cot") if case.name.startswith("the same as a protobuf datagram"))


def heard(data: bytes, *, at_ns: int = START_NS) -> list[Observation]:
    driver = make_driver("cot", {})
    return [*driver.receive(data, at_ns), *driver.finish()]


def subjects(seen: list[Observation]) -> list[str | None]:
    return [one.subject for one in seen if isinstance(one, Position)]


def reasons(seen: list[Observation]) -> list[str]:
    return [one.reason for one in seen if isinstance(one, Malformed)]


@pytest.mark.parametrize(
    "between",
    [b"", b"\n", b"\r\n \t", b'<?xml version="1.0" encoding="UTF-8"?>\n', b"<?xml version='1.0' encoding='utf-16'?>"],
)
def test_nothing_white_space_or_a_declaration_stands_between_events(between: bytes) -> None:
    seen = heard(between + A + between + B + between)
    assert subjects(seen) == ["A", "B"]
    assert not reasons(seen)


def test_an_end_tag_with_white_space_is_an_end() -> None:
    assert subjects(heard(A.replace(b"</event>", b"</event \n>") + B)) == ["A", "B"]


@pytest.mark.parametrize(
    "inside", [b"<!-- </event> <event uid='X'> -->", b"<?pi </event> ?>", b"<a><![CDATA[</event>]]></a>"]
)
def test_what_stands_in_a_comment_in_cdata_or_in_an_instruction_is_no_tag(inside: bytes) -> None:
    seen = heard(A.replace(b"</detail>", inside + b"</detail>") + B)
    assert subjects(seen) == ["A", "B"]
    assert not reasons(seen)


@pytest.mark.parametrize("inside", [b"<!-- </event> -->", b"<a><![CDATA[</event>]]></a>", b"<?pi </event> ?>"])
def test_such_an_event_is_one_wherever_it_is_cut(inside: bytes) -> None:
    stream = A.replace(b"</detail>", inside + b"</detail>") + B
    for at in range(1, len(stream)):
        driver = make_driver("cot", {})
        seen = [*driver.receive(stream[:at], START_NS), *driver.receive(stream[at:], START_NS)]
        assert subjects(seen) == ["A", "B"], at


def test_xml_and_protobuf_of_stream_and_mesh_may_follow_one_another() -> None:
    body = PUBLISHED[3:]
    stream = b"\xbf" + bytes([len(body) & 0x7F | 0x80, len(body) >> 7]) + body
    seen = heard(A + PUBLISHED + stream + B + PUBLISHED + PUBLISHED)
    assert not reasons(seen)
    assert len(subjects(seen)) == 6


def test_the_times_of_a_server_behind_a_mesh_message_are_passed_over() -> None:
    sent_ms = b"\xa0\xd1\xfc\xaf\x82\x2e"
    seen = heard(PUBLISHED + b"\x18" + sent_ms + b"\x20" + sent_ms + PUBLISHED + b" \n" + A)
    assert not reasons(seen)
    assert len(subjects(seen)) == 3


def test_a_torn_datagram_does_not_spoil_the_next_one_of_its_sender() -> None:
    for cut in range(10, len(PUBLISHED), 17):
        seen = heard(PUBLISHED[:cut] + PUBLISHED + PUBLISHED)
        assert subjects(seen)[-2:] == ["aa0b0312-b5cd-4c2c-bbbc-9c4c70216261"] * 2, cut
    for cut in range(8, len(A) - 8, 7):
        assert subjects(heard(A[:cut] + B + A))[-1] == "A", cut


def test_an_event_of_more_than_64_kb_is_given_up_and_the_next_is_taken() -> None:
    big = event("BIG", START_NS, "<remarks>" + "x" * LIMIT + "</remarks>")
    for size in (1_000, len(big) + len(A)):
        driver = make_driver("cot", {})
        stream = big + A
        seen = [one for at in range(0, len(stream), size) for one in driver.receive(stream[at : at + size], START_NS)]
        assert subjects(seen) == ["A"]
        assert "length" in reasons(seen)


def test_the_rest_held_back_never_outgrows_an_event() -> None:
    for filler in (
        b"<event ",
        b"<event><!--",
        b"\xbf\x83\x80\x03\x12",
        b"\xbf\x01\xbf\x12\xff\xff\x03",
        b"<?xml ",
        b"<a>",
    ):
        framer = Framer()
        for _ in range(100):
            framer.push((filler + b"x" * 4096)[:4096])
            assert len(framer.rest) <= LIMIT + NOISE


@pytest.mark.parametrize(
    "nasty",
    [
        b"<event>" + b"<a>" * 16_000 + b"</event>",
        b"<event " + b" ".join(b"a%d='1'" % number for number in range(6_000)) + b"></event>",
        b"<event><!--" * 6_000,
        b"<event " * 9_000,
        b"\xbf" * 65_536,
        b"\xbf\x01\xbf" * 20_000,
        b"\xbf\x83\x80\x01\x12" * 13_000,
        b"\xbf\xff\xff\x01" + b"\x18\x01" * 32_000,
        (b"\xbf\x90\x4e" + b"\x18\x01" * 20) * 1_500,
        b"\xbf\x01\xbf\x12\xf0\xff\x03" + b"\x0a\x01x" * 21_800,
        b"<" * 65_536,
        b"<?xml" * 13_000,
        b"<!DOCTYPE a [<!ENTITY b 'c'>" * 2_000,
        b"<event>" + b"&b;" * 20_000 + b"</event>",
    ],
    ids=lambda nasty: repr(nasty[:16]),
)
def test_no_64_kb_of_anything_hold_the_console_up(nasty: bytes) -> None:
    driver = make_driver("cot", {})
    best_s = 9.0
    for _ in range(3):  # the machine may be busy: the quickest of three is what it costs
        begun_s = time.perf_counter()
        driver.receive(nasty[:65_536], START_NS)
        driver.receive(A, START_NS)
        best_s = min(best_s, time.perf_counter() - begun_s)
    assert best_s < 0.25
    assert len(json.dumps(driver.save())) < 4 * LIMIT


def test_an_entity_bomb_is_refused() -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>' + event(
        "BOMB", START_NS, "<remarks>&b;</remarks>"
    )
    seen = heard(bomb + A)
    assert subjects(seen) == ["A"]
    assert "xml" in reasons(seen)


def test_a_document_type_is_refused_wherever_it_comes_from() -> None:
    with pytest.raises(EventError, match="xml"):
        parse("<!DOCTYPE a [<!ELEMENT a ANY>]><a/>")
    with pytest.raises(EventError, match="xml"):
        parse('<!DOCTYPE a SYSTEM "http://192.0.2.1/a.dtd"><a/>')


def test_an_event_of_thousands_of_parts_is_nobodys() -> None:
    many = event("A", START_NS, "<a/>" * 4_000, kind="a-f-G-E-S")
    assert reasons(heard(many + B)) == ["length"]
    assert subjects(heard(many + B)) == ["B"]
    fields = b"\x18\x01" * 600
    message = b"\xbf" + bytes([len(fields) & 0x7F | 0x80, len(fields) >> 7]) + fields
    assert reasons(heard(message + B)) == ["length"]
    assert subjects(heard(message + B)) == ["B"]


def test_a_peer_that_floods_is_bounded_and_heard_again_later() -> None:
    driver = make_driver("cot", {})
    flood = [user(f"U{number}", START_NS) for number in range(6_000)]
    seen = [one for octets in flood for one in driver.receive(octets, START_NS)]
    assert 3_900 < len(subjects(seen)) < 4_100
    assert reasons(seen) == ["flood"] * (6_000 - len(subjects(seen)))
    later = driver.receive(user("LATER", START_NS + 2 * NS_PER_S), START_NS + 2 * NS_PER_S)
    assert subjects(list(later)) == ["LATER"]


def test_what_is_remembered_of_strangers_is_bounded() -> None:
    driver = make_driver("cot", {})
    for number in range(5_000):
        at_ns = START_NS + number * NS_PER_S // 500
        driver.receive(user(f"{'U' * 200}{number}", at_ns, "呼" * 100), at_ns)
    memory = driver.save()["memory"]
    assert {name: len(memory[name]) for name in ("dates_ns", "callsigns", "channels")} == {
        "dates_ns": 1_024,
        "callsigns": 1_024,
        "channels": 1,
    }


def test_many_peers_together_are_bounded_too() -> None:
    driver = make_driver("cot", {})
    assert isinstance(driver, Cot)
    seen = [
        one
        for number in range(12_000)
        for one in driver.receive_from(user(f"U{number}", START_NS), f"192.0.2.1:{number % 3_000}", START_NS)
    ]
    assert 7_900 < len(subjects(seen)) < 8_100
    assert len(driver.save()["memory"]["channels"]) == 64


def test_a_text_like_a_file_is_cut_and_says_so() -> None:
    [seen] = make_driver("cot", {}).receive(text("A", "B", "水" * 5_000, START_NS), START_NS)
    assert isinstance(seen, TextMessage)
    assert seen.text == "水" * 4_000 + " […]"


@settings(max_examples=300, deadline=None)
@given(words=st.text(max_size=80))
def test_words_of_a_stranger_stay_words(words: str) -> None:
    """A text that looks like an event, escaped as XML wants it, comes out as it went in."""
    kept = "".join(
        sign for sign in words if sign >= " " and not "\ud800" <= sign <= "\udfff" and sign not in "\ufffe\uffff"
    )
    written = kept.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    driver: Driver = make_driver("cot", {})
    seen = driver.receive(text("A", "B", f"x{written}x", START_NS), START_NS)
    assert [getattr(one, "text", None) for one in seen] == [f"x{kept}x"]
