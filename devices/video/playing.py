"""What the console and a playing process (``devices.video.play``) say to each other.  Pure.

Sent as lines of ``devices.video.messages``, which also describes the shared memory that such a process writes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

PlayedState = Literal["opening", "playing", "gap", "removed", "missing", "damaged"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """First command of the playing process: whose recordings, and into which shared memory.

    There ``pts_ns`` is the console time of the picture, the stamp when it was written, and ``WORD_KEY_INTERVAL`` is of
    the film.
    """

    camera_id: str
    slots: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayFile:
    """A recorded file and the console time it covers; ``utc_end_ns`` ``None``: still written, or never told."""

    path: str
    utc_start_ns: int
    utc_end_ns: int | None = None
    is_clip: bool = False
    is_removed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """All that may be played from now on."""

    files: tuple[PlayFile, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """The replay stood at ``at_ns`` (console time) at ``monotonic_ns`` and runs at ``speed``, 0: it stands.

    Without news it runs no further than ``reach_ns`` of the film, so that nothing later than the replay is shown.
    """

    at_ns: int
    monotonic_ns: int
    speed: float = 0.0
    reach_ns: int = 0

    def now_ns(self, monotonic_ns: int) -> int:
        """The moment of the film by now."""
        return self.at_ns + min(self.reach_ns, round(max(0, monotonic_ns - self.monotonic_ns) * self.speed))


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What is shown of the moment, at every change and twice a second.

    ``opening``: nothing is known yet; ``playing``; ``gap``: nothing was recorded; ``removed`` ``missing``
    ``damaged``: it was, into ``file``.
    ``since_ns``: console time of the last picture or file before a gap.
    """

    state: PlayedState
    picture_ns: int | None = None
    since_ns: int | None = None
    file: str | None = None
