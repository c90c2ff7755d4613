"""A camera or HDMI grabber of this machine, by OpenCV: the FFmpeg in PyAV's wheels is built without such devices.

JPEG pictures of the device are passed on as they are; a device that has none is encoded here, once.

**Source:** OpenCV VideoCapture, V4L2 backend (``CAP_PROP_CONVERT_RGB`` 0 gives the device's own octets).
**Assumed:** ``convert`` off is honoured for MJPG by every build; where it is not, pictures come and are encoded here.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from devices.video.piece import Piece, SourceError
from devices.video.target import Kind, Target

_JPEG_START = b"\xff\xd8"
_QUALITY_PERCENT = 90


class Grabber(Protocol):
    """What is needed of ``cv2.VideoCapture``."""

    def read(self) -> tuple[bool, Any]:
        """The next picture, BGR or the octets of a JPEG; False: there is none."""

    def release(self) -> None:
        """Give the device back."""


def open_capture(wanted: Target) -> Captured:
    """Open a device.  Raises ``SourceError``."""
    path = Path(wanted.url)
    if not path.exists():
        raise SourceError("device-missing")
    if not os.access(path, os.R_OK | os.W_OK):
        raise SourceError("device-forbidden")
    # Here, because only the process of a capture device needs it.
    import cv2  # noqa: PLC0415

    grabber = cv2.VideoCapture(str(path.resolve()), cv2.CAP_V4L2)
    if not grabber.isOpened():
        grabber.release()
        raise SourceError("device-busy")
    grabber.set(cv2.CAP_PROP_BUFFERSIZE, 2)
    grabber.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
    if wanted.size_px is not None:
        grabber.set(cv2.CAP_PROP_FRAME_WIDTH, wanted.size_px[0])
        grabber.set(cv2.CAP_PROP_FRAME_HEIGHT, wanted.size_px[1])
    if wanted.rate_hz is not None:
        grabber.set(cv2.CAP_PROP_FPS, wanted.rate_hz)
    if int(grabber.get(cv2.CAP_PROP_FOURCC)) == cv2.VideoWriter.fourcc(*"MJPG"):
        grabber.set(cv2.CAP_PROP_CONVERT_RGB, 0)
    return Captured(grabber)


class Captured:
    """An opened device as a source of JPEG pictures; each is a key frame, its time is that of its arrival."""

    kind: Kind = "capture"
    codec = "mjpeg"
    extradata = b""

    def __init__(self, grabber: Grabber) -> None:
        self._grabber = grabber
        self.width_px: int | None = None
        self.height_px: int | None = None
        self._first = self._grab()
        if self._first is None:
            self.close()
            raise SourceError("device-busy")

    def _grab(self) -> Piece | None:
        is_read, picture = self._grabber.read()
        if not is_read or picture is None:
            return None
        now_ns = time.monotonic_ns()
        data = picture.tobytes() if picture.ndim < 3 or picture.shape[0] == 1 or picture.shape[1] == 1 else b""
        if not data.startswith(_JPEG_START):
            data = _jpeg(picture)
        return Piece(data=data, pts_ns=now_ns, dts_ns=now_ns, is_key=True)

    def pieces(self, ending: threading.Event) -> Iterator[Piece]:
        """Pictures as they come; ends by ``SourceError``: the device gives no more, or ``ending`` is set."""
        piece, self._first = self._first, None
        while piece is not None and not ending.is_set():
            yield piece
            piece = self._grab()
        raise SourceError("stopped" if ending.is_set() else "ended")

    def close(self) -> None:
        """Give the device back."""
        self._grabber.release()


def _jpeg(picture: Any) -> bytes:  # noqa: ANN401 - an array of OpenCV's, which has no types here
    import cv2  # noqa: PLC0415

    is_good, octets = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY_PERCENT])
    return bytes(octets) if is_good else b""
