"""The situation screen: words, colours and orders of its lists."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.picture import Camera, Fact
from console.views.judgement import silence_of
from console.views.situation.bearers import capacity_words, cell_words, receipt_words
from console.views.situation.teamwords import below_words, heard_words, silence_words
from console.views.theme import NIGHT, Theme
from console.views.widgets.sight import Seen, caption_note, facts_of, veil_words
from console.views.widgets.sparkline import draw_history
from tests.views.pictures import (
    MIN,
    NOW,
    S,
    bearer,
    camera,
    history,
    picture,
    team,
)
from tests.views.situation_rig import IMAGE, SPEECH, Shown

# A screen alone is a window here; the offscreen platform says that it does not pass on its least size.
pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")


@pytest.fixture
def shown(qtbot: QtBot) -> Shown:
    return Shown(qtbot)


# ---- teams


def test_a_row_says_when_by_which_means_and_how_many() -> None:
    names = {"bd1": "北斗指挥机"}
    one = picture().teams[1]
    assert heard_words(one, names, SPEECH, NOW) == "14:05 在网 北斗指挥机 · 8 人"
    never = picture().teams[-1]
    assert heard_words(never, names, SPEECH, NOW) == "尚无任何消息"
    assert heard_words(replace(never, means=()), names, SPEECH, NOW) == "没有通联手段"


def test_a_note_by_hand_is_not_said_to_have_come_by_a_device() -> None:
    noted = replace(team("a", "甲", None, 60, 5), last_heard_by="operator", last_heard_kind="note")
    assert heard_words(noted, {}, SPEECH, NOW) == "14:31 补记 · 无位置"


@pytest.mark.parametrize(
    ("silent_s", "large", "below"),
    [
        (None, "从未收到", "应每 15 分"),
        (27 * 60, "27 分", "超过 15 分"),
        (13 * 60, "13 分", "将超 15 分"),
        (41, "41 秒", "应每 15 分"),
    ],
)
def test_silence_is_said_in_words_not_only_in_colour(silent_s: float | None, large: str, below: str) -> None:
    one = team("a", "甲", 1, silent_s, 15)
    silence = silence_of(one, NOW)
    assert silence_words(silence, SPEECH) == large
    assert below_words(one, silence, SPEECH) == below


def test_the_list_and_the_map_agree_on_what_is_selected(shown: Shown) -> None:
    rows = shown.screen.teams.rows
    QTest.mouseClick(rows, Qt.MouseButton.LeftButton, pos=QPoint(60, 56 + 20))
    assert rows.selected_id == "消防水域二组"
    assert shown.screen.map.selected_id == "消防水域二组"
    where = shown.screen.map.view.point(34.401, 113.710).toPoint()
    QTest.mouseClick(shown.screen.map, Qt.MouseButton.LeftButton, pos=where)
    assert rows.selected_id == "电力抢修一队"
    QTest.keyClick(rows, Qt.Key.Key_Down)
    assert shown.screen.map.selected_id == "水务排涝组"


def test_a_row_turns_red_while_nothing_but_time_goes_by(shown: Shown) -> None:
    """Regression against a stale flag kept from the last picture."""
    rows = shown.screen.teams.rows
    fresh = rows.grab().toImage()
    last_row = QPoint(rows.width() // 2, rows.height() - 4)
    assert fresh.pixelColor(last_row) == NIGHT.panel
    shown.desk.at_ns += 10 * MIN
    assert rows.grab().toImage().pixelColor(last_row) == NIGHT.alarm_ground


def test_ages_are_repainted_four_times_a_second_and_only_while_seen(shown: Shown) -> None:
    assert shown.screen._age_timer.isActive()
    assert shown.screen._age_timer.interval() == 250
    shown.screen.hide()
    assert not shown.screen._age_timer.isActive()


# ---- pictures


def test_a_picture_is_veiled_as_soon_as_its_last_packet_is_too_old() -> None:
    one = camera("a")
    assert facts_of(one, Seen(IMAGE, 1_100_000_000), NOW).is_live
    stopped = facts_of(one, Seen(IMAGE, 1_250_000_000), NOW)
    assert not stopped.is_live
    assert veil_words(facts_of(one, Seen(IMAGE, 27 * S), NOW), SPEECH, NOW) == (
        "画面停在 14:31:40",
        "已 27 秒 · 设备仍在线",
        "alarm",
    )


@pytest.mark.parametrize(
    ("one", "headline", "below"),
    [
        (camera("a", "down", None, is_connected=False), "没有画面", "设备连不上 · 8 秒后再试"),
        (camera("a", "connecting", None, is_connected=False), "连接中", "设备连不上 · 8 秒后再试"),
        (camera("a", "disabled", None), "已停用", ""),
        (camera("a", "live", 0.1), "有数据，画面未出", "设备仍在线"),
    ],
)
def test_a_tile_without_a_picture_says_why(one: Camera, headline: str, below: str) -> None:
    assert veil_words(facts_of(one, Seen(None), NOW), SPEECH, NOW)[:2] == (headline, below)


def test_a_live_tile_says_its_age_size_and_rate_and_a_late_one_that_it_is_late() -> None:
    assert caption_note(facts_of(camera("a"), Seen(IMAGE, 200_000_000), NOW), SPEECH) == "0.2 秒 · 720p · 1.9 Mb/s"
    assert caption_note(facts_of(camera("a"), Seen(IMAGE, 900_000_000), NOW), SPEECH).startswith("迟 0.9 秒")
    assert caption_note(facts_of(camera("a"), Seen(IMAGE, 5 * S), NOW), SPEECH) == "5 秒前"


def test_frames_of_now_are_never_shown_as_those_of_a_replayed_moment(shown: Shown) -> None:
    tiles = shown.screen.wall.tiles
    tile = tiles.places()[0][1]
    at = QPoint(round(tile.center().x()), round(tile.top() + tile.height() / 4))
    assert tiles.grab().toImage().pixelColor(at) == QColor(10, 200, 30)
    shown.bridge.open_replay(None)
    assert tiles.grab().toImage().pixelColor(at) != QColor(10, 200, 30)
    assert veil_words(tiles.facts(tiles.cameras[0]), SPEECH, NOW)[0] == "回放中不放画面"


def test_the_veil_falls_by_time_alone_without_frame_or_picture(shown: Shown) -> None:
    tiles = shown.screen.wall.tiles
    assert tiles.facts(tiles.cameras[0]).is_live
    shown.feed.age_ns = 1_300_000_000
    assert not tiles.facts(tiles.cameras[0]).is_live
    shown.screen.wall.refresh()
    assert shown.screen.wall.header.note.text().startswith("5 路 · 0 路有画面")


def test_a_click_makes_a_tile_the_large_one(shown: Shown) -> None:
    tiles = shown.screen.wall.tiles
    small = tiles.places()[2]
    QTest.mouseClick(tiles, Qt.MouseButton.LeftButton, pos=small[1].center().toPoint())
    assert tiles.order()[0].id == small[0].id
    assert tiles._demand[small[0].id][2]


def test_a_small_screen_has_two_tiles_five_columns_and_still_all_lists(shown: Shown) -> None:
    shown.screen.resize(1302, 704)
    QApplication.processEvents()
    assert shown.screen.is_compact
    assert len(shown.screen.wall.tiles.places()) == 2
    assert len(shown.screen.bearers.rows.columns) == 5
    assert set(shown.screen.wall.tiles._demand) == {"无人机一号 · 双洎河口", "4G 图传 02"}


# ---- links


def test_figures_that_nobody_renewed_are_struck_through() -> None:
    one = bearer("a", "primary", "up", 5, round_trip_ms=612, loss_percent=0.4)
    assert cell_words(one, "round_trip", SPEECH, NOW) == ("612 ms", "text", False)
    assert cell_words(one, "round_trip", SPEECH, NOW + 20 * S) == ("612 ms", "dim", True)
    assert cell_words(replace(one, judged_ns=None), "loss", SPEECH, NOW)[2]


def test_a_receipt_carries_its_age_and_a_missing_one_is_said() -> None:
    assert receipt_words(bearer("a", "primary", "up", 5, receipt_min=14), SPEECH, NOW) == "14:18　14 分前"
    assert receipt_words(bearer("a", "primary", "up", 5), SPEECH, NOW) == "未有"


def test_what_a_card_carries_and_when_it_may_send_again() -> None:
    one = replace(
        bearer("a", "emergency", "up", 5), capacity_bits=628, next_send_ns=NOW + 18 * S, level=None, requires="x"
    )
    assert capacity_words(one, SPEECH, NOW) == "44 字/条 · 18 秒后可发"
    assert capacity_words(one, SPEECH, NOW + 19 * S) == "44 字/条"


def test_an_old_level_carries_its_age() -> None:
    level = Fact(key="rsrp", value=-108.0, unit="dBm", index=None, at_ns=NOW - 5 * MIN)
    one = replace(bearer("a", "emergency", "up", 5), level=level)
    assert capacity_words(one, SPEECH, NOW) == "-108 dBm（5 分前）"


def test_a_history_draws_loss_in_red_and_nothing_where_nothing_is_known() -> None:
    from PySide6.QtCore import QRectF  # noqa: PLC0415
    from PySide6.QtGui import QPainter  # noqa: PLC0415

    image = QImage(300, 40, QImage.Format.Format_RGB32)
    image.fill(NIGHT.panel)
    painter = QPainter(image)
    samples = history(*([50.0] * 10), *([None] * 10))
    draw_history(painter, QRectF(0, 0, 300, 40), samples, Theme(), now_ns=NOW, span_s=30 * 60)
    painter.end()

    def colours(left: int, right: int) -> set[str]:
        return {image.pixelColor(x, y).name() for x in range(left, right) for y in range(40)}

    assert colours(0, 80) == {NIGHT.panel.name()}
    assert NIGHT.dim.name() in colours(110, 180)
    assert NIGHT.alarm.name() in colours(220, 285)


def test_no_line_is_drawn_over_the_time_the_console_was_off() -> None:
    from PySide6.QtCore import QRectF  # noqa: PLC0415
    from PySide6.QtGui import QPainter  # noqa: PLC0415

    image = QImage(300, 40, QImage.Format.Format_RGB32)
    image.fill(NIGHT.panel)
    painter = QPainter(image)
    before, after = history(*([50.0] * 15))[:5], history(*([50.0] * 5))
    draw_history(painter, QRectF(0, 0, 300, 40), (*before, *after), Theme(), now_ns=NOW, span_s=30 * 60)
    painter.end()
    drawn = {x for x in range(300) for y in range(40) if image.pixelColor(x, y).name() != NIGHT.panel.name()}
    first, last = (round(300 * (1 - (NOW - one.at_ns) / (30 * MIN))) for one in (before[-1], after[0]))
    slot_px = round(300 * (after[1].at_ns - after[0].at_ns) / (30 * MIN))
    assert drawn
    assert drawn.isdisjoint(range(first + 3, last - slot_px - 3))
    assert last - slot_px - 3 - (first + 3) > 20
