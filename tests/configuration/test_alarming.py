"""Every alarm that the code can raise has its row of data, and a vehicle's own file may change it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from console.configuration.alarming import FILE, builtin
from console.i18n import LANGUAGES, catalogue
from tests.configuration.test_file import GNSS, only, read

CONSOLE = Path(__file__).parents[2] / "console"
RAISING = {"set_alarm": 1, "raise_alarm": 1, "raise_event": 1, "clear_alarm": 1, "is_over": 1, "is_under": 1}


def constants_of(tree: ast.Module) -> dict[str, str]:
    """Names of a module that hold a text, assigned alone or several in a line."""
    found: dict[str, str] = {}
    for node in tree.body:
        if not isinstance(node, ast.Assign):
            continue
        target, value = node.targets[0], node.value
        both = isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple)
        names = target.elts if both else [target]  # type: ignore[attr-defined]
        values = value.elts if both else [value]  # type: ignore[attr-defined]
        for name, one in zip(names, values, strict=False):
            if isinstance(name, ast.Name) and isinstance(one, ast.Constant) and isinstance(one.value, str):
                found[name.id] = one.value
    return found


def rules_in(file: Path) -> dict[str, int]:
    """The rule ids that a file of ours raises, with their lines: literals, or names of the module that hold one."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    named = constants_of(tree)
    found: dict[str, int] = {}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name not in RAISING or len(node.args) < 2:
            continue
        rule = node.args[1]
        if isinstance(rule, ast.Constant) and isinstance(rule.value, str):
            found[rule.value] = node.lineno
        elif isinstance(rule, ast.Name) and rule.id in named:
            found[named[rule.id]] = node.lineno
        elif file.name != "alarms.py":
            found |= dict.fromkeys(_of_many(file, node, named), node.lineno)
    return found


def _of_many(file: Path, node: ast.Call, named: dict[str, str]) -> set[str]:
    """A rule made of parts, or handed in: the rows that it can be, or the module's own constants that are rules."""
    rule, known = node.args[1], {one.id for one in builtin().rules}
    if isinstance(rule, ast.JoinedStr):
        parts = [re.escape(str(one.value)) if isinstance(one, ast.Constant) else ".+" for one in rule.values]
        found = {one for one in known if re.fullmatch("".join(parts), one)}
    else:
        found = known & set(named.values())
    assert found, f"{file}:{node.lineno}: which rules are these?  {FILE} has no [[alarm]] for any of them"
    return found


def test_every_rule_of_the_code_has_a_row_and_every_row_is_raised_by_code() -> None:
    raised = {rule: f"{file}:{line}" for file in CONSOLE.rglob("*.py") for rule, line in rules_in(file).items()}
    known = {rule.id for rule in builtin().rules}
    assert {"silence", "bearer", "emergency", "switch_proposed", "unanswered"} <= raised.keys(), "the search finds them"
    missing = {rule: where for rule, where in raised.items() if rule not in known}
    assert not missing, f"add an [[alarm]] with this id to {FILE}: its consequence, and what else is not the default"
    assert not known - raised.keys(), f"rows of {FILE} that nothing raises"


def test_the_worth_of_what_matters_most() -> None:
    rules = {rule.id: rule for rule in builtin().rules}
    red = {"emergency", "silence", "silence_together", "bearer", "journal", "journal_damaged", "configuration"}
    assert {rule.id for rule in builtin().rules if rule.priority() == "red"} >= red
    assert not rules["emergency"].is_shelvable
    assert all(rule.is_explained for rule in rules.values() if rule.is_cutting), "what cuts may itself be cut"


def test_what_is_spoken_of_the_log_are_lines_that_exist() -> None:
    for language in LANGUAGES:
        assert set(builtin().spoken_notices) <= catalogue(language).keys()


def test_a_vehicle_changes_what_differs_and_the_rest_stays(tmp_path: Path) -> None:
    content = GNSS + '[[alarm]]\nid = "picture"\non_delay_s = 20\nspoken = true\nconsequence = "command"\n'
    alarming = read(content + "[alarms]\nspeech = false\noperators = 2\n", tmp_path).alarming
    rules = {rule.id: rule for rule in alarming.rules}
    was = {rule.id: rule for rule in builtin().rules}
    assert (rules["picture"].on_delay_s, rules["picture"].is_spoken) == (20.0, True)
    assert rules["picture"].off_delay_s == was["picture"].off_delay_s
    assert {key: rule for key, rule in rules.items() if key != "picture"} == {
        key: rule for key, rule in was.items() if key != "picture"
    }
    assert (alarming.is_spoken, alarming.operators) == (False, 2)
    assert read(GNSS, tmp_path).alarming == builtin()


@pytest.mark.parametrize(
    ("content", "key", "reason"),
    [
        ('[[alarm]]\nid = "pictur"\n', "alarm.pictur.id", "alarm_unknown"),
        ('[[alarm]]\nid = "picture"\n[[alarm]]\nid = "picture"\n', "alarm.picture.id", "alarm_twice"),
        ('[[alarm]]\nid = "picture"\nondelay_s = 3\n', "alarm.picture.ondelay_s", "unknown_key"),
        ('[[alarm]]\nid = "picture"\non_delay_s = -3\n', "alarm.picture.on_delay_s", "range"),
        ('[[alarm]]\nid = "picture"\nconsequence = "red"\n', "alarm.picture.consequence", "choice"),
        ("[[alarm]]\nspoken = true\n", "alarm[1].id", "missing"),
        ("[alarms]\noperators = 0\n", "alarms[1].operators", "range"),
        ("[alarms]\nspeach = true\n", "alarms[1].speach", "unknown_key"),
    ],
)
def test_what_cannot_be_is_said(content: str, key: str, reason: str, tmp_path: Path) -> None:
    assert only(GNSS + content, tmp_path)[:2] == (key, reason)
