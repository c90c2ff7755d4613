"""设备: what the squad reads and what its clicks become."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from console.orders import ReconnectNow, SendOctets, SetEnabled, TestDevice
from console.picture import CardFact, Device, Text, Verdict
from console.queries import FindPage, Found
from console.views.devices import DevicesScreen
from console.views.devices.capture import capture_text
from console.views.devices.describe import boxes, facts
from console.views.devices.live import RING_LINES
from console.views.speech import Speech
from console.views.telling import STALE_FACT_NS
from console.views.widgets.octets import BadOctetsError, as_hex, as_text, from_hex, from_text
from tests.views.more_pictures import NOW, FakeDesk, S, picture, terminal
from tests.views.pictures import alarms
from tests.views.screens import ZONE, make, octets


def _say(device: Device, now_ns: int = NOW) -> dict[str, tuple[str, str, bool]]:
    said = boxes(device, Speech("zh", zone=ZONE), now_ns)
    return {one.name: (one.value, one.tone, one.is_struck) for one in said}


def test_a_terminal_says_card_beams_and_next_send() -> None:
    said = _say(terminal())
    assert said["卡"][0] == "4207733 · 3 级 · 1 分"
    assert said["波束"][0] == "3 个可用 · 最强 49 dB-Hz"
    assert said["下次可发"][0] == "18 秒后"


def test_a_beam_too_weak_to_send_is_not_called_usable() -> None:
    weak = tuple(replace(fact, value=30.0) for fact in terminal().facts)
    assert _say(replace(terminal(), facts=weak))["波束"][0].startswith("0 个可用")


def test_a_terminal_without_a_card_is_an_alarm() -> None:
    card = CardFact(
        card_id=None, generation="bd-ascii3", level=None, interval_s=None, capacity_bits=None, subordinate_count=None,
        at_ns=NOW,
    )  # fmt: skip
    assert _say(replace(terminal(), card=card))["卡"] == ("无卡", "alarm", False)


def test_old_beams_are_struck_through_and_dated() -> None:
    value, _, is_struck = _say(terminal(), NOW + STALE_FACT_NS + 4 * S)["波束"]
    assert is_struck
    assert value.endswith("末次 14:32")


def test_nothing_is_promised_about_sending_while_the_wire_is_down() -> None:
    assert _say(terminal("down"))["下次可发"][0] == "接口未通"


def test_what_a_device_said_before_its_wire_went_down_is_not_called_current() -> None:
    said = _say(terminal("down"))["波束"]
    assert said == ("3 个可用 · 最强 49 dB-Hz 末次 14:32", "dim", True)
    gnss = replace(picture().devices[1], state="down")
    told = {one.name: one for one in facts(gnss, Speech("zh", zone=ZONE), NOW)}
    assert told["位置"].is_struck
    assert told["卫星"].is_struck


def test_settings_and_the_silence_limit_in_force_are_shown_as_facts() -> None:
    gnss = replace(picture().devices[1], silent_after_s=10.0, settings=(("talker", "BD"), ("receipt", "True")))
    told = {one.name: one.value for one in facts(gnss, Speech("zh", zone=ZONE), NOW)}
    assert told["无数据告警"] == "10 秒"
    assert told["talker"] == "BD"
    assert told["receipt"] == "是"


def test_the_age_of_the_last_byte_grows_without_a_new_picture(qtbot: QtBot) -> None:
    screen, _, desk, _ = make(qtbot, DevicesScreen, picture())
    assert screen.list.words("gnss")[2] == "0.2 秒"
    desk.now = NOW + 61 * S
    screen.refresh()
    assert screen.list.words("gnss")[2] == "1 分"
    assert "末字节 1 分" in screen.detail.words()


def test_a_wire_that_is_down_says_why_what_to_do_and_when_it_is_tried_again(qtbot: QtBot) -> None:
    screen, _, _, _ = make(qtbot, DevicesScreen, picture())
    screen.list.choose("probe-lte")
    reason = screen.detail.words()[0]
    assert "/dev/ttyUSB3" in reason
    assert "9 秒后再试（第 12 次）" in reason
    assert screen.list.words("probe-lte")[3] == "alarm"


def test_what_is_not_judged_says_so_and_is_no_trouble_of_its_own(qtbot: QtBot) -> None:
    because = Text(id="alarm.because", args={"cause": "车载交换机"})
    alarm = replace(alarms()[0], subject_id="probe-lte", state="suppressed", cause_id="switch", reason=because)
    screen, _, _, _ = make(qtbot, DevicesScreen, replace(picture(), alarms=(alarm,)))
    _, below, _, tone = screen.list.words("probe-lte")
    assert (below, tone) == ("车载交换机 已断,未另判", "dim")


def test_test_and_reconnect_become_orders(qtbot: QtBot) -> None:
    screen, orders, _, _ = make(qtbot, DevicesScreen, picture())
    screen.heading.test.click()
    assert screen.heading.reconnect.isHidden()
    screen.list.choose("probe-lte")
    screen.heading.reconnect.click()
    assert orders == [TestDevice(device_id="bd-1"), ReconnectNow(subject_id="probe-lte")]


def test_a_running_test_cannot_be_begun_again_and_its_verdict_is_said(qtbot: QtBot) -> None:
    running = replace(terminal(), verdict=Verdict(is_good=None, text=Text(id="verdict.running"), at_ns=NOW))
    screen, _, _, _ = make(qtbot, DevicesScreen, picture(devices=(running,)))
    assert not screen.heading.test.isEnabled()
    bad = replace(terminal(), verdict=Verdict(is_good=False, text=Text(id="verdict.silent"), at_ns=NOW - 3 * S))
    screen.show_picture(picture(devices=(bad,)))
    assert screen.heading.test.isEnabled()
    assert screen.detail.verdict.text().startswith("测试不合格")
    assert screen.detail.verdict.tone == "alarm"


def test_out_of_service_needs_a_name(qtbot: QtBot) -> None:
    screen, orders, _, _ = make(qtbot, DevicesScreen, picture())
    screen.heading.enable.click()
    assert orders == []
    screen.heading.sure.click()
    assert orders == []
    assert screen.heading.asked.tone == "alarm"
    screen.heading.who.setText("王磊")
    screen.heading.sure.click()
    assert orders == [SetEnabled(subject_id="bd-1", is_enabled=False, by="王磊")]


def test_octets_go_out_only_after_the_second_click_on_what_was_shown(qtbot: QtBot) -> None:
    screen, orders, _, _ = make(qtbot, DevicesScreen, picture())
    sending = screen.sending
    sending.field.setText("$CCICA,0,00*7B\\r\\n")
    sending.prepare.click()
    assert orders == []
    assert "16 字节" in sending.said.text()
    sending.field.setText("$CCRMO,GGA,2,0*3F\\r\\n")
    assert sending.confirm.isHidden()
    sending.prepare.click()
    sending.confirm.click()
    assert orders == [SendOctets(device_id="bd-1", octets_hex=b"$CCRMO,GGA,2,0*3F\r\n".hex())]


def test_another_device_withdraws_what_was_prepared_for_the_first(qtbot: QtBot) -> None:
    screen, orders, _, _ = make(qtbot, DevicesScreen, picture())
    screen.sending.field.setText("x")
    screen.sending.prepare.click()
    screen.list.choose("gnss")
    assert screen.sending.confirm.isHidden()
    screen.sending.confirm.click()
    assert orders == []


def test_nothing_can_be_sent_into_a_wire_that_is_down(qtbot: QtBot) -> None:
    screen, _, _, _ = make(qtbot, DevicesScreen, picture(devices=(terminal("down"),)))
    assert not screen.sending.prepare.isEnabled()
    assert screen.sending.said.text() == "接口未通：不能发送"


def test_live_octets_of_the_chosen_device_are_shown_with_their_meaning(qtbot: QtBot) -> None:
    screen, _, desk, _ = make(qtbot, DevicesScreen, picture())
    assert desk.watched[-1] == "bd-1"
    bad = '{"kind":"Malformed","reason":"checksum","raw":"24"}'
    screen.bridge.octets_seen.emit("bd-1", [octets(b"$BDBSI*00\r\n", understood=(bad,))])
    screen.bridge.octets_seen.emit("gnss", [octets(b"$GNGGA\r\n", source="gnss")])
    screen.live.flush()
    line = screen.live.model.line(0)
    assert screen.live.model.rowCount() == 1
    assert line is not None
    assert screen.live.model.understood(line) == ["坏帧：校验不符，未采用"]
    screen.list.choose("gnss")
    assert desk.watched[-1] == "gnss"
    assert screen.live.model.rowCount() == 0


def test_a_sentence_that_a_read_cut_in_two_is_one_line(qtbot: QtBot) -> None:
    screen, _, _, _ = make(qtbot, DevicesScreen, picture())
    seen = ('{"kind":"Position","fix":"none"}',)
    model = screen.live.model
    model.add([octets(b"$"), octets(b"GNGGA,,*00\r\n", at_ns=NOW + S // 9, understood=seen), octets(b"$GN")])
    assert [line.payload for line in model.ring] == [b"$GNGGA,,*00\r\n", b"$GN"]
    assert model.ring[0].understood == seen
    model.add([octets(b"late", at_ns=NOW + 5 * S), octets(b"out", at_ns=NOW + 5 * S, is_outgoing=True)])
    assert [line.payload for line in model.ring][1:] == [b"$GN", b"late", b"out"]


def test_a_pause_holds_the_lines_and_counts_what_waits(qtbot: QtBot) -> None:
    screen, _, _, _ = make(qtbot, DevicesScreen, picture())
    screen.live.pause.setChecked(True)
    screen.bridge.octets_seen.emit("bd-1", [octets(b"a\n"), octets(b"b\n")])
    screen.live.flush()
    assert screen.live.model.rowCount() == 0
    assert "新到 2 行" in screen.live.header.note.text()
    screen.live.pause.setChecked(False)
    assert screen.live.model.rowCount() == 2


def test_a_line_that_is_too_long_for_its_row_can_be_read_in_full(qtbot: QtBot) -> None:
    screen, _, _, _ = make(qtbot, DevicesScreen, picture())
    screen.bridge.octets_seen.emit("bd-1", [octets(b"$BD" + b"x" * 300 + b"\r\n")])
    screen.live.flush()
    assert screen.live.area.isHidden()
    screen.live.view.clicked.emit(screen.live.model.index(0))
    assert "x" * 300 in screen.live.whole.text()
    assert as_hex(b"$BDx") in screen.live.whole.text()
    screen.list.choose("gnss")
    assert screen.live.area.isHidden()


def test_the_ring_keeps_the_newest_lines_only(qtbot: QtBot) -> None:
    screen, _, _, _ = make(qtbot, DevicesScreen, picture())
    screen.bridge.octets_seen.emit("bd-1", [octets(b"%d\n" % n, seq=n) for n in range(RING_LINES + 500)])
    screen.live.flush()
    newest = screen.live.model.line(0)
    assert screen.live.model.rowCount() == RING_LINES
    assert newest is not None
    assert newest.seq == RING_LINES + 499


def test_the_filter_looks_at_text_hex_and_meaning(qtbot: QtBot) -> None:
    screen, _, _, _ = make(qtbot, DevicesScreen, picture())
    seen = '{"kind":"Signal","quantity":"beam","index":3,"value":49.0,"unit":"dBHz"}'
    lines = [octets(b"$BDPWI\r\n", understood=(seen,)), octets(b"\x00\xff\n"), octets(b"other\n")]
    screen.bridge.octets_seen.emit("bd-1", lines)
    for wanted, count in (("bdpwi", 1), ("00 ff 0a", 1), ("信号", 1), ("", 3), ("nowhere", 0)):
        screen.live.filter.setText(wanted)
        assert screen.live.model.rowCount() == count, wanted


def test_a_hidden_screen_asks_for_no_octets(qtbot: QtBot) -> None:
    screen, _, desk, _ = make(qtbot, DevicesScreen, picture())
    screen.hide()
    assert desk.watched[-1] is None


def test_in_a_replay_nothing_can_be_done_to_a_device_and_octets_of_now_are_gone(qtbot: QtBot) -> None:
    screen, orders, desk, replay = make(qtbot, DevicesScreen, picture())
    screen.bridge.octets_seen.emit("bd-1", [octets(b"now")])
    screen.live.flush()
    assert screen.bridge.open_replay(None)
    screen.show_picture(picture(at_ns=NOW - 60 * S))
    assert desk.watched[-1] is None
    assert replay.watched == ["bd-1"]
    assert screen.live.model.rowCount() == 0
    for button in (screen.heading.test, screen.heading.enable, screen.sending.prepare):
        assert not button.isEnabled()
        button.click()
    assert orders == []
    assert screen.sending.said.text() == "回放中：不能发送，也不能操作设备"


def test_a_capture_is_written_whole_with_the_word_of_its_mode(qtbot: QtBot, tmp_path: Path) -> None:
    screen, _, _, _ = make(qtbot, DevicesScreen, picture())
    screen.bridge.octets_seen.emit("bd-1", [octets(b"$BDPWI\r\n", understood=('{"kind":"Card"}',))])
    screen.write_export(tmp_path / "capture.txt")
    lines = (tmp_path / "capture.txt").read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("# 演练 · 双洎河漫溢 · 设备 bd-1 · 1 行")
    assert lines[1] == "2023-07-20T06:32:07.000Z\t<\t24 42 44 50 57 49 0D 0A\t$BDPWI\\r\\n"
    assert lines[2] == '#\t{"kind":"Card"}'


def test_a_capture_that_cannot_be_written_says_why(qtbot: QtBot, tmp_path: Path) -> None:
    screen, _, _, _ = make(qtbot, DevicesScreen, picture())
    screen.write_export(tmp_path / "missing" / "capture.txt")
    assert screen.said.tone == "alarm"
    assert "没有写成" in screen.said.text()


def test_a_sent_line_is_marked_in_a_capture() -> None:
    assert "\t>\t41\tA" in capture_text("x", [octets(b"A", is_outgoing=True)])


def test_what_is_found_is_shown_with_its_wire_and_not_added(qtbot: QtBot) -> None:
    found = (
        Found(kind="serial", name="CP2102", wire="serial:usb=10C4:EA60:7", detail="10C4:EA60:7", is_configured=False),
        Found(kind="_rtsp._tcp.local.", name="cam", wire=None, detail="10.8.0.77:554", is_configured=False),
    )

    class Finder(FakeDesk):
        def _answer(self, request: object) -> FindPage:  # noqa: ARG002
            return FindPage(found=found)

    screen, orders, _, _ = make(qtbot, DevicesScreen, picture(), desk=Finder())
    screen.find_panel.button.click()
    qtbot.waitUntil(lambda: "2 项未配置" in screen.find_panel.state.text())
    assert 'wire = "serial:usb=10C4:EA60:7"' in screen.find_panel.words()
    assert "RTSP 摄像机　cam" in screen.find_panel.words()
    assert orders == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_message_id_is_left_unsaid(qtbot: QtBot, language: str) -> None:
    screen, _, _, _ = make(qtbot, DevicesScreen, picture(), language="zh" if language == "zh" else "en")
    for device in ("bd-1", "gnss", "probe-lte"):
        screen.list.choose(device)
        said = "\n".join([*screen.detail.words(), *screen.list.words(device), screen.heading.about.text()])
        assert "devices." not in said


def test_the_language_changes_what_stands_there(qtbot: QtBot) -> None:
    screen, _, _, _ = make(qtbot, DevicesScreen, picture())
    screen.speech.toggle()
    screen.retranslate()
    assert screen.heading.test.text() == "Test now"
    assert any(words.startswith("Next send in 18 s") for words in screen.detail.words())


@given(st.binary(max_size=40))
def test_octets_survive_being_read_as_text_and_as_hex(data: bytes) -> None:
    if data:
        assert from_text(as_text(data)) == data
        assert from_hex(as_hex(data)) == data


@pytest.mark.parametrize(
    ("read", "typed", "reason"),
    [
        (from_text, "", "empty"),
        (from_text, "\\q", "escape"),
        (from_text, "a\\", "escape"),
        (from_text, "\\x4", "escape"),
        (from_text, "汉", "ascii"),
        (from_hex, "4", "hex"),
        (from_hex, "zz", "hex"),
        (from_hex, " ", "empty"),
    ],
)
def test_what_is_no_octets_is_refused_with_its_reason(read: object, typed: str, reason: str) -> None:
    with pytest.raises(BadOctetsError) as caught:
        read(typed)  # type: ignore[operator]
    assert caught.value.reason == reason


def test_hex_may_be_written_as_people_write_it() -> None:
    assert from_hex("0x24, 43:0d-0A 2a") == b"$C\r\n*"
