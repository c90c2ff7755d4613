from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.i18n import catalogue
from devices.video.messages import (
    REASONS,
    MessageError,
    Open,
    Prepare,
    Show,
    Status,
    pack,
    redact,
    secrets_of,
    unpack,
)

URL = "rtsp://operator:Ca%6Eary-77@10.0.0.9:554/live?channel=1&token=tok-55#transport=udp"


@pytest.mark.parametrize(
    "message",
    [
        Open(url=URL, wall_offset_ns=5),
        Prepare(camera_id="无人机", slots="/dev/shm/x"),
        Show(width_px=640, height_px=360, rate_hz=12.5),
        Status(state="live", is_connected=True, rate_fps=25.0),
    ],
)
def test_a_message_comes_back_from_its_line(message: Open | Prepare | Show | Status) -> None:
    line = pack(message)
    assert line.endswith(b"\n")
    assert b"\n" not in line[:-1]
    assert unpack(line) == message


@given(st.binary(max_size=200))
def test_no_line_of_noise_is_a_message(line: bytes) -> None:
    with pytest.raises(MessageError):
        unpack(line)


def test_a_torn_command_does_not_tell_its_password() -> None:
    with pytest.raises(MessageError) as raised:
        unpack(pack(Open(url=URL, wall_offset_ns=5))[:-9])
    assert "Ca" not in str(raised.value)
    assert raised.value.__context__ is None or raised.value.__suppress_context__


@pytest.mark.parametrize(
    "line",
    [
        f"[rtsp @ 0x55] method DESCRIBE failed: {URL}",
        "Server returned 401 Unauthorized: 'rtsp://operator:Canary-77@10.0.0.9/live'",
        "no key Canary-77 in the answer",
        "Authorization: Digest username=operator, response=Ca%6Eary-77",
        "rtsp://operator:pa@ss@Canary-77@10.0.0.9/x?password=Canary-77",
        "rtsp://10.0.0.9/user=admin_password=Canary-77_channel=1_stream=0.sdp",
        "https://h/x?access=1&TOKEN=tok-55&sign=tok-55",
    ],
)
def test_no_secret_of_a_url_remains_in_a_redacted_line(line: str) -> None:
    said = redact(line, secrets_of(URL))
    assert "Canary-77" not in said
    assert "Ca%6Eary-77" not in said
    assert "tok-55" not in said


def test_redacting_leaves_the_address_readable() -> None:
    assert redact(URL) == "rtsp://***@10.0.0.9:554/live?channel=1&token=***#transport=udp"
    assert redact("udp://239.1.2.3:5600") == "udp://239.1.2.3:5600"


def test_every_reason_has_a_text_with_its_remedy_in_both_languages() -> None:
    for language in ("zh", "en"):
        texts = catalogue(language)
        assert [word for word in REASONS if f"camera.reason.{word}" not in texts] == []
