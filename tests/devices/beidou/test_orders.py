"""What is sent, what is refused, and the meter that must say the same."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.commands import AskPosition, AskReceipt, SendRaw, SendText
from devices.driver import Outgoing, Refused, TextLimit, xor_octets
from devices.drivers.beidou_rdss import BeidouRdss
from devices.simulators.beidou_rdss.host import HostReader
from tests.devices.beidou.conversation import START_NS, Conversation

DIALECTS = ("bd-ascii21", "bd-ascii3", "bd-bin40")
FORBIDDEN = [
    b"$CCZHS,1*5A\r\n",
    b"$cczhs,1*5A\r\n",
    b"$BDZHS*00",
    b"$GPZhS",
    b"zhs",
    b"$JJZH\x00\x0b\x00\x00\x00\x0a",
    b"$jjzh",
    b"$CCICA,0,00*7B\r\n$CCZHS*00\r\n",
    b"$TXSQ\x00\x1d\x02\x89\x16F\x0e\xc4P\x00@\x00\xa4$JJZH\x00\x00",
    b"$CC\x00Z H\rS",
    bytes(octet | 0x80 for octet in b"$CCZHS"),
    b"$CCGXM,2," + b"0" * 64,
    b"$CCLZM,2,100",
    b"$GXZX",
    b"$LZSZ",
    b"$CCBSS,01,02*41\r\n",
    b"$BSSZ",
    b"$CCJMS,E*3D\r\n",
]
texts = st.text(st.one_of(st.sampled_from("应急测试，。0123456789aZ ,*$\n"), st.characters()), max_size=60)


def with_card(dialect: str) -> BeidouRdss:
    talk = Conversation(dialect=dialect)
    talk.run(1)
    return talk.driver


def send(driver: BeidouRdss, text: str, recipient: str = "967760") -> Outgoing | Refused:
    return driver.encode(SendText(reference="m", recipient=recipient, text=text), START_NS)


@pytest.mark.parametrize("octets", FORBIDDEN)
def test_a_forbidden_command_is_refused(octets: bytes) -> None:
    assert BeidouRdss({}).encode(SendRaw(octets=octets), START_NS) == Refused(reason="forbidden")


@settings(deadline=None)
@given(st.integers(min_value=1, max_value=11))
def test_a_forbidden_command_in_two_halves_is_refused(cut: int) -> None:
    octets = b"$CCZHS,1*5A\r\n"
    driver = BeidouRdss({})
    answers = [driver.encode(SendRaw(octets=part), START_NS) for part in (octets[:cut], octets[cut:])]
    assert Refused(reason="forbidden") in answers


def test_a_half_of_a_forbidden_command_is_remembered_over_a_restart() -> None:
    before, after = BeidouRdss({}), BeidouRdss({})
    assert isinstance(before.encode(SendRaw(octets=b"$CCZ"), START_NS), Outgoing)
    after.restore(before.save())
    assert after.encode(SendRaw(octets=b"HS*00\r\n"), START_NS) == Refused(reason="forbidden")


def test_no_octets_are_no_command() -> None:
    assert BeidouRdss({}).encode(SendRaw(octets=b""), START_NS) == Refused(reason="empty")


def test_harmless_octets_go_as_they_are() -> None:
    assert BeidouRdss({}).encode(SendRaw(octets=b"$CCRMO,,3,*4F\r\n"), START_NS) == Outgoing(
        octets=b"$CCRMO,,3,*4F\r\n"
    )


def test_a_text_may_speak_of_self_destruct_but_no_frame_may_carry_it_in_clear() -> None:
    assert isinstance(send(with_card("bd-ascii21"), "$CCZHS*00"), Outgoing)
    assert send(with_card("bd-bin40"), "$CCZHS*00") == Refused(reason="forbidden")
    assert isinstance(send(with_card("bd-bin40"), "ZHS BSS"), Outgoing)


@pytest.mark.parametrize("dialect", DIALECTS)
@settings(deadline=None)
@given(text=texts)
def test_what_is_sent_is_what_a_terminal_reads(dialect: str, text: str) -> None:
    driver = with_card(dialect)
    answer = send(driver, text)
    limit = driver.measure(text)
    assert limit.is_sendable == isinstance(answer, Outgoing) or answer == Refused(reason="forbidden")
    if isinstance(answer, Outgoing):
        (asked,) = HostReader().feed(answer.octets)
        assert (asked.text, asked.address, asked.name) == (text, "967760", answer.reference)
        assert asked.bits <= 628


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    ("text", "used", "limit", "unit"),
    [
        ("应急测试", 4, 44, "hanzi"),
        ("应急，完毕。", 6, 44, "hanzi"),
        ("2024", 4, 157, "digits"),
        ("水位2.4米", 9, 77, "octets"),
        ("丂", 2, 77, "octets"),  # GBK beyond GB2312: no 14-bit code
        ("", 0, 77, "octets"),
    ],
)
def test_the_meter_counts_the_class_that_will_be_sent(
    dialect: str, text: str, used: int, limit: int, unit: str
) -> None:
    said = with_card(dialect).measure(text)
    assert (said.used, said.unit, said.is_sendable) == (used, unit if text else said.unit, bool(text))
    if text:
        assert said.limit == limit


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(("sign", "fits"), [("急", 44), ("7", 157), ("a", 77)])
def test_the_limit_is_exact(dialect: str, sign: str, fits: int) -> None:
    driver = with_card(dialect)
    assert isinstance(send(driver, sign * fits), Outgoing)
    assert send(driver, sign * (fits + 1)) == Refused(reason="too-long")
    assert driver.measure(sign * fits).is_sendable
    assert not driver.measure(sign * (fits + 1)).is_sendable


def test_before_the_card_is_known_nothing_is_sent_and_the_meter_has_no_limit() -> None:
    driver = BeidouRdss({})
    assert driver.measure("应急") == TextLimit(used=2, limit=None, unit="hanzi", is_sendable=False)
    assert send(driver, "应急") == Refused(reason="card-unknown")


def test_a_card_that_is_taken_out_ends_sending() -> None:
    driver = with_card("bd-ascii21")
    body = b"BDICI,0000000,0,0,0,0,0,N,000"
    driver.receive(b"$%s*%02X\r\n" % (body, xor_octets(body)), START_NS)
    assert send(driver, "应急") == Refused(reason="no-card")
    assert not driver.measure("应急").is_sendable


def test_the_setting_overrides_the_table() -> None:
    driver = BeidouRdss({"capacity_bits": 140})
    body = b"BDICI,0166166,1,11,6,60,3,N,000"
    driver.receive(b"$%s*%02X\r\n" % (body, xor_octets(body)), START_NS)
    assert driver.measure("急" * 10).is_sendable
    assert send(driver, "急" * 11) == Refused(reason="too-long")


def test_a_level_that_no_table_knows_needs_the_setting() -> None:
    driver = BeidouRdss({})
    body = b"BDICI,0166166,1,11,6,60,9,N,000"
    driver.receive(b"$%s*%02X\r\n" % (body, xor_octets(body)), START_NS)
    assert send(driver, "急") == Refused(reason="capacity-unknown")
    assert driver.measure("急").limit is None


@pytest.mark.parametrize("recipient", ["", "0", "000", "12a", "-5", "1,2", "１２３", "123456789012", "12*3"])
@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_is_no_card_number_is_refused(dialect: str, recipient: str) -> None:
    assert send(with_card(dialect), "应急", recipient) == Refused(reason="recipient")


def test_frequency_point_and_confirmation_are_settings() -> None:
    driver = BeidouRdss({"frequency_point": 3, "ask_receipts": True})
    body = b"BDICP,4216930,0,0,3,0,N,2,N,1,0,0,3,1,60,2,0,0,1,1,21,0,0,0"
    driver.receive(b"$%s*%02X\r\n" % (body, xor_octets(body)), START_NS)
    answer = send(driver, "12")
    assert isinstance(answer, Outgoing)
    assert answer.octets.startswith(b"$CCTCQ,967760,3,2,2,12,0*")


def test_receipts_and_positions_are_asked_where_a_dialect_can() -> None:
    receipt, own, other = AskReceipt(recipient="967760"), AskPosition(), AskPosition(subject="242407")
    answers = {
        (dialect, type(ask).__name__, getattr(ask, "subject", None)): with_card(dialect).encode(ask, START_NS)
        for dialect in DIALECTS
        for ask in (receipt, own, other)
    }
    refused = {key: answer.reason for key, answer in answers.items() if isinstance(answer, Refused)}
    assert refused == {
        ("bd-ascii3", "AskReceipt", None): "no-receipt",
        ("bd-bin40", "AskReceipt", None): "no-receipt",
        ("bd-ascii3", "AskPosition", None): "no-position",
        ("bd-ascii3", "AskPosition", "242407"): "no-position",
        ("bd-bin40", "AskPosition", "242407"): "no-position",
    }
    names = {key: answer.reference for key, answer in answers.items() if isinstance(answer, Outgoing)}
    assert set(names.values()) == {"CXA", "DWA", "DWSQ"}
