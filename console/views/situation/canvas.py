"""The map's painter: tiles, underlay, trails and teams kept as pixmaps, and a thin layer of words drawn anew.

Ages and staleness are judged from the stored times when painting, at most a quarter of a second before, never kept
longer.  Between two judgements, while the map is dragged, the pixmaps are only moved.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from math import ceil, floor

from PySide6.QtCore import QPointF, QRect, QRectF
from PySide6.QtGui import QPainter, QRegion

from console.picture import Picture
from console.views.judgement import own_place
from console.views.situation.crowd import Badge, Crowd
from console.views.situation.ground import draw_graticule_labels
from console.views.situation.layers import Layer, Overlay, is_drill
from console.views.situation.legend import draw_legend, ground_note, legend_rect, note_rect, readout
from console.views.situation.marks import Mark, marks_of, spread, waiting_alarms
from console.views.situation.placebar import buttons_rect
from console.views.situation.plate import Fusion, Plate, Sheet, Spare, wide
from console.views.situation.projection import View
from console.views.situation.scene import Moment, Scene, Words, shape_of_words
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
        spare = Spare()
        self._trails = Trails(spare)
        self._crowd = Crowd()
        self._teams = TeamLayer(theme, speech)
        self.layers: list[Layer] = []
        self._fusion = Fusion(theme, spare)
        self._judged: _Judged | None = None
        self.past: _Judged | None = None
        """What was judged before: thousands of teams are let go with it, which can wait until the new ones are seen."""
        self._words_rect = QRectF()
        self._frame: object = None
        self._words: Words = []
        self.rest = QRegion()
        """Where the screen does not yet show what the plates say."""

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
        x_px, y_px = _margin(self._judged[1]).toTuple()
        return [badge._replace(x_px=badge.x_px - x_px, y_px=badge.y_px - y_px) for badge in self._judged[1].badges]

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
        self.past = self._judged
        if picture is None:
            self._judged = None
            return
        self._crowd.take(picture)
        beyond = wide(view)
        subjects, alarms = waiting_alarms(picture)
        exempt = {*subjects, *self._crowd.with_alarm(alarms), *moment.spread_ids, moment.selected_id or ""}
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
        )
        self._judged = (moment, scene, replace(picture, teams=teams))

    def let_go(self) -> None:
        """Forget what was judged before."""
        self.past = None

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

    def changes(self, moment: Moment, obstacles: Sequence[QRectF], *, ratio: float) -> QRegion:
        """Judge anew; gives where it looks otherwise than what is on the screen.

        The plates are brought to it at once; what is not painted after that is said again.
        """
        self.judge(moment)
        self.rest += self._bring_all(moment, obstacles, ratio, may_renew=True)[1]
        return self.rest

    # ---- painting

    def paint(
        self, painter: QPainter, moment: Moment, region: QRegion, obstacles: Sequence[QRectF], *, ratio: float
    ) -> None:
        """Paint ``region`` of the moment; no label is put on ``obstacles``."""
        view = moment.view
        is_whole = QRegion(view.rect().toAlignedRect()).subtracted(region).isEmpty()
        sheets, changed = self._bring_all(moment, obstacles, ratio, may_renew=is_whole)
        self.rest = (self.rest + changed).subtracted(region)
        self._fusion.put(painter, view, sheets, region, ratio=ratio)
        note = ground_note(moment, self._speech, self._tiles, self.layers)
        taken = [*obstacles, note_rect(note, view, self._theme), *self._overlay.named(view)]
        draw_graticule_labels(painter, view, self._theme, self._teams.stamps, region, taken)
        if self._judged is not None and moment.picture is not None:
            draw_legend(painter, note, view, self._theme, self._words, self._teams.stamps)
        self._draw_cursor(painter, moment)

    def _bring_all(
        self, moment: Moment, obstacles: Sequence[QRectF], ratio: float, *, may_renew: bool
    ) -> tuple[list[Sheet], QRegion]:
        """What is to be put down, and where that looks otherwise than what was put down last."""
        view, theme = moment.view, self._theme
        self._teams.stamps.begin(ratio)
        if not self._is_judged(moment):
            self.judge(moment)
        note = ground_note(moment, self._speech, self._tiles, self.layers)
        obstacles = [*obstacles, note_rect(note, view, theme)]
        has_tiles = self._tiles.bring(view, ratio)
        words: Words = [] if self._judged is None else self._judged[1].words
        over = partial(_over, obstacles, view, theme, words)
        plates = [self._overlay.bring(moment, self.layers, over, ratio=ratio)]
        if self._judged is not None:
            plates += self._bring(moment, self._judged, obstacles, ratio=ratio, may_renew=may_renew)
        frame = (view, note, obstacles, moment.cursor_deg, has_tiles, [id(plate) for plate in plates])
        style = (theme.is_night, theme.scale, self._speech.language, ratio, shape_of_words(words))
        changed = QRegion()
        for plate in plates:
            changed += plate.taken_changes(view)
        if words != self._words:
            changed += QRect(0, floor(self._words_rect.top()), ceil(view.width_px), ceil(self._words_rect.height()) + 1)
        whole = QRegion(view.rect().toAlignedRect())
        if (frame, style) != self._frame:
            changed = whole
        self._frame, self._words = (frame, style), words
        return [*([self._tiles] if has_tiles else []), *plates], changed.intersected(whole)

    def _bring(
        self, moment: Moment, judged: _Judged, obstacles: Sequence[QRectF], *, ratio: float, may_renew: bool
    ) -> list[Plate]:
        """The plates of trails and teams, brought to what was judged."""
        then, scene, trailed = judged
        stale = {mark.team_id for mark in scene.marks if mark.is_stale}
        if self._fusion.is_moved(moment.view):
            self._trails.rest()
            may_renew = False
        trails = self._trails.bring(trailed, moment.view, self._theme, stale, ratio=ratio, may_renew=may_renew)
        if scene.view == moment.view:
            self._words_rect = legend_rect(moment.view, self._theme, scene.words)
            view, theme = moment.view, self._theme
            taken = [*obstacles, buttons_rect(view, theme), quick_rect(view, theme), _stepped(self._words_rect)]
            self._teams.bring(then, scene, taken, self._overlay.written(scene.view), ratio=ratio)
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


def _over(obstacles: Sequence[QRectF], view: View, theme: Theme, words: Words) -> list[QRectF]:
    """What stands over the map, so that nothing is written under it."""
    return [*obstacles, buttons_rect(view, theme), quick_rect(view, theme), _stepped(legend_rect(view, theme, words))]


def _margin(scene: Scene) -> QPointF:
    """Where what is seen begins on what is drawn."""
    return QPointF((scene.wide.width_px - scene.view.width_px) / 2, (scene.wide.height_px - scene.view.height_px) / 2)


def _stepped(rect: QRectF) -> QRectF:
    """A little wider: words whose figures change every moment must not move the labels around them."""
    return QRectF(rect.left(), rect.top(), ceil(rect.width() / _WORDS_STEP_PX) * _WORDS_STEP_PX, rect.height())
