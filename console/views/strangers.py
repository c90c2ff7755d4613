"""Who is heard and stands behind no team: ids that a person may give a name."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from console.picture import Device, Picture
from console.views.telling import HEARING_GROUPS, names_of

_GROUPS = (*HEARING_GROUPS, "modem")
_STATION_KEYS = ("condition.on-air", "condition.core", "condition.mains", "terminals")
MOST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Stranger:
    """An id that was heard by a device; ``name`` is what it calls itself."""

    device_id: str
    device_name: str
    subject: str
    name: str | None
    at_ns: int
    kind: str | None

    @property
    def means(self) -> str:
        """As the means of a team."""
        return f"{self.device_id}/{self.subject}"


def strangers(picture: Picture) -> list[Stranger]:
    """Those heard and of no team and no roster, the last heard first.  Base stations are nobody."""
    known = names_of(picture)
    found = [one for device in picture.devices if device.group in _GROUPS for one in _of(device, known)]
    return sorted(found, key=lambda one: (-one.at_ns, one.means))[:MOST]


def _of(device: Device, known: Collection[tuple[str, str]]) -> list[Stranger]:
    stations = {fact.subject for fact in device.facts if fact.key in _STATION_KEYS}
    return [
        Stranger(
            device_id=device.id,
            device_name=device.name,
            subject=one.subject,
            name=one.name,
            at_ns=one.at_ns,
            kind=one.kind,
        )
        for one in device.heard
        if one.at_ns is not None and one.subject not in stations and (device.id, one.subject.lstrip("0")) not in known
    ]


def team_id_for(means: str, taken: Collection[str]) -> str:
    """An id for the guest behind this means, as ids of the file are written, and nobody's yet."""
    plain = "".join(sign if sign.isascii() and (sign.isalnum() or sign in "-_") else "-" for sign in means)
    base = f"guest-{plain}"[:56]
    folded = {one.casefold() for one in taken}
    numbered = (base if number == 1 else f"{base}-{number}" for number in range(1, len(folded) + 2))
    return next(one for one in numbered if one.casefold() not in folded)
