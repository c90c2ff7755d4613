"""A BeiDou terminal on a real TCP wire that counts what it radiates, and a console that dies at a chosen step."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, Literal, Self, get_args
from unittest import mock

from console.configuration.model import Configuration, DeviceConfiguration
from console.effects import Send
from console.execution import Executor
from console.journal.writer import Writer
from console.orders import ComposeMessage
from console.runtime import Runtime
from devices.simulators.beidou_rdss import BeidouRdssSimulator
from devices.simulators.beidou_rdss.host import Asked
from devices.transports.hosting import host
from tests.crash.rig import PATIENCE_S, ROOT

Step = Literal["before-intent", "before-write", "before-outcome", "after-outcome", "before-report", "after-report"]
STEPS: tuple[Step, ...] = get_args(Step)
"""Where the console dies: before the intent is committed, before and after its octets leave, after the outcome is
committed, and before and after the terminal's feedback is committed."""

MESSAGE = "m-1"
TEXT = "道路中断"
REAR = "967760"


class Terminal(BeidouRdssSimulator):
    """Keeps every text that went on the air."""

    def __init__(self) -> None:
        super().__init__({"interval_s": 1, "gnss_every_s": 0, "subordinates": []}, lambda: 0.5)
        self.radiated: list[str] = []

    def _radiate(self, asked: Asked, at_ns: int) -> None:
        if asked.kind == "text":
            self.radiated.append(asked.text)
        super()._radiate(asked, at_ns)


class Hosted:
    """The terminal, listening in a thread of its own."""

    def __init__(self) -> None:
        self.terminal = Terminal()
        self.wire = ""
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[Any] | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(PATIENCE_S)
        return self

    def __exit__(self, *_: object) -> None:
        assert self._loop is not None
        assert self._task is not None
        self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join(PATIENCE_S)

    def _run(self) -> None:
        asyncio.run(self._host())

    async def _host(self) -> None:
        self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        try:
            await host(self.terminal, "tcp-listen:127.0.0.1:0", on_ready=self._announce, clock_ns=time.time_ns)
        except asyncio.CancelledError:
            return

    def _announce(self, url: str) -> None:
        self.wire = url
        self._ready.set()


def vehicle(wire: str) -> Configuration:
    """One BeiDou terminal on this wire."""
    device = DeviceConfiguration(id="beidou", name="北斗", driver="beidou_rdss", wire=wire)
    return Configuration(mode="live", incident="断电试验", post="试验", devices=(device,))


def die_at(step: Step, wire: str, folder: Path) -> int:
    """In a process of its own: compose a text and be killed at this step.  Gives the process's exit code."""
    command = [sys.executable, "-m", "tests.crash.terminal", step, wire, str(folder)]
    return subprocess.run(command, cwd=ROOT, timeout=PATIENCE_S, check=False).returncode


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class _DoomedExecutor(Executor):
    """Dies with its run."""

    def __init__(self, runtime: _Doomed) -> None:
        super().__init__(lambda: runtime.configuration, runtime.now_ns, runtime.put, runtime._do)
        self.runtime = runtime

    async def _send(self, effect: Send) -> None:
        if self.runtime.step == "before-write" and effect.reference is not None:
            _die()
        await super()._send(effect)

    def _tell_outcome(self, effect: Send, *, is_written: bool | None, reason: str) -> None:
        if self.runtime.step == "before-outcome":
            _die()
        super()._tell_outcome(effect, is_written=is_written, reason=reason)
        self.runtime.outcome_seq = self.runtime._seq


class _Doomed(Runtime):
    """Dies at its step."""

    def __init__(self, step: Step, wire: str, folder: Path) -> None:
        super().__init__(vehicle(wire), folder, on_commit=self._told)
        self._executor = _DoomedExecutor(self)
        self.step = step
        self.outcome_seq = 0
        self.report_seq = 0

    def _take_effect(self, seq: int, effect: Any) -> None:
        if self.step == "before-intent" and isinstance(effect, Send) and effect.reference is not None:
            _die()
        super()._take_effect(seq, effect)

    def put(self, kind: Any, source: str, payload: bytes, peer: str = "") -> None:
        super().put(kind, source, payload, peer)
        message = self.engine.tables.messages.get(MESSAGE)
        if message is not None and message.state == "sent" and not self.report_seq:
            self.report_seq = self._seq
            if self.step == "before-report":
                _die()

    def _told(self, seq: int) -> None:
        if self.step == "after-outcome" and self.outcome_seq and seq >= self.outcome_seq:
            _die()
        if self.step == "after-report" and self.report_seq and seq >= self.report_seq:
            _die()


def _slowly(writer: Writer, batch: Any, commit: Any = Writer._commit) -> None:
    """Give the engine's thread the time to die before a commit begins."""
    time.sleep(0.05)
    commit(writer, batch)


def _main() -> None:
    step, wire, folder = sys.argv[1:]
    runtime = _Doomed(step, wire, Path(folder))  # type: ignore[arg-type]
    with mock.patch.object(Writer, "_commit", _slowly):
        runtime.start()
        runtime.submit(ComposeMessage(message_id=MESSAGE, device_id="beidou", recipient=REAR, text=TEXT))
        threading.Event().wait(PATIENCE_S)


if __name__ == "__main__":
    _main()
