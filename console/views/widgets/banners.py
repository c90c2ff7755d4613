"""The banners below the strip, on every screen: no Chinese font, not recorded, replay."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from console.picture import Picture
from console.queries import AlarmStrip
from console.views.judgement import is_dead_time
from console.views.speech import Speech
from console.views.theme import Theme, has_chinese_font
from console.views.widgets.banner import Banner, ReplayBanner


class Banners(QWidget):
    """All of them, one below the other; takes no room while there is nothing to say."""

    def __init__(self, theme: Theme, speech: Speech) -> None:
        super().__init__()
        self._speech = speech
        self.no_font = Banner(theme, "warn", "warn")
        self.unrecorded = Banner(theme, "alarm", "warn")
        self.replay = ReplayBanner(theme)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(1)
        for banner in (self.no_font, self.unrecorded, self.replay):
            whole.addWidget(banner)

    def restyle(self) -> None:
        """Measure anew."""
        for banner in (self.no_font, self.unrecorded, self.replay):
            banner.restyle()

    def say_live(self, picture: Picture | None, now_ns: int) -> None:
        """What must be said while the live incident is shown."""
        self._say_font()
        self.replay.say("")
        if picture is None or picture.journal.is_recorded:
            self.unrecorded.say("")
            self.setVisible(bool(self.no_font.words))
            return
        journal = picture.journal
        at = self._speech.second(journal.since_ns, now_ns)
        words = [
            self._speech.say("shell.banner.unrecorded", at=at, lost=journal.lost),
            self._speech.tell(journal.reason),
        ]
        self.unrecorded.say(" · ".join(word for word in words if word))
        self.show()

    def say_replay(
        self, strip: AlarmStrip | None, picture: Picture | None, now_ns: int, *, has_live: bool = True
    ) -> None:
        """What must be said while a replay is shown: the lock, a dead time, and how the live incident fares if any."""
        say = self._speech.say
        self._say_font()
        is_unrecorded = strip is not None and not strip.is_recorded
        self.unrecorded.say(say("shell.replay.live_unrecorded") if is_unrecorded else "")
        parts = [
            say("shell.replay.moment", date=self._speech.date(now_ns), at=self._speech.clock(now_ns)),
            say("shell.replay.lock"),
        ]
        if picture is not None and is_dead_time(picture, now_ns):
            parts.insert(1, say("shell.replay.dead_time", at=self._speech.second(picture.at_ns, now_ns)))
        if strip is not None:
            count = sum(1 for alarm in strip.alarms if alarm.state in {"unacknowledged", "returned"})
            parts.append(say("shell.replay.live_alarms", count=count) if count else say("shell.replay.live_quiet"))
        self.replay.say("　".join(parts))
        self.replay.back.setVisible(has_live)
        self.replay.back.setText(say("shell.replay.return_key"))
        self.show()

    def _say_font(self) -> None:
        self.no_font.say("" if has_chinese_font() else self._speech.say("shell.font_missing"))
