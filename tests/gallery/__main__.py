"""Renders the window to PNG files: every screen that is there, both languages, day and night, three sizes."""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# The platform is chosen before Qt is loaded.
from tests.gallery.render import render_all

if __name__ == "__main__":
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "gallery")
    folder.mkdir(parents=True, exist_ok=True)
    for written in render_all(folder, screens=sys.argv[2:]):
        print(written)
