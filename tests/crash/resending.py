"""A terminal whose rear never receives, and a console that asks, sends again and dies at a chosen sending."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Literal
from unittest import mock

from console import receipts
from console.configuration.model import Configuration, DeviceConfiguration
from console.effects import Send
from console.execution import Executor
from console.orders import ComposeMessage
from console.runtime import Runtime
from devices.driver import NS_PER_S
from tests.crash.rig import PATIENCE_S, ROOT
from tests.crash.terminal import MESSAGE, REAR, TEXT

Moment = Literal["before-write", "after-write", "after-outcome"]


@contextmanager
def soon() -> Iterator[None]:
    """The same rules with shorter waits: a slot a second, no grace to speak of."""
    with ExitStack() as stack:
        for module, name, seconds in (
            (receipts, "GRACE_NS", 0.1),
            (receipts, "ASK_PAUSE_NS", 0.1),
            (receipts, "MARGIN_NS", 0.1),
        ):
            stack.enter_context(mock.patch.object(module, name, round(seconds * NS_PER_S)))
        yield


def asking_vehicle(wire: str) -> Configuration:
    """One BeiDou terminal that is asked for receipts."""
    device = DeviceConfiguration(
        id="beidou", name="北斗", driver="beidou_rdss", wire=wire, settings={"ask_receipts": True}
    )
    return Configuration(mode="live", incident="断电试验", post="试验", devices=(device,))


def die_at_sending(number: int, moment: Moment, wire: str, folder: Path) -> int:
    """In a process of its own: be killed at this sending of the outbox (texts and questions, from 1)."""
    command = [sys.executable, "-m", "tests.crash.resending", str(number), moment, wire, str(folder)]
    return subprocess.run(command, cwd=ROOT, timeout=PATIENCE_S, check=False).returncode


class _Doomed(Executor):
    """Dies at its sending."""

    number = 0
    moment = ""
    count = 0

    def _is_the_one(self, effect: Send, moment: Moment) -> bool:
        return effect.reference is not None and self.count == self.number and self.moment == moment

    async def _send(self, effect: Send) -> None:
        self.count += effect.reference is not None
        if self._is_the_one(effect, "before-write"):
            os.kill(os.getpid(), signal.SIGKILL)
        await super()._send(effect)
        if self._is_the_one(effect, "after-outcome"):
            os.kill(os.getpid(), signal.SIGKILL)

    def _tell_outcome(self, effect: Send, *, is_written: bool | None, reason: str) -> None:
        if self._is_the_one(effect, "after-write"):
            os.kill(os.getpid(), signal.SIGKILL)
        super()._tell_outcome(effect, is_written=is_written, reason=reason)


def _main() -> None:
    number, moment, wire, folder = sys.argv[1:]
    with soon():
        runtime: Any = Runtime(asking_vehicle(wire), Path(folder))
        doomed: Any = _Doomed(lambda: runtime.configuration, runtime.now_ns, runtime.put, runtime._do)
        doomed.number, doomed.moment = int(number), moment
        runtime._executor = doomed
        runtime.start()
        runtime.submit(ComposeMessage(message_id=MESSAGE, device_id="beidou", recipient=REAR, text=TEXT))
        threading.Event().wait(PATIENCE_S)


if __name__ == "__main__":
    _main()
