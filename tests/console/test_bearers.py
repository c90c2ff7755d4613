from __future__ import annotations

from dataclasses import replace

import pytest

from console.configuration.model import BearerConfiguration, DeviceConfiguration
from console.rules.detector import GOOD_UP
from console.switch_orders import TakeBearer
from tests.console.door import VEHICLE, Door, sentence

FIBRE, RDSS = 0, 1


def good(door: Door, seconds: int, round_trip_ms: float = 2.0) -> None:
    for _ in range(seconds):
        door.probe("p1", round_trip_ms)
        door.wait(1)


def lost(door: Door, seconds: int) -> None:
    for _ in range(seconds):
        door.probe("p1", None)
        door.wait(1)


def state(door: Door, index: int = FIBRE) -> str:
    return door.picture().bearers[index].state


def test_nothing_is_known_before_the_first_attempts() -> None:
    door = Door()
    door.wait(3)
    assert [bearer.state for bearer in door.picture().bearers] == ["unknown", "unknown"]
    assert door.alarm("bearer:fibre") is None


def test_a_bearer_is_up_after_three_answers_not_after_one() -> None:
    door = Door()
    good(door, GOOD_UP - 1)
    assert state(door) == "unknown"
    good(door, 1)
    assert state(door) == "up"
    assert door.picture().bearers[FIBRE].round_trip_ms == 2.0


def test_a_cut_is_down_within_its_time_and_is_an_alarm() -> None:
    door = Door()
    good(door, 10)
    lost(door, 4)
    assert state(door) != "down"
    lost(door, 1)
    assert state(door) == "down"
    assert door.alarm("bearer:fibre").priority == "red"  # type: ignore[union-attr]
    good(door, GOOD_UP)
    assert state(door) in {"up", "degraded"}


def test_single_losses_never_make_it_down() -> None:
    door = Door()
    good(door, 10)
    for _ in range(60):
        lost(door, 1)
        good(door, 2)
    assert state(door) == "degraded"
    assert door.alarm("bearer:fibre") is None


def test_a_bearer_that_flaps_must_stay_good_longer() -> None:
    door = Door()
    good(door, 10)
    for _ in range(3):
        lost(door, 6)
        good(door, 20)
    lost(door, 6)
    good(door, GOOD_UP)
    assert state(door) == "down"
    good(door, 30)
    assert state(door) in {"up", "degraded"}


def test_slow_answers_are_degraded_with_the_reason() -> None:
    door = Door()
    good(door, 20, round_trip_ms=180.0)
    bearer = door.picture().bearers[FIBRE]
    assert bearer.state == "degraded"
    assert bearer.reason is not None
    assert bearer.reason.id == "bearer.reason.slow"


def test_a_probe_that_stops_makes_it_unknown_and_shows_no_old_round_trip() -> None:
    door = Door()
    good(door, 10)
    door.wait(20)
    bearer = door.picture().bearers[FIBRE]
    assert bearer.state == "unknown"
    assert bearer.round_trip_ms is None
    assert bearer.loss_percent is None


@pytest.mark.parametrize("word", ["permission", "missing", "not_tied", "no_route", "filtered"])
def test_a_probe_that_may_not_probe_says_so_and_accuses_nobody(word: str) -> None:
    door = Door()
    line = b'{"source":"ping:x","asked_ns":1,"answered_ns":null,"error":"%s"}' % word.encode()
    for _ in range(30):
        door.say("p1", line)
        door.wait(1)
    bearer = door.picture().bearers[FIBRE]
    assert bearer.state == "unknown"
    assert bearer.reason is not None
    assert bearer.reason.id == f"bearer.reason.{word}"
    assert door.alarm("bearer:fibre") is None


def test_history_keeps_median_spread_and_loss_of_each_slot() -> None:
    door = Door()
    for round_trip_ms in (1.0, 2.0, 9.0, None, 2.0, 2.0, 2.0, 2.0, 2.0, None):
        door.probe("p1", round_trip_ms)
        door.wait(1)
    (sample,) = door.picture().bearers[FIBRE].history
    assert (sample.median_ms, sample.low_ms, sample.high_ms, sample.loss_percent) == (2.0, 1.0, 9.0, 20.0)


def beams(*levels: int) -> bytes:
    return sentence("BDBSI,01,03," + ",".join(str(level) for level in (*levels, *[0] * (10 - len(levels)))))


def test_a_terminal_is_judged_by_its_card_and_beams() -> None:
    door = Door()
    door.ready_terminal()
    door.wait(1)
    assert state(door, RDSS) == "up"
    door.say("bd", beams(4, 1))
    door.wait(1)
    assert state(door, RDSS) == "degraded"
    door.say("bd", beams(1, 1))
    door.wait(1)
    assert state(door, RDSS) == "down"
    door.wait(61)
    assert state(door, RDSS) == "unknown"


def test_a_terminal_whose_wire_is_gone_is_unknown_not_up() -> None:
    door = Door()
    door.ready_terminal()
    door.wait(1)
    door.down("bd")
    door.wait(1)
    assert state(door, RDSS) == "unknown"


def test_what_came_before_the_wire_was_lost_keeps_no_terminal_up() -> None:
    door = Door()
    door.ready_terminal()
    door.say("bd", sentence("BDTXR,1,4204986,2,,A4D3A6BCB1"))
    door.wait(1)
    assert state(door, RDSS) == "up"
    door.down("bd")
    door.wait(1)
    told = door.picture().bearers[RDSS]
    assert told.state == "unknown"
    assert told.reason is not None
    assert told.reason.id == "bearer.reason.wire"


def test_the_bearer_in_use_is_the_one_that_carries() -> None:
    door = Door()
    door.ready_terminal()
    good(door, 5)
    assert [bearer.is_in_use for bearer in door.picture().bearers] == [True, False]
    lost(door, 7)
    assert [bearer.is_in_use for bearer in door.picture().bearers] == [False, False]
    door.order(TakeBearer(bearer_id="rdss", by="指挥席"))
    assert [bearer.is_in_use for bearer in door.picture().bearers] == [False, True]


def test_a_modem_is_judged_by_what_it_says_of_its_registration() -> None:
    modem = DeviceConfiguration(id="lte", name="LTE", driver="at_modem", wire="tcp:127.0.0.1:1")
    bearer = BearerConfiguration(id="lte-link", name="LTE", rung="alternate", device_id="lte")
    door = Door(replace(VEHICLE, devices=(modem,), bearers=(bearer,), cameras=(), teams=()))
    door.up("lte")
    door.wait(1)
    assert door.picture().bearers[0].state == "unknown"
    door.say("lte", b"\r\n+CEREG: 1\r\n")
    door.wait(1)
    assert door.picture().bearers[0].state == "up"
    door.say("lte", b"\r\n+CEREG: 3\r\n")
    door.wait(1)
    assert door.picture().bearers[0].state == "down"
    door.wait(61)
    assert door.picture().bearers[0].state == "unknown"
