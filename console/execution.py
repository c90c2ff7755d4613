"""What the world must do as a consequence of a record, done: after the record is on disk, in the engine's thread."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from console import effects
from console.cameras import Cameras
from console.configuration.model import Configuration
from console.connections import Connection
from console.effects import Effect
from console.measuring import Measurer
from console.queries import RecordLine
from console.recordings import Recordings
from console.records import Kind, Record, pack
from console.supervision import Life
from console.switching import Switcher

Listener = Callable[[RecordLine], None]
Put = Callable[[Kind, str, bytes, str], None]


class Executor:
    """Executes effects by the connections, cameras and recordings of one run.

    ``do`` runs work for a subject, supervised; ``put`` writes down how a sending ended.  Live incidents only: a replay
    has none.
    """

    def __init__(
        self,
        configuration: Callable[[], Configuration],
        now_ns: Callable[[], int],
        put: Put,
        do: Callable[[str, Life], None],
    ) -> None:
        self._configuration = configuration
        self._now_ns = now_ns
        self._put = put
        self._do = do
        self._waiting: deque[tuple[int, Effect]] = deque()
        self._listener: tuple[str, Listener] | None = None
        self._seq = 0
        self._switcher = Switcher(configuration, put)
        self._measurer = Measurer(put)
        self.connections: dict[str, Connection] = {}
        self.cameras: Cameras | None = None
        self.recordings: Recordings | None = None

    # ---- who watches one device

    def listen(self, device_id: str | None, listener: Listener | None) -> None:
        """Let ``listener`` see every record and every sending of one device."""
        self._listener = (device_id, listener) if device_id is not None and listener is not None else None

    def heard(self, record: Record) -> None:
        """A record was stepped: who listens to its device sees it."""
        self._seq = record.seq
        if self._listener is not None and self._listener[0] == record.source:
            self._listener[1](RecordLine(**record._asdict()))

    async def watch(self) -> None:
        """See that what was executed stays so, until cancelled."""
        await self._switcher.watch()

    # ---- when

    def when_committed(self, seq: int, effect: Effect) -> None:
        """Execute when the record ``seq`` is on disk."""
        self._waiting.append((seq, effect))

    def committed(self, seq: int) -> None:
        """Everything up to ``seq`` is on disk."""
        while self._waiting and self._waiting[0][0] <= seq:
            self.execute(self._waiting.popleft()[1])

    def give_up_waiting(self) -> None:
        """The disk refuses: what waits for it is done now, but a text waits until the operator confirms it."""
        while self._waiting:
            effect = self._waiting.popleft()[1]
            if isinstance(effect, effects.Send) and effect.reference is not None:
                self._tell_outcome(effect, is_written=False, reason="unrecorded")
            else:
                self.execute(effect)

    # ---- what

    def execute(self, effect: Effect) -> None:
        """Do it now."""
        match effect:
            case effects.Send():
                self._do(effect.device_id, partial(self._send, effect))
            case effects.Reconnect():
                self._reconnect(effect.subject_id)
            case effects.Enable():
                self._do(effect.subject_id, partial(self._enable, effect))
            case effects.MeasureThroughput():
                self._do(effect.bearer_id, partial(self._measurer.obey, effect))
            case effects.SwitchRoute():
                self._do(effect.bearer_id, partial(self._switcher.obey, effect))
            case effects.MarkPicture() | effects.SaveClip() | effects.LockRecording():
                if self.recordings is not None:
                    self._do(effect.camera_id, partial(self.recordings.obey, effect))

    def _reconnect(self, subject_id: str) -> None:
        connection = self.connections.get(subject_id)
        if connection is not None:
            connection.retry()
        elif self.cameras is not None:
            self.cameras.reconnect(subject_id)

    async def _send(self, effect: effects.Send) -> None:
        connection = self.connections.get(effect.device_id)
        is_written, reason = await connection.write(effect.octets, effect.peer) if connection else (False, "closed")
        if self._listener is not None and self._listener[0] == effect.device_id and is_written is not False:
            sent = Record(self._seq, self._now_ns(), Kind.OCTETS, effect.device_id, effect.peer, effect.octets)
            self._listener[1](RecordLine(**sent._asdict(), is_outgoing=True))
        if effect.reference is not None or is_written is not True:
            self._tell_outcome(effect, is_written=is_written, reason=reason)

    def _tell_outcome(self, effect: effects.Send, *, is_written: bool | None, reason: str) -> None:
        said = {"effect": "send", "reference": effect.reference, "octets": len(effect.octets)}
        payload = pack({**said, "is_written": is_written, "reason": reason})
        self._put(Kind.OUTCOME, effect.device_id, payload, effect.peer)

    async def _enable(self, effect: effects.Enable) -> None:
        connection = self.connections.get(effect.subject_id)
        if connection is not None:
            await connection.set_enabled(is_enabled=effect.is_enabled)
            return
        for camera in self._configuration().cameras:
            if camera.id == effect.subject_id and self.cameras is not None:
                self.cameras.start(replace(camera, is_enabled=effect.is_enabled))
