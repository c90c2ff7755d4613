"""The vehicle and the teams as one pixmap, brought to what is judged now; while the map is dragged it is only moved."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace
from itertools import compress
from math import ceil, floor

import numpy as np
from PySide6.QtCore import QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QRegion

from console.views.situation.badges import badge_boxes, draw_badges
from console.views.situation.crowd import Badge
from console.views.situation.declutter import Box, Layout, Placed, Wanted, box
from console.views.situation.marks import (
    Mark,
    draw_label,
    draw_symbol,
    label_key,
    led_ids,
    mark_reach,
    symbol_key,
    symbol_rect,
    wanted_label,
)
from console.views.situation.plate import Plate, cleared
from console.views.situation.projection import View
from console.views.situation.scene import Moment, Scene
from console.views.situation.stamps import Stamps
from console.views.situation.vehicle import draw_vehicle
from console.views.speech import Speech
from console.views.theme import Theme

_MOST_STAMPS = 2048
_LOOKS = ("fresh", "soon", "old", "over")
_PEN_PX = 2.0
"""What is drawn reaches so far beyond its box: by its pen."""
_EDGE_PX = 8.0
"""So far do the edge behind a count, and the vehicle with its flag."""


Items = dict[Hashable, tuple[Hashable, list[Box], float]]
"""Whatever is drawn: how it looks, its boxes, and how far beyond them it reaches."""


Place = tuple[int, int, int, int]
"""A box of whole pixels."""


class TeamLayer:
    """Draws scenes; ``label_rects`` are the labels of the last one by team, in its wide view."""

    def __init__(self, theme: Theme, speech: Speech) -> None:
        self._theme = theme
        self._speech = speech
        self._layout = Layout()
        self._beyond = Layout()
        self.stamps = Stamps(theme, _MOST_STAMPS)
        self._plate: Plate | None = None
        self._state: object = None
        self._scene: Scene | None = None
        self._items: Items = {}
        self._obstacles: tuple[list[QRectF], list[QRectF]] = ([], [])
        self._marks: list[Mark] = []
        self._labels: list[tuple[Mark, Placed]] = []
        self._badges: list[tuple[Badge, Box]] = []
        self.label_rects: dict[str, QRectF] = {}

    def bring(
        self,
        moment: Moment,
        scene: Scene,
        obstacles: Sequence[QRectF],
        written: Sequence[QRectF] = (),
        *,
        ratio: float,
    ) -> None:
        """Make the pixmap say what ``scene`` says; no label lies on ``obstacles`` or on what roads and marks say.

        A team is not left without a name because of a sentence: its label then stands apart, with a leader.
        """
        theme = self._theme
        state = (theme.is_night, theme.scale, self._speech.language, ratio, scene.view, scene.is_drill)
        is_same, self._state = state == self._state, state
        asked = (list(obstacles), list(written))
        if is_same and scene is self._scene and asked == self._obstacles:
            return
        self._scene, self._obstacles = scene, asked
        self._place(scene, obstacles, written)
        before, self._items = self._items, self._drawn_items(scene)
        if not is_same or self._plate is None:
            self._plate = cleared(self._plate, scene.view, ratio)
            whole = (0, 0, ceil(scene.wide.width_px), ceil(scene.wide.height_px))
            self._draw(self._plate.begin(), moment, scene, [whole])
            return
        places = _changed(before, self._items)
        if places:
            region = QRegion()
            for left, top, right, bottom in places:
                region += QRect(QPoint(left, top), QPoint(right, bottom))
            painter = self._plate.begin(region)
            painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Clear)
            painter.fillRect(region.boundingRect(), Qt.GlobalColor.transparent)
            painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
            self._draw(painter, moment, scene, places)

    @property
    def plate(self) -> Plate | None:
        """What is to be put down, ``None`` before the first scene."""
        return self._plate

    def covers(self, seen: View) -> bool:
        """Whether it reaches around what is seen."""
        return self._plate is not None and self._plate.covers(seen)

    def _place(self, scene: Scene, obstacles: Sequence[QRectF], written: Sequence[QRectF]) -> None:
        """Labels of what is seen within what is seen; of what a drag may bring into view, beyond it."""
        wide, theme = scene.wide, self._theme
        shift_x, shift_y = (wide.width_px - scene.view.width_px) / 2, (wide.height_px - scene.view.height_px) / 2
        seen = QRectF(shift_x, shift_y, scene.view.width_px, scene.view.height_px)
        symbols = {mark.team_id: symbol_rect(mark.centre, theme) for mark in scene.marks}
        boxes = badge_boxes(scene.badges, theme, self.stamps)
        self._badges = sorted(zip(scene.badges, boxes, strict=True), key=lambda pair: pair[1])
        taken = [
            *(box(rect) for rect in scene.vehicle[0]),
            *(box(rect.translated(shift_x, shift_y)) for rect in (*obstacles, *written)),
            *boxes,
        ]
        inner = [mark for mark in scene.marks if seen.intersects(symbols[mark.team_id])]
        outer = [mark for mark in scene.marks if not seen.intersects(symbols[mark.team_id])]
        gap = theme.space(1.5)
        led = led_ids(inner)
        wanted = [wanted_label(mark, theme, self.stamps, must_show=mark.team_id in led) for mark in inner]
        said = [box(rect.translated(shift_x, shift_y)) for rect in written]
        if said:
            wanted = [replace(one, must_show=True) if _is_crowded(one, said, gap) else one for one in wanted]
        placed = self._layout.place(wanted, seen, gap, taken)
        if outer:
            beyond = [wanted_label(mark, theme, self.stamps, must_show=False) for mark in outer]
            placed = [*placed, *self._beyond.place(beyond, wide.rect(), gap, [box(seen), *taken])]
        by_key = {label.key: label for label in placed}
        self._marks = sorted(scene.marks, key=_rank)
        self._labels = [(mark, by_key[mark.team_id]) for mark in self._marks if mark.team_id in by_key]
        self.label_rects = {label.key: label.rect for label in placed}

    def _drawn_items(self, scene: Scene) -> Items:
        theme = self._theme
        vehicle = [box(rect) for rect in scene.vehicle[0]]
        items: Items = {"vehicle": ((*vehicle, scene.vehicle[1]), vehicle, _EDGE_PX)}
        for mark, label in self._labels:
            sides = box(label.rect)
            reach = [sides]
            if label.has_leader:
                x, y = mark.centre.toTuple()
                reach.append((min(x, sides[0]), min(y, sides[1]), max(x, sides[2]), max(y, sides[3])))
            items["label", label.key] = ((sides, label.has_leader, label_key(mark)), reach, _PEN_PX)
        for badge, sides in self._badges:
            items[sides] = ((badge.number, badge.stale), [sides], _EDGE_PX)
        for mark in self._marks:
            items["symbol", mark.team_id] = (symbol_key(mark), [box(mark_reach(mark, theme))], _PEN_PX)
        return items

    def _draw(self, painter: QPainter, moment: Moment, scene: Scene, places: Sequence[Place]) -> None:
        """Draw what touches ``places``, and end the painting."""
        theme, stamps, items = self._theme, self.stamps, self._items
        touched = _touched(items, places)
        if moment.picture is not None and "vehicle" in touched:
            draw_vehicle(painter, moment.picture, scene.wide, theme, self._speech, moment.now_ns)
        for mark, label in self._labels:
            if ("label", label.key) in touched:
                draw_label(painter, mark, label, theme, stamps)
        draw_badges(painter, [pair for pair in self._badges if pair[1] in touched], theme, stamps)
        for mark in self._marks:
            if ("symbol", mark.team_id) in touched:
                draw_symbol(painter, mark, theme, stamps)
        painter.end()


def _is_crowded(want: Wanted, said: Sequence[Box], gap_px: float) -> bool:
    """Whether a sentence stands where this label would stand beside its symbol."""
    left, top, right, bottom = box(want.symbol)
    across, up = want.size.width() + gap_px, want.size.height() + gap_px
    left, top, right, bottom = left - across, top - up, right + across, bottom + up
    return any(left < far and one < right and top < low and high < bottom for one, high, far, low in said)


def _rank(mark: Mark) -> tuple[object, ...]:
    """The more urgent above; of the same urgency in an order that does not change when one of them is heard."""
    return mark.is_selected, mark.is_alarmed, _LOOKS.index(mark.look), mark.team_id


def _changed(before: Items, after: Items) -> list[Place]:
    """Where they look otherwise.  What stayed lies over one another as before: the order follows from what is drawn."""
    found: dict[tuple[Box, float], None] = {}
    for who, (look, boxes, edge_px) in before.items():
        now = after.get(who)
        if now is None or now[0] != look:
            found.update(((one, edge_px), None) for one in (boxes if now is None else [*boxes, *now[1]]))
    for who, (_, boxes, edge_px) in after.items():
        if who not in before:
            found.update(((one, edge_px), None) for one in boxes)
    return [
        (floor(left - edge_px), floor(top - edge_px), ceil(right + edge_px), ceil(bottom + edge_px))
        for (left, top, right, bottom), edge_px in found
    ]


def _touched(items: Items, places: Sequence[Place]) -> set[Hashable]:
    """What reaches into one of ``places``: hundreds of them, and hundreds of things, compared at once."""
    owners = [who for who, (_, boxes, _) in items.items() for _ in boxes]
    sides = np.array([(*one, edge_px) for _, boxes, edge_px in items.values() for one in boxes]).reshape(-1, 5, 1)
    left, top, right, bottom = np.array(places).T
    edge_px = sides[:, 4]
    is_near = (sides[:, 0] - edge_px <= right) & (left <= sides[:, 2] + edge_px)
    is_near &= (sides[:, 1] - edge_px <= bottom) & (top <= sides[:, 3] + edge_px)
    return set(compress(owners, is_near.any(axis=1).tolist()))
