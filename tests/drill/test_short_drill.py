"""One drill from start to end on real wires, with every trouble of the shipped one in half a minute."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from console.assembly import digest_of
from console.configuration.choice import Chosen
from console.configuration.model import Configuration
from console.drill import open_vehicle
from console.export.tables import export
from console.journal.reader import Reader
from console.link_orders import CheckThroughput
from console.orders import ComposeMessage
from console.picture import Picture
from console.replay import new_engine, play
from console.runtime import Runtime

SCENARIO = Path(__file__).parent / "short.toml"


class Story:
    """What the published pictures said, each change once."""

    def __init__(self) -> None:
        self.bearer: list[str] = []
        self.camera: list[str] = []
        self.text: list[str] = []
        self.alarms: set[str] = set()
        self.asked: set[str] = set()
        self.hidden: set[str] = set()
        self.counted = 0
        self.losses: list[tuple[float, float]] = []
        self.newest: Picture | None = None
        self._told = threading.Condition()

    def tell(self, picture: Picture) -> None:
        with self._told:
            for states, state in (
                (self.bearer, picture.bearers[0].state),
                (self.camera, picture.cameras[0].state),
                (self.text, next((message.state for message in picture.messages if message.id == "m1"), "")),
            ):
                if state and states[-1:] != [state]:
                    states.append(state)
            self.alarms |= {alarm.id for alarm in picture.alarms}
            self._tell_alarms(picture)
            line = picture.bearers[1]
            is_quiet = line.measuring_ns is None and line.throughput is None  # a check fills the line: probes are lost
            if is_quiet and line.loss_out_percent is not None and line.loss_back_percent is not None:
                self.losses.append((line.loss_out_percent, line.loss_back_percent))
            self.newest = picture
            self._told.notify_all()

    def _tell_alarms(self, picture: Picture) -> None:
        for alarm in picture.alarms:
            (self.hidden if alarm.state == "suppressed" else self.asked).add(alarm.id)
            if alarm.id == "unanswered:switch" and alarm.beneath is not None:
                self.counted = max(self.counted, int(str(alarm.beneath.args["hidden"])))

    def wait(self, what: str, is_so: Callable[[Picture], bool], deadline_s: float) -> None:
        with self._told:
            came = self._told.wait_for(lambda: self.newest is not None and is_so(self.newest), deadline_s)
        assert came, f"never: {what}; {self.bearer} {self.camera} {self.text} {sorted(self.alarms)}"


BEHIND = {"nodata:behind", "bearer:line-bearer", "picture:called"}
"""What hangs on the switch, by the alarms that it would be."""


def _state(picture: Picture, alarm_id: str) -> str | None:
    return next((alarm.state for alarm in picture.alarms if alarm.id == alarm_id), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drill:
    """A finished drill."""

    configuration: Configuration
    folder: Path
    story: Story = field(default_factory=Story)
    final: Picture


@pytest.fixture(scope="module")
def drill(tmp_path_factory: pytest.TempPathFactory) -> Drill:
    folder = tmp_path_factory.mktemp("drill") / "incident"
    story = Story()
    with open_vehicle(Chosen(None, folder), scenario=SCENARIO, seed=3) as vehicle:
        runtime = Runtime(vehicle.configuration, vehicle.folder, on_picture=story.tell)
        runtime.start()
        try:
            story.wait("a card", lambda picture: picture.devices[0].card is not None, 10)
            order = ComposeMessage(message_id="m1", device_id="beidou", recipient="4200001", text="演练:水位涨二十厘米")
            runtime.submit(order)
            story.wait("the switch is out", lambda _: story.counted >= len(BEHIND), 25)
            story.wait("the switch is back", lambda picture: _state(picture, "unanswered:switch") == "returned", 25)
            story.wait("losses one way", lambda _: any(back > 0 for _, back in story.losses), 30)
            runtime.submit(CheckThroughput(bearer_id="line-bearer", by="试", is_confirmed=False))
            story.wait("the fibre failed", lambda _: "down" in story.bearer, 20)
            story.wait("the fibre is back", lambda _: story.bearer[-1] == "up", 20)
            story.wait("the team fell silent", lambda _: "silence:silent" in story.alarms, 20)
            story.wait("the picture froze", lambda _: {"stalled", "down"} & set(story.camera) != set(), 20)
            story.wait("the picture is back", lambda _: story.camera[-1] == "live", 30)
            story.wait("it was measured", lambda picture: picture.bearers[1].throughput is not None, 30)
            story.wait("the rear confirmed", lambda _: story.text[-1:] == ["confirmed"], 60)
        finally:
            final = runtime.stop()
    return Drill(configuration=vehicle.configuration, folder=folder, story=story, final=final)


def test_a_bearer_really_fails_is_alarmed_and_comes_back(drill: Drill) -> None:
    states = [state for state in drill.story.bearer if state != "unknown"]
    assert states[0] == "up"
    assert states[-1] == "up"
    assert states.count("down") == 1
    assert "bearer:fibre" in drill.story.alarms
    assert next(alarm.state for alarm in drill.final.alarms if alarm.id == "bearer:fibre") == "returned"


def test_a_switch_that_is_cut_takes_all_behind_it_and_is_one_line_that_counts_them(drill: Drill) -> None:
    assert drill.story.counted == len(BEHIND)
    assert drill.story.hidden >= BEHIND
    assert not BEHIND & drill.story.asked
    assert not {"nodata:switch", "nodata:line"} & drill.story.alarms
    assert "unanswered:switch" in drill.story.asked
    lost = [(n.text.id, n.subject_id) for n in drill.final.notices if n.subject_id in {"behind", "called"}]
    assert ("notice.wire_down", "behind") in lost, "its sockets were closed, it did not fall silent alone"
    assert ("notice.picture_lost", "called") in lost


def test_all_behind_the_switch_comes_back_with_it(drill: Drill) -> None:
    states = {device.id: device.state for device in drill.final.devices}
    assert (states["switch"], states["behind"], states["line"]) == ("up", "up", "up")
    assert next(camera.state for camera in drill.final.cameras if camera.id == "called") == "live"
    assert not [alarm.id for alarm in drill.final.alarms if alarm.state == "suppressed"]


def test_the_direction_that_loses_is_told_and_the_cut_is_none_of_it(drill: Drill) -> None:
    assert max(out for out, _ in drill.story.losses) == 0
    assert 0 < max(back for _, back in drill.story.losses) < 50


def test_a_line_carries_what_the_scenario_says_and_a_check_finds_it(drill: Drill) -> None:
    measured = drill.final.bearers[1].throughput
    assert measured is not None
    assert measured.tool == "stamp"
    assert measured.out_mbps == pytest.approx(4, rel=0.15)
    assert measured.is_enough is False


def test_a_team_whose_tracker_is_off_is_silent_but_keeps_its_last_place(drill: Drill) -> None:
    team = next(team for team in drill.final.teams if team.id == "silent")
    assert team.place is not None
    assert team.last_heard_ns is not None
    assert drill.final.at_ns - team.last_heard_ns > 5_000_000_000
    assert "silence:card" not in drill.story.alarms


def test_a_camera_that_stops_sending_freezes_and_comes_back(drill: Drill) -> None:
    first = drill.story.camera.index("live")
    assert {"stalled", "down"} & set(drill.story.camera[first:])
    assert "picture:camera" in drill.story.alarms


def test_a_text_is_sent_first_and_confirmed_by_the_rear_later(drill: Drill) -> None:
    assert drill.story.text[-2:] == ["sent", "confirmed"]
    message = next(message for message in drill.final.messages if message.id == "m1")
    assert message.sent_ns is not None
    assert message.confirmed_ns is not None
    assert message.confirmed_ns - message.sent_ns > 15_000_000_000
    assert next(bearer for bearer in drill.final.bearers if bearer.id == "texts").receipt_ns == message.confirmed_ns


def test_texts_come_in_from_the_rear_and_from_a_team(drill: Drill) -> None:
    received = {(message.peer, message.text) for message in drill.final.messages if not message.is_outgoing}
    assert received >= {("4200001", "演练:收到"), ("4204986", "演练:到位")}


def test_a_device_that_calls_in_says_where_the_vehicle_is(drill: Drill) -> None:
    device = next(device for device in drill.final.devices if device.id == drill.final.own_device_id)
    assert device.place is not None
    assert device.place.lat_deg == pytest.approx(34.399, abs=0.01)


def test_nobody_was_wrong_and_nothing_was_garbled(drill: Drill) -> None:
    assert drill.final.faults == 0
    assert [device.id for device in drill.final.devices if device.malformed] == []


def test_the_drill_replays_to_the_same_digest(drill: Drill) -> None:
    reader = Reader(drill.folder)
    replayed = play(new_engine(), reader).picture()
    assert reader.broken_link() is None
    reader.close()
    assert digest_of(replayed) == digest_of(drill.final)


def test_every_wire_stays_on_this_computer(drill: Drill) -> None:
    wires = [device.wire for device in drill.configuration.devices] + [one.url for one in drill.configuration.cameras]
    assert all("127.0.0.1" in wire or wire.startswith("serial:/dev/") for wire in wires)


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_every_exported_line_says_that_it_was_a_drill(drill: Drill, tmp_path: Path, form: str) -> None:
    out = tmp_path / f"out.{form}"
    assert export(drill.folder, out, form) is None
    lines = out.read_text(encoding="utf-8").splitlines()
    if form == "csv":
        assert all(line.split(",")[3] == "drill" for line in lines[1:] if line[:1].isdigit())
    else:
        assert {json.loads(line)["mode"] for line in lines} == {"drill"}
