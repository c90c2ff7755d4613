"""Arguments that several commands share: durations, moments, and which incident is meant."""

from __future__ import annotations

import argparse
import re
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from console.configuration.choice import Chosen, choose
from console.i18n import LANGUAGES
from devices.driver import NS_PER_S

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|min|m|h)?")
_UNITS_S = {"ms": 0.001, "s": 1.0, None: 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}


def duration_s(text: str) -> float:
    """Seconds in ``30s``, ``500ms``, ``2min``, ``1h`` or a bare number."""
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        raise argparse.ArgumentTypeError(f"not a duration: {text!r} (write 30s, 2min or 1h)")
    return float(match[1]) * _UNITS_S[match[2]]


def instant_ns(text: str) -> int:
    """Nanoseconds since 1970 of an ISO 8601 moment with its zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"not an ISO 8601 time: {text!r}") from None
    if moment.tzinfo is None:
        raise argparse.ArgumentTypeError(f"no time zone in {text!r} (add Z or +08:00)")
    return int(moment.timestamp()) * NS_PER_S + moment.microsecond * 1000


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment of a journal: absolute, or seconds after its start."""

    at_ns: int | None = None
    after_start_s: float | None = None

    def in_journal(self, start_ns: int) -> int:
        """The absolute moment in a journal that starts at ``start_ns``."""
        if self.after_start_s is not None:
            return start_ns + round(self.after_start_s * NS_PER_S)
        return self.at_ns or 0


def moment(text: str) -> Moment:
    """``+90s`` from the start, or an ISO 8601 moment with its zone."""
    if text.startswith("+"):
        return Moment(after_start_s=duration_s(text[1:]))
    return Moment(at_ns=instant_ns(text))


def add_incident(parser: argparse.ArgumentParser) -> None:
    """Which vehicle, which folder, which language."""
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--config", type=Path, metavar="FILE", help="the vehicle's configuration (TOML)")
    which.add_argument("--drill", action="store_true", help="the built-in drill vehicle, whatever is configured")
    parser.add_argument("--journal", type=Path, metavar="DIR", help="the incident's folder")
    parser.add_argument("--lang", choices=LANGUAGES, help="language of what people read")


def chosen(args: argparse.Namespace, *, may_fall_back: bool = False) -> Chosen:
    """What the arguments of ``add_incident`` choose; faults that were fallen back from are told on stderr.

    Raises:
        OperatorError: the file cannot be read or has faults.
    """
    found = choose(args.config, args.journal, is_drill=args.drill, may_fall_back=may_fall_back)
    if found.broken is not None:
        print(found.broken.sentence(args.lang or "zh"), file=sys.stderr)
    return found
