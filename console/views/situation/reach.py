"""Whether radio reaches: from the vehicle, a base station or a place to a team, and what an antenna sees around it."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QKeyEvent, QPainter

from console.bridge import Bridge
from console.terrain.links import Link
from console.views.situation.map_view import MapView
from console.views.situation.profile import STYLES, TONES, draw_profile
from console.views.situation.projection import View
from console.views.situation.reckoning import Ends, Nothing, Reckoning, said_nothing
from console.views.situation.ruler import draw_crosshair, draw_dots
from console.views.situation.spots import VEHICLE, Degrees, Spot, fine_distance, measured, name_of, place_of, spot_at
from console.views.situation.tools import ClickTool
from console.views.situation.viewshed import SightLayer
from console.views.speech import Speech
from console.views.theme import Metric, Theme

_BOX = 40.0
"""Height of the drawing from the side, in spacing units."""
_FOOT = 24.0
"""What the scale and the readout take below it."""


class Reach(ClickTool):
    """A click on the vehicle or a station is where it is sent from, any other where to; a double click: from there."""

    def __init__(
        self, owner: MapView, reckoning: Reckoning, sight: SightLayer, bridge: Bridge, theme: Theme, speech: Speech
    ) -> None:
        self._owner = owner
        self._reckoning = reckoning
        self._sight = sight
        self._bridge = bridge
        self._theme = theme
        self._speech = speech
        self.source = VEHICLE
        self.target: Spot | None = None
        self.answer: Link | Nothing | None = None
        self._asked: Ends | None = None
        self._is_by_key = False

    # ---- the hand

    def release(self, point: QPointF) -> bool:
        """From here, or to here."""
        self._is_by_key = False
        self._point_at(self._spot(point))
        return True

    def double(self, point: QPointF) -> bool:
        """From here, whatever it is."""
        self._send_from(self._spot(point))
        return True

    def key(self, event: QKeyEvent) -> bool:
        """Enter: to the middle of the map; S: from there; V: what the sender sees; Backspace: begin anew."""
        middle = self._owner.view.rect().center()
        match event.key():
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self._is_by_key = True
                self._point_at(self._spot(middle))
            case Qt.Key.Key_S:
                self._is_by_key = True
                self._send_from(self._spot(middle))
            case Qt.Key.Key_V:
                self._sight.toggle(self.source)
            case Qt.Key.Key_Backspace | Qt.Key.Key_Delete:
                self.ended()
            case _:
                return False
        return True

    def ended(self) -> None:
        """From the vehicle again, to nobody."""
        self.source, self.target = VEHICLE, None
        self.answer = self._asked = None

    def renew(self) -> None:
        """What was answered is asked again."""
        self._asked = None

    def begin(self) -> None:
        """Taken up: to the team that is selected."""
        if self._owner.selected_id is not None:
            self.target = Spot(kind="team", id=self._owner.selected_id)

    def _spot(self, point: QPointF) -> Spot:
        surroundings, reach = self._bridge.surroundings, self._theme.px(Metric.TOUCH) / 2
        return spot_at(point, self._owner.view, self._bridge.picture, surroundings, reach)

    def _point_at(self, spot: Spot) -> None:
        if spot.kind in ("vehicle", "station"):
            self._send_from(spot)
        else:
            self.target = spot

    def _send_from(self, spot: Spot) -> None:
        self.source = spot
        if self.target == spot:
            self.target = None

    # ---- asking

    def _ends(self) -> Ends | None:
        """Where both are now, to ten metres: less is no reason to ask again."""
        picture = self._bridge.picture
        if picture is None or self.target is None:
            return None
        begin, end = place_of(self.source, picture), place_of(self.target, picture)
        if begin is None or end is None:
            return None
        return Ends(
            begin_deg=_rough(begin),
            end_deg=_rough(end),
            begin_height_m=self._reckoning.height_of(self.source),
            end_height_m=self._reckoning.height_of(self.target),
            frequency_mhz=self._reckoning.frequency_of(self.source),
        )

    def _ask(self) -> Ends | None:
        ends = self._ends()
        if ends != self._asked:
            self._asked, self.answer = ends, None
            if ends is not None:
                self._reckoning.judge(ends, lambda answer: self._take(ends, answer))
        return ends

    def _take(self, ends: Ends, answer: Link | Nothing) -> None:
        if ends == self._asked:
            self.answer = answer
            self._owner.update()

    # ---- what it found

    def _names(self) -> tuple[str, str]:
        picture, now_ns = self._bridge.picture, self._bridge.now_ns()
        if picture is None or self.target is None:
            return "", ""
        surroundings = self._bridge.surroundings
        begin = name_of(self.source, picture, surroundings, self._speech, now_ns)
        return begin, name_of(self.target, picture, surroundings, self._speech, now_ns)

    def words(self) -> str:
        """From whom to whom, and the verdict."""
        say = self._speech.say
        if self.target is None:
            return say("situation.reach.begin")
        begin, end = self._names()
        verdict = say("situation.reach.no_place") if self._ends() is None else self._verdict()
        return say("situation.reach.words", begin=begin, end=end, verdict=verdict)

    def _verdict(self) -> str:
        match self.answer:
            case None:
                return self._speech.say("situation.reach.asking")
            case Link(verdict=verdict):
                return self._speech.say(f"situation.reach.verdict.{verdict}")
            case nothing:
                return said_nothing(nothing, self._speech)

    def lines(self, link: Link, ends: Ends) -> list[str]:
        """What was reckoned with, and what stands in the way."""
        say = self._speech.say
        _, distance, bearing = measured(ends.begin_deg, ends.end_deg, self._speech)
        lines = [
            say(
                "situation.reach.with",
                distance=distance,
                bearing=bearing,
                frequency=f"{ends.frequency_mhz:g}",
                begin=f"{ends.begin_height_m:g}",
                end=f"{ends.end_height_m:g}",
            )
        ]
        if link.worst_m is not None and link.worst_clearance_m is not None and link.worst_share is not None:
            lines.append(
                say(
                    f"situation.reach.worst.{'over' if link.worst_clearance_m < 0 else 'under'}",
                    at=fine_distance(link.worst_m, self._speech),
                    height=f"{abs(link.worst_clearance_m):.0f}",
                    share=f"{link.worst_share:.1f}",
                    loss=f"{link.edge_loss_db or 0.0:.0f}",
                )
            )
        if link.unknown_percent > 0:
            lines.append(say("situation.reach.holes", percent=self._speech.percent(link.unknown_percent)))
        lines.append(say("situation.reach.replayed" if self._bridge.is_replaying else "situation.reach.caveat"))
        return lines

    def draw(self, painter: QPainter, view: View, theme: Theme) -> None:
        """The line on the map, and the ground from the side."""
        draw_crosshair(painter, view, theme, is_shown=self._is_by_key or self.target is None)
        ends = self._ask()
        if ends is None:
            return
        begin, end = view.point(*ends.begin_deg), view.point(*ends.end_deg)
        link = self.answer if isinstance(self.answer, Link) else None
        tone = TONES[link.verdict] if link else "soft"
        style = STYLES[link.verdict] if link else Qt.PenStyle.DashDotLine
        painter.setPen(theme.pen(getattr(theme.palette, tone), Metric.STROKE_BOLD, style))
        painter.drawLine(begin, end)
        draw_dots(painter, [begin, end], theme)
        if link is None:
            return
        if link.worst_m is not None and link.verdict in ("blocked", "partly"):
            _draw_cross(painter, begin + (end - begin) * (link.worst_m / max(1.0, link.profile.length_m)), theme)
        left = theme.space(3)
        rect = QRectF(left, theme.space(22), view.width_px - left - theme.space(3), theme.space(_BOX))
        if (begin + end).y() / 2 < view.height_px / 2:  # not over the way itself
            rect.moveBottom(view.height_px - theme.space(_FOOT))
            rect.setRight(rect.right() - theme.px(Metric.TOUCH) - theme.space(2))
        draw_profile(painter, rect, link, self.lines(link, ends), theme, self._speech)


def _draw_cross(painter: QPainter, point: QPointF, theme: Theme) -> None:
    arm = theme.space(1.5)
    painter.setPen(theme.pen(theme.palette.alarm, Metric.STROKE_BOLD))
    painter.drawLine(point - QPointF(arm, arm), point + QPointF(arm, arm))
    painter.drawLine(point - QPointF(arm, -arm), point + QPointF(arm, -arm))


def _rough(place: Degrees) -> Degrees:
    return round(place[0], 4), round(place[1], 4)
