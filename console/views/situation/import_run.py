"""One import at a time, as a process of its own: the window never waits for it and never loads what it loads."""

from __future__ import annotations

from PySide6.QtCore import QObject, QProcess, QTimer, Signal

from console.importing import extra
from console.importing.asking import Wish
from console.importing.job import Progress, Refused, Report, understood
from console.importing.trouble import refusal
from console.trouble import OperatorError

_ENDS_WITHIN_MS = 5_000
_CLOSES_WITHIN_MS = 3_000


class ImportRun(QObject):
    """``ended`` carries the Report, the OperatorError, or ``None`` where it was cancelled; nothing half is left."""

    progressed = Signal(object)
    """Progress."""
    ended = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._process: QProcess | None = None
        self._wish: Wish | None = None
        self._answer: Report | OperatorError | None = None
        self._is_cancelled = False

    @property
    def is_running(self) -> bool:
        """Whether a process is at work."""
        return self._process is not None

    def start(self, wish: Wish) -> None:
        """Begin; where that is not possible, ``ended`` says why before this returns."""
        if self._process is not None:
            return
        try:
            _check(wish)
        except OperatorError as trouble:
            self.ended.emit(trouble)
            return
        self._wish, self._answer, self._is_cancelled = wish, None, False
        process = self._process = QProcess()
        process.setStandardInputFile(QProcess.nullDevice())
        # What libraries complain of is told by the importer itself where it matters.
        process.setStandardErrorFile(QProcess.nullDevice())
        process.readyReadStandardOutput.connect(self._read)
        process.finished.connect(self._finish)
        process.errorOccurred.connect(self._fail)
        program, *words = wish.command()
        process.start(program, words)

    def cancel(self) -> None:
        """End it; ``ended`` follows."""
        process = self._process
        if process is None:
            return
        self._is_cancelled = True
        process.terminate()
        QTimer.singleShot(_ENDS_WITHIN_MS, process, process.kill)

    def close(self) -> None:
        """The window goes: end it, and wait until what it made so far is swept."""
        process, self._process = self._process, None
        if process is None:
            return
        process.blockSignals(True)  # noqa: FBT003 - Qt's
        process.terminate()
        if not process.waitForFinished(_CLOSES_WITHIN_MS):
            process.kill()
            process.waitForFinished(_CLOSES_WITHIN_MS)

    # ---- from the process

    def _read(self) -> None:
        process = self._process
        while process is not None and process.canReadLine():
            line = understood(bytes(process.readLine().data()))
            if isinstance(line, Progress):
                self.progressed.emit(line)
            elif isinstance(line, Report):
                self._answer = line
            elif isinstance(line, Refused):
                self._answer = OperatorError(*line.texts())

    def _fail(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart:
            self._end(_crashed(self._wish, -1))

    def _finish(self, code: int) -> None:
        self._read()
        if self._answer is None and not self._is_cancelled:
            self._answer = _crashed(self._wish, code)
        self._end(self._answer)

    def _end(self, outcome: Report | OperatorError | None) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.deleteLater()
            self.ended.emit(outcome)


def _check(wish: Wish) -> None:
    """Raises OperatorError where it need not even begin."""
    if not extra.is_there():
        raise refusal("no_extra", command=extra.INSTALL)
    try:
        wish.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise refusal("unwritable", file=str(wish.folder), detail=error.strerror or str(error)) from error


def _crashed(wish: Wish | None, code: int) -> OperatorError:
    return refusal("crashed", file=wish.source.name if wish is not None else "", code=code)
