"""The receiver's process: ``python -m devices.video.receive``, one a source.

Commands come as JSON lines on stdin, reports go as JSON lines to stdout (``devices.video.messages``); nothing secret
stands on the command line.  It opens when told and says how it ended; when to try again is the console's to decide.
Ends with its stdin, at ``Stop``, at SIGTERM and with its parent; the recording is finished first.
"""

from __future__ import annotations

import os
import queue
import signal
import sys
import threading
import time
import traceback
from dataclasses import replace
from pathlib import Path
from types import FrameType

from devices.video.bond import die_with_parent, speak_plainly
from devices.video.link import DecoderLink
from devices.video.messages import (
    Close,
    Command,
    Fault,
    MessageError,
    Open,
    Prepare,
    Ready,
    Report,
    Save,
    Segment,
    Show,
    Status,
    Stop,
    pack,
    redact,
    unpack,
)
from devices.video.piece import SourceError
from devices.video.record import Recorder
from devices.video.session import Condition, Session
from devices.video.slots import Slots
from devices.video.stage import Stage

_NS_PER_S = 1_000_000_000
_TURN_S = 0.1
_NO_PICTURE_NS = 2_000_000_000
_MOST_LEAVING = 4
_TOLD_AT_ONCE = (
    "state", "reason", "is_connected", "is_recording", "decoder_pid", "grade", "width_px", "codec", "health"
)  # fmt: skip
EXIT_HUNG = 70


class Receiver:
    """One camera's receiver.  All methods but the demuxing thread's belong to the main thread."""

    def __init__(self, prepare: Prepare, say: queue.SimpleQueue[Report]) -> None:
        self._prepare = prepare
        self._say = say
        self._slots = Slots(prepare.slots)
        self._link = DecoderLink(prepare, self._slots)
        self._recorder: Recorder | None = None
        if prepare.record_folder is not None:
            self._recorder = Recorder(Path(prepare.record_folder), prepare, say.put)
        self._stage = Stage(self._slots, self._link, self._recorder)
        self._gone_bytes = 0
        self._trouble: str | None = None
        self._next: Open | None = None
        self._shown_ns = 0
        self._told = Status(state="down")
        self._told_ns = 0

    def obey(self, command: Command) -> None:
        """Do what the console asks."""
        if isinstance(command, Open):
            self._open(command)
        elif isinstance(command, Show):
            if not self._link.is_shown:
                self._shown_ns = time.monotonic_ns()
            self._link.show(command)
        elif isinstance(command, Save):
            self._save(command)
        elif isinstance(command, Close):
            self._next = None
            self._end_sessions()

    def _save(self, wanted: Save) -> None:
        if self._recorder is not None:
            self._recorder.save(wanted)
        else:
            self._say.put(Segment(event="save-failed", clip_id=wanted.clip_id, reason="not-kept"))

    def turn(self) -> None:
        """What is due: begin, watch, report."""
        now_ns = time.monotonic_ns()
        self._link.tend(now_ns)
        self._gone_bytes += self._stage.bury()
        self._watch_coming(now_ns)
        session = self._stage.current
        if session is None:
            self._begin()
        elif not session.is_alive:
            self._finish(session)
        elif session.is_hung(now_ns) or len(self._stage.leaving) > _MOST_LEAVING:
            self._say.put(replace(self._told, state="down", reason="receiver-hung", is_connected=False))
            raise TimeoutError
        else:
            self._tell(session, self._with_picture(session, session.judge(now_ns), now_ns), now_ns)

    def _open(self, wanted: Open) -> None:
        """Begin, beside what runs; the same stream under another grade goes on as it is."""
        current, self._trouble = self._stage.current, None
        if current is None or current.ending.is_set():
            self._next = wanted
        elif wanted.url == current.url and "stills" not in {wanted.grade, current.grade}:
            current.grade = wanted.grade
            self._stage.dismiss_coming()
        else:
            self._stage.enter(Session(self._prepare.camera_id, wanted))

    def _begin(self) -> None:
        if self._next is None:
            return
        wanted, self._next = self._next, None
        session = Session(self._prepare.camera_id, wanted)
        self._stage.enter(session)
        self._tell(session, Condition(state="connecting"), time.monotonic_ns())

    def _watch_coming(self, now_ns: int) -> None:
        """An opening in the wings that fails or hangs costs nothing but itself, and is said."""
        coming = self._stage.coming
        if coming is None or (coming.is_alive and not coming.is_hung(now_ns)):
            return
        if self._stage.dismiss_coming():
            self._trouble = "switch-failed"

    def _end_sessions(self) -> None:
        self._stage.dismiss_coming()
        if self._stage.current is not None:
            self._stage.current.ending.set()

    def _finish(self, session: Session) -> None:
        error = session.end or SourceError("failed")
        self._gone_bytes += session.meter.total_bytes
        self._stage.promote(error.reason)
        coming = self._stage.current
        if coming is not None:
            self._tell(coming, Condition(state="connecting"), time.monotonic_ns())
            return
        detail = redact(error.detail, session.secrets)[:300] or None
        self._say_status(
            Status(
                state="down",
                reason=error.reason,
                detail=detail,
                decoder_pid=self._link.pid,
                grade=session.grade,
                received_bytes=self._received_bytes(),
            )
        )

    def _received_bytes(self) -> int:
        stage = self._stage
        running = [one for one in (stage.current, stage.coming, *stage.leaving) if one is not None]
        return self._gone_bytes + sum(session.meter.total_bytes for session in running)

    def _with_picture(self, session: Session, condition: Condition, now_ns: int) -> Condition:
        """Packets without pictures are no live picture while somebody looks."""
        if condition.state != "live" or not self._link.is_shown:
            return condition
        since_ns = max(self._shown_ns, session.key_ns or 0, self._slots.picture_stamp_ns)
        # Where key frames alone are decoded the next picture may be seconds away.
        if now_ns - since_ns <= _NO_PICTURE_NS + self._slots.key_interval_ns:
            return condition
        crashed_ns = self._link.crashed_ns
        has_crashed = crashed_ns is not None and crashed_ns >= since_ns
        return Condition(state="stalled", reason="decoder-crashed" if has_crashed else "no-picture", is_connected=True)

    def _tell(self, session: Session, condition: Condition, now_ns: int) -> None:
        source, recorder = session.source, self._recorder
        rates = session.meter.turn(now_ns)
        found = self._slots.health() if condition.state in {"live", "delayed"} and self._link.is_shown else None
        status = Status(
            state="abnormal" if found else condition.state,
            health=found[0] if found else None,
            health_age_ns=max(0, now_ns - found[1]) if found else None,
            reason=condition.reason or self._trouble or (recorder.reason if recorder is not None else None),
            is_connected=condition.is_connected,
            packet_age_ns=max(0, now_ns - session.stamp_ns) if session.stamp_ns else None,
            width_px=source.width_px if source else None,
            height_px=source.height_px if source else None,
            codec=source.codec if source else None,
            rate_fps=round(rates[0], 1) if rates else None,
            rate_bps=round(rates[1]) if rates else None,
            is_recording=recorder is not None and recorder.is_recording,
            decoder_pid=self._link.pid,
            gaps=session.meter.gaps,
            grade=session.grade,
            received_bytes=self._received_bytes(),
        )
        told = self._told
        is_changed = any(getattr(status, name) != getattr(told, name) for name in _TOLD_AT_ONCE)
        if is_changed or now_ns - self._told_ns >= _NS_PER_S:
            self._say_status(status)

    def _say_status(self, status: Status) -> None:
        self._told, self._told_ns = status, time.monotonic_ns()
        self._say.put(status)

    def close(self) -> None:
        """End in order within two seconds; a blocked read is left to the end of the process."""
        self._next = None
        self._end_sessions()
        if self._stage.current is not None:
            self._stage.current.join(0.5)
        if self._recorder is not None:
            self._recorder.close(1.5)
        self._link.close()


def _listen(commands: queue.SimpleQueue[Command]) -> None:
    for line in sys.stdin.buffer:
        try:
            message = unpack(line)
        except MessageError as error:
            sys.stderr.write(f"a command was not understood: {error}\n")
            continue
        if isinstance(message, Prepare | Open | Show | Save | Close | Stop):
            commands.put(message)
    commands.put(Stop())


def _speak(reports: queue.SimpleQueue[Report | None]) -> None:
    while (report := reports.get()) is not None:
        try:
            sys.stdout.buffer.write(pack(report))
            sys.stdout.buffer.flush()
        except OSError:
            return


def _serve(commands: queue.SimpleQueue[Command], reports: queue.SimpleQueue[Report | None]) -> int:
    receiver: Receiver | None = None
    reports.put(Ready(pid=os.getpid()))
    segments_and_status: queue.SimpleQueue[Report] = reports  # type: ignore[assignment]
    try:
        while True:
            try:
                command: Command | None = commands.get(timeout=_TURN_S)
            except queue.Empty:
                command = None
            if isinstance(command, Stop):
                return 0
            if isinstance(command, Prepare) and receiver is None:
                receiver = Receiver(command, segments_and_status)
            elif command is not None and receiver is not None:
                receiver.obey(command)
            if receiver is not None:
                receiver.turn()
    except TimeoutError:
        return EXIT_HUNG
    finally:
        if receiver is not None:
            receiver.close()


def main() -> int:
    """Receive until told to stop."""
    commands: queue.SimpleQueue[Command] = queue.SimpleQueue()
    reports: queue.SimpleQueue[Report | None] = queue.SimpleQueue()

    def stop(_number: int, _frame: FrameType | None) -> None:
        commands.put(Stop())

    def fault(args: threading.ExceptHookArgs) -> None:
        # A thread that is gone would leave a report that is no longer true: begin anew.
        words = traceback.format_exception(args.exc_type, args.exc_value, args.exc_traceback)
        reports.put(Fault(where=args.thread.name if args.thread else "thread", traceback=redact("".join(words))))
        commands.put(Stop())

    threading.excepthook = fault
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    die_with_parent()
    speak_plainly()
    threading.Thread(target=_listen, args=(commands,), name="commands", daemon=True).start()
    speaker = threading.Thread(target=_speak, args=(reports,), name="reports", daemon=True)
    speaker.start()
    try:
        return _serve(commands, reports)
    except (OSError, RuntimeError, ValueError, TypeError, LookupError, AttributeError):
        reports.put(Fault(where="receive", traceback=redact(traceback.format_exc())))
        return 1
    finally:
        reports.put(None)
        speaker.join(1.0)


if __name__ == "__main__":
    code = main()
    # Not sys.exit: a read that is still blocked in the library must not hold the process.
    os._exit(code)
