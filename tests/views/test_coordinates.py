"""Coordinates on the screen: the style chosen, what the find field understood, copying and reading out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.coordinates.reading import understand
from console.coordinates.telling import STYLES
from console.geodesy import rough_distance_m
from console.views.settings import Settings
from console.views.situation import SituationScreen
from console.views.situation.legend import readout
from console.views.speech import Speech
from console.views.theme import Size
from console.views.widgets.label import LEFT, Align, draw_text
from tests.views.pictures import NOW, S, picture
from tests.views.shell_rig import Shown

TEAM = "应急通信小分队"
XINZHENG = (34.395949, 113.740662)


@pytest.fixture
def shown(qtbot: QtBot, tmp_path: Path) -> Shown:
    shown = Shown(qtbot, tmp_path)
    shown.give(picture())
    return shown


def situation(shown: Shown) -> SituationScreen:
    screen = shown.window.screen_shown
    assert isinstance(screen, SituationScreen)
    return screen


def type_in(shown: Shown, text: str) -> SituationScreen:
    screen = situation(shown)
    shown.window.focus_find()
    screen.teams.find_field.setText(text)
    QApplication.processEvents()
    return screen


def away_m(screen: SituationScreen, place: tuple[float, float]) -> float:
    assert screen.map.cursor_deg is not None
    return rough_distance_m(*screen.map.cursor_deg, *place)


# ---- style


def test_one_key_walks_through_the_styles_and_the_choice_is_kept(shown: Shown, tmp_path: Path) -> None:
    seen = []
    for _ in STYLES:
        seen.append(shown.window.speech.style)
        shown.press(Qt.Key.Key_C)
    assert seen == list(STYLES)
    assert shown.window.speech.style == STYLES[0]
    shown.press(Qt.Key.Key_C)
    assert Settings(tmp_path / "window.ini").coordinates == STYLES[1]
    assert shown.window.note.words == "坐标写法：度分"


def test_the_button_at_the_readout_names_the_style_and_changes_it(shown: Shown) -> None:
    button = situation(shown).place.buttons["style"]
    assert button.text() == "度分秒"
    assert min(button.width(), button.height()) >= 44
    before = button.geometry()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert (shown.window.speech.style, button.text()) == ("dm", "度分")
    assert button.geometry() == before, "what a hand reaches for does not move"


def test_a_damaged_style_is_the_default(tmp_path: Path) -> None:
    (tmp_path / "window.ini").write_text("[General]\ncoordinates=furlongs\n", encoding="utf-8")
    assert Settings(tmp_path / "window.ini").coordinates == "dms"


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_readout_is_in_the_style_with_its_datum_and_can_be_typed_again(style: str, language: str) -> None:
    speech = Speech("zh" if language == "zh" else "en", style=next(one for one in STYLES if one == style))
    said = readout(picture(), speech, NOW, TEAM, None)[1][0]
    assert said.endswith(" WGS-84")
    place = next(team.place for team in picture().teams if team.id == TEAM)
    assert place is not None
    one = understand(said)[0]
    assert rough_distance_m(one.lat_deg, one.lon_deg, place.lat_deg, place.lon_deg) < 6


def test_northing_and_easting_are_called_by_words() -> None:
    assert Speech("zh", style="gk3").coordinates(*XINZHENG, "wgs84") == "北 X 3807613 东 Y 476153 (114°E) WGS-84"
    assert Speech("en", style="gk3_zone").coordinates(*XINZHENG, "wgs84") == "North X 3807613 East Y 38476153 WGS-84"


@pytest.mark.parametrize("datum", ["gcj02", "unknown"])
def test_no_grid_is_made_of_a_place_in_another_datum(datum: str) -> None:
    assert Speech("zh", style="mgrs").coordinates(*XINZHENG, datum).startswith("N 34°23′45.4″ E 113°44′26.4″ ")
    assert Speech("zh", style="dm").coordinates(*XINZHENG, datum).startswith("N 34°23.757′ E 113°44.440′ ")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("scale", [1.0, 1.25, 1.5])
def test_no_word_of_the_buttons_is_cut_off(shown: Shown, language: str, scale: float) -> None:
    shown.window.speech.language = "en" if language == "en" else "zh"
    shown.window.theme.scale = scale
    shown.window.restyle()
    metrics = shown.window.theme.metrics(Size.SMALL)
    for style in STYLES:
        shown.window.speech.style = style
        shown.window.retranslate()
        for button in situation(shown).place.buttons.values():
            assert metrics.horizontalAdvance(button.text()) + shown.window.theme.space(1.5) <= button.width()


def test_no_team_is_labelled_under_the_buttons(shown: Shown) -> None:
    screen = situation(shown)
    team = next(team for team in picture().teams if team.id == TEAM)
    assert team.place is not None
    covered = [QRectF(button.geometry()) for button in screen.place.buttons.values()]
    for step_px in range(0, 120, 20):
        at = screen.map.view.point(team.place.lat_deg, team.place.lon_deg)
        wanted = QPointF(covered[0].left() + 20.0 + step_px, covered[0].center().y())
        screen.map.view = screen.map.view.panned(wanted.x() - at.x(), wanted.y() - at.y())
        screen.map.repaint()
        label = screen.map.label_rects.get(TEAM, QRectF())
        assert not [rect for rect in covered if rect.intersects(label)]


def test_the_note_on_the_underlay_says_its_datum_whole(shown: Shown) -> None:
    shown.window.grab()
    texts: list[str] = []

    def noted(painter: QPainter, rect: QRectF, text: str, colour: QColor, *, align: Align = LEFT) -> float:
        texts.append(text if painter.fontMetrics().horizontalAdvance(text) <= rect.width() else "cut off")
        return draw_text(painter, rect, text, colour, align=align)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("console.views.situation.legend.draw_text", noted)
        shown.window.toggle_night()
        shown.window.grab()
    assert any("WGS-84" in text for text in texts)
    assert "cut off" not in texts


# ---- find


def test_what_was_understood_is_shown_before_the_map_moves(shown: Shown) -> None:
    view = situation(shown).map.view
    screen = type_in(shown, "38476152.8207 3807612.9565")
    (reading,) = screen.teams.found.readings
    assert screen.teams.found.isVisible()
    assert reading.lines[0] == "N 34°23′45.4″ E 113°44′26.4″ WGS-84"
    assert reading.lines[1].startswith("高斯 3° 带 · CGCS2000 · 距指挥车 ")
    assert reading.height() >= 44
    assert screen.map.view == view
    assert screen.map.cursor_deg is None
    QTest.keyClick(screen.teams.find_field, Qt.Key.Key_Return)
    assert away_m(screen, XINZHENG) < 0.001
    assert (screen.map.view.rect().center() - screen.map.view.point(*XINZHENG)).manhattanLength() < 1


def test_doubts_stand_beside_the_reading_and_another_can_be_chosen(shown: Shown) -> None:
    screen = type_in(shown, "751948.8853 3809465.0146")
    first, second = screen.teams.found.readings
    assert first.lines[-1] == "没有带号：按 UTM、中央经线 111° 读"
    assert second.lines[-1] == "没有带号：按 6° 带、中央经线 111° 读"
    QTest.keyClick(screen.teams.find_field, Qt.Key.Key_Down)
    QTest.keyClick(screen.teams.find_field, Qt.Key.Key_Return)
    assert away_m(screen, (second.one.lat_deg, second.one.lon_deg)) < 0.001
    QTest.mouseClick(first, Qt.MouseButton.LeftButton)
    assert away_m(screen, XINZHENG) < 0.001


def test_a_shifted_coordinate_is_read_so_only_when_asked_for(shown: Shown) -> None:
    screen = type_in(shown, "34.394659427,113.746811797")
    assert [reading.one.datum for reading in screen.teams.found.readings] == ["wgs84"]
    assert "GCJ" in screen.teams.found.hint.text()
    screen = type_in(shown, "GCJ 34.394659427,113.746811797")
    assert screen.teams.found.readings[0].lines[1].startswith("度 · GCJ-02（有偏移） · 距指挥车 ")
    QTest.keyClick(screen.teams.find_field, Qt.Key.Key_Return)
    assert away_m(screen, XINZHENG) < 0.001
    screen = type_in(shown, "百度 113.753218958, 34.400918472")
    assert screen.teams.found.readings[0].lines[1].startswith("度 · BD-09（有偏移） · 距指挥车 ")


def test_the_same_field_finds_a_team_and_shows_no_place(shown: Shown) -> None:
    screen = type_in(shown, "消防")
    assert not screen.teams.found.isVisible()
    assert [team.name for team in screen.teams.rows.rows()] == ["消防水域二组"]
    QTest.keyClick(screen.teams.find_field, Qt.Key.Key_Return)
    assert screen.map.cursor_deg is None


def test_esc_puts_what_was_understood_away(shown: Shown) -> None:
    screen = type_in(shown, "34.4, 113.7")
    QTest.keyClick(screen.teams.find_field, Qt.Key.Key_Escape)
    assert not screen.teams.found.isVisible()


def test_a_reading_speaks_the_language_and_style_in_force(shown: Shown) -> None:
    screen = type_in(shown, "34.395949, 113.740662")
    shown.window.toggle_language()
    shown.window.speech.style = "mgrs"
    shown.window.retranslate()
    assert screen.teams.found.readings[0].lines[0] == "49SGU5194809465 WGS-84"
    assert screen.teams.found.readings[0].lines[1].startswith("degrees · WGS-84 · ")


# ---- copy and read out


def test_a_copied_place_carries_name_datum_and_the_time_it_was_true(shown: Shown) -> None:
    screen = situation(shown)
    screen.map.select(TEAM)
    screen.refresh()
    QTest.mouseClick(screen.place.buttons["copy"], Qt.MouseButton.LeftButton)
    copied = QGuiApplication.clipboard().text()
    assert copied.startswith(f"{TEAM} N 34°")
    assert copied.endswith(" WGS-84 (14:31:26 的位置)")
    assert screen.place.about.text() == "已复制"
    assert screen.place.card.isVisible()


def test_the_card_to_read_out_groups_figures_and_says_how_old_they_are(shown: Shown) -> None:
    screen = situation(shown)
    shown.window.speech.style = "gk3_zone"
    shown.window.retranslate()
    screen.map.select(TEAM)
    screen.refresh()
    QTest.keyClick(screen.map, Qt.Key.Key_R)
    assert screen.place.card.isVisible()
    assert screen.place.figures.text() == "北 X 3 806 396 东 Y 38 477 192"
    assert screen.place.about.text() == f"{TEAM} · WGS-84 · 14:31:26 的位置 · 41 秒前"
    assert screen.place.about.tone == "dim"
    shown.pass_time(3600)
    screen.refresh()
    assert screen.place.about.text().endswith("1 时 0 分前")
    assert screen.place.about.tone == "warn"
    QTest.keyClick(screen.map, Qt.Key.Key_R)
    assert not screen.place.card.isVisible()


def test_without_a_place_nothing_is_copied_and_that_is_said(shown: Shown) -> None:
    screen = situation(shown)
    shown.give(replace(picture(), at_ns=NOW + S, teams=(), devices=()))
    screen.refresh()
    QGuiApplication.clipboard().setText("before")
    QTest.mouseClick(screen.place.buttons["copy"], Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "before"
    QTest.mouseClick(screen.place.buttons["aloud"], Qt.MouseButton.LeftButton)
    assert screen.place.about.text() == "没有位置可念"
