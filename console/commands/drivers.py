"""``main.py drivers``: what this console can speak to."""

from __future__ import annotations

import argparse

from devices.catalogue import entries

SUMMARY = "list the drivers: id, maturity, source"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Nothing."""


def run(args: argparse.Namespace) -> int:
    """One driver a line: id, maturity and source, tab separated."""
    del args
    for entry in entries().values():
        print(entry.id, entry.maturity, entry.source, sep="\t")
    return 0
