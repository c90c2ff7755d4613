"""Texts that arrive in parts are put together; one that stays incomplete is told with its gaps, never dropped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from devices.driver import NS_PER_S
from devices.drivers.at_modem import gsm
from devices.drivers.at_modem.pdu import Alphabet, Deliver
from devices.observations import TextMessage

GROUPS: Final = 8
HELD_PARTS: Final = 48
WAIT_NS: Final = 300 * NS_PER_S


@dataclass(slots=True, kw_only=True)
class _Group:
    sender: str
    number: int
    total: int
    began_ns: int
    is_stored: bool
    time_ns: int | None
    parts: dict[int, tuple[Alphabet, bytes, int | None]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A text, and the places in the card's memory that it came from."""

    message: TextMessage
    places: tuple[int, ...]


class Parts:
    """Unfinished texts: 8 at most, 48 parts in all, five minutes each.

    A part read from memory stays there until its text is told, so that no crash loses it.
    """

    def __init__(self) -> None:
        self._groups: list[_Group] = []

    def take(self, told: Deliver, place: int | None, at_ns: int, *, is_stored: bool) -> list[Finished]:
        """One text or part that arrived; ``place`` is where the card keeps it."""
        if told.total == 1:
            part = (told.alphabet, told.data, place)
            whole = _Group(
                sender=told.sender, number=0, total=1, began_ns=at_ns, is_stored=is_stored, time_ns=told.time_ns,
                parts={1: part},
            )  # fmt: skip
            return [_finished(whole)]
        group = self._group(told, at_ns, is_stored=is_stored)
        if told.index not in group.parts:  # one that is listed once more is no news
            group.parts[told.index] = (told.alphabet, told.data, place)
            group.is_stored = group.is_stored and is_stored
        if len(group.parts) == group.total:
            self._groups.remove(group)
            return [_finished(group)]
        return self._bound()

    def expire(self, at_ns: int) -> list[Finished]:
        """What has waited for its missing parts long enough, told with gaps."""
        late = [group for group in self._groups if not 0 <= at_ns - group.began_ns < WAIT_NS]
        self._groups = [group for group in self._groups if group not in late]
        return [_finished(group) for group in late]

    def places(self) -> list[int]:
        """Where the card keeps the parts that are held here."""
        return [place for group in self._groups for _, _, place in group.parts.values() if place is not None]

    def _group(self, told: Deliver, at_ns: int, *, is_stored: bool) -> _Group:
        for group in self._groups:
            if (group.sender, group.number, group.total) == (told.sender, told.group, told.total):
                return group
        group = _Group(
            sender=told.sender, number=told.group, total=told.total, began_ns=at_ns, is_stored=is_stored,
            time_ns=told.time_ns,
        )  # fmt: skip
        self._groups.append(group)
        return group

    def _bound(self) -> list[Finished]:
        told = []
        while len(self._groups) > GROUPS or sum(len(group.parts) for group in self._groups) > HELD_PARTS:
            told.append(_finished(self._groups.pop(0)))
        return told

    def save(self) -> list[Any]:
        """Plain values."""
        return [
            {
                "sender": group.sender,
                "number": group.number,
                "total": group.total,
                "began_ns": group.began_ns,
                "is_stored": group.is_stored,
                "time_ns": group.time_ns,
                "parts": [[index, kind, data.hex(), place] for index, (kind, data, place) in group.parts.items()],
            }
            for group in self._groups
        ]

    def restore(self, state: Sequence[Mapping[str, Any]]) -> None:
        """Continue from what ``save`` gave."""
        self._groups = [
            _Group(
                sender=one["sender"], number=one["number"], total=one["total"], began_ns=one["began_ns"],
                is_stored=one["is_stored"], time_ns=one["time_ns"],
                parts={index: (kind, bytes.fromhex(data), place) for index, kind, data, place in one["parts"]},
            )
            for one in state
        ]  # fmt: skip


def _finished(group: _Group) -> Finished:
    """Parts of one alphabet are joined before they are read: a letter may be cut between two."""
    text, run, kind, is_gap = "", b"", "gsm7", False
    for index in range(1, group.total + 1):
        alphabet, data, _ = group.parts.get(index, (None, b"", None))
        if alphabet != kind and run:
            text += _read(kind, run)
            run = b""
        if alphabet is None:
            text += "" if is_gap else f" [… {index}/{group.total} …] "
        else:
            kind = alphabet
            run += data
        is_gap = alphabet is None
    message = TextMessage(
        sender=group.sender,
        text=text + _read(kind, run),
        source_time_ns=group.time_ns,
        is_stored=group.is_stored,
    )
    places = tuple(place for _, _, place in group.parts.values() if place is not None)
    return Finished(message=message, places=places)


def _read(kind: str, data: bytes) -> str:
    if kind == "ucs2":
        return data.decode("utf-16-be", "replace")
    return gsm.text_of(data) if kind == "gsm7" else data.decode("utf-8", "replace")
