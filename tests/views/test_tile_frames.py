"""Frames of the size that was asked for reach the screen as they are, and only what changed is painted."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRectF
from PySide6.QtGui import QImage, QPainter, QRegion
from pytestqt.qtbot import QtBot

from console.bridge import Bridge
from console.picture import Camera
from console.views.speech import Speech
from console.views.theme import Theme
from console.views.video.wall import WallView
from console.views.widgets.sight import Seen, TileFacts, facts_of
from console.views.widgets.tile import frame_place, paint_tile
from tests.views.more_pictures import NOW, FakeDesk, camera, picture
from tests.views.screens import ZONE
from tests.views.video_rig import MS, FakeFeed

ZH = Speech("zh", zone=ZONE)


def chequered(width_px: int, height_px: int) -> QImage:
    """Every second pixel white: whatever is scaled or lies between pixels turns grey."""
    image = QImage(width_px, height_px, QImage.Format.Format_RGB32)
    for y in range(height_px):
        for x in range(width_px):
            image.setPixel(x, y, 0xFFFFFFFF if (x + y) % 2 else 0xFF000000)
    return image


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("lacking_px", [0, 1, 3])
def test_a_frame_of_its_place_s_size_is_drawn_pixel_by_pixel(lacking_px: int) -> None:
    theme, rect = Theme(), QRectF(1.33, 0.67, 300.4, 190.2)
    place = frame_place(rect, theme)
    image = chequered(int(place.width()) - lacking_px, int(place.height()) - lacking_px)
    target = QImage(310, 200, QImage.Format.Format_RGB32)
    painter = QPainter(target)
    paint_tile(painter, rect, facts_of(camera("a", "a"), Seen(image, 100 * MS), NOW), theme, ZH, NOW)
    painter.end()
    middle = [target.pixel(x, 80) & 0xFF for x in range(60, 240)]
    assert set(middle) == {0, 255}


def test_two_tiles_that_change_do_not_paint_those_between_them(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    wall = WallView(Bridge(FakeDesk()), Theme(), Speech("zh", zone=ZONE), FakeFeed({}), "video")
    qtbot.addWidget(wall)
    wall.resize(900, 600)
    wall.show_picture(picture(cameras=tuple(camera(f"c{n}", f"{n}") for n in range(9))))
    painted: list[str] = []
    plain = WallView.facts

    def facts(self: WallView, one: Camera) -> TileFacts:
        painted.append(one.id)
        return plain(self, one)

    monkeypatch.setattr(WallView, "facts", facts)
    first, *_, last = [rect.toAlignedRect().adjusted(2, 2, -2, -2) for rect in wall.rects()]
    wall.render(QImage(900, 600, QImage.Format.Format_RGB32), QPoint(), QRegion(first).united(QRegion(last)))
    assert set(painted) == {"c0", "c8"}
