# ruff: noqa: N802 - the names of overridden methods are Qt's
"""What there is to say of a mark: name, depth, how sure, who, when, until when."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from unicodedata import normalize

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from console.map_marks import DEEPEST_M, GOOD_S, STATES, WORDS, Geometry, MapMark, MarkKind
from console.orders import AddMark, ChangeMark
from console.views.situation.mark_words import is_last_confirmed, measure_of
from console.views.speech import Speech
from console.views.theme import Size, Theme
from console.views.typed import read_time
from console.views.widgets.label import Label
from console.views.widgets.paragraph import Paragraph

SPANS_S = (1800.0, 3600.0, 7200.0, 21600.0, 43200.0, 86400.0, 259200.0)
_NAMES = ("name", "state", "depth", "source", "by", "seen", "expires")
_WIDE = ("name",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What the form is about: a new mark of this kind and geometry, or one that is there (``mark``)."""

    mark_id: str
    kind: MarkKind
    geometry: Geometry
    name: str
    mark: MapMark | None = None


class MarkForm(QWidget):
    """``written`` carries the order, ``left`` that nothing is to be done."""

    written = Signal(object)
    left = Signal()
    redrawn = Signal()
    """The place is to be drawn anew."""

    def __init__(self, theme: Theme, speech: Speech, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._speech = speech
        self._now_ns = 0
        self.subject: Subject | None = None
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.title = Label(theme, size=Size.STRONG, is_bold=True)
        self.where = Paragraph(theme, tone="dim")
        self.labels = {name: Label(theme, size=Size.SMALL, tone="dim") for name in _NAMES}
        self.name, self.deep, self.source = QLineEdit(), QLineEdit(), QLineEdit()
        self.by, self.seen = QLineEdit(), QLineEdit()
        self.state, self.expires = QComboBox(), QComboBox()
        for field in (self.name, self.source, self.by):
            field.setMaxLength(WORDS)
        self.said = Paragraph(theme, tone="alarm")
        self.said.hide()
        self.buttons = QWidget()
        """What the panel puts below the fields, so that it is always in sight."""
        self.submit, self.redraw, self.leave = QPushButton(), QPushButton(), QPushButton()
        self.submit.setProperty("role", "primary")
        self.submit.clicked.connect(self.write)
        self.redraw.clicked.connect(self.redrawn)
        self.leave.clicked.connect(self.left)
        self._column, self._grid, self._buttons = QVBoxLayout(self), QGridLayout(), QHBoxLayout(self.buttons)
        self._fields = dict(
            zip(_NAMES, (self.name, self.state, self.deep, self.source, self.by, self.seen, self.expires), strict=True)
        )
        self._lay_out()

    def _lay_out(self) -> None:
        self._column.addWidget(self.title)
        self._column.addWidget(self.where)
        self._column.addLayout(self._grid)
        self._column.addWidget(self.said)
        self._column.addStretch(1)
        self._buttons.setContentsMargins(0, 0, 0, 0)
        self._buttons.addWidget(self.submit, 1)
        self._buttons.addWidget(self.leave)
        self._buttons.addWidget(self.redraw)
        cell = 0
        for name, field in self._fields.items():
            width = 2 if name in _WIDE else 1
            row, column = divmod(cell, 2)
            self._grid.addWidget(self.labels[name], 2 * row, column, 1, width)
            self._grid.addWidget(field, 2 * row + 1, column, 1, width)
            cell += width
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(1, 1)

    # ---- what it is about

    def open(self, subject: Subject, now_ns: int) -> None:
        """Fill the fields for this subject; who writes stays from the last time."""
        self.subject = subject
        self._now_ns = now_ns
        mark = subject.mark
        self.name.setText(mark.name if mark else subject.name)
        self.deep.setText("" if mark is None or mark.depth_m is None else f"{mark.depth_m:g}")
        self.source.setText(mark.source if mark else "")
        self.seen.clear()
        self.said.hide()
        self._fill(mark.expires_s if mark else GOOD_S[subject.kind])
        self.state.setCurrentIndex(self.state.findData("confirmed" if mark and is_last_confirmed(mark) else STATES[0]))
        self.retranslate()
        first = self.deep if subject.kind == "water_depth" else self.name
        first.setFocus()
        first.selectAll()

    def set_now(self, now_ns: int) -> None:
        """The time against which what is typed is read."""
        self._now_ns = now_ns

    def _fill(self, good_s: float) -> None:
        state = self.state.currentData()
        self.state.clear()
        for name in STATES:
            self.state.addItem(self._speech.say(f"mark.state.{name}"), name)
        self.state.setCurrentIndex(max(0, self.state.findData(state)))
        self.expires.clear()
        for span_s in sorted({*SPANS_S, good_s}):
            self.expires.addItem(_span(span_s, self._speech), span_s)
        self.expires.setCurrentIndex(self.expires.findData(good_s))

    # ---- the order

    def write(self) -> None:
        """Give the order, or say what is missing."""
        subject = self.subject
        if subject is None:
            return
        typed_depth, typed_seen = self.deep.text().strip(), self.seen.text().strip()
        depth_m = _depth_m(typed_depth)
        seen_ns = read_time(typed_seen, self._now_ns, self._speech.zone) if typed_seen else None
        wrong = ""
        if subject.kind == "water_depth" and typed_depth and depth_m is None:
            wrong = "situation.marks.bad_depth"
        elif typed_seen and seen_ns is None:
            wrong = "situation.marks.bad_time"
        elif seen_ns is not None and seen_ns > self._now_ns:
            wrong = "situation.marks.future"
        if wrong:
            self.said.say(self._speech.say(wrong, most=f"{DEEPEST_M:g}"))
            self.said.show()
            return
        self.written.emit(self._order(subject, depth_m, seen_ns))

    def _order(self, subject: Subject, depth_m: float | None, seen_ns: int | None) -> AddMark | ChangeMark:
        name, source, by = (field.text().strip() for field in (self.name, self.source, self.by))
        state, expires_s = self.state.currentData(), float(self.expires.currentData())
        depth_m = depth_m if subject.kind == "water_depth" else None
        mark = subject.mark
        if mark is None:
            return AddMark(
                mark_id=subject.mark_id,
                kind=subject.kind,
                geometry=subject.geometry,
                name=name,
                by=by,
                source=source,
                state=state,
                expires_s=expires_s,
                seen_ns=self._now_ns if seen_ns is None else seen_ns,
                depth_m=depth_m,
            )
        # A corrected word is no news of the place: only a time that is typed makes it fresh.
        return ChangeMark(
            mark_id=mark.id,
            by=by,
            geometry=subject.geometry if subject.geometry != mark.geometry else None,
            name=name if name != mark.name else None,
            source=source if source != mark.source else None,
            state=state,
            expires_s=expires_s,
            seen_ns=seen_ns,
            depth_m=depth_m,
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter writes, Esc leaves."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.write()
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    # ---- language, theme

    def retranslate(self) -> None:
        """Say everything anew."""
        say, subject = self._speech.say, self.subject
        for name, label in self.labels.items():
            label.say(say(f"situation.marks.field.{name}"))
        is_new = subject is None or subject.mark is None
        self.seen.setPlaceholderText(say("situation.marks.seen_now" if is_new else "situation.marks.seen_same"))
        self.by.setPlaceholderText(say("mark.nobody"))
        self.source.setPlaceholderText(say("mark.no_source"))
        self.submit.setText(say("situation.marks.write"))
        self.leave.setText(say("situation.marks.leave"))
        self.redraw.setText(say("situation.marks.redraw"))
        if self.expires.count():
            self._fill(float(self.expires.currentData()))
        if subject is not None:
            self.title.say(say(f"mark.kind.{subject.kind}"))
            self.where.say(measure_of(subject.geometry, self._speech))
            self.labels["depth"].setVisible(subject.kind == "water_depth")
            self.deep.setVisible(subject.kind == "water_depth")

    def restyle(self) -> None:
        """Measure and colour anew."""
        for label in (self.title, *self.labels.values()):
            label.restyle()
        self.where.restyle()
        self.said.restyle()
        self._column.setContentsMargins(0, 0, self._theme.space(1), 0)
        self._column.setSpacing(self._theme.space(1))
        self._grid.setHorizontalSpacing(self._theme.space(2))
        self._grid.setVerticalSpacing(self._theme.space(0.5))
        self._buttons.setSpacing(self._theme.space(1))
        gap, small = self._theme.space(2), self._theme.points(Size.SMALL)
        for button in (self.submit, self.leave, self.redraw):
            button.setStyleSheet(f"min-width: 0; padding: 0 {gap}px; font-size: {small};")
        for combo in (self.state, self.expires):
            combo.setStyleSheet(f"QComboBox {{ font-size: {small}; }}")


def _depth_m(typed: str) -> float | None:
    """Metres, as typed with a Chinese or Western keyboard, with or without their unit."""
    try:
        depth_m = float(normalize("NFKC", typed).replace(",", ".").rstrip("mM "))
    except ValueError:
        return None
    return depth_m if isfinite(depth_m) and 0 <= depth_m <= DEEPEST_M else None


def _span(span_s: float, speech: Speech) -> str:
    """``30 分``, ``6 小时``, ``3 天``; what is none of these as a period."""
    hours, rest = divmod(round(span_s), 3600)
    if rest or not hours:
        return speech.period(span_s)
    days, odd = divmod(hours, 24)
    if odd or not days:
        return speech.say("situation.marks.hours", hours=hours)
    return speech.say("situation.marks.days", days=days)
