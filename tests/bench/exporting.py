"""``export``: recordings made into MP4 with their hashes, beside ffmpeg copying the same files."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from devices.video.export import export
from devices.video.messages import Export, ExportFile
from tests.bench.clips import FRAMES, LARGE, RATE_HZ, kept
from tests.bench.figure import Figure

_NS_PER_S = 1_000_000_000
_BEGAN_NS = 1_700_000_000 * _NS_PER_S


def exporting(minutes: float = 10.0) -> Iterable[Figure]:
    """Files of ten seconds one after the other, of one camera."""
    [clip] = kept(1, LARGE)
    length_ns = FRAMES * _NS_PER_S // RATE_HZ
    count = max(1, round(minutes * 60 * _NS_PER_S / length_ns))
    with tempfile.TemporaryDirectory(prefix="command-post-bench-") as name:
        folder = Path(name)
        files = []
        for number in range(count):
            path = folder / f"{number}.ts"
            shutil.copyfile(clip, path)
            start_ns = _BEGAN_NS + number * length_ns
            files.append(
                ExportFile(
                    camera_id="camera-0", path=str(path), utc_start_ns=start_ns, utc_end_ns=start_ns + length_ns,
                )
            )  # fmt: skip
        size_mb = sum(Path(one.path).stat().st_size for one in files) / 1e6
        wanted = Export(
            files=tuple(files), out=str(folder / "out"), from_ns=_BEGAN_NS, to_ns=_BEGAN_NS + count * length_ns
        )
        began_s = time.monotonic()
        said = export(wanted, lambda _: None)
        took_s = time.monotonic() - began_s
        if said.reason is not None or said.left_out:
            raise RuntimeError(said.reason)
        other_s = _copied(files, folder)
    beside = "" if other_s is None else f"ffmpeg copying them, without hashes {size_mb / other_s:.0f} MB/s"
    yield Figure(
        name="export", what=f"{count * length_ns / _NS_PER_S / 60:.1f} minutes of 720p to MP4, hashed and synced",
        value=size_mb / took_s, unit="MB/s", mix=f"export: {LARGE}, files of ten seconds",
        beside=beside, ratio=None if other_s is None else other_s / took_s,
    )  # fmt: skip
    yield Figure(
        name="export", what="of the recorded time", value=count * length_ns / _NS_PER_S / took_s, unit="x real time"
    )


def _copied(files: list[ExportFile], folder: Path) -> float | None:
    """Seconds that ffmpeg takes for the same; ``None`` where it is missing."""
    program = shutil.which("ffmpeg")
    if program is None:
        return None
    words = "".join(f"file '{one.path}'\n" for one in files)
    (folder / "list.txt").write_text(words, encoding="utf-8")
    command = [program, "-v", "error", "-f", "concat", "-safe", "0", "-i", "list.txt", "-c", "copy", "other.mp4"]
    began_s = time.monotonic()
    subprocess.run(command, cwd=folder, check=True)
    return time.monotonic() - began_s
