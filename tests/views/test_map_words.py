"""Words on the map: none lies on another's, whoever writes them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from console.map_marks import Geometry, Vertex
from console.road_facts import Road
from console.views.situation.road_layer import anchor_of
from tests.views.marked import mark
from tests.views.pictures import place, team
from tests.views.roaded import Roaded
from tests.views.roads import line, road

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")


def over_a_closed_road(qtbot: QtBot) -> tuple[Roaded, Road]:
    """The map with the roads' panel open, the road in its middle, and the road."""
    it = Roaded(qtbot)
    QTest.keyClick(it.screen, Qt.Key.Key_H)
    it.screen.resize(1500, 700)
    it.map._is_moved_by_hand = True
    it.map.view = it.map.view.centred(34.3717, 113.74)
    return it, road(line=line((34.3702, 113.74), (34.3732, 113.74)))


def test_no_name_of_a_team_lies_on_what_is_said_of_a_road_or_a_mark(qtbot: QtBot) -> None:
    it, closed = over_a_closed_road(qtbot)
    anchor = anchor_of(closed, it.map.view)
    # Beside the road's symbol stands what is said of it; there the team's name would stand, and the mark's words too.
    beside = place(*it.map.view.degrees_at(anchor - QPointF(40, 8)), 5)
    near = replace(team("应急通信小分队", "通", 6, 5, 15, beside), id="near")
    above = Vertex(*it.map.view.degrees_at(anchor - QPointF(0, 16)))
    hazard = mark("hazard", geometry=Geometry(shape="point", vertices=(above,)))
    it.show(closed, teams=(near,), marks=(hazard,))
    it.map.grab()
    written = it.map._canvas._overlay.written(it.map.view)
    assert len(written) == 2, "the road's words and the mark's"
    assert not written[0].intersects(written[1])
    assert "near" in it.map.label_rects, "a sentence takes nobody's name"
    assert not any(it.map.label_rects["near"].intersects(one) for one in written)


def test_where_a_sentence_has_no_room_the_road_and_its_state_still_stand(qtbot: QtBot) -> None:
    it, closed = over_a_closed_road(qtbot)
    anchor = anchor_of(closed, it.map.view)
    # Teams above, below and on both sides: no place for a sentence of four hundred pixels beside the symbol.
    around = [(190, 0), (-190, 0), (60, 24), (-60, 24), (60, -24), (-60, -24)]
    near = [
        replace(team("消", "消", 6, 5, 15, place(*it.map.view.degrees_at(anchor + QPointF(x, y)), 5)), id=f"t{x}{y}")
        for x, y in around
    ]
    it.show(closed)
    it.map.grab()
    (whole,) = it.map._canvas._overlay.written(it.map.view)
    it.show(closed, teams=tuple(near))
    it.map.grab()
    (brief,) = it.map._canvas._overlay.written(it.map.view)
    assert 60 < brief.width() < whole.width() / 2
