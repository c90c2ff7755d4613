"""``cot``: Cursor on Target events a second through the driver, XML and protobuf, beside takproto in the same run."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable
from typing import Any

import takproto

from devices.catalogue import make_driver
from devices.driver import NS_PER_S
from devices.observations import Malformed
from devices.simulators.cot import CotSimulator
from tests.bench.figure import Figure

USERS = 100
START_NS = 1_784_500_200 * NS_PER_S
STEP_NS = NS_PER_S // 500
"""A hundred users, each five times a second: what a peer may bring without being held for a flood."""

TO_MESSAGE: Callable[[bytes], Any] = takproto.functions.xml2message
PARSE: Callable[[bytearray], Any] = takproto.parse_proto


def events(count: int, protobuf: str) -> list[tuple[int, bytes]]:
    """That many events of walking users, and a text a second."""
    settings = {"users": [f"队员 {number}" for number in range(USERS)], "protobuf": protobuf, "every_s": 0.2}
    device = CotSimulator({**settings, "text_every_s": 1, "departed": False}, random.Random(1).random)
    said: list[tuple[int, bytes]] = []
    at_ns = START_NS
    while len(said) < count:
        at_ns += NS_PER_S // 5
        said += [(at_ns + index * STEP_NS, octets) for index, octets in enumerate(device.tick(at_ns))]
    return said[:count]


def _through(said: list[tuple[int, bytes]]) -> float:
    driver = make_driver("cot", {"uid": "CP"})
    bad = 0
    began = time.perf_counter()
    for at_ns, octets in said:
        for seen in driver.receive(octets, at_ns):
            bad += isinstance(seen, Malformed)
        driver.poll(at_ns)
    rate = len(said) / (time.perf_counter() - began)
    if bad:
        raise ValueError(f"{bad} events were not understood")
    return rate


def _beside(said: list[tuple[int, bytes]], read: Callable[[bytes], Any]) -> float:
    began = time.perf_counter()
    for _, octets in said:
        read(octets)
    return len(said) / (time.perf_counter() - began)


def cot(count: int = 30_000) -> Iterable[Figure]:
    """Throughput of the driver; the alternative reads only and judges nothing."""
    others: dict[str, Callable[[bytes], Any]] = {"": TO_MESSAGE, "stream": lambda octets: PARSE(bytearray(octets))}
    for protobuf, read in others.items():
        said = events(count, protobuf)
        rate, beside = _through(said), _beside(said[: max(1, count // 3)], read)
        yield Figure(
            name="cot", what=f"events understood, {'protobuf stream' if protobuf else 'XML'}", value=rate,
            unit="events/s", target=3_000, beside=f"takproto {beside:,.0f}/s, reading alone", ratio=rate / beside,
            mix=f"{USERS} walking users with equipment, group, battery and track; a text among 500 events",
        )  # fmt: skip
