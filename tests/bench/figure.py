"""What a bench found, and the machine it was found on."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

Better = Literal["more", "less", "equal"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of the table.

    ``ratio`` is this figure divided by that of ``beside``, found in the same run; ``None`` where nothing compares.
    ``better`` says on which side of ``target`` the figure must lie; ``mix`` says of what the load was made.
    """

    name: str
    what: str
    value: float
    unit: str
    target: float | None = None
    better: Better = "more"
    beside: str = ""
    ratio: float | None = None
    mix: str = ""

    def is_met(self) -> bool | None:
        """Whether the target is met; ``None`` without one."""
        if self.target is None:
            return None
        if self.better == "equal":
            return self.value == self.target
        return self.value >= self.target if self.better == "more" else self.value <= self.target

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        return {**asdict(self), "is_met": self.is_met()}


def machine() -> dict[str, str | int]:
    """Processor, cores, system and Python of this machine.

    ``loop`` is what one turn of an empty Python loop costs just now and ``load`` the load averages: both say how far
    others used the machine meanwhile.
    """
    return {
        "cpu": _processor(),
        "cores": os.cpu_count() or 0,
        "memory": _memory(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": platform.python_version(),
        "loop": f"{_loop_ns():.0f} ns",
        "load": "/".join(f"{one:.1f}" for one in os.getloadavg()),
    }


def _loop_ns() -> float:
    turns = 2_000_000
    began = time.perf_counter_ns()
    for _ in range(turns):
        pass
    return (time.perf_counter_ns() - began) / turns


def _field(file: str, key: str) -> str:
    path = Path(file)
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith(key)), "")


def _processor() -> str:
    return _field("/proc/cpuinfo", "model name") or platform.processor() or platform.machine()


def _memory() -> str:
    words = _field("/proc/meminfo", "MemTotal").split()
    return f"{int(words[0]) / 1e6:.1f} GB" if words else "?"


def percentile(values: Iterable[float], share: float) -> float:
    """The value below which ``share`` (0..1) of the values lie, without interpolation."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


_SIGN = {"more": "≥", "less": "≤", "equal": "="}


def table(figures: Iterable[Figure]) -> str:
    """Markdown, for the terminal and the README."""
    rows = ["| bench | what | target | figure | beside | ratio |", "|---|---|---|---|---|---|"]
    for one in figures:
        target = "" if one.target is None else f"{_SIGN[one.better]} {one.target:g} {one.unit}"
        met = {True: "", False: " **missed**", None: ""}[one.is_met()]
        ratio = "" if one.ratio is None else f"{one.ratio:.2f}"
        figure = f"{one.value:,.0f}" if abs(one.value) >= 100 else f"{one.value:.3g}"
        rows.append(f"| {one.name} | {one.what} | {target} | {figure} {one.unit}{met} | {one.beside} | {ratio} |")
    return "\n".join(rows)
