"""What the cameras recorded, played in step with a replay: a process for each camera that is seen.

Lives in a thread of its own with a loop of its own.  A process that hangs or dies costs its own tile and is begun
anew; all of them end with the replay.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from pathlib import Path

from console.camera_process import PlayingProcess, Words
from console.cameras import TILE_RATE_HZ
from console.frames import FramesError, make_frames, remove_frames
from console.shelves import AROUND_NS, Shelves
from console.sights import REPLAYED, UNSEEN, Footage, FootageState, Showing, Sight
from devices.video.messages import Show
from devices.video.playing import Moment, Play, Played, PlayFile, Shelf

REFRESH_S = 2.0
LINGER_S = 3.0
"""A camera that is seen again this soon, on another screen, finds its process still there."""

_STARTING_S, _SILENT_S = 20.0, 2.0
"""How long a new process may be silent, and one that has spoken: it speaks twice a second."""

_DELAYS_S = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0)
_END_S = 5.0


def show_of(sight: Sight) -> Show:
    """What a playing process is told of how its camera is looked at."""
    return Show(
        width_px=sight.width_px,
        height_px=sight.height_px,
        rate_hz=None if sight.is_full_rate else TILE_RATE_HZ,
        is_key_only=sight.is_key_only,
    )


class Screening:
    """One camera that is seen: its shared memory, its process, its restarts."""

    def __init__(self, camera_id: str, moment: Callable[[], Moment | None], shelves: Shelves) -> None:
        self.camera_id = camera_id
        self.footage = Footage(state="opening")
        self.sight = UNSEEN
        self._moment = moment
        self._shelves = shelves
        self._words = Words(camera_id, ())
        self._process: PlayingProcess | None = None
        self._failures = 0
        self._files: tuple[PlayFile, ...] = ()
        self._shelved_ns: int | None = None
        self.leaving: asyncio.TimerHandle | None = None
        self.task: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """Its process while it runs."""
        return None if self._process is None else self._process.pid

    async def run(self, before: asyncio.Task[None] | None) -> None:
        """Play until cancelled; once ``before`` is over, which still has the shared memory's name."""
        if before is not None:
            await asyncio.wait([before])
        frames: Path | None = None
        try:
            while True:
                try:
                    frames = frames or make_frames(REPLAYED + self.camera_id)
                    state = await self._live(frames)
                except FramesError:
                    state = "no-memory"
                except OSError as error:
                    self._words.say(f"the player cannot be started: {error}")
                    state = "failed"
                self.footage = Footage(state=state)
                await asyncio.sleep(_DELAYS_S[min(self._failures, len(_DELAYS_S) - 1)])
                self._failures += 1
        finally:
            if frames is not None:
                remove_frames(frames)

    async def _live(self, frames: Path) -> FootageState:
        """One process from its start to its end; gives how it ended."""
        self._process = process = await PlayingProcess.begin(self._words)
        try:
            process.command(Play(camera_id=self.camera_id, slots=str(frames)))
            process.command(show_of(self.sight))
            self._shelved_ns = None
            self.put_shelf()
            self.follow()
            limit_s = _STARTING_S
            while True:
                async with asyncio.timeout(limit_s):
                    played = await process.reports.get()
                if played is None:
                    return "failed"
                limit_s = _SILENT_S
                self._take(played)
        except TimeoutError:
            return "hung"
        finally:
            self._process = None
            # It writes nothing but pictures, so nothing is lost.
            process.kill()
            await process.stop()

    def _take(self, played: Played) -> None:
        if played.state == "playing":
            self._failures = 0
        self.footage = Footage(state=played.state, since_ns=played.since_ns, file=played.file)

    # ---- told by the playback

    def show(self, sight: Sight) -> None:
        """How it is looked at."""
        if sight != self.sight:
            self.sight = sight
            if self._process is not None:
                self._process.command(show_of(sight))

    def follow(self) -> None:
        """The replay has moved."""
        moment = self._moment()
        if moment is None or self._process is None:
            return
        if self._shelved_ns is None or abs(moment.at_ns - self._shelved_ns) > AROUND_NS // 2:
            self.put_shelf()
        self._process.command(moment)

    def put_shelf(self) -> None:
        """Say which files there are around the moment, if that has changed."""
        moment = self._moment()
        if moment is None or self._process is None:
            return
        files = self._shelves.files(self.camera_id, moment.at_ns)
        if self._shelved_ns is None or files != self._files:
            self._process.command(Shelf(files=files))
        self._files, self._shelved_ns = files, moment.at_ns


class Playback:
    """The recordings of one incident's folder, played.  All methods from any thread; nothing waits but ``close``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._screenings: dict[str, Screening] = {}
        self._moment: Moment | None = None
        self._showing: Showing = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ending = asyncio.Event()
        self._is_closed = False
        self._gone: dict[str, asyncio.Task[None]] = {}
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def show(self, showing: Showing) -> None:
        """These cameras are seen from now on, so large, and no others."""
        with self._lock:
            self._showing = showing
            if self._thread is None and showing and not self._is_closed:
                self._thread = threading.Thread(target=lambda: asyncio.run(self._main()), name="playback", daemon=True)
                self._thread.start()
        self._call(self._arrange)

    def follow(self, moment: Moment) -> None:
        """The replay stands there now."""
        self._moment = moment
        self._call(self._move)

    def footage(self, camera_id: str) -> Footage | None:
        """What is played of this camera; ``None``: nobody has asked for it."""
        screening = self._screenings.get(camera_id)
        return None if screening is None else screening.footage

    def pid(self, camera_id: str) -> int | None:
        """The process that plays this camera."""
        screening = self._screenings.get(camera_id)
        return None if screening is None else screening.pid

    def close(self) -> None:
        """End all processes."""
        with self._lock:
            self._is_closed = True
            thread = self._thread
        if thread is not None:
            self._call(self._ending.set)
            thread.join(_END_S)

    def _call(self, function: Callable[[], None]) -> None:
        loop = self._loop
        if loop is not None:
            with contextlib.suppress(RuntimeError):  # it has just been closed
                loop.call_soon_threadsafe(function)

    # ---- the loop's thread

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._shelves = Shelves(self._folder)
        try:
            self._shelves.refresh()
            self._arrange()
            while not (self._is_closed or self._ending.is_set()):
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(REFRESH_S):
                        await self._ending.wait()
                if self._shelves.refresh():
                    for screening in self._screenings.values():
                        screening.put_shelf()
        finally:
            self._loop = None
            await self._end_all()
            self._shelves.close()

    async def _end_all(self) -> None:
        tasks = [screening.task for screening in self._screenings.values() if screening.task is not None]
        tasks += self._gone.values()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._screenings.clear()

    def _arrange(self) -> None:
        loop = asyncio.get_running_loop()
        for camera_id, sight in self._showing.items():
            screening = self._screenings.get(camera_id)
            if screening is None and sight.is_seen:
                screening = Screening(camera_id, lambda: self._moment, self._shelves)
                screening.sight = sight
                self._screenings[camera_id] = screening
                before = self._gone.get(camera_id)
                screening.task = loop.create_task(screening.run(before), name=f"play {camera_id}")
            elif screening is not None:
                screening.show(sight)
        for camera_id, screening in self._screenings.items():
            is_seen = self._showing.get(camera_id, UNSEEN).is_seen
            if is_seen and screening.leaving is not None:
                screening.leaving.cancel()
                screening.leaving = None
            elif not is_seen and screening.leaving is None:
                screening.show(UNSEEN)
                screening.leaving = loop.call_later(LINGER_S, self._leave, camera_id)

    def _leave(self, camera_id: str) -> None:
        screening = self._screenings.pop(camera_id, None)
        if screening is not None and screening.task is not None:
            screening.task.cancel()
            self._gone[camera_id] = screening.task
            screening.task.add_done_callback(lambda _task: self._gone.pop(camera_id, None))

    def _move(self) -> None:
        for screening in self._screenings.values():
            screening.follow()
