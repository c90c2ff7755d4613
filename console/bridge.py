"""The only crossing between the engine's thread and the window's.

Pictures come over at most ten times a second, the first change at once, newest wins.  Orders and queries go the
other way.  While a replay is shown no order passes: ``send`` answers False, and the window says why.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Protocol, TypeVar

from PySide6.QtCore import QObject, Qt, Signal, Slot

from console.orders import Order
from console.picture import Picture
from console.queries import AlarmStrip, Page, RecordLine, ReplayState, Request
from console.sights import Footage, Showing, merge
from console.surroundings import Surroundings
from console.trouble import OperatorError

T = TypeVar("T")


class Desk(Protocol):
    """What the bridge talks to, from the window's thread.  Every callback comes on a thread of the desk's own."""

    def now_ns(self) -> int:
        """Console time."""

    def submit(self, order: Order) -> None:
        """Put an order through the engine's door."""

    def ask(self, request: Request, on_page: Callable[[Page | None], None]) -> Callable[[], None]:
        """Answer a request later, ``None`` if it failed; calling the result cancels it."""

    def watch(self, device_id: str | None, on_lines: Callable[[list[RecordLine]], None]) -> None:
        """Hand over the live octets of this one device from now on; ``None`` ends it."""


class ReplayDesk(Desk, Protocol):
    """A desk whose time can be moved."""

    def seek(self, at_ns: int) -> None:
        """Go to this moment."""

    def set_speed(self, speed: float) -> None:
        """0 pauses; 0.5..60 runs."""

    def step(self) -> None:
        """Go one record further."""

    def state(self) -> ReplayState:
        """Where it stands."""

    def show_cameras(self, wanted: Showing) -> None:
        """Play what these cameras recorded, and no others."""

    def footage(self, camera_id: str) -> Footage | None:
        """What is played of this camera now."""

    def close(self) -> None:
        """End it."""


ReplayOpener = Callable[[Path | None, "Bridge"], ReplayDesk]
"""Opens a replay of a journal folder (``None``: the running incident so far); its pictures go to the bridge."""


class Bridge(QObject):
    """Pictures in, orders and questions out."""

    picture_changed = Signal(object)
    """The picture to draw now: live, or the replayed one."""
    live_changed = Signal(object)
    """While a replay is shown: the live incident's AlarmStrip, once a second."""
    octets_seen = Signal(str, list)
    """Device id and its newest RecordLines, while watched."""
    replay_changed = Signal(object)
    """ReplayState while a replay is shown, ``None`` after the return to live."""
    trouble_raised = Signal(object)
    """A console.trouble.OperatorError: something the operator asked for could not be done; it says what to do."""

    _delivered = Signal()
    _called = Signal(object)

    def __init__(
        self,
        desk: Desk,
        *,
        open_replay: ReplayOpener | None = None,
        on_cameras: Callable[[Showing], None] | None = None,
        incident_folder: Path | None = None,
        surroundings: Surroundings | None = None,
        has_live: bool = True,
    ) -> None:
        """Begin.

        ``on_cameras`` is told, in the window's thread, which cameras are seen and how large; ``incident_folder`` is
        where the running incident is kept, for snapshots; ``surroundings`` are what does not change; without
        ``has_live`` there is no live incident to return to.
        """
        super().__init__()
        self.has_live = has_live
        self._desk = desk
        self._open_replay = open_replay
        self._on_cameras = on_cameras
        self._viewers: dict[str, Showing] = {}
        self.incident_folder = incident_folder
        self.surroundings = surroundings or Surroundings()
        self._reckoner: ThreadPoolExecutor | None = None
        self._replay: ReplayDesk | None = None
        self._lock = threading.Lock()
        self._waiting: dict[str, object] = {}
        self.picture: Picture | None = None
        self.live_picture: Picture | None = None
        self._delivered.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self._called.connect(self._call, Qt.ConnectionType.QueuedConnection)

    # ---- from the desks' threads

    def put_live(self, picture: Picture) -> None:
        """Hand over the live engine's newest picture.  Any thread."""
        self._put("live", picture)

    def put_replayed(self, picture: Picture, state: ReplayState) -> None:
        """Hand over the replayed picture.  Any thread."""
        self._put("replay", (picture, state))

    def _put(self, key: str, value: object) -> None:
        with self._lock:
            was_empty = not self._waiting
            self._waiting[key] = value
        if was_empty:
            self._delivered.emit()

    @Slot()
    def _deliver(self) -> None:
        with self._lock:
            waiting, self._waiting = self._waiting, {}
        live = waiting.get("live")
        if isinstance(live, Picture):
            self.live_picture = live
            if self._replay is None:
                self.picture = live
                self.picture_changed.emit(live)
            else:
                self.live_changed.emit(_strip(live))
        replayed = waiting.get("replay")
        if self._replay is not None and isinstance(replayed, tuple):
            self.picture, state = replayed
            self.picture_changed.emit(self.picture)
            self.replay_changed.emit(state)

    @Slot(object)
    def _call(self, call: Callable[[], None]) -> None:
        call()

    # ---- from the views

    @property
    def is_replaying(self) -> bool:
        """Whether what is drawn is a replay: orders are locked."""
        return self._replay is not None

    @property
    def replay_state(self) -> ReplayState | None:
        """Where the replay stands that is shown now; ``None`` when it is the live incident."""
        return self._replay.state() if self._replay is not None else None

    def now_ns(self) -> int:
        """The time to compute ages with when painting: console time, or the replayed moment."""
        return (self._replay or self._desk).now_ns()

    def send(self, order: Order) -> bool:
        """Give an order; False while a replay is shown."""
        if self._replay is not None:
            return False
        self._desk.submit(order)
        return True

    def query(self, request: Request, on_page: Callable[[Page | None], None]) -> Callable[[], None]:
        """Ask; ``on_page`` is called later in the window's thread.  Calling the result cancels."""
        is_open = True

        def arrive(page: Page | None) -> None:
            self._called.emit(lambda: on_page(page) if is_open else None)

        withdraw = (self._replay or self._desk).ask(request, arrive)

        def cancel() -> None:
            nonlocal is_open
            is_open = False
            withdraw()

        return cancel

    def watch(self, device_id: str | None) -> None:
        """Show the live octets of this one device by ``octets_seen``; ``None`` ends it."""
        desk = self._replay or self._desk
        desk.watch(device_id, lambda lines: self._called.emit(lambda: self._show_octets(device_id, lines)))

    def _show_octets(self, device_id: str | None, lines: list[RecordLine]) -> None:
        if device_id is not None:
            self.octets_seen.emit(device_id, lines)

    def show_cameras(self, wanted: Showing, viewer: str = "") -> None:
        """Say which cameras this viewer shows; several viewers may be open, the largest wish of each camera counts."""
        if wanted == self._viewers.get(viewer, {}):
            return
        self._viewers[viewer] = wanted
        self._tell_cameras()

    def _tell_cameras(self) -> None:
        """Whoever makes the pictures that are seen now is told; while a replay is shown nobody looks at live ones."""
        wanted = merge(list(self._viewers.values()))
        if self._replay is not None:
            self._replay.show_cameras(wanted)
        if self._on_cameras is not None:
            self._on_cameras({} if self._replay is not None else wanted)

    def footage(self, camera_id: str) -> Footage | None:
        """What is played of this camera at the replayed moment; ``None``: nothing, or no replay is shown."""
        return self._replay.footage(camera_id) if self._replay is not None else None

    def reckon(self, work: Callable[[], T], on_done: Callable[[T | OperatorError], None]) -> None:
        """Do what would make the window wait (reading heights, writing a file) in a thread kept for it, one by one.

        ``on_done`` gets what it gave, or the trouble, in the window's thread.
        """
        if self._reckoner is None:
            self._reckoner = ThreadPoolExecutor(max_workers=1, thread_name_prefix="reckoner")

        def hand_over(done: Future[T]) -> None:
            outcome = _outcome(done)
            on_done(outcome)

        def finish(done: Future[T]) -> None:
            if not done.cancelled():
                self._called.emit(lambda: hand_over(done))

        self._reckoner.submit(work).add_done_callback(finish)

    # ---- replay

    def open_replay(self, folder: Path | None) -> bool:
        """Show a recorded incident instead of the live one; ``None``: the running incident from its start."""
        if self._open_replay is None:
            return False
        try:
            replay = self._open_replay(folder, self)
        except OperatorError as trouble:
            self.trouble_raised.emit(trouble)
            return False
        self._end_replay()
        # From here on only octets of the replayed moment may come.
        self._desk.watch(None, lambda _: None)
        self._replay = replay
        self._tell_cameras()
        self.replay_changed.emit(replay.state())
        return True

    def return_live(self) -> None:
        """End the replay and show the live incident again, where there is one."""
        if self._replay is None or not self.has_live:
            return
        self._end_replay()
        self._tell_cameras()
        self.replay_changed.emit(None)
        if self.live_picture is not None:
            self.picture = self.live_picture
            self.picture_changed.emit(self.live_picture)

    def _end_replay(self) -> None:
        replay, self._replay = self._replay, None
        if replay is not None:
            replay.close()

    def close(self) -> None:
        """The window is gone: end the replay and stop listening."""
        self._end_replay()
        self._desk.watch(None, lambda _: None)
        if self._reckoner is not None:
            self._reckoner.shutdown(wait=False, cancel_futures=True)
            self._reckoner = None

    def seek(self, at_ns: int) -> None:
        """Move the replay to this moment."""
        if self._replay is not None:
            self._replay.seek(at_ns)

    def set_speed(self, speed: float) -> None:
        """Set the pace of the replay; 0 pauses."""
        if self._replay is not None:
            self._replay.set_speed(speed)

    def step(self) -> None:
        """One record further."""
        if self._replay is not None:
            self._replay.step()


def _outcome(done: Future[T]) -> T | OperatorError:
    """What it gave, or the trouble; an error that is ours is raised where it is seen: in the window's thread."""
    error = done.exception()
    return error if isinstance(error, OperatorError) else done.result()


def _strip(picture: Picture) -> AlarmStrip:
    return AlarmStrip(
        at_ns=picture.at_ns,
        alarms=picture.alarms,
        is_recorded=picture.journal.is_recorded,
        silenced_until_ns=picture.sound_silenced_until_ns,
        load=picture.alarm_load,
    )
