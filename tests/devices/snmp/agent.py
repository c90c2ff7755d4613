"""A snmpd of somebody else's making on a free port, for the time of a test."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.peers import need

COMMUNITY = "canary-c0mm"
AUTH_PHRASE = "canary-auth-99"
PRIVACY_PHRASE = "canary-priv-99"


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """Where it listens, and its process."""

    port: int
    process: subprocess.Popen[str]


def free_udp_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@contextlib.contextmanager
def agent(folder: Path) -> Iterator[Agent]:
    """One that knows a community and a user of version 3; it runs until the end of the block."""
    port = free_udp_port()
    (folder / "agent.conf").write_text(
        f"""
agentaddress udp:127.0.0.1:{port}
rocommunity {COMMUNITY} 127.0.0.1
createUser zhihui SHA {AUTH_PHRASE} AES {PRIVACY_PHRASE}
rouser zhihui authPriv
sysName canary-free-name
""",
        encoding="utf-8",
    )
    running = subprocess.Popen(
        [need("snmpd"), "-f", "-Lo", "-C", "-c", str(folder / "agent.conf")],
        env={**os.environ, "SNMP_PERSISTENT_DIR": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        _await(port, running)
        yield Agent(port=port, process=running)
    finally:
        running.kill()
        running.communicate(timeout=10)


def _await(port: int, running: subprocess.Popen[str]) -> None:
    """Until the port is taken: a datagram socket tells nothing more."""
    deadline_s = time.monotonic() + 10
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return
        assert running.poll() is None, running.communicate()[0]
        assert time.monotonic() < deadline_s, "the agent never listened"
        time.sleep(0.02)
