# ruff: noqa: N802 - the names of overridden methods are Qt's
"""A mark being written: its moment was taken when it was asked for, its few words come after."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QWidget

from console.orders import MarkPicture
from console.views.speech import Speech
from console.views.theme import Size, Theme
from console.views.widgets.label import Label

LONGEST_TEXT = 100


class MarkEntry(QWidget):
    """One line: what is marked, the words, keep or leave.  ``written`` carries the order, ``left`` nothing."""

    written = Signal(object)
    left = Signal()

    def __init__(self, theme: Theme, speech: Speech, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._speech = theme, speech
        self._camera_id = ""
        self._at_ns = 0
        self._name = ""
        self.title = Label(theme, size=Size.BODY, is_bold=True)
        self.field = QLineEdit()
        self.field.setMaxLength(LONGEST_TEXT)
        self.keep, self.leave = QPushButton(), QPushButton()
        self.keep.setProperty("role", "primary")
        self.field.returnPressed.connect(self._write)
        self.keep.clicked.connect(self._write)
        self.leave.clicked.connect(self.left)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addWidget(self.title, 2)
        self._row.addWidget(self.field, 3)
        self._row.addWidget(self.keep)
        self._row.addWidget(self.leave)

    def begin(self, camera_id: str, name: str, at_ns: int) -> None:
        """Mark this moment of this camera, whatever is chosen meanwhile."""
        self._camera_id, self._name, self._at_ns = camera_id, name, at_ns
        self.field.clear()
        self.retranslate()
        self.field.setFocus()

    def _write(self) -> None:
        text = " ".join(self.field.text().split())
        self.written.emit(MarkPicture(camera_id=self._camera_id, at_ns=self._at_ns, text=text))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc leaves it."""
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def retranslate(self) -> None:
        """Say everything anew."""
        say = self._speech.say
        self.title.say(say("videowall.marking.title", at=self._speech.clock(self._at_ns), camera=self._name))
        self.field.setPlaceholderText(say("videowall.marking.placeholder"))
        self.keep.setText(say("videowall.marking.keep"))
        self.leave.setText(say("videowall.marking.leave"))

    def restyle(self) -> None:
        """Measure anew."""
        self._row.setSpacing(self._theme.space(2))
        self.title.restyle()
