"""Who carries the rear's traffic: triggers, proposals, the quiet way back, holds, restart and replay."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import msgspec
import pytest

from console.assembly import digest_of
from console.configuration.model import BearerConfiguration, Configuration, ContactConfiguration, DeviceConfiguration
from console.configuration.switching_model import SwitchingConfiguration
from console.effects import SwitchRoute
from console.orders import ComposeMessage, Order
from console.pace_facts import Pace
from console.picture import Text
from console.records import Kind
from console.replay import new_engine
from console.switch_orders import AcknowledgeReserve, HoldBearer, ReleaseBearer, TakeBearer, TellSwitch
from devices.driver import NS_PER_S
from tests.console.door import Door

BY = "新郑-指01"
RUNGS = {"fibre": "primary", "lte": "alternate", "vsat": "contingency"}
VEHICLE = Configuration(
    mode="live",
    incident="双洎河漫溢",
    post=BY,
    devices=(
        *(DeviceConfiguration(id=f"p-{one}", name=one, driver="probe", wire="ping:127.0.0.1") for one in RUNGS),
        DeviceConfiguration(id="bd", name="北斗", driver="beidou_rdss", wire="tcp:127.0.0.1:1"),
    ),
    bearers=(
        *(
            BearerConfiguration(id=one, name=one, rung=rung, device_id=f"p-{one}", degraded_ms=1_000)  # type: ignore[arg-type]
            for one, rung in RUNGS.items()
        ),
        BearerConfiguration(id="rdss", name="北斗", rung="emergency", device_id="bd"),
    ),
    contacts=(ContactConfiguration(name="县指挥部", device_id="bd", recipient="250001", is_rear=True),),
    switching=SwitchingConfiguration(quiet_s=60, weak_s=30, unknown_s=20),
)
GOOD_MS: dict[str, float | None] = dict.fromkeys(RUNGS, 20.0)


class Post(Door):
    """A vehicle with four bearers, three of them probed once a second."""

    def __init__(self, configuration: Configuration = VEHICLE) -> None:
        super().__init__(configuration)
        for one in RUNGS:
            self.up(f"p-{one}")

    def run(self, seconds: int, **round_trips_ms: float | None) -> None:
        for _ in range(seconds):
            for one, round_trip_ms in (GOOD_MS | round_trips_ms).items():
                self.probe(f"p-{one}", round_trip_ms)
            self.wait(1)

    def run_others(self) -> None:
        """One second in which the fibre's probe says nothing."""
        for one in ("lte", "vsat"):
            self.probe(f"p-{one}", 20.0)
        self.wait(1)

    def pace(self) -> Pace:
        return self.picture().pace

    def lines(self) -> list[str]:
        return [one.text.id for one in self.picture().notices if one.text.id.startswith("switch.")]


def opened() -> Post:
    post = Post()
    post.run(5)
    assert post.pace().carrier_id == "fibre"
    return post


# ---- who carries


def test_the_highest_rung_carries_from_the_start_and_that_is_no_reserve() -> None:
    post = opened()
    assert not post.pace().is_on_reserve
    assert post.lines() == ["switch.automatic"]
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
    assert pace.proposed_reason.args["from"] == "fibre、lte"
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
    alarm = post.alarm("switch_proposed:vsat")
    assert alarm is not None
    assert alarm.state == "returned"


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
    changes = [one for one in post.picture().notices if one.text.id == "switch.automatic"]
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


# ---- who was told


def test_a_text_that_tells_of_this_change_and_a_word_of_mouth_are_kept_with_it() -> None:
    post = opened()
    post.run(6, fibre=None)
    number = post.pace().number
    compose = ComposeMessage(message_id=f"switch-{number}-1", device_id="bd", recipient="250001", text="x")
    post.order(compose)
    post.order(replace(compose, message_id="other"))
    post.order(TellSwitch(by=BY, who="王局(电话)"))
    assert [(one.name, one.message_id) for one in post.pace().told] == [
        ("县指挥部", f"switch-{number}-1"), ("王局(电话)", None),
    ]  # fmt: skip
    post.run(6, fibre=None, lte=None)
    post.order(TakeBearer(bearer_id="vsat", by=BY))
    assert post.pace().told == ()


def test_where_it_is_configured_the_rear_is_told_of_every_change_once() -> None:
    post = Post(replace(VEHICLE, switching=replace(VEHICLE.switching, tell_rear="前指现经{bearer}联络")))
    post.run(5)
    post.run(30, fibre=None)
    texts = [one.text for one in post.picture().messages]
    assert texts == ["前指现经fibre联络", "前指现经lte联络"]
    assert [one.name for one in post.pace().told] == ["县指挥部"]


# ---- execution


def executing(mode: str = "live") -> Configuration:
    return replace(VEHICLE, mode=mode, switching=replace(VEHICLE.switching, execute="hook", hook=("/bin/true",)))  # type: ignore[arg-type]


def _asked(post: Post) -> list[tuple[str, str, int]]:
    return [(one.bearer_id, one.previous_id, one.number) for one in post.effects if isinstance(one, SwitchRoute)]


def test_nothing_outside_is_changed_unless_configured_and_never_in_a_drill() -> None:
    for configuration in (VEHICLE, executing("drill")):
        post = Post(configuration)
        post.run(5)
        post.run(6, fibre=None)
        assert post.pace().carrier_id == "lte"
        assert (_asked(post), post.pace().execution) == ([], "none")


def test_every_change_asks_for_the_route_and_its_outcome_is_shown_and_written_down() -> None:
    post = Post(executing())
    post.run(5)
    post.run(6, fibre=None)
    assert _asked(post) == [("fibre", "", 1), ("lte", "fibre", 2)]
    assert post.pace().execution == "asked"
    said = {"effect": "switch", "number": 2, "is_done": False, "reason": "refused", "detail": "2 not permitted"}
    post.put(Kind.OUTCOME, "lte", said)
    assert post.pace().execution == "failed"
    alarm = post.alarm("switch_failed:console")
    assert alarm is not None
    assert (alarm.text.args["@reason"], alarm.text.args["detail"]) == ("switch.execution.refused", "2 not permitted")
    # The commander tries again: the same bearer, a new number.
    post.order(TakeBearer(bearer_id="lte", by=BY))
    assert _asked(post)[-1] == ("lte", "lte", 3)
    post.put(Kind.OUTCOME, "lte", said)
    assert post.pace().execution == "asked"
    post.put(Kind.OUTCOME, "lte", said | {"number": 3, "is_done": True, "reason": "done"})
    assert post.pace().execution == "done"
    alarm = post.alarm("switch_failed:console")
    assert alarm is not None
    assert alarm.state == "returned"


def test_after_a_restart_the_same_bearer_carries_and_its_route_is_set_once_more_when_it_is_usable() -> None:
    post = Post(executing())
    post.run(5)
    post.run(6, fibre=None)
    asked = len(_asked(post))
    last_ns = post.at_ns
    post.at_ns += 90 * NS_PER_S
    post.begin(executing(), last_ns=last_ns)
    assert (post.pace().carrier_id, post.pace().execution) == ("lte", "unknown")
    for one in RUNGS:
        post.up(f"p-{one}")
    post.run(2, fibre=None)
    assert len(_asked(post)) == asked
    post.run(8, fibre=None)
    assert _asked(post)[asked:] == [("lte", "lte", 2)]


# ---- replay


def test_replay_from_zero_and_from_any_moment_comes_to_the_same_picture() -> None:
    post = Post(executing())
    saved = []
    for step in (
        lambda: post.run(5),
        lambda: post.run(6, fibre=None),
        lambda: post.run(8, fibre=None, lte=None),
        lambda: post.order(TakeBearer(bearer_id="vsat", by=BY)),
        lambda: post.run(40),
        lambda: post.order(HoldBearer(by=BY)),
        lambda: post.run(40),
        lambda: post.order(ReleaseBearer(by=BY)),
        lambda: post.run(5),
    ):
        step()
        saved.append((post.seq, post.engine.save()))
    wanted = digest_of(post.picture())
    assert post.pace().carrier_id == "fibre"
    for seq, state in [(0, None), *saved]:
        engine = new_engine()
        if state is not None:
            engine.restore(state)
        for record in post.records[seq:]:
            engine.step(record)
        assert digest_of(engine.picture()) == wanted, seq
    assert all(a.seq < b.seq for a, b in pairwise(post.records))


def test_a_bearer_that_is_no_longer_configured_carries_nothing() -> None:
    post = opened()
    post.run(6, fibre=None, lte=None)
    left = replace(VEHICLE, bearers=VEHICLE.bearers[3:])
    post.put(Kind.CONFIGURATION, "console", {"configuration": msgspec.to_builtins(left)})
    assert (post.pace().carrier_id, post.pace().proposed_id) == (None, None)
    post.run(2)
