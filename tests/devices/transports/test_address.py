"""Wires as people write them."""

from __future__ import annotations

import contextlib
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.i18n import LANGUAGES, catalogue
from devices.catalogue import entries
from devices.transports import transport_for
from devices.transports.address import parse
from devices.transports.contract import OpenFailed, Reason


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("tcp:192.168.1.10:4001", "192.168.1.10", 4001),
        ("tcp:[fe80::1%eth0]:4001", "fe80::1%eth0", 4001),
        ("udp:10.0.0.5:0", "10.0.0.5", 0),
        ("tcp-listen:127.0.0.1:0", "127.0.0.1", 0),
        ("udp-multicast:239.1.2.3:5000?interface=10.0.0.1", "239.1.2.3", 5000),
        ("ping:rear.example", "rear.example", 0),
        ("tcp-connect:10.0.0.1:443?interval_s=2", "10.0.0.1", 443),
    ],
)
def test_a_wire_is_taken_apart(url: str, host: str, port: int) -> None:
    wire = parse(url)
    assert (wire.host, wire.port) == (host, port)


@pytest.mark.parametrize(
    ("url", "quoted"),
    [
        ("", ""),
        ("COM3", "COM3"),
        ("telnet:1.2.3.4:23", "telnet"),
        ("tcp:1.2.3.4", "1.2.3.4"),
        ("tcp:1.2.3.4:0", "1.2.3.4:0"),
        ("tcp:1.2.3.4:70000", "70000"),
        ("tcp::4001", ":4001"),
        ("tcp:fe80::1:4001", "fe80::1"),
        ("tcp:1.2.3.4:80?baud=9600", "baud="),
        ("serial:/dev/ttyUSB0?baud=9600&baud=4800", "baud="),
        ("serial:", "serial:"),
        ("udp-multicast:10.0.0.1:5000", "10.0.0.1"),
        ("ping:10.0.0.1:80", "10.0.0.1:80"),
        ("tcp-listen::8000", ":8000"),
    ],
)
def test_a_wrong_wire_is_refused_and_the_wrong_part_quoted(url: str, quoted: str) -> None:
    with pytest.raises(OpenFailed) as told:
        parse(url)
    assert told.value.reason == "bad-url"
    assert quoted in told.value.detail


@pytest.mark.parametrize(
    ("url", "quoted"),
    [
        ("serial:/dev/x?baud=fast", "baud=fast"),
        ("serial:/dev/x?baud=9", "baud=9"),
        ("serial:/dev/x?parity=Q", "parity=Q"),
        ("ping:1.2.3.4?interval_s=0.01", "interval_s=0.01"),
        ("ping:1.2.3.4?interval_s=nan", "interval_s=nan"),
        ("udp:127.0.0.1:0?to=nobody", "nobody"),
    ],
)
def test_a_wrong_option_is_refused_before_anything_is_opened(url: str, quoted: str) -> None:
    with pytest.raises(OpenFailed) as told:
        transport_for(url, "datagram" if url.startswith(("ping", "udp")) else "stream")
    assert (told.value.reason, quoted in told.value.detail) == ("bad-url", True)


def test_a_driver_of_datagrams_is_not_put_on_a_stream() -> None:
    with pytest.raises(OpenFailed):
        transport_for("tcp:127.0.0.1:1", "datagram")
    with pytest.raises(OpenFailed):
        transport_for("ping:127.0.0.1", "stream")


@given(st.text(max_size=60))
def test_any_text_is_a_wire_or_refused(text: str) -> None:
    for url in (text, f"tcp:{text}", f"serial:{text}", f"udp:127.0.0.1:1?{text}"):
        with contextlib.suppress(OpenFailed):
            parse(url)


def test_every_example_of_the_catalogue_is_a_wire() -> None:
    for entry in entries().values():
        assert parse(entry.line, entry.framing).scheme in entry.transports


def test_every_reason_has_a_sentence_with_its_detail_in_both_languages() -> None:
    for language in LANGUAGES:
        for reason in get_args(Reason):
            text = catalogue(language)[f"wire.reason.{reason}"]
            # Who closes mostly says no more: a blank before the colon would be all there was.
            assert "{detail}" in text or reason == "closed"
