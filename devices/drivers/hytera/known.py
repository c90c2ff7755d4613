"""What one driver knows of the radios behind it, and of the texts it has sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from devices.driver import NS_PER_S

RADIOS: Final = 256
TEXTS: Final = 64
HEARD_TEXTS: Final = 64
ANSWERS: Final = 64
REPEATED_NS: Final = 120 * NS_PER_S
CHECKS: Final = 3


@dataclass(slots=True, kw_only=True)
class Radio:
    """One radio: its address, where it was heard, when it is to be asked again.

    ``expires_ns``: when its registration has run out; ``placed_ns``: its last position; ``misses``: requests in a row
    that nothing came back for.
    """

    address: str
    peer: str = ""
    is_gone: bool = False
    expires_ns: int | None = None
    checks: int = 0
    asked_ns: int | None = None
    placed_ns: int | None = None
    misses: int = 0


@dataclass(slots=True, kw_only=True)
class Known:
    """The memory of one driver.  The radio unheard for longest is forgotten first."""

    radios: dict[str, Radio] = field(default_factory=dict)
    texts: dict[str, list[str]] = field(default_factory=dict)
    heard_texts: dict[str, int] = field(default_factory=dict)
    own_id: int = 0
    request: int = 0
    call_subject: str | None = None
    call_group: str | None = None

    def hear(self, address: bytes, peer: str) -> Radio:
        """The radio of that address, which was just heard through ``peer``."""
        subject = subject_of(address)
        radio = self.radios.pop(subject, None) or Radio(address=address.hex())
        radio.peer = peer
        radio.is_gone = False
        radio.checks = 0
        self.radios[subject] = radio
        if len(self.radios) > RADIOS:
            del self.radios[next(iter(self.radios))]
        return radio

    def next_request(self) -> int:
        """A number for the next request; never 0."""
        self.request = self.request % 0x7FFF_FFFF + 1
        return self.request

    def remember_text(self, request: str, recipient: str, reference: str) -> None:
        """The console's text ``reference`` left for ``recipient`` under the wire's name ``request``."""
        self.texts[request] = [recipient, reference]
        if len(self.texts) > TEXTS:
            del self.texts[next(iter(self.texts))]

    def is_repeated(self, mark: str, at_ns: int) -> bool:
        """Whether a text with this mark was taken lately: the radio did not hear our answer."""
        before_ns = self.heard_texts.pop(mark, None)
        self.heard_texts[mark] = at_ns
        if len(self.heard_texts) > HEARD_TEXTS:
            del self.heard_texts[next(iter(self.heard_texts))]
        return before_ns is not None and 0 <= at_ns - before_ns < REPEATED_NS

    def save(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue from what ``save`` gave."""
        self.radios = {subject: Radio(**radio) for subject, radio in state["radios"].items()}
        self.texts = {reference: list(text) for reference, text in state["texts"].items()}
        self.heard_texts = dict(state["heard_texts"])
        self.own_id = state["own_id"]
        self.request = state["request"]
        self.call_subject = state["call_subject"]
        self.call_group = state["call_group"]


def subject_of(address: bytes) -> str:
    """A radio's number: the last three octets of its address."""
    return str(int.from_bytes(address[1:4], "big"))
