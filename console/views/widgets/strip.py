# ruff: noqa: N802 - the names of overridden methods are Qt's
"""The strip above every screen: what this is, what is cut, who is silent, which pictures live, the time, the alarms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from console.picture import Alarm, Picture
from console.views.judgement import Tone
from console.views.speech import Speech
from console.views.theme import Metric, Size, Theme
from console.views.widgets.label import CENTRE, Label, draw_text
from console.views.widgets.road_summary import road_summary
from console.views.widgets.summary import Summary, net_summary, team_summary, wall_summary
from console.views.widgets.supply import power_summary

_WIDE = (15, 12, 12, 10, 7)
_NARROW = (15, 11, 12, 11, 7)
"""How the answers share the strip.  In little room each gets what its headline needs."""

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
        return incident.name, both if fits else since

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's signature
        """Draw it."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.palette.panel)
        inner = QRectF(self.rect()).adjusted(self._theme.space(4), 0, -self._theme.space(2), 0)
        self._painted = words = self.words()
        draw_two_lines(painter, inner, words, self._theme, self._theme.palette.text)


def draw_two_lines(painter: QPainter, rect: QRectF, words: tuple[str, str], theme: Theme, colour: QColor) -> None:
    """A strong line and a small one, centred upright."""
    strong, small = theme.metrics(Size.STRONG, is_bold=True).height(), theme.metrics(Size.SMALL).height()
    top = rect.center().y() - (strong + small) / 2
    painter.setFont(theme.font(Size.STRONG, is_bold=True))
    draw_text(painter, QRectF(rect.left(), top, rect.width(), strong), words[0], colour)
    painter.setFont(theme.font(Size.SMALL))
    draw_text(painter, QRectF(rect.left(), top + strong, rect.width(), small), words[1], theme.palette.soft)


class SummaryBox(QWidget):
    """One answer: a large character, a headline and a line below; its ground says how bad it is."""

    clicked = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.summary: Summary | None = None
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A tap."""
        if self.rect().contains(event.position().toPoint()):
            self.clicked.emit()

    def show_summary(self, summary: Summary) -> None:
        """Show this."""
        if summary != self.summary:
            self.summary = summary
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's signature
        """Draw it."""
        theme, palette = self._theme, self._theme.palette
        painter = QPainter(self)
        summary = self.summary
        tone: Tone = summary.tone if summary else "normal"
        ground = {"normal": palette.panel, "amber": palette.warn_ground, "red": palette.alarm_ground}[tone]
        painter.fillRect(self.rect(), ground)
        if summary is None:
            return
        colour = {"normal": palette.text, "amber": palette.warn, "red": palette.alarm}[tone]
        painter.setFont(theme.font(Size.HUGE if len(summary.mark) == 1 else Size.BODY, is_bold=True))
        mark_px = painter.fontMetrics().horizontalAdvance(summary.mark) + theme.space(4)
        width = max(theme.space(13 if self.width() > theme.px(Metric.INCIDENT_WIDTH) else 11), mark_px)
        painter.setPen(palette.dim if tone == "normal" else colour)
        painter.drawText(QRectF(0, 0, width, self.height()), int(Qt.AlignmentFlag.AlignCenter), summary.mark)
        inner = QRectF(width, 0, self.width() - width - theme.space(2), self.height())
        draw_two_lines(painter, inner, (self._headline(summary, inner.width()), summary.below), theme, colour)

    def _headline(self, summary: Summary, room_px: float) -> str:
        """The figure is what must not be cut off."""
        is_cut = self._theme.metrics(Size.STRONG, is_bold=True).horizontalAdvance(summary.headline) > room_px
        return summary.short if is_cut and summary.short else summary.headline


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
        draw_text(painter, QRectF(right, top + small * 0.2, self.width() - right, small), pulse.date, palette.dim)
        self._draw_beat(painter, right, top + large * 0.9 - theme.space(1.5))
        painter.setFont(theme.font(Size.TINY, is_bold=pulse.is_stalled))
        below = palette.dim
        if pulse.is_stalled:
            below = palette.alarm
        elif pulse.is_doubtful:
            below = palette.warn
        draw_text(painter, QRectF(edge, top + large * 0.9, self.width() - edge, small), pulse.below, below)

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
        self.power.hide()
        self.road.hide()
        self._row.addWidget(self.clock)
        self._holder = QWidget()
        self._holder.setProperty("role", "panel")
        holder = QVBoxLayout(self._holder)
        holder.setSpacing(0)
        holder.addStretch(1)
        holder.addWidget(self.alarms)
        self.quiet = Label(theme, size=Size.TINY, tone="warn", is_bold=True)
        self.quiet.setAlignment(CENTRE)
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

        Silence must not be taken for peace: it is seen on every screen.
        What has returned and was seen by nobody is never counted among what a person acknowledged.
        """
        states = [alarm.state for alarm in alarms]
        unacknowledged = states.count("unacknowledged")
        is_silenced = quiet_ns is not None
        self.quiet.say(self._speech.say("shell.alarms.quiet", left=_left(quiet_ns)) if quiet_ns is not None else "")
        self.quiet.setVisible(is_silenced)
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
        theme = self._theme
        is_narrow = self.width() < theme.px(Metric.COMPACT_BELOW_WIDTH)
        self.incident.setFixedWidth(theme.px(Metric.INCIDENT_WIDTH_COMPACT if is_narrow else Metric.INCIDENT_WIDTH))
        self.clock.setFixedWidth(theme.px(Metric.CLOCK_WIDTH))
        # What is cut needs its width; who is silent and which pictures live stand beside it as room allows.
        left = self.width() - sum(box.width() for box in (self.badge, self.incident, self.clock))
        left -= self._holder.sizeHint().width()
        cuts = 1 + self.has_power + (not self.road.isHidden())
        left -= cuts * theme.px(Metric.CUT_WIDTH_COMPACT if is_narrow else Metric.CUT_WIDTH)
        self.team.setVisible(left >= theme.px(Metric.TEAM_WIDTH))
        self.wall.setVisible(not is_narrow and left >= theme.px(Metric.TEAM_WIDTH + Metric.WALL_WIDTH))
        for box, stretch in zip(self._boxes(), _NARROW if is_narrow else _WIDE, strict=True):
            self._row.setStretchFactor(box, stretch)

    def _boxes(self) -> tuple[SummaryBox, ...]:
        return self.net, self.power, self.road, self.team, self.wall
