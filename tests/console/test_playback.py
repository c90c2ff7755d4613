"""Recordings play inside a replay in step with the journal: real files of a real recorder, real processes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import psutil
import pytest

from console.player import Player
from console.sights import Sight
from devices.driver import NS_PER_S
from tests.console.recorded_incident import CAMERA, Incident, Screen, number_of, record

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
