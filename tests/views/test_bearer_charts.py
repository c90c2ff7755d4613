"""The histories of 通信: which span, from where, with which holes, and never a moment of the future."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from console.bearer_queries import BearerHistory, BearerHistoryPage, BearerHistoryRequest
from console.picture import BearerSample
from console.queries import Page, Request
from console.views.comms import CommsScreen
from console.views.comms.spans import DAY_NS, NEAR_NS
from tests.views.more_pictures import MIN, NOW, FakeDesk, S, picture
from tests.views.screens import make, press

HOUR = 60 * MIN


class HistoryDesk(FakeDesk):
    """A desk that keeps the questions for histories until the test answers them."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[BearerHistoryRequest] = []
        self.answers: list[Callable[[Page | None], None]] = []
        self.cancelled = 0

    def ask(self, request: Request, on_page: Callable[[Page | None], None]) -> Callable[[], None]:
        if not isinstance(request, BearerHistoryRequest):
            return super().ask(request, on_page)
        self.asked.append(request)
        self.answers.append(on_page)
        return self._cancel

    def _cancel(self) -> None:
        self.cancelled += 1


def page(to_ns: int = NOW, *, from_ns: int = NOW - 3 * HOUR) -> BearerHistoryPage:
    samples = tuple(
        BearerSample(at_ns=at_ns, median_ms=9.0, low_ms=8.0, high_ms=11.0, loss_percent=0.0)
        for at_ns in range(from_ns + MIN, to_ns + 1, MIN)
    )
    histories = (BearerHistory(bearer_id="fibre", samples=samples),)
    return BearerHistoryPage(from_ns=from_ns, to_ns=to_ns, step_ns=MIN, histories=histories)


@pytest.fixture
def shown(qtbot: QtBot) -> tuple[CommsScreen, HistoryDesk]:
    desk = HistoryDesk()
    screen, _, _, _ = make(qtbot, CommsScreen, picture(), desk=desk)
    qtbot.waitUntil(lambda: all(row.history.chart is not None for row in screen.bearers.rows))
    return screen, desk


def _stretch(screen: CommsScreen) -> tuple[int, int, int]:
    """From, to and number of samples of the fibre."""
    histories = screen.bearers.histories
    one = histories.stretch(picture().bearers[0], picture(), screen.bridge.now_ns())
    return one.from_ns, one.to_ns, len(one.samples)


def _answer(screen: CommsScreen, qtbot: QtBot, desk: HistoryDesk, given: Page | None) -> None:
    with qtbot.waitSignal(screen.bridge._called):
        desk.answers.pop(0)(given)
    qtbot.waitUntil(lambda: screen.bearers.histories._cancel is None)


def test_half_an_hour_comes_from_the_picture_itself(shown: tuple[CommsScreen, HistoryDesk]) -> None:
    screen, desk = shown
    assert _stretch(screen) == (NOW - NEAR_NS, NOW, len(picture().bearers[0].history))
    assert desk.asked == []


def test_a_day_and_the_incident_are_asked_of_the_journal_by_key_and_by_button(
    shown: tuple[CommsScreen, HistoryDesk], qtbot: QtBot
) -> None:
    screen, desk = shown
    press(screen, Qt.Key.Key_S)
    assert screen.spans.buttons["day"].isChecked()
    (request,) = desk.asked
    assert (request.from_ns, request.to_ns) == (NOW - DAY_NS, NOW)
    assert set(request.bearer_ids) == {one.id for one in picture().bearers}
    assert screen.bearers.histories.stretch(picture().bearers[0], picture(), NOW).note_id == "comms.history_asked"
    _answer(screen, qtbot, desk, page())
    assert _stretch(screen) == (NOW - DAY_NS, NOW, 180)
    screen.spans.buttons["incident"].click()
    assert desk.asked[-1].from_ns is None
    _answer(screen, qtbot, desk, page())
    assert _stretch(screen) == (NOW - 3 * HOUR, NOW, 180)


def test_it_is_asked_again_when_a_step_has_passed_and_not_before(
    shown: tuple[CommsScreen, HistoryDesk], qtbot: QtBot
) -> None:
    screen, desk = shown
    screen.spans.choose("day")
    _answer(screen, qtbot, desk, page())
    desk.now = NOW + 59 * S
    screen.refresh()
    assert len(desk.asked) == 1
    desk.now = NOW + 61 * S
    screen.refresh()
    screen.refresh()
    assert len(desk.asked) == 2
    # What is there stays until the answer comes, and now stands at the right edge.
    assert _stretch(screen) == (NOW + 61 * S - DAY_NS, NOW + 61 * S, 180)


def test_a_journal_that_cannot_be_read_is_said_and_tried_again(
    shown: tuple[CommsScreen, HistoryDesk], qtbot: QtBot
) -> None:
    screen, desk = shown
    screen.spans.choose("incident")
    _answer(screen, qtbot, desk, None)
    assert screen.bearers.histories.stretch(picture().bearers[0], picture(), NOW).note_id == "comms.history_failed"
    desk.now = NOW + 11 * S
    screen.refresh()
    assert len(desk.asked) == 2


def test_what_is_later_than_the_replayed_moment_is_dropped_at_once(
    shown: tuple[CommsScreen, HistoryDesk], qtbot: QtBot
) -> None:
    screen, desk = shown
    screen.spans.choose("incident")
    _answer(screen, qtbot, desk, page())
    desk.now = NOW - HOUR
    assert _stretch(screen)[2] == 0
    screen.refresh()
    assert desk.asked[-1].to_ns == NOW - HOUR


def test_another_journal_is_asked_anew(shown: tuple[CommsScreen, HistoryDesk], qtbot: QtBot) -> None:
    screen, desk = shown
    screen.spans.choose("incident")
    _answer(screen, qtbot, desk, page())
    screen.bridge.open_replay(None)
    screen.refresh()
    assert _stretch(screen)[2] == 0
    screen.bridge.return_live()


def test_a_chart_is_painted_anew_when_it_has_moved_by_a_pixel_and_not_before(
    shown: tuple[CommsScreen, HistoryDesk],
) -> None:
    screen, desk = shown
    chart = screen.bearers.rows[0].history.chart
    assert chart is not None
    first = chart._stretch
    desk.now = NOW + 2 * S
    screen.refresh()
    assert chart._stretch is first
    desk.now = NOW + 20 * S
    screen.refresh()
    assert chart._stretch is not first
    assert chart._stretch is not None
    assert chart._stretch.to_ns == desk.now


def test_another_span_withdraws_the_question(shown: tuple[CommsScreen, HistoryDesk]) -> None:
    screen, desk = shown
    screen.spans.choose("day")
    screen.spans.choose("near")
    assert desk.cancelled == 1
    desk.answers[0](page())
    assert _stretch(screen)[2] == len(picture().bearers[0].history)
