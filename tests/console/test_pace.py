"""Who carries the rear's traffic: triggers, proposals, the quiet way back, holds."""

from __future__ import annotations

from dataclasses import replace

import pytest

from console.configuration.model import DeviceConfiguration
from console.orders import Order
from console.picture import Text
from console.records import Kind
from console.switch_orders import AcknowledgeReserve, HoldBearer, ReleaseBearer, TakeBearer
from devices.driver import NS_PER_S
from tests.console.post import BY, VEHICLE, Post, opened

# ---- who carries


def test_the_highest_rung_carries_from_the_start_and_that_is_no_reserve() -> None:
    post = opened()
    assert not post.pace().is_on_reserve
    assert post.lines() == ["switch.began"]
    assert [one.id for one in post.picture().bearers if one.is_in_use] == ["fibre"]


def test_a_lower_rung_that_is_known_first_waits_for_those_above_it_to_be_judged() -> None:
    post = Post()
    for _ in range(5):
        post.probe("p-lte", 20.0)
        post.wait(1)
    assert post.pace().carrier_id is None
    for _ in range(16):
        post.probe("p-lte", 20.0)
        post.wait(1)
    assert post.pace().carrier_id == "lte"
    assert post.pace().is_on_reserve


def test_from_primary_to_alternate_nobody_is_asked_and_it_is_said_until_somebody_has_seen_it() -> None:
    post = opened()
    post.run(6, fibre=None)
    pace = post.pace()
    assert (pace.carrier_id, pace.way, pace.proposed_id) == ("lte", "automatic", None)
    assert pace.is_on_reserve
    assert pace.acknowledged_by is None
    post.order(AcknowledgeReserve(by=BY))
    assert post.pace().acknowledged_by == BY
    assert post.lines()[-2:] == ["switch.automatic", "switch.acknowledged"]


def test_a_change_does_not_wait_for_the_next_tick() -> None:
    post = opened()
    post.run(4, fibre=None)
    post.at_ns += NS_PER_S // 2
    before = post.seq
    for _ in range(8):
        post.probe("p-fibre", None)
        post.at_ns += NS_PER_S // 4
    assert post.pace().carrier_id == "lte"
    assert all(record.kind == Kind.OCTETS for record in post.records[before:])


def test_contingency_and_emergency_are_proposed_and_taken_by_a_person() -> None:
    post = opened()
    post.run(6, fibre=None, lte=None)
    pace = post.pace()
    assert (pace.carrier_id, pace.proposed_id) == ("fibre", "vsat")
    assert pace.proposed_reason is not None
    assert pace.proposed_reason.args["from"] == "fibre / lte"
    alarm = post.alarm("switch_proposed:vsat")
    assert alarm is not None
    assert alarm.state == "unacknowledged"
    assert not any(one.is_in_use for one in post.picture().bearers)
    post.run(30, fibre=None, lte=None)
    assert post.pace().carrier_id == "fibre"
    post.order(TakeBearer(bearer_id="vsat", by=BY))
    pace = post.pace()
    assert (pace.carrier_id, pace.way, pace.by, pace.proposed_id, pace.held_by) == ("vsat", "operator", BY, None, None)
    # Who takes a reserve knows that it is one.
    assert pace.acknowledged_by == BY
    assert post.alarm("switch_proposed:vsat") is None


def test_a_proposal_that_another_took_the_place_of_asks_nobody_any_more() -> None:
    post = opened()
    post.ready_terminal()
    post.run(6, fibre=None, lte=None)
    assert post.alarm("switch_proposed:vsat") is not None
    post.run(6, fibre=None, lte=None, vsat=None)
    assert post.pace().proposed_id == "rdss"
    assert post.alarm("switch_proposed:rdss") is not None
    assert post.alarm("switch_proposed:vsat") is None


def test_a_proposal_is_withdrawn_when_its_reason_is_gone() -> None:
    post = opened()
    post.run(6, fibre=None, lte=None)
    assert post.pace().proposed_id == "vsat"
    post.run(8, fibre=None)
    assert (post.pace().carrier_id, post.pace().proposed_id) == ("lte", None)


def test_a_rung_that_is_configured_as_automatic_is_taken_without_asking() -> None:
    rungs = ("primary", "alternate", "contingency")
    post = Post(replace(VEHICLE, switching=replace(VEHICLE.switching, automatic=rungs)))  # type: ignore[arg-type]
    post.run(5)
    post.run(6, fibre=None, lte=None)
    assert post.pace().carrier_id == "vsat"


# ---- the way back


def test_the_way_back_is_taken_after_the_quiet_time_and_not_before() -> None:
    post = opened()
    post.run(6, fibre=None)
    post.run(60)
    pace = post.pace()
    assert (pace.carrier_id, pace.returns_to_id) == ("lte", "fibre")
    (quiet,) = pace.quiet
    assert quiet.returns_ns == quiet.since_ns + 60 * NS_PER_S
    post.run((quiet.returns_ns - post.at_ns) // NS_PER_S - 1)
    assert post.pace().carrier_id == "lte"
    post.run(2)
    assert (post.pace().carrier_id, post.pace().is_on_reserve, post.pace().quiet) == ("fibre", False, ())


def test_one_that_comes_and_goes_never_takes_the_traffic_back() -> None:
    post = opened()
    post.run(6, fibre=None)
    for _ in range(8):
        post.run(40)
        post.run(6, fibre=None)
    changes = [one for one in post.picture().notices if one.text.id in {"switch.began", "switch.automatic"}]
    assert [one.subject_id for one in changes] == ["fibre", "lte"]


def test_loss_on_the_higher_rung_keeps_it_waiting() -> None:
    post = opened()
    post.run(6, fibre=None)
    for _ in range(20):
        post.run(9)
        post.run(1, fibre=None)
    assert post.pace().carrier_id == "lte"
    assert post.picture().bearers[0].state == "up"


def test_of_two_evils_the_first_that_can_be_used_is_taken_without_a_quiet_time() -> None:
    post = opened()
    post.run(6, fibre=None)
    post.run(6)
    post.run(6, lte=None)
    assert post.pace().carrier_id == "fibre"


# ---- weak and unknown


def test_a_weak_carrier_is_left_after_a_while_for_one_that_was_good() -> None:
    post = opened()
    post.run(25, fibre=1_500.0)
    assert post.pace().carrier_id == "fibre"
    post.run(20, fibre=1_500.0)
    assert post.pace().carrier_id == "lte"
    assert post.pace().reason == Text(id="switch.reason.weak", args={"from": "fibre"})


def test_weak_is_better_than_weak_and_better_than_asking() -> None:
    post = opened()
    post.run(90, fibre=1_500.0, lte=1_500.0)
    assert (post.pace().carrier_id, post.pace().proposed_id) == ("fibre", None)


def test_a_carrier_of_which_nothing_is_known_is_left_later_than_one_that_is_down() -> None:
    post = opened()
    while post.picture().bearers[0].state != "unknown":
        post.run_others()
    for _ in range(19):
        post.run_others()
        assert post.pace().carrier_id == "fibre"
        assert not post.picture().bearers[0].is_in_use
    post.run_others()
    assert post.pace().carrier_id == "lte"


# ---- holds


def test_what_a_person_chose_against_the_order_is_held_until_it_is_released() -> None:
    post = opened()
    post.order(TakeBearer(bearer_id="vsat", by=BY))
    assert (post.pace().carrier_id, post.pace().held_by) == ("vsat", BY)
    post.run(90)
    assert (post.pace().carrier_id, post.pace().returns_to_id) == ("vsat", None)
    assert {one.returns_ns for one in post.pace().quiet} == {None}
    post.order(ReleaseBearer(by=BY))
    post.run(1)
    assert (post.pace().carrier_id, post.pace().held_by) == ("fibre", None)


def test_a_held_carrier_that_fails_is_not_left_but_said() -> None:
    post = opened()
    post.order(HoldBearer(by=BY))
    post.run(8, fibre=None)
    assert (post.pace().carrier_id, post.pace().proposed_id) == ("fibre", "lte")
    post.order(TakeBearer(bearer_id="lte", by=BY))
    assert (post.pace().carrier_id, post.pace().held_by) == ("lte", None)


@pytest.mark.parametrize(
    "order",
    [
        TakeBearer(bearer_id="nobody", by=BY),
        HoldBearer(by=BY),
        ReleaseBearer(by=BY),
        AcknowledgeReserve(by=BY),
    ],
)
def test_an_order_that_means_nothing_now_changes_nothing(order: Order) -> None:
    post = Post()
    before = post.pace()
    post.order(order)
    assert post.pace() == before
    assert post.lines() == []


# ---- behind one switch


def behind_a_switch() -> Post:
    """All but the terminal for texts come through one switch, which is asked once a second."""
    switch = DeviceConfiguration(id="switch", name="交换机", driver="probe", wire="ping:192.0.2.2")
    bearers = tuple(one if one.id == "rdss" else replace(one, depends_on=("switch",)) for one in VEHICLE.bearers)
    post = Post(replace(VEHICLE, devices=(*VEHICLE.devices, switch), bearers=bearers))
    post.up("switch")
    post.ready_terminal()
    for _ in range(5):
        post.probe("switch", 1.0)
        post.run(1)
    return post


def test_a_dead_switch_proposes_what_does_not_hang_on_it_and_nothing_before() -> None:
    post = behind_a_switch()
    proposed = []
    for second in range(30):
        post.probe("switch", None)
        # The satellite is judged last, as its profile is slower: until then it is called good.
        post.run(1, fibre=None, lte=None, vsat=None if second > 1 else 20.0)
        proposed.append(post.pace().proposed_id)
    assert {one for one in proposed if one is not None} == {"rdss"}
    assert post.pace().carrier_id == "fibre"
    assert post.lines() == ["switch.began"], "the other that was cut took nothing"
    assert [a.id for a in post.picture().alarms if a.state == "unacknowledged"] == [
        "unanswered:switch",
        "switch_proposed:rdss",
    ]


def test_a_bearer_cut_with_its_switch_says_so_and_one_cut_by_itself_does_not() -> None:
    post = behind_a_switch()

    def reasons() -> list[tuple[str, object]]:
        said = [bearer.reason for bearer in post.picture().bearers if bearer.id != "rdss"]
        return [(one.id, one.args.get("cause")) for one in said if one is not None]

    for _ in range(15):
        post.probe("switch", 1.0)
        post.run(1, fibre=None)
    assert reasons() == [("bearer.reason.no_answer", None)]
    for _ in range(15):
        post.probe("switch", None)
        post.run(1, fibre=None, lte=None, vsat=None)
    assert reasons() == [("bearer.reason.hangs", "交换机")] * 3
    for _ in range(70):
        post.probe("switch", 1.0)
        post.run(1, lte=None)
    assert reasons() == [("bearer.reason.no_answer", None)], "its own cut, as it is not back with the switch"


def test_what_answers_carries_though_the_switch_it_hangs_on_says_nothing() -> None:
    """A switch whose own address is dead goes on switching."""
    post = behind_a_switch()
    for _ in range(20):
        post.probe("switch", None)
        post.run(1)
    assert post.alarm("unanswered:switch") is not None
    for _ in range(10):
        post.probe("switch", None)
        post.run(1, fibre=None)
    assert post.pace().carrier_id == "lte"


def test_probes_that_cannot_be_made_any_more_keep_nobody_from_a_bearer_whose_terminal_is_up() -> None:
    lte = replace(next(one for one in VEHICLE.bearers if one.id == "lte"), more_device_ids=("bd",))
    post = Post(replace(VEHICLE, bearers=tuple(lte if one.id == "lte" else one for one in VEHICLE.bearers)))
    post.ready_terminal()
    post.run(5)
    post.run(3, lte=None)
    for second in range(25):
        post.probe("p-fibre", 20.0 if second < 12 else None)
        post.say("p-lte", b'{"source":"ping:127.0.0.1","asked_ns":%d,"answered_ns":null,"error":"name"}' % post.at_ns)
        post.wait(1)
    assert post.engine.tables.bearers["lte"].detector.misses > 0
    assert post.pace().carrier_id == "lte"


def test_a_proposal_stands_though_a_probe_of_it_is_lost() -> None:
    post = opened()
    post.run(6, fibre=None, lte=None)
    asked = post.alarm("switch_proposed:vsat")
    for _ in range(10):
        post.run(1, fibre=None, lte=None, vsat=None)
        assert post.pace().proposed_id == "vsat"
        post.run(1, fibre=None, lte=None)
    alarm = post.alarm("switch_proposed:vsat")
    assert asked is not None
    assert alarm is not None
    assert (alarm.state, alarm.raised_ns) == ("unacknowledged", asked.raised_ns)
