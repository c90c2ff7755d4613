"""The catalogue: one entry per driver, read from ``catalogue.toml``; classes are imported when first asked for."""

from __future__ import annotations

import importlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

from devices.driver import Chance, Driver, DriverFactory, Settings, Simulator, SimulatorFactory

FILE = Path(__file__).with_name("catalogue.toml")

Maturity = Literal["simulated", "bench", "field"]
Framing = Literal["stream", "datagram"]
Peers = Literal["apart", "together"]
Type = Literal["text", "integer", "number", "boolean", "choice"]
Problem = Literal["unknown", "type", "below", "above", "choice"]

_TYPES: Mapping[str, tuple[type, ...]] = {
    "text": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "choice": (str, int),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One key of a device's own settings.

    ``label`` and ``hint`` are message ids; ``unit`` is that of the value and of its bounds; ``None`` means no bound.
    """

    name: str
    type: Type
    default: Any = None
    unit: str | None = None
    label: str | None = None
    hint: str | None = None
    choices: tuple[Any, ...] = ()
    minimum: Any = None
    maximum: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingFault:
    """Why a key of the configuration is not taken; ``expected`` is the type, the bound or the choices."""

    key: str
    problem: Problem
    expected: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is known of a driver without importing it.

    ``transports`` are the schemes it is used over, ``line`` an example of a wire, ``reports`` and ``sends`` what it
    can tell and carry, ``group`` the place on the device screen.  ``peers``: whether each peer of a wire with many has
    an instance of its own, or one ``PeerDriver`` serves them all.
    """

    id: str
    driver: str
    framing: Framing
    transports: tuple[str, ...]
    line: str
    source: str
    maturity: Maturity
    group: str
    simulator: str | None = None
    reports: tuple[str, ...] = ()
    sends: tuple[str, ...] = ()
    peers: Peers = "apart"
    settings: Mapping[str, Setting] = field(default_factory=dict)

    def check(self, given: Settings) -> list[SettingFault]:
        """Every fault of the given settings, in the order of the keys."""
        return [fault for key, value in given.items() if (fault := self._fault(key, value)) is not None]

    def complete(self, given: Settings) -> dict[str, Any]:
        """The settings with the defaults filled in; a default of ``None`` leaves the key out."""
        settings = {name: setting.default for name, setting in self.settings.items() if setting.default is not None}
        return settings | dict(given)

    def _fault(self, key: str, value: object) -> SettingFault | None:
        setting = self.settings.get(key)
        if setting is None:
            return SettingFault(key=key, problem="unknown", expected=", ".join(self.settings))
        if not isinstance(value, _TYPES[setting.type]) or (isinstance(value, bool) and setting.type != "boolean"):
            return SettingFault(key=key, problem="type", expected=setting.type)
        if setting.choices and value not in setting.choices:
            return SettingFault(key=key, problem="choice", expected=", ".join(str(one) for one in setting.choices))
        return _bound_fault(setting, value)


def _bound_fault(setting: Setting, value: object) -> SettingFault | None:
    if not isinstance(value, (int, float)):
        return None
    if setting.minimum is not None and not value >= setting.minimum:
        return SettingFault(key=setting.name, problem="below", expected=f"{setting.minimum:g}")
    if setting.maximum is not None and not value <= setting.maximum:
        return SettingFault(key=setting.name, problem="above", expected=f"{setting.maximum:g}")
    return None


@cache
def entries() -> Mapping[str, Entry]:
    """Every entry by its id, in the order of the file.  An entry that cannot be read is our own mistake: raises."""
    return {name: _entry(name, table) for name, table in tomllib.loads(FILE.read_text(encoding="utf-8")).items()}


def _entry(name: str, table: Mapping[str, Any]) -> Entry:
    keys = set(table) - {"class", "settings"}
    if unknown := keys - set(Entry.__dataclass_fields__):
        raise ValueError(f"catalogue entry {name}: unknown keys {sorted(unknown)}")
    if table["maturity"] not in get_args(Maturity) or table["framing"] not in get_args(Framing):
        raise ValueError(f"catalogue entry {name}: maturity or framing is none of the words")
    if table.get("peers", "apart") not in get_args(Peers):
        raise ValueError(f"catalogue entry {name}: peers is none of the words")
    plain: dict[str, Any] = {key: tuple(table[key]) if isinstance(table[key], list) else table[key] for key in keys}
    settings = {key: _setting(name, key, value) for key, value in table.get("settings", {}).items()}
    return Entry(id=name, driver=table["class"], settings=settings, **plain)


def _setting(entry: str, name: str, table: Mapping[str, Any]) -> Setting:
    if table.get("type") not in get_args(Type):
        raise ValueError(f"catalogue entry {entry}: setting {name} has no known type")
    plain: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}
    return Setting(name=name, **plain)


def _load(path: str) -> Any:  # noqa: ANN401 - a class found by its name
    module, _, name = path.partition(":")
    return getattr(importlib.import_module(module), name)


def driver_class(driver_id: str) -> DriverFactory:
    """The driver of that id.  Raises ``KeyError`` for an unknown id."""
    factory: DriverFactory = _load(entries()[driver_id].driver)
    return factory


def make_driver(driver_id: str, settings: Settings) -> Driver:
    """A new driver with its settings completed.  Raises ``KeyError`` for an unknown id."""
    return driver_class(driver_id)(entries()[driver_id].complete(settings))


def simulator_class(driver_id: str) -> SimulatorFactory | None:
    """The device's end for that driver, ``None`` where there is none.  Raises ``KeyError`` for an unknown id."""
    path = entries()[driver_id].simulator
    if path is None:
        return None
    factory: SimulatorFactory = _load(path)
    return factory


def make_simulator(driver_id: str, settings: Settings, chance: Chance) -> Simulator | None:
    """A new simulator; its settings are its own and are not checked against the catalogue."""
    factory = simulator_class(driver_id)
    return None if factory is None else factory(settings, chance)
