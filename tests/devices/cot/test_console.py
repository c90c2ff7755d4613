"""The whole way into the console: who is heard, what is confirmed, what renews nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from defusedxml.ElementTree import fromstring

from console.configuration.model import DeviceConfiguration, TeamConfiguration
from console.effects import Send
from console.orders import ComposeMessage
from console.picture import Team
from console.records import Kind
from devices.driver import NS_PER_S
from tests.console.door import VEHICLE, Door
from tests.devices.cot.events import event, receipt, text, user

PHONE, OTHER = "192.0.2.7:5000", "192.0.2.8:5000"
TAK = DeviceConfiguration(
    id="tak",
    name="TAK",
    driver="cot",
    wire="tcp-listen:127.0.0.1:8087",
    settings={"uid": "CP", "callsign": "指挥部", "publish": True, "publish_s": 30},
)
TEAM = TeamConfiguration(id="rescue", name="蓝天救援", symbol="蓝", expected_s=120, means=("tak/ANDROID-1",))


class Console(Door):
    def __init__(self, **settings: Any) -> None:
        device = replace(TAK, settings={**TAK.settings, **settings})
        super().__init__(replace(VEHICLE, devices=(device,), teams=(TEAM,), cameras=(), bearers=(), contacts=()))
        self.up("tak")
        self.wait(10)

    def hear(self, octets: bytes, peer: str = PHONE) -> list[Send]:
        found = [one for one in self.put(Kind.OCTETS, "tak", octets, peer) if isinstance(one, Send)]
        assert not self.picture().devices[0].malformed
        return found

    @property
    def team(self) -> Team:
        return self.picture().teams[0]


def test_a_phone_that_calls_is_a_team_that_is_heard_with_place_and_battery() -> None:
    console = Console()
    console.hear(user("ANDROID-1", console.at_ns).replace(b"</detail>", b'<status battery="53"/></detail>'))
    assert console.team.last_heard_ns == console.at_ns
    assert console.team.place is not None
    assert console.team.place.lat_deg == 34.3956
    assert console.team.charge_percent == 53.0


def test_neither_a_repetition_nor_a_store_renews_last_heard() -> None:
    console = Console()
    said = user("ANDROID-1", console.at_ns, stale_s=3600.0)
    console.hear(said)
    heard_ns = console.at_ns
    console.wait(60)
    console.hear(said)
    console.hear(said, OTHER)
    console.hear(text("ANDROID-1", "All Chat Rooms", "早先", heard_ns - 3600 * NS_PER_S))
    console.hear(event("mark", console.at_ns, '<link uid="ANDROID-1" relation="p-p"/>', kind="a-u-G", how="h-e"))
    assert console.team.last_heard_ns == heard_ns


def test_our_own_team_given_back_is_not_heard() -> None:
    console = Console()
    console.hear(user("ANDROID-1", console.at_ns))
    heard_ns = console.team.last_heard_ns
    console.wait(30)
    console.hear(user("CP-team-rescue", console.at_ns))
    console.hear(user("CP", console.at_ns))
    assert console.team.last_heard_ns == heard_ns


def test_a_text_goes_to_its_phone_alone_and_its_receipt_confirms_it() -> None:
    console = Console()
    console.hear(user("ANDROID-1", console.at_ns))
    console.hear(user("ANDROID-2", console.at_ns), OTHER)
    console.effects.clear()
    console.order(ComposeMessage(message_id="m1", device_id="tak", recipient="ANDROID-1", text="转移"))
    [send] = [one for one in console.effects if isinstance(one, Send) and one.reference == "m1"]
    assert send.peer == PHONE
    console.put(Kind.OUTCOME, "tak", {"reference": "m1", "is_written": True})
    console.wait(2)
    chat = fromstring(send.octets).find("detail/__chat")
    assert chat is not None
    console.hear(receipt("ANDROID-1", "CP", chat.get("messageId", ""), console.at_ns))
    assert console.message("m1").state == "confirmed"


def test_somebody_elses_receipt_confirms_nothing() -> None:
    console = Console()
    console.hear(user("ANDROID-1", console.at_ns))
    console.order(ComposeMessage(message_id="m1", device_id="tak", recipient="ANDROID-1", text="转移"))
    console.wait(2)
    console.hear(receipt("ANDROID-1", "SOMEBODY", f"{console.at_ns:x}-m1", console.at_ns))
    console.hear(receipt("ANDROID-1", "CP", f"{console.at_ns:x}-m9", console.at_ns))
    assert console.message("m1").state != "confirmed"


def test_a_text_of_a_phone_is_taken_once_and_receipted_to_it() -> None:
    console = Console()
    console.hear(user("ANDROID-1", console.at_ns))
    said = text("ANDROID-1", "CP", "需要船", console.at_ns)
    [answer] = console.hear(said)
    console.hear(said)
    assert (answer.peer, b'type="b-t-f-d"' in answer.octets) == (PHONE, True)
    assert [one.text for one in console.picture().messages] == ["需要船"]


def test_a_call_for_help_raises_the_alarm_of_its_team() -> None:
    console = Console()
    link = '<link uid="ANDROID-1" type="a-f-G-U-C" relation="p-p"/><emergency type="911 Alert"/>'
    console.hear(event("ANDROID-1-9-1-1", console.at_ns, link, kind="b-a-o-tbl"))
    alarm = next(one for one in console.picture().alarms if one.text.id == "alarm.emergency")
    assert alarm.text.args == {"who": "蓝天救援", "@kind": "tak.emergency.alert"}
