"""A bearer between two networks of this computer: any program in the one reaches the other over the model.

Two network namespaces, a TUN device in each, and this process between them.  Needs root (or CAP_NET_ADMIN) and
``ip``; ``why_not`` says what is missing.  Where it may not be had, the relays serve.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import shutil
import struct
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.lab.link import NS_PER_S, Link
from tests.lab.relay import Bearer

NEAR, FAR = "10.9.1.1", "10.9.1.2"
_TUN = Path("/dev/net/tun")
_TUNSETIFF = 0x400454CA
_IFF_TUN, _IFF_NO_PI = 0x0001, 0x1000
_PACKET_BYTES = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class Networks:
    """The names of both network namespaces; the near one is ``NEAR``, the far one ``FAR``."""

    near: str
    far: str

    def inside(self, network: str, *words: str) -> list[str]:
        """The command that runs a program in one of them."""
        return ["ip", "netns", "exec", network, *words]


def why_not() -> str | None:
    """What is missing here; ``None``: it can be had."""
    if shutil.which("ip") is None:
        return "ip (iproute2) is not installed"
    if os.geteuid() != 0:
        return "network namespaces need root"
    if not _TUN.exists():
        return f"{_TUN} is missing"
    name = f"lab-try-{os.getpid()}"
    tried = subprocess.run(["ip", "netns", "add", name], capture_output=True, text=True, check=False)
    if tried.returncode:
        return tried.stderr.strip()
    _ip("netns", "del", name)
    return None


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


@contextlib.contextmanager
def _network(name: str, device: str, own: str, other: str) -> Iterator[int]:
    """One of them with its TUN device; the device's other side is the file given."""
    file = os.open(_TUN, os.O_RDWR | os.O_NONBLOCK)
    try:
        fcntl.ioctl(file, _TUNSETIFF, struct.pack("16sH22x", device.encode(), _IFF_TUN | _IFF_NO_PI))
        _ip("netns", "add", name)
        try:
            _ip("link", "set", device, "netns", name)
            _ip("-n", name, "addr", "add", own, "peer", other, "dev", device)
            _ip("-n", name, "link", "set", device, "up")
            _ip("-n", name, "link", "set", "lo", "up")
            yield file
        finally:
            _ip("netns", "del", name)
    finally:
        os.close(file)


@contextlib.asynccontextmanager
async def networks(bearer: Bearer) -> AsyncIterator[Networks]:
    """Two networks with ``bearer`` between them."""
    loop = asyncio.get_running_loop()
    word = f"{os.getpid() % 100_000}"
    near_name, far_name = f"lab-near-{word}", f"lab-far-{word}"

    def write(file: int, packet: bytes) -> None:
        with contextlib.suppress(OSError):  # the network is gone, or will not have it
            os.write(file, packet)

    def carry(source: int, target: int, link: Link) -> None:
        with contextlib.suppress(BlockingIOError):
            while True:
                packet = os.read(source, _PACKET_BYTES)
                at_ns = time.monotonic_ns()
                arrives_ns = link.offer(at_ns, len(packet))
                if arrives_ns is not None:
                    bearer.carried_bytes += len(packet)
                    loop.call_later((arrives_ns - at_ns) / NS_PER_S, write, target, packet)

    with (
        _network(near_name, f"ln{word}", NEAR, FAR) as near_file,
        _network(far_name, f"lf{word}", FAR, NEAR) as far_file,
    ):
        loop.add_reader(near_file, carry, near_file, far_file, bearer.forth)
        loop.add_reader(far_file, carry, far_file, near_file, bearer.back)
        try:
            yield Networks(near=near_name, far=far_name)
        finally:
            loop.remove_reader(near_file)
            loop.remove_reader(far_file)
