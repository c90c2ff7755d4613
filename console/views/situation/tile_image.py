"""From the octets of a tile to a picture of the size and shape it is drawn in.  Runs in the threads that read tiles.

A tile may come from anybody: only pictures of known kinds are unpacked, and only of the size a tile can have.

PySide makes an enumeration when it is first needed, were it only as the default of an argument, and two threads that
need it at once crash the process (seen with 6.11: one map in ten).  So all of it is done once before they begin.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import pairwise, product

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QImageReader, QImageWriter, QPainter, QPolygonF, QTransform

from console.maps.source import Projection, tile_format
from console.maps.store import Found, Key
from console.maps.warp import corner_m
from console.surroundings import Datum

LARGEST_SIDE_PX = 1024
_LARGEST_MEMORY_MB = 16
_SKEW_PX = 1.0
_BANDS = 16
_FLAT_ZOOM = 10
"""From here on the parallels of a tile lie equally far apart, to less than half a pixel."""
_DEEPEST = 8
"""A parent so many zooms above gives one pixel of a tile; farther ones say nothing."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Where a tile is drawn, in whole pixels of the plane at one zoom.

    ``corners`` (from the north-west, clockwise) are relative to that of ``rect``; empty where they are its own.
    ``bands`` are the lower edges, from the top of ``rect``, of equally high bands of a picture whose parallels do not
    lie equally far apart on the map; empty where they do.
    """

    rect: QRect
    corners: tuple[tuple[float, float], ...] = ()
    bands: tuple[int, ...] = ()


def shape_of(key: Key, datum: Datum, scale_px_per_m: float, projection: Projection = "mercator") -> Shape:
    """Where this tile is drawn at this scale."""
    zoom, column, row = key.zoom, key.column, key.row
    places = ((column, row), (column + 1, row), (column + 1, row + 1), (column, row + 1))
    points = [corner_m(zoom, x, y, datum, projection) for x, y in places]
    corners = [(round(east_m * scale_px_per_m), round(-north_m * scale_px_per_m)) for east_m, north_m in points]
    (left, top), (right, upper), _, (lower, bottom) = corners
    if abs(upper - top) <= _SKEW_PX and abs(lower - left) <= _SKEW_PX:
        bands: tuple[int, ...] = ()
        if projection == "degrees" and zoom < _FLAT_ZOOM:
            parts = [row + number / _BANDS for number in range(1, _BANDS + 1)]
            norths_m = [corner_m(zoom, column, part, datum, projection)[1] for part in parts]
            bands = tuple(round(-north_m * scale_px_per_m) - top for north_m in norths_m)
        return Shape(QRect(left, top, max(1, right - left), max(1, bottom - top)), bands=bands)
    west, north = min(x for x, _ in corners), min(y for _, y in corners)
    east, south = max(x for x, _ in corners), max(y for _, y in corners)
    inner = tuple((float(x - west), float(y - north)) for x, y in corners)
    return Shape(QRect(west, north, east - west, south - north), inner)


def decode(octets: bytes) -> QImage | None:
    """The picture, ``None`` where it is none, is damaged, or larger than a tile can be."""
    kind = tile_format(octets)
    if kind is None:
        return None
    buffer = QBuffer()
    buffer.setData(QByteArray(octets))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer, QByteArray(kind.encode()))
    reader.setAllocationLimit(_LARGEST_MEMORY_MB)
    size = reader.size()
    if not size.isValid() or max(size.width(), size.height()) > LARGEST_SIDE_PX:
        return None
    image = reader.read()
    return None if image.isNull() else image


def make(found: Found, shape: Shape, ratio: float, dim: QColor | None = None) -> QImage | None:
    """The tile as it is put down: its part of the parent, scaled, and on its corners where they are no rectangle.

    ``dim`` is laid over it: a map is drawn for the day.
    """
    image = decode(found.octets)
    steps = found.key.zoom - found.zoom
    if image is None or steps > _DEEPEST:
        return None
    if steps:
        side = 1 << steps
        width, height = image.width() / side, image.height() / side
        x, y = (found.key.column % side) * width, (found.key.row % side) * height
        image = image.copy(QRect(int(x), int(y), max(1, round(width)), max(1, round(height))))
    size = QSize(max(1, round(shape.rect.width() * ratio)), max(1, round(shape.rect.height() * ratio)))
    if shape.corners:
        image = _bent(image, shape, size, ratio)
    elif shape.bands:
        image = _banded(image, shape, size, ratio)
    else:
        if image.size() != size:
            image = image.scaled(size, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation)
        # The form of what it is drawn on, so that putting it down is copying.
        image = image.convertToFormat(
            QImage.Format.Format_ARGB32_Premultiplied if image.hasAlphaChannel() else QImage.Format.Format_RGB32
        )
    if dim is not None:
        painter = QPainter(image)
        if image.hasAlphaChannel():
            painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceAtop)
        painter.fillRect(image.rect(), dim)
        painter.end()
    image.setDevicePixelRatio(ratio)
    return image


@cache
def rehearse() -> None:
    """Make a tile in every way that there is, in one thread alone; before several do.

    PySide makes its enumerations when they are first needed; two threads that need one at once end the process.
    """
    plain = QImage(4, 4, QImage.Format.Format_RGB32)
    plain.fill(Qt.GlobalColor.transparent)
    clear = QImage(4, 4, QImage.Format.Format_ARGB32)
    clear.fill(Qt.GlobalColor.transparent)
    rect = QRect(0, 0, 4, 4)
    bent = ((0.0, 0.0), (4.0, 1.0), (4.0, 4.0), (0.0, 3.0))
    shapes = (Shape(rect), Shape(QRect(0, 0, 5, 6)), Shape(rect, corners=bent), Shape(rect, bands=(2, 4)))
    for image in (plain, clear):
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        QImageWriter(buffer, QByteArray(b"png")).write(image)
        octets = bytes(buffer.data().data())
        for zoom, shape in product((0, 1), shapes):
            make(Found(key=Key(0, 1, 0, 0), zoom=zoom, octets=octets), shape, 1.0, plain.pixelColor(0, 0))


def _banded(image: QImage, shape: Shape, size: QSize, ratio: float) -> QImage:
    banded = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
    banded.fill(Qt.GlobalColor.transparent)
    painter = QPainter(banded)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    edges = [0, *(round(band * ratio) for band in shape.bands)]
    height = image.height() / len(shape.bands)
    for number, (top, bottom) in enumerate(pairwise(edges)):
        part = QRectF(0.0, number * height, float(image.width()), height)
        painter.drawImage(QRectF(0.0, float(top), float(size.width()), float(bottom - top)), image, part)
    painter.end()
    return banded


def _bent(image: QImage, shape: Shape, size: QSize, ratio: float) -> QImage:
    bent = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
    bent.fill(Qt.GlobalColor.transparent)
    width, height = float(image.width()), float(image.height())
    flat = QPolygonF([QPointF(0, 0), QPointF(width, 0), QPointF(width, height), QPointF(0, height)])
    onto = QPolygonF([QPointF(x * ratio, y * ratio) for x, y in shape.corners])
    turn = QTransform()
    if not QTransform.quadToQuad(flat, onto, turn):
        return bent
    painter = QPainter(bent)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.setTransform(turn)
    painter.drawImage(0, 0, image)
    painter.end()
    return bent
