"""What may be asked of a device, in no device's own words."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SendText:
    """Send ``text`` to ``recipient`` (a subject on that wire).  ``reference`` is the console's own message id."""

    reference: str
    recipient: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AskReceipt:
    """Ask whether what was sent to ``recipient`` has been received, where the wire can tell."""

    recipient: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AskPosition:
    """Ask for a position: of ``subject``, or of the device itself when ``None``."""

    subject: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SendRaw:
    """The squad's own octets, typed by hand at the workbench.  Encoders refuse what must never be sent."""

    octets: bytes


DeviceCommand = SendText | AskReceipt | AskPosition | SendRaw
