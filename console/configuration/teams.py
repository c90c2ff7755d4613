"""From the file's ``[[team]]`` and ``[[task]]`` tables to values."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence

from console.configuration.faults import said
from console.configuration.hanging import read_dependencies
from console.configuration.model import Moves, TaskConfiguration, TeamConfiguration
from console.configuration.reading import S_PER_DAY, Table, meant, shown

_EXPECTED_S = 900.0
_MOVES: Mapping[str, Moves] = {
    "ground": "ground", "water": "water", "air": "air", "地面": "ground", "水上": "water", "空中": "air",
}  # fmt: skip
_TELLING: Sequence[tuple[str, Moves]] = (
    *((word, "air") for word in ("无人机", "直升机", "drone", "uav", "helicopter")),
    *((word, "water") for word in ("舟", "艇", "boat")),
)
_MEANS_KEYS = ("device", "subject")


def read_task(table: Table) -> TaskConfiguration:
    """A task and how often a team that has it must be heard."""
    task = TaskConfiguration(name=table.text("name"), expected_s=_read_expected(table, _EXPECTED_S))
    if not (table.has("expected_min") or table.has("expected_s")):
        table.note("expected_min", said("reason", "missing", key="expected_min"), said("remedy", "expected_missing"))
    table.refuse_rest(("expected_min", "expected_s"))
    return task


def read_team(table: Table, tasks: Sequence[TaskConfiguration]) -> TeamConfiguration:
    """A team; ``means`` are checked by the caller, who knows the devices."""
    identity = table.identity()
    name = table.text("name", identity)
    task = table.text("task", "", longest=60)
    interval_s = next((one.expected_s for one in tasks if one.name == task), _EXPECTED_S)
    team = TeamConfiguration(
        id=identity,
        name=name,
        symbol=_read_symbol(table, name),
        people=table.whole("people", 0, 10_000),
        expected_s=_read_expected(table, interval_s),
        means=_read_means(table),
        kind=(kind := table.text("kind", "", longest=60)),
        task=task,
        leader=table.text("leader", "", longest=60),
        phone=_read_phone(table),
        depends_on=read_dependencies(table),
        moves=_read_moves(table, f"{name} {kind}".lower()),
    )
    table.refuse_rest(("expected_min", "expected_s"))
    return team


def _read_moves(table: Table, called: str) -> Moves:
    """On what it moves; where nobody says, what it is called may tell that it is not the ground."""
    told = next((moves for word, moves in _TELLING if word in called), "ground")
    word = table.text("moves", told)
    if word not in _MOVES:
        table.note("moves", said("reason", "choice", given=shown(word)), meant(word, _MOVES))
    return _MOVES.get(word, "ground")


def _read_means(table: Table) -> tuple[str, ...]:
    """Texts ``device`` or ``device/subject``, or tables ``{ device = "...", subject = "..." }``, as one likes."""
    value = table.value("means", ())
    if not isinstance(value, list) or not any(isinstance(one, dict) for one in value):
        return table.texts("means")
    found: list[str] = []
    for one in value:
        means = _spell(table, one) if isinstance(one, dict) else one.strip() if isinstance(one, str) else ""
        if means:
            found.append(means)
        elif not isinstance(one, dict):
            table.note("means", said("reason", "means_form", given=shown(one)), said("remedy", "means_form"))
    return tuple(found)


def _spell(table: Table, given: Mapping[str, object]) -> str:
    for key in given.keys() - set(_MEANS_KEYS):
        table.note("means", said("reason", "unknown_key", key=shown(key)), meant(key, _MEANS_KEYS))
    device, subject = given.get("device"), given.get("subject")
    is_good = isinstance(device, str) and device.strip() and "/" not in device
    if not is_good or not (subject is None or (isinstance(subject, str) and subject.strip())):
        table.note("means", said("reason", "means_form", given=shown(dict(given))), said("remedy", "means_form"))
        return ""
    return f"{str(device).strip()}/{str(subject).strip()}" if subject is not None else str(device).strip()


def _read_phone(table: Table) -> str:
    """A number; written without quotes it is a number to TOML, and as such it would lose leading zeros and the plus."""
    if isinstance(table.values.get("phone"), int):
        table.value("phone", None)
        given = shown(table.values["phone"])
        table.note("phone", said("reason", "recipient", given=given), said("remedy", "recipient", given=given))
        return ""
    return table.text("phone", "", longest=60)


def _read_symbol(table: Table, name: str) -> str:
    symbol = table.text("symbol", name[:1])
    if not table.has("symbol"):
        return symbol
    visible = [sign for sign in symbol if not unicodedata.combining(sign) and sign not in "\ufe0e\ufe0f\u200d"]
    if len(visible) != 1:
        table.note("symbol", said("reason", "symbol", given=shown(symbol)), said("remedy", "symbol"))
    return symbol


def _read_expected(table: Table, default_s: float) -> float:
    if table.has("expected_min") and table.has("expected_s"):
        table.value("expected_s", None)
        table.note("expected_min", said("reason", "expected_twice"), said("remedy", "expected_twice"))
    if table.has("expected_min"):
        return table.number("expected_min", default_s / 60, 0.1, 7 * S_PER_DAY / 60) * 60
    return table.number("expected_s", default_s, 5.0, 7 * S_PER_DAY)
