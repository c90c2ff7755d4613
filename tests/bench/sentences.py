"""``nmea``: GNSS sentences through the driver, beside a usual library parsing the same ones."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable

from pynmeagps import NMEAReader

from devices.catalogue import make_driver, make_simulator
from devices.driver import NS_PER_S
from tests.bench.figure import Figure


def nmea(count: int = 100_000) -> Iterable[Figure]:
    """What a simulated receiver says in a minute, again and again; both sides get whole sentences."""
    simulator = make_simulator("nmea0183", {}, random.Random(4).random)
    assert simulator is not None
    start_ns = 1_753_000_000 * NS_PER_S
    said = b"".join(b"".join(simulator.tick(start_ns + tenth * NS_PER_S // 10)) for tenth in range(600))
    sentences = [line + b"\r\n" for line in said.split(b"\r\n") if line]
    load = [sentences[number % len(sentences)] for number in range(count)]
    driver = make_driver("nmea0183", {})
    began = time.perf_counter()
    for number, sentence in enumerate(load):
        driver.receive(sentence, start_ns + number)
    rate = count / (time.perf_counter() - began)
    some = load[: max(1, count // 10)]
    began = time.perf_counter()
    for sentence in some:
        NMEAReader.parse(sentence)
    beside = len(some) / (time.perf_counter() - began)
    kinds = sorted({sentence[3:6].decode() for sentence in sentences})
    yield Figure(
        name="nmea",
        what=f"sentences through the driver, of pynmeagps' rate ({' '.join(kinds)})",
        value=rate / beside,
        unit="times",
        target=5.0,
        beside=f"driver {rate:,.0f}/s, pynmeagps {beside:,.0f}/s",
        ratio=rate / beside,
    )
