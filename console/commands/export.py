"""``main.py export JOURNAL --to csv|jsonl OUT``: a journal for other people's tools."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from console.export.tables import FORMATS, export
from console.i18n import translate

SUMMARY = "write a journal as CSV or JSON lines"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What this command takes."""
    parser.add_argument("journal", type=Path, metavar="JOURNAL", help="the incident's folder")
    parser.add_argument("--to", choices=sorted(FORMATS), required=True, help="what to write")
    parser.add_argument("out", type=Path, metavar="OUT", help="the file to write")
    parser.add_argument("--lang", choices=("zh", "en"), help="language of complaints")


def run(args: argparse.Namespace) -> int:
    """Write it; 1 when the journal's hash chain is broken (the file is written all the same)."""
    broken = export(args.journal, args.out, args.to)
    if broken is None:
        return 0
    print(translate(args.lang or "zh", "export.broken_chain", {"seq": broken}), file=sys.stderr)
    return 1
