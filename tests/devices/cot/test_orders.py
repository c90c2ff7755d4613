"""What we say: one event each, to whom it is for, and nothing that a text could make of it."""

from __future__ import annotations

from typing import Any

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.catalogue import make_driver
from devices.commands import PublishTeam, SendText
from devices.driver import NS_PER_S, Addressed, Outgoing, Refused
from devices.drivers.cot import Cot
from devices.observations import DeliveryReport, Position, Presence, TextMessage
from tests.devices.cot.events import START_NS, event, receipt, text, user

PEER, OTHER = "192.0.2.7:5000", "192.0.2.8:5000"


def driver(uid: str = "CN-1", **more: Any) -> Cot:
    made = make_driver("cot", {"uid": uid, "callsign": "指挥部", "announce_s": 0, **more})
    assert isinstance(made, Cot)
    return made


def sent(answer: Outgoing | Refused) -> Outgoing:
    assert isinstance(answer, Outgoing), answer
    return answer


def order(words: str = "到位", recipient: str = "A", reference: str = "m1") -> SendText:
    return SendText(reference=reference, recipient=recipient, text=words)


def team(**more: Any) -> PublishTeam:
    known = {
        "subject": "fire-1",
        "callsign": "消防一中队",
        "lat_deg": 34.3956,
        "lon_deg": 113.7394,
        "source_time_ns": START_NS - 30 * NS_PER_S,
        "stale_s": 900.0,
    }
    return PublishTeam(**{**known, **more})


# ---- texts


def test_a_text_is_one_event_that_a_phone_understands() -> None:
    octets = sent(driver().encode(order(), START_NS)).octets
    root = fromstring(octets)
    chat, group, remarks = (root.find(f"detail/{name}") for name in ("__chat", "__chat/chatgrp", "remarks"))
    assert chat is not None and group is not None and remarks is not None  # noqa: PT018
    assert root.get("type") == "b-t-f"
    assert root.get("uid", "").startswith("GeoChat.CN-1.A.")
    assert (chat.get("id"), chat.get("senderCallsign"), group.get("uid0"), group.get("uid1")) == (
        "A",
        "指挥部",
        "CN-1",
        "A",
    )
    assert (remarks.text, remarks.get("to")) == ("到位", "A")
    assert chat.get("messageId") == root.get("uid", "").rpartition(".")[2]


@settings(max_examples=400, deadline=None)
@given(words=st.text(min_size=1, max_size=120), recipient=st.text(min_size=1, max_size=20))
def test_no_text_becomes_a_second_event_or_a_control_octet(words: str, recipient: str) -> None:
    answer = driver().encode(order(words, recipient), START_NS)
    if isinstance(answer, Refused):
        return
    octets = answer.octets
    assert not any(octet < 0x20 or octet == 0x7F for octet in octets)
    assert octets.count(b"<event") == octets.count(b"</event") == 1
    root = fromstring(octets)
    assert root.findtext("detail/remarks") == words
    seen = make_driver("cot", {}).receive(octets, START_NS)
    assert [type(one) for one in seen] == [TextMessage]


@pytest.mark.parametrize("control", ["\x00", "\x1a", "\x1b", "\x08", "\x7f", "\x85", "\ufffe", "\ud800"])
def test_a_text_with_a_control_sign_is_refused(control: str) -> None:
    assert driver().encode(order(f"a{control}b"), START_NS) == Refused(reason="cot-charset")
    assert not driver().measure(f"a{control}b").is_sendable


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (order("x", ""), "cot-recipient"),
        (order("x", "CN-1"), "cot-recipient"),
        (order("x", "a\x00b"), "cot-recipient"),
        (order(" \n "), "empty"),
        (order("水" * 667), "cot-too-long"),
        (team(lat_deg=float("nan")), "cot-team"),
        (team(lon_deg=200.0), "cot-team"),
        (team(stale_s=0.0), "cot-team"),
        (team(stale_s=float("inf")), "cot-team"),
        (team(source_time_ns=0), "cot-team"),
        (team(subject="a\nb"), "cot-team"),
        (team(stale_s=30.0), "cot-stale"),
    ],
)
def test_what_cannot_be_said_is_refused(command: SendText | PublishTeam, reason: str) -> None:
    assert driver().encode(command, START_NS) == Refused(reason=reason)


def test_a_text_is_measured_in_octets() -> None:
    assert driver().measure("水" * 666).is_sendable
    measured = driver().measure("水" * 667)
    assert (measured.used, measured.limit, measured.unit, measured.is_sendable) == (2001, 2000, "octets", False)


@pytest.mark.parametrize("kind", ["b-t-f-d", "b-t-f-r"])
def test_a_receipt_names_the_text_and_when_it_was_sent(kind: str) -> None:
    wire = driver()
    outgoing = sent(wire.encode(order(reference="0af3-77"), START_NS))
    assert outgoing.is_sent_when_written
    name = fromstring(outgoing.octets).find("detail/__chat").get("messageId")  # type: ignore[union-attr]
    assert name is not None
    left, seen = wire.receive(receipt("A", "CN-1", name, START_NS + NS_PER_S, kind), START_NS + NS_PER_S)
    assert isinstance(left, DeliveryReport)
    assert isinstance(seen, DeliveryReport)
    assert (left.reference, left.state, left.message_id) == (outgoing.reference, "sent", "0af3-77")
    assert (seen.reference, seen.state, seen.message_id, seen.source_time_ns) == ("A", "confirmed", "0af3-77", START_NS)


@pytest.mark.parametrize(
    "said",
    [
        receipt("A", "SOMEBODY", f"{START_NS:x}-m1", START_NS),
        receipt("CN-1", "CN-1", f"{START_NS:x}-m1", START_NS),
        receipt("A", "CN-1", "4de0262c-633f-46eb-b8e5-5ef1eb1e5e22", START_NS),
        receipt("A", "CN-1", "zz-m1", START_NS),
    ],
)
def test_a_receipt_for_something_else_confirms_nothing(said: bytes) -> None:
    assert not [one for one in driver().receive(said, START_NS) if isinstance(one, DeliveryReport)]


def test_who_only_listens_believes_no_receipt() -> None:
    said = receipt("A", "", f"{START_NS:x}-m1", START_NS).replace(b'uid1=""', b"")
    assert not [one for one in driver(uid="").receive(said, START_NS) if isinstance(one, DeliveryReport)]


def test_a_text_for_us_is_receipted_once_and_one_for_all_is_not() -> None:
    wire = driver()
    wire.receive(user("A", START_NS), START_NS)
    said = text("A", "CN-1", "收到请回答", START_NS, "name-1")
    wire.receive(said + said + text("A", "All Chat Rooms", "大家好", START_NS), START_NS)
    [answer] = wire.poll(START_NS)
    root = fromstring(answer)
    told = root.find("detail/__chatreceipt")
    assert told is not None
    assert (root.get("type"), root.get("uid"), told.get("messageId"), told.get("id")) == (
        "b-t-f-d",
        "name-1",
        "name-1",
        "A",
    )
    assert root.find("detail/marti/dest").attrib == {"callsign": "JENNY"}  # type: ignore[union-attr]


# ---- teams


def test_a_team_is_published_with_the_time_it_was_there() -> None:
    [seen] = make_driver("cot", {}).receive(
        sent(driver().encode(team(speed_mps=1.5, course_deg=90.0, accuracy_m=4.0, text="<3 车>"), START_NS)).octets,
        START_NS,
    )
    assert isinstance(seen, Position)
    assert (seen.subject, seen.callsign) == ("CN-1-team-fire-1", "消防一中队")
    assert (seen.lat_deg, seen.lon_deg, seen.accuracy_m, seen.altitude_m) == (34.3956, 113.7394, 4.0, None)
    assert (seen.speed_mps, seen.course_deg, seen.fix) == (1.5, 90.0, "2d")
    assert seen.source_time_ns == START_NS - 30 * NS_PER_S


def test_a_place_entered_by_hand_is_published_as_such() -> None:
    octets = sent(driver().encode(team(is_measured=False), START_NS)).octets
    assert fromstring(octets).get("how") == "h-e"


def test_a_place_grows_old_at_the_others_when_it_does_here() -> None:
    root = fromstring(sent(driver().encode(team(), START_NS)).octets)
    assert root.get("time") == root.get("start") == "2026-07-20T06:29:30.000Z"
    assert root.get("stale") == "2026-07-20T06:44:30.000Z"


def test_the_post_itself_is_published_instead_of_being_announced_without_a_place() -> None:
    wire = driver(announce_s=30)
    octets = sent(wire.encode(team(subject=None, callsign="指挥部"), START_NS)).octets
    [presence, place] = make_driver("cot", {}).receive(octets, START_NS)
    assert isinstance(presence, Presence)
    assert (presence.subject, getattr(place, "callsign", None)) == ("CN-1", "指挥部")
    assert not wire.poll(START_NS + 31 * NS_PER_S), "a place that still holds is not taken back"
    assert wire.poll(START_NS + 900 * NS_PER_S)


# ---- to whom


def test_a_post_announces_itself_and_pings_when_it_is_time() -> None:
    wire = driver(announce_s=30, ping_s=10)
    kinds = [
        [fromstring(octets).get("type") for octets in wire.poll(START_NS + second * NS_PER_S)] for second in range(31)
    ]
    assert kinds[0] == ["a-f-G-U-C", "t-x-c-t"]
    assert kinds[10] == ["t-x-c-t"]
    assert kinds[30] == ["a-f-G-U-C", "t-x-c-t"]
    assert sum(map(len, kinds)) == 6


def test_who_has_no_uid_says_nothing_at_all() -> None:
    wire = driver(uid="", announce_s=5, ping_s=5)
    wire.receive(text("A", "", "x", START_NS) + event("A-ping", START_NS, kind="t-x-c-t"), START_NS)
    assert not wire.poll(START_NS)
    assert not wire.poll(START_NS + 60 * NS_PER_S)


def test_what_is_for_one_who_called_us_goes_to_him() -> None:
    wire = driver()
    wire.receive_from(user("A", START_NS), PEER, START_NS)
    wire.receive_from(user("B", START_NS), OTHER, START_NS)
    assert sent(wire.encode(order(recipient="A"), START_NS)).peer == PEER
    assert sent(wire.encode(order(recipient="B"), START_NS)).peer == OTHER
    unheard = wire.encode(order(recipient="C"), START_NS)
    assert isinstance(unheard, Refused)
    assert (unheard.reason, unheard.is_for_now) == ("cot-unheard", True)


def test_what_is_for_all_goes_to_each_who_called_us() -> None:
    wire = driver()
    for uid, peer in (("A", PEER), ("B", OTHER), ("C", PEER)):
        wire.receive_from(user(uid, START_NS), peer, START_NS)
    assert not wire.poll(START_NS)
    for command in (order(recipient="All Chat Rooms"), team()):
        first = sent(wire.encode(command, START_NS))
        others = [out for out in wire.poll(START_NS) if isinstance(out, Addressed)]
        assert sorted([str(first.peer), *(out.peer for out in others)]) == sorted([PEER, OTHER])
        assert {bytes(out) for out in others} == {first.octets}


def test_who_was_silent_for_long_is_written_to_no_more() -> None:
    wire = driver()
    wire.receive_from(user("A", START_NS), PEER, START_NS)
    late_ns = START_NS + 400 * NS_PER_S
    wire.receive_from(user("B", late_ns), OTHER, late_ns)
    wire.poll(late_ns)
    assert sent(wire.encode(team(), late_ns)).peer == OTHER
    assert not wire.poll(late_ns)
    assert wire.encode(order(recipient="A"), late_ns) == Refused(reason="cot-unheard")


def test_on_a_mesh_all_goes_to_the_group_and_answers_wait_for_the_tick() -> None:
    wire = driver(announce_s=30)
    wire.receive_from(user("A", START_NS, endpoint="192.0.2.7:4242:tcp"), "192.0.2.7:6969", START_NS)
    assert not wire.poll(START_NS), "plain octets would go to the port that was heard, not to the group"
    assert sent(wire.encode(order(), START_NS)).peer is None
    wire.receive_from(text("A", "CN-1", "在吗", START_NS), "192.0.2.7:6969", START_NS)
    assert not wire.poll(START_NS)
    out = wire.poll(START_NS)
    assert [fromstring(octets).get("type") for octets in out] == ["b-t-f-d", "a-f-G-U-C"]
    assert not any(isinstance(octets, Addressed) for octets in out)


def test_a_ping_is_answered_to_who_called_us_once_a_second() -> None:
    wire = driver()
    wire.receive_from(user("A", START_NS), PEER, START_NS)
    for number in range(5):
        wire.receive_from(event("A-ping", START_NS + number, kind="t-x-c-t"), PEER, START_NS)
    [answer] = wire.poll(START_NS)
    assert isinstance(answer, Addressed)
    assert answer.peer == PEER
    assert fromstring(answer).get("type") == "t-x-c-t-r"


def test_a_flood_of_texts_does_not_pile_answers_up() -> None:
    wire = driver()
    for number in range(2_000):
        wire.receive(text("A", "CN-1", "x", START_NS + number * 1_000_000, f"n{number}"), START_NS + number * 1_000_000)
    assert len(wire.poll(START_NS)) <= 256
