"""The engine: one door, ``step``; behind it nothing asks for the time, opens a socket or knows Qt.

Live, restart and replay put the same records through the same door and so come to the same tables.  What the world
must do as a consequence comes back as effects, which are executed live after their record is on disk, and never
while replaying.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from typing import Any, cast

import msgspec

from console import intake, outbox, runs
from console.alarm_orders import AlarmOrder
from console.assembly import picture_of
from console.effects import Effect, Enable, FaultFound, Reconnect, Send
from console.fleet import DriverMaker, Fleet, peer_of
from console.link_orders import CheckThroughput
from console.orders import (
    AbandonMessage,
    AcknowledgeAlarm,
    ComposeMessage,
    ConfirmUnrecorded,
    MarkOrder,
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
    WriteNote,
)
from console.picture import Picture, Text
from console.records import Kind, Record, unpack
from console.road_orders import RoadOrder
from console.rules import (
    alarms,
    answering,
    links,
    marks,
    pace,
    pictures,
    power,
    publishing,
    reach,
    recordings,
    roads,
    shelving,
    silence,
    teams,
    telling,
    throughput,
    workbench,
)
from console.supply_orders import SupplyOrder
from console.switch_orders import SwitchOrder
from console.tables import DeviceTable, Tables
from devices.commands import AskReceipt, DeviceCommand, SendRaw, SendText
from devices.driver import Refused, TextDriver, TextLimit

_ORDERS: dict[str, type] = {order.__name__: order for order in Order.__args__}
_DECODER = msgspec.msgpack.Decoder(Tables)


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
        try:
            self._steps[record.kind](record)
        except Exception:  # noqa: BLE001 - one of the two supervised places: a fault of ours becomes a record
            self._effects.append(FaultFound(source=record.source, traceback=traceback.format_exc(limit=12)))
        return self._effects

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
        for octets in answers:
            self._send(device, peer_of(octets, record.peer), octets)
        if record.source in self._bearers_by_device:
            self._judge_pace()

    def _send(self, device: DeviceTable, peer: str, octets: bytes, reference: str | None = None) -> None:
        device.octets_out += len(octets)
        self._effects.append(Send(device_id=device.configuration.id, peer=peer, octets=octets, reference=reference))

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
            self._poll(device)

    def _poll(self, device: DeviceTable) -> None:
        for peer, octets in self._fleet.due(device, self.tables.at_ns):
            self._send(device, peer, octets)

    def _tick(self, _: Record) -> None:
        tables = self.tables
        for device in tables.devices.values():
            if device.state == "up":
                self._poll(device)
            silence.judge_device(tables, device)
            answering.judge(tables, device)
            workbench.judge_test(tables, device)
            self._submit(device)
            self._publish(device)
        silence.judge_teams(tables)
        self._effects += links.tick(tables)
        self._judge_pace()
        for camera in tables.cameras.values():
            pictures.judge_camera(tables, camera)
        marks.judge(tables)
        power.judge(tables)
        roads.judge(tables)
        shelving.judge(tables)
        alarms.judge(tables)
        reach.tick(tables)
        if tables.silenced_until_ns is not None and tables.at_ns >= tables.silenced_until_ns:
            tables.silenced_until_ns = None

    def _judge_pace(self) -> None:
        """Who carries, and the text that tells the rear of a change, where that is configured."""
        self._effects += pace.judge(self.tables)
        for order in telling.due(self.tables):
            self._obey_outbox(order)

    def _submit(self, device: DeviceTable) -> None:
        if "text" not in device.sends:
            return
        driver, peer = self._fleet.chief(device), self._fleet.chief_peer(device)

        def encode(command: SendText | AskReceipt) -> Any:  # noqa: ANN401 - Outgoing | Refused of the driver
            return driver.encode(command, self.tables.at_ns)

        outgoing = outbox.submit_next(self.tables, device, encode)
        if outgoing is not None:
            in_flight = self.tables.outbox[device.configuration.id].in_flight
            self._send(device, outgoing.peer or peer, outgoing.octets, in_flight)

    def _publish(self, device: DeviceTable) -> None:
        """Tell the others on this wire where our teams are, where its settings say so."""
        if device.state != "up" or not publishing.is_due(self.tables, device):
            return
        driver = self._fleet.chief(device)
        for command in publishing.commands(self.tables, device):
            answer = driver.encode(command, self.tables.at_ns)
            if not isinstance(answer, Refused):
                self._send(device, answer.peer or "", answer.octets)

    def _outcome(self, record: Record) -> None:
        said = unpack(record.payload)
        throughput.take_outcome(self.tables, record.source, said)
        if said.get("effect") == "switch":
            pace.take_outcome(self.tables, record.source, said)
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
            case _ if isinstance(order, MarkOrder):
                marks.obey(tables, order)
                roads.judge(tables)
            case ReportMap():
                args = {"map": order.name, "@why": order.why, **order.args}
                tables.note("console", "console", "notice.map_unusable", args)
            case _ if isinstance(order, SupplyOrder):
                power.obey(tables, order)
            case _ if isinstance(order, SwitchOrder):
                self._effects += pace.obey(tables, order)
                self._judge_pace()
            case _ if isinstance(order, RoadOrder):
                roads.obey(tables, order)
            case _:
                teams.obey(tables, order)
                self._index()

    def _obey_workbench(self, order: TestDevice | SendOctets | WriteNote) -> None:
        match order:
            case TestDevice():
                if workbench.begin_test(self.tables, order.device_id):
                    self._effects.append(Reconnect(subject_id=order.device_id))
            case SendOctets():
                self._send_raw(order)
            case WriteNote():
                workbench.write_note(self.tables, order)

    def _obey_outbox(self, order: ComposeMessage | ResendMessage | AbandonMessage | ConfirmUnrecorded) -> None:
        tables = self.tables
        match order:
            case ComposeMessage():
                outbox.compose(tables, order, self.measure(order.device_id, order.text))
                telling.note(tables, order)
                self._submit_at(order.device_id)
            case ResendMessage():
                outbox.may_be_sent_again(tables, order.message_id)
            case AbandonMessage():
                outbox.abandon(tables, order.message_id)
            case ConfirmUnrecorded():
                tables.confirmed_unrecorded.append(order.message_id)

    def _submit_at(self, device_id: str) -> None:
        device = self.tables.devices.get(device_id)
        if device is not None:
            self._submit(device)

    def _send_raw(self, order: SendOctets) -> None:
        device = self.tables.devices.get(order.device_id)
        if device is None:
            return
        command: DeviceCommand = SendRaw(octets=bytes.fromhex(order.octets_hex))
        answer = self._fleet.chief(device).encode(command, self.tables.at_ns)
        if isinstance(answer, Refused):
            args = {"device": device.configuration.name, "@reason": f"refusal.{answer.reason}"}
            self.tables.note("operator", order.device_id, "notice.refused", args)
            return
        self._send(device, answer.peer or self._fleet.chief_peer(device), answer.octets)
        self.tables.note("operator", order.device_id, "notice.sent_raw", {"device": device.configuration.name})
