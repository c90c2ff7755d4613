"""The shipped scenario: a slip in it would be seen by nobody until somebody drills."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from console.configuration.faults import ConfigurationFaults
from console.configuration.model import IN_USE, Configuration
from console.drill import SCENARIO, Scenario, begun_at, read_scenario, sub_wire
from console.drill_outages import Outage, outages_of
from console.geodesy import rough_distance_m
from console.rules.dependencies import below, needs_of
from devices.catalogue import simulator_class
from devices.driver import NS_PER_S
from tests.console.door import Door, sentence

NOW_NS = 1_800_000_000 * NS_PER_S


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return read_scenario(SCENARIO)


@pytest.fixture(scope="module")
def vehicle(scenario: Scenario) -> Configuration:
    tables = scenario.tables()
    wires = {row["id"]: f"wire-of-{row['id']}" for name in ("device", "camera") for row in tables[name]}
    wires |= {sub_wire(row["id"]): f"small-wire-of-{row['id']}" for row in tables["camera"] if "sub_url" in row}
    return scenario.configuration(wires, NOW_NS)


def _values(table: Any) -> list[Any]:
    if isinstance(table, dict):
        return [one for value in table.values() for one in _values(value)]
    return [one for value in table for one in _values(value)] if isinstance(table, list) else [table]


def test_the_vehicle_has_what_the_commander_is_promised(vehicle: Configuration) -> None:
    assert vehicle.mode == "drill"
    assert "演练" in vehicle.incident
    assert len(vehicle.teams) == 12
    assert sum(team.people or 0 for team in vehicle.teams) == 214
    assert len(vehicle.cameras) == 4
    rungs = ["primary", "alternate", "contingency", "contingency", "emergency"]
    assert [bearer.rung for bearer in vehicle.bearers] == rungs
    assert [device.driver for device in vehicle.devices if device.is_own] == ["nmea0183"]


def test_the_real_wires_take_the_place_of_the_written_ones(vehicle: Configuration) -> None:
    assert all(device.wire == f"wire-of-{device.id}" for device in vehicle.devices)
    assert all(camera.url == f"wire-of-{camera.id}" for camera in vehicle.cameras)
    assert [camera.sub_url for camera in vehicle.cameras if camera.sub_url] == ["small-wire-of-cam-body"]


def test_probes_on_their_real_wires_keep_the_pace_of_their_bearers(scenario: Scenario) -> None:
    tables = scenario.tables()
    wires = {row["id"]: "stamp:127.0.0.1:7" for name in ("device", "camera") for row in tables[name]}
    wires |= {sub_wire(row["id"]): "udp://127.0.0.1:8" for row in tables["camera"]}
    wired = {device.id: device.wire for device in scenario.configuration(wires, NOW_NS).devices}
    assert wired["probe-fibre"] == "stamp:127.0.0.1:7?interval_s=0.25&timeout_s=0.8"
    assert wired["probe-vsat"] == "stamp:127.0.0.1:7?interval_s=0.75&timeout_s=3"


def test_the_incident_is_under_way(vehicle: Configuration) -> None:
    assert vehicle.incident_since_ns == NOW_NS - 312 * 60 * NS_PER_S


def test_roads_were_last_spoken_of_before_the_drill_begins(vehicle: Configuration) -> None:
    """By the file's own dates nobody would know of any road any more."""
    roads = {road.name: road for road in vehicle.roads}
    ago_min = {name: (NOW_NS - road.seen_ns) / (60 * NS_PER_S) for name, road in roads.items() if road.seen_ns}
    assert ago_min == {"S321 观音寺桥": 142, "郑新路涵洞": 35, "北环路": 174}
    assert roads["S321 观音寺桥"].state == "closed"
    assert [road.name for road in vehicle.roads if road.is_exit] == ["北环路"]


def test_a_drill_that_goes_on_does_not_make_roads_fresher(vehicle: Configuration) -> None:
    assert vehicle.incident_since_ns is not None
    earlier = begun_at(vehicle, vehicle.incident_since_ns - 600 * NS_PER_S)
    seen = [road.seen_ns for road in vehicle.roads]
    assert [road.seen_ns for road in earlier.roads] == [None if at is None else at - 600 * NS_PER_S for at in seen]


def test_this_vehicle_proves_a_road_of_the_drill_within_four_minutes(
    scenario: Scenario, vehicle: Configuration
) -> None:
    gnss = scenario.simulate["gnss"]
    door = Door(replace(vehicle, devices=tuple(one for one in vehicle.devices if one.id == "gnss")))
    door.up("gnss")
    (lat, lon), (to_lat, to_lon) = gnss["route"][:2]
    whole_m = rough_distance_m(lat, lon, to_lat, to_lon)
    for second in range(0, 240, 5):
        share = second * gnss["speed_mps"] / whole_m
        at = (lat + share * (to_lat - lat), lon + share * (to_lon - lon))
        door.say("gnss", sentence(f"GNGGA,,{_degrees(at[0], 2)},N,{_degrees(at[1], 3)},E,1,12,1.0,100.0,M,0.0,M,,"))
        door.wait(5)
    passed = [road.name for road in door.picture().roads if road.passage is not None]
    assert passed == ["人民路铁路涵洞"]


def _degrees(value: float, width: int) -> str:
    return f"{int(value):0{width}d}{(value - int(value)) * 60:08.5f}"


def test_every_simulation_belongs_to_something_and_every_device_is_played(
    scenario: Scenario, vehicle: Configuration
) -> None:
    known = {device.id: device.driver for device in vehicle.devices} | {camera.id: "clip" for camera in vehicle.cameras}
    assert set(scenario.simulate) <= {"incident", *known, *(road.id for road in vehicle.roads)}
    assert {name for name, driver in known.items() if driver not in {"probe", "stamp"}} <= set(scenario.simulate)


def test_every_setting_is_one_that_its_simulator_tells_of(scenario: Scenario, vehicle: Configuration) -> None:
    for device in vehicle.devices:
        simulator = simulator_class(device.driver)
        words = set(re.findall(r"``(\w+)``", _told_by(simulator))) if simulator is not None else set()
        words |= {"rate_mbps"} if device.driver == "stamp" else set()
        assert set(scenario.simulate.get(device.id, {})) - {"outages"} <= words, device.id


def _told_by(simulator: Any) -> str:
    return f"{simulator.__doc__} {sys.modules[simulator.__module__].__doc__}"


def test_every_team_is_heard_by_something_that_is_played(scenario: Scenario, vehicle: Configuration) -> None:
    played = {device.id for device in vehicle.devices}
    for name, table in scenario.simulate.items():
        played |= {f"{name}/{one['card']}" for one in table.get("subordinates", ())}
        played |= {f"{name}/{table['rear_card']}"} if "rear_card" in table else set()
    assert {means for team in vehicle.teams for means in team.means} <= played
    assert {f"{contact.device_id}/{contact.recipient}" for contact in vehicle.contacts} <= played
    assert [contact.name for contact in vehicle.contacts if contact.is_rear] == ["县应急指挥中心"]


def test_every_simulated_text_says_that_it_is_a_drill(scenario: Scenario) -> None:
    texts = [value for value in _values(dict(scenario.simulate)) if isinstance(value, str) and not value.isascii()]
    assert len(texts) >= 5
    assert all(text.startswith("演练") for text in texts)


def test_every_clip_is_there(scenario: Scenario, vehicle: Configuration) -> None:
    for camera in vehicle.cameras:
        clips = [scenario.simulate[camera.id]["clip"]]
        clips += [scenario.simulate[camera.id]["sub_clip"]] if camera.sub_url else []
        assert all((SCENARIO.parent / "clips" / f"{clip}.ts").is_file() for clip in clips)


def test_a_camera_over_the_bearer_in_use_has_to_step_down_when_the_fibre_fails(
    vehicle: Configuration,
) -> None:
    body = next(camera for camera in vehicle.cameras if camera.bearer_id is not None)
    assert body.bearer_id == IN_USE
    first, second, third, *_ = vehicle.bearers
    assert (first.video_grade, second.video_grade, third.video_grade) == ("main", "stills", "stills")
    assert second.video_budget_bps is not None
    assert third.video_hour_bytes is not None


def test_the_fibre_fails_within_two_minutes_and_comes_back(scenario: Scenario) -> None:
    outage = Outage(**scenario.simulate["probe-fibre"]["outages"][0])
    assert outage.next_change_s(0) + 20 < 120
    assert outage.next_change_s(outage.from_s) < 180


def test_fibre_and_lte_fail_together_for_longer_than_it_takes_to_propose_the_next_rung(scenario: Scenario) -> None:
    fibre, lte = (Outage(**scenario.simulate[one]["outages"][1]) for one in ("probe-fibre", "probe-lte"))
    together_s = min(fibre.from_s + fibre.for_s, lte.from_s + lte.for_s) - max(fibre.from_s, lte.from_s)
    assert together_s > 45


def test_every_bearer_that_costs_nothing_is_probed_by_stamp_and_no_other(vehicle: Configuration) -> None:
    drivers = {device.id: device.driver for device in vehicle.devices}
    probed = {bearer.id: drivers[bearer.device_id or ""] == "stamp" for bearer in vehicle.bearers}
    assert probed == {bearer.id: bearer.cost == "free" for bearer in vehicle.bearers}
    assert not probed["beidou-text"]


def test_only_lines_that_are_played_lose_one_way(scenario: Scenario, vehicle: Configuration) -> None:
    one_way = {name for name, table in scenario.simulate.items() if {o.way for o in outages_of(table)} - {"both"}}
    assert one_way == {"probe-lte", "probe-vsat"}
    assert all(device.driver == "stamp" for device in vehicle.devices if device.id in one_way)


def test_all_that_is_no_serial_port_comes_through_the_switch(scenario: Scenario, vehicle: Configuration) -> None:
    written = {row["id"]: row["wire"] for row in scenario.tables()["device"]}
    cabled = {name for name, wire in written.items() if not wire.startswith("serial:")}
    hanging = {*cabled - {"switch"}, *(camera.id for camera in vehicle.cameras)}
    hanging |= {bearer.id for bearer in vehicle.bearers if bearer.device_id in cabled}
    assert set(below(needs_of(vehicle), "switch")) == hanging
    assert len(hanging) == 18


def test_the_switch_fails_between_the_other_troubles(scenario: Scenario, vehicle: Configuration) -> None:
    """Long enough to be seen, and over with a minute to come back in before the fibre fails again."""
    (cut,) = outages_of(scenario.simulate["switch"])
    before, after = (outages_of(scenario.simulate["probe-fibre"])[number] for number in (0, 1))
    assert before.from_s + before.for_s + 60 < cut.from_s
    assert cut.from_s + cut.for_s + 20 + 60 <= after.from_s
    assert cut.for_s > 45
    (tracker,) = outages_of(scenario.simulate["track-fire2"])
    fire = next(team for team in vehicle.teams if team.id == "fire2")
    alarmed_s = tracker.from_s + fire.expected_s
    unproven_s = vehicle.road_rules.alarm_s - 60 * scenario.simulate["road-north"]["seen_min_before"]
    assert cut.from_s + cut.for_s + 20 < unproven_s < after.from_s
    assert cut.from_s + 5 - 120 > alarmed_s, "an alarm of two minutes before would be laid to the switch"


def test_a_team_is_off_for_longer_than_it_may_be_silent(scenario: Scenario, vehicle: Configuration) -> None:
    fire = next(team for team in vehicle.teams if team.id == "fire2")
    (row,) = scenario.simulate[fire.means[0]]["outages"]
    assert row["for_s"] > fire.expected_s


def test_a_slip_in_the_vehicle_part_is_told_as_in_any_configuration(tmp_path: Path) -> None:
    file = tmp_path / "bad.toml"
    text = SCENARIO.read_text(encoding="utf-8").replace('driver = "stamp"', 'driver = "stam"', 1)
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationFaults) as caught:
        read_scenario(file).configuration({}, NOW_NS)
    assert caught.value.faults[0].key == "device.probe-fibre.driver"


def test_the_mains_fail_within_two_minutes_and_the_battery_takes_over_at_the_same_moment(
    scenario: Scenario, vehicle: Configuration
) -> None:
    mains, house = (next(one for one in vehicle.supplies if one.id == name) for name in ("mains", "house"))
    failing = scenario.simulate[mains.device_id or ""]
    giving = scenario.simulate[house.device_id or ""]
    assert failing["mains_for_s"] == giving["mains_for_s"]
    assert failing["mains_for_s"] < 120 < failing["battery_for_s"]
    assert house.id in mains.feeds
    assert giving["capacity_wh"] == house.capacity_wh
    assert {load.supply_id for load in vehicle.loads if load.can_be_shed} == {house.id}
