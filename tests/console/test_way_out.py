"""A route that somebody else took away: put back once in a while, else only said; the kernel's side is a scene."""

from __future__ import annotations

from dataclasses import replace

import pytest

from console.assembly import digest_of
from console.configuration.switching_model import Uplink
from console.effects import SwitchRoute
from console.i18n import LANGUAGES, translate
from console.records import Kind
from console.replay import new_engine
from console.route_watch import Ordered
from console.rules.way_out import PUT_BACK_S
from console.switch_orders import TakeBearer
from devices.transports.routes import Route, in_force
from tests.console.post import BY, VEHICLE, Post

FAILED = "switch_failed:console"
UPLINKS = (Uplink(bearer_id="fibre", gateway="192.0.2.1", interface="eth1"), Uplink(bearer_id="lte", interface="wwan0"))


class Wayside(Post):
    """A console that sets routes; its outcomes are told by the test."""

    def __init__(self) -> None:
        switching = replace(VEHICLE.switching, execute="route")
        super().__init__(replace(VEHICLE, switching=switching, uplinks=UPLINKS))
        self.run(5)
        self.done()

    @property
    def changes(self) -> int:
        return sum(isinstance(one, SwitchRoute) for one in self.effects)

    def done(self) -> None:
        self.told(is_done=True, reason="done", is_watched=False)

    def taken(self) -> None:
        self.told(is_done=False, reason="replaced", detail="via 198.51.100.1 dev wwan0", interface="wwan0")

    def told(self, **said: object) -> None:
        number = said.pop("number", self.pace().number)
        whole = {"effect": "switch", "number": number, "is_watched": True, "detail": "", **said}
        self.put(Kind.OUTCOME, self.pace().carrier_id or "", whole)

    def is_alarming(self) -> bool:
        alarm = self.alarm(FAILED)
        return alarm is not None and alarm.state == "unacknowledged"


def test_it_is_put_back_once_and_the_second_time_left_alone_and_told() -> None:
    post = Wayside()
    post.taken()
    assert (post.pace().execution, post.is_alarming()) == ("replaced", False)
    post.run(1)
    assert (post.changes, post.pace().execution) == (2, "asked")
    post.done()
    post.run(60)
    post.taken()
    post.run(300)
    assert (post.changes, post.pace().execution, post.is_alarming()) == (2, "replaced", True)
    alarm = post.alarm(FAILED)
    assert alarm is not None
    assert (alarm.text.id, alarm.text.args["detail"]) == ("alarm.switch_replaced", "lte via 198.51.100.1 dev wwan0")
    for language in LANGUAGES:
        assert "wwan0" in translate(language, alarm.text.id, alarm.text.args)


def test_a_lease_that_is_renewed_now_and_then_is_put_right_each_time() -> None:
    post = Wayside()
    for turn in range(1, 4):
        post.taken()
        post.run(1)
        post.done()
        assert (post.changes, post.is_alarming()) == (1 + turn, False)
        post.at_ns += round(PUT_BACK_S * 1e9)
        post.run(1)


def test_a_person_may_have_it_put_back_at_any_time() -> None:
    post = Wayside()
    for _ in range(2):
        post.taken()
        post.run(1)
        post.done() if post.pace().execution == "asked" else None
    assert post.is_alarming()
    post.order(TakeBearer(bearer_id="fibre", by=BY))
    assert post.changes == 3
    post.done()
    assert (post.pace().execution, post.is_alarming()) == ("done", False)


def test_a_route_that_comes_back_by_itself_ends_it() -> None:
    post = Wayside()
    post.taken()
    post.told(is_done=True, reason="in_force")
    post.run(2)
    assert (post.changes, post.pace().execution) == (1, "done")


def test_what_is_told_of_an_older_change_or_while_one_is_made_says_nothing() -> None:
    post = Wayside()
    post.told(number=0, is_done=False, reason="replaced")
    assert post.pace().execution == "done"
    post.order(TakeBearer(bearer_id="lte", by=BY))
    post.taken()
    assert post.pace().execution == "asked"


def test_it_is_not_put_back_by_a_bearer_that_is_down() -> None:
    post = Wayside()
    post.order(TakeBearer(bearer_id="fibre", by=BY))
    post.done()
    post.order(TakeBearer(bearer_id="lte", by=BY))
    post.done()
    changes = post.changes
    post.run(8, lte=None, fibre=None)
    post.taken()
    post.run(3, lte=None, fibre=None)
    assert post.changes == changes
    post.run(40, fibre=None)
    assert post.changes == changes + 1


def test_replay_from_any_moment_comes_to_the_same() -> None:
    post = Wayside()
    post.taken()
    saved = post.seq, post.engine.save()
    post.run(1)
    post.done()
    post.taken()
    post.run(2)
    for seq, state in (saved, (0, None)):
        engine = new_engine()
        if state is not None:
            engine.restore(state)
        for record in post.records[seq:]:
            engine.step(record)
        assert digest_of(engine.picture()) == digest_of(post.picture())


ROUTE = Route(gateway="192.0.2.1", interface="eth1", metric=100)


@pytest.mark.parametrize(
    ("uplink", "route", "is_met"),
    [
        (Uplink(bearer_id="b", gateway="192.0.2.1"), ROUTE, True),
        (Uplink(bearer_id="b", interface="eth1"), ROUTE, True),
        (Uplink(bearer_id="b", gateway="192.0.2.1", interface="eth2"), ROUTE, False),
        (Uplink(bearer_id="b", gateway="192.0.2.9", interface="eth1"), ROUTE, False),
        (Uplink(bearer_id="b", interface="eth1"), None, False),
        (Uplink(bearer_id="b", gateway="192.0.2.1"), replace(ROUTE, gateway=""), False),
        (Uplink(bearer_id="b", gateway="FE80:0::1"), replace(ROUTE, gateway="fe80::1"), True),
    ],
)
def test_what_meets_an_order(uplink: Uplink, route: Route | None, *, is_met: bool) -> None:
    assert Ordered(number=1, uplink=uplink, destination="default").is_met_by(route) is is_met


def test_a_network_without_a_route_has_none_in_force() -> None:
    assert in_force("203.0.113.0/28") is None
    assert in_force("2001:db8:77::/48") is None
