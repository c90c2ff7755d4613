"""Short messages both ways, with smspdudecoder as the reader that is not ours."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from smspdudecoder.easy import read_incoming_sms
from smspdudecoder.fields import SMSSubmit

from devices.drivers.at_modem import gsm, pdu
from devices.drivers.at_modem.parts import GROUPS, HELD_PARTS, WAIT_NS, Parts
from devices.simulators.at_modem import units
from tests.devices.at_modem.conversation import START_NS

LETTERS = "".join(gsm.text_of(bytes([code])) for code in range(128) if code != gsm.ESCAPE)
EXTENDED = "^{}\\[~]|€"
plain_texts = st.text(alphabet=LETTERS.replace("\r", "") + EXTENDED, min_size=1, max_size=400)
any_texts = st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200)


def submitted(number: str, text: str, *, is_reported: bool = False) -> list[pdu.Submit]:
    found = pdu.letters_of(text)
    assert found is not None
    alphabet, letters = found
    return pdu.submit(number, alphabet, pdu.cut(alphabet, letters), 77, is_reported=is_reported)


def read_by_others(unit: pdu.Submit) -> dict[str, Any]:
    told: dict[str, Any] = SMSSubmit.decode(StringIO(unit.octets.hex().upper()))
    return told


@pytest.mark.parametrize(
    ("number", "text", "length", "octets"),
    [
        ("+8617401234567", "应急测试", 23, "0011000D91687104214365F70008AA085E9460256D4B8BD5"),
        ("+8617401234567", "HELLO", 20, "0011000D91687104214365F70000AA05C82293F904"),
        ("17401234567", "应急测试", 22, "0011000B817104214365F70008AA085E9460256D4B8BD5"),
    ],
)
def test_a_unit_is_built_as_worked_out_by_hand(number: str, text: str, length: int, octets: str) -> None:
    (unit,) = submitted(number, text)
    assert (unit.length, unit.octets.hex().upper()) == (length, octets)


@settings(max_examples=150, deadline=None)
@given(number=st.from_regex(r"\+?[1-9][0-9]{4,14}", fullmatch=True), text=st.one_of(plain_texts, any_texts))
def test_somebody_else_reads_the_text_and_the_number_that_we_built(number: str, text: str) -> None:
    built = submitted(number, text, is_reported=True)
    found = pdu.letters_of(text)
    assert found is not None
    alphabet, letters = found
    parts = [
        part.decode("utf-16-be") if alphabet == "ucs2" else gsm.text_of(part) for part in pdu.cut(alphabet, letters)
    ]
    assert "".join(parts) == text
    for at, unit in enumerate(built, start=1):
        told = read_by_others(unit)
        assert told["recipient"]["number"] == number.removeprefix("+")
        assert told["recipient"]["toa"]["ton"] == ("international" if number.startswith("+") else "unknown")
        assert told["header"]["mti"] == "submit"
        assert told["header"]["srr"] is True
        if len(built) > 1:
            (element,) = told["user_data"]["header"]["elements"]
            assert element["data"] == {"reference": 77, "parts_count": len(built), "part_number": at}
        assert len(unit.octets) - 1 == unit.length <= 164
        # Where a whole septet of filling follows, that reader takes it for a letter, against 23.040 (9.2.3.16).
        assert told["user_data"]["data"] in {parts[at - 1], parts[at - 1] + "@"}


@settings(max_examples=100, deadline=None)
@given(text=st.one_of(plain_texts, any_texts))
def test_no_letter_is_cut_between_two_parts(text: str) -> None:
    found = pdu.letters_of(text)
    assert found is not None
    alphabet, letters = found
    for part in pdu.cut(alphabet, letters):
        if alphabet == "ucs2":
            part.decode("utf-16-be")  # a cut pair would not decode
        assert len(part) <= (2 * 70 if alphabet == "ucs2" else 160)
    if alphabet == "gsm7":
        assert all(part[-1] != gsm.ESCAPE for part in pdu.cut(alphabet, letters))


@settings(max_examples=100, deadline=None)
@given(
    sender=st.from_regex(r"\+?[1-9][0-9]{4,14}", fullmatch=True),
    text=st.text(alphabet=st.characters(exclude_categories=["Cs"], max_codepoint=0xFFFF), min_size=1, max_size=70),
)
def test_two_readers_agree_on_a_text_that_arrives(sender: str, text: str) -> None:
    ((length, octets),) = units.deliver(sender, text, START_NS, 1)
    ours = pdu.read(octets, length, "")
    theirs = read_incoming_sms(octets.hex().upper())
    assert isinstance(ours, pdu.Deliver)
    assert ours.data.decode("utf-16-be") == theirs["content"] == text
    assert ours.sender.removeprefix("+") == theirs["sender"].removeprefix("+") == sender.removeprefix("+")
    assert ours.time_ns == round(theirs["date"].timestamp()) * 10**9 == START_NS


@settings(max_examples=100, deadline=None)
@given(text=st.text(alphabet=LETTERS + EXTENDED, max_size=160))
def test_the_seven_bit_alphabet_goes_there_and_back(text: str) -> None:
    letters = gsm.septets_of(text)
    assert letters is not None
    septets = b"".join(letters)
    for fill_bits in range(7):
        assert gsm.text_of(gsm.unpacked(gsm.packed(septets, fill_bits), len(septets), fill_bits)) == text


@settings(max_examples=300, deadline=None)
@given(octets=st.binary(max_size=180), length=st.integers(0, 200))
def test_any_octets_are_a_unit_or_a_fault_with_a_word(octets: bytes, length: int) -> None:
    for announced in (length, max(0, len(octets) - 1 - (octets[0] if octets else 0))):
        fault = ""
        try:
            pdu.read(octets, announced, "86")
        except pdu.PduError as found:
            fault = str(found)
        assert fault in {"", "length", "truncated", "kind", "address", "part"}


def test_a_name_never_passes_for_a_number() -> None:
    septets = b"".join(gsm.septets_of("13800000") or [])
    packed = gsm.packed(septets)
    address = bytes([2 * len(packed), 0xD0]) + packed
    unit = b"\x04" + address + b"\x00\x00" + bytes.fromhex("62112290510423") + b"\x01\x41"
    told = pdu.read(b"\x00" + unit, len(unit), "86")
    assert isinstance(told, pdu.Deliver)
    assert told.sender == '"13800000"'


def test_numbers_of_the_own_country_have_one_spelling() -> None:
    assert pdu.canonical("+8617401234567", "86") == "17401234567"
    assert pdu.canonical("+85212345678", "86") == "+85212345678"
    assert pdu.canonical("+8617401234567", "") == "+8617401234567"


def test_a_text_to_a_port_or_in_plain_octets_is_not_shown_as_words() -> None:
    head = bytes.fromhex("440B817104214365F7")
    stamp = bytes.fromhex("62112290510423")
    port = head + b"\x00\x00" + stamp + bytes([11, 6, 5, 4, 0x0B, 0x84, 0x23, 0xF0]) + gsm.packed(b"abc", 0)
    told = pdu.read(b"\x00" + port, len(port), "86")
    assert isinstance(told, pdu.Deliver)
    assert told.foreign == "port"


# ---- texts in parts


def parts_of(text: str, group: int = 1, sender: str = "+8617400000002") -> list[pdu.Deliver]:
    read = [pdu.read(octets, length, "86") for length, octets in units.deliver(sender, text, START_NS, group)]
    return [one for one in read if isinstance(one, pdu.Deliver)]


LONG = "转移群众 36 人，请求物资。" * 12


@settings(max_examples=50, deadline=None)
@given(order=st.permutations([0, 1, 2]))
def test_parts_in_any_order_make_one_text(order: list[int]) -> None:
    told, store = parts_of(LONG), Parts()
    assert len(told) == 3
    finished = [one for at in order for one in store.take(told[at], at, START_NS, is_stored=False)]
    assert [(one.message.text, sorted(one.places)) for one in finished] == [(LONG, [0, 1, 2])]
    assert store.save() == []


def test_a_letter_cut_between_two_parts_is_whole_again() -> None:
    text = "一" * 66 + "🚒" + "二" * 20
    told, store = parts_of(text), Parts()
    assert told[0].data.endswith("🚒".encode("utf-16-be")[:2]), "this sender cuts it"
    finished = [one for part in told for one in store.take(part, None, START_NS, is_stored=False)]
    assert finished[0].message.text == text


def test_a_missing_part_is_shown_as_a_gap_after_five_minutes() -> None:
    told, store = parts_of(LONG), Parts()
    store.take(told[0], 4, START_NS, is_stored=False)
    store.take(told[2], 5, START_NS, is_stored=False)
    assert store.expire(START_NS + WAIT_NS - 1) == []
    (late,) = store.expire(START_NS + WAIT_NS)
    assert late.message.text == LONG[:67] + " [… 2/3 …] " + LONG[134:]
    assert late.places == (4, 5)


def test_a_flood_of_first_parts_is_bounded_and_loses_no_word() -> None:
    store = Parts()
    finished = []
    for group in range(100):
        finished += store.take(parts_of(LONG, group)[0], group, START_NS, is_stored=False)
    assert len(store.save()) <= GROUPS
    assert sum(len(one["parts"]) for one in store.save()) <= HELD_PARTS
    assert len(finished) + len(store.save()) == 100


def test_a_text_with_a_part_that_came_now_was_heard_now() -> None:
    told, store = parts_of(LONG), Parts()
    store.take(told[0], 1, START_NS, is_stored=True)
    store.take(told[1], 2, START_NS, is_stored=False)
    (whole,) = store.take(told[2], 3, START_NS, is_stored=True)
    assert whole.message.is_stored is False


def test_parts_of_two_senders_are_never_mixed() -> None:
    store = Parts()
    one, other = parts_of(LONG), parts_of(LONG, sender="+8617400000003")
    assert not store.take(one[0], 1, START_NS, is_stored=False)
    assert not store.take(other[1], 2, START_NS, is_stored=False)
    assert not store.take(one[2], 3, START_NS, is_stored=False)
