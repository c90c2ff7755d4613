"""What is received of each camera never takes more of a bearer than it may, and what is looked at suffers last."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.picture import Grade
from console.sights import Showing, Sight
from console.thrift import HOLD_NS, RANK, Claim, Purse, Thrift, plan, wish
from devices.driver import NS_PER_S

UNSEEN = Sight(0, 0)
TILE = Sight(640, 360)
SELECTED = Sight(640, 360, is_full_rate=True)
LARGE = Sight(1920, 1080, is_full_rate=True, is_enlarged=True)
GRADES: tuple[Grade, ...] = get_args(Grade)

_rates = st.fixed_dictionaries({}, optional={grade: st.floats(1_000, 8_000_000) for grade in ("main", "sub", "stills")})
_sights = st.sampled_from([UNSEEN, TILE, SELECTED, LARGE])


@st.composite
def _claims(draw: st.DrawFn) -> list[Claim]:
    count = draw(st.integers(0, 9))
    return [
        Claim(
            camera_id=f"c{number}",
            has_sub=draw(st.booleans()),
            is_on_demand=draw(st.booleans()),
            bearer_id=draw(st.sampled_from(["vsat", "lte", None])),
            is_over_unknown=draw(st.booleans()),
            still_s=draw(st.floats(2, 60)),
            rates_bps=draw(_rates),
        )
        for number in range(count)
    ]


_purses = st.tuples(
    st.one_of(st.none(), st.floats(1_000, 20_000_000)), st.sampled_from(GRADES), st.booleans(), st.booleans()
).map(
    lambda drawn: Purse(
        bearer_id="vsat", name="VSAT", budget_bps=drawn[0], most=drawn[1], is_sparing=drawn[2], is_spent=drawn[3]
    )
)


def _taken_bps(claims: list[Claim], grades: dict[str, Grade], bearer_id: str = "vsat") -> float:
    return sum(claim.expected_bps(grades[claim.camera_id]) for claim in claims if claim.bearer_id == bearer_id)


@given(_claims(), st.lists(_sights, min_size=9, max_size=9), _purses)
def test_a_plan_never_takes_more_than_the_budget_nor_better_than_its_bound_nor_than_is_wanted(
    claims: list[Claim], looks: list[Sight], purse: Purse
) -> None:
    sights: Showing = {f"c{number}": sight for number, sight in enumerate(looks)}
    planned = plan(claims, sights, [purse])
    assert set(planned) == {claim.camera_id for claim in claims}
    if purse.budget_bps is not None:
        assert _taken_bps(claims, {name: grade for name, (grade, _) in planned.items()}) <= purse.budget_bps
    for claim in claims:
        grade, note = planned[claim.camera_id]
        sight = sights[claim.camera_id]
        wanted = wish(claim, sight)
        assert RANK[grade] <= RANK[wanted]
        assert (note is None) == (grade == wanted), "whoever gets less than he wants is told why, and nobody else"
        assert grade != "sub" or claim.has_sub
        if claim.bearer_id == "vsat":
            assert RANK[grade] <= RANK[purse.most]
            assert not purse.is_sparing or RANK[grade] <= RANK["stills"]
            assert not purse.is_spent or grade == "off" or (grade == "stills" and sight.is_enlarged)


@given(_claims(), st.lists(_sights, min_size=9, max_size=9), st.floats(1_000, 20_000_000))
def test_whoever_is_looked_at_more_steps_down_only_when_the_others_have_nothing_left(
    claims: list[Claim], looks: list[Sight], budget_bps: float
) -> None:
    sights: Showing = {f"c{number}": sight for number, sight in enumerate(looks)}
    planned = plan(claims, sights, [Purse(bearer_id="vsat", name="VSAT", budget_bps=budget_bps)])
    over = [claim for claim in claims if claim.bearer_id == "vsat"]
    regards = {claim.camera_id: [UNSEEN, TILE, SELECTED, LARGE].index(sights[claim.camera_id]) for claim in over}
    held = [regards[claim.camera_id] for claim in over if planned[claim.camera_id][1] is not None]
    for claim in over:
        if held and regards[claim.camera_id] < max(held):
            assert planned[claim.camera_id][0] == "off"


@given(
    st.lists(
        st.tuples(
            st.integers(0, 20 * NS_PER_S),
            st.lists(_sights, min_size=4, max_size=4),
            st.floats(100_000, 9_000_000),
            st.integers(0, 1_200),
            st.sampled_from(["fibre", "vsat"]),
        ),
        max_size=25,
    )
)
def test_also_over_time_nothing_is_received_that_the_plan_of_the_moment_does_not_allow(
    moments: list[tuple[int, list[Sight], float, int, str]],
) -> None:
    thrift, at_ns = Thrift(), 0
    for step_ns, looks, budget_bps, used_bytes, bearer_id in moments:
        at_ns += step_ns
        claims = [Claim(camera_id=f"c{n}", has_sub=n % 2 == 0, bearer_id=bearer_id) for n in range(4)]
        sights: Showing = {f"c{number}": sight for number, sight in enumerate(looks)}
        purses = [
            Purse(bearer_id="fibre", name="光纤"),
            Purse(bearer_id="vsat", name="VSAT", budget_bps=budget_bps, hour_bytes=1_000, used_bytes=used_bytes),
        ]
        decided = thrift.decide(at_ns, claims, sights, purses)
        grades = {name: grade for name, (grade, _) in decided.items()}
        if bearer_id == "vsat":
            assert _taken_bps(claims, grades) <= budget_bps
            for name, grade in grades.items():
                assert used_bytes < 800 or RANK[grade] <= RANK["stills"]
                assert used_bytes < 1_000 or grade == "off" or sights[name].is_enlarged
        for claim in claims:
            assert RANK[grades[claim.camera_id]] <= RANK[wish(claim, sights[claim.camera_id])]


# ---- over time, by hand


def _decide(thrift: Thrift, at_s: float, claims: list[Claim], sights: Showing, *purses: Purse) -> dict[str, Grade]:
    decided = thrift.decide(round(at_s * NS_PER_S), claims, sights, purses)
    return {name: grade for name, (grade, _) in decided.items()}


FIBRE = Purse(bearer_id="fibre", name="光纤")
VSAT = Purse(bearer_id="vsat", name="VSAT", budget_bps=600_000)


def _over(bearer_id: str) -> list[Claim]:
    return [Claim(camera_id=name, has_sub=True, bearer_id=bearer_id) for name in ("a", "b")]


def test_another_bearer_steps_all_down_at_once_and_up_only_after_it_has_been_back_for_a_while() -> None:
    thrift = Thrift()
    sights: Showing = {"a": TILE, "b": SELECTED}
    assert _decide(thrift, 0, _over("fibre"), sights, FIBRE, VSAT) == {"a": "sub", "b": "sub"}
    assert _decide(thrift, 1, _over("vsat"), sights, FIBRE, VSAT) == {"a": "stills", "b": "sub"}
    hold_s = HOLD_NS / NS_PER_S
    assert _decide(thrift, 10, _over("fibre"), sights, FIBRE, VSAT) == {"a": "stills", "b": "sub"}
    assert _decide(thrift, 10 + hold_s - 1, _over("fibre"), sights, FIBRE, VSAT) == {"a": "stills", "b": "sub"}
    # It failed once more in between: the waiting begins anew.
    assert _decide(thrift, 10 + hold_s, _over("vsat"), sights, FIBRE, VSAT)["a"] == "stills"
    assert _decide(thrift, 11 + hold_s, _over("fibre"), sights, FIBRE, VSAT)["a"] == "stills"
    assert _decide(thrift, 10 + 2 * hold_s, _over("fibre"), sights, FIBRE, VSAT)["a"] == "stills"
    assert _decide(thrift, 11 + 2 * hold_s, _over("fibre"), sights, FIBRE, VSAT)["a"] == "sub"


def test_what_a_person_asks_for_he_has_at_once_and_the_others_make_room() -> None:
    thrift = Thrift()
    claims = [Claim(camera_id=n, has_sub=True, bearer_id="vsat", rates_bps={"main": 550_000}) for n in ("a", "b")]
    assert _decide(thrift, 0, claims, {"a": TILE, "b": SELECTED}, VSAT) == {"a": "stills", "b": "sub"}
    assert _decide(thrift, 1, claims, {"a": LARGE, "b": TILE}, VSAT) == {"a": "main", "b": "stills"}
    assert _decide(thrift, 2, claims, {"a": TILE, "b": SELECTED}, VSAT)["a"] == "stills"


def test_at_the_start_nothing_waits_while_bearers_become_known_one_after_another() -> None:
    thrift, text = Thrift(), Purse(bearer_id="text", name="北斗短报文", most="off")
    unknown = [Claim(camera_id="a", has_sub=True, is_over_unknown=True)]
    over = {name: [Claim(camera_id="a", has_sub=True, bearer_id=name)] for name in ("text", "vsat", "fibre")}
    assert _decide(thrift, 0, unknown, {"a": TILE}, FIBRE, VSAT, text) == {"a": "stills"}
    assert _decide(thrift, 1, over["text"], {"a": TILE}, FIBRE, VSAT, text) == {"a": "off"}
    assert _decide(thrift, 2, over["fibre"], {"a": TILE}, FIBRE, VSAT, text) == {"a": "sub"}
    assert _decide(thrift, 3, over["text"], {"a": TILE}, FIBRE, VSAT, text) == {"a": "off"}
    assert _decide(thrift, 4, over["fibre"], {"a": TILE}, FIBRE, VSAT, text) == {"a": "off"}


def test_on_demand_is_received_while_somebody_looks_and_never_held_back_for_that() -> None:
    thrift = Thrift()
    claims = [Claim(camera_id="a", has_sub=True, is_on_demand=True)]
    assert thrift.decide(0, claims, {}, ()) == {"a": ("off", None)}
    assert thrift.decide(1, claims, {"a": TILE}, ()) == {"a": ("sub", None)}
    assert thrift.decide(2, claims, {"a": LARGE}, ()) == {"a": ("main", None)}
    assert thrift.decide(3, claims, {}, ()) == {"a": ("off", None)}


def test_an_hour_nearly_used_up_leaves_stills_and_a_used_up_one_only_what_is_enlarged_by_hand() -> None:
    thrift = Thrift()
    claims, sights = _over("lte"), {"a": LARGE, "b": TILE}

    def used(share: float, at_s: float) -> dict[str, Grade]:
        purse = Purse(bearer_id="lte", name="4G", hour_bytes=1_000, used_bytes=round(share * 1_000))
        return _decide(thrift, at_s, claims, sights, purse)

    assert used(0.79, 0) == {"a": "main", "b": "sub"}
    assert used(0.80, 1) == {"a": "stills", "b": "stills"}
    assert used(0.75, 100) == {"a": "stills", "b": "stills"}, "just below the limit nothing begins to flicker"
    assert used(1.0, 200) == {"a": "stills", "b": "off"}
    assert used(0.96, 300) == {"a": "stills", "b": "off"}
    assert used(0.94, 400)["b"] == "off"
    assert used(0.94, 400 + HOLD_NS / NS_PER_S) == {"a": "stills", "b": "stills"}
    assert used(0.69, 500) == {"a": "stills", "b": "stills"}
    assert used(0.69, 500 + HOLD_NS / NS_PER_S) == {"a": "main", "b": "sub"}


@pytest.mark.parametrize(("sight", "grade"), [(TILE, "stills"), (LARGE, "stills"), (UNSEEN, "stills")])
def test_while_no_bearer_is_known_to_carry_only_stills_are_tried(sight: Sight, grade: Grade) -> None:
    granted, note = plan([Claim(camera_id="a", has_sub=True, is_over_unknown=True)], {"a": sight}, [FIBRE])["a"]
    assert granted == grade
    assert note is not None
    assert note.id == "thrift.no_bearer"


def test_a_camera_without_a_small_stream_steps_from_its_only_one_to_stills() -> None:
    lte = Purse(bearer_id="lte", name="4G", most="sub")
    granted, note = plan([Claim(camera_id="a", bearer_id="lte")], {"a": TILE}, [lte])["a"]
    assert (granted, note.id if note else None) == ("stills", "thrift.bound")
