"""What people type and devices say is shown as it is, even where it looks like the id of a text of ours."""

from __future__ import annotations

from dataclasses import replace

import pytest

from console.configuration.model import DeviceConfiguration
from console.i18n import catalogue, translate
from console.orders import AddTeam
from console.picture import Text
from tests.console.door import VEHICLE, Door
from tests.devices.cot.events import event

ID = "@mark.kind.road_block"


def said(text: Text) -> str:
    return translate("zh", text.id, text.args)


@pytest.mark.parametrize("name", ["team", "device", "who"])
def test_no_argument_is_read_as_an_id_whatever_it_says(name: str) -> None:
    for text_id, text in catalogue("zh").items():
        if f"{{{name}}}" in text and text.count("{") == 1:
            assert ID in translate("zh", text_id, {name: ID}), text_id


def test_a_name_marked_by_this_program_is_an_id_and_may_have_arguments_of_its_own() -> None:
    words = translate("zh", "alarm.over", {"@alarm": "alarm.nodata", "device": "@@", "seconds": 30})
    assert translate("zh", "alarm.nodata", {"device": "@@", "seconds": 30}) in words


def test_a_team_device_and_author_called_like_a_text_of_ours_keep_their_names() -> None:
    gnss, *others = VEHICLE.devices
    door = Door(replace(VEHICLE, devices=(replace(gnss, name=ID), *others)))
    door.order(AddTeam(team_id="guest", name=ID, symbol="@", by="@team.state.moving"))
    door.wait(3600)
    picture = door.picture()
    texts = [said(one.text) for one in picture.alarms] + [said(one.text) for one in picture.notices]
    assert any(ID in words for words in texts)
    assert any("@team.state.moving" in words for words in texts)
    assert not any(catalogue("zh")[ID[1:]] in words for words in texts)


def test_a_phone_that_says_an_id_in_its_callsign_or_its_call_for_help_is_shown_word_for_word() -> None:
    tak = DeviceConfiguration(id="tak", name="TAK", driver="cot", wire="udp-multicast:239.2.3.1:6969")
    door = Door(replace(VEHICLE, devices=(*VEHICLE.devices, tak)))
    door.up("tak")
    detail = f'<contact callsign="{ID}"/><emergency type="{ID}">{ID}</emergency>'
    door.say("tak", event("ANDROID-1", door.at_ns, detail, kind="b-a-o-x"))
    (alarm,) = [one for one in door.picture().alarms if one.rule == "emergency"]
    assert ID[1:] in said(alarm.text)
    assert catalogue("zh")[ID[1:]] not in said(alarm.text)
