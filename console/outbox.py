"""The outbox: what becomes of a text from the click to the receipt.

queued 排队, submitted 已提交, sent 已发, confirmed 已确认, failed 失败, unknown 不明.  The intent (submitted) is a step
of a record that is on disk before its octets leave; the outcome is another record.  An intent without outcome is
unknown: it may have been radiated.  sent means radiated, never received.

Where a device's settings say ``ask_receipts``, free slots are used to ask what arrived.  Only a text that the answer
passes over goes out again by itself, at most twice, each time in a slot of its own; without such an answer only the
operator sends again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from console import receipts
from console.orders import ComposeMessage
from console.picture import Message, MessageState, Text, Value
from console.tables import MESSAGES, DeviceTable, SendTable, Tables
from devices.commands import AskReceipt, SendText
from devices.driver import NS_PER_S, Outgoing, Refused, TextLimit
from devices.observations import DeliveryReport, TextMessage

REPORT_DUE_NS = 30 * NS_PER_S
REPEATED_NS = 5 * NS_PER_S
REPEATED_DATED_NS = 600 * NS_PER_S
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
    name = _sender_name(tables, device_id, text, team_name)
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


def _sender_name(tables: Tables, device_id: str, text: TextMessage, team_name: str | None) -> str | None:
    """Who wrote; and to whom, where a card's terminal heard what was not written to its own card."""
    name = team_name or _peer_name(tables, device_id, text.sender or "")
    device = tables.devices.get(device_id)
    card = device.card if device is not None else None
    if card is None or text.recipient in (None, card.card_id):
        return name
    to = _peer_name(tables, device_id, text.recipient or "") or text.recipient
    return f"{name or text.sender or '?'} → {to}"


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
        gone = ended if ended is not None else next(iter(tables.messages))
        del tables.messages[gone]
        for sending in tables.outbox.values():
            for notes in (sending.asked, sending.attempts, sending.resent):
                notes.pop(gone, None)


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
            sending.asked.pop(message.id, None)
            sending.attempts[message.id] = [*sending.attempts.get(message.id, ()), tables.at_ns][-receipts.ATTEMPTS :]
            sending.expected_reference = outgoing.reference
            sending.submitted_ns = tables.at_ns
            sending.report_due_s = outgoing.report_due_s
            sending.is_sent_when_written = outgoing.is_sent_when_written
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
    change(tables, message.id, "submitted", _again(tables, message))
    return answer


def _again(tables: Tables, message: Message) -> Text | None:
    """That this is not the first sending, and which: a second 已发 must not look like the first."""
    sending = tables.outbox.get(message.device_id)
    resent = sending.resent.get(message.id, 0) if sending is not None else 0
    return Text(id="message.reason.again", args={"count": resent}) if resent else None


def _ask_receipt(tables: Tables, device: DeviceTable, sending: SendTable, encode: Encode) -> Outgoing | None:
    """Nothing waits: use the free slot to ask whether the last text arrived, where the wire can tell."""
    if not receipts.wants_receipts(device):
        return None
    for message in receipts.worth_asking(tables, device, sending, receipts.slot_ns(device)):
        answer = encode(AskReceipt(recipient=message.peer or ""))
        if isinstance(answer, Refused):
            continue  # a group gives no receipts; the next text may be to one person
        sending.asked[message.id] = sending.asked.get(message.id, 0) + 1
        sending.asked_ns[message.peer or ""] = tables.at_ns
        for asked in list(sending.asked_ns)[:-MESSAGES]:
            del sending.asked_ns[asked]
        sending.in_flight = receipts.ASK_PREFIX + message.id
        sending.report_due_s, sending.is_sent_when_written = answer.report_due_s, False
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
    _release(device, sending, sending.submitted_ns + receipts.slot_ns(device))


def outcome(tables: Tables, device: DeviceTable, reference: str, *, is_written: bool | None) -> None:
    """What the wire did with the octets.  Not written at all: they surely did not leave, so the text waits again.

    ``None``: a part may have left, so the text is never queued again by itself.
    """
    sending = tables.outbox.get(device.configuration.id)
    if is_written is None or sending is None or sending.in_flight != reference:
        return
    if is_written:
        if sending.is_sent_when_written:
            change(tables, reference, "sent")
            _release(device, sending, tables.at_ns + receipts.slot_ns(device))
        return
    _release(device, sending, tables.at_ns + receipts.MARGIN_NS)
    _did_not_leave(tables, sending, reference)
    message = tables.messages.get(reference)
    if message is not None and message.state == "submitted":
        change(tables, reference, "queued", Text(id="message.reason.not_written"))


def _did_not_leave(tables: Tables, sending: SendTable, reference: str) -> None:
    """Forget this sending: no receipt can be of it, and a question that was not put has no answer."""
    asked_for = tables.messages.get(reference.removeprefix(receipts.ASK_PREFIX))
    if asked_for is not None and reference.startswith(receipts.ASK_PREFIX):
        sending.asked_ns.pop(asked_for.peer or "", None)
        sending.asked[asked_for.id] = max(0, sending.asked.get(asked_for.id, 0) - 1)
        return
    del sending.attempts.get(reference, [])[-1:]
    if not sending.attempts.get(reference):
        sending.attempts.pop(reference, None)


def report(tables: Tables, device: DeviceTable, seen: DeliveryReport) -> None:
    """What the terminal or the far end said of something sent."""
    named = _named(tables, device, seen)
    if named is not None and named.state in {"sent", "unknown"} and seen.state in {"confirmed", "failed"}:
        _end(tables, named, seen)
        return
    if seen.state in {"confirmed", "unlisted"}:
        _take_receipt(tables, device, seen)
        return
    sending = tables.outbox.get(device.configuration.id)
    if sending is None or sending.in_flight is None or not _is_about(sending, seen):
        return
    wait_ns = round(seen.wait_s * NS_PER_S) if seen.wait_s is not None else None
    next_ns = tables.at_ns + (wait_ns + receipts.MARGIN_NS if wait_ns else receipts.slot_ns(device))
    message = tables.messages.get(sending.in_flight)
    if seen.state == "deferred":
        _did_not_leave(tables, sending, sending.in_flight)
    _release(device, sending, next_ns)
    if message is None or message.state != "submitted":
        return
    reason = Text(id=f"delivery.reason.{seen.reason}") if seen.reason else _again(tables, message)
    if seen.state == "deferred":
        change(tables, message.id, "queued", reason)
    elif seen.state in {"sent", "failed"}:
        change(tables, message.id, "sent" if seen.state == "sent" else "failed", reason)


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


def _take_receipt(tables: Tables, device: DeviceTable, seen: DeliveryReport) -> None:
    """The far end has one text, or a list of receipts ends: what it passed over did not arrive."""
    sending = tables.outbox.get(device.configuration.id)
    if seen.state == "confirmed":
        message = receipts.confirmed(tables, device, seen)
        if message is None:
            return
        change(tables, message.id, "confirmed")
        if sending is not None:
            sending.asked.pop(message.id, None)
        _prove_rear(tables, device.configuration.id, message.peer)
        return
    if sending is None:
        return
    asked_ns = next(
        (sending.asked_ns.pop(peer) for peer in list(sending.asked_ns) if peer.strip().lstrip("0") == seen.reference),
        None,
    )
    if asked_ns is None:
        return  # nobody asked: a list out of the terminal's memory may be older than the text
    for message in receipts.lost(tables, device, sending, seen, asked_ns):
        _send_lost_again(tables, device, sending, message)


def _send_lost_again(tables: Tables, device: DeviceTable, sending: SendTable, message: Message) -> None:
    """It was radiated or perhaps so, and has not arrived: it waits for a slot again, or is said to be lost."""
    resent = sending.resent.get(message.id, 0)
    peer = message.peer_name or message.peer or "?"
    if resent < receipts.may_resend(device):
        sending.resent[message.id] = resent + 1
        again: dict[str, Value] = {"text": message.text, "peer": peer, "count": resent + 1}
        tables.note("message", message.device_id, "message.again", again)
        change(tables, message.id, "queued", Text(id="message.reason.not_received", args={"count": resent + 1}))
        return
    sending.asked[message.id] = receipts.ASKS
    tables.note("message", message.device_id, "message.lost", {"text": message.text, "peer": peer})
    sent = len(receipts.attempts(sending, message))
    change(tables, message.id, "unknown", Text(id="message.reason.no_receipt", args={"count": sent}))


def _prove_rear(tables: Tables, device_id: str, recipient: str | None) -> None:
    is_rear = any(
        contact.is_rear and contact.device_id == device_id and contact.recipient == recipient
        for contact in tables.configuration.contacts
    )
    for bearer in tables.bearers.values():
        if is_rear and device_id in bearer.configuration.device_ids:
            bearer.receipt_ns = tables.at_ns


def _release(device: DeviceTable, sending: SendTable, next_send_ns: int) -> None:
    sending.in_flight = None
    sending.next_send_ns = next_send_ns
    device.next_send_ns = next_send_ns
