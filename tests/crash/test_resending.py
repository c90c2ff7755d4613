"""The console dies while it asks and sends again: the text leaves three times at most, after an answer."""

from __future__ import annotations

import signal
from pathlib import Path
from unittest import mock

import pytest

from console.runtime import Runtime
from devices.simulators.beidou_rdss import terminal as simulated
from tests.crash.resending import Moment, asking_vehicle, die_at_sending, soon
from tests.crash.rig import judge, wait_for
from tests.crash.terminal import MESSAGE, TEXT, Hosted


def _end(runtime: Runtime) -> tuple[str, str | None]:
    message = runtime.engine.tables.messages[MESSAGE]
    return message.state, message.reason.id if message.reason else None


@pytest.mark.parametrize(
    ("number", "moment", "radiated"),
    [
        (2, "before-write", 3),  # the first question
        (2, "after-outcome", 3),
        (3, "before-write", 2),  # the second sending of the text: committed, never written, and it counts
        (3, "after-write", 3),
    ],
)
def test_a_lost_text_is_neither_doubled_blindly_nor_forgotten_when_the_console_dies(
    tmp_path: Path, number: int, moment: Moment, radiated: int
) -> None:
    with soon(), mock.patch.object(simulated, "_RECEIPT_NS", 10**8), Hosted() as hosted:
        hosted.terminal._rear = "1"  # whoever it is sent to never receives
        assert die_at_sending(number, moment, hosted.wire, tmp_path) == -signal.SIGKILL
        judge(tmp_path)
        runtime = Runtime(asking_vehicle(hosted.wire), tmp_path)
        runtime.start()
        wait_for(lambda: _end(runtime) == ("unknown", "message.reason.no_receipt"), "the console gives up")
        wait_for(lambda: runtime.engine.tables.outbox["beidou"].in_flight is None, "nothing in the air")
        runtime.stop()
        judge(tmp_path)
    assert hosted.terminal.radiated == [TEXT] * radiated
