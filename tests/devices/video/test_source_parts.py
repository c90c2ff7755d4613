"""The parts of sources that need no wire: pace, what a key frame says, and a grabber that gives pictures or JPEGs."""

from __future__ import annotations

import random
import socket
import threading
from typing import Any

import cv2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.video.ahead import ReadAhead
from devices.video.bitstream import is_of, makeup_of, size_px_of
from devices.video.capture import Captured
from devices.video.pace import Pace
from devices.video.piece import Piece, SourceError
from devices.video.source import open_source
from tests.devices.video.rig import CLIPS

MS = 1_000_000
S = 1_000_000_000


def test_a_lump_is_spread_over_the_time_it_was_made_in_and_lateness_moves_all_that_follows() -> None:
    pace = Pace()
    assert [pace.due_ns(number * 40 * MS, 5 * S) for number in range(3)] == [5 * S, 5 * S + 40 * MS, 5 * S + 80 * MS]
    assert pace.due_ns(120 * MS, 7 * S) == 7 * S
    assert pace.due_ns(160 * MS, 7 * S) == 7 * S + 40 * MS
    assert pace.due_ns(900 * S, 8 * S) == 8 * S, "another clock begins at once"
    assert pace.due_ns(None, 9 * S) == 9 * S


def test_what_was_read_ahead_is_given_before_the_error_that_ended_it() -> None:
    def broken() -> Any:
        yield Piece(data=b"1", pts_ns=0, dts_ns=0, is_key=True)
        raise SourceError("ended")

    closed = threading.Event()
    ahead = iter(ReadAhead(broken(), threading.Event(), closed.set))
    assert next(ahead).data == b"1"
    with pytest.raises(SourceError, match="ended"):
        next(ahead)
    assert closed.is_set()


class Grabber:
    """As OpenCV's, with what a device gave."""

    def __init__(self, *pictures: Any) -> None:
        self.pictures = list(pictures)
        self.is_released = False

    def read(self) -> tuple[bool, Any]:
        return (True, self.pictures.pop(0)) if self.pictures else (False, None)

    def release(self) -> None:
        self.is_released = True


def test_a_devices_own_jpeg_is_passed_on_as_it_is_and_a_picture_is_made_one() -> None:
    capture = cv2.VideoCapture(str(CLIPS / "drone.ts"))
    is_read, picture = capture.read()
    capture.release()
    assert is_read
    jpeg = cv2.imencode(".jpg", picture)[1]
    source = Captured(Grabber(jpeg.reshape(1, -1), picture))
    pieces = source.pieces(threading.Event())
    first, second = next(pieces), next(pieces)
    assert first.data == jpeg.tobytes()
    for piece in (first, second):
        found = makeup_of(piece.data, "mjpeg")
        assert found is not None
        assert size_px_of(piece.data, "mjpeg") == (640, 360)
    with pytest.raises(SourceError, match="ended"):
        next(pieces)


def test_a_device_that_gives_nothing_is_busy_and_given_back() -> None:
    grabber = Grabber()
    with pytest.raises(SourceError, match="device-busy"):
        Captured(grabber)
    assert grabber.is_released


@given(st.binary(max_size=300), st.sampled_from(["h264", "hevc", "mjpeg", "mpeg2video", "vp9"]))
def test_no_octets_make_looking_at_a_key_frame_fail(data: bytes, codec: str) -> None:
    for octets in (data, b"\0\0\1" + data, b"\xff\xd8" + data):
        makeup_of(octets, codec)
        is_of(octets, codec)


def test_the_first_units_of_the_two_codings_are_told_apart() -> None:
    for head in (b"\x09\xf0", b"\x67\x42", b"\x65\x88", b"\x41\x9a"):
        assert is_of(b"\0\0\0\1" + head, "h264")
        assert not is_of(b"\0\0\0\1" + head, "hevc"), head
    for head in (b"\x46\x01", b"\x40\x01", b"\x26\x01", b"\x02\x01", b"\x00\x01"):
        assert is_of(b"\0\0\0\1" + head, "hevc")
        assert not is_of(b"\0\0\0\1" + head, "h264"), head


def test_datagrams_that_are_no_video_are_not_called_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("devices.video.source.OPEN_TIMEOUT_S", 0.3)
    monkeypatch.setattr("devices.video.source.READ_TIMEOUT_S", 0.3)
    rubbish, done = random.Random(4).randbytes(1316), threading.Event()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
        wire.bind(("127.0.0.1", 0))
        port = wire.getsockname()[1]
    url = f"udp://127.0.0.1:{port}"

    def send() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            while not done.wait(0.02):
                sender.sendto(rubbish, ("127.0.0.1", port))

    with pytest.raises(SourceError) as silent:
        open_source(url)
    sending = threading.Thread(target=send)
    sending.start()
    try:
        with pytest.raises(SourceError) as heard:
            open_source(url)
    finally:
        done.set()
        sending.join(5)
    assert (silent.value.reason, heard.value.reason) == ("timeout", "invalid-data")
