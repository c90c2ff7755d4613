"""The engine: one door, ``step``; behind it nothing asks for the time, opens a socket or knows Qt.

Live, restart and replay put the same records through the same door and so come to the same tables.  What the world
must do as a consequence comes back as effects, which are executed live after their record is on disk, and never
while replaying.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from typing import cast

import msgspec

from console import intake, outbox, runs, sending
from console.alarm_orders import AlarmOrder
from console.assembly import picture_of
from console.effects import Effect, Enable, FaultFound, Reconnect
from console.fleet import DriverMaker, Fleet
from console.link_orders import CheckThroughput
from console.orders import (
    AbandonMessage,
    AcknowledgeAlarm,
    ComposeMessage,
    ConfirmUnrecorded,
    DrawnOrder,
    OperationOrder,
    Order,
    ReconnectNow,
    RecordingOrder,
    ReportMap,
    ResendMessage,
    SendOctets,
    SetEnabled,
    SilenceSound,
    TestDevice,
    Undo,
    WriteNote,
)
from console.picture import Picture, Text
from console.records import Kind, Record, unpack
from console.rules import (
    alarms,
    answering,
    drawn,
    links,
    marks,
    pace,
    pictures,
    power,
    reach,
    recordings,
    roads,
    shelving,
    silence,
    stations,
    teams,
    telling,
    throughput,
    way_out,
    workbench,
)
from console.supply_orders import SupplyOrder
from console.switch_orders import SwitchOrder
from console.tables import DeviceTable, Tables
from devices.driver import TextDriver, TextLimit

_ORDERS: dict[str, type] = {order.__name__: order for order in Order.__args__}
_ORDERS["UndoMark"] = Undo  # in journals of the time when only marks could be undone
_DECODER = msgspec.msgpack.Decoder(Tables)
_RULES = (stations.judge, marks.judge, power.judge, roads.judge, shelving.judge, alarms.judge, reach.tick)
"""What a tick judges when devices, teams, bearers and cameras are done; in this order."""


class Engine:
    """Knows what is known now.  ``describe`` gives a driver's group, maturity and what it can send."""

    def __init__(self, make_driver: DriverMaker, describe: Callable[[str], runs.Description]) -> None:
        self._fleet = Fleet(make_driver)
        self._describe = describe
        self._effects: list[Effect] = []
        self.tables = runs.empty_tables()
        self._steps: dict[int, Callable[[Record], None]] = {
            Kind.START: self._start,
            Kind.CONFIGURATION: self._start,
            Kind.OCTETS: self._octets,
            Kind.WIRE: self._wire,
            Kind.TICK: self._tick,
            Kind.ORDER: self._order,
            Kind.OUTCOME: self._outcome,
            Kind.CAMERA: self._camera,
            Kind.JOURNAL: self._journal,
            Kind.CLOCK: self._clock,
            Kind.FAULT: self._fault,
            Kind.GAP: self._gap,
            Kind.STOP: self._stop,
            Kind.SEGMENT: self._segment,
        }
        self._team_by_means: dict[teams.Identity, tuple[str, str]] = {}
        self._bearers_by_device: dict[str, list[str]] = {}

    # ---- the door

    def step(self, record: Record) -> Sequence[Effect]:
        """Take one record in; returns what the world must do.

        A defect of ours never stops the console: what the record had changed so far stays, as it does in replay,
        and a FaultFound tells the runtime.
        """
        self._effects = []
        tables = self.tables
        tables.seq = record.seq
        tables.at_ns = record.at_ns
        self._guard(record.source, self._take, record)
        return self._effects

    def _take(self, record: Record) -> None:
        self._steps[record.kind](record)

    def _guard(self, source: str, step: Callable[..., object], *given: object) -> None:
        try:
            step(*given)
        except Exception:  # noqa: BLE001 - one of the two supervised places: a fault of ours becomes a record
            self._effects.append(FaultFound(source=source, traceback=traceback.format_exc(limit=12)))

    def picture(self) -> Picture:
        """The picture as of the last record."""
        return picture_of(self.tables)

    def measure(self, device_id: str, text: str) -> TextLimit | None:
        """How a text would fit one message of this device now; ``None`` when it sends no text.  Changes nothing."""
        device = self.tables.devices.get(device_id)
        if device is None or "text" not in device.sends:
            return None
        return cast("TextDriver", self._fleet.chief(device)).measure(text)

    # ---- snapshots

    def save(self) -> bytes:
        """The whole state, for ``restore``."""
        self.tables.drivers = self._fleet.save()
        return msgspec.msgpack.encode(self.tables)

    def restore(self, state: bytes) -> None:
        """Continue from a saved state.

        A driver that does not know its own state again (another version saved it) begins anew; the facts stay.

        Raises:
            msgspec.DecodeError: the octets are not a saved state of this version.
        """
        self.tables = _DECODER.decode(state)
        self._index()
        self._fleet.restore(self.tables.drivers, self.tables.devices)

    # ---- steps

    def _start(self, record: Record) -> None:
        is_restart = record.kind == Kind.START
        before = {device.id: device for device in self.tables.configuration.devices}
        runs.begin(self.tables, unpack(record.payload), self._describe, is_restart=is_restart)
        self._index()
        if is_restart:
            self._fleet.clear()
            outbox.after_restart(self.tables)
            return
        # What goes on as it was is in the middle of its talk: half a frame, a receipt that is due.
        same = {device.id for device in self.tables.configuration.devices if before.get(device.id) == device}
        self._fleet.keep_only(same)

    def _index(self) -> None:
        tables = self.tables
        self._team_by_means = teams.teams_by_means(tables)
        self._bearers_by_device = {}
        for bearer in tables.bearers.values():
            for device_id in bearer.configuration.device_ids:
                self._bearers_by_device.setdefault(device_id, []).append(bearer.configuration.id)

    def _octets(self, record: Record) -> None:
        device = self.tables.devices.get(record.source)
        if device is None:
            return
        at_ns = record.at_ns
        device.last_octets_ns = at_ns
        device.octets_in += len(record.payload)
        meant, answers = self._fleet.exchange(device, record.peer, record.payload, at_ns)
        for seen in meant:
            intake.take(self.tables, device, seen, self._team_by_means, self._bearers_by_device)
        self._effects += sending.answers(device, record.peer, answers)
        if record.source in self._bearers_by_device:
            self._judge_pace()

    def _wire(self, record: Record) -> None:
        device = self.tables.devices.get(record.source)
        if device is None:
            return
        said = unpack(record.payload)
        is_one_peer = said.get("state") == "peer-left"
        for left in self._fleet.close(record.source, record.peer if is_one_peer else None):
            intake.take(self.tables, device, left, self._team_by_means, self._bearers_by_device)
        if is_one_peer:
            return
        runs.change_wire(self.tables, device, said)
        silence.judge_device(self.tables, device)
        links.judge(self.tables, self._bearers_by_device.get(record.source, ()))
        self._judge_pace()
        if device.state == "up":
            self._effects += sending.due(self._fleet, device, self.tables.at_ns)

    def _tick(self, record: Record) -> None:
        """Each for itself: a defect in one device's driver or in one rule leaves all others judged."""
        tables = self.tables
        for device in tables.devices.values():
            self._guard(device.configuration.id, self._tick_device, device)
        self._guard(record.source, silence.judge_teams, tables)
        self._guard(record.source, self._tick_links)
        for camera in tables.cameras.values():
            self._guard(camera.configuration.id, pictures.judge_camera, tables, camera)
        for judge in _RULES:
            self._guard(record.source, judge, tables)
        if tables.silenced_until_ns is not None and tables.at_ns >= tables.silenced_until_ns:
            tables.silenced_until_ns = None

    def _tick_device(self, device: DeviceTable) -> None:
        if device.state == "up":
            self._effects += sending.due(self._fleet, device, self.tables.at_ns)
        silence.judge_device(self.tables, device)
        answering.judge(self.tables, device)
        workbench.judge_test(self.tables, device)
        self._effects += sending.submit(self.tables, self._fleet, device)
        self._effects += sending.publish(self.tables, self._fleet, device)

    def _tick_links(self) -> None:
        self._effects += links.tick(self.tables)
        self._judge_pace()

    def _judge_pace(self) -> None:
        """Who carries, and the text that tells the rear of a change, where that is configured."""
        self._effects += pace.judge(self.tables)
        for order in telling.due(self.tables):
            self._obey_outbox(order)

    def _outcome(self, record: Record) -> None:
        said = unpack(record.payload)
        throughput.take_outcome(self.tables, record.source, said)
        if said.get("effect") == "switch":
            way_out.take_outcome(self.tables, record.source, said)
        device = self.tables.devices.get(record.source)
        reference = said.get("reference")
        if device is not None and isinstance(reference, str):
            outbox.outcome(self.tables, device, reference, is_written=said.get("is_written"))

    def _camera(self, record: Record) -> None:
        camera = self.tables.cameras.get(record.source)
        if camera is not None:
            pictures.change_camera(self.tables, camera, unpack(record.payload))
            pictures.judge_camera(self.tables, camera)

    def _segment(self, record: Record) -> None:
        recordings.take(self.tables, record.source, unpack(record.payload))

    def _journal(self, record: Record) -> None:
        runs.change_journal(self.tables, unpack(record.payload))

    def _clock(self, record: Record) -> None:
        runs.change_clock(self.tables, unpack(record.payload))

    def _fault(self, record: Record) -> None:
        self.tables.faults += 1
        self._fleet.forget(record.source)
        self.tables.note("console", record.source, "notice.fault", {"where": record.source or "console"})
        text = Text(id="alarm.fault", args={"where": record.source or "console"})
        alarms.raise_alarm(self.tables, "fault", record.source or "console", text)

    def _gap(self, record: Record) -> None:
        self.restore(msgspec.msgpack.decode(record.payload)["state"])

    def _stop(self, _: Record) -> None:
        self.tables.is_running = False
        self.tables.note("console", "console", "notice.stop")

    # ---- orders

    def _order(self, record: Record) -> None:
        said = unpack(record.payload)
        order_type = _ORDERS.get(str(said.pop("type", "")))
        if order_type is None:
            return
        order = cast("Order", msgspec.convert(said, order_type))
        self._obey(order)

    def _obey(self, order: Order) -> None:
        tables = self.tables
        match order:
            case _ if isinstance(order, AcknowledgeAlarm | SilenceSound | AlarmOrder):
                shelving.obey(tables, order)
            case ComposeMessage() | ResendMessage() | AbandonMessage() | ConfirmUnrecorded():
                self._obey_outbox(order)
            case ReconnectNow():
                self._effects.append(Reconnect(subject_id=order.subject_id))
            case SetEnabled():
                runs.set_enabled(tables, order)
                self._effects.append(Enable(subject_id=order.subject_id, is_enabled=order.is_enabled))
            case TestDevice() | SendOctets() | WriteNote():
                self._obey_workbench(order)
            case _:
                self._obey_operation(order)

    def _obey_operation(self, order: OperationOrder) -> None:
        """What concerns the operation, not the console and its devices."""
        tables = self.tables
        match order:
            case CheckThroughput():
                self._effects += throughput.obey(tables, order)
            case _ if isinstance(order, RecordingOrder):
                self._effects += recordings.obey(tables, order)
            case _ if isinstance(order, DrawnOrder):
                drawn.obey(tables, order)
            case ReportMap():
                args = {"map": order.name, "@why": order.why, **order.args}
                tables.note("console", "console", "notice.map_unusable", args)
            case _ if isinstance(order, SupplyOrder):
                power.obey(tables, order)
            case _ if isinstance(order, SwitchOrder):
                self._effects += pace.obey(tables, order)
                self._judge_pace()
            case _:
                teams.obey(tables, order)
                self._index()

    def _obey_workbench(self, order: TestDevice | SendOctets | WriteNote) -> None:
        match order:
            case TestDevice():
                if workbench.begin_test(self.tables, order.device_id):
                    self._effects.append(Reconnect(subject_id=order.device_id))
            case SendOctets():
                self._effects += sending.raw(self.tables, self._fleet, order)
            case WriteNote():
                workbench.write_note(self.tables, order)

    def _obey_outbox(self, order: ComposeMessage | ResendMessage | AbandonMessage | ConfirmUnrecorded) -> None:
        tables = self.tables
        match order:
            case ComposeMessage():
                outbox.compose(tables, order, self.measure(order.device_id, order.text))
                telling.note(tables, order)
                device = tables.devices.get(order.device_id)
                if device is not None:
                    self._effects += sending.submit(tables, self._fleet, device)
            case ResendMessage():
                outbox.may_be_sent_again(tables, order.message_id)
            case AbandonMessage():
                outbox.abandon(tables, order.message_id)
            case ConfirmUnrecorded():
                tables.confirmed_unrecorded.append(order.message_id)
