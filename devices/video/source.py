"""Opening a picture source with PyAV and saying in one word why it failed.

URLs: ``rtsp://`` and ``rtsps://`` (TCP; ``#transport=udp`` at the end chooses UDP), ``udp://host:port`` (MPEG-TS,
unicast or multicast), ``tcp://host:port`` (MPEG-TS; the device listens, the console connects), ``file:/path`` for
tests.  Both timeouts are always given: without them a read never returns from a pulled cable.

**Source:** FFmpeg protocols documentation (rtsp, tcp, udp); behaviour at timeouts measured with PyAV 18.1.
"""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import av
from av.container import InputContainer
from av.packet import Packet
from av.video.stream import VideoStream

OPEN_TIMEOUT_S, READ_TIMEOUT_S = 6.0, 3.0
CODECS = frozenset({"h264", "hevc", "mpeg2video", "mpeg4", "mjpeg", "av1", "vp8", "vp9"})
_SCHEMES = frozenset({"rtsp", "rtsps", "udp", "tcp", "file"})
_UDP_OPTIONS = {"overrun_nonfatal": "1", "buffer_size": "4194304", "fifo_size": "28672"}

_BY_KIND: tuple[tuple[type[Exception], str], ...] = (
    (av.error.HTTPUnauthorizedError, "unauthorised"),
    (av.error.HTTPForbiddenError, "forbidden"),
    (av.error.HTTPNotFoundError, "not-found"),
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


class SourceError(Exception):
    """A source could not be opened, or ended.

    ``reason`` is a word of ``messages.REASONS``; ``detail`` is not redacted yet.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What PyAV is told."""

    url: str
    format: str | None
    options: dict[str, str]


def target(url: str) -> Target:
    """Check a configured URL and complete it.  Raises ``SourceError`` with ``bad-url``."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise SourceError("bad-url", str(error)) from None
    if parts.scheme not in _SCHEMES:
        raise SourceError("bad-url", f"scheme {parts.scheme or '?'}")
    if parts.scheme == "file":
        return Target(url=url, format=None, options={})
    if not parts.hostname or (parts.scheme in {"udp", "tcp"} and not port):
        raise SourceError("bad-url", "no host" if not parts.hostname else "no port")
    if parts.scheme in {"rtsp", "rtsps"}:
        plain, _, fragment = url.partition("#")
        transport = "udp" if "transport=udp" in fragment.split("&") else "tcp"
        options = {"rtsp_transport": transport, "allowed_media_types": "video", "timeout": "5000000"}
        return Target(url=plain, format=None, options=options)
    options = dict(_UDP_OPTIONS) if parts.scheme == "udp" else {}
    # The stream itself says what it is within a second; the default waits five.
    options |= {"analyzeduration": "1500000", "probesize": "2000000"}
    return Target(url=url.partition("#")[0], format="mpegts", options=options)


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


class Source:
    """One opened source with one video stream.  Raises ``SourceError`` from the constructor and from ``packets``."""

    def __init__(self, url: str) -> None:
        wanted = target(url)
        try:
            self._container: InputContainer = av.open(
                wanted.url, format=wanted.format, options=wanted.options, timeout=(OPEN_TIMEOUT_S, READ_TIMEOUT_S)
            )
        except (av.error.FFmpegError, OSError, ValueError) as error:
            is_busy = reason_of(error) != "timeout" and _is_port_busy(wanted.url)
            raise SourceError("port-busy" if is_busy else reason_of(error), str(error)) from None
        videos = self._container.streams.video
        if not videos:
            self.close()
            raise SourceError("no-video")
        self.stream: VideoStream = videos[0]
        context: Any = self.stream.codec_context
        if context is None or context.name not in CODECS:
            self.close()
            raise SourceError("unknown-codec", "" if context is None else str(context.name))
        self.codec: str = context.name
        self.extradata: bytes = bytes(context.extradata or b"")
        self.width_px: int | None = context.width or None
        self.height_px: int | None = context.height or None

    def packets(self) -> Iterator[Packet[VideoStream]]:
        """Packets as they come.  Ends by ``SourceError`` only: a live source that ends has failed."""
        try:
            for packet in self._container.demux(self.stream):
                if packet.size:
                    yield packet
        except (av.error.FFmpegError, OSError, ValueError) as error:
            reason = reason_of(error)
            raise SourceError("stalled" if reason == "timeout" else reason, str(error)) from None
        raise SourceError("ended")

    def close(self) -> None:
        """Close; an RTSP source is told so (TEARDOWN), at most for the read timeout."""
        self._container.close()
