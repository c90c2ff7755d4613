"""Programs of somebody else's that tests talk to: the proof that we did not only agree with ourselves."""

from __future__ import annotations

import os
import shutil
from typing import NoReturn

import pytest

_ALSO_HERE = ("/usr/sbin", "/sbin", "/usr/local/sbin")
"""Where gpsd, ip and mkfs lie, which is on root's PATH only."""


def need(program: str) -> str:
    """The path of ``program``.  Skips the test where it is missing; fails it when the environment says ``CI``."""
    folders = os.pathsep.join([os.environ.get("PATH", ""), *_ALSO_HERE])
    path = shutil.which(program, path=folders)
    if path is None:
        lack(f"{program} is not on this machine: sh resources/setup.sh --tests")
    return path


def lack(reason: str) -> NoReturn:
    """What a peer test needs is missing: skip it here, fail it on CI."""
    if is_ci():
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def is_ci() -> bool:
    """Whether nothing may be skipped for want of a program."""
    return os.environ.get("CI", "").lower() not in {"", "0", "false", "no"}
