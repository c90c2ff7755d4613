"""What ``check`` says beside faults: probes that may answer for another bearer, interfaces that are not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.configuration.notes import notes_on
from console.i18n import LANGUAGES, translate
from devices.drivers import probe, stamp
from tests.configuration.test_check import run
from tests.configuration.test_file import read

BEARER = """
[[device]]
id = "p-{id}"
driver = "{driver}"
wire = "{wire}"
[[bearer]]
id = "{id}"
rung = "{rung}"
device = "p-{id}"
"""
HERE = ("lo", "eth1", "wwan0")


def bearer(identity: str, rung: str, wire: str) -> str:
    driver = "stamp" if wire.startswith("stamp") else "netlink" if wire.startswith("netlink") else "probe"
    return BEARER.format(id=identity, rung=rung, wire=wire, driver=driver)


FIBRE, TIED_FIBRE = bearer("fibre", "主", "ping:192.0.2.1"), bearer("fibre", "主", "ping:192.0.2.1?dev=eth1")
LTE = bearer("lte", "备", "tcp-connect:192.0.2.1:443?timeout_s=2")
TIED_LTE = bearer("lte", "备", "stamp:192.0.2.1:862?dev=wwan0")


@pytest.mark.parametrize(
    ("content", "keys"),
    [
        (FIBRE + LTE, ["bearer.fibre.devices", "bearer.lte.devices"]),
        (TIED_FIBRE + LTE, ["bearer.lte.devices"]),
        (TIED_FIBRE + TIED_LTE, []),
        (FIBRE, []),
        (FIBRE + bearer("lte", "备", "netlink:wwan0"), []),
        (TIED_FIBRE + TIED_LTE.replace("wwan0", "wwan9"), ["device.p-lte.wire"]),
        (
            TIED_LTE.replace("wwan0", "wwan9") + '[[uplink]]\nbearer = "lte"\ninterface = "wwan9"\n',
            ["device.p-lte.wire"],
        ),
        (TIED_FIBRE + TIED_LTE.replace("wwan0", "eth1"), ["device.p-lte.wire"]),
        (TIED_FIBRE + TIED_LTE + '[[uplink]]\nbearer = "lte"\ninterface = "eth1"\n', ["device.p-lte.wire"]),
        (TIED_FIBRE + TIED_LTE + '[[uplink]]\nbearer = "lte"\ninterface = "wwan0"\n', []),
        (TIED_FIBRE + TIED_LTE + '[[uplink]]\nbearer = "lte"\ngateway = "192.0.2.9"\n', []),
        (
            TIED_FIBRE + TIED_LTE + '[[uplink]]\nbearer = "lte"\ninterface = "eth7"\n',
            ["device.p-lte.wire", "uplink.lte.interface"],
        ),
    ],
)
def test_what_is_worth_a_look(content: str, keys: list[str], tmp_path: Path) -> None:
    notes = notes_on(read(content, tmp_path), "v.toml", HERE)
    assert [note.key for note in notes] == keys
    for language in LANGUAGES:
        assert all(note.columns(language) for note in notes)


def test_a_note_is_a_sentence_and_no_fault(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "v.toml"
    file.write_text(FIBRE + LTE.replace("timeout_s=2", "dev=no-such-dev"), encoding="utf-8")
    assert run(str(file)) == 0
    out, err = capsys.readouterr()
    assert out == ""
    untied, absent, good = err.splitlines()
    assert "fibre 的探测(p-fibre)没有绑定网卡" in untied
    assert "?dev=" in untied
    assert "本机现在没有网卡 no-such-dev" in absent
    assert "没有问题" in good


@pytest.mark.parametrize("word", sorted(probe.NO_ATTEMPT | stamp.NO_ATTEMPT))
def test_every_reason_for_not_asking_has_its_sentence(word: str) -> None:
    for language in LANGUAGES:
        assert translate(language, f"bearer.reason.{word}", {}) != f"bearer.reason.{word}"
