"""The pure parts: what is fed to the decoder, what is recorded, when is tried again, what a URL means."""

from __future__ import annotations

import asyncio
import io
import logging
import re
from dataclasses import replace
from pathlib import Path

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.camera_process import Words
from console.retries import Backoff
from devices.video import feed, index
from devices.video.decode import fit
from devices.video.feed import FLAG_KEY, FLAG_STILL, PACKET, FeedError, Unit, read_item
from devices.video.index import Entry, Gap
from devices.video.messages import secrets_of
from devices.video.segment import Recorded, Segment, annex_b, completed, has_parameters
from devices.video.source import reason_of
from devices.video.target import UrlError, target
from tests.devices.video.rig import CLIPS

MS, S = 1_000_000, 1_000_000_000


def unit(number: int, data: bytes = b"\0\0\0\1\x41x", *, is_key: bool = False, gap_ns: int = 0) -> Unit:
    time_ns = number * 40 * MS
    return Unit(
        data=data,
        pts_ns=time_ns,
        dts_ns=time_ns,
        received_ns=time_ns + 5,
        stamp_ns=time_ns + 4,
        is_key=is_key,
        gap_ns=gap_ns,
    )


@given(st.binary(max_size=500), st.one_of(st.none(), st.integers(-(1 << 62), 1 << 62)))
def test_a_packet_reaches_the_decoder_as_it_was(data: bytes, pts_ns: int | None) -> None:
    sent = Unit(data=data, pts_ns=pts_ns, dts_ns=None, received_ns=7, stamp_ns=6, is_key=True)
    item = read_item(io.BytesIO(feed.packet(sent, FLAG_STILL)))
    assert item is not None
    assert (item.kind, item.body, item.pts_ns, item.received_ns, item.stamp_ns) == (PACKET, data, pts_ns, 7, 6)
    assert item.flags == FLAG_KEY | FLAG_STILL


def test_a_feed_that_ends_in_the_middle_ends_the_decoder_in_order() -> None:
    octets = feed.packet(unit(1, b"x" * 50))
    for length in range(len(octets)):
        assert read_item(io.BytesIO(octets[:length])) is None


def test_a_torn_feed_is_not_followed() -> None:
    with pytest.raises(FeedError):
        read_item(io.BytesIO(b"\xff" * 100))


@given(st.integers(16, 8000), st.integers(16, 8000), st.integers(1, 4000), st.integers(1, 4000))
def test_a_picture_is_never_scaled_up_nor_larger_than_a_slot(width: int, height: int, wide: int, high: int) -> None:
    limit = 1920 * 1080 * 4
    got = fit((width, height), (wide, high), limit)
    assert got[0] <= max(width, 16)
    assert got[1] <= max(height, 16)
    assert got[0] * got[1] * 4 <= limit
    assert got[0] % 2 == got[1] % 2 == 0


def test_a_picture_keeps_its_shape() -> None:
    assert fit((1280, 720), (640, 640), 10**9) == (640, 360)
    assert fit((3840, 2160), (3840, 2160), 1920 * 1080 * 4)[0] <= 1920


def test_trying_again_begins_anew_after_half_a_minute_of_good_picture() -> None:
    backoff = Backoff(chance=lambda: 0.0)
    assert [backoff.failed("ended") / S for _ in range(8)] == [0.5, 1, 2, 4, 8, 15, 15, 15]
    backoff.good(29 * S)
    assert backoff.failed("ended") / S == 15
    backoff.good(30 * S)
    assert backoff.failed("ended") / S == 0.5
    assert backoff.attempts == 1


def test_chance_spreads_cameras_that_failed_together() -> None:
    assert Backoff(chance=lambda: 1.0).failed("ended") == int(0.6 * S)


@pytest.mark.parametrize("reason", ["unauthorised", "forbidden"])
def test_a_camera_that_could_lock_the_account_is_tried_after_minutes(reason: str) -> None:
    backoff = Backoff(chance=lambda: 0.0)
    assert [backoff.failed(reason) / S for _ in range(4)] == [60, 120, 300, 300]


@pytest.mark.parametrize("reason", ["refused", "unreachable"])
def test_where_nobody_is_there_yet_it_is_tried_every_half_second(reason: str) -> None:
    backoff = Backoff(chance=lambda: 0.0)
    assert [backoff.failed(reason) / S for _ in range(8)] == [0.5] * 8
    assert backoff.failed("ended") / S == 0.5, "who comes back is not kept waiting for having been away"


def test_the_transport_is_chosen_by_the_end_of_the_address_and_never_sent() -> None:
    assert target("rtsp://h/x").options["rtsp_transport"] == "tcp"
    chosen = target("rtsp://h/x#transport=udp")
    assert (chosen.url, chosen.options["rtsp_transport"]) == ("rtsp://h/x", "udp")
    assert target("udp://239.1.1.1:5000").format == "mpegts"


def test_every_kind_of_failure_has_its_word() -> None:
    errors = {
        av.error.HTTPUnauthorizedError: "unauthorised",
        av.error.ConnectionRefusedError: "refused",
        av.error.ExitError: "timeout",
        av.error.InvalidDataError: "invalid-data",
    }
    for kind, word in errors.items():
        assert reason_of(kind(1, "x")) == word
    assert reason_of(OSError(113, "no route")) == "unreachable"
    assert reason_of(OSError(98, "in use")) == "port-busy"
    assert reason_of(ValueError("x")) == "failed"
    with pytest.raises(UrlError):
        target("udp://host")


@pytest.mark.parametrize(
    ("codec", "data", "expected"),
    [
        ("h264", b"\0\0\0\1\x67abc\0\0\1\x65zz", True),
        ("h264", b"\0\0\0\1\x09\xf0\0\0\1\x27abc\0\0\1\x25zz", True),
        ("h264", b"\0\0\0\1\x65zz" + b"z" * 50, False),
        ("hevc", b"\0\0\0\1\x40\1a\0\0\1\x42\1a\0\0\1\x26\1z", True),
        ("hevc", b"\0\0\0\1\x26\1z", False),
        ("h264", b"", False),
        ("mpeg2video", b"", True),
    ],
)
def test_a_keyframe_is_known_to_carry_what_a_decoder_must_know(codec: str, data: bytes, expected: bool) -> None:  # noqa: FBT001
    assert has_parameters(data, codec) is expected


def test_only_a_byte_stream_can_be_put_before_a_keyframe() -> None:
    assert annex_b(b"\0\0\0\1\x67") == b"\0\0\0\1\x67"
    assert annex_b(b"\1\x64\0\x1f") == b""


def stream() -> Recorded:
    return Recorded(
        source="cam", url="x", codec="h264", extradata=b"", width_px=64, height_px=36, wall_offset_ns=1_000 * S
    )


def test_a_packet_whose_time_does_not_advance_is_not_written_behind_another(tmp_path: Path) -> None:
    segment = Segment(tmp_path / "a.ts", stream(), unit(5, is_key=True))
    segment.write(unit(5, is_key=True))
    assert not segment.accepts(unit(5))
    assert not segment.accepts(unit(4))
    assert segment.accepts(unit(6))
    segment.write(unit(8, gap_ns=80 * MS))
    segment.close()
    assert segment.gaps == [Gap(pts_ns=320 * MS, missing_ns=80 * MS, utc_ns=1_000 * S + 200 * MS + 5)]
    assert segment.utc_start_ns == 1_000 * S + 200 * MS + 5


def units_of(data: bytes) -> list[bytes]:
    """The NAL units of a byte stream, start codes included (ITU-T H.264 annex B)."""
    starts = [match.start() for match in re.finditer(b"\0?\0\0\1", data)]
    return [data[start:end] for start, end in zip(starts, [*starts[1:], len(data)], strict=True)]


def test_a_recording_stands_alone_though_the_camera_told_the_parameters_only_when_asked(tmp_path: Path) -> None:
    with av.open(str(CLIPS / "body.ts"), mode="r", format="mpegts") as container:
        packets = [bytes(packet) for packet in container.demux(video=0) if packet.size][:30]
    first = units_of(packets[0])
    parameters = b"".join(part for part in first if part.lstrip(b"\0")[1] & 0x1F in {7, 8})
    bare = b"".join(part for part in first if part.lstrip(b"\0")[1] & 0x1F not in {7, 8})
    assert parameters
    assert not has_parameters(bare, "h264")
    told = replace(stream(), extradata=parameters)
    segment = Segment(tmp_path / "a.ts", told, unit(0, bare, is_key=True))
    for number, data in enumerate([bare, *packets[1:20]]):
        segment.write(unit(number, data, is_key=not number))
    segment.close()
    with av.open(str(tmp_path / "a.ts"), mode="r", format="mpegts") as container:
        assert sum(1 for _ in container.decode(video=0)) >= 19


def test_a_recording_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "a.ts").write_bytes(b"kept")
    with pytest.raises(FileExistsError):
        Segment(tmp_path / "a.ts", stream(), unit(0, is_key=True))
    assert (tmp_path / "a.ts").read_bytes() == b"kept"


def test_what_a_dead_recorder_left_open_is_completed_once_and_a_torn_line_does_no_harm(tmp_path: Path) -> None:
    done, cut = "20260720T120000.000Z.ts", "20260720T120100.000Z.ts"
    opened = Entry(event="opened", file=done, source="c", url="u", codec="h264", utc_start_ns=1)
    index.append(tmp_path, opened)
    index.append(tmp_path, replace(opened, event="closed"))
    index.append(tmp_path, replace(opened, file=cut))
    for name in (done, cut):
        (tmp_path / name).write_bytes(b"x" * 188)
    with (tmp_path / index.FILE_NAME).open("ab") as file:
        file.write(b'{"event":"op')
    complete = lambda entry: completed(tmp_path / entry.file, entry)  # noqa: E731
    assert [entry.file for entry in index.recover(tmp_path, complete)] == [cut]
    assert index.recover(tmp_path, complete) == []
    last = index.read(tmp_path)[-1]
    assert (last["event"], last["file"], last["size_bytes"]) == ("recovered", cut, 188)


def test_half_a_password_at_the_end_of_a_read_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)

    async def overhear() -> None:
        stderr = asyncio.StreamReader()
        words = Words("c", secrets_of("rtsp://op:Canary-5@h/x"))
        hearing = asyncio.ensure_future(words.overhear(stderr))
        for piece in (b"failed: rtsp://op:Can", b"ary-5@h/x\nnext ", b"line " + b"y" * 40_000, b"\nlast"):
            stderr.feed_data(piece)
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        stderr.feed_eof()
        await hearing

    asyncio.run(overhear())
    assert "Can" not in caplog.text
    assert "***@h/x" in caplog.text
    assert "last" in caplog.text
