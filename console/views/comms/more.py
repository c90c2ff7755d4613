"""What of the bearers stands outside the part that is seen: how many, and the worst of them by name."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QScrollArea

from console.picture import Bearer, BearerState
from console.views.comms.bearers import BearerRow, BearerRows
from console.views.speech import Speech
from console.views.telling import bearer_word
from console.views.theme import Size, Theme
from console.views.widgets.label import Label, fitting

_WORST_FIRST: tuple[BearerState, ...] = ("down", "degraded", "unknown", "up")


class MoreBearers(Label):
    """The line below the rows; hidden where all of them are seen."""

    def __init__(self, area: QScrollArea, rows: BearerRows, theme: Theme, speech: Speech) -> None:
        super().__init__(theme, size=Size.SMALL, tone="soft", is_bold=True)
        self._area, self._rows, self._speech = area, rows, speech
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self.refresh)
        # Later, never at once: these come while this very line is being shown or hidden, and a widget that is hidden
        # in the middle of being shown is both.
        area.verticalScrollBar().valueChanged.connect(lambda _: self._timer.start())
        area.verticalScrollBar().rangeChanged.connect(lambda *_: self._timer.start())
        self.hide()

    def refresh(self) -> None:
        """Say what is outside now."""
        above, below = self._outside()
        self.setVisible(bool(above or below))
        parts = [
            self._speech.say(f"comms.more_bearers.{way}", count=len(some))
            for way, some in (("above", above), ("below", below))
            if some
        ]
        worst = sorted([*above, *below], key=lambda one: (_WORST_FIRST.index(one.state), not one.is_unstable))
        named = [f"{one.name} {bearer_word(one, self._speech)}" for one in worst]
        room = self._area.width() - 2 * self._theme.space(3.5)
        self.say(fitting([*parts, *named], room, self._theme.metrics(Size.SMALL, is_bold=True)))
        is_bad = any(one.state in ("down", "degraded") for one in worst)
        self.set_tone("warn" if is_bad else "soft")

    def _outside(self) -> tuple[list[Bearer], list[Bearer]]:
        top = self._area.verticalScrollBar().value()
        # As if this line were not there: else it would take the room that makes it needed.
        own = 0 if self.isHidden() else self.height()
        low, is_all = top + self._area.viewport().height(), top == 0
        rows = [row for row in self._rows.rows if not row.isHidden()]
        if is_all and (not rows or _end(rows[-1]) <= low + own):
            return [], []
        above = [row.bearer for row in rows if row.y() + row.height() / 2 < top]
        below = [row.bearer for row in rows if _end(row) > low + 1 and row.y() + row.height() / 2 >= top]
        return [one for one in above if one is not None], [one for one in below if one is not None]


def _end(row: BearerRow) -> int:
    return row.y() + row.height()
