"""What receipts prove of the texts of one device: which one arrived, which one surely did not, which to ask about.

A receipt names the recipient and the minute of sending.  A list of receipts closes with a report ``unlisted``: what
was sent before and is not in it has no receipt.  Nothing is changed here; the outbox acts on the answers.

**Assumed:** a list of fewer than five receipts is complete, and a recipient's receipts are listed in the order of
sending, so that a listed later text proves that the earlier one was passed over.
"""

from __future__ import annotations

from collections.abc import Iterator

from console.picture import Message
from console.tables import DeviceTable, SendTable, Tables
from devices.driver import NS_PER_S
from devices.observations import DeliveryReport

WINDOW_NS = 90 * NS_PER_S
"""Receipts give the minute only, and the far end may have dated the text when it left the air."""
MINUTE_NS = 60 * NS_PER_S
EARLY_NS = 2 * NS_PER_S
ASKS = 3
ASK_PAUSE_NS = 20 * NS_PER_S
GRACE_NS = 40 * NS_PER_S
"""A list that was asked for sooner after the sending proves nothing: the far end may not have answered yet."""
RESENDINGS = 2
ATTEMPTS = 8
MARGIN_NS = 2 * NS_PER_S
DEFAULT_INTERVAL_S = 60.0
ASK_PREFIX = "receipt:"
NONE_LISTED = "none"


def slot_ns(device: DeviceTable) -> int:
    """How far apart two sendings of this device are, by its card; 0: it has no slots."""
    if not device.has_slots:
        return 0
    interval_s = device.card.interval_s if device.card is not None else None
    return round((interval_s if interval_s is not None else DEFAULT_INTERVAL_S) * NS_PER_S) + MARGIN_NS


def may_resend(device: DeviceTable) -> int:
    """How often a text that surely did not arrive is sent again by itself: 0..2, as the device's settings say."""
    said = device.configuration.settings.get("resend_lost")
    wished = said if isinstance(said, int) and not isinstance(said, bool) else RESENDINGS
    return max(0, min(wished, RESENDINGS))


def wants_receipts(device: DeviceTable) -> bool:
    """Whether free slots may be used to ask."""
    return bool(device.configuration.settings.get("ask_receipts"))


def attempts(sending: SendTable | None, message: Message) -> list[int]:
    """When this text may have left the air, oldest first."""
    noted = sending.attempts.get(message.id) if sending is not None else None
    return noted or [message.submitted_ns or message.created_ns]


def worth_asking(tables: Tables, device: DeviceTable, sending: SendTable, interval_ns: int) -> Iterator[Message]:
    """The texts whose fate an answer would settle, those first of which nobody knows whether they left."""
    pause_ns = max(2 * interval_ns, ASK_PAUSE_NS)
    radiated = [message for message in _to(tables, device, None) if message.state in {"sent", "unknown"}]
    for message in sorted(radiated, key=lambda one: one.state != "unknown"):
        asks = sending.asked.get(message.id, 0)
        if message.state == "unknown" and tables.at_ns - attempts(sending, message)[-1] < GRACE_NS:
            continue  # the slot may be taken by this very text, and an answer would prove nothing yet
        if message.peer is not None and asks < ASKS and not (asks and tables.at_ns - sending.submitted_ns < pause_ns):
            yield message


def confirmed(tables: Tables, device: DeviceTable, seen: DeliveryReport) -> Message | None:
    """The one text that this receipt proves; ``None`` where it could be of two, or of one that has its receipt."""
    if seen.reference is None:
        return None
    sending = tables.outbox.get(device.configuration.id)
    texts = [one for one in _to(tables, device, seen.reference) if _may_have_left(sending, one)]
    if seen.source_time_ns is not None:
        found = _of_the_time(tables, sending, texts, seen.source_time_ns)
    else:
        found = [one for one in texts if one.state != "confirmed"]
    return found[0] if len(found) == 1 and found[0].state != "confirmed" else None


def lost(tables: Tables, device: DeviceTable, sending: SendTable, seen: DeliveryReport, asked_ns: int) -> list[Message]:
    """The texts that the list which ``seen`` closes, asked for at ``asked_ns``, had to name if they had arrived."""
    texts = list(_to(tables, device, seen.reference))
    proofs = [attempts(sending, one)[0] for one in texts if one.state == "confirmed"]
    offset_ns = tables.clock_offset_ns or 0
    oldest_ns = None if seen.source_time_ns is None else seen.source_time_ns - offset_ns + WINDOW_NS
    return [
        one
        for one in texts
        if one.state in {"sent", "unknown"}
        and _is_passed_over(attempts(sending, one), asked_ns, oldest_ns, proofs, is_empty=seen.reason == NONE_LISTED)
    ]


def _is_passed_over(
    left_ns: list[int], asked_ns: int, oldest_ns: int | None, proofs: list[int], *, is_empty: bool
) -> bool:
    if asked_ns - left_ns[-1] < GRACE_NS or (oldest_ns is not None and left_ns[0] <= oldest_ns):
        return False
    return is_empty or any(proof_ns - left_ns[-1] > WINDOW_NS for proof_ns in proofs)


def _to(tables: Tables, device: DeviceTable, recipient: str | None) -> Iterator[Message]:
    """What went out by this device, to this recipient where one is given."""
    wanted = recipient.lstrip("0") if recipient is not None else None
    for message in tables.messages.values():
        if message.is_outgoing and message.device_id == device.configuration.id:
            peer = message.peer.strip().lstrip("0") if message.peer is not None else None
            if wanted is None or peer == wanted:
                yield message


def _may_have_left(sending: SendTable | None, message: Message) -> bool:
    """A text that waits for its next sending, or failed at it, may still have arrived by an earlier one."""
    if message.state in {"sent", "unknown", "confirmed"}:
        return True
    return sending is not None and message.id in sending.resent and message.id in sending.attempts


def _of_the_time(tables: Tables, sending: SendTable | None, texts: list[Message], said_ns: int) -> list[Message]:
    minute_ns = said_ns - (tables.clock_offset_ns or 0)
    ages = [(one, [at_ns - minute_ns for at_ns in attempts(sending, one)]) for one in texts]
    if tables.clock_offset_ns is not None and not tables.is_clock_doubtful:
        # With a known clock the minute itself tells apart what was sent in two slots of a minute each.
        exact = [one for one, late in ages if any(-EARLY_NS <= late_ns <= MINUTE_NS for late_ns in late)]
        if exact:
            return exact
    return [one for one, late in ages if any(abs(late_ns) < WINDOW_NS for late_ns in late)]
