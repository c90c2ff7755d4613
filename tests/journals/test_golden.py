from __future__ import annotations

import json

import pytest

from console.records import Kind
from tests.journals import expectation, names, outcome, records


@pytest.mark.parametrize("name", names())
def test_an_old_recording_still_leads_to_the_same_picture(name: str) -> None:
    found = outcome(name)
    wanted = json.loads(expectation(name).read_text(encoding="utf-8"))
    assert found == wanted, "if this is meant: python -m tests.journals, and look at what it shows"


def test_the_recordings_hold_a_restart_a_lost_link_texts_and_alarms() -> None:
    kinds = {kind for name in names() for kind in {record.kind for record in records(name)}}
    assert kinds >= {Kind.START, Kind.STOP, Kind.OCTETS, Kind.WIRE, Kind.TICK, Kind.ORDER, Kind.CAMERA, Kind.OUTCOME}
    notices = {line.split()[1] for name in names() for line in json.loads(expectation(name).read_text())["notices"]}
    assert notices >= {"alarm.bearer", "bearer.became.up", "message.confirmed", "notice.restart", "alarm.silence_cause"}
    assert "notice.picture_held" in notices
