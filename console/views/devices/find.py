"""What is plugged in, announces itself or answers a probe: looked for when asked, added only by a confirmation."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QPushButton, QVBoxLayout, QWidget

from console.bridge import Bridge
from console.queries import FindPage, FindRequest, Found, Page
from console.views.speech import Speech
from console.views.theme import Theme
from console.views.widgets.label import Label
from console.views.widgets.understanding import word

_HEIGHT_PX = 260.0


class FindPanel(QWidget):
    """A button and, after it, what was found; ``chosen`` carries the Found that a person wants to add."""

    chosen = Signal(object)

    def __init__(self, bridge: Bridge, theme: Theme, speech: Speech, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge, self._theme, self._speech = bridge, theme, speech
        self._cancel: Callable[[], None] | None = None
        self._page: FindPage | None = None
        self._is_failed = False
        self.setProperty("role", "raised")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.state = Label(theme, tone="text", is_bold=True)
        self.found = QListWidget()
        self.found.setWordWrap(True)
        self.found.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.found.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.found.itemClicked.connect(self._choose)
        self.found.itemActivated.connect(self._choose)
        self.button = QPushButton()
        self.button.clicked.connect(self.look)
        self._column = QVBoxLayout(self)
        for widget in (self.state, self.found, self.button):
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
        self.found.setVisible(bool(found))
        self.state.set_tone("alarm" if self._is_failed else "text")
        if is_looking:
            self.state.say(say("devices.find.looking"))
        elif self._is_failed:
            self.state.say(say("devices.find.failed"))
        elif self._page is not None:
            self.state.say(say("devices.find.result", count=len(found), new=new) if found else say("devices.find.none"))
        self._fill(found)

    def _fill(self, found: tuple[Found, ...]) -> None:
        self.found.clear()
        for one in found:
            item = QListWidgetItem(found_words(one, self._speech))
            item.setData(Qt.ItemDataRole.UserRole, one)
            if not can_be_added(one):
                item.setFlags(Qt.ItemFlag.NoItemFlags)
            self.found.addItem(item)

    def words(self) -> str:
        """Everything that the list says."""
        return "\n".join(self.found.item(row).text() for row in range(self.found.count()))

    def _choose(self, item: QListWidgetItem) -> None:
        self.chosen.emit(item.data(Qt.ItemDataRole.UserRole))

    def retranslate(self) -> None:
        """Say everything anew."""
        self._say()

    def restyle(self) -> None:
        """Measure anew."""
        gap = self._theme.space(3)
        self._column.setContentsMargins(gap, gap, gap, gap)
        self._column.setSpacing(self._theme.space(2))
        self.found.setMaximumHeight(self._theme.px(_HEIGHT_PX))
        self.found.setSpacing(self._theme.space(1))
        self.state.restyle()


def found_words(one: Found, speech: Speech) -> str:
    """Kind and name, where it is, and whether it is configured or what can be done with it."""
    told = "" if one.name == "n/a" else one.name
    name = f"{word(speech, 'devices.find.kind', one.kind.strip('_').partition('.')[0])}　{told}".rstrip()
    lines = [name, one.detail]
    if one.is_configured:
        lines.append(speech.say("devices.find.configured"))
    elif can_be_added(one):
        lines.append(speech.say("devices.find.add"))
    elif one.wire is not None:
        lines.append(speech.say("devices.find.wire", wire=one.wire))
    return "\n".join(line for line in lines if line)


def can_be_added(one: Found) -> bool:
    """Whether it may be a camera, or some driver goes over its wire."""
    return one.is_camera or bool(one.drivers)


def _nothing() -> None:
    """The answer is on its way."""
