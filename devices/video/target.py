"""What a camera's URL asks for, as FFmpeg or the capture device is told.  Pure.

``rtsp:// rtsps://host[:port]/path[#transport=tcp]``: RTSP; TCP unless ``udp`` or ``multicast`` is said;
``rtmp:// rtmps://host[:port]/app/name``: RTMP, the console pulls;
``http:// https://host[:port]/path``: FLV, HLS, MJPEG or MPEG-TS, the stream itself says which;
``srt://host:port?...``: MPEG-TS over SRT, where FFmpeg was built with it;
``udp://host:port[?localaddr=A&sources=B]``: MPEG-TS that a device sends, unicast or multicast;
``tcp://host:port``: MPEG-TS, the device listens and the console connects;
``file:/path[#loop]``: a file at its own pace, for drills and tests, never called live;
``v4l2:/dev/video0[?size=WxH&rate_hz=N]``: a camera or HDMI grabber of this machine.

A stranger's stream may name further addresses (a playlist, a redirect): only network protocols of its own kind are
followed, so that none makes this program read a local file.

**Source:** FFmpeg protocols and formats documentation (rtsp, rtmp, http, hls, srt, udp, tcp).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

SCHEMES = ("rtsp", "rtsps", "rtmp", "rtmps", "http", "https", "srt", "udp", "tcp", "file", "v4l2")
"""Every scheme that a camera's URL may have."""

OPTIONAL_SCHEMES = frozenset({"srt", "rtmps", "https", "rtsps", "v4l2"})
"""Schemes that not every build of the libraries, and not every machine, can receive."""

TRANSPORTS = {"tcp": "tcp", "udp": "udp", "multicast": "udp_multicast"}

Kind = Literal["network", "paced", "file", "capture"]
"""``paced``: comes in pieces of several seconds; ``file``: from this machine's disk; ``capture``: no FFmpeg."""

_ANALYSE = {"analyzeduration": "1500000", "probesize": "2000000"}
# The stream itself says what it is within a second; the default waits five.
_WEB = "http,https,tcp,tls,crypto,httpproxy,data"
_WEB_FORMATS = "flv,live_flv,hls,mpegts,mpjpeg,mjpeg,jpeg_pipe,h264,hevc,mov,mp4,matroska,webvtt,aac,mp3"
_HLS = {"live_start_index": "-1", "extension_picky": "0", "allowed_extensions": "ALL"}
_UDP = {"overrun_nonfatal": "1", "buffer_size": "4194304", "fifo_size": "28672"}
_SIZE = re.compile(r"([1-9]\d{1,3})x([1-9]\d{1,3})")


Wrong = Literal["scheme", "form", "host", "port", "transport", "option", "file", "device"]


class UrlError(ValueError):
    """The URL cannot be what is meant; ``wrong`` names the part, nothing of the URL is told: it may hold a secret."""

    def __init__(self, wrong: Wrong) -> None:
        super().__init__(wrong)
        self.wrong: Wrong = wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What the library is told.  ``size_px`` and ``rate_hz`` are asked of a capture device, ``None``: its own."""

    url: str
    scheme: str
    kind: Kind
    format: str | None
    options: dict[str, str]
    is_looped: bool = False
    size_px: tuple[int, int] | None = None
    rate_hz: float | None = None


def target(url: str) -> Target:
    """Check a configured URL and complete it.  Raises ``UrlError``."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise UrlError("form") from None
    scheme = parts.scheme
    if scheme not in SCHEMES:
        raise UrlError("scheme")
    if any(not sign.isprintable() for sign in url):
        raise UrlError("form")
    if scheme == "v4l2":
        return _capture(parts)
    if scheme == "file":
        return _file(parts)
    if not parts.hostname or (scheme in {"udp", "tcp", "srt"} and not port):
        raise UrlError("port" if parts.hostname else "host")
    return _network(url, parts)


def _network(url: str, parts: SplitResult) -> Target:
    scheme = parts.scheme
    # FFmpeg knows its schemes in small letters only.
    plain = scheme + url.partition("#")[0][len(scheme) :]
    if scheme in {"rtsp", "rtsps"}:
        options = {"rtsp_transport": _transport(parts.fragment), "allowed_media_types": "video", "timeout": "5000000"}
        options["protocol_whitelist"] = "rtsp,rtp,srtp,udp,tcp,tls,http,https,httpproxy"
        return Target(url=plain, scheme=scheme, kind="network", format=None, options=options)
    if scheme in {"rtmp", "rtmps"}:
        # No option "timeout": to FFmpeg it means here that the console should listen.
        options = {"rtmp_live": "live", "protocol_whitelist": "rtmp,rtmps,tcp,tls", **_ANALYSE}
        return Target(url=plain, scheme=scheme, kind="network", format="flv", options=options)
    if scheme in {"http", "https"}:
        options = {"protocol_whitelist": _WEB, "format_whitelist": _WEB_FORMATS, **_ANALYSE}
        is_playlist = parts.path.lower().endswith((".m3u8", ".m3u"))
        kind: Kind = "paced" if is_playlist else "network"
        return Target(url=plain, scheme=scheme, kind=kind, format=None, options=options | (_HLS if is_playlist else {}))
    _refuse_listening(parts)
    options = _UDP if scheme == "udp" else {}
    options = {**options, **_ANALYSE, "protocol_whitelist": f"{scheme},udp"}
    return Target(url=plain, scheme=scheme, kind="network", format="mpegts", options=options)


def _transport(fragment: str) -> str:
    """FFmpeg's word for what stands behind ``#transport=``."""
    given = dict(part.partition("=")[::2] for part in fragment.split("&") if part)
    try:
        return TRANSPORTS[given.get("transport", "tcp")]
    except KeyError:
        raise UrlError("transport") from None


def _refuse_listening(parts: SplitResult) -> None:
    """Options behind the ``?`` reach FFmpeg's sockets: none may make the console listen where it should connect."""
    given = parse_qs(parts.query, keep_blank_values=True)
    if parts.scheme == "udp":
        strange = set(given) - {"localaddr", "sources"}
    elif parts.scheme == "tcp":
        strange = set(given)
    else:
        strange = {"mode"} if given.get("mode", ["caller"]) not in (["caller"], ["listener"]) else set()
    if strange:
        raise UrlError("option")


def _file(parts: SplitResult) -> Target:
    if parts.netloc not in {"", "localhost"} or not parts.path.strip("/"):
        raise UrlError("file")
    if parts.fragment not in {"", "loop"}:
        raise UrlError("file")
    return Target(
        url=f"file:{unquote(parts.path)}",
        scheme="file",
        kind="file",
        format=None,
        options={"protocol_whitelist": "file", "format_whitelist": "mpegts,mov,mp4,matroska,flv,avi,h264,hevc,mjpeg"},
        is_looped=parts.fragment == "loop",
    )


def _capture(parts: SplitResult) -> Target:
    if parts.netloc or not parts.path.startswith("/dev/") or ".." in parts.path:
        raise UrlError("device")
    given = {key: values[-1] for key, values in parse_qs(parts.query, keep_blank_values=True).items()}
    if given.keys() - {"size", "rate_hz"} or parts.fragment:
        raise UrlError("device")
    size = _SIZE.fullmatch(given["size"]) if "size" in given else None
    rate = given.get("rate_hz")
    if ("size" in given and size is None) or (rate is not None and not re.fullmatch(r"[1-9]\d{0,2}", rate)):
        raise UrlError("device")
    return Target(
        url=unquote(parts.path),
        scheme="v4l2",
        kind="capture",
        format=None,
        options={},
        size_px=(int(size[1]), int(size[2])) if size else None,
        rate_hz=float(rate) if rate else None,
    )
