"""What we say: events as XML, one line each, nothing before and nothing after.

XML and not protobuf, because every TAK client and server takes XML on every wire without negotiation.

**Source:** as ``meaning``; the shapes are those of the published captures.  A server takes a client for a user when
its event carries ``takv``, ``contact`` and ``__group``.
**Assumed:** an endpoint ``*:-1:stcp`` says "reach me by the stream I came by".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from devices.commands import PublishTeam
from devices.driver import NS_PER_S
from devices.drivers.cot.event import Event
from devices.drivers.cot.meaning import PING_TAIL, ROOM, TEAM_MIDDLE, Chat

UNKNOWN: Final = "9999999.0"
STREAM_ENDPOINT: Final = "*:-1:stcp"
CHAT_STALE_NS: Final = 24 * 3600 * NS_PER_S
ANSWER_STALE_NS: Final = 20 * NS_PER_S

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST_NS: Final = 253_402_300_799 * NS_PER_S
_SPECIAL: Final[Mapping[str, str]] = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&apos;",
    "\t": "&#9;",
    "\n": "&#10;",
    "\r": "&#13;",
}
_ESCAPED = re.compile("[&<>\"'\t\n\r]")
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\x7f-\x9f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Self:
    """How this post presents itself; ``endpoint`` is where others reach it."""

    uid: str
    callsign: str
    group: str
    endpoint: str


def is_sayable(text: str) -> bool:
    """Whether XML can carry the text: no control octets but tab and line ends, no half characters."""
    return _NO_XML.search(text) is None


def escaped(text: str) -> str:
    """Text that can neither end its element nor begin another; no control octet is left in it."""
    return _ESCAPED.sub(lambda found: _SPECIAL[found[0]], _NO_XML.sub("\ufffd", text))


def _tag(name: str, attributes: Mapping[str, str], inner: str | None = None) -> str:
    written = "".join(f' {key}="{escaped(value)}"' for key, value in attributes.items())
    return f"<{name}{written}/>" if inner is None else f"<{name}{written}>{inner}</{name}>"


def moment(at_ns: int) -> str:
    """An instant as CoT writes it, to the millisecond."""
    whole = timedelta(milliseconds=min(max(at_ns, 0), _LATEST_NS) // 1_000_000)
    return (_EPOCH + whole).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _event(kind: str, uid: str, how: str, times_ns: tuple[int, int], point: str, detail: str) -> bytes:
    begin_ns, stale_ns = times_ns
    attributes = {"version": "2.0", "uid": uid, "type": kind, "how": how, "time": moment(begin_ns)}
    attributes |= {"start": moment(begin_ns), "stale": moment(stale_ns)}
    return _tag("event", attributes, point + _tag("detail", {}, detail)).encode("utf-8")


def _nowhere() -> str:
    return _tag("point", {"lat": "0.0", "lon": "0.0", "hae": UNKNOWN, "ce": UNKNOWN, "le": UNKNOWN})


def _length(value_m: float | None) -> str:
    return UNKNOWN if value_m is None else f"{value_m:.1f}"


def _self_detail(post: Self) -> str:
    return (
        _tag("takv", {"device": "Command post", "platform": "Command post", "os": "Linux", "version": "1"})
        + _tag("contact", {"callsign": post.callsign, "endpoint": post.endpoint})
        + _tag("__group", {"name": post.group, "role": "HQ"})
        + _tag("uid", {"Droid": post.callsign})
    )


def announcement(post: Self, at_ns: int, stale_ns: int) -> bytes:
    """That this post is there; where it is, nobody said."""
    times_ns = at_ns, at_ns + stale_ns
    return _event("a-f-G-U-C", post.uid, "h-g-i-g-o", times_ns, _nowhere(), _self_detail(post))


def team_uid(post_uid: str, subject: str) -> str:
    """The uid of a team of ours, known again when it comes back."""
    return f"{post_uid}{TEAM_MIDDLE}{subject}"


def team(post: Self, command: PublishTeam) -> bytes:
    """A team of ours, or this post (``subject`` ``None``), dated when it was there."""
    stale_ns = command.source_time_ns + round(command.stale_s * NS_PER_S)
    point = {"lat": f"{command.lat_deg:.7f}", "lon": f"{command.lon_deg:.7f}", "hae": _length(command.altitude_m)}
    point |= {"ce": _length(command.accuracy_m), "le": UNKNOWN}
    if command.subject is None:
        uid, detail = post.uid, _self_detail(post)
    else:
        uid = team_uid(post.uid, command.subject)
        detail = _tag("contact", {"callsign": command.callsign})
        detail += _tag("__group", {"name": post.group, "role": "Team Member"})
        detail += _tag("link", {"uid": post.uid, "type": "a-f-G-U-C", "relation": "p-p"})
    known = {"speed": command.speed_mps, "course": command.course_deg}
    track = {name: f"{value:.2f}" for name, value in known.items() if value is not None}
    detail += _tag("track", track) if track else ""
    detail += _tag("remarks", {}, escaped(command.text)) if command.text else ""
    how = "m-g" if command.is_measured else "h-e"
    return _event("a-f-G-U-C", uid, how, (command.source_time_ns, stale_ns), _tag("point", point), detail)


def text(post: Self, recipient: str, called: str, words: tuple[str, str], at_ns: int) -> bytes:
    """A GeoChat message; ``words`` are its name and its text, ``called`` the recipient's callsign or the room."""
    name, said = words
    is_room = recipient == ROOM
    chat = {"parent": "RootContactGroup", "groupOwner": "false", "messageId": name, "chatroom": called}
    chat |= {"id": recipient, "senderCallsign": post.callsign}
    group = _tag("chatgrp", {"uid0": post.uid, "uid1": recipient, "id": recipient})
    remarks = {"source": f"BAO.F.ATAK.{post.uid}", "to": recipient, "time": moment(at_ns)}
    detail = (
        _tag("__chat", chat, group)
        + _tag("link", {"uid": post.uid, "type": "a-f-G-U-C", "relation": "p-p"})
        + _tag("remarks", remarks, escaped(said))
        + ("" if is_room else _destination(recipient, called))
    )
    uid = f"GeoChat.{post.uid}.{recipient}.{name}"
    return _event("b-t-f", uid, "h-g-i-g-o", (at_ns, at_ns + CHAT_STALE_NS), _nowhere(), detail)


def _destination(recipient: str, called: str) -> str:
    known = {"callsign": called} if called != recipient else {"uid": recipient}
    return _tag("marti", {}, _tag("dest", known))


def receipt(post: Self, chat: Chat, called: str, at_ns: int) -> bytes:
    """That a text addressed to us has arrived."""
    said = {"parent": "RootContactGroup", "groupOwner": "false", "messageId": chat.reference, "chatroom": called}
    said |= {"id": chat.sender, "senderCallsign": post.callsign}
    group = _tag("chatgrp", {"uid0": post.uid, "uid1": chat.sender, "id": chat.sender})
    detail = (
        _tag("__chatreceipt", said, group)
        + _tag("link", {"uid": post.uid, "type": "a-f-G-U-C", "relation": "p-p"})
        + _destination(chat.sender, called)
    )
    return _event("b-t-f-d", chat.reference, "h-g-i-g-o", (at_ns, at_ns + CHAT_STALE_NS), _nowhere(), detail)


def ping(post: Self, at_ns: int) -> bytes:
    """Asks the server at the other end to answer."""
    return _event("t-x-c-t", f"{post.uid}{PING_TAIL}", "m-g", (at_ns, at_ns + ANSWER_STALE_NS), _nowhere(), "")


def pong(at_ns: int) -> bytes:
    """The answer to somebody's ping."""
    return _event("t-x-c-t-r", "takPong", "h-g-i-g-o", (at_ns, at_ns + ANSWER_STALE_NS), _nowhere(), "")


def is_stream_endpoint(event: Event) -> bool:
    """Whether a user says that it is reached by the stream it came by."""
    contact = event.find("contact")
    return contact is not None and contact.get("endpoint", "").strip().endswith(":stcp")
