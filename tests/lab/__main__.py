"""``python -m tests.lab [detect] [soak] [--json] [--tiny] [--seed N]``: figures of the laboratory, the machine named.

``detect``: 500 cuts, 24 h at 5, 20 and 40 % loss and an hour of flapping on the virtual clock, for our engine and for
the rules of others.  ``soak``: three days of fifty devices, twice in processes of their own when ``--tiny``, so that
both chains can be compared; else once, and an hour of it a second time.  Ends with 1 where a target is missed.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from tests.bench.figure import Figure, machine, percentile, table
from tests.lab.detection import Found, judge
from tests.lab.detectors import START_NS, Bfd, Detector, Mwan3, ours
from tests.lab.link import NS_PER_S, QUALITIES, flaps, scattered_cuts
from tests.lab.soak import Soaked, soak

DETECT_S = 5.0
CHANGES_A_MINUTE = 2
YARDSTICK = "4 s up, 4 s down"
"""Slower flaps are told at once the first two times: a cut is never held back to keep the board calm."""
SOAK_S = 600.0
MEMORY_GROWTH = 1.05
_MADE_OF = "detect: cuts of 150-200 s at 2 % loss; an hour of each flapping; probes of 84 octets each way"

Make = Callable[[], Detector]

RIVALS: dict[str, Make] = {
    "mwan3 as delivered": Mwan3,
    "mwan3's rule each second": lambda: Mwan3(1.0, 1.0),
    "BFD's rule, 1 s x 3": Bfd,
}


def detect(*, cuts: int = 500, loss_hours: float = 24.0, flap_count: int = 450) -> Iterator[Figure]:
    """Ours for fibre and LTE, beside others on the same bearer."""
    broken = scattered_cuts(cuts, "cuts", first_ns=START_NS + 60 * NS_PER_S)
    first_ns = START_NS + 60 * NS_PER_S
    flapping = {
        YARDSTICK: flaps(flap_count, first_ns=first_ns),
        "10 s up, 10 s down": flaps(flap_count * 2 // 5, first_ns=first_ns, period_ns=20 * NS_PER_S),
    }

    def found(make: Make, kind: str) -> Found:
        return judge(make, QUALITIES[kind], cuts=broken, flapping=flapping, loss_hours=loss_hours)

    others = {name: found(make, "lte") for name, make in RIVALS.items()}
    for kind in ("fibre", "lte"):
        yield from _told(kind, found(lambda kind=kind: ours(kind), kind), others)  # type: ignore[misc]


def _told(kind: str, mine: Found, others: dict[str, Found]) -> Iterator[Figure]:
    def beside(say: Callable[[Found], str]) -> str:
        return "; ".join(f"{name} {say(one)}" for name, one in others.items())

    slow = percentile(mine.down_s, 0.95)
    quickest = min(percentile(one.down_s, 0.95) for one in others.values())
    yield Figure(
        name="detect",
        what=f"{kind}: a cut is called down, p95 of {len(mine.down_s)} (p50 {percentile(mine.down_s, 0.5):.1f} s)",
        value=slow,
        unit="s",
        target=DETECT_S,
        better="less",
        beside=beside(lambda one: f"{percentile(one.down_s, 0.95):.1f} s"),
        ratio=slow / quickest,
        mix=_MADE_OF,
    )
    yield Figure(
        name="detect",
        what=f"{kind}: called up again, p95 (p50 {percentile(mine.up_s, 0.5):.1f} s)",
        value=percentile(mine.up_s, 0.95),
        unit="s",
        beside=beside(lambda one: f"{percentile(one.up_s, 0.95):.1f} s"),
        mix=_MADE_OF,
    )
    for loss, count in mine.false_downs.items():
        yield Figure(
            name="detect",
            what=f"{kind}: called down while it lives, {loss:.0%} loss",
            value=count,
            unit="times",
            target=0.0 if loss <= 0.2 else None,
            better="equal",
            beside=beside(lambda one, loss=loss: f"{one.false_downs[loss]}"),  # type: ignore[misc]
            mix=_MADE_OF,
        )
    for flap, most in mine.flap_most_a_minute.items():
        yield Figure(
            name="detect",
            what=f"{kind}: changes shown in the worst minute of flapping, {flap} ({mine.flap_changes[flap]} in all)",
            value=most,
            unit="changes",
            target=CHANGES_A_MINUTE if flap == YARDSTICK else None,
            better="less",
            beside=beside(lambda one, flap=flap: f"{one.flap_most_a_minute[flap]} ({one.flap_changes[flap]})"),  # type: ignore[misc]
            mix=_MADE_OF,
        )


def in_a_process(hours: float, seed: int) -> Soaked:
    """The same in a process of its own: hashes are seeded otherwise there, and memory begins anew."""
    command = [sys.executable, "-m", "tests.lab", "soak-once", "--hours", str(hours), "--seed", str(seed)]
    told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return Soaked.told(told)


def soaking(*, hours: float = 72.0, again_hours: float = 1.0, seed: int = 1) -> Iterator[Figure]:
    """The long run, and a short one twice."""
    long = in_a_process(hours, seed)
    first, second = in_a_process(again_hours, seed), in_a_process(again_hours, seed)
    mix = f"soak: fifty devices, a record each 5 s and a tick each second, {long.records:,} records; seed {seed}"
    yield Figure(
        name="soak",
        what=f"{hours:g} h of fifty devices, runtime, journal and all",
        value=long.real_s,
        unit="s",
        target=SOAK_S,
        better="less",
        beside=f"{hours * 3_600 / long.real_s:,.0f} x real time",
        mix=mix,
    )
    after = [hour for hour in long.hours if hour.hour >= min(1.0, hours)]
    yield Figure(
        name="soak",
        what="memory at its most, beside that after the first hour",
        value=max(hour.memory_mb for hour in after) / after[0].memory_mb,
        unit="x",
        target=MEMORY_GROWTH,
        better="less",
        beside=f"{after[0].memory_mb:.0f} MB after the first hour, {after[-1].memory_mb:.0f} MB in the end",
        mix=mix,
    )
    yield Figure(
        name="soak",
        what=f"the same seed gives the same chain, {again_hours:g} h of {first.records:,} records",
        value=float(first.chain == second.chain),
        unit="",
        target=1.0,
        better="equal",
        beside=first.chain[:16],
        mix=mix,
    )
    yield Figure(name="soak", what="faults of ours", value=long.faults, unit="", target=0.0, better="equal", mix=mix)


def _once(hours: float, seed: int) -> int:
    with tempfile.TemporaryDirectory(prefix="lab-") as folder:
        print(json.dumps(soak(Path(folder) / "incident", seed, hours).plain()))
    return 0


def _print(figures: Iterable[Figure], *, as_json: bool) -> int:
    found = list(figures)
    if as_json:
        print(json.dumps({"machine": machine(), "figures": [one.plain() for one in found]}, ensure_ascii=False))
    else:
        print("Machine: " + ", ".join(f"{key} {value}" for key, value in machine().items()))
        for mix in dict.fromkeys(one.mix for one in found):
            print(f"Mix: {mix}")
        print(table(found))
    return 1 if any(one.is_met() is False for one in found) else 0


def main() -> int:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.lab", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("parts", nargs="*", choices=["detect", "soak", "soak-once", []])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--tiny", action="store_true", help="seconds instead of minutes; its figures mean nothing")
    parser.add_argument("--hours", type=float, default=72.0)
    parser.add_argument("--seed", type=int, default=1)
    said = parser.parse_args()
    parts = said.parts or ["detect", "soak"]
    if "soak-once" in parts:
        return _once(said.hours, said.seed)
    figures: list[Figure] = []
    if "detect" in parts:
        figures += detect(cuts=3, loss_hours=0.1, flap_count=20) if said.tiny else detect()
    if "soak" in parts:
        tiny = soaking(hours=0.05, again_hours=0.05, seed=said.seed)
        figures += tiny if said.tiny else soaking(hours=said.hours, seed=said.seed)
    return _print(figures, as_json=said.json)


if __name__ == "__main__":
    sys.exit(main())
