"""Maps brought in at the console's own panel, by the real importer: watched, cancelled, shown at once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from console.i18n import LANGUAGES
from console.importing import extra
from console.importing.asking import Wish
from console.importing.job import Report
from console.importing.trouble import refusal
from console.maps.package import Package
from console.ownmaps import found_packages, own_folder, own_heights
from console.terrain.heights import Ground
from console.terrain.links import Link
from console.views.situation.import_box import ImportBox
from console.views.situation.map_panel import MapPanel
from console.views.situation.map_view import MapView
from console.views.situation.reckoning import Ends, Nothing, Reckoning
from console.views.theme import Theme
from tests.importing.sources import LAT, LON
from tests.map_packages import block, write_mbtiles
from tests.views.pictures import FakeDesk, bridge_with, picture
from tests.views.situation_rig import SPEECH, Shown

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")
_LONG_MS = 60_000


@pytest.fixture
def shown(qtbot: QtBot) -> Iterator[Shown]:
    made = Shown(qtbot)
    made.screen.map._is_moved_by_hand = True
    made.screen.map.view = replace(made.screen.map.view.centred(LAT, LON), zoom=13.0)
    QTest.keyClick(made.screen, Qt.Key.Key_G)
    assert made.screen.map.panel.isVisible()
    yield made
    made.screen.map.panel.box.run.close()
    made.screen.map.tiles.close()
    made.screen.layers.close()
    made.bridge.close()


def press(box: ImportBox, act: str) -> None:
    button = box.acts[act]
    assert button.isVisible(), act
    assert min(button.width(), button.height()) >= 44
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def ended(qtbot: QtBot, box: ImportBox) -> None:
    qtbot.waitUntil(lambda: box.state == "told", timeout=_LONG_MS)
    for language in LANGUAGES:
        assert "{" not in box.words.text(), language
    made = [*own_folder().iterdir(), *own_folder().parent.iterdir()]
    assert not [file for file in made if file.name.startswith(".")], "half a file"


def of(shown: Shown) -> tuple[MapPanel, ImportBox]:
    return shown.screen.map.panel, shown.screen.map.panel.box


def test_the_button_asks_for_a_file_and_nothing_begins_before_it_is_confirmed(
    qtbot: QtBot, shown: Shown, sources: Path
) -> None:
    panel, box = of(shown)
    QTest.mouseClick(panel.import_button, Qt.MouseButton.LeftButton)
    (dialog,) = shown.screen.window().findChildren(QFileDialog)
    dialog.fileSelected.emit(str(sources / "county.gpkg"))
    dialog.reject()
    assert box.state == "ask"
    assert not box.run.is_running
    press(box, "start")
    assert box.bar.isVisible()
    assert box.run.is_running
    ended(qtbot, box)
    report = box._outcome
    assert isinstance(report, Report)
    assert Path(report.out) == own_folder() / "county.geojson"
    assert "道路 2" in box.words.text()
    qtbot.waitUntil(lambda: [one.name for one in shown.screen.layers.layers] == ["county"], timeout=_LONG_MS)
    panel.refresh()
    assert panel.layer_lines()[0].startswith("图层：county")
    press(box, "away")
    assert box.isHidden()
    again = Shown(qtbot)
    qtbot.waitUntil(lambda: [one.name for one in again.screen.layers.layers] == ["county"], timeout=_LONG_MS)
    again.screen.layers.close()
    again.bridge.close()


def test_a_source_without_a_reference_system_asks_for_it_and_an_old_import_may_be_replaced(
    qtbot: QtBot, shown: Shown, sources: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, box = of(shown)
    wishes: list[Wish] = []
    box.look_at(sources / "bare.shp")
    assert box.crs.isHidden(), "only where it is needed"
    press(box, "start")
    ended(qtbot, box)
    assert "没有说明坐标系" in box.words.text()
    assert "--crs" not in box.words.text(), "the panel's own remedy"
    assert box.crs.isVisible()
    QTest.keyClicks(box.crs, "EPSG:4547")
    QTest.keyClick(box.crs, Qt.Key.Key_Return)
    assert box.state == "run"
    ended(qtbot, box)
    assert "EPSG:4547" in box.words.text()
    assert (own_folder() / "bare.geojson").is_file()
    box._take_outcome(refusal("exists", file="bare.geojson"))
    assert "已经存在" in box.words.text()
    assert "--replace" not in box.words.text()
    monkeypatch.setattr(box.run, "start", wishes.append)
    press(box, "replace")
    assert wishes[0].command()[-2:] == ["--crs=EPSG:4547", "--replace"]


def test_pictures_are_drawn_without_a_restart_over_the_others_and_found_again(
    qtbot: QtBot, shown: Shown, sources: Path
) -> None:
    panel, box = of(shown)
    view = shown.screen.map
    before = view.grab().toImage()
    box.look_at(sources / "halves.tif")
    box.only_seen.setChecked(True)
    press(box, "start")
    ended(qtbot, box)
    assert isinstance(box._outcome, Report), box.words.text()
    qtbot.waitUntil(lambda: isinstance(view.tiles.packages.get(-1), Package), timeout=_LONG_MS)
    assert "halves" in panel.lines()[0]
    panel.hide()
    at = view.view.point(LAT - 0.004, LON - 0.006).toPoint()
    qtbot.waitUntil(lambda: view.grab().toImage().pixel(at) != before.pixel(at), timeout=_LONG_MS)
    (found,) = found_packages(own_folder())
    again = MapView(bridge_with(FakeDesk(), FakeDesk()), Theme(), SPEECH)
    qtbot.addWidget(again)
    qtbot.waitUntil(lambda: 0 in again.tiles.packages, timeout=_LONG_MS)
    package = again.tiles.packages[0]
    assert isinstance(package, Package)
    assert (package.source.name, package.source.datum, found.datum) == ("halves", "cgcs2000", "unknown")
    again.tiles.close()


def test_heights_are_brought_in_listed_and_used_by_the_radio_reach_at_once(
    qtbot: QtBot, shown: Shown, sources: Path
) -> None:
    panel, box = of(shown)
    reckoning = panel.reckoning
    assert reckoning is not None
    answers: list[object] = []
    ends = Ends(
        begin_deg=(34.31, 113.71), end_deg=(34.33, 113.73), begin_height_m=4.0, end_height_m=1.5, frequency_mhz=370.0
    )
    reckoning.judge(ends, answers.append)
    assert answers == [Nothing(reason="no_folder")]
    assert "没有高程" in panel.height_lines()[0]
    box.look_at(sources / "halves.tif")
    assert not box.heights.isChecked()
    assert box.heights.isVisible()
    box.look_at(sources / "county.gpkg")
    assert box.heights.isHidden(), "only what can be heights is asked for"
    box.look_at(sources / "dem.tif")
    assert box.heights.isChecked(), "its name says so"
    assert "并入本机高程" in box.words.text()
    press(box, "start")
    ended(qtbot, box)
    assert isinstance(box._outcome, Report), box.words.text()
    assert Path(box._outcome.out) == own_heights()
    assert [file.name for file in own_heights().iterdir()] == ["N34E113.hgt"]
    qtbot.waitUntil(lambda: panel.height_lines() == ["高程：1 个一度格（N34E113）"], timeout=_LONG_MS)
    reckoning.judge(ends, answers.append)
    qtbot.waitUntil(lambda: len(answers) == 2, timeout=_LONG_MS)
    assert isinstance(answers[1], Link)
    again = Reckoning(shown.bridge)
    again.judge(ends, answers.append)
    qtbot.waitUntil(lambda: len(answers) == 3, timeout=_LONG_MS)
    assert isinstance(answers[2], Link), "after a restart too"


def test_a_picture_ticked_as_heights_is_refused_with_the_panels_own_remedy(
    qtbot: QtBot, shown: Shown, sources: Path
) -> None:
    _, box = of(shown)
    box.look_at(sources / "halves.tif")
    box.heights.setChecked(True)
    press(box, "start")
    ended(qtbot, box)
    assert "去掉“这是高程”" in box.words.text()
    assert not own_heights().exists()
    box.heights.setChecked(False)
    assert box.acts["start"].isVisible(), "and can be brought in as a picture"


def test_the_heights_configured_are_believed_before_those_brought_in(tmp_path: Path) -> None:
    for name, height_m in (("configured", 100), ("own", 200)):
        (tmp_path / name).mkdir()
        np.full((1201, 1201), height_m, ">i2").tofile(tmp_path / name / "N34E113.hgt")
    np.full((1201, 1201), 300, ">i2").tofile(tmp_path / "own" / "N34E114.hgt")
    ground = Ground(tmp_path / "configured", tmp_path / "own")
    assert ground.height_m(34.5, 113.5) == 100
    assert ground.height_m(34.5, 114.5) == 300


def test_a_cancelled_import_leaves_neither_a_file_nor_a_process(qtbot: QtBot, shown: Shown, sources: Path) -> None:
    _, box = of(shown)
    of_others = set(psutil.Process().children(recursive=True))  # of fixtures that outlive a test
    box.look_at(sources / "dense.gpkg")
    press(box, "start")
    qtbot.waitUntil(lambda: box._progress is not None, timeout=_LONG_MS)
    children = set(psutil.Process().children(recursive=True)) - of_others
    assert [one for one in children if "console.importing.worker" in one.cmdline()]
    press(box, "cancel")
    ended(qtbot, box)
    assert "已取消" in box.words.text()
    assert not list(own_folder().iterdir())
    gone_by = time.monotonic() + 10
    while left := [one for one in children if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]:
        assert time.monotonic() < gone_by, left
        qtbot.wait(20)


def test_a_file_that_is_none_is_a_sentence_with_a_remedy(qtbot: QtBot, shown: Shown, tmp_path: Path) -> None:
    _, box = of(shown)
    bad = tmp_path / "地图.tif"
    bad.write_bytes(b"no picture")
    box.look_at(bad)
    press(box, "start")
    ended(qtbot, box)
    assert "与扩展名不符" in box.words.text()
    assert "请向提供者核对" in box.words.text()


def test_without_the_extra_the_panel_says_how_it_is_installed(
    qtbot: QtBot, shown: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    del qtbot
    panel, box = of(shown)
    monkeypatch.setattr(extra, "PACKAGES", ("no_such_package",))
    QTest.mouseClick(panel.import_button, Qt.MouseButton.LeftButton)
    assert extra.INSTALL in box.words.text()
    assert not box.acts["start"].isVisible()


def test_in_a_replay_nothing_is_brought_in_and_the_button_says_why(qtbot: QtBot, shown: Shown, sources: Path) -> None:
    del qtbot
    panel, box = of(shown)
    box.look_at(sources / "walk.gpx")
    shown.bridge.open_replay(None)
    shown.screen.show_picture(picture())
    assert not panel.import_button.isEnabled()
    assert panel.import_button.text() == SPEECH.say("import.panel.locked")
    assert not box.acts["start"].isEnabled()
    box._start()
    assert not box.run.is_running
    shown.bridge.return_live()
    assert panel.import_button.isEnabled()
    assert box.acts["start"].isEnabled()


def test_a_window_that_goes_ends_its_import(qtbot: QtBot, sources: Path) -> None:
    del qtbot
    view = MapView(bridge_with(FakeDesk(), FakeDesk()), Theme(), SPEECH)
    view.panel.box.look_at(sources / "dense.gpkg")
    view.panel.box._start()
    process = view.panel.box.run._process
    assert process is not None
    assert process.waitForStarted()
    number = process.processId()
    assert psutil.pid_exists(number)
    shiboken6.delete(view)
    assert not psutil.pid_exists(number)
    assert not list(own_folder().iterdir())


def test_a_geopackage_without_features_may_hold_pictures(shown: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    _, box = of(shown)
    wishes: list[Wish] = []
    monkeypatch.setattr(box.run, "start", wishes.append)
    for name, is_offered in (("a.gpkg", True), ("a.kml", False)):
        box.look_at(Path("/maps") / name)
        box._take_outcome(refusal("nothing", file=name, why=""))
        assert box.acts["pictures"].isVisible() == is_offered
    box.look_at(Path("/maps/a.gpkg"))
    box._take_outcome(refusal("nothing", file="a.gpkg", why=""))
    press(box, "pictures")
    assert wishes[0].out.name == "a.mbtiles"


def test_packages_of_the_own_folder_say_their_own_name_and_datum_and_strange_words_say_nothing(
    qtbot: QtBot,
) -> None:
    folder = own_folder()
    folder.mkdir(parents=True)
    write_mbtiles(folder / "a.mbtiles", block(12, 3340, 1629, 2), facts={"name": "郑州", "datum": "gcj02"})
    write_mbtiles(folder / "b.mbtiles", block(12, 3340, 1629, 2), facts={"datum": "mars"})
    (folder / ".half.mbtiles").touch()
    view = MapView(bridge_with(FakeDesk(), FakeDesk()), Theme(), SPEECH)
    qtbot.addWidget(view)
    qtbot.waitUntil(lambda: len(view.tiles.packages) == 2, timeout=_LONG_MS)
    told = {
        one.source.path.name: (one.source.name, one.source.datum)
        for one in view.tiles.packages.values()
        if isinstance(one, Package)
    }
    assert told == {"a.mbtiles": ("郑州", "gcj02"), "b.mbtiles": ("b", "unknown")}
    view.tiles.close()
