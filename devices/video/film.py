"""One film: recorded files that follow each other, copied into an MP4 file packet by packet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.packet import Packet

_NS_PER_S = 1_000_000_000
_TICKS_PER_S = 90_000
_TICKS = Fraction(1, _TICKS_PER_S)
_BREAK_NS = 2 * _NS_PER_S
MOST_BYTES = 3_900_000_000
"""A stick with FAT32 takes no file of 4 GB."""


class FilmError(Exception):
    """The film cannot be written."""


@dataclass(frozen=True, slots=True)
class _Cut:
    """One packet with its console time."""

    packet: Packet[Any]
    at_ns: int
    ahead_ns: int


class Footage:
    """What one recorded file holds of a span, from the keyframe before its beginning on.

    ``first`` is its first packet, ``None`` where there is none; ``is_outside``: it is readable and has none of the
    span.
    """

    def __init__(self, path: Path, utc_start_ns: int, from_ns: int, to_ns: int) -> None:
        self._start_ns = utc_start_ns
        self._span = (from_ns, to_ns)
        self.container: Any = None
        self.video: Any = None
        self.is_outside = False
        self._cuts = self._read(path)
        self.first = next(self._cuts, None)
        self.start_ns = self.first.at_ns if self.first is not None else utc_start_ns

    def cuts(self) -> Iterator[_Cut]:
        """Every packet of the span, once."""
        if self.first is not None:
            yield self.first
        yield from self._cuts

    @property
    def kind(self) -> tuple[object, ...]:
        """What must be the same within one film."""
        context = self.video.codec_context
        return context.name, self.video.width, self.video.height, bytes(context.extradata or b"")

    def _read(self, path: Path) -> Iterator[_Cut]:
        from_ns, to_ns = self._span
        waiting: list[_Cut] = []
        base: int | None = None
        try:
            self.container = av.open(str(path))
            self.video = self.container.streams.video[0]
            for packet in self.container.demux(self.video):
                if packet.dts is None or packet.time_base is None or not packet.size:
                    continue
                scale = packet.time_base * _NS_PER_S
                base = packet.dts if base is None else base
                at_ns = self._start_ns + int((packet.dts - base) * scale)
                if at_ns > to_ns:
                    break
                ahead_ns = 0 if packet.pts is None else max(0, int((packet.pts - packet.dts) * scale))
                if packet.is_keyframe and at_ns <= from_ns:
                    waiting.clear()
                waiting.append(_Cut(packet, at_ns, ahead_ns))
                if at_ns >= from_ns:
                    yield from waiting
                    waiting.clear()
        except (av.error.FFmpegError, OSError, IndexError, ValueError):
            # Torn at its end, or no recording at all: what was read before counts.
            pass
        self.is_outside = base is not None

    def close(self) -> None:
        """Let the file go."""
        if self.container is not None:
            self.container.close()


def read_footage(path: Path, utc_start_ns: int, from_ns: int, to_ns: int) -> Footage:
    """Open a recorded file that begins at ``utc_start_ns`` to read what it holds between two moments."""
    return Footage(path, utc_start_ns, from_ns, to_ns)


class Film:
    """An MP4 file being written.  ``start_ns`` and ``end_ns`` are console time.

    Raises:
        FilmError: the disk or the muxer refuses; ``OSError`` where the system says why.
    """

    def __init__(self, path: Path, footage: Footage, told: dict[str, str]) -> None:
        self.path = path
        self.start_ns = self.end_ns = footage.start_ns
        self.packets = 0
        self.size_bytes = 0
        self._kind = footage.kind
        self._last_dts = -1
        try:
            self._container: Any = av.open(
                str(path), "w", format="mp4", options={"video_track_timescale": str(_TICKS_PER_S)}
            )
            self._container.metadata.update(told)
            self._track = self._container.add_stream_from_template(footage.video)
        except (av.error.FFmpegError, ValueError) as error:
            raise _film_error(error) from error

    def is_followed_by(self, footage: Footage) -> bool:
        """Whether this footage goes on where the film ends, with the same kind of picture."""
        is_next = footage.start_ns - self.end_ns <= _BREAK_NS
        return is_next and footage.kind == self._kind and self.size_bytes < MOST_BYTES

    def add(self, footage: Footage) -> Iterator[int]:
        """Copy it; gives the octets of each packet as it goes."""
        for cut in footage.cuts():
            packet = cut.packet
            dts = max(self._last_dts + 1, (cut.at_ns - self.start_ns) * _TICKS_PER_S // _NS_PER_S)
            packet.stream = self._track
            packet.time_base = _TICKS
            packet.dts = self._last_dts = dts
            packet.pts = dts + cut.ahead_ns * _TICKS_PER_S // _NS_PER_S
            size_bytes = packet.size
            try:
                self._container.mux_one(packet)
            except (av.error.FFmpegError, ValueError) as error:
                raise _film_error(error) from error
            self.packets += 1
            self.size_bytes += size_bytes
            self.end_ns = max(self.end_ns, cut.at_ns)
            yield size_bytes

    def close(self) -> None:
        """Finish the file."""
        try:
            self._container.close()
        except (av.error.FFmpegError, ValueError) as error:
            raise _film_error(error) from error

    def abandon(self) -> None:
        """Let an unfinished file go; it is removed with its folder."""
        try:
            self._container.close()
        except (av.error.FFmpegError, ValueError, OSError):
            return


def _film_error(error: Exception) -> Exception:
    """PyAV's errors of the system are ``OSError`` too, and say the number."""
    return error if isinstance(error, OSError) else FilmError(str(error))
