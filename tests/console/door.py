"""An engine with a clock of the test's own: records go in as the runtime would put them."""

from __future__ import annotations

from typing import Any

import msgspec

from console.assembly import digest_of
from console.configuration.model import (
    BearerConfiguration,
    CameraConfiguration,
    Configuration,
    ContactConfiguration,
    DeviceConfiguration,
    TeamConfiguration,
)
from console.effects import Effect, Send
from console.engine import Engine
from console.orders import Order
from console.picture import Alarm, Message, Picture
from console.records import Kind, Record, pack
from console.replay import new_engine
from devices.driver import NS_PER_S, xor_octets

START_NS = 1_753_000_000 * NS_PER_S

VEHICLE = Configuration(
    mode="live",
    incident="双洎河漫溢",
    post="新郑-指01",
    incident_since_ns=START_NS,
    devices=(
        DeviceConfiguration(id="gnss", name="车载 GNSS", driver="nmea0183", wire="udp:127.0.0.1:1", is_own=True),
        DeviceConfiguration(
            id="bd", name="北斗指挥机", driver="beidou_rdss", wire="tcp:127.0.0.1:1", silent_after_s=90
        ),
        DeviceConfiguration(id="p1", name="光纤探测", driver="probe", wire="ping:127.0.0.1"),
    ),
    cameras=(CameraConfiguration(id="cam", name="无人机一号", url="udp://127.0.0.1:5600"),),
    teams=(
        TeamConfiguration(id="fire", name="消防水域二组", symbol="消", people=8, expected_s=900, means=("bd/4204986",)),
        TeamConfiguration(id="own", name="指挥车", symbol="车", people=4, expected_s=300, means=("gnss",)),
    ),
    bearers=(
        BearerConfiguration(
            id="fibre", name="地面光纤", rung="primary", device_id="p1", degraded_ms=50, down_after_s=5
        ),
        BearerConfiguration(id="rdss", name="北斗短报文", rung="emergency", device_id="bd"),
    ),
    contacts=(ContactConfiguration(name="后方", device_id="bd", recipient="4207700", is_rear=True),),
)


def sentence(body: str) -> bytes:
    """A sentence with its checksum."""
    octets = body.encode("gb18030")
    return b"$" + octets + f"*{xor_octets(octets):02X}\r\n".encode()


CARD = sentence("BDICI,4207733,02097151,0000011,4,60,3,N,002")
BEAMS = sentence("BDBSI,01,03,4,4,3,0,0,0,0,0,0,0")


class Door:
    """Steps records at moments the test chooses; keeps them, so that a replay can be compared."""

    def __init__(self, configuration: Configuration = VEHICLE, *, engine: Engine | None = None) -> None:
        self.engine = engine or new_engine()
        self.at_ns = START_NS
        self.seq = 0
        self.records: list[Record] = []
        self.effects: list[Effect] = []
        self.begin(configuration)

    def begin(self, configuration: Configuration = VEHICLE, last_ns: int = 0) -> None:
        self.put(Kind.START, "console", {"configuration": msgspec.to_builtins(configuration), "last_ns": last_ns})

    def put(self, kind: Kind, source: str, said: dict[str, Any] | bytes = b"", peer: str = "") -> list[Effect]:
        self.seq += 1
        payload = said if isinstance(said, bytes) else pack(said)
        record = Record(self.seq, self.at_ns, kind, source, peer, payload)
        self.records.append(record)
        found = list(self.engine.step(record))
        self.effects += found
        return found

    def say(self, source: str, octets: bytes) -> list[Effect]:
        return self.put(Kind.OCTETS, source, octets)

    def up(self, source: str) -> list[Effect]:
        return self.put(Kind.WIRE, source, {"state": "up"})

    def down(self, source: str, reason: str = "gone") -> list[Effect]:
        return self.put(Kind.WIRE, source, {"state": "down", "reason": reason, "detail": "x", "retry_ns": NS_PER_S})

    def order(self, order: Order) -> list[Effect]:
        return self.put(Kind.ORDER, "operator", {"type": type(order).__name__, **msgspec.to_builtins(order)})

    def wait(self, seconds: float) -> list[Effect]:
        """Let time pass with a tick every second."""
        found: list[Effect] = []
        for _ in range(round(seconds)):
            self.at_ns += NS_PER_S
            found += self.put(Kind.TICK, "console")
        return found

    def probe(self, source: str, round_trip_ms: float | None) -> None:
        asked_ns = self.at_ns
        line: dict[str, Any] = {"source": "ping:127.0.0.1", "asked_ns": asked_ns}
        if round_trip_ms is None:
            line |= {"answered_ns": None, "error": "timeout"}
        else:
            line |= {"answered_ns": asked_ns + round(round_trip_ms * 1e6), "payload": {"round_trip_ms": round_trip_ms}}
        self.say(source, msgspec.json.encode(line))

    # ---- what is known

    def picture(self) -> Picture:
        return self.engine.picture()

    def alarm(self, alarm_id: str) -> Alarm | None:
        return next((a for a in self.picture().alarms if a.id == alarm_id), None)

    def message(self, message_id: str) -> Message:
        return next(m for m in self.picture().messages if m.id == message_id)

    def sent(self) -> list[bytes]:
        """Octets of all sends that belong to the outbox."""
        return [e.octets for e in self.effects if isinstance(e, Send) and e.reference is not None]

    def ready_terminal(self) -> None:
        """The BeiDou terminal is connected, has told its card and sees three beams."""
        self.up("bd")
        self.say("bd", CARD)
        self.say("bd", BEAMS)


def assert_same_from_every(door: Door, step: int) -> None:
    """From zero and from a snapshot after every ``step`` records a replay comes to the picture that the door has."""
    wanted = digest_of(door.picture())
    live = new_engine()
    for index, record in enumerate(door.records):
        live.step(record)
        if index % step == 0:
            again = new_engine()
            again.restore(live.save())
            assert digest_of(again.picture()) == digest_of(live.picture())
            for later in door.records[index + 1 :]:
                again.step(later)
            assert digest_of(again.picture()) == wanted
    assert digest_of(live.picture()) == wanted
