# ruff: noqa: N802 - the names of overridden methods are Qt's
"""设备: the comms squad's workbench."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from console.bridge import Bridge
from console.picture import Picture, Text
from console.queries import Found, RecordLine, Trouble
from console.views.devices.adding import AddForm
from console.views.devices.capture import capture_text, write_capture
from console.views.devices.detail import Detail, Heading
from console.views.devices.find import FindPanel
from console.views.devices.listing import DeviceList
from console.views.devices.live import LivePanel
from console.views.devices.sending import Sending
from console.views.speech import Speech
from console.views.theme import Metric, Theme
from console.views.widgets.paragraph import Paragraph
from console.views.widgets.screen import Screen

_LIST_WIDTH_PX = 430.0
_LIST_WIDTH_COMPACT_PX = 320.0


class DevicesScreen(Screen):
    """Devices left; right the chosen one: state, values, facts, live octets, sending by hand."""

    def __init__(self, bridge: Bridge, theme: Theme, speech: Speech, parent: QWidget | None = None) -> None:
        super().__init__(bridge, theme, speech, parent)
        self._picture: Picture | None = None
        self._watched: str | None = None
        self._journal: str | None = None
        self.list = DeviceList(bridge, theme, speech)
        self.find_panel = FindPanel(bridge, theme, speech)
        self.adding = AddForm(bridge, theme, speech)
        self.adding.hide()
        self._wanted: str | None = None
        """What was just added: chosen in the list as soon as it is there."""
        self.heading = Heading(theme, speech)
        self.detail = Detail(bridge, theme, speech)
        self.live = LivePanel(theme, speech)
        self.sending = Sending(theme, speech)
        self.said = Paragraph(theme)
        self.said.hide()
        self._build()
        self.list.chosen.connect(self._choose)
        self.heading.commanded.connect(self.commanded)
        self.heading.export_wanted.connect(self._export)
        self.sending.sent.connect(self.commanded)
        self.find_panel.chosen.connect(self._open_form)
        self.adding.closed.connect(self._close_form)
        self.adding.added.connect(self._take_added)
        bridge.octets_seen.connect(self._take_octets)
        self.retranslate()
        self.restyle()

    def _build(self) -> None:
        right = QVBoxLayout()
        right.setSpacing(0)
        right.addWidget(self.live, 1)
        right.addWidget(self.sending)
        self._lower = QHBoxLayout()
        self._lower.addWidget(self.detail, 6)
        self._lower.addLayout(right, 7)
        self.one = QWidget()
        column = QVBoxLayout(self.one)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.heading)
        column.addWidget(self.said)
        column.addLayout(self._lower, 1)
        column.setSpacing(1)
        self._lower.setSpacing(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(1)
        left = QVBoxLayout()
        left.setSpacing(0)
        left.addWidget(self.list, 1)
        left.addWidget(self.find_panel)
        row.addLayout(left)
        row.addWidget(self.one, 1)
        row.addWidget(self.adding, 1)

    # ---- the contract of a screen

    def show_picture(self, picture: Picture) -> None:
        """Draw the devices; a replay begun, moved back or ended empties the live octets."""
        went_back = self._picture is not None and picture.at_ns < self._picture.at_ns
        state = self.bridge.replay_state
        journal = None if state is None else state.title
        if journal != self._journal or went_back:
            # Octets of another time or journal must not stand beside those of this one.
            self._journal = journal
            self._watch(self._watched, is_forced=True)
        self._picture = picture
        self.list.show_picture(picture)
        self.find_panel.show_lock(is_locked=self.bridge.is_replaying)
        self.adding.show_lock(self._lock_of(picture))
        if self._wanted in self.list.devices:
            self.list.choose(self._wanted or "")
            self._wanted = None
        self._show_device()

    def _lock_of(self, picture: Picture) -> Trouble | None:
        """Why nothing can be added now."""
        if self.bridge.is_replaying:
            return Trouble(text=Text(id="devices.locked"))
        if picture.mode != "live":
            return Trouble(text=Text(id="adding.drill"), remedy=Text(id="adding.drill_remedy"))
        return None

    # ---- adding a find

    def _open_form(self, one: Found) -> None:
        self.adding.show_find(one)
        self.adding.show()
        self._show_device()

    def _close_form(self) -> None:
        self.adding.hide()
        self._show_device()

    def _take_added(self, identity: str) -> None:
        self._wanted = identity
        self.find_panel.look()

    # ---- one device

    def _show_device(self) -> None:
        device = self.list.devices.get(self.list.current or "")
        self.one.setVisible(device is not None and self.adding.isHidden())
        if device is None:
            return
        self.heading.show_device(device, is_locked=self.bridge.is_replaying)
        self.detail.show_device(device)
        self.sending.show_device(device, is_locked=self.bridge.is_replaying)

    def refresh(self) -> None:
        """Ages, every quarter of a second."""
        self.list.refresh()
        self.detail.refresh()

    def retranslate(self) -> None:
        """Say everything anew."""
        for part in (self.heading, self.live, self.sending, self.find_panel, self.adding):
            part.retranslate()
        if self._picture is not None:
            self.show_picture(self._picture)

    def restyle(self) -> None:
        """Colour and measure anew."""
        for part in (
            self.list,
            self.find_panel,
            self.adding,
            self.heading,
            self.detail,
            self.live,
            self.sending,
            self.said,
        ):
            part.restyle()
        self.said.setContentsMargins(*(self.theme.space(2),) * 4)
        self._measure()

    def _measure(self) -> None:
        is_compact = self.width() < self.theme.px(Metric.COMPACT_BELOW_WIDTH)
        width = self.theme.px(_LIST_WIDTH_COMPACT_PX if is_compact else _LIST_WIDTH_PX)
        self.list.setFixedWidth(width)
        self.find_panel.setFixedWidth(width)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A small display gets a narrower list."""
        super().resizeEvent(event)
        self._measure()

    def focus_find(self) -> bool:
        """The filter of the live octets."""
        self.live.filter.setFocus()
        return True

    # ---- live octets

    def showEvent(self, event: QShowEvent) -> None:
        """Watch only while somebody looks."""
        super().showEvent(event)
        self._watch(self.list.current, is_forced=True)

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks: the engine need not hand octets over."""
        self.bridge.watch(None)
        super().hideEvent(event)

    def _choose(self, device_id: str) -> None:
        self.said.hide()
        self._watch(device_id)
        self._show_device()

    def _watch(self, device_id: str | None, *, is_forced: bool = False) -> None:
        if device_id == self._watched and not is_forced:
            return
        self._watched = device_id
        self.live.clear()
        if self.isVisible():
            self.bridge.watch(device_id)

    def _take_octets(self, device_id: str, lines: list[RecordLine]) -> None:
        if device_id == self._watched:
            self.live.add(lines)

    def _export(self) -> None:
        if self._picture is None or self._watched is None:
            return
        dialog = QFileDialog(self, self.speech.say("devices.export"))
        dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("txt")
        clock = self.speech.clock(self.bridge.now_ns()).replace(":", "")
        dialog.selectFile(f"{self._watched}-{self._mode()}-{clock}.txt")
        dialog.fileSelected.connect(lambda name: self.write_export(Path(name)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _mode(self) -> str:
        if self.bridge.is_replaying:
            return "replay"
        return self._picture.mode if self._picture else "live"

    def write_export(self, path: Path) -> None:
        """Write the ring of the watched device; the word 演练 or 实战 goes with it."""
        lines = list(self.live.model.ring)
        incident = self._picture.incident.name if self._picture else ""
        mode = self.speech.say(f"devices.mode.{self._mode()}")
        words = {"mode": mode, "incident": incident, "device": self._watched, "count": len(lines)}
        trouble = write_capture(path, capture_text(self.speech.say("devices.capture", **words), lines))
        if trouble is None:
            self.said.say(self.speech.say("devices.exported", count=len(lines), path=path), "soft")
        else:
            self.said.say(self.speech.say("devices.not_exported", path=path, reason=trouble), "alarm")
        self.said.show()
