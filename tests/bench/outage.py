"""``outage``: a camera whose cable is pulled and that comes back, and one that drops the line a hundred times."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Sequence

import psutil

from devices.simulators.clip import Clip
from tests.bench.clips import SMALL, kept
from tests.bench.figure import Figure, percentile
from tests.bench.opening import ROOT, display, watch
from tests.bench.video import RIVALS, rival
from tests.devices.video.rig import Rig, camera, free_port, rigged

FIRST_S, GONE_S, AGAIN_S = 8.0, 6.0, 20.0
_NS_PER_S = 1_000_000_000
Found = tuple[float, float | None, float | None]
"""Seconds to the first picture, from the cut until it is said, from the return until a picture is shown."""


def _serve(port: int) -> subprocess.Popen[str]:
    """A real RTSP camera; returns when it can be asked."""
    program = ["/usr/bin/python3", str(ROOT / "tests" / "rtsp_server.py"), "--port", str(port), "--size", "640x360"]
    server = subprocess.Popen(
        [*program, "--pattern", "zone-plate kx2=4 ky2=4 kt=1"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    assert server.stdout is not None
    if not server.stdout.readline().startswith("ready"):
        raise RuntimeError("the camera does not start")
    return server


class Fate(threading.Thread):
    """A camera that stops dead without a word after ``first_s`` and is begun anew ``gone_s`` later."""

    def __init__(self, first_s: float, gone_s: float) -> None:
        super().__init__(daemon=True)
        self.port = free_port(socket.SOCK_STREAM)
        self.url = f"rtsp://127.0.0.1:{self.port}/live"
        self._first_s, self._gone_s = first_s, gone_s
        self._server = _serve(self.port)
        self._ending = threading.Event()
        self.cut_ns = self.back_ns = 0

    def run(self) -> None:
        """Live."""
        if self._ending.wait(self._first_s):
            return
        self._server.send_signal(signal.SIGSTOP)
        self.cut_ns = time.monotonic_ns()
        if self._ending.wait(self._gone_s):
            return
        self._bury()
        self._server = _serve(self.port)
        self.back_ns = time.monotonic_ns()

    def _bury(self) -> None:
        self._server.kill()
        self._server.communicate()

    def end(self) -> None:
        """No more camera."""
        self._ending.set()
        self.join()
        self._bury()


@contextlib.contextmanager
def fated(first_s: float, gone_s: float) -> Iterator[Fate]:
    """One such camera."""
    fate = Fate(first_s, gone_s)
    fate.start()
    try:
        yield fate
    finally:
        fate.end()


def _since(moments_ns: Sequence[int], from_ns: int, until_ns: int | None = None) -> float | None:
    """Seconds from ``from_ns`` to the first of these moments behind it."""
    later = [one for one in moments_ns if one > from_ns and (until_ns is None or one < until_ns)]
    return (later[0] - from_ns) / _NS_PER_S if from_ns and later else None


def _console(first_s: float, gone_s: float, again_s: float) -> Found:
    with display() as environment, fated(first_s + 4.0, gone_s) as fate, tempfile.TemporaryDirectory() as name:
        asked = {"BENCH_SENT": f"{name}/sent", "BENCH_SETTLE": "1"}
        for_s = first_s + 4.0 + gone_s + again_s
        said = watch("cameras", for_s, {**environment, **asked}, fate.url, module="tests.bench.watched_video")
        turns = said["turns"]["camera-0"]
        shown_ns, veiled_ns = [at for at, is_shown in turns if is_shown], [at for at, is_shown in turns if not is_shown]
        first = (shown_ns[0] - said["opened_ns"]["camera-0"]) / _NS_PER_S
        return first, _since(veiled_ns, fate.cut_ns, fate.back_ns), _since(shown_ns, fate.back_ns)


def _other(kind: str, first_s: float, gone_s: float, again_s: float) -> Found | None:
    with fated(first_s, gone_s) as fate:
        said = rival(kind, [fate.url], None, first_s + gone_s + again_s, 0.0)
        if said is None:
            return None
        begun_ns = said["begun_ns"][0]
        first = (begun_ns[0] - said["opened_ns"][0]) / _NS_PER_S if begun_ns else float("inf")
        return first, _since(said["failed_ns"][0], fate.cut_ns), _since(begun_ns, fate.back_ns)


async def _reconnected(times: int) -> list[float]:
    """Memory in MB of the receiver and its decoder after each time that the camera dropped the line."""
    octets = Clip(kept(1, SMALL)[0].read_bytes())
    sizes: list[float] = []

    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        began_ns = time.monotonic_ns()
        with contextlib.suppress(OSError):
            for burst in octets.bursts():
                if burst.due_ns > 2 * _NS_PER_S:
                    break
                await asyncio.sleep(max(0, began_ns + burst.due_ns - time.monotonic_ns() - _NS_PER_S) / _NS_PER_S)
                writer.write(burst.octets)
        writer.transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server, rigged() as rig:
        rig.cameras.show("cam", 320, 180, full_rate=True)
        rig.cameras.start(camera(f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}", is_recorded=False))
        for _ in range(times):
            await rig.wait(lambda report: report["state"] == "live")
            await rig.wait(lambda report: report["state"] == "down")
            sizes.append(_memory_mb(rig))
            rig.cameras.reconnect("cam")
    return sizes


def _memory_mb(rig: Rig) -> float:
    receiver = psutil.Process(rig.cameras.pid("cam"))
    return sum(one.memory_info().rss for one in (receiver, *receiver.children())) / 1e6


def outage(
    first_s: float = FIRST_S,
    gone_s: float = GONE_S,
    again_s: float = AGAIN_S,
    times: int = 100,
    kinds: Sequence[str] = tuple(RIVALS),
) -> Iterable[Figure]:
    """One after the other the console and the others watch such a camera."""
    own = _console(first_s, gone_s, again_s)
    others = {kind: _other(kind, first_s, gone_s, again_s) for kind in kinds}
    mix = f"640x360 25/s H.264 by GStreamer's RTSP server over TCP; stopped dead for {gone_s:g} s, then begun anew"
    rows = (
        ("first picture painted after the camera was opened", None),
        ("veiled after the last packet (the others: until the library says anything)", 1.25),
        ("picture again after the camera is back", 2.0),
    )
    for which, (what, target) in enumerate(rows):
        said = [f"{RIVALS[kind]} {_told(found and found[which])}" for kind, found in others.items()]
        value = own[which]
        yield Figure(
            name="outage", what=what, value=float("inf") if value is None else value, unit="s", target=target,
            better="less", beside=", ".join(said), mix=mix,
        )  # fmt: skip
    sizes = asyncio.run(_reconnected(times))
    early_mb = percentile(sizes[: max(1, times // 5)], 0.99)
    yield Figure(
        name="outage", what=f"memory of a camera's processes after {times} reconnections", value=sizes[-1], unit="MB",
        beside=f"most of the first fifth {early_mb:.0f} MB", ratio=sizes[-1] / early_mb,
    )  # fmt: skip


def _told(seconds: float | None) -> str:
    return "never" if seconds is None else f"{seconds:.2f} s"
