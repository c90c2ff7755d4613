"""One recorded file, played by the console time of its pictures: exact to the picture, from the key frame before it.

The console time of a picture is that of the file's first packet plus what lies between them in the film.  Where the
film is longer than the time in which it arrived (packets had waited in the library at its start), it counts from its
end.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.codec.context import ThreadType
from av.packet import Packet
from av.video.frame import VideoFrame

from devices.video.playing import PlayedState, PlayFile

_NS_PER_S = 1_000_000_000
_BACK_NS = (3 * _NS_PER_S, 12 * _NS_PER_S, 60 * _NS_PER_S)
"""How far before the wanted moment a key frame is looked for, before the whole file is read from its start."""

_WAITED_NS = 10 * _NS_PER_S
_JITTER_NS = 80_000_000
_FORMS = {".ts": "mpegts", ".mkv": "matroska"}
_PROBED = {"probesize": "1000000", "analyzeduration": "1000000"}
_TICK = Fraction(1, 90_000)
_TIMEOUT_S = 3.0
_MOST_PX = 8192 * 8192
_SILENT_PACKETS = 250
"""So many packets without a picture: it is asked again whether anybody still waits for this moment."""


class ReelError(Exception):
    """This file cannot be played; the text is the state: ``missing`` or ``damaged``."""

    def __init__(self, state: PlayedState) -> None:
        super().__init__(state)
        self.state: PlayedState = state


@dataclass(frozen=True, slots=True)
class Shot:
    """One decoded picture and its console time."""

    at_ns: int
    frame: VideoFrame


class Reel:
    """An open recorded file.  Raises ``ReelError`` where there is nothing to be read."""

    def __init__(self, file: PlayFile) -> None:
        self.file = file
        self._path = Path(file.path)
        self.key_interval_ns = 0
        self._key_ns: int | None = None
        self.is_key_only = False
        self._pending: deque[Packet[Any]] = deque()
        self._shots: deque[Shot] = deque()
        self._given_ns: int | None = None
        self._read_ns = 0
        self._awaits_key = True
        self.is_over = False
        self._open()

    def _open(self) -> None:
        try:
            status = self._path.stat()
        except OSError:
            raise ReelError("missing") from None
        self._size_bytes = status.st_size
        try:
            form = _FORMS.get(self._path.suffix)
            self._container: Any = av.open(
                str(self._path), format=form, options=_PROBED, timeout=(_TIMEOUT_S, _TIMEOUT_S)
            )
        except (av.error.FFmpegError, OSError, ValueError):
            raise ReelError("damaged") from None
        try:
            self._video = self._container.streams.video[0]
            self._context = self._video.codec_context
            self._context.thread_count = 1
            self._context.thread_type = ThreadType.SLICE
            self._context.options = {"max_pixels": str(_MOST_PX)}
            first = next((packet for packet in self._container.demux(self._video) if packet.dts is not None), None)
        except (av.error.FFmpegError, OSError, ValueError, IndexError):
            first = None
        if first is None or first.dts is None:
            self._container.close()
            raise ReelError("damaged")
        self._tick_ns = (self._video.time_base or _TICK) * _NS_PER_S
        self._base = first.dts
        self.start_ns = self.file.utc_start_ns
        self._date(status.st_mtime_ns)
        self._rewind()

    def _date(self, changed_ns: int) -> None:
        """Count from the end where that is earlier: nothing can have come before it was made."""
        if self._container.duration is None:
            return
        end_ns = changed_ns if self.file.utc_end_ns is None else self.file.utc_end_ns
        waited_ns = self.file.utc_start_ns - (end_ns - self._container.duration * 1000)
        if _JITTER_NS < waited_ns < _WAITED_NS:
            self.start_ns -= waited_ns

    def _at_ns(self, ticks: int) -> int:
        return self.start_ns + int((ticks - self._base) * self._tick_ns)

    # ---- moving

    @property
    def next_ns(self) -> int | None:
        """The console time of the next picture, as far as known."""
        return self._shots[0].at_ns if self._shots else None

    def is_reached(self, at_ns: int, ahead_ns: int) -> bool:
        """Whether this moment comes when it is read on, and no more than ``ahead_ns`` of the film after what was."""
        if self._given_ns is None or at_ns < self._given_ns:
            return False
        return self.is_over or at_ns <= self._read_ns + ahead_ns

    def seek(self, at_ns: int, *, is_key_only: bool = False) -> None:
        """The next picture is that of this moment, or the first one after it."""
        self.is_key_only = is_key_only
        self._position(at_ns)
        self._given_ns = at_ns

    def _position(self, at_ns: int) -> None:
        for back_ns in _BACK_NS:
            if at_ns - back_ns <= self.start_ns or not self._jump(at_ns - back_ns):
                break
            if self._gather(at_ns):
                return
        self._rewind()
        self._gather(at_ns)

    def _jump(self, at_ns: int) -> bool:
        ticks = self._base + int((at_ns - self.start_ns) / self._tick_ns)
        try:
            self._container.seek(ticks, stream=self._video, backward=True)
        except (av.error.FFmpegError, OSError, ValueError):
            return False
        self._begin()
        return True

    def _rewind(self) -> None:
        """Back to the start, on a new opening where the file cannot be moved in."""
        try:
            self._container.seek(self._base, stream=self._video, backward=True)
        except (av.error.FFmpegError, OSError, ValueError):
            self._container.close()
            try:
                self._container = av.open(str(self._path), options=_PROBED, timeout=(_TIMEOUT_S, _TIMEOUT_S))
                self._video = self._container.streams.video[0]
                self._context = self._video.codec_context
            except (av.error.FFmpegError, OSError, ValueError, IndexError):
                raise ReelError("damaged") from None
        self._begin()

    def _begin(self) -> None:
        self._packets: Iterator[Packet[Any]] = self._container.demux(self._video)
        self._context.flush_buffers()
        self._pending.clear()
        self._shots.clear()
        self._key_ns = None
        self._given_ns = None
        self._read_ns = self.start_ns
        self._awaits_key = True
        self.is_over = False

    def _gather(self, at_ns: int) -> bool:
        """Read on to this moment and keep what its picture needs; False: there was no key frame before it."""
        has_key = False
        while (packet := self._read()) is not None:
            packet_ns = self._at_ns(packet.dts or 0)
            if packet.is_keyframe:
                self._note_key(packet_ns)
            # Pictures may come out of order: the one of the moment may stand before a key frame that is due after it.
            is_before = (packet_ns if packet.pts is None else self._at_ns(packet.pts)) <= at_ns
            if packet.is_keyframe and (is_before or not has_key):
                self._pending.clear()
                has_key = has_key or is_before
                self._awaits_key = False
            if not self._awaits_key:
                self._pending.append(packet)
            if packet_ns > at_ns:
                break
        return has_key

    def _read(self) -> Packet[Any] | None:
        """The next packet with a time; ``None`` at the end, or where the file cannot be read any further."""
        try:
            for packet in self._packets:
                if packet.dts is not None and packet.size:
                    self._read_ns = max(self._read_ns, self._at_ns(packet.dts))
                    return packet
        except (av.error.FFmpegError, OSError, ValueError):
            pass
        self.is_over = True
        return None

    # ---- pictures

    def advance(self, to_ns: int, is_stale: Callable[[], bool]) -> Shot | None:
        """The newest picture up to this moment that was not given yet; ``None``: none.  Less where it got stale."""
        newest: Shot | None = None
        while not is_stale():
            if not self._shots and not self._decode_some():
                break
            if self._shots and self._shots[0].at_ns > to_ns:
                break
            if self._shots:
                newest = self._shots.popleft()
                self._given_ns = max(self._given_ns or 0, newest.at_ns)
        return newest

    def _decode_some(self) -> bool:
        """Decode up to the next picture, or for a while; False at the end."""
        for _ in range(_SILENT_PACKETS):
            packet = self._pending.popleft() if self._pending else self._read() if not self.is_over else None
            if packet is None:
                self._drain()
                return bool(self._shots)
            self._decode(packet)
            if self._shots:
                return True
        return True

    def _note_key(self, key_ns: int) -> None:
        if self._key_ns is not None and key_ns > self._key_ns:
            self.key_interval_ns = key_ns - self._key_ns
        self._key_ns = key_ns

    def _decode(self, packet: Packet[Any]) -> None:
        if packet.is_keyframe:
            self._note_key(self._at_ns(packet.dts or 0))
            self._awaits_key = False
        elif self._awaits_key or self.is_key_only:
            return
        try:
            frames = self._context.decode(packet)
            if self.is_key_only:
                # A decoder that expects pictures out of order would hold each back until the next key frame.
                frames += self._context.decode(None)
                self._context.flush_buffers()
        except (av.error.FFmpegError, ValueError):
            return
        self._take(frames)

    def _drain(self) -> None:
        """The last pictures of a decoder that holds some back."""
        if self.file.utc_end_ns is None or self.is_key_only:
            return
        try:
            self._take(self._context.decode(None))
            self._context.flush_buffers()
        except (av.error.FFmpegError, ValueError):
            return

    def _take(self, frames: list[VideoFrame]) -> None:
        for frame in frames:
            if frame.pts is not None and not frame.is_corrupt:
                self._shots.append(Shot(self._at_ns(frame.pts), frame))

    def has_grown(self) -> bool:
        """Whether more was written into the file since it was opened."""
        try:
            return self._path.stat().st_size > self._size_bytes
        except OSError:
            return False

    def close(self) -> None:
        """Let the file go."""
        self._container.close()
