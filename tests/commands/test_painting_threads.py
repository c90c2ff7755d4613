"""The window paints alone: Qt's helpers would be waited for at every tick of the map."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

_PAINTING = """
import sys
from pathlib import Path
from console.commands.window import application
with application():
    from PySide6.QtGui import QImage, QPainter, QPixmap, QRegion
    below, above = QImage(800, 800, QImage.Format.Format_RGB32), QPixmap(800, 800)
    below.fill(0)
    above.fill(0)
    painter = QPainter(below)
    painter.setClipRegion(sum((QRegion(9 * at % 700, 4 * at, 90, 20) for at in range(180)), QRegion()))
    painter.drawPixmap(0, 0, above)
    painter.end()
    print(*sorted(one.read_text().strip() for one in Path("/proc/self/task").glob("*/comm")), sep="|")
"""


def test_what_is_put_down_in_many_parts_wakes_no_helpers() -> None:
    said = subprocess.run(
        [sys.executable, "-c", _PAINTING], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert "pooled" not in said.stdout, said.stdout
