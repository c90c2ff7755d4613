"""A mosquitto of somebody else's making on a free port, for the time of a test."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from tests.peers import need


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@contextlib.contextmanager
def broker(folder: Path, *more: str, port: int | None = None) -> Iterator[int]:
    """The port of a broker that runs until the end of the block."""
    chosen = port or free_port()
    file = folder / f"mosquitto-{chosen}.conf"
    own = () if any(line.startswith("listener") for line in more) else (f"listener {chosen} 127.0.0.1",)
    anonymous = () if any("allow_anonymous" in line for line in more) else ("allow_anonymous true",)
    file.write_text("\n".join([*own, *anonymous, "persistence false", "user root", *more, ""]))
    running = subprocess.Popen([need("mosquitto"), "-c", str(file)], stderr=subprocess.PIPE, text=True)
    try:
        _await(chosen, running)
        yield chosen
    finally:
        running.terminate()
        running.communicate(timeout=10)


def _await(port: int, running: subprocess.Popen[str]) -> None:
    deadline_s = time.monotonic() + 10
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        assert running.poll() is None, running.communicate()[1]
        assert time.monotonic() < deadline_s, "the broker never listened"
        time.sleep(0.02)


def publish(port: int, topic: str, payload: str | bytes, *more: str) -> None:
    """Say something as somebody else's client."""
    octets = payload.encode() if isinstance(payload, str) else payload
    command = [need("mosquitto_pub"), "-h", "127.0.0.1", "-p", str(port), "-t", topic, "-q", "1", "-s", *more]
    subprocess.run(command, input=octets, check=True, timeout=10)
