"""What a person may write of pictures and of what they may take of a bearer."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.configuration.model import without_secrets
from tests.configuration.test_file import EXAMPLE, only, read

TEAM = '[[team]]\nid = "t"\n'
BEARER = '[[bearer]]\nid = "vsat"\nrung = "应"\n'
CAMERA = '[[camera]]\nid = "c"\nurl = "rtsp://192.0.2.1/1"\n'


def test_all_that_can_be_said_of_a_camera_is_read(tmp_path: Path) -> None:
    content = (
        TEAM
        + BEARER
        + "video_kbps = 512\nvideo_mb_per_hour = 20\nvideo = 'stills'\n"
        + CAMERA
        + 'sub_url = "rtsp://192.0.2.1/2"\nteam = "t"\npull = "on_demand"\nbearer = "in_use"\nstill_s = 5\n'
        + "may_stand_still = true\nrecord = false\n[recording]\nquota_gb = 100\nfloor_gb = 5\nsegment_s = 30\n"
    )
    configuration = read(content, tmp_path)
    camera, bearer, recording = configuration.cameras[0], configuration.bearers[0], configuration.recording
    assert (camera.sub_url, camera.team_id, camera.bearer_id, camera.still_s) == (
        "rtsp://192.0.2.1/2",
        "t",
        "in_use",
        5,
    )
    assert (camera.is_on_demand, camera.may_stand_still, camera.is_recorded) == (True, True, False)
    assert (bearer.video_budget_bps, bearer.video_hour_bytes, bearer.video_grade) == (512_000, 20_000_000, "stills")
    assert (recording.quota_bytes, recording.floor_bytes, recording.segment_s) == (100 * 10**9, 5 * 10**9, 30)


def test_what_is_left_out_bounds_nothing(tmp_path: Path) -> None:
    configuration = read(BEARER + CAMERA, tmp_path)
    camera, bearer, recording = configuration.cameras[0], configuration.bearers[0], configuration.recording
    assert (camera.sub_url, camera.lat_deg, camera.team_id, camera.bearer_id) == (None, None, None, None)
    assert (camera.is_on_demand, camera.may_stand_still) == (False, False)
    assert (bearer.video_budget_bps, bearer.video_hour_bytes, bearer.video_grade) == (None, None, "main")
    assert (recording.quota_bytes, recording.floor_bytes, recording.segment_s) == (None, 2 * 10**9, 60)


def test_the_example_shows_every_key_of_pictures() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    keys = ("sub_url", "lat_deg", "lon_deg", "team", "pull", "bearer", "still_s", "may_stand_still", "quota_gb")
    for key in (*keys, "floor_gb", "segment_s", "video_kbps", "video_mb_per_hour", "video"):
        assert any(line.lstrip("# ").startswith(key) or f", {key}" in line for line in text.splitlines()), key


@pytest.mark.parametrize(
    ("content", "key", "reason"),
    [
        (CAMERA + 'sub_url = "ftp://h/x"\n', "camera.c.sub_url", "url_camera"),
        (CAMERA + "lat_deg = 34.5\n", "camera.c.lat_deg", "half_place"),
        (CAMERA + "lon_deg = 113.5\n", "camera.c.lon_deg", "half_place"),
        (CAMERA + "lat_deg = 113.5\nlon_deg = 34.5\n", "camera.c.lat_deg", "range"),
        (TEAM + CAMERA + 'lat_deg = 34.5\nlon_deg = 113.5\nteam = "t"\n', "camera.c.team", "two_places"),
        (CAMERA + 'team = "t"\n', "camera.c.team", "unknown_team"),
        (TEAM + CAMERA + 'team = "tt"\n', "camera.c.team", "unknown_team"),
        (CAMERA + 'pull = "sometimes"\n', "camera.c.pull", "choice"),
        (CAMERA + 'bearer = "vsat"\n', "camera.c.bearer", "no_bearers"),
        (CAMERA + 'bearer = "in_use"\n', "camera.c.bearer", "no_bearers"),
        (BEARER + CAMERA + 'bearer = "vsta"\n', "camera.c.bearer", "unknown_bearer"),
        (CAMERA + "still_s = 0\n", "camera.c.still_s", "range"),
        (CAMERA + 'may_stand_still = "yes"\n', "camera.c.may_stand_still", "type"),
        (BEARER + "video_kbps = 0\n", "bearer.vsat.video_kbps", "range"),
        (BEARER + "video_mb_per_hour = inf\n", "bearer.vsat.video_mb_per_hour", "range"),
        (BEARER + 'video = "best"\n', "bearer.vsat.video", "choice"),
        (BEARER.replace('"vsat"', '"in_use"'), "bearer.in_use.id", "id_reserved"),
        (CAMERA + "[recording]\nfloor_gb = 0\n", "recording[1].floor_gb", "range"),
        (CAMERA + "[recording]\nquota = 5\n", "recording[1].quota", "unknown_key"),
        (
            CAMERA.replace("rtsp://192.0.2.1/1", "udp://0.0.0.0:5600") + 'sub_url = "udp://0.0.0.0:5600"\n',
            "camera.c.sub_url",
            "port_taken",
        ),
    ],
)
def test_each_wrong_value_is_told_at_its_key_with_a_remedy(content: str, key: str, reason: str, tmp_path: Path) -> None:
    found = only(content, tmp_path)
    assert found[:2] == (key, reason)
    assert found[2] is not None


def test_the_small_streams_password_is_neither_written_down_nor_told_in_a_fault(tmp_path: Path) -> None:
    content = CAMERA + 'sub_url = "rtsp://op:Canary-9@192.0.2.1/2"\n'
    configuration = read(content, tmp_path)
    assert configuration.cameras[0].sub_url == "rtsp://op:Canary-9@192.0.2.1/2"
    assert "Canary-9" not in repr(without_secrets(configuration))
    assert "***@192.0.2.1/2" in repr(without_secrets(configuration))
