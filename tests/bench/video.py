"""``video`` and ``tiles``: a wall of nine large and of sixteen small streams, beside what one would take instead."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import PySide6

from tests.bench.clips import LARGE, SMALL, Stream, bare_decode_s, kept, send
from tests.bench.figure import Figure, percentile
from tests.bench.live import free_ports
from tests.bench.looking import looking
from tests.bench.opening import PATIENCE_S, ROOT, display, watch

SELECTED = "camera-0"
LEAST_HZ = 24.0
RIVALS = {"av": "PyAV", "cv2": "cv2", "qt": "QMediaPlayer"}
_OTHER = ("uv", "run", "--no-project", "--with", f"pyside6=={PySide6.__version__}", "--with", "av==18.1.0")


@dataclass(frozen=True, slots=True)
class Wall:
    """So many streams being sent for ever, to these ports; ``sent`` is the file of send times."""

    clips: Sequence[Path]
    ports: Sequence[int]
    sent: Path

    @property
    def urls(self) -> list[str]:
        """Where each of them is received."""
        return [f"udp://127.0.0.1:{port}" for port in self.ports]


@contextlib.contextmanager
def sending(count: int, of: Stream) -> Iterator[Wall]:
    """A process that sends them."""
    clips, ports = kept(count, of), free_ports(count)
    with tempfile.TemporaryDirectory(prefix="command-post-bench-") as name:
        wall = Wall(clips, ports, Path(name) / "sent")
        process = multiprocessing.get_context("spawn").Process(
            target=send, args=(wall.clips, wall.ports, wall.sent), daemon=True
        )
        process.start()
        try:
            yield wall
        finally:
            process.kill()
            process.join()


def shown(wall: Wall, for_s: float, settle_s: float, *, is_key_only: bool = False) -> dict[str, Any]:
    """The whole console with its window; the first camera is the selected one, shown at full rate."""
    with display() as environment:
        asked = {"BENCH_SENT": str(wall.sent), "BENCH_SETTLE": str(settle_s), "BENCH_KEYS": str(int(is_key_only))}
        return watch(
            "cameras", for_s + settle_s, {**environment, **asked}, *wall.urls, module="tests.bench.watched_video"
        )


def rival(kind: str, urls: Sequence[str], sent: Path | None, for_s: float, settle_s: float) -> dict[str, Any] | None:
    """What one of the others does with the same streams; ``None`` where it cannot be had here.

    QtMultimedia is no part of the console: it is run in an environment of its own.
    """
    program = [*_OTHER, "--with", "psutil", "--with", "numpy", "python"] if kind == "qt" else [sys.executable]
    words = [*program, "-m", "tests.bench.rivals", kind, str(for_s), str(settle_s), str(sent or "-"), *urls]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        words, cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
        timeout=PATIENCE_S + for_s + settle_s,
    )  # fmt: skip
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if not lines:
        if kind == "qt":
            return None
        raise RuntimeError(done.stderr[-2000:])
    said: dict[str, Any] = json.loads(lines[-1])
    return said


def _flat(ages_ms: Iterable[list[float]]) -> list[float]:
    return [age for ages in ages_ms for age in ages] or [float("inf")]


def _beside(said: dict[str, dict[str, Any] | None], what: str) -> str:
    """The same figure of the others, and whether they kept up."""
    words = []
    for kind, found in said.items():
        if found is None:
            words.append(f"{RIVALS[kind]} not to be had here")
            continue
        value = f"{found['cores']:.2f}" if what == "cores" else f"{percentile(_flat(found['ages_ms']), 0.95):.0f}"
        slowest_hz = min(found["rates"])
        kept_up = "" if slowest_hz >= LEAST_HZ else f" (invalid: {slowest_hz:.1f}/s)"
        words.append(f"{RIVALS[kind]} {value}{kept_up}")
    return ", ".join(words)


def _figures(
    name: str, wall: Wall, said: dict[str, Any], rivals: dict[str, dict[str, Any] | None], mix: str
) -> Iterable[Figure]:
    ages_ms: dict[str, list[float]] = said["ages_ms"]
    selected_ms = _flat([ages_ms.get(SELECTED, [])])
    others_ms = _flat(ages for camera_id, ages in ages_ms.items() if camera_id != SELECTED)
    bare_s, cores, slowest_hz = bare_decode_s(wall.clips), said["own"] + said["others"], min(said["rates"].values())
    bare = rivals.get("av")
    invalid = "" if slowest_hz >= LEAST_HZ else f", INVALID: {slowest_hz:.1f} pictures a second decoded"
    # A machine that is too busy delivers fewer pictures to one than to the other: compared is the cost of a picture.
    live = bare["cores"] * sum(said["rates"].values()) / max(1.0, sum(bare["rates"])) if bare else bare_s
    yield Figure(
        name=name, what=f"processor of window and video processes, {len(wall.clips)} tiles{invalid}", value=cores,
        unit="cores", target=1.5 * live, better="less", mix=mix, ratio=cores / live,
        beside=f"{_beside(rivals, 'cores')}; decoding these files at once {bare_s:.2f}",
    )  # fmt: skip
    yield Figure(name=name, what="of that the window's process", value=said["own"], unit="cores")
    yield Figure(
        name=name, what="pictures a second decoded, slowest stream", value=slowest_hz, unit="/s", target=LEAST_HZ,
        beside=f"painted of the selected one {len(selected_ms) / said['for_s']:.1f}/s",
    )  # fmt: skip
    for what, found_ms, target in (("selected", selected_ms, 150), ("others", others_ms, 200)):
        yield Figure(
            name=name, what=f"age when first painted, {what}, p95", value=percentile(found_ms, 0.95), unit="ms",
            target=target, better="less",
            beside=f"p50 {percentile(found_ms, 0.5):.0f}; unpainted: {_beside(rivals, 'ages')}",
        )  # fmt: skip


def _compared(wall: Wall, kinds: Sequence[str], for_s: float, settle_s: float) -> dict[str, dict[str, Any] | None]:
    return {kind: rival(kind, wall.urls, wall.sent, for_s, settle_s) for kind in kinds}


def video(
    for_s: float = 20.0, count: int = 9, settle_s: float = 10.0, kinds: Sequence[str] = tuple(RIVALS)
) -> Iterable[Figure]:
    """Large streams: one after the other the console and the others receive the same from one sender."""
    with sending(count, LARGE) as wall:
        said = shown(wall, for_s, settle_s)
        rivals = _compared(wall, kinds, for_s, settle_s)
    mix = f"{count} x {LARGE} in MPEG-TS over UDP, encoded beforehand; painted on Xvfb, all but the selected at 12.5/s"
    yield from _figures("video", wall, said, rivals, mix)
    yield from looking(wall.clips)


def tiles(
    for_s: float = 15.0, count: int = 16, settle_s: float = 15.0, kinds: Sequence[str] = tuple(RIVALS)
) -> Iterable[Figure]:
    """Small streams, and the same with key frames alone for all but the selected one."""
    with sending(count, SMALL) as wall:
        said = shown(wall, for_s, settle_s)
        rivals = _compared(wall, kinds, for_s, settle_s)
        keyed = shown(wall, for_s, settle_s, is_key_only=True)
    yield from _figures("tiles", wall, said, rivals, f"{count} x {SMALL} in MPEG-TS over UDP, as above")
    cores = keyed["own"] + keyed["others"]
    yield Figure(
        name="tiles", what=f"processor with key frames alone, {count} tiles, the selected one whole", value=cores,
        unit="cores", target=0.5, better="less", beside=f"of that the window's process {keyed['own']:.2f}",
    )  # fmt: skip
