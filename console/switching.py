"""Changing the computer's route, or telling the user's own program, when another bearer carries.

Off unless configured, and never in a drill or a replay.  One after another, in the order of the changes; a change that
was overtaken by a newer one is not made any more.  No shell is involved: the words of the command are fixed by the
configuration, and only the bearer's id, which has letters, digits, ``-`` and ``_`` alone, is added to them.

**Source:** iproute2, ip-route(8): ``ip route replace`` changes a route or makes it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from console.configuration.model import Configuration
from console.configuration.switching_model import SwitchingConfiguration, Uplink
from console.effects import SwitchRoute
from console.records import Kind, pack
from console.route_watch import Ordered, RouteWatch
from devices.transports.routes import Route

_SYSTEM_PATHS = "/usr/sbin:/sbin:/usr/bin:/bin"
_SAID_BYTES = 200
_PIECE_BYTES = 4_096

Put = Callable[[Kind, str, bytes, str], None]


class Outcome(NamedTuple):
    """How it ended: ``reason`` is a word of ``switch.execution``, ``detail`` what the program said."""

    is_done: bool
    reason: str
    detail: str = ""


def route_words(switching: SwitchingConfiguration, uplink: Uplink) -> list[str]:
    """What is said to ``ip`` for this uplink."""
    words = ["-6"] if ":" in uplink.gateway or ":" in switching.destination else []
    words += ["route", "replace", switching.destination]
    words += ["via", uplink.gateway] if uplink.gateway else []
    words += ["dev", uplink.interface] if uplink.interface else []
    return [*words, "metric", str(uplink.metric)] if uplink.metric is not None else words


class Switcher:
    """Makes the changes of one run; tells each outcome by an OUTCOME record of the bearer."""

    def __init__(self, configuration: Callable[[], Configuration], put: Put) -> None:
        self._configuration = configuration
        self._put = put
        self._turn = asyncio.Lock()
        self._newest_number = 0
        self._watch = RouteWatch(self._tell_watched)

    async def watch(self) -> None:
        """Watch the route that was set last, until cancelled; only where this console sets one."""
        configuration = self._configuration()
        if configuration.mode == "live" and configuration.switching.execute == "route":
            await self._watch.live()

    def _tell_watched(self, ordered: Ordered, route: Route | None, is_met: bool) -> None:  # noqa: FBT001 - as it calls
        reason = "in_force" if is_met else "gone" if route is None else "replaced"
        said: dict[str, object] = {"effect": "switch", "number": ordered.number, "reason": reason}
        said |= {"is_watched": True, "is_done": is_met}
        said |= {"detail": str(route or ""), "interface": route.interface if route is not None else ""}
        self._put(Kind.OUTCOME, ordered.uplink.bearer_id, pack(said), "")

    async def obey(self, effect: SwitchRoute) -> None:
        """Make this change, once those before it are made."""
        self._newest_number = max(self._newest_number, effect.number)
        async with self._turn:
            outcome = await self._make(effect)
        said = {"effect": "switch", "number": effect.number, **outcome._asdict()}
        self._put(Kind.OUTCOME, effect.bearer_id, pack(said), "")

    async def _make(self, effect: SwitchRoute) -> Outcome:
        configuration = self._configuration()
        switching = configuration.switching
        if configuration.mode != "live" or switching.execute == "none":
            return Outcome(is_done=False, reason="off")
        if effect.number < self._newest_number:
            return Outcome(is_done=False, reason="overtaken")
        if switching.execute == "hook":
            return await _run([*switching.hook, effect.bearer_id], switching.timeout_s, _environment(effect))
        uplink = next((one for one in configuration.uplinks if one.bearer_id == effect.bearer_id), None)
        if uplink is None:
            return Outcome(is_done=False, reason="no_uplink")
        program = shutil.which("ip", path=_SYSTEM_PATHS)
        if program is None:
            return Outcome(is_done=False, reason="missing", detail="ip")
        self._watch.expect(None)
        outcome = await _run([program, *route_words(switching, uplink)], switching.timeout_s, _environment(effect))
        if outcome.is_done:
            self._watch.expect(Ordered(number=effect.number, uplink=uplink, destination=_network(switching, uplink)))
        return outcome


def _network(switching: SwitchingConfiguration, uplink: Uplink) -> str:
    is_everywhere = switching.destination == "default" and ":" in uplink.gateway
    return "::/0" if is_everywhere else switching.destination


def _environment(effect: SwitchRoute) -> dict[str, str]:
    """Little of ours: where programs lie, the home of the user, and the bearers."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "USER", "LANG") if name in os.environ}
    return {**kept, "BEARER": effect.bearer_id, "PREVIOUS_BEARER": effect.previous_id}


async def _run(words: Sequence[str], timeout_s: float, environment: Mapping[str, str]) -> Outcome:
    ear = _Ear()
    try:
        try:
            process = await asyncio.create_subprocess_exec(
                *words,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=ear.mouth,
                env=environment,
                start_new_session=True,
            )
        except FileNotFoundError:
            return Outcome(is_done=False, reason="missing", detail=words[0])
        except OSError as error:
            return Outcome(is_done=False, reason="not_started", detail=str(error.strerror or error))
        return await _wait(process, timeout_s, ear)
    finally:
        ear.close()


async def _wait(process: asyncio.subprocess.Process, timeout_s: float, ear: _Ear) -> Outcome:
    try:
        async with asyncio.timeout(timeout_s):
            code = await process.wait()
    except TimeoutError:
        return Outcome(is_done=False, reason="timeout", detail=ear.last_words())
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    if code == 0:
        return Outcome(is_done=True, reason="done")
    return Outcome(is_done=False, reason="refused", detail=f"{code} {ear.last_words()}".strip())


class _Ear:
    """The end of what a program says on its stderr; it never waits for us, nor we for what it left running."""

    def __init__(self) -> None:
        self._pipe, self.mouth = os.pipe()
        self._said = bytearray()
        os.set_blocking(self._pipe, False)
        asyncio.get_running_loop().add_reader(self._pipe, self._listen)

    def _listen(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while piece := os.read(self._pipe, _PIECE_BYTES):
                self._said += piece
                del self._said[:-_SAID_BYTES]

    def last_words(self) -> str:
        """One line of it."""
        self._listen()
        text = self._said.decode("utf-8", errors="replace")
        return " ".join("".join(one if one.isprintable() else " " for one in text).split())

    def close(self) -> None:
        """Hear no more."""
        asyncio.get_running_loop().remove_reader(self._pipe)
        os.close(self._pipe)
        os.close(self.mouth)
