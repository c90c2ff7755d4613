"""The texts by which the rear is told of a change of bearers: their ids say of which change.  Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from console.orders import ComposeMessage


class Addressee(Protocol):
    """Somebody a text can be sent to."""

    @property
    def device_id(self) -> str:
        """By which device."""

    @property
    def recipient(self) -> str:
        """Under which number there."""


def _prefix(number: int) -> str:
    return f"switch-{number}-"


def texts_of_change(number: int, told: Iterable[Addressee], text: str) -> list[ComposeMessage]:
    """One text for each, about the change with this number."""
    return [
        ComposeMessage(
            message_id=f"{_prefix(number)}{index}", device_id=one.device_id, recipient=one.recipient, text=text
        )
        for index, one in enumerate(told, start=1)
    ]


def is_of_change(number: int, message_id: str) -> bool:
    """Whether a text is about the change with this number."""
    return message_id.startswith(_prefix(number))
