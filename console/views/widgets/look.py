"""What a camera's tile shows now: the live frame, or while a replay is shown that of the recording."""

from __future__ import annotations

from dataclasses import replace

from console.bridge import Bridge
from console.picture import Camera
from console.sights import REPLAYED
from console.views.judgement import is_dead_time
from console.views.unwatched import unwatched
from console.views.widgets.feed import FrameFeed
from console.views.widgets.sight import TileFacts, facts_of, replayed_facts


def facts_now(
    bridge: Bridge, feed: FrameFeed, camera: Camera, *, is_selected: bool = False, is_key_only: bool = False
) -> TileFacts:
    """The facts of this camera's tile at this moment, live or replayed."""
    now_ns, state = bridge.now_ns(), bridge.replay_state
    unheard = unwatched(bridge.picture).get(camera.id)
    if state is None:
        seen = feed.seen(camera.id)
        facts = facts_of(camera, seen, now_ns, is_selected=is_selected, is_key_only=is_key_only)
        return replace(facts, unwatched=unheard) if unheard else facts
    facts = replayed_facts(
        camera,
        feed.recording(camera.id),
        now_ns,
        footage=bridge.footage(camera.id),
        pace=state.speed,
        is_off=bridge.picture is not None and is_dead_time(bridge.picture, now_ns),
    )
    return replace(facts, is_selected=is_selected, unwatched=unheard)


def poll_now(bridge: Bridge, feed: FrameFeed, camera_id: str) -> bool:
    """Take the newest frame of what is shown now; True if it is another one than before."""
    return feed.poll(REPLAYED + camera_id if bridge.is_replaying else camera_id)
