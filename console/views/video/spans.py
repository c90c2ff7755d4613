"""What is recorded in a span of time: pure.

A moment chosen on the time bar is a span of its own minute, so that it can be exported; a span drawn by hand is
itself.  Removed files are remembered but hold nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from console.queries import PictureMark, RecordedFile, RecordingsPage
from console.views.speech import NS_PER_S

MINUTE_NS = 60 * NS_PER_S
NEAR_NS = 5 * NS_PER_S
"""A mark belongs to a chosen moment this near."""

Held = Literal["recorded", "missing", "clip", "removed", "nothing"]
Stretch = tuple[int, int]
"""First moment, and the moment after the last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """A moment, and the span around it that an export takes; ``is_range``: the span was drawn by hand."""

    at_ns: int
    from_ns: int
    to_ns: int
    is_range: bool = False

    def moved(self, step_ns: int, *, is_extended: bool) -> Pick:
        """So much later; extended: only the end moves, never before the beginning."""
        if not is_extended:
            return pick_of(self.at_ns + step_ns)
        begin = self.from_ns if self.is_range else self.at_ns
        end = self.to_ns if self.is_range else self.at_ns
        return pick_between(begin, max(begin + NS_PER_S, end + step_ns))


def pick_of(at_ns: int) -> Pick:
    """The minute in which this moment lies."""
    begin = at_ns // MINUTE_NS * MINUTE_NS
    return Pick(at_ns=at_ns, from_ns=begin, to_ns=begin + MINUTE_NS)


def pick_between(one_ns: int, other_ns: int) -> Pick:
    """What was drawn from one moment to another, in either direction."""
    begin, end = min(one_ns, other_ns), max(one_ns, other_ns)
    return Pick(at_ns=begin, from_ns=begin, to_ns=end, is_range=True)


def files_of(files: Iterable[RecordedFile], pick: Pick) -> list[RecordedFile]:
    """The files that are there and touch the chosen moment, or the span drawn by hand; recordings before clips."""
    begin, end = (pick.from_ns, pick.to_ns) if pick.is_range else (pick.at_ns, pick.at_ns + 1)
    there = [file for file in files if not file.is_removed and file.from_ns < end and file.to_ns > begin]
    return sorted(there, key=lambda file: (file.is_clip, file.from_ns))


def held_at(files: Sequence[RecordedFile], at_ns: int) -> tuple[Held, RecordedFile | None]:
    """What is there of this moment, and the file it lies in."""
    touching = [file for file in files if file.from_ns <= at_ns < file.to_ns]
    whole = sorted(
        (file for file in touching if not file.is_removed and gap_at(file, at_ns) is None), key=lambda f: f.is_clip
    )
    if whole:
        return ("clip" if whole[0].is_clip else "recorded"), whole[0]
    holed = next((file for file in touching if not file.is_removed), None)
    if holed is not None:
        return "missing", holed
    removed = next((file for file in touching if file.is_removed), None)
    return ("removed", removed) if removed is not None else ("nothing", None)


def known_until_ns(page: RecordingsPage) -> int | None:
    """From here on nothing is known, because more was recorded than a page lists; ``None``: all is known."""
    return max((file.from_ns for file in page.files), default=0) if page.has_more else None


def gap_at(file: RecordedFile, at_ns: int) -> Stretch | None:
    """The gap of this file in which the moment lies."""
    return next(((begin, begin + lost) for begin, lost in file.gaps if begin <= at_ns < begin + lost), None)


def covered_ns(files: Iterable[RecordedFile], from_ns: int, to_ns: int) -> int:
    """How much of a span can be seen: the union of the files that are there, without their gaps."""
    pieces = sorted(piece for file in files if not file.is_removed for piece in _pieces(file, from_ns, to_ns))
    seen_ns, upto = 0, from_ns
    for begin, end in pieces:
        seen_ns += max(0, end - max(begin, upto))
        upto = max(upto, end)
    return seen_ns


def _pieces(file: RecordedFile, from_ns: int, to_ns: int) -> list[Stretch]:
    begin, end = max(file.from_ns, from_ns), min(file.to_ns, to_ns)
    pieces = []
    for at_ns, lost_ns in sorted(file.gaps):
        if begin < at_ns < end:
            pieces.append((begin, at_ns))
        begin = max(begin, at_ns + lost_ns) if at_ns < end else begin
    return [*pieces, (begin, end)] if begin < end else pieces


def mark_near(marks: Iterable[PictureMark], pick: Pick, near_ns: int = NEAR_NS) -> PictureMark | None:
    """The mark that is meant by this choice."""
    begin, end = (pick.from_ns, pick.to_ns) if pick.is_range else (pick.at_ns - near_ns, pick.at_ns + near_ns)
    inside = [mark for mark in marks if begin <= mark.at_ns <= end]
    return min(inside, key=lambda mark: abs(mark.at_ns - pick.at_ns), default=None)
