"""Who is told of a change, what is done outside of the console, and what restart and replay make of it."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import msgspec

from console.assembly import digest_of
from console.configuration.model import Configuration, TeamConfiguration
from console.configuration.switching_model import Uplink
from console.effects import SwitchRoute
from console.orders import ComposeMessage
from console.records import Kind
from console.replay import new_engine
from console.switch_orders import HoldBearer, ReleaseBearer, TakeBearer, TellSwitch
from devices.driver import NS_PER_S
from tests.console.post import BY, RUNGS, VEHICLE, Post, opened

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


def test_the_picture_says_which_contacts_are_the_rear() -> None:
    team = TeamConfiguration(id="t", name="一队", symbol="一", means=("bd/250101",))
    contacts = Post(replace(VEHICLE, teams=(team,))).picture().contacts
    assert [(one.name, one.is_rear) for one in contacts] == [("县指挥部", True), ("一队", False)]


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


def test_a_bearer_that_goes_out_of_no_interface_changes_no_route_and_fails_at_nothing() -> None:
    switching = replace(VEHICLE.switching, execute="route")
    post = Post(replace(VEHICLE, switching=switching, uplinks=(Uplink(bearer_id="fibre", interface="eth1"),)))
    post.run(5)
    assert (_asked(post), post.pace().execution) == ([("fibre", "", 1)], "asked")
    post.put(Kind.OUTCOME, "fibre", {"effect": "switch", "number": 1, "is_done": False, "reason": "missing"})
    assert post.pace().execution == "failed"
    post.order(TakeBearer(bearer_id="rdss", by=BY))
    assert (len(_asked(post)), post.pace().execution) == (1, "none")
    alarm = post.alarm("switch_failed:console")
    assert alarm is not None
    assert alarm.state == "returned"


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
