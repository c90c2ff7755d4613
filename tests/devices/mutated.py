"""Published and made inputs, spoilt: what a driver is fed with when nobody means it well."""

from __future__ import annotations

import gc
import random
import time
from dataclasses import dataclass

import msgspec

from devices.catalogue import make_driver
from tests.devices.vectors import decode_cases

RENEWED_EVERY = 5_000
"""A driver hears this many inputs before another one begins: long enough for its tables to fill."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoilt:
    """What many mutated inputs did to a driver."""

    inputs: int
    slowest_ms: float
    largest_state_bytes: int
    grown_objects: int


def mutated(seeds: list[bytes], chance: random.Random) -> bytes:
    """One input: a seed with one to four flips, cuts, insertions, repetitions or a piece of another seed."""
    octets = bytearray(chance.choice(seeds))
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(octets) + 1)
        kind = chance.randrange(6)
        if kind == 0 and octets:
            octets[at % len(octets)] = chance.randrange(256)
        elif kind == 1:
            del octets[at : at + chance.randint(1, 12)]
        elif kind == 2:
            octets[at:at] = chance.randbytes(chance.randint(1, 12))
        elif kind == 3:
            octets[at:at] = octets[at : at + 40] * chance.randint(1, 3)
        elif kind == 4 and octets:
            octets[at % len(octets)] ^= 1 << chance.randrange(8)
        else:
            other = chance.choice(seeds)
            octets[at:at] = other[: chance.randint(0, len(other))]
    return bytes(octets[:70_000])


def feed(driver_id: str, inputs: int, seed: int) -> Spoilt:
    """Feed a driver; an exception is raised as it is, after its input was printed in hex."""
    chance = random.Random(f"{driver_id}-{seed}")
    seeds = [case.octets for case in decode_cases(driver_id)]
    slowest_ns = largest = 0
    driver = make_driver(driver_id, {})
    gc.collect()
    before = len(gc.get_objects())
    at_ns = 1_753_000_000_000_000_000
    for number in range(inputs):
        octets = mutated(seeds, chance)
        at_ns += chance.randrange(2_000_000_000)
        began_ns = time.thread_time_ns()
        try:
            driver.receive(octets, at_ns)
            driver.poll(at_ns)
        except BaseException:
            print(f"{driver_id} seed {seed} input {number}: {octets.hex()}")
            raise
        slowest_ns = max(slowest_ns, time.thread_time_ns() - began_ns)
        if number % RENEWED_EVERY == RENEWED_EVERY - 1:
            largest = max(largest, len(msgspec.msgpack.encode(driver.save())))
            driver.finish()
            driver = make_driver(driver_id, {})
    largest = max(largest, len(msgspec.msgpack.encode(driver.save())))
    del driver
    gc.collect()
    return Spoilt(
        inputs=inputs,
        slowest_ms=slowest_ns / 1e6,
        largest_state_bytes=largest,
        grown_objects=len(gc.get_objects()) - before,
    )
