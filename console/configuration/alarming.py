"""The alarm rules: those that come with the program, changed by what the file says at ``[[alarm]]`` and ``[alarms]``.

**Source:** the rules lie in ``resources/rules/alarms.toml``, with where their numbers come from.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from console.alarm_rules import CONSEQUENCES, Alarming, AlarmRule
from console.configuration.faults import said
from console.configuration.reading import S_PER_DAY, Faults, Table, meant, shown

FILE = Path(__file__).parents[2] / "resources" / "rules" / "alarms.toml"
_MOST_OPERATORS = 9


@cache
def builtin() -> Alarming:
    """What comes with the program.

    Raises:
        ValueError: the program's own file is damaged.
    """
    values = tomllib.loads(FILE.read_text(encoding="utf-8"))
    faults = Faults(str(FILE))
    rows = [Table(faults, ("alarm", number), row) for number, row in enumerate(values["alarm"])]
    rules = tuple(_read(row, AlarmRule(id=row.identity())) for row in rows)
    if faults.found or len({rule.id for rule in rules}) != len(rules):
        raise ValueError(f"{FILE}: {faults.found or 'an id twice'}")
    return Alarming(rules=rules, spoken_notices=tuple(values["spoken_notices"]))


def read_alarming(table: Table, rows: Sequence[Table]) -> Alarming:
    """The program's own, with what ``[alarms]`` and each ``[[alarm]]`` say otherwise."""
    given = builtin()
    rules = {rule.id: rule for rule in given.rules}
    seen: set[str] = set()
    for row in rows:
        identity = row.text("id")
        rule = rules.get(identity)
        if rule is None:
            if identity:
                row.note("id", said("reason", "alarm_unknown", id=shown(identity)), meant(identity, rules))
            continue
        if identity in seen:
            row.note("id", said("reason", "alarm_twice", id=identity), said("remedy", "alarm_twice"))
        seen.add(identity)
        rules[identity] = _read(row, rule)
    operators = table.whole("operators", 1, _MOST_OPERATORS)
    alarming = replace(
        given,
        rules=tuple(rules.values()),
        is_spoken=table.flag("speech", default=True),
        operators=operators if operators is not None else given.operators,
    )
    table.refuse_rest()
    return alarming


def _read(row: Table, rule: AlarmRule) -> AlarmRule:
    """What the row says of itself, else what the rule is."""
    word = row.text("consequence", rule.consequence)
    consequence = next((one for one in CONSEQUENCES if one == word), None)
    if consequence is None:
        row.note("consequence", said("reason", "choice", given=shown(word)), meant(word, CONSEQUENCES))
    row.value("id", None)
    read = replace(
        rule,
        consequence=consequence or rule.consequence,
        respond_min=row.number("respond_min", rule.respond_min, 0.0, S_PER_DAY / 60),
        on_delay_s=row.number("on_delay_s", rule.on_delay_s, 0.0, 3_600.0),
        off_delay_s=row.number("off_delay_s", rule.off_delay_s, 0.0, 3_600.0),
        deadband=row.number("deadband", rule.deadband, 0.0, 1e9),
        is_spoken=row.flag("spoken", default=rule.is_spoken),
        is_shelvable=row.flag("shelvable", default=rule.is_shelvable),
        is_cutting=row.flag("cuts", default=rule.is_cutting),
        is_explained=row.flag("explained", default=rule.is_explained),
    )
    row.refuse_rest()
    return read
