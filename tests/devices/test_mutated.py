from __future__ import annotations

import pytest

from devices.catalogue import entries
from tests.devices.mutated import feed

INPUTS = 20_000
STATE_BYTES = 2_000_000


@pytest.mark.parametrize("driver_id", list(entries()))
def test_twenty_thousand_spoilt_inputs_raise_nothing_and_fill_no_memory(driver_id: str) -> None:
    spoilt = feed(driver_id, INPUTS, 1)
    assert spoilt.largest_state_bytes < STATE_BYTES
    assert spoilt.grown_objects < 5_000
