"""What the window remembers: night or day, scale, language, the style of coordinates.  Never an operational fact.

A small INI file in the configuration folder; Qt writes a new file and renames it, so that a power cut leaves the old
one.  A damaged value is the default.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSettings

from console.configuration.places import own_file
from console.coordinates.telling import STYLES, Style
from console.i18n import LANGUAGES, Language
from console.views.theme import SCALES


def settings_file() -> Path:
    """Where the settings lie for this person."""
    return own_file().with_name("window.ini")


class Settings:
    """Reads and writes the settings in ``file``."""

    def __init__(self, file: Path) -> None:
        self._values = QSettings(str(file), QSettings.Format.IniFormat)

    @property
    def is_night(self) -> bool:
        """Night colours; by day they must be asked for."""
        return str(self._values.value("night", "true")) != "false"

    @property
    def scale(self) -> float:
        """One of ``theme.SCALES``."""
        said = str(self._values.value("scale", "1.0"))
        return next((scale for scale in SCALES if f"{scale}" == said), SCALES[0])

    @property
    def language(self) -> Language | None:
        """The language chosen last; ``None`` if never."""
        said = str(self._values.value("language", ""))
        return next((language for language in LANGUAGES if language == said), None)

    @property
    def coordinates(self) -> Style:
        """The style of coordinates."""
        said = str(self._values.value("coordinates", STYLES[0]))
        return next((style for style in STYLES if style == said), STYLES[0])

    def keep(self, **values: bool | float | str) -> bool:
        """Write these values; False where they cannot be written."""
        for name, value in values.items():
            self._values.setValue(name, str(value).lower() if isinstance(value, bool) else str(value))
        self._values.sync()
        return self._values.status() is QSettings.Status.NoError
