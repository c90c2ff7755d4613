"""The driver ``beidou_rdss``: one BeiDou short-message terminal on one stream."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from devices.commands import DeviceCommand, PublishTeam, SendRaw
from devices.driver import Outgoing, Refused, Settings, TextLimit
from devices.drivers.beidou_rdss import ascii3, ascii21, bin40, orders
from devices.drivers.beidou_rdss.asking import Asking
from devices.drivers.beidou_rdss.fields import FieldError
from devices.drivers.beidou_rdss.framing import Frame, Framer
from devices.drivers.beidou_rdss.known import Known
from devices.gnss import Gnss
from devices.observations import Malformed, Observation, Unrecognised

_RDSS_TALKERS = frozenset({b"BD", b"GP", b"GN", b"GL", b"GA"})
_LONGEST_GNSS_ZDA = 9


class BeidouRdss:
    """Understands dialects ``bd-ascii21``, ``bd-ascii3``, ``bd-bin40`` and GNSS sentences, mixed on one wire.

    Each sentence is understood by what it says; no mode is configured.  Free text of the module ("TCQ OK!") is
    ``Unrecognised(name="text")``, what the host says (talker CC, an echo) is ``Unrecognised`` by its own name.
    ``Malformed`` reasons: ``checksum``, ``truncated``, ``length``, ``noise``, ``field``, ``air-checksum``,
    ``unfinished``. ``DeliveryReport.reference`` is the command fed back (TXA, TCQ, TXSQ, DWA ...), or the recipient
    for a receipt. Times without a date become the instant nearest ``at_ns``; with ``at_ns`` below 0 they stay
    ``None``.

    A commander's terminal tells of many: ``subject`` and ``sender`` are the other cards, ``None`` this terminal itself.
    A list of receipts is one ``confirmed`` for each and one ``unlisted`` that closes it.

    Settings: ``capacity_bits`` overrides the card's table, ``frequency_point`` 1-5, ``ask_receipts`` asks BDS-3
    terminals for uplink confirmation (and, with ``resend_lost``, tells the outbox what to do in free slots).

    **Source:** and **Assumed:** stand in the modules of this package.
    """

    def __init__(self, settings: Settings) -> None:
        self._known = Known(capacity_bits=settings.get("capacity_bits") or None)
        self._habits = orders.Habits(
            frequency_point=int(settings.get("frequency_point", 2)), is_confirmed=bool(settings.get("ask_receipts"))
        )
        self._framer = Framer()
        self._asking = Asking()
        self._gnss = Gnss()
        self._raw_before = b""

    def receive(self, data: bytes, at_ns: int) -> Sequence[Observation]:
        """Understand ``data``; never raises; any split of the octets gives the same observations."""
        told: list[Observation] = []
        for frame in self._framer.feed(data):
            told.extend(self._understand(frame, at_ns))
        return told

    def poll(self, at_ns: int) -> Sequence[bytes]:
        """The driver's own queries: local to the terminal, never over the air."""
        return self._asking.due(at_ns, self._known)

    def encode(self, command: DeviceCommand, at_ns: int) -> Outgoing | Refused:  # noqa: ARG002 - the contract's clock
        """``command`` as octets for the card that is in, or the reason of refusal (see ``orders``)."""
        if isinstance(command, SendRaw):
            outcome, self._raw_before = orders.raw(command.octets, self._raw_before)
            return outcome
        if isinstance(command, PublishTeam):
            return Refused(reason="no-publishing")
        answer = orders.encode(command, self._known, self._habits)
        if isinstance(answer, Outgoing):
            self._known.requested = answer.reference
        return answer

    def measure(self, text: str) -> TextLimit:
        """How ``text`` would fit one message by the card that is in, by the same rule as ``encode``."""
        return orders.measure(text, self._known)

    def finish(self) -> Sequence[Malformed]:
        """What is left over when the wire goes down; the next thing on the wire is asked anew."""
        self._asking.start_again()
        self._known.doubt_cards()
        return [Malformed(reason=frame.reason, raw=frame.octets) for frame in self._framer.finish()]

    def save(self) -> dict[str, Any]:
        """The state in plain values."""
        return {
            "held": self._framer.held.hex(),
            "raw_before": self._raw_before.hex(),
            "known": self._known.save(),
            "asking": self._asking.save(),
            "gnss": self._gnss.save(),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue from what ``save`` gave."""
        self._framer.held = bytes.fromhex(state["held"])
        self._raw_before = bytes.fromhex(state["raw_before"])
        self._known.restore(state["known"])
        self._asking.restore(state["asking"])
        self._gnss.restore(state["gnss"])

    def _understand(self, frame: Frame, at_ns: int) -> Sequence[Observation]:
        if frame.kind == "bad":
            return [Malformed(reason=frame.reason, raw=frame.octets)]
        if frame.kind == "text":
            return [Unrecognised(name="text", raw=frame.octets)]
        is_binary = frame.kind == "binary"
        name = frame.octets[1:5] if is_binary else frame.octets[1:-3].split(b",", 1)[0]
        try:
            told = bin40.decode(frame.octets, at_ns, self._known) if is_binary else self._sentence(frame, at_ns)
        except FieldError:
            return [Malformed(reason="field", raw=frame.octets)]
        if told is None:
            return [Unrecognised(name=name.decode("ascii", "backslashreplace"), raw=frame.octets)]
        return told

    def _sentence(self, frame: Frame, at_ns: int) -> Sequence[Observation] | None:
        body = frame.octets[1:-3]
        fields = body.split(b",")
        address = fields.pop(0)
        if len(address) == 5 and address[:2] in _RDSS_TALKERS:
            told = self._rdss(address[2:].decode("ascii", "replace"), fields, at_ns)
            if told is not None:
                return told
        return self._gnss.understand(body, frame.octets, at_ns)

    def _rdss(self, name: str, fields: list[bytes], at_ns: int) -> Sequence[Observation] | None:
        if name == "ZDA" and len(fields) < _LONGEST_GNSS_ZDA:
            return None
        if name == "FKI" and not ascii3.is_feedback(fields):
            return ascii21.decode(name, fields, at_ns, self._known)
        told = ascii3.decode(name, fields, at_ns, self._known)
        return told if told is not None else ascii21.decode(name, fields, at_ns, self._known)
