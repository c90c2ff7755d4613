"""What is written down of a configuration holds no secret."""

from __future__ import annotations

import dataclasses

import pytest

from console.configuration.model import (
    CameraConfiguration,
    Configuration,
    DeviceConfiguration,
    redact,
    without_secrets,
)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("rtsp://viewer:s3cret@192.0.2.1:554/s", "rtsp://***@192.0.2.1:554/s"),
        ("rtsp://viewer:p@s3cret@192.0.2.1/s", "rtsp://***@192.0.2.1/s"),
        ("rtsp://192.0.2.1/s?user=a&password=s3cret&x=1", "rtsp://192.0.2.1/s?user=a&password=***&x=1"),
        (
            "rtsp://192.0.2.1/user=admin_password=tlJwpbo6_channel=1_stream=0.sdp",
            "rtsp://192.0.2.1/user=admin_password=***_channel=1_stream=0.sdp",
        ),
        ("rtsp://192.0.2.1/live@home", "rtsp://192.0.2.1/live@home"),
        ("https://h/x?Token=s3cret", "https://h/x?Token=***"),
        ("serial:/dev/ttyS0?baud=9600", "serial:/dev/ttyS0?baud=9600"),
        ("tcp:192.0.2.1:4001", "tcp:192.0.2.1:4001"),
    ],
)
def test_an_address_is_shown_without_its_secrets(url: str, shown: str) -> None:
    assert redact(url) == shown


def test_the_copy_that_is_written_down_holds_no_secret_and_loses_nothing_else() -> None:
    configuration = Configuration(
        mode="live",
        incident="防汛",
        post="",
        devices=(
            DeviceConfiguration(
                id="d", name="d", driver="x", wire="mqtt://u:s3cret@h:1", settings={"password": "s3cret", "rate_hz": 2}
            ),
        ),
        cameras=(CameraConfiguration(id="c", name="c", url="rtsp://u:s3cret@h/s"),),
    )
    copy = without_secrets(configuration)
    assert "s3cret" not in repr(dataclasses.asdict(copy))
    assert copy.devices[0].settings["rate_hz"] == 2
    assert dataclasses.replace(copy, devices=configuration.devices, cameras=configuration.cameras) == configuration
