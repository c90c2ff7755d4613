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
from devices.video import messages


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


@pytest.mark.parametrize(
    "url",
    [
        "https://h/live.flv?txSecret=s3cret&txTime=5",
        "http://h/live.m3u8?auth_key=1700-0-0-s3cret",
        "srt://h:9000?mode=caller&passphrase=s3cret",
        "srt://h:9000?streamid=s3cret",
        "rtmp://h/live/x?sign=s3cret",
        "http://h/video.mjpg?pwd=s3cret",
    ],
)
def test_no_secret_of_a_platforms_stream_is_written_down_or_said(url: str) -> None:
    cameras = (CameraConfiguration(id="c", name="c", url=url, sub_url=url),)
    copy = without_secrets(Configuration(mode="live", incident="x", post="", cameras=cameras))
    assert "s3cret" not in repr(copy)
    assert "://h" in copy.cameras[0].url
    secret = url.partition("s3cret")[0].rpartition("=")[2] + "s3cret"
    assert "s3cret" not in messages.redact(f"cannot open '{secret}' of {url}", messages.secrets_of(url))


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
