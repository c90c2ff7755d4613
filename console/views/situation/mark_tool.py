"""Drawing a point, a line or an area on the map, or mending one, by finger or by keyboard."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QKeyEvent, QPainter

from console.map_marks import LEAST_VERTICES, VERTICES, Geometry, MarkKind, MarkShape, Vertex
from console.views.situation.lines import away, away_from_leg
from console.views.situation.mark_layer import draw_kind, tone_of
from console.views.situation.mark_words import measure_of
from console.views.situation.projection import View
from console.views.speech import Speech
from console.views.theme import Metric, Theme

_CROSS = 4.0
_JOINS = 2.0
"""Spacing units: so near to each other two corners are one."""
_DRAG_STARTS_PX = 4
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class _Grip(NamedTuple):
    """What is under the finger: this corner, or a leg that would get a new one there."""

    corner: int
    is_leg: bool
    pressed: QPointF


class MarkTool:
    """Collects corners.  ``on_drawn`` is given the geometry, ``on_ended`` is told when the tool is put away.

    A tap sets a corner; Enter sets one in the middle of the map, which the arrow keys move.  A corner can be dragged,
    onto its neighbour to be rid of it; dragging a leg bends it.  A point is done with its one; a line or an area with a
    double tap, ``finish``, or Enter where the last corner already is.
    """

    def __init__(
        self,
        speech: Speech,
        theme: Theme,
        view: Callable[[], View],
        on_drawn: Callable[[Geometry], None],
        on_ended: Callable[[], None],
    ) -> None:
        self._speech = speech
        self._theme = theme
        self._view = view
        self._on_drawn = on_drawn
        self._on_ended = on_ended
        self.kind: MarkKind = "note"
        self.shape: MarkShape = "point"
        self.corners: list[Vertex] = []
        self._hover: QPointF | None = None
        self._has_cross = False
        self._grip: _Grip | None = None
        self._is_moving = False

    def begin(self, kind: MarkKind, shape: MarkShape, corners: Sequence[Vertex] = ()) -> None:
        """Draw this next, a line or an area from these corners on."""
        self.kind, self.shape = kind, shape
        self.corners = [] if shape == "point" else list(corners)
        self._hover = None
        self._has_cross = False
        self._let_go()

    def start_over(self) -> None:
        """Without any corner."""
        self.corners = []
        self._let_go()

    @property
    def geometry(self) -> Geometry:
        """What is drawn so far."""
        return Geometry(shape=self.shape, vertices=tuple(self.corners))

    def can_finish(self) -> bool:
        """Whether there are corners enough."""
        return len(self.corners) >= LEAST_VERTICES[self.shape]

    def finish(self) -> None:
        """Give what is drawn, where it is enough."""
        if self.can_finish():
            done = self.geometry
            self.corners = []
            self._on_drawn(done)

    def step_back(self) -> bool:
        """Take the last corner back."""
        if self.corners:
            self.corners.pop()
            return True
        return False

    def _add(self, point: QPointF) -> None:
        place = Vertex(*self._view().degrees_at(point))
        if len(self.corners) < VERTICES and (not self.corners or self.corners[-1] != place):
            self.corners.append(place)
        if self.shape == "point":
            self.finish()

    # ---- what is there already

    def _let_go(self) -> None:
        self._grip, self._is_moving = None, False

    def _grip_at(self, point: QPointF) -> _Grip | None:
        view, reach = self._view(), self._theme.px(Metric.TOUCH) / 2
        points = [view.point(*corner) for corner in self.corners]
        near = min(((away(one, point), index) for index, one in enumerate(points)), default=(reach + 1, 0))
        if near[0] <= reach:
            return _Grip(near[1], is_leg=False, pressed=point)
        ends = points[:1] if self.shape == "area" and len(points) > 2 else []
        legs = [(away_from_leg(point, a, b), index) for index, (a, b) in enumerate(pairwise([*points, *ends]), 1)]
        nearest = min(legs, default=(reach, 0))
        if nearest[0] <= reach / 2 and len(points) < VERTICES:
            return _Grip(nearest[1], is_leg=True, pressed=point)
        return None

    def _drag(self, grip: _Grip, point: QPointF) -> None:
        if not self._is_moving:
            if away(point, grip.pressed) < _DRAG_STARTS_PX:
                return
            self._is_moving = True
            if grip.is_leg:
                self.corners.insert(grip.corner, Vertex(*self._view().degrees_at(point)))
        self.corners[grip.corner] = Vertex(*self._view().degrees_at(point))

    def _join(self, index: int) -> None:
        """A corner that was dragged onto its neighbour is one with it."""
        view, count = self._view(), len(self.corners)
        beside = [index - 1, index + 1]
        if self.shape == "area":
            beside = [one % count for one in beside]
        here = view.point(*self.corners[index])
        is_on_one = any(not self._is_apart(here, one) for one in beside if 0 <= one < count)
        if count > LEAST_VERTICES[self.shape] and is_on_one:
            del self.corners[index]

    def _is_apart(self, point: QPointF, corner: int) -> bool:
        return away(self._view().point(*self.corners[corner]), point) > self._theme.space(_JOINS)

    # ---- the tool

    def press(self, point: QPointF) -> bool:
        """A corner or a leg under the finger is taken; else the map may be dragged."""
        self._let_go()
        self._grip = self._grip_at(point)
        return self._grip is not None

    def move(self, point: QPointF) -> bool:
        """What is taken follows, or the next leg follows a pointer that hovers."""
        if self._grip is not None:
            self._hover = None
            self._drag(self._grip, point)
            return True
        self._hover = point
        return bool(self.corners)

    def release(self, point: QPointF) -> bool:
        """A tap is a corner, unless there is one just there."""
        self._has_cross = False
        grip, is_moving = self._grip, self._is_moving
        self._let_go()
        if is_moving and grip is not None:
            self._join(grip.corner)
        elif grip is None or grip.is_leg or self._is_apart(point, grip.corner):
            self._add(point)
        return True

    def double(self, point: QPointF) -> bool:
        """The taps before have set the last corner; done."""
        del point
        self.finish()
        return True

    def key(self, event: QKeyEvent) -> bool:
        """Enter sets a corner or finishes, Backspace takes one back, Ctrl+Enter finishes."""
        key = Qt.Key(event.key())
        if key is Qt.Key.Key_Backspace:
            return self.step_back()
        if key not in _ENTER:
            self._has_cross = self._has_cross or key in (
                Qt.Key.Key_Left,
                Qt.Key.Key_Right,
                Qt.Key.Key_Up,
                Qt.Key.Key_Down,
            )
            return False
        view = self._view()
        middle = QPointF(view.width_px / 2, view.height_px / 2)
        is_again = bool(self.corners) and (view.point(*self.corners[-1]) - middle).manhattanLength() < 1
        if is_again or event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.finish()
        else:
            self._has_cross = True
            self._hover = None
            self._add(middle)
        return True

    def draw(self, painter: QPainter, view: View, theme: Theme) -> None:
        """The corners so far, the leg to the pointer dashed, and the cross of the keyboard."""
        colour = tone_of(self.kind, theme, is_hollow=False)
        points = [view.point(*corner) for corner in self.corners]
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(theme.pen(colour, Metric.STROKE_BOLD))
        if len(points) > 1:
            painter.drawPolyline(points)
        dashed = theme.pen(colour, Metric.STROKE, Qt.PenStyle.DashLine)
        end = QPointF(view.width_px / 2, view.height_px / 2) if self._has_cross else self._hover
        painter.setPen(dashed)
        if points and end is not None:
            painter.drawLine(points[-1], end)
        if self.shape == "area" and len(points) > 1:
            painter.drawLine(points[0], end or points[-1])
        half = theme.space(1)
        painter.setPen(theme.pen(colour, Metric.STROKE))
        painter.setBrush(theme.palette.panel)
        for point in points:
            painter.drawRect(QRectF(point.x() - half, point.y() - half, 2 * half, 2 * half))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self._has_cross:
            self._draw_cross(painter, QPointF(view.width_px / 2, view.height_px / 2), theme)

    def _draw_cross(self, painter: QPainter, middle: QPointF, theme: Theme) -> None:
        arm = theme.space(_CROSS)
        painter.setPen(theme.pen(theme.palette.info, Metric.STROKE_BOLD))
        painter.drawLine(middle - QPointF(arm, 0), middle + QPointF(arm, 0))
        painter.drawLine(middle - QPointF(0, arm), middle + QPointF(0, arm))
        side = theme.space(6)
        box = QRectF(middle.x() + arm, middle.y() - arm - side, side, side)
        draw_kind(painter, self.kind, box, theme, state="reported")

    def words(self) -> str:
        """What is being drawn, and how long it is so far; what to do next stands on the panel."""
        kind = self._speech.say(f"mark.kind.{self.kind}")
        return f"{kind} · {measure_of(self.geometry, self._speech)}" if len(self.corners) > 1 else kind

    def ended(self) -> None:
        """Forget what is not finished."""
        self.start_over()
        self._on_ended()
