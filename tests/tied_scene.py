"""Probes of two bearers that lead to one host, played inside ``unshare -n``: ``python -m tests.tied_scene``.

The rear (10.9.0.1) is in a network of its own and reached by fibre (``fib0``) and by LTE (``lte0``), LTE being the
default route.  The fibre is cut beyond its first wire: its carrier stays, and what is sent into it is lost.  Printed
for each scene and kind of probe: what it told ("answer" or its error), and whether anything left by fibre and by LTE.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import json
import platform
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from devices.transports import transport_for
from tests.devices.transports.ear import Ear, until
from tests.peers import need

KINDS = ("ping:10.9.0.1", "tcp-connect:10.9.0.1:862", "stamp:10.9.0.1:862")
_NOBODY = "02:00:00:00:00:99"
_FAR = """
import socket, sys
from devices.reflector import Reflector
print("here", flush=True)
sys.stdin.readline()
# It is no neighbour: its own address is answered for by the gateways' addresses only.
open("/proc/sys/net/ipv4/conf/all/arp_ignore", "w").write("1")
listener = socket.create_server(("10.9.0.1", 862), backlog=64)
reflector = Reflector("10.9.0.1", 862)
print("there", flush=True)
reflector.serve(lambda: False)
"""
_SET_OPTION = {"x86_64": 54, "aarch64": 208}
_NO_NEW_PRIVILEGES, _SECCOMP, _FILTER = 38, 22, 2
_LOAD, _IS, _GIVE = 0x20, 0x15, 0x06
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050001


def ip(*words: str, of: int = 0) -> None:
    """``ip`` here, or in the network of the process ``of``."""
    inside = [need("nsenter"), "-t", str(of), "-n"] if of else []
    subprocess.run([*inside, need("ip"), *words], check=True, capture_output=True)


@contextlib.contextmanager
def rear() -> Iterator[int]:
    """A network of its own with what answers there; gives its process."""
    Path("/proc/sys/net/ipv6/conf/default/disable_ipv6").write_text("1", encoding="ascii")  # it would speak unasked
    command = [need("unshare"), "-n", sys.executable, "-c", _FAR]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as far:
        assert far.stdin is not None
        assert far.stdout is not None
        try:
            assert far.stdout.readline() == b"here\n"
            ip("addr", "add", "10.9.0.1/32", "dev", "lo", of=far.pid)
            ip("link", "set", "lo", "up", of=far.pid)
            ip("link", "set", "lo", "up")
            for name, number in (("fib", 1), ("lte", 2)):
                lay(far.pid, name, number)
            ip("route", "add", "default", "via", "10.2.0.1", "dev", "lte0")
            far.stdin.write(b"go\n")
            far.stdin.flush()
            assert far.stdout.readline() == b"there\n"
            yield far.pid
        finally:
            far.kill()


def lay(far: int, name: str, number: int) -> None:
    """A wire to the rear with a route of its own, which gives way to the default route."""
    ip("link", "add", f"{name}0", "type", "veth", "peer", "name", f"{name}1", "netns", str(far))
    ip("addr", "add", f"10.{number}.0.1/24", "dev", f"{name}1", of=far)
    ip("link", "set", f"{name}1", "up", of=far)
    ip("addr", "add", f"10.{number}.0.2/24", "dev", f"{name}0")
    ip("link", "set", f"{name}0", "up")
    ip("route", "add", "default", "via", f"10.{number}.0.1", "dev", f"{name}0", "metric", f"{number}00")


def cut_fibre() -> None:
    """What is sent into it reaches nobody; its carrier stays."""
    ip("neigh", "replace", "10.1.0.1", "lladdr", _NOBODY, "dev", "fib0", "nud", "permanent")


def set_filter(strength: int) -> None:
    """The kernel's reverse path filter of the fibre's interface: 1 is strict, 2 loose."""
    Path("/proc/sys/net/ipv4/conf/fib0/rp_filter").write_text(str(strength), encoding="ascii")


def mend_fibre() -> None:
    """It reaches the rear again."""
    ip("neigh", "del", "10.1.0.1", "dev", "fib0")


def forbid_binding() -> None:
    """As on a kernel before 5.7 without the right: binding to an interface is refused to this process, by seccomp."""
    steps = [
        (_LOAD, 0, 0, 0),
        (_IS, 0, 5, _SET_OPTION[platform.machine()]),
        (_LOAD, 0, 0, 24),
        (_IS, 0, 3, 1),
        (_LOAD, 0, 0, 32),
        (_IS, 0, 1, 25),
        (_GIVE, 0, 0, _REFUSE),
        (_GIVE, 0, 0, _ALLOW),
    ]
    octets = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in steps))
    program = struct.pack("@HP", len(steps), ctypes.addressof(octets))
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) == 0
    assert libc.prctl(_SECCOMP, _FILTER, ctypes.create_string_buffer(program), 0, 0) == 0


def sent() -> tuple[int, int]:
    """Packets that left by fibre and by LTE since they are there."""
    rows = dict(line.split(":", 1) for line in Path("/proc/net/dev").read_text(encoding="ascii").splitlines()[2:])
    named = {name.strip(): int(row.split()[9]) for name, row in rows.items()}
    return named.get("fib0", 0), named["lte0"]


def asked(options: str, timeout_s: float = 3.0) -> list[list[object]]:
    """One question by each kind of probe, one after another."""

    async def ask() -> list[list[object]]:
        return [await one(f"{kind}?interval_s=0&timeout_s={timeout_s}{options}") for kind in KINDS]

    return asyncio.run(ask())


async def one(wire: str) -> list[object]:
    """One question."""
    before = sent()
    ear = Ear()
    probe = transport_for(wire, "datagram")
    await probe.open(ear)
    await probe.write(b"ask")
    await until(lambda: ear.heard)
    await probe.close()
    line = json.loads(ear.heard[0][0])
    return [line.get("error", "answer"), *(now > then for now, then in zip(sent(), before, strict=True))]


async def replugged(far: int) -> list[str]:
    """A probe that goes on while the modem it is tied to is pulled out and plugged in again."""
    ear = Ear()
    probe = transport_for("stamp:10.9.0.1:862?dev=fib0&interval_s=0.1&timeout_s=1", "datagram")
    await probe.open(ear)

    async def tells(expected: str) -> str:
        def last() -> str:
            return str(json.loads(ear.heard[-1][0]).get("error", "answer")) if ear.heard else ""

        with contextlib.suppress(AssertionError):
            await until(lambda: last() == expected)
        return last()

    told = [await tells("answer")]
    ip("link", "del", "fib0")
    told.append(await tells("missing"))
    lay(far, "fib", 1)
    told.append(await tells("answer"))
    await probe.close()
    return told


def main() -> None:
    """Every scene."""
    seen: dict[str, object] = {}
    tied = "&dev=fib0"
    with rear() as far:
        seen["whole"] = asked(tied)
        set_filter(1)
        seen["filtered"] = asked(tied, 0.1)
        set_filter(2)
        seen["loosely filtered"] = asked(tied)
        cut_fibre()
        seen["cut, not tied"] = asked("")
        seen["cut"] = asked(tied, 0.1)
        mend_fibre()
        ip("route", "del", "default", "via", "10.1.0.1", "dev", "fib0")
        seen["no route"] = asked(tied, 0.1)
        ip("route", "add", "default", "via", "10.1.0.1", "dev", "fib0", "metric", "100")
        seen["absent"] = asked("&dev=fib7")
        seen["replugged"] = asyncio.run(replugged(far))
        forbid_binding()
        seen["no right"] = asked(tied)
        ip("route", "add", "default", "via", "10.1.0.1", "dev", "fib0", "table", "100")
        ip("rule", "add", "from", "10.1.0.2", "table", "100")
        seen["no right, route by source"] = asked(tied)
        cut_fibre()
        seen["no right, route by source, cut"] = asked(tied, 0.1)
    print(json.dumps(seen))


if __name__ == "__main__":
    begun_s = time.monotonic()
    main()
    print(f"{time.monotonic() - begun_s:.1f} s", file=sys.stderr)
