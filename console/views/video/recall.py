"""What is said of a chosen moment or span: whether it can still be seen.  Pure."""

from __future__ import annotations

from console.queries import RecordedFile, RecordingsPage
from console.views.speech import Speech
from console.views.video.spans import Pick, covered_ns, files_of, gap_at, held_at, known_until_ns, mark_near


def pick_words(page: RecordingsPage | None, pick: Pick, speech: Speech, now_ns: int) -> tuple[str, str]:
    """What is recorded there, and the tone: amber where something is missing that might have been expected."""
    known_ns = None if page is None else known_until_ns(page)
    last_ns = pick.to_ns if pick.is_range else pick.at_ns
    if page is None or (known_ns is not None and last_ns > known_ns):
        unknown = "videowall.pick.unknown" if page is None else "videowall.pick.unlisted"
        return speech.say(unknown, at=speech.second(pick.at_ns, now_ns)), "warn"
    said, tone = (_range_words if pick.is_range else _moment_words)(page, pick, speech, now_ns)
    mark = mark_near(page.marks, pick)
    if mark is not None:
        text = mark.text or speech.say("videowall.pick.no_text")
        said += " · " + speech.say("videowall.pick.mark", at=speech.clock(mark.at_ns), text=text)
    return said, tone


def _moment_words(page: RecordingsPage, pick: Pick, speech: Speech, now_ns: int) -> tuple[str, str]:
    at = speech.second(pick.at_ns, now_ns)
    held, file = held_at(page.files, pick.at_ns)
    if file is None:
        return speech.say("videowall.pick.nothing", at=at), "soft"
    if held == "removed":
        return speech.say("videowall.pick.removed", at=at), "soft"
    gap = gap_at(file, pick.at_ns)
    if held == "missing" and gap is not None:
        lost = speech.age(gap[1] - gap[0])
        return speech.say("videowall.pick.missing", at=at, since=speech.clock(gap[0]), lost=lost), "warn"
    parts = [speech.say(f"videowall.pick.{held}", at=at), _file_words(file, speech, now_ns)]
    return " · ".join(parts), "text"


def _file_words(file: RecordedFile, speech: Speech, now_ns: int) -> str:
    end = speech.say("videowall.pick.open") if file.is_open else speech.clock(file.to_ns)
    parts = [f"{speech.second(file.from_ns, now_ns)}–{end}"]
    if file.codec:
        parts.append(file.codec.upper())
    if file.size_bytes:
        parts.append(speech.size(file.size_bytes))
    if file.is_locked:
        parts.append(speech.say("videowall.pick.locked"))
    return " · ".join(parts)


def _range_words(page: RecordingsPage, pick: Pick, speech: Speech, now_ns: int) -> tuple[str, str]:
    files = files_of(page.files, pick)
    seen_ns = covered_ns(page.files, pick.from_ns, pick.to_ns)
    lost_ns = pick.to_ns - pick.from_ns - seen_ns
    parts = [span_words(pick, speech, now_ns)]
    parts.append(speech.say("videowall.pick.seen", seen=speech.age(seen_ns)))
    if lost_ns >= 1_000_000_000:
        parts.append(speech.say("videowall.pick.lost", lost=speech.age(lost_ns)))
    locked = sum(file.is_locked for file in files)
    parts.append(speech.say("videowall.pick.files", count=len(files), locked=locked))
    return " · ".join(parts), "warn" if lost_ns >= 1_000_000_000 else "text"


def span_words(pick: Pick, speech: Speech, now_ns: int) -> str:
    """The span an export takes: ``14:05:00–14:06:00``."""
    return f"{speech.second(pick.from_ns, now_ns)}–{speech.clock(pick.to_ns)}"
