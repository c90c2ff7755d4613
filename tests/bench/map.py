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
    "and a trail of 60 points each (pyqtgraph without labels); 48 tiles of 256 px under ours, none under the others"
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


def painted(counts: Sequence[int] = (500, 5_000, 20_000), frames: int = 40) -> Iterable[Figure]:
    """All in one run, each canvas in a process of its own."""
    with display() as environment:
        for count in counts:
            ours = _measured("ours", count, frames, environment)
            others = {
                kind: _measured(kind, count, max(3, frames // 8), environment) for kind in ("graphics", "pyqtgraph")
            }
            beside = others["graphics"]["pan_ms"], others["pyqtgraph"]["pan_ms"]
            yield Figure(
                name="map", what=f"pan frame, {count:,} markers, middle of {frames}", value=ours["pan_ms"], unit="ms",
                target=4.0, better="less", beside=f"QGraphicsView {beside[0]:.0f}, pyqtgraph {beside[1]:.0f} ms",
                ratio=ours["pan_ms"] / beside[0], mix=MIX,
            )  # fmt: skip
            yield Figure(
                name="map", what=f"data tick, {count:,} markers, one in ten moved", value=ours["tick_ms"], unit="ms",
                target=20.0, better="less", beside=f"all of them moved {ours['tick_all_ms']:.0f} ms", mix=MIX,
            )  # fmt: skip
            yield Figure(
                name="map", what=f"memory, {count:,} markers", value=ours["memory_mb"], unit="MB", target=250.0,
                better="less", beside=f"of it the picture drawn {ours['picture_mb']:.0f} MB; "
                f"QGraphicsView {others['graphics']['memory_mb']:.0f} MB", mix=MIX,
            )  # fmt: skip
        cold = _measured("tiles", 0, frames, environment)
        yield Figure(
            name="map", what="cold screen of 45 tiles, until the last is seen", value=cold["cold_ms"], unit="ms",
            target=60.0, better="less", beside=f"reading and unpacking alone {cold['alone_ms']:.0f} ms", mix=MIX,
        )  # fmt: skip
        yield Figure(
            name="map", what="longest stop of the window meanwhile", value=cold["stop_ms"], unit="ms", target=16.0,
            better="less", mix=MIX,
        )  # fmt: skip
