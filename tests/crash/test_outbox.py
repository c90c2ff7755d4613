"""The console dies between every two steps of a text: it is never lost and never silently sent twice."""

from __future__ import annotations

import signal
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from console.journal.writer import Writer
from console.orders import ComposeMessage, ConfirmUnrecorded, ResendMessage
from console.picture import MessageState
from console.runtime import Runtime
from tests.crash.rig import judge, wait_for
from tests.crash.terminal import MESSAGE, REAR, STEPS, TEXT, Hosted, Step, die_at, vehicle

SLOTS = 2
"""So many slots of the card pass in which a text could wrongly leave."""

AFTER: dict[Step, tuple[MessageState, int]] = {
    "before-intent": ("sent", 0),
    "before-write": ("unknown", 0),
    "before-outcome": ("unknown", 1),
    "after-outcome": ("unknown", 1),
    "before-report": ("unknown", 1),
    "after-report": ("sent", 1),
}
"""What the restarted console comes to by itself, and what had been radiated when it died.  A text whose intent was
not yet on disk still waits, and so may leave by itself; any other may have been radiated and may not."""


def _state(runtime: Runtime) -> MessageState | None:
    message = runtime.engine.tables.messages.get(MESSAGE)
    return message.state if message is not None else None


def _waits_for(runtime: Runtime) -> tuple[MessageState, str | None] | None:
    message = runtime.engine.tables.messages.get(MESSAGE)
    return (message.state, message.reason.id if message.reason is not None else None) if message is not None else None


def _is_idle(runtime: Runtime) -> bool:
    """The terminal was there long enough for a text to have left."""
    device = runtime.engine.tables.devices["beidou"]
    return device.card is not None and runtime.now_ns() - device.since_ns > (SLOTS + 1) * 10**9


@pytest.mark.parametrize("step", STEPS)
def test_a_text_is_neither_lost_nor_doubled_when_the_console_dies(tmp_path: Path, step: Step) -> None:
    state, radiated = AFTER[step]
    with Hosted() as hosted:
        assert die_at(step, hosted.wire, tmp_path) == -signal.SIGKILL
        judge(tmp_path)
        runtime = Runtime(vehicle(hosted.wire), tmp_path)
        runtime.start()
        assert len(hosted.terminal.radiated) == radiated
        assert _state(runtime) in {"queued", "unknown", "sent"}
        wait_for(lambda: _is_idle(runtime), "a terminal that was there for a while")
        assert _state(runtime) == state
        if state == "unknown":
            assert len(hosted.terminal.radiated) == radiated
            runtime.submit(ResendMessage(message_id=MESSAGE))
            wait_for(lambda: _state(runtime) == "sent", "the operator's second sending")
            radiated += 1
        runtime.stop()
    assert hosted.terminal.radiated == [TEXT] * max(1, radiated)
    judge(tmp_path)


def test_a_text_waits_for_the_operator_when_its_intent_did_not_reach_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_full = False
    commit = Writer._commit

    def refuse(writer: Writer, batch: Any) -> None:
        if is_full:
            raise sqlite3.OperationalError("database or disk is full")
        commit(writer, batch)

    monkeypatch.setattr(Writer, "_commit", refuse)
    with Hosted() as hosted:
        runtime = Runtime(vehicle(hosted.wire), tmp_path)
        runtime.start()
        wait_for(lambda: runtime.engine.tables.devices["beidou"].card is not None, "the card")
        is_full = True
        runtime.submit(ComposeMessage(message_id=MESSAGE, device_id="beidou", recipient=REAR, text=TEXT))
        wait_for(lambda: not runtime.engine.tables.is_recorded, "the console says that nothing is recorded")
        wait_for(lambda: _is_idle(runtime), "a terminal that was there for a while")
        wait_for(lambda: _waits_for(runtime) == ("queued", "message.reason.unrecorded"), "the operator is asked")
        assert hosted.terminal.radiated == []
        runtime.submit(ConfirmUnrecorded(message_id=MESSAGE))
        wait_for(lambda: _state(runtime) == "sent", "sent after the operator confirmed")
        is_full = False
        wait_for(lambda: runtime.engine.tables.is_recorded, "recorded again")
        picture = runtime.stop()
    assert hosted.terminal.radiated == [TEXT]
    assert picture.records == judge(tmp_path)[0]
