"""From ``[switching]`` and ``[[uplink]]`` to the values that say which bearer carries, and what is done about it."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from console.configuration.faults import said
from console.configuration.reading import REQUIRED, S_PER_DAY, Table, meant, shown
from console.configuration.switching_model import Means, SwitchingConfiguration, Uplink
from console.words import Rung

RUNGS: Mapping[str, Rung] = {
    "primary": "primary",
    "alternate": "alternate",
    "contingency": "contingency",
    "emergency": "emergency",
    "主": "primary",
    "备": "alternate",
    "应": "contingency",
    "急": "emergency",
}
_MEANS: Mapping[str, Means] = {"none": "none", "route": "route", "hook": "hook"}
_INTERFACE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@:-]{0,14}")
_LONGEST_TEXT = 60
_HIGHEST_METRIC = 2**32 - 1


def read_switching(table: Table) -> SwitchingConfiguration:
    """How the carrying bearer is chosen; whether its uplinks are there is checked by the caller."""
    given = SwitchingConfiguration()
    switching = SwitchingConfiguration(
        automatic=_read_automatic(table),
        quiet_s=table.number("quiet_s", given.quiet_s, 10.0, S_PER_DAY),
        return_loss_percent=table.number("return_loss_percent", given.return_loss_percent, 0.0, 100.0),
        weak_s=table.number("weak_s", given.weak_s, 0.0, S_PER_DAY),
        unknown_s=table.number("unknown_s", given.unknown_s, 5.0, 3_600.0),
        tell_rear=_read_text(table),
        execute=_read_means(table),
        destination=_read_destination(table),
        hook=_read_hook(table),
        timeout_s=table.number("timeout_s", given.timeout_s, 1.0, 120.0),
    )
    if switching.execute == "hook" and not switching.hook and "hook" not in table.values:
        table.note("execute", said("reason", "no_hook"), said("remedy", "no_hook"))
    table.refuse_rest()
    return switching


def _read_automatic(table: Table) -> tuple[Rung, ...]:
    if not table.has("automatic"):
        return SwitchingConfiguration().automatic
    words = table.texts("automatic")
    for word in words:
        if word not in RUNGS:
            table.note("automatic", said("reason", "rung", given=shown(word)), meant(word, RUNGS))
    return tuple(dict.fromkeys(RUNGS[word] for word in words if word in RUNGS))


def _read_text(table: Table) -> str:
    text = table.text("tell_rear", "", longest=_LONGEST_TEXT)
    if re.search(r"[{}]", text.replace("{bearer}", "")):
        table.note("tell_rear", said("reason", "tell_rear", given=shown(text)), said("remedy", "tell_rear"))
        return ""
    return text


def _read_means(table: Table) -> Means:
    word = table.text("execute", "none")
    if word not in _MEANS:
        table.note("execute", said("reason", "choice", given=shown(word)), meant(word, _MEANS))
    return _MEANS.get(word, "none")


def _read_destination(table: Table) -> str:
    word = table.text("destination", "default")
    if word == "default":
        return word
    try:
        return str(ipaddress.ip_network(word))
    except ValueError:
        table.note("destination", said("reason", "destination", given=shown(word)), said("remedy", "destination"))
        return "default"


def _read_hook(table: Table) -> tuple[str, ...]:
    """A program by its full path and fixed words: what is looked up on the way could be another one."""
    words = table.texts("hook")
    if words and not PurePosixPath(words[0]).is_absolute():
        table.note("hook", said("reason", "hook_path", given=shown(words[0])), said("remedy", "hook_path"))
        return ()
    return words


def read_uplink(table: Table) -> Uplink:
    """Where a bearer goes out; that the bearer is there is checked by the caller."""
    uplink = Uplink(
        bearer_id=table.text("bearer", REQUIRED),
        gateway=_read_gateway(table),
        interface=_read_interface(table),
        metric=table.whole("metric", 0, _HIGHEST_METRIC),
    )
    if not table.has("gateway") and not table.has("interface"):
        table.note("bearer", said("reason", "uplink_empty"), said("remedy", "uplink_empty"))
    table.refuse_rest()
    return uplink


def _read_gateway(table: Table) -> str:
    word = table.text("gateway", "")
    try:
        return str(ipaddress.ip_address(word)) if word else ""
    except ValueError:
        table.note("gateway", said("reason", "gateway", given=shown(word)), said("remedy", "gateway"))
        return ""


def _read_interface(table: Table) -> str:
    word = table.text("interface", "")
    if word and not _INTERFACE.fullmatch(word):
        table.note("interface", said("reason", "interface", given=shown(word)), said("remedy", "interface"))
        return ""
    return word


def check_uplinks(uplinks: Sequence[Uplink], rows: Sequence[Table], bearer_ids: Sequence[str]) -> None:
    """Every uplink names a bearer that is there, and no two the same."""
    seen: set[str] = set()
    for uplink, row in zip(uplinks, rows, strict=True):
        if not uplink.bearer_id:
            continue
        if uplink.bearer_id not in bearer_ids:
            remedy = meant(uplink.bearer_id, bearer_ids) if bearer_ids else said("remedy", "no_bearers")
            row.note("bearer", said("reason", "unknown_bearer", bearer=shown(uplink.bearer_id)), remedy)
        elif uplink.bearer_id in seen:
            reason = said("reason", "uplink_twice", bearer=shown(uplink.bearer_id))
            row.note("bearer", reason, said("remedy", "uplink_twice"))
        seen.add(uplink.bearer_id)
