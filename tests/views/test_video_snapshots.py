"""A snapshot carries where, when and of what it is, burned into its own pixels."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from console.i18n import Language
from console.picture import CameraPlace, Team, Text
from console.views.speech import Speech
from console.views.theme import Size, Theme
from console.views.video.describe import place_words, snapshot_lines
from console.views.video.snapshot import with_caption
from console.views.widgets.sight import Seen, facts_of
from tests.views.more_pictures import NOW, S, camera, picture
from tests.views.pictures import team
from tests.views.screens import ZONE
from tests.views.video_rig import MS, screen_with

SPEECH = Speech("zh", zone=ZONE)


def _place(source: str, datum: str, **times: int) -> CameraPlace:
    return CameraPlace(
        lat_deg=34.39573,
        lon_deg=113.74059,
        source=source,
        datum=datum,
        fix_ns=times.get("fix_ns"),
        at_ns=times.get("at_ns"),
    )


def test_a_snapshot_of_a_live_picture_is_kept_with_its_time_and_mode(qtbot: QtBot, tmp_path: Path) -> None:
    screen, _ = screen_with(qtbot, {"uav": 200 * MS}, tmp_path)
    screen.foot.snapshot.click()
    files = list((tmp_path / "snapshots").iterdir())
    assert [file.name for file in files] == ["uav-drill-20230720T063206.800Z.png"]
    kept = QImage(str(files[0]))
    assert kept.height() > 36
    assert kept.pixelColor(kept.width() // 2, 18) == Qt.GlobalColor.white
    assert kept.text("Description").splitlines() == [
        "演练 · 双洎河漫溢",
        "画面源 无人机一号 · 双洎河口 · uav · H264",
        "画面时间 2023-07-20 周四 14:32:06.8",
        "地点不明",
    ]
    assert str(files[0]) in screen.moments.said.text()


def test_no_snapshot_is_made_of_a_picture_that_is_not_live(qtbot: QtBot, tmp_path: Path) -> None:
    screen, _ = screen_with(qtbot, {"uav": 3 * S}, tmp_path)
    assert not screen.foot.snapshot.isEnabled()
    screen.take_snapshot()
    assert not (tmp_path / "snapshots").exists()
    assert screen.moments.said.tone == "alarm"


def test_a_snapshot_that_cannot_be_written_says_why(qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "snapshots").write_text("in the way", encoding="utf-8")
    screen, _ = screen_with(qtbot, {"uav": 200 * MS}, tmp_path)
    screen.foot.snapshot.click()
    assert screen.moments.said.text().startswith("没有写成")
    assert screen.moments.said.tone == "alarm"


def _team() -> Team:
    return replace(team("无人机组", "机", 3, 1, 1), id="uav-team")


@pytest.mark.parametrize(
    ("place", "words"),
    [
        (None, "地点不明"),
        (_place("fixed", "wgs84"), "地点 N 34°23′44.6″ E 113°44′26.1″ WGS-84（固定）"),
        (
            _place("uav-team", "gcj02", fix_ns=NOW - 12 * S, at_ns=NOW - 2 * S),
            "地点 N 34°23′44.6″ E 113°44′26.1″ GCJ-02（有偏移）（随 无人机组，12 秒前）",
        ),
        (
            _place("uav-team", "unknown"),
            "地点 N 34°23′44.6″ E 113°44′26.1″ 基准不明（随 无人机组，时间不明）",
        ),
    ],
)
def test_a_place_says_its_datum_whose_it_is_and_how_old_or_that_it_is_unknown(
    place: CameraPlace | None, words: str
) -> None:
    assert place_words(place, picture(teams=(_team(),)), SPEECH, NOW) == words


def test_a_carried_cameras_place_is_as_old_as_at_the_moment_of_its_picture() -> None:
    place = _place("uav-team", "wgs84", fix_ns=NOW - 60 * S, at_ns=NOW - 60 * S)
    one = camera("uav", "无人机", place=place)
    facts = facts_of(one, Seen(None, 30 * S), NOW)
    assert "30 秒前" in snapshot_lines(one, facts, picture(teams=(_team(),)), SPEECH)[3]


def test_a_snapshot_of_a_doubtful_picture_says_what_is_wrong_with_it(qtbot: QtBot, tmp_path: Path) -> None:
    shown = picture(cameras=(camera("uav", "无人机一号", "abnormal", health="torn", health_since_ns=NOW - S),))
    screen, _ = screen_with(qtbot, {"uav": 200 * MS}, tmp_path, shown=shown)
    screen.foot.snapshot.click()
    kept = QImage(str(next((tmp_path / "snapshots").iterdir())))
    assert "画面异常：花屏" in kept.text("Description")


def test_a_snapshot_of_a_still_says_that_it_is_one_and_of_when(qtbot: QtBot, tmp_path: Path) -> None:
    shown = picture(cameras=(camera("uav", "无人机一号", "stills", grade="stills"),))
    screen, _ = screen_with(qtbot, {"uav": 7 * S}, tmp_path, shown=shown)
    screen.foot.snapshot.click()
    lines = QImage(str(next((tmp_path / "snapshots").iterdir()))).text("Description").splitlines()
    assert "画面时间 2023-07-20 周四 14:32:00.0" in lines
    assert lines[-1] == "静帧，不是连续画面"


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("width_px", [64, 320, 1280, 1920])
def test_what_is_burned_in_is_never_cut_whatever_the_width(qtbot: QtBot, language: Language, width_px: int) -> None:
    del qtbot
    place = _place("uav-team", "gcj02", fix_ns=NOW - 12 * S, at_ns=NOW)
    one = camera("uav", "无人机一号 · 双洎河口", place=place, owner="县应急管理局", grade="main")
    speech, theme = Speech(language, zone=ZONE), Theme()
    lines = snapshot_lines(one, facts_of(one, Seen(None, 0), NOW), picture(teams=(_team(),)), speech)
    image = QImage(width_px, 360, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.red)
    whole = with_caption(image, lines, theme)
    assert whole.pixelColor(whole.width() // 2, 359) == Qt.GlobalColor.red
    metrics = theme.metrics(Size.SMALL)
    rows = sum(-(-metrics.horizontalAdvance(line) // (whole.width() - 2 * theme.space(2))) for line in lines)
    assert whole.height() - 360 >= rows * metrics.height()
    # The last row holds words, and the ground goes on below them.
    ground = whole.pixelColor(1, whole.height() - 1)
    assert all(whole.pixelColor(x, whole.height() - 1) == ground for x in range(whole.width()))


def test_without_an_incident_folder_it_is_said_that_there_is_no_place_for_it(qtbot: QtBot) -> None:
    screen, _ = screen_with(qtbot, {"uav": 200 * MS})
    screen.foot.snapshot.click()
    assert "没有事件文件夹" in screen.moments.said.text()


def test_a_snapshot_of_a_picture_in_segments_says_that_its_time_is_not_the_scenes() -> None:
    one = camera("c", "水库", "delayed", reason=Text(id="camera.reason.segmented"))
    lines = snapshot_lines(one, facts_of(one, Seen(None, 100 * MS), NOW), picture(cameras=(one,)), SPEECH)
    assert lines[-1] == "画面比所记时间更早,早多少不明"
