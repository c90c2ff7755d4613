"""Which time is on the bar: a span to choose, earlier and later, a moment to type."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QWidget

from console.bridge import Bridge
from console.picture import Picture
from console.views.speech import NS_PER_S, Speech
from console.views.theme import Theme
from console.views.typed import read_time
from console.views.video.spans import Pick, pick_of
from console.views.video.timebar import RecordBar

SPANS_S = (600, 3600, 21_600, None)
"""Ten minutes, an hour, six hours, the whole incident."""
_FIND_PX = 108.0
_UNDATED_NS = 3600 * NS_PER_S


class SpanRow(QWidget):
    """``moved``: another span is shown; ``chosen``: the choice on the bar changed; ``misread``: what was no time."""

    moved = Signal()
    chosen = Signal()
    misread = Signal(str)

    def __init__(self, bridge: Bridge, theme: Theme, speech: Speech, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge, self._theme, self._speech = bridge, theme, speech
        self.picture: Picture | None = None
        self.span_s: int | None = SPANS_S[0]
        self._end_ns: int | None = None
        self.bar = RecordBar(theme, speech)
        self.bar.picked.connect(self._picked)
        self.spans = {span_s: QPushButton() for span_s in SPANS_S}
        self.earlier, self.later = QPushButton("‹"), QPushButton("›")
        self.earlier.clicked.connect(lambda: self.turn(-1))
        self.later.clicked.connect(lambda: self.turn(1))
        self.time = QLineEdit()
        self.time.returnPressed.connect(self._find)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        for span_s, button in self.spans.items():
            button.setCheckable(True)
            button.clicked.connect(lambda _checked=False, span_s=span_s: self.choose_span(span_s))
            self._row.addWidget(button)
        for widget in (self.time, self.earlier):
            self._row.addWidget(widget)
        self._row.addWidget(self.bar, 1)
        self._row.addWidget(self.later)

    def refresh(self) -> None:
        """Which span is chosen, and where it can go."""
        for span_s, button in self.spans.items():
            button.setChecked(span_s == self.span_s)
        self.earlier.setEnabled(self.span_s is not None)
        self.later.setEnabled(self.span_s is not None and self._end_ns is not None)

    def retranslate(self) -> None:
        """Say everything anew."""
        say = self._speech.say
        for span_s, button in self.spans.items():
            button.setText(say(f"videowall.span.{span_s or 'all'}"))
        self.earlier.setAccessibleName(say("videowall.earlier"))
        self.later.setAccessibleName(say("videowall.later"))
        self.bar.setAccessibleName(say("videowall.bar.name"))
        self.time.setPlaceholderText(say("videowall.find"))
        self.time.setAccessibleName(say("videowall.find"))
        self.bar.update()

    def restyle(self) -> None:
        """Measure anew."""
        self._row.setSpacing(self._theme.space(2))
        self.time.setFixedWidth(self._theme.px(_FIND_PX))
        self.bar.updateGeometry()

    # ---- which time

    def span(self) -> tuple[int, int]:
        """The span on the bar: first and last moment."""
        now_ns = self._bridge.now_ns()
        if self.span_s is None:
            known = [ns for ns in self._beginnings() if ns is not None and ns < now_ns]
            return min(known, default=now_ns - _UNDATED_NS), now_ns
        end_ns = now_ns if self._end_ns is None else self._end_ns
        return end_ns - self.span_s * NS_PER_S, end_ns

    def _beginnings(self) -> tuple[int | None, ...]:
        picture = self.picture
        return (picture.incident.since_ns, picture.recording.oldest_ns) if picture is not None else ()

    def choose_span(self, span_s: int | None) -> None:
        """So much time on the bar, around what is chosen, else up to now."""
        self.span_s = span_s
        self._end_ns = None
        if span_s is not None and self.bar.pick is not None:
            self._end_at(self.bar.pick.at_ns + span_s * NS_PER_S // 2)
        self.moved.emit()

    def cycle_span(self) -> None:
        """The next longer span, after the longest the shortest."""
        self.choose_span(SPANS_S[(SPANS_S.index(self.span_s) + 1) % len(SPANS_S)])

    def turn(self, step: int) -> None:
        """Half a span earlier or later; beyond now it follows the clock again."""
        if self.span_s is not None:
            self._end_at(self.span()[1] + step * self.span_s * NS_PER_S // 2)
            self.moved.emit()

    def follow(self) -> None:
        """Up to now again."""
        self._end_ns = None

    def _end_at(self, end_ns: int) -> None:
        self._end_ns = end_ns if end_ns < self._bridge.now_ns() else None

    def _picked(self, pick: Pick) -> None:
        from_ns, to_ns = self.span()
        if not from_ns <= pick.at_ns <= to_ns and self.span_s is not None:
            self._end_at(pick.at_ns + self.span_s * NS_PER_S // 2)
            self.moved.emit()
        self.chosen.emit()

    def _find(self) -> None:
        """Choose the moment that was typed."""
        at_ns = read_time(self.time.text(), self._bridge.now_ns(), self._speech.zone)
        if at_ns is None:
            self.misread.emit(self.time.text())
            return
        self.time.clear()
        self.bar.setFocus()
        self.bar.choose(pick_of(at_ns))
