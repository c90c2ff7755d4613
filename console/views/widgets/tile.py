"""A picture source as it is drawn everywhere: the frame, the veil over an old one, bands, two lamps and a caption.

The veil is decided when painting, from the age of the last packet: a frozen frame cannot look live even if
everything behind the window stands still.
"""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from console.views.speech import Speech
from console.views.theme import Metric, Size, Theme
from console.views.unwatched import unwatched_word
from console.views.widgets.chip import chip_width, draw_chip
from console.views.widgets.label import CENTRE, RIGHT, draw_text
from console.views.widgets.sight import AT_REST, TileFacts, band_words, caption_note, lamps, veil_words

_BAND_PX = 24.0
_AS_IT_IS = 1.03
"""A frame that is so little smaller than its place is not enlarged."""
_WRAPPED = int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop) | int(Qt.TextFlag.TextWordWrap)


def paint_tile(painter: QPainter, rect: QRectF, facts: TileFacts, theme: Theme, speech: Speech, now_ns: int) -> None:
    """Draw one tile into ``rect``, what of it lies inside the painter's clip."""
    painter.save()
    painter.setClipRect(rect, Qt.ClipOperation.IntersectClip)
    painter.fillRect(rect, theme.palette.tile)
    place = frame_place(rect, theme)
    _paint_frame(painter, place, facts)
    if facts.is_unveiled:
        _paint_band(painter, rect, facts, theme, speech, now_ns)
    else:
        _paint_veil(painter, rect, facts, theme, speech, now_ns)
    if facts.kind == "recorded":
        _paint_record_mark(painter, rect, theme)
    if painter.clipBoundingRect().bottom() > place.bottom() + 1:
        _paint_caption(painter, rect, facts, theme, speech)
    if facts.is_selected:
        painter.setPen(theme.pen(theme.palette.info, Metric.STROKE_BOLD))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        inset = theme.px(Metric.STROKE_BOLD) / 2
        painter.drawRect(rect.adjusted(inset, inset, -inset, -inset))
    painter.restore()


def frame_place(rect: QRectF, theme: Theme) -> QRectF:
    """Where in its tile a frame is drawn: a frame asked for in this size need not be scaled again."""
    return rect.adjusted(0, 0, 0, -theme.px(Metric.CAPTION_HEIGHT))


def _paint_frame(painter: QPainter, rect: QRectF, facts: TileFacts) -> None:
    image = facts.image
    if image is None or image.isNull():
        return
    scale = min(rect.width() / image.width(), rect.height() / image.height())
    if 1.0 <= scale < _AS_IT_IS:
        # On whole pixels it is copied; anywhere else each pixel would be computed anew, ten times as slowly.
        left = round(rect.center().x() - image.width() / 2)
        top = round(rect.center().y() - image.height() / 2)
        painter.drawImage(QPoint(left, top), image)
        return
    width, height = image.width() * scale, image.height() * scale
    place = QRectF(rect.center().x() - width / 2, rect.center().y() - height / 2, width, height)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, abs(scale - 1.0) > 0.01)
    painter.drawImage(place, image)


def _paint_band(painter: QPainter, rect: QRectF, facts: TileFacts, theme: Theme, speech: Speech, now_ns: int) -> None:
    """What must be said of a frame that is shown as it is, on the upper edge: it hides as little as it can."""
    words = band_words(facts, speech, now_ns)
    if words is None:
        return
    said, beside, is_warning = words
    palette = theme.palette
    band = QRectF(rect.left(), rect.top(), rect.width(), theme.px(_BAND_PX))
    painter.fillRect(band, palette.veil)
    painter.setFont(theme.font(Size.SMALL, is_bold=is_warning))
    metrics = painter.fontMetrics()
    whole = f"{said} · {beside}" if beside else said
    if metrics.horizontalAdvance(whole) <= band.width() - theme.space(4):
        said = whole
    width = min(metrics.horizontalAdvance(said) + theme.space(4), band.width())
    words_at = QRectF(band.center().x() - width / 2, band.top(), width, band.height())
    if is_warning:
        painter.save()
        painter.setClipRect(band)
        _hatch(painter, band, theme, palette.veil_warn)
        painter.fillRect(words_at, palette.tile)
        painter.setPen(theme.pen(palette.veil_warn, Metric.STROKE_BOLD))
        painter.drawLine(band.bottomLeft(), band.bottomRight())
        painter.restore()
    colour = palette.veil_warn if is_warning else palette.on_tile
    inner = words_at.adjusted(theme.space(1), 0, -theme.space(1), 0)
    draw_text(painter, inner, said, colour, align=CENTRE)


def _paint_record_mark(painter: QPainter, rect: QRectF, theme: Theme) -> None:
    """A frame in the colour of replays, and at its corner the triangle that everybody knows from players."""
    palette, width = theme.palette, theme.px(Metric.STROKE_BOLD)
    painter.setPen(theme.pen(palette.replay, Metric.STROKE_BOLD))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    inset = 1.5 * width  # beside the line around the chosen tile, not below it
    painter.drawRect(rect.adjusted(inset, inset, -inset, -inset))
    side = theme.px(_BAND_PX)
    corner = QRectF(rect.left(), rect.top(), side, side)
    painter.fillRect(corner, palette.replay)
    middle, size = corner.center(), side / 4
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(palette.tile)
    left = middle.x() - 0.7 * size
    painter.drawPolygon(
        [QPointF(left, middle.y() - size), QPointF(left, middle.y() + size), QPointF(middle.x() + size, middle.y())]
    )
    painter.restore()


def _hatch(painter: QPainter, rect: QRectF, theme: Theme, colour: QColor) -> None:
    painter.setPen(theme.pen(colour, Metric.STROKE))
    step = theme.px(Metric.HATCH) * 2
    x = rect.left() - rect.height()
    while x < rect.right():
        painter.drawLine(QPointF(x, rect.bottom()), QPointF(x + rect.height(), rect.top()))
        x += step


def _paint_veil(painter: QPainter, rect: QRectF, facts: TileFacts, theme: Theme, speech: Speech, now_ns: int) -> None:
    palette = theme.palette
    painter.fillRect(rect, palette.veil)
    if facts.kind not in AT_REST:
        # Hatched is what ought to be there and is not; what is not fetched on purpose stays plain.
        _hatch(painter, rect, theme, palette.veil_hatch)
    headline, below, tone = veil_words(facts, speech, now_ns)
    colours = {"alarm": palette.veil_alarm, "warn": palette.veil_warn, "dim": palette.on_tile}
    inner = rect.adjusted(theme.space(2), 0, -theme.space(2), -theme.px(Metric.CAPTION_HEIGHT))
    line = theme.metrics(Size.STRONG, is_bold=True).height()
    small = theme.metrics(Size.SMALL)
    wrapped = small.boundingRect(inner, _WRAPPED, below).height()
    has_room = line + wrapped <= inner.height()
    block = line + (wrapped if has_room else small.height())
    top = max(inner.top(), inner.center().y() - block / 2)
    painter.setFont(theme.font(Size.STRONG, is_bold=True))
    draw_text(painter, QRectF(inner.left(), top, inner.width(), line), headline, colours[tone], align=CENTRE)
    painter.setFont(theme.font(Size.SMALL))
    if has_room:
        painter.setPen(palette.on_tile)
        painter.drawText(QRectF(inner.left(), top + line, inner.width(), wrapped + 1), _WRAPPED, below)
    else:
        room = QRectF(inner.left(), top + line, inner.width(), small.height())
        draw_text(painter, room, below, palette.on_tile, align=CENTRE)


def _paint_caption(painter: QPainter, rect: QRectF, facts: TileFacts, theme: Theme, speech: Speech) -> None:
    height = theme.px(Metric.CAPTION_HEIGHT)
    bar = QRectF(rect.left(), rect.bottom() - height, rect.width(), height)
    painter.fillRect(bar, theme.palette.veil)
    gap = theme.space(2)
    x = bar.left() + gap
    for is_good in lamps(facts):
        draw_lamp(painter, QPointF(x + theme.px(Metric.LAMP) / 2, bar.center().y()), theme, is_good=is_good)
        x += theme.px(Metric.LAMP) + theme.space(1.5)
    note = caption_note(facts, speech)
    painter.setFont(theme.font(Size.TINY))
    room = QRectF(x, bar.top(), bar.right() - gap - x, height)
    width = painter.fontMetrics().horizontalAdvance(note)
    painter.setFont(theme.font(Size.SMALL))
    name = painter.fontMetrics().horizontalAdvance(facts.camera.name)
    chip = unwatched_word(facts.unwatched, speech)
    beside = chip_width(chip, theme) + gap if chip else 0
    if name + gap + width + beside > room.width():
        note = note.split(" · ", maxsplit=1)[0]
    painter.setFont(theme.font(Size.TINY))
    colour = theme.palette.veil_warn if facts.kind in {"delayed", "abnormal"} else theme.palette.on_tile
    taken = draw_text(painter, room, note, colour, align=RIGHT)
    room = room.adjusted(0, 0, -taken - gap, 0)
    draw_chip(painter, room, chip, theme, theme.palette.veil_warn)
    painter.setFont(theme.font(Size.SMALL))
    draw_text(painter, room.adjusted(0, 0, -beside, 0), facts.camera.name, theme.palette.on_tile)


def draw_lamp(painter: QPainter, centre: QPointF, theme: Theme, *, is_good: bool | None) -> None:
    """A full round lamp, a hollow red one, or (``None``: nothing is expected) a short line: told by their shape."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    radius = theme.px(Metric.LAMP) / 2
    if is_good is None:
        painter.setPen(theme.pen(theme.palette.on_tile, Metric.STROKE))
        painter.drawLine(QPointF(centre.x() - radius, centre.y()), QPointF(centre.x() + radius, centre.y()))
    elif is_good:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.palette.lamp)
        painter.drawEllipse(centre, radius, radius)
    else:
        painter.setPen(theme.pen(theme.palette.veil_alarm, Metric.STROKE))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(centre, radius, radius)
    painter.restore()
