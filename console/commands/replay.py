"""``main.py replay JOURNAL``: an old incident again, in a window or headless."""

from __future__ import annotations

import argparse
from pathlib import Path

from console.commands.arguments import moment
from console.commands.headless import print_picture
from console.i18n import LANGUAGES
from console.journal.reader import Reader
from console.replay import new_engine, play

SUMMARY = "replay a recorded incident"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What this command takes."""
    parser.add_argument("journal", type=Path, metavar="JOURNAL", help="the incident's folder")
    parser.add_argument("--headless", action="store_true", help="no window: print the final picture")
    parser.add_argument("--until", type=moment, metavar="TIME", help="ISO 8601 with zone, or +90s from the start")
    parser.add_argument("--lang", choices=LANGUAGES, help="language of what people read")


def run(args: argparse.Namespace) -> int:
    """Headless: step every record from the first one on and print the picture, digest and all."""
    reader = Reader(args.journal)
    start_ns, _, _ = reader.span()
    until_ns = args.until.in_journal(start_ns) if args.until is not None else None
    if args.headless:
        print_picture(play(new_engine(), reader, until_ns=until_ns).picture())
        reader.close()
        return 0
    reader.close()
    from console.commands.window import show_replay  # noqa: PLC0415 - Qt is loaded only when a window is wanted

    return show_replay(args.journal, until_ns, args.lang)
