"""The three answers of the strip, in words: is the rear reachable, who is silent, which pictures are live."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from console.picture import Bearer, Picture
from console.views.judgement import Tone, by_silence, is_dead_time, judge_net, judge_picture, silence_of
from console.views.speech import Speech
from console.views.widgets.label import SEPARATOR
from console.views.widgets.sight import VEIL_AFTER_NS

_EVER_NS = 1 << 62
_SLACK_NS = 1_500_000_000
"""Pictures of the console come once a second, so a packet stamp in it may be that old and still be true."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """One box: its character, a headline, the facts of the line below (the first last to go), how bad it is.

    ``short`` stands for the headline where that would lose its end, ``brief`` with ``brief_facts`` where
    even that would.
    """

    mark: str
    headline: str
    facts: tuple[str, ...] = ()
    tone: Tone
    short: str = ""
    brief: str = ""
    brief_facts: tuple[str, ...] = ()

    @property
    def below(self) -> str:
        """All facts in a line."""
        return SEPARATOR.join(self.facts)

    def forms(self) -> list[tuple[str, tuple[str, ...]]]:
        """Headline and facts, the longest form first."""
        found = [(self.headline, self.facts)]
        if self.short:
            found.append((self.short, self.facts))
        if self.brief:
            found.append((self.brief, self.brief_facts or self.facts))
        return found


def _names(bearers: Sequence[Bearer], speech: Speech) -> str:
    return speech.say("shell.net.list_separator").join(bearer.name for bearer in bearers)


def net_summary(picture: Picture, speech: Speech, now_ns: int) -> Summary:
    """网: judged from the bearers."""
    net = judge_net(picture.bearers)
    mark = speech.say("shell.net.mark")
    if net.state == "none":
        return Summary(
            mark=mark,
            headline=speech.say("shell.net.none"),
            facts=(speech.say("shell.net.none_detail"),),
            tone=net.tone,
        )
    names = {
        "partly": _names(net.down, speech),
        "preferred_weak": net.in_use.name if net.in_use else "",
        "up": net.in_use.name if net.in_use else _names(net.up[:1], speech),
    }
    state = "up_unproven" if net.state == "up" and not net.is_proven(now_ns) else net.state
    name, at = names.get(net.state, ""), speech.minute(net.since_ns, now_ns)
    headline, brief = (speech.say(f"shell.{form}.{state}", name=name, at=at) for form in ("net", "net_brief"))
    parts = []
    for key, bearers in (("works", net.up), ("weak", net.degraded), ("cut", net.down), ("unjudged", net.unknown)):
        if bearers and not (key == "cut" and net.state == "partly"):
            parts.append(speech.say(f"shell.net.{key}", names=_names(bearers, speech)))
    # The receipt comes first: it proves the service, and must not be what an ellipsis cuts off.
    receipt, brief_receipt = (speech.say(f"shell.{form}.no_receipt") for form in ("net", "net_brief"))
    if net.receipt_ns is not None and net.receipt_by is not None:
        receipt = speech.say(
            "shell.net.receipt",
            at=speech.minute(net.receipt_ns, now_ns),
            age=speech.age(now_ns - net.receipt_ns),
            name=net.receipt_by.name,
        )
        brief_receipt = speech.say("shell.net_brief.receipt", at=speech.minute(net.receipt_ns, now_ns))
    return Summary(
        mark=mark,
        headline=headline,
        facts=(receipt, *parts),
        tone=net.tone,
        brief=brief,
        brief_facts=(brief_receipt, *parts),
    )


def team_summary(picture: Picture, speech: Speech, now_ns: int) -> Summary:
    """队: how many are over their time, and who was not heard longest."""
    mark = speech.say("shell.team.mark")
    if not picture.teams:
        return Summary(mark=mark, headline=speech.say("shell.team.none"), tone="normal")
    levels = [silence_of(team, now_ns).level for team in picture.teams]
    over, never, soon = levels.count("over"), levels.count("never"), levels.count("soon")
    ranked = [team for team in by_silence(picture.teams, now_ns) if team.last_heard_ns is not None]
    facts: tuple[str, ...] = ()
    if ranked:
        longest = speech.age(silence_of(ranked[0], now_ns).age_ns)
        facts = (speech.say("shell.team.longest", name=ranked[0].name, age=longest),)
    counted = [(key, count) for key, count in (("over", over), ("never", never)) if count]
    counted_or_well = counted or [("soon", soon) if soon else ("heard", 0)]
    short = [speech.say(f"shell.team_brief.{key}", count=count) for key, count in counted_or_well]
    parts = [speech.say(f"shell.team.{key}", count=count) for key, count in counted]
    tone: Tone = "red" if over or never else "amber" if soon else "normal"
    if not parts:
        parts = [speech.say("shell.team.soon", count=soon) if soon else speech.say("shell.team.heard")]
    brief = speech.say("shell.team.silent", count=over + never) if over or never else ""
    return Summary(
        mark=mark,
        headline=SEPARATOR.join(parts),
        facts=facts,
        tone=tone,
        short=SEPARATOR.join(short),
        brief=brief,
        brief_facts=(SEPARATOR.join(short), *facts) if brief else (),
    )


def wall_summary(picture: Picture, speech: Speech, now_ns: int, *, is_replayed: bool) -> Summary:
    """像: how many sources have a picture now, and which have none."""
    mark = speech.say("shell.wall.mark")
    cameras = [camera for camera in picture.cameras if camera.state != "disabled"]
    if not cameras:
        return Summary(mark=mark, headline=speech.say("shell.wall.none"), tone="normal")
    # In a replay the states are those of its moment: they stand whatever their age, but not where nobody recorded.
    veil_after_ns = _EVER_NS if is_replayed and not is_dead_time(picture, now_ns) else VEIL_AFTER_NS + _SLACK_NS
    judged = [(camera.name, judge_picture(camera, now_ns, veil_after_ns)) for camera in cameras]
    dark = [name for name, one in judged if one == "dark"]
    doubtful = [name for name, one in judged if one == "abnormal"]
    live = sum(one in {"live", "abnormal"} for _, one in judged)
    separator = speech.say("shell.net.list_separator")
    below = [speech.say("shell.wall.dark", names=separator.join(dark))] if dark else []
    if doubtful:
        below.append(speech.say("shell.wall.doubtful", names=separator.join(doubtful)))
    headline = speech.say("shell.wall.live", live=live, total=len(cameras))
    return Summary(
        mark=mark,
        headline=headline,
        facts=tuple(below),
        tone="amber" if dark or doubtful else "normal",
        short=speech.say("shell.wall.short", live=live, total=len(cameras)),
        brief=f"{live}/{len(cameras)}",
    )
