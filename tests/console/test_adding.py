"""A confirmed find runs at once and without a restart, and disturbs nothing that runs."""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import msgspec
import psutil
import pytest

from console.configuration.file import load
from console.configuration.model import CameraConfiguration, DeviceConfiguration
from console.desk import LiveDesk
from console.engine import Engine
from console.finding import suggestions
from console.journal.reader import Reader
from console.queries import (
    AddCameraRequest,
    AddDeviceRequest,
    AddedPage,
    OffersPage,
    OffersRequest,
    TrialPage,
    TrialRequest,
)
from console.records import Kind
from console.replay import new_engine
from devices.transports.discovery import SerialCandidate, ServiceCandidate
from devices.transports.wsdiscovery import CameraCandidate
from tests.console.door import VEHICLE, Door, sentence
from tests.console.running import Running
from tests.onvif_scene import ADDRESS, PASSWORD, play

CANARY = "Canary-77:p@ss"
FILE = """# mine
[incident]
name = "A"

[[device]]
id = "gnss"
driver = "nmea0183"
wire = "udp:127.0.0.1:{port}"
"""


# ---- behind the door


def added(door: Door, new: CameraConfiguration | DeviceConfiguration) -> None:
    door.put(
        Kind.CONFIGURATION,
        "console",
        {"configuration": msgspec.to_builtins(VEHICLE.with_added(new)), "added": new.id},
    )


def test_half_a_sentence_is_finished_although_a_camera_was_added_in_between() -> None:
    whole = sentence("GPRMC,120000,A,3424.0,N,11344.0,E,0.0,0.0,200726,,,A")
    door = Door()
    door.up("gnss")
    door.say("gnss", whole[:20])
    added(door, CameraConfiguration(id="cam-22", name="大桥", url="rtsp://192.0.2.22/"))
    door.say("gnss", whole[20:])
    device = next(one for one in door.picture().devices if one.id == "gnss")
    assert device.place is not None
    assert (device.malformed, device.unrecognised) == (0, 0)


def test_what_was_known_stays_and_the_addition_is_noted_by_name() -> None:
    door = Door()
    door.ready_terminal()
    before = door.picture()
    added(door, DeviceConfiguration(id="mesh", name="电台", driver="meshtastic", wire="tcp:192.0.2.71:4403"))
    after = door.picture()
    assert after.devices[: len(before.devices)] == before.devices
    assert (after.devices[-1].id, after.devices[-1].state) == ("mesh", "connecting")
    assert (after.notices[-1].text.id, after.notices[-1].text.args["name"]) == ("notice.added", "电台")
    assert after.bearers == before.bearers


def test_an_addition_replays_to_the_same_state() -> None:
    door = Door()
    door.ready_terminal()
    added(door, CameraConfiguration(id="cam-22", name="大桥", url="rtsp://192.0.2.22/"))
    door.wait(3)
    again: Engine = new_engine()
    for record in door.records:
        again.step(record)
    assert again.save() == door.engine.save()


# ---- what is suggested


def test_suggestions_say_what_is_configured_and_propose_ids_that_are_free() -> None:
    known = VEHICLE.with_added(CameraConfiguration(id="cam-21", name="桥", url="rtsp://u:p@192.0.2.21/1"))
    cameras = [
        CameraCandidate(endpoint=f"e{host}", service=f"http://{host}/d", host=host, name="", hardware="DS-2CD")
        for host in ("192.0.2.21", "198.51.100.21")
    ]
    services = [
        ServiceCandidate(kind=kind, name="n", host="h", addresses=(host,), port=port, properties=(("path", "/live"),))
        for kind, host, port in (
            ("_rtsp._tcp.local.", "192.0.2.21", 554),
            ("_rtsp._tcp.local.", "192.0.2.30", 8554),
            ("_axis-video._tcp.local.", "192.0.2.31", 80),
            ("_gpsd._tcp.local.", "192.0.2.32", 2947),
            ("_http._tcp.local.", "192.0.2.33", 80),
        )
    ]
    ports = [
        SerialCandidate(wire="serial:usb=10C4:EA60:7", path="/dev/ttyUSB0", identity="10C4:EA60:7", description="")
    ]
    found = suggestions(known, ports, services, cameras)
    assert [(one.kind.partition(".")[0], one.proposed_id) for one in found] == [
        ("onvif", "cam-21-2"),
        ("onvif", "cam-21-3"),
        ("_rtsp", "cam-30"),
        ("_axis-video", "cam-31"),
        ("_gpsd", "dev-n"),
        ("_http", "dev-n-2"),
        ("serial", "dev-ttyusb0"),
    ]
    assert [one.is_configured for one in found] == [True, False, False, False, False, False, False]
    assert found[2].url == "rtsp://192.0.2.30:8554/live"
    assert found[3].service == "http://192.0.2.31:80/onvif/device_service"
    assert found[4].drivers == ("gpsd",)
    assert found[5].drivers == ()
    assert {"nmea0183", "beidou_rdss"} <= set(found[6].drivers)


# ---- the running console


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
        wire.bind(("127.0.0.1", 0))
        return int(wire.getsockname()[1])


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    file = tmp_path / "vehicle.toml"
    file.write_text(FILE.format(port=free_port()), encoding="utf-8")
    console = Running(tmp_path, file)
    yield console
    console.close()


def test_a_device_is_written_down_and_heard_at_once(running: Running) -> None:
    port = free_port()
    before = running.until(lambda picture: picture.devices[0].state == "up")
    page = running.ask(AddDeviceRequest(id="second", name="备用定位", driver="nmea0183", wire=f"udp:127.0.0.1:{port}"))
    assert isinstance(page, AddedPage)
    assert page.troubles == ()
    running.until(lambda picture: [one.state for one in picture.devices] == ["up", "up"])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
        wire.sendto(sentence("GPRMC,120000,A,3424.0,N,11344.0,E,0.0,0.0,200726,,,A"), ("127.0.0.1", port))
    after = running.until(lambda picture: picture.devices[1].understood)
    assert after.devices[0].since_ns == before.devices[0].since_ns
    assert running.file.read_text(encoding="utf-8").startswith("# mine\n")
    assert load(running.file).devices[1].name == "备用定位"
    assert len(running.runtime.configuration.devices) == 2


def test_what_cannot_be_configured_is_said_and_changes_nothing(running: Running) -> None:
    before = running.file.read_bytes()
    for request in (
        AddDeviceRequest(id="gnss", name="x", driver="nmea0183", wire="serial:/dev/ttyS9"),
        AddCameraRequest(id="c", name="x", url="rtsp://[bad", user="u", password=CANARY),
        AddCameraRequest(id="c", name="x", url="ftp://192.0.2.1/"),
    ):
        page = running.ask(request)
        assert isinstance(page, AddedPage)
        assert page.troubles
        assert CANARY not in str(page)
    assert running.file.read_bytes() == before
    assert len(running.runtime.configuration.devices) == 1


def test_a_camera_that_cannot_be_reached_is_said_with_its_reason_and_no_secret(running: Running) -> None:
    trial = running.ask(TrialRequest(url="rtsp://127.0.0.1:1/x", user="u", password=CANARY))
    assert isinstance(trial, TrialPage)
    assert trial.trouble is not None
    assert trial.trouble.text.id == "camera.reason.refused"
    offers = running.ask(OffersRequest(service="http://127.0.0.1:1/x", user="u", password=CANARY))
    assert isinstance(offers, OffersPage)
    assert offers.trouble is not None
    assert offers.trouble.text.id == "finding.camera.unreachable"
    assert CANARY not in f"{trial}{offers}{TrialRequest(url='', password=CANARY)}"


def test_a_trial_that_is_withdrawn_ends_its_processes(running: Running) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        cancel = running.desk.ask(TrialRequest(url=f"tcp://127.0.0.1:{silent.getsockname()[1]}"), lambda _: None)
        silent.settimeout(20)
        silent.accept()[0].close()
        cancel()
    end_s = time.monotonic() + 15
    while [one for one in psutil.Process().children(recursive=True) if "receive" in " ".join(one.cmdline())]:
        assert time.monotonic() < end_s
        time.sleep(0.05)


def test_in_a_drill_nothing_is_added(tmp_path: Path) -> None:
    file = tmp_path / "vehicle.toml"
    file.write_text(FILE.format(port=free_port()), encoding="utf-8")
    console = Running(tmp_path, file)
    try:
        console.desk = LiveDesk(console.runtime)  # a drill has no file of the person's own
        page = console.ask(AddDeviceRequest(id="x", name="x", driver="nmea0183", wire="udp:127.0.0.1:1"))
        assert isinstance(page, AddedPage)
        assert page.troubles[0].text.id == "adding.drill"
    finally:
        console.close()


@pytest.mark.peer
def test_a_strangers_camera_is_found_tried_added_and_seen_and_its_password_stands_in_the_file_alone(
    tmp_path: Path,
) -> None:
    scene = play("add", tmp_path)
    assert scene["found"] == [["onvif", "大桥 球机", False], "cam-1"]
    assert scene["about"].startswith("PythonCam")
    assert scene["trial"] == [None, [640, 360]]
    assert scene["wrong"] == "finding.camera.unauthorised"
    assert scene["troubles"] == []
    assert scene["state"] == "live"
    assert scene["restarts"] == 1
    secrets = (PASSWORD, quote(PASSWORD, safe=""), "Canary-77")
    assert [one for one in secrets if one in scene["stderr"]] == []
    assert scene["told"] == ["looked"]
    file = tmp_path / "vehicle.toml"
    assert f"viewer:{quote(PASSWORD, safe='')}@{ADDRESS}" in file.read_text(encoding="utf-8")
    for path in (tmp_path / "incident").rglob("*"):
        if path.is_file():
            held = path.read_bytes()
            assert [one for one in secrets if one.encode() in held] == [], path


def test_a_journal_shows_the_addition_without_its_secrets(running: Running, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    url = "rtsp://127.0.0.1:1/user=admin_password=Canary-77_stream=0.sdp"
    page = running.ask(AddCameraRequest(id="c", name="x", url=url, user="u", password=CANARY))
    assert isinstance(page, AddedPage)
    assert page.troubles == ()
    running.until(lambda picture: [one.state for one in picture.cameras] == ["down"])
    running.close()
    reader = Reader(running.runtime.folder)
    said = b"".join(record.payload for record in reader.records())
    reader.close()
    assert b'"added":"c"' in said
    assert b"Canary" not in said
    assert "Canary" not in caplog.text
