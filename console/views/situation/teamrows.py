# ruff: noqa: N802 - the names of overridden methods are Qt's
"""The teams by silence: who was not heard longest, by which means and when they were."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from console.bridge import Bridge
from console.picture import Picture, Team
from console.views.judgement import is_charge_old, silence_of
from console.views.situation.rowkeeping import RowKeeping
from console.views.situation.teamwords import (
    TONES,
    below_words,
    doubt_words,
    heard_words,
    is_in,
    ranked,
    roll_words,
    silence_words,
)
from console.views.speech import Speech
from console.views.theme import Metric, Size, Theme
from console.views.unwatched import unwatched, unwatched_word
from console.views.widgets.chip import chip_width, draw_chip
from console.views.widgets.label import RIGHT, draw_text


class TeamRows(QWidget):
    """The rows themselves, painted."""

    selected = Signal(str)
    opened = Signal(str)
    """The team whose detail is asked for: clicked once more, or Enter."""

    def __init__(self, bridge: Bridge, theme: Theme, speech: Speech) -> None:
        super().__init__()
        self._bridge = bridge
        self._theme = theme
        self._speech = speech
        self._picture: Picture | None = None
        self._names: dict[str, str] = {}
        self.filter = ""
        self.chip = "all"
        self.selected_id: str | None = None
        self._ranked: list[Team] = []
        self._keeping = RowKeeping(self, self._said, self._place)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_picture(self, picture: Picture) -> None:
        """Take over what is known."""
        self._picture = picture
        self._names = {device.id: device.name for device in picture.devices}
        height = self._height()
        if height != self.height():
            self.measure()

    def rows(self) -> list[Team]:
        """The teams as they stand in the list now."""
        picture = self._picture
        return [] if picture is None else ranked(self._wanted(), picture, self._bridge.now_ns())

    def _wanted(self) -> list[Team]:
        if self._picture is None:
            return []
        wanted, picture, now_ns = self.filter.casefold(), self._picture, self._bridge.now_ns()
        teams = (
            picture.teams
            if self.chip == "all"
            else [team for team in picture.teams if is_in(self.chip, team, picture, now_ns)]
        )
        return [team for team in teams if not wanted or _matches(team, wanted)]

    def measure(self) -> None:
        """Be as high as the rows."""
        self.setFixedHeight(self._height())
        self.update()

    def _height(self) -> int:
        return max(1, len(self._wanted()) * self._theme.px(Metric.TEAM_ROW))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Select the team clicked."""
        index = int(event.position().y() // self._theme.px(Metric.TEAM_ROW))
        rows = self.rows()
        if 0 <= index < len(rows):
            is_again = rows[index].id == self.selected_id
            self._choose(rows[index].id)
            if is_again:
                self.opened.emit(rows[index].id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up, down and the page keys walk through the list, Enter opens the detail."""
        rows, key = self.rows(), Qt.Key(event.key())
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and any(team.id == self.selected_id for team in rows):
            self.opened.emit(self.selected_id)
            return
        step = {
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_PageUp: -8,
            Qt.Key.Key_PageDown: 8,
            Qt.Key.Key_Home: -len(rows),
            Qt.Key.Key_End: len(rows),
        }.get(key)
        if step is None or not rows:
            super().keyPressEvent(event)
            return
        ids = [team.id for team in rows]
        index = ids.index(self.selected_id) + step if self.selected_id in ids else 0
        self._choose(ids[max(0, min(len(ids) - 1, index))])

    def _choose(self, team_id: str) -> None:
        self.selected_id = team_id
        self.selected.emit(team_id)
        self.update()

    def _place(self, number: int) -> QRect:
        height = self._theme.px(Metric.TEAM_ROW)
        return QRect(0, number * height, self.width(), height)

    def _said(self, number: int) -> object:
        """All that the row of this number shows at this moment."""
        if number >= len(self._ranked):
            return None
        team, now_ns = self._ranked[number], self._bridge.now_ns()
        silence = silence_of(team, now_ns)
        return (
            team.name,
            team.symbol,
            silence.level,
            self._right_words(team),
            doubt_words(team, self._speech),
            heard_words(team, self._names, self._speech, now_ns),
            (team.charge_percent, is_charge_old(team, now_ns)),
            team.id == self.selected_id,
            unwatched(self._picture).get(team.id),
        )

    def _right_words(self, team: Team) -> tuple[str, str, str]:
        """The big and the small words right, and their tone: silence, or the answer to the roll call."""
        since_ns = self._picture.roll_call_ns if self._picture is not None else None
        if since_ns is not None:
            return roll_words(team, since_ns, self._speech)
        silence = silence_of(team, self._bridge.now_ns())
        below = below_words(team, silence, self._speech)
        return silence_words(silence, self._speech), below, TONES[silence.level]

    def refresh(self) -> None:
        """Repaint the rows that say something else now."""
        if self._height() != self.height():
            self.measure()
        self._ranked = self.rows()
        self._keeping.refresh(len(self._ranked))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the rows that are seen, with ages of this moment."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(event.rect(), self._theme.palette.panel)
        self._ranked = self.rows()
        for number, team in enumerate(self._ranked):
            place = self._place(number)
            if event.region().intersects(place):
                self._keeping.painted(number, self._said(number), event.region())
                self._draw_row(painter, QRectF(place), team)

    def _draw_row(self, painter: QPainter, rect: QRectF, team: Team) -> None:
        theme, palette = self._theme, self._theme.palette
        now_ns = self._bridge.now_ns()
        silence = silence_of(team, now_ns)
        is_bad = silence.level in ("over", "never")
        painter.fillRect(rect, palette.alarm_ground if is_bad else palette.panel)
        if team.id == self.selected_id:
            if not is_bad:
                painter.fillRect(rect, palette.info_ground)
            painter.fillRect(QRectF(rect.left(), rect.top(), theme.space(1), rect.height()), palette.info)
        painter.setPen(theme.pen(palette.row_line))
        painter.drawLine(rect.topLeft(), rect.topRight())
        inner = rect.adjusted(theme.space(3.5), theme.space(1), -theme.space(3.5), -theme.space(1))
        side = theme.px(Metric.SYMBOL_WIDTH)
        self._draw_symbol(painter, QRectF(inner.left(), inner.top(), side, inner.height()), team)
        left = inner.left() + side + theme.space(2.5)
        half = inner.height() / 2
        upper = QRectF(left, inner.top(), inner.right() - left, half)
        lower = QRectF(left, inner.top() + half, inner.right() - left, half)
        big, small, tone_name = self._right_words(team)
        tone = getattr(palette, tone_name)
        painter.setFont(theme.font(Size.STRONG, is_bold=True))
        taken = draw_text(painter, upper, big, tone, align=RIGHT)
        draw_text(painter, upper.adjusted(0, 0, -taken - theme.space(2), 0), team.name, palette.text)
        painter.setFont(theme.font(Size.TINY))
        taken = draw_text(painter, lower, small, palette.dim if tone_name == "text" else tone, align=RIGHT)
        lower = lower.adjusted(0, 0, -taken - theme.space(2), 0)
        chip = unwatched_word(unwatched(self._picture).get(team.id), self._speech)
        draw_chip(painter, lower, chip, theme, palette.warn)
        beside = chip_width(chip, theme) + theme.space(1.5) if chip else 0
        self._draw_lower(painter, lower.adjusted(0, 0, -beside, 0), team)

    def _draw_lower(self, painter: QPainter, room: QRectF, team: Team) -> None:
        """What is doubtful of its place first, then when and how it was last heard, then its charge."""
        theme, palette, now_ns = self._theme, self._theme.palette, self._bridge.now_ns()
        is_wide = self.width() >= theme.px(Metric.TEAMS_WIDTH) - theme.space(4)
        painter.setFont(theme.font(Size.SMALL if is_wide else Size.TINY))
        words = heard_words(team, self._names, self._speech, now_ns)
        gap = theme.space(1.5)
        if doubt := doubt_words(team, self._speech):
            room = room.adjusted(draw_text(painter, room, doubt, palette.warn) + gap, 0, 0, 0)
        reserved = theme.space(4.5) + gap if team.charge_percent is not None else 0
        used = draw_text(painter, room.adjusted(0, 0, -reserved, 0), words, palette.soft)
        if team.charge_percent is not None:
            is_old = is_charge_old(team, now_ns)
            self._draw_charge(painter, room.adjusted(used + gap, 0, 0, 0), team.charge_percent, is_old=is_old)

    def _draw_symbol(self, painter: QPainter, rect: QRectF, team: Team) -> None:
        theme = self._theme
        height = theme.px(Metric.SYMBOL_HEIGHT)
        box = QRectF(rect.left() + 1, rect.center().y() - height / 2, rect.width() - 2, height)
        painter.setPen(theme.pen(theme.palette.own, Metric.STROKE))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(box)
        painter.setFont(theme.font(Size.SMALL, is_bold=True))
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), team.symbol[:1])

    def _draw_charge(self, painter: QPainter, room: QRectF, charge_percent: float, *, is_old: bool) -> None:
        """A filled cell; one that was told too long ago is hollow and dashed: no level is known now."""
        theme = self._theme
        width, height = theme.space(4.5), theme.space(2)
        box = QRectF(room.left(), room.center().y() - height / 2, width, height)
        colour = theme.palette.warn if charge_percent <= 25 else theme.palette.dim
        if is_old:
            painter.setPen(theme.pen(theme.palette.faint, Metric.HAIRLINE, Qt.PenStyle.DashLine))
            painter.drawRect(box)
            return
        painter.setPen(theme.pen(colour))
        painter.drawRect(box)
        painter.fillRect(QRectF(box.left(), box.top(), width * charge_percent / 100, height), colour)


def _matches(team: Team, wanted: str) -> bool:
    told = (team.name, team.symbol, team.task, team.kind, team.leader, team.phone, *team.means)
    return any(wanted in one.casefold() for one in told)
