# ruff: noqa: N802 - the names of overridden methods are Qt's
"""导入: a map of somebody else's, asked for in the panel of the maps, watched, cancelled, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QWidget,
)

from console.importing import extra
from console.importing.asking import Wish, may_be_heights, sounds_like_heights
from console.importing.job import DATUMS, Progress, Report
from console.importing.source import SUFFIXES
from console.importing.telling import said_report
from console.importing.trouble import refusal
from console.ownmaps import own_folder
from console.trouble import OperatorError
from console.views.situation.import_run import ImportRun
from console.views.speech import Speech
from console.views.theme import Metric, Theme
from console.views.widgets.paragraph import Paragraph

State = Literal["idle", "ask", "run", "told"]
Area = tuple[float, float, float, float]
_ACTS = ("start", "replace", "pictures", "cancel", "away")
_ASKS_CRS = ("no_crs", "unknown_crs", "crs_does_not_fit")
_IN_PANEL = (
    "no_crs",
    "exists",
    "memory",
    "too_much",
    "too_many_tiles",
    "too_wide",
    "nothing",
    "no_heights",
    "no_bands",
)
"""Refusals whose remedy the panel has itself; the command line says it otherwise."""
_OFFERS = {"exists": "replace", "nothing": "pictures"}


class ImportBox(QFrame):
    """Idle it is hidden.  ``imported`` carries the Report of what was made; ``changed``: it takes another height."""

    imported = Signal(object)
    changed = Signal()

    def __init__(self, seen: Callable[[], Area | None], theme: Theme, speech: Speech) -> None:
        super().__init__()
        self._seen = seen
        self._theme = theme
        self._speech = speech
        self.state: State = "idle"
        self._wish: Wish | None = None
        self._outcome: Report | OperatorError | None = None
        self._progress: Progress | None = None
        self.is_locked = False
        self.run = ImportRun()
        self.run.progressed.connect(self._take_progress)
        self.run.ended.connect(self._take_outcome)
        self.setObjectName("map-import")
        self.words = Paragraph(theme, tone="text")
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.datum = QComboBox()
        self.crs = QLineEdit()
        self.crs.returnPressed.connect(self._start)
        self.only_seen = QCheckBox()
        self.heights = QCheckBox()
        self.heights.toggled.connect(lambda _: self.restyle())
        self.acts = {name: QPushButton() for name in _ACTS}
        self._grid = QGridLayout(self)
        self._lay_out()
        self._show("idle")

    def _lay_out(self) -> None:
        for name, act in {
            "start": self._start,
            "replace": lambda: self._start(may_replace=True),
            "pictures": lambda: self._start(is_pictures=True),
            "cancel": self.cancel,
            "away": self.put_away,
        }.items():
            self.acts[name].setObjectName(f"map-import-{name}")
            self.acts[name].clicked.connect(lambda *_, act=act: act())
        buttons = QHBoxLayout()
        for button in self.acts.values():
            buttons.addWidget(button)
        buttons.addStretch(1)
        whole: tuple[QWidget, ...] = (self.words, self.bar, self.crs)
        for row, part in enumerate(whole):
            self._grid.addWidget(part, row, 0, 1, 2)
        self._grid.addWidget(self.datum, len(whole), 0)
        self._grid.addWidget(self.only_seen, len(whole), 1)
        self._grid.addWidget(self.heights, len(whole) + 1, 0, 1, 2)
        self._grid.addLayout(buttons, len(whole) + 2, 0, 1, 2)

    # ---- asking

    def choose(self) -> None:
        """Ask which file; without the extra say how it is installed."""
        if self.run.is_running:
            return
        if not extra.is_there():
            self._wish, self._outcome = None, refusal("no_extra", command=extra.INSTALL)
            self._show("told")
            return
        dialog = QFileDialog(self.window(), self._speech.say("import.panel.choose"))
        dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        known = " ".join(f"*{suffix}" for suffix in SUFFIXES)
        dialog.setNameFilters([self._speech.say("import.panel.filter", known=known), "(*)"])
        dialog.fileSelected.connect(lambda name: self.look_at(Path(name)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def look_at(self, source: Path) -> None:
        """This file is meant; nothing begins before that is confirmed."""
        self._wish, self._outcome = Wish(source=source, folder=own_folder()), None
        self.crs.clear()
        self.only_seen.setChecked(False)
        self.heights.setChecked(sounds_like_heights(source))
        self.retranslate()
        self.datum.setCurrentIndex(0)
        self._show("ask")
        self.acts["start"].setFocus()

    def _start(self, *, may_replace: bool = False, is_pictures: bool = False) -> None:
        wish = self._wish
        if wish is None or self.is_locked or self.run.is_running:
            return
        self._wish = replace(
            wish,
            crs=self.crs.text().strip(),
            datum=self.datum.currentData(),
            area_deg=self._seen() if self.only_seen.isChecked() else None,
            is_pictures=is_pictures or wish.is_pictures,
            is_heights=self.heights.isChecked() and not is_pictures,
            may_replace=may_replace,
        )
        self._progress, self._outcome = None, None
        self._show("run")
        self.acts["cancel"].setFocus()
        self.run.start(self._wish)

    def cancel(self) -> None:
        """End what runs, or forget what was asked."""
        if self.run.is_running:
            self.run.cancel()
        else:
            self.put_away()

    def put_away(self) -> None:
        """What came of it was read."""
        self._wish = self._outcome = None
        self._show("idle")

    def lock(self, *, is_locked: bool) -> None:
        """In a replay nothing new is brought in; what runs goes on."""
        self.is_locked = is_locked
        self._show(self.state)

    # ---- what came of it

    def _take_progress(self, progress: Progress) -> None:
        self._progress = progress
        self.bar.setRange(0, max(1, progress.total))
        self.bar.setValue(progress.done)
        self.words.say(self._said(), "text")

    def _take_outcome(self, outcome: Report | OperatorError | None) -> None:
        self._outcome = outcome
        self._show("told")
        if isinstance(outcome, Report):
            self.imported.emit(outcome)

    @property
    def _refused(self) -> str:
        """Why it was refused, in one word; empty where it was not."""
        return self._outcome.text.id.rpartition(".")[2] if isinstance(self._outcome, OperatorError) else ""

    def _said(self) -> str:
        if self.state == "told":
            return self._said_outcome()
        say, step = self._speech.say, self._progress
        if self._wish is None:
            return ""
        file = self._wish.source.name
        if self.state == "ask":
            return say("import.panel.ready_heights" if self.heights.isChecked() else "import.panel.ready", file=file)
        if step is None:
            return say("import.panel.running", file=file)
        done = f"{step.done}/{step.total} {step.what}".strip()
        return f"{say('import.panel.running', file=file)} · {say(f'import.step.{step.step}')} {done}"

    def _said_outcome(self) -> str:
        say, outcome = self._speech.say, self._outcome
        if isinstance(outcome, Report):
            return "\n".join(said_report(outcome, self._speech.language))
        if outcome is None:
            return say("import.cancelled", file=self._wish.source.name if self._wish is not None else "")
        has_own = self._refused in _IN_PANEL and (self._refused != "nothing" or self._may_hold_pictures())
        remedy = say(f"import.panel.remedy.{self._refused}") if has_own else self._speech.tell(outcome.remedy)
        return f"{self._speech.tell(outcome.text)}\n{remedy}"

    def _may_hold_pictures(self) -> bool:
        wish = self._wish
        return wish is not None and wish.source.suffix.lower() == ".gpkg" and not wish.is_pictures

    def _show(self, state: State) -> None:
        self.state = state
        is_over = state == "told"
        can_ask = self._wish is not None and (state == "ask" or (is_over and bool(self._refused)))
        offer = _OFFERS.get(self._refused, "")
        if offer == "pictures" and not self._may_hold_pictures():
            offer = ""
        shown = {
            "start": can_ask and self._refused != "no_extra" and offer != "replace",
            "replace": is_over and offer == "replace",
            "pictures": is_over and offer == "pictures",
            "cancel": state in ("ask", "run"),
            "away": is_over,
        }
        for name, button in self.acts.items():
            button.setVisible(shown[name])
            button.setEnabled(name in ("cancel", "away") or not self.is_locked)
        self.bar.setVisible(state == "run")
        if state == "run" and self._progress is None:
            self.bar.setRange(0, 0)
        self.datum.setVisible(can_ask)
        self.only_seen.setVisible(can_ask)
        self.heights.setVisible(can_ask and self._wish is not None and may_be_heights(self._wish.source))
        asks_crs = is_over and (self._refused in _ASKS_CRS)
        self.crs.setVisible(asks_crs or (can_ask and bool(self.crs.text())))
        self.setVisible(state != "idle")
        self.restyle()
        if asks_crs:
            self.crs.setFocus()

    def retranslate(self) -> None:
        """Say everything anew."""
        say = self._speech.say
        for name, button in self.acts.items():
            button.setText(say(f"import.panel.{name}"))
        self.only_seen.setText(say("import.panel.seen"))
        self.heights.setText(say("import.panel.heights"))
        self.crs.setPlaceholderText(say("import.panel.crs"))
        blocked, chosen = QSignalBlocker(self.datum), self.datum.currentIndex()
        self.datum.clear()
        self.datum.addItem(say("import.panel.as_said"), None)
        for datum in DATUMS:
            self.datum.addItem(say(f"import.datum.{datum}"), datum)
        self.datum.setCurrentIndex(max(0, chosen))
        blocked.unblock()
        self.restyle()

    def restyle(self) -> None:
        """Measure and colour anew."""
        theme, gap = self._theme, self._theme.space(2)
        again = "again" if self.state == "told" else "start"
        self.acts["start"].setText(self._speech.say(f"import.panel.{again}"))
        self._grid.setContentsMargins(gap, gap, gap, gap)
        self._grid.setSpacing(gap)
        palette = theme.palette
        line, corner = theme.px(Metric.HAIRLINE), theme.px(Metric.CORNER)
        self.setStyleSheet(
            f"#map-import {{ background: {palette.raised.name()}; border: {line}px solid {palette.line.name()}; }}"
            f" QProgressBar {{ background: {palette.field.name()}; border: {line}px solid {palette.line.name()};"
            f" border-radius: {corner}px; max-height: {theme.space(4)}px; }}"
            f" QProgressBar::chunk {{ background: {palette.info.name()}; }}"
        )
        touch = theme.px(Metric.TOUCH)
        for part in (self.datum, self.only_seen, self.heights, self.crs, *self.acts.values()):
            part.setMinimumHeight(touch)
        for name, button in self.acts.items():
            button.setProperty("role", "primary" if name in ("start", "replace", "pictures") else None)
            button.setStyleSheet("min-width: 0;")
        self.words.restyle()
        self.words.say(self._said(), "alarm" if self._refused else "text")
        self.changed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc cancels or puts away what was told; the panel stays."""
        if event.key() == Qt.Key.Key_Escape and self.state != "run":
            self.put_away()
        else:
            super().keyPressEvent(event)
