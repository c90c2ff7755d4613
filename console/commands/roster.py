"""``main.py roster FILE [--into CONFIG]``: a county's list of teams as configuration."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import cast

from console.configuration.adding import add_all, text_of
from console.configuration.file import load
from console.configuration.model import Configuration
from console.configuration.roster import Known, Roster, read_roster
from console.i18n import LANGUAGES, Language, translate

SUMMARY = "read a roster of teams (CSV or XLSX) and say what of it was not understood"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What this command takes."""
    parser.add_argument("file", type=Path, metavar="FILE", help="the roster; the first sheet of an XLSX")
    into = "write the teams into this configuration; without it they are printed as TOML"
    parser.add_argument("--into", type=Path, metavar="CONFIG", help=into)
    parser.add_argument("--lang", choices=LANGUAGES, default="zh", help="language of what people read")


def run(args: argparse.Namespace) -> int:
    """Print or add the teams; one line on stderr for everything left out.  0: all was understood; 1: not all."""
    language = cast("Language", args.lang)
    configuration = load(args.into) if args.into is not None else None
    roster = read_roster(args.file, _known(configuration))
    for one in roster.unread:
        where = translate(language, "roster.row", {"row": one.row}) if one.row is not None else args.file.name
        said = translate(language, one.text.id, one.text.args)
        print("\t".join((where, one.column or "-", said)), file=sys.stderr)
    if args.into is None:
        print(text_of(roster.teams), end="")
    elif roster.teams:
        add_all(args.into, roster.teams)
    _say_total(roster, args, language)
    return 1 if roster.unread else 0


def _known(configuration: Configuration | None) -> Known:
    if configuration is None:
        return Known()
    ids = {device.id for device in configuration.devices} | {team.id for team in configuration.teams}
    ids |= {camera.id for camera in configuration.cameras} | {bearer.id for bearer in configuration.bearers}
    means = [one for team in configuration.teams for one in team.means]
    return Known(
        devices={device.id: device.name for device in configuration.devices},
        ids=ids,
        names=[team.name for team in configuration.teams],
        means=[_plain(one) for one in means],
    )


def _plain(means: str) -> str:
    device, slash, subject = means.partition("/")
    return f"{device}/{subject.lstrip('0')}" if slash else device


def _say_total(roster: Roster, args: argparse.Namespace, language: Language) -> None:
    word = "roster.read" if args.into is None else "roster.added"
    total = {"count": len(roster.teams), "unread": len(roster.unread), "file": str(args.into or args.file)}
    print(translate(language, word, total), file=sys.stderr)
