"""设备 Find: a find becomes a device or camera only by a person's confirmation, tried first."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from console.i18n import Language, catalogue
from console.picture import Text
from console.queries import (
    AddCameraRequest,
    AddDeviceRequest,
    AddedPage,
    FindPage,
    FindRequest,
    Found,
    Offer,
    OffersPage,
    OffersRequest,
    Page,
    Request,
    TrialPage,
    TrialRequest,
    Trouble,
)
from console.views.devices import DevicesScreen
from tests.views.more_pictures import FakeDesk, picture
from tests.views.screens import make

CAMERA = Found(
    kind="onvif",
    name="大桥 球机",
    wire=None,
    detail="192.0.2.21 · DS-2CD",
    is_configured=False,
    service="http://192.0.2.21/onvif/device_service",
    proposed_id="cam-21",
)
SERIAL = Found(
    kind="serial",
    name="CP2102",
    wire="serial:usb=10C4:EA60:7?baud=9600",
    detail="10C4:EA60:7",
    is_configured=False,
    drivers=("nmea0183", "beidou_rdss"),
    proposed_id="dev-ttyusb0",
)
ROUTER = Found(
    kind="_http._tcp.local.", name="router", wire="tcp:192.0.2.1:80", detail="192.0.2.1:80", is_configured=False
)
OFFERS = OffersPage(
    about="HIK DS-2CD 5.5",
    offers=(
        Offer(name="main", url="rtsp://192.0.2.21/1", codec="H265", width_px=1920, height_px=1080, rate_bps=4e6),
        Offer(name="sub", url="rtsp://192.0.2.21/2", codec="H264", width_px=640, height_px=360),
    ),
)
PICTURE = TrialPage(
    codec="hevc", source_px=(1920, 1080), width_px=4, height_px=2, stride_bytes=16, data=b"\x40\x80\x20\xff" * 8
)
SECRET = "p:@ss"  # noqa: S105 - typed by the person of this test


class Finder(FakeDesk):
    """Answers what a test says; keeps a request open where the answer is ``...``."""

    answers: dict[type, Page | None]
    late: Callable[[Page | None], None]
    is_late = False
    withdrawn = 0

    def ask(self, request: Request, on_page: Callable[[Page | None], None]) -> Callable[[], None]:
        self.requests.append(request)
        if self.is_late and not isinstance(request, FindRequest):
            self.late = on_page
        else:
            on_page(self.answers.get(type(request)))

        def withdraw() -> None:
            self.withdrawn += 1

        return withdraw

    def asked(self, kind: type) -> list[Request]:
        return [one for one in self.requests if isinstance(one, kind)]


def opened(qtbot: QtBot, one: Found, *, language: Language = "zh", mode: str = "live") -> tuple[DevicesScreen, Finder]:
    desk = Finder()
    desk.answers = {
        FindRequest: FindPage(found=(CAMERA, SERIAL, ROUTER)),
        OffersRequest: OFFERS,
        TrialRequest: PICTURE,
        AddCameraRequest: AddedPage(id="cam-21", file="vehicle.toml"),
        AddDeviceRequest: AddedPage(id="dev-ttyusb0", file="vehicle.toml"),
    }
    shown = dataclasses.replace(picture(), mode="live" if mode == "live" else "drill")
    screen, _, _, _ = make(qtbot, DevicesScreen, shown, desk=desk, language=language)
    screen.find_panel.button.click()
    qtbot.waitUntil(lambda: screen.find_panel.found.count() == 3)
    found = screen.find_panel.found
    row = next(row for row in range(3) if found.item(row).data(0x100) == one)
    found.itemClicked.emit(found.item(row))
    return screen, desk


def press(qtbot: QtBot, screen: DevicesScreen, name: str, until: Callable[[], bool]) -> None:
    button = getattr(screen.adding, name)
    assert button.isEnabled(), name
    button.click()
    qtbot.waitUntil(until)


def test_a_camera_is_asked_tried_and_added_as_the_person_says(qtbot: QtBot) -> None:
    screen, desk = opened(qtbot, CAMERA)
    form = screen.adding
    assert form.isVisible()
    assert not screen.one.isVisible()
    form.fields["user"].setText("viewer")
    form.fields["password"].setText(SECRET)
    press(qtbot, screen, "ask", lambda: form.main.count() == 2)
    assert "HIK DS-2CD 5.5" in form.said.text()
    assert form.main.currentText() == "main · H265 · 1920×1080 · 4 Mbit/s"
    assert (form.fields["url"].text(), form.fields["sub_url"].text()) == ("rtsp://192.0.2.21/1", "rtsp://192.0.2.21/2")
    assert not form.add.isEnabled()  # nobody has seen a picture of it yet
    press(qtbot, screen, "test", lambda: form.preview.has_image)
    assert form.said.text() == "有画面:HEVC 1920×1080"
    form.fields["name"].setText("大桥东")
    form.fields["owner"].setText("水利局")
    form.record.setChecked(False)
    press(qtbot, screen, "add", lambda: not form.isVisible())
    assert desk.asked(AddCameraRequest) == [
        AddCameraRequest(
            id="cam-21",
            name="大桥东",
            url="rtsp://192.0.2.21/1",
            sub_url="rtsp://192.0.2.21/2",
            owner="水利局",
            is_recorded=False,
            user="viewer",
            password=SECRET,
        )
    ]
    assert screen.one.isVisible()
    assert {field.text() for field in form.fields.values()} == {""}


def test_a_picture_seen_with_another_password_does_not_count(qtbot: QtBot) -> None:
    screen, _ = opened(qtbot, CAMERA)
    form = screen.adding
    form.fields["url"].setText("rtsp://192.0.2.21/1")
    press(qtbot, screen, "test", form.add.isEnabled)
    form.fields["password"].setText("another")
    assert not form.add.isEnabled()


def test_without_a_picture_it_says_why_and_what_adding_would_mean(qtbot: QtBot) -> None:
    screen, desk = opened(qtbot, CAMERA)
    form = screen.adding
    desk.answers[TrialRequest] = TrialPage(trouble=Trouble(text=Text(id="camera.reason.unauthorised")))
    form.fields["url"].setText("rtsp://192.0.2.21/1")
    press(qtbot, screen, "test", form.add.isEnabled)
    assert form.said.tone == "alarm"
    assert form.add.text() == "没有画面,仍然加入"
    assert not form.preview.has_image


def test_a_refused_account_is_said_with_its_remedy(qtbot: QtBot) -> None:
    screen, desk = opened(qtbot, CAMERA)
    desk.answers[OffersRequest] = OffersPage(
        trouble=Trouble(
            text=Text(id="finding.camera.unauthorised"), remedy=Text(id="finding.camera_remedy.unauthorised")
        )
    )
    press(qtbot, screen, "ask", lambda: "锁住账号" in screen.adding.said.text())
    assert screen.adding.said.text().startswith("摄像机不认这个用户或密码。")


def test_a_serial_port_is_added_with_the_driver_that_was_chosen(qtbot: QtBot) -> None:
    screen, desk = opened(qtbot, SERIAL)
    form = screen.adding
    assert not form.fields["password"].isVisible()
    form.driver.setCurrentIndex(form.driver.findData("beidou_rdss"))
    press(qtbot, screen, "add", lambda: not form.isVisible())
    assert desk.asked(AddDeviceRequest) == [
        AddDeviceRequest(id="dev-ttyusb0", name="CP2102", driver="beidou_rdss", wire=str(SERIAL.wire))
    ]


def test_what_no_driver_goes_over_cannot_be_chosen(qtbot: QtBot) -> None:
    screen, _ = opened(qtbot, CAMERA)
    found = screen.find_panel.found
    flags = [bool(found.item(row).flags().value) for row in range(3)]
    assert flags == [True, True, False]


def test_what_the_file_refuses_is_said_and_the_form_stays(qtbot: QtBot) -> None:
    screen, desk = opened(qtbot, SERIAL)
    reason = Text(id="configuration.reason.id_duplicate", args={"id": "x", "first": "device[1]"})
    told = Trouble(text=reason, remedy=Text(id="configuration.remedy.id_other"))
    desk.answers[AddDeviceRequest] = AddedPage(id="x", troubles=(told,))
    press(qtbot, screen, "add", lambda: "已用于 device[1]" in screen.adding.said.text())
    assert screen.adding.isVisible()


def test_nothing_is_added_twice_while_it_is_being_written(qtbot: QtBot) -> None:
    screen, desk = opened(qtbot, SERIAL)
    desk.is_late = True
    screen.adding.add.click()
    assert not screen.adding.add.isEnabled()
    screen.adding._add()
    assert len(desk.asked(AddDeviceRequest)) == 1
    desk.late(desk.answers[AddDeviceRequest])
    qtbot.waitUntil(lambda: not screen.adding.isVisible())


def test_leaving_withdraws_what_was_asked_and_forgets_the_password(qtbot: QtBot) -> None:
    screen, desk = opened(qtbot, CAMERA)
    form = screen.adding
    form.fields["password"].setText(SECRET)
    form.fields["url"].setText("rtsp://192.0.2.21/1")
    desk.is_late = True
    form.test.click()
    form.leave.click()
    assert desk.withdrawn == 1
    assert form.fields["password"].text() == ""
    assert not form.isVisible()


def test_a_password_is_never_seen(qtbot: QtBot) -> None:
    screen, _ = opened(qtbot, CAMERA)
    assert screen.adding.fields["password"].echoMode() is QLineEdit.EchoMode.Password


def test_in_a_drill_nothing_can_be_added_and_the_reason_stands_there(qtbot: QtBot) -> None:
    screen, desk = opened(qtbot, CAMERA, mode="drill")
    form = screen.adding
    form.fields["url"].setText("rtsp://192.0.2.21/1")
    assert [button.isEnabled() for button in (form.ask, form.test, form.add)] == [False] * 3
    assert form.said.text().startswith("演练车辆不能改动。")
    form._add()
    assert desk.asked(AddCameraRequest) == []


def test_in_replay_an_open_form_is_locked(qtbot: QtBot) -> None:
    screen, _ = opened(qtbot, SERIAL)
    screen.bridge.open_replay(None)
    screen.show_picture(dataclasses.replace(picture(), mode="live"))
    assert not screen.adding.add.isEnabled()
    assert screen.adding.said.text() == catalogue("zh")["devices.locked"]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("one", [CAMERA, SERIAL])
def test_every_field_has_a_name_in_both_languages(qtbot: QtBot, one: Found, language: str) -> None:
    screen, _ = opened(qtbot, one, language="zh" if language == "zh" else "en")
    form = screen.adding
    said = [label.text() for label in form.labels.values()]
    said += [button.text() for button in (form.ask, form.test, form.add, form.leave)]
    assert not [words for words in said if not words or "devices." in words]
