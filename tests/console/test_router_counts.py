"""What a router counts feeds the quota of its bearer: wraps, restarts of either side, and each octet once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.link_facts import Usage
from devices.drivers.snmp import Snmp
from devices.observations import Traffic
from devices.profiles import load, read
from tests.console.door import Door
from tests.console.test_links import CARD, bearer_of, device, link, told, vehicle

IN = {32: "1.3.6.1.2.1.2.2.1.10.1", 64: "1.3.6.1.2.1.31.1.1.1.6.1"}
OUT = {32: "1.3.6.1.2.1.2.2.1.16.1", 64: "1.3.6.1.2.1.31.1.1.1.10.1"}
UPTIME, DISCONTINUITY = "1.3.6.1.2.1.1.3.0", "1.3.6.1.2.1.31.1.1.1.19.1"
NAME = "1.3.6.1.2.1.31.1.1.1.1.1"
PROFILES = {32: "generic-router", 64: "if-mib"}
ROUTER = device("router", "snmp", "snmp:192.0.2.1:161?community=x")
FULL = 1 << 32


class Site(Door):
    """A bearer behind a router that is asked every five seconds."""

    def __init__(self, bits: int, *more: str, **settings: object) -> None:
        devices = (
            replace(ROUTER, settings=settings),
            *([CARD] if "card" in more else []),
            replace(ROUTER, id="second"),
        )
        bearer = bearer_of("lte", "router", *more, quota_bytes=10_000_000_000, quota_period="incident")
        super().__init__(vehicle(bearer, *devices))
        self.bits = bits
        self.begin_router()

    def begin_router(self, source: str = "router") -> None:
        table = dict(read("snmp", load("snmp", PROFILES[self.bits])).table)
        self.line("profile", {"profile": table, "index": 1}, source, "path")

    def line(self, name: str, payload: Mapping[str, Any], source: str = "router", kind: str = "oid") -> None:
        said = {"source": "snmp:x", kind: name, "asked_ns": self.at_ns, "answered_ns": self.at_ns, "payload": payload}
        self.say(source, json.dumps(said).encode())

    def count(self, received: int, sent: int, *, up_s: float = 1e6, source: str = "router", after_s: int = 5) -> None:
        self.wait(after_s)
        self.line(UPTIME, {"type": "TimeTicks", "value": round(up_s * 100) % FULL}, source)
        for oid, value in ((IN, received), (OUT, sent)):
            self.line(oid[self.bits], {"type": f"Counter{self.bits}", "value": value % (1 << self.bits)}, source)

    def usage(self) -> Usage:
        usage = told(self).usage
        assert usage is not None
        return usage

    def restart(self) -> None:
        self.begin(self.engine.tables.configuration, last_ns=self.at_ns)
        self.begin_router()


@pytest.mark.parametrize("bits", [32, 64])
def test_a_router_counts_for_the_quota(bits: int) -> None:
    site = Site(bits)
    site.count(1_000, 500)
    assert (site.usage().used_bytes, site.usage().is_own) == (0, True), "the first telling counts nothing yet"
    site.count(5_000_000_000 if bits == 64 else 3_000_000_000, 700)
    assert (site.usage().used_bytes, site.usage().is_own) == (4_999_999_200 if bits == 64 else 2_999_999_200, False)


@given(
    first=st.tuples(st.integers(0, FULL - 1), st.integers(0, FULL - 1)),
    steps=st.lists(st.tuples(st.integers(0, 120_000_000), st.integers(0, 120_000_000)), min_size=1, max_size=15),
)
@settings(max_examples=15, deadline=None)
def test_narrow_counters_count_every_octet_across_every_wrap(
    first: tuple[int, int], steps: list[tuple[int, int]]
) -> None:
    site = Site(32)
    received, sent = first
    site.count(received, sent, after_s=1)
    for more_received, more_sent in steps:
        received, sent = received + more_received, sent + more_sent
        site.count(received, sent, after_s=1)
    assert site.usage().used_bytes == sum(map(sum, steps))


@pytest.mark.parametrize("bits", [32, 64])
def test_a_router_that_started_again_counts_from_nothing(bits: int) -> None:
    site = Site(bits)
    site.count(4_000_000_000, 4_000_000_000)
    site.count(4_000_000_100, 4_000_000_000)
    site.count(70, 7, up_s=3)
    assert site.usage().used_bytes == 100 + 77
    site.count(80, 9, up_s=8)
    assert site.usage().used_bytes == 100 + 89


def test_an_interface_that_began_anew_under_an_agent_that_went_on_is_no_wrap() -> None:
    driver = Snmp({})
    table = dict(read("snmp", load("snmp", "if-mib")).table)
    lines = [
        ("path", "profile", {"profile": table, "index": 1}),
        ("oid", UPTIME, {"type": "TimeTicks", "value": 900_500}),
        ("oid", DISCONTINUITY, {"type": "TimeTicks", "value": 900_200}),
        ("oid", IN[64], {"type": "Counter64", "value": 5}),
        ("oid", OUT[64], {"type": "Counter64", "value": 6}),
    ]
    seen = [
        one
        for kind, name, payload in lines
        for one in driver.receive(
            json.dumps({"source": "x", kind: name, "asked_ns": 1, "answered_ns": 1, "payload": payload}).encode(), 1
        )
    ]
    (told_once,) = (one for one in seen if isinstance(one, Traffic))
    assert (told_once.received_bytes, told_once.sent_bytes) == (5, 6)
    assert told_once.counted_s == pytest.approx(3.0)


def test_the_count_goes_on_over_a_restart_of_this_console_and_a_wrap_in_between() -> None:
    site = Site(32)
    site.count(FULL - 100, 1_000)
    site.count(FULL + 900, 1_000)
    assert site.usage().used_bytes == 1_000
    site.wait(60)
    site.restart()
    site.count(FULL + 5_000, 1_000)
    assert site.usage().used_bytes == 5_100


def test_another_interface_behind_the_same_name_counts_from_what_it_first_shows() -> None:
    site = Site(64)
    site.count(1_000, 0)
    site.count(2_000, 0)
    now = site.engine.tables.configuration
    site.begin(replace(now, devices=(replace(ROUTER, wire=f"{ROUTER.wire}&index=2"), *now.devices[1:])), site.at_ns)
    site.begin_router()
    site.count(9_000_000_000, 0)
    assert site.usage().used_bytes == 1_000
    site.count(9_000_000_500, 0)
    assert site.usage().used_bytes == 1_500


def test_an_interface_of_this_computer_goes_before_the_router_and_none_is_counted_twice() -> None:
    site = Site(64, "card", "second")
    site.begin_router("second")
    site.count(1_000, 0)
    site.count(1_000, 0, source="second")
    link(site, received=1_000)
    for total in (2_000, 3_000):
        site.count(total, 0)
        site.count(total, 0, source="second")
        link(site, received=total)
    assert site.usage().used_bytes == 2_000


def test_of_two_boxes_the_first_that_tells_counts() -> None:
    site = Site(64, "second")
    site.begin_router("second")
    for total in (1_000, 2_000, 3_000):
        site.count(total, 0, source="second")
        site.count(total, 0)
    assert site.usage().used_bytes == 2_000


@pytest.mark.parametrize(("wanted", "used"), [("eth0", 1_000), ("wan", 0)])
def test_another_interface_than_the_named_one_counts_nothing(wanted: str, used: int) -> None:
    site = Site(64, interface=wanted)
    for total in (1_000, 2_000):
        site.line(NAME, {"type": "OctetString", "value": "eth0"})
        site.count(total, 0)
    assert (site.usage().used_bytes, site.usage().is_own) == (used, not used)
