"""The terminals heard on one wire, and who is let in.

**Assumed:** JT/T 808 proves nobody's identity: phone numbers and codes go in clear and can be forged.  So a list of
allowed phones keeps strangers out, not forgers; the same phone in edition 2013 and 2019 is the same terminal.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from devices.driver import Settings
from devices.drivers.jt808.framing import Address, Frame

MOST: Final = 600
"""Terminals kept on one wire; the one unheard for longest goes first."""

_PHONE = re.compile(r"[0-9]{1,20}", re.ASCII)
_BETWEEN = re.compile(r"[,;，；、]")


@dataclass(slots=True, kw_only=True)
class Terminal:
    """What must be remembered of one.

    How to address it, the ``peer`` that said its last frame, its plate, the alarms that stood in its last live report.
    """

    address: Address
    peer: str = ""
    plate: str | None = None
    alarms: int = 0

    def save(self) -> list[Any]:
        """Plain values."""
        return [self.address.version, self.address.phone.hex(), self.peer, self.plate, self.alarms]

    @staticmethod
    def restored(state: Sequence[Any]) -> Terminal:
        """What ``save`` gave."""
        version, phone, peer, plate, alarms = state
        return Terminal(address=Address(version, bytes.fromhex(phone)), peer=peer, plate=plate, alarms=alarms)


def canonical(phone: str) -> str | None:
    """A phone number in its canonical spelling, ``None`` for anything else."""
    phone = phone.strip()
    return (phone.lstrip("0") or "0") if _PHONE.fullmatch(phone) else None


class Terminals:
    """Those heard, newest last, at most ``MOST``."""

    def __init__(self, settings: Settings) -> None:
        listed = _BETWEEN.sub(" ", str(settings.get("allowed", ""))).split()
        self._allowed = frozenset(map(canonical, listed))
        # A list of which nothing can be read is still a list: a slip must not open the door.
        self._is_open = not listed or bool(settings.get("accept_unknown"))
        self._heard: dict[str, Terminal] = {}

    def meet(self, frame: Frame, peer: str) -> Terminal | None:
        """The terminal that sent this; ``None`` for one that is not let in."""
        known = self._heard.pop(frame.subject, None)
        if known is None:
            if not self._is_open and frame.subject not in self._allowed:
                return None
            if len(self._heard) >= MOST:
                del self._heard[next(iter(self._heard))]
            known = Terminal(address=frame.address, peer=peer)
        else:
            known.address = frame.address
            known.peer = peer
        self._heard[frame.subject] = known
        return known

    def find(self, recipient: str | None) -> tuple[str, Terminal] | None:
        """The terminal of that phone, or the only one there is; ``None`` when not heard on this wire."""
        if recipient is None:
            return next(iter(self._heard.items())) if len(self._heard) == 1 else None
        subject = canonical(recipient)
        known = self._heard.get(subject) if subject is not None else None
        return None if subject is None or known is None else (subject, known)

    def forget(self, subject: str) -> None:
        """A terminal said that it goes."""
        self._heard.pop(subject, None)

    def save(self) -> dict[str, Any]:
        """Plain values."""
        return {subject: terminal.save() for subject, terminal in self._heard.items()}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue from what ``save`` gave."""
        self._heard = {subject: Terminal.restored(one) for subject, one in state.items()}
