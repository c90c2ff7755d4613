"""A bearer that carries too little for what it is there for: proposed to be left, never by one measurement alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from console.assembly import digest_of
from console.i18n import LANGUAGES, translate
from console.records import Kind
from console.replay import new_engine
from console.rules.shortfall import FRESH_S
from console.switch_orders import HoldBearer, TakeBearer
from devices.driver import NS_PER_S
from tests.console.post import BY, VEHICLE, Post

REQUIRED = {"fibre": 100.0, "lte": 50.0, "vsat": 2.0}


class Measured(Post):
    """A vehicle whose bearers are required to carry something; the fibre carries."""

    def __init__(self, **required_mbps: float | None) -> None:
        wanted = REQUIRED | required_mbps
        bearers = tuple(replace(one, requires_mbps=wanted.get(one.id)) for one in VEHICLE.bearers)
        super().__init__(replace(VEHICLE, bearers=bearers))
        self.run(40)

    def measure(self, bearer_id: str = "fibre", mbps: float | None = 8.0, *, offered: float = 110.0) -> None:
        said = {"effect": "throughput", "out_mbps": mbps, "back_mbps": None if mbps is None else mbps + 1}
        self.put(Kind.OUTCOME, bearer_id, {**said, "offered_mbps": offered, "size_bytes": 1, "reason": "no_answer"})

    def thin(self) -> None:
        """The fibre is measured twice, a minute apart."""
        self.measure()
        self.run(60)
        self.measure()
        self.run(1)

    def pass_by(self, seconds: float) -> None:
        """Time in which nothing is worth a step of its own, then a good minute."""
        self.at_ns += round(seconds * NS_PER_S)
        self.run(61)

    def proposed(self) -> tuple[str | None, str | None]:
        pace = self.pace()
        return pace.proposed_id, pace.proposed_reason.id if pace.proposed_reason else None


def test_two_measurements_a_minute_apart_propose_what_carries_more_and_change_nothing() -> None:
    post = Measured()
    post.thin()
    assert post.proposed() == ("lte", "switch.reason.thin")
    assert (post.pace().carrier_id, post.picture().bearers[0].state) == ("fibre", "up")
    reason = post.pace().proposed_reason
    assert reason is not None
    assert reason.args == {"from": "fibre", "mbps": "8", "required": "100"}
    for language in LANGUAGES:
        assert "100" in translate(language, reason.id, reason.args)
    post.run(120)
    assert post.pace().carrier_id == "fibre", "automatic rungs too: a person measured, a person decides"


def test_one_measurement_alone_proposes_nothing_and_says_to_measure_again() -> None:
    post = Measured()
    post.measure()
    post.run(120)
    assert post.proposed() == (None, None)
    short = [one.text for one in post.picture().notices if one.text.id == "throughput.short"]
    assert [text.args["required"] for text in short] == ["100"]


def test_two_in_quick_succession_are_one() -> None:
    post = Measured()
    post.measure()
    post.run(30)
    post.measure()
    post.run(5)
    assert post.proposed() == (None, None)


@pytest.mark.parametrize(("between", "is_proposed"), [(99.0, False), (None, True), (60.0, True)])
def test_one_that_is_enough_ends_the_run_and_one_that_fails_says_nothing(
    between: float | None, *, is_proposed: bool
) -> None:
    post = Measured()
    post.measure()
    post.run(40)
    post.measure(mbps=between)
    post.run(40)
    post.measure()
    post.run(1)
    assert (post.pace().proposed_id == "lte") is is_proposed


def test_what_this_computer_could_not_offer_is_no_evidence() -> None:
    post = Measured()
    for _ in range(2):
        post.measure(mbps=40.0, offered=45.0)
        post.run(61)
    assert post.proposed() == (None, None)


def test_old_evidence_proposes_nothing_any_more() -> None:
    post = Measured()
    post.thin()
    post.pass_by(FRESH_S)
    assert post.proposed() == (None, None)
    assert post.pace().carrier_id == "fibre"


def test_who_was_left_for_being_thin_does_not_come_back_by_itself_until_it_was_measured_enough() -> None:
    post = Measured()
    post.thin()
    post.order(TakeBearer(bearer_id="lte", by=BY))
    post.run(200)
    pace = post.pace()
    assert (pace.carrier_id, pace.returns_to_id, pace.held_by) == ("lte", None, None)
    assert post.proposed() == (None, None)
    post.pass_by(FRESH_S)
    assert post.pace().carrier_id == "lte"
    assert post.proposed() == ("fibre", "switch.reason.return_unproved")
    post.measure(mbps=99.0)
    post.run(2)
    assert post.pace().carrier_id == "fibre"


def test_what_carries_no_more_is_not_proposed() -> None:
    post = Measured(lte=10.0)
    post.thin()
    assert post.proposed() == (None, None), "10 Mb/s are hardly more than 8"
    post = Measured()
    post.measure("lte", 9.0)
    post.thin()
    assert post.proposed() == (None, None), "it was measured, whatever it should carry"
    post = Measured(lte=None, vsat=None)
    post.thin()
    assert post.proposed() == (None, None), "nobody knows what they carry"


def test_two_thin_bearers_end_with_the_thicker_one() -> None:
    post = Measured()
    post.thin()
    post.order(TakeBearer(bearer_id="lte", by=BY))
    for _ in range(2):
        post.measure("lte", 3.0)
        post.run(61)
    assert post.proposed() == ("fibre", "switch.reason.thin")
    post.order(TakeBearer(bearer_id="fibre", by=BY))
    post.run(120)
    assert (post.pace().carrier_id, post.proposed()) == ("fibre", (None, None))


def test_who_holds_is_not_asked_and_a_cut_goes_before_everything() -> None:
    post = Measured()
    post.order(HoldBearer(by=BY))
    post.thin()
    assert post.proposed() == (None, None)
    post = Measured()
    post.thin()
    post.run(6, fibre=None)
    assert (post.pace().carrier_id, post.proposed()) == ("lte", (None, None))


def test_a_weak_bearer_is_not_left_by_itself_for_a_thin_one() -> None:
    post = Measured()
    for _ in range(2):
        post.measure("lte", 3.0)
        post.run(61)
    post.run(90, fibre=1_500.0)
    assert (post.picture().bearers[0].state, post.pace().carrier_id) == ("degraded", "fibre")


def test_replay_from_any_moment_comes_to_the_same() -> None:
    post = Measured()
    post.measure()
    post.run(60)
    seq, state = post.seq, post.engine.save()
    post.measure()
    post.run(1)
    post.order(TakeBearer(bearer_id="lte", by=BY))
    post.run(20)
    for first, saved in ((0, None), (seq, state)):
        engine = new_engine()
        if saved is not None:
            engine.restore(saved)
        for record in post.records[first:]:
            engine.step(record)
        assert digest_of(engine.picture()) == digest_of(post.picture())
