"""The desk of the teams on 态势: detail, voice, roll call, unknown ids, filters; with the keyboard alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.orders import AddMeans, AddTeam, BeginRollCall, ChangeTeam, EndRollCall, HeardByVoice, RemoveMeans
from console.picture import Contact, Disagreement, Fact, Fix, Heard, Picture, Team
from console.views.situation.fixes import OtherFixes
from console.views.situation.teamwords import doubt_words, known_lines, means_words, roll_words
from console.views.strangers import strangers, team_id_for
from tests.views.pictures import MIN, NOW, S, picture, place, team
from tests.views.situation_rig import SPEECH, Shown

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")

FIRE, COMMS = "消防水域二组", "应急通信小分队"
KEY = Qt.Key


def with_team(name: str, **changes: object) -> Picture:
    shown = picture()
    teams = tuple(replace(one, **changes) if one.name == name else one for one in shown.teams)  # type: ignore[arg-type]
    return replace(shown, teams=teams)


def with_strangers() -> Picture:
    """A radio 3107 of nobody, one of a team, a contact's, a base station, and one only ever listed."""
    shown = picture()
    heard = (
        Heard(subject="3107", name="通信03", at_ns=NOW - 41 * S, kind="position"),
        Heard(subject="04204986", at_ns=NOW - 5 * S, kind="text"),
        Heard(subject="77", at_ns=NOW - 60 * S, kind="position"),
        Heard(subject="9001", at_ns=NOW, kind="presence"),
        Heard(subject="5555", state="online", state_ns=NOW),
    )
    on_air = Fact(key="condition.on-air", value="yes", unit=None, index=None, at_ns=NOW, subject="9001", is_good=True)
    radio = replace(shown.devices[0], group="radio", heard=heard, facts=(on_air,))
    teams = (replace(shown.teams[0], means=("bd1", "bd1/0077")), *shown.teams[1:])
    return replace(shown, devices=(radio, *shown.devices[1:]), teams=teams)


def press(shown: Shown, *keys: Qt.Key) -> None:
    """Keys go to whoever has the focus, as on a desk."""
    for key in keys:
        QTest.keyClick(QApplication.focusWidget() or shown.screen, key)
        QApplication.processEvents()


def shown_with(qtbot: QtBot, what: Picture) -> Shown:
    shown = Shown(qtbot)
    shown.screen.activateWindow()
    shown.screen.setFocus()
    shown.screen.show_picture(what)
    QApplication.processEvents()
    return shown


# ---- voice


def test_v_and_enter_write_down_that_the_chosen_team_spoke(qtbot: QtBot) -> None:
    shown = shown_with(qtbot, picture())
    shown.screen.teams.rows.selected.emit(FIRE)
    shown.screen.teams.rows.setFocus()
    press(shown, KEY.Key_V, KEY.Key_Return)
    assert shown.orders == [HeardByVoice(team_id=FIRE, by="新郑-指01")]
    assert not shown.screen.desk.voice.isVisible()


def test_v_without_a_choice_takes_the_team_silent_longest_and_shows_which(qtbot: QtBot) -> None:
    shown = shown_with(qtbot, picture())
    press(shown, KEY.Key_V)
    assert shown.screen.desk.voice.title.text() == "话音应答:梨河镇转移组"
    assert shown.screen.map.selected_id == "梨河镇转移组"
    shown.screen.desk.voice.text.setText(" 已到镇中学 ")
    press(shown, KEY.Key_Return)
    assert shown.orders == [HeardByVoice(team_id="梨河镇转移组", by="新郑-指01", text="已到镇中学")]


def test_esc_puts_the_voice_bar_away_and_nothing_is_written(qtbot: QtBot) -> None:
    shown = shown_with(qtbot, picture())
    press(shown, KEY.Key_V, KEY.Key_Escape)
    assert not shown.screen.desk.voice.isVisible()
    assert shown.orders == []


# ---- roll call


def test_c_begins_the_roll_call_and_ends_it(qtbot: QtBot) -> None:
    shown = shown_with(qtbot, picture())
    press(shown, KEY.Key_J)
    shown.screen.show_picture(replace(picture(), roll_call_ns=NOW - 10 * S))
    press(shown, KEY.Key_J)
    assert shown.orders == [BeginRollCall(by="新郑-指01"), EndRollCall(by="新郑-指01")]


def test_in_a_roll_call_v_and_enter_walk_through_those_who_did_not_answer(qtbot: QtBot) -> None:
    called = replace(with_team(FIRE, answered_ns=NOW - 5 * S), roll_call_ns=NOW - 60 * S)
    shown = shown_with(qtbot, called)
    names = [one.name for one in shown.screen.teams.rows.rows()]
    assert FIRE not in names, "only who is missing is listed at first"
    shown.screen.teams.rows.selected.emit(names[0])
    shown.screen.teams.rows.setFocus()
    press(shown, KEY.Key_V, KEY.Key_Return, KEY.Key_V, KEY.Key_Return)
    assert [order.team_id for order in shown.orders if isinstance(order, HeardByVoice)] == names[:2]
    assert shown.screen.teams.header.note.text() == "点名 14:31 起 · 已应 1 / 12"


def test_a_radio_that_sends_its_place_has_not_answered_the_roll() -> None:
    heard = team("甲", "甲", 3, 10, 5)
    assert roll_words(heard, NOW - 60 * S, SPEECH) == ("未应", "仅设备在线", "warn")
    assert roll_words(heard, NOW - 5 * S, SPEECH) == ("未应", "", "warn")
    spoke = replace(heard, answered_ns=NOW - 10 * S)
    assert roll_words(spoke, NOW - 60 * S, SPEECH) == ("已应", "14:31:57", "text")


# ---- unknown ids


def test_unknown_ids_are_those_heard_of_no_team_no_roster_and_no_base_station() -> None:
    shown = with_strangers()
    assert [(one.means, one.name, one.at_ns) for one in strangers(shown)] == [("bd1/3107", "通信03", NOW - 41 * S)]
    known = replace(shown, contacts=(*shown.contacts, Contact(device_id="bd1", recipient="3107", name="后方")))
    assert strangers(known) == []


def test_where_no_id_is_unknown_there_is_nothing_to_fill_in(qtbot: QtBot) -> None:
    shown = shown_with(qtbot, picture())
    shown.screen.desk.open_strangers()
    QApplication.processEvents()
    panel = shown.screen.desk.strangers
    assert panel.none.isVisible()
    assert panel.none.geometry().bottom() < panel.height() / 3, "right below its title"
    assert not panel.name.isVisible()
    shown.screen.show_picture(with_strangers())
    QApplication.processEvents()
    assert panel.name.isVisible()


def test_two_clicks_make_a_guest_of_an_unknown_id(qtbot: QtBot) -> None:
    shown = shown_with(qtbot, with_strangers())
    desk = shown.screen.desk
    assert desk.buttons["strangers"].text() == "陌生 1"
    desk.open_strangers()
    row = desk.strangers.list.visualItemRect(desk.strangers.list.item(0))
    QTest.mouseClick(desk.strangers.list.viewport(), Qt.MouseButton.LeftButton, pos=row.center())
    QTest.mouseClick(desk.strangers.make, Qt.MouseButton.LeftButton)
    assert shown.orders == [AddTeam(team_id="guest-bd1-3107", name="通信03", means=("bd1/3107",), by="新郑-指01")]
    assert desk.pages.currentWidget() is desk.list


def test_an_unknown_id_goes_to_a_team_that_is_there(qtbot: QtBot) -> None:
    shown = shown_with(qtbot, with_strangers())
    press(shown, KEY.Key_U)
    assert shown.screen.desk.strangers.list.item(0).isSelected()
    panel = shown.screen.desk.strangers
    panel.team.setCurrentIndex(panel.team.findData(FIRE))
    QTest.mouseClick(panel.give, Qt.MouseButton.LeftButton)
    assert shown.orders == [AddMeans(team_id=FIRE, means="bd1/3107", by="新郑-指01")]


def test_u_and_enter_do_it_without_a_mouse(qtbot: QtBot) -> None:
    shown = shown_with(qtbot, with_strangers())
    press(shown, KEY.Key_U, KEY.Key_Return)
    assert [type(order) for order in shown.orders] == [AddTeam]


def test_a_guests_id_is_written_as_the_files_are_and_is_nobodys() -> None:
    assert team_id_for("bd1/甲 3107", ()) == "guest-bd1---3107"
    assert team_id_for("bd1/1", ("GUEST-bd1-1", "guest-bd1-1-2")) == "guest-bd1-1-3"


# ---- the detail


def test_enter_opens_the_team_and_esc_goes_back(qtbot: QtBot) -> None:
    shown = shown_with(qtbot, picture())
    shown.screen.teams.rows.selected.emit(FIRE)
    shown.screen.teams.rows.setFocus()
    press(shown, KEY.Key_Return)
    assert shown.screen.desk.detail.header.title.text() == FIRE
    press(shown, KEY.Key_Escape)
    assert shown.screen.desk.pages.currentWidget() is shown.screen.teams


def test_the_last_known_state_says_place_course_time_and_by_which_means() -> None:
    shown = with_team(
        FIRE, task="转移", state="working", state_ns=NOW - 40 * MIN, people_present=6, people_ns=NOW - MIN
    )
    silent = next(one for one in shown.teams if one.name == FIRE)
    lines = {name: (value, tone, is_struck) for name, value, tone, is_struck in known_lines(silent, shown, SPEECH, NOW)}
    assert lines["失联"] == ("27 分", "alarm", False)
    assert lines["末次听到"] == ("14:05 在网 北斗指挥机", "text", False)
    assert lines["末次位置"] == ("N 34°21′18.0″ E 113°45′36.0″ WGS-84", "dim", True)
    assert lines["定位"] == ("14:05:07 · 27 分前 · 北斗指挥机", "warn", False)
    assert lines["航向 · 速度"] == ("— · 0 km/h", "dim", True)
    assert lines["推算"] == ("可能范围 1.8 km(假设 4 km/h)", "alarm", False)
    assert lines["状态"] == ("作业中 · 13:52", "text", False)
    assert lines["人数"] == ("6/8 人 · 14:31", "text", False)


def test_only_what_was_changed_is_sent(qtbot: QtBot) -> None:
    shown = shown_with(qtbot, picture())
    desk = shown.screen.desk
    desk.list.rows.selected.emit(FIRE)
    desk.open_detail()
    desk.detail.fields["task"].setText("转移群众")
    desk.detail.fields["people_present"].setText("6")
    desk.detail.fields["expected"].setText("7,5")
    desk.detail.state.setCurrentIndex(desk.detail.state.findData("working"))
    press(shown)
    QTest.mouseClick(desk.detail.save, Qt.MouseButton.LeftButton)
    assert shown.orders == [
        ChangeTeam(team_id=FIRE, task="转移群众", people_present=6, expected_s=450, state="working", by="新郑-指01")
    ]
    desk.open_detail()
    QTest.mouseClick(desk.detail.save, Qt.MouseButton.LeftButton)
    assert len(shown.orders) == 1, "nothing changed, nothing sent"


@pytest.mark.parametrize(
    ("field", "typed"),
    [("people_present", "六"), ("people_present", "-1"), ("expected", "x"), ("expected", "0"), ("expected", "nan")],
)
def test_a_number_that_is_none_is_said_and_nothing_is_sent(qtbot: QtBot, field: str, typed: str) -> None:
    shown = shown_with(qtbot, picture())
    desk = shown.screen.desk
    desk.list.rows.selected.emit(FIRE)
    desk.open_detail()
    desk.detail.fields[field].setText(typed)
    QTest.mouseClick(desk.detail.save, Qt.MouseButton.LeftButton)
    assert shown.orders == []
    assert desk.detail.said.isVisible()


def test_what_is_being_typed_stays_when_a_picture_comes(qtbot: QtBot) -> None:
    shown = shown_with(qtbot, picture())
    desk = shown.screen.desk
    desk.list.rows.selected.emit(FIRE)
    desk.open_detail()
    desk.detail.fields["task"].setText("转移")
    shown.screen.show_picture(with_team(FIRE, people_present=4))
    desk.refresh()
    assert desk.detail.fields["task"].text() == "转移"
    assert "4/8 人" in " ".join(desk.detail.facts.words())


def test_means_are_added_and_removed_in_the_detail(qtbot: QtBot) -> None:
    shown = shown_with(qtbot, with_strangers())
    desk = shown.screen.desk
    desk.list.rows.selected.emit(COMMS)
    desk.open_detail()
    assert [desk.detail.new_means.itemText(n) for n in range(desk.detail.new_means.count())] == ["bd1/3107"]
    desk.detail.new_means.setEditText("bd1/3107")
    QTest.mouseClick(desk.detail.add_means, Qt.MouseButton.LeftButton)
    QTest.mouseClick(desk.detail.means_lines[1][1], Qt.MouseButton.LeftButton)
    assert shown.orders == [
        AddMeans(team_id=COMMS, means="bd1/3107", by="新郑-指01"),
        RemoveMeans(team_id=COMMS, means="bd1/0077", by="新郑-指01"),
    ]


# ---- doubt


def disputed() -> tuple[Picture, Team]:
    shown = with_strangers()
    one = shown.teams[0]
    assert one.place is not None
    far = place(34.397, 113.762, 60)
    one = replace(
        one,
        fixes=(Fix(means="bd1", place=one.place, is_jump=False), Fix(means="bd1/0077", place=far, is_jump=False)),
        disagreement=Disagreement(first="bd1", second="bd1/0077", distance_m=1620.0),
    )
    return replace(shown, teams=(one, *shown.teams[1:])), one


def test_means_that_disagree_are_said_in_the_row_and_in_the_detail_which_one_is_shown() -> None:
    shown, one = disputed()
    assert doubt_words(one, SPEECH) == "手段相差 1.6 km"
    assert means_words("bd1", one, shown, SPEECH, NOW) == ("北斗指挥机 · 定位 41 秒前 · 即所示位置", "warn")
    words, tone = means_words("bd1/0077", one, shown, SPEECH, NOW)
    assert words == "北斗指挥机 0077 · 14:31 位置 · 定位 1 分前 · 与所示位置相差 1.6 km"
    assert tone == "warn"


def test_the_other_place_is_drawn_in_amber_with_a_line_to_the_one_shown(qtbot: QtBot) -> None:
    given, one = disputed()
    shown = shown_with(qtbot, given)
    shown.screen.map.refresh()
    image = shown.screen.map.grab().toImage()
    at = shown.screen.map.view.point(one.fixes[1].place.lat_deg, one.fixes[1].place.lon_deg)
    ambers = [image.pixelColor(round(at.x()) + dx, round(at.y()) + dy) for dx in range(-9, 10) for dy in range(-9, 10)]
    assert any(one.red() > 200 and 120 < one.green() < 200 and one.blue() < 90 for one in ambers)
    later = OtherFixes().key(given, shown.screen.map.view, NOW + 2 * 3600 * S)
    assert later == (), "an hour later it stands in the detail only"


# ---- filters


def test_chips_appear_with_many_teams_and_q_walks_through_them(qtbot: QtBot) -> None:
    shown = shown_with(qtbot, picture())
    assert not shown.screen.teams.chips.isVisible()
    many = [replace(team(f"小分队{n:03d}", "村", 10, 10 + n, 15), id=f"v{n}") for n in range(188)]
    shown.screen.show_picture(replace(picture(), teams=(*picture().teams, *many)))
    QApplication.processEvents()
    chips = shown.screen.teams.chips
    assert chips.isVisible()
    assert [button.text() for button in chips.buttons] == ["全部 200", "失联 2", "存疑 0", "无位置 189"]
    shown.screen.teams.rows.setFocus()
    press(shown, KEY.Key_Q)
    assert [one.name for one in shown.screen.teams.rows.rows()] == ["梨河镇转移组", FIRE]
    assert shown.screen.teams.header.note.text() == "只列出 2 / 200 支"


def test_a_team_is_found_by_its_task_leader_phone_and_means(qtbot: QtBot) -> None:
    shown = shown_with(
        qtbot, with_team(FIRE, task="水上救援", leader="王队", phone="13800001111", means=("bd1/4204986",))
    )
    rows = shown.screen.teams.rows
    for typed in ("水上", "王队", "00001111", "4204986"):
        rows.filter = typed
        assert [one.name for one in rows.rows()] == [FIRE], typed


def test_a_team_sent_home_comes_last_and_is_not_red(qtbot: QtBot) -> None:
    shown = shown_with(qtbot, with_team(FIRE, state="stood_down"))
    rows = shown.screen.teams.rows
    assert rows.rows()[-1].name == FIRE
    assert rows._right_words(rows.rows()[-1]) == ("已撤收", "", "dim")
