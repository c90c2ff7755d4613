"""日志: two times a line, filters, raw records, and the entry by hand."""

from __future__ import annotations

from typing import Literal

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from console.orders import WriteNote
from console.picture import Notice, Picture, Team, Text
from console.queries import NoticesRequest, RecordsRequest
from console.records import Kind
from console.views.log import LogScreen
from console.views.log.lines import names_of, notice_row, record_detail, record_row, subject_words
from console.views.speech import Speech
from console.views.typed import read_time
from console.views.widgets.understanding import observation_words
from tests.views.more_pictures import NOW, FakeDesk, S, notice, picture
from tests.views.reached import board_picture
from tests.views.screens import ZONE, make, octets

ZH = Speech("zh", zone=ZONE)
TEAM = Team(
    id="t1", name="民兵连", symbol="民", people=46, expected_s=600.0, means=(), last_heard_ns=None, last_heard_by=None,
    last_heard_kind=None, charge_percent=None, charge_ns=None, place=None, trail=(),
)  # fmt: skip


def _log(qtbot: QtBot, desk: FakeDesk, shown: Picture | None = None) -> tuple[LogScreen, list[object]]:
    screen, orders, _, _ = make(qtbot, LogScreen, shown or picture(teams=(TEAM,)), desk=desk)
    qtbot.waitUntil(lambda: not screen.notices.is_waiting)
    return screen, list(orders)


def _numbers(screen: LogScreen, count: int) -> list[int]:
    items = [screen.notices.item(row) for row in range(count)]
    return [item.number for item in items if isinstance(item, Notice)]


def test_when_it_happened_and_when_it_became_known_are_two_columns() -> None:
    line = notice(1, "x", at_ns=NOW, happened_ns=NOW - 3600 * S, kind="note", subject_id="t1")
    cells = [cell.text for cell in notice_row(line, ZH, NOW, {"t1": "民兵连"})]
    assert cells == ["13:32:07", "14:32:07", "记事", "民兵连", "x"]


def test_an_unknown_time_of_happening_is_not_said_to_be_the_time_of_knowing() -> None:
    assert notice_row(notice(1, "message.received", at_ns=NOW, kind="message"), ZH, NOW, {})[0].text == "—"
    assert notice_row(notice(1, "message.sent", at_ns=NOW, kind="message"), ZH, NOW, {})[0].text == "14:32:07"


def test_a_line_of_yesterday_carries_its_date() -> None:
    assert notice_row(notice(1, "x", at_ns=NOW - 86_400 * S), ZH, NOW, {})[1].text == "07-19 14:32:07"


def test_supplies_and_roads_stand_in_a_line_by_their_names() -> None:
    names = names_of(board_picture())
    assert subject_words("car", ZH, names) == "车载电池"
    assert subject_words("north", ZH, names) == "北环路"


def test_lines_of_the_picture_appear_on_top_once(qtbot: QtBot) -> None:
    desk = FakeDesk(notices=1000)
    screen, _ = _log(qtbot, desk)
    screen.show_picture(picture(notices=tuple(notice(n) for n in (1000, 1001, 1002))))
    screen.show_picture(picture(notices=tuple(notice(n) for n in (1000, 1001, 1002))))
    assert _numbers(screen, 3) == [1002, 1001, 1000]


def test_lines_that_rushed_by_between_two_pictures_are_not_missing(qtbot: QtBot) -> None:
    desk = FakeDesk(notices=1000)
    screen, _ = _log(qtbot, desk)
    desk.notices = 1150
    screen.show_picture(picture(notices=tuple(notice(n) for n in range(1100, 1151))))
    qtbot.waitUntil(lambda: _numbers(screen, 1) == [1150])
    assert _numbers(screen, 200) == list(range(1150, 950, -1))


def test_a_replay_moved_back_clears_what_had_not_happened_yet(qtbot: QtBot) -> None:
    desk = FakeDesk(notices=1000)
    screen, _ = _log(qtbot, desk)
    desk.notices = 400
    screen.show_picture(picture(at_ns=NOW - 600 * S, notices=(notice(400),)))
    qtbot.waitUntil(lambda: _numbers(screen, 1) == [400])
    assert screen.notices.rowCount() == 200


def test_filters_are_asked_of_the_journal(qtbot: QtBot) -> None:
    desk = FakeDesk(notices=1000)
    screen, _ = _log(qtbot, desk)
    screen.subject.setCurrentIndex(screen.subject.findData("t1"))
    screen.kind.setCurrentIndex(screen.kind.findData("alarm"))
    screen.find_field.setText("断")
    qtbot.waitUntil(
        lambda: desk.requests[-1] == NoticesRequest(subject_id="t1", kind="alarm", contains="断"), timeout=3000
    )


def test_a_filtered_log_is_not_mixed_with_lines_of_the_picture(qtbot: QtBot) -> None:
    desk = FakeDesk(notices=1000)
    screen, _ = _log(qtbot, desk)
    screen.kind.setCurrentIndex(screen.kind.findData("alarm"))
    screen.kind.activated.emit(screen.kind.currentIndex())
    qtbot.waitUntil(lambda: not screen.notices.is_waiting)
    screen.show_picture(picture(notices=(notice(1001, kind="device"),)))
    assert _numbers(screen, 1) == [1000]


def test_a_log_that_cannot_be_read_says_so_and_can_be_asked_again(qtbot: QtBot) -> None:
    desk = FakeDesk(notices=1000, fails=True)
    screen, _ = _log(qtbot, desk)
    qtbot.waitUntil(lambda: screen.state.text().startswith("日志读取失败"))
    assert not screen.retry.isHidden()
    desk.fails = False
    screen.retry.click()
    qtbot.waitUntil(lambda: screen.notices.rowCount() == 200)
    assert screen.retry.isHidden()


def test_raw_records_of_one_device_show_text_hex_and_meaning(qtbot: QtBot) -> None:
    desk = FakeDesk(notices=10, records=500)
    screen, _ = _log(qtbot, desk)
    screen.subject.setCurrentIndex(screen.subject.findData("bd-1"))
    screen.raw_button.click()
    qtbot.waitUntil(lambda: screen.records.rowCount() == 200)
    assert desk.requests[-1] == RecordsRequest(source="bd-1")
    screen.record_table.selectRow(0)
    assert "$BDPWI,500\\r\\n" in screen.detail.text()
    assert "24 42 44 50 57 49" in screen.detail.text()


def test_a_malformed_frame_stands_out_in_the_raw_records() -> None:
    bad = octets(b"\xff\x00", understood=('{"kind":"Malformed","reason":"checksum","raw":"ff00"}',))
    row = record_row(bad, ZH, NOW, {"bd-1": "北斗指挥机"})
    assert row[4].text == "FF 00"
    assert row[4].tone == "alarm"
    assert row[5].text == "坏帧：校验不符，未采用"


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_of_record_has_a_word_in_both_languages(kind: Kind) -> None:
    for language in ("zh", "en"):
        said = record_row(octets(b"{}", kind=int(kind)), Speech(language, zone=ZONE), NOW, {})[2].text
        assert said
        assert said != kind.name.lower()


def test_what_is_no_octets_is_shown_as_the_text_it_is() -> None:
    assert "后方" in record_detail(octets('{"to":"后方"}'.encode(), kind=int(Kind.ORDER)), ZH)


# ---- the entry by hand


@pytest.mark.parametrize(
    ("typed", "seconds_ago"),
    [
        ("14:05", 27 * 60 + 7),
        ("14:05:30", 26 * 60 + 37),
        ("14：05", 27 * 60 + 7),
        ("2023-07-20 09:20", 5 * 3600 + 12 * 60 + 7),
        ("23:50", 14 * 3600 + 42 * 60 + 7),
        ("soon", None),
        ("25:00", None),
    ],
)
def test_the_time_of_an_entry_is_read_as_people_write_it(typed: str, seconds_ago: int | None) -> None:
    assert read_time(typed, NOW, ZONE) == (None if seconds_ago is None else NOW - seconds_ago * S)


def _fill(screen: LogScreen, text: str, happened: str, by: str) -> None:
    screen.note_button.setChecked(True)
    screen.form.text.setPlainText(text)
    screen.form.happened.setText(happened)
    screen.form.by.setText(by)
    screen.form.submit.click()


def test_an_entry_by_hand_becomes_an_order_with_its_time_and_team(qtbot: QtBot) -> None:
    screen, orders, _, _ = make(qtbot, LogScreen, picture(teams=(TEAM,)))
    screen.form.team.setCurrentIndex(screen.form.team.findData("t1"))
    _fill(screen, "桥面漫水", "14:05", "王磊")
    happened_ns = NOW - (27 * 60 + 7) * S
    assert orders == [WriteNote(text="桥面漫水", by="王磊", happened_ns=happened_ns, team_id="t1")]
    assert not screen.form.text.toPlainText()


def test_an_entry_without_a_time_is_of_now(qtbot: QtBot) -> None:
    screen, orders, _, _ = make(qtbot, LogScreen, picture())
    _fill(screen, "到达", "", "王磊")
    assert orders == [WriteNote(text="到达", by="王磊")]


Wrong = tuple[str, str, str, str]


@pytest.mark.parametrize(
    "wrong",
    [
        ("", "", "王磊", "内容没有填"),
        ("x", "", "", "记录人没有填"),
        ("x", "later", "王磊", "时间看不懂"),
        ("x", "2023-07-21 10:00", "王磊", "发生时间晚于现在"),
    ],
)
def test_an_incomplete_entry_is_kept_and_says_what_is_missing(qtbot: QtBot, wrong: Wrong) -> None:
    screen, orders, _, _ = make(qtbot, LogScreen, picture())
    text, happened, by, said = wrong
    _fill(screen, text, happened, by)
    assert orders == []
    assert screen.form.said.text().startswith(said)
    assert screen.form.text.toPlainText() == text


def test_in_a_replay_nothing_is_written(qtbot: QtBot) -> None:
    screen, orders, _, _ = make(qtbot, LogScreen, picture())
    screen.bridge.open_replay(None)
    screen.show_picture(picture())
    _fill(screen, "x", "", "王磊")
    assert orders == []
    assert screen.form.said.text() == "回放中：不能补记"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_both_languages_say_all_of_it(qtbot: QtBot, language: Literal["zh", "en"]) -> None:
    screen, _, _, _ = make(qtbot, LogScreen, picture(), language=language)
    titles = [str(screen.notices.headerData(n, Qt.Orientation.Horizontal, 0)) for n in range(5)]
    said = [*titles, screen.note_button.text(), screen.find_field.placeholderText(), screen.kind.itemText(1)]
    assert all(said)
    assert not any(text.startswith("log.") for text in said)


@pytest.mark.parametrize(
    ("understood", "said"),
    [
        ('{"kind":"Position","fix":"none"}', "定位：未定位"),
        (
            '{"kind":"Position","lat_deg":34.3959,"lon_deg":113.7408,"datum":"wgs84","satellites":18}',
            "定位：N 34°23′45.2″ E 113°44′26.9″ WGS-84 · 18 星",
        ),
        ('{"kind":"TextMessage","sender":"1","recipient":"2","text":"到"}', "报文：1 → 2 · 到"),
        ('{"kind":"DeliveryReport","state":"sent","wait_s":60}', "回执：已发射（不等于已送达） · 1 分后可再发"),
        ('{"kind":"Card","generation":"g"}', "卡：无卡 · g"),
        ('{"kind":"Presence","subject":"7","state":"online"}', "在线状态：subject 7 · state online"),
        (
            '{"kind":"Sky","system":"gps","satellites":[{"number":1,"cn0_dbhz":44.0},{"number":2}]}',
            "星空：gps · 2 星 · 最强 44 dB-Hz",
        ),
        ('{"kind":"Signal","quantity":"beam","index":3,"value":49.0,"unit":"dBHz"}', "信号：波束 3 49 dB-Hz"),
        ("not json", "not json"),
        ("[1]", "[1]"),
    ],
)
def test_an_observation_is_said_in_one_line(understood: str, said: str) -> None:
    assert observation_words(ZH, understood) == said


def test_a_text_of_the_picture_with_arguments_is_told() -> None:
    assert ZH.tell(Text(id="devices.count", args={"count": 3, "bad": 1})) == "3 台 · 1 台异常"


def test_raw_records_of_a_replay_moved_back_are_asked_anew(qtbot: QtBot) -> None:
    desk = FakeDesk(notices=10, records=500)
    screen, _ = _log(qtbot, desk)
    screen.raw_button.click()
    qtbot.waitUntil(lambda: screen.records.newest == 500)
    desk.records = 300
    screen.show_picture(picture(at_ns=NOW - 600 * S))
    qtbot.waitUntil(lambda: screen.records.newest == 300)


def test_a_short_line_of_text_is_shown_as_text() -> None:
    assert record_row(octets(b"OK\r\n"), ZH, NOW, {})[4].text == "OK\\r\\n"
    assert record_row(octets(b"\x00\x01AB"), ZH, NOW, {})[4].text == "00 01 41 42"


def test_in_a_paused_replay_the_log_opens_at_the_replayed_moment(qtbot: QtBot) -> None:
    desk = FakeDesk(notices=1000)
    screen, _, _, replay = make(qtbot, LogScreen, picture(), desk=desk)
    qtbot.waitUntil(lambda: _numbers(screen, 1) == [1000])
    screen.hide()
    screen.bridge.open_replay(None)
    screen.show_picture(picture(at_ns=NOW - 600 * S, notices=(notice(50),)))
    screen.show()
    qtbot.waitUntil(lambda: _numbers(screen, 1) == [50])
    assert replay.requests
    assert screen.notices.rowCount() == 50
    screen.bridge.return_live()
    qtbot.waitUntil(lambda: _numbers(screen, 1) == [1000])
