"""The writing side of a camera's shared pictures; the layout is described in ``devices.video.messages``.

The console has made the file; a process that only writes neither makes nor removes it, so nobody's end takes the
pictures away from the others.
"""

from __future__ import annotations

import mmap
from pathlib import Path

from devices.video.messages import (
    HEADER_BYTES,
    HEALTHS,
    LAYOUT_VERSION,
    MAGIC,
    SLOT_HEIGHT,
    SLOT_NUMBER,
    SLOT_PTS,
    SLOT_SEQUENCE,
    SLOT_STAMP,
    SLOT_STRIDE,
    SLOT_WIDTH,
    SLOT_WORDS,
    UNKNOWN,
    WORD_DECODED,
    WORD_FAULTS,
    WORD_HEALTH,
    WORD_HEALTH_SINCE,
    WORD_KEY_INTERVAL,
    WORD_MAGIC,
    WORD_NEWEST,
    WORD_PACKET_STAMP,
    WORD_PACKETS,
    WORD_SHARPNESS,
    WORD_SHARPNESS_SIZE,
    WORD_SLOT_BYTES,
    WORD_TAKEN,
    WORD_VERSION,
    WORDS,
    Health,
)


class SlotsError(OSError):
    """The shared memory is not there or not laid out as expected."""


class Slots:
    """Shared pictures, opened for writing."""

    def __init__(self, path: str) -> None:
        with Path(path).open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), 0)
        self._octets = memoryview(self._memory)
        self._words = self._octets[: WORDS * 8].cast("q")
        if self._words[WORD_MAGIC] != MAGIC or self._words[WORD_VERSION] != LAYOUT_VERSION:
            raise SlotsError(f"not laid out as version {LAYOUT_VERSION}")
        self.slot_bytes = self._words[WORD_SLOT_BYTES]

    def note_packet(self, stamp_ns: int) -> None:
        """The newest packet was due at ``stamp_ns``."""
        self._words[WORD_PACKETS] += 1
        self._words[WORD_PACKET_STAMP] = max(self._words[WORD_PACKET_STAMP], stamp_ns)

    def note_decoded(self) -> None:
        """One picture more was decoded, shown or not."""
        self._words[WORD_DECODED] += 1

    def note_fault(self) -> None:
        """One packet more could not be decoded."""
        self._words[WORD_FAULTS] += 1

    def note_health(self, health: Health | None, since_ns: int) -> None:
        """What is wrong with the pictures since the one stamped ``since_ns``; ``None``: nothing is seen."""
        words, number = self._words, 0 if health is None else HEALTHS.index(health) + 1
        if words[WORD_HEALTH] == number:
            return
        # The stamp first: a fault that is seen already must not be dated by the one before.
        words[WORD_HEALTH_SINCE] = since_ns if number else 0
        words[WORD_HEALTH] = number

    def health(self) -> tuple[Health, int] | None:
        """What is wrong with the pictures and since which stamp."""
        number = self._words[WORD_HEALTH]
        return (HEALTHS[number - 1], self._words[WORD_HEALTH_SINCE]) if 0 < number <= len(HEALTHS) else None

    def note_key_interval(self, interval_ns: int) -> None:
        """So much time is between key frames, and nothing else is decoded; 0: everything is."""
        self._words[WORD_KEY_INTERVAL] = interval_ns

    @property
    def key_interval_ns(self) -> int:
        """The time between key frames where nothing else is decoded, else 0."""
        return self._words[WORD_KEY_INTERVAL]

    def note_taken(self, count: int) -> None:
        """The decoder has taken so many items since it began."""
        self._words[WORD_TAKEN] = count

    @property
    def taken(self) -> int:
        """How many items the running decoder has taken."""
        return self._words[WORD_TAKEN]

    def keep_sharpness(self, sharpness: float, size_px: tuple[int, int]) -> None:
        """Keep the usual sharpness of this source for a decoder that is started again."""
        self._words[WORD_SHARPNESS_SIZE] = size_px[0] << 32 | size_px[1]
        self._words[WORD_SHARPNESS] = int(sharpness * 1000)

    def sharpness(self, size_px: tuple[int, int]) -> float | None:
        """The usual sharpness kept of pictures of this size; ``None``: none."""
        kept = self._words[WORD_SHARPNESS]
        return kept / 1000 if kept > 0 and self._words[WORD_SHARPNESS_SIZE] == size_px[0] << 32 | size_px[1] else None

    @property
    def packet_stamp_ns(self) -> int:
        """When the newest packet was due; 0: none yet."""
        return self._words[WORD_PACKET_STAMP]

    @property
    def picture_stamp_ns(self) -> int:
        """When the packet of the newest picture was due; 0: no picture yet."""
        newest = self._words[WORD_NEWEST]
        return self._words[SLOT_WORDS[newest % 2] + SLOT_STAMP] if newest else 0

    def write(
        self, pixels: memoryview, size_px: tuple[int, int], stride_bytes: int, times: tuple[int | None, int]
    ) -> None:
        """Publish one BGRA picture: ``size_px`` width and height, ``times`` its ``pts_ns`` and its packet's stamp."""
        length = stride_bytes * size_px[1]
        if length > self.slot_bytes:
            raise SlotsError(f"{size_px[0]}x{size_px[1]} is larger than a slot")
        number = self._words[WORD_NEWEST] + 1
        slot = number % 2
        head = SLOT_WORDS[slot]
        words = self._words
        # A writer that died in the middle left an odd number: it stays odd until this picture is complete.
        words[head + SLOT_SEQUENCE] |= 1
        start = HEADER_BYTES + slot * self.slot_bytes
        self._octets[start : start + length] = pixels[:length]
        words[head + SLOT_NUMBER] = number
        words[head + SLOT_WIDTH], words[head + SLOT_HEIGHT] = size_px
        words[head + SLOT_STRIDE] = stride_bytes
        words[head + SLOT_PTS] = UNKNOWN if times[0] is None else times[0]
        words[head + SLOT_STAMP] = times[1]
        words[head + SLOT_SEQUENCE] += 1
        words[WORD_NEWEST] = number

    def close(self) -> None:
        """Let the memory go; the file stays."""
        self._words.release()
        self._octets.release()
        self._memory.close()
