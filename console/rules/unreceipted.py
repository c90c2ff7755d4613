"""Texts to the rear that should have been receipted and were not: evidence against a bearer that nobody probes.

A terminal in slots (BeiDou) is never probed, and its beams say only that it hears.  That the rear receives is proved
by receipts alone, so a sending to the rear that was asked about and has none after ``SLOTS`` slots counts as a probe
that was lost.  One makes the bearer weak.  Down takes as many as ``misses_down`` of them, ``down_after_s`` since the
first and no more than ``TRIED_S`` since the last, a rear that gave a receipt before (one that never did may not know
how), and nothing else heard by this bearer since: who is heard and does not hear is weak.  A receipt, whoever gave
it, ends it, and so does giving up the texts that were lost.  Nothing fades to good by itself: it stays weak until
somebody tries again.

Texts to others say nothing of the way to the rear: a team's card may be switched off.

**Source:** two slots as the time for an acknowledgement: own protocol study of RDSS terminals; the service itself
promises 99.6 % of regional and 96.5 % of global messages, so one alone is no proof of a cut.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from console import receipts
from console.bearer_tables import BearerTable
from console.picture import BearerState, Message, Text
from console.tables import DeviceTable, SendTable, Tables
from devices.driver import NS_PER_S

SLOTS = 2
TRIED_S = 1_800.0
_OPEN = frozenset({"queued", "submitted", "sent", "unknown"})


def weigh(
    tables: Tables, bearer: BearerTable, devices: Iterable[DeviceTable], judged: tuple[BearerState, Text | None]
) -> tuple[BearerState, Text | None]:
    """What the other evidence says, made worse by what was not received."""
    if judged[0] not in {"up", "degraded"}:
        return judged
    missed_ns = sorted(at_ns for device in devices for at_ns in missed(tables, device))
    is_cut = bool(missed_ns) and _is_cut(tables, bearer, missed_ns)
    if not missed_ns or (judged[0] == "degraded" and not is_cut):
        return judged
    reason = Text(id="bearer.reason.no_receipt", args={"count": len(missed_ns), "slots": SLOTS})
    return ("down" if is_cut else "degraded"), reason


def _is_cut(tables: Tables, bearer: BearerTable, missed_ns: list[int]) -> bool:
    life_ns = bearer.detector.last_life_ns
    return (
        len(missed_ns) >= bearer.configuration.misses_down
        and tables.at_ns - missed_ns[0] >= bearer.configuration.down_after_s * NS_PER_S
        and tables.at_ns - missed_ns[-1] <= TRIED_S * NS_PER_S
        and bearer.receipt_ns is not None
        and (life_ns is None or life_ns <= missed_ns[0])
    )


def missed(tables: Tables, device: DeviceTable) -> Iterator[int]:
    """When sendings to the rear left this device that should have been receipted since, and were not."""
    sending = tables.outbox.get(device.configuration.id)
    if sending is None or not device.has_slots:
        return
    texts = [one for one in tables.messages.values() if one.is_outgoing and one.device_id == device.configuration.id]
    waiting = [one for one in texts if one.state in _OPEN and _is_asked(sending, one) and _is_to_rear(tables, one)]
    if not waiting:
        return
    due_ns = tables.at_ns - SLOTS * receipts.slot_ns(device)
    proved_ns = max((one.confirmed_ns for one in texts if one.confirmed_ns is not None), default=0)
    for one in waiting:
        yield from (at_ns for at_ns in _left(sending, one) if proved_ns < at_ns <= due_ns)


def _is_asked(sending: SendTable, message: Message) -> bool:
    """Without a question nobody tells: that no receipt came says nothing."""
    return sending.asked.get(message.id, 0) > 0 or message.id in sending.resent


def _left(sending: SendTable, message: Message) -> list[int]:
    """Its last sending, and those before it that surely did not arrive."""
    return receipts.attempts(sending, message)[-1 - sending.resent.get(message.id, 0) :]


def _is_to_rear(tables: Tables, message: Message) -> bool:
    peer = (message.peer or "").strip().lstrip("0")
    return any(
        contact.is_rear and contact.device_id == message.device_id and contact.recipient.strip().lstrip("0") == peer
        for contact in tables.configuration.contacts
    )
