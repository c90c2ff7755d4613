"""The situation screen: events, messages with how far they got, and the send bar."""

from __future__ import annotations

import ast
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.i18n import LANGUAGES
from console.orders import ComposeMessage
from console.picture import Device, Picture
from console.queries import MeasurePage, MeasureRequest
from console.views.log.screen import KINDS
from console.views.situation.events import lines_of
from console.views.speech import Speech
from devices.driver import TextLimit
from tests.architecture.tree import ROOT
from tests.views.pictures import (
    NOW,
    S,
    device,
    picture,
)
from tests.views.situation_rig import SPEECH, Shown

# A screen alone is a window here; the offscreen platform says that it does not pass on its least size.
pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")


@pytest.fixture
def shown(qtbot: QtBot) -> Shown:
    return Shown(qtbot)


# ---- events and messages


def test_sent_never_looks_like_confirmed() -> None:
    lines = {line.state: line for line in lines_of(picture(), SPEECH) if line.state}
    assert lines["sent"].state_words == "已发·未确认"
    assert lines["confirmed"].state_words == "已确认 14:13"
    assert lines["unknown"].state_words == "不明"
    assert lines["confirmed"].meter == "32 / 44 字"


def test_lines_are_newest_first_and_no_message_stands_there_twice() -> None:
    doubled = picture(notices=(*picture().notices, replace(picture().notices[0], kind="message", number=99)))
    lines = lines_of(doubled, SPEECH)
    assert [line.at_ns for line in lines] == sorted((line.at_ns for line in lines), reverse=True)
    assert len(lines) == len(lines_of(picture(), SPEECH))


def _written_kinds() -> set[str]:
    """Every kind of notice that the engine writes, read from its source."""
    calls = (
        node
        for file in (ROOT / "console").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "note"
    )
    firsts = (call.args[0] for call in calls if "tables" in ast.unparse(call.func) and call.args)
    return {first.value for first in firsts if isinstance(first, ast.Constant) and isinstance(first.value, str)}


def test_every_kind_of_notice_has_a_word_and_can_be_filtered_for() -> None:
    kinds = _written_kinds()
    assert {"power", "call", "team", "bearer"} <= kinds
    assert kinds <= set(KINDS)
    for language in LANGUAGES:
        speech = Speech(language, zone=SPEECH.zone)
        notices = tuple(replace(picture().notices[0], kind=kind, number=index) for index, kind in enumerate(kinds))
        said = {line.kind for line in lines_of(picture(notices=notices, messages=()), speech)}
        assert said.isdisjoint(kinds)
        assert not [kind for kind in said if "." in kind]


def test_a_message_in_says_from_whom(shown: Shown) -> None:
    del shown
    (line,) = [line for line in lines_of(picture(), SPEECH) if "126 人" in line.words]
    assert line.words == "观音寺镇综合队:转移 126 人至镇中学，缺冲锋舟 2 艘"
    assert line.state is None


# ---- the send bar


def _wait_measured(shown: Shown, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: shown.screen.events.compose._limit is not None)


def test_what_is_typed_is_measured_by_the_card_and_sent_as_one_order(shown: Shown, qtbot: QtBot) -> None:
    bar = shown.screen.events.compose
    assert not bar.send.isEnabled()
    bar.text.setText("续报 4")
    _wait_measured(shown, qtbot)
    assert isinstance(shown.desk.requests[-1], MeasureRequest)
    assert bar.meter.text() == "29 / 44 字"
    QTest.mouseClick(bar.send, Qt.MouseButton.LeftButton)
    (order,) = shown.orders
    assert isinstance(order, ComposeMessage)
    assert (order.device_id, order.recipient, order.text) == ("bd1", "4207700", "续报 4")
    assert bar.text.text() == ""


def test_two_messages_have_two_ids(shown: Shown, qtbot: QtBot) -> None:
    bar = shown.screen.events.compose
    for text in ("一", "二"):
        bar.text.setText(text)
        _wait_measured(shown, qtbot)
        QTest.keyClick(bar.text, Qt.Key.Key_Return)
    ids = [order.message_id for order in shown.orders if isinstance(order, ComposeMessage)]
    assert len(set(ids)) == 2


def test_a_text_that_does_not_fit_cannot_be_sent_and_says_by_how_much(shown: Shown, qtbot: QtBot) -> None:
    shown.desk.limit = TextLimit(used=46, limit=44, unit="hanzi", is_sendable=False)
    bar = shown.screen.events.compose
    bar.text.setText("太长")
    _wait_measured(shown, qtbot)
    assert bar.meter.text() == "46 / 44 字 · 超出 2"
    assert bar.meter.tone == "alarm"
    QTest.keyClick(bar.text, Qt.Key.Key_Return)
    assert shown.orders == []
    assert bar.text.text() == "太长"


def test_a_measure_of_an_older_text_does_not_count_for_the_newer_one(shown: Shown) -> None:
    bar = shown.screen.events.compose
    bar.text.setText("一")
    bar.text.setText("一二")
    QApplication.processEvents()
    assert bar._limit is not None
    assert [request.text for request in shown.desk.requests if isinstance(request, MeasureRequest)] == ["一", "一二"]


def test_in_a_replay_the_bar_is_locked_and_keeps_what_was_typed(shown: Shown, qtbot: QtBot) -> None:
    bar = shown.screen.events.compose
    bar.text.setText("续报 4")
    _wait_measured(shown, qtbot)
    shown.bridge.open_replay(None)
    shown.screen.refresh()
    assert not bar.send.isEnabled()
    assert bar.state.text() == "回放中锁定"
    QTest.keyClick(bar.text, Qt.Key.Key_Return)
    assert shown.orders == []
    assert bar.text.text() == "续报 4"


def _with_device(changed: Device) -> Picture:
    return picture(devices=(changed, picture().devices[1]))


def test_the_bar_says_when_the_device_may_send_again_or_is_away(shown: Shown) -> None:
    bar = shown.screen.events.compose
    sending = device("bd1", "北斗指挥机", sends=("text",))
    shown.screen.show_picture(_with_device(replace(sending, next_send_ns=NOW + 17_500_000_000)))
    assert bar.state.text() == "18 秒后可发，先排队"
    shown.screen.show_picture(_with_device(replace(sending, state="down")))
    assert bar.state.text() == "北斗指挥机 不在线，先排队"


def test_with_nobody_to_write_to_the_bar_is_one_sentence(shown: Shown) -> None:
    shown.screen.show_picture(picture(contacts=()))
    bar = shown.screen.events.compose
    assert not bar.text.isVisible()
    assert bar.nobody.isVisible()
    assert bar.nobody.text() == "没有能发短报文的设备和收报人"


def test_a_new_picture_keeps_what_is_typed_and_who_is_chosen(shown: Shown) -> None:
    bar = shown.screen.events.compose
    bar.recipient.setCurrentIndex(1)
    bar.text.setText("你好")
    shown.screen.show_picture(picture(at_ns=NOW + S))
    shown.screen.retranslate()
    assert bar.recipient.currentIndex() == 1
    assert bar.text.text() == "你好"


def test_both_languages_and_both_colours_can_be_drawn(shown: Shown) -> None:
    for language in ("zh", "en"):
        for is_night in (True, False):
            SPEECH.language = language
            shown.screen.theme.is_night = is_night
            shown.screen.restyle()
            shown.screen.retranslate()
            shown.screen.grab()
            assert shown.screen.teams.header.title.text() == ("队伍" if language == "zh" else "Teams by silence")
    SPEECH.language = "zh"


def test_an_answer_about_another_text_is_not_taken(shown: Shown) -> None:
    bar = shown.screen.events.compose
    bar.text.setText("一二")
    QApplication.processEvents()
    late = MeasurePage(device_id="bd1", text="一", limit=TextLimit(used=1, limit=44, unit="hanzi", is_sendable=True))
    bar._measured(late)
    assert bar.meter.text() == "29 / 44 字"
