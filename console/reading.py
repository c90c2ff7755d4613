"""A thread that reads what may lie on a slow stick, so that it never stops the window."""

from __future__ import annotations

import threading

_ENDS_WITHIN_S = 5.0


class ReadingThread:
    """Whoever reads in it gives ``_run``, which ends soon after ``_is_closing``; ``_changed`` guards what it shares."""

    def __init__(self, name: str) -> None:
        self._is_closing = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def _run(self) -> None:
        raise NotImplementedError

    @property
    def has_begun(self) -> bool:
        """Whether it was started."""
        return self._thread.ident is not None

    def start(self) -> None:
        """Begin to read, in order."""
        self._thread.start()

    def close(self) -> None:
        """End the thread after what it is at; it lets go of its files."""
        with self._changed:
            self._is_closing = True
            self._changed.notify_all()
        if self.has_begun:
            self._thread.join(timeout=_ENDS_WITHIN_S)
