"""Runs a check of what a bearer carries, in a process of its own, and writes down what it found."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from console.effects import MeasureThroughput
from console.records import Kind, pack

LONGEST_S = 50.0
_HERE = Path(__file__).parents[1]

Put = Callable[[Kind, str, bytes, str], None]


class Measurer:
    """Makes the checks of one run, one after another; tells each by an OUTCOME record of the bearer."""

    def __init__(self, put: Put) -> None:
        self._put = put
        self._turn = asyncio.Lock()

    async def obey(self, effect: MeasureThroughput) -> None:
        """Measure, and say what was found or why nothing was."""
        async with self._turn:
            found = await _measure(effect)
        self._put(Kind.OUTCOME, effect.bearer_id, pack({"effect": "throughput", **found}), "")


async def _measure(effect: MeasureThroughput) -> dict[str, Any]:
    words = [effect.host, str(effect.port), "--mbps", str(effect.offered_mbps), "--bytes", str(effect.cap_bytes)]
    words += ["--dev", effect.interface] if effect.interface else []
    words += ["--iperf3", effect.iperf3] if effect.iperf3 else []
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "devices.throughput",
        *words,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        cwd=_HERE,
    )
    try:
        async with asyncio.timeout(LONGEST_S):
            said, _ = await process.communicate()
    except TimeoutError:
        return {"reason": "no_answer"}
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    try:
        found = json.loads(said)
    except ValueError:
        return {"reason": "trouble"}
    return found if isinstance(found, dict) else {"reason": "trouble"}
