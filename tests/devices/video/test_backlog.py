"""What is decoded and shown by a decoder that is too slow, for a moment or for good."""

from __future__ import annotations

import pytest

from devices.video.backlog import LATE_NS, Backlog

MS = 1_000_000
STEP_MS = 40


def run(decode_ms: float, *, stall_ms: float = 0.0, keys: int = 50, for_ms: int = 20_000) -> tuple[list[float], float]:
    """A stream of 25 pictures a second into a decoder that needs ``decode_ms``: ages when shown, share shown."""
    backlog, free_ms, ages, awaits_key, count = Backlog(), 0.0, [], False, for_ms // STEP_MS
    for number in range(count):
        arrived_ms = float(number * STEP_MS)
        now_ms = max(free_ms, arrived_ms) + (stall_ms if number == 30 else 0.0)
        step = backlog.judge(int((now_ms - arrived_ms) * MS), int(now_ms * MS))
        awaits_key = (awaits_key or step == "skip") and number % keys != 0
        free_ms = now_ms + (0.05 if awaits_key else decode_ms)
        if step == "show" and not awaits_key:
            ages.append(free_ms - arrived_ms)
    return ages, len(ages) / count


@pytest.mark.parametrize("decode_ms", [5, 30, 39, 45, 60, 90])
def test_no_picture_is_shown_late_however_slow_the_decoder(decode_ms: float) -> None:
    ages, _ = run(decode_ms)
    assert max(ages) <= LATE_NS / MS + decode_ms


@pytest.mark.parametrize(("decode_ms", "least"), [(5, 1.0), (39, 1.0), (45, 0.35), (60, 0.2), (90, 0.08)])
def test_a_slow_decoder_goes_on_showing_what_it_can(decode_ms: float, least: float) -> None:
    _, share = run(decode_ms)
    assert share >= least


@pytest.mark.parametrize("stall_ms", [150, 400, 1200, 3000])
def test_a_stall_is_made_good_without_waiting_for_a_key_frame_where_that_is_quicker(stall_ms: float) -> None:
    ages, share = run(5, stall_ms=stall_ms, keys=250)
    assert max(ages) <= LATE_NS / MS + 5
    assert 1 - share <= (stall_ms * 1.3 + STEP_MS) / 20_000
