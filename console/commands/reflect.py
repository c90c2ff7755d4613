"""``main.py reflect HOST:PORT``: the rear's end of the STAMP probes and of the throughput check."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from types import FrameType
from typing import cast

from console.commands.arguments import duration_s
from console.i18n import LANGUAGES, Language, translate
from devices.reflector import Reflector
from devices.transports.address import host_and_port
from devices.transports.contract import OpenFailed, reason_of, words_of

SUMMARY = "give back the test packets of consoles (STAMP, RFC 8762), counted, so that they learn which way loses"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What this command takes."""
    parser.add_argument(
        "address", metavar="HOST:PORT", help="where to listen; 862 is the usual port (needs root), 0 takes a free one"
    )
    parser.add_argument(
        "--for", dest="for_s", type=duration_s, default=None, metavar="TIME", help="stop after (30s, 5m)"
    )
    parser.add_argument("--lang", choices=LANGUAGES, default="zh", help="language of complaints")


def run(args: argparse.Namespace) -> int:
    """Say ``ready <url>``, then answer until the time is over, SIGTERM or Ctrl+C.  1: the address cannot be taken."""
    try:
        reflector = Reflector(*host_and_port(args.address))
    except OpenFailed as trouble:
        return _complain(args, trouble.reason, trouble.detail)
    except OSError as trouble:
        return _complain(args, reason_of(trouble), f"{args.address}: {words_of(trouble)}")
    ended = False

    def end(_number: int, _frame: FrameType | None) -> None:
        nonlocal ended
        ended = True

    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, end)
    print(f"ready {reflector.url}", flush=True)
    until_s = time.monotonic() + args.for_s if args.for_s is not None else None
    reflector.serve(lambda: ended or (until_s is not None and time.monotonic() >= until_s))
    reflector.close()
    return 0


def _complain(args: argparse.Namespace, reason: str, detail: str) -> int:
    language = cast("Language", args.lang)
    print(translate(language, f"wire.reason.{reason}", {"detail": detail}), file=sys.stderr)
    return 1
