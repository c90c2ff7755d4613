"""Opening a picture source and saying in one word why it failed.

What URLs there are is said in ``devices.video.target``.  Both timeouts are always given: without them a read never
returns from a pulled cable.  A source that changes its size or its coding in the middle goes on, and says so.

**Source:** FFmpeg protocols and formats documentation; behaviour at timeouts, at a change of the program map and at a
new stream measured with PyAV 18.1.
"""

from __future__ import annotations

import errno
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Protocol
from urllib.parse import urlsplit

import av
from av.bitstream import BitStreamFilterContext
from av.container import InputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from devices.video.ahead import ReadAhead, paced
from devices.video.bitstream import Makeup, is_of, makeup_of, size_px_of
from devices.video.capture import open_capture
from devices.video.piece import Piece, SourceError
from devices.video.target import OPTIONAL_SCHEMES, Kind, Target, UrlError, target

OPEN_TIMEOUT_S, READ_TIMEOUT_S = 6.0, 3.0
LUMP_TIMEOUT_S = 12.0
"""A piece of HLS may be ten seconds long, and nothing comes before it is complete."""

CODECS = frozenset({"h264", "hevc", "mpeg2video", "mpeg4", "mjpeg", "av1", "vp8", "vp9"})
_CLOCKLESS = frozenset({"mpjpeg", "mjpeg", "jpeg_pipe", "h264", "hevc"})
"""Formats without times of their own: FFmpeg counts pictures and calls that a time."""
_NS_PER_S = 1_000_000_000
_STRANGER_NS = 1_500_000_000
_ANSWER_NS = 4_800_000_000
_LISTEN_S = 0.3

_BY_KIND: tuple[tuple[type[Exception], str], ...] = (
    (av.error.HTTPUnauthorizedError, "unauthorised"),
    (av.error.HTTPForbiddenError, "forbidden"),
    (av.error.HTTPNotFoundError, "not-found"),
    (av.error.HTTPTooManyRequestsError, "too-many"),
    (av.error.HTTPError, "server-error"),
    (av.error.ConnectionRefusedError, "refused"),
    (av.error.FileNotFoundError, "not-found"),
    (av.error.TimeoutError, "timeout"),
    (av.error.ExitError, "timeout"),
    (av.error.EOFError, "ended"),
    (av.error.ConnectionResetError, "ended"),
    (av.error.BrokenPipeError, "ended"),
    (av.error.InvalidDataError, "invalid-data"),
    (av.error.ProtocolNotFoundError, "bad-url"),
    (av.error.DemuxerNotFoundError, "unsupported"),
    (av.error.DecoderNotFoundError, "unknown-codec"),
)
_BY_NUMBER = {
    errno.ENETUNREACH: "unreachable",
    errno.EHOSTUNREACH: "unreachable",
    errno.ENETDOWN: "unreachable",
    errno.EADDRNOTAVAIL: "unreachable",
    errno.EIO: "unreachable",
    errno.EADDRINUSE: "port-busy",
    errno.ETIMEDOUT: "timeout",
    errno.ECONNABORTED: "ended",
    errno.EACCES: "forbidden",
}


class Source(Protocol):
    """One opened source with one video stream.

    ``codec``, ``extradata`` and the size are those of the newest piece; they change with a piece that ``is_anew``.
    """

    kind: Kind
    codec: str
    extradata: bytes
    width_px: int | None
    height_px: int | None

    def pieces(self, ending: threading.Event) -> Iterator[Piece]:
        """Pieces as they come or are due.  Ends by ``SourceError`` only: a live source that ends has failed."""

    def close(self) -> None:
        """Close; an RTSP source is told so (TEARDOWN), at most for the read timeout."""


def open_source(url: str) -> Source:
    """Open what a camera's URL says.  Raises ``SourceError``."""
    try:
        wanted = target(url)
    except UrlError as error:
        raise SourceError("bad-url", str(error)) from None
    return open_capture(wanted) if wanted.kind == "capture" else StreamSource(wanted)


def reason_of(error: Exception) -> str:
    """The word for what PyAV raised; ``failed`` where none fits."""
    for kind, word in _BY_KIND:
        if isinstance(error, kind):
            return word
    number = getattr(error, "errno", None)
    return _BY_NUMBER.get(number, "failed") if isinstance(number, int) else "failed"


def _is_port_busy(url: str) -> bool:
    """Whether another program has this UDP port.  Tried here: FFmpeg's own error number is spoiled."""
    parts = urlsplit(url)
    if parts.scheme != "udp" or parts.port is None:
        return False
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
        try:
            wire.bind(("", parts.port))
        except OSError as error:
            return error.errno == errno.EADDRINUSE
    return False


def _is_heard(url: str) -> bool:
    """Whether datagrams come to this UDP port: then somebody sends, and it is no video.

    Not told of a group's address, which would have to be joined first.
    """
    parts = urlsplit(url)
    if parts.scheme != "udp" or parts.port is None:
        return False
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
        wire.settimeout(_LISTEN_S)
        try:
            wire.bind((parts.hostname or "", parts.port))
            return bool(wire.recv(65_536))
        except OSError:
            return False


def _opened(wanted: Target) -> InputContainer:
    read_s = LUMP_TIMEOUT_S if wanted.kind == "paced" else READ_TIMEOUT_S
    began_ns = time.monotonic_ns()
    try:
        return av.open(
            wanted.url,
            format=wanted.format,
            options=wanted.options,
            timeout=(OPEN_TIMEOUT_S if wanted.kind != "paced" else LUMP_TIMEOUT_S, read_s),
            metadata_errors="replace",
        )
    except (av.error.FFmpegError, OSError, ValueError) as error:
        reason = reason_of(error)
        if reason != "timeout" and _is_port_busy(wanted.url):
            reason = "port-busy"
        elif isinstance(error, av.error.ProtocolNotFoundError) and wanted.scheme in OPTIONAL_SCHEMES:
            reason = "unsupported"
        elif reason == "invalid-data" and time.monotonic_ns() - began_ns > _ANSWER_NS and "timeout" in wanted.options:
            # RTSP gives up in silence after its own limit; nothing came that could have been invalid.
            reason = "timeout"
        elif reason == "timeout" and _is_heard(wanted.url):
            reason = "invalid-data"
        raise SourceError(reason, str(error)) from None


class StreamSource:
    """A source that FFmpeg opens."""

    def __init__(self, wanted: Target) -> None:
        container = _opened(wanted)
        if container.format.name == "hls" and wanted.kind == "network":
            # Its address did not tell; it needs other limits and the newest piece first.
            container.close()
            wanted = replace(wanted, kind="paced", options={**wanted.options, "live_start_index": "-1"})
            container = _opened(wanted)
        self._container, self._wanted = container, wanted
        self.kind: Kind = wanted.kind
        self._is_reading_elsewhere = False
        videos = container.streams.video
        if not videos:
            self.close()
            raise SourceError("no-video")
        self._stream: VideoStream = videos[0]
        context: Any = self._stream.codec_context
        if context is None or context.name not in CODECS:
            self.close()
            raise SourceError("unknown-codec", "" if context is None else str(context.name))
        self.codec: str = context.name
        self._announced = self.extradata = bytes(context.extradata or b"")
        self.width_px: int | None = context.width or None
        self.height_px: int | None = context.height or None
        self._makeup: Makeup | None = None
        self._filter = self._filter_needed()
        self._has_clock = wanted.kind == "file" or container.format.name not in _CLOCKLESS

    def _filter_needed(self) -> BitStreamFilterContext | None:
        """FLV and MP4 tell lengths instead of start codes; everything behind here reads start codes."""
        if self.codec not in {"h264", "hevc"} or not self.extradata.startswith(b"\1"):
            return None
        # Its key frames then carry what a decoder must know.
        self.extradata = b""
        return BitStreamFilterContext(f"{self.codec}_mp4toannexb", self._stream)

    def pieces(self, ending: threading.Event) -> Iterator[Piece]:
        """See ``Source``."""
        pieces = self._read()
        if self.kind == "paced":
            self._is_reading_elsewhere = True
            pieces = paced(iter(ReadAhead(pieces, ending, self._container.close)), ending)
        elif self.kind == "file":
            pieces = paced(pieces, ending)
        for piece in pieces:
            looked_at = self._looked_at(piece)
            # What is of another coding comes before the key frame that says so.
            if looked_at.is_anew or is_of(piece.data, self.codec):
                yield looked_at
        raise SourceError("stopped")

    def _read(self) -> Iterator[Piece]:
        base = self._stream.time_base
        scale = (base.numerator * _NS_PER_S, base.denominator) if base is not None else (_NS_PER_S, 90_000)
        for packet in self._packets():
            for out in [packet] if self._filter is None else self._filtered(packet):
                now_ns = time.monotonic_ns()
                pts_ns = None if out.pts is None else out.pts * scale[0] // scale[1]
                dts_ns = pts_ns if out.dts is None else out.dts * scale[0] // scale[1]
                if not self._has_clock:
                    pts_ns = dts_ns = now_ns
                yield Piece(
                    data=bytes(out),
                    pts_ns=pts_ns,
                    dts_ns=dts_ns,
                    is_key=out.is_keyframe,
                    is_damaged=packet.is_corrupt or out.is_corrupt,
                )

    def _filtered(self, packet: Packet[Any]) -> list[Packet[Any]]:
        if packet.has_sidedata("new_extradata") and bytes(packet.get_sidedata("new_extradata")) != self._announced:
            raise SourceError("changed")
        try:
            return list(self._filter.filter(packet)) if self._filter is not None else [packet]
        except (av.error.FFmpegError, ValueError):
            # One broken packet costs itself.
            return []

    def _packets(self) -> Iterator[Packet[Any]]:
        """The stream's packets.  Another that appears is no reason to end while ours goes on.

        The library raises ``IndexError`` at a packet of a stream that was not there before, or passes over it in
        silence: when only such packets come, the receiver's own watch ends it.
        """
        own_ns = time.monotonic_ns()
        while True:
            try:
                for packet in self._container.demux():
                    if packet.size and packet.stream.index == self._stream.index:
                        own_ns = time.monotonic_ns()
                        yield packet
                    elif packet.size and packet.stream.type == "video":
                        self._suspect(own_ns)
            except IndexError:
                self._suspect(own_ns)
                continue
            except (av.error.FFmpegError, OSError, ValueError) as error:
                reason = reason_of(error)
                raise SourceError("stalled" if reason == "timeout" else reason, str(error)) from None
            if not self._wanted.is_looped:
                raise SourceError("ended")
            self._container.seek(0)

    def _suspect(self, own_ns: int) -> None:
        if time.monotonic_ns() - own_ns > _STRANGER_NS:
            raise SourceError("changed")

    def _looked_at(self, piece: Piece) -> Piece:
        makeup = makeup_of(piece.data, self.codec) if piece.is_key else None
        known = self._makeup
        if makeup is None or makeup == known or not is_of(piece.data, makeup.codec):
            # The library glues the last picture of one coding to the first of the next: that is still the old one.
            return piece
        if known is None and makeup.codec == self.codec:
            self._makeup = makeup
            return piece
        size_px = size_px_of(piece.data, makeup.codec)
        if size_px is None:
            # Damaged on its way: no new stream.
            return piece
        self._makeup, self.codec, self.extradata = makeup, makeup.codec, b""
        self.width_px, self.height_px = size_px
        return replace(piece, is_anew=True)

    def close(self) -> None:
        """See ``Source``."""
        if not self._is_reading_elsewhere:
            self._container.close()
