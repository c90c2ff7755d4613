"""The air between simulated terminals: carries texts and places from card to card, late, and not always.

A terminal says that it radiated; whether it was received the air alone knows, and only receipts tell it.

**Assumed:** a broadcast address reaches every terminal that has it, a group's number its members; a commander hears
what its subordinates send and are sent.  The system keeps receipts and the last place of every card.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from devices.driver import NS_PER_S, Chance
from devices.simulators.beidou_rdss.speech import Place

_KEPT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A text on its way to one terminal, there at ``due_ns``; ``is_copy``: overheard by a commander."""

    sender: str
    recipient: str
    text: str
    sent_ns: int
    due_ns: int
    is_copy: bool


@dataclass(slots=True, kw_only=True)
class _Member:
    """A terminal on the air and what is on its way to it."""

    broadcast: str
    subordinates: frozenset[str]
    texts: list[Heard]
    places: list[tuple[int, Place]]


class Air:
    """Joins terminals by their cards.

    ``loss`` 0..1 is how likely a transmission is lost, ``lost`` numbers those (from 1) that surely are; ``delay_s``
    how long the others take, at least and at most; ``groups`` are BDS-3 group numbers and their members.
    """

    def __init__(
        self,
        chance: Chance,
        *,
        loss: float = 0.0,
        lost: Collection[int] = (),
        delay_s: tuple[float, float] = (1.0, 3.0),
        groups: Mapping[str, Collection[str]] | None = None,
    ) -> None:
        self.radiated: list[tuple[str, str, str]] = []
        """Sender, recipient and text of everything that was radiated, lost or not; the newest 200."""
        self._chance = chance
        self._loss = loss
        self._lost = frozenset(lost)
        self._delay_s = delay_s
        self._groups = groups or {}
        self._members: dict[str, _Member] = {}
        self._receipts: list[tuple[str, str, int, int]] = []
        self._places: dict[str, Place] = {}
        self._count = 0

    def join(self, card: str, broadcast: str, subordinates: Collection[str]) -> None:
        """A terminal with this card is there."""
        self._members[card] = _Member(broadcast=broadcast, subordinates=frozenset(subordinates), texts=[], places=[])

    def radiate(self, sender: str, recipient: str, text: str, at_ns: int) -> None:
        """A terminal sends a text."""
        self.radiated = [*self.radiated, (sender, recipient, text)][-_KEPT:]
        if self._is_lost():
            return
        due_ns = self._due_ns(at_ns)
        heard = Heard(sender=sender, recipient=recipient, text=text, sent_ns=at_ns, due_ns=due_ns, is_copy=False)
        for card, member in self._members.items():
            is_copy = not self._is_meant(card, member, recipient)
            if card != sender and (not is_copy or member.subordinates & {sender, recipient}):
                member.texts = [*member.texts, replace(heard, is_copy=is_copy)][-_KEPT:]

    def report(self, recipient: str, place: Place) -> None:
        """A terminal reports where it is."""
        if self._is_lost():
            return
        self._places[place.card] = place
        for card, member in self._members.items():
            if card == recipient or place.card in member.subordinates:
                member.places = [*member.places, (self._due_ns(place.at_ns), place)][-_KEPT:]

    def texts_for(self, card: str, at_ns: int) -> list[Heard]:
        """The texts that are there by now, each once; having them makes the receipt."""
        member = self._members[card]
        there = [one for one in member.texts if one.due_ns <= at_ns]
        member.texts = [one for one in member.texts if one.due_ns > at_ns]
        got = [(one.sender, card, one.sent_ns, at_ns) for one in there if one.recipient == card]
        self._receipts = [*self._receipts, *got][-_KEPT:]
        return there

    def places_for(self, card: str, at_ns: int) -> list[Place]:
        """The reports that are there by now, each once."""
        member = self._members[card]
        there = [place for due_ns, place in member.places if due_ns <= at_ns]
        member.places = [one for one in member.places if one[0] > at_ns]
        return there

    def miss(self, card: str, at_ns: int) -> None:
        """A terminal that receives nothing now: what would be there by now is gone, without a receipt."""
        member = self._members[card]
        member.texts = [one for one in member.texts if one.due_ns > at_ns]
        member.places = [one for one in member.places if one[0] > at_ns]

    def receipts(self, sender: str, recipient: str) -> list[tuple[int, int]]:
        """When texts to this recipient were sent and received; the newest five."""
        return [(sent, got) for who, card, sent, got in self._receipts if (who, card) == (sender, recipient)][-5:]

    def last_place(self, card: str) -> Place | None:
        """Where the system last knew this card to be: as old as its report."""
        return self._places.get(card)

    def _is_meant(self, card: str, member: _Member, recipient: str) -> bool:
        return recipient in {card, member.broadcast} or card in self._groups.get(recipient, ())

    def _is_lost(self) -> bool:
        self._count += 1
        return self._count in self._lost or self._chance() < self._loss

    def _due_ns(self, at_ns: int) -> int:
        least_s, most_s = self._delay_s
        return at_ns + round((least_s + (most_s - least_s) * self._chance()) * NS_PER_S)
