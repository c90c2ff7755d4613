"""A picture source as it is drawn everywhere: the frame, the veil over an old one, two lamps and a caption.

The veil is decided when painting, from the age of the last packet: a frozen frame cannot look live even if
everything behind the window stands still.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter

from console.picture import Camera
from console.views.speech import NOTHING, Speech
from console.views.theme import Metric, Size, Theme
from console.views.widgets.label import CENTRE, RIGHT, draw_text

VEIL_AFTER_NS = 1_200_000_000
DELAYED_AFTER_NS = 600_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TileFacts:
    """What a tile shows now.

    ``packet_age_ns`` is the age of the last packet (``None``: there never was one); ``image`` the newest frame, if
    one can be had.  ``packet_ns`` is when that packet came, in console time.  ``is_replayed``: the camera's state is
    that of a replayed moment, for which no frames are shown.
    """

    camera: Camera
    image: QImage | None
    packet_ns: int | None
    packet_age_ns: int | None
    is_selected: bool = False
    is_replayed: bool = False

    @property
    def is_live(self) -> bool:
        """Whether the frame may be shown unveiled."""
        return (
            self.image is not None
            and not self.is_replayed
            and self.camera.state in ("live", "delayed")
            and self.packet_age_ns is not None
            and self.packet_age_ns < VEIL_AFTER_NS
        )


def facts_of(
    camera: Camera,
    image: QImage | None,
    now_ns: int,
    picture_age_ns: int | None = None,
    *,
    is_selected: bool = False,
    is_replayed: bool = False,
) -> TileFacts:
    """The facts of a tile at ``now_ns``: ``picture_age_ns`` of the frame shown, from shared memory.

    Where there is no frame, the picture's last packet dates the veil.
    """
    stamp = camera.last_packet_ns
    if picture_age_ns is not None and not is_replayed:
        stamp = now_ns - picture_age_ns
    return TileFacts(
        camera=camera,
        image=None if is_replayed else image,
        packet_ns=stamp,
        packet_age_ns=None if stamp is None else max(0, now_ns - stamp),
        is_selected=is_selected,
        is_replayed=is_replayed,
    )


def paint_tile(painter: QPainter, rect: QRectF, facts: TileFacts, theme: Theme, speech: Speech, now_ns: int) -> None:
    """Draw one tile into ``rect``."""
    painter.save()
    painter.setClipRect(rect)
    painter.fillRect(rect, theme.palette.tile)
    _paint_frame(painter, rect.adjusted(0, 0, 0, -theme.px(Metric.CAPTION_HEIGHT)), facts)
    if not facts.is_live:
        _paint_veil(painter, rect, facts, theme, speech, now_ns)
    _paint_caption(painter, rect, facts, theme, speech)
    if facts.is_selected:
        painter.setPen(theme.pen(theme.palette.info, Metric.STROKE_BOLD))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        inset = theme.px(Metric.STROKE_BOLD) / 2
        painter.drawRect(rect.adjusted(inset, inset, -inset, -inset))
    painter.restore()


def _paint_frame(painter: QPainter, rect: QRectF, facts: TileFacts) -> None:
    image = facts.image
    if image is None or image.isNull():
        return
    scale = min(rect.width() / image.width(), rect.height() / image.height())
    width, height = image.width() * scale, image.height() * scale
    place = QRectF(rect.center().x() - width / 2, rect.center().y() - height / 2, width, height)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, abs(scale - 1.0) > 0.01)
    painter.drawImage(place, image)


def veil_words(facts: TileFacts, speech: Speech, now_ns: int) -> tuple[str, str, str]:
    """What the veil says: a headline, a line below, and the tone of the headline.

    Tones: ``alarm`` a picture that was there has stopped, ``warn`` it is being fetched, ``dim`` out of service.
    """
    camera = facts.camera
    if facts.is_replayed:
        was_live = camera.state in ("live", "delayed")
        return speech.say("tile.replayed"), speech.say("tile.was_live" if was_live else "tile.was_dark"), "dim"
    if camera.state == "disabled":
        return speech.say("tile.disabled"), speech.tell(camera.reason), "dim"
    said = speech.tell(camera.reason) if camera.reason else ""
    device = speech.say("tile.connected" if camera.is_connected else "tile.disconnected")
    retry = ""
    if camera.retry_at_ns is not None and not camera.is_connected:
        retry = speech.say("tile.retry", after=speech.age(max(0, camera.retry_at_ns - now_ns)))
    if camera.state in ("live", "delayed") and facts.image is None:
        return speech.say("tile.decoding"), said or device, "warn"
    if facts.packet_ns is None:
        headline = speech.say("tile.connecting" if camera.state == "connecting" else "tile.never")
        below = " · ".join(part for part in (said or device, retry) if part)
        return headline, below, "warn" if camera.state == "connecting" else "alarm"
    headline = speech.say("tile.stopped", at=speech.second(facts.packet_ns, now_ns))
    parts = (speech.say("tile.since", age=speech.age(facts.packet_age_ns)), said or device, retry)
    return headline, " · ".join(part for part in parts if part), "alarm"


def _paint_veil(painter: QPainter, rect: QRectF, facts: TileFacts, theme: Theme, speech: Speech, now_ns: int) -> None:
    palette = theme.palette
    painter.fillRect(rect, palette.veil)
    painter.setPen(theme.pen(palette.veil_hatch, Metric.STROKE))
    step = theme.px(Metric.HATCH) * 2
    x = rect.left() - rect.height()
    while x < rect.right():
        painter.drawLine(QPointF(x, rect.bottom()), QPointF(x + rect.height(), rect.top()))
        x += step
    headline, below, tone = veil_words(facts, speech, now_ns)
    colours = {"alarm": palette.veil_alarm, "warn": palette.veil_warn, "dim": palette.on_tile}
    inner = rect.adjusted(theme.space(2), 0, -theme.space(2), 0)
    painter.setFont(theme.font(Size.STRONG, is_bold=True))
    line = painter.fontMetrics().height()
    middle = rect.center().y() - theme.px(Metric.CAPTION_HEIGHT) / 2
    draw_text(painter, QRectF(inner.left(), middle - line, inner.width(), line), headline, colours[tone], align=CENTRE)
    painter.setFont(theme.font(Size.SMALL))
    draw_text(painter, QRectF(inner.left(), middle, inner.width(), line), below, palette.on_tile, align=CENTRE)


def _paint_caption(painter: QPainter, rect: QRectF, facts: TileFacts, theme: Theme, speech: Speech) -> None:
    height = theme.px(Metric.CAPTION_HEIGHT)
    bar = QRectF(rect.left(), rect.bottom() - height, rect.width(), height)
    painter.fillRect(bar, theme.palette.veil)
    gap = theme.space(2)
    x = bar.left() + gap
    has_frames = facts.camera.state in ("live", "delayed") if facts.is_replayed else facts.is_live
    for is_good in (facts.camera.is_connected, has_frames):
        draw_lamp(painter, QPointF(x + theme.px(Metric.LAMP) / 2, bar.center().y()), theme, is_good=is_good)
        x += theme.px(Metric.LAMP) + theme.space(1.5)
    note = caption_note(facts, speech)
    painter.setFont(theme.font(Size.TINY))
    room = QRectF(x, bar.top(), bar.right() - gap - x, height)
    width = painter.fontMetrics().horizontalAdvance(note)
    painter.setFont(theme.font(Size.SMALL))
    name = painter.fontMetrics().horizontalAdvance(facts.camera.name)
    if name + gap + width > room.width():
        note = note.split(" · ", maxsplit=1)[0]
    painter.setFont(theme.font(Size.TINY))
    taken = draw_text(painter, room, note, theme.palette.on_tile, align=RIGHT)
    painter.setFont(theme.font(Size.SMALL))
    draw_text(painter, room.adjusted(0, 0, -taken - gap, 0), facts.camera.name, theme.palette.on_tile)


def caption_note(facts: TileFacts, speech: Speech) -> str:
    """Age, size and rate of a live picture; nothing for one that is not."""
    if not facts.is_live:
        return NOTHING
    camera = facts.camera
    parts = [speech.fine_age(facts.packet_age_ns)]
    if facts.packet_age_ns is not None and facts.packet_age_ns > DELAYED_AFTER_NS:
        parts[0] = speech.say("tile.late", age=parts[0])
    if camera.height_px:
        parts.append(f"{camera.height_px}p")
    if camera.rate_bps is not None:
        parts.append(speech.rate(camera.rate_bps))
    return " · ".join(parts)


def draw_lamp(painter: QPainter, centre: QPointF, theme: Theme, *, is_good: bool) -> None:
    """A full round lamp, or a hollow red one: the shape says it without the colour."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    radius = theme.px(Metric.LAMP) / 2
    if is_good:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.palette.lamp)
    else:
        painter.setPen(theme.pen(theme.palette.veil_alarm, Metric.STROKE))
        painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(centre, radius, radius)
    painter.restore()
