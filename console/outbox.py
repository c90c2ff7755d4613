"""The outbox: what becomes of a text from the click to the receipt.

queued 排队, submitted 已提交, sent 已发, confirmed 已确认, failed 失败, unknown 不明.  The intent (submitted) is a step
of a record that is on disk before its octets leave; the outcome is another record.  An intent without outcome is
unknown: it may have been radiated, so only the operator sends it again.  sent means radiated, never received.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from console.orders import ComposeMessage
from console.picture import Message, MessageState, Text
from console.tables import MESSAGES, DeviceTable, SendTable, Tables
from devices.commands import AskReceipt, SendText
from devices.driver import NS_PER_S, Outgoing, Refused, TextLimit
from devices.observations import DeliveryReport, TextMessage

REPORT_DUE_NS = 30 * NS_PER_S
MARGIN_NS = 2 * NS_PER_S
RECEIPT_WINDOW_NS = 90 * NS_PER_S
"""Receipts give the minute only, and the far end may have dated the text when it left the air."""
DEFAULT_INTERVAL_S = 60.0
RECEIPT_ASKS = 3
REPEATED_NS = 5 * NS_PER_S
REPEATED_DATED_NS = 600 * NS_PER_S
ASK_PREFIX = "receipt:"
_WAITING_REFUSALS = frozenset({"card-unknown", "no-card"})

Encode = Callable[[SendText | AskReceipt], Outgoing | Refused]


def compose(tables: Tables, order: ComposeMessage, limit: TextLimit | None) -> None:
    """Take a text in: queued, whatever the wire does now.  A known id is not taken twice."""
    if order.message_id in tables.messages:
        return
    _keep(
        tables,
        Message(
            id=order.message_id,
            is_outgoing=True,
            device_id=order.device_id,
            peer=order.recipient,
            peer_name=_peer_name(tables, order.device_id, order.recipient),
            text=order.text,
            state="queued",
            reason=None,
            created_ns=tables.at_ns,
            submitted_ns=None,
            sent_ns=None,
            confirmed_ns=None,
            source_time_ns=None,
            changed_ns=tables.at_ns,
            used=limit.used if limit else None,
            limit=limit.limit if limit else None,
            unit=limit.unit if limit else None,
        ),
    )
    tables.note("message", order.device_id, "message.queued", {"text": order.text, "peer": order.recipient})


def take_in(tables: Tables, device_id: str, text: TextMessage, team_name: str | None) -> None:
    """A text arrived; one that the wire repeats is taken once."""
    if _is_repeated(tables, device_id, text):
        return
    tables.received_count += 1
    name = team_name or _peer_name(tables, device_id, text.sender or "")
    _keep(
        tables,
        Message(
            id=f"in-{tables.received_count}",
            is_outgoing=False,
            device_id=device_id,
            peer=text.sender,
            peer_name=name,
            text=text.text,
            state="received",
            reason=None,
            created_ns=tables.at_ns,
            submitted_ns=None,
            sent_ns=None,
            confirmed_ns=None,
            source_time_ns=text.source_time_ns,
            changed_ns=tables.at_ns,
            used=None,
            limit=None,
            unit=None,
        ),
    )
    args = {"text": text.text, "peer": name or text.sender or "?"}
    tables.note("message", device_id, "message.received", args, text.source_time_ns)


def _is_repeated(tables: Tables, device_id: str, text: TextMessage) -> bool:
    """The same words of the same sender and moment: terminals hand the same text over twice.

    Without a moment only what comes within seconds is a repetition; the same words later are said again.
    """
    window_ns = REPEATED_NS if text.source_time_ns is None else REPEATED_DATED_NS
    return any(
        (message.device_id, message.peer, message.text, message.source_time_ns)
        == (device_id, text.sender, text.text, text.source_time_ns)
        and tables.at_ns - message.created_ns <= window_ns
        for message in tables.messages.values()
        if not message.is_outgoing
    )


def _keep(tables: Tables, message: Message) -> None:
    tables.messages[message.id] = message
    if len(tables.messages) > MESSAGES:
        open_states = {"queued", "submitted", "sent", "unknown"}
        ended = next((m.id for m in tables.messages.values() if m.state not in open_states), None)
        del tables.messages[ended if ended is not None else next(iter(tables.messages))]


def _peer_name(tables: Tables, device_id: str, recipient: str) -> str | None:
    for contact in tables.configuration.contacts:
        if contact.device_id == device_id and contact.recipient == recipient:
            return contact.name
    return None


def change(tables: Tables, message_id: str, state: MessageState, reason: Text | None = None) -> None:
    """Bring a message into a state, dated now; the log says so."""
    message = tables.messages.get(message_id)
    if message is None or (message.state == state and message.reason == reason):
        return
    at_ns = tables.at_ns
    tables.messages[message_id] = replace(
        message,
        state=state,
        reason=reason,
        changed_ns=at_ns,
        submitted_ns=at_ns if state == "submitted" else message.submitted_ns,
        sent_ns=at_ns if state == "sent" else message.sent_ns,
        confirmed_ns=at_ns if state == "confirmed" else message.confirmed_ns,
    )
    if message.state != state:
        peer = message.peer_name or message.peer or "?"
        tables.note("message", message.device_id, f"message.{state}", {"text": message.text, "peer": peer})


def may_be_sent_again(tables: Tables, message_id: str) -> None:
    """The operator sends an unknown or failed message once more."""
    message = tables.messages.get(message_id)
    if message is not None and message.is_outgoing and message.state in {"unknown", "failed"}:
        change(tables, message_id, "queued")


def abandon(tables: Tables, message_id: str) -> None:
    """The operator gives a message up that is not in the air."""
    message = tables.messages.get(message_id)
    if message is not None and message.is_outgoing and message.state in {"queued", "unknown", "failed"}:
        change(tables, message_id, "abandoned")


def after_restart(tables: Tables) -> None:
    """Intents without outcome are unknown from now on."""
    for message in list(tables.messages.values()):
        if message.state == "submitted":
            change(tables, message.id, "unknown", Text(id="message.reason.restart"))
    for sending in tables.outbox.values():
        sending.in_flight = None


def submit_next(tables: Tables, device: DeviceTable, encode: Encode) -> Outgoing | None:
    """Take the next message of this device's queue if its wire, card and slot allow: it becomes submitted."""
    device_id = device.configuration.id
    sending = tables.outbox.setdefault(device_id, SendTable())
    if sending.in_flight is not None:
        _watch(tables, device, sending)
        return None
    if device.state != "up" or (sending.next_send_ns is not None and tables.at_ns < sending.next_send_ns):
        return None
    for message in [m for m in tables.messages.values() if m.state == "queued" and m.device_id == device_id]:
        outgoing = _try(tables, message, encode)
        if outgoing is not None:
            sending.in_flight = message.id
            sending.expected_reference = outgoing.reference
            sending.submitted_ns = tables.at_ns
            sending.report_due_s = outgoing.report_due_s
            return outgoing
    return _ask_receipt(tables, device, sending, encode)


def _try(tables: Tables, message: Message, encode: Encode) -> Outgoing | None:
    if not tables.is_recorded and message.id not in tables.confirmed_unrecorded:
        change(tables, message.id, "queued", Text(id="message.reason.unrecorded"))
        return None
    answer = encode(SendText(reference=message.id, recipient=message.peer or "", text=message.text))
    if isinstance(answer, Refused):
        is_waiting = answer.is_for_now or answer.reason in _WAITING_REFUSALS
        change(tables, message.id, "queued" if is_waiting else "failed", Text(id=f"refusal.{answer.reason}"))
        return None
    change(tables, message.id, "submitted")
    return answer


def _ask_receipt(tables: Tables, device: DeviceTable, sending: SendTable, encode: Encode) -> Outgoing | None:
    """Nothing waits: use the free slot to ask whether the last text arrived, where the wire can tell."""
    if not device.configuration.settings.get("ask_receipts"):
        return None
    due_ns = tables.at_ns - 2 * _interval_ns(device)
    for message in tables.messages.values():
        if message.state != "sent" or message.device_id != device.configuration.id or message.peer is None:
            continue
        asks = sending.asked.get(message.id, 0)
        if asks >= RECEIPT_ASKS or (asks and sending.submitted_ns > due_ns):
            continue
        answer = encode(AskReceipt(recipient=message.peer))
        if isinstance(answer, Refused):
            return None
        sending.asked[message.id] = asks + 1
        sending.in_flight = ASK_PREFIX + message.id
        sending.report_due_s = answer.report_due_s
        sending.expected_reference = answer.reference
        sending.submitted_ns = tables.at_ns
        return answer
    return None


def _watch(tables: Tables, device: DeviceTable, sending: SendTable) -> None:
    due_ns = REPORT_DUE_NS if sending.report_due_s is None else round(sending.report_due_s * NS_PER_S)
    if sending.in_flight is None or tables.at_ns - sending.submitted_ns <= due_ns:
        return
    message = tables.messages.get(sending.in_flight)
    if message is not None and message.state == "submitted":
        change(tables, message.id, "unknown", Text(id="message.reason.no_report"))
    _release(device, sending, sending.submitted_ns + _interval_ns(device))


def outcome(tables: Tables, device: DeviceTable, reference: str, *, is_written: bool) -> None:
    """What the wire did with the octets.  Not written at all: they surely did not leave, so the text waits again."""
    sending = tables.outbox.get(device.configuration.id)
    if is_written or sending is None or sending.in_flight != reference:
        return
    sending.in_flight = None
    message = tables.messages.get(reference)
    if message is not None and message.state == "submitted":
        change(tables, reference, "queued", Text(id="message.reason.not_written"))


def report(tables: Tables, device: DeviceTable, seen: DeliveryReport) -> None:
    """What the terminal or the far end said of something sent."""
    named = _named(tables, device, seen)
    if named is not None and named.state in {"sent", "unknown"} and seen.state in {"confirmed", "failed"}:
        _end(tables, named, seen)
        return
    if seen.state == "confirmed":
        _confirm(tables, device, seen)
        return
    sending = tables.outbox.get(device.configuration.id)
    if sending is None or sending.in_flight is None or not _is_about(sending, seen):
        return
    wait_ns = round(seen.wait_s * NS_PER_S) if seen.wait_s is not None else None
    slot_ns = tables.at_ns + (wait_ns + MARGIN_NS if wait_ns else _interval_ns(device))
    message = tables.messages.get(sending.in_flight)
    _release(device, sending, slot_ns)
    if message is None or message.state != "submitted":
        return
    reason = Text(id=f"delivery.reason.{seen.reason}") if seen.reason else None
    if seen.state == "deferred":
        change(tables, message.id, "queued", reason)
    else:
        change(tables, message.id, seen.state, reason)


def _is_about(sending: SendTable, seen: DeliveryReport) -> bool:
    return None in (seen.reference, sending.expected_reference) or seen.reference == sending.expected_reference


def _named(tables: Tables, device: DeviceTable, seen: DeliveryReport) -> Message | None:
    """The very message, where the driver knows it."""
    message = tables.messages.get(seen.message_id or "")
    is_ours = message is not None and message.is_outgoing and message.device_id == device.configuration.id
    return message if is_ours else None


def _end(tables: Tables, message: Message, seen: DeliveryReport) -> None:
    """The far end has it, or the network gave it up after it was taken."""
    if seen.state == "failed":
        change(tables, message.id, "failed", Text(id=f"delivery.reason.{seen.reason}") if seen.reason else None)
        return
    change(tables, message.id, "confirmed")
    sending = tables.outbox.get(message.device_id)
    if sending is not None:
        sending.asked.pop(message.id, None)
    _prove_rear(tables, message.device_id, message.peer)


def _confirm(tables: Tables, device: DeviceTable, seen: DeliveryReport) -> None:
    """The far end has it.  Dated receipts name one text; undated ones only a text that cannot be mistaken."""
    waiting = [
        message
        for message in tables.messages.values()
        if message.is_outgoing
        and message.device_id == device.configuration.id
        and message.peer == seen.reference
        and message.state in {"sent", "unknown"}
    ]
    if seen.source_time_ns is not None:
        sent_ns = seen.source_time_ns - (tables.clock_offset_ns or 0)
        waiting = [m for m in waiting if abs((m.submitted_ns or m.created_ns) - sent_ns) < RECEIPT_WINDOW_NS]
    if len(waiting) != 1:
        return
    change(tables, waiting[0].id, "confirmed")
    sending = tables.outbox.get(device.configuration.id)
    if sending is not None:
        sending.asked.pop(waiting[0].id, None)
    _prove_rear(tables, device.configuration.id, waiting[0].peer)


def _prove_rear(tables: Tables, device_id: str, recipient: str | None) -> None:
    is_rear = any(
        contact.is_rear and contact.device_id == device_id and contact.recipient == recipient
        for contact in tables.configuration.contacts
    )
    for bearer in tables.bearers.values():
        if is_rear and bearer.configuration.device_id == device_id:
            bearer.receipt_ns = tables.at_ns


def _interval_ns(device: DeviceTable) -> int:
    if not device.has_card:
        return 0
    interval_s = device.card.interval_s if device.card is not None else None
    return round((interval_s if interval_s is not None else DEFAULT_INTERVAL_S) * NS_PER_S) + MARGIN_NS


def _release(device: DeviceTable, sending: SendTable, next_send_ns: int) -> None:
    sending.in_flight = None
    sending.next_send_ns = next_send_ns
    device.next_send_ns = next_send_ns
