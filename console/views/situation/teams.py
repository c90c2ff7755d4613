# ruff: noqa: N802 - the names of overridden methods are Qt's
"""The teams by silence: who was not heard longest, by which means and when they were."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QLineEdit, QScrollArea, QSizePolicy, QWidget

from console.bridge import Bridge
from console.picture import Picture, Team
from console.views.judgement import Level, Silence, by_silence, is_charge_old, silence_of
from console.views.situation.foundplaces import FoundPlaces
from console.views.situation.rowkeeping import RowKeeping
from console.views.speech import Speech
from console.views.theme import Metric, Size, Theme
from console.views.widgets.label import RIGHT, draw_text
from console.views.widgets.panel import Panel

_TONES: dict[Level, str] = {
    "fresh": "text",
    "soon": "warn",
    "over": "alarm",
    "never": "alarm",
    "unwatched": "dim",
}


def heard_words(team: Team, device_names: dict[str, str], speech: Speech, now_ns: int) -> str:
    """When last heard and by which means, then people: what an ellipsis cuts off is what matters least."""
    parts = []
    if team.last_heard_ns is None:
        parts.append(speech.say("situation.teams.no_means" if not team.means else "situation.teams.not_yet"))
    else:
        by = device_names.get(team.last_heard_by or "", team.last_heard_by or "")
        kind = speech.say(f"situation.heard.{team.last_heard_kind}") if team.last_heard_kind else ""
        if team.last_heard_by == "operator":
            by = ""
        parts.append(" ".join(word for word in (speech.minute(team.last_heard_ns, now_ns), kind, by) if word))
    if team.place is None and team.last_heard_ns is not None:
        parts.append(speech.say("situation.map.no_place"))
    if team.people is not None:
        parts.append(speech.say("situation.teams.people", count=team.people))
    return " · ".join(parts)


def silence_words(silence: Silence, speech: Speech) -> str:
    """The big words right: the age, or that there never was one."""
    if silence.level in ("never", "unwatched"):
        return speech.say(f"situation.teams.{silence.level}")
    return speech.age(silence.age_ns)


def below_words(team: Team, silence: Silence, speech: Speech) -> str:
    """The small words right: what is expected, and in words that it is overdue."""
    expected = speech.period(team.expected_s)
    if silence.level in ("over", "soon"):
        return speech.say(f"situation.teams.{silence.level}", period=expected)
    return speech.say("situation.teams.expected", period=expected) if silence.level != "unwatched" else ""


class TeamRows(QWidget):
    """The rows themselves, painted."""

    selected = Signal(str)

    def __init__(self, bridge: Bridge, theme: Theme, speech: Speech) -> None:
        super().__init__()
        self._bridge = bridge
        self._theme = theme
        self._speech = speech
        self._picture: Picture | None = None
        self._names: dict[str, str] = {}
        self.filter = ""
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
        return by_silence(self._wanted(), self._bridge.now_ns())

    def _wanted(self) -> list[Team]:
        if self._picture is None:
            return []
        wanted = self.filter.casefold()
        return [team for team in self._picture.teams if wanted in team.name.casefold() or wanted in team.symbol]

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
            self._choose(rows[index].id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down walk through the list."""
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        rows = self.rows()
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
            silence_words(silence, self._speech),
            below_words(team, silence, self._speech),
            heard_words(team, self._names, self._speech, now_ns),
            (team.charge_percent, is_charge_old(team, now_ns)),
            team.id == self.selected_id,
        )

    def refresh(self) -> None:
        """Repaint the rows that say something else now."""
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
        tone = getattr(palette, _TONES[silence.level])
        painter.setFont(theme.font(Size.STRONG, is_bold=True))
        taken = draw_text(painter, upper, silence_words(silence, self._speech), tone, align=RIGHT)
        draw_text(painter, upper.adjusted(0, 0, -taken - theme.space(2), 0), team.name, palette.text)
        painter.setFont(theme.font(Size.TINY))
        below = below_words(team, silence, self._speech)
        taken = draw_text(painter, lower, below, tone if silence.level != "fresh" else palette.dim, align=RIGHT)
        is_wide = self.width() >= theme.px(Metric.TEAMS_WIDTH) - theme.space(4)
        painter.setFont(theme.font(Size.SMALL if is_wide else Size.TINY))
        words = heard_words(team, self._names, self._speech, now_ns)
        room = lower.adjusted(0, 0, -taken - theme.space(2), 0)
        gap = theme.space(1.5)
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


class TeamList(Panel):
    """The panel: header with totals, find field when asked for, and the rows."""

    selected = Signal(str)
    gone = Signal(float, float)
    """Latitude and longitude that were typed into the find field."""

    def __init__(self, bridge: Bridge, theme: Theme, speech: Speech, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._theme = theme
        self._speech = speech
        self._picture: Picture | None = None
        self.rows = TeamRows(bridge, theme, speech)
        self.rows.selected.connect(self._chosen)
        self.find_field = QLineEdit()
        self.find_field.setClearButtonEnabled(True)
        self.find_field.setVisible(False)
        self.find_field.textChanged.connect(self._filter)
        self.found = FoundPlaces(theme, speech)
        self.found.gone.connect(self.gone)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setWidget(self.rows)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.body.addWidget(self.find_field)
        self.body.addWidget(self.found)
        self.body.addWidget(self._scroll, 1)
        self.rows.setProperty("role", "panel")
        self.retranslate()

    def show_picture(self, picture: Picture) -> None:
        """Take over what is known."""
        self._picture = picture
        self.rows.show_picture(picture)
        self.found.show_picture(picture)
        self._say_header()

    def _say_header(self) -> None:
        self.header.title.say(self._speech.say("situation.teams.title"))
        if self._picture is None:
            return
        total = len(self._picture.teams)
        if self.rows.filter:
            said = self._speech.say("situation.teams.filtered", shown=len(self.rows.rows()), total=total)
        else:
            people = sum(team.people or 0 for team in self._picture.teams)
            said = self._speech.say("situation.teams.note", total=total, people=people)
        self.header.note.say(said)
        self.header.note.set_tone("warn" if self.rows.filter else "faint")

    def refresh(self) -> None:
        """Ages and order of this moment."""
        self.rows.refresh()

    def select(self, team_id: str | None) -> None:
        """Mark a team and bring its row into sight."""
        self.rows.selected_id = team_id
        ids = [team.id for team in self.rows.rows()]
        if team_id in ids:
            height = self._theme.px(Metric.TEAM_ROW)
            self._scroll.ensureVisible(0, ids.index(team_id) * height + height // 2, 0, height // 2)
        self.rows.update()

    def _chosen(self, team_id: str) -> None:
        self.select(team_id)
        self.selected.emit(team_id)

    def focus_find(self) -> None:
        """Open the find field."""
        self.find_field.setVisible(True)
        self.find_field.setFocus()
        self.find_field.selectAll()

    def close_find(self) -> bool:
        """Show all teams again; False where nothing was filtered."""
        if not self.find_field.isVisible():
            return False
        self.find_field.clear()
        self.find_field.setVisible(False)
        self.rows.setFocus()
        return True

    def _filter(self, text: str) -> None:
        self.rows.filter = text.strip()
        self.rows.measure()
        self.found.read(self.rows.filter)
        self._say_header()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc closes the find field; Up, Down and Enter in it choose among the places understood."""
        if event.key() == Qt.Key.Key_Escape and self.close_find():
            return
        if self.find_field.hasFocus() and self._walk_found(Qt.Key(event.key())):
            return
        super().keyPressEvent(event)

    def _walk_found(self, key: Qt.Key) -> bool:
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            return self.found.go()
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(key)
        return step is not None and self.found.step(step)

    def retranslate(self) -> None:
        """Say everything anew."""
        self.found.retranslate()
        self.find_field.setPlaceholderText(self._speech.say("situation.teams.find"))
        self._say_header()
        self.rows.update()

    def restyle(self) -> None:
        """Measure and colour anew."""
        super().restyle()
        self.found.restyle()
        self.rows.measure()
