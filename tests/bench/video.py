"""``video``: four streams of 720p25 on the screen: processor beside decoding alone, rate, age when seen."""

from __future__ import annotations

import multiprocessing
import tempfile
from collections.abc import Iterable
from pathlib import Path

from tests.bench.clips import bare_decode_s, kept, send
from tests.bench.figure import Figure, percentile
from tests.bench.live import free_ports
from tests.bench.looking import looking
from tests.bench.opening import display, watch

SELECTED = "camera-0"


def video(for_s: float = 20.0) -> Iterable[Figure]:
    """The whole console with its window: the first camera is the selected one, shown at full rate."""
    clips = kept()
    ports = free_ports(len(clips))
    with tempfile.TemporaryDirectory(prefix="command-post-bench-") as name, display() as environment:
        sent = Path(name) / "sent"
        sending = multiprocessing.get_context("spawn").Process(target=send, args=(clips, ports, sent), daemon=True)
        sending.start()
        try:
            said = watch(
                "cameras", for_s, {**environment, "BENCH_SENT": str(sent)},
                *(f"udp://127.0.0.1:{port}" for port in ports), module="tests.bench.watched_video",
            )  # fmt: skip
        finally:
            sending.kill()
            sending.join()
    bare_s = bare_decode_s(clips)
    ages_ms: dict[str, list[float]] = said["ages_ms"]
    selected_ms = ages_ms[SELECTED]
    others_ms = [age for camera_id, ages in ages_ms.items() if camera_id != SELECTED for age in ages]
    rates = {camera_id: len(ages) / said["for_s"] for camera_id, ages in ages_ms.items()}
    slowest = min(rate for camera_id, rate in rates.items() if camera_id != SELECTED)
    mix = f"{len(clips)} x 1280x720 25/s H.264 2.5 Mbit/s in MPEG-TS over UDP, encoded beforehand; painted on Xvfb"
    cores = said["own"] + said["others"]
    yield Figure(
        name="video", what="processor of window and video processes", value=cores, unit="cores", mix=mix,
        beside=f"PyAV decoding alone {bare_s:.2f} cores", ratio=cores / bare_s,
    )  # fmt: skip
    yield Figure(name="video", what="of that the window's process", value=said["own"], unit="cores")
    yield Figure(
        name="video", what="pictures a second on the screen, selected", value=rates[SELECTED], unit="/s", target=24,
        beside=f"slowest other {slowest:.1f}/s", ratio=rates[SELECTED] / slowest,
    )  # fmt: skip
    yield Figure(
        name="video", what="age when first painted, selected, p95", value=percentile(selected_ms, 0.95), unit="ms",
        target=150, better="less",
    )  # fmt: skip
    yield Figure(
        name="video", what="age when first painted, others, p95", value=percentile(others_ms, 0.95), unit="ms",
        target=200, better="less",
    )  # fmt: skip
    yield from looking(clips)
