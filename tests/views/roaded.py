"""A situation screen with the panel of roads open."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.map_marks import MapMark
from console.picture import Picture, Road
from tests.views.file_desk import FileDesk
from tests.views.pictures import picture
from tests.views.situation_rig import Shown


class Roaded(Shown):
    """A situation screen whose picture has roads, with the panel open."""

    def __init__(self, qtbot: QtBot, *shown: Road, marks: tuple[MapMark, ...] = ()) -> None:
        super().__init__(qtbot, FileDesk())
        self.roading = self.screen.roading
        self.map = self.screen.map
        self.show(*shown, marks=marks)
        QTest.keyClick(self.screen, Qt.Key.Key_H)
        QApplication.processEvents()

    def show(self, *shown: Road, **changes: Any) -> Picture:
        self.picture = picture(roads=shown, **changes)
        self.screen.show_picture(self.picture)
        QApplication.processEvents()
        return self.picture

    def press(self, act: str) -> None:
        self.roading.panel.acts[act].click()
        QApplication.processEvents()

    def click_row(self, road_id: str) -> None:
        row = self.roading.panel.list.row_rect(road_id).center().toPoint()
        QTest.mouseClick(self.roading.panel.list, Qt.MouseButton.LeftButton, pos=row)
        QApplication.processEvents()

    def click_state(self, state: Any) -> None:
        QTest.mouseClick(self.roading.panel.states[state], Qt.MouseButton.LeftButton)
        QApplication.processEvents()

    def tap(self, x: float, y: float) -> None:
        QTest.mouseClick(self.map, Qt.MouseButton.LeftButton, pos=QPoint(round(x), round(y)))

    def drag(self, begin: QPointF, end: QPointF) -> None:
        QTest.mousePress(self.map, Qt.MouseButton.LeftButton, pos=begin.toPoint())
        for point in ((begin + end) / 2, end):
            QTest.mouseMove(self.map, point.toPoint())
        QTest.mouseRelease(self.map, Qt.MouseButton.LeftButton, pos=end.toPoint())

    def redraw(self, road_id: str) -> list[QPointF]:
        """Bring this road into sight and mend its line; its corners on the screen."""
        self.click_row(road_id)
        self.press("go")
        self.press("redraw")
        return [self.map.view.point(*corner) for corner in self.roading.tool.corners]
