"""Rates out of counters: right where they can be known, silent where not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.driver import NS_PER_S
from devices.drivers.snmp import Snmp
from devices.observations import Malformed, Observation, Signal
from devices.profiles import load, read

START_NS = 1_795_343_720 * NS_PER_S
IN_32 = "1.3.6.1.2.1.2.2.1.10.1"
IN_64 = "1.3.6.1.2.1.31.1.1.1.6.1"


def line(name: str, payload: Any, at_ns: int, kind: str = "oid") -> bytes:
    return json.dumps(
        {"source": "snmp:x", kind: name, "asked_ns": at_ns, "answered_ns": at_ns, "payload": payload}
    ).encode()


def driver_of(profile: str, settings: dict[str, Any] | None = None) -> Snmp:
    driver = Snmp(settings or {})
    table = dict(read("snmp", load("snmp", profile)).table)
    driver.receive(line("profile", {"profile": table, "index": 1}, START_NS, "path"), START_NS)
    return driver


def rates(seen: list[Observation]) -> list[float | None]:
    return [one.value for one in seen if isinstance(one, Signal) and one.quantity == "in_rate"]


def counted(driver: Snmp, oid: str, bits: int, value: int, at_ns: int) -> list[Observation]:
    return list(driver.receive(line(oid, {"type": f"Counter{bits}", "value": value}, at_ns), at_ns))


@given(
    first=st.integers(0, 2**32 - 1),
    steps=st.lists(st.tuples(st.integers(0, 60_000_000), st.integers(1, 4)), min_size=1, max_size=12),
)
def test_a_32_bit_counter_gives_the_true_rate_across_every_wrap(first: int, steps: list[tuple[int, int]]) -> None:
    driver = driver_of("generic-router")
    at_ns, total = START_NS, first
    counted(driver, IN_32, 32, total % 2**32, at_ns)
    for octets, seconds in steps:
        total, at_ns = total + octets, at_ns + seconds * NS_PER_S
        assert rates(counted(driver, IN_32, 32, total % 2**32, at_ns)) == [pytest.approx(octets * 8 / seconds)]


@given(
    values=st.lists(
        st.tuples(st.integers(0, 2**64 - 1), st.integers(-10 * NS_PER_S, 700 * NS_PER_S)), min_size=2, max_size=20
    ),
    bits=st.sampled_from([32, 64]),
)
def test_no_counter_whatever_it_says_gives_a_rate_that_cannot_be(values: list[tuple[int, int]], bits: int) -> None:
    driver = driver_of("if-mib" if bits == 64 else "generic-router")
    at_ns = START_NS
    for value, gone_ns in values:
        at_ns += gone_ns
        for rate in rates(counted(driver, IN_64 if bits == 64 else IN_32, bits, value, at_ns)):
            assert rate is not None
            assert 0 <= rate <= 1e11


def test_a_rate_is_never_told_over_a_wire_that_was_down() -> None:
    driver = driver_of("if-mib")
    counted(driver, IN_64, 64, 0, START_NS)
    driver.finish()
    assert not rates(counted(driver, IN_64, 64, 10_000_000, START_NS + 5 * NS_PER_S))


def test_a_counter_that_is_larger_than_its_type_is_no_counter() -> None:
    driver = driver_of("generic-router")
    seen = counted(driver, IN_32, 32, 2**32, START_NS)
    assert [type(one) for one in seen] == [Malformed]


def test_two_answers_within_a_second_are_one_reading() -> None:
    driver = driver_of("if-mib")
    counted(driver, IN_64, 64, 0, START_NS)
    assert not rates(counted(driver, IN_64, 64, 1_000_000, START_NS + NS_PER_S // 2))
    assert rates(counted(driver, IN_64, 64, 10_000_000, START_NS + 2 * NS_PER_S)) == [40_000_000.0]


def test_the_same_profile_told_again_keeps_the_counters_and_another_does_not() -> None:
    driver = driver_of("if-mib")
    counted(driver, IN_64, 64, 0, START_NS)
    table = dict(read("snmp", load("snmp", "if-mib")).table)
    driver.receive(line("profile", {"profile": table, "index": 1}, START_NS, "path"), START_NS)
    assert rates(counted(driver, IN_64, 64, 5_000_000, START_NS + NS_PER_S)) == [40_000_000.0]
    driver.receive(line("profile", {"profile": table, "index": 2}, START_NS, "path"), START_NS)
    assert isinstance(counted(driver, IN_64, 64, 9_000_000, START_NS + 2 * NS_PER_S)[0], Malformed)


def test_the_share_is_of_what_the_device_is_required_to_carry() -> None:
    driver = driver_of("if-mib", {"required_mbps": 50})
    counted(driver, IN_64, 64, 0, START_NS)
    seen = counted(driver, IN_64, 64, 6_250_000, START_NS + 2 * NS_PER_S)
    assert Signal(quantity="in_rate_share", value=50.0, unit="%") in seen
