"""One camera of the console: its shared memory, its receiving process, its retries.

The process opens once and says how it ended; here is decided when it opens again, and what happens when the process
itself dies or hangs.  Nothing here decodes or waits: a camera can cost the console its own picture and no more.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from console.configuration.model import CameraConfiguration
from console.frames import FramesError, make_frames, remove_frames
from console.picture import Grade, Text
from devices.video.messages import (
    Close,
    Command,
    Fault,
    MessageError,
    Open,
    Prepare,
    Show,
    Status,
    Stop,
    pack,
    redact,
    secrets_of,
    unpack,
)

_LOG = logging.getLogger(__name__)
_ROOT = Path(__file__).resolve().parent.parent
_NS_PER_S = 1_000_000_000
_DELAYS_S = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
_LOCKED_DELAYS_S = (60.0, 120.0, 300.0)
_UNHURRIED = frozenset({"unauthorised", "forbidden", "bad-url"})
_GOOD_NS = 30 * _NS_PER_S
_SILENT_S, _HUNG_S = 3.5, 10.0
_STOP_S = 4.0
_WORDS_PER_MINUTE = 30
_LONGEST_LINE_BYTES = 16_384

Report = dict[str, Any]
"""Payload of a CAMERA record: the fields of ``console.picture.Camera`` that a process can know, times relative.

``state reason detail is_connected attempts retry_ns packet_age_ns width_px height_px codec rate_fps rate_bps
is_recording gaps``; ``retry_ns`` and ``packet_age_ns`` count from the moment of the record.
"""


@dataclass(slots=True, kw_only=True)
class Backoff:
    """When to try again: 0.5, 1, 2, 4, 8, 15 s and up to a fifth more by chance; anew after 30 s of good picture.

    What a person must put right first (a wrong password locks the camera's account) is tried after 1, 2, 5 minutes.
    """

    chance: Callable[[], float]
    attempts: int = 0

    def good(self, good_ns: int) -> None:
        """The picture has been good for this long without a break."""
        if good_ns >= _GOOD_NS:
            self.attempts = 0

    def failed(self, reason: str | None) -> int:
        """The delay in nanoseconds after an attempt that ended for ``reason``."""
        delays_s = _LOCKED_DELAYS_S if reason in _UNHURRIED else _DELAYS_S
        delay_s = delays_s[min(self.attempts, len(delays_s) - 1)]
        self.attempts += 1
        return int(delay_s * (1 + 0.2 * self.chance()) * _NS_PER_S)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingLimits:
    """Recording stops while less than ``floor_bytes`` are free (the journal must go on); ``segment_s`` is one file."""

    floor_bytes: int = 2_000_000_000
    segment_s: float = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What all cameras share: who is told, console time, the permits to open, a source of chance.

    ``folder`` is the incident's folder: recordings lie in ``video/<camera id>`` below it; ``None``: none are made.
    """

    on_report: Callable[[str, Report], None]
    on_fault: Callable[[str, str], None]
    now_ns: Callable[[], int]
    folder: Path | None
    limits: RecordingLimits
    permits: asyncio.Semaphore
    chance: Callable[[], float]


def camera_secrets(camera: CameraConfiguration) -> tuple[str, ...]:
    """What of this camera's URLs must never be shown."""
    return (*secrets_of(camera.url), *secrets_of(camera.sub_url or ""))


class ProcessEndedError(Exception):
    """The receiving process is gone or was given up; the text is the reason word."""


class CameraFeed:
    """One camera: its shared memory, its process, its retries."""

    def __init__(self, around: Surroundings, camera: CameraConfiguration) -> None:
        self.camera = camera
        self._around = around
        self._secrets = camera_secrets(camera)
        self._grade: Grade = "main"
        self._note: Text | None = None
        self._backoff = Backoff(chance=around.chance)
        self._process: asyncio.subprocess.Process | None = None
        self._reports: asyncio.Queue[Status | Fault | None] = asyncio.Queue()
        self._hurry = asyncio.Event()
        self._show = Show(width_px=0, height_px=0)
        self._state = "down"
        self._live_since_ns: int | None = None
        self._words: deque[float] = deque(maxlen=_WORDS_PER_MINUTE)
        self._frames: Path | None = None
        self.task: asyncio.Task[None] | None = None

    # ---- asked by the console

    def show(self, show: Show) -> None:
        """Pass on the visible size."""
        if show != self._show:
            self._show = show
            self._command(show)

    def hurry(self) -> None:
        """Try now; what is live is left alone."""
        self._hurry.set()
        if self._state in {"stalled", "delayed"}:
            self._command(Close())

    def allot(self, grade: Grade, note: Text | None) -> None:
        """What may be received from now on, and why no more."""
        self._grade, self._note = grade, note

    @property
    def pid(self) -> int | None:
        """The receiver's process id while it runs."""
        return None if self._process is None else self._process.pid

    # ---- life

    async def run(self) -> None:
        """Receive until cancelled."""
        try:
            while True:
                reason = await self._live()
                await self._pause(reason, None)
        finally:
            await self._stop_process()
            if self._frames is not None:
                remove_frames(self._frames)
                self._frames = None

    async def _live(self) -> str:
        """One process from start to end; gives the reason word of its end."""
        try:
            if self._frames is None:
                self._frames = make_frames(self.camera.id)
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "devices.video.receive",
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                cwd=_ROOT,
            )
        except FramesError:
            return "no-memory"
        except OSError as error:
            self._say(f"the receiver cannot be started: {error}")
            return "failed"
        self._process = process
        self._reports = asyncio.Queue()
        loop = asyncio.get_running_loop()
        readers = [loop.create_task(self._listen(process)), loop.create_task(self._overhear(process))]
        try:
            self._command(self._prepare())
            self._command(self._show)
            while True:
                ended = await self._session()
                await self._pause(ended.reason, ended.detail)
        except ProcessEndedError as end:
            return str(end)
        finally:
            await self._stop_process()
            for reader in readers:
                reader.cancel()
            await asyncio.gather(*readers, return_exceptions=True)

    def _prepare(self) -> Prepare:
        camera_id, folder, limits = self.camera.id, self._around.folder, self._around.limits
        if folder is None or not self.camera.is_recorded:
            return Prepare(camera_id=camera_id, slots=str(self._frames))
        return Prepare(
            camera_id=camera_id,
            slots=str(self._frames),
            record_folder=str(folder / "video" / quote(camera_id, safe="")),
            floor_bytes=limits.floor_bytes,
            segment_s=limits.segment_s,
        )

    async def _session(self) -> Status:
        """Open once, with one of the program's two permits until it is decided, and follow it to its end."""
        self._live_since_ns = None
        self._hurry.clear()
        self._emit(Status(state="connecting"))
        async with self._around.permits:
            wall_offset_ns = self._around.now_ns() - time.monotonic_ns()
            self._command(Open(url=self.camera.url, wall_offset_ns=wall_offset_ns))
            status = await self._follow(lambda status: status.is_connected or status.state == "down")
        if status.state != "down":
            status = await self._follow(lambda status: status.state == "down")
        return status

    async def _follow(self, is_reached: Callable[[Status], bool]) -> Status:
        """Pass on what the process says until it says what is waited for."""
        while True:
            status = await self._next_status()
            if status.state == "down":
                return status
            if status.state != "live":
                self._live_since_ns = None
            elif self._live_since_ns is None:
                self._live_since_ns = time.monotonic_ns()
            else:
                self._backoff.good(time.monotonic_ns() - self._live_since_ns)
            self._emit(status)
            if is_reached(status):
                return status

    async def _next_status(self) -> Status:
        """The next status.  A process that has said nothing for a while is no longer believed, then given up."""
        waited_s = 0.0
        while True:
            limit_s = _SILENT_S if not waited_s else _HUNG_S - _SILENT_S
            try:
                async with asyncio.timeout(limit_s):
                    report = await self._reports.get()
            except TimeoutError:
                if waited_s:
                    raise ProcessEndedError("receiver-hung") from None
                waited_s = limit_s
                self._emit(Status(state="stalled", reason="receiver-hung"))
                continue
            if report is None:
                raise ProcessEndedError("receiver-crashed")
            if isinstance(report, Status):
                return report
            self._around.on_fault(self.camera.id, report.traceback)

    async def _pause(self, reason: str | None, detail: str | None) -> None:
        """Say that it is down and wait for the next try, or for somebody who wants it now."""
        self._live_since_ns = None
        if reason == "stopped":
            return
        delay_ns = self._backoff.failed(reason)
        self._emit(Status(state="down", reason=reason, detail=detail), retry_ns=delay_ns)
        with contextlib.suppress(TimeoutError):
            # Not wait_for: on 3.11 it can swallow the cancellation that ends this camera.
            async with asyncio.timeout(delay_ns / _NS_PER_S):
                await self._hurry.wait()

    def _emit(self, status: Status, *, retry_ns: int | None = None) -> None:
        self._state = status.state
        self._around.on_report(
            self.camera.id,
            {
                "state": status.state,
                "reason": status.reason,
                "detail": status.detail,
                "is_connected": status.is_connected,
                "attempts": self._backoff.attempts,
                "retry_ns": retry_ns,
                "packet_age_ns": status.packet_age_ns,
                "width_px": status.width_px,
                "height_px": status.height_px,
                "codec": status.codec,
                "rate_fps": status.rate_fps,
                "rate_bps": status.rate_bps,
                "is_recording": status.is_recording,
                "gaps": status.gaps,
            },
        )

    # ---- the process

    def _command(self, command: Command) -> None:
        process = self._process
        if process is not None and process.stdin is not None and not process.stdin.is_closing():
            process.stdin.write(pack(command))

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        stdout = process.stdout
        try:
            while stdout is not None and (line := await stdout.readline()):
                with contextlib.suppress(MessageError):
                    report = unpack(line)
                    if isinstance(report, Status | Fault):
                        self._reports.put_nowait(report)
        except ValueError:
            self._say("the receiver said a line without end")
        finally:
            self._reports.put_nowait(None)

    async def _overhear(self, process: asyncio.subprocess.Process) -> None:
        """FFmpeg's own words and tracebacks: redacted, and no flood of them."""
        stderr, rest = process.stderr, b""
        while stderr is not None and (octets := await stderr.read(4096)):
            # Whole lines only: half a password would not be recognised.
            *lines, rest = (rest + octets).split(b"\n")
            for line in lines:
                self._say(line.decode("utf-8", "replace"))
            if len(rest) > _LONGEST_LINE_BYTES:
                rest = b""
        self._say(rest.decode("utf-8", "replace"))

    def _say(self, line: str) -> None:
        now_s = time.monotonic()
        if not line.strip():
            return
        if len(self._words) == _WORDS_PER_MINUTE and now_s - self._words[0] < 60:
            return
        self._words.append(now_s)
        _LOG.info("camera %s: %s", self.camera.id, redact(line, self._secrets)[:500])

    async def _stop_process(self) -> None:
        process = self._process
        if process is None:
            return
        if process.stdin is not None and not process.stdin.is_closing():
            with contextlib.suppress(OSError):
                process.stdin.write(pack(Stop()))
            process.stdin.close()
        try:
            async with asyncio.timeout(_STOP_S):
                await process.wait()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        self._process = None
