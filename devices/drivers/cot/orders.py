"""Commands as events, or why not.

**Assumed:** a text of 2,000 octets: more is no message that anybody reads at night, and on the mesh no longer one
datagram.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from devices.commands import PublishTeam, SendRaw, SendText
from devices.driver import NS_PER_S, Outgoing, Refused, TextLimit
from devices.drivers.cot import speech
from devices.drivers.cot.event import identity
from devices.drivers.cot.framing import LIMIT
from devices.drivers.cot.meaning import message_name

TEXT_OCTETS: Final = 2_000
LONGEST_STALE_S: Final = 7 * 24 * 3600.0


def raw(command: SendRaw) -> Outgoing | Refused:
    """Typed octets as they are."""
    if not 0 < len(command.octets) <= LIMIT:
        return Refused(reason="raw-length")
    return Outgoing(octets=command.octets)


def measure(text: str) -> TextLimit:
    """How a text fits one message."""
    used = len(text.encode("utf-8", "replace"))
    is_sendable = bool(text.strip()) and used <= TEXT_OCTETS and speech.is_sayable(text)
    return TextLimit(used=used, limit=TEXT_OCTETS, unit="octets", is_sendable=is_sendable)


def text(command: SendText, post: speech.Self, callsigns: Mapping[str, str], at_ns: int) -> Outgoing | Refused:
    """A text to one user (its uid) or to the room of all."""
    recipient = identity(command.recipient)
    if not post.uid:
        return Refused(reason="cot-uid")
    if recipient is None or recipient == post.uid:
        return Refused(reason="cot-recipient")
    if not command.text.strip():
        return Refused(reason="empty")
    if not speech.is_sayable(command.text) or identity(command.reference) is None:
        return Refused(reason="cot-charset")
    if measure(command.text).used > TEXT_OCTETS:
        return Refused(reason="cot-too-long")
    name = message_name(command.reference, at_ns)
    octets = speech.text(post, recipient, callsigns.get(recipient, recipient), (name, command.text), at_ns)
    return Outgoing(octets=octets, reference=name, is_sent_when_written=True)


def team(command: PublishTeam, post: speech.Self, at_ns: int) -> Outgoing | Refused:
    """A team, or this post, with the time at which it was there: never a place that is past its stale time."""
    if not post.uid:
        return Refused(reason="cot-uid")
    is_named = command.subject is None or identity(command.subject) is not None
    is_placed = abs(command.lat_deg) <= 90.0 and abs(command.lon_deg) <= 180.0
    if not (is_named and is_placed and command.source_time_ns > 0 and 0.0 < command.stale_s <= LONGEST_STALE_S):
        return Refused(reason="cot-team")
    if command.source_time_ns + command.stale_s * NS_PER_S <= at_ns:
        return Refused(reason="cot-stale")
    return Outgoing(octets=speech.team(post, command))
