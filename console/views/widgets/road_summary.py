"""路: what is cut, and whether a way out of here is proven."""

from __future__ import annotations

from console.picture import Picture
from console.road_facts import RoadState, standing
from console.views.judgement import Tone
from console.views.roadwords import exit_name, in_order, retreat, retreat_tone, retreat_words
from console.views.speech import Speech
from console.views.widgets.summary import Summary

_WORST_FIRST: tuple[RoadState, ...] = ("closed", "difficult", "unknown")


def road_summary(picture: Picture, speech: Speech, now_ns: int) -> Summary | None:
    """Counts and names what is cut, difficult or unknown; ``None`` where neither a road nor a way out is known of."""
    found = retreat(picture, now_ns)
    if not picture.roads and found.level == "none":
        return None
    names: dict[RoadState, list[str]] = {"closed": [], "difficult": [], "unknown": [], "open": []}
    for road in in_order(picture.roads, now_ns):
        names[standing(road, now_ns).state].append(road.name)
    worst: RoadState = next((state for state in _WORST_FIRST if names[state]), "open")
    head = speech.say(f"shell.road.{worst}", count=len(names[worst])) if picture.roads else ""
    separator = speech.say("shell.net.list_separator")
    below = [
        speech.say(f"shell.road.named.{state}", names=separator.join(names[state]))
        for state in _WORST_FIRST[:2]
        if names[state]
    ]
    way_out = exit_name(found, speech)
    if way_out:
        below.append(speech.say("shell.road.exit", name=way_out))
    if names["unknown"] and worst != "unknown":
        below.append(speech.say("shell.road.named.unknown", names=separator.join(names["unknown"])))
    elif worst == "unknown":
        below.insert(0, speech.say("shell.road.named.unknown", names=separator.join(names["unknown"])))
    tone: Tone = retreat_tone(found)
    if tone == "normal" and (names["closed"] or names["difficult"]):
        tone = "amber"
    way, brief_way = (retreat_words(found, speech, now_ns, is_brief=is_brief) for is_brief in (False, True))
    # In the least room the headline keeps what gave it its colour.
    brief, rest = (
        (brief_way, head) if not head or retreat_tone(found) == "red" or worst == "open" else (head, brief_way)
    )
    return Summary(
        mark=speech.say("shell.road.mark"),
        headline="　".join(part for part in (head, way) if part),
        short="　".join(part for part in (head, brief_way) if part),
        brief=brief,
        brief_facts=(rest, *below) if rest else tuple(below),
        facts=tuple(below),
        tone=tone,
    )
