from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.configuration.model import CameraConfiguration, Configuration, DeviceConfiguration
from console.rules.dependencies import above, below, circle_in, needs_of, parents_of
from tests.configuration.test_file import BEIDOU, GNSS, only, read

SWITCH = '[[device]]\nid = "switch"\nname = "车载交换机"\ndriver = "probe"\nwire = "ping:192.0.2.2"\n'
CAMERA = '[[camera]]\nid = "mast"\nurl = "udp://0.0.0.0:5600"\n'
BEARER = '[[bearer]]\nid = "fibre"\nrung = "主"\ndevice = "switch"\n'
STATION = '[[station]]\nid = "hill"\nlat_deg = 34.4\nlon_deg = 113.7\nheight_m = 30\nfrequency_mhz = 370\n'
TEAM = '[[team]]\nid = "fire"\nmeans = ["beidou/1"]\n'


def test_all_kinds_may_hang_on_something(tmp_path: Path) -> None:
    hangs = 'depends_on = ["switch"]\n'
    content = SWITCH + BEIDOU + hangs + CAMERA + hangs + BEARER + hangs + STATION + hangs + TEAM
    configuration = read(content + 'depends_on = ["hill", "beidou", "hill"]\n', tmp_path)
    for identity in ("beidou", "mast", "fibre", "hill"):
        assert parents_of(configuration, identity) == ("switch",)
    assert parents_of(configuration, "fire") == ("hill", "beidou")
    assert parents_of(configuration, "switch") == ()
    needs = needs_of(configuration)
    assert above(needs, "fire") == ("hill", "beidou", "switch")
    assert set(below(needs, "switch")) == {"beidou", "mast", "fibre", "hill", "fire"}
    assert below(needs, "fire") == ()


def test_of_several_supplies_one_is_enough_and_what_one_needs_is_needed(tmp_path: Path) -> None:
    content = SWITCH + CAMERA + 'depends_on = ["switch"]\n'
    for identity, kind in (("grid", "mains"), ("genset", "generator")):
        content += f'[[supply]]\nid = "{identity}"\nkind = "{kind}"\nfeeds = ["switch"]\n'
    content += '[[load]]\nid = "lamp"\npower_w = 60\nfed_by = "grid"\n'
    needs = needs_of(read(content, tmp_path))
    assert needs == {"mast": (("switch",),), "switch": (("grid", "genset"),), "lamp": (("grid",),)}
    assert above(needs, "mast") == ("switch", "grid", "genset")


def test_one_id_may_stand_without_a_list(tmp_path: Path) -> None:
    assert read(SWITCH + CAMERA + 'depends_on = "switch"\n', tmp_path).cameras[0].depends_on == ("switch",)


@pytest.mark.parametrize(
    ("content", "key", "reason", "line"),
    [
        (GNSS + CAMERA + 'depends_on = ["swich"]\n', "camera.mast.depends_on", "depends_on_unknown", 9),
        (CAMERA + 'depends_on = ["mast"]\n', "camera.mast.depends_on", "depends_on_itself", 4),
        (CAMERA + "depends_on = 7\n", "camera.mast.depends_on", "type", 4),
        (
            SWITCH + 'depends_on = ["beidou"]\n' + BEIDOU + 'depends_on = ["switch"]\n',
            "device.switch.depends_on",
            "depends_on_circle",
            6,
        ),
    ],
)
def test_what_cannot_be_is_said_with_its_line(content: str, key: str, reason: str, line: int, tmp_path: Path) -> None:
    assert only(content, tmp_path) == (key, reason, line)


def test_a_contact_hangs_on_nothing(tmp_path: Path) -> None:
    content = BEIDOU + '[[contact]]\nname = "后方"\ndevice = "beidou"\nrecipient = "1"\ndepends_on = ["beidou"]\n'
    assert only(content, tmp_path)[1] == "unknown_key"


def chain(*pairs: tuple[str, tuple[str, ...]]) -> Configuration:
    cameras = tuple(CameraConfiguration(id=one, name=one, url="", depends_on=parents) for one, parents in pairs)
    return Configuration(mode="live", incident="", post="", cameras=cameras)


def test_a_circle_is_named_from_where_it_begins() -> None:
    assert circle_in(needs_of(chain(("a", ("b",)), ("b", ("c",)), ("c", ("d",)), ("d", ("b",))))) == (
        "b",
        "c",
        "d",
        "b",
    )
    diamond = chain(("a", ("b", "c")), ("b", ("d",)), ("c", ("d",)))
    assert circle_in(needs_of(diamond)) is None
    assert above(needs_of(diamond), "a") == ("b", "c", "d")


def test_a_long_chain_is_walked() -> None:
    long = chain(*((f"c{number}", (f"c{number + 1}",)) for number in range(3_000)))
    assert circle_in(needs_of(long)) is None
    assert len(above(needs_of(long), "c0")) == 3_000


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=25))
def test_a_circle_is_found_exactly_where_there_is_one(arrows: list[tuple[int, int]]) -> None:
    parents: dict[str, tuple[str, ...]] = {}
    for one, other in arrows:
        parents[str(one)] = (*parents.get(str(one), ()), str(other))
    needs = {one: tuple((other,) for other in others) for one, others in parents.items()}
    reached = {one: set(others) for one, others in parents.items()}
    for _ in range(10):
        reached = {one: others | {far for o in others for far in reached.get(o, ())} for one, others in reached.items()}
    circle = circle_in(needs)
    assert (circle is not None) == any(one in others for one, others in reached.items())
    if circle is not None:
        assert circle[0] == circle[-1]
        assert all(after in parents[before] for before, after in itertools.pairwise(circle))


def test_of_a_device_the_key_is_the_consoles_and_no_setting_of_its_driver(tmp_path: Path) -> None:
    device = read(SWITCH + GNSS + 'depends_on = ["switch"]\n', tmp_path).devices[1]
    assert device == DeviceConfiguration(
        id="gnss",
        name="定位",
        driver="nmea0183",
        wire="serial:/dev/ttyS0?baud=9600",
        depends_on=("switch",),
    )
