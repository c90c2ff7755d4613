"""A child process that ends with its parent, and FFmpeg's words on stderr, where the parent reads and redacts them."""

from __future__ import annotations

import ctypes
import signal
import sys

import av

_PR_SET_PDEATHSIG = 1


def die_with_parent(number: int = signal.SIGTERM) -> None:
    """Ask the kernel for signal ``number`` when the parent dies.  Linux only; elsewhere the end of stdin must do."""
    if sys.platform != "linux":
        return
    library = ctypes.CDLL(None, use_errno=True)
    library.prctl(_PR_SET_PDEATHSIG, ctypes.c_ulong(number), 0, 0, 0)


def speak_plainly() -> None:
    """FFmpeg's warnings go to stderr by its own C code: through Python they could wait for the interpreter's lock."""
    av.logging.restore_default_callback()
    av.logging.set_libav_level(av.logging.ERROR)
