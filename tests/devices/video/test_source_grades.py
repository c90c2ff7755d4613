"""From one stream of a camera to another, single pictures, and streams that change by themselves."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import socket
import socketserver
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

import av
import pytest
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from console.frames import Frame
from devices.video.messages import Close, Segment, Show, Status
from devices.video.piece import Piece, SourceError
from devices.video.source import open_source
from tests.devices.video.receiving import Told, receiving
from tests.devices.video.rig import CLIPS, free_port, rtsp_server
from tests.peers import need

MS = 1_000_000
S = 1_000_000_000
CHUNK_BYTES = 188 * 64


class Box:
    """A device that gives TS, over and over, at about the pace of these clips, to each who connects."""

    def __init__(self, octets: bytes, rate_bps: int = 900_000) -> None:
        self.connections = 0
        self.sent_bytes = 0
        self.open = 0
        box = self

        class Serve(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                box.connections += 1
                box.open += 1
                with contextlib.suppress(OSError):
                    for start in itertools.cycle(range(0, len(octets), CHUNK_BYTES)):
                        self.request.sendall(octets[start : start + CHUNK_BYTES])
                        box.sent_bytes += CHUNK_BYTES
                        time.sleep(CHUNK_BYTES * 8 / rate_bps)
                box.open -= 1

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Serve)
        self._server.daemon_threads = True
        self.url = f"tcp://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Two seconds each: a small and a larger H.264, an H.265, and the small one on other program identifiers."""
    folder = tmp_path_factory.mktemp("clips")
    made = {}
    for name, coder, size, first_pid in (
        ("small", "libx264", "160x96", "0x100"),
        ("large", "libx264", "320x192", "0x100"),
        ("hevc", "libx265", "160x96", "0x100"),
        ("moved", "libx264", "160x96", "0x200"),
    ):
        quiet = "-x265-params log-level=none:keyint=25" if coder == "libx265" else "-tune zerolatency"
        words = (
            f"-v error -f lavfi -i testsrc2=size={size}:rate=25 -t 2 -pix_fmt yuv420p -c:v {coder} -preset ultrafast"
        )
        words += f" {quiet} -g 25 -bf 0 -mpegts_start_pid {first_pid} -muxdelay 0 -f mpegts"
        subprocess.run([need("ffmpeg"), *words.split(), str(folder / name)], check=True)
        made[name] = (folder / name).read_bytes()
    return made


def next_frame(told: Told, within_s: float = 25.0) -> Frame:
    limit_s = time.monotonic() + within_s
    while (frame := told.reader.read()) is None:
        assert time.monotonic() < limit_s, "no picture"
        time.sleep(0.005)
    return frame


def span_ns(segment: Segment) -> tuple[int, int]:
    assert segment.utc_end_ns is not None
    return segment.utc_start_ns, segment.utc_end_ns


@pytest.mark.peer
def test_from_the_large_stream_to_the_small_one_no_picture_and_no_recording_is_missed(tmp_path: Path) -> None:
    def check(url: str) -> None:
        small_url = url.replace("/live", "/sub")
        with receiving(tmp_path) as told:
            told.open(url)
            told.wait(lambda said: said.state == "live" and said.is_recording)
            next_frame(told)
            begun = len(told.said)
            told.open(small_url, "sub")
            worst_ns = 0
            limit_s = time.monotonic() + 25
            while not any(isinstance(said, Status) and said.grade == "sub" for said in told.said[begun:]):
                assert time.monotonic() < limit_s
                worst_ns = max(worst_ns, told.reader.packet_age_ns(time.monotonic_ns()) or 0)
                time.sleep(0.005)
            said = told.wait(lambda said: said.grade == "sub" and said.state == "live")
            assert (said.width_px, said.codec) == (160, "h264")
            assert worst_ns < 700 * MS, "the tile would have been veiled"
            states = {said.state for said in told.said[begun:] if isinstance(said, Status)}
            assert states == {"live"}
            told.wait(lambda said: said.is_recording and said.grade == "sub")
            told.open(url, "main")
            told.wait(lambda said: said.grade == "main" and said.width_px == 320)
            told.tell(Close())
            told.wait(lambda said: said.state == "down" and said.reason == "stopped")
        first, second, third = (span_ns(segment) for segment in told.segments("closed"))
        assert abs(second[0] - first[1]) < 300 * MS, "a gap in the recording"
        assert abs(third[0] - second[1]) < 300 * MS
        sizes = []
        for path in sorted(tmp_path.glob("*.ts")):
            with av.open(str(path), mode="r", format="mpegts") as container:
                sizes.append(next(container.decode(video=0)).width)
        assert sizes == [320, 160, 320]

    async def watch() -> None:
        async with rtsp_server() as (_, url):
            await asyncio.to_thread(check, url)

    asyncio.run(watch())


def test_a_stream_that_cannot_be_had_leaves_the_other_as_it_is_and_is_said(tmp_path: Path) -> None:
    closed = f"tcp://127.0.0.1:{free_port(socket.SOCK_STREAM)}"
    with Box((CLIPS / "drone.ts").read_bytes()) as box, receiving(tmp_path) as told:
        told.open(box.url, "sub")
        told.wait(lambda said: said.state == "live" and said.is_recording)
        told.open(closed, "main")
        said = told.wait(lambda said: said.reason == "switch-failed")
        assert (said.state, said.grade, said.is_recording) == ("live", "sub", True)
        later = told.wait(lambda said: said.reason == "switch-failed")
        assert later.state == "live"
        told.open(box.url, "sub")
        assert told.wait(lambda said: said.state == "live" and said.reason is None).grade == "sub"
        assert box.connections == 1
        assert len(told.segments("opened")) == 1


def test_the_same_stream_under_another_grade_is_not_opened_twice() -> None:
    with Box((CLIPS / "drone.ts").read_bytes()) as box, receiving() as told:
        told.open(box.url, "sub")
        told.wait(lambda said: said.state == "live")
        told.open(box.url, "main")
        assert told.wait(lambda said: said.grade == "main").state == "live"
        assert box.connections == 1


@pytest.mark.parametrize("is_shown", [True, False])
def test_a_still_is_one_key_frame_shown_and_not_recorded_and_the_wire_is_closed(tmp_path: Path, is_shown: bool) -> None:  # noqa: FBT001
    with Box((CLIPS / "drone.ts").read_bytes()) as box, receiving(tmp_path, is_shown=is_shown) as told:
        for number in (1, 2):
            told.open(box.url, "stills")
            said = told.wait(lambda said: said.state == "down")
            assert (said.reason, said.grade) == ("still-taken", "stills")
            assert 0 < said.received_bytes < number * 400_000
            if is_shown:
                assert next_frame(told).width_px == 320
        limit_s = time.monotonic() + 10
        while box.open:
            assert time.monotonic() < limit_s, "the wire is still open"
            time.sleep(0.02)
        assert box.connections == 2
        if not is_shown:
            # Taken unseen: whoever then looks sees it.
            told.tell(Show(width_px=320, height_px=180))
            assert next_frame(told).width_px == 320
    assert list(tmp_path.glob("*.ts")) == []


def test_from_a_live_stream_to_stills_the_recording_ends_with_the_stream(tmp_path: Path) -> None:
    with Box((CLIPS / "drone.ts").read_bytes()) as box, receiving(tmp_path) as told:
        told.open(box.url)
        told.wait(lambda said: said.is_recording)
        told.open(box.url, "stills")
        said = told.wait(lambda said: said.state == "down")
        assert said.reason == "still-taken"
        assert len(told.segments("closed")) == 1


def is_of(width_px: int, codec: str) -> Callable[[Status], bool]:
    # What misses its first pictures is shown and said to be damaged for a moment.
    return lambda said: (said.width_px, said.codec) == (width_px, codec) and said.state in {"live", "abnormal"}


@pytest.mark.peer
def test_a_stream_that_changes_size_and_coding_goes_on_as_what_it_is_now(
    tmp_path: Path, clips: dict[str, bytes]
) -> None:
    octets = clips["small"] + clips["large"] + clips["hevc"]
    with Box(octets, rate_bps=700_000) as box, receiving(tmp_path) as told:
        told.open(box.url)
        for width_px, codec in ((160, "h264"), (320, "h264"), (160, "hevc"), (160, "h264")):
            told.wait(is_of(width_px, codec))
        assert box.connections == 1
        assert not [said for said in told.said if isinstance(said, Status) and said.state == "down"]
        next_frame(told)
    found = set()
    for path in tmp_path.glob("*.ts"):
        with av.open(str(path), mode="r", format="mpegts") as container:
            stream = container.streams.video[0]
            widths, broken = widths_of(container, stream)
            assert len(widths) == 1, "each file is of one make"
            # The library glues the last picture of one coding to the first of the next, to which another may refer.
            assert broken <= 2
            found.add((stream.codec_context.name, widths.pop()))
    assert found == {("h264", 160), ("h264", 320), ("hevc", 160)}


def widths_of(container: InputContainer, stream: VideoStream) -> tuple[set[int], int]:
    """Every width in a file, and how many packets could not be decoded."""
    widths, broken = set(), 0
    for packet in container.demux(stream):
        try:
            widths |= {frame.width for frame in packet.decode() if isinstance(frame, VideoFrame)}
        except av.error.FFmpegError:
            broken += 1
    return widths, broken


def pieces_until_the_end(url: str, within_s: float = 20.0) -> tuple[list[Piece], SourceError]:
    source = open_source(url)
    taken: list[Piece] = []
    limit_s = time.monotonic() + within_s
    try:
        for piece in source.pieces(threading.Event()):
            taken.append(piece)
            assert time.monotonic() < limit_s
    except SourceError as error:
        return taken, error
    finally:
        source.close()
    raise AssertionError("it ended without a word")


@pytest.mark.peer
def test_a_stream_that_goes_on_under_another_identifier_ends_soon_so_that_it_is_opened_anew(
    clips: dict[str, bytes],
) -> None:
    with Box(clips["small"] * 2 + clips["moved"] * 40, rate_bps=700_000) as box, receiving() as told:
        told.open(box.url)
        told.wait(lambda said: said.state == "live")
        moved = told.wait(lambda said: said.state == "stalled")
        assert moved.is_connected
        began_s = time.monotonic()
        down = told.wait(lambda said: said.state == "down")
        assert down.reason in {"changed", "receiver-hung"}
        assert time.monotonic() - began_s < 9.0


@pytest.mark.peer
def test_another_stream_that_appears_beside_ours_costs_it_nothing(clips: dict[str, bytes]) -> None:
    octets = b"".join(clips["small"] + clips["moved"][: 188 * 40] for _ in range(3))
    stop = threading.Event()
    with Box(octets, rate_bps=2_000_000) as box:
        source = open_source(box.url)
        taken = 0
        for _piece in source.pieces(stop):
            taken += 1
            if taken == 130:
                break
        source.close()
    assert taken == 130, "three times around, strangers and all"


@pytest.mark.peer
def test_a_camera_that_loses_access_units_stays_on_and_counts_its_gaps() -> None:
    def check(url: str) -> None:
        with receiving() as told:
            told.open(url)
            told.wait(lambda said: said.state == "live")
            said = told.wait(lambda said: said.gaps >= 2)
            assert said.state in {"live", "abnormal"}
            next_frame(told)

    async def watch() -> None:
        async with rtsp_server("--loss", "0.08") as (_, url):
            await asyncio.to_thread(check, url)

    asyncio.run(watch())


def test_noise_behind_a_good_beginning_never_ends_the_process() -> None:
    good = (CLIPS / "drone.ts").read_bytes()
    bad = bytes(value ^ (0xFF if at % 97 == 0 and at > 188 * 900 else 0) for at, value in enumerate(good[: 188 * 1800]))
    with Box(bad, rate_bps=1_500_000) as box, receiving() as told:
        told.open(box.url)
        told.wait(lambda said: said.state == "live")
        told.wait(lambda said: said.gaps > 0 or said.state == "down")
        assert told.process.poll() is None


@pytest.fixture
def flv(clips: dict[str, bytes], tmp_path: Path) -> Path:
    """Two FLV streams glued, as a relay does when its publisher comes back with another picture."""
    parts = []
    for name in ("small", "large"):
        (tmp_path / name).write_bytes(clips[name])
        out = tmp_path / f"{name}.flv"
        subprocess.run(
            [need("ffmpeg"), "-v", "error", "-i", str(tmp_path / name), "-c", "copy", "-f", "flv", str(out)], check=True
        )
        parts.append(out.read_bytes())
    glued = tmp_path / "glued.flv"
    glued.write_bytes(parts[0] + parts[1][13:])
    return glued


@pytest.mark.peer
def test_an_flv_whose_parameters_change_is_opened_anew_and_not_mixed(flv: Path) -> None:
    seen, end = pieces_until_the_end(f"file:{flv}")
    assert end.reason == "changed"
    assert 40 <= len(seen) <= 51
