from __future__ import annotations

import asyncio

import pytest

from console import supervision
from console.supervision import Supervisor


def test_a_life_begins_again_after_a_fault_and_a_work_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervision, "REVIVE_S", 0.0)
    faults: list[str] = []
    runs = {"life": 0, "work": 0, "other": 0}

    async def life() -> None:
        runs["life"] += 1
        if runs["life"] < 3:
            raise ValueError("wrong")

    async def work() -> None:
        runs["work"] += 1
        raise ValueError("wrong")

    async def other() -> None:
        runs["other"] += 1

    async def main() -> None:
        async with asyncio.TaskGroup() as group:
            supervisor = Supervisor(group, lambda source, _: faults.append(source))
            supervisor.begin("bd", life)
            supervisor.begin_once("gnss", work)
            supervisor.begin_once("p1", other)

    asyncio.run(main())
    assert runs == {"life": 3, "work": 1, "other": 1}
    assert sorted(faults) == ["bd", "bd", "gnss"]
