"""What the list and the detail say of a team, in words.  Pure, for a given moment."""

from __future__ import annotations

from collections.abc import Mapping

from console.geodesy import distance_and_bearing
from console.picture import Device, Fix, Picture, Place, Team
from console.views.judgement import (
    Level,
    Silence,
    by_silence,
    is_place_old,
    place_age_ns,
    place_time_ns,
    silence_of,
)
from console.views.situation.search import reach_of, reach_words
from console.views.speech import NOTHING, Speech
from console.views.widgets.facts import FactLine
from console.views.widgets.understanding import word

CHIPS = ("all", "silent", "doubt", "no_place")
ROLL_CHIPS = ("all", "unanswered", "silent", "doubt")
TONES: dict[Level, str] = {
    "fresh": "text",
    "soon": "warn",
    "over": "alarm",
    "never": "alarm",
    "unwatched": "dim",
    "stood_down": "dim",
}


def is_doubted(team: Team) -> bool:
    """Whether its means disagree on where it is, or the last fix of one is out of reach."""
    return team.disagreement is not None or any(fix.is_jump for fix in team.fixes)


def has_answered(team: Team, since_ns: int) -> bool:
    """Whether a person of it spoke or wrote since then."""
    return team.answered_ns is not None and team.answered_ns >= since_ns


def is_in(chip: str, team: Team, picture: Picture, now_ns: int) -> bool:
    """Whether the chip lets this team through."""
    match chip:
        case "silent":
            return silence_of(team, now_ns).level in ("over", "never")
        case "doubt":
            return is_doubted(team)
        case "no_place":
            return team.place is None
        case "unanswered":
            since_ns = picture.roll_call_ns
            return since_ns is not None and team.state != "stood_down" and not has_answered(team, since_ns)
        case _:
            return True


def ranked(teams: list[Team], picture: Picture, now_ns: int) -> list[Team]:
    """By silence; in a roll call those who have not answered first, sent home last."""
    since_ns = picture.roll_call_ns
    sorted_teams = by_silence(teams, now_ns)
    if since_ns is None:
        return sorted_teams
    return sorted(sorted_teams, key=lambda team: (team.state == "stood_down", has_answered(team, since_ns)))


# ---- a row


def heard_words(team: Team, device_names: Mapping[str, str], speech: Speech, now_ns: int) -> str:
    """When last heard and by which means, then people: what an ellipsis cuts off is what matters least."""
    parts = []
    if team.last_heard_ns is None:
        parts.append(speech.say("situation.teams.no_means" if not team.means else "situation.teams.not_yet"))
    else:
        parts.append(last_heard(team, device_names, speech, now_ns))
    if team.place is None and team.last_heard_ns is not None:
        parts.append(speech.say("situation.map.no_place"))
    if team.people is not None or team.people_present is not None:
        parts.append(people_words(team, speech))
    return " · ".join([*parts, *([team.task] if team.task else [])])


def last_heard(team: Team, device_names: Mapping[str, str], speech: Speech, now_ns: int) -> str:
    """``14:05 位置 北斗指挥机``."""
    by = device_names.get(team.last_heard_by or "", team.last_heard_by or "")
    kind = speech.say(f"situation.heard.{team.last_heard_kind}") if team.last_heard_kind else ""
    at = speech.minute(team.last_heard_ns, now_ns)
    return " ".join(part for part in (at, kind, "" if team.last_heard_by == "operator" else by) if part)


def people_words(team: Team, speech: Speech) -> str:
    """``30 人``, or present of those on the list: ``26/30 人``."""
    if team.people_present is None:
        return speech.say("situation.teams.people", count=team.people)
    on_list = "" if team.people is None else f"/{team.people}"
    return speech.say("situation.teams.people", count=f"{team.people_present}{on_list}")


def silence_words(silence: Silence, speech: Speech) -> str:
    """The big words right: the age, or that there never was one."""
    if silence.level in ("never", "unwatched", "stood_down"):
        return speech.say(f"situation.teams.{silence.level}")
    return speech.age(silence.age_ns)


def below_words(team: Team, silence: Silence, speech: Speech) -> str:
    """The small words right: what is expected, and in words that it is overdue."""
    if silence.level in ("unwatched", "stood_down"):
        return ""
    expected = speech.period(team.expected_s)
    if silence.level in ("over", "soon"):
        return speech.say(f"situation.teams.{silence.level}", period=expected)
    return speech.say("situation.teams.expected", period=expected)


def roll_words(team: Team, since_ns: int, speech: Speech) -> tuple[str, str, str]:
    """In a roll call: whether it answered, how, and the tone.  A radio that is heard is no answer of a person."""
    if team.state == "stood_down":
        return speech.say("situation.teams.stood_down"), "", "dim"
    if has_answered(team, since_ns):
        return speech.say("teams.roll.answered"), speech.clock(team.answered_ns), "text"
    is_there = team.last_heard_ns is not None and team.last_heard_ns >= since_ns
    return speech.say("teams.roll.missing"), speech.say("teams.roll.device_only") if is_there else "", "warn"


def doubt_words(team: Team, speech: Speech) -> str:
    """That its place is in doubt, and why; empty where it is not."""
    if team.disagreement is not None:
        return speech.say("teams.apart", distance=speech.distance(team.disagreement.distance_m))
    return speech.say("teams.jump") if any(fix.is_jump for fix in team.fixes) else ""


# ---- the detail


def known_lines(team: Team, picture: Picture, speech: Speech, now_ns: int) -> list[FactLine]:
    """The last known state: heard, place, course, time, by which means, people and task."""
    names = {device.id: device.name for device in picture.devices}
    silence = silence_of(team, now_ns)
    say = speech.say
    heard = NOTHING if team.last_heard_ns is None else last_heard(team, names, speech, now_ns)
    lines: list[FactLine] = [
        (say("teams.detail.silence"), silence_words(silence, speech), TONES[silence.level], False),
        (say("teams.detail.heard"), heard, "text", False),
        *_place_lines(team, names, speech, now_ns),
    ]
    if team.state is not None:
        lines.append(
            (
                say("teams.detail.state"),
                _dated(say(f"team.state.{team.state}"), team.state_ns, speech, now_ns),
                "text",
                False,
            )
        )
    if team.people is not None or team.people_present is not None:
        lines.append(
            (
                say("teams.detail.people"),
                _dated(people_words(team, speech), team.people_ns, speech, now_ns),
                "text",
                False,
            )
        )
    if team.kind:
        lines.append((say("teams.detail.kind"), team.kind, "text", False))
    if team.charge_percent is not None:
        charge = _dated(speech.percent(team.charge_percent), team.charge_ns, speech, now_ns)
        lines.append((say("teams.detail.charge"), charge, "text", False))
    return lines


def _dated(words: str, at_ns: int | None, speech: Speech, now_ns: int) -> str:
    return words if at_ns is None else f"{words} · {speech.minute(at_ns, now_ns)}"


def _place_lines(team: Team, names: Mapping[str, str], speech: Speech, now_ns: int) -> list[FactLine]:
    place, say = team.place, speech.say
    if place is None:
        return [(say("teams.detail.place"), say("situation.map.no_place"), "warn", False)]
    is_old = is_place_old(team, now_ns)
    tone = "dim" if is_old else "text"
    words = speech.coordinates(place.lat_deg, place.lon_deg, place.datum)
    at = speech.second(place_time_ns(place, now_ns), now_ns)
    age = say("situation.map.fix_age", age=speech.age(place_age_ns(place, now_ns)))
    doubt = f" · {say('situation.map.doubtful')}" if place.is_clock_doubtful else ""
    by = names.get(place.device_id, place.device_id)
    lines: list[FactLine] = [
        (say("teams.detail.place"), words, tone, is_old),
        (say("teams.detail.fix"), f"{at} · {age} · {by}{doubt}", "warn" if is_old else "text", False),
        (say("teams.detail.course"), course_words(place, speech), tone, is_old),
    ]
    if (reach := reach_of(team, now_ns)) is not None:
        lines.append((say("teams.detail.reach"), reach_words(reach, speech), reach.tone, False))
    return lines


def course_words(place: Place, speech: Speech) -> str:
    """``152° · 4 m/s``; what was not told is a dash."""
    course = NOTHING if place.course_deg is None else speech.bearing(place.course_deg)
    speed = NOTHING if place.speed_mps is None else f"{place.speed_mps * 3.6:.0f} km/h"
    accuracy = "" if place.accuracy_m is None else f" · ±{speech.distance(place.accuracy_m)}"
    return f"{course} · {speed}{accuracy}"


def means_words(means: str, team: Team, picture: Picture, speech: Speech, now_ns: int) -> tuple[str, str]:
    """One means: its device and number, when it was last heard, how old its fix is and what is wrong with it; tone."""
    device_id, _, subject = means.partition("/")
    device = next((one for one in picture.devices if one.id == device_id), None)
    name = device.name if device is not None else device_id
    parts = [f"{name} {subject}".strip()]
    if device is not None and subject and (heard := _heard_of(device, subject, speech, now_ns)):
        parts.append(heard)
    fix = next((one for one in team.fixes if one.means == means), None)
    tone = "text" if device is not None and device.state == "up" else "dim"
    if device is not None and device.state == "down":
        parts.append(speech.say("teams.means.down"))
        tone = "warn"
    if fix is not None:
        parts.append(speech.say("teams.means.fix", age=speech.age(place_age_ns(fix.place, now_ns))))
        if apart := _apart(fix, team, speech):
            parts.append(apart)
            tone = "warn"
    return " · ".join(parts), tone


def _heard_of(device: Device, subject: str, speech: Speech, now_ns: int) -> str:
    wanted = subject.lstrip("0")
    one = next((one for one in device.heard if one.subject.lstrip("0") == wanted and one.at_ns is not None), None)
    if one is None:
        return speech.say("comms.never")
    kind = word(speech, "comms.heard_kind", one.kind)
    return f"{speech.minute(one.at_ns, now_ns)} {kind}"


def _apart(fix: Fix, team: Team, speech: Speech) -> str:
    """How far this fix is from the place that is shown, where that is a jump or a disagreement."""
    is_meant = team.disagreement is not None and fix.means in (team.disagreement.first, team.disagreement.second)
    if team.place is None or not (fix.is_jump or is_meant):
        return ""
    here, there = team.place, fix.place
    distance_m, _ = distance_and_bearing(here.lat_deg, here.lon_deg, there.lat_deg, there.lon_deg)
    if distance_m < 1.0:
        return speech.say("teams.means.shown")
    key = "teams.means.jump" if fix.is_jump else "teams.means.apart"
    return speech.say(key, distance=speech.distance(distance_m))
