"""When to ask a terminal for its card and its beams.  Local queries only: nothing here is transmitted over the air.

**Source:** CCICA, CCICR and ICJC as published; ``CCRMO,BSI`` and ``CCRMO,PWI`` and GLJC switch on beam reports,
``CCRMO,ZTI`` reports of the terminal's own state; XTZJ asks for one self-test.  BDS-3 publishes no such sentence.
**Assumed:** an unanswered dialect is harmless to ask; a terminal that has lost power forgets what was switched on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from devices.driver import NS_PER_S
from devices.drivers.beidou_rdss.framing import binary_frame, sentence
from devices.drivers.beidou_rdss.known import PREFERENCE, Dialect, Known

UNANSWERED_NS: Final = 10 * NS_PER_S
ANSWERED_NS: Final = 60 * NS_PER_S
BEAMS_NS: Final = 30 * NS_PER_S
_SILENT_ASKS: Final = 3

_CARD: Final[dict[Dialect, bytes]] = {
    "bd-ascii21": sentence(b"CCICA,0,00"),
    "bd-ascii3": sentence(b"CCICR,0,00"),
    "bd-bin40": binary_frame(b"ICJC", 0, b"\0"),
}
_SUBORDINATES: Final[dict[Dialect, bytes]] = {
    "bd-ascii21": sentence(b"CCICA,1,00"),
    "bd-ascii3": sentence(b"CCICR,2,00"),
    "bd-bin40": binary_frame(b"ICJC", 0, b"\1"),
}
_BEAMS: Final[dict[Dialect, bytes]] = {
    "bd-ascii21": sentence(b"CCRMO,BSI,2,10"),
    "bd-ascii3": sentence(b"CCRMO,PWI,2,5"),
    "bd-bin40": binary_frame(b"GLJC", 0, b"\x0a"),
}
_STATE: Final[dict[Dialect, bytes]] = {
    "bd-ascii21": sentence(b"CCRMO,ZTI,2,60"),
    "bd-bin40": binary_frame(b"XTZJ", 0, b"\0\0"),
}


class Asking:
    """The driver's own queries: all dialects until a card has answered, then slowly in the card's dialect."""

    def __init__(self) -> None:
        self._asked_ns: int | None = None
        self._beams_ns: int | None = None
        self._silent_asks = _SILENT_ASKS
        self._introduced: str | None = None

    def due(self, at_ns: int, known: Known) -> list[bytes]:
        """What to ask now."""
        told = known.card()
        has_card = told is not None and told[1].card_id is not None
        if known.is_card_news:
            known.is_card_news = False
            self._silent_asks = 0
        is_new = told is not None and has_card and told[0] != self._introduced and self._silent_asks == 0
        questions: list[bytes] = []
        pause_ns = ANSWERED_NS if has_card and self._silent_asks < _SILENT_ASKS else UNANSWERED_NS
        if _is_past(self._asked_ns, pause_ns, at_ns):
            self._asked_ns = at_ns
            questions = self._cards(known)
            self._silent_asks = min(self._silent_asks + 1, _SILENT_ASKS)
        elif not is_new and not (has_card and _is_past(self._beams_ns, BEAMS_NS, at_ns)):
            return []
        return questions + (self._extras(at_ns, known, is_new=is_new) if has_card else [])

    def start_again(self) -> None:
        """The wire went down: whatever comes up next may be another terminal."""
        self._asked_ns = None
        self._beams_ns = None
        self._silent_asks = _SILENT_ASKS
        self._introduced = None

    def _cards(self, known: Known) -> list[bytes]:
        told = known.card()
        if told is None or self._silent_asks >= _SILENT_ASKS:
            known.doubt_cards()
            return [_CARD[dialect] for dialect in reversed(PREFERENCE)]
        return [_CARD[told[0]]]

    def _extras(self, at_ns: int, known: Known, *, is_new: bool) -> list[bytes]:
        """Beam reports where none came lately, and the subordinates of a card that is new."""
        told = known.card()
        if told is None or self._silent_asks >= _SILENT_ASKS:
            return []
        dialect, card = told
        extras: list[bytes] = []
        if is_new or _is_past(self._beams_ns, BEAMS_NS, at_ns):
            self._beams_ns = at_ns
            extras = [] if known.is_beam_news else [_BEAMS[dialect]]
            known.is_beam_news = False
        if (is_new or self._asked_ns == at_ns) and card.subordinate_count:
            extras.append(_SUBORDINATES[dialect])
        if is_new:
            self._introduced = dialect
            extras += [_STATE[dialect]] if dialect in _STATE else []
        return extras

    def save(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "asked_ns": self._asked_ns,
            "beams_ns": self._beams_ns,
            "silent_asks": self._silent_asks,
            "introduced": self._introduced,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue from what ``save`` gave."""
        self._asked_ns = state["asked_ns"]
        self._beams_ns = state["beams_ns"]
        self._silent_asks = state["silent_asks"]
        self._introduced = state["introduced"]


def _is_past(before_ns: int | None, pause_ns: int, at_ns: int) -> bool:
    """Whether ``pause_ns`` has gone by; a clock that went backwards counts as if it had."""
    return before_ns is None or not 0 <= at_ns - before_ns < pause_ns
