"""What is plugged in and announces itself: looked for when asked, shown with the wire to write, never added."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from console.bridge import Bridge
from console.queries import FindPage, FindRequest, Found, Page
from console.views.speech import Speech
from console.views.theme import Theme
from console.views.widgets.label import Label
from console.views.widgets.paragraph import Paragraph
from console.views.widgets.scroll import scroll_area
from console.views.widgets.understanding import word

_HEIGHT_PX = 260.0


class FindPanel(QWidget):
    """A button and, after it, what was found."""

    def __init__(self, bridge: Bridge, theme: Theme, speech: Speech, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge, self._theme, self._speech = bridge, theme, speech
        self._cancel: Callable[[], None] | None = None
        self._page: FindPage | None = None
        self._is_failed = False
        self.setProperty("role", "raised")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.state = Label(theme, tone="text", is_bold=True)
        self.found = Paragraph(theme, tone="soft")
        self.found.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.found.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.area = scroll_area(self.found, "raised")
        self.button = QPushButton()
        self.button.clicked.connect(self.look)
        self._column = QVBoxLayout(self)
        for widget in (self.state, self.area, self.button):
            self._column.addWidget(widget)
        self.retranslate()
        self.restyle()

    def show_lock(self, *, is_locked: bool) -> None:
        """In replay nothing is looked for: it would be of now, not of then."""
        self.setVisible(not is_locked)

    def look(self) -> None:
        """Look now."""
        if self._cancel is not None or self._bridge.is_replaying:
            return
        self._page = None
        self._is_failed = False
        self._cancel = _nothing
        self._cancel = self._bridge.query(FindRequest(), self._take)
        self._say()

    def _take(self, page: Page | None) -> None:
        self._cancel = None
        self._page = page if isinstance(page, FindPage) else None
        self._is_failed = self._page is None
        self._say()

    def _say(self) -> None:
        say = self._speech.say
        is_looking = self._cancel is not None
        self.button.setEnabled(not is_looking)
        self.button.setText(say("devices.find.again" if self._page else "devices.find.button"))
        found = self._page.found if self._page else ()
        new = sum(not one.is_configured for one in found)
        self.state.setVisible(is_looking or self._is_failed or self._page is not None)
        self.area.setVisible(bool(found))
        self.state.set_tone("alarm" if self._is_failed else "text")
        if is_looking:
            self.state.say(say("devices.find.looking"))
        elif self._is_failed:
            self.state.say(say("devices.find.failed"))
        elif self._page is not None:
            self.state.say(say("devices.find.result", count=len(found), new=new) if found else say("devices.find.none"))
        self.found.say("\n\n".join(found_words(one, self._speech) for one in found))

    def retranslate(self) -> None:
        """Say everything anew."""
        self._say()

    def restyle(self) -> None:
        """Measure anew."""
        gap = self._theme.space(3)
        self._column.setContentsMargins(gap, gap, gap, gap)
        self._column.setSpacing(self._theme.space(2))
        self.area.setMaximumHeight(self._theme.px(_HEIGHT_PX))
        self.state.restyle()
        self.found.restyle()


def found_words(one: Found, speech: Speech) -> str:
    """Kind and name, where it is, and the wire to write into the configuration if one is known."""
    told = "" if one.name == "n/a" else one.name
    name = f"{word(speech, 'devices.find.kind', one.kind.strip('_').partition('.')[0])}　{told}".rstrip()
    lines = [name, one.detail]
    if one.is_configured:
        lines.append(speech.say("devices.find.configured"))
    elif one.wire is not None:
        lines.append(speech.say("devices.find.wire", wire=one.wire))
    return "\n".join(line for line in lines if line)


def _nothing() -> None:
    """The answer is on its way."""
