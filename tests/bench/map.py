"""``map``: a pan frame, a data tick, a cold screen of tiles and the memory, beside two ready-made canvases."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from tests.bench.figure import Figure
from tests.bench.opening import display

ROOT = Path(__file__).parents[2]
PATIENCE_S = 300.0
MIX = (
    "map: 1920x1080 on Xvfb, software rendering; places normally spread so that nearly all are in view; symbol, label "
    "and a trail of 60 points each (pyqtgraph without labels); 45 tiles of 256 px (PNG of 64 kB) and as many around "
    "them under ours, none under the others; a tick is painted as in the console, where it changed something; best of "
    "three runs of every canvas in turn"
)


def _measured(kind: str, count: int, frames: int, environment: dict[str, str]) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.bench.map_painted", kind, str(count), str(frames)]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said


def _best(kinds: Sequence[str], count: int, frames: int, rounds: int, environment: dict[str, str]) -> dict[str, Any]:
    """The least of every measure in ``rounds`` runs of each kind, one kind after the other, so that all meet the same
    machine: what others do on it only ever makes a run slower."""
    runs: dict[str, list[dict[str, Any]]] = {kind: [] for kind in kinds}
    for _ in range(rounds):
        for kind in kinds:
            shown = frames if kind in {"ours", "tiles"} else max(3, frames // 8)
            runs[kind].append(_measured(kind, count, shown, environment))
    return {kind: {name: min(run[name] for run in said) for name in said[0]} for kind, said in runs.items()}


def painted(counts: Sequence[int] = (500, 5_000, 20_000), frames: int = 40, rounds: int = 3) -> Iterable[Figure]:
    """Each canvas in a process of its own, the best of ``rounds`` runs of all of them in turn."""
    with display() as environment:
        empty_mb = _measured("empty", 0, 0, environment)["memory_mb"]
        for count in counts:
            best = _best(("ours", "graphics", "pyqtgraph"), count, frames, rounds, environment)
            yield from _of_count(count, frames, best, empty_mb)
        cold = _best(("tiles",), 0, frames, rounds, environment)["tiles"]
        yield Figure(
            name="map", what=f"cold screen of {cold['tiles']:.0f} tiles, until the last is painted",
            value=cold["cold_ms"], unit="ms", target=60.0, better="less", mix=MIX,
            beside=f"reading and unpacking alone, one after the other {cold['alone_ms']:.0f} ms; "
            f"processor of the window's thread {cold['cold_cpu_ms']:.0f} ms",
        )  # fmt: skip
        yield Figure(
            name="map", what="longest stop of the window meanwhile", value=cold["stop_ms"], unit="ms", target=16.0,
            better="less", mix=MIX,
        )  # fmt: skip


def _of_count(count: int, frames: int, best: dict[str, Any], empty_mb: float) -> Iterable[Figure]:
    ours, graphics, plotted = best["ours"], best["graphics"], best["pyqtgraph"]
    yield Figure(
        name="map", what=f"pan frame, {count:,} markers, middle of {frames}", value=ours["pan_ms"], unit="ms",
        target=4.0, better="less", ratio=ours["pan_ms"] / graphics["pan_ms"], mix=MIX,
        beside=f"QGraphicsView {graphics['pan_ms']:.0f}, pyqtgraph {plotted['pan_ms']:.0f} ms; "
        f"processor {ours['pan_cpu_ms']:.1f} ms, longest frame {ours['pan_worst_ms']:.0f} ms",
    )  # fmt: skip
    yield Figure(
        name="map", what=f"data tick, {count:,} markers, one in ten moved", value=ours["tick_ms"], unit="ms",
        target=20.0, better="less", mix=MIX,
        beside=f"all of them moved {ours['tick_all_ms']:.0f} ms; processor {ours['tick_cpu_ms']:.1f} ms; "
        f"letting the picture before go, after that, {ours['tick_gone_ms']:.1f} ms",
    )  # fmt: skip
    yield Figure(
        name="map", what=f"memory, {count:,} markers, after dragging and ticks", value=ours["memory_mb"], unit="MB",
        target=250.0 if count <= 500 else None, better="less", mix=MIX,
        beside=f"of it an empty window with the same imports {empty_mb:.0f} MB, the picture drawn "
        f"{ours['picture_mb']:.0f} MB; QGraphicsView without tiles {graphics['memory_mb']:.0f} MB",
    )  # fmt: skip
