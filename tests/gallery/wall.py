"""A wall with every kind of sight on it, and an hour of recordings with everything that can happen to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtGui import QColor, QImage, QLinearGradient, QPainter

from console.bridge import Bridge
from console.picture import Camera, CameraPlace, Picture, Text
from console.queries import Page, PictureMark, RecordedFile, RecordingsPage, RecordingsRequest, Request
from console.views.video import VideoScreen
from console.views.video.spans import pick_of
from console.views.widgets.feed import FrameFeed
from tests.views.more_pictures import MIN, NOW, FakeDesk, S, camera, picture

MB = 1_000_000


def every_kind() -> tuple[Camera, ...]:
    """One camera of each state."""
    budget = Text(id="thrift.rate", args={"bearer": "VSAT 便携站", "kbps": 600})
    hour = Text(id="thrift.hour", args={"bearer": "VSAT 便携站"})
    place = CameraPlace(lat_deg=34.39573, lon_deg=113.74059, source="fixed", datum="wgs84")
    return (
        camera("uav", "无人机一号 · 双洎河口", grade="main", place=place, bearer_id="vsat", owner="应急局"),
        camera("van", "4G 图传 02", "delayed", last_packet_ns=NOW - S, rate_bps=640_000.0, grade="sub"),
        camera("ptz", "观音寺桥球机", "stalled", last_packet_ns=NOW - 27 * S, since_ns=NOW - 26 * S),
        camera("weir", "水闸枪机", "abnormal", health="frozen", health_since_ns=NOW - 41 * S),
        camera("body", "执法仪 07", "stills", grade="stills", budget_note=hour, is_recording=False),
        camera("low", "梨河镇广场", grade="sub", budget_note=budget, rate_bps=410_000.0),
        camera("mast", "车顶云台", "standby", grade="off", is_on_demand=True, is_recording=False),
        camera("school", "镇中学安置点", "held", grade="off", budget_note=budget, is_recording=False),
        camera(
            "hall", "市防指视频会议", "down", is_connected=False, last_packet_ns=None, codec=None, rate_fps=None,
            reason=Text(id="camera.reason.unauthorised", args={"detail": ""}), attempts=4, rate_bps=None,
            retry_at_ns=NOW + 48 * S, width_px=None, height_px=None, is_recording=False, owner="市防指",
        ),
    )  # fmt: skip


def wall_picture() -> Picture:
    """The flood, seen by these cameras."""
    whole = picture(mode="live", cameras=every_kind())
    bearers = tuple(
        replace(one, video_budget_bps=600_000.0, video_bps=410_000.0) if one.id == "vsat" else one
        for one in whole.bearers
    )
    return replace(whole, bearers=bearers)


class WallFeed(FrameFeed):
    """Frames painted here, of the ages the cameras tell."""

    AGES_NS = {  # noqa: RUF012 - never changed
        "uav": 200_000_000, "van": 900_000_000, "ptz": 27 * S, "weir": 150_000_000, "body": 7 * S, "low": 180_000_000,
        "school": 9 * MIN,
    }  # fmt: skip

    def poll(self, camera_id: str) -> bool:
        del camera_id
        return False

    def image(self, camera_id: str) -> QImage | None:
        if camera_id not in self.AGES_NS:
            return None
        image = QImage(1280, 720, QImage.Format.Format_RGB32)
        ground = QLinearGradient(0, 0, 0, 720)
        ground.setColorAt(0, QColor(120, 140, 150))
        ground.setColorAt(0.6, QColor(60, 80, 70))
        ground.setColorAt(1, QColor(30, 40, 46))
        painter = QPainter(image)
        painter.fillRect(image.rect(), ground)
        painter.fillRect(0, 430, 1280, 90, QColor(90, 110, 120))
        painter.end()
        return image

    def picture_age_ns(self, camera_id: str) -> int | None:
        return self.AGES_NS.get(camera_id)


def show_wall(screen: VideoScreen, bridge: Bridge) -> None:
    """Every kind of sight on the screen, and a moment chosen on its bar of time."""
    screen.wall.feed = WallFeed()
    bridge.put_live(wall_picture())
    screen.show_picture(wall_picture())
    screen.moments.bar.choose(pick_of(NOW - 3 * MIN + 22 * S))


class RecordedDesk(FakeDesk):
    """Answers with an hour of recordings: a gap, a hole, locks, a clip, a removed stretch, two marks."""

    def ask(self, request: Request, on_page: Callable[[Page | None], None]) -> Callable[[], None]:
        if isinstance(request, RecordingsRequest):
            on_page(recordings(request.camera_ids[0] if request.camera_ids else "uav"))
            return lambda: None
        return super().ask(request, on_page)


def recordings(camera_id: str = "uav") -> RecordingsPage:
    """One file a minute for the last hour; minute by minute counted back from now."""
    files = []
    for back in range(60, 0, -1):
        begin = NOW - back * MIN
        gaps = ((begin + 20 * S, 25 * S),) if back == 4 else ()
        if back in {7, 8}:
            continue
        files.append(
            RecordedFile(
                camera_id=camera_id, file=f"{back}.ts", from_ns=begin, to_ns=begin + MIN, gaps=gaps,
                is_locked=back in {2, 3}, is_clip=False, size_bytes=14 * MB, codec="h264",
                is_removed=back > 40, is_open=back == 1,
            )
        )  # fmt: skip
    files.append(
        RecordedFile(
            camera_id=camera_id, file="clip-1.ts", from_ns=NOW - 6 * MIN - 30 * S, to_ns=NOW - 6 * MIN, gaps=(),
            is_locked=True, is_clip=True, size_bytes=7 * MB, codec="h264", is_removed=False,
        )
    )  # fmt: skip
    marks = (
        PictureMark(camera_id=camera_id, at_ns=NOW - 3 * MIN + 20 * S, text="桥面进水"),
        PictureMark(camera_id=camera_id, at_ns=NOW - 9 * MIN, text=""),
    )
    return RecordingsPage(files=tuple(files), marks=marks)
