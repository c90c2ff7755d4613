"""Putting a screen before a fake desk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from console.bridge import Bridge, ReplayDesk
from console.i18n import Language
from console.orders import Order
from console.picture import Picture
from console.queries import RecordLine, ReplayState
from console.sights import Footage, Showing
from console.views.speech import Speech
from console.views.theme import Theme
from console.views.widgets.screen import Screen
from tests.views.more_pictures import NOW, FakeDesk, S

ZONE = ZoneInfo("Asia/Shanghai")
AnyScreen = TypeVar("AnyScreen", bound=Screen)
_KEPT: list[QWidget] = []
"""The host of the screen under test: nothing else holds it."""


class FakeReplay(FakeDesk):
    """A replay whose time is where it was put."""

    def __init__(self) -> None:
        super().__init__(notices=50)
        self.moves: list[tuple[str, float]] = []
        self.is_closed = False
        self.showing: Showing = {}
        self.footages: dict[str, Footage] = {}

    def seek(self, at_ns: int) -> None:
        self.moves.append(("seek", at_ns))
        self.now = at_ns

    def set_speed(self, speed: float) -> None:
        self.moves.append(("speed", speed))

    def step(self) -> None:
        self.moves.append(("step", 0))

    def state(self) -> ReplayState:
        return ReplayState(title="incident", from_ns=NOW - 3600 * S, to_ns=NOW, at_ns=self.now, speed=0.0)

    def show_cameras(self, wanted: Showing) -> None:
        self.showing = wanted

    def footage(self, camera_id: str) -> Footage | None:
        return self.footages.get(camera_id)

    def close(self) -> None:
        self.is_closed = True


def make(
    qtbot: QtBot,
    kind: Callable[..., AnyScreen],
    picture: Picture,
    *,
    desk: FakeDesk | None = None,
    language: Language = "zh",
    folder: Path | None = None,
) -> tuple[AnyScreen, list[Order], FakeDesk, FakeReplay]:
    """The screen shown with this picture, the orders it gave, its desk, and the replay it would open."""
    desk = desk or FakeDesk()
    replay = FakeReplay()
    opened: list[Path | None] = []

    def open_replay(path: Path | None, _bridge: Bridge) -> ReplayDesk:
        opened.append(path)
        return replay

    bridge = Bridge(desk, open_replay=open_replay, incident_folder=folder)
    bridge.picture = picture
    screen = kind(bridge, Theme(), Speech(language, zone=ZONE))
    # In a host without layout: a screen is never a window, and this platform warns about windows that want sizes.
    host = QWidget()
    _KEPT[:] = [host]
    qtbot.addWidget(host)
    screen.setParent(host)
    orders: list[Order] = []
    screen.commanded.connect(orders.append)
    host.resize(1300, 700)
    screen.resize(1300, 700)
    host.show()
    screen.show()
    screen.show_picture(picture)
    screen.refresh()
    return screen, orders, desk, replay


def press(screen: QWidget, key: Qt.Key) -> None:
    """Press this key on the screen."""
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        QApplication.sendEvent(screen, QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier))


def octets(text: bytes, *, at_ns: int = NOW, understood: tuple[str, ...] = (), **changes: Any) -> RecordLine:
    """One line of live octets of the BeiDou terminal."""
    values: dict[str, Any] = {"seq": 1, "kind": 2, "source": "bd-1", "peer": "", **changes}
    return RecordLine(at_ns=at_ns, payload=text, understood=understood, **values)
