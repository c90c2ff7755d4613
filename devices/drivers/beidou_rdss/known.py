"""What a terminal has told so far and later frames need: cards by dialect, beams, subordinates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal, get_args

from devices.observations import Card, Observation, Signal, Subordinates

Dialect = Literal["bd-ascii21", "bd-ascii3", "bd-bin40"]
# A box that answers in several dialects is spoken to in the one that carries most.
PREFERENCE: Final[tuple[Dialect, ...]] = ("bd-ascii3", "bd-ascii21", "bd-bin40")
_SUBORDINATES_LIMIT: Final = 2000
_BEAMS_LIMIT: Final = 64
_SEND_COMMANDS: Final = frozenset({"TXA", "TCQ", "TXSQ", "MSG"})


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownCard:
    """The card as one dialect told it; ``card_id`` ``None``: no card is in.  ``broadcast_id`` reaches all of a net."""

    card_id: str | None
    capacity_bits: int | None
    subordinate_count: int | None
    broadcast_id: str | None = None


@dataclass(slots=True, kw_only=True)
class Known:
    """The memory of one driver.  ``capacity_bits`` is the setting that overrides every table."""

    capacity_bits: int | None = None
    cards: dict[Dialect, KnownCard] = field(default_factory=dict)
    beams: dict[str, list[int]] = field(default_factory=dict)
    subordinates: list[str] = field(default_factory=list)
    requested: str | None = None
    stale: list[Dialect] = field(default_factory=list)
    is_card_news: bool = False
    is_beam_news: bool = False

    def card(self) -> tuple[Dialect, KnownCard] | None:
        """The card to speak for and its dialect; one that is in goes before "no card"."""
        told = [(dialect, self.cards[dialect]) for dialect in PREFERENCE if dialect in self.cards]
        return next((pair for pair in told if pair[1].card_id), told[0] if told else None)

    def reference(self, command: str) -> str:
        """A feedback's command as we sent it: some boxes take one dialect's send command and feed back another's."""
        is_translated = command in _SEND_COMMANDS and self.requested in _SEND_COMMANDS
        return self.requested if is_translated and self.requested else command

    def learn_card(self, dialect: Dialect, card: Card) -> Card:
        """Remember ``card`` in place of all that were doubted; gives it back."""
        for doubted in self.stale:
            self.cards.pop(doubted, None)
        self.stale = []
        self.cards[dialect] = KnownCard(
            card_id=card.card_id,
            capacity_bits=card.capacity_bits,
            subordinate_count=card.subordinate_count,
            broadcast_id=card.broadcast_id,
        )
        self.is_card_news = True
        return card

    def doubt_cards(self) -> None:
        """Another terminal may be on the wire: its first answer replaces every card told before."""
        self.stale = list(self.cards)

    def learn_beams(self, quantity: str, levels: Mapping[int, float | None], unit: str) -> list[Observation]:
        """The levels as signals, and ``None`` for each beam that was ever there and is not listed now."""
        self.is_beam_news = True
        # BSI and PWI number their beams alike: one may not declare those of the other lost.
        scale = f"{quantity}/{unit}"
        ever = self.beams.get(scale, [])
        found = [(index, value) for index, value in levels.items()]
        found += [(index, None) for index in ever if index not in levels]
        self.beams[scale] = [*ever, *(index for index in levels if index not in ever)][:_BEAMS_LIMIT]
        return [Signal(quantity=quantity, index=index, value=value, unit=unit) for index, value in found]

    def learn_subordinates(self, cards: list[str], total: int | None, *, is_first: bool) -> Subordinates:
        """Join the pages of a list; a page that repeats a card begins a new list."""
        if is_first or any(card in self.subordinates for card in cards):
            self.subordinates = []
        self.subordinates = (self.subordinates + cards)[:_SUBORDINATES_LIMIT]
        listed = tuple(self.subordinates)
        if total is not None and len(listed) >= total:
            self.subordinates = []
        return Subordinates(cards=listed, total_count=total)

    def save(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "cards": {dialect: asdict(card) for dialect, card in self.cards.items()},
            "beams": {scale: list(indices) for scale, indices in self.beams.items()},
            "subordinates": list(self.subordinates),
            "requested": self.requested,
            "stale": list(self.stale),
            "is_card_news": self.is_card_news,
            "is_beam_news": self.is_beam_news,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue from what ``save`` gave."""
        known: dict[str, Any] = state["cards"]
        self.cards = {dialect: KnownCard(**known[dialect]) for dialect in get_args(Dialect) if dialect in known}
        self.beams = {scale: list(indices) for scale, indices in state["beams"].items()}
        self.subordinates = list(state["subordinates"])
        self.requested = state["requested"]
        self.stale = [dialect for dialect in get_args(Dialect) if dialect in state["stale"]]
        self.is_card_news = state["is_card_news"]
        self.is_beam_news = state["is_beam_news"]
