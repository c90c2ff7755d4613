"""Which time the histories show: half an hour from the picture itself, a day or the whole incident from the journal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QSizePolicy, QWidget

from console.bearer_queries import BearerHistoryPage, BearerHistoryRequest
from console.bridge import Bridge
from console.picture import Bearer, BearerSample, Picture
from console.queries import Page
from console.views.comms.history import Stretch, slot_ns
from console.views.speech import NS_PER_S, Speech
from console.views.theme import Metric, Theme

SpanName = Literal["near", "day", "incident"]
SPANS: tuple[SpanName, ...] = ("near", "day", "incident")
NEAR_NS, DAY_NS = 1_800 * NS_PER_S, 86_400 * NS_PER_S
_BUCKETS = 360
_SOONEST_NS = 10 * NS_PER_S


class Histories(QObject):
    """Keeps the span chosen and the newest page of it; ``changed`` when another is to be drawn.

    A page is asked for again when a step has passed.  One that holds later than now, or was asked of another journal,
    is dropped: a replay must never show what came later.
    """

    changed = Signal()

    def __init__(self, bridge: Bridge) -> None:
        super().__init__()
        self._bridge = bridge
        self.span: SpanName = "near"
        self._page: BearerHistoryPage | None = None
        self._of: str | None = None
        self._asked_ns: int | None = None
        self._cancel: Callable[[], None] | None = None
        self.is_failed = False

    def choose(self, span: SpanName) -> None:
        """Show this span from now on."""
        if span != self.span:
            self.span = span
            self.forget()
            self.changed.emit()

    def forget(self) -> None:
        """Drop what is known, and what is asked."""
        if self._cancel is not None:
            self._cancel()
        self._cancel = self._page = self._asked_ns = None
        self.is_failed = False

    def refresh(self, picture: Picture) -> None:
        """Ask again where a step has passed since; nothing for the near span."""
        now_ns, journal = self._bridge.now_ns(), self._journal()
        if self._of != journal or (self._asked_ns is not None and now_ns < self._asked_ns):
            self.forget()
            self._of = journal
        if self.span == "near" or not picture.bearers or self._cancel is not None or not self._is_due(now_ns):
            return
        self._asked_ns = now_ns
        request = BearerHistoryRequest(
            bearer_ids=tuple(one.id for one in picture.bearers),
            from_ns=now_ns - DAY_NS if self.span == "day" else None,
            to_ns=now_ns,
            buckets=_BUCKETS,
        )
        self._cancel = lambda: None  # an answer may come before the question returns
        cancel = self._bridge.query(request, self._take)
        if self._cancel is not None:
            self._cancel = cancel

    def _is_due(self, now_ns: int) -> bool:
        step_ns = self._page.step_ns if self._page is not None else _SOONEST_NS
        return self._asked_ns is None or now_ns - self._asked_ns >= max(step_ns, _SOONEST_NS)

    def _journal(self) -> str | None:
        state = self._bridge.replay_state
        return None if state is None else state.title

    def _take(self, page: Page | None) -> None:
        self._cancel = None
        self.is_failed = not isinstance(page, BearerHistoryPage)
        if isinstance(page, BearerHistoryPage):
            self._page = page
            self.changed.emit()

    def stretch(self, bearer: Bearer, picture: Picture, now_ns: int) -> Stretch:
        """What is drawn of this bearer at this moment."""
        if self.span == "near":
            from_ns = now_ns - NEAR_NS
            samples = tuple(one for one in bearer.history if one.at_ns <= now_ns)
            step_ns = slot_ns(samples)
        else:
            page = self._page if self._page is not None and self._page.to_ns <= now_ns else None
            samples = () if page is None else _samples(page, bearer.id)
            step_ns = _SOONEST_NS if page is None else page.step_ns
            from_ns = now_ns - DAY_NS if self.span == "day" else now_ns if page is None else page.from_ns
        gaps = tuple(one for one in picture.gaps if one.to_ns > from_ns and one.from_ns < now_ns)
        return Stretch(
            from_ns=min(from_ns, now_ns - 1),
            to_ns=now_ns,
            step_ns=step_ns,
            samples=samples,
            gaps=gaps,
            note_id=self._note_id(),
            is_dated=self.span != "near" and bool(samples),
        )

    def _note_id(self) -> str:
        if self.span == "near" or self._page is not None:
            return "comms.no_history"
        return "comms.history_failed" if self.is_failed else "comms.history_asked"


def _samples(page: BearerHistoryPage, bearer_id: str) -> tuple[BearerSample, ...]:
    return next((one.samples for one in page.histories if one.bearer_id == bearer_id), ())


class SpanRow(QWidget):
    """Three buttons, one a span; where there is little room the chosen one alone, which goes on to the next."""

    def __init__(self, histories: Histories, theme: Theme, speech: Speech) -> None:
        super().__init__()
        self._histories, self._theme, self._speech = histories, theme, speech
        self._is_compact = False
        self._group = QButtonGroup(self)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(0)
        self.buttons = {span: QPushButton() for span in SPANS}
        for span, button in self.buttons.items():
            button.setCheckable(True)
            button.setProperty("role", "narrow")
            button.setChecked(span == histories.span)
            button.clicked.connect(lambda _checked=False, span=span: self._clicked(span))
            self._group.addButton(button)
            self._row.addWidget(button)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.restyle()
        self.retranslate()

    def set_compact(self, *, is_compact: bool) -> None:
        """One button or three."""
        self._is_compact = is_compact
        self._show_buttons()

    def _show_buttons(self) -> None:
        for span, button in self.buttons.items():
            button.setVisible(not self._is_compact or span == self._histories.span)
            name = self._speech.say(f"comms.span.{span}")
            button.setText(f"{name} (S)" if self._is_compact else name)

    def _clicked(self, span: SpanName) -> None:
        if self._is_compact:
            self.cycle()
        else:
            self.choose(span)

    def choose(self, span: SpanName) -> None:
        """Show this span."""
        self.buttons[span].setChecked(True)
        self._histories.choose(span)
        self._show_buttons()

    def cycle(self) -> None:
        """The next span."""
        self.choose(SPANS[(SPANS.index(self._histories.span) + 1) % len(SPANS)])

    def restyle(self) -> None:
        """Measure anew."""
        for button in self.buttons.values():
            button.setFixedHeight(self._theme.px(Metric.TOUCH))

    def retranslate(self) -> None:
        """Say everything anew."""
        self._show_buttons()
