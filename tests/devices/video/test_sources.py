"""Every way in which pictures come, from senders of somebody else's making; and every way in which they do not."""

from __future__ import annotations

import asyncio
import base64
import itertools
import socket
import threading
import time
from pathlib import Path

import av
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.video.messages import REASONS
from devices.video.piece import SourceError
from devices.video.source import open_source
from devices.video.target import SCHEMES, UrlError, target
from tests.devices.video.rig import CLIPS, camera, free_port, rigged, rtsp_server
from tests.devices.video.sending import COPY, failure, ffmpeg, group_camera, opened, own_certificate, take, web

S = 1_000_000_000
START_CODES = (b"\0\0\1", b"\0\0\0\1")


def port() -> int:
    return free_port(socket.SOCK_STREAM)


@pytest.mark.peer
@pytest.mark.parametrize("coding", ["h264", "h265", "jpeg"])
def test_an_rtsp_camera_is_received_in_every_coding(coding: str) -> None:
    async def watch() -> None:
        # RTP carries JPEG in blocks of eight lines.
        async with rtsp_server("--coding", coding, "--size", "320x176") as (_, url):
            await asyncio.to_thread(check, url)

    def check(url: str) -> None:
        with opened(url) as source:
            assert source.codec == {"h264": "h264", "h265": "hevc", "jpeg": "mjpeg"}[coding]
            pieces = take(source, 12)
            assert (source.width_px, source.height_px) == (320, 176)
            stamps = [piece.dts_ns for piece in pieces if piece.dts_ns is not None]
            assert stamps == sorted(set(stamps))
            assert any(piece.is_key for piece in pieces)

    asyncio.run(watch())


@pytest.mark.peer
def test_an_rtsp_camera_that_sends_to_a_group_is_received(tmp_path: Path) -> None:
    taken = free_port() & ~1
    described = tmp_path / "x.sdp"
    out = (*COPY, "-bsf:v", "dump_extra", "-f", "rtp", "-sdp_file", str(described), f"rtp://239.77.3.1:{taken}?ttl=0")
    with ffmpeg(*out), group_camera(described, taken) as url, opened(f"{url}#transport=multicast") as source:
        assert source.codec == "h264"
        assert sum(piece.is_key for piece in take(source, 60)) >= 1


@pytest.mark.peer
@pytest.mark.parametrize("scheme", ["rtmp", "http-flv"])
def test_what_a_platform_gives_as_flv_is_received_with_start_codes_and_parameters(scheme: str) -> None:
    taken = port()
    url = f"rtmp://127.0.0.1:{taken}/live/x" if scheme == "rtmp" else f"http://127.0.0.1:{taken}/live.flv"
    with ffmpeg(*COPY, "-f", "flv", "-listen", "1", url, port=taken), opened(url) as source:
        assert (source.codec, source.width_px) == ("h264", 640)
        pieces = take(source, 60)
    assert all(piece.data.startswith(START_CODES) for piece in pieces), "the recorder and the decoder want start codes"
    keys = [piece for piece in pieces if piece.is_key]
    assert keys
    assert all(b"\0\0\1\x67" in piece.data for piece in keys), "a recorded file must stand alone"


@pytest.mark.peer
def test_an_http_stream_of_jpegs_has_the_times_of_its_arrival() -> None:
    taken = port()
    url = f"http://127.0.0.1:{taken}/video.mjpg"
    out = ("-vf", "fps=8,scale=160:90", "-c:v", "mjpeg", "-f", "mpjpeg", "-listen", "1", url)
    with ffmpeg(*out, port=taken), opened(url) as source:
        began_ns = time.monotonic_ns()
        pieces = take(source, 9)
        passed_ns = time.monotonic_ns() - began_ns
    assert source.codec == "mjpeg"
    assert all(piece.is_key and piece.data.startswith(b"\xff\xd8") for piece in pieces)
    stamps = [piece.dts_ns or 0 for piece in pieces]
    # Eight pictures a second: counted as 25 a second, as the library does, they would come later and later.
    assert 0.7 * passed_ns < stamps[-1] - stamps[0] <= passed_ns


@pytest.mark.peer
def test_hls_plays_at_its_own_pace_from_its_newest_piece_and_ends_at_once_when_asked(tmp_path: Path) -> None:
    playlist = tmp_path / "live.m3u8"
    out = (*COPY, "-f", "hls", "-hls_time", "1", "-hls_list_size", "4", "-hls_flags", "delete_segments", str(playlist))
    with ffmpeg(*out), web(tmp_path) as root:
        limit_s = time.monotonic() + 20
        while not playlist.exists() or playlist.read_text().count(".ts") < 3:
            assert time.monotonic() < limit_s
            time.sleep(0.05)
        with opened(f"{root}/live.m3u8") as source:
            assert source.kind == "paced"
            ending = threading.Event()
            began_ns, arrivals = time.monotonic_ns(), []
            for piece in source.pieces(ending):
                arrivals.append((time.monotonic_ns(), piece.dts_ns or 0))
                if len(arrivals) == 100:
                    break
            # Four seconds of pictures take four seconds, lumps or not.
            assert 3.0 * S < time.monotonic_ns() - began_ns < 8.0 * S
            steps = [after[0] - before[0] for before, after in itertools.pairwise(arrivals)]
            assert max(steps) < 1.5 * S
            ending.set()


@pytest.mark.peer
def test_a_playlist_whose_address_does_not_tell_is_played_as_one(tmp_path: Path) -> None:
    out = (*COPY, "-f", "hls", "-hls_time", "1", str(tmp_path / "x"))
    with ffmpeg(*out), web(tmp_path) as root, opened(f"{root}/x") as source:
        assert source.kind == "paced"
        assert len(take(source, 5)) == 5


@pytest.mark.peer
def test_mpeg_ts_of_h265_is_received() -> None:
    taken = free_port()
    small = (
        "-vf",
        "scale=160:90",
        "-c:v",
        "libx265",
        "-preset",
        "ultrafast",
        "-x265-params",
        "log-level=none:keyint=25",
    )
    out = (*small, "-f", "mpegts", f"udp://127.0.0.1:{taken}?pkt_size=1316")
    with ffmpeg(*out), opened(f"udp://127.0.0.1:{taken}") as source:
        assert source.codec == "hevc"
        assert any(piece.is_key for piece in take(source, 30))


def test_srt_is_received_where_the_library_has_it_and_else_said_to_be_missing() -> None:
    taken = free_port()
    try:
        open_source(f"srt://127.0.0.1:{taken}?connect_timeout=300").close()
    except SourceError as error:
        missing = error.reason
    else:
        missing = ""
    if missing == "unsupported":
        return
    listener = f"srt://127.0.0.1:{taken}?mode=listener"
    with ffmpeg(*COPY, "-f", "mpegts", listener), opened(f"srt://127.0.0.1:{taken}") as source:
        assert take(source, 5)


def test_a_file_plays_at_its_pace_over_and_over_and_is_never_called_live(tmp_path: Path) -> None:
    short = tmp_path / "短 片.ts"
    short.write_bytes((CLIPS / "drone.ts").read_bytes()[: 188 * 800])

    async def watch() -> None:
        async with rigged() as rig:
            rig.cameras.start(camera(f"file:{short}#loop", is_recorded=False))
            said = await rig.wait(lambda said: said["state"] == "delayed")
            assert said["reason"] == "from-file"
            settled = await rig.wait(lambda said: said["rate_fps"] is not None)
            assert 15 < settled["rate_fps"] < 35
            again = await rig.wait(lambda said: said["gaps"] > 0)
            assert again["state"] == "delayed", "its end is its beginning"
        assert "live" not in {said["state"] for _, said in rig.said}

    asyncio.run(watch())


def test_a_file_without_loop_ends() -> None:
    async def watch() -> None:
        async with rigged() as rig:
            rig.cameras.start(camera(f"file:{CLIPS / 'drone.ts'}x", is_recorded=False))
            await rig.down("not-found")

    asyncio.run(watch())
    source = open_source(f"file:{CLIPS / 'drone.ts'}")
    assert source.kind == "file"
    source.close()


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/locked.flv", "unauthorised"),
        ("/forbidden.flv", "forbidden"),
        ("/nothing.flv", "not-found"),
        ("/busy.flv", "too-many"),
        ("/broken.flv", "server-error"),
        ("/words.flv", "invalid-data"),
        ("/evil.m3u8", "invalid-data"),
    ],
)
def test_what_a_web_server_answers_becomes_a_reason(tmp_path: Path, path: str, reason: str) -> None:
    (tmp_path / "words.flv").write_text("hello " * 4000)
    (tmp_path / "evil.m3u8").write_text(
        "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"
    )
    codes = {"/locked.flv": 401, "/forbidden.flv": 403, "/busy.flv": 429, "/broken.flv": 503}
    with web(tmp_path, codes=codes) as root:
        assert failure(root + path).reason == reason


def test_a_password_in_the_address_opens_a_web_camera_and_a_wrong_one_is_said(tmp_path: Path) -> None:
    (tmp_path / "live.ts").write_bytes((CLIPS / "drone.ts").read_bytes())
    with web(tmp_path, password=base64.b64encode(b"op:Canary-71").decode()) as root:
        assert failure(root.replace("://", "://op:wrong-one@") + "/live.ts").reason == "unauthorised"
        with opened(root.replace("://", "://op:Canary-71@") + "/live.ts") as source:
            assert len(take(source, 5)) == 5


def test_a_web_camera_with_a_certificate_of_its_own_making_is_received(tmp_path: Path) -> None:
    (tmp_path / "live.ts").write_bytes((CLIPS / "drone.ts").read_bytes())
    with web(tmp_path, tls=own_certificate(tmp_path)) as root, opened(f"{root}/live.ts") as source:
        assert root.startswith("https://")
        assert len(take(source, 5)) == 5


def test_no_playlist_or_redirect_makes_the_console_read_a_local_file(tmp_path: Path) -> None:
    clip = CLIPS / "drone.ts"
    lines = "#EXTM3U\n#EXT-X-TARGETDURATION:20\n#EXTINF:20,\n{}\n#EXT-X-ENDLIST\n"
    (tmp_path / "far.m3u8").write_text(lines.format(clip.as_uri()))
    (tmp_path / "near.m3u8").write_text(lines.format("clip.ts"))
    (tmp_path / "clip.ts").write_bytes(clip.read_bytes())
    with web(tmp_path) as root:
        with opened(f"{root}/near.m3u8") as source:
            assert take(source, 3)
        assert failure(f"{root}/far.m3u8").reason in REASONS


@pytest.mark.parametrize("path", ["/dev/video97", "/dev/v4l/by-id/usb-none-video-index0"])
def test_a_capture_device_that_is_not_there_is_said(path: str) -> None:
    assert failure(f"v4l2:{path}").reason == "device-missing"


def test_something_that_is_no_capture_device_is_said() -> None:
    assert failure("v4l2:/dev/null").reason in {"device-busy", "device-forbidden"}


@settings(max_examples=400, deadline=None)
@given(
    scheme=st.sampled_from([*SCHEMES, "gopher", "", "concat"]),
    rest=st.lists(
        st.sampled_from(
            ["//", "h", ":1", ":0", ":99999", "/", "[::1]", "@", "?", "#", "%", "transport=udp", "size=1x1"]
        )
        | st.text(max_size=4),
        max_size=7,
    ),
)
def test_any_address_is_a_target_or_said_to_be_wrong_without_its_password(scheme: str, rest: list[str]) -> None:
    url = f"{scheme}:{''.join(rest)}".replace("@", "u:Canary-19@", 1)
    said = ""
    try:
        wanted = target(url)
    except UrlError as error:
        said = str(error)
    else:
        assert wanted.scheme in SCHEMES
        assert "listen" not in wanted.options
    assert "Canary" not in said


@pytest.mark.parametrize(
    "url",
    [
        "tcp://127.0.0.1:5?listen=1",
        "udp://0.0.0.0:5?fifo_size=9999999999",
        "rtsp://h/x#transport=pigeon",
        "v4l2:/etc/passwd",
        "v4l2:/dev/../etc/passwd",
        "v4l2:/dev/video0?size=0x9",
        "file:",
        "file://host/x",
        "file:/x#twice",
        "concat:/a|/b",
        "data:text/plain,x",
    ],
)
def test_an_address_that_asks_for_more_than_a_picture_is_refused(url: str) -> None:
    assert failure(url).reason == "bad-url"


def test_the_library_is_never_opened_without_both_timeouts(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[object] = []

    def spy(*_args: object, **named: object) -> None:
        seen.append(named["timeout"])
        raise av.error.TimeoutError(110, "x")

    monkeypatch.setattr("devices.video.source.av.open", spy)
    for url in ("rtsp://h/x", "http://h/x.m3u8", "rtmp://h/a/b", "udp://h:5", "tcp://h:5", "srt://h:5", "file:/x"):
        assert failure(url).reason == "timeout"
    assert all(isinstance(limits, tuple) and len(limits) == 2 and all(limits) for limits in seen)
    assert len(seen) == 7
