"""The journal's index of recordings: what its SEGMENT records tell of every file, as known at any moment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from console.queries import RecordedFile, RecordingsRequest
from console.records import Record, unpack

MOST_FILES = 5_000
MOST_MARKS = 1_000


@dataclass(slots=True)
class Told:
    """One file: when each fact of it became known, in console time."""

    camera_id: str
    file: str
    known_ns: int
    from_ns: int
    is_clip: bool = False
    end_known_ns: int | None = None
    to_ns: int | None = None
    size_bytes: int = 0
    gaps: tuple[tuple[int, int], ...] = ()
    codec: str | None = None
    locks: list[tuple[int, bool]] = field(default_factory=list)
    removed_ns: int | None = None

    def is_locked(self, at_ns: int) -> bool:
        """Whether it was locked at this moment."""
        return next((is_locked for since_ns, is_locked in reversed(self.locks) if since_ns <= at_ns), False)

    def as_of(self, at_ns: int) -> RecordedFile:
        """The file as the journal knew it; what ended without being told (a crash) reaches no further than its end."""
        is_open = self.end_known_ns is None or self.end_known_ns > at_ns
        return RecordedFile(
            camera_id=self.camera_id,
            file=self.file,
            from_ns=self.from_ns,
            to_ns=min(at_ns, self.to_ns) if is_open and self.to_ns is not None else at_ns if is_open else self.end_ns,
            gaps=self.gaps if not is_open else (),
            is_locked=self.is_locked(at_ns),
            is_clip=self.is_clip,
            size_bytes=self.size_bytes if not is_open else 0,
            codec=self.codec,
            is_removed=self.removed_ns is not None and self.removed_ns <= at_ns,
            is_open=is_open,
        )

    @property
    def end_ns(self) -> int:
        """Where it ends; where nothing is known of that, at its beginning."""
        return self.from_ns if self.to_ns is None else self.to_ns


class RecordingIndex:
    """Every file that the SEGMENT records up to ``seq`` tell of."""

    def __init__(self) -> None:
        self.seq = 0
        self._files: dict[tuple[str, str], Told] = {}

    def take(self, records: Iterable[Record]) -> None:
        """Take in what came after ``seq``."""
        for record in records:
            self.seq = record.seq
            said = unpack(record.payload)
            file = said.get("file")
            if isinstance(file, str) and file:
                self._take(record, file, said)

    def _take(self, record: Record, file: str, said: dict[str, Any]) -> None:
        event = said.get("event")
        told = self._files.get((record.source, file))
        if told is None:
            if event not in {"opened", "closed", "recovered", "saved"}:
                return
            from_ns = int(said.get("utc_start_ns") or record.at_ns)
            told = Told(record.source, file, record.at_ns, from_ns, is_clip=event == "saved" or "-clip" in file)
            self._files[record.source, file] = told
        if event in {"closed", "recovered", "saved"}:
            told.end_known_ns = record.at_ns
            told.to_ns = max(told.from_ns, int(said.get("utc_end_ns") or told.from_ns))
            told.size_bytes = int(said.get("size_bytes") or 0)
            told.gaps = tuple((int(begin), int(missing)) for begin, missing in said.get("gaps") or ())
        elif event in {"locked", "unlocked"}:
            told.locks.append((record.at_ns, event == "locked"))
        elif event == "removed":
            told.removed_ns = record.at_ns
        told.codec = said.get("codec") or told.codec

    def files(self) -> Iterator[Told]:
        """All of them."""
        return iter(self._files.values())

    def find(self, request: RecordingsRequest, at_ns: int) -> tuple[tuple[RecordedFile, ...], bool]:
        """The files that touch the span, as known at ``at_ns``, in order; and whether some were left out."""
        found = [
            told.as_of(at_ns)
            for told in self._files.values()
            if told.known_ns <= at_ns
            and told.from_ns <= request.to_ns
            and (not request.camera_ids or told.camera_id in request.camera_ids)
        ]
        found = [file for file in found if file.to_ns >= request.from_ns]
        found.sort(key=lambda file: (file.from_ns, file.camera_id, file.file))
        return tuple(found[:MOST_FILES]), len(found) > MOST_FILES
