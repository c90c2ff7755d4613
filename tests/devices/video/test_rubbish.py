"""Cameras that talk rubbish for as long as they like: broken MPEG-TS and broken RTSP, beside one that works.

Six seconds of each in the suite; ``python -m tests.devices.video.test_rubbish 300`` feeds them for five minutes each.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import random
import struct
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine
from pathlib import Path

import psutil
import pytest

from tests.devices.video.rig import abort, camera, clip, next_frame, reader_of, rigged, tcp_clip

S = 1_000_000_000
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[None, None, None]]
_MOST_BYTES = 700_000_000


def spoil(packet: bytes, chance: random.Random) -> bytes:
    """One TS packet after a bad way: lost, doubled, cut, changed, or something else altogether."""
    octets = bytearray(packet)
    match chance.randrange(12):
        case 0:
            return b""
        case 1:
            return packet * 2
        case 2:
            return packet[: chance.randrange(1, 188)]
        case 3:
            return chance.randbytes(188)
        case 4:
            octets[chance.randrange(4)] ^= 1 << chance.randrange(8)
        case 5:
            # Lengths and times of the stream above.
            octets[4 : 4 + chance.randrange(1, 40)] = chance.randbytes(chance.randrange(1, 40))
        case _:
            for _ in range(chance.randrange(1, 30)):
                octets[chance.randrange(4, 188)] = chance.randrange(256)
    return bytes(octets)


def broken_stream(seed: int, share: float) -> Serve:
    """A device that sends the clip at its pace with a share of its packets spoilt."""
    chance = random.Random(seed)

    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            for burst in clip().bursts():
                await asyncio.sleep(max(0.0, began_s + burst.due_ns / S - loop.time()))
                packets = [burst.octets[at : at + 188] for at in range(0, len(burst.octets), 188)]
                writer.write(b"".join(spoil(one, chance) if chance.random() < share else one for one in packets))
                await writer.drain()
        await abort(writer)

    return serve


_SPS, _PPS = (
    bytes.fromhex("6742c00d da05 0f9e 1000 0003 0010 0000 0303 c8f1 42ea".replace(" ", "")),
    b"\x68\xce\x3c\x80",
)


def torn_rtp(number: int, chance: random.Random) -> bytes:
    kinds = (b"\x41", b"\x65", b"\x67", b"\x7c\x85", b"\x7c\x45", b"\x78\x00\x20", b"")
    payload = chance.choice(kinds) + chance.randbytes(chance.randrange(0, 1400))
    number += chance.choice((0, 0, 0, 1, 40_000))
    packet = struct.pack(">BBHII", 0x80, 0x60 | chance.randrange(2) << 7, number & 0xFFFF, number * 3600, 9) + payload
    length = len(packet) if chance.random() > 0.02 else chance.randrange(65_536)
    return b"$" + bytes([chance.choice((0, 0, 0, 1, 9))]) + struct.pack(">H", length) + packet


def broken_rtsp(seed: int) -> Serve:
    """A server that answers well enough to be played and then sends what nobody can decode, or stops making sense."""
    chance = random.Random(seed)
    sets = ",".join(base64.b64encode(one).decode() for one in (_SPS, _PPS))
    sdp = (
        "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
        f"a=fmtp:96 packetization-mode=1;sprop-parameter-sets={sets}\r\na=control:track\r\n"
    ).encode()

    def answer(request: bytes) -> bytes:
        words = request.split(b"\r\n")
        number = next((word for word in words if word.lower().startswith(b"cseq")), b"CSeq: 1")
        head, body = b"RTSP/1.0 200 OK\r\n" + number + b"\r\nSession: 7\r\n", b""
        if request.startswith(b"OPTIONS"):
            head += b"Public: DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER\r\n"
        elif request.startswith(b"DESCRIBE"):
            body = sdp
            head += b"Content-Type: application/sdp\r\nContent-Length: %d\r\n" % len(body)
        elif request.startswith(b"SETUP"):
            head += b"Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n"
        octets = bytearray(head + b"\r\n" + body)
        if chance.random() < 0.15:
            for _ in range(3):
                octets[chance.randrange(len(octets))] = chance.randrange(256)
        return bytes(octets)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.CancelledError, asyncio.IncompleteReadError):
            request = b""
            while not request.startswith(b"PLAY"):
                request = await reader.readuntil(b"\r\n\r\n")
                writer.write(answer(request))
                await writer.drain()
            for number in range(chance.randrange(200, 3_000)):
                writer.write(torn_rtp(number, chance) if chance.random() > 0.001 else chance.randbytes(500))
                await writer.drain()
                await asyncio.sleep(0.005)
        await abort(writer)

    return serve


async def feed(serve: Serve, scheme: str, folder: Path, for_s: float) -> dict[str, float]:
    """Feed it beside a camera that works; gives what was seen of both."""
    server = await asyncio.start_server(serve, "127.0.0.1", 0, limit=1 << 20)
    url = f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}{'/x' if scheme == 'rtsp' else ''}"
    oldest_ns, most_bytes, pictures = 0, 0, 0
    async with server, tcp_clip("street") as good, rigged(folder) as rig:
        for camera_id, source in (("bad", url), ("cam", good)):
            rig.cameras.show(camera_id, 320, 180, full_rate=True)
            rig.cameras.start(camera(source, camera_id))
        reader = await reader_of()
        await next_frame(reader)
        until_ns = time.monotonic_ns() + int(for_s * S)
        while time.monotonic_ns() < until_ns:
            pictures += reader.read() is not None
            oldest_ns = max(oldest_ns, reader.overdue_ns(time.monotonic_ns()) or 0)
            pid = rig.cameras.pid("bad")
            with contextlib.suppress(psutil.NoSuchProcess):
                if pid is not None and not pictures % 25:
                    family = [psutil.Process(pid), *psutil.Process(pid).children()]
                    most_bytes = max(most_bytes, sum(one.memory_info().rss for one in family))
            await asyncio.sleep(0.02)
        states = {report["state"] for camera_id, report in rig.said if camera_id == "bad"}
        reasons = {report["reason"] for camera_id, report in rig.said if camera_id == "bad"}
        crashes = [report for _, report in rig.said if report["reason"] in {"receiver-crashed", "receiver-hung"}]
        reader.close()
    print(f"states {sorted(states)} reasons {sorted(str(one) for one in reasons)}")
    return {
        "pictures_hz": pictures / for_s, "oldest_s": oldest_ns / S, "most_bytes": most_bytes, "crashes": len(crashes)
    }  # fmt: skip


CASES: dict[str, tuple[str, Serve]] = {
    "ts, one packet in fifty": ("tcp", broken_stream(1, 0.02)),
    "ts, half of the packets": ("tcp", broken_stream(2, 0.5)),
    "rtsp": ("rtsp", broken_rtsp(3)),
}


def check(seen: dict[str, float]) -> None:
    assert seen["pictures_hz"] > 5, "the camera that works was not seen"
    assert seen["oldest_s"] < 4
    assert seen["most_bytes"] < _MOST_BYTES


@pytest.mark.parametrize("case", list(CASES))
def test_a_camera_that_talks_rubbish_costs_nobody_else_a_picture(tmp_path: Path, case: str) -> None:
    scheme, serve = CASES[case]
    check(asyncio.run(feed(serve, scheme, tmp_path, 6.0)))


def test_a_stream_that_is_whole_again_is_seen_again_within_two_seconds_and_a_key_frame() -> None:
    began: list[int] = []
    chance = random.Random(8)

    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            for burst in clip().bursts():
                second = burst.due_ns / S
                await asyncio.sleep(max(0.0, began_s + second - loop.time()))
                packets = [burst.octets[at : at + 188] for at in range(0, len(burst.octets), 188)]
                is_bad = 3 < second < 8
                if not is_bad and second >= 8 and not began:
                    began.append(time.monotonic_ns())
                writer.write(b"".join(spoil(one, chance) if is_bad else one for one in packets))
                await writer.drain()
        await abort(writer)

    async def watch() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with server, rigged() as rig:
            rig.cameras.show("cam", 320, 180, full_rate=True)
            rig.cameras.start(camera(f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}"))
            reader = await reader_of()
            while not began or (await next_frame(reader)).stamp_ns < began[0]:
                reader.read()
                await asyncio.sleep(0.02)
            lost_ns = time.monotonic_ns() - began[0]
            print(f"seen again after {lost_ns / S:.2f} s")
            assert lost_ns < 4 * S
            reader.close()

    asyncio.run(watch())


if __name__ == "__main__":
    for name, (kind, device) in CASES.items():
        with tempfile.TemporaryDirectory() as temporary:
            found = asyncio.run(feed(device, kind, Path(temporary), float(sys.argv[1])))
            print(name, found, flush=True)
            check(found)
