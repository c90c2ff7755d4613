"""What a driver understood of raw octets, line by line: for the workbench and the raw log, never for the engine."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from console.queries import RecordLine
from console.records import Kind
from devices.catalogue import make_driver
from devices.driver import Driver, Settings
from devices.observations import Observation


class Lens:
    """A driver of its own that reads along with one device's wire."""

    def __init__(self, driver_id: str, settings: Settings) -> None:
        self._driver_id = driver_id
        self._settings = settings
        self._drivers: dict[str, Driver] = {}

    def look(self, line: RecordLine) -> RecordLine:
        """The line with what it made the driver understand; lines must come in order."""
        if line.kind != Kind.OCTETS or line.is_outgoing:
            return line
        driver = self._drivers.get(line.peer)
        if driver is None:
            driver = self._drivers[line.peer] = make_driver(self._driver_id, self._settings)
        seen = driver.receive(line.payload, line.at_ns)
        return replace(line, understood=tuple(as_json(one) for one in seen))


def as_json(seen: Observation) -> str:
    """One observation as a JSON object that names its kind; raw octets in hex."""
    fields = {
        name: value.hex() if isinstance(value, bytes) else value
        for name in type(seen).__dataclass_fields__
        if (value := getattr(seen, name)) is not None
    }
    return msgspec.json.encode({"kind": type(seen).__name__, **fields}).decode()
