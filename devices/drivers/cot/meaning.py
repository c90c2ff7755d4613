"""What an event means.

**Source:** captures and tests of ATAK-CIV, taky and takproto; alert types of ATAK-CIV's ``EmergencyType``; receipts,
pings and deletions as written by ATAK-CIV and published servers.
**Assumed:** ``b-t-f-d`` and ``b-t-f-r`` name the message by ``messageId`` of ``__chatreceipt``, else by their own uid.
An alert's subject is its p-p link, else its uid without ``-9-1-1``; a ping's is its uid without ``-ping``.  A position
that a person entered about something else (``how`` h-..., no equipment in ``detail``) is no sign of life of it.
A text of more than 4,000 signs is a file: its beginning is shown, with […] behind.
``opex`` beginning with e or s, ``how`` m-s: exercise or simulation, never taken for the real thing.
A latitude and longitude of exactly 0 with unknown error, or guessed, is "no fix".  GNSS says a height only with a
3D fix.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from devices.drivers.cot.event import Event, EventError, identity, instant_ns, name_of, number, within
from devices.observations import (
    Condition,
    DeliveryReport,
    Emergency,
    Fix,
    Observation,
    Position,
    Power,
    Presence,
    TextMessage,
    Unrecognised,
)

MOST_LINKS: Final = 16
TEXT_SIGNS: Final = 4_000
FASTEST_MPS: Final = 1_000.0
SHOWN: Final = 4_096
ROOM: Final = "All Chat Rooms"
ALERTS: Final[Mapping[str, str]] = {
    "b-a-o-tbl": "@tak.emergency.alert",
    "911 alert": "@tak.emergency.alert",
    "b-a-o-pan": "@tak.emergency.bell",
    "ring the bell": "@tak.emergency.bell",
    "b-a-o-opn": "@tak.emergency.contact",
    "in contact": "@tak.emergency.contact",
    "troops in contact": "@tak.emergency.contact",
    "b-a-g": "@tak.emergency.fence",
    "geo-fence breached": "@tak.emergency.fence",
    "b-a-o-c": "@tak.emergency.custom",
    "custom": "@tak.emergency.custom",
}
"""Words of TAK for an alert, by type and by name; what is not here is shown as the sender wrote it."""
_ALERT_TAIL: Final = "-9-1-1"
PING_TAIL: Final = "-ping"
TEAM_MIDDLE: Final = "-team-"
OLDEST_SENT_NS: Final = 10**18
_MESSAGE = re.compile(r"([0-9a-f]{15,16})-(.+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """Who we are: our uid, and the beginning of the uids of the teams that we publish."""

    uid: str

    def is_ours(self, uid: str | None) -> bool:
        """Whether we said this ourselves: a group and a server give our own words back."""
        if not self.uid or uid is None:
            return False
        return uid in {self.uid, f"{self.uid}{PING_TAIL}"} or uid.startswith(f"{self.uid}{TEAM_MIDDLE}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """One text: ``reference`` is how its sender names it."""

    sender: str
    recipient: str
    reference: str
    text: str
    time_ns: int | None


def unrecognised(event: Event, name: str = "") -> Unrecognised:
    """A sound event that is not ours to understand."""
    shown = name or "".join(sign for sign in event.kind[:64] if sign.isprintable()) or "event"
    return Unrecognised(name=shown, raw=event.raw[:SHOWN])


def is_exercise(event: Event) -> bool:
    """Whether the sender itself says that this is not real."""
    return event.opex[:1].lower() in {"e", "s"} or event.how == "m-s" or event.how.startswith("m-s-")


def mean(event: Event, own: Own, *, is_stored: bool) -> list[Observation]:
    """The observations of one event.  Raises ``EventError`` where what it must say is missing."""
    if own.is_ours(event.uid):
        return [unrecognised(event, "echo")]
    if is_exercise(event):
        return [unrecognised(event, "exercise")]
    family = "a" if event.kind.startswith("a-") else "b-a" if event.kind.startswith("b-a-") else event.kind
    read = _FAMILIES.get(family)
    return read(event, own, is_stored) if read is not None else [unrecognised(event)]


# ---- positions


def is_user(event: Event) -> bool:
    """Whether the event speaks for a person's own equipment."""
    contact = event.find("contact")
    has_endpoint = contact is not None and bool(contact.get("endpoint"))
    return has_endpoint or event.find("takv") is not None


def callsign_of(event: Event) -> str | None:
    """What its user is called."""
    contact, droid = event.find("contact"), event.find("uid")
    said = name_of(contact.get("callsign")) if contact is not None else None
    return said or (name_of(droid.get("Droid")) if droid is not None else None)


def _atom(event: Event, _: Own, is_stored: bool) -> list[Observation]:  # noqa: FBT001
    user = is_user(event)
    is_stored = is_stored or not (user or event.how.startswith("m-"))
    said: list[Observation] = []
    if user:
        said.append(Presence(subject=event.uid, state="online", source_time_ns=event.time_ns, is_stored=is_stored))
    said.append(position_of(event, event.uid, callsign_of(event), is_stored=is_stored))
    status = event.find("status")
    charge_percent = within(number(status.get("battery")), 0.0, 100.0) if status is not None else None
    if charge_percent is not None:
        said.append(Power(subject=event.uid, source="battery", charge_percent=charge_percent, is_stored=is_stored))
    if event.find("emergency") is not None:
        said.append(_emergency(event, event.uid, is_stored=is_stored))
    return said


def position_of(event: Event, subject: str, callsign: str | None, *, is_stored: bool) -> Position:
    """Where ``subject`` is by this event, dated by the earlier of "sent" and "valid from"."""
    has_fix = _has_fix(event)
    track = event.find("track")
    altitude_m = None if event.hae_m == 0.0 and event.le_m is None else event.hae_m
    return Position(
        subject=subject,
        callsign=callsign,
        lat_deg=event.lat_deg if has_fix else None,
        lon_deg=event.lon_deg if has_fix else None,
        altitude_m=altitude_m if has_fix else None,
        speed_mps=within(number(track.get("speed")), 0.0, FASTEST_MPS) if track is not None else None,
        course_deg=within(number(track.get("course")), 0.0, 360.0) if track is not None else None,
        accuracy_m=event.ce_m if has_fix and event.ce_m is not None and event.ce_m > 0.0 else None,
        fix=_fix(event, has_fix=has_fix, has_height=altitude_m is not None),
        source_time_ns=min(event.time_ns, event.start_ns) if event.start_ns is not None else event.time_ns,
        is_stored=is_stored,
    )


def _has_fix(event: Event) -> bool:
    if event.lat_deg is None or event.lon_deg is None:
        return False
    is_origin = event.lat_deg == 0.0 and event.lon_deg == 0.0
    return not (is_origin and (event.ce_m is None or event.how.startswith("h-g-i")))


def _fix(event: Event, *, has_fix: bool, has_height: bool) -> Fix:
    if not has_fix:
        return "none"
    if event.how == "m-g" or event.how.startswith("m-g-"):
        return "3d" if has_height else "2d"
    return "unknown"


# ---- alerts


def _alert(event: Event, own: Own, is_stored: bool) -> list[Observation]:  # noqa: FBT001
    subject = event.parent() or event.uid.removesuffix(_ALERT_TAIL)
    if own.is_ours(subject):
        return [unrecognised(event, "echo")]
    said: list[Observation] = [_emergency(event, subject, is_stored=is_stored)]
    if _has_fix(event):
        said.append(position_of(event, subject, None, is_stored=is_stored))
    return said


def _emergency(event: Event, subject: str, *, is_stored: bool) -> Emergency | Condition:
    told = event.find("emergency")
    is_over = event.kind == "b-a-o-can" or (told is not None and told.get("cancel", "").lower() == "true")
    if is_over:
        return Condition(subject=subject, part="tak-alert", value="cancelled", is_good=True)
    said = (name_of(told.get("type")) if told is not None else None) or unrecognised(event).name
    said = said.lstrip("@")  # the mark of our own words
    kind = ALERTS.get(event.kind) or ALERTS.get(said.casefold()) or said
    return Emergency(subject=subject, kind=kind, source_time_ns=event.time_ns, is_stored=is_stored)


# ---- texts


def chat_of(event: Event) -> Chat:
    """The text of a b-t-f.  Raises ``EventError``."""
    chat, remarks = event.find("__chat"), event.find("remarks")
    if chat is None or remarks is None or not (text := "".join(remarks.itertext()).strip()):
        raise EventError("field")
    group = chat.find("chatgrp")
    sender = identity(group.get("uid0")) if group is not None else None
    sender = sender or event.parent()
    target = identity(chat.get("id")) or (identity(group.get("uid1")) if group is not None else None)
    recipient = target or identity(chat.get("chatroom"))
    if sender is None or recipient is None:
        raise EventError("sender")
    reference = identity(chat.get("messageId")) or event.uid.rpartition(".")[2]
    if len(text) > TEXT_SIGNS:
        text = f"{text[:TEXT_SIGNS]} […]"
    time_ns = instant_ns(remarks.get("time")) or event.time_ns
    return Chat(sender=sender, recipient=recipient, reference=reference, text=text, time_ns=time_ns)


def _text(event: Event, own: Own, is_stored: bool) -> list[Observation]:  # noqa: FBT001
    chat = chat_of(event)
    if own.is_ours(chat.sender):
        return [unrecognised(event, "echo")]
    return [
        TextMessage(
            sender=chat.sender,
            recipient=chat.recipient,
            text=chat.text,
            source_time_ns=chat.time_ns,
            is_stored=is_stored,
        )
    ]


def message_name(reference: str, at_ns: int) -> str:
    """How we name a text on the wire: when it was sent, and the console's own id."""
    return f"{max(at_ns, 0):x}-{reference}"


def _receipt(event: Event, own: Own, _: bool) -> list[Observation]:  # noqa: FBT001
    """What arrived was sent before: a receipt may be here sooner than the console knows that its octets left."""
    receipt = event.find("__chatreceipt")
    group = receipt.find("chatgrp") if receipt is not None else None
    if receipt is None or group is None:
        raise EventError("field")
    sender = identity(group.get("uid0")) or event.parent()
    addressed = identity(receipt.get("id")) or identity(group.get("uid1"))
    sent = _MESSAGE.fullmatch(identity(receipt.get("messageId")) or event.uid)
    if sender is None or sent is None or addressed != own.uid or own.is_ours(sender):
        return [unrecognised(event)]
    sent_ns, reference = int(sent[1], 16), sent[2]
    if not OLDEST_SENT_NS < sent_ns < 1 << 63:
        return [unrecognised(event)]
    return [
        DeliveryReport(reference=sent[0], state="sent", source_time_ns=sent_ns, message_id=reference),
        DeliveryReport(reference=sender, state="confirmed", source_time_ns=sent_ns, message_id=reference),
    ]


# ---- who is there


def _deleted(event: Event, own: Own, is_stored: bool) -> list[Observation]:  # noqa: FBT001
    gone = dict.fromkeys(identity(link.get("uid")) for link in event.links())
    said: list[Observation] = [
        Presence(subject=subject, state="offline", source_time_ns=event.time_ns, is_stored=is_stored)
        for subject in list(gone)[:MOST_LINKS]
        if subject is not None and not own.is_ours(subject)
    ]
    return said or [unrecognised(event)]


def _ping(event: Event, _: Own, is_stored: bool) -> list[Observation]:  # noqa: FBT001
    """A ping is its sender's sign of life; an answer is that of the server, which is nobody's team."""
    if event.kind == "t-x-c-t-r":
        return [Condition(part="tak-server", value="answers", is_good=True)]
    if not event.uid.endswith(PING_TAIL):
        return [unrecognised(event)]
    subject = event.uid.removesuffix(PING_TAIL)
    return [Presence(subject=subject, state="online", source_time_ns=event.time_ns, is_stored=is_stored)]


_FAMILIES: Final[Mapping[str, Callable[[Event, Own, bool], list[Observation]]]] = {
    "a": _atom,
    "b-a": _alert,
    "b-t-f": _text,
    "b-t-f-d": _receipt,
    "b-t-f-r": _receipt,
    "t-x-d-d": _deleted,
    "t-x-c-t": _ping,
    "t-x-c-t-r": _ping,
}
