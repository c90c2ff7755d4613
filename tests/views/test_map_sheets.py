"""The map and a team on paper: what stands on the pages, and the files they are written into."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.bridge import Bridge
from console.picture import Picture
from console.trouble import OperatorError
from console.views.situation import map_sheet as sheets
from console.views.situation.map_sheet import Drawn, map_image, team_image, team_lines
from console.views.situation.paper import Format, Occasion, Paper
from console.views.situation.projection import View, to_plane
from console.views.situation.screen import SituationScreen
from console.views.situation.sheet_files import next_number, write_sheet
from console.views.theme import Theme
from tests.views.desks import FakeDesk
from tests.views.pictures import MIN, NOW, picture, place, team
from tests.views.situation_rig import SPEECH, Shown

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")


def _view() -> View:
    east_m, north_m = to_plane(34.4, 113.74)
    return View(centre_east_m=east_m, centre_north_m=north_m, zoom=12.0, width_px=900, height_px=700)


def _occasion(shown: Picture, *, is_replayed: bool = False) -> Occasion:
    return Occasion(picture=shown, now_ns=NOW, is_replayed=is_replayed, number=7)


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """All words put on paper."""
    words: list[str] = []
    write = Paper.write

    def note(self: Paper, rect: QRectF, said: str, *args: object, **named: object) -> None:
        words.append(said)
        write(self, rect, said, *args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(Paper, "write", note)
    return words


def _sheet(shown: Picture, form: Format = "a4", *, is_replayed: bool = False) -> bytes:
    occasion = _occasion(shown, is_replayed=is_replayed)
    made = map_image(form, occasion, Drawn(view=_view(), layers=[], grid="经纬网"), SPEECH)
    return sheets.map_sheet(form, occasion, made, SPEECH)


def _pages(octets: bytes) -> list[tuple[float, float]]:
    """Sizes of all pages in millimetres."""
    boxes = re.findall(rb"/MediaBox \[([\d. -]+)\]", octets)
    return [(float(box.split()[2]) / 72 * 25.4, float(box.split()[3]) / 72 * 25.4) for box in boxes]


@pytest.mark.parametrize(("form", "width_mm", "height_mm"), [("a4", 297, 210), ("a3", 420, 297)])
def test_a_map_sheet_is_one_page_of_that_paper_with_all_that_makes_it_a_sheet(
    qtbot: QtBot, written: list[str], form: Format, width_mm: float, height_mm: float
) -> None:
    del qtbot
    octets = _sheet(picture(), form)
    assert octets.startswith(b"%PDF")
    (size,) = _pages(octets)
    assert size == pytest.approx((width_mm, height_mm), abs=0.5)
    text = "\n".join(written)
    for words in (
        "实战 · 双洎河漫溢",
        "图幅 007 · 第 1 页",
        "2023-07-20 周四 14:32:07 的情况",
        "WGS-84",
        "网格:经纬网",
    ):
        assert words in text
    assert re.search(r"比例尺约 1:[\d,]+", text)


def test_the_scale_said_is_the_scale_drawn(qtbot: QtBot) -> None:
    del qtbot
    occasion = _occasion(picture())
    made = map_image("a4", occasion, Drawn(view=_view(), layers=[], grid=""), SPEECH)
    paper = Paper("a4", occasion, Theme(is_night=False), SPEECH, is_landscape=True)
    said = int(re.sub(r"\D", "", sheets._foot(paper, made).split("(")[0].split(":")[1]))
    paper.end()
    # A kilometre eastward on the ellipsoid at 34.4 degrees is 0.010885 degrees of longitude.
    there = made.view.point(34.4, 113.74 + 0.010885) - made.view.point(34.4, 113.74)
    assert said == pytest.approx(1e6 / (there.x() / paper.px_per_mm), rel=0.06)


def test_every_team_stands_in_the_table_with_its_age_and_goes_to_further_pages(
    qtbot: QtBot, written: list[str]
) -> None:
    del qtbot
    teams = tuple(team(f"分队{n:03d}", "分", 5, 60.0 * n, 15, place(34.4, 113.74, 60.0 * n)) for n in range(1, 121))
    octets = _sheet(picture(teams=teams))
    assert len(_pages(octets)) > 1
    assert sum(words.startswith("分 分队") for words in written) == 120
    assert "末次 12:32(2 时 0 分前)" in written, "an old place says so"
    assert "14:31(1 分前)" in written


def test_a_team_without_a_place_says_so(qtbot: QtBot, written: list[str]) -> None:
    del qtbot
    _sheet(picture(teams=(team("转移组", "转", 9, None, 15),)))
    assert "无位置" in written
    assert "从未收到" in written


def test_the_drill_is_written_across_every_page_and_a_replay_is_said(
    qtbot: QtBot, written: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    del qtbot
    marks: list[str] = []
    monkeypatch.setattr(Paper, "_mark", lambda _, words: marks.append(words))
    teams = tuple(team(f"分队{n:03d}", "分", 5, 60, 15, place(34.4, 113.74, 60)) for n in range(1, 121))
    pages = len(_pages(_sheet(picture(mode="drill", teams=teams))))
    assert pages > 1
    assert marks == ["演练"] * pages
    marks.clear()
    _sheet(picture(), is_replayed=True)
    assert marks == ["回放"]
    assert any(words.startswith("回放 · ") for words in written)
    assert "回放:2023-07-20 周四 14:32:07 的情况" in written
    marks.clear()
    _sheet(picture())
    assert not marks


def test_the_page_of_a_team_tells_its_place_in_every_style_with_its_age(qtbot: QtBot) -> None:
    del qtbot
    one = team("消防一中队", "消", 8, 3600, 15, place(34.395949, 113.740662, 3600))
    occasion = _occasion(picture(teams=(one,)))
    lines = dict(team_lines(one, occasion, SPEECH))
    assert any(words.startswith("8 人") for words in lines.values())
    assert any("1 时 0 分前" in words for words in lines.values())
    assert sum(words.endswith("· 过时") for words in lines.values()) >= 1, "an old place is said to be old"
    assert lines["位置精度"] == "精度不明"
    assert lines["MGRS"] == "49SGU5194809465"
    assert "38476153" in lines["高斯带号"]
    drawn = Drawn(view=_view(), layers=[], grid="")
    octets = sheets.team_sheet(one, occasion, team_image(one, occasion, drawn, SPEECH), SPEECH)
    (size,) = _pages(octets)
    assert size == pytest.approx((210, 297), abs=0.5)


def test_of_another_datum_no_grid_is_told(qtbot: QtBot) -> None:
    del qtbot
    one = team("消防一中队", "消", 8, 60, 15, replace(place(34.4, 113.74, 60), datum="gcj02"))
    lines = dict(team_lines(one, _occasion(picture(teams=(one,))), SPEECH))
    assert "MGRS" not in lines
    assert any("GCJ-02" in words for words in lines.values())


# ---- files


def test_sheets_are_numbered_and_no_file_is_overwritten(tmp_path: Path) -> None:
    assert next_number(tmp_path) == 1
    first = write_sheet(tmp_path, "map", 1, NOW, b"%PDF-1")
    assert first.name == "map-001-20230720T063207Z.pdf"
    assert stat.S_IMODE(first.stat().st_mode) == 0o600
    assert next_number(tmp_path) == 2
    with pytest.raises(OperatorError):
        write_sheet(tmp_path, "map", 1, NOW, b"%PDF-2")
    assert first.read_bytes() == b"%PDF-1"


def test_a_folder_that_is_gone_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(OperatorError) as caught:
        write_sheet(tmp_path / "gone", "map", 1, NOW, b"%PDF")
    assert "没有存下来" in caught.value.sentence("zh")


# ---- the card on the map


@pytest.fixture
def screen(qtbot: QtBot, tmp_path: Path) -> Iterator[SituationScreen]:
    bridge = Bridge(FakeDesk(), open_replay=lambda *_: FakeDesk(NOW - 60 * MIN), incident_folder=tmp_path)
    made = SituationScreen(bridge, Theme(), SPEECH)
    qtbot.addWidget(made)
    made.resize(1400, 900)
    bridge.picture = picture()
    made.show_picture(bridge.picture)
    made.show()
    qtbot.waitExposed(made)
    yield made
    bridge.close()


def test_by_keys_a_sheet_is_written_beside_the_incident_and_said(
    qtbot: QtBot, screen: SituationScreen, tmp_path: Path
) -> None:
    panel = screen.instruments.sheets
    QTest.keyClick(screen, Qt.Key.Key_P)
    assert panel.isVisible()
    QTest.keyClick(panel.buttons["a4"], Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: "已存" in panel.result.text(), timeout=20_000)
    (file,) = (tmp_path / "sheets").iterdir()
    assert str(file) in panel.result.text()
    assert file.read_bytes().startswith(b"%PDF")
    QTest.keyClick(panel, Qt.Key.Key_Escape)
    assert panel.isHidden()


def test_the_page_of_a_team_wants_a_team_and_a_disk_that_refuses_is_said(
    qtbot: QtBot, screen: SituationScreen, tmp_path: Path
) -> None:
    panel = screen.instruments.sheets
    panel.toggle()
    panel.make("team")
    assert panel.result.text() == "先在名单或图上选中一支队伍。"
    (tmp_path / "sheets").write_text("a file where the folder should be")
    screen.map.select(picture().teams[3].id)
    panel.make("team")
    qtbot.waitUntil(lambda: "没有存下来" in panel.result.text(), timeout=20_000)


def test_before_the_map_is_laid_out_the_card_asks_no_negative_width(screen: SituationScreen) -> None:
    screen.map.setFixedWidth(10)
    screen.instruments.sheets.restyle()
    assert screen.instruments.sheets.width() == 0


def test_without_an_incident_folder_nothing_is_promised(qtbot: QtBot) -> None:
    bridge = Bridge(FakeDesk())
    made = SituationScreen(bridge, Theme(), SPEECH)
    qtbot.addWidget(made)
    bridge.picture = picture()
    made.instruments.sheets.make("a4")
    assert made.instruments.sheets.result.text() == "没有事件文件夹,存不下来。"


@pytest.mark.parametrize("is_night", [True, False], ids=["night", "day"])
def test_what_the_panel_says_is_written_in_the_colour_of_words(qtbot: QtBot, is_night: bool) -> None:  # noqa: FBT001
    shown = Shown(qtbot)
    shown.screen.setStyleSheet(shown.screen.theme.style_sheet())
    shown.screen.theme.is_night = is_night
    shown.screen.restyle()
    panel = shown.screen.instruments.sheets
    panel.toggle()
    QApplication.processEvents()
    image, rect = panel.grab().toImage(), panel.result.geometry()
    written = shown.screen.theme.palette.soft
    count = sum(
        image.pixelColor(x, y) == written
        for x in range(rect.left(), rect.right())
        for y in range(rect.top(), rect.bottom())
    )
    assert count > 200
