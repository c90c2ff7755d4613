"""A tile in a replay: the recorded frame with its own time, framed; what is not of the moment is veiled or absent."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from console.i18n import Language
from console.sights import Footage, FootageState
from console.views.speech import Speech
from console.views.theme import Theme
from console.views.video import VideoScreen
from console.views.widgets.feed import FrameFeed
from console.views.widgets.sight import (
    Recording,
    Seen,
    TileFacts,
    band_words,
    facts_of,
    lamps,
    replayed_facts,
    veil_words,
)
from console.views.widgets.tile import paint_tile
from tests.views.more_pictures import MIN, NOW, S, camera, picture
from tests.views.screens import ZONE, make
from tests.views.video_rig import FakeFeed, pixel

MS = 1_000_000
ZH, EN = Speech("zh", zone=ZONE), Speech("en", zone=ZONE)
IMAGE = QImage(64, 36, QImage.Format.Format_RGB32)
IMAGE.fill(QColor("white"))
PLAYING = Footage(state="playing")


def played(
    at_ns: int | None, *, footage: Footage | None = PLAYING, pace: float = 1.0, key_ns: int = 0, is_off: bool = False
) -> TileFacts:
    recording = Recording(IMAGE if at_ns is not None else None, at_ns, key_ns)
    return replayed_facts(camera("c", "一号"), recording, NOW, footage=footage, pace=pace, is_off=is_off)


@pytest.mark.parametrize(
    ("back_ms", "pace", "key_ms", "is_shown"),
    [
        (0, 0.0, 0, True),
        (999, 1.0, 0, True),
        (1001, 1.0, 0, False),
        (1001, 0.0, 0, False),
        (1500, 0.5, 0, False),
        (1500, 4.0, 0, True),
        (4100, 4.0, 0, False),
        (2500, 1.0, 2000, True),
        (3100, 1.0, 2000, False),
        (61_000, 60.0, 2000, True),
        (63_000, 60.0, 2000, False),
    ],
)
def test_a_recording_is_veiled_a_second_of_the_watchers_time_away_from_the_replayed_moment(
    back_ms: int, pace: float, key_ms: int, *, is_shown: bool
) -> None:
    facts = played(NOW - back_ms * MS, pace=pace, key_ns=key_ms * MS)
    assert facts.is_unveiled == is_shown
    assert facts.kind == ("recorded" if is_shown else "replayed")
    assert not facts.is_live, "a recording is never taken for the present"


def test_no_frame_of_later_than_the_replayed_moment_is_there_at_all() -> None:
    facts = played(NOW + 400 * MS)
    assert (facts.image, facts.packet_ns, facts.is_unveiled) == (None, None, False)
    assert played(NOW + 80 * MS).is_unveiled, "the clock runs on between two pictures of the engine"


@pytest.mark.parametrize("state", ["gap", "removed", "missing", "damaged", "no-memory"])
def test_where_nothing_can_be_played_no_frame_is_left_standing(state: FootageState) -> None:
    assert played(NOW, footage=Footage(state=state)).image is None


@pytest.mark.parametrize(
    ("footage", "headline", "english", "below"),
    [
        (Footage(state="opening"), "正在打开录像", "Opening the recording", ""),
        (Footage(state="gap", since_ns=NOW - 2 * MIN), "此刻无录像", "No recording of this moment", "自 14:30:07 起"),
        (Footage(state="gap"), "此刻无录像", "No recording of this moment", ""),
        (Footage(state="removed", since_ns=NOW, file="a.ts"), "录像已删（腾空间）", "Recording removed", "a.ts"),
        (Footage(state="missing", file="a.ts"), "录像文件不见了", "Recorded file is gone", "a.ts"),
        (Footage(state="damaged", file="a.ts"), "录像文件损坏，放不出", "Recorded file is damaged", "a.ts"),
        (Footage(state="failed"), "播放进程中断，正在重启", "Player stopped", ""),
        (Footage(state="hung"), "播放进程无响应，正在重启", "Player hung", ""),
        (Footage(state="no-memory"), "内存不足，放不了录像", "Not enough memory", ""),
        (Footage(state="playing"), "录像未跟上", "catching up", ""),
    ],
)
def test_a_veiled_tile_says_why_in_both_languages(footage: Footage, headline: str, english: str, below: str) -> None:
    facts = played(None, footage=footage)
    said, under, _ = veil_words(facts, ZH, NOW)
    assert said == headline
    assert below in under
    assert "当时有画面" in under
    assert english in veil_words(facts, EN, NOW)[0]


def test_in_a_dead_time_of_the_console_it_is_said_that_it_was_off_and_not_that_a_picture_arrived() -> None:
    facts = played(NOW, is_off=True)
    assert facts.image is None
    said, below, _ = veil_words(facts, ZH, NOW)
    assert said == "指挥台当时未运行"
    assert "有画面" not in below


def test_the_band_says_that_it_is_a_recording_and_of_when_to_the_tenth() -> None:
    assert band_words(played(NOW - 340 * MS), ZH, NOW) == ("录像 14:32:06.6", "", False)
    keyed = band_words(played(NOW - 340 * MS, key_ns=2 * S), EN, NOW)
    assert keyed is not None
    assert keyed[0] == "Recording 14:32:06.6, key frames"
    then = replayed_facts(camera("c", "c", "abnormal"), Recording(IMAGE, NOW), NOW, footage=PLAYING)
    assert band_words(then, ZH, NOW) == ("录像 14:32:07.0", "当时画面异常", False)


def test_the_lamps_tell_of_the_camera_then() -> None:
    down = replayed_facts(camera("c", "c", "down", is_connected=False), Recording(IMAGE, NOW), NOW, footage=PLAYING)
    assert lamps(down) == (False, False)


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("is_night", [False, True])
def test_a_recording_is_framed_and_a_live_picture_is_not(*, is_night: bool) -> None:
    theme = Theme(is_night=is_night)

    def colours(facts: TileFacts) -> set[str]:
        image = QImage(320, 200, QImage.Format.Format_RGB32)
        painter = QPainter(image)
        paint_tile(painter, QRectF(image.rect()), facts, theme, ZH, NOW)
        painter.end()
        return {QColor(image.pixelColor(x, y)).name() for x in range(320) for y in range(200)}

    mark = theme.palette.replay.name()
    assert mark in colours(played(NOW))
    assert mark not in colours(facts_of(camera("c", "c"), Seen(IMAGE, 100 * MS), NOW))
    assert mark not in colours(played(NOW - 5 * S))


class PlayedFeed(FakeFeed):
    """White frames of a recording, and black live ones."""

    def __init__(self, recordings: dict[str, int]) -> None:
        super().__init__({"uav": 100 * MS})
        self.recordings = recordings

    def recording(self, camera_id: str) -> Recording:
        at_ns = self.recordings.get(camera_id)
        return Recording(IMAGE if at_ns is not None else None, at_ns)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_wall_shows_the_recorded_frame_while_a_replay_is_shown_and_the_live_one_after(
    qtbot: QtBot, language: Language
) -> None:
    screen, _, _, replay = make(qtbot, VideoScreen, picture(), language=language)
    feed = PlayedFeed({"uav": NOW - 60 * S})
    feed.frame.fill(QColor("black"))
    screen.wall.feed = feed
    assert pixel(screen.wall, "uav") < 100
    assert screen.bridge.open_replay(None)
    replay.now = NOW - 60 * S
    replay.footages["uav"] = PLAYING
    assert pixel(screen.wall, "uav") > 200
    replay.now = NOW - 70 * S
    assert pixel(screen.wall, "uav") < 100, "a frame of later"
    replay.now = NOW - 55 * S
    assert pixel(screen.wall, "uav") < 200, "veiled"
    screen.bridge.return_live()
    assert pixel(screen.wall, "uav") < 100


def test_what_is_seen_goes_to_the_replay_while_one_is_shown_and_nobody_looks_at_live_pictures(qtbot: QtBot) -> None:
    screen, _, _, replay = make(qtbot, VideoScreen, picture())
    told: list[dict[str, object]] = []
    screen.bridge._on_cameras = lambda showing: told.append(dict(showing))
    assert screen.bridge.open_replay(None)
    assert "uav" in replay.showing
    assert told[-1] == {}
    screen.bridge.return_live()
    assert "uav" in told[-1]


def test_a_feed_without_a_recording_has_no_frame() -> None:
    assert FrameFeed().recording("nobody") == Recording(None)
