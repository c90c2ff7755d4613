"""The cameras of the console, in the engine thread's asyncio loop: one receiving process each.

No more than two sources open at a time in the whole program.  Pictures reach the window through shared memory
(``console.frames``), never through this module.
"""

from __future__ import annotations

import asyncio
import logging
import random
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import Self

from console.camera_feed import CameraFeed, Surroundings, camera_secrets
from console.camera_reports import Report
from console.configuration.model import CameraConfiguration
from console.frames import sweep_frames
from console.keeping import Keeping
from console.picture import Grade, Text
from devices.video.messages import Save, Show, redact

_LOG = logging.getLogger(__name__)
_OPENS_AT_ONCE = 2
_REVIVE_S = 15.0
TILE_RATE_HZ = 12.5


class Cameras:
    """All cameras; used as ``async with Cameras(...) as cameras``, in one loop, from one thread.

    ``on_report(camera_id, report)`` is called at every change and at most once a second in between, in the loop's
    thread.  ``on_fault(camera_id, traceback)`` when we were wrong; the camera is begun anew after 15 s.  ``now_ns``
    is console time.  ``keeping`` says where recordings go; ``None``: nothing is recorded.
    """

    def __init__(
        self,
        on_report: Callable[[str, Report], None],
        *,
        now_ns: Callable[[], int],
        keeping: Keeping | None = None,
        on_fault: Callable[[str, str], None] | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._on_fault = on_fault
        self._around = Surroundings(
            on_report=on_report,
            on_fault=self._report_fault,
            now_ns=now_ns,
            keeping=keeping,
            permits=asyncio.Semaphore(_OPENS_AT_ONCE),
            chance=chance,
        )
        self._feeds: dict[str, CameraFeed] = {}
        self._shows: dict[str, Show] = {}
        self._grades: dict[str, tuple[Grade, Text | None]] = {}
        self._ending: set[asyncio.Task[None]] = set()
        self._is_open = False

    async def __aenter__(self) -> Self:
        """Remove what dead consoles left behind."""
        self._is_open = True
        sweep_frames()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Finish all recordings and end all processes."""
        self._is_open = False
        for camera_id in list(self._feeds):
            self.stop(camera_id)
        while self._ending:
            await asyncio.wait(self._ending)

    def start(self, camera: CameraConfiguration) -> None:
        """Receive this camera; the same id again with other values begins anew, a disabled one ends."""
        running = self._feeds.get(camera.id)
        if running is not None and running.camera == camera:
            return
        before = self.stop(camera.id)
        if camera.is_enabled:
            self._begin(camera, before)

    def stop(self, camera_id: str) -> asyncio.Task[None] | None:
        """End this camera; its recording is finished in the background, gives that task."""
        feed = self._feeds.pop(camera_id, None)
        if feed is None or feed.task is None:
            return None
        feed.task.cancel()
        return feed.task

    def reconnect(self, camera_id: str) -> None:
        """Open now, without waiting for the next try.  An unknown id is ignored."""
        feed = self._feeds.get(camera_id)
        if feed is not None:
            feed.hurry()

    def show(
        self, camera_id: str, width_px: int, height_px: int, *, full_rate: bool = False, key_only: bool = False
    ) -> None:
        """How large this camera is on the screen, in device pixels; 0 by 0: nobody looks, nothing is decoded.

        With ``key_only`` key frames alone are decoded.
        """
        rate_hz = None if full_rate else TILE_RATE_HZ
        show = Show(width_px=width_px, height_px=height_px, rate_hz=rate_hz, is_key_only=key_only)
        self._shows[camera_id] = show
        feed = self._feeds.get(camera_id)
        if feed is not None:
            feed.show(show)

    def save(self, camera_id: str, clip_id: str, last_s: float) -> bool:
        """Keep the last seconds of this camera as a clip; False where it is not being received."""
        feed = self._feeds.get(camera_id)
        if feed is not None:
            feed.save(Save(clip_id=clip_id, last_s=last_s))
        return feed is not None

    def allot(self, camera_id: str, grade: Grade, note: Text | None = None) -> None:
        """What may be received of this camera from now on, and why no more; until told, its large stream."""
        self._grades[camera_id] = grade, note
        feed = self._feeds.get(camera_id)
        if feed is not None:
            feed.allot(grade, note)

    def pid(self, camera_id: str) -> int | None:
        """The process that receives this camera."""
        feed = self._feeds.get(camera_id)
        return None if feed is None else feed.pid

    def _report_fault(self, camera_id: str, text: str) -> None:
        _LOG.error("camera %s: %s", camera_id, text)
        if self._on_fault is not None:
            self._on_fault(camera_id, text)

    def _begin(self, camera: CameraConfiguration, before: asyncio.Task[None] | None) -> None:
        feed = CameraFeed(self._around, camera)
        if camera.id in self._grades:
            feed.allot(*self._grades[camera.id])
        shown = self._shows.get(camera.id)
        if shown is not None:
            feed.show(shown)
        self._feeds[camera.id] = feed

        async def live() -> None:
            if before is not None:
                # The one before still holds the shared memory's name and perhaps the port.
                await asyncio.wait([before])
            await feed.run()

        task = asyncio.get_running_loop().create_task(live(), name=f"camera {camera.id}")
        feed.task = task
        self._ending.add(task)
        task.add_done_callback(lambda done: self._ended(feed, done))

    def _ended(self, feed: CameraFeed, task: asyncio.Task[None]) -> None:
        self._ending.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is None:
            return
        camera = feed.camera
        text = redact("".join(traceback.format_exception(error)), camera_secrets(camera))
        self._report_fault(camera.id, text)
        if self._is_open and self._feeds.get(camera.id) is feed:
            del self._feeds[camera.id]
            asyncio.get_running_loop().call_later(_REVIVE_S, self._revive, camera)

    def _revive(self, camera: CameraConfiguration) -> None:
        if self._is_open and camera.id not in self._feeds:
            self._begin(camera, None)
