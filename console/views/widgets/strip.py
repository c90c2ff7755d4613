# ruff: noqa: N802 - the names of overridden methods are Qt's
"""The strip above every screen: what this is, what is cut, who is silent, which pictures live, the time, the alarms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QIcon, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from console.picture import Alarm, Picture
from console.views.speech import Speech
from console.views.theme import Metric, Size, Theme
from console.views.widgets.answer import SummaryBox, draw_two_lines
from console.views.widgets.label import CENTRE, SEPARATOR, Label, draw_text, fitting
from console.views.widgets.road_summary import road_summary
from console.views.widgets.summary import net_summary, team_summary, wall_summary
from console.views.widgets.supply import power_summary

_WIDE = (15, 12, 12, 10, 7)
_NARROW = (16, 13, 12, 12, 9)
"""How the answers share the strip.  In little room each gets what its shortest headline needs."""

_AT_EASE = 3
"""So many answers have room beside one another on a laptop; more stand closer."""

_SIDES = (
    (Metric.INCIDENT_WIDTH, Metric.CLOCK_WIDTH),
    (Metric.INCIDENT_WIDTH_COMPACT, Metric.CLOCK_WIDTH),
    (Metric.INCIDENT_WIDTH_TIGHT, Metric.CLOCK_WIDTH_TIGHT),
)
"""What stands left and right of the answers, in the order in which it gives way to them."""

Badge = str
"""``live``, ``drill`` or ``replay``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """What the clock shows: words above and below, whether it stands still, and the phase of the heartbeat mark."""

    clock: str
    below: str
    is_stalled: bool
    is_doubtful: bool
    beat: int
    date: str = ""
    short_date: str = ""
    is_replayed: bool = False


class BadgeBox(QWidget):
    """实战 / 演练 / 回放: by word and by ground."""

    def __init__(self, theme: Theme, speech: Speech) -> None:
        super().__init__()
        self._theme = theme
        self._speech = speech
        self.badge: Badge = "live"

    def words(self) -> str:
        """What is written."""
        return self._speech.say(f"shell.badge.{self.badge}")

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's signature
        """Draw it."""
        palette = self._theme.palette
        grounds = {"live": palette.badge_ground, "drill": palette.drill, "replay": palette.replay}
        painter = QPainter(self)
        painter.fillRect(self.rect(), grounds[self.badge])
        painter.setFont(self._theme.font(Size.BODY, is_bold=True))
        painter.setPen(palette.text if self.badge == "live" else palette.panel)
        painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignCenter), self.words())


class IncidentBox(QWidget):
    """The incident, the post, and since when."""

    def __init__(self, theme: Theme, speech: Speech) -> None:
        super().__init__()
        self._theme = theme
        self._speech = speech
        self.picture: Picture | None = None
        self.now_ns = 0
        self._painted: object = None

    def show_incident(self, picture: Picture, now_ns: int) -> None:
        """Show this; painted again only where the words are others."""
        self.picture, self.now_ns = picture, now_ns
        if self.words() != self._painted:
            self.update()

    def words(self) -> tuple[str, str]:
        """Two lines."""
        if self.picture is None:
            return self._speech.say("shell.title"), self._speech.say("shell.clock.waiting")
        incident = self.picture.incident
        post = self._speech.say("shell.post", post=incident.post) if incident.post else ""
        since = self._speech.say("shell.no_since")
        if incident.since_ns is not None:
            since = self._speech.say(
                "shell.since",
                at=self._speech.minute(incident.since_ns, self.now_ns),
                age=self._speech.age(self.now_ns - incident.since_ns),
            )
        both = "　".join(part for part in (post, since) if part)
        room = self.width() - self._theme.space(6)
        fits = self._theme.metrics(Size.SMALL).horizontalAdvance(both) <= room
        strong = self._theme.metrics(Size.STRONG, is_bold=True)
        name = fitting(incident.name.split(SEPARATOR), room, strong)
        return name, both if fits else fitting(since.split(SEPARATOR), room, self._theme.metrics(Size.SMALL))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's signature
        """Draw it."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.palette.panel)
        inner = QRectF(self.rect()).adjusted(self._theme.space(4), 0, -self._theme.space(2), 0)
        self._painted = words = self.words()
        name = Size.STRONG
        if self._theme.metrics(name, is_bold=True).horizontalAdvance(words[0]) > inner.width():
            name = Size.BODY
        draw_two_lines(painter, inner, words, self._theme, self._theme.palette.text, strong=name)


class ClockBox(QWidget):
    """The console's time, where it comes from, and a mark that moves only while pictures come."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.pulse = Pulse(clock="", below="", is_stalled=True, is_doubtful=False, beat=0)

    def show_pulse(self, pulse: Pulse) -> None:
        """Show this."""
        if pulse != self.pulse:
            self.pulse = pulse
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's signature
        """Draw it."""
        theme, palette, pulse = self._theme, self._theme.palette, self.pulse
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), palette.alarm_ground if pulse.is_stalled else palette.panel)
        edge = theme.space(3)
        large, small = theme.metrics(Size.HUGE, is_bold=True).height(), theme.metrics(Size.TINY).height()
        top = (self.height() - large * 0.9 - small) / 2
        painter.setFont(theme.font(Size.HUGE, is_bold=True, is_struck=pulse.is_stalled))
        colour = palette.dim if pulse.is_stalled else palette.replay if pulse.is_replayed else palette.text
        taken = draw_text(painter, QRectF(edge, top, self.width() - 2 * edge, large * 0.9), pulse.clock, colour)
        right = edge + taken + theme.space(3)
        painter.setFont(theme.font(Size.TINY))
        date, room = pulse.date, self.width() - right
        if painter.fontMetrics().horizontalAdvance(date) > room:
            date = pulse.short_date
        draw_text(painter, QRectF(right, top + small * 0.2, room, small), date, palette.dim)
        self._draw_beat(painter, right, top + large * 0.9 - theme.space(1.5))
        painter.setFont(theme.font(Size.TINY, is_bold=pulse.is_stalled))
        below = palette.dim
        if pulse.is_stalled:
            below = palette.alarm
        elif pulse.is_doubtful:
            below = palette.warn
        line = QRectF(edge, top + large * 0.9, self.width() - edge, small)
        said = fitting(pulse.below.split(SEPARATOR), line.width(), painter.fontMetrics())
        draw_text(painter, line, said, below)

    def _draw_beat(self, painter: QPainter, x: float, y: float) -> None:
        """Four dots, one of them full: it steps on with every second's picture."""
        theme = self._theme
        side = theme.space(1.25)
        for index in range(4):
            is_on = index == self.pulse.beat % 4 and not self.pulse.is_stalled
            colour = theme.palette.alarm if self.pulse.is_stalled else theme.palette.dim
            painter.setPen(theme.pen(colour))
            painter.setBrush(colour if is_on else Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(x + index * side * 1.8, y - side / 2, side, side))


def _left(quiet_ns: int) -> str:
    """Minutes and seconds: ``9:41``."""
    seconds = max(0, quiet_ns) // 1_000_000_000
    return f"{seconds // 60}:{seconds % 60:02}"


class Strip(QWidget):
    """All of it in a row; ``asked`` carries that more is to be seen of what is cut."""

    asked = Signal()

    def __init__(self, theme: Theme, speech: Speech) -> None:
        super().__init__()
        self._theme = theme
        self._speech = speech
        self.badge = BadgeBox(theme, speech)
        self.incident = IncidentBox(theme, speech)
        self.net, self.power, self.road = cuts = [SummaryBox(theme) for _ in range(3)]
        self.team, self.wall = SummaryBox(theme), SummaryBox(theme)
        self.clock = ClockBox(theme)
        self.alarms = QPushButton()
        self.alarms.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.is_silenced = False
        self.has_power = False
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addWidget(self.badge)
        self._row.addWidget(self.incident)
        for box, stretch in zip(self._boxes(), _WIDE, strict=True):
            self._row.addWidget(box, stretch)
        for cut in cuts:
            cut.clicked.connect(self.asked)
            cut.setVisible(cut is self.net)
        self._row.addWidget(self.clock)
        self._holder = QWidget()
        self._holder.setProperty("role", "panel")
        holder = QVBoxLayout(self._holder)
        holder.setSpacing(0)
        holder.addStretch(1)
        holder.addWidget(self.alarms)
        self.quiet = Label(theme, size=Size.TINY, tone="warn", is_bold=True)
        self.quiet.setAlignment(CENTRE)
        self.quiet.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.quiet.hide()
        holder.addWidget(self.quiet)
        holder.addStretch(1)
        self._holder_row = holder
        self._row.addWidget(self._holder)
        self.setProperty("role", "ground")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.restyle()

    def show_picture(self, picture: Picture, now_ns: int, *, is_replayed: bool) -> None:
        """Judge the picture at this moment."""
        badge = "replay" if is_replayed else picture.mode
        if badge != self.badge.badge:
            self.badge.badge = badge
            self.badge.update()
        self.incident.show_incident(picture, now_ns)
        self.net.show_summary(net_summary(picture, self._speech, now_ns))
        power = power_summary(picture, self._speech, now_ns)
        self.power.setVisible(power is not None)
        self.has_power = bool(picture.power.supplies)
        if power is not None:
            self.power.show_summary(power)
        road = road_summary(picture, self._speech, now_ns)
        self.road.setVisible(road is not None)
        if road is not None:
            self.road.show_summary(road)
        self._fit()
        self.team.show_summary(team_summary(picture, self._speech, now_ns))
        self.wall.show_summary(wall_summary(picture, self._speech, now_ns, is_replayed=is_replayed))

    def show_alarms(self, alarms: Sequence[Alarm], *, quiet_ns: int | None = None) -> None:
        """Count the alarms on the button; while the sound is off a sign, and how long still (``quiet_ns``).

        Silence must not be taken for peace: it is seen on every screen, and so is how many were put away by hand.
        What has returned and was seen by nobody is never counted among what a person acknowledged.
        """
        states = [alarm.state for alarm in alarms]
        unacknowledged = states.count("unacknowledged")
        is_silenced = quiet_ns is not None
        put_away = states.count("out_of_service") + states.count("shelved")
        parts = [self._speech.say("shell.alarms.quiet", left=_left(quiet_ns))] if quiet_ns is not None else []
        parts += [self._speech.say("shell.alarms.put_away", count=put_away)] if put_away else []
        self.quiet.say(SEPARATOR.join(parts))
        self.quiet.setVisible(bool(parts))
        if is_silenced != self.is_silenced:
            self.is_silenced = is_silenced
            colour = self._theme.palette.on_button if unacknowledged else self._theme.palette.text
            self.alarms.setIcon(self._theme.icon("mute", colour) if is_silenced else QIcon())
        role = "alarm" if unacknowledged else ""
        words = self._speech.say("shell.alarms.none")
        if unacknowledged:
            words = self._speech.say("shell.alarms.count", count=unacknowledged)
        elif returned := states.count("returned"):
            words = self._speech.say("shell.alarms.returned", count=returned)
        elif acknowledged := states.count("acknowledged"):
            words = self._speech.say("shell.alarms.acknowledged", count=acknowledged)
        self.alarms.setText(words)
        if self.alarms.property("role") != role:
            self.alarms.setProperty("role", role)
            self.alarms.style().unpolish(self.alarms)
            self.alarms.style().polish(self.alarms)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Little room: what is cut, and no more."""
        super().resizeEvent(event)
        self._fit()

    def restyle(self) -> None:
        """Measure and colour anew."""
        theme = self._theme
        self.setFixedHeight(theme.px(Metric.STRIP_HEIGHT))
        self._row.setSpacing(theme.px(Metric.HAIRLINE))
        self.badge.setFixedWidth(theme.px(Metric.NAVIGATION_WIDTH))
        edge = theme.space(2.5)
        self._holder_row.setContentsMargins(edge, 0, edge, 0)
        self.alarms.setMinimumWidth(theme.px(Metric.ALARM_BUTTON_WIDTH))
        self._fit()

    def _fit(self) -> None:
        """No answer ever leaves: first the sides give way, then the answers' words become fewer."""
        theme = self._theme
        is_narrow = self.width() < theme.px(Metric.COMPACT_BELOW_WIDTH)
        room = self.width() - self.badge.width() - self._holder.sizeHint().width()
        shown = 3 + self.has_power + (not self.road.isHidden())
        need = shown * theme.px(Metric.CUT_WIDTH_COMPACT if is_narrow else Metric.CUT_WIDTH)
        sides = _SIDES[is_narrow:]
        incident, clock = next((one for one in sides if room - theme.px(sum(one)) >= need), sides[-1])
        self.incident.setFixedWidth(theme.px(incident))
        self.clock.setFixedWidth(theme.px(clock))
        for box, stretch in zip(self._boxes(), _NARROW if is_narrow else _WIDE, strict=True):
            self._row.setStretchFactor(box, stretch)
            box.set_tight(is_tight=is_narrow and shown > _AT_EASE)

    def _boxes(self) -> tuple[SummaryBox, ...]:
        return self.net, self.power, self.road, self.team, self.wall
