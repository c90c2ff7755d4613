# ruff: noqa: N802 - the names of overridden methods are Qt's
"""The place of a bearer's history; the chart itself is loaded after the first painting.

In the window's own thread: PySide makes its enumerations when they are first needed, and two threads that need one at
once end the process.  The window stands for a third of a second, once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from itertools import pairwise
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QSize, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from console.picture import BearerSample, Gap
from console.views.speech import NS_PER_S, Speech
from console.views.theme import Theme

if TYPE_CHECKING:
    from console.views.comms.chart import Chart

_CHART = "console.views.comms.chart"
_HEIGHT_PX = 72.0
_HEADROOM = 1.15
_NEARLY_ALL = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """What is drawn: the samples from ``from_ns`` to ``to_ns``, and the times in which this console did not look.

    A sample stands for the ``step_ns`` before its moment.  ``note_id`` says why there is nothing, where there is not.
    ``is_dated``: the left edge says when it is.
    """

    from_ns: int
    to_ns: int
    step_ns: int
    samples: tuple[BearerSample, ...] = ()
    gaps: tuple[Gap, ...] = ()
    note_id: str = "comms.no_history"
    is_dated: bool = False


def slot_ns(samples: Sequence[BearerSample]) -> int:
    """The length of a time slot: the shortest step between samples, a hole being no slot."""
    steps = [later.at_ns - sooner.at_ns for sooner, later in pairwise(samples)]
    return min((step for step in steps if step > 0), default=10 * NS_PER_S)


def runs(samples: Sequence[BearerSample], step_ns: int) -> list[list[BearerSample]]:
    """Stretches of samples with an answer and without a hole between: only these may be joined by a line."""
    found: list[list[BearerSample]] = []
    last_ns = 0
    for sample in samples:
        if sample.median_ms is None:
            last_ns = 0
            continue
        if not last_ns or sample.at_ns - last_ns > step_ns * 2:
            found.append([])
        found[-1].append(sample)
        last_ns = sample.at_ns
    return found


def ceiling_ms(samples: Sequence[BearerSample]) -> float:
    """The round trip at the upper edge: a little above nearly all; one outlier may not flatten the rest."""
    highs = sorted(s.high_ms or s.median_ms or 0.0 for s in samples if s.median_ms is not None)
    return highs[int((len(highs) - 1) * _NEARLY_ALL)] * _HEADROOM or 1.0 if highs else 1.0


class HistoryView(QWidget):
    """One bearer's chart, once it is loaded; before that its ground."""

    def __init__(self, theme: Theme, speech: Speech, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._speech = theme, speech
        self._stretch: Stretch | None = None
        self._is_asked = False
        self.chart: Chart | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_stretch(self, stretch: Stretch) -> None:
        """Draw this."""
        self._stretch = stretch
        if self.chart is not None:
            self.chart.show_stretch(stretch)

    def showEvent(self, event: QShowEvent) -> None:
        """Load the chart, after what is ready was painted."""
        super().showEvent(event)
        if not self._is_asked:
            self._is_asked = True
            QTimer.singleShot(0, self, self._load)

    def _load(self) -> None:
        kind = cast("type[Chart]", import_module(_CHART).Chart)
        self.chart = kind(self._theme, self._speech)
        self._column.addWidget(self.chart)
        if self._stretch is not None:
            self.chart.show_stretch(self._stretch)

    def restyle(self) -> None:
        """Colour and measure anew."""
        if self.chart is not None:
            self.chart.restyle()

    def sizeHint(self) -> QSize:
        """As high as a row has room for."""
        return QSize(self._theme.px(_HEIGHT_PX) * 3, self._theme.px(_HEIGHT_PX))
