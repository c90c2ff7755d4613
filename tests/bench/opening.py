"""``start``: how soon the window is painted; ``window``: how large the process gets, and whether it ever stops."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from tests.bench.figure import Figure, percentile
from tests.bench.live import free_ports
from tests.bench.replaying import load_mix
from tests.bench.traffic import traffic

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60.0
RATE_HZ = 5_000.0


@contextlib.contextmanager
def display() -> Iterator[dict[str, str]]:
    """Environment with a display of 1920x1080 that nobody sees: Xvfb, or Qt's own where that is missing."""
    environment = {name: value for name, value in os.environ.items() if name not in {"DISPLAY", "WAYLAND_DISPLAY"}}
    program = shutil.which("Xvfb")
    if program is None:
        yield {**environment, "QT_QPA_PLATFORM": "offscreen"}
        return
    command = [program, "-displayfd", "1", "-screen", "0", "1920x1080x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert server.stdout is not None
        number = server.stdout.readline().strip()
        yield {**environment, "DISPLAY": f":{number}", "QT_QPA_PLATFORM": "xcb"}
    finally:
        server.terminate()
        server.communicate()


def watch(
    mode: str, for_s: float, environment: dict[str, str], *words: str, module: str = "tests.bench.watched"
) -> dict[str, Any]:
    """What was seen of one console process."""
    with tempfile.TemporaryDirectory(prefix="command-post-bench-") as name:
        own = {f"XDG_{kind}_HOME": f"{name}/{kind.lower()}" for kind in ("CONFIG", "DATA", "STATE")}
        command = [sys.executable, "-m", module, mode, f"{name}/incident", str(for_s), str(time.time()), *words]
        done = subprocess.run(
            command, cwd=ROOT, env={**environment, **own}, capture_output=True, text=True, timeout=PATIENCE_S + for_s,
            check=False,
        )  # fmt: skip
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said


def start(opens: int = 6) -> Iterable[Figure]:
    """From the process asked for to the first painted window, warm; beside the interpreter and Qt alone."""
    with display() as environment:
        watch("drill", 0.1, environment)
        painted_s = [watch("drill", 0.1, environment)["first_paint_s"] for _ in range(opens)]
        bare_s = []
        for _ in range(opens):
            began = time.monotonic()
            bare = "from PySide6.QtWidgets import QApplication, QWidget as W; a=QApplication([]); w=W(); w.show(); "
            subprocess.run([sys.executable, "-c", bare + "a.processEvents()"], env=environment, check=True)
            bare_s.append(time.monotonic() - began)
    middle_s = percentile(painted_s, 0.5)
    yield Figure(
        name="start", what=f"drill vehicle: first painted window, middle of {opens}", value=middle_s, unit="s",
        target=1.5, better="less", beside=f"an empty Qt window {percentile(bare_s, 0.5):.2f} s",
        ratio=middle_s / percentile(bare_s, 0.5),
    )  # fmt: skip
    yield Figure(name="start", what="the same, slowest", value=max(painted_s), unit="s")


def say_at(ports: list[int], rate_hz: float, for_s: float) -> None:
    """In a process of its own: the usual load at an even rate."""
    load = list(islice(traffic(time.time_ns() - 10**9), round(min(for_s, 20.0) * rate_hz)))
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    began = time.monotonic()
    for number, said in enumerate(cycle(load)):
        if number % 25 == 0:
            time.sleep(max(0.0, began + number / rate_hz - time.monotonic()))
            if time.monotonic() - began > for_s:
                return
        sender.sendto(said.octets, ("127.0.0.1", ports[said.wire]))


def window(for_s: float = 20.0) -> Iterable[Figure]:
    """The drill's process, then the load's: size, and how late the window's loop comes round."""
    with display() as environment:
        drill = watch("drill", for_s, environment)
        ports = free_ports()
        quiet = watch("wires", for_s / 2, environment, *map(str, ports))
        sending = multiprocessing.get_context("spawn").Process(
            target=say_at, args=(ports, RATE_HZ, PATIENCE_S + for_s), daemon=True
        )
        sending.start()
        loaded = watch("wires", for_s, environment, *map(str, ports))
        sending.kill()
        sending.join()
    yield Figure(
        name="window", what="memory of the window's process, drill running", value=drill["rss_mb"], unit="MB",
        target=350, better="less", beside=f"after every screen was shown {drill['toured_rss_mb']:.0f} MB",
        ratio=drill["rss_mb"] / drill["toured_rss_mb"],
    )  # fmt: skip
    yield Figure(
        name="window", what=f"longest stop of its loop at {loaded['rate']:,.0f} records/s", value=loaded["longest_ms"],
        unit="ms", target=50, better="less", beside=f"with silent wires {quiet['longest_ms']:.0f} ms",
        ratio=loaded["longest_ms"] / max(0.1, quiet["longest_ms"]), mix=load_mix(),
    )  # fmt: skip
    yield Figure(name="window", what="the same, 99.9 % of the time", value=loaded["p999_ms"], unit="ms")
    yield Figure(name="window", what="longest stop while the drill runs", value=drill["longest_ms"], unit="ms")
    yield Figure(name="window", what="longest stop while each screen is shown first", value=drill["tour_ms"], unit="ms")
