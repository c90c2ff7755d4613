"""What pictures take of a bearer is counted through restart and replay; what is held back on purpose is no alarm."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from console.assembly import digest_of
from console.configuration.model import (
    IN_USE,
    BearerConfiguration,
    CameraConfiguration,
    Configuration,
    DeviceConfiguration,
    TeamConfiguration,
)
from console.picture import Bearer, Camera
from console.records import Kind
from console.replay import new_engine
from console.switch_orders import TakeBearer
from devices.driver import NS_PER_S
from tests.console.door import Door, sentence

HOUR_S = 3_600
VEHICLE = Configuration(
    mode="live",
    incident="双洎河漫溢",
    post="",
    devices=(
        DeviceConfiguration(id="p1", name="光纤探测", driver="probe", wire="ping:127.0.0.1"),
        DeviceConfiguration(id="p2", name="VSAT 探测", driver="probe", wire="ping:127.0.0.1"),
        DeviceConfiguration(id="track", name="定位器", driver="nmea0183", wire="udp:127.0.0.1:1"),
    ),
    cameras=(
        CameraConfiguration(id="cam", name="桥", url="rtsp://h/1", sub_url="rtsp://h/2", bearer_id=IN_USE, still_s=10),
        CameraConfiguration(id="mast", name="桅杆", url="rtsp://h/3", lat_deg=34.354, lon_deg=113.655),
        CameraConfiguration(id="body", name="执法仪", url="rtsp://h/4", team_id="police", is_on_demand=True),
    ),
    teams=(TeamConfiguration(id="police", name="公安", symbol="警", means=("track",)),),
    bearers=(
        BearerConfiguration(id="fibre", name="光纤", rung="primary", device_id="p1"),
        BearerConfiguration(
            id="vsat", name="VSAT", rung="contingency", device_id="p2", video_budget_bps=300e3, video_hour_bytes=10**8
        ),
    ),
)


def _opened() -> Door:
    door = Door(VEHICLE)
    for device in ("p1", "p2"):
        door.up(device)
    for _ in range(4):
        door.probe("p1", 5.0)
        door.probe("p2", 600.0)
        door.wait(1)
    return door


def _camera(door: Door, camera_id: str = "cam") -> Camera:
    return next(camera for camera in door.picture().cameras if camera.id == camera_id)


def _bearer(door: Door, bearer_id: str) -> Bearer:
    return next(bearer for bearer in door.picture().bearers if bearer.id == bearer_id)


def _say(door: Door, state: str = "live", camera_id: str = "cam", **said: object) -> None:
    base: dict[str, Any] = {"state": state, "grade": "sub", "packet_age_ns": 0, "rate_bps": 400_000.0, "video_bytes": 0}
    door.put(Kind.CAMERA, camera_id, base | said)


def _fail_fibre(door: Door) -> None:
    for _ in range(8):
        door.probe("p1", None)
        door.probe("p2", 600.0)
        door.wait(1)
    door.order(TakeBearer(bearer_id="vsat", by="指挥席"))
    assert _bearer(door, "vsat").is_in_use


# ---- counting


def test_octets_are_counted_at_the_bearer_in_use_and_at_the_next_when_it_fails() -> None:
    door = _opened()
    _say(door, video_bytes=1_000)
    assert (_bearer(door, "fibre").video_hour_bytes, _bearer(door, "vsat").video_hour_bytes) == (1_000, 0)
    assert _bearer(door, "fibre").video_bps == 400_000
    _fail_fibre(door)
    _say(door, video_bytes=500)
    assert (_bearer(door, "fibre").video_hour_bytes, _bearer(door, "vsat").video_hour_bytes) == (1_000, 500)
    assert (_bearer(door, "fibre").video_bps, _bearer(door, "vsat").video_bps) == (0, 400_000)
    assert _camera(door).bearer_id == "vsat"


def test_an_octet_counts_for_an_hour_and_not_much_longer() -> None:
    door = _opened()
    _say(door, video_bytes=7_000)
    door.wait(600)
    _say(door, video_bytes=1)
    door.wait(HOUR_S - 600)
    assert _bearer(door, "fibre").video_hour_bytes == 7_001
    door.wait(15)
    assert _bearer(door, "fibre").video_hour_bytes == 1
    door.wait(600)
    assert _bearer(door, "fibre").video_hour_bytes == 0
    assert not door.engine.tables.bearers["fibre"].video


def test_octets_that_came_before_a_bearer_was_known_are_counted_when_it_is() -> None:
    door = Door(VEHICLE)
    _say(door, video_bytes=900)
    assert [bearer.video_hour_bytes for bearer in door.picture().bearers] == [0, 0]
    door.up("p2")
    for _ in range(4):
        door.probe("p2", 600.0)
        door.wait(1)
    door.order(TakeBearer(bearer_id="vsat", by="指挥席"))
    _say(door, video_bytes=100)
    assert _bearer(door, "vsat").video_hour_bytes == 1_000


def test_the_count_survives_a_restart_and_a_replay_comes_to_the_same_picture() -> None:
    door = _opened()
    for _ in range(50):
        door.wait(1)
        _say(door, video_bytes=1_234)
    saved = door.engine.save()
    restarted = Door(VEHICLE, engine=new_engine())
    restarted.engine.restore(saved)
    restarted.at_ns, restarted.seq = door.at_ns + 60 * NS_PER_S, door.seq
    restarted.begin(VEHICLE, last_ns=door.at_ns)
    assert _bearer(restarted, "fibre").video_hour_bytes == 50 * 1_234
    again = new_engine()
    for record in door.records:
        again.step(record)
    assert digest_of(again.picture()) == digest_of(door.picture())
    whole = new_engine()
    whole.restore(saved)
    restarted.wait(HOUR_S)
    for record in restarted.records[1:]:
        whole.step(record)
    assert digest_of(whole.picture()) == digest_of(restarted.picture())
    assert _bearer(restarted, "fibre").video_hour_bytes == 0


def test_a_rate_is_smoothed_so_that_one_key_frame_changes_no_plan() -> None:
    door = _opened()
    for rate_bps in (400_000.0, 400_000.0, 2_000_000.0):
        _say(door, rate_bps=rate_bps)
    assert 400_000 < door.engine.tables.cameras["cam"].rates_bps["sub"] < 800_000


# ---- no alarm for what is meant


@pytest.mark.parametrize("state", ["standby", "held"])
def test_a_camera_that_is_not_received_on_purpose_raises_no_alarm_and_is_not_called_lost(state: str) -> None:
    door = _opened()
    _say(door)
    note = {"id": "thrift.hour_spent", "args": {"bearer": "VSAT"}} if state == "held" else None
    _say(door, state, grade="off", packet_age_ns=None, rate_bps=None, note=note)
    door.wait(120)
    assert door.alarm("picture:cam") is None
    lines = [notice.text.id for notice in door.picture().notices]
    assert "notice.picture_lost" not in lines
    assert ("notice.picture_held" in lines) == (state == "held")
    # Asked for again it has the time that any source needs to open, however old its last picture is.
    _say(door, "connecting", packet_age_ns=None, rate_bps=None)
    door.wait(9)
    assert door.alarm("picture:cam") is None
    door.wait(2)
    assert door.alarm("picture:cam") is not None


def test_stills_raise_the_alarm_when_they_stay_away_and_not_before_they_are_due() -> None:
    door = _opened()
    _say(door, "stills", grade="stills")
    door.wait(29)
    assert door.alarm("picture:cam") is None
    door.wait(2)
    assert door.alarm("picture:cam") is not None
    _say(door, "stills", grade="stills")
    door.wait(4)
    returned = door.alarm("picture:cam")
    assert returned is not None
    assert returned.state == "returned"


def test_a_picture_that_is_not_to_be_trusted_is_an_alarm_of_its_own_that_says_what_was_seen() -> None:
    door = _opened()
    _say(door)
    _say(door, "abnormal", health="frozen", health_age_ns=3 * NS_PER_S)
    alarm = door.alarm("picture_health:cam")
    assert alarm is not None
    assert alarm.text.args["@health"] == "camera.health.frozen"
    assert door.alarm("picture:cam") is None
    camera = _camera(door)
    assert (camera.state, camera.health, camera.health_since_ns) == ("abnormal", "frozen", door.at_ns - 3 * NS_PER_S)
    _say(door)
    assert _camera(door).health is None
    door.put(Kind.CAMERA, "cam", {"state": "live", "is_connected": True, "packet_age_ns": 0})
    door.wait(1)
    door.put(Kind.CAMERA, "cam", {"state": "live", "is_connected": True, "packet_age_ns": 0})
    door.wait(2)
    returned = door.alarm("picture_health:cam")
    assert returned is not None
    assert returned.state == "returned"
    assert "notice.picture_lost" not in [notice.text.id for notice in door.picture().notices]


def test_a_change_of_grade_is_in_the_log_with_its_reason_once() -> None:
    door = _opened()
    _say(door)
    note = {"id": "thrift.rate", "args": {"bearer": "VSAT", "kbps": 300}}
    for _ in range(3):
        _say(door, "stills", grade="stills", note=note)
    _say(door)
    held = [notice for notice in door.picture().notices if notice.text.id == "notice.picture_held"]
    freed = [notice for notice in door.picture().notices if notice.text.id == "notice.picture_free"]
    assert [notice.text.args["@reason"] for notice in held] == ["thrift.rate"]
    assert len(freed) == 1
    assert _camera(door).budget_note is None


# ---- where a camera is


def test_a_camera_is_where_it_stands_or_where_the_team_is_that_carries_it_with_that_teams_age() -> None:
    door = _opened()
    place = _camera(door, "mast").place
    assert place is not None
    assert (place.lat_deg, place.lon_deg, place.source, place.at_ns) == (34.354, 113.655, "fixed", None)
    assert _camera(door, "body").place is None
    door.up("track")
    door.say("track", sentence("GPGGA,033206.00,3421.2400,N,11339.3000,E,1,08,1.0,104.0,M,0.0,M,,"))
    heard_ns = door.at_ns
    door.wait(100)
    place = _camera(door, "body").place
    assert place is not None
    assert (place.source, place.at_ns) == ("police", heard_ns)
    assert place.lat_deg == pytest.approx(34.354)


def test_a_record_of_an_older_console_is_still_understood() -> None:
    door = _opened()
    door.put(Kind.CAMERA, "cam", {"state": "live", "reason": None, "is_connected": True, "packet_age_ns": 0})
    camera = _camera(door)
    assert (camera.state, camera.grade, camera.budget_note) == ("live", None, None)
    assert replace(camera, grade="main").grade == "main"
