from __future__ import annotations

from devices.video.arrivals import Arrival, ArrivalClock

MS = 1_000_000
FRAME = 40 * MS


def play(clock: ArrivalClock, frames: range, *, at_ns: int = 0, delay_ns: int = 0) -> Arrival:
    last = Arrival(is_new=False, lateness_ns=0, is_jump=False, gap_ns=0)
    for number in frames:
        last = clock.arrive(number * FRAME, at_ns + number * FRAME + delay_ns)
    return last


def test_a_steady_stream_is_never_late() -> None:
    assert play(ArrivalClock(), range(500)) == Arrival(is_new=True, lateness_ns=0, is_jump=False, gap_ns=0)


def test_the_packet_a_library_held_back_until_its_timeout_is_late_not_fresh() -> None:
    clock = ArrivalClock()
    play(clock, range(100))
    held = clock.arrive(100 * FRAME, 100 * FRAME + 3_000 * MS)
    assert held.is_new
    assert 2_900 * MS < held.lateness_ns <= 3_000 * MS


def test_what_piled_up_while_the_wire_was_out_is_late_until_it_has_caught_up() -> None:
    clock = ArrivalClock()
    play(clock, range(100))
    back = 100 * FRAME + 5_000 * MS
    burst = [clock.arrive(number * FRAME, back + number).lateness_ns for number in range(100, 225)]
    assert burst[0] > 4_900 * MS
    assert burst[-1] < 100 * MS


def test_a_burst_at_the_beginning_sets_the_clock_by_its_newest_packet() -> None:
    clock = ArrivalClock()
    for number in range(50):
        clock.arrive(number * FRAME, 1_000 * MS + number)
    late = clock.arrive(50 * FRAME, 1_000 * MS + 1_500 * MS)
    assert late.lateness_ns > 1_400 * MS


def test_the_same_packet_twice_is_not_new() -> None:
    clock = ArrivalClock()
    play(clock, range(10))
    assert not clock.arrive(9 * FRAME, 10 * FRAME).is_new


def test_a_camera_that_sets_its_clock_anew_is_followed_either_way() -> None:
    clock = ArrivalClock()
    play(clock, range(1000))
    back = clock.arrive(0, 1000 * FRAME)
    assert (back.is_new, back.is_jump, back.lateness_ns) == (True, True, 0)
    on = clock.arrive(3_600_000 * MS, 1001 * FRAME)
    assert (on.is_new, on.is_jump, on.lateness_ns) == (True, True, 0)


def test_a_slow_camera_clock_does_not_grow_late_over_hours() -> None:
    clock = ArrivalClock()
    drift = 100  # ppm
    last = None
    for number in range(0, 8 * 3600 * 25, 25):
        last = clock.arrive(number * FRAME, number * FRAME + number * FRAME * drift // 1_000_000)
    assert last is not None
    assert last.lateness_ns < 50 * MS


def test_a_lag_that_grows_by_a_second_in_ten_minutes_is_seen() -> None:
    clock = ArrivalClock()
    last = None
    for number in range(10 * 60 * 25):
        last = clock.arrive(number * FRAME, number * FRAME + number * FRAME // 500)
    assert last is not None
    assert last.lateness_ns > 1_000 * MS


def test_missing_frames_are_told_as_a_gap() -> None:
    clock = ArrivalClock()
    play(clock, range(100))
    assert clock.arrive(105 * FRAME, 105 * FRAME).gap_ns == 5 * FRAME
    assert clock.arrive(106 * FRAME, 106 * FRAME).gap_ns == 0


def test_a_packet_without_a_stamp_is_new_and_of_unknown_lateness() -> None:
    assert ArrivalClock().arrive(None, 7).is_new
