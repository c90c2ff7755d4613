"""Which recorded files a replay may play, of each camera, around a moment: from the journal and from the disk."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from console.journal.reader import Reader
from console.journal.recordings import RecordingIndex
from console.keeping import camera_folder
from console.recordings import scan
from console.trouble import OperatorError
from devices.driver import NS_PER_S
from devices.video.messages import recorded_start_ns
from devices.video.playing import PlayFile

AROUND_NS = 2 * 3600 * NS_PER_S
"""So much before and after the moment is put on the shelf; a day of a camera has more files than a message needs."""


class Shelves:
    """The files of an incident's folder.  One thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._reader: Reader | None = None
        self._index = RecordingIndex()
        self._unknown: dict[str, list[PlayFile]] = {}
        self._is_scanned = False

    def refresh(self) -> bool:
        """Read what the journal has learnt meanwhile; True where it is something new."""
        seq = self._index.seq
        try:
            if self._reader is None:
                self._reader = Reader(self._folder)
            self._index.take(self._reader.segments(seq))
        except (OperatorError, sqlite3.Error):
            return False
        is_new = self._index.seq != seq or not self._is_scanned
        if not self._is_scanned:
            self._is_scanned = True
            self._look()
        return is_new

    def _look(self) -> None:
        """Find what the journal knows nothing of: it may have been damaged and begun anew."""
        known = {(told.camera_id, told.file) for told in self._index.files()}
        try:
            there = scan(self._folder).sizes
        except OSError:
            return
        for camera_id, file in there.keys() - known:
            start_ns = recorded_start_ns(file)
            if start_ns is not None:
                path = str((camera_folder(self._folder, camera_id) / file).absolute())
                found = PlayFile(path=path, utc_start_ns=start_ns, is_clip="-clip" in file)
                self._unknown.setdefault(camera_id, []).append(found)

    def files(self, camera_id: str, at_ns: int) -> tuple[PlayFile, ...]:
        """The files of this camera around this moment, in order."""
        folder = camera_folder(self._folder, camera_id).absolute()
        found = [
            PlayFile(
                path=str(folder / told.file),
                utc_start_ns=told.from_ns,
                utc_end_ns=told.to_ns,
                is_clip=told.is_clip,
                is_removed=told.removed_ns is not None,
            )
            for told in self._index.files()
            # A plain name only: nothing else is ever opened, whatever stands in the journal.
            if told.camera_id == camera_id and recorded_start_ns(told.file) is not None
        ]
        known = {file.path for file in found}
        found += [file for file in self._unknown.get(camera_id, ()) if file.path not in known]
        return tuple(file for file in _ended(found) if _is_near(file, at_ns))

    def close(self) -> None:
        """Let the journal go."""
        if self._reader is not None:
            self._reader.close()


def _ended(files: Iterable[PlayFile]) -> list[PlayFile]:
    """In order; a file whose end nobody told reaches no further than to the next one."""
    ordered = sorted(files, key=lambda file: file.utc_start_ns)
    next_ns: int | None = None
    for number in range(len(ordered) - 1, -1, -1):
        file = ordered[number]
        if file.utc_end_ns is None and next_ns is not None and not file.is_clip:
            ordered[number] = replace(file, utc_end_ns=next_ns)
        if not file.is_clip:
            next_ns = file.utc_start_ns
    return ordered


def _is_near(file: PlayFile, at_ns: int) -> bool:
    end_ns = file.utc_end_ns
    return file.utc_start_ns <= at_ns + AROUND_NS and (end_ns is None or end_ns >= at_ns - AROUND_NS)
