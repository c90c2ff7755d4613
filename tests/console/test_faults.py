"""A defect of ours in one driver or rule: told with its place, and everything else is judged at the same tick."""

from __future__ import annotations

import pytest

from console import engine
from console.effects import Effect, FaultFound
from console.rules import marks, pictures, silence
from tests.console.door import Door, sentence

FIX = sentence("GNGGA,063846.00,3423.7000,N,11344.4000,E,1,12,1.0,100,M,0,M,,")


def faults(effects: list[Effect]) -> set[str]:
    return {effect.source for effect in effects if isinstance(effect, FaultFound)}


def test_a_driver_that_cannot_be_asked_hides_no_other_device_s_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    door = Door()
    door.up("gnss")
    door.up("bd")
    door.say("gnss", FIX)
    driver = door.engine._fleet._drivers["gnss"][""]
    monkeypatch.setattr(type(driver), "poll", lambda *_: 1 / 0)
    assert faults(door.wait(1)) == {"gnss"}
    door.wait(1_000)
    assert door.alarm("nodata:bd") is not None
    assert door.alarm("silence:fire") is not None
    bearer = next(bearer for bearer in door.picture().bearers if bearer.id == "fibre")
    assert bearer.history, "the rules after the devices went on"


@pytest.mark.parametrize(
    ("module", "name", "source"),
    [(silence, "judge_teams", "console"), (pictures, "judge_camera", "cam"), (marks, "judge", "console")],
)
def test_a_rule_that_fails_leaves_the_others_judged(
    monkeypatch: pytest.MonkeyPatch, module: object, name: str, source: str
) -> None:
    sound = getattr(module, name)
    monkeypatch.setattr(module, name, lambda *_: 1 / 0)
    rules = [getattr(module, name) if rule is sound else rule for rule in engine._RULES]
    monkeypatch.setattr(engine, "_RULES", rules)
    door = Door()
    door.up("bd")
    door.wait(1)
    before = door.picture()
    assert faults(door.wait(200)) == {source}
    after = door.picture()
    assert door.alarm("nodata:bd") is not None
    assert len(after.bearers[0].history) > len(before.bearers[0].history)
    assert door.engine.tables.reach_ns > door.at_ns - 10_000_000_000
