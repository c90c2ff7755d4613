"""``python -m tests.bench [NAME…] [--json] [--tiny]``: the table of figures, with the machine named."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable

from tests.bench.cot import cot
from tests.bench.crashing import crash
from tests.bench.devices import devices
from tests.bench.endurance import endurance
from tests.bench.exporting import exporting
from tests.bench.figure import Figure, machine, table
from tests.bench.jt808 import jt808
from tests.bench.live import live
from tests.bench.map import painted
from tests.bench.mutation import fuzz
from tests.bench.opening import start, window
from tests.bench.outage import outage
from tests.bench.replaying import moment, replay
from tests.bench.sentences import nmea
from tests.bench.video import tiles, video

Bench = Callable[[], Iterable[Figure]]

BENCHES: dict[str, Bench] = {
    "live": live,
    "replay": replay,
    "moment": moment,
    "crash": crash,
    "start": start,
    "window": window,
    "video": video,
    "tiles": tiles,
    "outage": outage,
    "export": exporting,
    "jt808": jt808,
    "cot": cot,
    "nmea": nmea,
    "fuzz": fuzz,
    "devices": devices,
    "map": painted,
    "endurance": endurance,
}
TINY: dict[str, Bench] = {
    "live": lambda: live(2_000),
    "replay": lambda: replay(4_000),
    "moment": lambda: moment(4_000, 3),
    "crash": lambda: crash(2, 0.2, 0.3),
    "start": lambda: start(1),
    "window": lambda: window(1.0),
    "video": lambda: video(1.0, 2, 3.0, ["av"]),
    "tiles": lambda: tiles(1.0, 2, 3.0, []),
    "outage": lambda: outage(2.0, 1.5, 3.0, 1, ["av"]),
    "export": lambda: exporting(0.5),
    "jt808": lambda: jt808(2),
    "cot": lambda: cot(300),
    "fuzz": lambda: fuzz(200),
    "devices": lambda: devices(4.0),
    "nmea": lambda: nmea(500),
    "map": lambda: painted((60,), 6),
    "endurance": lambda: endurance(1, 400.0),
}
"""The same with sizes that prove only that they run."""


def main() -> int:
    """Run the named benches, or all; 1 when a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("names", nargs="*", metavar="NAME", help=" ".join(BENCHES))
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the table")
    parser.add_argument("--tiny", action="store_true", help="sizes that only prove that the benches run")
    args = parser.parse_args()
    if unknown := set(args.names) - set(BENCHES):
        parser.error(f"unknown: {' '.join(sorted(unknown))}")
    figures: list[Figure] = []
    for name in args.names or BENCHES:
        print(f"{name} ...", file=sys.stderr, flush=True)
        figures += (TINY if args.tiny else BENCHES)[name]()
    if args.json:
        print(json.dumps({"machine": machine(), "figures": [one.plain() for one in figures]}, ensure_ascii=False))
    else:
        print("Machine: " + ", ".join(f"{key} {value}" for key, value in machine().items()))
        print("\n".join(dict.fromkeys(f"Mix: {one.mix}" for one in figures if one.mix)))
        print(table(figures))
    return 0 if args.tiny or all(one.is_met() is not False for one in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
