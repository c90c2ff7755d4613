"""A desk that answers what is asked of files of marks and roads."""

from __future__ import annotations

from collections.abc import Callable

from console import drawn_files
from console.queries import DrawnFileRequest, DrawnWriteRequest, Page, Request
from tests.views.pictures import FakeDesk


class FileDesk(FakeDesk):
    """Answers what is asked of files as the engine's desk does."""

    def ask(self, request: Request, on_page: Callable[[Page | None], None]) -> Callable[[], None]:
        if isinstance(request, DrawnFileRequest | DrawnWriteRequest):
            on_page(drawn_files.answer(request))
            return lambda: None
        return super().ask(request, on_page)
