"""What is cut, since when, how that is known and how sure, whom it cuts off, and what still works.  Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from console.picture import Bearer, Picture, Road
from console.power_facts import Supply
from console.reach_facts import Reach
from console.road_facts import standing
from console.views import roadwords
from console.views.speech import NS_PER_S, Speech

_MOST_NAMED = 4
_BEARER_TONES = {"down": "alarm", "degraded": "warn", "unknown": "warn", "up": "text"}
_SOON_NS = 3_600 * NS_PER_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """One card.  ``lines`` are told below the title, each a named answer; ``is_cut``: it is one, not what still works.

    ``subject_id`` and ``screen`` say where more is to be seen and done.
    """

    subject_id: str
    screen: str
    title: str
    state: str
    since: str
    tone: str
    is_cut: bool
    lines: tuple[tuple[str, str], ...]


def _since(since_ns: int | None, speech: Speech, now_ns: int) -> str:
    if since_ns is None:
        return ""
    return speech.say("board.since", at=speech.minute(since_ns, now_ns), age=speech.age(now_ns - since_ns))


def _lines(speech: Speech, **told: str) -> tuple[tuple[str, str], ...]:
    return tuple((speech.say(f"board.line.{name}"), said) for name, said in told.items() if said)


def _joined(parts: Sequence[str]) -> str:
    return " · ".join(part for part in parts if part)


def affected(picture: Picture, subject_id: str, speech: Speech) -> str:
    """Whom the loss of this cuts off, and by what the others can still be reached."""
    wholly, partly = [], []
    for reach in picture.reach:
        lost = {one.id for one in reach.means if subject_id in (one.id, *one.hangs_on)}
        if not lost:
            continue
        left = [one.name for one in reach.means if one.id not in lost and one.state in {"up", "weak"}]
        name = reach.name or speech.say("board.rear")
        if left:
            partly.append(speech.say("board.still", name=name, by=_names(left, speech)))
        else:
            wholly.append(name)
    said = [speech.say("board.wholly", names=_names(wholly, speech))] if wholly else []
    return _joined([*said, *partly[:_MOST_NAMED], *(["…"] if len(partly) > _MOST_NAMED else [])])


def _names(names: Sequence[str], speech: Speech) -> str:
    said = speech.say("shell.net.list_separator").join(names[:_MOST_NAMED])
    return speech.say("board.and_more", names=said, count=len(names)) if len(names) > _MOST_NAMED else said


# ---- network


def net_cuts(picture: Picture, speech: Speech, now_ns: int) -> list[Cut]:
    """The bearers, what is cut first."""
    order = {"down": 0, "unknown": 1, "degraded": 2, "up": 3}
    return [
        _bearer_cut(picture, bearer, speech, now_ns)
        for bearer in sorted(picture.bearers, key=lambda one: order[one.state])
    ]


def _bearer_cut(picture: Picture, bearer: Bearer, speech: Speech, now_ns: int) -> Cut:
    is_cut = bearer.state in {"down", "unknown"}
    known = [speech.tell(bearer.reason)]
    if bearer.loss_percent is not None and bearer.state != "down":
        known.append(speech.say("board.probes", loss=speech.percent(bearer.loss_percent)))
    if bearer.is_unstable:
        known.append(speech.say("board.unstable"))
    proof = speech.say("board.no_receipt")
    if bearer.receipt_ns is not None:
        at, age = speech.minute(bearer.receipt_ns, now_ns), speech.age(now_ns - bearer.receipt_ns)
        proof = speech.say("board.receipt", at=at, age=age)
    return Cut(
        subject_id=bearer.id,
        screen="comms",
        title=bearer.name,
        state=speech.say(f"board.bearer.{bearer.state}"),
        since=_since(bearer.since_ns, speech, now_ns),
        tone=_BEARER_TONES[bearer.state],
        is_cut=is_cut,
        lines=_lines(
            speech, known=_joined(known), sure=proof, affects=affected(picture, bearer.id, speech) if is_cut else ""
        ),
    )


# ---- power


def power_cuts(picture: Picture, speech: Speech, now_ns: int) -> list[Cut]:
    """The supplies: what failed, what nobody knows of, what ends soonest; the rest after them."""

    def key(supply: Supply) -> tuple[int, int]:
        ends_ns = supply.ends_low_ns if supply.ends_low_ns is not None else 1 << 62
        is_out = supply.state == "off" and supply.kind != "generator"
        is_doubtful = _is_doubtful(supply) or _silent_words(picture, supply, speech, now_ns)
        return 0 if is_out else 1 if is_doubtful else 2, ends_ns

    return [_supply_cut(picture, one, speech, now_ns) for one in sorted(picture.power.supplies, key=key)]


def _is_doubtful(supply: Supply) -> bool:
    return supply.state == "unknown" or supply.is_stale


def _silent_words(picture: Picture, supply: Supply, speech: Speech, now_ns: int) -> str:
    """That the device which tells of it has said nothing for too long; empty where it speaks."""
    device = next((one for one in picture.devices if one.id == supply.device_id), None)
    if device is None or device.last_understood_ns is None or device.silent_after_s is None:
        return ""
    silent_ns = now_ns - device.last_understood_ns
    if silent_ns <= device.silent_after_s * NS_PER_S:
        return ""
    return speech.say("board.device_silent", name=device.name, age=speech.age(silent_ns))


def _supply_cut(picture: Picture, supply: Supply, speech: Speech, now_ns: int) -> Cut:
    is_standing = supply.kind == "generator" and supply.state == "off"
    is_cut = supply.state == "off" and not (supply.is_reserve or is_standing)
    is_ending = supply.ends_low_ns is not None and not supply.is_reserve and supply.ends_low_ns - now_ns < _SOON_NS
    silent = _silent_words(picture, supply, speech, now_ns)
    is_doubtful = bool(silent) or _is_doubtful(supply)
    tone = "alarm" if is_cut or is_ending else "warn" if is_doubtful else "text"
    known = [speech.say("board.told_by", name=supply.told_by)] if supply.told_by else []
    if supply.basis is not None:
        known.append(speech.tell(supply.basis))
    if supply.charge_percent is not None and supply.charge_ns is not None:
        age = speech.age(now_ns - supply.charge_ns)
        known.append(speech.say("board.charge", percent=round(supply.charge_percent), age=age))
    doubt = [silent] if silent else []
    doubt += [speech.tell(supply.doubt)] if supply.doubt is not None else []
    if supply.is_stale:
        doubt.append(speech.say("board.stale"))
    return Cut(
        subject_id=supply.id,
        screen="situation",
        title=supply.name,
        state=speech.say("board.supply.standing" if is_standing else f"board.supply.{supply.state}"),
        since=_since(supply.since_ns, speech, now_ns),
        tone=tone,
        is_cut=is_cut,
        lines=_lines(
            speech,
            until=until_words(supply.ends_low_ns, supply.ends_high_ns, speech, now_ns, is_reserve=supply.is_reserve),
            known=_joined(known),
            sure=_joined(doubt),
            affects=affected(picture, supply.id, speech) if is_cut or is_ending or _is_doubtful(supply) else "",
        ),
    )


def until_words(
    low_ns: int | None, high_ns: int | None, speech: Speech, now_ns: int, *, is_reserve: bool = False
) -> str:
    """``20:45–21:40``; from the lower end on it may end at any moment, after the upper it should have."""
    if low_ns is None or high_ns is None:
        return ""
    if now_ns >= high_ns:
        return speech.say("board.until.over", at=speech.minute(high_ns, now_ns))
    if now_ns >= low_ns:
        return speech.say("board.until.any_moment", at=speech.minute(high_ns, now_ns))
    text_id = "board.until.reserve" if is_reserve else "board.until.range"
    return speech.say(text_id, span=speech.span(low_ns, high_ns, now_ns))


# ---- roads


def road_cuts(picture: Picture, speech: Speech, now_ns: int) -> list[Cut]:
    """The roads, what is closed first."""
    return [_road_cut(picture, road, speech, now_ns) for road in roadwords.in_order(picture.roads, now_ns)]


def _road_cut(picture: Picture, road: Road, speech: Speech, now_ns: int) -> Cut:
    words, judged = roadwords.words_of(road, speech, now_ns), standing(road, now_ns)
    is_cut = judged.state in {"closed", "difficult"}
    since_ns = road.report.since_ns if road.report is not None and not judged.is_passage else judged.last_ns
    if judged.state == "unknown" and judged.last != "unknown":
        since_ns = judged.until_ns
    sure = "one_word" if not judged.is_passage else "disputed" if judged.is_disputed else "driven"
    affects = affected(picture, road.id, speech) if judged.state != "open" else ""
    return Cut(
        subject_id=road.id,
        screen="situation",
        title=f"{words.title} · {speech.say('road.exit')}" if road.is_exit else words.title,
        state=words.state,
        since=_since(since_ns, speech, now_ns),
        tone=words.tone,
        is_cut=is_cut,
        lines=_lines(
            speech,
            known=words.said,
            sure=speech.say(f"board.road.{sure}") if judged.last_ns is not None else "",
            until=words.until,
            affects=affects,
        ),
    )


def reach_of(picture: Picture) -> list[Reach]:
    """The rear first, then who is cut off, then by when the others end."""
    order = {"down": 0, "unknown": 1, "weak": 2, "up": 3}
    far_ns = 1 << 62

    def key(reach: Reach) -> tuple[bool, int, int]:
        low_ns = reach.end.low_ns
        return reach.kind != "rear", order[reach.state], far_ns if low_ns is None else low_ns

    return sorted(picture.reach, key=key)
