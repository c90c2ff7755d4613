"""The map's painter: underlay and layers kept as one pixmap, trails as another, teams and words drawn anew.

Ages and staleness are judged when painting, from the stored times, never kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from PySide6.QtCore import QPointF, QRect, QRectF
from PySide6.QtGui import QPainter, QRegion

from console.views.judgement import own_place
from console.views.situation.declutter import Layout
from console.views.situation.ground import draw_graticule_labels
from console.views.situation.layers import Layer, Overlay, is_drill, layer_keys
from console.views.situation.legend import draw_legend, readout
from console.views.situation.marks import Mark, draw_label, draw_symbol, marks_of, symbol_rect, wanted_label
from console.views.situation.scene import Moment, Scene, has_same_shape
from console.views.situation.stamps import Stamps
from console.views.situation.tracks import Trails
from console.views.situation.vehicle import draw_vehicle, vehicle_rect, vehicle_words
from console.views.speech import Speech
from console.views.theme import Metric, Theme

_WORDS_STEP_PX = 32.0


class Canvas:
    """Draws moments; remembers what it drew last, so that only what changed needs drawing."""

    def __init__(self, theme: Theme, speech: Speech) -> None:
        self._theme = theme
        self._speech = speech
        self._overlay = Overlay(theme, speech)
        self._trails = Trails()
        self._layout = Layout()
        self._stamps = Stamps(theme)
        self.layers: list[Layer] = []
        self.marks: list[Mark] = []
        self.label_rects: dict[str, QRectF] = {}
        self._drawn: Scene | None = None
        self._words_rect = QRectF()

    # ---- judging

    def marks_at(self, moment: Moment) -> list[Mark]:
        """The teams' marks, most important first."""
        if moment.picture is None:
            return []
        return marks_of(moment.picture, moment.view, self._speech, moment.now_ns, moment.selected_id)

    def _scene(self, moment: Moment) -> Scene | None:
        picture, view, now_ns = moment.picture, moment.view, moment.now_ns
        if picture is None:
            return None
        own = own_place(picture)
        rects = vehicle_rect(picture, view, self._theme, self._speech, now_ns)
        return Scene(
            view=view,
            is_drill=is_drill(picture),
            marks=self.marks_at(moment),
            vehicle=(rects, vehicle_words(own, self._speech, now_ns) if own else ()),
            trails=[team.trail for team in picture.teams],
            cursor_deg=moment.cursor_deg,
            words=readout(picture, self._speech, now_ns, moment.selected_id, moment.cursor_deg),
            layers=layer_keys(moment, self.layers),
        )

    def changes(self, moment: Moment) -> list[QRect] | None:
        """Where ``moment`` looks otherwise than what is on the screen; ``None``: anywhere."""
        return self._changes(self._scene(moment)) if self._trails.is_finished else None

    def _changes(self, scene: Scene | None) -> list[QRect] | None:
        drawn = self._drawn
        if scene is None or drawn is None:
            return None
        places = scene.changes_since(drawn, self.label_rects, self._theme)
        if places is None or not has_same_shape(scene.words, drawn.words):
            return None
        whole = scene.view.rect()
        if scene.words != drawn.words:
            places.append(QRectF(0, self._words_rect.top(), whole.width(), self._words_rect.height()))
        return [place.toAlignedRect().adjusted(-1, -1, 1, 1) & whole.toRect() for place in places]

    def _is_covered(self, scene: Scene, region: QRegion) -> bool:
        """Whether painting ``region`` brings everything on the screen to ``scene``."""
        whole = scene.view.rect().toRect()
        if QRegion(whole).subtracted(region).isEmpty():
            return True
        places = [whole] if (changed := self._changes(scene)) is None else changed
        return all(QRegion(place).subtracted(region).isEmpty() for place in places)

    # ---- painting

    def paint(
        self, painter: QPainter, moment: Moment, region: QRegion, obstacles: Sequence[QRectF], *, ratio: float
    ) -> None:
        """Paint ``region`` of the moment; no label is put on ``obstacles``."""
        picture, view, now_ns = moment.picture, moment.view, moment.now_ns
        scene = self._scene(moment)
        self._overlay.draw(painter, moment, self.layers, ratio=ratio)
        self._stamps.begin(ratio)
        draw_graticule_labels(painter, view, self._theme, self._stamps)
        if picture is None or scene is None:
            return
        # Judged before painting: where only a part is painted of another scene, nothing sure is on the screen.
        self._drawn = scene if self._is_covered(scene, region) else None
        self.marks = scene.marks
        stale = {mark.team_id for mark in self.marks if mark.is_stale}
        self._trails.draw(painter, picture, view, self._theme, stale, ratio=ratio)
        draw_vehicle(painter, picture, view, self._theme, self._speech, now_ns)
        self._words_rect = draw_legend(painter, picture, view, self._theme, self._speech, scene.words)
        self._draw_teams(painter, scene, region, obstacles)
        self._draw_cursor(painter, moment)

    def _draw_teams(self, painter: QPainter, scene: Scene, region: QRegion, obstacles: Sequence[QRectF]) -> None:
        bounds = scene.view.rect()
        taken = [*scene.vehicle[0], *obstacles, _stepped(self._words_rect)]
        visible = [mark for mark in self.marks if bounds.intersects(symbol_rect(mark.centre, self._theme))]
        by_id = {mark.team_id: mark for mark in visible}
        wanted = [wanted_label(mark, self._theme, self._stamps) for mark in visible]
        placed = self._layout.place(wanted, bounds, self._theme.space(1.5), taken)
        self.label_rects = {label.key: label.rect for label in placed}
        for label in placed:
            if label.has_leader or region.intersects(label.rect.toAlignedRect()):
                draw_label(painter, by_id[label.key], label, self._theme, self._stamps)
        for mark in reversed(visible):
            draw_symbol(painter, mark, self._theme, self._stamps)

    def _draw_cursor(self, painter: QPainter, moment: Moment) -> None:
        if moment.cursor_deg is None:
            return
        point = moment.view.point(*moment.cursor_deg)
        arm = self._theme.space(3)
        painter.setPen(self._theme.pen(self._theme.palette.info, Metric.STROKE))
        painter.drawLine(point - QPointF(arm, 0), point + QPointF(arm, 0))
        painter.drawLine(point - QPointF(0, arm), point + QPointF(0, arm))


def _stepped(rect: QRectF) -> QRectF:
    """A little wider: words whose figures change every moment must not move the labels around them."""
    return QRectF(rect.left(), rect.top(), ceil(rect.width() / _WORDS_STEP_PX) * _WORDS_STEP_PX, rect.height())
