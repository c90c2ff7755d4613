"""A real RTSP camera for the tests: GStreamer's server, run with the system's own Python (/usr/bin/python3).

``rtsp_server.py [--port N] [--user U --password P] [--size WxH]`` prints ``ready rtsp://127.0.0.1:N/live`` and serves
a live H.264 picture.
"""

from __future__ import annotations

import argparse
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

_PICTURE = (
    "( videotestsrc is-live=true pattern=ball ! video/x-raw,width={width},height={height},framerate=25/1 "
    "! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=25 bitrate=600 ! h264parse "
    "! video/x-h264,stream-format=avc ! rtph264pay name=pay0 pt=96 config-interval=0 )"
)


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--user", default="")
    parser.add_argument("--password", default="")
    parser.add_argument("--size", default="320x180")
    asked = parser.parse_args()
    width, _, height = asked.size.partition("x")
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(str(asked.port))
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(_PICTURE.format(width=width, height=height))
    factory.set_shared(True)
    if asked.user:
        auth = GstRtspServer.RTSPAuth()
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
        token = GstRtspServer.RTSPToken()
        token.set_string(GstRtspServer.RTSP_TOKEN_MEDIA_FACTORY_ROLE, "viewer")
        auth.add_digest(asked.user, asked.password, token)
        server.set_auth(auth)
        allowed = GstRtspServer.RTSPPermissions()
        for permission in (
            GstRtspServer.RTSP_PERM_MEDIA_FACTORY_ACCESS,
            GstRtspServer.RTSP_PERM_MEDIA_FACTORY_CONSTRUCT,
        ):
            allowed.add_permission_for_role("viewer", permission, True)  # noqa: FBT003
        factory.set_permissions(allowed)
    server.get_mount_points().add_factory("/live", factory)
    server.attach(None)
    sys.stdout.write(f"ready rtsp://127.0.0.1:{server.get_bound_port()}/live\n")
    sys.stdout.flush()
    GLib.MainLoop().run()


if __name__ == "__main__":
    main()
