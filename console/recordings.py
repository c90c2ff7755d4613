"""All recorded files of the incident: what is locked, and what goes when room is needed.

Lives in the engine's loop; the disk is asked in threads.  Every change is a SEGMENT record.  A lock is also an empty
file beside the recording, so that it holds without the journal: what is locked is never removed.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from console.cameras import Cameras
from console.configuration.model import Configuration, RecordingConfiguration
from console.effects import LockRecording, MarkPicture, SaveClip
from console.journal.reader import Reader
from console.journal.recordings import RecordingIndex, Told
from console.keeping import FOLDER, Keeping, RecordingLimits, camera_folder
from console.records import Kind, pack
from console.trouble import OperatorError
from devices.driver import NS_PER_S
from devices.video.messages import Segment, recorded_start_ns

LOCKED = ".locked"
TURN_S = 2.0
TOLD_NS = 10 * NS_PER_S
PATIENCE_NS = 30 * NS_PER_S
"""A clip that nothing was said of for so long was lost with the process that should write it."""
LEAD_NS = 10 * NS_PER_S
"""What led to a mark belongs to it: the file of this long before is locked too."""
_QUOTA_SHARE = 0.98
_FLOOR_SHARE = 1.25
"""Room is made before the quota is reached and before the recorders stop (at the floor; they go on at 1.1 of it)."""

Put = Callable[[Kind, str, bytes], None]
"""The engine's door: kind, source and payload of a record."""


@dataclass(slots=True)
class Kept:
    """One file that is on the disk."""

    camera_id: str
    file: str
    from_ns: int
    to_ns: int | None = None
    size_bytes: int = 0
    is_locked: bool = False
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What the disk holds: sizes by camera and name, what is locked there, and the room."""

    sizes: dict[tuple[str, str], int]
    locked: frozenset[tuple[str, str]]


class Recordings:
    """The incident's recorded files, those of cameras that are no longer configured too."""

    def __init__(self, folder: Path, configuration: Configuration, now_ns: Callable[[], int], door: Put) -> None:
        self._folder = folder
        self._configured = configuration.cameras
        self._wanted = wanted = configuration.recording
        self._now_ns = now_ns
        self._door = door
        self._cameras: Cameras | None = None
        limits = RecordingLimits(floor_bytes=wanted.floor_bytes, segment_s=wanted.segment_s)
        self.keeping = Keeping(folder=folder, limits=limits, on_segment=self.take, unfinished=self.unfinished)
        self._files: dict[tuple[str, str], Kept] = {}
        self._unfinished: dict[str, list[str]] = {}
        self._told: dict[str, Any] = {}
        self._told_ns = 0
        self._to_lock: list[tuple[str, str]] = []
        self._awaited: dict[str, tuple[str, int]] = {}

    def _put(self, source: str, said: dict[str, Any]) -> None:
        self._door(Kind.SEGMENT, source, pack(said))

    async def live(self, cameras: Cameras) -> None:
        """Receive the cameras once it is known what is kept of them, then keep room for more; never ends."""
        self._cameras = cameras
        running = [camera.id for camera in self._configured if camera.is_enabled]
        is_known = await self.load(running)
        for camera in self._configured:
            cameras.start(camera)
        while True:
            # Where journal or disk could not be read, nothing that is not known is removed, and they are asked again.
            is_known = is_known or await self.load(running)
            await self.turn()
            await asyncio.sleep(TURN_S)

    # ---- at the start

    async def load(self, running: Iterable[str]) -> bool:
        """Learn what the journal and the disk hold; False where they cannot be read.

        ``running`` are the cameras whose recorders will find the ends of what was left unfinished; of the others that
        is told here.
        """
        try:
            told, found = await asyncio.to_thread(self._look)
        except (OperatorError, sqlite3.Error, OSError):
            return False
        self._missing(told, found)
        self._unfinished.clear()
        known = {(one.camera_id, one.file): one for one in told}
        recorders = set(running)
        for (camera_id, file), size_bytes in found.sizes.items():
            if (camera_id, file) in self._files:
                continue
            one = known.get((camera_id, file))
            start_ns = one.from_ns if one is not None else recorded_start_ns(file) or 0
            kept = Kept(camera_id, file, start_ns, one.to_ns if one else None, size_bytes)
            kept.is_locked = (camera_id, file) in found.locked or (one is not None and one.is_locked(self._now_ns()))
            self._files[camera_id, file] = kept
            if one is not None and one.end_known_ns is not None:
                continue
            if camera_id in recorders:
                self._unfinished.setdefault(camera_id, []).append(file)
            else:
                self._tell_unfinished(kept)
        return True

    def _look(self) -> tuple[list[Told], Found]:
        reader = Reader(self._folder)
        try:
            index = RecordingIndex()
            index.take(reader.segments())
        finally:
            reader.close()
        return list(index.files()), scan(self._folder)

    def _missing(self, told: list[Told], found: Found) -> None:
        for one in told:
            if one.removed_ns is None and (one.camera_id, one.file) not in found.sizes:
                self._put(one.camera_id, {"event": "removed", "file": one.file, "reason": "missing"})

    def _tell_unfinished(self, kept: Kept) -> None:
        """A file of a camera without a recorder: only its name, size and last change are known."""
        path = camera_folder(self._folder, kept.camera_id) / kept.file
        with contextlib.suppress(OSError):
            end_ns = max(kept.from_ns, path.stat().st_mtime_ns)
            self.take(
                kept.camera_id,
                Segment(
                    event="recovered",
                    file=kept.file,
                    utc_start_ns=kept.from_ns,
                    utc_end_ns=end_ns,
                    size_bytes=kept.size_bytes,
                    reason="interrupted",
                ),
            )

    def unfinished(self, camera_id: str) -> tuple[str, ...]:
        """Files of this camera whose end its recorder is to find."""
        open_now = [kept.file for kept in self._files.values() if kept.camera_id == camera_id and kept.is_open]
        return (*self._unfinished.get(camera_id, ()), *open_now)

    # ---- while running

    def take(self, camera_id: str, said: Segment) -> None:
        """A recorder told something: remember and write it down."""
        self._put(camera_id, {key: value for key, value in asdict(said).items() if value is not None})
        self._awaited.pop(said.clip_id or "", None)
        if said.event == "save-failed":
            return
        key = (camera_id, said.file)
        kept = self._files.setdefault(key, Kept(camera_id, said.file, said.utc_start_ns))
        kept.is_open = said.event == "opened"
        if not kept.is_open:
            kept.to_ns, kept.size_bytes = said.utc_end_ns, said.size_bytes
            unfinished = self._unfinished.get(camera_id, [])
            if said.file in unfinished:
                unfinished.remove(said.file)
        if said.event == "saved":
            self._to_lock.append(key)

    async def obey(self, effect: MarkPicture | SaveClip | LockRecording) -> None:
        """Do what an order asked for."""
        match effect:
            case MarkPicture():
                await self.lock_at(effect.camera_id, effect.at_ns)
            case LockRecording():
                if (effect.camera_id, effect.file) in self._files:
                    await self.lock(effect.camera_id, effect.file, is_locked=effect.is_locked, is_asked=True)
                else:
                    self._put(effect.camera_id, {"event": "lock-failed", "file": effect.file, "is_asked": True})
            case SaveClip():
                cameras = self._cameras
                self._awaited[effect.clip_id] = effect.camera_id, self._now_ns() + PATIENCE_NS
                if cameras is None or not cameras.save(effect.camera_id, effect.clip_id, effect.last_s):
                    self._fail_clip(effect.camera_id, effect.clip_id, "nothing-kept")

    def _fail_clip(self, camera_id: str, clip_id: str, reason: str) -> None:
        self.take(camera_id, Segment(event="save-failed", clip_id=clip_id, reason=reason))

    async def lock(self, camera_id: str, file: str, *, is_locked: bool, is_asked: bool = False) -> None:
        """Lock or unlock a file; one that is not there, or is so already, is left alone.

        ``is_asked``: somebody asked for just this, and is told in the log.
        """
        kept = self._files.get((camera_id, file))
        if kept is None or kept.is_locked == is_locked:
            return
        kept.is_locked = is_locked
        marker = camera_folder(self._folder, camera_id) / f"{file}{LOCKED}"
        with contextlib.suppress(OSError):
            # Where even an empty file cannot be made, the journal alone holds the lock.
            await asyncio.to_thread(_set_marker, marker, is_set=is_locked)
        said = {"event": "locked" if is_locked else "unlocked", "file": file, "is_asked": is_asked}
        self._put(camera_id, said)

    async def lock_at(self, camera_id: str, at_ns: int) -> None:
        """Lock the file in which this moment lies, and that of what led to it."""
        for kept in sorted(self._files.values(), key=_age):
            reaches_ns = self._now_ns() if kept.is_open else kept.to_ns or kept.from_ns
            if kept.camera_id == camera_id and kept.from_ns <= at_ns and reaches_ns >= at_ns - LEAD_NS:
                await self.lock(camera_id, kept.file, is_locked=True)

    async def turn(self) -> None:
        """Once: lock new clips, measure, remove, tell."""
        while self._to_lock:
            await self.lock(*self._to_lock.pop(0), is_locked=True)
        for clip_id, (camera_id, due_ns) in list(self._awaited.items()):
            if self._now_ns() > due_ns:
                self._fail_clip(camera_id, clip_id, "receiver-crashed")
        open_files = [key for key, kept in self._files.items() if kept.is_open]
        try:
            free_bytes, sizes = await asyncio.to_thread(self._measure, open_files)
        except OSError:
            return
        for key, size_bytes in sizes.items():
            if key in self._files and self._files[key].is_open:
                self._files[key].size_bytes = size_bytes
        goal = Goal.of(self._wanted, self._files.values(), free_bytes)
        victims = goal.victims(self._files.values())
        if victims:
            for kept in await asyncio.to_thread(self._remove, victims):
                del self._files[kept.camera_id, kept.file]
                free_bytes += kept.size_bytes
                said = {"event": "removed", "file": kept.file, "size_bytes": kept.size_bytes, "reason": "room"}
                self._put(kept.camera_id, said)
        self._tell_space(free_bytes, is_stuck=goal.is_stuck)

    def _measure(self, open_files: list[tuple[str, str]]) -> tuple[int, dict[tuple[str, str], int]]:
        sizes = {}
        for camera_id, file in open_files:
            with contextlib.suppress(OSError):
                sizes[camera_id, file] = (camera_folder(self._folder, camera_id) / file).stat().st_size
        return shutil.disk_usage(self._folder).free, sizes

    def _remove(self, victims: list[Kept]) -> list[Kept]:
        """Remove these files; gives those that are gone."""
        gone = []
        for kept in victims:
            # Asked again here: somebody may have locked it a moment ago.
            if kept.is_locked:
                continue
            with contextlib.suppress(OSError):
                (camera_folder(self._folder, kept.camera_id) / kept.file).unlink(missing_ok=True)
                gone.append(kept)
        return gone

    def _tell_space(self, free_bytes: int, *, is_stuck: bool) -> None:
        files = self._files.values()
        is_asked = any(camera.is_enabled and camera.is_recorded for camera in self._configured)
        if not files and not self._told and not (is_stuck and is_asked):
            return
        said = {
            "used_bytes": sum(kept.size_bytes for kept in files),
            "locked_bytes": sum(kept.size_bytes for kept in files if kept.is_locked),
            "free_bytes": free_bytes,
            "oldest_ns": min((kept.from_ns for kept in files), default=None),
            "is_stuck": is_stuck,
        }
        now_ns = self._now_ns()
        if is_stuck == self._told.get("is_stuck") and (said == self._told or now_ns - self._told_ns < TOLD_NS):
            return
        self._told, self._told_ns = said, now_ns
        self._put("console", {"event": "space", **said})


@dataclass(frozen=True, slots=True)
class Goal:
    """How many bytes must go; ``is_stuck``: more than could."""

    surplus_bytes: int
    is_stuck: bool

    @classmethod
    def of(cls, wanted: RecordingConfiguration, files: Iterable[Kept], free_bytes: int) -> Goal:
        """What quota and floor ask for."""
        files = list(files)
        used_bytes = sum(kept.size_bytes for kept in files)
        surplus_bytes = round(wanted.floor_bytes * _FLOOR_SHARE) - free_bytes
        if wanted.quota_bytes is not None:
            surplus_bytes = max(surplus_bytes, used_bytes - round(wanted.quota_bytes * _QUOTA_SHARE))
        removable_bytes = sum(kept.size_bytes for kept in files if not kept.is_locked and not kept.is_open)
        return cls(max(0, surplus_bytes), surplus_bytes > 0 and surplus_bytes > removable_bytes)

    def victims(self, files: Iterable[Kept]) -> list[Kept]:
        """The oldest files that are neither locked nor being written, as many as are needed."""
        chosen, freed_bytes = list[Kept](), 0
        for kept in sorted(files, key=_age):
            if freed_bytes >= self.surplus_bytes:
                break
            if not kept.is_locked and not kept.is_open:
                chosen.append(kept)
                freed_bytes += kept.size_bytes
        return chosen


def _age(kept: Kept) -> tuple[int, str, str]:
    return kept.from_ns, kept.camera_id, kept.file


def scan(folder: Path) -> Found:
    """Every recorded file below the incident's folder.  Raises ``OSError``."""
    sizes: dict[tuple[str, str], int] = {}
    locked = set[tuple[str, str]]()
    for camera in (folder / FOLDER).iterdir() if (folder / FOLDER).is_dir() else ():
        if not camera.is_dir() or camera.is_symlink():
            continue
        camera_id = unquote(camera.name)
        for path in camera.iterdir():
            if path.name.endswith(LOCKED):
                locked.add((camera_id, path.name.removesuffix(LOCKED)))
            elif recorded_start_ns(path.name) is not None and path.is_file():
                sizes[camera_id, path.name] = path.stat().st_size
    return Found(sizes, frozenset(locked))


def _set_marker(path: Path, *, is_set: bool) -> None:
    if is_set:
        path.touch(mode=0o600)
    else:
        path.unlink(missing_ok=True)
