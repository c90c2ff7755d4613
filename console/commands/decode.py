"""``main.py decode DRIVER [--hex] [--at TIME] [FILE|-]``: what a driver understands, one JSON object a line."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO, cast

import msgspec

from console.commands.arguments import instant_ns
from console.i18n import LANGUAGES, Language, translate
from devices.catalogue import entries, make_driver
from devices.observations import Malformed, Observation

SUMMARY = "show what a driver understands of octets"
CHUNK_OCTETS = 65_536
NOW_UNKNOWN_NS = -1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What this command takes."""
    parser.add_argument("driver", metavar="DRIVER", help="a driver of the catalogue (main.py drivers)")
    parser.add_argument("--hex", action="store_true", help="each line is one chunk of octets in hex")
    parser.add_argument(
        "--at",
        type=instant_ns,
        default=NOW_UNKNOWN_NS,
        metavar="TIME",
        help="when this was received (ISO 8601 with zone): completes times that come without a date",
    )
    parser.add_argument(
        "file", nargs="?", default="-", metavar="FILE", help="where the octets are; - is standard input"
    )
    parser.add_argument("--lang", choices=LANGUAGES, default="zh", help="language of complaints")


def run(args: argparse.Namespace) -> int:
    """Print every observation.  0 also for garbage; 1: the file cannot be read; 2: no such driver."""
    if args.driver not in entries():
        return _complain(args, 2, "command.no-driver", driver=args.driver)
    try:
        if args.file == "-":
            _decode(args, sys.stdin.buffer)
        else:
            with open(args.file, "rb") as file:  # noqa: PTH123 - a path of any spelling, as typed
                _decode(args, file)
    except BrokenPipeError:
        raise
    except OSError as trouble:
        return _complain(args, 1, "command.no-file", file=args.file, detail=trouble.strerror or str(trouble))
    return 0


def _complain(args: argparse.Namespace, code: int, message_id: str, **words: object) -> int:
    print(translate(cast("Language", args.lang), message_id, words), file=sys.stderr)
    return code


def _decode(args: argparse.Namespace, file: BinaryIO) -> None:
    driver = make_driver(args.driver, {})
    is_datagram = entries()[args.driver].framing == "datagram"
    chunks: Iterator[bytes | Malformed] = (
        _hex_chunks(file) if args.hex else _lines(file) if is_datagram else _raw_chunks(file)
    )
    for chunk in chunks:
        _print((chunk,) if isinstance(chunk, Malformed) else driver.receive(chunk, args.at))
    _print(driver.finish())


def _print(said: Iterable[Observation]) -> None:
    """Flushed at once: the octets may come from a pipe that somebody is watching."""
    out = sys.stdout.buffer
    out.write(b"".join(as_line(one) for one in said))
    out.flush()


def _raw_chunks(file: BinaryIO) -> Iterator[bytes | Malformed]:
    read = getattr(file, "read1", file.read)
    while data := read(CHUNK_OCTETS):
        yield data


def _lines(file: BinaryIO) -> Iterator[bytes | Malformed]:
    """A recording of datagrams that are text: one a line."""
    while line := file.readline(CHUNK_OCTETS):
        if line.strip():
            yield line


def _hex_chunks(file: BinaryIO) -> Iterator[bytes | Malformed]:
    while line := file.readline(CHUNK_OCTETS * 4):
        text = line.strip()
        if not text or text.startswith(b"#"):
            continue
        try:
            yield bytes.fromhex(text.decode("ascii"))
        except ValueError:
            yield Malformed(reason="hex", raw=text)


def as_line(seen: Observation) -> bytes:
    """One observation as a JSON object that names its kind: unknown is null, octets are hex.

    A field that is itself called ``kind`` (what an Emergency is about) is printed as ``what``.
    """
    fields: dict[str, Any] = msgspec.to_builtins(seen, builtin_types=(bytes,))
    plain = {
        "what" if name == "kind" else name: value.hex() if isinstance(value, bytes) else value
        for name, value in fields.items()
    }
    line = json.dumps({"kind": type(seen).__name__, **plain}, ensure_ascii=False, allow_nan=False)
    return line.encode("utf-8", "backslashreplace") + b"\n"
