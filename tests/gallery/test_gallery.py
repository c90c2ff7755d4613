"""The gallery draws what it says: every screen of the window, none empty."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from console.views.theme import NIGHT
from console.views.widgets.navigation import SCREENS
from tests.gallery import render


@pytest.mark.usefixtures("qtbot")
def test_the_gallery_draws_every_screen_by_day_and_night(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(render, "SIZES", ((1366, 768),))
    monkeypatch.setattr(render, "LANGUAGES", ("zh",))
    drawn = {file.name: QImage(str(file)) for file in render.render_all(tmp_path)}
    assert set(drawn) == {f"{name}-1366x768-zh-{colours}.png" for name in SCREENS for colours in ("night", "day")}
    middles = {name: image.copy(70, 70, 1290, 690) for name, image in drawn.items()}
    for name, image in middles.items():
        assert image.width() == 1290, name
        assert sum(image == other for other in middles.values()) == 1, f"{name} looks like another screen"


@pytest.mark.usefixtures("qtbot")
def test_the_first_picture_of_the_bearers_has_their_charts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(render, "SIZES", ((1366, 768),))
    monkeypatch.delitem(sys.modules, "console.views.comms.chart", raising=False)
    first = next(render.render_all(tmp_path, screens=("comms",)))
    charts = QImage(str(first)).copy(340, 150, 200, 100)
    red = sum(charts.pixelColor(x, y) == NIGHT.alarm for x in range(charts.width()) for y in range(charts.height()))
    assert red > 500, "the bar of a bearer whose every packet is lost"
