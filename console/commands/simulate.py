"""``main.py simulate DRIVER WIRE [--seed N] [--for 30s]``: the device's end of a real wire."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import signal
import sys
import time
import tomllib
from typing import Any, cast

from console.commands.arguments import duration_s
from console.i18n import LANGUAGES, Language, translate
from devices.catalogue import entries, make_simulator
from devices.driver import Simulator
from devices.transports.contract import OpenFailed
from devices.transports.hosting import host

SUMMARY = "play a device on a real wire"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What this command takes."""
    parser.add_argument("driver", metavar="DRIVER", help="a driver of the catalogue that has a simulator")
    parser.add_argument(
        "wire", metavar="WIRE", help="pty: | tcp-listen:address:port | tcp:host:port | udp:... | serial:..."
    )
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="the same number plays the same")
    parser.add_argument(
        "--for", dest="for_s", type=duration_s, default=None, metavar="TIME", help="stop after (30s, 5m)"
    )
    parser.add_argument(
        "--set",
        dest="settings",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="a setting of the simulator (TOML)",
    )
    parser.add_argument("--lang", choices=LANGUAGES, default="zh", help="language of complaints")


def run(args: argparse.Namespace) -> int:
    """Say ``ready <url>``, then play until the time is over or SIGTERM.  1: the wire failed; 2: no such device."""
    language = cast("Language", args.lang)
    if args.driver not in entries():
        print(translate(language, "command.no-driver", {"driver": args.driver}), file=sys.stderr)
        return 2
    try:
        settings = tomllib.loads("\n".join(args.settings))
    except tomllib.TOMLDecodeError as trouble:
        print(translate(language, "command.bad-setting", {"detail": str(trouble)}), file=sys.stderr)
        return 2
    simulator = make_simulator(args.driver, settings, random.Random(args.seed).random)  # noqa: S311 - a drill repeats
    if simulator is None:
        print(translate(language, "command.no-simulator", {"driver": args.driver}), file=sys.stderr)
        return 2
    try:
        return asyncio.run(_play(simulator, args))
    except OpenFailed as trouble:
        print(translate(language, f"wire.reason.{trouble.reason}", {"detail": trouble.detail}), file=sys.stderr)
        return 1


async def _play(simulator: Simulator, args: argparse.Namespace) -> int:
    loop = asyncio.get_running_loop()
    playing: asyncio.Task[Any] | None = asyncio.current_task()
    for name in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):  # Windows ends the process by itself
            loop.add_signal_handler(name, playing.cancel if playing else loop.stop)
    language = cast("Language", args.lang)
    try:
        async with asyncio.timeout(args.for_s):
            reason, detail = await host(simulator, args.wire, on_ready=_announce, clock_ns=time.time_ns)
    except (TimeoutError, asyncio.CancelledError):
        return 0
    print(translate(language, f"wire.reason.{reason}", {"detail": detail}), file=sys.stderr)
    return 1


def _announce(url: str) -> None:
    print(f"ready {url}", flush=True)
