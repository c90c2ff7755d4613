"""Who is not watched says so where he is looked at: no alarm is no sign of health there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.i18n import LANGUAGES
from console.picture import Alarm, Picture
from console.views.devices import DevicesScreen
from console.views.speech import Speech
from console.views.theme import DAY, NIGHT, Theme
from console.views.unwatched import unwatched, unwatched_word
from console.views.video.wall import WallView
from console.words import AlarmState
from tests.views.more_pictures import device
from tests.views.more_pictures import picture as more_picture
from tests.views.pictures import FakeDesk, alarms, bridge_with, camera, picture, team
from tests.views.screens import make
from tests.views.shell_rig import Shown as Window
from tests.views.situation_rig import SPEECH, Shown
from tests.views.video_rig import FakeFeed, colours

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")


def about(subject_id: str, state: AlarmState) -> Alarm:
    return replace(alarms()[0], id=f"{state}:{subject_id}", subject_id=subject_id, state=state)


def shown_with(*told: Alarm) -> Picture:
    return picture(alarms=told, teams=(team("基干民兵连", "民", 46, 30, 10),), cameras=(camera("c", "live"),))


def test_of_several_reasons_the_one_nobody_chose_is_told() -> None:
    both = shown_with(about("t", "suppressed"), about("t", "shelved"), about("u", "unacknowledged"))
    assert unwatched(both) == {"t": "suppressed"}
    assert unwatched(None) == {}
    words = {unwatched_word(why, Speech(language)) for language in LANGUAGES for why in ("suppressed", "shelved")}
    assert len(words) == 4, "each in its own word"


@pytest.mark.parametrize("state", ["suppressed", "out_of_service", "shelved"])
def test_a_team_heard_in_time_says_that_its_alarm_would_not_sound(qtbot: QtBot, state: AlarmState) -> None:
    it = Shown(qtbot)
    one = shown_with().teams[0].id
    it.screen.show_picture(shown_with(about(one, "acknowledged")))
    QApplication.processEvents()
    plain = it.screen.teams.rows.grab().toImage()
    it.screen.show_picture(shown_with(about(one, state)))
    QApplication.processEvents()
    chipped = it.screen.teams.rows.grab().toImage()
    warn = it.screen.theme.palette.warn
    amber = [
        sum(image.pixelColor(x, y) == warn for x in range(image.width()) for y in range(image.height()))
        for image in (plain, chipped)
    ]
    assert amber[0] == 0
    assert amber[1] > 20


@pytest.mark.parametrize("is_night", [True, False], ids=["night", "day"])
def test_a_live_picture_says_that_its_alarm_would_not_sound(qtbot: QtBot, is_night: bool) -> None:  # noqa: FBT001
    palette = NIGHT if is_night else DAY
    bridge = bridge_with(FakeDesk())
    wall = WallView(bridge, Theme(is_night=is_night), SPEECH, FakeFeed({"c": 200_000_000}), "video")
    qtbot.addWidget(wall)
    wall.resize(320, 200)
    for told, is_said in ((about("other", "suppressed"), False), (about("c", "suppressed"), True)):
        bridge.put_live(shown_with(told))
        QApplication.processEvents()
        assert bridge.picture is not None
        assert bridge.picture.alarms == (told,)
        wall.show_picture(shown_with(told))
        assert (palette.veil_warn.name() in colours(wall, "c", 0.85, 1.0)) is is_said


def test_a_device_whose_alarm_was_put_away_has_no_lamp_that_says_it_is_well(qtbot: QtBot) -> None:
    plain, away = (device_row(qtbot, state) for state in ("acknowledged", "out_of_service"))
    assert plain[0][1].startswith("UDP")
    assert away[0][1].startswith("告警停用 · UDP")
    assert away[0][3] == "warn"
    lamp = NIGHT.lamp
    assert plain[1].count(lamp.name()) == 0, "it has trouble"
    well = device_row(qtbot, None)
    assert well[1].count(lamp.name()) > 20
    assert away[1].count(lamp.name()) == 0


def device_row(qtbot: QtBot, state: AlarmState | None) -> tuple[tuple[str, str, str, str], list[str]]:
    """What the row of a device says, and the colours about its lamp."""
    one = device("d", "定位器", wire="udp:127.0.0.1:4000")
    told = (about("d", state),) if state is not None else ()
    screen, _, _, _ = make(qtbot, DevicesScreen, more_picture(devices=(one,), alarms=told))
    QApplication.processEvents()
    rows = screen.list.list
    place = rows.visualItemRect(rows.item(1))
    image = rows.viewport().grab(place).toImage()
    return screen.list.words("d"), [image.pixelColor(x, y).name() for x in range(8, 32) for y in range(image.height())]


def test_alarms_put_away_by_hand_are_counted_below_the_button_on_every_screen(qtbot: QtBot, tmp_path: Path) -> None:
    shown = Window(qtbot, tmp_path)
    shown.give(picture(alarms=(about("a", "shelved"), about("b", "out_of_service"), about("c", "suppressed"))))
    strip = shown.window.strip
    assert strip.alarms.text() == "无告警"
    assert strip.quiet.isVisible()
    assert strip.quiet.text() == "停报 2"
    assert strip.quiet.width() >= strip.quiet.sizeHint().width()
    shown.give(picture(alarms=(about("c", "acknowledged"),)))
    assert not strip.quiet.isVisible()
