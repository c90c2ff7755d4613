"""通信, 设备 and 电 for the devices of every driver: pictures by the real engine, fed with what the wires say."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from console.i18n import LANGUAGES, Language, catalogue
from console.picture import Device, Picture
from console.views.comms import CommsScreen
from console.views.comms.describe import bearer_facts
from console.views.comms.terminals import SHOWN_SUBJECTS, terminal_rows
from console.views.devices import DevicesScreen
from console.views.devices.describe import boxes, facts
from console.views.speech import Speech
from console.views.telling import fact_name, fact_value
from console.views.theme import Theme
from console.views.widgets.rows import Cell
from console.views.widgets.strip import Strip
from console.views.widgets.supply import power_summary
from devices.catalogue import entries
from devices.driver import NS_PER_S
from tests.console.door import Door
from tests.devices.vectors import decode_cases
from tests.views.every_device import SILENT_AFTER_S, every_device, gateway_says, polled, ready
from tests.views.more_pictures import FakeDesk, bearer
from tests.views.screens import ZONE, make

ZH, EN = Speech("zh", zone=ZONE), Speech("en", zone=ZONE)
NAME, STATE, NET, LEVEL, POWER, HEARD, NEXT, LAST, NOTE = range(9)
UPS = {"battery.charge": "88", "battery.runtime": "2460", "ups.status": "OL"}
EMPTYING = {"battery.charge": "15", "battery.runtime": "240", "ups.status": "OB DISCHRG"}
LATER_NS = round((SILENT_AFTER_S + 60) * NS_PER_S)


@pytest.fixture(scope="module")
def everything() -> Picture:
    return every_device().picture()


def line(picture: Picture, name: str, *, later_ns: int = 0) -> tuple[Cell, ...]:
    rows = terminal_rows(picture, ZH, picture.at_ns + later_ns)
    return next(row for row in rows if row[NAME].text.strip().startswith(name))


def device(picture: Picture, device_id: str) -> Device:
    return next(one for one in picture.devices if one.id == device_id)


def said(picture: Picture, device_id: str, *, later_ns: int = 0) -> dict[str, tuple[str, bool]]:
    found = boxes(device(picture, device_id), ZH, picture.at_ns + later_ns)
    return {one.name: (one.value, one.is_struck) for one in found}


# ---- words


def test_whatever_a_driver_tells_has_a_name_in_words(everything: Picture) -> None:
    """That both languages have the same texts is proven elsewhere."""
    raw = {
        f"{one.driver}: {fact.key}"
        for one in everything.devices
        for fact in one.facts
        if fact_name(replace(fact, index=None), ZH) == fact.key.removeprefix("condition.")
    }
    assert not {name for name in raw if "block_" not in name}


def test_every_driver_its_group_and_its_wires_are_called_by_words() -> None:
    texts = catalogue("zh")
    for name, entry in entries().items():
        assert f"devices.driver.{name}" in texts
        assert f"devices.group.{entry.group}" in texts
        assert not {scheme for scheme in entry.transports if f"devices.wire.{scheme}" not in texts}


def test_english_names_and_values_are_free_of_chinese_words_of_ours(everything: Picture) -> None:
    texts = {name: text for name, text in catalogue("zh").items() if not text.isascii()}
    ours = {text for name, text in texts.items() if name.startswith(("devices.condition", "devices.told"))}
    for one in everything.devices:
        for fact in one.facts:
            assert fact_name(fact, EN) not in ours
            assert fact_value(fact, EN) not in ours


def test_the_same_word_means_another_thing_of_another_part(everything: Picture) -> None:
    none = {fact.key: fact_value(fact, ZH) for one in everything.devices for fact in one.facts if fact.value == "none"}
    assert none["condition.operator"] == "无网络"
    assert none["condition.receipt"] == "无回执"
    access = next(fact for fact in device(everything, "at_modem").facts if fact.key == "condition.serving-access")
    assert fact_value(replace(access, value="none"), EN) == "none"
    assert fact_value(replace(access, key="condition.registration", value="none"), EN) == "not registered"


# ---- 通信


def test_a_base_station_says_air_core_supply_load_and_terminals() -> None:
    door = ready()
    gateway_says(door, type="station", id="bs-3", on_air=True, core="single-site", mains=False,
                 battery_percent=62, battery_runtime_s=7560, busy_percent=34, terminals=29)  # fmt: skip
    row = line(door.picture(), "bs-3")
    assert [row[at].text for at in (STATE, NET, LEVEL, POWER, HEARD)] == [
        "在空", "单站运行", "信道忙 34%", "电池 · 62% · 2 时 6 分", "29",
    ]  # fmt: skip
    assert row[NET].tone == "warn"
    assert "市电 中断" in row[NOTE].text


def test_what_a_base_station_told_is_struck_when_it_is_silent_too_long() -> None:
    door = ready()
    gateway_says(door, type="station", id="bs-3", on_air=True, core="reached", busy_percent=34, terminals=29)
    door.wait(SILENT_AFTER_S + 1)
    row = line(door.picture(), "bs-3")
    assert all(row[at].is_struck for at in (STATE, NET, LEVEL, HEARD))
    told = ZH.minute(door.at_ns - round(SILENT_AFTER_S + 1) * NS_PER_S, door.at_ns)
    assert row[LEVEL].text == f"{told} 信道忙 34%"


def test_what_was_told_is_struck_at_once_when_the_wire_goes_down() -> None:
    door = ready()
    gateway_says(door, type="station", id="bs-3", on_air=True, core="reached", busy_percent=34)
    gateway_says(door, type="presence", id="3107", state="online")
    door.down("radio_gateway")
    assert line(door.picture(), "bs-3")[STATE].is_struck
    assert line(door.picture(), "通信 03")[STATE].is_struck


def test_a_radio_stands_under_its_teams_name_with_its_last_sign_of_life() -> None:
    door = ready()
    gateway_says(door, type="presence", id="3107", state="online")
    door.wait(41)
    row = line(door.picture(), "通信 03 · 3107")
    assert (row[STATE].text, row[LAST].text) == ("在网", "41 秒前 上线")
    gateway_says(door, type="presence", id="3107", state="offline")
    row = line(door.picture(), "通信 03 · 3107")
    assert (row[STATE].text, row[STATE].tone, row[LAST].text) == ("离网", "alarm", "41 秒前 上线")


def test_a_radio_that_speaks_after_the_network_called_it_gone_is_not_called_gone() -> None:
    door = ready()
    gateway_says(door, type="presence", id="3107", state="offline")
    door.wait(1)
    gateway_says(door, type="call", state="started", **{"from": "3107"})
    row = line(door.picture(), "通信 03 · 3107")
    assert (row[STATE].text, row[LAST].text) == ("在网", "0 秒前 话音")


def test_what_comes_from_a_store_is_no_sign_of_life() -> None:
    door = ready()
    gateway_says(door, type="position", id="3107", lat=34.4, lon=113.7, stored=True)
    gateway_says(door, type="power", id="3107", charge_percent=90, stored=True)
    row = line(door.picture(), "通信 03 · 3107")
    assert row[LAST].text == "从未收到"
    assert row[POWER].text == "—"
    assert door.picture().teams[0].charge_percent is None


def test_of_very_many_radios_the_first_are_shown_and_the_rest_is_counted() -> None:
    door = ready()
    for number in range(70):
        gateway_says(door, type="presence", id=str(3000 + number), state="online")
    rows = terminal_rows(door.picture(), ZH, door.at_ns)
    assert any(row[NAME].text.strip() == f"另有 {70 - SHOWN_SUBJECTS} 个，见设备" for row in rows)
    assert line(door.picture(), "radio_gateway-1")[HEARD].text == "70/70"


def test_what_is_told_of_many_others_leaves_room_for_what_a_device_tells_of_itself() -> None:
    door = ready()
    for number in range(600):
        gateway_says(door, type="signal", id=str(3000 + number), quantity="rssi", value=-90, unit="dBm")
        gateway_says(door, type="presence", id=str(3000 + number), state="online")
    gateway_says(door, type="hello", network="370M PDT")
    one = device(door.picture(), "radio_gateway")
    assert len(one.facts) <= 360
    assert len(one.heard) == 500
    assert one.heard[-1].subject == "3599"
    assert line(door.picture(), "radio_gateway-1")[NET].text == "370M PDT"


def test_a_modem_says_registration_operator_and_levels() -> None:
    door = ready()
    door.say("at_modem", b'+CEREG: 2,1,"D6E7","0844D92A",7\r\n+CESQ: 99,99,255,255,23,51\r\n')
    row = line(door.picture(), "at_modem-1")
    assert row[NET].text == "已登记"
    assert row[LEVEL].text == "RSRP -89 dBm · RSRQ -8 dB"
    door.wait(SILENT_AFTER_S + 1)
    row = line(door.picture(), "at_modem-1")
    assert row[NET].is_struck
    assert row[LEVEL].is_struck
    assert row[LAST].tone == "alarm"


def test_a_bearer_on_a_modem_says_the_modems_level_and_strikes_it_when_it_is_old() -> None:
    door = ready()
    door.say("at_modem", b"+CESQ: 99,99,255,255,23,51\r\n")
    modem = device(door.picture(), "at_modem")
    lte = bearer("lte", "LTE", "alternate", "up", device_id="at_modem")
    level = bearer_facts(lte, ZH, door.at_ns, modem)[-1]
    assert (level.name, level.value, level.is_struck) == ("RSRP", "-89 dBm", False)
    assert bearer_facts(lte, ZH, door.at_ns + LATER_NS, modem)[-1].is_struck


def test_a_listener_for_vehicles_says_how_many_are_heard_and_who_was_last(everything: Picture) -> None:
    row = line(everything, "jt808-1")
    heard = device(everything, "jt808").heard
    assert row[HEARD].text.endswith(f"/{len(heard)}")
    assert "最近" in row[NOTE].text
    later = line(everything, "jt808-1", later_ns=901 * NS_PER_S)
    assert later[HEARD].text == f"0/{len(heard)}"


def test_every_radio_terminal_modem_and_satellite_box_has_a_line(everything: Picture) -> None:
    names = {row[NAME].text for row in terminal_rows(everything, ZH, everything.at_ns)}
    wanted = {"beidou_rdss", "jt808", "hytera", "cot", "motorola", "tetra", "owntracks", "osmand", "snmp", "at_modem",
              "radio_gateway", "aprs", "meshtastic"}  # fmt: skip
    assert {f"{name}-1" for name in wanted} <= names
    assert not names & {"nut-1", "modbus-1", "vedirect-1", "gpsd-1", "probe-1"}


def test_a_satellite_box_says_level_and_rates_against_what_is_required(everything: Picture) -> None:
    row = line(everything, "snmp-1")
    assert "Es/N0 8.3 dB" in row[LEVEL].text
    assert "下行 10.0 Mb/s" in row[NOTE].text
    assert "下行占要求 10%" in row[NOTE].text


# ---- 设备


def test_every_value_of_every_device_is_struck_when_it_is_old(everything: Picture) -> None:
    for one in everything.devices:
        told = {fact_name(fact, ZH) for fact in one.facts if fact.subject is None}
        for fact in facts(one, ZH, everything.at_ns + LATER_NS):
            assert fact.name not in told or fact.is_struck, (one.id, fact)


def test_a_power_box_says_source_charge_and_runtime_first() -> None:
    door = ready()
    polled(door, "nut", UPS, path="ups/veh")
    assert said(door.picture(), "nut")["供电"] == ("市电 · 88% · 41 分", False)
    door.down("nut")
    assert said(door.picture(), "nut")["供电"][1]


def test_a_modem_is_not_asked_for_a_card_of_its_own(everything: Picture) -> None:
    assert "卡" not in said(everything, "at_modem")
    assert said(everything, "at_modem")["SIM 卡"][0] == "需输入 PIN"


def test_what_is_told_of_others_names_them(everything: Picture) -> None:
    names = [fact.name for fact in facts(device(everything, "radio_gateway"), ZH, everything.at_ns)]
    assert "bs-3 核心网" in names


# ---- 电


def summary_of(door: Door) -> tuple[str, str, str] | None:
    found = power_summary(door.picture(), ZH, door.at_ns)
    return None if found is None else (found.headline, found.below, found.tone)


def test_without_a_power_box_the_strip_says_nothing_of_power(qtbot: QtBot) -> None:
    door = ready()
    gateway_says(door, type="power", id="3107", source="battery", charge_percent=15)
    assert summary_of(door) is None
    strip = Strip(Theme(), ZH)
    qtbot.addWidget(strip)
    strip.show_picture(door.picture(), door.at_ns, is_replayed=False)
    assert strip.power.isHidden()
    polled(door, "nut", UPS, path="ups/veh")
    strip.show_picture(door.picture(), door.at_ns, is_replayed=False)
    assert not strip.power.isHidden()


def test_power_is_told_with_its_age_and_never_as_of_now_when_it_is_old() -> None:
    door = ready()
    polled(door, "nut", UPS, path="ups/veh")
    door.wait(3)
    assert summary_of(door) == ("市电　后备 41 分", "88% · 3 秒前 nut-1", "normal")
    door.wait(SILENT_AFTER_S)
    headline, below, tone = summary_of(door) or ("", "", "")
    assert (headline, tone) == ("1 分没有新读数", "amber")
    assert below.startswith("nut-1 末次")


def test_a_battery_that_runs_empty_is_red_and_the_shortest_of_several_leads() -> None:
    door = ready()
    polled(door, "nut", EMPTYING, path="ups/veh")
    assert summary_of(door) == ("电池　可用 4 分", "15% · 0 秒前 nut-1 · UPS 状态 电池供电 放电", "red")
    for case in decode_cases("vedirect"):
        door.say("vedirect", case.octets)
    headline, below, tone = summary_of(door) or ("", "", "")
    assert headline == "电池　可用 4 分–1 天 5 时"
    assert tone == "red"
    assert "0 秒前 nut-1 等 2 台" in below


def test_a_runtime_of_an_hour_ago_is_not_told_with_the_source_of_now() -> None:
    door = ready()
    polled(door, "nut", EMPTYING, path="ups/veh")
    door.wait(SILENT_AFTER_S + 1)
    polled(door, "nut", {"battery.charge": "20", "ups.status": "OL CHRG"}, path="ups/veh")
    headline, _, _ = summary_of(door) or ("", "", "")
    assert headline == "市电 · 20%"


def test_with_some_boxes_silent_the_rest_is_not_called_well(everything: Picture) -> None:
    door = ready()
    polled(door, "nut", UPS, path="ups/veh")
    picture = door.picture()
    silent = replace(device(everything, "vedirect"), state="down")
    both = replace(picture, devices=(device(picture, "nut"), silent))
    found = power_summary(both, ZH, picture.at_ns)
    assert found is not None
    assert found.tone == "amber"
    assert found.headline.startswith("市电")


# ---- drawn


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", [(1302, 704), (1856, 1016)])
def test_both_screens_draw_every_device(
    qtbot: QtBot, everything: Picture, language: Language, size: tuple[int, int]
) -> None:
    desk = FakeDesk()
    desk.now = everything.at_ns
    for kind in (CommsScreen, DevicesScreen):
        screen, _, _, _ = make(qtbot, kind, everything, desk=desk, language=language)
        screen.resize(*size)
        screen.refresh()
        assert not screen.grab().isNull()
        assert screen.minimumSizeHint().height() <= size[1]


def test_a_window_that_becomes_lower_takes_the_terminals_with_it(qtbot: QtBot, everything: Picture) -> None:
    screen, _, _, _ = make(qtbot, CommsScreen, everything)
    screen.resize(1856, 1016)
    high = screen.terminal_panel.maximumHeight()
    screen.resize(1302, 600)
    assert screen.terminal_panel.maximumHeight() < high
    assert screen.minimumSizeHint().height() <= 600
