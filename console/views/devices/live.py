# ruff: noqa: N802 - the names of overridden methods are Qt's
"""The live octets of one device beside what its driver understood: a ring of the newest lines."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QListView,
    QPushButton,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from console.queries import RecordLine
from console.views.speech import NS_PER_S, Speech
from console.views.theme import Metric, Size, Theme
from console.views.widgets.label import draw_text
from console.views.widgets.octets import as_hex, as_text
from console.views.widgets.panel import PanelHeader
from console.views.widgets.paragraph import Paragraph
from console.views.widgets.scroll import scroll_area
from console.views.widgets.understanding import is_malformed, observation_words

RING_LINES = 2000
LONGEST_BEGINNING = 256
FLUSH_PERIOD_MS = 200
_TIME_WIDTH_PX = 92.0
_ARROW_WIDTH_PX = 24.0
_ROW_HEIGHT_PX = 48.0
_WHOLE_HEIGHT_PX = 128.0
Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


class LiveModel(QAbstractListModel):
    """Newest first.  Lines wait in ``ring`` until they are shown, so that reading is not disturbed."""

    def __init__(self, speech: Speech, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._speech = speech
        self.ring: deque[RecordLine] = deque(maxlen=RING_LINES)
        self._shown: list[RecordLine] = []
        self._last_shown = 0
        self._seen = 0
        self.contains = ""
        self._words: dict[tuple[int, bytes], str] = {}

    def add(self, lines: Sequence[RecordLine]) -> None:
        """Take new lines; they are shown by the next ``flush``.  What one read cut in two becomes one line again."""
        for line in lines:
            before = self.ring[-1] if self.ring else None
            if before is not None and _goes_on(before, line):
                self.ring[-1] = replace(line, at_ns=before.at_ns, payload=before.payload + line.payload)
            else:
                self.ring.append(line)
            self._seen += 1

    @property
    def waiting(self) -> int:
        """Lines that came since the last ``flush``."""
        return self._seen - self._last_shown

    def flush(self, *, is_forced: bool = False) -> None:
        """Show what has come."""
        if not self.waiting and not is_forced:
            return
        self.beginResetModel()
        self._last_shown = self._seen
        wanted = self.contains.casefold()
        self._shown = [line for line in reversed(self.ring) if not wanted or self._has(line, wanted)]
        self.endResetModel()

    def clear(self) -> None:
        """Forget everything: another device, or another time."""
        self.ring.clear()
        self._words.clear()
        self._seen = self._last_shown = 0
        self.flush(is_forced=True)

    def _has(self, line: RecordLine, wanted: str) -> bool:
        # From the cheapest to the dearest: a flood of two thousand lines is searched at every flush.
        if wanted in as_text(line.payload).casefold() or wanted in as_hex(line.payload).casefold():
            return True
        key = (line.seq, line.payload)
        words = self._words.get(key)
        if words is None:
            if len(self._words) > 2 * RING_LINES:
                self._words.clear()
            words = self._words[key] = "\n".join(self.understood(line)).casefold()
        return wanted in words

    def forget_words(self) -> None:
        """The language changed: what was understood is said in other words."""
        self._words.clear()

    def understood(self, line: RecordLine) -> list[str]:
        """What the driver understood, in words."""
        return [observation_words(self._speech, one) for one in line.understood]

    def line(self, row: int) -> RecordLine | None:
        """The line of this row."""
        return self._shown[row] if 0 <= row < len(self._shown) else None

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """Lines shown."""
        return 0 if parent.isValid() else len(self._shown)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The text, for those who do not see the painting."""
        line = self.line(index.row())
        return as_text(line.payload) if line is not None and role == Qt.ItemDataRole.DisplayRole else None


def _goes_on(before: RecordLine, line: RecordLine) -> bool:
    """Whether ``line`` is the rest of a sentence that ``before`` began: nothing was understood of that yet."""
    return (
        not before.understood
        and not before.payload.endswith(b"\n")
        and len(before.payload) < LONGEST_BEGINNING
        and (before.is_outgoing, before.peer) == (line.is_outgoing, line.peer)
        and 0 <= line.at_ns - before.at_ns < NS_PER_S
    )


class _Painter(QStyledItemDelegate):
    def __init__(self, owner: LivePanel) -> None:
        super().__init__(owner)
        self._owner = owner

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: ARG002
        """Two lines."""
        theme = self._owner.theme
        return QSize(theme.px(_TIME_WIDTH_PX), theme.px(_ROW_HEIGHT_PX))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Time, direction, what was said, and below it what was understood."""
        line = self._owner.model.line(index.row())
        if line is None:
            return
        owner, theme, palette = self._owner, self._owner.theme, self._owner.theme.palette
        painter.save()
        rect = QRectF(option.rect).adjusted(theme.space(3), 0, -theme.space(3), 0)
        painter.setPen(theme.pen(palette.row_line))
        painter.drawLine(rect.topLeft(), rect.topRight())
        is_bad = any(is_malformed(one) for one in line.understood)
        upper = QRectF(rect.left(), rect.top() + theme.space(1), rect.width(), rect.height() / 2 - theme.space(0.5))
        time_width, arrow_width = theme.px(_TIME_WIDTH_PX), theme.px(_ARROW_WIDTH_PX)
        painter.setFont(theme.font(Size.TINY, is_mono=True))
        draw_text(painter, QRectF(upper.left(), upper.top(), time_width, upper.height()), owner.time(line), palette.dim)
        left = upper.left() + time_width
        arrow = "→" if line.is_outgoing else "←"
        painter.setFont(theme.font(Size.SMALL))
        draw_text(painter, QRectF(left, upper.top(), arrow_width, upper.height()), arrow, palette.info)
        left += arrow_width
        said = as_hex(line.payload) if owner.hex.isChecked() else as_text(line.payload)
        painter.setFont(theme.font(Size.SMALL, is_mono=True))
        room = QRectF(left, upper.top(), rect.right() - left, upper.height())
        draw_text(painter, room, said, palette.alarm if is_bad else palette.text)
        painter.setFont(theme.font(Size.SMALL))
        words = "　".join(owner.model.understood(line))
        below = QRectF(left, upper.bottom(), room.width(), rect.bottom() - upper.bottom() - theme.space(0.5))
        draw_text(painter, below, words, palette.alarm if is_bad else palette.soft)
        painter.restore()


class LivePanel(QWidget):
    """Pause, filter, hex or text.  While it is scrolled down or paused nothing moves, and it says how much waits."""

    def __init__(self, theme: Theme, speech: Speech, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme, self.speech = theme, speech
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.header = PanelHeader(theme)
        self.model = LiveModel(speech, self)
        self._build_view()
        self._build_tools()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self.header)
        self._column.addLayout(self._tools)
        self._column.addWidget(self.view, 1)
        self._column.addWidget(self.area)
        self._timer = QTimer(self)
        self._timer.setInterval(FLUSH_PERIOD_MS)
        self._timer.timeout.connect(self.flush)
        self._timer.start()
        self.retranslate()
        self.restyle()

    def _build_view(self) -> None:
        self.view = QListView()
        self.view.setModel(self.model)
        self.view.setItemDelegate(_Painter(self))
        self.view.setUniformItemSizes(True)
        self.view.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.clicked.connect(self._show_whole)
        self.view.activated.connect(self._show_whole)
        self.whole = Paragraph(self.theme, tone="text", is_mono=True)
        self.whole.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.whole.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.area = scroll_area(self.whole, "raised")
        self.area.hide()

    def _build_tools(self) -> None:
        self.pause, self.hex, self.filter = QPushButton(), QPushButton(), QLineEdit()
        self.pause.setCheckable(True)
        self.hex.setCheckable(True)
        self.filter.setClearButtonEnabled(True)
        self.pause.toggled.connect(self._pause)
        self.hex.toggled.connect(self.view.viewport().update)
        self.filter.textChanged.connect(self._filter)
        self._tools = QHBoxLayout()
        for widget, stretch in ((self.pause, 0), (self.hex, 0), (self.filter, 1)):
            self._tools.addWidget(widget, stretch)

    def time(self, line: RecordLine) -> str:
        """Time of day with tenths."""
        return f"{self.speech.clock(line.at_ns)}.{line.at_ns // 100_000_000 % 10}"

    def add(self, lines: Sequence[RecordLine]) -> None:
        """Take new lines of the watched device."""
        self.model.add(lines)

    def clear(self) -> None:
        """Forget all lines: another device, or another time."""
        self.pause.setChecked(False)
        self.model.clear()
        self.area.hide()
        self._say_note()

    def _show_whole(self, index: QModelIndex) -> None:
        line = self.model.line(index.row())
        if line is None:
            return
        parts = (self.time(line), as_text(line.payload), as_hex(line.payload), *self.model.understood(line))
        self.whole.say("\n".join(parts))
        self.area.show()

    def flush(self) -> None:
        """Show what has come, unless somebody is reading."""
        if not self.isVisible():
            return
        if not self.pause.isChecked() and self.view.verticalScrollBar().value() == 0:
            self.model.flush()
        self._say_note()

    def _say_note(self) -> None:
        waiting = self.model.waiting
        if self.pause.isChecked() or self.view.verticalScrollBar().value() > 0:
            note = self.speech.say("devices.live.paused", count=waiting)
        else:
            note = self.speech.say("devices.live.shown", count=self.model.rowCount())
        self.header.note.say(note)

    def _pause(self, is_paused: bool) -> None:  # noqa: FBT001 - Qt's signal
        self.pause.setText(self.speech.say("devices.live.go_on" if is_paused else "devices.live.pause"))
        self.flush()

    def _filter(self, text: str) -> None:
        self.model.contains = text.strip()
        self.model.flush(is_forced=True)

    def retranslate(self) -> None:
        """Say everything anew."""
        say = self.speech.say
        self.header.title.say(say("devices.live.title"))
        self.pause.setText(say("devices.live.go_on" if self.pause.isChecked() else "devices.live.pause"))
        self.hex.setText(say("devices.live.hex"))
        self.filter.setPlaceholderText(say("devices.live.filter"))
        self.model.forget_words()
        self.view.viewport().update()

    def restyle(self) -> None:
        """Measure anew."""
        self.header.restyle()
        self.whole.restyle()
        self.area.setFixedHeight(self.theme.px(_WHOLE_HEIGHT_PX))
        gap = self.theme.space(2)
        self._tools.setContentsMargins(gap, 0, gap, gap)
        self._tools.setSpacing(gap)
        self.filter.setMinimumWidth(self.theme.px(Metric.TOUCH))
        self.whole.setContentsMargins(gap, gap, gap, gap)
        self.view.doItemsLayout()
