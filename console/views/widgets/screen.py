# ruff: noqa: N802 - the names and signatures of overridden methods are Qt's
"""What every screen is: a widget that draws a picture and sends back orders."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from console.bridge import Bridge
from console.picture import Picture
from console.views.speech import Speech
from console.views.theme import Theme

AGE_PERIOD_MS = 250


class Screen(QWidget):
    """Base of the screens: ``Screen(bridge, theme, speech)``.

    ``refresh`` is called four times a second while the screen is visible, and only then, so that ages computed when
    painting stay true.  A screen reads the time only from ``bridge.now_ns()``.
    """

    commanded = Signal(object)
    """A console.orders.Order for the engine."""
    coordinates_asked = Signal()
    """The next style of coordinates is wanted, in the whole window."""
    subject_asked = Signal(str, str)
    """Another screen is wanted, by its name, and on it this subject."""

    def __init__(self, bridge: Bridge, theme: Theme, speech: Speech, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bridge = bridge
        self.theme = theme
        self.speech = speech
        self.setProperty("role", "ground")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._age_timer = QTimer(self)
        self._age_timer.setInterval(AGE_PERIOD_MS)
        self._age_timer.timeout.connect(self.refresh)

    def show_picture(self, picture: Picture) -> None:
        """Draw this picture."""
        raise NotImplementedError

    def retranslate(self) -> None:
        """The language changed: say everything anew."""
        raise NotImplementedError

    def restyle(self) -> None:
        """Theme or scale changed: colour and measure everything anew."""
        raise NotImplementedError

    def refresh(self) -> None:
        """Repaint what carries an age."""
        self.update()

    def wants_picture(self) -> bool:
        """Whether pictures are to be given now: while visible; a screen with a window of its own may say so longer."""
        return self.isVisible()

    def show_subject(self, subject_id: str) -> None:
        """Bring this subject into sight, where the screen has it."""

    def keys(self) -> str:
        """What the keys do on this screen, in words; empty where its buttons name them."""
        return ""

    def focus_find(self) -> bool:
        """Put the cursor into the screen's find field; False where there is none."""
        return False

    def showEvent(self, event: QShowEvent) -> None:
        """Ages run while visible."""
        super().showEvent(event)
        self._age_timer.start()
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        """A hidden screen costs nothing."""
        self._age_timer.stop()
        super().hideEvent(event)
