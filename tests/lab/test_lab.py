"""The laboratory itself: what it measures by must be true before its figures are."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.lab.detection import Seen, told_after_s, watch
from tests.lab.detectors import START_NS, Bfd, Mwan3
from tests.lab.link import NS_PER_MS, NS_PER_S, Cut, Link, Quality, flaps, scattered_cuts
from tests.lab.networks import FAR, networks, why_not
from tests.lab.relay import Bearer, tcp_relay, udp_relay
from tests.lab.virtual import VirtualLoop
from tests.peers import lack

ROOT = Path(__file__).parents[2]


def arrivals(link: Link, count: int, *, every_ns: int = 20 * NS_PER_MS, size_bytes: int = 100) -> list[int | None]:
    return [link.offer(START_NS + index * every_ns, size_bytes) for index in range(count)]


# ---- the model


def test_the_same_seed_gives_the_same_bearer_and_another_another() -> None:
    quality = Quality(delay_ms=30, jitter_ms=20, loss=0.2)
    first, again = (arrivals(Link(quality, "a"), 500) for _ in range(2))
    assert first == again
    assert first != arrivals(Link(quality, "b"), 500)


def test_as_much_is_lost_as_was_asked_for_and_the_rest_is_late_by_delay_and_jitter() -> None:
    found = arrivals(Link(Quality(delay_ms=100, jitter_ms=20, loss=0.2), "loss"), 20_000)
    lost = sum(1 for one in found if one is None)
    assert 0.19 < lost / len(found) < 0.21
    late_ms = [(one - START_NS) / NS_PER_MS - index * 20 for index, one in enumerate(found) if one is not None]
    assert min(late_ms) >= 80
    assert max(late_ms) <= 120
    assert 99 < sum(late_ms) / len(late_ms) < 101


def test_a_narrow_bearer_makes_packets_wait_for_one_another_and_drops_what_its_queue_cannot_hold() -> None:
    narrow = Link(Quality(rate_bps=8_000, queue_bytes=3_000), "narrow")
    at_once = [narrow.offer(START_NS, 1_000) for _ in range(6)]
    assert at_once[:4] == [START_NS + NS_PER_S * (index + 1) for index in range(4)]
    assert at_once[4:] == [None, None]
    assert narrow.offer(START_NS + 3 * NS_PER_S, 1_000) == START_NS + 5 * NS_PER_S


def test_what_would_arrive_during_a_cut_never_does_and_the_cut_changes_nothing_after_it() -> None:
    quality = Quality(delay_ms=100, jitter_ms=10, loss=0.1)
    cut = Cut(START_NS + NS_PER_S, START_NS + 3 * NS_PER_S)
    whole, broken = arrivals(Link(quality, "cut"), 300), arrivals(Link(quality, "cut", [cut]), 300)
    for sound, hurt in zip(whole, broken, strict=True):
        is_inside = sound is not None and cut.from_ns <= sound < cut.to_ns
        assert hurt == (None if is_inside else sound)


# ---- the rules of others


def walk(detector: Mwan3 | Bfd, answers: str) -> list[bool]:
    found = []
    for index, answer in enumerate(answers):
        at_ns = START_NS + index * detector.interval_ns
        detector.probed(at_ns, at_ns, 5.0 if answer == "1" else None)
        found.append(detector.is_down())
    return found


def test_mwan3_is_offline_with_the_fifth_miss_in_a_row_and_online_with_the_fifth_answer() -> None:
    assert walk(Mwan3(), "100001" + "0" * 5) == [False] * 10 + [True]
    offline = Mwan3()
    assert walk(offline, "00000" + "11110" + "11111") == [False] * 4 + [True] * 10 + [False]


def test_bfd_is_down_with_the_third_miss_and_up_with_the_next_answer() -> None:
    assert walk(Bfd(), "1001000100") == [False] * 6 + [True] + [False] * 3


# ---- the yardstick


def test_a_cut_that_is_never_told_counts_as_never_and_one_told_counts_from_its_beginning() -> None:
    cuts = [Cut(10 * NS_PER_S, 20 * NS_PER_S), Cut(40 * NS_PER_S, 50 * NS_PER_S)]
    seen = Seen(downs=[(13 * NS_PER_S, True), (22 * NS_PER_S, False)])
    down_s, up_s = told_after_s(seen, cuts, 70 * NS_PER_S)
    assert down_s == [3.0, float("inf")]
    assert up_s == [2.0, 0.0]


def test_changes_are_counted_in_the_worst_minute() -> None:
    seen = Seen(changes=[(second * NS_PER_S, "x") for second in (0, 50, 59, 100, 105, 110, 300)])
    assert seen.most_in_a_minute() == 5


def test_a_detector_sees_every_cut_of_a_good_bearer() -> None:
    cuts = scattered_cuts(3, "three", first_ns=START_NS)
    hours = (cuts[-1].to_ns + 100 * NS_PER_S - START_NS) / 3_600 / NS_PER_S
    seen = watch(Bfd(), Quality(delay_ms=5), "three", hours, cuts)
    assert [is_down for _, is_down in seen.downs] == [True, False] * 3
    down_s, up_s = told_after_s(seen, cuts, cuts[-1].to_ns + 100 * NS_PER_S)
    assert all(2.0 < one <= 4.0 for one in down_s)
    assert all(0.0 < one <= 2.0 for one in up_s)


def test_flaps_follow_one_another_without_a_gap() -> None:
    found = flaps(3, first_ns=0)
    assert [(cut.from_ns // NS_PER_S, cut.to_ns // NS_PER_S) for cut in found] == [(4, 8), (12, 16), (20, 24)]


# ---- virtual time


def test_a_virtual_day_passes_in_the_same_order_and_takes_no_day() -> None:
    def day() -> list[tuple[float, int]]:
        loop = VirtualLoop(lambda: False)
        said: list[tuple[float, int]] = []

        async def speak(number: int) -> None:
            for _ in range(24):
                await asyncio.sleep(3_600 + number)
                said.append((loop.time(), number))

        async def all_of_them() -> None:
            await asyncio.gather(*(speak(number) for number in range(5)))

        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(all_of_them())
        return said

    first = day()
    assert first == day()
    assert first[-1][0] == pytest.approx(24 * 3_604)


# ---- on real sockets


def run(work: Callable[[], Awaitable[None]]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(30):
            await work()

    asyncio.run(bounded())


class _Echo(asyncio.DatagramProtocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.transport.sendto(data, addr)  # type: ignore[attr-defined]


def test_datagrams_cross_a_relay_late_and_not_at_all_while_it_is_cut() -> None:
    async def work() -> None:
        loop = asyncio.get_running_loop()
        echo, _ = await loop.create_datagram_endpoint(_Echo, local_addr=("127.0.0.1", 0))
        bearer = Bearer(Quality(delay_ms=40), "relay")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as near:
            near.settimeout(0)
            async with udp_relay(bearer, echo.get_extra_info("sockname")) as (host, port):
                near.connect((host, port))
                began_s = loop.time()
                near.send(b"1")
                assert await loop.sock_recv(near, 99) == b"1"
                assert loop.time() - began_s >= 0.08
                bearer.cut()
                near.send(b"lost")
                with pytest.raises(TimeoutError):
                    async with asyncio.timeout(0.3):
                        await loop.sock_recv(near, 99)
                bearer.restore()
                near.send(b"2")
                assert await loop.sock_recv(near, 99) == b"2"
        echo.close()

    run(work)


def test_a_stream_crosses_a_lossy_relay_whole_and_in_order() -> None:
    sent = bytes(range(256)) * 100

    async def work() -> None:
        async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while data := await reader.read(4_096):
                writer.write(data)
            writer.close()

        server = await asyncio.start_server(echo, "127.0.0.1", 0)
        bearer = Bearer(Quality(delay_ms=5, jitter_ms=5, loss=0.2), "stream")
        async with tcp_relay(bearer, server.sockets[0].getsockname()) as (host, port):
            reader, writer = await asyncio.open_connection(host, port)
            writer.write(sent)
            assert await reader.readexactly(len(sent)) == sent
            writer.close()
        server.close()

    run(work)


_ECHO = f"""
import socket
far = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
far.bind(({FAR!r}, 7))
print("ready", flush=True)
while True:
    data, peer = far.recvfrom(2000)
    far.sendto(data, peer)
"""
_ASK = f"""
import socket, time
near = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
near.settimeout(2)
began = time.monotonic()
near.sendto(b"x" * 56, ({FAR!r}, 7))
try:
    near.recv(99)
    print((time.monotonic() - began) * 1000, flush=True)
except TimeoutError:
    print("silence", flush=True)
"""


@pytest.mark.peer
def test_programs_in_two_networks_reach_each_other_over_the_bearer_and_not_while_it_is_cut() -> None:
    missing = why_not()
    if missing is not None:
        lack(missing)

    async def work() -> None:
        bearer = Bearer(Quality(delay_ms=150), "networks")
        async with networks(bearer) as nets:
            pipe = asyncio.subprocess.PIPE
            far = await asyncio.create_subprocess_exec(*nets.inside(nets.far, sys.executable, "-c", _ECHO), stdout=pipe)
            assert far.stdout is not None
            assert await far.stdout.readline() == b"ready\n"

            async def ask() -> str:
                words = nets.inside(nets.near, sys.executable, "-c", _ASK)
                near = await asyncio.create_subprocess_exec(*words, stdout=pipe)
                return (await near.communicate())[0].decode().strip()

            try:
                assert float(await ask()) >= 300
                bearer.cut()
                assert await ask() == "silence"
                bearer.restore()
                assert float(await ask()) >= 300
            finally:
                far.kill()
                await far.wait()

    run(work)


# ---- all of it


def test_the_laboratory_runs_and_the_same_seed_gives_the_same_chain() -> None:
    command = [sys.executable, "-m", "tests.lab", "--tiny", "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode in {0, 1}, done.stderr
    figures = json.loads(done.stdout)["figures"]
    exact = {one["what"]: one["is_met"] for one in figures if one["better"] == "equal" and one["target"] is not None}
    assert len(exact) == 6
    assert [what for what, is_met in exact.items() if not is_met] == []
    assert len(figures) == 18


def test_another_seed_gives_another_chain() -> None:
    chains = set()
    for seed in ("1", "2"):
        command = [sys.executable, "-m", "tests.lab", "soak-once", "--hours", "0.01", "--seed", seed]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
        chains.add(json.loads(done.stdout)["chain"])
    assert len(chains) == 2
