"""Paging through a log of five million lines: nothing lost, nothing twice, nearly nothing held."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from console.bridge import Bridge
from console.picture import Notice
from console.queries import NoticesRequest, RecordsRequest
from console.views.log.lines import Filter, notices_question, records_question
from console.views.log.model import PagedModel
from console.views.log.pager import KEPT_PAGES, PAGE_ROWS, Pager
from console.views.theme import Theme
from console.views.widgets.rows import Cell
from tests.views.more_pictures import FakeDesk, notice


def _page(newest: int, count: int = PAGE_ROWS) -> list[int]:
    return list(range(newest, newest - count, -1))


def _pager() -> Pager[int]:
    return Pager(lambda number: number)


def test_pages_follow_one_another_without_a_hole() -> None:
    pager = _pager()
    for page in range(5):
        assert pager.next_page() == page
        before = pager.before(page)
        pager.put(page, _page((before or 1001) - 1), has_more=True)
    assert [pager.item(row) for row in range(pager.row_count)] == list(range(1000, 0, -1))


def test_a_short_page_in_the_middle_loses_no_line() -> None:
    pager = _pager()
    pager.put(0, _page(1000, 3), has_more=True)
    pager.put(1, _page(997, 5), has_more=True)
    pager.put(2, _page(992, 2), has_more=False)
    assert [pager.item(row) for row in range(pager.row_count)] == list(range(1000, 990, -1))
    assert pager.next_page() is None


def test_only_a_few_pages_are_kept_and_a_dropped_one_can_be_asked_for_again() -> None:
    pager = _pager()
    for page in range(40):
        pager.put(page, _page((pager.before(page) or 100_001) - 1), has_more=True)
    assert pager.kept_rows == KEPT_PAGES * PAGE_ROWS
    assert pager.item(0) is None
    assert pager.page_of(0) == 0
    assert pager.before(0) == 100_001
    pager.put(0, _page(100_000), has_more=True)
    assert pager.item(0) == 100_000
    assert pager.row_count == 40 * PAGE_ROWS


def test_new_lines_come_on_top_once_and_a_long_head_becomes_a_page() -> None:
    pager = _pager()
    pager.put(0, _page(1000), has_more=True)
    for newest in range(1001, 1701):
        pager.put_head(pager.fresh([newest, newest - 1]))
    assert [pager.item(row) for row in range(900)] == list(range(1700, 800, -1))
    assert pager.before(1) is not None
    assert pager.row_count == 900


def _model(qtbot: QtBot, desk: FakeDesk) -> PagedModel[Notice]:
    model: PagedModel[Notice] = PagedModel(Bridge(desk), Theme(), lambda line: (Cell(text=str(line.number)),))
    model.entitle(["number"])
    with qtbot.waitSignal(model.answered):
        model.ask(notices_question(Filter()))
    return model


def _scroll(qtbot: QtBot, model: PagedModel[Notice], pages: int) -> None:
    for _ in range(pages):
        with qtbot.waitSignal(model.answered):
            model.fetchMore(model.index(-1, -1))


def test_five_million_lines_are_asked_for_page_by_page_only(qtbot: QtBot) -> None:
    desk = FakeDesk(notices=5_000_000)
    model = _model(qtbot, desk)
    assert model.rowCount() == PAGE_ROWS
    assert len(desk.requests) == 1
    _scroll(qtbot, model, 60)
    assert model.rowCount() == 61 * PAGE_ROWS
    assert model.kept_rows <= KEPT_PAGES * PAGE_ROWS
    assert model.data(model.index(61 * PAGE_ROWS - 1, 0)) == str(5_000_000 - 61 * PAGE_ROWS + 1)


def test_looking_at_a_dropped_row_brings_it_back(qtbot: QtBot) -> None:
    model = _model(qtbot, FakeDesk(notices=5_000_000))
    _scroll(qtbot, model, 60)
    with qtbot.waitSignal(model.answered):
        assert not model.data(model.index(0, 0))
    assert model.data(model.index(0, 0)) == "5000000"


def test_one_page_is_asked_for_once_while_it_is_on_its_way(qtbot: QtBot) -> None:
    desk = FakeDesk(notices=5_000_000)
    model = _model(qtbot, desk)
    with qtbot.waitSignal(model.answered):
        for _ in range(5):
            model.fetchMore(model.index(-1, -1))
    assert len(desk.requests) == 2
    assert model.rowCount() == 2 * PAGE_ROWS


def test_a_page_that_failed_is_said_and_not_asked_for_without_end(qtbot: QtBot) -> None:
    desk = FakeDesk(notices=5_000_000)
    model = _model(qtbot, desk)
    desk.fails = True
    with qtbot.waitSignal(model.answered):
        model.fetchMore(model.index(-1, -1))
    assert model.is_failed
    assert not model.canFetchMore(model.index(-1, -1))


def test_an_answer_to_an_older_question_is_not_shown(qtbot: QtBot) -> None:
    desk = FakeDesk(notices=300)
    model: PagedModel[Notice] = PagedModel(Bridge(desk), Theme(), lambda line: (Cell(text=str(line.number)),))
    model.entitle(["number"])
    model.ask(notices_question(Filter()))
    desk.notices = 7
    with qtbot.waitSignal(model.answered):
        model.ask(notices_question(Filter(kind="alarm")))
    assert model.rowCount() == 7


def test_a_burst_larger_than_a_page_begins_anew_instead_of_hiding_a_hole(qtbot: QtBot) -> None:
    desk = FakeDesk(notices=1000)
    model = _model(qtbot, desk)
    desk.notices = 2000
    model.ask_head()
    qtbot.waitUntil(lambda: model.item(0) is not None and model.item(0).number == 2000)  # type: ignore[union-attr]
    with qtbot.waitSignal(model.answered):
        model.fetchMore(model.index(-1, -1))
    assert [model.item(row).number for row in range(2 * PAGE_ROWS)] == _page(2000, 400)  # type: ignore[union-attr]


def test_lines_of_the_picture_are_appended_without_a_question(qtbot: QtBot) -> None:
    desk = FakeDesk(notices=1000)
    model = _model(qtbot, desk)
    model.add_fresh([notice(1000), notice(1001), notice(1002)])
    assert [model.item(row).number for row in range(3)] == [1002, 1001, 1000]  # type: ignore[union-attr]
    assert len(desk.requests) == 1


def test_filters_become_the_request() -> None:
    wanted = Filter(subject_id="bd-1", kind="alarm", contains="断")
    assert notices_question(wanted).request(77) == NoticesRequest(
        before=77, limit=PAGE_ROWS, subject_id="bd-1", kind="alarm", contains="断"
    )
    assert records_question("bd-1").request(None) == RecordsRequest(source="bd-1", limit=PAGE_ROWS)
