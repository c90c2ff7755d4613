from __future__ import annotations

import io
import itertools
from collections import Counter

import av
import pytest

from devices.simulators.clip import PACKET_BYTES, Clip, ClipError, _read_stamp
from tests.devices.video.rig import CLIPS, clip

NAMES = ("drone", "bridge", "street", "body")


def octets_of(name: str, seconds: float) -> bytes:
    bursts = itertools.takewhile(lambda burst: burst.due_ns < seconds * 1e9, clip(name).bursts())
    return b"".join(burst.octets for burst in bursts)


def times_of(octets: bytes) -> list[int]:
    with av.open(io.BytesIO(octets), mode="r", format="mpegts") as container:
        return [packet.dts for packet in container.demux(video=0) if packet.dts is not None]


@pytest.mark.parametrize("name", NAMES)
def test_decoding_times_go_on_evenly_across_the_loop(name: str) -> None:
    seconds = clip(name).length_ns / 1e9 * 2.3
    times = times_of(octets_of(name, seconds))
    steps = Counter(b - a for a, b in itertools.pairwise(times))
    assert list(steps) == [3600]
    assert len(times) > 900


@pytest.mark.parametrize("name", NAMES)
def test_continuity_counters_have_no_hole_at_the_seam(name: str) -> None:
    data = octets_of(name, clip(name).length_ns / 1e9 * 2.2)
    last: dict[int, int] = {}
    for at in range(0, len(data), PACKET_BYTES):
        if not data[at + 3] & 0x10:
            continue
        pid = (data[at + 1] & 0x1F) << 8 | data[at + 2]
        counter = data[at + 3] & 0xF
        assert counter == (last.get(pid, counter - 1) + 1) & 0xF
        last[pid] = counter


def test_bursts_are_due_in_order_and_at_the_clips_own_pace() -> None:
    bursts = list(itertools.islice(clip().bursts(), 2000))
    assert [burst.due_ns for burst in bursts] == sorted(burst.due_ns for burst in bursts)
    gaps = [b.due_ns - a.due_ns for a, b in itertools.pairwise(bursts)]
    assert max(gaps) < 120_000_000


def test_no_picture_is_sent_later_than_its_time_also_after_the_seam() -> None:
    source = clip()
    first = source._stamps[0].value // 300
    for burst in itertools.islice(source.bursts(), 2000):
        for at in range(0, len(burst.octets), PACKET_BYTES):
            packet = burst.octets[at : at + PACKET_BYTES]
            start = 4 + (1 + packet[4] if packet[3] & 0x20 else 0)
            if packet[1] & 0x40 and packet[start : start + 4] == b"\0\0\1\xe0":
                shown_ns = (_read_stamp(packet, start + 9) - first) * 100_000 // 9
                assert 0 <= shown_ns - burst.due_ns < 2_000_000_000


def test_a_clip_whose_times_pass_the_33_bit_wrap_stays_even() -> None:
    near = (1 << 33) - 90_000 * 20
    source = Clip((CLIPS / "body.ts").read_bytes())
    source._move(moved := bytearray(source._octets), near)
    wrapped = Clip(bytes(moved))
    data = b"".join(itertools.islice((burst.octets for burst in wrapped.bursts()), 1500))
    times = times_of(data)
    assert {b - a for a, b in itertools.pairwise(times)} == {3600}


@pytest.mark.parametrize("octets", [b"", b"x" * 188, b"G" + b"\0" * 100, bytes([0x47, 0x1F, 0xFF, 0x10]) + b"\0" * 184])
def test_what_is_no_clip_is_refused_with_a_word(octets: bytes) -> None:
    with pytest.raises(ClipError):
        Clip(octets)


def test_the_clips_are_small_and_fit_the_drill() -> None:
    sizes = [path.stat().st_size for path in CLIPS.glob("*.ts")]
    assert len(sizes) == 5
    assert sum(sizes) < 6_000_000
    assert max(sizes) < 1_400_000
