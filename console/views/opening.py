"""Opening the window on this machine's display with this person's settings."""

from __future__ import annotations

from console.bridge import Bridge
from console.i18n import Language
from console.views.settings import Settings, settings_file
from console.views.window import Window


def open_window(bridge: Bridge, language: Language | None = None) -> Window:
    """Make the window, as large as the display, with this person's settings; ``language`` overrules the one kept."""
    window = Window(bridge, settings=Settings(settings_file()), language=language)
    # A bare vehicle screen has no window manager to see to the size.
    window.setGeometry(window.screen().availableGeometry())
    window.showMaximized()
    return window
