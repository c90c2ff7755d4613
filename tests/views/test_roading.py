"""Roads by hand: reported with two clicks, drawn, taken from a mark; what the strip and the map say of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.picture import Road
from console.road_facts import Passage
from console.road_orders import AddRoad, RemoveRoad, ReportRoad, SetExit
from console.views.roadwords import detail_of, words_of
from console.views.situation.projection import View, to_plane
from console.views.situation.road_layer import RoadLayer, anchor_of
from console.views.theme import Theme
from console.views.widgets.road_summary import road_summary
from devices.driver import NS_PER_S
from tests.views.marked import LINE, mark
from tests.views.pictures import MIN, NOW, S, picture
from tests.views.roaded import Roaded
from tests.views.roads import H, line, report, road, roads
from tests.views.situation_rig import SPEECH

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")


def test_two_clicks_report_a_road(qtbot: QtBot) -> None:
    it = Roaded(qtbot, *roads())
    it.click_row("north")
    it.click_state("closed")
    (order,) = it.orders
    assert isinstance(order, ReportRoad)
    assert (order.road_id, order.state, order.seen_ns, order.expires_s) == ("north", "closed", NOW, 6 * 3600)
    assert order.forecast is None, "what was foretold stays"


def test_a_tap_on_its_symbol_and_a_click_report_it_too(qtbot: QtBot) -> None:
    it = Roaded(qtbot, road("bridge", line=line((34.38, 113.70), (34.382, 113.70))))
    it.roading.open(is_open=False)
    spot = anchor_of(it.picture.roads[0], it.map.view)
    it.tap(spot.x(), spot.y())
    it.click_state("open")
    assert [type(order) for order in it.orders] == [ReportRoad]


def test_source_time_and_forecast_go_into_the_report(qtbot: QtBot) -> None:
    it = Roaded(qtbot, road())
    it.click_row("bridge")
    it.press("details")
    panel = it.roading.panel
    panel.source.setText("李村支书")
    panel.by.setText("王磊")
    panel.seen.setText("14:05")
    panel.forecast.setText("上桥面")
    panel.forecast_at.setText("18:00")
    it.click_state("difficult")
    (order,) = it.orders
    assert isinstance(order, ReportRoad)
    assert (order.source, order.by) == ("李村支书", "王磊")
    assert SPEECH.minute(order.seen_ns) == "14:05"
    assert order.forecast_ns is not None
    assert SPEECH.minute(order.forecast_ns) == "18:00"
    assert order.forecast_ns > NOW, "a forecast is of the time to come"
    assert (panel.page, panel.seen.text(), panel.by.text()) == ("list", "", "王磊")


def test_a_time_that_is_none_is_refused_in_words(qtbot: QtBot) -> None:
    it = Roaded(qtbot, road())
    it.click_row("bridge")
    it.press("details")
    it.roading.panel.seen.setText("刚才吧")
    it.click_state("open")
    assert it.orders == []
    assert "14:05" in it.roading.panel.said.text()


def test_where_there_is_little_room_every_button_of_a_road_is_whole(qtbot: QtBot) -> None:
    it = Roaded(qtbot, *(replace(one, is_added=True) for one in roads()))
    it.screen.setStyleSheet(it.screen.theme.style_sheet())
    it.screen.resize(1302, 703)
    QApplication.processEvents()
    it.click_row("north")
    it.roading.panel.said.say("撤销(王磊)— 重画 道路 北环路 的线路 · 王磊", "info")
    QApplication.processEvents()
    assert (it.screen.is_compact, it.screen.height()) == (True, 703), "it asks for no more than there is"
    panel = it.roading.panel
    for name in ("go", "exit", "details", "redraw", "remove"):
        button = panel.acts[name]
        assert button.isVisible()
        assert button.visibleRegion().boundingRect() == button.rect(), name
        assert button.mapTo(panel, button.rect().bottomLeft()).y() < panel.said.geometry().top(), name
    it.press("details")
    pages = it.roading.panel.pages
    shown = pages.currentWidget()
    assert shown is not None
    assert pages.minimumSizeHint().height() >= shown.minimumSizeHint().height()
    it.press("details-leave")
    assert it.roading.panel.rows.height() >= 2 * it.roading.panel.list.row_rect("north").height()


def test_what_was_typed_for_one_road_is_not_said_of_the_next(qtbot: QtBot) -> None:
    it = Roaded(qtbot, *roads())
    it.click_row("bridge")
    it.press("details")
    it.roading.panel.source.setText("李村支书")
    it.press("details-leave")
    it.click_row("north")
    it.click_state("open")
    (order,) = it.orders
    assert isinstance(order, ReportRoad)
    assert order.source == ""


def test_a_road_is_drawn_named_and_written(qtbot: QtBot) -> None:
    it = Roaded(qtbot)
    it.press("new")
    for x in (200, 300, 400):
        it.tap(x, 300)
    it.press("draw-finish")
    it.roading.panel.name.setText("便道")
    it.roading.panel.is_exit.setChecked(True)
    it.press("name-write")
    (order,) = it.orders
    assert isinstance(order, AddRoad)
    assert (order.name, order.is_exit, len(order.line), order.seen_ns) == ("便道", True, 3, None)


def test_a_marked_way_out_is_taken_over_with_what_is_known_of_it(qtbot: QtBot) -> None:
    out = mark("out", kind="retreat_route", geometry=LINE, name="东线")
    it = Roaded(qtbot, marks=(out,))
    it.press("adopt")
    it.press("name-write")
    (order,) = it.orders
    assert isinstance(order, AddRoad)
    assert (order.mark_id, order.name, order.is_exit, order.state) == ("out", "东线", True, "open")
    assert (order.seen_ns, order.source, order.line) == (out.seen_ns, out.source, LINE.vertices)


def test_a_way_out_is_chosen_and_an_added_road_removed(qtbot: QtBot) -> None:
    it = Roaded(qtbot, road(is_added=True))
    it.click_row("bridge")
    it.press("exit")
    it.press("remove")
    exit_order, removal = it.orders
    assert exit_order == SetExit(road_id="bridge", is_exit=True, by="")
    assert removal == RemoveRoad(road_id="bridge", by="")


def test_in_a_replay_roads_are_seen_and_nothing_can_be_reported(qtbot: QtBot) -> None:
    it = Roaded(qtbot, *roads())
    it.press("new")
    it.bridge.open_replay(None)
    it.show(*roads())
    assert it.map.tool is None, "what was half drawn is given up"
    it.click_row("bridge")
    assert not any(button.isEnabled() for button in it.roading.panel.states.values())
    assert not [name for name in ("new", "undo", "exit", "redraw") if it.roading.panel.acts[name].isEnabled()]
    assert it.roading.panel.said.text() == "回放中:不能报路况"
    it.click_state("open")
    assert it.orders == []


def test_marks_and_roads_never_stand_open_together(qtbot: QtBot) -> None:
    it = Roaded(qtbot, road())
    QTest.keyClick(it.screen, Qt.Key.Key_M)
    assert (it.screen.marking.panel.isHidden(), it.roading.panel.isHidden()) == (False, True)
    QTest.keyClick(it.screen, Qt.Key.Key_H)
    assert (it.screen.marking.panel.isHidden(), it.roading.panel.isHidden()) == (True, False)


def test_the_report_buttons_are_large_enough_for_gloves(qtbot: QtBot) -> None:
    it = Roaded(qtbot, road())
    it.click_row("bridge")
    assert all(button.height() >= 44 for button in it.roading.panel.states.values())


# ---- words


def test_a_report_grown_old_is_unknown_and_says_what_was_last_known() -> None:
    words = words_of(road(expires_s=3600.0), SPEECH, NOW)
    assert (words.state, words.is_unknown, words.tone) == ("不明", True, "dim")
    assert "末次 断" in words.said
    assert "2 时 22 分前" in words.said


def test_what_was_known_of_another_line_is_said_to_be_so_until_something_newer_is_known() -> None:
    one = road(passage=Passage(team_id=None, name="", at_ns=NOW - MIN), report=None)
    assert "线路后来改过" not in words_of(one, SPEECH, NOW).said
    moved = replace(one, drawn_ns=NOW - MIN // 2, drawn_by="王磊")
    assert words_of(moved, SPEECH, NOW).said.endswith("线路后来改过")
    assert "王磊 改过线路" in detail_of(moved, SPEECH, NOW)
    driven = replace(moved, passage=Passage(team_id=None, name="", at_ns=NOW))
    assert "线路后来改过" not in words_of(driven, SPEECH, NOW).said


def test_who_drove_it_after_it_was_reported_closed_leaves_it_to_be_checked() -> None:
    words = words_of(road(passage=Passage(team_id=None, name="", at_ns=NOW - MIN)), SPEECH, NOW)
    assert words.state == "难行"
    assert "待核实" in words.said
    assert "本车" in words.said


def summary(*shown: Road, **changes: Any) -> tuple[str, str, str]:
    found = road_summary(picture(roads=shown, **changes), SPEECH, NOW)
    assert found is not None
    return found.headline, found.below, found.tone


def test_the_strip_counts_what_is_cut_and_says_how_old_the_way_out_is() -> None:
    head, below, tone = summary(*roads())
    assert head == "1 处断　撤离路 47 分前证实"
    assert below.startswith("S321 观音寺桥 断 · 郑新路涵洞 难行 · 出口 北环路")
    assert tone == "amber"


def test_an_old_way_out_is_red_and_told_in_full_hours() -> None:
    north = replace(roads()[2], passage=Passage(team_id="x", name="x", at_ns=NOW - 3 * H - 5 * MIN))
    head, _, tone = summary(north)
    assert (head, tone) == ("路通　撤离路 3 时前证实", "red")


def test_a_way_out_whose_line_was_drawn_anew_is_not_called_proven() -> None:
    north = replace(roads()[2], drawn_ns=NOW - 5 * MIN)
    assert summary(north)[::2] == ("路通　撤离路旧线 47 分前证实", "amber")
    driven = replace(north, passage=Passage(team_id="x", name="x", at_ns=NOW - MIN))
    assert summary(driven)[::2] == ("路通　撤离路 1 分前证实", "normal")


def test_all_ways_out_closed_is_red() -> None:
    assert summary(road(is_exit=True))[::2] == ("1 处断　撤离路全断", "red")


def test_a_marked_way_out_alone_is_told_and_without_any_road_nothing_is() -> None:
    out = mark("out", kind="retreat_route", geometry=LINE, name="东线")
    assert summary(marks=(out,))[:2] == ("撤离路 12 分前证实", "出口 东线")
    assert road_summary(picture(), SPEECH, NOW) is None


# ---- the map

VIEW = View(
    centre_east_m=to_plane(34.38, 113.70)[0],
    centre_north_m=to_plane(34.38, 113.70)[1],
    zoom=13.0,
    width_px=600.0,
    height_px=400.0,
)


def drawn(one: Road, *, now_ns: int = NOW, is_night: bool = True) -> QImage:
    theme = Theme(is_night=is_night)
    image = QImage(600, 400, QImage.Format.Format_RGB32)
    image.fill(theme.palette.map_ground)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    RoadLayer().draw(painter, picture(roads=(one,), teams=()), VIEW, theme, SPEECH, now_ns)
    painter.end()
    return image


def count(image: QImage, rect: QRectF, colour: object) -> int:
    box = rect.toAlignedRect() & image.rect()
    return sum(
        image.pixelColor(x, y) == colour for x in range(box.left(), box.right()) for y in range(box.top(), box.bottom())
    )


ACROSS = line((34.38, 113.68), (34.38, 113.72))


@pytest.mark.parametrize("is_night", [True, False], ids=["night", "day"])
def test_a_closed_road_is_crossed_and_in_the_second_it_expires_grey_and_dashed(is_night: bool) -> None:  # noqa: FBT001
    one = road(line=ACROSS, report=report("closed", 0), expires_s=60.0)
    palette = Theme(is_night=is_night).palette
    middle = QRectF(294, 194, 12, 12)
    left = QRectF(120, 196, 120, 8)
    known = drawn(one, is_night=is_night)
    assert count(known, middle, palette.alarm) > 10, "a cross"
    assert count(known, left, palette.alarm) > 100
    old = drawn(one, now_ns=NOW + 60 * S, is_night=is_night)
    assert count(old, left, palette.alarm) == 0
    row = [old.pixelColor(x, 200) for x in range(100, 220)]
    assert palette.dim in row
    assert palette.map_ground in row, "dashed"


def test_what_the_map_says_is_drawn_anew_when_a_road_expires() -> None:
    layer, shown = RoadLayer(), picture(roads=(road(report=report("open", 0), expires_s=60.0),))
    assert layer.key(shown, VIEW, NOW + 59 * NS_PER_S) != layer.key(shown, VIEW, NOW + 60 * NS_PER_S)
