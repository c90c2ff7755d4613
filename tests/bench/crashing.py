"""``crash``: twenty times the power is cut at full load, and the incident goes on."""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from console.assembly import digest_of
from console.journal.reader import Reader
from console.replay import catch_up, new_engine, play
from tests.bench.figure import Figure, percentile
from tests.crash.rig import Console, Sender, free_port, vehicle

RATE_HZ = 5_000.0


def _is_right(folder: Path, acked: int) -> bool:
    """Everything acknowledged is there without a hole, the chain whole, a restart's digest that from zero."""
    reader = Reader(folder)
    try:
        numbers = [record.seq for record in reader.records()]
        return (
            numbers == list(range(1, len(numbers) + 1))
            and len(numbers) >= acked
            and reader.broken_link() is None
            and digest_of(catch_up(reader).picture()) == digest_of(play(new_engine(), reader).picture())
        )
    finally:
        reader.close()


def crash(kills: int = 20, shortest_s: float = 0.5, longest_s: float = 2.5) -> Iterable[Figure]:
    """Kill -9 of a console process that acknowledges each commit, at random moments of its life."""
    chance = random.Random(5)
    continued_s: list[float] = []
    alone_s: list[float] = []
    rates: list[float] = []
    right = records = 0
    with tempfile.TemporaryDirectory(prefix="command-post-bench-") as name:
        port, folder = free_port(), Path(name) / "incident"
        config = vehicle(Path(name), port)
        with Sender(port, RATE_HZ):
            for _ in range(kills):
                began = time.monotonic()
                with Console(config, folder) as console:
                    console.wait_acked(records + 1)
                    continued_s.append(time.monotonic() - began)
                    first, from_s = console.acked, time.monotonic()
                    time.sleep(shortest_s + chance.random() * (longest_s - shortest_s))
                    rates.append((console.acked - first) / (time.monotonic() - from_s))
                    acked = console.kill()
                right += _is_right(folder, acked)
                reader = Reader(folder)
                records = reader.span()[2]
                began = time.monotonic()
                catch_up(reader).picture()
                alone_s.append(time.monotonic() - began)
                reader.close()
        size = sum(file.stat().st_size for file in folder.iterdir() if file.is_file())
    mix = f"one GNSS over UDP, offered {RATE_HZ:,.0f}/s, {records:,} records, {size / 1e6:.0f} MB, {sys.platform}"
    yield Figure(
        name="crash", what=f"of {kills} kill -9: all acknowledged there, digest right", value=right, unit="",
        target=kills, better="equal", mix=mix,
    )  # fmt: skip
    yield Figure(
        name="crash", what="slowest sending through the kills", value=min(rates), unit="records/s", mix=mix,
        beside=f"offered {RATE_HZ:,.0f}/s", ratio=min(rates) / RATE_HZ,
    )  # fmt: skip
    p95_s = percentile(continued_s, 0.95)
    yield Figure(
        name="crash", what="process start to first acknowledged record, p95", value=p95_s, unit="s", target=3,
        better="less", beside=f"state from the journal alone {max(alone_s):.2f} s", ratio=p95_s / max(alone_s), mix=mix,
    )  # fmt: skip
    yield Figure(name="crash", what="the same, longest", value=max(continued_s), unit="s", target=3, better="less")
