"""通信: bearers, terminals and messages in words; decisions become orders."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.i18n import Language
from console.orders import AbandonMessage, ComposeMessage, ConfirmUnrecorded, ResendMessage
from console.picture import BearerSample, Gap, JournalHealth, Text
from console.views.comms import CommsScreen
from console.views.comms.chart import Chart
from console.views.comms.describe import JUDGED_OLD_NS, bearer_facts, message_state, newest_first
from console.views.comms.history import Stretch, ceiling_ms, runs, slot_ns
from console.views.comms.messages import SHOWN_MESSAGES
from console.views.comms.terminals import terminals
from console.views.speech import Speech
from console.views.theme import NIGHT, Theme
from console.views.widgets.facts import FactBox
from tests.views.more_pictures import MIN, NOW, S, bearer, history, message, messages, picture, terminal
from tests.views.screens import ZONE, make

ZH = Speech("zh", zone=ZONE)


def _row(screen: CommsScreen, number: int) -> str:
    return " | ".join(screen.bearers.rows[number].words())


def test_each_bearer_says_state_since_when_why_and_what_the_rear_received(qtbot: QtBot) -> None:
    screen, _, _, _ = make(qtbot, CommsScreen, picture())
    assert _row(screen, 0).startswith("主 | 地面光纤 | 断 | 13:47 起 45 分 · 到不了")
    assert "依靠 镇机房供电" in _row(screen, 0)
    assert "后方收到 13:46 · 46 分前" in _row(screen, 0)
    assert "正在使用 · 13:53 自动切换" in _row(screen, 2)
    assert "恢复条件 静默 5 分" in _row(screen, 0)
    assert "恢复条件" not in _row(screen, 2)
    assert "往返 612 ms" in _row(screen, 2)
    assert "可发 18 秒后" in _row(screen, 4)
    assert "单条 约 44 字" in _row(screen, 4)


def test_all_facts_of_a_bearer_stand_inside_its_row(qtbot: QtBot) -> None:
    screen, _, _, _ = make(qtbot, CommsScreen, picture())
    QApplication.processEvents()
    for row in screen.bearers.rows:
        boxes = [box for box in row.findChildren(FactBox) if box.isVisible()]
        assert boxes
        for box in boxes:
            assert box.height() >= box.sizeHint().height(), box.name
            assert box.geometry().top() >= row.rect().top() + 4, box.name
            assert box.geometry().bottom() <= row.rect().bottom() - 4, box.name


def test_figures_judged_long_ago_are_struck_through_and_dated() -> None:
    vsat = bearer("v", "VSAT", "contingency", "up", round_trip_ms=612.0, loss_percent=0.4)
    said = {one.name: one for one in bearer_facts(vsat, ZH, NOW + JUDGED_OLD_NS + 2 * S)}
    assert said["往返"].is_struck
    assert said["往返"].value == "612 ms 末次 14:32"
    assert not {one.name: one for one in bearer_facts(vsat, ZH, NOW)}["往返"].is_struck


@pytest.mark.parametrize(
    ("used_bytes", "tone"), [(79_000_000, "text"), (80_000_000, "warn"), (100_000_000, "alarm"), (0, "text")]
)
def test_a_bearer_says_what_pictures_take_of_it_and_colours_an_hour_that_runs_out(used_bytes: int, tone: str) -> None:
    lte = bearer(
        "lte", "4G", "alternate", "up", video_bps=412_000.0, video_budget_bps=512_000.0, video_grade="sub",
        video_hour_bytes=used_bytes, video_hour_budget_bytes=100_000_000,
    )  # fmt: skip
    said = {one.name: one for one in bearer_facts(lte, ZH, NOW)}
    assert said["视频·限子码流"].value == "412/512 kb/s"
    assert said["视频近1时"].value == f"{used_bytes // 1_000_000}/100 MB"
    assert said["视频近1时"].tone == tone


def test_a_bearer_no_picture_ever_used_and_none_bounds_says_nothing_of_pictures() -> None:
    said = {one.name for one in bearer_facts(bearer("v", "VSAT", "contingency", "up"), ZH, NOW)}
    assert not {name for name in said if "视频" in name}


def test_a_bearer_that_never_carried_a_receipt_says_so() -> None:
    said = bearer_facts(bearer("v", "VSAT", "contingency", "up"), ZH, NOW)
    assert (said[0].name, said[0].value) == ("后方收到", "未有")


def test_figures_grow_old_without_a_new_picture(qtbot: QtBot) -> None:
    screen, _, desk, _ = make(qtbot, CommsScreen, picture())
    desk.now = NOW + 5 * MIN
    screen.refresh()
    assert "往返 612 ms 末次 14:32" in _row(screen, 2)
    assert "后方收到 14:32 · 5 分前" in _row(screen, 2)


@pytest.mark.parametrize("size", [(1856, 1016), (1302, 704)])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_figure_of_a_link_loses_its_age_to_an_ellipsis(
    qtbot: QtBot, size: tuple[int, int], language: Language
) -> None:
    screen, _, desk, _ = make(qtbot, CommsScreen, picture(), language=language)
    screen.resize(*size)
    desk.now = NOW + 5 * MIN
    screen.refresh()
    QApplication.processEvents()
    boxes = [box for row in screen.bearers.rows for box in row.findChildren(FactBox) if box.isVisible()]
    assert len(boxes) > 10
    for box in boxes:
        metrics = screen.theme.metrics(box.value_size(), is_bold=True)
        assert metrics.horizontalAdvance(box.value) <= box.width(), box.value


def test_a_line_never_crosses_a_hole_in_the_history() -> None:
    samples = [s for s in history(base_ms=10) if not 20 <= (NOW - s.at_ns) // (30 * S) < 30]
    assert len(runs(samples, slot_ns(samples))) == 2
    lost = history(base_ms=10, down_from=30)
    assert [len(run) for run in runs(lost, slot_ns(lost))] == [30]


def _chart() -> Chart:
    chart = Chart(Theme(), ZH)
    chart.resize(420, 72)
    return chart


def _stretch(samples: tuple[BearerSample, ...], *gaps: Gap) -> Stretch:
    return Stretch(from_ns=NOW - 30 * MIN, to_ns=NOW, step_ns=slot_ns(samples), samples=samples, gaps=gaps)


def _painted(view: Chart) -> QImage:
    image: QImage = view.grab().toImage()
    return image


def _has(image: QImage, colour: QColor) -> bool:
    return any(
        image.pixelColor(x, y).rgb() == colour.rgb() for x in range(image.width()) for y in range(image.height())
    )


@pytest.mark.parametrize(("loss_percent", "colour"), [(0.0, None), (8.0, NIGHT.warn), (100.0, NIGHT.alarm)])
def test_loss_is_drawn_in_its_colour(qtbot: QtBot, loss_percent: float, colour: QColor | None) -> None:
    view = _chart()
    qtbot.addWidget(view)
    median_ms = None if loss_percent == 100.0 else 10.0
    samples = tuple(
        BearerSample(at_ns=NOW - n * 10 * S, median_ms=median_ms, low_ms=9.0, high_ms=12.0, loss_percent=loss_percent)
        for n in range(180, 0, -1)
    )
    view.show_stretch(_stretch(samples))
    image = _painted(view)
    for one in (NIGHT.warn, NIGHT.alarm):
        assert _has(image, one) is (one is colour)


def test_time_in_which_the_console_did_not_run_is_drawn_as_a_gap(qtbot: QtBot) -> None:
    view = _chart()
    qtbot.addWidget(view)
    samples = history(base_ms=10)[:20]
    view.show_stretch(_stretch(samples))
    plain = _painted(view)
    view.show_stretch(_stretch(samples, Gap(from_ns=NOW - 10 * MIN, to_ns=NOW - 2 * MIN, lost=None)))
    assert _painted(view) != plain


def test_a_long_span_says_when_its_left_edge_is(qtbot: QtBot) -> None:
    view = _chart()
    qtbot.addWidget(view)
    plain = _stretch(history(base_ms=10)[40:])
    view.show_stretch(plain)
    before = _painted(view).copy(0, 0, 60, 18)
    view.show_stretch(replace(plain, samples=plain.samples[1:], is_dated=True))
    assert _painted(view).copy(0, 0, 60, 18) != before


def test_sent_is_never_said_like_confirmed() -> None:
    sent = message_state(message("m", "x", "sent", sent_ns=NOW - 6 * MIN), ZH, NOW)
    confirmed = message_state(message("m", "x", "confirmed"), ZH, NOW)
    assert sent == ("已发，未确认 6 分", "warn")
    assert confirmed == ("已确认 14:28:07", "soft")


@pytest.mark.parametrize("state", ["queued", "submitted", "sent", "confirmed", "failed", "unknown", "abandoned"])
def test_every_state_of_a_message_has_its_own_words_in_both_languages(state: str) -> None:
    for speech in (ZH, Speech("en", zone=ZONE)):
        words, _ = message_state(message("m", "x", state), speech, NOW)  # type: ignore[arg-type]
        assert words
        assert "comms." not in words


def test_what_needs_a_person_stands_first(qtbot: QtBot) -> None:
    assert [one.id for one in newest_first(messages())][:2] == ["m4", "m5"]
    screen, _, _, _ = make(qtbot, CommsScreen, picture())
    assert screen.message_panel.header.note.text() == "待发 1 · 未确认 1 · 待处置 2"


def test_only_unknown_and_failed_messages_can_be_sent_again(qtbot: QtBot) -> None:
    screen, orders, _, _ = make(qtbot, CommsScreen, picture())
    buttons = {message_id: list(row.buttons) for message_id, row in screen.messages.rows.items()}
    assert buttons == {
        "m1": [], "m2": [], "m3": [], "m4": ["abandon", "resend"], "m5": ["abandon", "resend"], "m6": ["abandon"],
    }  # fmt: skip
    screen.messages.rows["m4"].buttons["resend"].click()
    screen.messages.rows["m5"].buttons["abandon"].click()
    assert orders == [ResendMessage(message_id="m4"), AbandonMessage(message_id="m5")]


def test_a_decision_is_given_once_even_if_clicked_twice(qtbot: QtBot) -> None:
    screen, orders, _, _ = make(qtbot, CommsScreen, picture())
    screen.messages.rows["m4"].buttons["resend"].click()
    screen.messages.rows["m4"].buttons["resend"].click()
    assert len(orders) == 1


def test_sending_without_a_record_is_asked_for_each_message(qtbot: QtBot) -> None:
    unrecorded = JournalHealth(is_recorded=False, since_ns=NOW, reason=Text(id="journal.full"), lost=0)
    screen, orders, _, _ = make(qtbot, CommsScreen, picture(journal=unrecorded))
    screen.messages.rows["m6"].buttons["unrecorded"].click()
    assert orders == [ConfirmUnrecorded(message_id="m6")]


def test_in_a_replay_nothing_is_decided_and_nothing_sent(qtbot: QtBot) -> None:
    screen, orders, _, _ = make(qtbot, CommsScreen, picture())
    screen.bridge.open_replay(None)
    screen.show_picture(picture())
    screen.messages.rows["m4"].buttons["resend"].click()
    screen.compose.send.click()
    assert orders == []


def test_a_text_is_measured_and_sent(qtbot: QtBot) -> None:
    screen, orders, _, _ = make(qtbot, CommsScreen, picture())
    screen.compose.text.setText("桥断，缺冲锋舟 2")
    qtbot.waitUntil(screen.compose.send.isEnabled)
    assert "15 / 44 字" in screen.compose.meter.text()
    screen.compose.send.click()
    assert isinstance(orders[0], ComposeMessage)
    assert (orders[0].device_id, orders[0].recipient, orders[0].text) == ("bd-1", "4207700", "桥断，缺冲锋舟 2")


def test_terminals_show_card_beams_and_subordinates(qtbot: QtBot) -> None:
    screen, _, _, _ = make(qtbot, CommsScreen, picture())
    assert [device.id for device in terminals(picture())] == ["bd-1"]
    cells = [screen.terminals.data(screen.terminals.index(0, column)) for column in range(8)]
    assert cells == [
        "北斗指挥机", "已开", "4207733 · 3 级", "3 个可用　3:49 5:47 9:42", "—", "2 个", "18 秒后", "0 秒前",
    ]  # fmt: skip


def test_a_terminal_that_is_down_promises_nothing(qtbot: QtBot) -> None:
    down = replace(terminal("down"), reason=Text(id="wire.reason.missing", args={"detail": "ttyUSB0"}))
    screen, _, _, _ = make(qtbot, CommsScreen, picture(devices=(down,)))
    cells = [screen.terminals.data(screen.terminals.index(0, column)) for column in range(9)]
    assert cells[1] == "断"
    assert cells[6] == "—"
    assert "ttyUSB0" in str(cells[8])


def test_english_leaves_no_id_and_no_chinese_word_of_ours(qtbot: QtBot) -> None:
    screen, _, _, _ = make(qtbot, CommsScreen, picture(), language="en")
    said = "\n".join(_row(screen, number) for number in range(5))
    assert "comms." not in said
    for word in ("断", "起", "后方收到", "往返"):
        assert word not in said


def test_of_many_messages_the_open_ones_and_the_newest_are_shown_and_the_rest_is_counted(qtbot: QtBot) -> None:
    many = [message(f"n{n}", "x", "confirmed", created_ns=NOW - n * MIN) for n in range(199)]
    old_open = message("old", "x", "unknown", created_ns=NOW - 300 * MIN)
    screen, _, _, _ = make(qtbot, CommsScreen, picture(messages=(*many, old_open)))
    assert len(screen.messages.rows) == SHOWN_MESSAGES
    assert {"old", "n0"} <= set(screen.messages.rows)
    assert screen.messages.older.text() == "更早的 140 条在日志里"


def test_one_slow_answer_does_not_flatten_the_history() -> None:
    samples = [replace(sample, high_ms=20.0) for sample in history(base_ms=10)]
    samples[3] = replace(samples[3], high_ms=900.0)
    assert ceiling_ms(samples) < 30
    assert ceiling_ms([]) == 1.0


def test_a_message_a_replay_does_not_know_yet_is_gone_at_once(qtbot: QtBot) -> None:
    screen, _, _, _ = make(qtbot, CommsScreen, picture())
    QApplication.processEvents()
    rows = list(screen.messages.rows.values())
    assert all(row.isVisible() for row in rows)
    screen.show_picture(picture(messages=()))
    assert not any(row.isVisible() for row in rows)
