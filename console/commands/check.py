"""``main.py check FILE``: says each fault of a configuration, one a line."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import cast

from console.configuration.faults import ConfigurationFaults
from console.configuration.file import load
from console.i18n import LANGUAGES, Language, translate

SUMMARY = "check a configuration file"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What this command takes."""
    parser.add_argument("file", type=Path, metavar="FILE", help="the configuration to check (TOML)")
    parser.add_argument("--lang", choices=LANGUAGES, default="zh", help="language of reasons and remedies")


def run(args: argparse.Namespace) -> int:
    """Print ``file[:line]``, key, reason and remedy of each fault, tab separated.  0: none; 1: at least one."""
    language = cast("Language", args.lang)
    try:
        configuration = load(args.file)
    except ConfigurationFaults as trouble:
        for fault in trouble.faults:
            print("\t".join(column or "-" for column in fault.columns(language)))
        return 1
    counts = {
        "devices": len(configuration.devices),
        "cameras": len(configuration.cameras),
        "teams": len(configuration.teams),
        "bearers": len(configuration.bearers),
    }
    print(translate(language, "configuration.good", {"file": str(args.file), **counts}), file=sys.stderr)
    return 0
