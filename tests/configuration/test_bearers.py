"""What a person may write of a bearer, and what comes of its profile."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.configuration.bearers import profiles
from console.configuration.model import BearerConfiguration
from tests.configuration.test_file import only, read

PROBE = '[[device]]\nid = "p"\ndriver = "probe"\nwire = "ping:192.0.2.1{}"\n'
STAMP = '[[device]]\nid = "s"\ndriver = "stamp"\nwire = "stamp:192.0.2.1:862?dev=eth1"\n'
BEARER = '[[bearer]]\nid = "b"\nrung = "主"\n'


def test_a_profile_gives_what_the_file_does_not_say(tmp_path: Path) -> None:
    content = PROBE.format("") + STAMP + BEARER
    content += 'profile = "vsat"\ndevices = ["s", "p"]\ndegraded_ms = 900\nmisses_down = 20\nrequires_mbps = 2\n'
    content += 'quota_mb = 500\nquota_period = "month"\niperf3 = "192.0.2.1:5201"\n'
    (bearer,) = read(content, tmp_path).bearers
    usual = profiles()["vsat"]
    assert bearer.device_ids == ("s", "p")
    assert (bearer.profile, bearer.degraded_ms, bearer.misses_down) == ("vsat", 900, 20)
    assert (bearer.down_after_s, bearer.lost_after_s, bearer.cost) == (usual.down_after_s, usual.lost_after_s, "free")
    assert (bearer.requires_mbps, bearer.quota_bytes, bearer.quota_period) == (2.0, 500_000_000, "month")
    assert bearer.iperf3 == "192.0.2.1:5201"


def test_without_a_profile_it_is_judged_as_before(tmp_path: Path) -> None:
    (bearer,) = read(BEARER, tmp_path).bearers
    assert bearer == BearerConfiguration(id="b", name="b", rung="primary")


def test_a_probe_keeps_the_pace_of_its_bearer_unless_its_wire_says_one(tmp_path: Path) -> None:
    content = PROBE.format("?timeout_s=2") + STAMP + BEARER + 'profile = "fibre"\ndevices = ["p", "s"]\n'
    probe, stamp = read(content, tmp_path).devices
    assert probe.wire == "ping:192.0.2.1?timeout_s=2&interval_s=0.25"
    assert stamp.wire == "stamp:192.0.2.1:862?dev=eth1&interval_s=0.25&timeout_s=0.8"


def test_where_it_costs_a_probe_asks_only_when_told(tmp_path: Path) -> None:
    content = STAMP + BEARER + 'profile = "lte"\ncost = "metered"\ndevice = "s"\n'
    configuration = read(content, tmp_path)
    assert "interval_s=0&" in configuration.devices[0].wire
    assert configuration.bearers[0].is_metered


def test_a_probe_that_would_eat_a_costly_bearer_is_refused(tmp_path: Path) -> None:
    key, reason, _ = only(PROBE.format("?interval_s=5") + BEARER + 'profile = "tiantong"\ndevice = "p"\n', tmp_path)
    assert key == "bearer.b.device"
    assert reason.endswith("costly_probe")
    assert read(PROBE.format("?interval_s=300") + BEARER + 'profile = "tiantong"\ndevice = "p"\n', tmp_path)


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ('profile = "fiber"', "profile"),
        ('cost = "dear"', "cost"),
        ('quota_period = "week"', "quota_period"),
        ('iperf3 = "192.0.2.1"', "iperf3"),
        ('devices = ["nobody"]', "devices"),
        ('device = "nobody"', "device"),
        ("misses_down = 0", "misses_down"),
    ],
)
def test_each_slip_is_told_with_its_key(line: str, key: str, tmp_path: Path) -> None:
    assert only(f"{STAMP}{BEARER}{line}\n", tmp_path)[0] == f"bearer.b.{key}"


def test_every_profile_has_its_numbers_and_none_lets_a_few_losses_cut_it() -> None:
    for name, profile in profiles().items():
        assert profile.probe_s > 0, name
        assert profile.timeout_s > 0, name
        assert profile.misses_down >= (10 if name in {"fibre", "lte", "vsat", "radio"} else 2), name
        assert profile.cost == "free" or profile.idle_probe_s >= 60, name
