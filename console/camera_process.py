"""The video processes of one camera, as the console sees them: commands in, reports out, their words kept short."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from devices.video.messages import Command, Fault, MessageError, Report, Segment, Status, Stop, pack, redact, unpack
from devices.video.playing import Played

_LOG = logging.getLogger(__name__)
_ROOT = Path(__file__).resolve().parent.parent
_STOP_S = 4.0
_LAST_WORDS_S = 0.5
_WORDS_PER_MINUTE = 30
_LONGEST_LINE_BYTES = 16_384


def end_at_once(process: asyncio.subprocess.Process) -> None:
    """Kill it, if it still runs.

    Not by its own ``kill``: that first asks how the process ended and so takes the answer from asyncio, which then
    warns of an unknown child and makes up a return code.
    """
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        if os.name == "posix":
            os.kill(process.pid, signal.SIGKILL)
        else:
            process.kill()


class Words:
    """What a camera's processes say for the log: redacted, and no flood of it."""

    def __init__(self, camera_id: str, secrets: tuple[str, ...]) -> None:
        self._camera_id = camera_id
        self._secrets = secrets
        self._said: deque[float] = deque(maxlen=_WORDS_PER_MINUTE)

    def say(self, line: str) -> None:
        """Write one line, unless there were too many in the last minute."""
        now_s = time.monotonic()
        if not line.strip():
            return
        if len(self._said) == _WORDS_PER_MINUTE and now_s - self._said[0] < 60:
            return
        self._said.append(now_s)
        _LOG.info("camera %s: %s", self._camera_id, redact(line, self._secrets)[:500])

    async def overhear(self, stderr: asyncio.StreamReader | None) -> None:
        """FFmpeg's own words and tracebacks, until they end."""
        rest = b""
        while stderr is not None and (octets := await stderr.read(4096)):
            # Whole lines only: half a password would not be recognised.
            *lines, rest = (rest + octets).split(b"\n")
            for line in lines:
                self.say(line.decode("utf-8", "replace"))
            if len(rest) > _LONGEST_LINE_BYTES:
                rest = b""
        self.say(rest.decode("utf-8", "replace"))


class VideoProcess:
    """One process of ``devices.video`` from its start to its end; a kind of it names its module and listens."""

    def __init__(self, process: asyncio.subprocess.Process, words: Words) -> None:
        self._process = process
        self._words = words
        loop = asyncio.get_running_loop()
        self._readers = [loop.create_task(self._listen()), loop.create_task(words.overhear(process.stderr))]

    def hear(self, report: Report | None) -> None:
        """Take what it says, also while it is being stopped; ``None`` when it is gone."""
        raise NotImplementedError

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def is_gone(self) -> bool:
        """Whether it has ended."""
        return self._process.returncode is not None

    def command(self, command: Command) -> None:
        """Tell it something; lost when it is gone."""
        stdin = self._process.stdin
        if stdin is not None and not stdin.is_closing():
            stdin.write(pack(command))

    def kill(self) -> None:
        """End it at once: it no longer listens, and what it has recorded is on the disk."""
        end_at_once(self._process)

    async def stop(self) -> None:
        """Let it finish its recording; end it after four seconds."""
        try:
            await self._end()
            # The last it said, of the file it finished, is heard; its decoder may hold the pipe a little longer.
            await asyncio.wait(self._readers, timeout=_LAST_WORDS_S)
        finally:
            for reader in self._readers:
                reader.cancel()
            await asyncio.gather(*self._readers, return_exceptions=True)

    async def _end(self) -> None:
        process = self._process
        if process.stdin is not None and not process.stdin.is_closing():
            with contextlib.suppress(OSError):
                process.stdin.write(pack(Stop()))
            process.stdin.close()
        try:
            async with asyncio.timeout(_STOP_S):
                await process.wait()
        except TimeoutError:
            end_at_once(process)
            await process.wait()

    async def _listen(self) -> None:
        stdout = self._process.stdout
        try:
            while stdout is not None and (line := await stdout.readline()):
                with contextlib.suppress(MessageError):
                    report = unpack(line)
                    if isinstance(report, Report):
                        self.hear(report)
        except ValueError:
            self._words.say("a video process said a line without end")
        finally:
            self.hear(None)


async def spawn(module: str) -> asyncio.subprocess.Process:
    """Start this module of ours with pipes to all its ends.  Raises ``OSError``."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=_ROOT,
    )


class ReceiverProcess(VideoProcess):
    """The process that receives one camera.  ``reports`` ends with ``None`` when it is gone.

    ``on_segment`` is told at once what became of a recorded file, also while the process is being stopped.
    """

    def __init__(
        self, process: asyncio.subprocess.Process, words: Words, on_segment: Callable[[Segment], None]
    ) -> None:
        super().__init__(process, words)
        self._on_segment = on_segment
        self.reports: asyncio.Queue[Status | Fault | None] = asyncio.Queue()
        self.has_spoken = False

    @classmethod
    async def begin(cls, words: Words, on_segment: Callable[[Segment], None]) -> ReceiverProcess:
        """Start one.  Raises ``OSError``."""
        return cls(await spawn("devices.video.receive"), words, on_segment)

    def hear(self, report: Report | None) -> None:
        """Keep what it says in order; what became of a file is told at once."""
        if isinstance(report, Segment):
            self._on_segment(report)
        elif report is None or isinstance(report, Status | Fault):
            self.has_spoken = self.has_spoken or report is not None
            self.reports.put_nowait(report)


class PlayingProcess(VideoProcess):
    """The process that plays one camera's recordings.  ``reports`` ends with ``None`` when it is gone."""

    def __init__(self, process: asyncio.subprocess.Process, words: Words) -> None:
        super().__init__(process, words)
        self.reports: asyncio.Queue[Played | None] = asyncio.Queue()

    @classmethod
    async def begin(cls, words: Words) -> PlayingProcess:
        """Start one.  Raises ``OSError``."""
        return cls(await spawn("devices.video.play"), words)

    def hear(self, report: Report | None) -> None:
        """Keep what it says in order."""
        if report is None or isinstance(report, Played):
            self.reports.put_nowait(report)
