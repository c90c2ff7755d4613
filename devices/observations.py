"""The vocabulary: what a driver can have understood.

Frozen standard-library dataclasses.  The unit is the suffix of every numeric name; unknown is ``None``, never 0;
times are integer nanoseconds since 1970-01-01T00:00Z as the *source* gave them (arrival is the record's).
``is_stored`` marks what was handed on from a store or read out of a list: true, but no proof that the subject was
heard now.  ``subject`` is the identity the wire gave (a card number, a radio number) in its canonical spelling, without
leading zeros; ``None`` means the device on this wire itself.  Kinds and field names are public:
``main.py decode`` prints them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Fix = Literal["none", "2d", "3d", "unknown"]
PresenceState = Literal["online", "offline", "unknown"]
DeliveryState = Literal["sent", "confirmed", "failed", "deferred", "unlisted"]
Datum = Literal["wgs84", "cgcs2000", "gcj02", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a subject was at ``source_time_ns``.  No fix means ``lat_deg`` and ``lon_deg`` are ``None``.

    Ranges: latitude -90..90, longitude -180..180, course 0..360 clockwise from true north.
    ``altitude_m`` is above mean sea level where the source gives it so, else above the ellipsoid.
    """

    subject: str | None = None
    callsign: str | None = None
    lat_deg: float | None = None
    lon_deg: float | None = None
    altitude_m: float | None = None
    speed_mps: float | None = None
    course_deg: float | None = None
    accuracy_m: float | None = None
    fix: Fix = "unknown"
    satellites: int | None = None
    datum: Datum = "wgs84"
    source_time_ns: int | None = None
    is_stored: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TextMessage:
    """A text that arrived.  Subjects are ``None`` where the wire does not say."""

    sender: str | None = None
    recipient: str | None = None
    text: str
    source_time_ns: int | None = None
    is_stored: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryReport:
    """What became of something we sent.

    ``reference`` names it as the wire does (for BeiDou the command id or the recipient's card).
    ``sent`` means radiated by the terminal, not delivered; ``confirmed`` means the far end has it;
    ``deferred``: refused for now, try again after ``wait_s``; ``failed`` is final.
    ``unlisted`` closes a list of receipts: nothing else that was sent to ``reference`` has a receipt; ``reason``
    ``none``: there is not one; ``source_time_ns``: the list says nothing about what was sent before.
    ``reason`` is a stable word (``interval``, ``suppressed``, ``silence``, ``power``, ``no-card`` ...) or ``None``.
    ``wait_s`` is the time until the next permitted transmission where the device says one.
    ``source_time_ns`` of ``confirmed`` is when the confirmed message was sent (often to the minute only): it tells a
    receipt for an older message to the same recipient from one for the newest.
    ``message_id`` is the console's own id of the message (``SendText.reference``) where the wire carried it there and
    back, or the driver knows which one it is: then nothing has to be guessed, and ``failed`` may also follow ``sent``.
    """

    reference: str | None = None
    state: DeliveryState
    reason: str | None = None
    wait_s: float | None = None
    source_time_ns: int | None = None
    message_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """A subject said or a network said of it that it is there, or not."""

    subject: str | None = None
    state: PresenceState
    source_time_ns: int | None = None
    is_stored: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Emergency:
    """A subject called for help; ``kind`` is the wire's own word for it.

    One that begins with ``@`` is a text of ours (``@radio.emergency.button``); drivers let no device say such a word.
    """

    subject: str | None = None
    kind: str
    source_time_ns: int | None = None
    is_stored: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A subject began or ended to speak, to ``group`` (a talk group or another subject) where the wire says it."""

    subject: str | None = None
    group: str | None = None
    state: Literal["started", "ended"]
    is_emergency: bool = False
    source_time_ns: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One level of a subject; ``index`` numbers beams and the like.  ``value`` ``None``: measured, nothing received."""

    subject: str | None = None
    quantity: str
    value: float | None
    unit: str
    index: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Power:
    """What feeds a subject.  ``charge_percent`` 0..100."""

    subject: str | None = None
    source: str | None = None
    voltage_v: float | None = None
    power_w: float | None = None
    charge_percent: float | None = None
    runtime_s: float | None = None
    is_stored: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Satellite:
    """One satellite of a sky view.  Numbers are unique within ``system`` only."""

    system: str
    number: int
    elevation_deg: float | None = None
    azimuth_deg: float | None = None
    cn0_dbhz: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sky:
    """A finished sky view of one constellation as the receiver sees it."""

    subject: str | None = None
    system: str
    satellites: tuple[Satellite, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockReading:
    """The time of day by a source's own clock.  ``is_locked`` is ``None`` where the source does not say."""

    subject: str | None = None
    source_time_ns: int
    is_locked: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A terminal's card and the limits it grants.

    ``card_id`` ``None`` means the terminal says that no card is in.  ``interval_s`` is the shortest time between two
    transmissions, ``capacity_bits`` what one ordinary message may carry over the air, both ``None`` where unknown.
    """

    subject: str | None = None
    card_id: str | None
    broadcast_id: str | None = None
    generation: str
    level: int | None = None
    interval_s: float | None = None
    capacity_bits: int | None = None
    is_encrypted: bool | None = None
    is_commander: bool | None = None
    subordinate_count: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subordinates:
    """Cards that answer to this commander's card."""

    subject: str | None = None
    cards: tuple[str, ...]
    total_count: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A named part of a device and how it says it is; ``is_good`` ``None`` where the value has no such meaning."""

    subject: str | None = None
    part: str
    value: str
    is_good: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reachability:
    """One finished attempt to reach a host, asked at ``asked_ns`` (console time).

    ``is_answered`` ``None`` means the attempt could not be made (``reason`` says why): "cannot probe", not "down".
    """

    subject: str | None = None
    is_answered: bool | None
    round_trip_ms: float | None = None
    reason: str | None = None
    asked_ns: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """How many octets an interface has received and sent so far, since it is there.

    ``is_exclusive``: only the far end of the bearer can have sent what was received (no other box hangs on the wire).
    A counter of ``counter_bits`` begins at 0 again when it is full.  ``counted_s`` is how long it has counted since it
    was last begun anew, ``None`` where the device does not say.
    """

    subject: str | None = None
    received_bytes: int
    sent_bytes: int
    is_exclusive: bool = False
    counter_bits: int = 64
    counted_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unrecognised:
    """A sound frame whose meaning is not ours to know: counted and shown raw, never an error."""

    name: str
    raw: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Malformed:
    """What the wire said and could not be understood; ``reason`` is a stable word (``checksum``, ``length`` ...)."""

    reason: str
    raw: bytes


Observation = (
    Position
    | TextMessage
    | DeliveryReport
    | Presence
    | Emergency
    | Call
    | Signal
    | Power
    | Sky
    | ClockReading
    | Card
    | Subordinates
    | Condition
    | Reachability
    | Traffic
    | Unrecognised
    | Malformed
)
