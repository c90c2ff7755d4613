"""A thread that reads vector layers one after the other, so that a large one never stops the window."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

from platformdirs import user_data_path

from console.surroundings import MapSource
from console.vectors.form import MOST_LAYERS, SUFFIX
from console.vectors.layer import BrokenLayer, VectorLayer, read_layer

_APPLICATION = "command-post"


def own_folder() -> Path:
    """Where the window's imports go; every layer in it is drawn without being configured."""
    return user_data_path(_APPLICATION, appauthor=False) / "maps"


def found_layers(folder: Path) -> tuple[MapSource, ...]:
    """The layers in this folder, by name."""
    try:
        files = sorted(file for file in folder.iterdir() if file.suffix == SUFFIX and not file.name.startswith("."))
    except OSError:
        return ()
    return tuple(source_of(file) for file in files[:MOST_LAYERS])


def source_of(file: Path) -> MapSource:
    """A layer that the importer made: it says its own name, datum and day."""
    return MapSource(id=f"own/{file.stem}", name="", path=file, datum="unknown")


class LayerStore:
    """What was read so far.  ``layers`` and ``broken`` are replaced whole, by the thread: look at any time.

    ``broken`` are ids with what is wrong.  Of more than ``MOST_LAYERS`` the newest are kept.
    """

    def __init__(self, sources: Sequence[MapSource]) -> None:
        self.layers: tuple[VectorLayer, ...] = ()
        self.broken: tuple[tuple[str, BrokenLayer], ...] = ()
        self._waiting = list(sources[:MOST_LAYERS])
        self._changed = threading.Condition()
        self._is_closing = False
        self._thread = threading.Thread(target=self._run, name="layers", daemon=True)

    def start(self) -> None:
        """Begin to read, in order."""
        self._thread.start()

    def add(self, source: MapSource) -> None:
        """Read this one too, in place of one of the same id."""
        with self._changed:
            self._waiting.append(source)
            self._changed.notify()

    def close(self) -> None:
        """End the thread after the layer it is at."""
        with self._changed:
            self._is_closing = True
            self._changed.notify()
        if self._thread.ident is not None:
            self._thread.join(timeout=5.0)

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
