"""Somebody else's ONVIF camera (ipycam) in a network of its own, and what a test does there.

``python -m tests.onvif_scene SCENE FOLDER`` is run inside ``unshare -n``: the camera listens on every address, and in
there nobody else hears it.  The scene prints one JSON object on stdout.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import psutil

from console.queries import (
    AddCameraRequest,
    AddedPage,
    FindPage,
    FindRequest,
    OffersPage,
    OffersRequest,
    TrialPage,
    TrialRequest,
)
from devices.transports.onvif import OnvifTrouble, ask_camera
from devices.transports.wsdiscovery import probe_cameras
from tests.console.running import Running
from tests.peers import lack, need

ROOT = Path(__file__).resolve().parent.parent
ADDRESS = "10.77.0.1"
USER, PASSWORD = "viewer", "Canary-77:p@ss/ö"
STARTED_S = 30.0


def play(scene: str, folder: Path, *, timeout_s: float = 90.0) -> Any:
    """Run a scene in a network of its own and give what it printed.  Skips, or fails on CI, where that cannot be."""
    need("ip")
    program()
    alone = [need("unshare"), "-n" if os.geteuid() == 0 else "-rn"]
    if subprocess.run([*alone, "true"], check=False, capture_output=True).returncode != 0:
        lack("this machine allows no network of one's own")
    words = [*alone, sys.executable, "-m", "tests.onvif_scene", scene, str(folder)]
    done = subprocess.run(words, cwd=ROOT, check=False, capture_output=True, text=True, timeout=timeout_s)
    assert done.returncode == 0, done.stderr[-4000:]
    return {**json.loads(done.stdout.splitlines()[-1]), "stderr": done.stderr}


def program() -> Path:
    """The camera's own Python."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    python = home / "command-post" / "peers" / "ipycam" / "bin" / "python"
    if not python.exists():
        lack("ipycam is not on this machine: sh resources/setup.sh --tests")
    return python


@contextlib.contextmanager
def camera(folder: Path) -> Iterator[None]:
    """The camera, in this network, with an account; its RTSP is open."""
    for words in (
        ("link", "set", "lo", "up"),
        ("addr", "add", f"{ADDRESS}/24", "dev", "lo"),
        ("route", "add", "224.0.0.0/4", "dev", "lo"),
    ):
        subprocess.run([need("ip"), *words], check=True, capture_output=True)
    clip = folder / "clip.mp4"
    made = "testsrc2=s=320x180:r=10 -t 2 -c:v libx264 -preset ultrafast -pix_fmt yuv420p"
    encode = [need("ffmpeg"), "-v", "error", "-y", "-f", "lavfi", "-i", *made.split(), str(clip)]
    subprocess.run(encode, check=True, capture_output=True)
    told = {"name": "大桥%20球机", "username": USER, "password": PASSWORD, "local_ip": ADDRESS, "main_width": 640}
    told |= {"main_height": 360, "main_fps": 10, "sub_width": 320, "sub_height": 180, "sub_fps": 10}
    file = folder / "camera.json"
    file.write_text(json.dumps(told), encoding="utf-8")
    start = [str(program()), "-m", "ipycam", "--config", str(file), "--source", str(clip)]
    with (folder / "ipycam.log").open("wb") as log:
        process = subprocess.Popen(start, cwd=folder, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        try:
            for port in (8080, 8554):
                until(lambda port=port: _listens(port), STARTED_S)  # type: ignore[misc]
            yield
        finally:
            process.kill()
            process.wait()


def until(is_reached: Callable[[], bool], within_s: float) -> None:
    """Wait for it."""
    end_s = time.monotonic() + within_s
    while not is_reached():
        if time.monotonic() > end_s:
            raise TimeoutError
        time.sleep(0.05)


def _listens(port: int) -> bool:
    with socket.socket() as wire:
        return wire.connect_ex((ADDRESS, port)) == 0


# ---- scenes


def find(folder: Path) -> dict[str, Any]:
    """Probe, ask with the right password, then once with a wrong one."""
    with camera(folder):
        found = asyncio.run(probe_cameras(1.2))
        asked = asyncio.run(ask_camera(found[0].service, USER, PASSWORD, utc_ns=time.time_ns))
        try:
            asyncio.run(ask_camera(found[0].service, USER, "wrong", utc_ns=time.time_ns))
        except OnvifTrouble as trouble:
            refused = trouble.reason
        return {"found": [asdict(one) for one in found], "asked": asdict(asked), "refused": refused}


def add(folder: Path) -> dict[str, Any]:
    """The whole way of a person: find, ask, try, confirm, see; and what of it can be read where."""
    file = folder / "vehicle.toml"
    file.write_text('# mine\n[[team]]\nid = "t"\n', encoding="utf-8")
    logging.basicConfig(level=logging.DEBUG)
    with camera(folder):
        console = Running(folder, file)
        try:
            with _watched_processes() as told:
                seen = _add(console)
            return {**seen, "told": sorted(told)}
        finally:
            console.close()


@contextlib.contextmanager
def _watched_processes() -> Iterator[set[str]]:
    """Looks all the time at what our processes are called with; gives which of them told the secret, and how many."""
    told, is_over = set[str](), threading.Event()

    def look() -> None:
        while not is_over.wait(0.05):
            for process in psutil.Process().children(recursive=True):
                for name in ("cmdline", "environ"):
                    with contextlib.suppress(OSError):
                        held = Path(f"/proc/{process.pid}/{name}").read_bytes()
                        told.update({"looked"} | ({f"{name}: {held!r}"} if b"Canary" in held else set()))

    watching = threading.Thread(target=look)
    watching.start()
    yield told
    is_over.set()
    watching.join()


def _add(console: Running) -> dict[str, Any]:
    page = console.ask(FindRequest(for_s=1.2))
    assert isinstance(page, FindPage)
    one = page.found[0]
    wrong = console.ask(OffersRequest(service=str(one.service), user=USER, password=PASSWORD + "x"))
    offers = console.ask(OffersRequest(service=str(one.service), user=USER, password=PASSWORD))
    assert isinstance(wrong, OffersPage)
    assert isinstance(offers, OffersPage)
    main, sub = (offer.url for offer in offers.offers)
    trial = console.ask(TrialRequest(url=main, user=USER, password=PASSWORD))
    assert isinstance(trial, TrialPage)
    made = console.ask(
        AddCameraRequest(id=one.proposed_id, name="大桥", url=main, sub_url=sub, user=USER, password=PASSWORD)
    )
    assert isinstance(made, AddedPage)
    picture = console.until(lambda now: [camera.state for camera in now.cameras] == ["live"])
    return {
        "found": [[one.kind, one.name, one.is_configured], one.proposed_id],
        "about": offers.about,
        "wrong": wrong.trouble.text.id if wrong.trouble else None,
        "trial": [trial.trouble.text.id if trial.trouble else None, trial.source_px],
        "troubles": [trouble.text.id for trouble in made.troubles],
        "state": picture.cameras[0].state,
        "restarts": sum(notice.text.id == "notice.start" for notice in picture.notices),
    }


SCENES: dict[str, Callable[[Path], dict[str, Any]]] = {"find": find, "add": add}


if __name__ == "__main__":
    print(json.dumps(SCENES[sys.argv[1]](Path(sys.argv[2]))))
