"""Cameras that answer a probe: any datagram is taken, bounded and cleaned, and none is believed."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.transports.wsdiscovery import (
    ANSWERS,
    CAMERAS,
    GROUP,
    LARGEST_BYTES,
    PROBES,
    TYPES,
    Answers,
    Interface,
    probe_cameras,
)

INTERFACE = Interface(address="192.0.2.9", prefix_bits=24)


def match(*, endpoint: str = "urn:uuid:1", xaddrs: str = "http://192.0.2.21/onvif/device_service", **other: str) -> str:
    scopes = other.get("scopes", "onvif://www.onvif.org/name/Bridge%20%E6%A1%A5 onvif://www.onvif.org/hardware/DS-2")
    return (
        f"<d:ProbeMatch><a:EndpointReference><a:Address>{endpoint}</a:Address></a:EndpointReference>"
        f"<d:Types>dn:NetworkVideoTransmitter</d:Types><d:Scopes>{scopes}</d:Scopes>"
        f"<d:XAddrs>{xaddrs}</d:XAddrs><d:MetadataVersion>1</d:MetadataVersion></d:ProbeMatch>"
    )


def answer(*matches: str, relates_to: str = "", before: str = "") -> bytes:
    """As a camera writes it: other prefixes and the addressing of another year than ours."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{before}<SOAP-ENV:Envelope '
        'xmlns:SOAP-ENV="http://www.w3.org/2003/05/soap-envelope" '
        'xmlns:a="http://www.w3.org/2005/08/addressing" '
        'xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery">'
        f"<SOAP-ENV:Header><a:RelatesTo>{relates_to}</a:RelatesTo></SOAP-ENV:Header>"
        f"<SOAP-ENV:Body><d:ProbeMatches>{''.join(matches)}</d:ProbeMatches></SOAP-ENV:Body></SOAP-ENV:Envelope>"
    ).encode()


def taken(*datagrams: bytes, host: str = "192.0.2.21") -> tuple[Any, ...]:
    answers = Answers()
    for one in datagrams:
        answers.take(one, host, INTERFACE)
    return answers.cameras()


def test_a_camera_is_known_by_its_name_and_hardware() -> None:
    (camera,) = taken(answer(match()))
    assert (camera.name, camera.hardware) == ("Bridge 桥", "DS-2")
    assert camera.service == "http://192.0.2.21/onvif/device_service"


def test_the_same_device_heard_by_two_interfaces_is_one_with_the_address_that_answered() -> None:
    two = "http://169.254.7.7/onvif/device_service http://192.0.2.21/onvif/device_service"
    answers = Answers()
    answers.take(answer(match(xaddrs=two)), "10.0.0.5", Interface(address="10.0.0.1", prefix_bits=8))
    assert [one.service for one in answers.cameras()] == ["http://169.254.7.7/onvif/device_service"]
    answers.take(answer(match(xaddrs=two)), "192.0.2.21", INTERFACE)
    assert [one.service for one in answers.cameras()] == ["http://192.0.2.21/onvif/device_service"]


def test_an_answer_to_somebody_elses_probe_is_passed_over() -> None:
    answers = Answers()
    asked = answers.probe(TYPES[0]).decode().partition("MessageID>")[2].partition("<")[0]
    answers.take(answer(match(endpoint="urn:a"), relates_to="urn:uuid:other"), "192.0.2.21", INTERFACE)
    answers.take(answer(match(endpoint="urn:b"), relates_to=asked), "192.0.2.21", INTERFACE)
    assert [one.endpoint for one in answers.cameras()] == ["urn:b"]


@pytest.mark.parametrize(
    "xaddrs",
    [
        "",
        "file:///etc/passwd",
        "http://user:pw@192.0.2.21/x",
        "http://192.0.2.21:99999/x",
        "http:///x",
        "http://192.0.2.21/" + "a" * 400,
        "rtsp://192.0.2.21/x",
    ],
)
def test_what_is_no_web_address_is_not_offered(xaddrs: str) -> None:
    assert taken(answer(match(xaddrs=xaddrs))) == ()


@pytest.mark.parametrize(
    "before",
    [
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>',
        '<!DOCTYPE x SYSTEM "http://192.0.2.66/evil.dtd">',
    ],
)
def test_xml_with_a_document_type_is_refused(before: str) -> None:
    assert taken(answer(match(), before=before)) == ()


def test_a_flood_of_answers_is_bounded() -> None:
    many = [answer(*(match(endpoint=f"urn:{turn}-{number}") for number in range(20))) for turn in range(40)]
    assert len(taken(*many)) == CAMERAS
    nonsense = [b"x"] * ANSWERS
    assert taken(*nonsense, answer(match())) == ()
    assert taken(answer(match(scopes="x" * LARGEST_BYTES))) == ()


def test_words_of_strangers_lose_their_control_characters_and_their_length() -> None:
    (camera,) = taken(answer(match(scopes="onvif://www.onvif.org/name/%1b[31m" + "n" * 500)))
    assert camera.name.isprintable()
    assert len(camera.name) <= 120


@given(st.binary(max_size=300), st.integers(0, 600), st.integers(0, 255))
def test_any_octets_are_taken_without_trouble(noise: bytes, at: int, other: int) -> None:
    whole = bytearray(answer(match()))
    whole[at % len(whole)] = other
    taken(noise, bytes(whole), bytes(whole[:at]))


def test_every_interface_is_probed_three_times_for_each_type() -> None:
    """A camera that listens on the loopback's group hears them; the loopback stands for any interface."""
    ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    ear.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    ear.bind(("", GROUP[1]))
    ear.settimeout(2.0)
    with ear:
        ear.setsockopt(
            socket.IPPROTO_IP,
            socket.IP_ADD_MEMBERSHIP,
            struct.pack("4s4s", socket.inet_aton(GROUP[0]), socket.inet_aton("127.0.0.1")),
        )
        dead = Interface(address="192.0.2.77", prefix_bits=24)  # gone since it was listed
        asyncio.run(probe_cameras(0.3, [dead, Interface(address="127.0.0.1", prefix_bits=8)]))
        heard = [ear.recv(65_535).decode() for _ in range(PROBES * len(TYPES))]
    assert [sum(f"<d:Types>{types}<" in one for one in heard) for types in TYPES] == [PROBES, PROBES]
    assert len({one.partition("MessageID>")[2].partition("<")[0] for one in heard}) == len(heard)
