"""The envelopes of each peer: who has which session, what is answered at once, what keeps it alive.

**Source:** ok-dmrlib (hrnp client, hstrp datagram protocol): addresses, order, the heartbeat of 6 s, lost after 10.
**Assumed:** a control session is asked for the radio's own number every 30 s, which proves that it lives, and begun
anew after 60 s of silence; frames of ours that nobody acknowledges are not repeated here: requests come round by
themselves, and a text without an answer is said to be of unknown fate.  A connect of ours to a repeater has no options.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Literal

from devices.driver import NS_PER_S
from devices.drivers.hytera.framing import (
    ACCEPT,
    ACK_BIT,
    CLOSE,
    CLOSE_BIT,
    CLOSED,
    CONNECT,
    CONNECT_BIT,
    DATA,
    DATA_ACK,
    HEARTBEAT_BIT,
    OPTIONS_BIT,
    RCP,
    REJECT,
    REJECT_BIT,
    Hdap,
    Hrnp,
    Hstrp,
    seal_hdap,
    seal_hrnp,
    seal_hstrp,
)
from devices.observations import Condition, Observation, Unrecognised

Kind = Literal["hrnp", "hstrp"]
SESSIONS: Final = 16
CALL_NS: Final = 5 * NS_PER_S
ASK_NS: Final = 30 * NS_PER_S
LOST_NS: Final = 60 * NS_PER_S
BEAT_NS: Final = 6 * NS_PER_S
_OURS: Final = 0x20
_THEIRS: Final = 0x10
# Channel states of sending, receiving and repeating; then level, channel, zone, carrier, emergency, man-down.
_SUBSCRIBE: Final = (
    Hdap(service=RCP, opcode=0x10C9, payload=bytes([3, 0, 1, 1, 1, 2, 1])),
    Hdap(service=RCP, opcode=0x10C7, payload=bytes([6, 0x0B, 1, 0x06, 1, 0x05, 1, 0x0C, 1, 0x09, 1, 0x0E, 1])),
)
_WHO_ARE_YOU: Final = Hdap(service=RCP, opcode=0x0452, payload=b"\0")


@dataclass(slots=True, kw_only=True)
class Session:
    """One peer's envelope.  ``options`` in hex, as the repeater last gave them."""

    kind: Kind
    is_open: bool = False
    number: int = 0
    ours: int = _OURS
    theirs: int = _THEIRS
    options: str = ""
    heard_ns: int | None = None
    spoke_ns: int | None = None


class Sessions:
    """Sessions by peer; "" is the one that the configuration wants and that nobody has answered yet."""

    def __init__(self, wanted: Kind | None) -> None:
        self._wanted = wanted
        self._by_peer: dict[str, Session] = {}

    def kind(self, peer: str) -> Kind | None:
        """In which envelope this peer is spoken to."""
        session = self._by_peer.get(peer)
        return session.kind if session is not None else None

    def home(self) -> str | None:
        """The peer of the newest open session; ``None`` while none is open."""
        return next((peer for peer, session in reversed(self._by_peer.items()) if session.is_open), None)

    def wrap(self, peer: str, frame: Hdap) -> bytes:
        """A message in this peer's envelope; bare where it has none."""
        session = self._by_peer.get(peer)
        octets = seal_hdap(frame)
        if session is None:
            return octets
        session.number = (session.number + 1) & 0xFFFF
        if session.kind == "hrnp":
            return seal_hrnp(_hrnp(session, DATA, session.number, octets))
        options = bytes.fromhex(session.options)
        kind = OPTIONS_BIT if options else 0
        return seal_hstrp(Hstrp(kind=kind, number=session.number, options=options, data=octets))

    # ---- what arrives

    def take_hrnp(self, frame: Hrnp, raw: bytes, peer: str, at_ns: int) -> tuple[list[Observation], list[bytes]]:
        """What the envelope itself says, and what is answered; its data is read elsewhere."""
        session = self._of(peer, "hrnp", at_ns)
        if frame.op == DATA:
            session.is_open = True
            session.ours, session.theirs = frame.destination, frame.source
            answer = replace(frame, op=DATA_ACK, source=frame.destination, destination=frame.source, data=b"")
            return [], [seal_hrnp(answer)]
        if frame.op == ACCEPT:
            session.is_open = True
            session.ours, session.theirs, session.number = frame.destination, frame.source, 0
            return [_session("open", is_good=True)], [self.wrap(peer, one) for one in (_WHO_ARE_YOU, *_SUBSCRIBE)]
        if frame.op == REJECT:
            session.is_open = False
            return [_session("rejected", is_good=False)], []
        if frame.op in {CLOSE, CLOSED}:
            session.is_open = False
            closed = replace(frame, op=CLOSED, source=frame.destination, destination=frame.source, data=b"")
            return [_session("closed", is_good=False)], [seal_hrnp(closed)] if frame.op == CLOSE else []
        return ([], []) if frame.op == DATA_ACK else ([Unrecognised(name=f"HRNP {frame.op:02X}", raw=raw)], [])

    def take_hstrp(self, frame: Hstrp, peer: str, at_ns: int) -> tuple[list[Observation], list[bytes]]:
        """As ``take_hrnp``; what is to be acknowledged is given back with its options and without its data."""
        session = self._of(peer, "hstrp", at_ns)
        was_open, session.is_open = session.is_open, not frame.kind & (CLOSE_BIT | REJECT_BIT)
        said: list[Observation] = []
        if frame.kind & REJECT_BIT:
            said = [_session("rejected", is_good=False)]
        elif frame.kind & CLOSE_BIT:
            said = [_session("closed", is_good=False)]
        elif not was_open:
            said = [_session("open", is_good=True)]
        if frame.kind & (ACK_BIT | HEARTBEAT_BIT | REJECT_BIT):
            return said, []
        if frame.options:
            session.options = frame.options.hex()
        return said, [seal_hstrp(replace(frame, kind=frame.kind | ACK_BIT, data=b""))]

    def _of(self, peer: str, kind: Kind, at_ns: int) -> Session:
        session = self._by_peer.pop(peer, None)
        if session is None or session.kind != kind:
            called = self._by_peer.get("")
            is_answer = peer != "" and called is not None and called.kind == kind
            session = self._by_peer.pop("") if is_answer else Session(kind=kind)
        session.heard_ns = at_ns
        self._by_peer[peer] = session
        if len(self._by_peer) > SESSIONS:
            del self._by_peer[next(iter(self._by_peer))]
        return session

    # ---- what is said unasked

    def due(self, at_ns: int) -> list[tuple[str, bytes]]:
        """Connects, heartbeats and questions that keep sessions alive, with their peers."""
        if self._wanted is not None and not any(one.kind == self._wanted for one in self._by_peer.values()):
            self._by_peer[""] = Session(kind=self._wanted)
        said: list[tuple[str, bytes]] = []
        for peer, session in list(self._by_peer.items()):
            if session.heard_ns is not None and not 0 <= at_ns - session.heard_ns < LOST_NS:
                del self._by_peer[peer]
            else:
                said += [(peer, octets) for octets in self._keep(peer, session, at_ns)]
        return said

    def _keep(self, peer: str, session: Session, at_ns: int) -> list[bytes]:
        pause_ns = CALL_NS if not session.is_open else ASK_NS if session.kind == "hrnp" else BEAT_NS
        if session.spoke_ns is not None and 0 <= at_ns - session.spoke_ns < pause_ns:
            return []
        if not session.is_open and (session.kind != self._wanted):
            return []
        is_first, session.spoke_ns = session.spoke_ns is None, at_ns
        if session.kind == "hstrp":
            kind = HEARTBEAT_BIT if session.is_open else CONNECT_BIT
            return [seal_hstrp(Hstrp(kind=kind, number=0))]
        if not session.is_open:
            return [seal_hrnp(_hrnp(session, CONNECT, 0, b""))]
        return [] if is_first else [self.wrap(peer, _WHO_ARE_YOU)]

    # ---- snapshots

    def save(self) -> dict[str, Any]:
        """Plain values."""
        return {peer: asdict(session) for peer, session in self._by_peer.items()}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue from what ``save`` gave."""
        self._by_peer = {peer: Session(**session) for peer, session in state.items()}


def _hrnp(session: Session, op: int, number: int, data: bytes) -> Hrnp:
    return Hrnp(op=op, source=session.ours, destination=session.theirs, number=number, data=data)


def _session(state: str, *, is_good: bool) -> Condition:
    return Condition(part="session", value=state, is_good=is_good)
