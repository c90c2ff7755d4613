"""Which vehicle this run is about: the file given, the person's own, or the drill vehicle."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from console.configuration.faults import ConfigurationFaults
from console.configuration.file import load
from console.configuration.kept import keep, kept
from console.configuration.model import Configuration
from console.configuration.places import find, journal_folder


@dataclass(frozen=True, slots=True)
class Chosen:
    """What to open: ``configuration`` ``None`` means the drill vehicle, whose wires are made at start.

    ``broken`` tells the faults of the file that could not be used, where its last good copy was taken instead.
    """

    configuration: Configuration | None
    folder: Path | None
    broken: ConfigurationFaults | None = None
    file: Path | None = None
    """The file that was chosen, also where its last good copy is used; ``None`` for the drill vehicle."""

    @property
    def broken_file(self) -> Path | None:
        """The file in whose stead its last good copy is used."""
        return Path(self.broken.faults[0].file) if self.broken is not None else None


def choose(given: Path | None, folder: Path | None, *, is_drill: bool, may_fall_back: bool = False) -> Chosen:
    """The given configuration, else the person's own, else the drill vehicle.

    With ``may_fall_back`` a file with faults is replaced by its last good copy, where there is one.

    Raises:
        OperatorError: the file cannot be read or has faults.
    """
    file = find(given, is_drill=is_drill)
    if file is None:
        return Chosen(None, folder)
    broken: ConfigurationFaults | None = None
    try:
        configuration = load(file)
    except ConfigurationFaults as trouble:
        copy = kept(file) if may_fall_back else None
        if copy is None:
            raise
        configuration, broken = load(copy), trouble
    else:
        if may_fall_back:
            keep(file)
    return Chosen(configuration, folder or journal_folder(configuration), broken, file)
