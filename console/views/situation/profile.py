"""The ground between two antennas, drawn from the side: the curved earth, the ray, and 0.6 of the Fresnel zone."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QPainter, QPolygonF

from console.terrain.heights import Floats
from console.terrain.links import CLEAR_SHARE, Link, Verdict
from console.views.situation.spots import fine_distance
from console.views.speech import Speech
from console.views.theme import Metric, Size, Theme
from console.views.widgets.label import RIGHT, draw_text

TONES: dict[Verdict, str] = {"clear": "info", "partly": "warn", "blocked": "alarm", "unknown": "warn"}
STYLES: dict[Verdict, Qt.PenStyle] = {
    "clear": Qt.PenStyle.SolidLine,
    "partly": Qt.PenStyle.DashLine,
    "blocked": Qt.PenStyle.DotLine,
    "unknown": Qt.PenStyle.DashDotLine,
}
_LEAST_SPAN_M = 20.0


def draw_profile(painter: QPainter, rect: QRectF, link: Link, lines: list[str], theme: Theme, speech: Speech) -> None:
    """A box with the lines of words above and the ground below."""
    painter.setPen(theme.pen(theme.palette.line, Metric.HAIRLINE))
    painter.setBrush(theme.palette.panel)
    painter.drawRect(rect)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setFont(theme.font(Size.SMALL))
    height, pad = painter.fontMetrics().height(), theme.space(2)
    for number, words in enumerate(lines):
        line = QRectF(rect.left() + pad, rect.top() + pad / 2 + number * height, rect.width() - 2 * pad, height)
        draw_text(painter, line, words, theme.palette.text if number == 0 else theme.palette.soft)
    left = rect.left() + pad + painter.fontMetrics().horizontalAdvance("8888 m ")
    top = rect.top() + pad + len(lines) * height
    _draw_side(painter, QRectF(left, top, rect.right() - pad - left, rect.bottom() - pad - top), link, theme, speech)


def _draw_side(painter: QPainter, rect: QRectF, link: Link, theme: Theme, speech: Speech) -> None:
    profile = link.profile
    ground = profile.heights_m + link.bulge_m
    ray = link.ray_m + 0.0
    low = float(np.nanmin(ground))
    high = float(np.nanmax(np.concatenate([ground, ray])))
    span = max(_LEAST_SPAN_M, high - low) * 1.1

    def points(heights_m: Floats) -> list[QPointF]:
        xs = rect.left() + profile.distances_m / max(1.0, profile.length_m) * rect.width()
        ys = rect.bottom() - (heights_m - low) / span * rect.height()
        return [QPointF(x, y) for x, y in zip(xs.tolist(), ys.tolist(), strict=True) if not np.isnan(y)]

    _draw_unknown(painter, rect, profile.distances_m, np.isnan(ground), theme)
    _draw_ground(painter, rect, points(ground), theme)
    if not np.isnan(ray).any():
        painter.setPen(theme.pen(theme.palette.soft, Metric.HAIRLINE, Qt.PenStyle.DashLine))
        painter.drawPolyline(QPolygonF(points(ray - CLEAR_SHARE * link.fresnel_m)))
        painter.setPen(theme.pen(getattr(theme.palette, TONES[link.verdict]), Metric.STROKE, STYLES[link.verdict]))
        painter.drawPolyline(QPolygonF(points(ray)))
    if link.worst_m is not None and link.verdict in ("blocked", "partly"):
        x = rect.left() + link.worst_m / profile.length_m * rect.width()
        painter.setPen(theme.pen(getattr(theme.palette, TONES[link.verdict]), Metric.STROKE))
        painter.drawLine(QPointF(x, rect.top()), QPointF(x, rect.bottom()))
    _draw_axes(painter, rect, (low, low + span), fine_distance(profile.length_m, speech), theme)


def _draw_ground(painter: QPainter, rect: QRectF, points: list[QPointF], theme: Theme) -> None:
    if len(points) < 2:
        return
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.palette.line)
    painter.drawPolygon(
        QPolygonF([QPointF(points[0].x(), rect.bottom()), *points, QPointF(points[-1].x(), rect.bottom())])
    )
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(theme.pen(theme.palette.soft, Metric.HAIRLINE))
    painter.drawPolyline(QPolygonF(points))


def _draw_unknown(painter: QPainter, rect: QRectF, distances_m: Floats, is_unknown: Floats, theme: Theme) -> None:
    """Hatched where no height is known: the ground drawn there is only a line from one known height to the next."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], is_unknown.astype(int), [0]])))
    scale = rect.width() / max(1.0, float(distances_m[-1]))
    last = len(distances_m) - 1
    for begin, end in edges.reshape(-1, 2).tolist():
        left, right = distances_m[max(0, begin - 1)] * scale, distances_m[min(last, end)] * scale
        painter.fillRect(
            QRectF(rect.left() + left, rect.top(), right - left, rect.height()),
            QBrush(theme.palette.warn, Qt.BrushStyle.BDiagPattern),
        )


def _draw_axes(painter: QPainter, rect: QRectF, span_m: tuple[float, float], length: str, theme: Theme) -> None:
    painter.setFont(theme.font(Size.TINY))
    height = painter.fontMetrics().height()
    for metres, y in ((span_m[1], rect.top()), (span_m[0], rect.bottom() - height)):
        place = QRectF(rect.left() - theme.space(16), y, theme.space(15), height)
        draw_text(painter, place, f"{metres:.0f} m", theme.palette.dim, align=RIGHT)
    draw_text(
        painter,
        QRectF(rect.left(), rect.bottom() - height, rect.width(), height),
        length,
        theme.palette.text,
        align=RIGHT,
    )
