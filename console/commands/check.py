"""``main.py check FILE``: says each fault of a configuration, one a line; and what is no fault but worth a look."""

from __future__ import annotations

import argparse
import socket
import subprocess
import sys
from pathlib import Path
from typing import cast

from console.configuration.faults import ConfigurationFaults, Fault, said
from console.configuration.file import load
from console.configuration.model import Configuration
from console.configuration.notes import notes_on
from console.i18n import LANGUAGES, Language, translate
from devices.video.target import OPTIONAL_SCHEMES

_ROOT = Path(__file__).resolve().parent.parent.parent
_ASK_S = 20.0

SUMMARY = "check a configuration file"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What this command takes."""
    parser.add_argument("file", type=Path, metavar="FILE", help="the configuration to check (TOML)")
    parser.add_argument("--lang", choices=LANGUAGES, default="zh", help="language of reasons and remedies")


def run(args: argparse.Namespace) -> int:
    """Print ``file[:line]``, key, reason and remedy of each fault, tab separated.  0: none; 1: at least one.

    Notes go to the standard error, each a sentence, and change nothing of that.
    """
    language = cast("Language", args.lang)
    try:
        configuration = load(args.file)
    except ConfigurationFaults as trouble:
        return _tell(trouble.faults, language)
    missing = _what_is_missing(args.file, configuration)
    if missing:
        return _tell(missing, language)
    interfaces = [name for _, name in socket.if_nameindex()]
    for note in notes_on(configuration, str(args.file), interfaces):
        place, key, reason, remedy = note.columns(language)
        said_of = {"file": place, "key": key, "reason": reason, "remedy": remedy}
        print(translate(language, "configuration.note", said_of), file=sys.stderr)
    counts = {
        "devices": len(configuration.devices),
        "cameras": len(configuration.cameras),
        "teams": len(configuration.teams),
        "bearers": len(configuration.bearers),
    }
    print(translate(language, "configuration.good", {"file": str(args.file), **counts}), file=sys.stderr)
    return 0


def _tell(faults: tuple[Fault, ...], language: Language) -> int:
    for fault in faults:
        print("\t".join(column or "-" for column in fault.columns(language)))
    return 1


def _what_is_missing(file: Path, configuration: Configuration) -> tuple[Fault, ...]:
    """Streams that are written well and that this machine's libraries cannot receive all the same.

    The console runs with them, and their tiles say the same; here it is said before anybody drives off.
    """
    wanted = [
        (f"camera.{camera.id}.{key}", url.partition(":")[0].lower())
        for camera in configuration.cameras
        for key, url in (("url", camera.url), ("sub_url", camera.sub_url))
        if url is not None and camera.is_enabled
    ]
    if not any(scheme in OPTIONAL_SCHEMES for _, scheme in wanted):
        return ()
    # Asked in a process of its own: the libraries of the video processes are loaded in no other.
    asked = subprocess.run(
        [sys.executable, "-m", "devices.video.abilities"],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        timeout=_ASK_S,
        check=False,
    )
    lacking = set(asked.stdout.split())
    return tuple(
        Fault(
            file=str(file),
            key=key,
            reason=said("reason", "url_camera_missing", scheme=scheme),
            remedy=said("remedy", "url_camera_missing"),
        )
        for key, scheme in wanted
        if scheme in lacking
    )
