from __future__ import annotations

from pathlib import Path

from devices.catalogue import entries
from tests.devices.one_of_each import run


def test_one_of_each_on_damaged_wires_is_understood_and_replays_to_the_same_picture(tmp_path: Path) -> None:
    outcome = run(tmp_path / "incident", 25.0, 0.08)
    devices = {device.id: device for device in outcome.picture.devices}
    silent = [name for name, device in devices.items() if not device.understood]
    assert not silent, [(name, devices[name].state, devices[name].octets_in, devices[name].reason) for name in silent]
    assert set(outcome.spoilt) == {name for name, entry in entries().items() if entry.simulator}
    assert all(outcome.spoilt.values()), outcome.spoilt
    assert sum(device.malformed for device in devices.values()) > 10
    assert outcome.picture.faults == 0
    assert outcome.digest == outcome.replayed
