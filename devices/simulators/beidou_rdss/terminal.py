"""The device's end of a BeiDou wire: a commander's terminal with subordinates, and its troubles by script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from devices.driver import NS_PER_S, Chance, Settings
from devices.nmea import seal
from devices.simulators.beidou_rdss import scene
from devices.simulators.beidou_rdss.air import Air
from devices.simulators.beidou_rdss.host import Asked, HostReader
from devices.simulators.beidou_rdss.scene import Repeating
from devices.simulators.beidou_rdss.speech import DIALECTS, Place, Told

_LIMIT_BITS: Final = {1: 110, 2: 408, 3: 628, 4: 848, 5: 14000}
_FEEDBACK_NS: Final = NS_PER_S * 8 // 10
_RECEIPT_NS: Final = 3 * NS_PER_S
_REAR_NS: Final = 20 * NS_PER_S
_MESSAGES_KEPT: Final = 200
_REFUSING: Final = ("silence", "suppressed", "low-battery", "pa-unlocked")


class BeidouRdssSimulator:
    """A commander's terminal in one dialect.

    Settings, all optional: ``dialect`` (``bd-ascii21``), ``card``, ``broadcast``, ``interval_s`` 60, ``level`` 3 (1-5),
    ``lat_deg`` ``lon_deg`` of the terminal, ``rear_card`` (receives after 20 s), ``rear_reply`` (a text it then sends),
    ``subordinates`` (tables: card, lat_deg, lon_deg, every_s, text, text_every_s, radius_m, speed_mps, height_m),
    ``gnss_every_s`` 5 (0: no GGA), ``faults`` (words, or tables kind, from_s, for_s):
    no-card no-time no-beams feedback-lost y5 suppressed silence pa-unlocked low-battery duplicate-texts wrong-checksum
    reboot split.

    With an ``air`` its texts, receipts and positions go to and come from the other terminals there instead of the
    rear: ``report_to`` is the card it reports its place to, every ``report_every_s`` (0: never).

    Refuses within the interval with the seconds left, feeds back 0.8 s after a command, answers receipt queries.
    """

    def __init__(self, settings: Settings, chance: Chance, air: Air | None = None) -> None:
        self._settings = settings
        self._air = air
        self._chance = chance
        self._dialect = str(settings.get("dialect", "bd-ascii21"))
        self._speech = DIALECTS[self._dialect]
        self._interval_s = int(settings.get("interval_s", 60))
        self._rear = str(settings.get("rear_card", "967760")).lstrip("0")
        self._people = scene.subordinates(settings)
        self._faults = scene.faults(settings)
        self._reader = HostReader()
        self._waiting: list[tuple[int, bytes]] = []
        self._sent: list[tuple[str, int, int]] = []
        self._started_ns: int | None = None
        self._free_ns = 0
        self._is_off = False
        self._beams = Repeating(every_s=0.0, next_ns=0)
        self._repeating: dict[str, Repeating] = {}
        self._card = str(settings.get("card", "166166")).lstrip("0")
        self._broadcast = str(settings.get("broadcast", "11")).lstrip("0")
        if air is not None:
            air.join(self._card, self._broadcast, [person.card for person in self._people])

    def receive(self, data: bytes, at_ns: int) -> Sequence[bytes]:
        """Answer what the console sent; a terminal that is off hears nothing."""
        self._start(at_ns)
        if self._is("reboot", at_ns):
            return ()
        said: list[bytes] = []
        for asked in self._reader.feed(data):
            if asked.dialect in {"", self._dialect} or asked.name in {"DWA", "CXA"}:
                said.extend(self._answer(asked, at_ns))
        return self._spoken(said, at_ns)

    def tick(self, at_ns: int) -> Sequence[bytes]:
        """What is due by now: feedback, beams, the subordinates' reports and texts."""
        since_s = self._start(at_ns)
        if self._is("reboot", at_ns):
            return self._switch_off()
        said = self._switch_on()
        due = [octets for due_ns, octets in self._waiting if due_ns <= at_ns]
        self._waiting = [(due_ns, octets) for due_ns, octets in self._waiting if due_ns > at_ns]
        said += [*due, *self._report_self(at_ns)]
        if self._air is not None:
            return self._spoken([*said, *self._from_air(self._air, at_ns)], at_ns)
        for person in self._people:
            if self._repeating[f"place {person.card}"].is_due(at_ns) and not self._is("no-beams", at_ns):
                said.append(self._speech.place(person.place(at_ns, since_s), self._told(at_ns)))
            if self._repeating[f"text {person.card}"].is_due(at_ns):
                said.extend(self._arrived(person.card, person.text, at_ns))
        return self._spoken(said, at_ns)

    # ---- time and faults

    def _start(self, at_ns: int) -> float:
        if self._started_ns is None:
            self._started_ns = at_ns
            self._reset(at_ns)
            for person in self._people:
                spread_ns = round(self._chance() * person.every_s * NS_PER_S)
                self._repeating[f"place {person.card}"] = Repeating(every_s=person.every_s, next_ns=at_ns + spread_ns)
                spread_ns = round((0.1 + 0.9 * self._chance()) * person.text_every_s * NS_PER_S)
                every_s = person.text_every_s if person.text else 0.0
                self._repeating[f"text {person.card}"] = Repeating(every_s=every_s, next_ns=at_ns + spread_ns)
        return (at_ns - self._started_ns) / NS_PER_S

    def _reset(self, at_ns: int) -> None:
        """What power on does: BDS-3 terminals report beams unasked, the others when told to."""
        self._beams = Repeating(every_s=1.0 if self._dialect == "bd-ascii3" else 0.0, next_ns=at_ns)
        gnss_every_s = float(self._settings.get("gnss_every_s", 5.0))
        self._repeating["gnss"] = Repeating(every_s=gnss_every_s, next_ns=at_ns)
        self._repeating["state"] = Repeating(every_s=60.0, next_ns=at_ns)
        self._repeating["report"] = Repeating(
            every_s=float(self._settings.get("report_every_s", 0.0)), next_ns=at_ns + 2 * NS_PER_S
        )

    def _is(self, kind: str, at_ns: int) -> bool:
        since_s = (at_ns - (self._started_ns or at_ns)) / NS_PER_S
        return any(fault.kind == kind and fault.is_on(since_s) for fault in self._faults)

    def _switch_off(self) -> Sequence[bytes]:
        if self._is_off:
            return ()
        self._is_off = True
        self._waiting.clear()
        self._reader = HostReader()
        return (seal(b"BDTXR,1,0000000,2,,A4")[:11],)

    def _switch_on(self) -> list[bytes]:
        if not self._is_off:
            return []
        self._is_off = False
        self._reset(0)
        return [b"\r\nREADY FOR TRANSMISSION\r\n"]

    def _spoken(self, said: Sequence[bytes], at_ns: int) -> Sequence[bytes]:
        if self._is("wrong-checksum", at_ns):
            said = [_damaged(octets) for octets in said]
        if not self._is("split", at_ns):
            return [octets for octets in said if octets]
        pieces: list[bytes] = []
        for octets in filter(None, said):
            cut = 1 + int(self._chance() * (len(octets) - 1))
            pieces += [octets[:cut], octets[cut:]]
        return [piece for piece in pieces if piece]

    # ---- what it says

    def _told(self, at_ns: int) -> Told:
        return Told(
            card="0" if self._is("no-card", at_ns) else self._card,
            broadcast=self._broadcast,
            level=int(self._settings.get("level", 3)),
            interval_s=self._interval_s,
            subordinates=tuple(person.card for person in self._people),
        )

    def _report_self(self, at_ns: int) -> list[bytes]:
        said: list[bytes] = []
        if self._beams.is_due(at_ns):
            said.append(self._beam_report(at_ns))
        if self._repeating["gnss"].is_due(at_ns):
            said.append(self._gga(at_ns))
        if self._repeating["state"].is_due(at_ns):
            hours = (at_ns - (self._started_ns or at_ns)) / NS_PER_S / 3600
            said.append(self._speech.state(max(5, round(96 - 6 * hours)), self._told(at_ns)))
        return said

    def _beam_report(self, at_ns: int) -> bytes:
        levels = [4, 3, 2, 3, 0, 1] if self._chance() < 0.8 else [4, 3, 1, 2, 0, 0]
        has_time = not self._is("no-time", at_ns)
        return self._speech.beams([0] * 6 if self._is("no-beams", at_ns) else levels, at_ns if has_time else None)

    def _own_place(self, at_ns: int) -> Place:
        lat_deg = float(self._settings.get("lat_deg", 34.396))
        lon_deg = float(self._settings.get("lon_deg", 113.741))
        card = self._told(at_ns).card
        return Place(card=card, lat_deg=lat_deg, lon_deg=lon_deg, height_m=112.0, at_ns=at_ns, is_own=True)

    def _gga(self, at_ns: int) -> bytes:
        place = self._own_place(at_ns)
        if self._is("no-time", at_ns):
            return seal(b"GNGGA,,,,,,0,00,99.99,,M,,M,,")
        second = at_ns // NS_PER_S % 86_400
        time = f"{second // 3600:02d}{second // 60 % 60:02d}{second % 60:02d}.00"
        lat, lon = round(place.lat_deg * 6e6), round(place.lon_deg * 6e6)
        lat_text = f"{lat // 6_000_000:02d}{lat % 6_000_000 / 1e5:08.5f}"
        lon_text = f"{lon // 6_000_000:03d}{lon % 6_000_000 / 1e5:08.5f}"
        return seal(f"GNGGA,{time},{lat_text},N,{lon_text},E,1,14,0.80,{place.height_m:.1f},M,-22.0,M,,".encode())

    def _arrived(self, sender: str, text: str, at_ns: int) -> list[bytes]:
        if self._is("no-beams", at_ns) or self._is("no-card", at_ns):
            return []
        octets = self._speech.text(sender, text, self._told(at_ns), at_ns)
        return [octets, octets] if self._is("duplicate-texts", at_ns) else [octets]

    def _from_air(self, air: Air, at_ns: int) -> list[bytes]:
        """What the other terminals sent; without beams it is lost, as it would be."""
        report = self._repeating["report"]
        if at_ns >= self._free_ns and report.is_due(at_ns):
            self._free_ns = at_ns + self._interval_s * NS_PER_S
            air.report(
                str(self._settings.get("report_to", "")).lstrip("0"), replace(self._own_place(at_ns), is_own=False)
            )
        if self._is("no-beams", at_ns) or self._is("no-card", at_ns):
            return []
        told = self._told(at_ns)
        said: list[bytes] = []
        for one in air.texts_for(self._card, at_ns):
            octets = self._speech.text(one.sender, one.text, told, one.sent_ns, one.recipient)
            said += [octets, octets] if self._is("duplicate-texts", at_ns) else [octets]
        return said + [self._speech.place(place, told) for place in air.places_for(self._card, at_ns)]

    # ---- what it answers

    def _answer(self, asked: Asked, at_ns: int) -> list[bytes]:
        told = self._told(at_ns)
        if asked.kind == "card":
            return [self._speech.card(told)]
        if asked.kind == "subordinates":
            return [self._speech.subordinates(told)]
        if asked.kind == "self-test":
            return [self._speech.state(90, told)]
        if asked.kind == "reports":
            self._switch_reports(asked, at_ns)
        elif asked.kind in {"text", "receipts", "fix"}:
            self._transmit(asked, at_ns)
        return []

    def _switch_reports(self, asked: Asked, at_ns: int) -> None:
        if asked.target in {"", "BSI", "PWI", "GLZK"}:
            self._beams = Repeating(every_s=asked.period_s, next_ns=at_ns)

    def _outcome(self, asked: Asked, at_ns: int) -> str:
        if self._is("y5", at_ns):
            return "y5"
        if self._is("no-card", at_ns):
            return "no-card"
        refusing = next((kind for kind in _REFUSING if self._is(kind, at_ns)), None)
        if refusing is not None:
            return refusing
        if asked.bits > _LIMIT_BITS[int(self._settings.get("level", 3))] or self._is("no-beams", at_ns):
            return "refused"
        return "interval" if at_ns < self._free_ns else "sent"

    def _transmit(self, asked: Asked, at_ns: int) -> None:
        outcome = self._outcome(asked, at_ns)
        left_s = -((at_ns - self._free_ns) // NS_PER_S)
        wait_s = self._interval_s if outcome == "sent" else left_s if outcome == "interval" else 0
        if outcome == "sent":
            self._free_ns = at_ns + self._interval_s * NS_PER_S
            self._radiate(asked, at_ns)
        if not self._is("feedback-lost", at_ns):
            due_ns = at_ns + _FEEDBACK_NS
            self._waiting.append((due_ns, self._speech.feedback(asked.name, outcome, wait_s, due_ns)))

    def _radiate(self, asked: Asked, at_ns: int) -> None:
        if asked.kind == "fix":
            self._fix(asked.address, at_ns)
        elif asked.kind == "receipts":
            pairs = [(sent, got) for card, sent, got in self._sent if card == asked.address and got <= at_ns]
            if self._air is not None:
                pairs = self._air.receipts(self._card, asked.address)
            said = self._speech.receipts(asked.address, pairs[-5:], self._told(at_ns))
            self._waiting.append((at_ns + _RECEIPT_NS, said))
        elif self._air is not None:
            self._air.radiate(self._card, asked.address, asked.text, at_ns)
        elif asked.address == self._rear:
            self._sent = [*self._sent, (asked.address, at_ns, at_ns + _REAR_NS)][-_MESSAGES_KEPT:]
            reply = str(self._settings.get("rear_reply", ""))
            if reply:
                due_ns = at_ns + _REAR_NS
                self._waiting += [(due_ns, octets) for octets in self._arrived(self._rear, reply, due_ns)]

    def _fix(self, address: str, at_ns: int) -> None:
        told, due_ns = self._told(at_ns), at_ns + _RECEIPT_NS
        since_s = (due_ns - (self._started_ns or due_ns)) / NS_PER_S
        places = [
            replace(person.place(due_ns, since_s), is_queried=True) for person in self._people if person.card == address
        ]
        if self._air is not None:
            last = self._air.last_place(address)
            places = [replace(last, is_queried=True)] if last is not None else []
        if address in {"0", told.card}:
            places = [self._own_place(due_ns)]
        self._waiting += [(due_ns, self._speech.place(place, told)) for place in places]


def _damaged(octets: bytes) -> bytes:
    """One octet in the middle is another one than was summed up."""
    if octets[:1] != b"$" or len(octets) < 12:
        return octets
    at = len(octets) // 2
    return octets[:at] + bytes([octets[at] ^ 0x01]) + octets[at + 1 :]
