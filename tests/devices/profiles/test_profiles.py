"""Every bundled profile is sound and says its source; a profile of a stranger cannot break anything."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.profiles import PROFILE_OCTETS, Family, Profile, ProfileFault, bundled, load, read
from devices.readings import number_of, read_level, read_state

ALL: list[tuple[Family, str]] = [("snmp", name) for name in bundled("snmp")]
ALL += [("modbus", name) for name in bundled("modbus")]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def base(family: Family) -> dict[str, Any]:
    place = {"oid": "1.3.6.1.{index}"} if family == "snmp" else {"address": 5}
    return {"kind": "level", "name": "a", **place}


@pytest.mark.parametrize(("family", "name"), ALL)
def test_a_profile_is_sound_small_and_says_where_it_comes_from(family: Family, name: str) -> None:
    table = load(family, name)
    profile = read(family, table)
    assert profile.name == name
    assert table["source"].strip()
    assert profile.items
    assert len(json.dumps(profile.table, allow_nan=False)) < PROFILE_OCTETS
    names = [(item.kind == "power", item.name) for item in profile.items]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(("family", "name"), ALL)
def test_a_doubtful_profile_judges_no_state(family: Family, name: str) -> None:
    """Where the polarity of a flag is a guess, no lamp may be green by it."""
    profile = read(family, load(family, name))
    if profile.proof == "doubtful":
        assert not [item.name for item in profile.items if item.good or item.bad or item.good_low is not None]


@pytest.mark.parametrize("name", bundled("modbus"))
def test_every_register_of_a_profile_lies_in_a_block_that_is_read(name: str) -> None:
    profile = read("modbus", load("modbus", name))
    for item in profile.items:
        size = 2 if "32" in item.format else 1
        assert [
            1
            for block in profile.blocks
            if block.address <= item.address and item.address + size <= block.address + block.count
        ], item.name


def test_what_decides_about_the_rest_is_asked_first() -> None:
    kinds = [item.kind for item in read("snmp", load("snmp", "if-mib"), 2).items]
    assert kinds[:3] == ["uptime", "restart", "text"]


@given(family=st.sampled_from(["snmp", "modbus"]), key=st.text(max_size=8), value=JSON, data=st.data())
def test_a_strangers_profile_is_refused_or_sound(family: Family, key: str, value: Any, data: st.DataObject) -> None:
    known = ["kind", "name", "oid", "table", "address", "format", "unit", "scale", "low", "absent", "values", "bits"]
    item = base(family) | {data.draw(st.sampled_from([key, *known])): value}
    table: dict[str, Any] = {"name": "x", "proof": "found", "item": [item]}
    table |= data.draw(st.dictionaries(st.sampled_from(["name", "proof", "block", "source", key]), JSON, max_size=2))
    try:
        profile = read(family, table)
    except ProfileFault:
        return
    use(profile)
    assert read(family, json.loads(json.dumps(profile.table, allow_nan=False))) == profile


def use(profile: Profile) -> None:
    for one in profile.items:
        for raw in (0, 1, -1, 65_535, 2**64, -(2**63)):
            for seen in read_level(one, raw) or ():
                json.dumps(getattr(seen, "value", None), allow_nan=False)
            assert read_state(one, raw).value.isprintable()


@pytest.mark.parametrize(
    ("text", "number"),
    [("12.3 dB", 12.3), ("-45", -45.0), (" 7 ", 7.0), ("", None), ("12..3", None), ("1e9", None), ("a12", None)],
)
def test_a_number_given_as_text_is_a_number_and_nothing_else_is(text: str, number: float | None) -> None:
    assert number_of(text) == number


def test_a_squads_own_file_is_taken_by_its_path_and_a_missing_one_is_named(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(
        'name = "own"\nproof = "found"\nsource = "squad"\n[[item]]\noid = "1.3"\nkind = "text"\nname = "a"\n'
    )
    assert read("snmp", load("snmp", str(own))).name == "own"
    with pytest.raises(ProfileFault, match="if-mib"):
        load("snmp", "if-mob")
    with pytest.raises(ProfileFault, match="nothing"):
        load("snmp", str(tmp_path / "nothing.toml"))
    own.write_bytes(b"\xff" * (PROFILE_OCTETS + 1))
    with pytest.raises(ProfileFault, match="octets"):
        load("snmp", str(own))
