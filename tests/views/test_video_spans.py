"""What is recorded of a moment or a span, and in which words it is said."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.views.speech import Speech
from console.views.video.recall import pick_words
from console.views.video.spans import Pick, covered_ns, files_of, held_at, pick_between, pick_of
from tests.views.more_pictures import MIN, NOW, S
from tests.views.recordings import PAGE, at, recorded
from tests.views.screens import ZONE

ZH, EN = Speech("zh", zone=ZONE), Speech("en", zone=ZONE)


@pytest.mark.parametrize(
    ("back_min", "held", "words"),
    [
        (4.2, "recorded", "14:27:55 有录像 · 14:27:07–14:28:07 · H264 · 14 MB"),
        (4.6, "missing", "14:27:31 缺失：14:27:27 起 15 秒没有收到画面"),
        (3.5, "recorded", "14:28:37 有录像 · 14:28:07–14:29:07 · H264 · 14 MB · 已锁定"),
        (8.5, "removed", "14:23:37 的录像已为新录像让出空间而删除"),
        (7.0, "nothing", "14:25:07 没有录像"),
        (0.25, "clip", "14:31:52 有另存的片段 · 14:31:37–14:32:07 · H264 · 14 MB · 已锁定"),
    ],
)
def test_a_chosen_moment_says_whether_it_can_still_be_seen(back_min: float, held: str, words: str) -> None:
    pick = pick_of(at(back_min))
    assert held_at(PAGE.files, pick.at_ns)[0] == held
    assert pick_words(PAGE, pick, ZH, NOW)[0] == words


def test_a_moment_missing_in_a_recording_but_kept_in_a_clip_can_be_seen() -> None:
    clip = recorded(5, is_clip=True, file="clip.ts")
    assert held_at((*PAGE.files, clip), at(4.6)) == ("clip", clip)


def test_a_mark_is_told_at_its_moment_and_a_list_that_cannot_be_read_is_no_proof_of_nothing() -> None:
    assert pick_words(PAGE, pick_of(at(3.8)), ZH, NOW)[0].endswith("标记 14:28:17：桥面进水")
    said, tone = pick_words(None, pick_of(at(4)), EN, NOW)
    assert "not known" in said
    assert tone == "warn"


def test_a_span_says_how_much_of_it_is_there() -> None:
    said, tone = pick_words(PAGE, pick_between(at(6), at(3)), ZH, NOW)
    assert said.startswith("14:26:07–14:29:07 · 有录像 1 分 · 缺 1 分 · 2 段，1 段已锁")
    assert tone == "warn"


GAPS = st.lists(st.tuples(st.integers(0, 50), st.integers(1, 9)))
FILES = st.lists(st.tuples(st.integers(0, 90), st.integers(1, 40), st.booleans(), GAPS), max_size=6)


@given(FILES, st.integers(0, 60), st.integers(1, 60))
def test_how_much_is_there_is_what_counting_every_second_says(
    drawn: list[tuple[int, int, bool, list[tuple[int, int]]]], begin_s: int, length_s: int
) -> None:
    files = []
    for from_s, for_s, is_removed, gaps in drawn:
        holes = tuple(((from_s + after_s) * S, lost_s * S) for after_s, lost_s in gaps)
        span = {"from_ns": from_s * S, "to_ns": (from_s + for_s) * S}
        files.append(recorded(0, gaps=holes, is_removed=is_removed, **span))
    seconds = range(begin_s, begin_s + length_s)
    counted = sum(held_at(files, second * S)[0] in {"recorded", "clip"} for second in seconds)
    assert covered_ns(files, begin_s * S, (begin_s + length_s) * S) == counted * S


def test_what_is_chosen_moves_by_steps_and_stretches_but_never_turns_over() -> None:
    pick = pick_of(at(4))
    assert pick.from_ns <= pick.at_ns < pick.to_ns == pick.from_ns + MIN
    assert pick.moved(10 * S, is_extended=False).at_ns == at(4) + 10 * S
    longer = pick.moved(10 * S, is_extended=True).moved(20 * S, is_extended=True)
    assert longer == Pick(at_ns=at(4), from_ns=at(4), to_ns=at(4) + 30 * S, is_range=True)
    assert longer.moved(-100 * S, is_extended=True).to_ns > longer.from_ns
    assert pick_between(at(3), at(4)) == pick_between(at(4), at(3))


def test_removed_files_are_offered_to_nobody() -> None:
    assert files_of(PAGE.files, pick_of(at(8.5))) == []
