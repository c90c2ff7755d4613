"""What the libraries of this machine can receive: ``python -m devices.video.abilities``.

Prints the schemes of ``target.OPTIONAL_SCHEMES`` that cannot be received, one a line.  Builds differ: PyAV's wheels
have had no SRT and no capture devices so far.  The library is asked, by opening what cannot be there on this machine.
"""

from __future__ import annotations

import sys

import av

from devices.video.target import OPTIONAL_SCHEMES

_QUESTIONS = {
    "srt": "srt://127.0.0.1:9?connect_timeout=300",
    "https": "https://127.0.0.1:9/x",
    "rtmps": "rtmps://127.0.0.1:9/x",
    # Its own scheme is a name inside the demuxer: what a build may lack is TLS.
    "rtsps": "tls://127.0.0.1:9",
}
_ASK_S = 0.3


def can_receive(scheme: str) -> bool:
    """Whether pictures by this scheme can be received at all."""
    if scheme == "v4l2":
        import cv2  # noqa: PLC0415 - slow, and for this answer only

        return bool(cv2.CAP_V4L2 in cv2.videoio_registry.getCameraBackends())
    try:
        av.open(_QUESTIONS[scheme], timeout=(_ASK_S, _ASK_S)).close()
    except (av.error.ProtocolNotFoundError, av.error.DemuxerNotFoundError):
        return False
    except (av.error.FFmpegError, OSError, ValueError):
        return True
    return True


def main() -> int:
    """Print what cannot be received."""
    av.logging.set_level(None)
    for scheme in sorted(OPTIONAL_SCHEMES):
        if not can_receive(scheme):
            sys.stdout.write(f"{scheme}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
