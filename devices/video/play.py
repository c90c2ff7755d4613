"""The playing process: ``python -m devices.video.play``, one for each camera that a replay shows.

Is told which recorded files there are and where the replay stands (``devices.video.playing``), and writes the picture
of that moment into shared memory: exact to the picture, above four times the recorded pace key frames only.  Between
two pieces of news it follows the clock itself.  Ends with its stdin, at ``Stop`` and with its parent.
"""

from __future__ import annotations

import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Iterable
from pathlib import Path

from av.video.reformatter import Interpolation, VideoReformatter

from devices.video.bond import die_with_parent, speak_plainly
from devices.video.decode import fit
from devices.video.messages import Command, MessageError, Report, Show, Stop, pack, unpack
from devices.video.playing import Moment, Play, Played, PlayedState, PlayFile, Shelf
from devices.video.reel import Reel, ReelError, Shot
from devices.video.slots import Slots

_NS_PER_S = 1_000_000_000
JOIN_NS = 1 * _NS_PER_S
"""A shorter time without a picture is no gap: between two files, between two pictures of a slow camera."""

_KEY_ONLY_SPEED = 4.0
_JUMP_NS = 3 * _NS_PER_S
"""Further ahead than this it is quicker to look for the place than to read up to it."""

_LATE_NS = 1 * _NS_PER_S
_LATE_REST_NS = 10 * _NS_PER_S
_SOUGHT_NS = 3 * _NS_PER_S
_PATIENCE_NS = 300_000_000
"""Pictures on the way to the wanted one are shown only where it takes longer than this."""

_RETRY_NS = 2 * _NS_PER_S
_GROWN_NS = 300_000_000
_TOLD_NS = 500_000_000
_LONGEST_WAIT_S = 0.2
_SHORTEST_WAIT_S = 0.002


def candidates(files: Iterable[PlayFile], at_ns: int) -> list[PlayFile]:
    """The files in which this moment may lie, the best first: there before removed, whole before clip, newest first."""
    touching = [
        file
        for file in files
        if file.utc_start_ns <= at_ns and (file.utc_end_ns is None or at_ns < file.utc_end_ns + JOIN_NS)
    ]
    return sorted(touching, key=lambda file: (file.is_removed, file.is_clip, -file.utc_start_ns))


class Projector:
    """Shows one camera's recordings.  ``turn`` does what is due and gives how long to wait for the next, in seconds."""

    def __init__(self, play: Play, commands: queue.SimpleQueue[Command], say: queue.SimpleQueue[Report]) -> None:
        self._slots = Slots(play.slots)
        self._commands = commands
        self._say = say
        self._files: tuple[PlayFile, ...] = ()
        self._moment: Moment | None = None
        self._show = Show(width_px=0, height_px=0)
        self._reel: Reel | None = None
        self._failed: dict[str, tuple[PlayedState, int]] = {}
        self._shown: Shot | None = None
        self._last: Shot | None = None
        self._written_ns = 0
        self._grown_ns = 0
        self._late_until_ns = 0
        self._sought_ns = 0
        self._told = Played(state="opening")
        self._told_ns = time.monotonic_ns()
        say.put(self._told)
        self._reformatter = VideoReformatter()

    def obey(self, command: Command) -> None:
        """Take over what the console says."""
        if isinstance(command, Shelf):
            self._files = command.files
            if self._reel is not None:
                self._renew(self._reel)
        elif isinstance(command, Moment):
            self._moment = command
        elif isinstance(command, Show):
            is_larger = command.width_px > self._show.width_px
            self._show = command
            if is_larger and self._last is not None:
                self._write(self._last)

    def _renew(self, reel: Reel) -> None:
        """What is said of the open file may have changed: it has ended, or was removed."""
        found = next((file for file in self._files if file.path == reel.file.path), None)
        if found is None or found.is_removed or found.utc_start_ns != reel.file.utc_start_ns:
            self._leave()
        else:
            reel.file = found

    def _leave(self) -> None:
        if self._reel is not None:
            self._reel.close()
        self._reel = None

    @property
    def _is_news(self) -> bool:
        return not self._commands.empty()

    # ---- what is due

    def turn(self, now_ns: int) -> float:
        """Show the picture of this moment (``now_ns`` CLOCK_MONOTONIC)."""
        moment = self._moment
        if moment is None or not self._show.width_px:
            self._say_now(self._told, now_ns)
            return _LONGEST_WAIT_S
        at_ns = moment.now_ns(now_ns)
        failure = self._thread(at_ns, now_ns)
        if self._reel is not None and failure is None:
            self._follow(self._reel, at_ns, now_ns, moment)
        self._tell(at_ns, now_ns, failure)
        return self._wait_s(moment, at_ns)

    def _thread(self, at_ns: int, now_ns: int) -> tuple[PlayedState, PlayFile] | None:
        """Have the file of this moment open; gives why there is none although there should be."""
        failure: tuple[PlayedState, PlayFile] | None = None
        for file in candidates(self._files, at_ns):
            if self._reel is not None and file.path == self._reel.file.path:
                return None
            state = "removed" if file.is_removed else self._try(file, now_ns)
            if state is None:
                return None
            failure = failure or (state, file)
        self._leave()
        return failure

    def _try(self, file: PlayFile, now_ns: int) -> PlayedState | None:
        """Open this file; gives why it cannot be."""
        state, failed_ns = self._failed.get(file.path, (None, 0))
        if state is not None and now_ns - failed_ns < _RETRY_NS:
            return state
        try:
            reel = Reel(file)
        except ReelError as error:
            # What has just been begun has nothing in it yet.
            is_young = error.state == "damaged" and file.utc_end_ns is None and _size_bytes(file.path) < 100_000
            self._failed[file.path] = ("gap" if is_young else error.state, now_ns)
            return self._failed[file.path][0]
        self._leave()
        self._failed.pop(file.path, None)
        self._reel = reel
        return None

    def _follow(self, reel: Reel, at_ns: int, now_ns: int, moment: Moment) -> None:
        is_key_only = self._show.is_key_only or moment.speed > _KEY_ONLY_SPEED or now_ns < self._late_until_ns
        if reel.is_over and now_ns - self._grown_ns > _GROWN_NS and reel.has_grown():
            self._grown_ns, failed = now_ns, self._try_again(reel)
            if failed:
                return
            reel = self._reel or reel
        if is_key_only != reel.is_key_only or not reel.is_reached(at_ns, _JUMP_NS):
            try:
                reel.seek(at_ns, is_key_only=is_key_only)
            except ReelError as error:
                self._failed[reel.file.path] = (error.state, now_ns)
                self._leave()
                return
            self._sought_ns = time.monotonic_ns()
        shot = reel.advance(at_ns, lambda: self._is_news)
        self._slots.note_key_interval(reel.key_interval_ns if is_key_only else 0)
        self._watch_pace(moment, shot, at_ns)
        self._present(shot, at_ns, moment)

    def _try_again(self, reel: Reel) -> bool:
        """Open anew a file that has grown; True where that fails."""
        self._leave()
        return self._try(reel.file, time.monotonic_ns()) is not None

    def _watch_pace(self, moment: Moment, shot: Shot | None, at_ns: int) -> None:
        """A machine that is too slow for all pictures shows the key frames for a while."""
        now_ns, done_ns = time.monotonic_ns(), at_ns
        if self._is_news:
            done_ns = at_ns if shot is None else shot.at_ns
        is_late = moment.now_ns(now_ns) - done_ns > _LATE_NS * max(1.0, moment.speed)
        # What was just looked for begins at the key frame before it, and may take its time.
        if moment.speed and is_late and now_ns - self._sought_ns > _SOUGHT_NS:
            self._late_until_ns = now_ns + _LATE_REST_NS

    def _present(self, shot: Shot | None, at_ns: int, moment: Moment) -> None:
        """Write the newest picture, a tile's at its own rate; what stands still is always exact."""
        if self._last is not None and self._last.at_ns > at_ns:
            self._last = self._shown = None
        self._last = shot or self._last
        newest, rate_hz = self._last, self._show.rate_hz
        if newest is None or newest is self._shown:
            return
        since_ns = time.monotonic_ns() - self._written_ns
        interval_ns = 0.75 * _NS_PER_S / rate_hz if rate_hz and moment.speed else 0
        if since_ns < (_PATIENCE_NS if self._is_news else interval_ns):
            return
        self._write(newest)

    def _write(self, shot: Shot) -> None:
        frame, slots = shot.frame, self._slots
        shown_px = self._show.width_px, self._show.height_px
        if not shown_px[0] or not shown_px[1]:
            return
        width, height = fit((frame.width, frame.height), shown_px, slots.slot_bytes)
        picture = self._reformatter.reformat(
            frame, width, height, "bgra", interpolation=Interpolation.FAST_BILINEAR, threads=1
        )
        self._shown, self._written_ns = shot, time.monotonic_ns()
        slots.note_packet(self._written_ns)
        plane = picture.planes[0]
        slots.write(memoryview(plane), (width, height), plane.line_size, (shot.at_ns, self._written_ns))

    # ---- what is said of it

    def _tell(self, at_ns: int, now_ns: int, failure: tuple[PlayedState, PlayFile] | None) -> None:
        last = self._last if self._last is not None and self._last.at_ns <= at_ns else None
        slack_ns = JOIN_NS + (self._reel.key_interval_ns if self._reel is not None and self._is_sparse() else 0)
        if failure is not None and failure[0] != "gap":
            said = Played(state=failure[0], since_ns=failure[1].utc_start_ns, file=Path(failure[1].path).name)
        elif last is not None and at_ns - last.at_ns <= slack_ns:
            said = Played(state="playing", picture_ns=last.at_ns)
        elif self._is_news:
            said = self._told  # cut short: nothing else is known yet
        else:
            said = Played(state="gap", since_ns=self._before_ns(at_ns, last))
        self._say_now(said, now_ns)

    def _say_now(self, said: Played, now_ns: int) -> None:
        """At once where it is something else; twice a second in any case: who is silent is taken for dead."""
        is_changed = (said.state, said.file) != (self._told.state, self._told.file)
        if is_changed or now_ns - self._told_ns > _TOLD_NS:
            self._told, self._told_ns = said, now_ns
            self._say.put(said)

    def _is_sparse(self) -> bool:
        speed = self._moment.speed if self._moment is not None else 0.0
        return self._show.is_key_only or speed > _KEY_ONLY_SPEED or time.monotonic_ns() < self._late_until_ns

    def _before_ns(self, at_ns: int, last: Shot | None) -> int | None:
        """Where the gap begins: at the last picture, or at the end of the last file before it."""
        ends = [file.utc_end_ns for file in self._files if file.utc_end_ns is not None and file.utc_end_ns <= at_ns]
        if last is not None and self._reel is not None and last.at_ns >= self._reel.start_ns:
            ends.append(last.at_ns)
        return max(ends, default=None)

    def _wait_s(self, moment: Moment, at_ns: int) -> float:
        dues_ns = [file.utc_start_ns for file in self._files if file.utc_start_ns > at_ns]
        if self._reel is not None and self._reel.next_ns is not None:
            dues_ns.append(self._reel.next_ns)
        if not moment.speed or not dues_ns:
            return _LONGEST_WAIT_S
        wait_s = (min(dues_ns) - at_ns) / moment.speed / _NS_PER_S
        if self._is_sparse():
            wait_s = max(wait_s, 0.1)
        return min(max(wait_s, _SHORTEST_WAIT_S), _LONGEST_WAIT_S)

    def close(self) -> None:
        """Let the file and the memory go."""
        self._leave()
        self._slots.close()


def _size_bytes(path: str) -> int:
    try:
        return Path(path).stat().st_size
    except OSError:
        return 0


def _listen(commands: queue.SimpleQueue[Command]) -> None:
    for line in sys.stdin.buffer:
        try:
            message = unpack(line)
        except MessageError as error:
            sys.stderr.write(f"a command was not understood: {error}\n")
            continue
        if isinstance(message, Play | Shelf | Moment | Show | Stop):
            commands.put(message)
    commands.put(Stop())


def _speak(reports: queue.SimpleQueue[Report]) -> None:
    while True:
        try:
            sys.stdout.buffer.write(pack(reports.get()))
            sys.stdout.buffer.flush()
        except OSError:
            return


def _serve(commands: queue.SimpleQueue[Command], reports: queue.SimpleQueue[Report]) -> None:
    projector: Projector | None = None
    wait_s = _LONGEST_WAIT_S
    try:
        while True:
            try:
                command: Command | None = commands.get(timeout=wait_s)
            except queue.Empty:
                command = None
            if isinstance(command, Stop):
                return
            if isinstance(command, Play) and projector is None:
                projector = Projector(command, commands, reports)
            elif command is not None and projector is not None:
                projector.obey(command)
            # All news first: of several moments only the last one is looked for.
            if projector is not None and commands.empty():
                wait_s = projector.turn(time.monotonic_ns())
    finally:
        if projector is not None:
            projector.close()


def main() -> int:
    """Play until told to stop."""
    commands: queue.SimpleQueue[Command] = queue.SimpleQueue()
    reports: queue.SimpleQueue[Report] = queue.SimpleQueue()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    die_with_parent()
    speak_plainly()
    threading.Thread(target=_listen, args=(commands,), name="commands", daemon=True).start()
    threading.Thread(target=_speak, args=(reports,), name="reports", daemon=True).start()
    _serve(commands, reports)
    return 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)
