"""Files of marks and roads, as a panel asks for them: looked at before anything is added, written as of this moment."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, QSignalBlocker
from PySide6.QtWidgets import QFileDialog

from console.bridge import Bridge
from console.orders import AddMark
from console.picture import Picture
from console.queries import DrawnFilePage, DrawnFileRequest, DrawnWriteRequest, ExportPage, FileDatum, Page
from console.road_features import News, news
from console.road_orders import AddRoad
from console.views.situation.draw_panel import DrawPanel
from console.views.speech import Speech

DATUMS: tuple[FileDatum, ...] = ("wgs84", "gcj02", "bd09")


class DrawnExchange(QObject):
    """Reads and writes through the bridge; says what came of it on the panel."""

    def __init__(
        self,
        panel: DrawPanel,
        bridge: Bridge,
        speech: Speech,
        picture: Callable[[], Picture | None],
        by: Callable[[], str],
    ) -> None:
        super().__init__(panel)
        self._panel = panel
        self._bridge = bridge
        self._speech = speech
        self._picture = picture
        self._by = by
        self._file: Path | None = None
        self._orders: tuple[News, ...] = ()
        panel.datum.currentIndexChanged.connect(lambda _: self._ask_file())

    def choose_file(self) -> None:
        """Ask which file to look at."""
        dialog = QFileDialog(self._panel, self._speech.say("situation.file.read"))
        dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters(["GeoJSON (*.geojson *.json)", "(*)"])
        dialog.fileSelected.connect(lambda name: self.read(Path(name)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def read(self, file: Path) -> None:
        """Look what this file would add; nothing is added before that is confirmed."""
        self._file = file
        self.retranslate()
        self._panel.datum.setCurrentIndex(0)
        self._panel.turn_to("file")
        self._ask_file()

    def retranslate(self) -> None:
        """Say the datums anew."""
        combo = self._panel.datum
        blocked = QSignalBlocker(combo)
        chosen = combo.currentData()
        combo.clear()
        for datum in DATUMS:
            combo.addItem(self._speech.say(f"situation.file.datum.{datum}"), datum)
        combo.setCurrentIndex(max(0, combo.findData(chosen)))
        blocked.unblock()

    def _ask_file(self) -> None:
        file, picture = self._file, self._picture()
        if file is None or picture is None or self._panel.page != "file":
            return
        self._orders = ()
        self._panel.acts["file-add"].setEnabled(False)
        self._panel.report.say(self._speech.say("situation.file.reading", file=file.name), "soft")
        request = DrawnFileRequest(
            file=file,
            by=self._by(),
            now_ns=self._bridge.now_ns(),
            mode=picture.mode,
            datum=self._panel.datum.currentData() or DATUMS[0],
        )
        self._bridge.query(request, self._take_file)

    def _take_file(self, page: Page | None) -> None:
        say, picture = self._speech.say, self._picture()
        if not isinstance(page, DrawnFilePage) or page.reading is None or picture is None or self._file is None:
            trouble = page.trouble if isinstance(page, DrawnFilePage) else None
            words = say("situation.file.not_read")
            if trouble is not None:
                words = f"{self._speech.tell(trouble.text)}\n{self._speech.tell(trouble.remedy)}"
            self._panel.report.say(words, "alarm")
            return
        self._orders = news(page.reading.orders, picture.marks, picture.roads)
        marks = sum(isinstance(order, AddMark) for order in self._orders)
        roads = [order for order in self._orders if isinstance(order, AddRoad)]
        lines = [say("situation.file.holds", file=self._file.name, count=marks, roads=len(roads))]
        counts = {
            "exits": sum(road.is_exit for road in roads),
            "reports": len(self._orders) - marks - len(roads),
            "known": len(page.reading.orders) - len(self._orders),
        }
        lines += [say(f"situation.file.{name}", count=count) for name, count in counts.items() if count]
        for reason, count in (*page.reading.left_out, *page.reading.altered):
            lines.append(say(f"situation.file.reason.{reason}", count=count))
        self._panel.report.say("\n".join(lines), "text")
        self._panel.acts["file-add"].setEnabled(bool(self._orders) and not self._bridge.is_replaying)

    def taken(self) -> tuple[News, ...]:
        """The orders that the file comes to, to be undone as one; they are given once."""
        orders, self._orders = self._orders, ()
        batch = secrets.token_hex(8)
        return tuple(replace(order, batch=batch) for order in orders)

    def choose_out(self) -> None:
        """Ask where to write."""
        picture = self._picture()
        if picture is None:
            return
        dialog = QFileDialog(self._panel, self._speech.say("situation.file.save"))
        dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("geojson")
        word = "-drill" if picture.mode == "drill" else ""
        dialog.selectFile(f"map{word}.geojson")
        dialog.fileSelected.connect(lambda name: self.save(Path(name)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def save(self, out: Path) -> None:
        """Write the marks and roads of this moment."""
        picture = self._picture()
        if picture is not None:
            at_ns = self._bridge.now_ns()
            self._bridge.query(DrawnWriteRequest(out=out, picture=picture, at_ns=at_ns), self._saved)

    def _saved(self, page: Page | None) -> None:
        if isinstance(page, ExportPage):
            words = f"{self._speech.tell(page.text)} {self._speech.tell(page.remedy)}".strip()
            self._panel.said.say(words, "info" if page.is_good else "alarm")
