"""Sky views of GNSS receivers, put together from GSV sentences: a view comes in parts and per signal.

**Source:** GSV as in ``devices.gnss``; NMEA 4.11 appends a signal id, so one satellite appears once per signal.
**Assumed:** a signal that was not told again within 16 finished views is not received any more.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from devices.nmea import FieldFault, number, whole
from devices.observations import Satellite, Sky

FORGET_GROUPS = 16
OPEN_GROUPS = 32

SYSTEMS: Mapping[bytes, str] = {
    b"GP": "gps",
    b"GL": "glonass",
    b"GA": "galileo",
    b"GB": "beidou",
    b"BD": "beidou",
    b"GQ": "qzss",
    b"QZ": "qzss",
    b"PQ": "qzss",
    b"GI": "navic",
    b"GN": "mixed",
}


class SkyViews:
    """The views of one receiver.  Keyed on constellation, never on the satellite's number alone.  Bounded."""

    __slots__ = ("_groups", "_heard")

    def __init__(self) -> None:
        self._groups: dict[str, tuple[int, int, list[bytes]]] = {}
        self._heard: dict[str, dict[str, tuple[int, tuple[Satellite, ...]]]] = {}

    def take(self, f: list[bytes]) -> tuple[Sky, ...]:
        """The view that this GSV finishes, if it does.  ``f`` is the sentence split at commas, four fields at least.

        Raises ``FieldFault``.
        """
        total, index = whole(f[1], 1, 99), whole(f[2], 1, 99)
        if total is None or index is None or index > total:
            raise FieldFault
        slots = f[4:]
        signal = slots.pop().decode("ascii", "replace") if len(slots) % 4 == 1 else ""
        system = SYSTEMS.get(f[0][:2]) or f[0][:2].decode("ascii", "replace").lower()
        slots += [b""] * (-len(slots) % 4)
        key = f"{system}/{signal[:2]}"
        before = self._groups.pop(key, None)
        if index > 1:
            if before is None or before[:2] != (total, index):
                return ()  # a part of the view was lost: better none than half of it
            slots = before[2] + slots
        if index < total:
            if len(self._groups) >= OPEN_GROUPS:
                del self._groups[next(iter(self._groups))]
            self._groups[key] = (total, index + 1, slots)
            return ()
        return (Sky(system=system, satellites=self._merge(system, signal[:2], _satellites(system, slots))),)

    def _merge(self, system: str, signal: str, seen: tuple[Satellite, ...]) -> tuple[Satellite, ...]:
        """The view over all signals of one constellation: a satellite has the C/N0 of its best signal."""
        if system not in self._heard and len(self._heard) >= OPEN_GROUPS:
            self._heard.clear()
        signals = self._heard.setdefault(system, {})
        fresh = {
            name: (missed + 1, satellites)
            for name, (missed, satellites) in signals.items()
            if name != signal and missed < FORGET_GROUPS
        }
        fresh[signal] = (0, seen)
        self._heard[system] = fresh
        if len(fresh) == 1:
            return seen
        best: dict[int, Satellite] = {}
        for _, satellites in fresh.values():
            for one in satellites:
                other = best.get(one.number)
                if other is None or (one.cn0_dbhz or -1.0) > (other.cn0_dbhz or -1.0):
                    best[one.number] = one
        return tuple(best[one] for one in sorted(best))

    def save(self) -> dict[str, Any]:
        """Unfinished views and what was told per signal, in plain values."""
        return {
            "groups": {
                key: [total, index, [slot.hex() for slot in slots]]
                for key, (total, index, slots) in self._groups.items()
            },
            "heard": {
                system: {
                    name: [missed, [[one.number, one.elevation_deg, one.azimuth_deg, one.cn0_dbhz] for one in seen]]
                    for name, (missed, seen) in signals.items()
                }
                for system, signals in self._heard.items()
            },
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue from what ``save`` gave."""
        self._groups = {
            key: (total, index, [bytes.fromhex(slot) for slot in slots])
            for key, (total, index, slots) in state["groups"].items()
        }
        self._heard = {
            system: {
                name: (missed, tuple(_satellite(system, *one) for one in seen))
                for name, (missed, seen) in signals.items()
            }
            for system, signals in state["heard"].items()
        }


def _satellite(
    system: str, number: int, elevation_deg: float | None, azimuth_deg: float | None, cn0_dbhz: float | None
) -> Satellite:
    return Satellite(
        system=system, number=number, elevation_deg=elevation_deg, azimuth_deg=azimuth_deg, cn0_dbhz=cn0_dbhz
    )


def _satellites(system: str, slots: list[bytes]) -> tuple[Satellite, ...]:
    """Four fields a satellite; a slot without a number is empty."""
    found: list[Satellite] = []
    for at in range(0, len(slots), 4):
        name = whole(slots[at], 0, 999)
        if name is not None:
            elevation_deg, azimuth_deg = number(slots[at + 1], -90.0, 90.0), number(slots[at + 2], 0.0, 360.0)
            found.append(_satellite(system, name, elevation_deg, azimuth_deg, number(slots[at + 3], 0.0, 99.0)))
    return tuple(found)
