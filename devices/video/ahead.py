"""Streams that come in lumps: read ahead, and given on at the pace at which they were made."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator

from devices.video.pace import Pace
from devices.video.piece import Piece, SourceError

_NS_PER_S = 1_000_000_000
_MOST_PIECES = 2_000
_WAIT_S = 0.2


def paced(pieces: Iterator[Piece], ending: threading.Event) -> Iterator[Piece]:
    """Each piece when it is due; ends early once ``ending`` is set."""
    pace = Pace()
    for piece in pieces:
        now_ns = time.monotonic_ns()
        if ending.wait(max(0, pace.due_ns(piece.dts_ns, now_ns) - now_ns) / _NS_PER_S):
            return
        yield piece


class ReadAhead:
    """The same pieces, fetched by a thread of their own: the next lump is asked for while this one is being shown.

    An error comes after everything read before it.  ``on_end`` is called by that thread, which alone uses the source,
    also when nobody listens any more.
    """

    def __init__(
        self, pieces: Iterator[Piece], ending: threading.Event, on_end: Callable[[], None], most: int = _MOST_PIECES
    ) -> None:
        self._pieces = pieces
        self._ending = ending
        self._on_end = on_end
        self._held: queue.Queue[Piece | SourceError | None] = queue.Queue(most)

    def __iter__(self) -> Iterator[Piece]:
        """Begin to fetch, and give what was fetched."""
        threading.Thread(target=self._fetch, name="read-ahead", daemon=True).start()
        while not self._ending.is_set():
            try:
                thing = self._held.get(timeout=_WAIT_S)
            except queue.Empty:
                continue
            if thing is None:
                return
            if isinstance(thing, SourceError):
                raise thing
            yield thing

    def _fetch(self) -> None:
        last: SourceError | None = None
        try:
            for piece in self._pieces:
                if not self._put(piece):
                    break
        except SourceError as error:
            last = error
        finally:
            self._on_end()
        self._put(last)

    def _put(self, thing: Piece | SourceError | None) -> bool:
        while not self._ending.is_set():
            try:
                self._held.put(thing, timeout=_WAIT_S)
            except queue.Full:
                continue
            return True
        return False
