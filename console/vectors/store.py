"""A thread that reads vector layers one after the other, so that a large one never stops the window."""

from __future__ import annotations

from collections.abc import Sequence

from console.reading import ReadingThread
from console.surroundings import MapSource
from console.vectors.form import MOST_LAYERS
from console.vectors.layer import BrokenLayer, VectorLayer, read_layer


class LayerStore(ReadingThread):
    """What was read so far.  ``layers`` and ``broken`` are replaced whole, by the thread: look at any time.

    ``broken`` are ids with what is wrong.  Of more than ``MOST_LAYERS`` the newest are kept.
    """

    def __init__(self, sources: Sequence[MapSource]) -> None:
        super().__init__("layers")
        self.layers: tuple[VectorLayer, ...] = ()
        self.broken: tuple[tuple[str, BrokenLayer], ...] = ()
        self._waiting = list(sources[:MOST_LAYERS])

    def add(self, source: MapSource) -> None:
        """Read this one too, in place of one of the same id."""
        with self._changed:
            self._waiting.append(source)
            self._changed.notify()

    def _run(self) -> None:
        while (source := self._next()) is not None:
            others = tuple(layer for layer in self.layers if layer.id != source.id)
            broken = tuple(one for one in self.broken if one[0] != source.id)
            try:
                found = read_layer(source)
            except BrokenLayer as trouble:
                broken = (*broken, (source.id, trouble))
            else:
                self.layers = (*others, found)[-MOST_LAYERS:]
            self.broken = broken

    def _next(self) -> MapSource | None:
        with self._changed:
            while not (self._waiting or self._is_closing):
                self._changed.wait()
            return None if self._is_closing else self._waiting.pop(0)
