"""The check and the transports agree: what passes the check is never refused for its form when it runs."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.configuration.wires import camera_finding, wire_finding
from devices.catalogue import entries
from devices.transports import transport_for
from devices.transports.address import LINE_SCHEMES, OPTIONS, REQUIRED
from devices.transports.contract import OpenFailed
from devices.video.target import SCHEMES, target

NUMBERS = {"baud": "4800", "interval_s": "2.5", "timeout_s": "30", "keepalive_s": "60", "per_minute": "60"}
NUMBERS |= {"unit": "17", "index": "3"}
WORDS = {"bytesize": "7", "parity": "E", "stopbits": "2", "rtscts": "1", "xonxoff": "0", "to": "192.0.2.1:9"}
WORDS |= {"interface": "192.0.2.1", "user": "zhihui", "password": "x", "token": "x", "version": "4"}
WORDS |= {"ca": "/a.pem", "cert": "/b.pem", "key": "/c.pem"}
WORDS |= {"community": "x", "auth": "sha256", "auth_password": "x", "privacy": "aes", "privacy_password": "x"}
WORDS |= {"dev": "eth1"}
WORDS |= {"context": "x", "ups": "veh", "profile": "/a.toml"}
TARGETS = {
    "modbus-rtu": "/dev/ttyS0",
    "serial": "/dev/ttyS0",
    "udp-multicast": "239.1.1.1:5000",
    "ping": "192.0.2.1",
    "netlink": "eth1",
    "mqtt": "192.0.2.1:1883/owntracks/#",
    "mqtts": "192.0.2.1:8883/owntracks/#",
}


def is_taken(wire: str) -> bool:
    scheme = wire.partition(":")[0]
    try:
        transport_for(wire, "datagram" if scheme in LINE_SCHEMES | {"udp-multicast"} else "stream")
    except OpenFailed:
        return False
    return True


@pytest.mark.parametrize("entry", entries().values(), ids=lambda entry: entry.id)
def test_every_transport_of_the_catalogue_is_known_to_the_check(entry: object) -> None:
    transports = getattr(entry, "transports", ())
    assert transports
    assert set(transports) <= set(OPTIONS)


@pytest.mark.parametrize("entry", entries().values(), ids=lambda entry: entry.id)
def test_the_example_wire_of_every_driver_passes(entry: object) -> None:
    assert wire_finding(str(getattr(entry, "line", ""))) is None


@pytest.mark.parametrize(
    ("scheme", "option"),
    [(scheme, option) for scheme in sorted(OPTIONS) for option in sorted(OPTIONS[scheme]) if scheme != "tls"],
)
def test_every_option_of_every_transport_is_known_to_the_check(scheme: str, option: str) -> None:
    value = (NUMBERS | WORDS)[option]
    wire = f"{scheme}:{TARGETS.get(scheme, '192.0.2.1:4001')}?{option}={value}"
    needed = REQUIRED.get(scheme, option)
    wire += "" if needed == option else f"&{needed}={WORDS[needed]}"
    assert wire_finding(wire) is None
    assert is_taken(wire)


@pytest.mark.parametrize("scheme", ["serial", "tcp", "ping", "tcp-connect"])
@pytest.mark.parametrize("value", ["", "x", "0", "-1", "0.05", "61", "3601", "5000000", "nan", "inf", "1e3"])
def test_a_number_the_transports_refuse_is_refused_by_the_check(scheme: str, value: str) -> None:
    for option in OPTIONS[scheme] & set(NUMBERS):
        wire = f"{scheme}:{TARGETS.get(scheme, '192.0.2.1:4001')}?{option}={value}"
        assert (wire_finding(wire) is None) <= is_taken(wire), wire


PIECES = st.sampled_from(
    [
        "/dev/ttyS0",
        "usb=1A86:7523",
        "192.0.2.1",
        "[::1]",
        "host",
        ":4001",
        ":0",
        "?",
        "&",
        "baud=9600",
        "to=h:1",
        "=",
        "%",
    ]
)


@given(
    scheme=st.sampled_from(sorted(OPTIONS.keys() - {"memory", "tls"})),
    pieces=st.lists(PIECES | st.text(max_size=3), max_size=5),
)
@settings(max_examples=400, deadline=None)
def test_whatever_passes_the_check_is_taken_by_a_transport(scheme: str, pieces: list[str]) -> None:
    wire = f"{scheme}:{''.join(pieces)}"
    if wire_finding(wire) is None:
        assert is_taken(wire)


URL_PIECES = st.sampled_from(
    [f"{scheme}:" for scheme in SCHEMES]
    + ["//", "u:p@", "h", "[::1]", ":554", "/s", "#", "?", "@", ":", "/dev/", "size=640x480", "mode=", "transport=udp"]
)


@given(pieces=st.lists(URL_PIECES | st.text(max_size=3), min_size=1, max_size=6))
@settings(max_examples=400, deadline=None)
def test_whatever_passes_the_check_is_taken_by_the_video_processes(pieces: list[str]) -> None:
    url = "".join(pieces)
    if camera_finding(url) is None:
        assert not target(url).is_looped


@pytest.mark.parametrize(
    ("url", "finding"),
    [
        ("rtsp://u:p@192.0.2.1/x#transport=multicast", None),
        ("RTSPS://192.0.2.1/x", None),
        ("rtmp://192.0.2.1/live/x", None),
        ("https://192.0.2.1:8443/live.flv?token=x", None),
        ("http://192.0.2.1/live.m3u8", None),
        ("srt://192.0.2.1:9000?mode=caller&latency=200", None),
        ("udp://239.1.1.1:5000?localaddr=192.0.2.9", None),
        ("v4l2:/dev/video0?size=1920x1080&rate_hz=30", None),
        ("file:/media/x.ts", None),
        ("file:/media/x.ts#loop", "url_camera_file"),
        ("v4l2:video0", "url_camera_device"),
        ("tcp://192.0.2.1:5000?listen=1", "url_camera_query"),
        ("srt://192.0.2.1", "url_no_port"),
        ("rtsp://192.0.2.1/x#transport=http", "url_camera_option"),
        ("rtp://192.0.2.1:5000", "url_camera"),
        ("http://h:0/x", "url_port"),
    ],
)
def test_each_kind_of_camera_address_is_known_and_each_slip_named(url: str, finding: str | None) -> None:
    found = camera_finding(url)
    assert (None if found is None else found[0]) == finding
