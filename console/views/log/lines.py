"""How a line of the log and a raw record read, and how pages of them are asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from console.picture import Notice, Picture
from console.queries import NoticesPage, NoticesRequest, Page, RecordLine, RecordsPage, RecordsRequest
from console.records import Kind
from console.views.log.model import Question
from console.views.log.pager import PAGE_ROWS
from console.views.speech import NOTHING, STRUCK, Speech
from console.views.widgets.octets import as_hex, as_text, is_readable
from console.views.widgets.rows import Cell, Row
from console.views.widgets.understanding import is_malformed, observation_words, word

_SHOWN_OCTETS = 160
OURSELVES = "console"
ON_THE_MAP = "map"
_RECEIVED = "message.received"
"""All else happens here, in the moment in which it becomes known; this happened at a source that told no time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What of the log is wanted; ``None`` and empty text mean all of it."""

    subject_id: str | None = None
    kind: str | None = None
    contains: str = ""

    @property
    def is_open(self) -> bool:
        """Whether everything is wanted."""
        return self.subject_id is None and self.kind is None and not self.contains


def names_of(picture: Picture) -> dict[str, str]:
    """The names of everything that can be the subject of a line, by id; teams first, as people look for them."""
    names = {team.id: team.name for team in picture.teams}
    names |= {device.id: device.name for device in picture.devices}
    names |= {camera.id: camera.name for camera in picture.cameras}
    names |= {mark.id: mark.name for mark in picture.marks if mark.name}
    for some in (picture.power.supplies, picture.power.loads, picture.roads):
        names |= {one.id: one.name for one in some}
    return names | {bearer.id: bearer.name for bearer in picture.bearers}


def notices_question(wanted: Filter) -> Question[Notice]:
    """Log lines that match."""

    def request(before: int | None) -> NoticesRequest:
        return NoticesRequest(
            before=before,
            limit=PAGE_ROWS,
            subject_id=wanted.subject_id,
            kind=wanted.kind,
            contains=wanted.contains or None,
        )

    def items(page: Page) -> tuple[Sequence[Notice], bool] | None:
        return (page.notices, page.has_more) if isinstance(page, NoticesPage) else None

    return Question(request=request, items=items, number=lambda line: line.number)


def records_question(source: str | None) -> Question[RecordLine]:
    """Raw records of one source, or of all."""

    def request(before: int | None) -> RecordsRequest:
        return RecordsRequest(source=source, before=before, limit=PAGE_ROWS)

    def items(page: Page) -> tuple[Sequence[RecordLine], bool] | None:
        return (page.lines, page.has_more) if isinstance(page, RecordsPage) else None

    return Question(request=request, items=items, number=lambda line: line.seq)


def notice_row(line: Notice, speech: Speech, now_ns: int, names: Mapping[str, str]) -> Row:
    """发生, 获知, kind, subject, text."""
    tone = notice_tone(line)
    happened = Cell(text=speech.second(line.happened_ns, now_ns), tone="dim")
    if line.happened_ns is None and line.text.id != _RECEIVED:
        happened = Cell(text=speech.second(line.at_ns, now_ns), tone="faint")
    return (
        happened,
        Cell(text=speech.second(line.at_ns, now_ns), tone="dim"),
        Cell(text=word(speech, "log.kind", line.kind), tone=tone if tone != "text" else "soft"),
        Cell(text=subject_words(line.subject_id, speech, names), tone="soft"),
        Cell(text=speech.tell(line.text), tone=tone, is_struck=line.text.id in STRUCK),
    )


def subject_words(subject_id: str, speech: Speech, names: Mapping[str, str]) -> str:
    """The name of what a line is about."""
    if subject_id in names:
        return names[subject_id]
    if subject_id == ON_THE_MAP:
        return speech.say("log.kind.map")
    return speech.say("log.kind.console") if subject_id == OURSELVES else subject_id or NOTHING


def notice_tone(line: Notice) -> str:
    """Red while it is trouble; that it is over is told plainly."""
    return "alarm" if line.kind == "alarm" and line.text.id != "alarm.over" else "text"


def notice_detail(line: Notice, speech: Speech, now_ns: int, names: Mapping[str, str]) -> str:
    """The whole line, for reading what a row had no room for."""
    happened, known, kind, subject, text = (cell.text for cell in notice_row(line, speech, now_ns, names))
    return speech.say("log.detail", happened=happened, known=known, kind=kind, subject=subject, text=text)


def record_row(line: RecordLine, speech: Speech, now_ns: int, names: Mapping[str, str]) -> Row:
    """Number, time, kind, source, direction, what was said, what was understood."""
    is_bad = any(is_malformed(one) for one in line.understood)
    said = line.payload[:_SHOWN_OCTETS]
    return (
        Cell(text=str(line.seq), tone="faint", is_number=True),
        Cell(text=speech.second(line.at_ns, now_ns), tone="dim"),
        Cell(text=kind_word(line, speech), tone="soft"),
        Cell(text=subject_words(line.source, speech, names), tone="soft"),
        Cell(
            text=as_text(said) if is_readable(said) else as_hex(said), is_mono=True, tone="alarm" if is_bad else "text"
        ),
        Cell(
            text="  ".join(observation_words(speech, one) for one in line.understood),
            tone="alarm" if is_bad else "soft",
        ),
    )


def kind_word(line: RecordLine, speech: Speech) -> str:
    """The kind of a record; octets that went out say so."""
    if line.is_outgoing:
        return speech.say("log.record.outgoing")
    try:
        return word(speech, "log.record", Kind(line.kind).name.lower())
    except ValueError:
        return str(line.kind)


def record_detail(line: RecordLine, speech: Speech) -> str:
    """Text, hex and understanding of one record in full."""
    parts: list[tuple[str, str]] = [
        (speech.say("log.record.text"), _text_of(line)),
        (speech.say("log.record.hex"), as_hex(line.payload)),
    ]
    parts += [(speech.say("log.record.understood"), observation_words(speech, one)) for one in line.understood]
    if line.peer:
        parts.insert(0, (speech.say("log.record.peer"), line.peer))
    return "\n".join(f"{name}  {value}" for name, value in parts)


def _text_of(line: RecordLine) -> str:
    if line.kind == Kind.OCTETS:
        return as_text(line.payload)
    return line.payload.decode("utf-8", "replace")
