"""三断牌: every cut with its since, its grounds and whom it cuts off; until when each counterpart is reached."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.picture import Picture
from console.power_facts import Power
from console.views.board.cards import wrapping
from console.views.board.cuts import Cut, net_cuts, power_cuts, road_cuts, until_words
from console.views.board.horizon import COLUMNS, horizon_rows
from console.views.board.screen import BoardScreen
from console.views.situation import SituationScreen
from console.views.theme import Size, Theme
from tests.views.pictures import NOW, FakeDesk, bridge_with, picture
from tests.views.reached import H, board_picture, means, reaches, supply
from tests.views.shell_rig import Shown
from tests.views.situation_rig import SPEECH

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")


def told(cut: Cut, name: str) -> str:
    return dict(cut.lines).get(name, "")


def rows() -> dict[str, dict[str, str]]:
    found = horizon_rows(board_picture(), SPEECH, NOW)
    return {row[0].text: dict(zip(COLUMNS, (cell.text for cell in row), strict=True)) for row in found}


def test_a_cut_bearer_says_since_when_how_sure_and_by_what_the_rear_is_still_reached() -> None:
    shown = board_picture()
    fibre = next(one for one in shown.bearers if one.state == "down")
    lost = replace(means(fibre.id, fibre.name), state="down")
    rear = replace(reaches()[0], means=(means("vsat", "VSAT 便携站"), lost))
    (first, *_) = net_cuts(replace(shown, reach=(rear,)), SPEECH, NOW)
    assert (first.title, first.state, first.tone, first.is_cut) == (fibre.name, "断", "alarm", True)
    assert first.since == "13:47 起 45 分"
    assert told(first, "把握") == "后方回执 13:46(46 分前)"
    assert told(first, "影响") == "市防指 仍可经 VSAT 便携站"


def test_what_is_cut_stands_before_what_works_in_every_column() -> None:
    shown = board_picture()
    for judge in (net_cuts, power_cuts, road_cuts):
        cuts = [cut.is_cut for cut in judge(shown, SPEECH, NOW)]
        assert cuts == sorted(cuts, reverse=True), judge.__name__
        assert True in cuts
        assert False in cuts


def test_a_supply_that_failed_names_who_is_cut_off_wholly_and_who_is_not() -> None:
    mains = power_cuts(board_picture(), SPEECH, NOW)[0]
    assert (mains.title, mains.state) == ("市电", "断")
    assert told(mains, "影响") == "观音寺镇 断联 · 市防指 仍可经 VSAT 便携站、北斗短报文"


def test_a_generator_that_stands_is_no_cut() -> None:
    cuts = {cut.title: cut for cut in power_cuts(board_picture(), SPEECH, NOW)}
    assert (cuts["发电机"].state, cuts["发电机"].is_cut) == ("未运行", False)


def test_old_data_of_a_supply_is_said_and_not_shown_as_good() -> None:
    cuts = {cut.title: cut for cut in power_cuts(board_picture(), SPEECH, NOW)}
    assert "数据已旧" in told(cuts["370M 基站后备"], "把握")
    assert cuts["370M 基站后备"].tone == "alarm", "it ends within the hour"
    stale = picture(power=Power(supplies=(supply(is_stale=True),)))
    assert power_cuts(stale, SPEECH, NOW)[0].tone == "warn"


@pytest.mark.parametrize(("silent_s", "tone"), [(20, "text"), (75, "warn")])
def test_a_state_told_by_a_device_that_has_fallen_silent_does_not_look_fresh(silent_s: int, tone: str) -> None:
    base = picture().devices[0]
    device = replace(
        base, id="charger", name="充电机", last_understood_ns=NOW - silent_s * 1_000_000_000, silent_after_s=30.0
    )
    mains = supply("mains", kind="mains", name="市电", device_id="charger", charge_percent=None, charge_ns=None)
    shown = picture(devices=(device,), power=Power(supplies=(replace(mains, ends_low_ns=None, ends_high_ns=None),)))
    (card,) = power_cuts(shown, SPEECH, NOW)
    assert card.tone == tone
    assert ("充电机" in told(card, "把握")) == (silent_s > 30)
    assert not told(card, "影响"), "nobody knows that it failed"


def test_lines_of_a_card_break_between_words_and_within_what_no_line_holds(qapp: QApplication) -> None:
    del qapp
    metrics = Theme().metrics(Size.SMALL)
    room = metrics.horizontalAdvance("nothing from it for")
    words = "nothing from it for 1 min, all cut off"
    assert wrapping(metrics, words, room) & Qt.TextFlag.TextWordWrap.value
    assert not wrapping(metrics, words, room) & Qt.TextFlag.TextWrapAnywhere.value
    assert wrapping(metrics, "县应急指挥中心仍可经北斗短报文送到" * 3, room) & Qt.TextFlag.TextWrapAnywhere.value


def test_a_range_is_never_shown_as_if_it_lay_ahead_when_it_has_begun() -> None:
    low, high = NOW + 1 * H, NOW + 2 * H
    assert until_words(low, high, SPEECH, NOW) == "15:32–16:32 用尽"
    assert until_words(low, high, SPEECH, low) == "随时可能用尽,至迟 16:32"
    assert until_words(low, high, SPEECH, high) == "按推算 16:32 已用尽"


def test_a_closed_road_says_who_saw_it_how_sure_that_is_and_until_when() -> None:
    first = road_cuts(board_picture(), SPEECH, NOW)[0]
    assert (first.title, first.state, first.since) == ("S321 观音寺桥", "断", "12:10 起 2 时 22 分")
    assert told(first, "把握") == "一人之言,尚无车辆通过证实"
    assert told(first, "期限") == "18:10 前复核"
    assert told(first, "影响") == "观音寺镇 断联"


def test_a_road_grown_old_is_unknown_since_the_hour_it_expired() -> None:
    cuts = {cut.title: cut for cut in road_cuts(board_picture(), SPEECH, NOW)}
    south = cuts["梨河连接线"]
    assert (south.state, south.tone, south.since) == ("不明", "dim", "13:32 起 1 时 0 分")


def test_the_horizon_begins_with_the_rear_and_then_who_is_cut_off() -> None:
    found = rows()
    assert list(found) == ["后方 · 市防指", "观音寺镇", "梨河镇转移组", "电力抢修一队", "消防水域二组"]
    rear = found["后方 · 市防指"]
    assert (rear["state"], rear["until"], rear["weakest"]) == ("可达", "20:45–21:40", "车载电池")
    assert rear["means"] == "VSAT 便携站、北斗短报文 · 断:地面光纤、LTE 路由器"
    assert (found["观音寺镇"]["state"], found["观音寺镇"]["until"]) == ("断", "已断")
    assert found["梨河镇转移组"]["means"] == "未应:北斗指挥机"
    assert found["电力抢修一队"]["doubt"] == "只能收到它,发不出去"
    assert found["消防水域二组"]["doubt"] == "370M 基站后备 的数据已旧"


def test_a_road_proves_nothing_of_who_lives_at_its_end() -> None:
    town = replace(reaches()[1], means=(means("bridge", "桥", kind="road", state="up"),))
    (row,) = horizon_rows(picture(reach=(town,)), SPEECH, NOW)
    assert row[COLUMNS.index("proof")].text == "从未"


# ---- on the screen


def test_the_board_opens_by_its_key_and_by_a_tap_and_leads_to_where_a_road_is_reported(
    qtbot: QtBot, tmp_path: Path
) -> None:
    it = Shown(qtbot, tmp_path)
    it.give(board_picture())
    QTest.mouseClick(it.window.strip.road, Qt.MouseButton.LeftButton)
    assert isinstance(it.window.screen_shown, BoardScreen)
    it.press(Qt.Key.Key_1)
    it.press(Qt.Key.Key_7)
    board = it.window.screen_shown
    assert isinstance(board, BoardScreen)
    assert it.window.navigation.current == "board"
    cards = board.columns["road"].cards
    spot = cards.card_rect("bridge").center()
    QTest.mouseClick(cards, Qt.MouseButton.LeftButton, pos=QPoint(round(spot.x()), round(spot.y())))
    QApplication.processEvents()
    situation = it.window.screen_shown
    assert isinstance(situation, SituationScreen)
    assert situation.roading.panel.isVisible()
    assert situation.roading.panel.list.selected_id == "bridge"


def board_screen(qtbot: QtBot, shown: Picture, width: int = 1302, height: int = 704) -> BoardScreen:
    board = BoardScreen(bridge_with(FakeDesk()), Theme(), SPEECH)
    qtbot.addWidget(board)
    board.resize(width, height)
    board.show_picture(shown)
    board.show()
    QApplication.processEvents()
    return board


@pytest.mark.parametrize("size", [(1302, 704), (1856, 1016)])
def test_the_board_is_readable_on_a_small_screen(qtbot: QtBot, size: tuple[int, int]) -> None:
    board = board_screen(qtbot, board_picture(), *size)
    assert all(column.width() > 400 for column in board.columns.values())
    assert all(column.cards.minimumHeight() > 44 for column in board.columns.values())
    shown = board.table.rowViewportPosition(4) + board.table.rowHeight(4)
    assert shown <= board.table.viewport().height(), "five counterparts without scrolling"
    taken = sum(board.table.columnWidth(column) for column in range(len(COLUMNS) - 1))
    assert board.table.viewport().width() - taken > 150, "the doubt has room"


def test_without_anything_configured_the_board_says_how_to(qtbot: QtBot) -> None:
    board = board_screen(qtbot, picture(bearers=()))
    assert "[[supply]]" in board.columns["power"].cards.none
    assert "[[road]]" in board.columns["road"].cards.none
    assert "[[bearer]]" in board.columns["net"].cards.none
