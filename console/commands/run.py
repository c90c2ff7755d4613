"""``main.py``: the console with its window."""

from __future__ import annotations

import argparse
import contextlib

from console.commands.arguments import add_incident, choose
from console.commands.window import show_incident
from console.drill import open_vehicle
from console.runtime import Runtime

SUMMARY = "the command post: opens the given vehicle, else your own, else the drill vehicle"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What this command takes."""
    add_incident(parser)
    parser.add_argument("--headless", action="store_true", help="no window; see --headless --help")


def run(args: argparse.Namespace) -> int:
    """Open the vehicle and its window."""
    with contextlib.ExitStack() as stack:
        vehicle = stack.enter_context(open_vehicle(choose(args)))
        return show_incident(Runtime(vehicle.configuration, vehicle.folder), args.lang)
