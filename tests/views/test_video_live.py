"""视频 over a running console and a real camera: seen, marked, saved, exported, looked at again, veiled when gone."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.bridge import Bridge, ReplayDesk
from console.configuration.file import load
from console.desk import LiveDesk
from console.player import Player
from console.runtime import Runtime
from console.views.settings import Settings
from console.views.video import VideoScreen
from console.views.video.spans import pick_of
from console.views.widgets.sight import TileFacts
from console.views.window import Window
from tests.peers import need

ROOT = Path(__file__).resolve().parents[2]
LONG_MS = 30_000
CONFIGURATION = """
[incident]
name = "试"
post = "1"

[[camera]]
id = "cam"
name = "桥头球机"
url = "{url}"
lat_deg = 34.39
lon_deg = 113.74
"""


@dataclass(slots=True)
class Console:
    """A console with one camera, and that camera's server."""

    bridge: Bridge
    window: Window
    screen: VideoScreen
    server: subprocess.Popen[str]

    def facts(self) -> TileFacts:
        wall = self.screen.wall
        return wall.facts(wall.cameras["cam"])


@pytest.fixture
def console(qtbot: QtBot, tmp_path: Path) -> Iterator[Console]:
    need("gst-inspect-1.0")
    words = ("/usr/bin/python3", str(ROOT / "tests" / "rtsp_server.py"), "--size", "320x176")
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        url = server.stdout.readline().removeprefix("ready ").strip()
        (tmp_path / "c.toml").write_text(CONFIGURATION.format(url=url), encoding="utf-8")
        runtime = Runtime(load(tmp_path / "c.toml"), tmp_path / "incident")
        runtime.open()
        desk = LiveDesk(runtime)

        def open_replay(folder: Path | None, bridge: Bridge) -> ReplayDesk:
            return Player(folder or runtime.folder, bridge.put_replayed)

        bridge = Bridge(desk, open_replay=open_replay, on_cameras=desk.show_cameras, incident_folder=runtime.folder)
        runtime.on_picture = bridge.put_live
        runtime.start()
        window = Window(bridge, settings=Settings(tmp_path / "window.ini"), language="zh")
        qtbot.addWidget(window)
        window.resize(1366, 768)
        window.show()
        try:
            qtbot.waitUntil(lambda: window.picture is not None, timeout=LONG_MS)
            window.show_screen("video")
            screen = window.screens["video"]
            assert isinstance(screen, VideoScreen)
            yield Console(bridge=bridge, window=window, screen=screen, server=server)
        finally:
            window.close()
            bridge.close()
            desk.close()
            runtime.stop()
            server.kill()


def test_a_real_picture_is_seen_marked_saved_exported_looked_at_again_and_veiled_when_it_ends(
    qtbot: QtBot, console: Console
) -> None:
    screen, moments = console.screen, console.screen.moments
    qtbot.waitUntil(lambda: console.facts().kind == "live", timeout=LONG_MS)
    qtbot.waitUntil(lambda: screen.foot.state.text().startswith("正常"), timeout=LONG_MS)

    screen.foot.mark.click()
    moments.entry.field.setText("桥面进水")
    moments.entry.keep.click()
    qtbot.waitUntil(lambda: bool(moments.bar.page and moments.bar.page.marks), timeout=LONG_MS)
    page = moments.bar.page
    assert page is not None
    assert [mark.text for mark in page.marks] == ["桥面进水"]
    qtbot.waitUntil(
        lambda: any(file.is_locked for file in moments.bar.page.files) if moments.bar.page else False, timeout=LONG_MS
    )

    screen.foot.save.click()
    qtbot.waitUntil(lambda: moments.said.text().startswith("已另存"), timeout=LONG_MS)

    moments.bar.choose(pick_of(page.marks[0].at_ns))
    assert "标记" in moments.words.text()
    moments.export.click()
    qtbot.waitUntil(lambda: moments.said.text().startswith("已导出"), timeout=LONG_MS)
    folder = console.bridge.incident_folder
    assert folder is not None
    assert list(folder.glob("export/*/*.mp4"))
    assert list(folder.glob("export/*/SHA256SUMS"))

    console.server.kill()
    killed_s = time.monotonic()
    qtbot.waitUntil(lambda: not console.facts().is_unveiled, timeout=LONG_MS)
    assert time.monotonic() - killed_s < 3.0
    qtbot.waitUntil(lambda: not screen.foot.snapshot.isEnabled(), timeout=LONG_MS)

    moments.look.click()
    qtbot.waitUntil(lambda: console.window.replay is not None and not console.window._awaits_replay, timeout=LONG_MS)
    assert abs(console.bridge.now_ns() - page.marks[0].at_ns) < 5_000_000_000
    console.window.go_back()
    QApplication.processEvents()
    assert not console.bridge.is_replaying
