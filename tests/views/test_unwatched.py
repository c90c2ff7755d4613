"""Who is not watched says so where he is looked at: no alarm is no sign of health there."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.i18n import LANGUAGES
from console.picture import Alarm, Picture
from console.views.speech import Speech
from console.views.theme import DAY, NIGHT, Theme
from console.views.unwatched import unwatched, unwatched_word
from console.views.video.wall import WallView
from console.words import AlarmState
from tests.views.pictures import FakeDesk, alarms, bridge_with, camera, picture, team
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
