"""What a tile says of each kind of sight: told apart in words, shapes and pixels, never flattering."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from pytestqt.qtbot import QtBot

from console.bridge import Bridge
from console.picture import Camera, Text
from console.sights import Showing, Sight
from console.views.speech import Speech
from console.views.theme import DAY, NIGHT, Metric, Palette, Theme
from console.views.video.wall import WallView
from console.views.widgets.sight import (
    Kind,
    Recording,
    Seen,
    band_words,
    caption_note,
    facts_of,
    lamps,
    replayed_facts,
    tally,
    veil_words,
)
from console.views.widgets.summary import wall_summary
from tests.views.more_pictures import MIN, NOW, FakeDesk, S, camera, picture
from tests.views.screens import ZONE
from tests.views.video_rig import MS, FakeFeed, colours, drawn, pixel, screen_with

ZH, EN = Speech("zh", zone=ZONE), Speech("en", zone=ZONE)
IMAGE = FakeFeed({}).frame
BUDGET = Text(id="thrift.rate", args={"bearer": "VSAT", "kbps": 600})


def _still(**changes: object) -> Camera:
    return replace(camera("c", "执法仪", "stills"), grade="stills", **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "seen", "kind"),
    [
        (camera("c", "c"), Seen(IMAGE, 200 * MS), "live"),
        (camera("c", "c", "delayed"), Seen(IMAGE, 200 * MS), "delayed"),
        (camera("c", "c"), Seen(IMAGE, 900 * MS), "delayed"),
        (camera("c", "c"), Seen(IMAGE, 1250 * MS), "stopped"),
        (camera("c", "c"), Seen(IMAGE, 200 * MS, health=("frozen", 4 * S)), "abnormal"),
        (camera("c", "c", "abnormal"), Seen(IMAGE, 200 * MS), "abnormal"),
        (camera("c", "c", "abnormal"), Seen(IMAGE, 3 * S, health=("torn", 9 * S)), "stopped"),
        (camera("c", "c"), Seen(None), "decoding"),
        (camera("c", "c", "connecting", last_packet_ns=None), Seen(None), "connecting"),
        (camera("c", "c", "connecting"), Seen(IMAGE, 4 * S), "stopped"),
        (camera("c", "c", "down", last_packet_ns=None), Seen(None), "never"),
        (camera("c", "c", "down"), Seen(IMAGE, 90 * S), "stopped"),
        (_still(), Seen(IMAGE, 9 * S), "still"),
        (_still(), Seen(IMAGE, 24 * S), "still"),
        (_still(), Seen(IMAGE, 26 * S), "stopped"),
        (_still(still_s=60.0), Seen(IMAGE, 90 * S), "still"),
        (_still(), Seen(IMAGE, 9 * S, health=("black", 9 * S)), "abnormal"),
        (camera("c", "c", "standby", is_on_demand=True, grade="off"), Seen(None), "on_demand"),
        (camera("c", "c", "standby", is_on_demand=True, grade="off"), Seen(IMAGE, 60 * S), "on_demand"),
        (camera("c", "c", "held", grade="off", budget_note=BUDGET), Seen(IMAGE, 60 * S), "held"),
        (camera("c", "c", "held", is_on_demand=True, grade="off", budget_note=BUDGET), Seen(None), "held"),
        (camera("c", "c", "disabled"), Seen(IMAGE, 200 * MS), "disabled"),
    ],
)
def test_every_kind_of_sight_is_told_by_its_frames_before_its_state(one: Camera, seen: Seen, kind: Kind) -> None:
    assert facts_of(one, seen, NOW).kind == kind


def test_with_key_frames_alone_a_frame_may_be_older_but_says_how_old_and_is_veiled_when_overdue() -> None:
    one = camera("c", "c")
    facts = facts_of(one, Seen(IMAGE, 1900 * MS, overdue_ns=100 * MS), NOW, is_key_only=True)
    assert facts.is_unveiled
    assert caption_note(facts, ZH).startswith("关键帧 1.9 秒")
    assert facts_of(one, Seen(IMAGE, 3400 * MS, overdue_ns=1300 * MS), NOW, is_key_only=True).kind == "stopped"


@pytest.mark.parametrize(
    ("one", "seen", "zh", "en"),
    [
        (
            camera("c", "c"),
            Seen(IMAGE, 200 * MS, health=("frozen", 41 * S)),
            "画面异常：画面不动 · 已 41 秒",
            "Picture abnormal: the picture does not move, for 41 s",
        ),
        (camera("c", "c", "abnormal"), Seen(IMAGE, 200 * MS), "画面异常：不可信", "not to be trusted"),
        (_still(), Seen(IMAGE, 7 * S), "静帧 14:32:00 · 已 7 秒", "Still of 14:32:00, 7 s old"),
        (camera("c", "c", budget_note=BUDGET), Seen(IMAGE, 200 * MS), "VSAT上视频共限 600 kbit/s", "VSAT"),
    ],
)
def test_what_is_shown_as_it_is_carries_its_doubt_or_its_age_on_a_band(
    one: Camera, seen: Seen, zh: str, en: str
) -> None:
    facts = facts_of(one, seen, NOW)
    said, said_en = band_words(facts, ZH, NOW), band_words(facts, EN, NOW)
    assert said is not None
    assert said_en is not None
    assert said[0] == zh
    assert en in said_en[0]


def test_a_live_picture_in_good_health_carries_no_band() -> None:
    assert band_words(facts_of(camera("c", "c"), Seen(IMAGE, 200 * MS), NOW), ZH, NOW) is None


def test_a_picture_held_back_says_why_and_when_it_was_last_seen_and_is_no_fault() -> None:
    held = camera("c", "c", "held", grade="off", budget_note=BUDGET, last_packet_ns=NOW - 9 * MIN)
    facts = facts_of(held, Seen(None), NOW)
    assert veil_words(facts, ZH, NOW) == ("省流量 · 未拉流", "末次 14:23:07 · VSAT上视频共限 600 kbit/s", "dim")
    assert caption_note(facts, ZH) == "9 分前"
    asked = camera("c", "c", "standby", is_connected=False, grade="off", is_on_demand=True, last_packet_ns=None)
    assert veil_words(facts_of(asked, Seen(None), NOW), ZH, NOW) == ("按需 · 未拉流", "有人看才拉流", "dim")


@pytest.mark.parametrize(
    ("one", "seen", "is_replayed", "expected"),
    [
        (camera("c", "c"), Seen(IMAGE, 200 * MS), False, (True, True)),
        (camera("c", "c"), Seen(IMAGE, 3 * S), False, (True, False)),
        (camera("c", "c", "down", is_connected=False), Seen(IMAGE, 3 * S), False, (False, False)),
        (_still(is_connected=False), Seen(IMAGE, 9 * S), False, (True, True)),
        (camera("c", "c", "standby", is_connected=False, grade="off"), Seen(None), False, (None, None)),
        (camera("c", "c", "stalled"), Seen(None), True, (True, False)),
        (camera("c", "c", "abnormal"), Seen(None), True, (True, True)),
        (camera("c", "c", "held"), Seen(None), True, (True, None)),
    ],
)
def test_two_lamps_tell_device_and_frames_apart_and_a_third_shape_that_none_is_expected(
    one: Camera,
    seen: Seen,
    is_replayed: bool,  # noqa: FBT001
    expected: tuple[bool | None, bool | None],
) -> None:
    facts = replayed_facts(one, Recording(None), NOW, footage=None) if is_replayed else facts_of(one, seen, NOW)
    assert lamps(facts) == expected


def test_the_tally_believes_the_tile_where_there_is_one_and_the_state_elsewhere() -> None:
    cameras = [camera("a", "a"), camera("b", "b"), camera("c", "c", "held"), camera("d", "d", "stills")]
    counts = tally(cameras, {"a": facts_of(cameras[0], Seen(IMAGE, 5 * S), NOW)})
    assert counts == {"missing": 1, "live": 1, "resting": 1, "still": 1}


# ---- on the wall


def _wall_of(qtbot: QtBot, one: Camera, age_ns: int | None, health: tuple[str, int] | None = None) -> WallView:
    screen, _ = screen_with(qtbot, {} if age_ns is None else {one.id: age_ns}, shown=picture(cameras=(one,)))
    feed = screen.wall.feed
    assert isinstance(feed, FakeFeed)
    if health is not None:
        feed.healths[one.id] = health
    return screen.wall


def test_a_doubtful_picture_stays_visible_under_an_amber_hatched_band(qtbot: QtBot) -> None:
    wall = _wall_of(qtbot, camera("c", "c"), 200 * MS, ("torn", 3 * S))
    assert pixel(wall, "c") > 200
    assert NIGHT.veil_warn.name() in colours(wall, "c", 0.0, 0.05)
    assert NIGHT.veil_warn.name() not in colours(wall, "c", 0.2, 0.8)


def test_a_still_stays_visible_and_its_band_is_no_warning(qtbot: QtBot) -> None:
    wall = _wall_of(qtbot, _still(), 9 * S)
    assert pixel(wall, "c") > 200
    assert NIGHT.veil_warn.name() not in colours(wall, "c", 0.0, 0.9)


def test_an_old_still_is_veiled_like_any_stopped_picture(qtbot: QtBot) -> None:
    wall = _wall_of(qtbot, _still(), 40 * S)
    assert pixel(wall, "c") < 100
    assert NIGHT.veil_alarm.name() in colours(wall, "c", 0.3, 0.6)


def test_what_is_not_fetched_on_purpose_is_plain_and_not_red(qtbot: QtBot) -> None:
    held = camera("c", "c", "held", grade="off", budget_note=BUDGET)
    calm = colours(_wall_of(qtbot, held, None), "c", 0.0, 0.9)
    assert NIGHT.veil_alarm.name() not in calm
    gone = camera("c", "c", "down", last_packet_ns=None)
    dead = colours(_wall_of(qtbot, gone, None), "c", 0.0, 0.9)
    assert NIGHT.veil_alarm.name() in dead
    # The hatch of what ought to be there is not drawn over what is not wanted.
    plain = colours(_wall_of(qtbot, held, None), "c", 0.0, 0.2)
    assert len(plain) < len(
        colours(_wall_of(qtbot, camera("c", "c", "down", last_packet_ns=None), None), "c", 0.0, 0.2)
    )


@pytest.mark.parametrize(("is_night", "palette"), [(True, NIGHT), (False, DAY)])
def test_the_veil_and_the_band_look_the_same_by_day_and_by_night(
    qtbot: QtBot,
    is_night: bool,  # noqa: FBT001
    palette: Palette,
) -> None:
    feed = FakeFeed({"c": 200 * MS})
    feed.healths["c"] = ("black", 5 * S)
    wall = WallView(Bridge(FakeDesk()), Theme(is_night=is_night), ZH, feed, "video")
    qtbot.addWidget(wall)
    wall.resize(640, 400)
    wall.show_picture(picture(cameras=(camera("c", "c"),)))
    assert palette.veil_warn.name() in colours(wall, "c", 0.0, 0.1)
    feed.ages_ns["c"] = 2 * S
    assert drawn(wall).pixelColor(330, 60).lightness() < 100


def test_a_long_reason_is_wrapped_on_the_tile_and_not_cut(qtbot: QtBot) -> None:
    reason = Text(id="camera.reason.unauthorised", args={"detail": ""})
    one = camera("c", "c", "down", last_packet_ns=None, is_connected=False, reason=reason, retry_at_ns=NOW + 48 * S)
    wall = WallView(Bridge(FakeDesk()), Theme(), ZH, FakeFeed({}), "video")
    qtbot.addWidget(wall)
    wall.resize(320, 200)
    wall.show_picture(picture(cameras=(one,)))
    # Two lines of words below the headline.
    image, words = drawn(wall), NIGHT.on_tile.name()
    lit = [y for y in range(95, 165) if any(image.pixelColor(x, y).name() == words for x in range(image.width()))]
    assert any(after - before > 2 for before, after in pairwise(lit))


def test_key_frames_alone_are_asked_for_of_what_is_not_chosen(qtbot: QtBot) -> None:
    wanted: list[Showing] = []
    wall = WallView(Bridge(FakeDesk(), on_cameras=wanted.append), Theme(), ZH, FakeFeed({}), "video")
    qtbot.addWidget(wall)
    wall.resize(801, 601)
    wall.show()
    wall.show_picture(picture(cameras=(camera("a", "a"), camera("b", "b"))))
    wall.set_key_only(is_key_only=True)
    height_px = 300 - round(Theme().px(Metric.CAPTION_HEIGHT))
    assert wanted[-1] == {"a": Sight(400, height_px, is_full_rate=True), "b": Sight(400, height_px, is_key_only=True)}
    wall.enlarge("b")
    assert wanted[-1] == {"b": Sight(801, height_px + 301, is_full_rate=True, is_enlarged=True)}


def test_the_strip_counts_no_picture_as_missing_that_is_held_back_and_names_the_doubtful() -> None:
    shown = picture(
        cameras=(
            camera("a", "甲"),
            camera("b", "乙", "held", grade="off"),
            camera("c", "丙", "abnormal", health="frozen"),
            _still(name="丁", last_packet_ns=NOW - 9 * S),
        )
    )
    said = wall_summary(shown, ZH, NOW, is_replayed=False)
    assert said.headline == "2 / 4 路有画面"
    assert said.below == "画面异常:丙"
    assert said.tone == "amber"
    silent = replace(shown, cameras=(_still(name="丁", last_packet_ns=NOW - 90 * S),))
    assert wall_summary(silent, ZH, NOW, is_replayed=False).below == "无画面:丁"


def test_the_bar_counts_every_group_and_is_amber_only_for_what_is_wrong(qtbot: QtBot) -> None:
    calm = picture(cameras=(camera("uav", "甲"), camera("b", "乙", "held", grade="off"), _still()))
    screen, _ = screen_with(qtbot, {"uav": 200 * MS, "c": 5 * S}, shown=calm)
    assert screen.note.text() == "3 路 · 1 路有画面 · 1 路静帧 · 1 路未拉流 · 3 路录制中"
    assert screen.note.tone == "dim"
    feed = screen.wall.feed
    assert isinstance(feed, FakeFeed)
    feed.healths["uav"] = ("white", S)
    screen.refresh()
    assert "1 路画面异常" in screen.note.text()
    assert screen.note.tone == "warn"


@pytest.mark.parametrize(
    ("reason", "said"), [("segmented", "分段画面:比现场晚数秒以上"), ("from-file", "文件画面:不是现场")]
)
def test_a_picture_that_is_older_than_its_arrival_is_never_given_an_age_of_its_own(reason: str, said: str) -> None:
    one = camera("c", "水库", "delayed", reason=Text(id=f"camera.reason.{reason}"))
    facts = facts_of(one, Seen(IMAGE, 100 * MS), NOW)
    assert facts.kind == "delayed"
    assert band_words(facts, ZH, NOW) == (said, "", True)
    assert caption_note(facts, ZH).startswith("迟多久不明")
    assert facts_of(one, Seen(IMAGE, 100 * MS), NOW, is_key_only=True).kind == "delayed"
    assert caption_note(facts_of(camera("c", "c", "delayed"), Seen(IMAGE, 900 * MS), NOW), ZH).startswith("迟 0.9 秒")
