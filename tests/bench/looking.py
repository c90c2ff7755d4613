"""What judging a picture costs its decoder, beside decoding it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import av

from devices.video.health import Watch
from tests.bench.figure import Figure, percentile


def looking(clips: Sequence[Path], most: int = 250) -> Iterable[Figure]:
    """One 720p clip decoded with one thread; each picture looked at, though five a second are in service."""
    spent_ms: list[float] = []
    decode_s = time.thread_time()
    watch = Watch(may_stand_still=False, sharpness=None)
    with av.open(str(clips[0])) as container:
        container.streams.video[0].codec_context.thread_count = 1
        for number, frame in enumerate(container.decode(video=0)):
            if number >= most:
                break
            began_s = time.thread_time()
            watch.look(frame, number * 200_000_000, is_broken=False)
            spent_ms.append((time.thread_time() - began_s) * 1_000)
    whole_ms = (time.thread_time() - decode_s) * 1_000
    decoding_ms = (whole_ms - sum(spent_ms)) / max(1, len(spent_ms))
    usual_ms = percentile(spent_ms, 0.5)
    yield Figure(
        name="video", what="judging one 1280x720 picture, p50", value=usual_ms, unit="ms", target=0.5, better="less",
        beside=f"p95 {percentile(spent_ms, 0.95):.2f} ms; decoding it {decoding_ms:.2f} ms",
        ratio=usual_ms / decoding_ms,
    )  # fmt: skip
