"""日志: everything that happened, by the time it happened and the time it became known here; and the raw records."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt, QTimer
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from console.bridge import Bridge
from console.picture import Notice, Picture
from console.queries import RecordLine, ReplayState
from console.views.log.lines import (
    OURSELVES,
    Filter,
    names_of,
    notice_detail,
    notice_row,
    notices_question,
    record_detail,
    record_row,
    records_question,
)
from console.views.log.model import PagedModel
from console.views.log.note import NoteForm
from console.views.speech import Speech
from console.views.theme import Metric, Size, Theme
from console.views.widgets.label import Label
from console.views.widgets.paragraph import Paragraph
from console.views.widgets.rows import Row, set_widths, style_table
from console.views.widgets.screen import Screen
from console.views.widgets.scroll import scroll_area

KINDS = (
    "alarm",
    "message",
    "bearer",
    "power",
    "road",
    "device",
    "camera",
    "mark",
    "team",
    "call",
    "operator",
    "note",
    "console",
)
HEAD_PERIOD_MS = 1000
TYPING_PAUSE_MS = 300
_NOTICE_WIDTHS_PX = (130.0, 130.0, 96.0, 170.0)
_RECORD_WIDTHS_PX = (90.0, 130.0, 76.0, 150.0, 460.0)
_COMPACT_RECORD_WIDTHS_PX = (80.0, 120.0, 64.0, 110.0, 330.0)
_DETAIL_HEIGHT_PX = 112.0
_FORM_WIDTH_PX = 360.0
_COMBO_WIDTH_PX = 168.0


class LogScreen(Screen):
    """Two tables that never hold more than a few pages, a filter line, the chosen line in full, the 补记 form."""

    def __init__(self, bridge: Bridge, theme: Theme, speech: Speech, parent: QWidget | None = None) -> None:
        super().__init__(bridge, theme, speech, parent)
        self._names: dict[str, str] = {}
        self._is_asked = False
        self._shown_ns = 0
        self._picture: Picture | None = None
        self._journal: str | None = None
        self.notices: PagedModel[Notice] = PagedModel(bridge, theme, self._notice_row, self)
        self.records: PagedModel[RecordLine] = PagedModel(bridge, theme, self._record_row, self)
        self._build_bar()
        self._build_body()
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(TYPING_PAUSE_MS)
        self._typing.timeout.connect(self._ask)
        self._head = QTimer(self)
        self._head.setInterval(HEAD_PERIOD_MS)
        self._head.timeout.connect(self._look_for_newer)
        self._head.start()
        bridge.replay_changed.connect(self._follow_journal)
        self.retranslate()
        self.restyle()

    # ---- building

    def _build_bar(self) -> None:
        self.bar = QFrame()
        self.bar.setProperty("role", "raised")
        self.events_button, self.raw_button, self.note_button = QPushButton(), QPushButton(), QPushButton()
        for button in (self.events_button, self.raw_button, self.note_button):
            button.setCheckable(True)
        self.events_button.setChecked(True)
        self.events_button.clicked.connect(lambda: self._choose(is_raw=False))
        self.raw_button.clicked.connect(lambda: self._choose(is_raw=True))
        self.subject, self.kind, self.find_field = QComboBox(), QComboBox(), QLineEdit()
        self.find_field.setClearButtonEnabled(True)
        self.subject.activated.connect(self._ask)
        self.kind.activated.connect(self._ask)
        self.find_field.textChanged.connect(self._type)
        self.state = Label(self.theme, size=Size.SMALL, tone="dim")
        self.retry = QPushButton()
        self.retry.clicked.connect(self._ask)
        self._bar_row = QHBoxLayout(self.bar)
        for widget in (self.events_button, self.raw_button, self.subject, self.kind):
            self._bar_row.addWidget(widget)
        self._bar_row.addWidget(self.find_field, 2)
        self._bar_row.addWidget(self.state, 1)
        self._bar_row.addWidget(self.retry)
        self._bar_row.addWidget(self.note_button)

    def _build_body(self) -> None:
        self.tables = QStackedWidget()
        self.notice_table, self.record_table = QTableView(), QTableView()
        self.notice_table.setModel(self.notices)
        self.record_table.setModel(self.records)
        for table in (self.notice_table, self.record_table):
            self.tables.addWidget(table)
            table.selectionModel().currentRowChanged.connect(self._show_detail)
            table.model().modelReset.connect(self._clear_detail)
        self.notices.answered.connect(self._show_state)
        self.records.answered.connect(self._show_state)
        self.detail = Paragraph(self.theme, size=Size.SMALL, tone="text", is_mono=True)
        self.detail.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.detail.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.detail_area = scroll_area(self.detail, "raised")
        self.detail_area.hide()
        self.form = NoteForm(self.theme, self.speech)
        self.form.written.connect(self.commanded)
        self.form.hide()
        self.note_button.toggled.connect(self.form.setVisible)
        left = QVBoxLayout()
        left.addWidget(self.tables, 1)
        left.addWidget(self.detail_area)
        row = QHBoxLayout()
        row.addLayout(left, 1)
        row.addWidget(self.form)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addLayout(row, 1)

    # ---- the contract of a screen

    def show_picture(self, picture: Picture) -> None:
        """Append what is new; a step back in time (a replay that was moved) clears the panels."""
        self._picture = picture
        self.form.show_picture(picture, self.bridge.now_ns(), is_locked=self.bridge.is_replaying)
        names = names_of(picture)
        if names != self._names:
            self._names = names
            self._fill_choices()
        if self.isVisible():
            self._follow()

    def _follow(self) -> None:
        picture, self._picture = self._picture, None
        if picture is None or not self._is_asked:
            return
        went_back = picture.at_ns < self._shown_ns
        self._shown_ns = picture.at_ns
        newest = max((line.number for line in picture.notices), default=0)
        if went_back or newest < (self.notices.newest or 0):
            self._ask()
        elif self._wanted().is_open:
            self._append(picture)

    def _append(self, picture: Picture) -> None:
        oldest = min((line.number for line in picture.notices), default=0)
        newest = self.notices.newest
        if newest is not None and oldest > newest + 1:
            self.notices.ask_head()
        else:
            self.notices.add_fresh(picture.notices)

    def refresh(self) -> None:
        """Ask when first seen, and after the journal changed; take in the picture that came meanwhile."""
        self.form.set_now(self.bridge.now_ns())
        if not self._is_asked and self.bridge.picture is not None:
            self._is_asked = True
            self._ask()
        self._follow()

    def _follow_journal(self, state: ReplayState | None) -> None:
        journal = None if state is None else state.title
        if journal != self._journal:
            # Lines of another journal have other numbers: nothing that stands here may stay.
            self._journal = journal
            self._is_asked = False

    def retranslate(self) -> None:
        """Say everything anew."""
        say = self.speech.say
        self.events_button.setText(say("log.events"))
        self.raw_button.setText(say("log.raw"))
        self.note_button.setText(say("log.note.title"))
        self.retry.setText(say("log.retry"))
        self.find_field.setPlaceholderText(say("log.find"))
        self.notices.entitle([say(f"log.column.{name}") for name in ("happened", "known", "kind", "subject", "text")])
        self.records.entitle(
            [say(f"log.column.{name}") for name in ("number", "time", "kind", "source", "said", "understood")]
        )
        self.form.retranslate()
        self._fill_choices()
        self._show_state()

    def restyle(self) -> None:
        """Measure and colour anew."""
        theme = self.theme
        gap = theme.space(2)
        self._bar_row.setContentsMargins(gap, theme.space(1), gap, theme.space(1))
        self._bar_row.setSpacing(gap)
        style_table(self.notice_table, theme)
        style_table(self.record_table, theme)
        set_widths(self.notice_table, theme, _NOTICE_WIDTHS_PX)
        is_narrow = self.width() < theme.px(Metric.COMPACT_BELOW_WIDTH)
        set_widths(self.record_table, theme, _COMPACT_RECORD_WIDTHS_PX if is_narrow else _RECORD_WIDTHS_PX)
        self.detail_area.setFixedHeight(theme.px(_DETAIL_HEIGHT_PX))
        self.detail.setContentsMargins(gap, gap, gap, gap)
        self.form.setFixedWidth(theme.px(_FORM_WIDTH_PX))
        for combo in (self.subject, self.kind):
            combo.setFixedWidth(theme.px(_COMBO_WIDTH_PX))
        self.state.restyle()
        self.detail.restyle()
        self.form.restyle()

    def focus_find(self) -> bool:
        """The text filter; raw records are found by their source only."""
        self._choose(is_raw=False)
        self.find_field.setFocus()
        self.find_field.selectAll()
        return True

    # ---- filter and state

    @property
    def _is_raw(self) -> bool:
        return self.tables.currentWidget() is self.record_table

    def _choose(self, *, is_raw: bool) -> None:
        self.events_button.setChecked(not is_raw)
        self.raw_button.setChecked(is_raw)
        self.kind.setVisible(not is_raw)
        self.find_field.setVisible(not is_raw)
        self.tables.setCurrentWidget(self.record_table if is_raw else self.notice_table)
        self._clear_detail()
        self._ask()

    def _wanted(self) -> Filter:
        return Filter(
            subject_id=self.subject.currentData(), kind=self.kind.currentData(), contains=self.find_field.text().strip()
        )

    def _ask(self) -> None:
        self._is_asked = True
        if self._is_raw:
            self.records.ask(records_question(self.subject.currentData()))
        else:
            self.notices.ask(notices_question(self._wanted()))
        self._show_state()

    def _look_for_newer(self) -> None:
        if not self.isVisible() or not self._is_asked:
            return
        if self._is_raw:
            if self.record_table.verticalScrollBar().value() == 0:
                self.records.ask_head()
        elif not self._wanted().is_open:
            self.notices.ask_head()

    def _fill_choices(self) -> None:
        say = self.speech.say
        for combo, every, entries in (
            (self.subject, "log.every_subject", [*self._names.items(), (OURSELVES, say("log.kind.console"))]),
            (self.kind, "log.every_kind", [(kind, say(f"log.kind.{kind}")) for kind in KINDS]),
        ):
            chosen = combo.currentData()
            combo.clear()
            combo.addItem(say(every), None)
            for entry_id, name in entries:
                combo.addItem(name, entry_id)
            combo.setCurrentIndex(max(0, combo.findData(chosen)))

    def _type(self) -> None:
        self._typing.start()

    def _show_state(self) -> None:
        model = self.records if self._is_raw else self.notices
        self.retry.setVisible(model.is_failed)
        if model.is_failed:
            self.state.set_tone("alarm")
            self.state.say(self.speech.say("log.failed"))
            return
        self.state.set_tone("dim")
        count = model.rowCount()
        if model.is_waiting and not count:
            self.state.say(self.speech.say("log.asking"))
        elif not count:
            self.state.say(self.speech.say("log.nothing"))
        else:
            self.state.say(self.speech.say("log.more" if model.has_more else "log.all", count=count))

    # ---- rows

    def _notice_row(self, line: Notice) -> Row:
        return notice_row(line, self.speech, self.bridge.now_ns(), self._names)

    def _record_row(self, line: RecordLine) -> Row:
        return record_row(line, self.speech, self.bridge.now_ns(), self._names)

    def _show_detail(self, current: QModelIndex) -> None:
        if self._is_raw:
            record = self.records.item(current.row())
            self._say_detail(record_detail(record, self.speech) if record else "")
            return
        line = self.notices.item(current.row())
        self._say_detail(notice_detail(line, self.speech, self.bridge.now_ns(), self._names) if line else "")

    def _say_detail(self, text: str) -> None:
        self.detail.say(text)
        self.detail_area.setVisible(bool(text))

    def _clear_detail(self) -> None:
        self._say_detail("")
