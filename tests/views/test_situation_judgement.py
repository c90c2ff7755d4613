"""How the situation is read: silence, places, links."""

from __future__ import annotations

from dataclasses import replace

import pytest

from console.views.judgement import (
    by_silence,
    is_charge_old,
    is_place_old,
    judge_net,
    place_age_ns,
    silence_of,
)
from tests.views.pictures import MIN, NOW, S, bearer, place, team, teams


@pytest.mark.parametrize(
    ("silent_min", "level"), [(0, "fresh"), (11.9, "fresh"), (12, "soon"), (15, "soon"), (15.1, "over"), (600, "over")]
)
def test_a_team_is_soon_from_four_fifths_and_over_beyond_its_period(silent_min: float, level: str) -> None:
    assert silence_of(team("a", "a", 1, silent_min * 60, 15), NOW).level == level


def test_a_team_never_heard_is_never_and_one_without_means_is_not_judged() -> None:
    never = team("a", "a", 1, None, 15)
    assert silence_of(never, NOW).level == "never"
    assert silence_of(replace(never, means=()), NOW).level == "unwatched"


def test_silence_grows_with_the_clock_alone_without_a_new_picture() -> None:
    one = team("a", "a", 1, 60, 15)
    assert silence_of(one, NOW).level == "fresh"
    assert silence_of(one, NOW + 20 * MIN).level == "over"


def test_the_longest_silent_comes_first_and_never_heard_before_all() -> None:
    names = [one.name for one in by_silence(teams(), NOW)]
    assert names[:3] == ["梨河镇转移组", "消防水域二组", "观音寺镇综合队"]
    assert names[-1] == "无人机组"


def test_the_age_of_a_fix_is_the_older_of_source_and_arrival() -> None:
    late = replace(place(34.0, 113.0, 5), fix_ns=NOW - 300 * S)
    assert place_age_ns(late, NOW) == 300 * S
    retained = replace(place(34.0, 113.0, 300), fix_ns=NOW - 5 * S)
    assert place_age_ns(retained, NOW) == 300 * S


def test_a_doubtful_clock_counts_from_arrival() -> None:
    doubtful = replace(place(34.0, 113.0, 90), fix_ns=NOW - 5000 * S, is_clock_doubtful=True)
    assert place_age_ns(doubtful, NOW) == 90 * S


def test_a_place_is_old_after_two_periods_even_if_the_team_was_heard_otherwise() -> None:
    heard = team("a", "a", 1, 10, 5, place(34.0, 113.0, 601))
    assert is_place_old(heard, NOW)
    assert not is_place_old(team("a", "a", 1, 10, 5, place(34.0, 113.0, 599)), NOW)


def test_a_charge_told_two_periods_ago_is_no_level_any_more() -> None:
    told = team("a", "a", 1, 10, 5, charge_percent=80)
    assert not is_charge_old(replace(told, charge_ns=NOW - 599 * S), NOW)
    assert is_charge_old(replace(told, charge_ns=NOW - 601 * S), NOW)
    assert is_charge_old(replace(told, charge_ns=None), NOW)


def test_a_fresh_fix_of_a_team_that_is_over_does_not_look_current() -> None:
    assert is_place_old(team("a", "a", 1, 901, 15, place(34.0, 113.0, 1)), NOW)


def test_all_links_down_is_dated_from_the_last_that_failed() -> None:
    net = judge_net([bearer("a", "primary", "down", 45), bearer("b", "emergency", "down", 10)])
    assert (net.state, net.tone, net.since_ns) == ("down", "red", NOW - 10 * MIN)


def test_primary_and_alternate_down_is_red_though_others_work() -> None:
    net = judge_net(
        [
            bearer("a", "primary", "down", 45),
            bearer("b", "alternate", "down", 40),
            bearer("c", "contingency", "up", 39, receipt_min=1),
        ]
    )
    assert (net.state, net.tone) == ("public_down", "red")
    assert [one.name for one in net.up] == ["c"]
    assert net.receipt_ns == NOW - MIN


def test_links_that_nobody_judged_are_not_called_well() -> None:
    assert judge_net([bearer("a", "primary", "unknown", 5)]).tone == "amber"
    assert judge_net([]).state == "none"


def test_only_weak_links_are_amber_and_all_up_is_grey() -> None:
    weak = [bearer("a", "emergency", "degraded", 5)]
    assert (judge_net(weak).state, judge_net(weak).tone) == ("degraded", "amber")
    assert judge_net([bearer("a", "primary", "up", 5)]).tone == "normal"


def test_a_weak_link_that_would_be_used_is_not_called_up() -> None:
    net = judge_net(
        [bearer("a", "primary", "degraded", 3, is_in_use=True), bearer("b", "alternate", "up", 50)],
    )
    assert (net.state, net.tone, net.since_ns) == ("preferred_weak", "amber", NOW - 3 * MIN)
    spare = judge_net([bearer("a", "primary", "up", 50, is_in_use=True), bearer("b", "alternate", "degraded", 3)])
    assert (spare.state, spare.tone) == ("up", "normal")
