"""Who carries, said on 态势 and 通信: sentences, the one key a person is waited for, and what is never claimed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from console.bridge import Bridge
from console.i18n import Language
from console.orders import ComposeMessage, Order
from console.pace_facts import Quiet, Told
from console.picture import Picture, Text
from console.switch_orders import AcknowledgeReserve, HoldBearer, ReleaseBearer, TakeBearer, TellSwitch
from console.views.comms import CommsScreen
from console.views.comms.describe import bearer_lines
from console.views.pace import advice, rear_contacts, recovery_words, told_words, use_tone, use_words
from console.views.situation.bearers import BearerTable
from console.views.speech import Speech
from console.views.theme import Metric, Theme
from tests.views.more_pictures import MIN, NOW, FakeDesk, S, message, pace, picture
from tests.views.pictures import FakeDesk as ShellDesk
from tests.views.screens import ZONE, make, press
from tests.views.shell_rig import Shown as Window

ZH, EN = Speech("zh", zone=ZONE), Speech("en", zone=ZONE)
BY = "现场指挥部"
DOWN = Text(id="switch.reason.down", args={"from": "地面光纤 / LTE 路由器"})
PROPOSED = {"carrier_id": "lte", "proposed_id": "vsat", "proposed_reason": DOWN}


def seen(**changes: Any) -> Picture:
    shown = picture(pace=pace(**changes))
    if changes.get("proposed_id") is None:
        return shown
    return replace(shown, bearers=tuple(replace(one, is_in_use=False) for one in shown.bearers))


# ---- words


@pytest.mark.parametrize(
    ("changes", "text", "needs_hand"),
    [
        ({}, "切换建议:保持 VSAT 便携站 · 地面光纤 恢复后自动返回", False),
        ({"acknowledged_by": None}, "正走备用链路 VSAT 便携站 · 地面光纤 恢复后自动返回", True),
        (PROPOSED, "建议改走 VSAT 便携站:地面光纤 / LTE 路由器 断", True),
        ({"carrier_id": None}, "还没有链路承载", False),
        ({"held_by": "张三", "held_ns": NOW - 5 * MIN}, "保持 VSAT 便携站 · 张三 14:27 · 不自动切换", False),
        ({"is_on_reserve": False}, "按次序走 VSAT 便携站", False),
        ({"carrier_id": "fibre"}, "切换建议:保持 地面光纤 · 地面光纤 恢复后自动返回", False),
        (
            {"quiet": (Quiet(bearer_id="fibre", since_ns=NOW - 2 * MIN, returns_ns=NOW + 3 * MIN),)},
            "切换建议:保持 VSAT 便携站 · 地面光纤 再静默 3 分后自动返回",
            False,
        ),
    ],
)
def test_one_sentence_says_who_carries_and_what_is_to_be_done(
    changes: dict[str, Any], text: str, *, needs_hand: bool
) -> None:
    said = advice(seen(**changes), ZH, NOW)
    assert (said.text, said.needs_hand) == (text, needs_hand)


TAKEN = Text(id="switch.execution.replaced", args={"detail": "LTE 路由器 via 198.51.100.1 dev wwan0"})


@pytest.mark.parametrize(
    ("execution", "reason", "sentence"),
    [
        (
            "failed",
            Text(id="switch.execution.refused", args={"detail": "2 no permission"}),
            "出口未能切到 VSAT 便携站:程序报错 2 no permission",
        ),
        ("replaced", TAKEN, "出口被改走,不是 VSAT 便携站:现走 LTE 路由器 via 198.51.100.1 dev wwan0"),
    ],
)
def test_a_route_that_did_not_change_or_was_taken_waits_for_a_person_who_tries_again(
    qtbot: QtBot, execution: str, reason: Text, sentence: str
) -> None:
    view, orders = table(qtbot, seen(execution=execution, execution_reason=reason))
    assert view.pace.sentence.text() == sentence
    assert view.pace.sentence.tone == "alarm"
    assert view.pace.buttons["step"].text() == "再试出口 (Y)"
    view.pace.buttons["step"].click()
    assert orders == [TakeBearer(bearer_id="vsat", by=BY)]


def test_a_carrier_that_is_gone_with_nothing_to_change_to_is_said() -> None:
    shown = seen(carrier_id="lte")
    lost = replace(shown, bearers=tuple(replace(one, is_in_use=False) for one in shown.bearers))
    assert advice(lost, ZH, NOW).text == "LTE 路由器 已断,没有别的链路可走"
    assert use_words(lost.bearers[1], lost.pace, ZH, NOW) == "此前承载,现不可用"


@pytest.mark.parametrize(
    ("changes", "words", "tone"),
    [
        ({}, "正在使用 · 13:53 自动切换", "info"),
        ({"execution": "none"}, "首选可用 · 13:53 自动改选", "info"),
        ({"execution": "none", "way": "start"}, "首选可用 · 13:53 起", "info"),
        ({"execution": "none", "way": "operator", "by": "张三"}, "首选可用 · 13:53 张三", "info"),
        ({"execution": "asked"}, "首选可用 · 正在改出口 · 13:53 自动切换", "info"),
        (
            {"execution": "failed", "execution_reason": Text(id="switch.execution.timeout", args={"detail": "sudo"})},
            "首选可用 · 出口未改 · 13:53 自动切换",
            "alarm",
        ),
        (
            {"execution": "replaced", "execution_reason": TAKEN},
            "首选可用 · 出口被改走 · 13:53 自动切换",
            "alarm",
        ),
        ({"execution": "unknown"}, "首选可用 · 出口是否已改不明 · 13:53 自动切换", "info"),
    ],
)
def test_only_a_route_that_was_really_changed_is_called_in_use(changes: dict[str, Any], words: str, tone: str) -> None:
    shown = seen(**changes)
    assert use_words(shown.bearers[2], shown.pace, ZH, NOW) == words
    assert use_tone(shown.bearers[2], shown.pace) == tone
    assert use_words(shown.bearers[0], shown.pace, ZH, NOW) == ""
    assert bearer_lines(shown.bearers[2], shown.pace, ZH, NOW)[2] == (
        ZH.tell(shown.pace.execution_reason) if tone == "alarm" else ""
    )


def test_what_a_higher_rung_must_do_to_return_counts_down_and_waits_for_a_hold() -> None:
    fibre = picture().bearers[0]
    quiet = Quiet(bearer_id="fibre", since_ns=NOW - 4 * MIN, returns_ns=NOW + 40 * S)
    assert recovery_words(fibre, pace(quiet=(quiet,)), ZH, NOW) == "再静默 40 秒"
    assert recovery_words(fibre, pace(quiet=(quiet,)), ZH, NOW + 60 * S) == "再静默 0 秒"
    held = replace(quiet, returns_ns=None)
    assert recovery_words(fibre, pace(quiet=(held,), held_by="x"), ZH, NOW) == "保持中,不返回"
    assert recovery_words(fibre, pace(quiet_s=90.0), ZH, NOW) == "静默 90 秒"


def test_who_was_told_stands_with_how_far_the_text_got() -> None:
    assert told_words(seen(), ZH, NOW) == "后方未告知"
    assert told_words(seen(is_on_reserve=False), ZH, NOW) == ""
    told = (Told(name="县指挥部", at_ns=NOW, message_id="switch-3-1"), Told(name="后方", at_ns=NOW - MIN))
    shown = replace(seen(told=told), messages=(message("switch-3-1", "x", "sent"),))
    assert told_words(shown, ZH, NOW) == "已告知 县指挥部(已发·未确认)、后方(口头 14:31)"


@pytest.mark.parametrize(
    "changes", [{}, {"acknowledged_by": None}, PROPOSED, {"held_by": "x"}, {"execution": "unknown"}]
)
def test_english_says_all_of_it_without_an_id(changes: dict[str, Any]) -> None:
    shown = seen(**changes)
    said = [advice(shown, EN, NOW).text, told_words(shown, EN, NOW)]
    said += [use_words(one, shown.pace, EN, NOW) for one in shown.bearers]
    said += [recovery_words(one, shown.pace, EN, NOW) for one in shown.bearers]
    assert not [text for text in said if "switch." in text or "、" in text]


# ---- on 态势


_KEPT: list[QWidget] = []
"""The host of the view under test: nothing else holds it."""


def table(qtbot: QtBot, shown: Picture) -> tuple[BearerTable, list[Order]]:
    host = QWidget()  # a view is never a window here: this platform warns about windows that want sizes
    qtbot.addWidget(host)
    view = BearerTable(Bridge(FakeDesk()), Theme(), ZH, host)
    orders: list[Order] = []
    view.pace.commanded.connect(orders.append)
    host.resize(900, 268)
    view.resize(900, 268)
    host.show()
    view.show_picture(shown)
    view.refresh()
    _KEPT[:] = [host]
    return view, orders


def test_the_situation_shows_the_advice_in_its_header_and_no_row_where_nobody_is_waited_for(qtbot: QtBot) -> None:
    view, _ = table(qtbot, seen())
    assert view.header.note.text() == "切换建议:保持 VSAT 便携站 · 地面光纤 恢复后自动返回"
    assert view.pace.isHidden()
    view.show_picture(seen(is_on_reserve=False, acknowledged_by=None))
    assert view.header.note.text() == "3 / 5 条可用"


def test_what_a_person_is_waited_for_is_one_button_and_given_once(qtbot: QtBot) -> None:
    view, orders = table(qtbot, seen(**PROPOSED))
    button = view.pace.buttons["step"]
    assert [one.text() for one in view.pace.buttons.values() if one.isVisible()] == ["改走 VSAT 便携站 (Y)"]
    assert button.height() >= Theme().px(Metric.TOUCH)
    button.click()
    button.click()
    view.pace.step()
    assert orders == [TakeBearer(bearer_id="vsat", by=BY)]
    view.show_picture(seen(acknowledged_by=None, number=4))
    assert button.text() == "知道了 (Y)"
    button.click()
    assert orders[1:] == [AcknowledgeReserve(by=BY)]


# ---- on 通信


def _visible(screen: CommsScreen) -> list[str]:
    return [name for name, button in screen.pace.buttons.items() if button.isVisible()]


def test_comms_holds_releases_changes_and_tells(qtbot: QtBot) -> None:
    screen, orders, _, _ = make(qtbot, CommsScreen, seen())
    assert _visible(screen) == ["hold", "change", "tell", "voice"]
    press(screen, Qt.Key.Key_H)
    press(screen, Qt.Key.Key_B)
    assert screen.pace.is_choosing
    assert not screen.pace.choices["vsat"].isEnabled()
    screen.pace.choices["lte"].click()
    assert not screen.pace.is_choosing
    screen.pace.buttons["tell"].click()
    screen.pace.buttons["tell"].click()
    screen.pace.buttons["voice"].click()
    assert orders[:2] == [HoldBearer(by=BY), TakeBearer(bearer_id="lte", by=BY)]
    assert orders[2:] == [
        ComposeMessage(
            message_id="switch-3-1", device_id="bd-1", recipient="4207700", text="前指自13:53起经VSAT 便携站联络"
        ),
        TellSwitch(by=BY, who="后方"),
    ]
    screen.show_picture(seen(held_by="x"))
    screen.pace.buttons["hold"].click()
    assert orders[-1] == ReleaseBearer(by=BY)


def test_esc_leaves_the_choice_and_nothing_is_changed(qtbot: QtBot) -> None:
    screen, orders, _, _ = make(qtbot, CommsScreen, seen())
    press(screen, Qt.Key.Key_B)
    press(screen, Qt.Key.Key_Escape)
    assert not screen.pace.is_choosing
    assert orders == []


@pytest.mark.parametrize("key", [Qt.Key.Key_Y, Qt.Key.Key_H])
def test_in_a_replay_no_bearer_is_changed_and_the_key_says_why(qtbot: QtBot, tmp_path: Path, key: Qt.Key) -> None:
    replay = ShellDesk()
    shown = Window(qtbot, tmp_path, replay=replay)
    shown.give(seen(**PROPOSED))
    shown.window.show_screen("comms")
    shown.bridge.open_replay(None)
    shown.bridge.put_replayed(seen(**PROPOSED), replay.state())
    screen = shown.window.screen_shown
    assert isinstance(screen, CommsScreen)
    qtbot.waitUntil(lambda: not any(button.isEnabled() for button in screen.pace.buttons.values()))
    shown.window.note.say("")
    press(screen, key)
    assert shown.desk.orders == replay.orders == []
    assert shown.window.note.words == ZH.say("shell.replay.lock")


def test_the_rear_is_told_over_the_bearer_that_carries_where_it_carries_text() -> None:
    shown = seen(carrier_id="bd")
    assert [one.device_id for one in rear_contacts(shown)] == ["bd-1"]
    other = replace(shown.contacts[0], device_id="sat", recipient="1")
    both = replace(shown, contacts=(other, *shown.contacts))
    assert [one.device_id for one in rear_contacts(both)] == ["bd-1"]
    assert [one.device_id for one in rear_contacts(replace(both, pace=pace()))] == ["sat", "bd-1"]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("size", [(1856, 1016), (1302, 704)])
@pytest.mark.parametrize("changes", [{"acknowledged_by": None}, PROPOSED])
def test_nothing_of_the_row_is_cut_off(
    qtbot: QtBot, size: tuple[int, int], language: Language, changes: dict[str, Any]
) -> None:
    screen, _, _, _ = make(qtbot, CommsScreen, seen(**changes), language=language)
    screen.resize(*size)
    QApplication.processEvents()
    bar = screen.pace
    for button in (*bar.buttons.values(), *screen.spans.buttons.values()):
        if button.isVisible():
            assert button.width() >= button.fontMetrics().horizontalAdvance(button.text()), button.text()
            assert button.height() >= screen.theme.px(Metric.TOUCH)
    needed = bar.sentence.heightForWidth(bar.sentence.width())
    assert needed <= bar.height(), f"{bar.sentence.text()} {bar.sentence.width()}"


def test_the_desk_is_asked_by_nobody_for_the_near_span(qtbot: QtBot) -> None:
    _, _, desk, _ = make(qtbot, CommsScreen, seen())
    assert isinstance(desk, FakeDesk)
    assert not [one for one in desk.requests if "History" in type(one).__name__]
