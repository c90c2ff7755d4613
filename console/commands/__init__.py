"""The command line: one module a subcommand, imported when it is asked for.

stdout holds only what a command's contract says; logs and complaints go to stderr.  Exit 0: good, 1: a fault was
found, 2: wrong usage.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import logging
import os
import re
import sys
from collections.abc import Sequence
from typing import Protocol, cast

from console.i18n import Language
from console.trouble import OperatorError

SUBCOMMANDS = ("decode", "replay", "export", "check", "drivers", "where", "import", "roster", "simulate", "reflect")
"""What people script; ``drill-wires`` is the console's own helper process."""
_OWN = ("drill-wires",)
_MODULES = {"import": "importing"}
"""Commands whose name Python keeps for itself."""
_BROKEN_PIPE = 1


class Command(Protocol):
    """What each module of this package offers."""

    SUMMARY: str

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Say what the command takes."""

    def run(self, args: argparse.Namespace) -> int:
        """Do it; returns the exit code."""


def dispatch(argv: Sequence[str]) -> int:
    """Run the command that ``argv`` names; without a name the console itself."""
    # Observations and records hold no cycles: the collector's default would walk everything at each 700 of them.
    gc.set_threshold(50_000, 20, 20)
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    name = argv[0] if argv and argv[0] in (*SUBCOMMANDS, *_OWN) else None
    module = _MODULES.get(name, name.replace("-", "_")) if name else "headless" if "--headless" in argv else "run"
    command = cast("Command", importlib.import_module(f"console.commands.{module}"))
    parser = argparse.ArgumentParser(
        prog="main.py" if name is None else f"main.py {name}",
        description=command.SUMMARY,
        epilog=None if name else f"commands: {', '.join(SUBCOMMANDS)} (each with --help)",
        allow_abbrev=False,
    )
    command.add_arguments(parser)
    # Intermixed: FILE may stand after an option, which plain parse_args refuses where FILE is optional.
    words = list(argv[1:] if name else argv)
    if name == "where":  # a southern latitude is no option
        words = [f" {word}" if re.match(r"-\d", word) else word for word in words]
    args = parser.parse_intermixed_args(words)
    try:
        return command.run(args)
    except OperatorError as trouble:
        print(trouble.sentence(cast("Language", getattr(args, "lang", None) or "zh")), file=sys.stderr)
        return 1
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _BROKEN_PIPE
