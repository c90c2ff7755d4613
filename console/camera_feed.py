"""One camera of the console: its shared memory, its receiving process, its grade, its retries.

The process opens once and says how it ended; here is decided when it opens again and which stream, and what happens
when the process itself dies or hangs.  Nothing here decodes or waits: a camera can cost the console its own picture
and no more.  A camera that is not to be received at all has no open source and, from the start, no process.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from console.camera_process import ReceiverProcess, Words
from console.camera_reports import Report, report
from console.configuration.model import CameraConfiguration
from console.frames import FramesError, make_frames, remove_frames
from console.keeping import Keeping, camera_folder
from console.picture import CameraState, Grade, Text
from console.retries import UNHURRIED, Backoff
from console.tally import Tally
from console.thrift import RANK
from devices.video.messages import (
    Close,
    Command,
    Open,
    Prepare,
    Save,
    Segment,
    Show,
    Status,
    secrets_of,
)

_NS_PER_S = 1_000_000_000
_SILENT_S, _HUNG_S, _STARTING_S = 2.0, 4.0, 10.0
"""A process speaks every second.  Silent: no longer believed; hung: ended.  The first word may take longer."""
_STEP_DOWN_NS = 5 * _NS_PER_S
"""So long may the larger stream go on until the smaller one has its first picture: a bearer must be spared."""

_SWITCH_AGAIN_NS = 15 * _NS_PER_S
_COMING = frozenset({"live", "abnormal", "delayed"})
_STILL_NS = 15 * _NS_PER_S
"""The longest a source stays open for one still."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What all cameras share: who is told, console time, the permits to open, a source of chance.

    ``keeping``: where recordings go; ``None``: none are made.
    """

    on_report: Callable[[str, Report], None]
    on_fault: Callable[[str, str], None]
    now_ns: Callable[[], int]
    keeping: Keeping | None
    permits: asyncio.Semaphore
    chance: Callable[[], float]


def camera_secrets(camera: CameraConfiguration) -> tuple[str, ...]:
    """What of this camera's URLs must never be shown."""
    return (*secrets_of(camera.url), *secrets_of(camera.sub_url or ""))


class ProcessEndedError(Exception):
    """The receiving process is gone or was given up; the text is the reason word."""


class CameraFeed:
    """One camera: its shared memory, its process, its grade, its retries."""

    def __init__(self, around: Surroundings, camera: CameraConfiguration) -> None:
        self.camera = camera
        self._around = around
        self._words = Words(camera.id, camera_secrets(camera))
        self._backoff = Backoff(chance=around.chance)
        self._process: ReceiverProcess | None = None
        self._turned = asyncio.Event()
        self._is_hurried = False
        self._show = Show(width_px=0, height_px=0)
        self._state: CameraState = "down"
        self._live_since_ns: int | None = None
        self._frames: Path | None = None
        self._grade: Grade = "main"
        self._note: Text | None = None
        self._sent: Grade = "off"
        self._sent_ns = 0
        self._is_switching = False
        self._retry_at_ns = 0
        self._failure = Status(state="down")
        self._has_still = False
        self._still_bps: float | None = None
        self._packet_at_ns = 0
        self._tally = Tally(has_sub=camera.sub_url is not None)
        self.task: asyncio.Task[None] | None = None

    # ---- asked by the console

    def show(self, show: Show) -> None:
        """Pass on the visible size."""
        if show != self._show:
            self._show = show
            self._command(show)

    def hurry(self) -> None:
        """Try now; what is live is left alone."""
        self._is_hurried = True
        self._turned.set()
        if self._state in {"stalled", "delayed"}:
            self._close()

    def allot(self, grade: Grade, note: Text | None) -> None:
        """What may be received from now on, and why no more.  Between two streams the old one goes on meanwhile."""
        is_changed = grade != self._grade
        self._grade, self._note = grade, note
        self._turned.set()
        if not is_changed or self._sent == "off":
            return
        if {grade, self._sent} == {"main", "sub"}:
            self._open()
            self._is_switching = True
        else:
            self._close()

    @property
    def pid(self) -> int | None:
        """The receiver's process id while it runs."""
        return None if self._process is None else self._process.pid

    def save(self, wanted: Save) -> None:
        """Write the last seconds into a file of their own; where nothing is received that is told at once."""
        if self._process is not None:
            self._process.command(wanted)
        else:
            self._told(Segment(event="save-failed", clip_id=wanted.clip_id, reason="nothing-kept"))

    def _told(self, said: Segment) -> None:
        if self._around.keeping is not None:
            self._around.keeping.on_segment(self.camera.id, said)

    # ---- life

    async def run(self) -> None:
        """Receive until cancelled."""
        try:
            while True:
                await self._rest()
                reason = await self._live()
                await self._pause(reason, None)
        finally:
            if self._frames is not None:
                remove_frames(self._frames)
                self._frames = None

    async def _live(self) -> str:
        """One process from start to end; gives the reason word of its end."""
        try:
            if self._frames is None:
                self._frames = make_frames(self.camera.id)
            process = await ReceiverProcess.begin(self._words, self._told)
        except FramesError:
            return "no-memory"
        except OSError as error:
            self._words.say(f"the receiver cannot be started: {error}")
            return "failed"
        self._process = process
        self._tally.begin_process()
        try:
            process.command(self._prepare())
            process.command(self._show)
            while not process.is_gone:
                await self._turn()
        except ProcessEndedError as end:
            return str(end)
        finally:
            self._sent = "off"
            await process.stop()
            self._process = None
        return "stopped"  # it died while nobody needed it

    async def _turn(self) -> None:
        """Open once and wait until it is to be opened again."""
        ended = await self._session()
        if ended.reason == "still-taken":
            await self._keep_still()
        else:
            await self._pause(ended.reason, ended.detail)
        await self._rest()

    def _prepare(self) -> Prepare:
        camera, keeping = self.camera, self._around.keeping
        prepare = Prepare(camera_id=camera.id, slots=str(self._frames), may_stand_still=camera.may_stand_still)
        if keeping is None:
            return prepare
        return replace(
            prepare,
            record_folder=str(camera_folder(keeping.folder, camera.id)),
            is_recorded=camera.is_recorded,
            floor_bytes=keeping.limits.floor_bytes,
            segment_s=keeping.limits.segment_s,
            unfinished=keeping.unfinished(camera.id),
        )

    async def _session(self) -> Status:
        """Open once, with one of the program's two permits until it is decided, and follow it to its end."""
        self._live_since_ns = None
        self._is_hurried = False
        self._emit(Status(state="connecting"))
        async with self._around.permits:
            if self._grade == "off":
                return Status(state="down", reason="stopped")
            self._open()
            status = await self._follow(lambda status: status.is_connected or status.state == "down")
        if status.state != "down":
            status = await self._follow(lambda status: status.state == "down")
        sent, self._sent = self._sent, "off"
        if sent == "stills" and status.reason == "stopped" and self._has_still and self._grade == "stills":
            status = replace(status, reason="still-taken")
        if status.reason == "still-taken":
            self._still_bps = self._tally.close_still(time.monotonic_ns()) * 8 / self.camera.still_s
        return status

    def _open(self) -> None:
        self._sent, self._sent_ns = self._grade, time.monotonic_ns()
        self._tally.open(self._sent_ns)
        small = self.camera.sub_url
        url = small if small is not None and self._grade != "main" else self.camera.url
        wall_offset_ns = self._around.now_ns() - time.monotonic_ns()
        self._command(Open(url=url, wall_offset_ns=wall_offset_ns, grade=self._grade))

    def _close(self) -> None:
        self._is_switching = False
        self._command(Close())

    async def _follow(self, is_reached: Callable[[Status], bool]) -> Status:
        """Pass on what the process says until it says what is waited for."""
        while True:
            status = await self._next_status()
            if status.state == "down":
                if not (self._is_switching and status.reason == "stopped"):
                    return status
                self._is_switching = False
                continue
            if status.state not in _COMING:
                self._live_since_ns = None
            elif self._live_since_ns is None:
                self._live_since_ns = time.monotonic_ns()
            else:
                self._backoff.good(time.monotonic_ns() - self._live_since_ns)
            self._emit(status)
            self._watch(status)
            if is_reached(status):
                return status

    def _watch(self, status: Status) -> None:
        """See that what was asked for becomes true in time."""
        since_ns = time.monotonic_ns() - self._sent_ns
        if self._sent == "stills":
            if since_ns > _STILL_NS and status.state in _COMING:
                self._has_still = True
                self._close()
            return
        if status.grade is None or self._grade in {status.grade, "off"}:
            self._is_switching = self._is_switching and status.grade != self._grade
            return
        is_refused = status.reason == "switch-failed"
        if RANK[status.grade] > RANK[self._grade]:
            if is_refused or since_ns > _STEP_DOWN_NS:
                self._close()
        elif is_refused and since_ns > _SWITCH_AGAIN_NS:
            self._open()

    async def _next_status(self) -> Status:
        """The next status.  A process that has said nothing for a while is no longer believed, then given up."""
        waited_s = 0.0
        while True:
            if self._process is None:
                raise ProcessEndedError("receiver-crashed")
            silent_s = _SILENT_S if self._process.has_spoken else _STARTING_S - _HUNG_S
            limit_s = silent_s if not waited_s else _HUNG_S - _SILENT_S
            try:
                async with asyncio.timeout(limit_s):
                    report = await self._process.reports.get()
            except TimeoutError:
                if waited_s:
                    self._process.kill()
                    raise ProcessEndedError("receiver-hung") from None
                waited_s = limit_s
                self._emit(Status(state="stalled", reason="receiver-hung"))
                continue
            if report is None:
                raise ProcessEndedError("receiver-crashed")
            if isinstance(report, Status):
                self._tally.take(report)
                if report.packet_age_ns is not None:
                    self._packet_at_ns = time.monotonic_ns() - report.packet_age_ns
                return report
            self._around.on_fault(self.camera.id, report.traceback)

    # ---- waiting

    async def _rest(self) -> None:
        """While nothing is to be received: say so, and wait until it is."""
        has_rested = False
        while self._grade == "off":
            has_rested = True
            self._has_still = False
            self._emit(Status(state="down"))
            self._turned.clear()
            await self._turned.wait()
        if has_rested and self._failure.reason in UNHURRIED and not self._is_hurried:
            await self._await_retry(self._retry_at_ns - time.monotonic_ns())

    async def _pause(self, reason: str | None, detail: str | None) -> None:
        """Say that it is down and wait for the next try, or for somebody who wants it now."""
        self._live_since_ns = None
        if reason == "stopped":
            return
        self._has_still = False
        self._failure = Status(state="down", reason=reason, detail=detail)
        delay_ns = self._backoff.failed(reason)
        self._retry_at_ns = time.monotonic_ns() + delay_ns
        await self._await_retry(delay_ns)

    async def _await_retry(self, left_ns: int) -> None:
        if left_ns > 0 and self._grade != "off":
            self._emit(self._failure, retry_ns=left_ns)
            await self._wait(left_ns, lambda: self._is_hurried or self._grade == "off")

    async def _keep_still(self) -> None:
        """A still was taken: it stands until the next one is due."""
        self._has_still = True
        self._backoff.begin_anew()
        now_ns = time.monotonic_ns()
        age_ns = now_ns - self._packet_at_ns if self._packet_at_ns >= self._sent_ns else 0
        self._emit(Status(state="live", is_connected=True, packet_age_ns=age_ns, grade="stills"))
        left_ns = round(self.camera.still_s * _NS_PER_S) - (now_ns - self._sent_ns)
        await self._wait(left_ns, lambda: self._is_hurried or self._grade != "stills")

    async def _wait(self, wait_ns: int, is_over: Callable[[], bool]) -> None:
        with contextlib.suppress(TimeoutError):
            # Not wait_for: on 3.11 it can swallow the cancellation that ends this camera.
            async with asyncio.timeout(max(0, wait_ns) / _NS_PER_S):
                while not is_over():
                    self._turned.clear()
                    await self._turned.wait()

    # ---- reports

    def _shown_state(self, status: Status) -> CameraState:
        """What a person is told: not received on purpose is no fault, and between two stills nothing is missing."""
        if self._grade == "off":
            return "held" if self._note is not None else "standby"
        if status.state == "live" and self._grade != "stills":
            self._has_still = True  # going over to stills, the last picture stands until the first of them
        if self._grade != "stills" or status.state in {"down", "stalled", "abnormal"}:
            return status.state
        self._has_still = self._has_still or status.state == "live"
        return "stills" if self._has_still else "connecting"

    def _emit(self, status: Status, *, retry_ns: int | None = None) -> None:
        self._state = self._shown_state(status)
        grade = self._grade if self._grade == "off" else status.grade or self._grade
        self._around.on_report(
            self.camera.id,
            report(
                status,
                state=self._state,
                grade=grade,
                note=self._note,
                attempts=self._backoff.attempts,
                retry_ns=retry_ns,
                rate_bps=self._still_bps if grade == "stills" else status.rate_bps,
                video_bytes=self._tally.fresh(),
            ),
        )

    def _command(self, command: Command) -> None:
        if self._process is not None:
            self._process.command(command)
