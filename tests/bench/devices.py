"""``devices``: a vehicle with one of every device for ten minutes, every wire damaged; then its replay from zero."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path

from tests.bench.figure import Figure
from tests.devices.one_of_each import run

SHARE = 0.08


def devices(seconds: float = 600.0) -> Iterable[Figure]:
    """Whether the picture equals the replay's, and no device was silent or at fault."""
    with tempfile.TemporaryDirectory(prefix="command-post-bench-") as folder:
        outcome = run(Path(folder) / "incident", seconds, SHARE)
    known = outcome.picture.devices
    spoilt = sum(outcome.spoilt.values())
    mix = f"{len(known)} devices, {outcome.picture.records:,} records, {spoilt:,} pieces spoilt on {SHARE:.0%} of all"
    yield Figure(
        name="devices", what=f"digest of the replay equals after {seconds:g} s of damage", unit="", target=1.0,
        value=float(outcome.digest == outcome.replayed), better="equal", mix=mix,
    )  # fmt: skip
    yield Figure(
        name="devices", what="devices understood", value=sum(bool(one.understood) for one in known), unit="",
        target=float(len(known)) if seconds > 60 else None, mix=mix,
    )  # fmt: skip
    yield Figure(
        name="devices", what="faults of ours", value=float(outcome.picture.faults), unit="", target=0.0, better="less",
        mix=mix,
    )  # fmt: skip
