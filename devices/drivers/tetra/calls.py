"""Who speaks in which group, from the call events of a terminal.

**Source:** SvxLink's notes and logs of the interface: ``+CTICN: instance,state,service,caller type,caller,hook,simplex,
encryption,kind,slots,called type,called,priority``, ``+CTXG: instance,grant,permission,encryption,type,speaker``,
``+CDTXC: instance,...``, ``+CTCR: instance,cause``.
**Assumed:** grant 3 is a grant to somebody else; priority 15 is an emergency call; the caller of a new call speaks
first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from devices.drivers.tetra.identity import subject_of
from devices.observations import Call

INSTANCES: Final = 16
_TO_ANOTHER: Final = "3"
_EMERGENCY: Final = "15"


class Calls:
    """By instance: group, speaker, whether it is an emergency call."""

    def __init__(self) -> None:
        self._by_instance: dict[str, tuple[str | None, str | None, bool]] = {}

    def incoming(self, fields: Sequence[str]) -> list[Call] | None:
        """+CTICN; ``None`` where it has too few fields."""
        if len(fields) < 12:
            return None
        is_emergency = len(fields) > 12 and fields[12] == _EMERGENCY
        return self._speaks(fields[0], subject_of(fields[4]), subject_of(fields[11]), is_emergency=is_emergency)

    def granted(self, fields: Sequence[str]) -> list[Call] | None:
        """+CTXG."""
        if len(fields) < 2:
            return None
        if fields[1] != _TO_ANOTHER or len(fields) < 6:
            return self.ceased(fields)
        group, _, is_emergency = self._by_instance.get(fields[0], (None, None, False))
        return self._speaks(fields[0], subject_of(fields[5]), group, is_emergency=is_emergency)

    def ceased(self, fields: Sequence[str]) -> list[Call]:
        """+CDTXC: nobody speaks."""
        group, speaker, is_emergency = self._by_instance.get(fields[0], (None, None, False))
        if speaker is None:
            return []
        self._by_instance[fields[0]] = (group, None, is_emergency)
        return [Call(subject=speaker, group=group, state="ended", is_emergency=is_emergency)]

    def released(self, fields: Sequence[str]) -> list[Call]:
        """+CTCR: the call is over."""
        ended = self.ceased(fields)
        self._by_instance.pop(fields[0], None)
        return ended

    def _speaks(self, instance: str, speaker: str | None, group: str | None, *, is_emergency: bool) -> list[Call]:
        before = self._by_instance.pop(instance, None)
        self._by_instance[instance] = (group, speaker, is_emergency)
        if len(self._by_instance) > INSTANCES:
            del self._by_instance[next(iter(self._by_instance))]
        if before == (group, speaker, is_emergency):
            return []
        ended = [] if before is None or before[1] is None else [Call(subject=before[1], group=before[0], state="ended")]
        if speaker is None:
            return ended
        return [*ended, Call(subject=speaker, group=group, state="started", is_emergency=is_emergency)]

    def save(self) -> dict[str, Any]:
        """Plain values."""
        return {instance: list(call) for instance, call in self._by_instance.items()}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue from what ``save`` gave."""
        self._by_instance = {instance: (call[0], call[1], call[2]) for instance, call in state.items()}
