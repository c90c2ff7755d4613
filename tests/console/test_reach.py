"""Until what hour the rear, contacts and teams can be reached, and what fails first."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from console.configuration.model import ContactConfiguration, TeamConfiguration
from console.power_facts import Power, Supply
from console.reach_facts import Reach
from console.road_facts import RoadConfiguration
from console.rules.reach import reach_of
from console.supplies import SupplyConfiguration
from console.words import Text
from devices.driver import NS_PER_S
from tests.console.door import START_NS, VEHICLE, Door, assert_same_from_every
from tests.console.road_rig import BRIDGE, report

H_NS = 3600 * NS_PER_S


def supply(
    identity: str, feeds: tuple[str, ...], low_h: float | None = None, high_h: float = 0.0, **more: Any
) -> Supply:
    made = Supply(
        id=identity, name=identity, kind="vehicle_battery", state="feeding", since_ns=START_NS, device_id=None,
        team_id=None, feeds=feeds,
    )  # fmt: skip
    if low_h is not None:
        made = replace(made, ends_low_ns=START_NS + round(low_h * H_NS), ends_high_ns=START_NS + round(high_h * H_NS))
    return replace(made, **more)


def reckoned(door: Door, *supplies: Supply) -> dict[str, Reach]:
    return {one.id: one for one in reach_of(door.engine.tables, Power(supplies=supplies))}


def ready(*supplies: Supply, **changes: Any) -> Door:
    """The fibre answers, the BeiDou terminal is there; what feeds what is configured."""
    feeding = tuple(SupplyConfiguration(id=one.id, name=one.name, kind=one.kind, feeds=one.feeds) for one in supplies)
    door = Door(replace(VEHICLE, supplies=feeding, **changes))
    door.up("p1")
    for _ in range(8):
        door.probe("p1", 20.0)
        door.wait(1)
    door.ready_terminal()
    door.wait(2)
    return door


def hours(reach: Reach) -> tuple[float, float] | None:
    end = reach.end
    if end.low_ns is None or end.high_ns is None:
        return None
    return (end.low_ns - START_NS) / H_NS, (end.high_ns - START_NS) / H_NS


def test_the_rear_is_reached_as_long_as_the_last_means_and_what_ends_it_is_named() -> None:
    car, pack = supply("car", ("fibre",), 2, 3), supply("pack", ("bd",), 5, 9)
    rear = reckoned(ready(car, pack), car, pack)["rear"]
    assert rear.state == "up"
    assert hours(rear) == (5, 9)
    assert rear.end.weakest == "pack"
    assert [one.feeds for one in rear.means] == [("car",), ("pack",)]


def test_a_means_lasts_as_long_as_the_first_of_all_it_needs() -> None:
    car, probe = supply("car", ("fibre",), 5, 9), supply("probe", ("p1",), 1, 2)
    door = ready(car, probe, bearers=VEHICLE.bearers[:1], contacts=())
    rear = reckoned(door, car, probe)["rear"]
    assert (hours(rear), rear.end.weakest) == ((1, 2), "probe")


def test_of_two_supplies_of_one_thing_the_longer_counts() -> None:
    car, generator = supply("car", ("fibre", "p1"), 2, 3), supply("generator", ("fibre", "p1"), 4, 6)
    door = ready(car, generator, bearers=VEHICLE.bearers[:1], contacts=())
    assert hours(reckoned(door, car, generator)["rear"]) == (4, 6)


def test_mains_have_no_end_of_their_own_and_one_that_failed_ends_what_it_fed() -> None:
    mains = supply("mains", ("fibre", "p1"), kind="mains")
    door = ready(mains, bearers=VEHICLE.bearers[:1], contacts=())
    assert reckoned(door, mains)["rear"].end.kind == "open"
    off = replace(mains, state="off")
    assert reckoned(door, off)["rear"].end.kind == "out"


def test_what_is_fed_by_nothing_configured_has_an_unknown_end_and_says_so() -> None:
    rear = reckoned(ready())["rear"]
    assert (rear.state, rear.end.kind, rear.end.doubt) == ("up", "unknown", Text(id="reach.doubt.unfed"))


def test_old_values_and_unknown_supplies_leave_a_doubt() -> None:
    car, dark = supply("car", ("fibre",), 2, 3, is_stale=True), supply("dark", ("p1",))
    door = ready(car, dark, bearers=VEHICLE.bearers[:1], contacts=())
    end = reckoned(door, car)["rear"].end
    assert end.doubt == Text(id="reach.doubt.stale", args={"supply": "car"})
    end = reckoned(door, car, dark)["rear"].end
    assert (end.kind, end.doubt) == ("range", Text(id="reach.doubt.supply", args={"supply": "dark"}))


def test_a_cut_means_is_told_but_reaches_nobody() -> None:
    car, pack = supply("car", ("fibre",), 20, 30), supply("pack", ("bd",), 5, 9)
    door = ready(car, pack)
    for _ in range(30):
        door.probe("p1", None)
        door.wait(1)
    rear = reckoned(door, car, pack)["rear"]
    assert [(one.id, one.state) for one in rear.means] == [("rdss", "up"), ("fibre", "down")]
    assert hours(rear) == (5, 9), "the fibre's battery buys nothing"


def test_with_every_means_cut_a_counterpart_is_cut() -> None:
    door = ready(teams=VEHICLE.teams[:1])
    door.down("bd")
    door.wait(10)
    fire = reckoned(door)["fire"]
    assert (fire.state, fire.end.kind) == ("down", "out")


def test_a_team_lasts_no_longer_than_the_battery_it_carries() -> None:
    pack = supply("pack", ("bd",), 5, 9)
    hand = supply("hand", (), 1, 2, kind="handheld", team_id="fire")
    door = ready(pack, hand)
    door.say("bd", b"")
    team = replace(VEHICLE.teams[0])
    assert team.means == ("bd/4204986",)
    table = door.engine.tables.teams["fire"]
    table.last_heard_ns, table.last_heard_by = door.at_ns, "bd"
    fire = reckoned(door, pack, hand)["fire"]
    assert (fire.state, hours(fire), fire.end.weakest) == ("up", (1, 2), "hand")


def test_a_team_silent_for_too_long_is_unknown_not_reached() -> None:
    door = ready()
    table = door.engine.tables.teams["fire"]
    table.last_heard_ns, table.last_heard_by = door.at_ns, "bd"
    door.engine.tables.at_ns += 901 * NS_PER_S
    door.engine.tables.devices["bd"].last_understood_ns = door.engine.tables.at_ns
    fire = reckoned(door)["fire"]
    assert (fire.state, fire.end.kind) == ("unknown", "unknown")


def test_who_can_only_be_heard_is_weak_and_says_so() -> None:
    team = TeamConfiguration(id="t", name="电力", symbol="电", means=("gnss",))
    door = ready(teams=(team,))
    door.up("gnss")
    table = door.engine.tables.teams["t"]
    table.last_heard_ns, table.last_heard_by = door.at_ns, "gnss"
    door.engine.tables.devices["gnss"].last_understood_ns = door.at_ns
    found = reckoned(door)["t"]
    assert found.state == "weak"
    assert found.end.doubt == Text(id="reach.doubt.one_way")
    assert not found.means[0].is_two_way


def courier(door_state: Any) -> tuple[Door, str]:
    road = replace(BRIDGE, id="way")
    contacts = (ContactConfiguration(name="梨河镇", device_id="bd", recipient="4209999", road_id="way"),)
    door = ready(contacts=contacts, teams=(), roads=(road,))
    door.order(report("way", door_state, seen_ns=door.at_ns))
    return door, "contact:梨河镇"


def test_a_road_is_a_means_of_last_resort_as_far_as_reported() -> None:
    door, lihe = courier("open")
    found = reckoned(door)[lihe]
    assert [(one.kind, one.state) for one in found.means] == [("device", "up"), ("road", "up")]
    door.down("bd")
    door.wait(10)
    found = reckoned(door)[lihe]
    assert (found.state, found.end.weakest, found.end.doubt) == ("up", BRIDGE.name, Text(id="reach.doubt.road"))
    door, lihe = courier("closed")
    door.down("bd")
    door.wait(10)
    assert reckoned(door)[lihe].state == "down"


def test_one_who_is_a_team_too_stands_once() -> None:
    contact = ContactConfiguration(name="水域二组", device_id="bd", recipient="4204986", road_id="way")
    road: RoadConfiguration = replace(BRIDGE, id="way")
    door = ready(contacts=(*VEHICLE.contacts, contact), roads=(road,))
    found = reckoned(door)
    assert list(found) == ["rear", "fire", "own"]
    assert [one.kind for one in found["fire"].means] == ["device", "road"]


def test_what_hangs_on_itself_in_a_circle_comes_to_an_end() -> None:
    a, b = supply("a", ("b", "fibre"), 2, 3), supply("b", ("a",), 4, 5)
    assert hours(reckoned(ready(a, b, bearers=VEHICLE.bearers[:1], contacts=()), a, b)["rear"]) == (2, 3)


def test_the_picture_has_it_with_every_tick_and_replay_comes_to_the_same() -> None:
    car = supply("car", ("fibre",))
    door = ready(car)
    door.down("bd")
    door.wait(8)
    assert [one.id for one in door.picture().reach] == ["rear", "fire", "own"]
    assert_same_from_every(door, 6)


def test_what_feeds_a_switch_ends_the_bearer_that_needs_the_switch() -> None:
    car = supply("car", ("switch",), 2, 3)
    switch = replace(VEHICLE.devices[2], id="switch", name="车载交换机")
    fibre = replace(VEHICLE.bearers[0], depends_on=("switch",))
    door = ready(car, devices=(*VEHICLE.devices, switch), bearers=(fibre,), contacts=())
    rear = reckoned(door, car)["rear"]
    assert (hours(rear), rear.end.weakest) == ((2, 3), "car")
    assert rear.means[0].hangs_on == ("switch", "car", "p1")


def test_a_battery_that_is_kept_full_lasts_as_long_as_the_mains_and_then_by_itself() -> None:
    mains = supply("mains", ("house",), kind="mains")
    house = supply("house", ("fibre", "p1"), state="charging", is_reserve=True, low_s=7_200, high_s=10_800)
    door = ready(mains, house, bearers=VEHICLE.bearers[:1], contacts=())
    end = reckoned(door, mains, house)["rear"].end
    assert (end.kind, end.weakest) == ("open", "mains")
    assert end.doubt == Text(id="reach.doubt.reserve", args={"supply": "house", "low": 2.0, "high": 3.0})
    end = reckoned(door, replace(mains, state="off"), house)["rear"].end
    assert (end.kind, end.low_ns, end.weakest) == ("range", door.at_ns + 7_200 * NS_PER_S, "house")
