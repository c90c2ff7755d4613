"""Texts in: told once, removed from the card only after that, and stored ones are no sign of life."""

from __future__ import annotations

import json

import pytest

from devices.catalogue import entries
from devices.driver import NS_PER_S
from devices.drivers.at_modem import AtModem
from devices.drivers.at_modem.profile import FOLDER, profile
from devices.observations import (
    Card,
    Condition,
    DeliveryReport,
    Malformed,
    Observation,
    Signal,
    TextMessage,
    Unrecognised,
)
from devices.simulators.at_modem import units
from tests.devices.at_modem.conversation import START_NS, Conversation, of

LONG = "转移群众 36 人，请求物资。" * 12


def texts(seen: list[Observation]) -> list[tuple[str, bool]]:
    return [(one.text, one.is_stored) for one in of(TextMessage, seen)]


def put(talk: Conversation, text: str, *, only: tuple[int, ...] = ()) -> None:
    """A text lies on the card that nobody announced."""
    for at, (length, octets) in enumerate(units.deliver("+8617400000009", text, talk.at_ns, 9), start=1):
        if not only or at in only:
            talk.device._card[max(talk.device._card, default=0) + 1] = length, octets


def test_an_announced_text_is_heard_now_read_and_removed() -> None:
    talk = Conversation(texts=["二号点已到达"], text_every_s=500)
    seen = talk.run(12)
    assert texts(seen) == [("二号点已到达", False)]
    assert talk.sent.index(b"AT+CMGR=1\r") < talk.sent.index(b"AT+CMGD=1\r")
    assert talk.device._card == {}


def test_a_long_text_is_told_once_and_its_parts_are_removed_then() -> None:
    talk = Conversation(texts=[LONG], text_every_s=500)
    assert texts(talk.run(12)) == [(LONG, False)]
    assert talk.device._card == {}
    assert not of(Malformed, talk.seen)


def test_texts_that_waited_on_the_card_are_told_as_stored() -> None:
    talk = Conversation(text_every_s=0)
    put(talk, "断网前的报告")
    assert texts(talk.run(5)) == [("断网前的报告", True)]
    assert talk.device._card == {}


def test_a_part_stays_on_the_card_until_its_text_is_told() -> None:
    talk = Conversation(text_every_s=0)
    put(talk, LONG, only=(1, 3))
    assert texts(talk.run(200)) == []
    assert len(talk.device._card) == 2, "a crash now would lose nothing"
    ((told, is_stored),) = texts(talk.run(160))
    assert told == LONG[:67] + " [… 2/3 …] " + LONG[134:]
    assert is_stored
    talk.run(5)
    assert talk.device._card == {}


def test_a_card_that_keeps_what_was_removed_does_not_tell_it_again() -> None:
    talk = Conversation(text_every_s=0)
    put(talk, "只说一次")
    talk.device._remove = lambda value, _: [b"\r\nERROR\r\n"]  # type: ignore[method-assign]  # noqa: ARG005
    assert texts(talk.run(300)) == [("只说一次", True)]


def test_what_cannot_be_read_stays_on_the_card() -> None:
    talk = Conversation(text_every_s=0)
    talk.device._card[1] = 20, b"\x00" * 21
    seen = talk.run(5)
    assert of(Malformed, seen)
    assert 1 in talk.device._card


def test_a_text_in_another_memory_is_read_there() -> None:
    talk = Conversation(text_every_s=0)
    talk.run(5)
    talk.driver.receive(b'\r\n+CMTI: "ME",7\r\n', talk.at_ns)
    talk.run(1)
    assert talk.sent[-2:] == [b'AT+CPMS="ME"\r', b"AT+CMGR=7\r"]


@pytest.mark.parametrize(
    "line", [b'+CMTI: "SM";AT+CFUN=0,1', b'+CMTI: "S\x00",1', b'+CMTI: "SM",99999', b"+CMTI: SM,1"]
)
def test_an_announcement_cannot_bring_us_to_ask_anything_else(line: bytes) -> None:
    talk = Conversation(text_every_s=0)
    talk.run(5)
    before = len(talk.sent)
    (found,) = talk.driver.receive(line + b"\r\n", talk.at_ns)
    assert isinstance(found, Malformed)
    assert talk.driver.poll(talk.at_ns) == []
    assert len(talk.sent) == before


def test_a_modem_that_begins_anew_is_set_up_anew_and_loses_no_text() -> None:
    talk = Conversation(text_every_s=0, faults=[{"kind": "reboot", "from_s": 20.0, "for_s": 8.0}])
    talk.run(19)
    put(talk, "重启前到的")
    before = len(talk.sent)
    seen = talk.run(30)
    assert ("modem", "restarted RDY") in [(one.part, one.value) for one in of(Condition, seen)]
    assert b"AT+CNMI=2,1,0,1,0\r" in talk.sent[before:]
    assert texts(seen) == [("重启前到的", True)]


def test_the_network_is_asked_every_ten_seconds_and_the_signal_every_thirty() -> None:
    talk = Conversation(text_every_s=0)
    talk.run(305)
    assert 30 <= talk.sent.count(b"AT+CREG?\r") <= 31
    assert 10 <= talk.sent.count(b"AT+CSQ\r") <= 11
    assert talk.sent.count(b"AT+CNMI=2,1,0,1,0\r") == 1


def test_a_question_that_is_always_refused_is_given_up_for_ten_minutes() -> None:
    talk = Conversation(text_every_s=0, profile="generic")
    answers = talk.device._cell_answers()
    talk.device._cell_answers = lambda: {k: v for k, v in answers.items() if k != "AT+CESQ"}  # type: ignore[method-assign]
    talk.run(599)
    assert talk.sent.count(b"AT+CESQ\r") == 3
    talk.run(31)
    assert talk.sent.count(b"AT+CESQ\r") > 3


def test_a_refused_setting_is_told() -> None:
    talk = Conversation(text_every_s=0)
    answer = talk.device._answer

    def refusing(line: str, at_ns: int) -> list[bytes]:
        return [b"\r\nERROR\r\n"] if "CNMI" in line else answer(line, at_ns)

    talk.device._answer = refusing  # type: ignore[method-assign]
    told = [one for one in of(Condition, talk.run(5)) if one.part.startswith("setting")]
    assert [(one.part, one.value, one.is_good) for one in told] == [("setting +CNMI", "refused", False)]


def test_a_card_that_is_pulled_out_and_put_back_is_told() -> None:
    talk = Conversation(text_every_s=0, faults=[{"kind": "no-sim", "from_s": 12.0, "for_s": 20.0}])
    cards = [one.card_id for one in of(Card, talk.run(60))]
    assert list(dict.fromkeys(cards)) == ["460110123456789", None]
    assert cards[-1] == "460110123456789"


def test_levels_that_are_gone_are_told_to_be_gone() -> None:
    talk = Conversation(text_every_s=0, faults=[{"kind": "no-network", "from_s": 15.0}])
    seen = talk.run(60)
    last = {one.quantity: one.value for one in of(Signal, seen)}
    assert last == {"rssi": None, "rsrp": None, "rsrq": None}
    parts = {one.part: one.value for one in of(Condition, seen)}
    assert parts["registration-eps"] == "searching"
    assert parts["registration-eps-cell"] == "none"


def test_a_modem_with_echo_is_understood_without_a_remark() -> None:
    talk = Conversation(echo=True)
    answer = talk.device._answer
    talk.device._answer = lambda line, at_ns: answer("AT" if line == "ATE0" else line, at_ns)  # type: ignore[method-assign]
    talk.run(5)
    talk.text("17401234567", "应急测试")
    seen = talk.run(30)
    assert talk.device._has_echo
    assert not of(Malformed, talk.seen)
    assert not of(Unrecognised, talk.seen)
    assert [one.state for one in of(DeliveryReport, seen)] == ["sent", "confirmed"]


@pytest.mark.parametrize("chunk", [1, 3, 64, 4096])
@pytest.mark.parametrize("name", ["generic", "quectel", "tiantong", "iridium_sbd"])
def test_every_profile_speaks_with_its_simulator_however_it_is_cut(name: str, chunk: int) -> None:
    talk = Conversation(chunk, profile=name)
    seen = talk.run(40)
    assert not of(Malformed, seen)
    assert not of(Unrecognised, seen)
    assert of(Card, seen)
    assert of(Signal, seen)
    assert texts(seen)


# ---- profiles


def test_the_profiles_of_the_form_are_the_files() -> None:
    choices = entries()["at_modem"].settings["profile"].choices
    assert set(choices) == {file.stem for file in FOLDER.glob("*.toml")}
    for name in choices:
        assert profile(name).source
        assert profile(name).assumed


def test_the_tiantong_profile_says_that_it_is_unproven() -> None:
    found = profile("tiantong")
    assert found.proof == "assumed"
    assert "unproven on hardware" in found.assumed
    attested = {"AT+CGMR", "AT+CHUP", "AT^BEIDOU=1", "AT^BEIDOU=0"}
    assert attested & set(found.start), "what is attested is asked"


def test_state_is_bounded_after_a_flood_of_everything() -> None:
    driver = AtModem({})
    flood = b"".join(b'+CMTI: "SM",%d\r\n' % place for place in range(2000))
    units_of = [octets for group in range(300) for _, octets in units.deliver("+8617400000002", LONG, START_NS, group)]
    listed = b"".join(
        b"+CMGL: %d,1,,%d\r\n%b\r\n" % (at % 500, len(one) - 1 - one[0], one.hex().encode())
        for at, one in enumerate(units_of)
    )
    for at in range(20):
        driver.receive(flood + listed, START_NS + at * NS_PER_S)
        driver.poll(START_NS + at * NS_PER_S)
    assert len(json.dumps(driver.save())) < 40_000


def test_nothing_that_a_modem_told_holds_after_it_began_anew() -> None:
    talk = Conversation(text_every_s=0)
    talk.run(5)
    assert talk.driver.save()["network"]["sim"] == "ready"
    talk.driver.receive(b"\r\nRDY\r\n", talk.at_ns)
    state = talk.driver.save()
    assert (state["network"]["sim"], state["network"]["registration"], state["dialogue"]["phase"]) == (None, {}, "lost")
