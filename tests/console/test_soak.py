from __future__ import annotations

import gc

from console.orders import AcknowledgeAlarm, ComposeMessage
from devices.driver import NS_PER_S
from tests.console.door import BEAMS, CARD, Door, sentence

HOUR_S = 3600


def an_hour(door: Door, hour: int) -> None:
    """Positions, texts, lost wires, flapping links, alarms seen and unseen; a record every second or more."""
    for second in range(HOUR_S):
        if second % 10 == 0:
            minutes = (hour * HOUR_S + second) % 60_000
            door.say("bd", sentence(f"BDWAA,0,,4204986,,{3400 + minutes / 10_000:.4f},N,11344.4000,E,14,M"))
            door.say(
                "gnss", sentence(f"GNGGA,{second // 60:02d}{second % 60:02d}00.00,3423.7,N,11344.4,E,1,9,1,9,M,0,M,,")
            )
        if second % 30 == 0:
            door.say("bd", BEAMS)
        door.probe("p1", None if second % 600 < 20 else 2.0)
        if second % 100 == 0:
            door.order(ComposeMessage(message_id=f"{hour}-{second}", device_id="bd", recipient="4207700", text="续报"))
            door.say("bd", sentence(f"BDTXR,1,{4204990 + second},2,,A4{second + 16384:04X}"))
        if second % 100 == 2:
            door.say("bd", sentence("BDFKI,TXA,Y,Y,0,0000"))
        if second % 900 == 100:
            door.down("bd")
        if second % 900 == 160:
            door.up("bd")
            door.say("bd", CARD)
        if second % 1200 == 0:
            for alarm in door.picture().alarms:
                door.order(AcknowledgeAlarm(alarm_id=alarm.id))
        door.wait(1)
    door.records.clear()
    door.effects.clear()


def test_eight_simulated_hours_leave_the_engine_no_larger_than_four() -> None:
    door = Door()
    door.ready_terminal()
    door.up("gnss")
    door.up("p1")
    sizes: list[int] = []
    objects: list[int] = []
    for hour in range(8):
        an_hour(door, hour)
        gc.collect()
        sizes.append(len(door.engine.save()))
        objects.append(len(gc.get_objects()))
    assert max(sizes[4:]) < 1.05 * sizes[3]
    assert max(objects[4:]) < 1.02 * objects[3] + 500
    assert door.picture().at_ns - door.picture().incident.since_ns == 8 * HOUR_S * NS_PER_S  # type: ignore[operator]
    assert door.picture().faults == 0
