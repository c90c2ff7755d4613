"""The map's painter: tiles, underlay, trails and teams kept as pixmaps, and a thin layer of words drawn anew.

Ages and staleness are judged from the stored times when painting, at most a quarter of a second before, never kept
longer.  Between two judgements, while the map is dragged, the pixmaps are only moved.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import ceil

from PySide6.QtCore import QPointF, QRect, QRectF
from PySide6.QtGui import QPainter, QRegion

from console.picture import Picture
from console.views.judgement import own_place
from console.views.situation.crowd import Badge, Crowd
from console.views.situation.ground import draw_graticule_labels
from console.views.situation.layers import Layer, Overlay, is_drill, layer_keys
from console.views.situation.legend import draw_legend, ground_note, legend_rect, note_rect, readout
from console.views.situation.marks import Mark, alarmed_ids, marks_of, spread
from console.views.situation.placebar import buttons_rect
from console.views.situation.plate import Fusion, Plate, wide
from console.views.situation.scene import Moment, Scene, has_same_shape
from console.views.situation.team_layer import TeamLayer
from console.views.situation.tile_layer import TileLayer
from console.views.situation.toolbar import quick_rect
from console.views.situation.tracks import Trails
from console.views.situation.vehicle import vehicle_rect, vehicle_words
from console.views.speech import Speech
from console.views.theme import Metric, Theme

_WORDS_STEP_PX = 32.0
_JUDGED_FOR_NS = 250_000_000
_MOST_TRAILS = 100
"""Of so many teams, the most important ones, the trail is drawn."""


_Judged = tuple[Moment, Scene, Picture]
"""When, what is shown, and a picture of those whose trail is drawn."""


class Canvas:
    """Draws moments; remembers what it drew last, so that only what changed needs drawing."""

    def __init__(self, theme: Theme, speech: Speech, tiles: TileLayer) -> None:
        self._theme = theme
        self._speech = speech
        self._tiles = tiles
        self._overlay = Overlay(theme, speech)
        self._trails = Trails()
        self._crowd = Crowd()
        self._teams = TeamLayer(theme, speech)
        self.layers: list[Layer] = []
        self._fusion = Fusion(theme)
        self._judged: _Judged | None = None
        self._drawn: Scene | None = None
        self._words_rect = QRectF()

    # ---- what was drawn last

    @property
    def marks(self) -> list[Mark]:
        """The teams drawn last by themselves, their places in the pixels of the view they were judged for."""
        return [] if self._judged is None else [self._on_view(mark) for mark in self._judged[1].marks]

    @property
    def badges(self) -> list[Badge]:
        """The counts drawn last, likewise."""
        if self._judged is None:
            return []
        shift = _margin(self._judged[1])
        return [replace(badge, centre=badge.centre - shift) for badge in self._judged[1].badges]

    @property
    def label_rects(self) -> dict[str, QRectF]:
        """The labels drawn last, by team, likewise."""
        if self._judged is None:
            return {}
        shift, seen = -_margin(self._judged[1]), self._judged[1].view.rect()
        rects = {key: rect.translated(shift) for key, rect in self._teams.label_rects.items()}
        return {key: rect for key, rect in rects.items() if seen.intersects(rect)}

    def _on_view(self, mark: Mark) -> Mark:
        return mark if self._judged is None else replace(mark, centre=mark.centre - _margin(self._judged[1]))

    # ---- judging

    def judge(self, moment: Moment) -> None:
        """Read the picture at this moment: who is where, how old that is, and what of it can be shown."""
        picture, view, now_ns = moment.picture, moment.view, moment.now_ns
        if picture is None:
            self._judged = None
            return
        self._crowd.take(picture)
        beyond = wide(view)
        exempt = {*alarmed_ids(picture), *moment.spread_ids, moment.selected_id or ""}
        gathered = self._crowd.gather(beyond, now_ns, exempt)
        marks = marks_of(picture, beyond, self._speech, now_ns, moment.selected_id, gathered.teams)
        trailed = {mark.team_id for mark in marks[:_MOST_TRAILS]}
        teams = tuple(team for team in gathered.teams if team.id in trailed)
        own = own_place(picture)
        scene = Scene(
            view=view,
            wide=beyond,
            is_drill=is_drill(picture),
            marks=spread(marks, moment.spread_ids, self._theme),
            badges=gathered.badges,
            vehicle=(
                vehicle_rect(picture, beyond, self._theme, self._speech, now_ns),
                vehicle_words(own, self._speech, now_ns) if own else (),
            ),
            trails=tuple((team.id, team.trail) for team in teams),
            cursor_deg=moment.cursor_deg,
            words=readout(picture, self._speech, now_ns, moment.selected_id, moment.cursor_deg),
            layers=layer_keys(moment, self.layers),
        )
        self._judged = (moment, scene, replace(picture, teams=teams))

    def _is_judged(self, moment: Moment) -> bool:
        """Whether what was judged last is still true for this moment, though perhaps for a part beside it."""
        if self._judged is None:
            return False
        then, scene, _ = self._judged
        is_same = then == replace(moment, view=then.view, now_ns=then.now_ns, picture=then.picture)
        return (
            is_same
            and then.picture is moment.picture
            and 0 <= moment.now_ns - then.now_ns < _JUDGED_FOR_NS
            and (scene.view == moment.view or self._teams.covers(moment.view))
        )

    def changes(self, moment: Moment) -> list[QRect] | None:
        """Judge anew; gives where it looks otherwise than what is on the screen, ``None``: anywhere."""
        self.judge(moment)
        return self._changes(self._judged[1]) if self._judged and self._trails.is_finished else None

    def _changes(self, scene: Scene) -> list[QRect] | None:
        drawn = self._drawn
        if drawn is None or (drawn.cursor_deg, drawn.layers) != (scene.cursor_deg, scene.layers):
            return None
        places = scene.changes_since(drawn, self._teams.label_rects, self._theme)
        if places is None or not has_same_shape(scene.words, drawn.words):
            return None
        shift, whole = -_margin(scene), scene.view.rect()
        places = [place.translated(shift) for place in places]
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
        view = moment.view
        self._teams.stamps.begin(ratio)
        if not self._is_judged(moment):
            self.judge(moment)
        note = ground_note(moment, self._speech, self._tiles, self.layers)
        obstacles = [*obstacles, note_rect(note, view, self._theme)]
        tiles = self._tiles.bring(view, ratio)
        overlay = self._overlay.bring(moment, self.layers, ratio=ratio, is_over_tiles=tiles is not None)
        plates = [overlay] if tiles is None else [tiles, overlay]
        if self._judged is not None:
            plates += self._bring(moment, self._judged, region, obstacles, ratio=ratio)
        self._fusion.put(painter, view, plates, ratio=ratio)
        draw_graticule_labels(painter, view, self._theme, self._teams.stamps, obstacles)
        if self._judged is not None and moment.picture is not None:
            words = self._judged[1].words
            draw_legend(painter, note, view, self._theme, words, self._teams.stamps)
        self._draw_cursor(painter, moment)

    def _bring(
        self, moment: Moment, judged: _Judged, region: QRegion, obstacles: Sequence[QRectF], *, ratio: float
    ) -> list[Plate]:
        """The plates of trails and teams, brought to what was judged."""
        then, scene, trailed = judged
        is_there = scene.view == moment.view
        # Asked before painting: where only a part is painted of another scene, nothing sure is on the screen.
        self._drawn = scene if is_there and self._is_covered(scene, region) else None
        stale = {mark.team_id for mark in scene.marks if mark.is_stale}
        trails = self._trails.bring(trailed, moment.view, self._theme, stale, ratio=ratio)
        if is_there:
            self._words_rect = legend_rect(moment.view, self._theme, scene.words)
            view, theme = moment.view, self._theme
            taken = [*obstacles, buttons_rect(view, theme), quick_rect(view, theme), _stepped(self._words_rect)]
            self._teams.bring(then, scene, taken, ratio=ratio)
        teams = self._teams.plate
        return [trails] if teams is None else [trails, teams]

    def _draw_cursor(self, painter: QPainter, moment: Moment) -> None:
        if moment.cursor_deg is None:
            return
        point = moment.view.point(*moment.cursor_deg)
        arm = self._theme.space(3)
        painter.setPen(self._theme.pen(self._theme.palette.info, Metric.STROKE))
        painter.drawLine(point - QPointF(arm, 0), point + QPointF(arm, 0))
        painter.drawLine(point - QPointF(0, arm), point + QPointF(0, arm))


def _margin(scene: Scene) -> QPointF:
    """Where what is seen begins on what is drawn."""
    return QPointF((scene.wide.width_px - scene.view.width_px) / 2, (scene.wide.height_px - scene.view.height_px) / 2)


def _stepped(rect: QRectF) -> QRectF:
    """A little wider: words whose figures change every moment must not move the labels around them."""
    return QRectF(rect.left(), rect.top(), ceil(rect.width() / _WORDS_STEP_PX) * _WORDS_STEP_PX, rect.height())
