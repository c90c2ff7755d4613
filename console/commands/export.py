"""``main.py export JOURNAL --to csv|jsonl|mp4|geojson OUT``: a journal and its recordings for other people's tools."""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import cast

from console import drawn_files
from console.commands.arguments import Moment, moment
from console.export.films import Exporting, plan
from console.export.tables import FORMATS, export
from console.i18n import Language, translate
from console.journal.reader import Reader
from console.queries import ExportRequest
from console.trouble import OperatorError

SUMMARY = "write a journal as CSV or JSON lines, or its recordings as MP4 with a SHA-256 list, or its marks as GeoJSON"
FILMS = "mp4"
DRAWN = "geojson"
_END_NS = 1 << 62


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What this command takes."""
    parser.add_argument("journal", type=Path, metavar="JOURNAL", help="the incident's folder")
    parser.add_argument("--to", choices=sorted([*FORMATS, FILMS, DRAWN]), required=True, help="what to write")
    parser.add_argument("out", type=Path, metavar="OUT", help="the file to write; for mp4 a new folder")
    parser.add_argument("--camera", action="append", default=[], metavar="ID", help="mp4: this camera (repeatable)")
    time_help = "mp4: ISO 8601 with zone, or +90s from the journal's start"
    parser.add_argument("--from", dest="begin", type=moment, metavar="TIME", help=time_help)
    until_help = "mp4: up to then; geojson: as it stood then"
    parser.add_argument("--until", type=moment, metavar="TIME", help=until_help)
    parser.add_argument("--lang", choices=("zh", "en"), help="language of what people read")


def run(args: argparse.Namespace) -> int:
    """Write it; 1 when the journal's hash chain is broken (the file is written all the same)."""
    language = cast("Language", args.lang or "zh")
    if args.to == FILMS:
        return _export_films(args, language)
    broken = _export_drawn(args) if args.to == DRAWN else export(args.journal, args.out, args.to)
    if broken is None:
        return 0
    print(translate(language, "export.broken_chain", {"seq": broken}), file=sys.stderr)
    return 1


def _export_drawn(args: argparse.Namespace) -> int | None:
    until: Moment | None = args.until
    until_ns = None if until is None else until.in_journal(_start_ns(args.journal))
    return drawn_files.export(args.journal, args.out, until_ns=until_ns)


def _start_ns(folder: Path) -> int:
    reader = Reader(folder)
    start_ns, _, _ = reader.span()
    reader.close()
    return start_ns


def _export_films(args: argparse.Namespace, language: Language) -> int:
    start_ns = _start_ns(args.journal)

    def at_ns(wanted: Moment | None, otherwise_ns: int) -> int:
        return otherwise_ns if wanted is None else wanted.in_journal(start_ns)

    request = ExportRequest(
        from_ns=at_ns(args.begin, 0), to_ns=at_ns(args.until, _END_NS), camera_ids=tuple(args.camera), out=args.out
    )
    wanted, exporting = plan(args.journal, request), Exporting()

    def stop(_number: int, _frame: FrameType | None) -> None:
        exporting.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    page = exporting.run(wanted, _show_progress if sys.stderr.isatty() else None)
    if not page.is_good:
        raise OperatorError(page.text, page.remedy or page.text)
    print(translate(language, page.text.id, page.text.args))
    return 0


def _show_progress(done_bytes: int, total_bytes: int) -> None:
    share = f"{100 * done_bytes // max(1, total_bytes):3d} %"
    print(share, end="\r", file=sys.stderr, flush=True)
