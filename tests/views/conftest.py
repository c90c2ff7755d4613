"""For all tests of views: an application is there, whichever of them a worker runs first."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication


@pytest.fixture(autouse=True)
def application(qapp: QApplication) -> QApplication:
    """Fonts and pixmaps without one end the process."""
    return qapp
