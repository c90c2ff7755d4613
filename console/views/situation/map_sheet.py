"""The map on paper: the map's own painter, the scale, the grid, the datum, and how old every place is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import cos, log2, radians

from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QImage, QPainter, QRegion

from console.coordinates.telling import STYLES, say_place
from console.picture import Place, Team
from console.views.judgement import by_silence, is_datum_trusted, judge_place, silence_of
from console.views.situation.canvas import Canvas
from console.views.situation.layers import Layer
from console.views.situation.paper import Format, Occasion, Paper, room_of
from console.views.situation.paper_tiles import PaperTiles
from console.views.situation.projection import View
from console.views.situation.scene import Moment
from console.views.situation.teamwords import doubt_words, known_lines, means_words, silence_words
from console.views.situation.tile_layer import TileLayer
from console.views.speech import NOTHING, Speech
from console.views.theme import Metric, Size, Theme
from console.views.widgets.label import RIGHT

_MAP_SHARE = 0.62
RATIO = 2.0
"""Pixels of the map's picture a pixel of the paper: 192 an inch."""
_INSET_ZOOM = 13.0
_INSET_SHARE = 0.45
_MOST_MEANS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """How the map is to be drawn: the part seen on the screen, its layers, and what its grid is called.

    ``tiles`` lie under it: what was read for just this sheet.
    """

    view: View
    layers: Sequence[Layer]
    grid: str
    selected_id: str | None = None
    tiles: PaperTiles | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MapImage:
    """The map as it will stand on the paper, and the part it shows."""

    image: QImage
    view: View
    grid: str


def map_view(form: Format, seen: View) -> View:
    """The part of the map that a sheet shows of what is seen on the screen."""
    room = room_of(form, is_landscape=True)
    size = QSizeF(room.width() * _MAP_SHARE, room.height())
    grow = min(size.width() / seen.width_px, size.height() / seen.height_px)
    return replace(seen.resized(size.width(), size.height()), zoom=seen.zoom + log2(grow))


def team_view(place: Place, seen: View) -> View:
    """The surroundings of a team that its page shows."""
    room = room_of("a4", is_landscape=False)
    view = replace(seen.centred(place.lat_deg, place.lon_deg), zoom=_INSET_ZOOM)
    return view.resized(room.width(), room.height() * _INSET_SHARE)


def map_image(form: Format, occasion: Occasion, drawn: Drawn, speech: Speech) -> MapImage:
    """The map for ``map_sheet``, drawn by the map's own painter.  In the window's thread: it paints with pixmaps."""
    return _image(occasion, drawn, map_view(form, drawn.view), speech)


def team_image(team: Team, occasion: Occasion, drawn: Drawn, speech: Speech) -> MapImage | None:
    """The surroundings of a team for ``team_sheet``; ``None`` where it has no place.  In the window's thread."""
    if team.place is None:
        return None
    return _image(occasion, replace(drawn, selected_id=team.id), team_view(team.place, drawn.view), speech)


def _image(occasion: Occasion, drawn: Drawn, view: View, speech: Speech) -> MapImage:
    image = QImage(round(view.width_px * RATIO), round(view.height_px * RATIO), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(RATIO)
    theme = Theme(is_night=False)
    canvas = Canvas(theme, speech, drawn.tiles or TileLayer(theme, ()))
    canvas.layers.extend(drawn.layers)
    moment = Moment(
        picture=occasion.picture,
        view=view,
        now_ns=occasion.now_ns,
        selected_id=drawn.selected_id,
        cursor_deg=None,
    )
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    canvas.paint(painter, moment, QRegion(view.rect().toAlignedRect()), [], ratio=RATIO)
    painter.end()
    return MapImage(image=image, view=view, grid=drawn.grid)


def map_sheet(form: Format, occasion: Occasion, made: MapImage, speech: Speech) -> bytes:
    """The map with the table of ages beside it, the teams that found no room on further pages.  In any thread."""
    paper = Paper(form, occasion, Theme(is_night=False), speech, is_landscape=True)
    room = paper.page(speech.say("sheet.map"), _foot(paper, made))
    place = QRectF(room.left(), room.top(), room.width() * _MAP_SHARE, room.height())
    _put_map(paper, place, made)
    gap = paper.theme.space(3)
    table = QRectF(place.right() + gap, room.top(), room.right() - place.right() - gap, room.height())
    waiting = _draw_table(paper, table, by_silence(occasion.picture.teams, occasion.now_ns))
    while waiting:
        waiting = _draw_table(paper, paper.page(speech.say("sheet.more"), ""), waiting)
    return paper.end()


def _foot(paper: Paper, made: MapImage) -> str:
    lat_deg = made.view.degrees_at(made.view.rect().center())[0]
    ground_m = 1000 * cos(radians(lat_deg)) / (made.view.scale_px_per_m * 1000)
    one = float(f"{ground_m * 1000 * paper.px_per_mm:.2g}")
    return paper.speech.say("sheet.foot", scale=f"{one:,.0f}", grid=made.grid)


def _put_map(paper: Paper, place: QRectF, made: MapImage) -> None:
    paper.painter.drawImage(place, made.image, QRectF(made.image.rect()))
    paper.painter.setPen(paper.theme.pen(paper.theme.palette.text, Metric.STROKE))
    paper.painter.drawRect(place)


def _draw_table(paper: Paper, room: QRectF, teams: Sequence[Team]) -> list[Team]:
    """As many teams as find room, two lines each; gives the others."""
    say, theme = paper.speech.say, paper.theme
    height = theme.metrics(Size.TINY).height()
    y = room.top()
    for left, right in (("team", "silence"), ("place", "fix")):
        line = QRectF(room.left(), y, room.width(), height)
        _write_pair(paper, line, say(f"sheet.column.{left}"), say(f"sheet.column.{right}"), "soft")
        y += height
    waiting = list(teams)
    while waiting and y + 2 * height <= room.bottom():
        paper.painter.setPen(theme.pen(theme.palette.row_line, Metric.HAIRLINE))
        paper.painter.drawLine(QPointF(room.left(), y), QPointF(room.right(), y))
        pairs, tone = _cells(waiting.pop(0), paper)
        for left, right in pairs:
            _write_pair(paper, QRectF(room.left(), y, room.width(), height), left, right, tone)
            y += height
    return waiting


def _write_pair(paper: Paper, line: QRectF, left: str, right: str, tone: str) -> None:
    """What stands right is the age: it keeps its room, and the left gives way."""
    taken = paper.theme.metrics(Size.TINY).horizontalAdvance(right) + paper.theme.space(2)
    paper.write(line.adjusted(0, 0, -taken, 0), left, Size.TINY, tone=tone)
    paper.write(line, right, Size.TINY, tone=tone, align=RIGHT)


def _cells(team: Team, paper: Paper) -> tuple[list[tuple[str, str]], str]:
    """Name and silence, place and its time with its age; the words of an old place say so."""
    speech, now_ns = paper.speech, paper.occasion.now_ns
    silence = silence_of(team, now_ns)
    tone = "alarm" if silence.level in ("over", "never") else "text"
    first = (f"{team.symbol} {team.name}", silence_words(silence, speech))
    place = team.place
    if place is None:
        return [first, (speech.say("situation.map.no_place"), NOTHING)], tone
    judged = judge_place(team, place, now_ns)
    where = speech.figures(place.lat_deg, place.lon_deg, place.datum)
    if judged.datum is not None:
        where = f"{where} {speech.datum(judged.datum)}"
    at, age = speech.minute(judged.at_ns, now_ns), speech.age(judged.age_ns)
    said = speech.say("sheet.old" if judged.is_old else "sheet.fix", at=at, age=age)
    return [first, (where, said)], tone


# ---- one team


def team_sheet(team: Team, occasion: Occasion, made: MapImage | None, speech: Speech) -> bytes:
    """What is last known of one team, on one page.  In any thread."""
    theme = Theme(is_night=False)
    paper = Paper("a4", occasion, theme, speech, is_landscape=False)
    room = paper.page(speech.say("sheet.team", name=team.name), speech.say("sheet.team_foot"))
    height = theme.metrics(Size.BODY).height() * 1.2
    y = room.top() + theme.space(2)
    for name, words in team_lines(team, occasion, speech):
        paper.write(QRectF(room.left(), y, room.width() * 0.25, height), name, Size.BODY, tone="soft")
        paper.write(QRectF(room.left() + room.width() * 0.25, y, room.width() * 0.75, height), words, Size.BODY)
        y += height
    if made is not None:
        high = made.view.height_px
        _put_map(paper, QRectF(room.left(), room.bottom() - high, made.view.width_px, high), made)
    return paper.end()


def team_lines(team: Team, occasion: Occasion, speech: Speech) -> list[tuple[str, str]]:
    """Names and values as in the team's detail on the screen; then each means, then the place in every style."""
    say, now_ns, picture = speech.say, occasion.now_ns, occasion.picture
    lead = " ".join(part for part in (team.leader, team.phone) if part)
    told = (("task", team.task), ("leader", lead), ("doubt", doubt_words(team, speech)))
    lines = [(say(f"sheet.line.{name}"), words) for name, words in told if words]
    for name, words, _, is_struck in known_lines(team, picture, speech, now_ns):
        lines.append((name, f"{words} · {say('sheet.stale')}" if is_struck else words))
    if not team.means:
        lines.append((say("sheet.line.means"), say("situation.teams.no_means")))
    lines += [
        (say("sheet.line.means"), means_words(means, team, picture, speech, now_ns)[0])
        for means in team.means[:_MOST_MEANS]
    ]
    place = team.place
    if place is None:
        return lines
    if place.accuracy_m is None:
        lines.append((say("sheet.line.accuracy"), say("sheet.no_accuracy")))
    if is_datum_trusted(place):
        axes = (say("coordinates.axis.north"), say("coordinates.axis.east"))
        written = [(style, say_place(place.lat_deg, place.lon_deg, style, axes)) for style in STYLES]
        lines += [(say(f"coordinates.style.{style}"), words) for style, words in written]
    return lines
