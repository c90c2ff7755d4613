"""Where packets go, and which of two openings of one camera they are taken from.

A camera goes from its small stream to its large one, and back, without a black tile and without a gap in its
recording: the new opening waits in the wings until it has a key frame, and in that moment the two change places.
"""

from __future__ import annotations

import threading
from typing import Protocol

from devices.video.feed import Unit
from devices.video.piece import SourceError
from devices.video.segment import Recorded
from devices.video.session import Session
from devices.video.slots import Slots

_STILL_NS = 1_500_000_000


class Screen(Protocol):
    """Who decodes and shows."""

    @property
    def is_shown(self) -> bool:
        """Whether anybody looks."""

    def open(self, codec: str, extradata: bytes) -> None:
        """A stream begins."""

    def put(self, unit: Unit) -> None:
        """Take one packet without waiting."""


class Tape(Protocol):
    """Who records."""

    def begin(self, stream: Recorded) -> None:
        """A stream begins."""

    def put(self, unit: Unit) -> None:
        """Take one packet without waiting."""

    def end(self, reason: str) -> None:
        """The stream ended."""


class Stage:
    """``opened`` and ``put`` are called by the openings' own threads, all else by the main thread.  Nothing waits."""

    def __init__(self, slots: Slots, screen: Screen, tape: Tape | None) -> None:
        self._slots = slots
        self._screen = screen
        self._tape = tape
        self._lock = threading.Lock()
        self.current: Session | None = None
        self.coming: Session | None = None
        self.leaving: list[Session] = []

    def enter(self, session: Session) -> None:
        """Begin this opening; while another is on stage it waits for its first key frame."""
        with self._lock:
            if self.current is None:
                self.current = session
            else:
                self._dismiss(self.coming)
                self.coming = session
        session.start(self)

    def dismiss_coming(self) -> bool:
        """What waits in the wings is no longer wanted; False where nothing waits any more."""
        with self._lock:
            coming, self.coming = self.coming, None
            self._dismiss(coming)
        return coming is not None

    def promote(self, reason: str) -> None:
        """The one on stage has ended for ``reason``: the one that waits, if any, takes its place as it is."""
        with self._lock:
            self.current, self.coming = self.coming, None
            if self._tape is not None:
                self._tape.end(reason)
            if self.current is not None and self.current.source is not None:
                self._begin(self.current)

    def bury(self) -> int:
        """Forget who has left; gives the octets they took."""
        with self._lock:
            gone = [session for session in self.leaving if not session.is_alive]
            self.leaving = [session for session in self.leaving if session.is_alive]
        return sum(session.meter.total_bytes for session in gone)

    def opened(self, session: Session) -> None:
        """The source of this opening is open."""
        with self._lock:
            if session is self.current:
                self._begin(session)

    def put(self, session: Session, unit: Unit, *, is_anew: bool) -> None:
        """One packet.  Raises ``SourceError`` with ``still-taken`` when a still picture was all that was wanted."""
        with self._lock:
            if session is self.coming and unit.is_key:
                self._dismiss(self.current)
                self.current, self.coming = session, None
                is_anew = True
            if session is not self.current or session.ending.is_set():
                return
            if is_anew:
                self._begin(session)
            self._slots.note_packet(unit.stamp_ns)
            if self._tape is not None and session.grade != "stills":
                self._tape.put(unit)
            self._screen.put(unit)
        if session.grade == "stills" and self._is_still_taken(session, unit):
            raise SourceError("still-taken")

    def _is_still_taken(self, session: Session, unit: Unit) -> bool:
        """The key frame is here and, where somebody looks, to be seen: some codings show it with the next packets."""
        key_ns = session.key_stamp_ns
        if key_ns is None:
            return False
        is_seen = not self._screen.is_shown or self._slots.picture_stamp_ns >= key_ns
        return is_seen or unit.received_ns - key_ns > _STILL_NS

    def _dismiss(self, session: Session | None) -> None:
        if session is not None:
            session.ending.set()
            self.leaving.append(session)

    def _begin(self, session: Session) -> None:
        source = session.source
        if source is None:
            return
        self._screen.open(source.codec, source.extradata)
        if self._tape is None:
            return
        if session.grade == "stills":
            self._tape.end("still-taken")
        else:
            self._tape.begin(session.recorded(source))
