"""What a way carries: test packets sent at a pace, given back by a reflector of as many octets; a process of its own.

``python -m devices.throughput HOST PORT --mbps 55 --bytes 40000000 [--dev eth1] [--iperf3 HOST:PORT]`` prints one JSON
object: ``out_mbps``, ``back_mbps``, ``offered_mbps``, ``size_bytes``, ``tool``, or ``reason``.

What reached the far end is told by its own count and times, what came back by ours; packets that it gives back are as
long as those it gets, so nothing is multiplied.  Where iperf3 is installed, a server of it is named and the octets last
for two seconds each way, it measures instead, by TCP at the same pace, one way after the other.

**Source:** RFC 8762 clause 4.3; RFC 2330 clause 10 (pacing); iperf3(1): ``-J``, ``-t``, ``-b``, ``-R``, ``--bind-dev``.
**Assumed:** rates are of IP packets, 28 octets more than what UDP carries.
"""

from __future__ import annotations

import argparse
import json
import secrets
import select
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import Any

from devices import stamp
from devices.transports.address import host_and_port

PACKET_BYTES = 1_200
HEADS_BYTES = 28
LONGEST_S = 5.0
AFTER_S = 1.5
"""For what is still on its way, twice a hop over a satellite and back."""

LEAST_PACKETS = 20
IPERF_S = 20.0
"""Until it is given up, each way."""

IPERF_LEAST_S = 2
"""Its far end stops counting when the near end has handed over its last octet: in less time what is still on its way
weighs more than what was counted, and nothing or 30 Gbit/s is told of a good line."""

IPERF_BLOCK_BYTES = 16_384
_NS_PER_S = 1_000_000_000


@dataclass(slots=True)
class _Seen:
    """What came back so far."""

    returned: int = 0
    reached: int = 0
    is_counting: bool = False
    came_ns: list[int] = field(default_factory=list)
    reached_ns: list[int] = field(default_factory=list)


def measure(host: str, port: int, offered_mbps: float, cap_bytes: int, interface: str = "") -> dict[str, Any]:
    """Measure by our own packets; ``cap_bytes`` bounds both ways together.  Raises ``OSError``."""
    whole = PACKET_BYTES + HEADS_BYTES
    packets = min(int(cap_bytes / 2 / whole), int(LONGEST_S * offered_mbps * 1e6 / 8 / whole))
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
    with socket.socket(family, socket.SOCK_DGRAM) as wire:
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        if interface:
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode() + b"\0")
        wire.connect(address)
        wire.settimeout(0)
        seen, sent, passed_ns = _exchange(wire, max(packets, LEAST_PACKETS), whole * 8 / offered_mbps * 1e3)
    return _figures(seen, sent, passed_ns)


def _exchange(wire: socket.socket, packets: int, apart_ns: float) -> tuple[_Seen, int, int]:
    """Send so many packets, each so long after the other, and hear what comes back."""
    session, seen = secrets.randbelow(1 << 16), _Seen()
    began_ns = time.monotonic_ns()
    sent = 0
    while sent < packets:
        due = min(packets, int((time.monotonic_ns() - began_ns) / apart_ns) + 1)
        while sent < due:
            try:
                wire.send(stamp.sender_packet(sent + 1, time.time_ns(), session, PACKET_BYTES))
            except BlockingIOError:
                break
            sent += 1
        _hear(wire, seen, session)
        if sent == due:
            next_ns = began_ns + int(sent * apart_ns) - time.monotonic_ns()
            select.select([wire], [], [], min(max(next_ns, 0) / _NS_PER_S, 0.05))
    passed_ns = time.monotonic_ns() - began_ns
    until_ns = time.monotonic_ns() + int(AFTER_S * _NS_PER_S)
    while seen.returned < sent and time.monotonic_ns() < until_ns:
        select.select([wire], [], [], 0.05)
        _hear(wire, seen, session)
    return seen, sent, passed_ns


def _hear(wire: socket.socket, seen: _Seen, session: int) -> None:
    while True:
        try:
            answer = stamp.read_reflected(wire.recv(2048))
        except BlockingIOError:
            return
        if answer is None or answer.session != session:
            continue
        seen.returned += 1
        seen.reached = max(seen.reached, answer.sequence + 1)
        seen.is_counting = seen.is_counting or answer.sequence != answer.sent_sequence
        for row, at_ns in ((seen.came_ns, time.monotonic_ns()), (seen.reached_ns, answer.received_ns)):
            row[1:] = [at_ns]


def _figures(seen: _Seen, sent: int, passed_ns: int) -> dict[str, Any]:
    whole = PACKET_BYTES + HEADS_BYTES
    told: dict[str, Any] = {"tool": "stamp", "size_bytes": (sent + seen.returned) * whole}
    told["offered_mbps"] = _mbps(sent, passed_ns)
    if seen.returned < 2 or not seen.came_ns:
        return {**told, "reason": "no_answer"}
    if not seen.is_counting:
        return {**told, "reason": "stateless"}
    out_ns = max(passed_ns, seen.reached_ns[-1] - seen.reached_ns[0])
    back_ns = max(passed_ns, seen.came_ns[-1] - seen.came_ns[0])
    return {**told, "out_mbps": _mbps(seen.reached, out_ns), "back_mbps": _mbps(seen.returned, back_ns)}


def _mbps(packets: int, passed_ns: int) -> float:
    return round(packets * (PACKET_BYTES + HEADS_BYTES) * 8 * 1e3 / max(passed_ns, 1), 3)


def iperf_s(offered_mbps: float, cap_bytes: int) -> int:
    """How long iperf3 may send each way, in whole seconds; 0: too short for a figure, send our own packets."""
    seconds = min(int(LONGEST_S), int(cap_bytes / 2 * 8 / offered_mbps / 1e6))
    return seconds if seconds >= IPERF_LEAST_S else 0


def by_iperf3(program: str, server: str, offered_mbps: float, seconds: int, interface: str = "") -> dict[str, Any]:
    """Measure by iperf3, so many ``seconds`` each way, at a pace."""
    host, port = host_and_port(server)
    told: dict[str, Any] = {"tool": "iperf3", "size_bytes": 0, "offered_mbps": offered_mbps}
    for key, more in (("out_mbps", []), ("back_mbps", ["-R"])):
        words = [program, "-c", host, "-p", str(port), "-J", "--connect-timeout", "3000", "-l", str(IPERF_BLOCK_BYTES)]
        words += ["-t", str(seconds), "-b", str(int(offered_mbps * 1e6))]
        words += ["--bind-dev", interface] if interface else []
        try:
            done = subprocess.run([*words, *more], capture_output=True, timeout=IPERF_S, check=False)  # noqa: S603
            said = json.loads(done.stdout)["end"]
            # What was sent took the quota, whether it arrived before the clock stopped or not.
            told["size_bytes"] += max(int(said[one]["bytes"]) for one in ("sum_sent", "sum_received"))
            received = said["sum_received"]
            if not received["bytes"] or received["seconds"] < 1:
                return {**told, "reason": "no_answer"}
            told[key] = round(float(received["bits_per_second"]) / 1e6, 3)
        except (subprocess.TimeoutExpired, ValueError, KeyError, TypeError):
            return {**told, "reason": "no_answer"}
    return told


def main() -> int:
    """Measure and print; the exit code is 0, whatever was found."""
    parser = argparse.ArgumentParser()
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("--mbps", type=float, required=True)
    parser.add_argument("--bytes", type=int, required=True)
    parser.add_argument("--dev", default="")
    parser.add_argument("--iperf3", default="")
    args = parser.parse_args()
    program = shutil.which("iperf3") if args.iperf3 else None
    try:
        seconds = iperf_s(args.mbps, args.bytes)
        if program is not None and seconds:
            told = by_iperf3(program, args.iperf3, args.mbps, seconds, args.dev)
        else:
            told = measure(args.host, args.port, args.mbps, args.bytes, args.dev)
    except OSError as trouble:
        told = {"reason": "no_answer" if isinstance(trouble, ConnectionRefusedError) else "trouble"}
    sys.stdout.write(json.dumps(told) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
