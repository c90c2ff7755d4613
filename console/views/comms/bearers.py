"""One row a bearer: rung, name and state, need and reason, history, figures."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from console.bridge import Bridge
from console.picture import Bearer, Device, Picture
from console.views.comms.describe import bearer_facts, bearer_lines, brief_lines, recovery, relied_on
from console.views.comms.history import HistoryView
from console.views.comms.spans import Histories
from console.views.pace import use_tone
from console.views.speech import Speech
from console.views.telling import bearer_tone, bearer_word
from console.views.theme import Metric, Size, Theme
from console.views.widgets.facts import FactBox
from console.views.widgets.label import CENTRE, LEFT, Label
from console.views.widgets.paragraph import Paragraph

_IDENTITY_WIDTH_PX, _IDENTITY_COMPACT_PX = 264.0, 204.0
_HISTORY_WIDTH_PX, _HISTORY_COMPACT_PX = 350.0, 132.0
_HISTORY_HEIGHT_PX, _HISTORY_HEIGHT_COMPACT_PX = 72.0, 56.0
_RUNG_WIDTH_PX, _RUNG_HEIGHT_PX = 34.0, 30.0
_ROW_HEIGHT_PX, _ROW_HEIGHT_COMPACT_PX = 98.0, 67.0
"""On a laptop six rows stand below one another: a vehicle has so many bearers."""
_FACT_COLUMNS, _FACT_COLUMNS_COMPACT = 4, 3
_MOST_LINES = 8
_WRAPPED = int(LEFT) | int(Qt.TextFlag.TextWordWrap)
_RECEIPT_STRETCH, _FIGURE_STRETCH = (3, 5), (2, 4)
"""Of the first column and of the others: roomy, compact."""


class BearerRow(QWidget):
    """One bearer; everything with an age is said anew by ``refresh``."""

    def __init__(self, bridge: Bridge, histories: Histories, theme: Theme, speech: Speech) -> None:
        super().__init__()
        self._bridge, self._histories, self._theme, self._speech = bridge, histories, theme, speech
        self._bearer: Bearer | None = None
        self._device: Device | None = None
        self._picture: Picture | None = None
        self._columns = _FACT_COLUMNS
        self._is_compact = False
        self.is_brief = False
        self.whole_px = 0
        """How high the row is with all of its reason; ``is_brief`` it may take no more than two lines with the use."""
        self._reason = self._cut = ""
        self._cut_for: object = None
        self._height_px = _ROW_HEIGHT_PX
        self.rung = Label(theme, size=Size.BODY, is_bold=True)
        self.rung.setAlignment(CENTRE)
        self.rung.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.name = Label(theme, size=Size.STRONG, is_bold=True)
        self.state = Label(theme, size=Size.STRONG, is_bold=True)
        self.use = Label(theme, size=Size.SMALL, tone="info")
        self.since = Label(theme, size=Size.SMALL, tone="soft")
        self.why = Paragraph(theme, size=Size.SMALL, tone="soft")
        self.history = HistoryView(theme, speech)
        self._boxes: list[FactBox] = []
        self._title, self._identity, self._facts = QHBoxLayout(), QVBoxLayout(), QGridLayout()
        self.name.setSizePolicy(self.name.sizePolicy().Policy.Maximum, self.name.sizePolicy().Policy.Fixed)
        self._title.addWidget(self.name)
        self._title.addWidget(self.state, 1)
        self._identity.addStretch(1)
        self._identity.addLayout(self._title)
        for label in (self.use, self.since, self.why):
            self._identity.addWidget(label)
        self._identity.addStretch(1)
        self._place = QWidget()
        self._place.setLayout(self._identity)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self.rung)
        self._row.addWidget(self._place)
        self._row.addWidget(self.history)
        self._row.addLayout(self._facts, 1)

    def show_bearer(self, bearer: Bearer, picture: Picture, device: Device | None) -> None:
        """Show this bearer of the picture; ``device`` is the one it stands on."""
        self._bearer, self._picture, self._device = bearer, picture, device
        self.refresh()

    def refresh(self) -> None:
        """Say everything for this moment."""
        bearer, picture = self._bearer, self._picture
        if bearer is None or picture is None:
            return
        now_ns, say = self._bridge.now_ns(), self._speech.say
        self.rung.say(say(f"word.rung.{bearer.rung}"))
        self.name.say(bearer.name)
        self.state.say(bearer_word(bearer, self._speech))
        self.state.set_tone(bearer_tone(bearer))
        lines = brief_lines if self._is_compact else bearer_lines
        use, since, why = lines(bearer, picture.pace, self._speech, now_ns)
        self.use.say(use)
        self.use.set_tone(use_tone(bearer, picture.pace))
        self.use.setVisible(bool(use))
        self.since.say(since)
        self.since.setVisible(bool(since))
        self._reason = why
        self.why.setVisible(bool(why))
        self.history.show_stretch(self._histories.stretch(bearer, picture, now_ns))
        said = bearer_facts(bearer, self._speech, now_ns, self._device)
        said[1:1] = recovery(bearer, picture, self._speech, now_ns)
        if self._is_compact:
            said += relied_on(bearer, self._speech)
        while len(self._boxes) < len(said):
            box = FactBox(self._theme)
            box.set_inline(is_inline=self._is_compact)
            self._boxes.append(box)
            self._place_boxes()
        for number, box in enumerate(self._boxes):
            box.setVisible(number < len(said))
            if number < len(said):
                one = said[number]
                box.show_fact(one.name, one.value, one.tone, is_struck=one.is_struck)
        self._fit_height()

    @property
    def bearer(self) -> Bearer | None:
        """What is shown."""
        return self._bearer

    def _fit_height(self) -> None:
        """As high as drawn, and higher where a reason or the facts take more lines than there is room for."""
        width = self._place.width()
        shown = [one for one in (self.name, self.use, self.since) if not one.isHidden()]
        needed = sum(one.sizeHint().height() for one in shown)
        self.why.say(self._reason)
        reason = 0 if self.why.isHidden() else self.why.heightForWidth(width)
        heights = [box.sizeHint().height() for box in self._boxes if not box.isHidden()]
        rows = -(-len(heights) // self._columns)
        facts = max(heights, default=0) * rows + self._facts.verticalSpacing() * max(0, rows - 1)
        edge = 0 if self._is_compact else self._theme.space(2)
        least = self._theme.px(self._height_px)
        self.whole_px = height = max(least, max(needed + reason, facts) + edge)
        if self.is_brief and reason:
            self.why.say(self._cut_reason(width))
            height = max(least, max(needed + self.why.heightForWidth(width), facts) + edge)
        if height != self.height():
            self.setFixedHeight(height)

    def _cut_reason(self, width_px: int) -> str:
        """As much as two lines hold, one below the use; the whole of it stands on 三断 and in the log."""
        metrics, lines = self._theme.metrics(Size.SMALL), 1 if not self.use.isHidden() else 2
        asked = (self._reason, width_px, lines, self._theme.scale)
        if asked != self._cut_for:
            self._cut_for, room = asked, width_px * lines
            # Words break before the end of a line: how much that costs is seen only by trying.
            self._cut = metrics.elidedText(self._reason, Qt.TextElideMode.ElideRight, room)
            box = QRectF(0, 0, width_px, self._theme.px(Metric.TOUCH) * _MOST_LINES)
            most_px = (lines + 0.5) * metrics.height()
            while room > width_px / 2 and metrics.boundingRect(box, _WRAPPED, self._cut).height() > most_px:
                room -= round(metrics.averageCharWidth())
                self._cut = metrics.elidedText(self._reason, Qt.TextElideMode.ElideRight, room)
        return self._cut

    def _place_boxes(self) -> None:
        for number, box in enumerate(self._boxes):
            self._facts.addWidget(box, number // self._columns, number % self._columns)
        for column in range(_FACT_COLUMNS):
            # The first column holds the receipt, a time with its age: the last thing to be cut.
            stretch = (_RECEIPT_STRETCH if column == 0 else _FIGURE_STRETCH)[self._is_compact]
            self._facts.setColumnStretch(column, stretch if column < self._columns else 0)

    def words(self) -> list[str]:
        """Everything said of this bearer."""
        labels = (self.rung, self.name, self.state, self.use, self.since, self.why)
        boxes = [f"{box.name} {box.value}" for box in self._boxes if not box.isHidden()]
        return [label.text() for label in labels if not label.isHidden()] + boxes

    def restyle(self, *, is_compact: bool) -> None:
        """Measure anew."""
        theme, gap = self._theme, self._theme.space(2 if is_compact else 4)
        self._is_compact = is_compact
        self._height_px = _ROW_HEIGHT_COMPACT_PX if is_compact else _ROW_HEIGHT_PX
        self._columns = _FACT_COLUMNS_COMPACT if is_compact else _FACT_COLUMNS
        self._place_boxes()
        self._row.setContentsMargins(gap, 0, gap, 0)
        self._row.setSpacing(gap)
        self._title.setSpacing(gap)
        self._identity.setContentsMargins(0, 0, 0, 0)
        self._identity.setSpacing(0)
        edge = 0 if is_compact else theme.space(1)
        self._facts.setContentsMargins(0, edge, 0, edge)
        self._facts.setHorizontalSpacing(theme.space(2))
        self._facts.setVerticalSpacing(0)
        self.rung.setFixedSize(theme.px(_RUNG_WIDTH_PX), theme.px(_RUNG_HEIGHT_PX))
        self._place.setFixedWidth(theme.px(_IDENTITY_COMPACT_PX if is_compact else _IDENTITY_WIDTH_PX))
        self.history.setFixedWidth(theme.px(_HISTORY_COMPACT_PX if is_compact else _HISTORY_WIDTH_PX))
        self.history.setFixedHeight(theme.px(_HISTORY_HEIGHT_COMPACT_PX if is_compact else _HISTORY_HEIGHT_PX))
        for label in (self.rung, self.name, self.state, self.use, self.since):
            label.restyle()
        self.why.restyle()
        self.history.restyle()
        for box in self._boxes:
            box.set_inline(is_inline=is_compact)
            box.restyle()
        self.refresh()
        self._fit_height()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802, ARG002 - Qt's name
        """A line above, the rung's ground, a blue edge when in use."""
        painter = QPainter(self)
        palette, theme = self._theme.palette, self._theme
        painter.setPen(theme.pen(palette.row_line))
        painter.drawLine(0, 0, self.width(), 0)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.fillRect(QRectF(self.rung.geometry()), palette.raised)
        if self._bearer is not None and self._bearer.is_in_use:
            painter.fillRect(QRectF(0, 0, theme.px(Metric.CORNER), self.height()), palette.info)


class BearerRows(QWidget):
    """All bearers, one below the other."""

    def __init__(self, bridge: Bridge, theme: Theme, speech: Speech, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge, self._theme, self._speech = bridge, theme, speech
        self.histories = Histories(bridge)
        self.histories.changed.connect(self.refresh)
        self.rows: list[BearerRow] = []
        self._picture: Picture | None = None
        self._is_compact = False
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addStretch(1)

    def show_picture(self, picture: Picture) -> None:
        """Show its bearers."""
        self._picture = picture
        devices: dict[str | None, Device] = {device.id: device for device in picture.devices}
        while len(self.rows) < len(picture.bearers):
            row = BearerRow(self._bridge, self.histories, self._theme, self._speech)
            row.restyle(is_compact=self._is_compact)
            self._column.insertWidget(len(self.rows), row)
            self.rows.append(row)
        for number, row in enumerate(self.rows):
            row.setVisible(number < len(picture.bearers))
            if number < len(picture.bearers):
                bearer = picture.bearers[number]
                row.show_bearer(bearer, picture, devices.get(bearer.device_id))

    def refresh(self) -> None:
        """Say the ages anew, and ask for more of the history where it is time."""
        if self._picture is not None:
            self.histories.refresh(self._picture)
        for row in self.rows:
            if row.isVisible():
                row.refresh()

    def rows_px(self) -> int:
        """How high all rows are together."""
        return sum(row.height() for row in self.rows if not row.isHidden())

    def fit(self, room_px: int) -> None:
        """Where the rows with their whole reasons are higher than this, shorten the reasons."""
        rows = [row for row in self.rows if not row.isHidden()]
        is_brief = self._is_compact and sum(row.whole_px for row in rows) > room_px
        for row in rows:
            if row.is_brief is not is_brief:
                row.is_brief = is_brief
                row.refresh()

    def restyle(self, *, is_compact: bool) -> None:
        """Measure anew."""
        self._is_compact = is_compact
        for row in self.rows:
            row.restyle(is_compact=is_compact)
