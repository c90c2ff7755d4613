"""Recordings play inside a replay in step with the journal: real files of a real recorder, real processes."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import psutil
import pytest

from console.player import Player
from console.sights import Sight
from devices.driver import NS_PER_S
from devices.video.messages import recorded_start_ns
from devices.video.playing import Moment
from tests.console.recorded_incident import CAMERA, Incident, Screen, begin, number_of, record, sending

SEEN = {CAMERA: Sight(640, 360, is_full_rate=True)}
FRAME_NS = 40_000_000
MS = 1_000_000


@pytest.fixture(scope="module")
def incident(tmp_path_factory: pytest.TempPathFactory) -> Incident:
    return record(tmp_path_factory.mktemp("recorded"))


@pytest.fixture
def player(incident: Incident) -> Iterator[Player]:
    player = Player(incident.folder, lambda *_: None)
    player.show_cameras(SEEN)
    yield player
    player.close()
    assert not players()


def players() -> list[psutil.Process]:
    """The playing processes of this test."""
    return [
        one
        for one in psutil.Process().children(recursive=True)
        if one.status() != psutil.STATUS_ZOMBIE and "devices.video.play" in one.cmdline()
    ]


def until(condition: Callable[[], object], within_s: float = 30.0) -> None:
    end_s = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < end_s, "it does not come to that"
        time.sleep(0.01)


def state(player: Player) -> str | None:
    footage = player.footage(CAMERA)
    return None if footage is None else footage.state


def shows(screen: Screen, moment_ns: int) -> bool:
    """Whether the picture of this moment is seen: it had begun, and the next one had not."""
    frame = screen.look()
    return frame is not None and frame.pts_ns is not None and frame.pts_ns <= moment_ns < frame.pts_ns + FRAME_NS + MS


def error_ms(incident: Incident, screen: Screen) -> float:
    """How much later than it was sent the picture seen now is dated, by the number in it."""
    assert screen.frame is not None
    assert screen.frame.pts_ns is not None
    number = number_of(screen.frame)
    assert number is not None
    return (screen.frame.pts_ns - incident.sent_ns[number]) / MS


def test_a_moment_shows_exactly_its_picture_wherever_one_goes(incident: Incident, player: Player) -> None:
    first_ns, last_ns = incident.sent_ns[0] + 2 * NS_PER_S, incident.silent_ns[0] - NS_PER_S
    screen = Screen()
    for part in (3, 90, 51, 50, 49, 10, 96, 33, 34, 71):
        moment_ns = first_ns + (last_ns - first_ns) * part // 97
        player.seek(moment_ns)
        until(lambda moment_ns=moment_ns: shows(screen, moment_ns))  # type: ignore[misc]
        assert abs(error_ms(incident, screen)) < 100
    until(lambda: state(player) == "playing")


def running_ns(player: Player) -> int:
    """The replayed moment by the clock that the recordings follow."""
    moment = player._playback._moment
    assert moment is not None
    return moment.now_ns(time.monotonic_ns())


def start(player: Player, at_ns: int, speed: float) -> Screen:
    """Let it run from this moment on, once its picture is there."""
    screen = Screen()
    player.seek(at_ns)
    until(lambda: shows(screen, at_ns) and state(player) == "playing")
    player.set_speed(speed)
    return screen


@pytest.mark.parametrize("speed", [0.5, 1.0, 2.0])
def test_recordings_run_in_step_with_the_journal_across_files(incident: Incident, player: Player, speed: float) -> None:
    begin_ns = incident.sent_ns[0] + 5 * NS_PER_S // 2
    screen = start(player, begin_ns, speed)
    late_ms, numbers, states = list[float](), list[int](), set[str | None]()
    end_ns = begin_ns + round(2.5 * speed * NS_PER_S)
    while (now_ns := running_ns(player)) < end_ns:
        states.add(state(player))
        before = screen.frame
        frame = screen.look()
        assert frame is not None
        assert frame.pts_ns is not None
        if frame is not before:
            number = number_of(frame)
            assert number is not None
            assert frame.pts_ns <= running_ns(player) + MS, "nothing later than the moment is shown"
            late_ms.append((now_ns - incident.sent_ns[number]) / MS)
            numbers.append(number)
        time.sleep(0.004)
    late_ms.sort()
    print(f"{speed}x: late ms p50 {late_ms[len(late_ms) // 2]:.0f}, p95 {late_ms[len(late_ms) * 95 // 100]:.0f}")
    assert numbers == sorted(numbers)
    assert len(numbers) > 40 * min(1.0, speed)
    assert late_ms[len(late_ms) * 9 // 10] <= 100 * max(1.0, speed), "of the film, from sender to eye"
    assert states == {"playing"}


def test_the_clock_of_the_recordings_is_not_set_back_by_a_replay_that_is_slow_to_take_its_records(
    incident: Incident, player: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments: list[Moment] = []
    take, follow = player._take, player._playback.follow

    def slowly() -> None:
        time.sleep(0.05)
        take()

    def heard(moment: Moment) -> None:
        moments.append(moment)
        follow(moment)

    start(player, incident.sent_ns[0] + 2 * NS_PER_S, 0.5)
    monkeypatch.setattr(player, "_take", slowly)
    monkeypatch.setattr(player._playback, "follow", heard)
    until(lambda: len(moments) > 10)
    player.set_speed(0.0)
    back_ms = [(before.now_ns(after.monotonic_ns) - after.at_ns) / MS for before, after in pairwise(moments[:10])]
    assert max(back_ms) < 10, back_ms


def test_above_four_times_the_pace_key_frames_alone_are_shown_and_each_is_of_its_time(
    incident: Incident, player: Player
) -> None:
    begin_ns = incident.sent_ns[0] + 2 * NS_PER_S
    screen = start(player, begin_ns, 10.0)
    numbers = set[int]()
    end_ns = incident.silent_ns[0] - NS_PER_S // 2
    while (now_ns := running_ns(player)) < end_ns:
        frame = screen.look()
        assert frame is not None
        number = number_of(frame)
        if screen.reader.key_interval_ns and number is not None:
            numbers.add(number)
            assert now_ns - incident.sent_ns[number] < 15 * NS_PER_S
        time.sleep(0.004)
    keys = {number for number in numbers if number % 25 == 0}
    assert len(keys) >= 2
    assert len(numbers - keys) <= 2, "those from before it ran"


def test_where_nothing_came_it_is_a_gap_and_it_goes_on_after_it(incident: Incident, player: Player) -> None:
    silent_ns, begun_ns = incident.silent_ns
    screen = Screen()
    player.seek((silent_ns + begun_ns) // 2 + NS_PER_S // 2)
    until(lambda: state(player) == "gap")
    footage = player.footage(CAMERA)
    assert footage is not None
    assert footage.since_ns is not None
    assert abs(footage.since_ns - silent_ns) < NS_PER_S
    player.set_speed(2.0)
    until(lambda: state(player) == "playing")
    assert running_ns(player) >= begun_ns - NS_PER_S // 2
    frame = screen.look()
    assert frame is not None
    assert (frame.pts_ns or 0) > silent_ns


def test_a_moment_before_the_first_recording_and_a_dead_time_have_no_picture(
    incident: Incident, player: Player
) -> None:
    player.seek(sum(incident.off_ns) // 2)
    until(lambda: state(player) == "gap")
    footage = player.footage(CAMERA)
    assert footage is not None
    assert footage.since_ns is not None
    assert abs(footage.since_ns - incident.off_ns[0]) < 2 * NS_PER_S
    player.seek(incident.off_ns[1] + 3 * NS_PER_S)
    until(lambda: state(player) == "playing")
    player.seek(0)
    until(lambda: (found := player.footage(CAMERA)) and found.state == "gap" and found.since_ns is None)


@pytest.mark.parametrize(("number", "said"), [(signal.SIGKILL, "failed"), (signal.SIGSTOP, "hung")])
def test_a_playing_process_that_dies_or_hangs_is_begun_anew_at_the_moment(
    incident: Incident, player: Player, number: int, said: str
) -> None:
    moment_ns = incident.sent_ns[0] + 4 * NS_PER_S
    player.seek(moment_ns)
    screen = Screen()
    until(lambda: shows(screen, moment_ns) and state(player) == "playing")
    pid = player._playback.pid(CAMERA)
    assert pid is not None
    os.kill(pid, number)
    until(lambda: state(player) == said or player._playback.pid(CAMERA) not in {None, pid}, within_s=5.0)
    later_ns = moment_ns + NS_PER_S
    player.seek(later_ns)
    until(lambda: shows(screen, later_ns) and state(player) == "playing")
    assert player._playback.pid(CAMERA) != pid
    until(lambda: not psutil.pid_exists(pid))


def test_what_is_no_longer_seen_is_not_played_and_all_processes_end_with_the_replay(incident: Incident) -> None:
    player = Player(incident.folder, lambda *_: None)
    assert not players(), "nobody looks yet"
    player.show_cameras(SEEN)
    until(players)
    screen = Screen()
    until(lambda: state(player) is not None)
    player.show_cameras({})
    until(lambda: not players())
    assert player.footage(CAMERA) is None
    until(lambda: not screen.reader.is_current)
    player.show_cameras(SEEN)
    until(players)
    (one,) = players()
    one.suspend()
    before_s = time.monotonic()
    player.close()
    assert time.monotonic() - before_s < 2.0
    assert not players()


def copied(incident: Incident, folder: Path) -> Path:
    """A copy of its own, to be spoilt."""
    shutil.copytree(incident.folder, folder / "copy")
    return folder / "copy"


def test_a_recording_that_is_gone_or_spoilt_is_said_and_what_follows_it_plays(
    incident: Incident, tmp_path: Path
) -> None:
    folder = copied(incident, tmp_path)
    first, second, third = sorted((folder / "video" / CAMERA).glob("*.ts"))[:3]
    first.unlink()
    second.write_bytes(os.urandom(300_000))
    player = Player(folder, lambda *_: None)
    try:
        player.show_cameras(SEEN)
        for path, said in ((first, "missing"), (second, "damaged"), (third, "playing")):
            player.seek((recorded_start_ns(path.name) or 0) + 3 * NS_PER_S // 2)
            until(lambda said=said: state(player) == said)  # type: ignore[misc]
            footage = player.footage(CAMERA)
            assert footage is not None
            assert footage.file in {None, path.name}
            assert (footage.file is None) == (said == "playing")
    finally:
        player.close()


def test_the_running_incident_plays_up_to_a_second_ago_while_it_is_recorded(tmp_path: Path) -> None:
    runtime, port = begin(tmp_path)
    try:
        with sending(port, tmp_path / "sent"):
            time.sleep(4.0)
            player = Player(runtime.folder, lambda *_: None)
            try:
                player.show_cameras(SEEN)
                begin_ns = player._to_ns - NS_PER_S
                screen = start(player, begin_ns, 1.0)
                until(lambda: running_ns(player) > begin_ns + 5 * NS_PER_S // 2)
                frame = screen.look()
                assert frame is not None
                assert 0 <= running_ns(player) - (frame.pts_ns or 0) < NS_PER_S // 2
                assert state(player) == "playing"
            finally:
                player.close()
        camera = runtime.engine.picture().cameras[0]
        assert camera.is_recording, "what is live goes on beside it"
    finally:
        runtime.stop()
    assert not players()


def test_a_process_that_hangs_leaves_the_other_cameras_in_step(incident: Incident, tmp_path: Path) -> None:
    folder = copied(incident, tmp_path)
    # A camera of which only the disk knows: its journal may have been lost.
    shutil.copytree(folder / "video" / CAMERA, folder / "video" / "other")
    player = Player(folder, lambda *_: None)
    try:
        player.show_cameras({**SEEN, "other": Sight(320, 180, is_full_rate=True)})
        begin_ns = incident.sent_ns[0] + 2 * NS_PER_S
        screen = start(player, begin_ns, 0.5)
        other = Screen("other")
        until(lambda: other.look() and (found := player.footage("other")) and found.state == "playing")
        pid = player._playback.pid(CAMERA)
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        stopped = screen.look()
        until(lambda: running_ns(player) > begin_ns + NS_PER_S)
        furthest_ns = 0
        end_s = time.monotonic() + 2.5
        while time.monotonic() < end_s:
            frame = other.look()
            assert frame is not None
            furthest_ns = max(furthest_ns, running_ns(player) - (frame.pts_ns or 0))
            time.sleep(0.01)
        assert furthest_ns < NS_PER_S // 2
        until(lambda: screen.look() is not stopped and player._playback.pid(CAMERA) not in {None, pid})
    finally:
        player.close()
    assert not players()
