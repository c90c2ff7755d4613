"""What is wrong with a configuration file: all of it at once, each with its place, reason and remedy."""

from __future__ import annotations

from dataclasses import dataclass

from console.i18n import Language, translate
from console.picture import Text, Value
from console.trouble import OperatorError


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault: in ``file``, at ``key`` (``device.gnss.wire``; empty: the whole file), ``line`` from 1 if known."""

    file: str
    key: str
    reason: Text
    remedy: Text
    line: int | None = None

    def columns(self, language: Language) -> tuple[str, str, str, str]:
        """File with its line, key, reason and remedy in words."""
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        reason, remedy = (translate(language, part.id, part.args) for part in (self.reason, self.remedy))
        return place, self.key, reason, remedy


class ConfigurationFaults(OperatorError):  # noqa: N818 - what it is: the faults
    """The configuration cannot be used.  ``faults`` holds at least one."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        first = faults[0]
        super().__init__(
            Text(id="configuration.unusable", args={"file": first.file, "count": len(faults)}),
            Text(id="configuration.see_check", args={"file": first.file}),
        )
        self.faults = faults

    def sentence(self, language: Language) -> str:
        """What cannot be used, and under it each fault on a line of its own."""
        lines = ("  " + " | ".join(column for column in fault.columns(language) if column) for fault in self.faults)
        return "\n".join((super().sentence(language), *lines))


def said(part: str, word: str, /, **args: Value) -> Text:
    """The text ``configuration.<part>.<word>``, where ``part`` is ``reason`` or ``remedy``."""
    return Text(id=f"configuration.{part}.{word}", args=args)
