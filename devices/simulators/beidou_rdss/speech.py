"""What a simulated terminal says: the same facts in each of the three dialects.

**Source:** published layouts of ICI ICZ BSI TXR FKI DWR WAA HZR ZTI, of ICP PWI TCI, and of the binary frames.
**Assumed:** a BDS-3 terminal tells subordinates and their places by ICZ and DWR; codes that a dialect has not are told
by the nearest one it has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Protocol

from devices.driver import NS_PER_S, xor_octets
from devices.nmea import seal


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The card that is in (``card`` "0": none) and what it grants."""

    card: str
    broadcast: str
    level: int
    interval_s: int
    subordinates: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where ``card`` was; ``is_own`` is the terminal itself, ``is_queried``: asked of the system, not reported."""

    card: str
    lat_deg: float
    lon_deg: float
    height_m: float
    at_ns: int
    is_own: bool
    is_queried: bool = False


class Speech(Protocol):
    """One dialect."""

    def card(self, told: Told) -> bytes:
        """The card and its limits."""

    def subordinates(self, told: Told) -> bytes:
        """The cards that answer to this one."""

    def beams(self, levels: Sequence[int], at_ns: int | None) -> bytes:
        """Levels 0-4 of six to ten beams; ``at_ns`` ``None``: the terminal has no time."""

    def feedback(self, command: str, outcome: str, wait_s: int, at_ns: int) -> bytes:
        """What became of ``command``: ``sent``, or the reason of refusal."""

    def text(self, sender: str, text: str, told: Told, at_ns: int, recipient: str = "") -> bytes:
        """A text that arrived; ``recipient`` where it is not this card alone."""

    def place(self, place: Place, told: Told) -> bytes:
        """A position."""

    def receipts(self, card: str, pairs: Sequence[tuple[int, int]], told: Told) -> bytes:
        """When messages to ``card`` were sent and received."""

    def state(self, charge_percent: int, told: Told) -> bytes:
        """The terminal's own health, where the dialect tells it."""


def _clock(at_ns: int, form: str) -> str:
    return datetime.fromtimestamp(at_ns // NS_PER_S, tz=UTC).strftime(form)


def _arc(value_deg: float, width: int) -> str:
    units = round(abs(value_deg) * 600_000)
    return f"{units // 600_000:0{width}d}{units % 600_000 / 10_000:07.4f}"


def _is_hanzi(text: str) -> bool:
    octets = text.encode("gbk", "replace")
    return len(octets) == 2 * len(text) and min(octets, default=0) >= 0xA1


def _dwr(place: Place, kind: int) -> bytes:
    lat, lon = _arc(place.lat_deg, 2), _arc(place.lon_deg, 3)
    north, east = "N" if place.lat_deg >= 0 else "S", "E" if place.lon_deg >= 0 else "W"
    time = _clock(place.at_ns, "%H%M%S.00")
    head = f"BDDWR,{kind},{int(place.card):07d},{time},{lat},{north},{lon},{east}"
    return seal(f"{head},{place.height_m:.0f},M,-22,M,0,V,V,L".encode())


class Ascii21:
    """Dialect ``bd-ascii21``."""

    _SUPPRESSION: Final = {"suppressed": 1, "low-battery": 2, "silence": 3}

    def card(self, told: Told) -> bytes:
        """ICI."""
        level = 0 if told.level == 5 else told.level
        count = len(told.subordinates)
        if told.card == "0":
            return seal(b"BDICI,0000000,0,0,0,0,0,N,000")
        head = f"BDICI,{int(told.card):07d},00000001,{int(told.broadcast):07d},0"
        return seal(f"{head},{told.interval_s},{level},N,{count:03d}".encode())

    def subordinates(self, told: Told) -> bytes:
        """ICZ, forty a sentence."""
        cards = [f"{int(card):07d}" for card in told.subordinates]
        pages = [cards[at : at + 40] for at in range(0, max(len(cards), 1), 40)]
        return b"".join(seal(",".join([f"BDICZ,{len(cards)}", *page]).encode()) for page in pages)

    def beams(self, levels: Sequence[int], at_ns: int | None) -> bytes:  # noqa: ARG002 - BSI tells no time
        """BSI."""
        ten = [*levels, *[0] * 10][:10]
        best = ten.index(max(ten)) + 1 if any(ten) else 0
        return seal(f"BDBSI,{best:02d},{best:02d},{','.join(map(str, ten))}".encode())

    def feedback(self, command: str, outcome: str, wait_s: int, at_ns: int) -> bytes:  # noqa: ARG002
        """FKI."""
        wait = f"{wait_s // 60:02d}{wait_s % 60:02d}"
        if outcome == "sent":
            return seal(f"BDFKI,{command},Y,Y,0,{wait}".encode())
        if outcome == "interval":
            return seal(f"BDFKI,{command},N,Y,0,{wait}".encode())
        return seal(f"BDFKI,{command},N,Y,{self._SUPPRESSION.get(outcome, 0)},0000".encode())

    def text(self, sender: str, text: str, told: Told, at_ns: int, recipient: str = "") -> bytes:
        """TXR: raw GBK where all is Chinese, else mixed.  It names no receiver, only that it is a broadcast."""
        kind = 3 if recipient == told.broadcast else 1
        head = f"BDTXR,{kind},{int(sender):07d},{0 if _is_hanzi(text) else 2},{_clock(at_ns, '%H%M')},".encode()
        octets = text.encode("gbk", "replace")
        return seal(head + (octets if _is_hanzi(text) else b"A4" + octets.hex().upper().encode()))

    def place(self, place: Place, told: Told) -> bytes:  # noqa: ARG002 - WAA names the sender only
        """DWR for an own fix, WAA for a report."""
        if place.is_own or place.is_queried:
            return _dwr(place, 1 if place.is_own else 2)
        lat, lon = _arc(place.lat_deg, 2), _arc(place.lon_deg, 3)
        time = _clock(place.at_ns, "%H%M%S.00")
        return seal(f"BDWAA,0,,{int(place.card):07d},{time},{lat},N,{lon},E,{place.height_m:.0f},M".encode())

    def receipts(self, card: str, pairs: Sequence[tuple[int, int]], told: Told) -> bytes:  # noqa: ARG002
        """HZR."""
        times = "".join(f",{_clock(sent, '%H%M')},{_clock(got, '%H%M')}" for sent, got in pairs)
        return seal(f"BDHZR,{int(card):07d},{len(pairs)}{times}".encode())

    def state(self, charge_percent: int, told: Told) -> bytes:
        """ZTI."""
        fault = int(told.card == "0")
        return seal(f"BDZTI,0,{fault},0,0,0,1,{charge_percent},{charge_percent * 8 // 100:02d}30".encode())


class Ascii3(Ascii21):
    """Dialect ``bd-ascii3``."""

    _REASONS: Final = {"interval": 1, "suppressed": 2, "silence": 3, "pa-unlocked": 4, "low-battery": 4, "no-card": 5}

    def card(self, told: Told) -> bytes:
        """ICP: 23 fields."""
        if told.card == "0":
            return seal(b"BDICP,0" + b",0" * 22)
        level = 0 if told.level == 5 else told.level
        head = f"BDICP,{told.card},{told.broadcast},1,3,0,N,2,N,1,0,0,3,1,{told.interval_s},{level}"
        return seal(f"{head},0,0,1,1,{len(told.subordinates)},0,0,0".encode())

    def beams(self, levels: Sequence[int], at_ns: int | None) -> bytes:
        """PWI: no beams of the old generation, groups of four."""
        time = "000000.00" if at_ns is None else _clock(at_ns, "%H%M%S.00")
        heard = [(beam, level) for beam, level in enumerate(levels, start=1) if level]
        groups = "".join(f",{beam},{36 + 4 * level},{30 + 4 * level},0" for beam, level in heard)
        return seal(f"BDPWI,{time},00,{len(heard):02d}{groups}".encode())

    def feedback(self, command: str, outcome: str, wait_s: int, at_ns: int) -> bytes:
        """FKI with a time in front; outcome ``y5`` is what some terminals say without a card."""
        time = _clock(at_ns, "%H%M%S")
        if outcome == "y5":
            return seal(f"BDFKI,{time},{command},Y,5,0".encode())
        done = "Y" if outcome == "sent" else "N"
        left_s = wait_s if outcome == "interval" else 0
        return seal(f"BDFKI,{time},{command},{done},{self._REASONS.get(outcome, 0)},{left_s}".encode())

    def text(self, sender: str, text: str, told: Told, at_ns: int, recipient: str = "") -> bytes:
        """TCI."""
        time, octets = _clock(at_ns, "%H%M%S"), text.encode("gbk", "replace")
        content = octets if _is_hanzi(text) else b"A4" + octets.hex().upper().encode()
        head = f"BDTCI,{int(sender):08d},{recipient or told.card},2,{time},{1 if _is_hanzi(text) else 3},0,"
        return seal(head.encode() + content)

    def place(self, place: Place, told: Told) -> bytes:  # noqa: ARG002
        """DWR."""
        return _dwr(place, 1 if place.is_own else 2 if place.is_queried else 3)

    def state(self, charge_percent: int, told: Told) -> bytes:  # noqa: ARG002 - no such sentence is published
        """Nothing."""
        return b""


class Binary40:
    """Dialect ``bd-bin40``."""

    _CODES: Final = {
        "sent": 0,
        "refused": 1,
        "pa-unlocked": 2,
        "low-battery": 3,
        "interval": 4,
        "suppressed": 7,
        "silence": 8,
        "no-card": 9,
    }

    def card(self, told: Told) -> bytes:
        """ICXX frame 0."""
        level = 0 if told.level == 5 else told.level
        limits = told.interval_s.to_bytes(2, "big") + bytes([level, 0]) + len(told.subordinates).to_bytes(2, "big")
        return _frame(b"ICXX", told.card, b"\0" + _address(told.broadcast) + b"\0" + limits)

    def subordinates(self, told: Told) -> bytes:
        """ICXX frame 1."""
        return _frame(b"ICXX", told.card, b"\1" + b"".join(map(_address, told.subordinates)))

    def beams(self, levels: Sequence[int], at_ns: int | None) -> bytes:  # noqa: ARG002 - GLZK tells no time
        """GLZK."""
        return _frame(b"GLZK", "0", bytes([*levels, *[0] * 6][:6]))

    def feedback(self, command: str, outcome: str, wait_s: int, at_ns: int) -> bytes:  # noqa: ARG002
        """FKXX."""
        code = self._CODES.get(outcome, 1)
        extra = wait_s.to_bytes(4, "big") if code == 4 else command.encode() if code in {0, 1} else bytes(4)
        return _frame(b"FKXX", "0", bytes([code]) + extra)

    def text(
        self,
        sender: str,
        text: str,
        told: Told,
        at_ns: int,
        recipient: str = "",  # noqa: ARG002 - TXXX names no receiver
    ) -> bytes:
        """TXXX."""
        octets = text.encode("gbk", "replace")
        message = octets if _is_hanzi(text) else b"\xa4" + octets
        time = datetime.fromtimestamp(at_ns // NS_PER_S, tz=UTC)
        kind = b"\x40" if _is_hanzi(text) else b"\x60"
        head = kind + _address(sender) + bytes([time.hour, time.minute]) + (8 * len(message)).to_bytes(2, "big")
        return _frame(b"TXXX", told.card, head + message + b"\0")

    def place(self, place: Place, told: Told) -> bytes:
        """DWXX."""
        time = datetime.fromtimestamp(place.at_ns // NS_PER_S, tz=UTC)
        kind = b"\x20" if place.is_queried else b"\0"
        clock = bytes([time.hour, time.minute, time.second, 0])
        height = round(place.height_m).to_bytes(2, "big") + b"\x40\x16"
        arcs = _tenths(place.lon_deg) + _tenths(place.lat_deg)
        return _frame(b"DWXX", told.card, kind + _address(place.card) + clock + arcs + height)

    def receipts(self, card: str, pairs: Sequence[tuple[int, int]], told: Told) -> bytes:
        """TXHZ."""
        times = [datetime.fromtimestamp(at_ns // NS_PER_S, tz=UTC) for pair in pairs for at_ns in pair]
        clock = b"".join(bytes([time.hour, time.minute]) for time in times)
        return _frame(b"TXHZ", told.card, _address(card) + bytes([len(pairs)]) + clock)

    def state(self, charge_percent: int, told: Told) -> bytes:  # noqa: ARG002 - ZJXX has no published battery scale
        """ZJXX."""
        return _frame(b"ZJXX", told.card, bytes([told.card == "0", 0, 0, 0, 3, 2, 0, 4, 0, 0]))


def _address(card: str) -> bytes:
    return (int(card) & 0x1FFFFF).to_bytes(3, "big")


def _tenths(value_deg: float) -> bytes:
    tenths = round(abs(value_deg) * 36_000)
    return bytes([tenths // 36_000, tenths // 600 % 60, tenths // 10 % 60, tenths % 10])


def _frame(head: bytes, card: str, content: bytes) -> bytes:
    start = b"$" + head + (len(content) + 11).to_bytes(2, "big") + _address(card) + content
    return start + bytes([xor_octets(start)])


DIALECTS: Final[dict[str, Speech]] = {"bd-ascii21": Ascii21(), "bd-ascii3": Ascii3(), "bd-bin40": Binary40()}
