"""Paper: pages of a PDF drawn in the theme's own pixels, with what must stand on every page of every export."""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot
from typing import Literal

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QPageLayout, QPageSize, QPainter, QPdfWriter

from console.picture import Picture
from console.views.speech import Speech
from console.views.theme import Metric, Size, Theme
from console.views.widgets.label import LEFT, RIGHT, Align, draw_text

Format = Literal["a4", "a3"]
_SIZES = {"a4": QPageSize.PageSizeId.A4, "a3": QPageSize.PageSizeId.A3}
_MARGIN_MM = 10.0
_MM_PER_INCH = 25.4
_MARK_ALPHA = 40
_MARK_SHARE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """What a sheet is of: the picture, the moment it shows, whether that was replayed, and the sheet's number."""

    picture: Picture
    now_ns: int
    is_replayed: bool
    number: int


def _pixels_per_inch() -> int:
    """Fonts are measured in points of the screen: on paper of the same pixels an inch all lengths agree."""
    screen = QGuiApplication.primaryScreen()
    return round(screen.logicalDotsPerInch()) if screen else 96


def room_of(form: Format, *, is_landscape: bool) -> QSizeF:
    """What a page has between head and foot, in pixels."""
    size = QPageSize.size(_SIZES[form], QPageSize.Unit.Millimeter)
    sides = (size.height(), size.width()) if is_landscape else (size.width(), size.height())
    width, height = (side / _MM_PER_INCH * _pixels_per_inch() for side in sides)
    edge = 2 * _MARGIN_MM / _MM_PER_INCH * _pixels_per_inch()
    return QSizeF(width - edge, height - edge - _taken(Theme(is_night=False)))


def _taken(theme: Theme) -> float:
    """By head and foot."""
    return theme.metrics(Size.STRONG).height() + 2 * theme.metrics(Size.SMALL).height() + 3 * theme.space(1)


class Paper:
    """A PDF in memory.  ``begin`` the painter once, ``turn`` to further pages, ``end`` for the octets."""

    def __init__(self, form: Format, occasion: Occasion, theme: Theme, speech: Speech, *, is_landscape: bool) -> None:
        self.occasion = occasion
        self.theme = theme
        self.speech = speech
        self._octets = QByteArray()
        self._buffer = QBuffer(self._octets)
        self._buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        self._writer = QPdfWriter(self._buffer)
        self.per_inch = _pixels_per_inch()
        self._writer.setResolution(self.per_inch)
        turn = QPageLayout.Orientation.Landscape if is_landscape else QPageLayout.Orientation.Portrait
        self._writer.setPageLayout(QPageLayout(QPageSize(_SIZES[form]), turn, QMarginsF(0, 0, 0, 0)))
        self._writer.setTitle(speech.say("sheet.title", number=f"{occasion.number:03d}"))
        self._page = 0
        self.painter = QPainter(self._writer)
        self.painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = _MARGIN_MM / _MM_PER_INCH * self.per_inch
        self._whole = QRectF(0, 0, self._writer.width(), self._writer.height())
        self.inner = self._whole.adjusted(edge, edge, -edge, -edge)

    @property
    def px_per_mm(self) -> float:
        """Pixels a millimetre of paper."""
        return self.per_inch / _MM_PER_INCH

    def page(self, title: str, foot: str) -> QRectF:
        """Begin a page with its head and foot; gives what is left between them."""
        if self._page:
            self._finish_page()
            self._writer.newPage()
        self._page += 1
        theme, inner = self.theme, self.inner
        strong, small = theme.metrics(Size.STRONG).height(), theme.metrics(Size.SMALL).height()
        picture = self.occasion.picture
        kinds: list[str] = [picture.mode] if picture.mode == "drill" or not self.occasion.is_replayed else []
        kinds += ["replay"] if self.occasion.is_replayed else []
        badges = [self.speech.say(f"shell.badge.{kind}") for kind in kinds]
        head = " · ".join(part for part in (*badges, picture.incident.name, picture.incident.post) if part)
        self.write(QRectF(inner.left(), inner.top(), inner.width(), strong), head, Size.STRONG, is_bold=True)
        number = self.speech.say("sheet.number", number=f"{self.occasion.number:03d}", page=self._page)
        self.write(QRectF(inner.left(), inner.top(), inner.width(), strong), number, Size.STRONG, align=RIGHT)
        now_ns = self.occasion.now_ns
        when = f"{self.speech.date(now_ns)} {self.speech.clock(now_ns)}"
        which = "sheet.shows_replay" if self.occasion.is_replayed else "sheet.shows"
        line = QRectF(inner.left(), inner.top() + strong, inner.width(), small)
        self.write(line, title, Size.SMALL)
        self.write(line, self.speech.say(which, when=when), Size.SMALL, align=RIGHT)
        below = QRectF(inner.left(), inner.bottom() - small, inner.width(), small)
        self.write(below, foot, Size.TINY, tone="soft")
        top, gap = inner.top() + strong + small, theme.space(1)
        return QRectF(inner.left(), top + gap, inner.width(), inner.bottom() - small - gap * 2 - top)

    def write(
        self, rect: QRectF, words: str, size: Size, *, tone: str = "text", is_bold: bool = False, align: Align = LEFT
    ) -> None:
        """One line within a rectangle."""
        self.painter.setFont(self.theme.font(size, is_bold=is_bold))
        draw_text(self.painter, rect, words, getattr(self.theme.palette, tone), align=align)

    def _finish_page(self) -> None:
        """Over everything: the sheet of a drill or of a replay must never be taken for a live one."""
        if self.occasion.picture.mode == "drill":
            self._mark(self.speech.say("shell.badge.drill"))
        elif self.occasion.is_replayed:
            self._mark(self.speech.say("shell.badge.replay"))

    def _mark(self, words: str) -> None:
        """These words across the page, and a frame around it."""
        painter, palette = self.painter, self.theme.palette
        colour = QColor(palette.drill if self.occasion.picture.mode == "drill" else palette.replay)
        painter.setPen(self.theme.pen(colour, Metric.FRAME))
        painter.drawRect(self.inner.adjusted(-3, -3, 3, 3))
        painter.save()
        painter.translate(self._whole.center())
        painter.rotate(-30)
        painter.setFont(self.theme.font(Size.HUGE, is_bold=True))
        metrics = painter.fontMetrics()
        width = float(metrics.horizontalAdvance(words))
        grow = hypot(self._whole.width(), self._whole.height()) * _MARK_SHARE / max(1.0, width)
        painter.scale(grow, grow)
        colour.setAlpha(_MARK_ALPHA)
        painter.setPen(colour)
        rect = QRectF(-width, -metrics.height(), 2 * width, 2.0 * metrics.height())
        painter.drawText(rect, int(Qt.AlignmentFlag.AlignCenter), words)
        painter.restore()

    def end(self) -> bytes:
        """The whole PDF."""
        self._finish_page()
        self.painter.end()
        self._buffer.close()
        return bytes(self._octets.data())
