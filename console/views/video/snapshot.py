"""A picture kept as PNG, with mode, source, time and place burned in below it: nothing of it is covered."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import QByteArray, QIODevice, QRectF, QSaveFile, Qt
from PySide6.QtGui import QImage, QImageWriter, QPainter

from console.views.speech import NS_PER_S
from console.views.theme import Size, Theme

FOLDER = "snapshots"
_LEAST_WIDTH_PX = 320.0
_TALLEST_PX = 10_000.0
_WRAPPED = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop) | int(Qt.TextFlag.TextWordWrap)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Where a snapshot lies, or the system's words why it could not be written."""

    path: Path
    trouble: str | None = None


def snapshot_name(camera_id: str, mode: str, at_ns: int) -> str:
    """``uav-drill-20230720T063207.400Z.png``: the camera, the mode, universal time of the picture's packet."""
    moment = datetime.fromtimestamp(at_ns // NS_PER_S, tz=UTC)
    safe = re.sub(r"[^\w.-]", "_", camera_id)
    return f"{safe}-{mode}-{moment:%Y%m%dT%H%M%S}.{at_ns % NS_PER_S // 1_000_000:03d}Z.png"


def keep(image: QImage, lines: Sequence[str], folder: Path, name: str, theme: Theme) -> Kept:
    """Write the picture with these lines below it; whole or not at all."""
    path = folder / FOLDER / name
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        return Kept(path=path, trouble=error.strerror or str(error))
    file = QSaveFile(str(path))
    if not file.open(QIODevice.OpenModeFlag.WriteOnly):
        return Kept(path=path, trouble=file.errorString())
    writer = QImageWriter(file, QByteArray(b"png"))
    if not writer.write(with_caption(image, lines, theme)):
        file.cancelWriting()
        return Kept(path=path, trouble=writer.errorString())
    return Kept(path=path, trouble=None if file.commit() else file.errorString())


def with_caption(image: QImage, lines: Sequence[str], theme: Theme) -> QImage:
    """The picture with the lines below it, wrapped to its width and never cut; a very small one is widened for them."""
    edge = theme.space(2)
    width = max(image.width(), theme.px(_LEAST_WIDTH_PX))
    metrics = theme.metrics(Size.SMALL)
    room = QRectF(edge, 0, width - 2 * edge, _TALLEST_PX)
    heights = [math.ceil(metrics.boundingRect(room, _WRAPPED, line).height()) for line in lines]
    whole = QImage(width, image.height() + sum(heights) + edge, QImage.Format.Format_RGB32)
    whole.fill(theme.palette.tile)
    painter = QPainter(whole)
    painter.drawImage((width - image.width()) // 2, 0, image)
    painter.setFont(theme.font(Size.SMALL))
    painter.setPen(theme.palette.on_tile)
    top = image.height() + edge // 2
    for line, height in zip(lines, heights, strict=True):
        painter.drawText(QRectF(edge, top, width - 2 * edge, height), _WRAPPED, line)
        top += height
    painter.end()
    whole.setText("Description", "\n".join(lines))
    return whole
