"""电 in the strip, the panel 供电 and the desk on which people report."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.picture import Alarm, Picture, Text
from console.power_facts import Power, Supply
from console.supply_orders import ReportCharge, ReportFuel, ReportSupply, SetLoad
from console.views.power_words import (
    below_headline,
    headline,
    power_tone,
    short_headline,
    span_words,
    supply_lines,
)
from console.views.situation import SituationScreen
from console.views.situation.power_panel import Line, lines_of
from console.views.speech import Speech
from console.views.widgets.supply import power_summary
from tests.views.pictures import MIN, NOW, S, picture
from tests.views.powered_pictures import battery, generator, mains, power, station
from tests.views.situation_rig import SPEECH, Shown

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")

EN = Speech("en", zone=SPEECH.zone)


def drawn(*supplies: Supply, **changes: object) -> Picture:
    """The drawn situation with these supplies."""
    chief = changes.pop("chief_id", "house")
    reserve = changes.pop("reserve_id", None)
    assert chief is None or isinstance(chief, str)
    assert reserve is None or isinstance(reserve, str)
    return picture(power=power(*supplies, chief_id=chief, reserve_id=reserve), **changes)


def words(lines: list[Line]) -> str:
    return "\n".join(f"{line.left} {line.right}" for line in lines)


def alarm(rule: str, subject_id: str) -> Alarm:
    return Alarm(
        id=f"{rule}:{subject_id}", rule=rule, subject_id=subject_id, priority="red", state="unacknowledged",
        text=Text(id="alarm.endurance_time", args={"supply": "车载电池", "hours": 0.5}), raised_ns=NOW,
        acknowledged_ns=None, returned_ns=None,
    )  # fmt: skip


# ---- the strip


def test_the_strip_says_what_is_drawn() -> None:
    found = power_summary(drawn(), SPEECH, NOW)
    assert found is not None
    assert found.headline == "车载电池　可用 6.2–7.1 小时"
    assert found.below == "市电断 13:40 · 油 38% · 先关照明 +1.4 时"
    assert found.short == "可用 6.2–7.1 小时"
    assert found.tone == "amber"


def test_it_counts_down_between_two_pictures_and_a_reserve_does_not() -> None:
    assert headline(drawn(), SPEECH, NOW + 6 * MIN) == "车载电池　可用 6.1–7.0 小时"
    waiting = battery(is_reserve=True, state="idle", ends_low_ns=None, ends_high_ns=None)
    shown_now = drawn(mains(state="feeding"), waiting, chief_id="mains", reserve_id="house")
    assert headline(shown_now, SPEECH, NOW + 6 * MIN) == "市电供电　后备 6.2–7.1 小时"
    assert power_tone(shown_now) == "normal"


def test_what_is_old_says_when_it_was_reckoned_and_is_no_claim_of_now() -> None:
    old = drawn(battery(is_stale=True, state="unknown", doubt=Text(id="power.doubt.old")))
    said = headline(old, SPEECH, NOW + 30 * MIN)
    assert said == "车载电池　14:32 推算，余 5.7–6.6 小时"
    assert below_headline(old, SPEECH, NOW)[0].startswith("所依据的数值已旧")
    assert power_tone(old) == "amber"
    lines = lines_of(old, SPEECH, NOW + 30 * MIN)
    assert lines[0].is_old
    assert lines[0].tone == "dim"


def test_an_end_that_is_near_is_red_and_nobody_knowing_is_amber() -> None:
    assert power_tone(drawn(alarms=(alarm("endurance", "house"),))) == "red"
    nobody = drawn(mains(state="unknown"), battery(state="unknown", low_s=None, high_s=None), chief_id=None)
    assert headline(nobody, SPEECH, NOW) == "靠什么供电不明"
    assert power_tone(nobody) == "amber"


def test_without_supplies_the_strip_tells_what_power_boxes_say() -> None:
    assert power_summary(picture(power=Power()), SPEECH, NOW) is None


@pytest.mark.parametrize(
    ("low_s", "high_s", "said"),
    [
        (6 * 3600 + 1, 7 * 3600 + 1, "6.0–7.1 小时"),
        (35 * 60 + 59, 47 * 60 + 1, "35–48 分"),
        (3600, 7201, "1.0–2.1 小时"),
        (4 * 86_400, 5 * 86_400, "4.0–5.0 天"),
        (0, 59, "0–1 分"),
    ],
)
def test_a_range_is_rounded_outward(low_s: int, high_s: int, said: str) -> None:
    assert span_words(low_s, high_s, SPEECH) == said


# ---- the panel


def test_the_panel_says_how_long_until_when_and_from_what() -> None:
    said = words(lines_of(drawn(), SPEECH, NOW))
    for part in (
        "6.2–7.1 小时",
        "按近 5 分钟负载 742 W、可用 4.93 kWh 推算",
        "约 20:45 – 21:40 用尽",
        "车载电池 63% 在供电",
        "发电机 油 38% 未运行",
        "市电 断 13:40 起",
        "先关照明 +1.4 时 · 先关摄像机加热 +32 分",
        "370M 基站后备 2.1–2.6 小时 16:38 前需供电",
    ):
        assert part in said
    english = words(lines_of(drawn(), EN, NOW))
    assert "empty 20:45 – 21:40" in english


def test_a_level_told_long_ago_stands_with_its_age() -> None:
    said = words(lines_of(drawn(battery(), generator(fuel_ns=NOW - 130 * MIN)), SPEECH, NOW))
    assert "油 38%（2 时 10 分前）" in said


def test_a_reserve_is_called_one_and_what_feeds_stands_below() -> None:
    waiting = battery(is_reserve=True, state="idle", ends_low_ns=None, ends_high_ns=None)
    lines = lines_of(drawn(mains(state="feeding"), waiting, chief_id="mains", reserve_id="house"), SPEECH, NOW)
    assert lines[0].left == "后备 6.2–7.1 小时"
    assert lines[1].left == "市电 有电 13:40 起"


def test_the_panel_is_there_where_there_are_supplies_and_nowhere_else(qtbot: QtBot) -> None:
    rig = Shown(qtbot)
    assert not rig.screen.power.isHidden()
    rig.screen.show_picture(picture(power=Power()))
    assert rig.screen.power.isHidden()
    QTest.keyClick(rig.screen, Qt.Key.Key_B)
    assert rig.screen.reports.isHidden()


def test_what_finds_no_room_is_counted(qtbot: QtBot) -> None:
    rig = Shown(qtbot)
    rig.screen.resize(1300, 704)
    stations = tuple(station(id=f"bs-{index}", name=f"基站 {index}") for index in range(8))
    rig.screen.show_picture(drawn(battery(), *stations))
    lines = rig.screen.power.lines.lines()
    whole = lines_of(drawn(battery(), *stations), SPEECH, NOW)
    left_out = len([line for line in whole if not line.is_minor]) - len(lines) + 1
    assert lines[-1].left == f"还有 {left_out} 行，点按查看"


def test_a_reserve_and_what_was_reckoned_long_ago_say_so_in_every_form() -> None:
    old = battery(is_stale=True)
    assert short_headline(drawn(old), SPEECH, NOW, form="brief").startswith("曾算")
    behind = battery(is_reserve=True, state="idle")
    whole = drawn(mains(state="feeding"), behind, chief_id="mains", reserve_id="house")
    assert short_headline(whole, SPEECH, NOW, form="brief").startswith("备 ")
    assert short_headline(drawn(chief_id=None), SPEECH, NOW, form="brief") == "供电不明"


@pytest.mark.parametrize("speech", [SPEECH, EN])
@pytest.mark.parametrize("width_px", [1300, 1856])
def test_the_headline_is_never_cut_off(qtbot: QtBot, width_px: int, speech: Speech) -> None:
    rig = Shown(qtbot)
    rig.screen.resize(width_px, 704)
    QApplication.processEvents()
    waiting = battery(is_reserve=True, state="idle", low_s=66_585, high_s=106_432)
    lines = rig.screen.power.lines
    lines._speech = speech
    rig.screen.show_picture(drawn(mains(state="feeding"), waiting, chief_id="mains", reserve_id="house"))
    headline = lines.lines()[0]
    assert headline.left == lines_of(lines.picture or picture(), speech, NOW)[0].left
    metrics = rig.screen.theme.metrics(headline.size, is_bold=True)
    assert metrics.horizontalAdvance(headline.left) <= lines.width() - 2 * rig.screen.theme.space(3.5)


def test_a_long_state_never_takes_the_name_of_its_supply(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = Shown(qtbot).screen.power.lines
    lines.resize(236, 200)

    def drawn_with(name: str) -> QImage:
        monkeypatch.setattr(lines, "lines", lambda: [Line(left=name, right="nobody tells whether it feeds " * 2)])
        return lines.grab().toImage()

    assert drawn_with("东郊基站") != drawn_with("西郊基站")


def test_the_panel_is_dated_by_what_its_headline_stands_on(qtbot: QtBot) -> None:
    rig = Shown(qtbot)
    old = battery(load_ns=NOW - 9 * MIN, charge_ns=NOW - 9 * MIN, is_stale=True)
    rig.screen.show_picture(drawn(old, generator(load_ns=NOW - S)))
    assert rig.screen.power.header.note.text() == "9 分前"


# ---- the desk


def opened(qtbot: QtBot) -> Shown:
    rig = Shown(qtbot)
    QTest.keyClick(rig.screen, Qt.Key.Key_B)
    assert not rig.screen.reports.isHidden()
    return rig


def test_fuel_read_from_the_gauge_becomes_an_order_with_its_time(qtbot: QtBot) -> None:
    rig = opened(qtbot)
    desk = rig.screen.reports
    desk.blocks["set"].level.setText("21.5")
    desk.read_at.setText("14:05")
    QTest.keyClick(desk.blocks["set"].level, Qt.Key.Key_Return)
    (order,) = rig.orders
    assert isinstance(order, ReportFuel)
    assert (order.supply_id, order.fuel_l, order.by) == ("set", 21.5, "新郑-指01")
    assert order.seen_ns == NOW // (60 * S) * 60 * S - 27 * MIN
    assert desk.blocks["set"].level.text() == ""


def test_a_charge_and_what_feeds_are_told_in_one_go(qtbot: QtBot) -> None:
    rig = opened(qtbot)
    block = rig.screen.reports.blocks["bs"]
    block.level.setText("40%")
    block.state.setCurrentIndex(block.state.findData("feeding"))
    QTest.mouseClick(block.button, Qt.MouseButton.LeftButton)
    assert rig.orders == [
        ReportSupply(supply_id="bs", state="feeding", by="新郑-指01"),
        ReportCharge(supply_id="bs", charge_percent=40.0, by="新郑-指01"),
    ]


@pytest.mark.parametrize(
    ("typed", "read_at", "said"),
    [
        ("140", "", "power.desk.bad_number"),
        ("满", "", "power.desk.bad_number"),
        ("nan", "", "power.desk.bad_number"),
        ("-1", "", "power.desk.bad_number"),
        ("40", "刚才", "power.desk.bad_time"),
        ("", "", "power.desk.nothing"),
    ],
)
def test_what_is_no_value_is_said_and_nothing_is_sent(qtbot: QtBot, typed: str, read_at: str, said: str) -> None:
    rig = opened(qtbot)
    desk = rig.screen.reports
    desk.blocks["house"].level.setText(typed)
    desk.read_at.setText(read_at)
    QTest.mouseClick(desk.blocks["house"].button, Qt.MouseButton.LeftButton)
    assert rig.orders == []
    assert desk.said.text() == SPEECH.say(said)
    assert not desk.said.isHidden()


def test_a_load_that_somebody_switched_off_is_written_down(qtbot: QtBot) -> None:
    rig = opened(qtbot)
    button = rig.screen.reports.loads["light"]
    assert button.text() == "照明 180 W　开 → 记为已关 · +1.4–1.7 时"
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert rig.orders == [SetLoad(load_id="light", is_on=False, by="新郑-指01")]


def test_in_a_replay_nothing_can_be_told(qtbot: QtBot) -> None:
    rig = opened(qtbot)
    rig.bridge.open_replay(None)
    rig.screen.show_picture(picture())
    desk = rig.screen.reports
    assert not desk.blocks["house"].button.isEnabled()
    assert not desk.loads["light"].isEnabled()
    desk.blocks["house"].level.setText("40")
    QTest.keyClick(desk.blocks["house"].level, Qt.Key.Key_Return)
    assert rig.orders == []


def test_esc_puts_the_desk_away_and_a_click_on_the_panel_brings_it(qtbot: QtBot) -> None:
    rig = opened(qtbot)
    QTest.keyClick(rig.screen.reports, Qt.Key.Key_Escape)
    assert rig.screen.reports.isHidden()
    QTest.mouseClick(rig.screen.power, Qt.MouseButton.LeftButton)
    assert not rig.screen.reports.isHidden()
    rig.screen.marking.open(is_open=True)
    assert rig.screen.reports.isHidden()


def test_all_that_is_known_of_a_supply_is_said_with_what_the_device_says_itself() -> None:
    lines = dict[str, str]((name, value) for name, value, _, _ in supply_lines(battery(), drawn(), SPEECH, NOW))
    assert lines["状态"] == "在供电 13:40 起"
    assert lines["可用"] == "6.2–7.1 小时"
    assert lines["下一门限"].endswith("偏低")
    assert lines["设备自报"] == "还可 8 时 12 分，仅供对照"
    assert lines["供给"] == "照明、摄像机加热"
    doubted = replace(battery(), doubt=Text(id="power.doubt.still", args={"percent": 63}))
    assert ("存疑", "电量一直停在 63%，按已用电量推算", "warn", False) in supply_lines(doubted, drawn(), SPEECH, NOW)


def test_both_languages_and_themes_are_shown_without_a_fault(qtbot: QtBot) -> None:
    rig = opened(qtbot)
    screen: SituationScreen = rig.screen
    screen.speech.language = "en"
    screen.retranslate()
    assert screen.reports.back.text() == "Back"
    screen.theme.is_night = False
    screen.restyle()
    assert not screen.grab().isNull()
    screen.speech.language = "zh"
