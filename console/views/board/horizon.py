"""可达到几时: one row a counterpart, the means that remain, until what hour, and what fails first."""

from __future__ import annotations

from console.picture import Picture
from console.reach_facts import End, Reach
from console.views.board.cuts import reach_of, until_words
from console.views.speech import NS_PER_S, Speech
from console.views.widgets.rows import Cell, Row

COLUMNS = ("name", "state", "until", "weakest", "means", "proof", "doubt")
_TONES = {"up": "text", "weak": "warn", "unknown": "warn", "down": "alarm"}
_SOON_NS = 3_600 * NS_PER_S


def horizon_rows(picture: Picture, speech: Speech, now_ns: int) -> list[Row]:
    """The rows of the table at this moment."""
    return [_row(reach, speech, now_ns) for reach in reach_of(picture)]


def _row(reach: Reach, speech: Speech, now_ns: int) -> Row:
    end = reach.end
    is_rear = reach.kind == "rear"
    name = reach.name or speech.say("board.rear")
    return (
        Cell(text=speech.say("board.rear_named", name=name) if is_rear and reach.name else name, is_bold=is_rear),
        Cell(text=speech.say(f"board.reach.{reach.state}"), tone=_TONES[reach.state], is_bold=True),
        Cell(text=_until(end, speech, now_ns), tone=_until_tone(end, now_ns), is_bold=end.kind == "range"),
        Cell(text=end.weakest, tone="soft"),
        Cell(text=_means(reach, speech), tone="soft"),
        Cell(text=_proof(reach, speech, now_ns), tone="soft"),
        Cell(text=speech.tell(end.doubt), tone="warn"),
    )


def _until(end: End, speech: Speech, now_ns: int) -> str:
    if end.low_ns is not None and end.high_ns is not None and now_ns < end.low_ns:
        return speech.span(end.low_ns, end.high_ns, now_ns)
    if end.kind == "range":
        return until_words(end.low_ns, end.high_ns, speech, now_ns)
    return speech.say(f"board.end.{end.kind}")


def _until_tone(end: End, now_ns: int) -> str:
    if end.kind == "out":
        return "alarm"
    if end.kind == "range" and end.low_ns is not None and end.low_ns - now_ns < _SOON_NS:
        return "alarm" if now_ns >= end.low_ns else "warn"
    return "dim" if end.kind == "unknown" else "text"


def _means(reach: Reach, speech: Speech) -> str:
    """What remains, then what is cut; a means by which something can only be heard is said to be so."""
    separator = speech.say("shell.net.list_separator")
    left: list[str] = []
    lost: list[str] = []
    silent: list[str] = []
    for one in reach.means:
        name = one.name if one.is_two_way else speech.say("board.only_heard", name=one.name)
        {"up": left, "weak": left, "down": lost}.get(one.state, silent).append(name)
    parts = [separator.join(left)] if left else []
    parts += [speech.say("board.silent", names=separator.join(silent))] if silent else []
    parts += [speech.say("board.lost", names=separator.join(lost))] if lost else []
    return " · ".join(parts)


def _proof(reach: Reach, speech: Speech, now_ns: int) -> str:
    """When it last proved that it is there; a road proves nothing of who lives at its end."""
    proofs = [one.proof_ns for one in reach.means if one.proof_ns is not None and one.kind != "road"]
    if not proofs:
        return speech.say("board.no_proof")
    return speech.say("board.proof", at=speech.minute(max(proofs), now_ns), age=speech.age(now_ns - max(proofs)))
