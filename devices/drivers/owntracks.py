"""Phones with the app OwnTracks, through an MQTT broker or by HTTP.

**Source:** OwnTracks booklet, ``docs/tech/json.md`` and ``docs/tech/http.md`` (owntracks/booklet, in English): types
location, transition, waypoint, card, lwt, cmd; units (speed in km/h, times in seconds UTC, battery in percent).
**Assumed:** a subject is ``user/device``, of the topic ``owntracks/user/device[/...]``, or of the request's own
X-Limit-U and X-Limit-D, or its ``u`` and ``d``; what names nobody is nobody's.  A ping (trigger ``p``) is dated when it
was sent, not when its position was found: at an unchanged place it proves the phone, not the position; neither do the
triggers ``l`` and ``L`` (last known position).  The time in a last will is when the app connected, not when it was
lost, so it dates nothing.  A charge that was measured long before it came is not told.  Where and when a region is
defined (waypoint) is nobody's position.  Encrypted payloads need the app's key and are ``Unrecognised``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs

from devices.commands import AskPosition, DeviceCommand
from devices.driver import NS_PER_S, Outgoing, Refused, Settings
from devices.lines import Line, identity, listed, number, read_line, read_object
from devices.observations import Condition, Malformed, Observation, Position, Power, Presence, Unrecognised

SUBJECTS = 200
CHARGE_NS = 600 * NS_PER_S
"""A charge older than this, by the time of its report, says nothing of now."""
FUTURE_NS = 60 * NS_PER_S
MPS_PER_KMH = 1 / 3.6
LATEST_S = 1 << 33
_NAME_LENGTH = 64
_KEPT_OCTETS = 4096
_BATTERY = {1: "battery", 2: "external", 3: "external"}
_LAST_KNOWN = frozenset({"l", "L"})
_EVENTS = frozenset({"enter", "leave"})


class OwnTracks:
    """One line, one message of one phone.  Keeps the names and last places of the phones it heard."""

    __slots__ = ("_allowed", "_names", "_places", "_prefix", "_topics")

    def __init__(self, settings: Settings) -> None:
        self._prefix = str(settings.get("prefix") or "owntracks").strip("/")
        self._allowed = listed(settings.get("allowed"))
        self._names: dict[str, str] = {}
        self._places: dict[str, list[float]] = {}
        self._topics: dict[str, str] = {}

    def receive(self, data: bytes, at_ns: int) -> Sequence[Observation]:
        """Positions, charge, presence and regions; never raises.

        ``Malformed`` reasons: those of ``devices.lines``, and ``json``, ``identity``, ``field`` of the payload.
        """
        line = read_line(data)
        if isinstance(line, Malformed):
            return (line,)
        kept = data[:_KEPT_OCTETS]
        if not line.payload.strip():
            return (Unrecognised(name="empty", raw=kept),)  # a broker's kept message was taken back
        said = read_object(line.payload)
        if said is None or not isinstance(said.get("_type"), str):
            return (Malformed(reason="json", raw=kept),)
        return self._understood(line, said, kept, at_ns)

    def _understood(self, line: Line, said: Mapping[str, Any], kept: bytes, at_ns: int) -> Sequence[Observation]:
        subject = self._subject(line, said)
        if subject is None:
            return (Malformed(reason="identity", raw=kept),)
        if self._allowed and subject not in self._allowed:
            return (Unrecognised(name="stranger", raw=kept),)
        if line.topic is not None:
            _remember(self._topics, subject, "/".join(line.topic.split("/")[: self._prefix.count("/") + 3]))
        meant = self._meaning(said, subject, at_ns, is_stored=line.is_retained)
        if meant is None:
            return (Malformed(reason="field", raw=kept),)
        return meant or (Unrecognised(name=said["_type"][:16], raw=kept),)

    def _subject(self, line: Line, said: Mapping[str, Any]) -> str | None:
        """Who says so himself; never who spoke before on the same wire."""
        if line.topic is not None:
            return self._of_topic(line.topic)
        if line.user is not None or line.device is not None:
            return identity(line.user, line.device)
        query = _query(line.query or "")
        if "u" in query or "d" in query:
            return identity(query.get("u"), query.get("d"))
        return self._of_topic(said.get("topic"))

    def _of_topic(self, topic: object) -> str | None:
        if not isinstance(topic, str) or not topic.startswith(f"{self._prefix}/"):
            return None
        user, _, rest = topic.removeprefix(f"{self._prefix}/").partition("/")
        return identity(user, rest.partition("/")[0])

    def _meaning(
        self, said: Mapping[str, Any], subject: str, at_ns: int, *, is_stored: bool
    ) -> Sequence[Observation] | None:
        """``None``: malformed; empty: sound, but not ours to know."""
        match said["_type"]:
            case "location":
                return self._location(said, subject, at_ns, is_stored=is_stored)
            case "transition":
                return self._transition(said, subject, is_stored=is_stored)
            case "lwt":
                return (Presence(subject=subject, state="offline", is_stored=is_stored),)
            case "card":
                name = _word(said.get("name"))
                if name is not None:
                    _remember(self._names, subject, name)
        return ()

    def _location(
        self, said: Mapping[str, Any], subject: str, at_ns: int, *, is_stored: bool
    ) -> Sequence[Observation] | None:
        position = self._position(said, subject, is_stored=is_stored)
        if position is None or position.lat_deg is None or position.lon_deg is None:
            return None
        place = [position.lat_deg, position.lon_deg]
        trigger = str(said.get("t"))
        is_old = trigger in _LAST_KNOWN or (trigger == "p" and self._places.get(subject) == place)
        _remember(self._places, subject, place)
        told: Observation = position
        if is_old:
            told = Presence(
                subject=subject, state="online", source_time_ns=position.source_time_ns, is_stored=is_stored
            )
        power = _power(said, position, at_ns)
        return (told,) if power is None else (told, power)

    def _position(self, said: Mapping[str, Any], subject: str, *, is_stored: bool) -> Position | None:
        lat_deg, lon_deg = number(said.get("lat"), -90, 90), number(said.get("lon"), -180, 180)
        tst_s = number(said.get("tst"), 1, LATEST_S)
        if lat_deg is None or lon_deg is None or tst_s is None:
            return None
        speed_kmh, vertical_m = number(said.get("vel"), 0, 2000), number(said.get("vac"), -1e6, 1e6)
        is_level = vertical_m is None or vertical_m >= 0  # below 0: the phone knows no altitude
        return Position(
            subject=subject,
            callsign=self._names.get(subject) or _word(said.get("tid")),
            lat_deg=lat_deg,
            lon_deg=lon_deg,
            altitude_m=number(said.get("alt"), -1000, 100_000) if is_level else None,
            speed_mps=None if speed_kmh is None else speed_kmh * MPS_PER_KMH,
            course_deg=number(said.get("cog"), 0, 360),
            accuracy_m=number(said.get("acc"), 0, 1e7),
            source_time_ns=round(tst_s) * NS_PER_S,
            is_stored=is_stored,
        )

    def _transition(self, said: Mapping[str, Any], subject: str, *, is_stored: bool) -> Sequence[Observation] | None:
        event, name = str(said.get("event")), _word(said.get("desc")) or ""
        if event not in _EVENTS:
            return None
        position = self._position(said, subject, is_stored=is_stored)
        region = Condition(subject=subject, part="region", value=f"{event} {name}".strip())
        if position is None:
            return (Presence(subject=subject, state="online", is_stored=is_stored), region)
        return (position, region)

    def poll(self, at_ns: int) -> Sequence[bytes]:  # noqa: ARG002
        """Nothing: phones speak unasked."""
        return ()

    def encode(self, command: DeviceCommand, at_ns: int) -> Outgoing | Refused:  # noqa: ARG002
        """Ask a phone for its position, through the broker it was heard by; refuse everything else.

        The phone answers only where its user has allowed remote commands.
        """
        if not isinstance(command, AskPosition):
            return Refused(reason="phone-position-only")
        topic = self._topics.get(command.subject or "")
        if topic is None:
            return Refused(reason="phone-not-on-broker")
        payload = json.dumps({"_type": "cmd", "action": "reportLocation"}, separators=(",", ":"))
        line = {"topic": f"{topic}/cmd", "payload": payload, "retained": False}
        return Outgoing(octets=json.dumps(line, separators=(",", ":"), ensure_ascii=False).encode())

    def finish(self) -> Sequence[Malformed]:
        """Nothing is ever left over."""
        return ()

    def save(self) -> dict[str, Any]:
        """Names, topics and last places of the phones heard."""
        return {"names": dict(self._names), "places": dict(self._places), "topics": dict(self._topics)}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue from what ``save`` gave."""
        self._names = dict(state["names"])
        self._places = {subject: list(place) for subject, place in state["places"].items()}
        self._topics = dict(state["topics"])


def _remember(table: dict[str, Any], subject: str, value: object) -> None:
    """The one heard of for longest is forgotten first."""
    table.pop(subject, None)
    table[subject] = value
    if len(table) > SUBJECTS:
        del table[next(iter(table))]


def _word(value: object) -> str | None:
    if not isinstance(value, str):
        return None
    word = "".join(sign for sign in value if sign.isprintable()).strip()[:_NAME_LENGTH]
    return word or None


def _query(text: str) -> dict[str, str]:
    try:
        return {name: values[0] for name, values in parse_qs(text, max_num_fields=50).items()}
    except ValueError:
        return {}


def _power(said: Mapping[str, Any], position: Position, at_ns: int) -> Power | None:
    """The charge, unless it is none, or old: a phone sends late what it wrote down without a network."""
    charge_percent, tst_ns = number(said.get("batt"), 0, 100), position.source_time_ns or 0
    if charge_percent is None or (at_ns >= 0 and not -FUTURE_NS <= at_ns - tst_ns <= CHARGE_NS):
        return None
    state = said.get("bs")
    source = _BATTERY.get(state) if isinstance(state, int) else None
    return Power(subject=position.subject, source=source, charge_percent=charge_percent, is_stored=position.is_stored)
