"""How Qt paints, decided before it does."""

from __future__ import annotations

import os


def paint_in_one_thread() -> None:
    """Keep Qt from painting with helpers; only before Qt paints for the first time.

    It wakes them for every picture that is put down in many small parts, as the map is at every tick, and waits for
    them: half as long again as the painting itself takes, on two cores that others want too.

    **Source:** qguiapplication.cpp of Qt 6 (``qtGuiThreadPool``); measured with 6.11.
    """
    os.environ.setdefault("QT_NO_GUI_THREADPOOL", "1")
