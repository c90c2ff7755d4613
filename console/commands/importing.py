"""``main.py import SOURCE... --to OUT``: other people's maps into tiles, a vector layer or height tiles."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Callable
from pathlib import Path
from typing import cast

import msgspec

from console.i18n import LANGUAGES, Language, translate
from console.importing.job import DATUMS, FEATURE_KINDS, Job, Progress, Refused, Report, Target
from console.importing.run import bring_in
from console.importing.source import SUFFIXES, refuse_tiles
from console.importing.telling import said_report
from console.importing.trouble import refusal
from console.trouble import OperatorError

SUMMARY = "make tiles (.mbtiles), a vector layer (.geojson) or height tiles (a folder) of other people's maps"
_BAR_SIGNS = 30
_CANCELLED = 130
_MOST_ZOOM = 19


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What this command takes."""
    parser.add_argument("source", nargs="+", metavar="SOURCE", help=f"the map: {' '.join(SUFFIXES)}")
    parser.add_argument("--to", type=Path, required=True, metavar="OUT", help="OUT.mbtiles, OUT.geojson, or a folder")
    parser.add_argument("--crs", metavar="CODE", help="its reference system where it does not say it (EPSG:4547)")
    parser.add_argument("--datum", choices=DATUMS, help="its datum, where its reference system says otherwise")
    parser.add_argument("--zooms", type=zooms, metavar="A-B", help="tiles: which zooms")
    parser.add_argument("--area", type=area, metavar="W,S,E,N", help="only this, in degrees of WGS-84")
    parser.add_argument("--as", dest="feature_kind", choices=FEATURE_KINDS, help="layer: what all its features are")
    parser.add_argument("--name", help="what people call it (default: the file's name)")
    parser.add_argument("--date", type=day, metavar="YYYY-MM-DD", help="its day (default: the file's)")
    parser.add_argument("--replace", action="store_true", help="OUT may be there already")
    parser.add_argument("--json", action="store_true", help="progress and report as JSON lines on standard output")
    parser.add_argument("--lang", choices=LANGUAGES, default="zh", help="language of what people read")


def zooms(text: str) -> tuple[int, int]:
    """``8-15`` or ``12``."""
    first, _, last = text.partition("-")
    if first.isascii() and first.isdigit() and (last or first).isascii() and (last or first).isdigit():
        found = int(first), int(last or first)
        if found[0] <= found[1] <= _MOST_ZOOM:
            return found
    raise argparse.ArgumentTypeError(f"not zooms: {text!r} (write 8-15; at most {_MOST_ZOOM})")


def area(text: str) -> tuple[float, float, float, float]:
    """West, south, east, north in degrees."""
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"not an area: {text!r} (write 113.5,34.2,114.1,34.7)") from None
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise argparse.ArgumentTypeError(f"not an area: {text!r} (west, south, east, north)")
    return west, south, east, north


def day(text: str) -> str:
    """A day in ISO 8601."""
    try:
        return dt.date.fromisoformat(text).isoformat()
    except ValueError:
        raise argparse.ArgumentTypeError(f"not a day: {text!r} (write 2026-07-20)") from None


def run(args: argparse.Namespace) -> int:
    """0: all were imported; 1: one was refused (said why), the others stand; 130: cancelled."""
    language = cast("Language", args.lang)
    several = len(args.source) > 1
    code = 0
    for text in args.source:
        source = Path(text)
        try:
            report = bring_in(_job(args, source, several=several), may_replace=args.replace, on_progress=_shown(args))
        except OperatorError as trouble:
            code = 1
            _clear(args)
            _tell_refusal(trouble, is_json=args.json, language=language)
        except KeyboardInterrupt:
            _clear(args)
            print(translate(language, "import.cancelled", {"file": source.name}), file=sys.stderr)
            return _CANCELLED
        else:
            _clear(args)
            _tell(report, is_json=args.json, language=language)
    return code


def _job(args: argparse.Namespace, source: Path, *, several: bool) -> Job:
    refuse_tiles(source)
    try:
        modified = dt.datetime.fromtimestamp(source.stat().st_mtime, tz=dt.UTC).date().isoformat()
    except OSError:
        raise refusal("no_file", file=source.name) from None
    out = _out(args.to, source, several=several)
    return Job(
        source=str(source),
        kind="geotiff",  # judged by whoever opens it
        target=_target(out, source),
        out=str(out),
        file_name=source.name,
        name=args.name or source.stem,
        date=args.date or modified,
        crs=args.crs,
        datum=args.datum,
        zooms=args.zooms,
        area_deg=args.area,
        feature_kind=args.feature_kind,
    )


def _out(to: Path, source: Path, *, several: bool) -> Path:
    """Several sources go into the folder ``to``, each under its own name."""
    if not several:
        return to
    if to.suffix.lower() in {".mbtiles", ".geojson"}:
        raise refusal("one_at_a_time", file=to.name)
    is_picture = source.suffix.lower() in {".tif", ".tiff"}
    return to / f"{source.stem}{'.mbtiles' if is_picture else '.geojson'}"


def _target(out: Path, source: Path) -> Target:
    match out.suffix.lower():
        case ".mbtiles" if source.suffix.lower() in {".tif", ".tiff", ".gpkg"}:
            return "tiles"
        case ".geojson" if source.suffix.lower() not in {".tif", ".tiff"}:
            return "layer"
        case "" if source.suffix.lower() in {".tif", ".tiff"}:
            return "heights"
        case _:
            raise refusal("wrong_target", file=source.name, out=out.name)


# ---- telling


def _shown(args: argparse.Namespace) -> Callable[[Progress], None]:
    if args.json:
        return _write_line
    language = cast("Language", args.lang)

    def show(progress: Progress) -> None:
        done = _BAR_SIGNS * progress.done // max(1, progress.total)
        step = translate(language, f"import.step.{progress.step}")
        bar = "█" * done + "░" * (_BAR_SIGNS - done)
        print(f"\r\x1b[K{bar} {progress.done}/{progress.total} {step} {progress.what}", end="", file=sys.stderr)
        sys.stderr.flush()

    return show


def _write_line(line: Progress | Report | Refused) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(line) + b"\n")
    sys.stdout.buffer.flush()


def _clear(args: argparse.Namespace) -> None:
    if not args.json:
        print("\r\x1b[K", end="", file=sys.stderr)


def _tell(report: Report, *, is_json: bool, language: Language) -> None:
    if is_json:
        _write_line(report)
    else:
        print("\n".join(said_report(report, language)))


def _tell_refusal(trouble: OperatorError, *, is_json: bool, language: Language) -> None:
    print(trouble.sentence(language), file=sys.stderr)
    if is_json:
        text, remedy = trouble.text, trouble.remedy
        _write_line(
            Refused(
                text=text.id,
                text_args=dict(text.args),
                remedy=remedy.id,
                remedy_args=dict(remedy.args),
                sentence=trouble.sentence(language),
            )
        )
