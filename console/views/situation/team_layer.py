"""The vehicle and the teams as one pixmap, brought to what is judged now; while the map is dragged it is only moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QRegion

from console.views.situation.badges import badge_rect, draw_badge
from console.views.situation.declutter import Layout, Placed
from console.views.situation.marks import draw_label, draw_symbol, led_ids, symbol_rect, wanted_label
from console.views.situation.plate import Plate
from console.views.situation.projection import View
from console.views.situation.scene import Moment, Scene
from console.views.situation.stamps import Stamps
from console.views.situation.vehicle import draw_vehicle
from console.views.speech import Speech
from console.views.theme import Theme

_MOST_STAMPS = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class _State:
    """All that the pixmap depends on beside the words of the marks."""

    scene: Scene
    obstacles: tuple[QRectF, ...]
    style: tuple[object, ...]


class TeamLayer:
    """Draws scenes; ``label_rects`` are the labels of the last one by team, in its wide view."""

    def __init__(self, theme: Theme, speech: Speech) -> None:
        self._theme = theme
        self._speech = speech
        self._layout = Layout()
        self._beyond = Layout()
        self.stamps = Stamps(theme, _MOST_STAMPS)
        self._plate: Plate | None = None
        self._state: _State | None = None
        self._placed: list[Placed] = []
        self._badge_rects: list[QRectF] = []
        self.label_rects: dict[str, QRectF] = {}

    def bring(self, moment: Moment, scene: Scene, obstacles: Sequence[QRectF], *, ratio: float) -> None:
        """Make the pixmap say what ``scene`` says; no label in what is seen lies on ``obstacles``."""
        theme = self._theme
        style = (theme.is_night, theme.scale, self._speech.language, ratio)
        state = _State(scene=scene, obstacles=tuple(obstacles), style=style)
        before, self._state = self._state, state
        if self._plate is None or before is None or (before.obstacles, before.style) != (state.obstacles, style):
            self._draw_all(moment, scene, obstacles, ratio=ratio)
        elif scene is not before.scene:
            changed = scene.changes_since(before.scene, self.label_rects, theme)
            if changed is None:
                self._draw_all(moment, scene, obstacles, ratio=ratio)
            elif changed:
                self._draw_some(moment, scene, changed)

    @property
    def plate(self) -> Plate | None:
        """What is to be put down, ``None`` before the first scene."""
        return self._plate

    def covers(self, seen: View) -> bool:
        """Whether it reaches around what is seen."""
        return self._plate is not None and self._plate.covers(seen)

    def _draw_all(self, moment: Moment, scene: Scene, obstacles: Sequence[QRectF], *, ratio: float) -> None:
        plate = self._plate
        if plate is not None and plate.fits(scene.view, ratio):
            plate.clear(scene.view)
        else:
            plate = self._plate = Plate(scene.view, ratio)
        self._place(scene, obstacles)
        painter = plate.begin()
        self._draw(painter, moment, scene, QRegion(scene.wide.rect().toRect()))
        painter.end()

    def _draw_some(self, moment: Moment, scene: Scene, changed: Sequence[QRectF]) -> None:
        if self._plate is None:
            return
        region = QRegion()
        for rect in changed:
            region += rect.toAlignedRect().adjusted(-1, -1, 1, 1)
        painter = self._plate.begin()
        painter.setClipRegion(region)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Clear)
        painter.fillRect(region.boundingRect(), Qt.GlobalColor.transparent)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
        self._draw(painter, moment, scene, region)
        painter.end()

    def _place(self, scene: Scene, obstacles: Sequence[QRectF]) -> None:
        """Labels of what is seen within what is seen; of what a drag may bring into view, beyond it."""
        wide, theme = scene.wide, self._theme
        shift_x, shift_y = (wide.width_px - scene.view.width_px) / 2, (wide.height_px - scene.view.height_px) / 2
        seen = QRectF(shift_x, shift_y, scene.view.width_px, scene.view.height_px)
        symbols = {mark.team_id: symbol_rect(mark.centre, theme) for mark in scene.marks}
        self._badge_rects = [badge_rect(badge, theme, self.stamps) for badge in scene.badges]
        taken = [
            *scene.vehicle[0],
            *(rect.translated(shift_x, shift_y) for rect in obstacles),
            *self._badge_rects,
        ]
        inner = [mark for mark in scene.marks if seen.intersects(symbols[mark.team_id])]
        outer = [mark for mark in scene.marks if not seen.intersects(symbols[mark.team_id])]
        gap = theme.space(1.5)
        led = led_ids(inner)
        wanted = [wanted_label(mark, theme, self.stamps, must_show=mark.team_id in led) for mark in inner]
        placed = self._layout.place(wanted, seen, gap, taken)
        if outer:
            beyond = [wanted_label(mark, theme, self.stamps, must_show=False) for mark in outer]
            placed = [*placed, *self._beyond.place(beyond, wide.rect(), gap, [seen, *taken])]
        self._placed = placed
        self.label_rects = {label.key: label.rect for label in placed}

    def _draw(self, painter: QPainter, moment: Moment, scene: Scene, region: QRegion) -> None:
        theme, stamps = self._theme, self.stamps
        if moment.picture is not None:
            draw_vehicle(painter, moment.picture, scene.wide, theme, self._speech, moment.now_ns)
        by_id = {mark.team_id: mark for mark in scene.marks}
        for label in self._placed:
            if label.has_leader or region.intersects(label.rect.toAlignedRect()):
                draw_label(painter, by_id[label.key], label, theme, stamps)
        for badge, rect in zip(scene.badges, self._badge_rects, strict=True):
            draw_badge(painter, badge, rect, theme, stamps)
        for mark in reversed(scene.marks):
            draw_symbol(painter, mark, theme, stamps)
