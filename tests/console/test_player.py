"""A replay as a desk: where it stands, and what its time bar is told."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from console.picture import Gap
from console.player import Player
from console.queries import Page, TimelinePage, TimelineRequest
from devices.driver import NS_PER_S
from tests.console.door import Door
from tests.console.test_journal import Book

DEAD_S = 90


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Gap]:
    """A journal of two runs with a dead time between; gives the gap too."""
    door = Door()
    door.wait(20)
    last_ns = door.at_ns
    door.at_ns += DEAD_S * NS_PER_S
    door.begin(last_ns=last_ns)
    door.wait(20)
    book = Book(tmp_path_factory.mktemp("replayed") / "incident")
    for record in door.records:
        book.writer.put(record)
    book.wait_for(door.records[-1].seq)
    book.writer.close()
    (gap,) = door.picture().gaps
    return book.folder, gap


def timeline(player: Player) -> TimelinePage:
    pages: list[Page | None] = []
    answered = threading.Event()

    def take(page: Page | None) -> None:
        pages.append(page)
        answered.set()

    player.ask(TimelineRequest(), take)
    assert answered.wait(10)
    (page,) = pages
    assert isinstance(page, TimelinePage)
    return page


def test_the_bar_shows_a_dead_time_that_comes_after_the_replayed_moment(twice: tuple[Path, Gap]) -> None:
    folder, gap = twice
    player = Player(folder, lambda *_: None)
    try:
        assert player.now_ns() < gap.from_ns
        assert timeline(player).gaps == (gap,)
    finally:
        player.close()
