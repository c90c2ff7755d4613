"""``fuzz``: a million spoilt inputs through each driver."""

from __future__ import annotations

from collections.abc import Iterable

from devices.catalogue import entries
from tests.bench.figure import Figure
from tests.devices.mutated import feed


def fuzz(count: int = 1_000_000) -> Iterable[Figure]:
    """No exception (one is raised as it is), no input above 50 ms of this thread's time, memory flat."""
    for driver_id in entries():
        spoilt = feed(driver_id, count, 2)
        state = f"state <= {spoilt.largest_state_bytes / 1e3:.0f} kB"
        what = f"{driver_id}: slowest of {spoilt.inputs:,} spoilt inputs, {state}"
        yield Figure(name="fuzz", what=what, value=spoilt.slowest_ms, unit="ms", target=50.0, better="less")
