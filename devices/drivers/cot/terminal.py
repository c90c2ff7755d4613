"""The driver ``cot``: everybody who speaks Cursor on Target on one wire."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from devices.commands import AskPosition, AskReceipt, DeviceCommand, PublishTeam, SendRaw, SendText
from devices.driver import NS_PER_S, Addressed, Outgoing, Refused, Settings, TextLimit
from devices.drivers.cot import markup, meaning, orders, speech
from devices.drivers.cot.event import Event, EventError
from devices.drivers.cot.framing import Frame, bad
from devices.drivers.cot.memory import Channel, Memory
from devices.observations import Malformed, Observation, Presence, TextMessage, Unrecognised

REPLIES: Final = 256
WAITING: Final = 4_096
"""Octets that wait for the next poll: answers to strangers, and what of ours goes to each who called."""
STALE_INTERVALS: Final = 3


class Cot:
    """Understands XML and TAK protobuf, stream and mesh, mixed on one wire; speaks XML.

    ``Malformed`` reasons: ``noise``, ``truncated``, ``length``, ``xml``, ``protobuf``, ``uid``, ``time``, ``field``,
    ``sender``, ``flood``.  ``Unrecognised`` names: the event's type, ``echo`` (our own words given back), ``exercise``
    (the sender says that it is none of the real thing), ``control``.  A cancelled alert is a ``Condition`` of part
    ``tak-alert``, a server's answer to our ping one of ``tak-server``.
    ``is_stored``: past its stale time, dated before this wire began, or told before.  Nobody's clock
    is put right: who is slow by more than his stale time is shown, and not counted as heard.
    A receipt tells twice: that the text was sent (``reference`` is its name on the wire, as in ``Outgoing``) and that
    it arrived (``reference`` is the recipient); ``source_time_ns`` is when it was sent.

    Settings: ``uid`` and ``callsign`` of this post (without a uid it only listens), ``group``, ``endpoint``,
    ``announce_s`` and ``ping_s`` (0: never).  Texts for us are answered with a receipt, pings of who called us too.

    Where octets go: to each peer that called us and says so (``stcp``), else to the end that the wire names: a server
    or the group.

    **Source:** and **Assumed:** stand in the modules of this package.
    """

    def __init__(self, settings: Settings) -> None:
        uid = str(settings.get("uid", "")).strip()
        self._post = speech.Self(
            uid=uid,
            callsign=str(settings.get("callsign", "")).strip() or uid,
            group=str(settings.get("group", "Cyan")),
            endpoint=str(settings.get("endpoint", "")).strip() or speech.STREAM_ENDPOINT,
        )
        self._own = meaning.Own(uid=uid)
        self._announce_ns = int(settings.get("announce_s", 0)) * NS_PER_S
        self._ping_ns = int(settings.get("ping_s", 0)) * NS_PER_S
        self._memory = Memory()
        self._announced_ns: int | None = None
        self._placed_until_ns = 0
        self._pinged_ns: int | None = None
        self._ponged_ns: int | None = None
        self._answers: list[bytes] = []
        self._later: list[bytes] = []
        self._is_answering = False

    # ---- in

    def receive(self, data: bytes, at_ns: int) -> Sequence[Observation]:
        """Understand ``data`` of a wire with one end; never raises; any split gives the same observations."""
        return self.receive_from(data, "", at_ns)

    def receive_from(self, data: bytes, peer: str, at_ns: int) -> Sequence[Observation]:
        """Understand ``data`` of ``peer``; every peer has a framer of its own."""
        if not data:
            return []
        channel = self._memory.channel(peer, at_ns)
        self._is_answering = True
        said: list[Observation] = []
        for frame in channel.framer.push(data):
            said.extend(self._understand(frame, peer, channel, at_ns))
        return said

    def finish(self) -> Sequence[Malformed]:
        """What is left over of every peer when the wire goes down; the next one is a new wire."""
        left = [frame for channel in self._memory.channels.values() for frame in channel.framer.take_rest()]
        self._memory = Memory()
        self._answers, self._later = [], []
        self._announced_ns = self._pinged_ns = self._ponged_ns = None
        self._placed_until_ns = 0
        return [Malformed(reason=frame.reason, raw=frame.octets) for frame in left]

    def _understand(self, frame: Frame, peer: str, channel: Channel, at_ns: int) -> list[Observation]:
        if frame.kind == "bad":
            return [Malformed(reason=frame.reason, raw=frame.octets)]
        if not (channel.budget.takes(at_ns) and self._memory.budget.takes(at_ns)):
            return [Malformed(reason="flood", raw=b"")]
        try:
            return self._said(frame, peer, channel, at_ns)
        except EventError as trouble:
            spoilt = bad(frame.octets, trouble.reason)
            return [Malformed(reason=spoilt.reason, raw=spoilt.octets)]

    def _said(self, frame: Frame, peer: str, channel: Channel, at_ns: int) -> list[Observation]:
        event = markup.read(frame.octets) if frame.kind == "xml" else frame.event
        if event is None:
            return [Unrecognised(name="control", raw=frame.octets[: meaning.SHOWN])]
        is_stored = self._memory.is_stored(event, channel, at_ns)
        said = meaning.mean(event, self._own, is_stored=is_stored)
        if isinstance(said[0], Presence) and said[0].subject == event.uid and said[0].state == "online":
            self._meet(event, peer)
        self._answer(event, said, peer, at_ns)
        return said

    def _meet(self, event: Event, peer: str) -> None:
        if meaning.is_user(event):
            is_reached_here = speech.is_stream_endpoint(event)
            self._memory.meet(event.uid, meaning.callsign_of(event), peer, is_reached_here=is_reached_here)

    # ---- out

    def poll(self, at_ns: int) -> Sequence[bytes]:
        """Answers; when nobody was heard just now, also the announcement of this post and a ping, if they are due.

        Only then do plain octets go to the end that the wire names.
        """
        due, self._answers = self._answers, []
        is_answering, self._is_answering = self._is_answering, False
        if is_answering:
            return due
        due += self._later
        self._later = []
        if not self._own.uid or at_ns < 0:
            return due
        if at_ns >= self._placed_until_ns and _is_due(self._announced_ns, self._announce_ns, at_ns):
            self._announced_ns = at_ns
            due += self._to_all(speech.announcement(self._post, at_ns, self._announce_ns * STALE_INTERVALS), at_ns)
        if _is_due(self._pinged_ns, self._ping_ns, at_ns):
            self._pinged_ns = at_ns
            due += self._to_all(speech.ping(self._post, at_ns), at_ns)
        return due

    def encode(self, command: DeviceCommand, at_ns: int) -> Outgoing | Refused:
        """A text or a team as an event; typed octets as they are."""
        match command:
            case SendRaw():
                return orders.raw(command)
            case AskReceipt():
                return Refused(reason="no-receipt")
            case AskPosition():
                return Refused(reason="no-position")
            case SendText():
                answer = orders.text(command, self._post, self._memory.callsigns, at_ns)
            case PublishTeam():
                answer = orders.team(command, self._post, at_ns)
        if isinstance(answer, Refused):
            return answer
        if isinstance(command, PublishTeam) and command.subject is None:
            self._placed_until_ns = command.source_time_ns + round(command.stale_s * NS_PER_S)
        return self._addressed(answer, command.recipient if isinstance(command, SendText) else meaning.ROOM, at_ns)

    def measure(self, text: str) -> TextLimit:
        """How ``text`` fits one message, in octets of UTF-8."""
        return orders.measure(text)

    def _addressed(self, outgoing: Outgoing, recipient: str, at_ns: int) -> Outgoing | Refused:
        first, *others = ends = self._memory.ends(at_ns)
        if recipient != meaning.ROOM:
            end = self._memory.end_of(recipient, at_ns)
            if end is None and ends != [None]:
                return Refused(reason="cot-unheard", is_for_now=True)  # whom of those who called would it be for?
            return replace(outgoing, peer=end)
        for other in others:
            if other is not None:
                self._wait(self._answers, Addressed(outgoing.octets, other), WAITING)
        return replace(outgoing, peer=first)

    def _to_all(self, octets: bytes, at_ns: int) -> list[bytes]:
        return [octets if end is None else Addressed(octets, end) for end in self._memory.ends(at_ns)]

    def _answer(self, event: Event, said: Sequence[Observation], peer: str, at_ns: int) -> None:
        """A ping is answered to who called us, a new text for us is receipted to its sender."""
        first = said[0]
        if not self._own.uid or at_ns < 0:
            return
        is_near = not peer or self._memory.channels[peer].is_reached_here
        if event.kind == "t-x-c-t" and is_near and _is_due(self._ponged_ns, NS_PER_S, at_ns):
            self._ponged_ns = at_ns
            self._reply(speech.pong(at_ns), peer, is_near=True)
        elif isinstance(first, TextMessage) and first.recipient == self._own.uid and not first.is_stored:
            chat = meaning.chat_of(event)
            called = self._memory.callsigns.get(chat.sender, chat.sender)
            self._reply(speech.receipt(self._post, chat, called, at_ns), peer, is_near=is_near)

    def _reply(self, octets: bytes, peer: str, *, is_near: bool) -> None:
        """Back by the way it came; to a group with the next tick."""
        if not is_near:
            self._wait(self._later, octets, REPLIES)
        else:
            self._wait(self._answers, Addressed(octets, peer) if peer else octets, REPLIES)

    @staticmethod
    def _wait(queue: list[bytes], octets: bytes, most: int) -> None:
        if len(queue) < most:
            queue.append(octets)

    # ---- snapshots

    def save(self) -> dict[str, Any]:
        """The state in plain values."""
        return {
            "memory": self._memory.save(),
            "announced_ns": self._announced_ns,
            "placed_until_ns": self._placed_until_ns,
            "pinged_ns": self._pinged_ns,
            "ponged_ns": self._ponged_ns,
            "answers": [[octets.hex(), getattr(octets, "peer", None)] for octets in self._answers],
            "later": [octets.hex() for octets in self._later],
            "is_answering": self._is_answering,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue from what ``save`` gave."""
        self._memory.restore(state["memory"])
        self._announced_ns = state["announced_ns"]
        self._placed_until_ns = state["placed_until_ns"]
        self._pinged_ns = state["pinged_ns"]
        self._ponged_ns = state["ponged_ns"]
        self._answers = [
            bytes.fromhex(octets) if peer is None else Addressed(bytes.fromhex(octets), peer)
            for octets, peer in state["answers"]
        ]
        self._later = [bytes.fromhex(octets) for octets in state["later"]]
        self._is_answering = state["is_answering"]


def _is_due(last_ns: int | None, every_ns: int, at_ns: int) -> bool:
    return every_ns > 0 and (last_ns is None or at_ns - last_ns >= every_ns)
