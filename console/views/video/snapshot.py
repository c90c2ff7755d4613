"""A picture kept as PNG, with what it is written below it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import QByteArray, QIODevice, QRectF, QSaveFile
from PySide6.QtGui import QImage, QImageWriter, QPainter

from console.views.speech import NS_PER_S
from console.views.theme import Metric, Size, Theme
from console.views.widgets.label import draw_text

FOLDER = "snapshots"


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


def keep(image: QImage, caption: str, folder: Path, name: str, theme: Theme) -> Kept:
    """Write the picture with a line below it; whole or not at all."""
    path = folder / FOLDER / name
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        return Kept(path=path, trouble=error.strerror or str(error))
    file = QSaveFile(str(path))
    if not file.open(QIODevice.OpenModeFlag.WriteOnly):
        return Kept(path=path, trouble=file.errorString())
    writer = QImageWriter(file, QByteArray(b"png"))
    if not writer.write(_with_caption(image, caption, theme)):
        file.cancelWriting()
        return Kept(path=path, trouble=writer.errorString())
    return Kept(path=path, trouble=None if file.commit() else file.errorString())


def _with_caption(image: QImage, caption: str, theme: Theme) -> QImage:
    height = theme.px(Metric.CAPTION_HEIGHT)
    whole = QImage(image.width(), image.height() + height, QImage.Format.Format_RGB32)
    whole.fill(theme.palette.tile)
    painter = QPainter(whole)
    painter.drawImage(0, 0, image)
    painter.setFont(theme.font(Size.SMALL))
    room = QRectF(theme.space(2), image.height(), image.width() - theme.space(4), height)
    draw_text(painter, room, caption, theme.palette.on_tile)
    painter.end()
    whole.setText("Description", caption)
    return whole
