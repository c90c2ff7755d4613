"""What holds for every driver of the catalogue, with no line written for it."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.catalogue import Entry, driver_class, entries, make_driver, make_simulator, simulator_class
from devices.driver import NS_PER_S, Driver, Outgoing, Refused
from devices.observations import Malformed, Observation
from tests.devices.vectors import Case, EncodeCase, assert_like, decode_cases, encode_cases, path_of, plain

DRIVERS = list(entries())
STREAMS = [name for name, entry in entries().items() if entry.framing == "stream"]
SIMULATED = [name for name, entry in entries().items() if entry.simulator]
CAPTURES = sorted((Path(__file__).parents[1] / "captures").glob("*.log"))
START_NS = 1_781_488_990 * NS_PER_S
HELD_OCTETS = 40_000
"""What a driver may hold back of a wire, as hexadecimal text in its state, everything else included."""

EVERY_DECODE = [case for name in DRIVERS for case in decode_cases(name)]
EVERY_ENCODE = [case for name in DRIVERS for case in encode_cases(name)]


def named(case: Case | EncodeCase) -> str:
    return f"{case.driver}: {case.name}"


def heard(driver: Driver, pieces: Sequence[bytes], at_ns: int = START_NS) -> list[Observation]:
    seen: list[Observation] = []
    for piece in pieces:
        seen.extend(driver.receive(piece, at_ns))
    return seen


def cut(data: bytes, places: Sequence[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[start:end] for start, end in pairwise(edges)]


def damaged_streams(name: str) -> st.SearchStrategy[list[bytes]]:
    """Sound pieces of the vectors between any octets, some of them changed."""
    sound = [case.octets for case in decode_cases(name)]
    broken = st.builds(
        lambda piece, at, octet: piece[: at % len(piece)] + bytes([octet]) + piece[at % len(piece) + 1 :],
        st.sampled_from(sound),
        st.integers(0, 10_000),
        st.integers(0, 255),
    )
    return st.lists(st.one_of(st.sampled_from(sound), broken, st.binary(max_size=60)), max_size=12)


# ---- the catalogue


@pytest.mark.parametrize("name", DRIVERS)
def test_an_entry_names_its_class_its_source_and_its_vectors(name: str) -> None:
    entry = entries()[name]
    assert callable(driver_class(name))
    assert entry.source.strip()
    assert entry.transports
    assert path_of(name).exists()
    assert decode_cases(name)
    assert encode_cases(name)
    assert not entry.sends or any(case.octets for case in encode_cases(name)), "nothing shows what it sends"
    documented = sys.modules[entry.driver.partition(":")[0]].__doc__ or ""
    assert "**Source:**" in documented


@pytest.mark.parametrize("name", DRIVERS)
def test_the_maturity_of_a_driver_is_earned(name: str) -> None:
    entry = entries()[name]
    has_capture = any(file.name.startswith(f"{name}-") for file in CAPTURES)
    if entry.maturity == "field":
        assert has_capture
    if entry.maturity == "bench":
        assert has_capture or any(
            "published" in case.source or "this project" in case.source for case in decode_cases(name)
        )


@pytest.mark.parametrize("case", [*EVERY_DECODE, *EVERY_ENCODE], ids=named)
def test_every_case_says_where_it_comes_from(case: Case | EncodeCase) -> None:
    assert case.source.strip()
    assert case.name.strip()


@pytest.mark.parametrize("name", SIMULATED)
def test_a_simulator_repeats_itself_exactly_with_the_same_seed(name: str) -> None:
    assert simulator_class(name) is not None

    def play() -> list[bytes]:
        device = make_simulator(name, {}, lambda: 0.25)
        assert device is not None
        return [piece for tick in range(50) for piece in device.tick(START_NS + tick * NS_PER_S // 10)]

    assert play() == play()


@pytest.mark.parametrize("name", SIMULATED)
def test_a_driver_understands_its_simulator_without_a_fault(name: str) -> None:
    device = make_simulator(name, {}, lambda: 0.25)
    assert device is not None
    driver = make_driver(name, {})
    seen: list[Observation] = []
    for tick in range(150):
        at_ns = START_NS + tick * NS_PER_S // 10
        wire = list(device.tick(at_ns))
        while wire:
            piece = wire.pop(0)
            seen.extend(driver.receive(piece, at_ns))
            for asked in driver.poll(at_ns):
                wire.extend(device.receive(asked, at_ns))
        for asked in driver.poll(at_ns):
            for answer in device.receive(asked, at_ns):
                seen.extend(driver.receive(answer, at_ns))
    assert seen
    assert not [one for one in seen if isinstance(one, Malformed)]


def test_a_driver_without_an_entry_is_found() -> None:
    folder = Path(sys.modules["devices.catalogue"].__file__ or "").parent / "drivers"
    present = {file.stem for file in folder.iterdir() if not file.name.startswith("_")}
    listed = {
        entry.driver.partition(":")[0].removeprefix("devices.drivers.").partition(".")[0]
        for entry in entries().values()
    }
    assert present == listed


def test_settings_are_checked_against_the_entry() -> None:
    for entry in entries().values():
        assert not entry.check(
            {name: value.default for name, value in entry.settings.items() if value.default is not None}
        )
        assert [fault.problem for fault in entry.check({"no-such-key": 1})] == ["unknown"]


def test_each_wrong_setting_is_named_with_what_was_expected() -> None:
    from devices.catalogue import Setting  # noqa: PLC0415

    entry = Entry(
        id="x",
        driver="x:X",
        framing="stream",
        transports=(),
        line="",
        source="x",
        maturity="simulated",
        group="x",
        settings={
            "port": Setting(name="port", type="integer", minimum=1, maximum=5, default=2),
            "mode": Setting(name="mode", type="choice", choices=("a", "b")),
            "is_on": Setting(name="is_on", type="boolean"),
        },
    )
    assert entry.complete({"mode": "a"}) == {"port": 2, "mode": "a"}
    given = {"port": 9, "mode": "c", "is_on": 1}
    assert [(fault.key, fault.problem, fault.expected) for fault in entry.check(given)] == [
        ("port", "above", "5"),
        ("mode", "choice", "a, b"),
        ("is_on", "type", "boolean"),
    ]
    assert [fault.problem for fault in entry.check({"port": True})] == ["type"]
    assert [fault.problem for fault in entry.check({"port": 0})] == ["below"]


# ---- vectors, both ways


@pytest.mark.parametrize("case", EVERY_DECODE, ids=named)
def test_a_vector_means_what_it_means(case: Case) -> None:
    driver = make_driver(case.driver, case.settings)
    assert_like([*driver.receive(case.octets, case.at_ns), *driver.finish()], case.expect)


@pytest.mark.parametrize("case", EVERY_ENCODE, ids=named)
def test_a_command_becomes_these_octets_or_is_refused(case: EncodeCase) -> None:
    driver, at_ns = make_driver(case.driver, case.settings), case.at_ns
    for piece in case.given:
        heard(driver, [piece], at_ns)
        if case.is_polled:
            at_ns += 2 * NS_PER_S
            driver.poll(at_ns)
    answer = driver.encode(case.command, at_ns)
    if case.refused is not None:
        assert answer == Refused(reason=case.refused)
    else:
        assert isinstance(answer, Outgoing)
        assert answer.octets.hex(" ") == (case.octets or b"").hex(" ")
    for said, wanted in case.talk:
        heard(driver, [said], at_ns)
        assert b"".join(driver.poll(at_ns)).hex(" ") == wanted.hex(" ")


@pytest.mark.parametrize("case", [one for one in EVERY_DECODE if one.driver in STREAMS], ids=named)
def test_a_vector_means_the_same_wherever_it_is_cut(case: Case) -> None:
    whole = make_driver(case.driver, case.settings)
    expected = heard(whole, [case.octets], case.at_ns)
    left = whole.finish()
    for at in range(1, len(case.octets)):
        driver = make_driver(case.driver, case.settings)
        assert heard(driver, [case.octets[:at], case.octets[at:]], case.at_ns) == expected, at
        assert driver.finish() == left, at


# ---- any octets


@pytest.mark.parametrize("name", STREAMS)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_split_gives_the_same_observations(name: str, data: st.DataObject) -> None:
    stream = b"".join(data.draw(damaged_streams(name)))
    places = data.draw(st.lists(st.integers(0, 100_000), max_size=10))
    whole = make_driver(name, {})
    expected = heard(whole, [stream])
    for pieces in (cut(stream, places), [stream[at : at + 1] for at in range(len(stream))]):
        driver = make_driver(name, {})
        assert heard(driver, pieces) == expected
        assert driver.save() == whole.save()
        assert driver.finish() == make_equal(whole, stream, name)


def make_equal(_whole: Driver, stream: bytes, name: str) -> Sequence[Malformed]:
    """What is left over of the stream given in one piece; asked of a driver of its own, because asking empties it."""
    driver = make_driver(name, {})
    heard(driver, [stream])
    return driver.finish()


@pytest.mark.parametrize("name", DRIVERS)
@settings(max_examples=80, deadline=None)
@given(pieces=st.lists(st.binary(max_size=300), max_size=20), at_ns=st.sampled_from([-1, 0, START_NS]))
def test_any_octets_are_taken_without_an_exception_and_print(name: str, pieces: list[bytes], at_ns: int) -> None:
    driver = make_driver(name, {})
    plain(heard(driver, pieces, at_ns))
    plain(driver.finish())
    assert driver.finish() == () or list(driver.finish()) == []


@pytest.mark.parametrize("name", DRIVERS)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_damaged_wires_raise_nothing(name: str, data: st.DataObject) -> None:
    driver = make_driver(name, {})
    for piece in data.draw(damaged_streams(name)):
        plain(driver.receive(piece, START_NS))
        driver.poll(START_NS)


@pytest.mark.parametrize("name", DRIVERS)
@pytest.mark.parametrize("filler", [b"$", b"A", b"$A", b"\x00", b"\r\n", b"\xff", b"$GBGSV,9,1,", b"{", b"["])
def test_what_a_driver_holds_back_is_bounded(name: str, filler: bytes) -> None:
    driver = make_driver(name, {})
    chunk = (filler * 4096)[:4096]
    for _ in range(64):
        driver.receive(chunk, START_NS)
    assert len(json.dumps(driver.save())) < HELD_OCTETS


# ---- snapshots


@pytest.mark.parametrize("name", DRIVERS)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_driver_restored_in_the_middle_goes_on_where_it_was(name: str, data: st.DataObject) -> None:
    pieces = data.draw(damaged_streams(name))
    if entries()[name].framing == "stream":
        pieces = cut(b"".join(pieces), data.draw(st.lists(st.integers(0, 100_000), max_size=6)))
    at = data.draw(st.integers(0, len(pieces)))
    straight = make_driver(name, {})
    heard(straight, pieces[:at])
    rest = heard(straight, pieces[at:], START_NS + NS_PER_S)
    before = make_driver(name, {})
    heard(before, pieces[:at])
    state: dict[str, Any] = json.loads(json.dumps(before.save(), allow_nan=False))
    after = make_driver(name, {})
    after.restore(state)
    assert heard(after, pieces[at:], START_NS + NS_PER_S) == rest
    assert after.save() == straight.save()


# ---- captures


@pytest.mark.parametrize("file", CAPTURES, ids=lambda file: file.stem)
def test_a_capture_of_a_real_device_means_what_it_meant(file: Path) -> None:
    lines = file.read_bytes().splitlines(keepends=True)
    header = b"".join(line for line in lines if line.startswith(b"#")).decode()
    assert "# Source:" in header
    name = file.stem.partition("-")[0]
    driver = make_driver(name, {})
    stream = b"".join(line for line in lines if not line.startswith(b"#"))
    seen = [*driver.receive(stream, -1), *driver.finish()]
    expected = [json.loads(line) for line in file.with_suffix(".expect.jsonl").read_text().splitlines()]
    assert_like(seen, expected)
