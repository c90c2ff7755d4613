"""Does a picture come?  One camera opened once, beside those that are configured, and let go after its first picture.

The camera takes the way of every other one: a receiving process, a decoder, shared memory; but nothing is recorded,
and what it reports is told to nobody and becomes no record.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from uuid import uuid4

from console.camera_reports import Report
from console.cameras import Cameras
from console.configuration.model import CameraConfiguration
from console.frames import Frame, FrameReader, FramesError, frames_name
from console.picture import Text
from console.queries import TrialPage, Trouble

LIMIT_S = 15.0
_SIZE_PX = (480, 270)
_LOOK_S = 0.05


async def try_camera(url: str, now_ns: Callable[[], int], *, limit_s: float = LIMIT_S) -> TrialPage:
    """The first picture from ``url``, or the reason of the first end.  It is opened once: cameras lock accounts."""
    said: Report = {}

    def hear(_: str, report: Report) -> None:
        if said.get("state") != "down":
            said.update(report)

    camera = CameraConfiguration(id=f"trial-{uuid4().hex[:8]}", name="", url=url, is_recorded=False)
    async with Cameras(hear, now_ns=now_ns) as cameras:
        cameras.show(camera.id, *_SIZE_PX, full_rate=True)
        cameras.start(camera)
        frame = await _first_frame(camera.id, said, limit_s)
    if frame is None:
        reason = said.get("reason") or "no-picture"
        detail = str(said.get("detail") or "")[:200]
        return TrialPage(trouble=Trouble(text=Text(id=f"camera.reason.{reason}", args={"detail": detail})))
    width_px, height_px = said.get("width_px"), said.get("height_px")
    return TrialPage(
        codec=said.get("codec"),
        source_px=(width_px, height_px) if width_px and height_px else None,
        width_px=frame.width_px,
        height_px=frame.height_px,
        stride_bytes=frame.stride_bytes,
        data=frame.data,
    )


async def _first_frame(camera_id: str, said: Report, limit_s: float) -> Frame | None:
    reader: FrameReader | None = None
    try:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                while said.get("state") != "down":
                    if reader is None:
                        with contextlib.suppress(FramesError):
                            reader = FrameReader(frames_name(camera_id))
                    frame = reader.read() if reader is not None else None
                    if frame is not None:
                        return frame
                    await asyncio.sleep(_LOOK_S)  # another process writes: it has no event for us
        return None
    finally:
        if reader is not None:
            reader.close()
