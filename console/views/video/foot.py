"""The chosen camera in words, and what can be asked of it now."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from console.picture import Camera, Picture
from console.views.speech import Speech
from console.views.theme import Size, Theme
from console.views.video.describe import camera_facts, place_words, reason_words, state_words
from console.views.widgets.label import RIGHT, Label
from console.views.widgets.sight import TileFacts


class CameraFoot(QWidget):
    """Name and state, the reason with its remedy, facts; beside them the buttons, which whoever builds it connects."""

    def __init__(self, theme: Theme, speech: Speech, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._speech = theme, speech
        self.name = Label(theme, size=Size.STRONG, is_bold=True)
        self.state = Label(theme, size=Size.BODY, is_bold=True)
        self.reason = Label(theme, size=Size.SMALL)
        self.facts = Label(theme, size=Size.SMALL, tone="dim")
        self.reconnect, self.snapshot, self.mark, self.save = (QPushButton() for _ in range(4))
        self._head, self._words, self._row = QHBoxLayout(), QVBoxLayout(), QHBoxLayout(self)
        self.place = Label(theme, size=Size.SMALL, tone="soft")
        self.place.setAlignment(RIGHT)
        for label in (self.name, self.state):
            label.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._head.addWidget(self.name)
        self._head.addWidget(self.state)
        self._head.addWidget(self.place, 1)
        self._words.addLayout(self._head)
        self._words.addWidget(self.facts)
        self._words.addWidget(self.reason)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addLayout(self._words, 1)
        for button in (self.reconnect, self.snapshot, self.mark, self.save):
            self._row.addWidget(button)

    def show_camera(self, camera: Camera, facts: TileFacts, picture: Picture, now_ns: int, *, is_replay: bool) -> None:
        """What is known of this camera at this moment; in replay nothing can be asked of it."""
        speech = self._speech
        self.name.say(camera.name)
        self.name.updateGeometry()
        words, tone = state_words(camera, facts, speech, now_ns)
        self.state.say(words)
        self.state.updateGeometry()
        self.place.say(place_words(camera.place, picture, speech, now_ns))
        self.state.set_tone(tone)
        reason, tone = reason_words(camera, facts, speech)
        self.reason.say(reason)
        self.reason.set_tone(tone)
        self.facts.say(camera_facts(camera, facts, picture, speech))
        is_wanted = camera.state not in {"live", "abnormal", "disabled"} and camera.grade not in {"off", "stills"}
        self.reconnect.setVisible(is_wanted)
        self.reconnect.setEnabled(not is_replay)
        self.snapshot.setEnabled(facts.is_unveiled)
        self.mark.setEnabled(not is_replay)
        self.save.setEnabled(not is_replay and camera.state != "disabled")

    def retranslate(self) -> None:
        """Say the buttons anew."""
        for name in ("reconnect", "snapshot", "mark", "save"):
            getattr(self, name).setText(self._speech.say(f"videowall.{name}"))

    def restyle(self) -> None:
        """Measure anew."""
        self._words.setSpacing(0)
        self._head.setSpacing(self._theme.space(3))
        self._row.setSpacing(self._theme.space(2))
        for label in (self.name, self.state, self.place, self.reason, self.facts):
            label.restyle()
