from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from console import frames
from console.frames import FrameReader, FramesError, frames_name, make_frames, remove_frames, sweep_frames
from devices.video.messages import SLOT_SEQUENCE, SLOT_WORDS, WORD_HEALTH, WORD_NEWEST, memory_folder
from devices.video.slots import Slots, SlotsError

CAMERA = "测试/1"


@pytest.fixture
def slots() -> Iterator[Slots]:
    path = make_frames(CAMERA)
    opened = Slots(str(path))
    yield opened
    opened.close()
    remove_frames(path)


def picture(value: int, width: int = 64, height: int = 36) -> memoryview:
    return memoryview(bytes([value]) * (width * 4 * height))


def write(slots: Slots, value: int, stamp_ns: int, size_px: tuple[int, int] = (64, 36)) -> None:
    slots.write(picture(value, *size_px), size_px, size_px[0] * 4, (value * 1000, stamp_ns))


def test_the_newest_picture_is_read_once(slots: Slots) -> None:
    reader = FrameReader(frames_name(CAMERA))
    assert reader.read() is None
    write(slots, 1, 100)
    write(slots, 2, 200)
    frame = reader.read()
    assert frame is not None
    assert (frame.data[:4], frame.width_px, frame.height_px, frame.pts_ns, frame.stamp_ns) == (
        b"\2" * 4,
        64,
        36,
        2000,
        200,
    )
    assert reader.read() is None
    reader.close()


def test_a_picture_whose_packet_is_not_newer_is_never_given_as_new(slots: Slots) -> None:
    reader = FrameReader(frames_name(CAMERA))
    write(slots, 1, 500)
    assert reader.read() is not None
    write(slots, 2, 400)
    assert reader.read() is None
    write(slots, 3, 501)
    assert reader.read() is not None
    reader.close()


def test_ages_count_from_the_packet_and_are_unknown_before_the_first(slots: Slots) -> None:
    reader = FrameReader(frames_name(CAMERA))
    assert reader.packet_age_ns(10) is None
    assert reader.picture_age_ns(10) is None
    slots.note_packet(1_000)
    slots.note_packet(900)
    assert reader.packet_age_ns(1_500) == 500
    write(slots, 1, 700)
    reader.read()
    assert reader.picture_age_ns(1_500) == 800
    assert reader.packets == 2
    reader.close()


def test_what_is_wrong_with_pictures_is_read_with_its_age_and_no_longer_when_it_is_over(slots: Slots) -> None:
    reader = FrameReader(frames_name(CAMERA))
    assert reader.health(10) is None
    slots.note_health("black", 1_000)
    slots.note_health("black", 1_400)
    assert reader.health(1_500) == ("black", 500)
    slots.note_health("torn", 2_000)
    assert reader.health(2_100) == ("torn", 100)
    assert slots.health() == ("torn", 2_000)
    slots.note_health(None, 0)
    assert reader.health(1_500) is None
    slots._words[WORD_HEALTH] = 99
    assert reader.health(1_500) is None, "a word of another version is no health"
    reader.close()


def test_a_thumbnail_is_overdue_when_the_next_key_frame_is_or_when_no_packet_comes(slots: Slots) -> None:
    reader = FrameReader(frames_name(CAMERA))
    assert reader.overdue_ns(5) is None
    slots.note_packet(1_000)
    write(slots, 1, 1_000)
    reader.read()
    assert reader.overdue_ns(1_900) == 900
    slots.note_key_interval(2_000)
    slots.note_packet(1_800)
    assert reader.overdue_ns(1_900) == 100, "the packets say that the source lives; the picture is not due yet"
    slots.note_packet(4_900)
    assert reader.overdue_ns(5_000) == 2_000, "packets come, but not the picture that was due"
    slots.note_key_interval(0)
    assert reader.overdue_ns(5_000) == 4_000
    reader.close()


def test_the_usual_sharpness_is_kept_for_pictures_of_one_size(slots: Slots) -> None:
    assert slots.sharpness((64, 36)) is None
    slots.keep_sharpness(12.5, (64, 36))
    assert slots.sharpness((64, 36)) == 12.5
    assert slots.sharpness((36, 64)) is None


def test_a_picture_half_written_is_not_given(slots: Slots) -> None:
    reader = FrameReader(frames_name(CAMERA))
    write(slots, 1, 100)
    slots._words[SLOT_WORDS[0] + SLOT_SEQUENCE] |= 1
    slots._words[WORD_NEWEST] = 2
    assert reader.read() is None
    write(slots, 3, 300)
    assert reader.read() is not None
    reader.close()


def test_a_writer_that_died_in_the_middle_is_followed_by_one_that_is_read(slots: Slots) -> None:
    reader = FrameReader(frames_name(CAMERA))
    for head in SLOT_WORDS:
        slots._words[head + SLOT_SEQUENCE] = 7
    again = Slots(str(memory_folder() / frames_name(CAMERA)))
    write(again, 9, 100)
    frame = reader.read()
    assert frame is not None
    assert frame.data[:1] == b"\x09"
    again.close()
    reader.close()


def test_no_picture_is_torn_while_written_as_fast_as_possible(slots: Slots) -> None:
    reader = FrameReader(frames_name(CAMERA))
    is_over = threading.Event()

    def hurry() -> None:
        number = 0
        while not is_over.is_set():
            number += 1
            write(slots, number % 250, number, (320, 180))

    writer = threading.Thread(target=hurry)
    writer.start()
    whole = 0
    try:
        while whole < 300:
            frame = reader.read()
            if frame is not None:
                pixels = np.frombuffer(frame.data, np.uint8)
                assert pixels.min() == pixels.max()
                whole += 1
    finally:
        is_over.set()
        writer.join()
        reader.close()


class Meddler:
    """Memory in which the writer goes twice round while a picture is being copied."""

    def __init__(self, octets: memoryview, slots: Slots) -> None:
        self._octets, self._slots, self._stamp_ns = octets, slots, 1_000

    def __getitem__(self, part: slice) -> bytes:
        copied = bytes(self._octets[part])
        for _ in range(2):
            self._stamp_ns += 1
            write(self._slots, 7, self._stamp_ns)
        return copied


def test_a_picture_that_was_written_over_while_it_was_copied_is_not_given(slots: Slots) -> None:
    reader = FrameReader(frames_name(CAMERA))
    octets = reader._octets
    write(slots, 1, 100)
    reader._octets = Meddler(octets, slots)  # type: ignore[assignment]
    assert reader.read() is None
    reader._octets = octets
    assert reader.read() is not None
    reader.close()


def test_a_picture_larger_than_a_slot_is_refused_and_nothing_overwritten(slots: Slots) -> None:
    with pytest.raises(SlotsError):
        slots.write(memoryview(b"x" * 16), (1920, 1200), 1920 * 4, (None, 1))
    assert slots.picture_stamp_ns == 0


def test_sizes_in_memory_that_cannot_be_are_not_believed(slots: Slots) -> None:
    reader = FrameReader(frames_name(CAMERA))
    write(slots, 1, 100)
    for at, value in ((2, 1 << 40), (3, 1 << 40), (4, -5), (3, -1)):
        head = SLOT_WORDS[1]
        before = slots._words[head + at]
        slots._words[head + at] = value
        assert reader.read() is None
        slots._words[head + at] = before
    assert reader.read() is not None
    reader.close()


def test_what_is_not_there_or_not_ours_is_said_so() -> None:
    with pytest.raises(FramesError):
        FrameReader(frames_name("nobody"))
    path = memory_folder() / frames_name("strange")
    path.write_bytes(b"\0" * 8192)
    try:
        with pytest.raises(FramesError):
            FrameReader(path.name)
        with pytest.raises(SlotsError):
            Slots(str(path))
    finally:
        path.unlink()


def test_a_camera_made_anew_is_told_from_the_one_before() -> None:
    path = make_frames("again")
    reader = FrameReader(frames_name("again"))
    assert reader.is_current
    make_frames("again")
    assert not reader.is_current
    remove_frames(path)
    assert not reader.is_current
    reader.close()


def test_what_a_dead_console_left_is_swept_and_a_living_ones_is_not() -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    left = make_frames("left", dead.pid)
    mine = make_frames("mine")
    try:
        assert left.name in sweep_frames()
        assert not left.exists()
        assert mine.exists()
    finally:
        remove_frames(mine)


def test_a_reader_in_another_process_leaves_the_pictures_to_the_console() -> None:
    path = make_frames("shared")
    code = f"from console.frames import FrameReader; FrameReader({path.name!r})"
    try:
        done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
        assert done.stderr == b""
        assert path.exists()
    finally:
        remove_frames(path)


def test_short_memory_gives_smaller_slots_and_no_memory_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    granted = 10_000_000

    def fallocate(_descriptor: int, _offset: int, length: int) -> None:
        if length > granted:
            raise OSError(28, "No space left on device")
        os.ftruncate(_descriptor, length)

    monkeypatch.setattr(os, "posix_fallocate", fallocate)
    path = make_frames("small")
    assert Slots(str(path)).slot_bytes == 1280 * 720 * 4
    remove_frames(path)
    granted = 0
    with pytest.raises(FramesError):
        make_frames("none")
    assert not (memory_folder() / frames_name("none")).exists()


def test_only_this_user_may_read_the_pictures() -> None:
    path = make_frames("private")
    assert Path(path).stat().st_mode & 0o077 == 0
    remove_frames(path)


def test_reading_needs_neither_a_codec_library_nor_qt() -> None:
    code = (
        "import sys, console.frames, console.cameras; print(sorted({'av', 'cv2', 'numpy', 'PySide6'} & {*sys.modules}))"
    )
    root = Path(frames.__file__).parent.parent
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=root)
    assert done.stdout.strip() == "[]"
