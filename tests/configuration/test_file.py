"""A configuration file becomes a configuration, or a list of everything that is wrong with it."""

from __future__ import annotations

import contextlib
import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.configuration.faults import ConfigurationFaults, Fault
from console.configuration.file import load
from console.configuration.model import Configuration
from console.i18n import LANGUAGES

EXAMPLE = Path(__file__).resolve().parents[2] / "resources" / "examples" / "vehicle.toml"

GNSS = '[[device]]\nid = "gnss"\nname = "定位"\ndriver = "nmea0183"\nwire = "serial:/dev/ttyS0?baud=9600"\n'
BEIDOU = '[[device]]\nid = "beidou"\nname = "北斗"\ndriver = "beidou_rdss"\nwire = "tcp:192.0.2.9:4001"\n'

UDP = '[[device]]\nid = "u"\ndriver = "nmea0183"\nwire = "udp:0.0.0.0:5600"\n'


def read(content: str | bytes, folder: Path) -> Configuration:
    file = folder / "vehicle.toml"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return load(file)


def faults_of(content: str | bytes, folder: Path) -> list[Fault]:
    """All faults; each must say itself in both languages, with nothing left unfilled."""
    with pytest.raises(ConfigurationFaults) as caught:
        read(content, folder)
    for fault in caught.value.faults:
        for language in LANGUAGES:
            _, _, reason, remedy = fault.columns(language)
            for said, text in ((reason, fault.reason), (remedy, fault.remedy)):
                assert not said.startswith("configuration."), text
                assert "configuration.type." not in said
                assert not any(f"{{{name}}}" in said for name in text.args)
                assert "\n" not in said
                assert "\t" not in said
    return list(caught.value.faults)


def words(faults: list[Fault]) -> list[tuple[str, str, int | None]]:
    return [(fault.key, fault.reason.id.rpartition(".")[2], fault.line) for fault in faults]


def only(content: str | bytes, folder: Path) -> tuple[str, str, int | None]:
    found = words(faults_of(content, folder))
    assert len(found) == 1, found
    return found[0]


def test_the_example_is_a_good_configuration() -> None:
    configuration = load(EXAMPLE)
    assert configuration.mode == "live"
    assert configuration.incident == "双洎河防汛"
    assert configuration.incident_since_ns == int(dt.datetime(2026, 7, 19, 22, 30, tzinfo=dt.UTC).timestamp()) * 10**9
    gnss, beidou, *_ = configuration.devices
    assert (gnss.id, gnss.is_own, gnss.silent_after_s) == ("gnss", True, 10.0)
    assert beidou.driver == "beidou_rdss"
    assert [team.expected_s for team in configuration.teams] == [900.0, 1200.0]
    assert configuration.teams[0].means == ("beidou/250101",)
    assert [bearer.rung for bearer in configuration.bearers] == ["primary", "alternate", "emergency"]
    assert configuration.contacts[0].is_rear
    assert configuration.cameras[0].owner == "应急管理局"


def test_names_and_the_incident_may_be_left_out(tmp_path: Path) -> None:
    configuration = read('[[device]]\nid = "g"\ndriver = "nmea0183"\nwire = "tcp:10.0.0.1:5000"\n', tmp_path)
    assert configuration.devices[0].name == "g"
    assert configuration.incident


@pytest.mark.parametrize("start", [b"\xef\xbb\xbf", b""])
def test_a_file_from_a_windows_editor_is_read(start: bytes, tmp_path: Path) -> None:
    content = start + GNSS.replace("\n", "\r\n").encode()
    assert read(content, tmp_path).devices[0].name == "定位"


def test_all_faults_are_told_at_once_with_their_lines(tmp_path: Path) -> None:
    content = (
        '[[device]]\nid = "gnss"\ndriver = "nmea0813"\nwire = "serial:ttyUSB0"\nsilent_after = 3\n'
        '[[device]]\nid = "gnss"\nname = 7\ndriver = "probe"\nwire = "ping:10.0.0.999"\n'
        '[[team]]\nid = "t"\nname = "队"\npeople = -1\nmeans = ["gns/5"]\n[[bearers]]\n'
    )
    found = words(faults_of(content, tmp_path))
    assert ("device.gnss.driver", "unknown_driver", 3) in found
    assert ("device.gnss.name", "type", 8) in found
    assert ("device.gnss.wire", "url_host", 10) in found
    assert ("device.gnss.id", "id_duplicate", 7) in found
    assert ("team.t.people", "range", 14) in found
    assert ("team.t.means", "unknown_device", 15) in found
    assert ("bearers", "unknown_table", 16) in found


def test_a_wire_that_does_not_exist_is_said_without_naming_a_driver_that_does_not_exist(tmp_path: Path) -> None:
    content = '[[device]]\nid = "g"\nname = "G"\ndriver = "nmea0813"\nwire = "usb:1"\n'
    assert words(faults_of(content, tmp_path)) == [
        ("device.g.driver", "unknown_driver", 4),
        ("device.g.wire", "no_scheme", 5),
    ]


@pytest.mark.parametrize(
    ("content", "key", "meant"),
    [
        (GNSS.replace("wire", "wyre"), "device.gnss.wyre", "wire"),
        (GNSS + "silent_after = 3\n", "device.gnss.silent_after", "silent_after_s"),
        (GNSS.replace("nmea0183", "NMEA-0183"), "device.gnss.driver", "nmea0183"),
        (GNSS.replace("[[device]]", "[[divice]]"), "divice", "device"),
        (GNSS + '[[team]]\nid = "t"\nmeans = ["gnsss"]\n', "team.t.means", "gnss"),
        (GNSS + '[[team]]\nid = "t"\nexpect_min = 3\n', "team.t.expect_min", "expected_min"),
    ],
)
def test_a_slip_of_the_pen_is_answered_with_what_was_meant(content: str, key: str, meant: str, tmp_path: Path) -> None:
    remedies = {fault.key: fault.remedy for fault in faults_of(content, tmp_path)}
    assert remedies[key].id == "configuration.remedy.did_you_mean"
    assert remedies[key].args == {"meant": meant}


@pytest.mark.parametrize(
    ("wire", "reason"),
    [
        ("serial:/dev/ttyS0?baud=9600", None),
        ("serial:COM7", None),
        ("serial:usb=067B:2303:A1", None),
        ("tcp:gateway.local:4001", None),
        ("tcp:[fe80::1]:4001", None),
        ("tcp-listen:0.0.0.0:4001", None),
        ("udp:0.0.0.0:10110", None),
        ("/dev/ttyUSB0", "scheme"),
        ("ping:10.0.0.1", "scheme"),
        ("serial:", "url_serial"),
        ("serial:ttyUSB0", "url_serial"),
        ("serial:/dev/ttyS0?baud=fast", "url_number"),
        ("serial:/dev/ttyS0?baud", "url_query"),
        ("serial:/dev/ttyS0?parity=Q", "url_choice"),
        ("serial:/dev/ttyS0?parity=n", "url_choice"),
        ("serial:/dev/ttyS0?baudrate=9600", "url_option"),
        ("serial:/dev/ttyS0?baud=9600&baud=4800", "url_query"),
        ("tcp-listen:0.0.0.0:4001?baud=9600", "url_no_option"),
        ("udp:0.0.0.0:4001?to=192.0.2.1:4002", None),
        ("udp:0.0.0.0:4001?to=nowhere", "url_no_port"),
        ("udp:0.0.0.0:4001?to=h:0", "url_port"),
        ("tcp:10.0.0.1", "url_no_port"),
        ("tcp:10.0.0.1:70000", "url_port"),
        ("tcp:10.0.0.1:0", "url_port"),
        ("tcp:10.0.0.256:1", "url_host"),
        ("tcp::4001", "url_host"),
        ("tcp:fe80::1:4001", "url_host"),
        ("tcp://10.0.0.1:4001", "url_host"),
        ("tcp:10.0.0.1:４００１", "url_port"),
        ("tcp:10.0.0.1 :4001", "url_host"),
    ],
)
def test_a_wire_is_judged_by_its_form(wire: str, reason: str | None, tmp_path: Path) -> None:
    content = f'[[device]]\nid = "d"\ndriver = "nmea0183"\nwire = "{wire}"\n'
    if reason is None:
        assert read(content, tmp_path).devices[0].wire == wire
    else:
        assert only(content, tmp_path) == ("device.d.wire", reason, 4)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("rtsp://192.0.2.1/stream", None),
        ("rtsp://u:p%40ss@cam.local:8554/s", None),
        ("rtsp://[2001:db8::1]:554/s", None),
        ("udp://0.0.0.0:5600", None),
        ("udp://@239.1.1.1:5600", None),
        ("udp://[ff02::1]:5600", None),
        ("tcp://10.1.1.1:7000", None),
        ("rtsp://192.0.2.1/s#transport=udp", None),
        ("rtsp://192.0.2.1/s#transport=upd", "url_camera_option"),
        ("rtp://192.0.2.1/mjpeg", "url_camera"),
        ("rtp://192.0.2.1:5004", "url_camera"),
        ("192.0.2.1", "url_camera"),
        ("udp://0.0.0.0", "url_no_port"),
        ("rtsp:///stream", "url_host"),
        ("rtsp://192.0.2.1:99999/s", "url_camera_form"),
        ("rtsp://192.0.2.1/a b", "url_form"),
        ("rtsp://admin:12#4@192.0.2.1/s", "url_camera_form"),
        ("rtsp://admin:1/4@192.0.2.1/s", "url_camera_form"),
        ("rtsp://admin:p@ss@192.0.2.1/s", "url_camera_form"),
    ],
)
def test_a_cameras_address_is_judged_by_its_form(url: str, reason: str | None, tmp_path: Path) -> None:
    content = f'[[camera]]\nid = "c"\nurl = "{url}"\n'
    if reason is None:
        assert read(content, tmp_path).cameras[0].url == url
    else:
        assert only(content, tmp_path) == ("camera.c.url", reason, 3)


@pytest.mark.parametrize("tail", ["@[::1", ":s3cret@ host/x", ":s3cret@h:99999/x", ":s3cret#@h/", ":s3cret@:/"])
def test_no_fault_repeats_a_password(tail: str, tmp_path: Path) -> None:
    content = f'[[camera]]\nid = "c"\nurl = "rtsp://s3cret{tail}"\n[[device]]\nid = "d"\ndriver = "nmea0183"\n'
    content += f'wire = "tcp:s3cret{tail}"\n'
    told = [column for fault in faults_of(content, tmp_path) for column in fault.columns("en")[2:]]
    assert told
    assert not any("s3cret" in one for one in told)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", ("", "empty", None)),
        (b" \n\t\n", ("", "empty", None)),
        (b"# only a comment\n", ("", "nothing", None)),
        (GNSS.encode() + b'x = "\xc4\xfa"\n', ("", "encoding", 6)),
        (GNSS.encode("utf-16"), ("", "encoding", 1)),
        (GNSS.encode() + b"\0" * 512, ("", "damaged", 6)),
        (GNSS.encode() + b"\n[[camera]\n", ("", "syntax", 7)),
        (GNSS.encode() + b'a = "b', ("", "syntax", 6)),
        (GNSS.encode() * 15000, ("", "too_large", None)),
        (b"a = " + b"[" * 5000, ("", "syntax", 1)),
        (b"device = 5\n", ("device", "not_a_list", 1)),
        (b'[device]\nid = "x"\n', ("device", "not_a_list", 1)),
        (GNSS.encode() + b"[[incident]]\n", ("incident", "not_a_table", 6)),
    ],
)
def test_a_damaged_file_is_told_in_one_clear_fault(
    content: bytes, expected: tuple[str, str, int | None], tmp_path: Path
) -> None:
    key, reason, line = only(content, tmp_path)
    assert (key, reason) == expected[:2]
    assert line == expected[2] or reason == "not_a_table"


def test_chinese_quotation_marks_are_named_in_the_remedy(tmp_path: Path) -> None:
    (fault,) = faults_of("[[device]]\nid = “gnss”\n", tmp_path)
    assert fault.line == 2
    assert fault.remedy.args == {"sign": "“"}


def test_files_that_are_not_there_or_not_files_are_told(tmp_path: Path) -> None:
    for path, word in ((tmp_path / "no.toml", "file_missing"), (tmp_path, "file_folder")):
        with pytest.raises(ConfigurationFaults) as caught:
            load(path)
        assert caught.value.faults[0].reason.id.endswith(word)
        assert str(path) in caught.value.sentence("zh")


@pytest.mark.parametrize(
    ("trouble", "word"),
    [(PermissionError(13, "denied"), "file_permission"), (OSError(5, "Input/output error"), "file_unreadable")],
)
def test_a_file_the_system_will_not_give_is_told(
    trouble: OSError, word: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Path) -> bytes:
        raise trouble

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(ConfigurationFaults) as caught:
        load(tmp_path / "vehicle.toml")
    assert caught.value.faults[0].reason.id.endswith(word)


@pytest.mark.parametrize(
    ("content", "key", "reason"),
    [
        (GNSS + GNSS.replace('"gnss"', '"two"'), "device.two.wire", "port_taken"),
        (GNSS + GNSS.replace('"gnss"', '"two"').replace("9600", "4800"), "device.two.wire", "port_taken"),
        (GNSS + GNSS.replace('"gnss"', '"GNSS"').replace("ttyS0", "ttyS1"), "device.GNSS.id", "id_duplicate"),
        (UDP + '[[camera]]\nid = "c"\nurl = "udp://0.0.0.0:5600"\n', "camera.c.url", "port_taken"),
        (GNSS.replace('"gnss"', '"console"'), "device.console.id", "id_reserved"),
        (GNSS.replace('"gnss"', '"车"'), "device[1].id", "id"),
        (GNSS.replace('"gnss"', '"../x"'), "device[1].id", "id"),
        (GNSS.replace('id = "gnss"\n', ""), "device[1].id", "missing"),
        (GNSS + "own = 1\n", "device.gnss.own", "type"),
        (GNSS + "silent_after_s = 0\n", "device.gnss.silent_after_s", "range"),
        (GNSS + "silent_after_s = nan\n", "device.gnss.silent_after_s", "range"),
        (GNSS + "silent_after_s = true\n", "device.gnss.silent_after_s", "type"),
        (GNSS.replace('"定位"', '"a\\nb"'), "device.gnss.name", "text"),
        (GNSS + '[[camera]]\nid = "gnss"\nurl = "udp://0.0.0.0:1"\n', "camera.gnss.id", "id_duplicate"),
        (GNSS + '[[team]]\nid = "t"\nsymbol = "消防"\n', "team.t.symbol", "symbol"),
        (GNSS + '[[team]]\nid = "t"\nmeans = ["gnss/"]\n', "team.t.means", "means_form"),
        (GNSS + '[[team]]\nid = "t"\nmeans = [5]\n', "team.t.means", "type"),
        (GNSS + '[[team]]\nid = "t"\nexpected_min = 1\nexpected_s = 60\n', "team.t.expected_min", "expected_twice"),
        (GNSS + '[[bearer]]\nid = "b"\nrung = "main"\n', "bearer.b.rung", "rung"),
        (GNSS + '[[bearer]]\nid = "b"\nrung = "主"\ndevice = "x"\n', "bearer.b.device", "unknown_device"),
        (GNSS + '[[contact]]\nname = "县"\ndevice = "gnss"\nrecipient = "1"\n', "contact[1].device", "no_text"),
        (
            BEIDOU + '[[contact]]\nname = "县"\ndevice = "beidou"\nrecipient = 250001\n',
            "contact[1].recipient",
            "recipient",
        ),
        (BEIDOU + "frequency_point = 9\n", "device.beidou.frequency_point", "setting_above"),
        (BEIDOU + 'ask_receipts = "yes"\n', "device.beidou.ask_receipts", "setting_type"),
        ("[incident]\nsince = 2026-07-20T06:30:00\n" + GNSS, "incident[1].since", "since"),
        ('[incident]\nsince = "yesterday"\n' + GNSS, "incident[1].since", "since"),
    ],
)
def test_each_wrong_value_is_told_at_its_key(content: str, key: str, reason: str, tmp_path: Path) -> None:
    found = only(content, tmp_path)
    assert found[:2] == (key, reason)
    assert found[2] is not None


def test_one_number_is_not_two_teams(tmp_path: Path) -> None:
    teams = "".join(f'[[team]]\nid = "t{n}"\nmeans = ["beidou/250101"]\n' for n in (1, 2))
    assert only(BEIDOU + teams, tmp_path)[:2] == ("team.t2.means", "means_taken")


def test_two_devices_cannot_both_say_where_this_vehicle_is(tmp_path: Path) -> None:
    content = GNSS + "own = true\n" + GNSS.replace('"gnss"', '"two"').replace("ttyS0", "ttyS1") + "own = true\n"
    assert only(content, tmp_path)[:2] == ("device.two.own", "own_twice")


def test_a_probe_cannot_say_where_this_vehicle_is(tmp_path: Path) -> None:
    content = '[[device]]\nid = "p"\ndriver = "probe"\nwire = "ping:192.0.2.1"\nown = true\n'
    assert only(content, tmp_path)[:2] == ("device.p.own", "own_driver")


def test_a_header_inside_a_text_moves_no_line_number(tmp_path: Path) -> None:
    content = GNSS + 'own = 3\n[[team]]\nid = "t"\nname = """\n[[device]]\nown = 1\n"""\n'
    lines = {fault.key: fault.line for fault in faults_of(content, tmp_path)}
    assert lines["device.gnss.own"] in {6, None}


@given(cut=st.integers(min_value=0, max_value=EXAMPLE.stat().st_size), extra=st.binary(max_size=20))
@settings(max_examples=150, deadline=None)
def test_a_torn_file_is_a_configuration_or_a_list_of_faults(cut: int, extra: bytes, tmp_path_factory: object) -> None:
    assert isinstance(tmp_path_factory, pytest.TempPathFactory)
    folder = tmp_path_factory.getbasetemp()
    with contextlib.suppress(ConfigurationFaults):
        read(EXAMPLE.read_bytes()[:cut] + extra, folder)
