"""The three answers of the strip, in words: is the rear reachable, who is silent, which pictures are live."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from console.picture import Bearer, Picture
from console.views.judgement import Tone, by_silence, is_dead_time, judge_net, judge_picture, silence_of
from console.views.speech import Speech
from console.views.widgets.sight import VEIL_AFTER_NS

_EVER_NS = 1 << 62
_SLACK_NS = 1_500_000_000
"""Pictures of the console come once a second, so a packet stamp in it may be that old and still be true."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """One box: its character, a headline, a line below, how bad it is.

    ``short`` stands for the headline where that would lose its end.
    """

    mark: str
    headline: str
    below: str
    tone: Tone
    short: str = ""


def _names(bearers: Sequence[Bearer], speech: Speech) -> str:
    return speech.say("shell.net.list_separator").join(bearer.name for bearer in bearers)


def net_summary(picture: Picture, speech: Speech, now_ns: int) -> Summary:
    """网: judged from the bearers."""
    net = judge_net(picture.bearers)
    mark = speech.say("shell.net.mark")
    if net.state == "none":
        return Summary(
            mark=mark, headline=speech.say("shell.net.none"), below=speech.say("shell.net.none_detail"), tone=net.tone
        )
    names = {
        "partly": _names(net.down, speech),
        "preferred_weak": net.in_use.name if net.in_use else "",
        "up": net.in_use.name if net.in_use else _names(net.up[:1], speech),
    }
    state = "up_unproven" if net.state == "up" and not net.is_proven(now_ns) else net.state
    headline = speech.say(f"shell.net.{state}", name=names.get(net.state, ""), at=speech.minute(net.since_ns, now_ns))
    parts = []
    for key, bearers in (("works", net.up), ("weak", net.degraded), ("cut", net.down), ("unjudged", net.unknown)):
        if bearers and not (key == "cut" and net.state == "partly"):
            parts.append(speech.say(f"shell.net.{key}", names=_names(bearers, speech)))
    # The receipt comes first: it proves the service, and must not be what an ellipsis cuts off.
    receipt = speech.say("shell.net.no_receipt")
    if net.receipt_ns is not None and net.receipt_by is not None:
        receipt = speech.say(
            "shell.net.receipt",
            at=speech.minute(net.receipt_ns, now_ns),
            age=speech.age(now_ns - net.receipt_ns),
            name=net.receipt_by.name,
        )
    return Summary(mark=mark, headline=headline, below=" · ".join((receipt, *parts)), tone=net.tone)


def team_summary(picture: Picture, speech: Speech, now_ns: int) -> Summary:
    """队: how many are over their time, and who was not heard longest."""
    mark = speech.say("shell.team.mark")
    if not picture.teams:
        return Summary(mark=mark, headline=speech.say("shell.team.none"), below="", tone="normal")
    levels = [silence_of(team, now_ns).level for team in picture.teams]
    over, never, soon = levels.count("over"), levels.count("never"), levels.count("soon")
    ranked = [team for team in by_silence(picture.teams, now_ns) if team.last_heard_ns is not None]
    below = ""
    if ranked:
        longest = speech.age(silence_of(ranked[0], now_ns).age_ns)
        below = speech.say("shell.team.longest", name=ranked[0].name, age=longest)
    parts = [speech.say(f"shell.team.{key}", count=count) for key, count in (("over", over), ("never", never)) if count]
    tone: Tone = "red" if over or never else "amber" if soon else "normal"
    if not parts:
        parts = [speech.say("shell.team.soon", count=soon) if soon else speech.say("shell.team.heard")]
    return Summary(mark=mark, headline=" · ".join(parts), below=below, tone=tone)


def wall_summary(picture: Picture, speech: Speech, now_ns: int, *, is_replayed: bool) -> Summary:
    """像: how many sources have a picture now, and which have none."""
    mark = speech.say("shell.wall.mark")
    cameras = [camera for camera in picture.cameras if camera.state != "disabled"]
    if not cameras:
        return Summary(mark=mark, headline=speech.say("shell.wall.none"), below="", tone="normal")
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
        mark=mark, headline=headline, below=" · ".join(below), tone="amber" if dark or doubtful else "normal"
    )
