"""A real RTSP camera for the tests: GStreamer's server, run with the system's own Python (/usr/bin/python3).

``rtsp_server.py [--port N] [--user U --password P] [--size WxH] [--coding h264|h265|jpeg] [--loss SHARE]
[--pattern NAME]`` prints ``ready rtsp://127.0.0.1:N/live`` and serves a live picture of up to 600 kbit/s; a
smaller one of the same camera (100 kbit/s) at ``/sub``.  ``--loss`` drops that share of the access units, as an encoder
on a bad radio does.
"""

from __future__ import annotations

import argparse
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

_PICTURE = "( videotestsrc is-live=true pattern={pattern} ! video/x-raw,width={width},height={height},framerate=25/1 ! "
_CODINGS = {
    "h264": "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=25 bitrate={kbps} ! h264parse "
    "! video/x-h264,stream-format=avc,alignment=au {loss} ! rtph264pay name=pay0 pt=96 config-interval=0 )",
    "h265": "x265enc tune=zerolatency speed-preset=ultrafast key-int-max=25 bitrate={kbps} ! h265parse "
    "! video/x-h265,alignment=au {loss} ! rtph265pay name=pay0 pt=96 config-interval=1 )",
    "jpeg": "videoconvert ! video/x-raw,format=I420 ! jpegenc quality=70 {loss} ! rtpjpegpay name=pay0 pt=26 )",
}


def _factory(asked: argparse.Namespace, size: str, kbps: int) -> GstRtspServer.RTSPMediaFactory:
    width, _, height = size.partition("x")
    factory = GstRtspServer.RTSPMediaFactory()
    loss = f"! identity drop-probability={asked.loss}" if asked.loss else ""
    launch = (_PICTURE + _CODINGS[asked.coding]).format(
        width=width, height=height, loss=loss, kbps=kbps, pattern=asked.pattern
    )
    factory.set_launch(launch)
    factory.set_shared(True)
    return factory


def _protect(server: GstRtspServer.RTSPServer, factory: GstRtspServer.RTSPMediaFactory, user: str, word: str) -> None:
    auth = GstRtspServer.RTSPAuth()
    auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
    token = GstRtspServer.RTSPToken()
    token.set_string(GstRtspServer.RTSP_TOKEN_MEDIA_FACTORY_ROLE, "viewer")
    auth.add_digest(user, word, token)
    server.set_auth(auth)
    allowed = GstRtspServer.RTSPPermissions()
    for permission in (
        GstRtspServer.RTSP_PERM_MEDIA_FACTORY_ACCESS,
        GstRtspServer.RTSP_PERM_MEDIA_FACTORY_CONSTRUCT,
    ):
        allowed.add_permission_for_role("viewer", permission, True)  # noqa: FBT003
    factory.set_permissions(allowed)


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--user", default="")
    parser.add_argument("--password", default="")
    parser.add_argument("--size", default="320x180")
    parser.add_argument("--coding", choices=sorted(_CODINGS), default="h264")
    parser.add_argument("--loss", type=float, default=0.0)
    parser.add_argument("--pattern", default="ball")
    asked = parser.parse_args()
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(str(asked.port))
    for name, size, kbps in (("/live", asked.size, 600), ("/sub", "160x96", 100)):
        factory = _factory(asked, size, kbps)
        if asked.user:
            _protect(server, factory, asked.user, asked.password)
        server.get_mount_points().add_factory(name, factory)
    server.attach(None)
    sys.stdout.write(f"ready rtsp://127.0.0.1:{server.get_bound_port()}/live\n")
    sys.stdout.flush()
    GLib.MainLoop().run()


if __name__ == "__main__":
    main()
