"""``main.py``: the console with its window."""

from __future__ import annotations

import argparse

from console.commands.arguments import add_incident, chosen
from console.commands.window import show_incident
from console.drill import start_vehicle

SUMMARY = "the command post: opens the given vehicle, else your own, else the drill vehicle"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What this command takes."""
    add_incident(parser)
    parser.add_argument("--headless", action="store_true", help="no window; see --headless --help")


def run(args: argparse.Namespace) -> int:
    """Open the vehicle and its window; the drill's wires are made while Qt is loaded."""
    choice = chosen(args, may_fall_back=True)
    with start_vehicle(choice) as waiting:
        return show_incident(waiting, args.lang, choice.broken_file)
