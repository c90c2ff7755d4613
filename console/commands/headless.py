"""``main.py --headless``: engine and journal without a window; prints the final picture as one JSON object."""

from __future__ import annotations

import argparse
import contextlib
import math
import select
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from console.assembly import canonical, digest_of, plain
from console.commands.arguments import add_incident, chosen, duration_s
from console.drill import open_vehicle
from console.picture import Picture
from console.runtime import Runtime

SUMMARY = "run engine and journal without a window, then print the final picture as one JSON object"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What this command takes."""
    add_incident(parser)
    parser.add_argument("--headless", action="store_true", required=True, help="no window")
    parser.add_argument(
        "--for", dest="for_s", type=duration_s, metavar="30s", help="how long; without it until a signal"
    )
    parser.add_argument("--ack", action="store_true", help="print 'ack N' after each commit")


def run(args: argparse.Namespace) -> int:
    """Run until the time is over or SIGTERM or SIGINT comes; both end it in order."""
    with contextlib.ExitStack() as stack:
        wait_for_end = stack.enter_context(_ending())
        vehicle = stack.enter_context(open_vehicle(chosen(args)))
        runtime = Runtime(vehicle.configuration, vehicle.folder, on_commit=_print_ack if args.ack else None)
        runtime.start()
        wait_for_end(args.for_s, runtime)
        picture = runtime.stop()
    print_picture(picture)
    return 0


@contextlib.contextmanager
def _ending() -> Iterator[Callable[[float | None, Runtime], None]]:
    """Gives a wait that SIGTERM or SIGINT ends at once, also one that came before; and the end of the engine's thread.

    The signal writes an octet into a socket: a lock that another thread holds cannot lose it, as an Event can.
    """
    here, there = socket.socketpair()
    there.setblocking(False)  # noqa: FBT003 - as the standard library has it
    before = signal.set_wakeup_fd(there.fileno(), warn_on_full_buffer=False)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    try:

        def wait(for_s: float | None, runtime: Runtime) -> None:
            until_s = math.inf if for_s is None else time.monotonic() + for_s
            while runtime.is_running and (rest_s := until_s - time.monotonic()) > 0:
                if select.select([here], [], [], min(1.0, rest_s))[0]:
                    return

        yield wait
    finally:
        signal.set_wakeup_fd(before)
        here.close()
        there.close()


def print_picture(picture: Picture) -> None:
    """The picture with its digest and moment, as one line.

    ``digest`` is SHA-256 over the canonical JSON of all keys but ``digest`` and ``at``.
    """
    moment = datetime.fromtimestamp(picture.at_ns / 1e9, tz=UTC).isoformat(timespec="milliseconds")
    value = {"digest": digest_of(picture), "at": moment, **plain(picture)}
    sys.stdout.write(canonical(value).decode() + "\n")
    sys.stdout.flush()


def _print_ack(seq: int) -> None:
    sys.stdout.write(f"ack {seq}\n")
    sys.stdout.flush()
