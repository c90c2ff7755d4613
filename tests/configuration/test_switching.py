"""What a person may write of the choice of bearers and of what is done about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.configuration.switching_model import SwitchingConfiguration, Uplink
from tests.configuration.test_file import EXAMPLE, GNSS, only, read

BEARER = '[[bearer]]\nid = "fibre"\nrung = "主"\n'
UPLINK = '[[uplink]]\nbearer = "fibre"\ngateway = "192.0.2.1"\n'


def test_all_that_can_be_said_of_switching_is_read(tmp_path: Path) -> None:
    configuration = read(
        BEARER + '[switching]\nautomatic = ["主", "alternate", "应"]\nquiet_s = 120\nreturn_loss_percent = 2\n'
        'weak_s = 0\nunknown_s = 30\ntell_rear = "前指现经{bearer}联络"\nexecute = "route"\n'
        'destination = "10.20.0.0/16"\nhook = ["/usr/local/sbin/uplink", "--to"]\ntimeout_s = 5\n'
        + UPLINK + 'interface = "eth1"\nmetric = 50\n',
        tmp_path,
    )  # fmt: skip
    assert configuration.switching == SwitchingConfiguration(
        automatic=("primary", "alternate", "contingency"),
        quiet_s=120,
        return_loss_percent=2,
        weak_s=0,
        unknown_s=30,
        tell_rear="前指现经{bearer}联络",
        execute="route",
        destination="10.20.0.0/16",
        hook=("/usr/local/sbin/uplink", "--to"),
        timeout_s=5,
    )
    assert configuration.uplinks == (Uplink(bearer_id="fibre", gateway="192.0.2.1", interface="eth1", metric=50),)


def test_what_is_left_out_changes_nothing_outside(tmp_path: Path) -> None:
    configuration = read(GNSS, tmp_path)
    assert configuration.switching == SwitchingConfiguration()
    assert (configuration.switching.execute, configuration.switching.automatic) == ("none", ("primary", "alternate"))


def test_an_empty_list_asks_a_person_about_every_rung(tmp_path: Path) -> None:
    assert read(BEARER + "[switching]\nautomatic = []\n", tmp_path).switching.automatic == ()


@pytest.mark.parametrize(
    ("content", "key", "reason"),
    [
        ('[switching]\nexecute = "router"\n', "switching[1].execute", "choice"),
        ('[switching]\nexecute = "hook"\n', "switching[1].execute", "no_hook"),
        ('[switching]\nexecute = "hook"\nhook = ["uplink"]\n', "switching[1].hook", "hook_path"),
        ('[switching]\nautomatic = ["主", "次"]\n', "switching[1].automatic", "rung"),
        ('[switching]\ntell_rear = "{time}"\n', "switching[1].tell_rear", "tell_rear"),
        ('[switching]\ndestination = "rear; reboot"\n', "switching[1].destination", "destination"),
        ("[switching]\nquiet_s = 1\n", "switching[1].quiet_s", "range"),
        ("[switching]\nquiet = 60\n", "switching[1].quiet", "unknown_key"),
        (UPLINK.replace("192.0.2.1", "router"), "uplink[1].gateway", "gateway"),
        (UPLINK + 'interface = "eth 1"\n', "uplink[1].interface", "interface"),
        (UPLINK + 'interface = "-A"\n', "uplink[1].interface", "interface"),
        (UPLINK + "metric = -1\n", "uplink[1].metric", "range"),
        ('[[uplink]]\nbearer = "fibre"\n', "uplink[1].bearer", "uplink_empty"),
        (UPLINK.replace('"fibre"', '"fiber"'), "uplink[1].bearer", "unknown_bearer"),
        (UPLINK + UPLINK, "uplink[2].bearer", "uplink_twice"),
        (UPLINK + 'id = "u"\n', "uplink.u.id", "unknown_key"),
    ],
)
def test_a_fault_names_the_key_and_the_reason(tmp_path: Path, content: str, key: str, reason: str) -> None:
    assert only(BEARER + content, tmp_path)[:2] == (key, reason)


def test_the_example_shows_every_key_of_switching() -> None:
    lines = [line.lstrip("# ") for line in EXAMPLE.read_text(encoding="utf-8").splitlines()]
    for key in ("automatic", "quiet_s", "weak_s", "tell_rear", "execute", "destination", "hook", "timeout_s", "metric"):
        assert any(line.startswith(key) for line in lines), key
