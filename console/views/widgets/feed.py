"""The newest frames of the cameras, read from shared memory when painting.

Nothing here waits.  A replay's frames lie under names of their own (``console.sights.REPLAYED`` before the camera's
id), so that a frame of the present is never taken for one of a replayed moment.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtGui import QImage

from console.frames import FrameReader, FramesError, frames_name
from console.sights import REPLAYED
from console.views.widgets.sight import VEIL_AFTER_NS, Recording, Seen

_RETRY_NS = 1_000_000_000


@dataclass(slots=True)
class _Source:
    reader: FrameReader | None = None
    image: QImage | None = None
    pts_ns: int | None = None
    retry_ns: int = 0
    judgement: tuple[bool, str | None] = (False, None)


class FrameFeed:
    """Readers by camera id, opened when first wanted and again when a camera was configured anew.

    ``monotonic_ns`` is the clock of the stamps in shared memory (CLOCK_MONOTONIC).
    """

    def __init__(self, monotonic_ns: Callable[[], int] = time.monotonic_ns) -> None:
        self._monotonic_ns = monotonic_ns
        self._sources: dict[str, _Source] = {}

    def poll(self, camera_id: str) -> bool:
        """Take the newest frame; True if the tile must be painted: another frame, or another judgement of this one.

        A veil falls at its own moment and not when the wall next looks at all of its tiles.
        """
        source = self._sources.setdefault(camera_id, _Source())
        now_ns = self._monotonic_ns()
        if now_ns >= source.retry_ns:
            source.retry_ns = now_ns + _RETRY_NS
            self._check(camera_id, source)
        frame = source.reader.read() if source.reader else None
        before, source.judgement = source.judgement, self._judge(source, now_ns)
        if frame is None:
            return source.judgement != before
        looking = QImage(frame.data, frame.width_px, frame.height_px, frame.stride_bytes, QImage.Format.Format_RGB32)
        # Made so, an image only looks into octets it does not own; whoever keeps it must not outlive them.
        source.image, source.pts_ns = looking.copy(), frame.pts_ns
        return True

    @staticmethod
    def _judge(source: _Source, now_ns: int) -> tuple[bool, str | None]:
        """Whether a veil is due, and the word for what is wrong with the picture."""
        if source.reader is None:
            return False, None
        overdue_ns, health = source.reader.overdue_ns(now_ns), source.reader.health(now_ns)
        return overdue_ns is not None and overdue_ns >= VEIL_AFTER_NS, health[0] if health is not None else None

    def _check(self, camera_id: str, source: _Source) -> None:
        if source.reader is not None and not source.reader.is_current:
            source.reader.close()
            source.reader = None
            source.image = source.pts_ns = None
        if source.reader is None:
            try:
                source.reader = FrameReader(frames_name(camera_id))
            except FramesError:
                source.reader = None

    def image(self, camera_id: str) -> QImage | None:
        """The frame taken last; it may be old: see ``picture_age_ns``."""
        source = self._sources.get(camera_id)
        return source.image if source else None

    def picture_age_ns(self, camera_id: str) -> int | None:
        """Age of the packet of the frame taken last; ``None`` while there is none."""
        source = self._sources.get(camera_id)
        if source is None or source.reader is None:
            return None
        return source.reader.picture_age_ns(self._monotonic_ns())

    def seen(self, camera_id: str) -> Seen:
        """Everything a tile is judged by."""
        return Seen(
            self.image(camera_id),
            self.picture_age_ns(camera_id),
            self.overdue_ns(camera_id),
            self.health(camera_id),
        )

    def recording(self, camera_id: str) -> Recording:
        """What a replay's tile is judged by: the frame of the recording, and the console time it is of."""
        source = self._sources.get(REPLAYED + camera_id)
        if source is None or source.reader is None:
            return Recording(None)
        return Recording(source.image, source.pts_ns, source.reader.key_interval_ns)

    def overdue_ns(self, camera_id: str) -> int | None:
        """How long nothing new has come that should have: the veil goes by it; ``None`` while there is no frame."""
        source = self._sources.get(camera_id)
        if source is None or source.reader is None:
            return None
        return source.reader.overdue_ns(self._monotonic_ns())

    def health(self, camera_id: str) -> tuple[str, int] | None:
        """What is wrong with the newest frames and for how long; ``None``: nothing was seen."""
        source = self._sources.get(camera_id)
        if source is None or source.reader is None:
            return None
        return source.reader.health(self._monotonic_ns())

    def close(self) -> None:
        """Let all memory go."""
        for source in self._sources.values():
            if source.reader is not None:
                source.reader.close()
        self._sources.clear()
