"""A console without a window on a configuration file of its own, and its desk."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from console.configuration.file import load
from console.desk import LiveDesk
from console.picture import Picture
from console.queries import Page, Request
from console.runtime import Runtime


class Running:
    """A console without a window on a file of its own."""

    def __init__(self, folder: Path, file: Path) -> None:
        self.file = file
        self.pictures: list[Picture] = []
        self.runtime = Runtime(load(file), folder / "incident", on_picture=self.pictures.append)
        self.runtime.start()
        self.desk = LiveDesk(self.runtime, file=file)

    def ask(self, request: Request, within_s: float = 40.0) -> Page | None:
        answered, pages = threading.Event(), list[Page | None]()

        def take(page: Page | None) -> None:
            pages.append(page)
            answered.set()

        self.desk.ask(request, take)
        assert answered.wait(within_s), "no answer"
        return pages[0]

    def until(self, is_reached: Callable[[Picture], Any], within_s: float = 25.0) -> Picture:
        end_s = time.monotonic() + within_s
        while not (self.pictures and is_reached(self.pictures[-1])):
            assert time.monotonic() < end_s, self.pictures[-1] if self.pictures else None
            time.sleep(0.02)
        return self.pictures[-1]

    def close(self) -> None:
        self.desk.close()
        self.runtime.stop()
