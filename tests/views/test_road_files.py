"""Files of marks and roads from the panel of roads."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.orders import AddMark
from console.road_orders import AddRoad, ReportRoad
from console.views.roadwords import words_of
from tests.views.marked import mark
from tests.views.pictures import MIN, NOW
from tests.views.roaded import Roaded
from tests.views.roads import report, road, roads
from tests.views.situation_rig import SPEECH

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")


def test_roads_and_marks_go_into_one_file_and_only_what_is_new_comes_back(qtbot: QtBot, tmp_path: Path) -> None:
    it = Roaded(qtbot, *roads(), marks=(mark("k"),))
    assert it.roading.panel.acts["read"].isVisible()
    out = tmp_path / "map.geojson"
    it.roading.files.save(out)
    QApplication.processEvents()
    assert "1 个标绘、5 条道路" in it.roading.panel.said.text()
    it.show(replace(roads()[0], report=report("open", 300)), roads()[1])
    it.roading.panel.by.setText("李")
    it.roading.files.read(out)
    QApplication.processEvents()
    assert it.orders == []
    said = it.roading.panel.report.text().splitlines()
    assert said[0] == "map.geojson:可加上 1 个标绘、3 条道路"
    assert "1 条已有道路,采用文件里更新的路况" in said
    assert "1 个已经在图上,不再加" in said
    assert "其中 1 条标为撤离路" in said
    it.press("file-add")
    assert [type(order) for order in it.orders] == [AddMark, ReportRoad, AddRoad, AddRoad, AddRoad]
    batches = {order.batch for order in it.orders}  # type: ignore[union-attr]
    assert len(batches) == 1
    assert batches != {""}, "one key takes back all of it"
    news, north = it.orders[1], it.orders[2]
    assert isinstance(news, ReportRoad)
    assert (news.road_id, news.state, news.by, news.read_by) == ("bridge", "closed", "王磊", "李")
    assert isinstance(north, AddRoad)
    assert north.passage is not None
    assert (north.is_exit, north.passage.name, north.passage.at_ns) == (True, "公安交警组", NOW - 47 * MIN)
    assert it.roading.panel.page == "list"


def test_a_file_that_is_none_is_a_sentence_and_nothing_can_be_added(qtbot: QtBot, tmp_path: Path) -> None:
    it = Roaded(qtbot, road())
    file = tmp_path / "a.geojson"
    file.write_bytes(b"[" * 100_000)
    it.roading.files.read(file)
    QApplication.processEvents()
    assert "不是 JSON" in it.roading.panel.report.text()
    it.show(*roads())
    assert not it.roading.panel.acts["file-add"].isEnabled()
    it.press("file-leave")
    assert (it.roading.panel.page, it.orders) == ("list", [])


def test_in_a_replay_roads_are_written_and_none_are_read(qtbot: QtBot) -> None:
    it = Roaded(qtbot, road())
    it.bridge.open_replay(None)
    it.show(road())
    acts = it.roading.panel.acts
    assert (acts["save"].isEnabled(), acts["read"].isEnabled()) == (True, False)


def test_a_vehicle_of_another_post_is_never_called_this_vehicle() -> None:
    passage = roads()[4].passage
    assert passage is not None
    assert "本车" in words_of(road(passage=passage, report=None), SPEECH, NOW).said
    theirs = road(passage=replace(passage, team_id=""), report=None)
    assert "别处的车" in words_of(theirs, SPEECH, NOW).said
