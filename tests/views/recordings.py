"""Recordings of one camera with everything that can happen to them, and a desk that answers with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from console.queries import (
    ExportRequest,
    Page,
    PictureMark,
    RecordedFile,
    RecordingsPage,
    RecordingsRequest,
    Request,
)
from tests.views.more_pictures import MIN, NOW, FakeDesk, S


def recorded(back_min: float, minutes: float = 1.0, **changes: object) -> RecordedFile:
    """A file that begins ``back_min`` minutes before now."""
    begin = NOW - round(back_min * MIN)
    base = RecordedFile(
        camera_id="uav", file=f"{back_min}.ts", from_ns=begin, to_ns=begin + round(minutes * MIN), gaps=(),
        is_locked=False, is_clip=False, size_bytes=14_000_000, codec="h264", is_removed=False,
    )  # fmt: skip
    return replace(base, **changes)  # type: ignore[arg-type]


PAGE = RecordingsPage(
    files=(
        recorded(9, is_removed=True),
        recorded(5, gaps=((NOW - 5 * MIN + 20 * S, 15 * S),)),
        recorded(4, is_locked=True),
        recorded(3, 2),
        recorded(0.5, 0.5, is_clip=True, is_locked=True, file="clip.ts"),
    ),
    marks=(PictureMark(camera_id="uav", at_ns=NOW - 4 * MIN + 10 * S, text="桥面进水"),),
)


@dataclass
class RecordedDesk(FakeDesk):
    """Answers what is recorded; exports when told to."""

    page: RecordingsPage | None = PAGE
    exports: list[Callable[[Page | None], None]] = field(default_factory=list)
    cancelled: int = 0

    def ask(self, request: Request, on_page: Callable[[Page | None], None]) -> Callable[[], None]:
        self.requests.append(request)
        if isinstance(request, ExportRequest):
            self.exports.append(on_page)
            return self._cancel
        if isinstance(request, RecordingsRequest):
            on_page(self.page)
            return lambda: None
        return super().ask(request, on_page)

    def _cancel(self) -> None:
        self.cancelled += 1


def at(back_min: float) -> int:
    """So many minutes before now."""
    return NOW - round(back_min * MIN)
