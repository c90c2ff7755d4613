"""Our packets against scapy's layer, which others wrote from the same RFC."""

from __future__ import annotations

import struct
import warnings

import pytest

from devices import stamp

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from scapy.contrib.stamp import STAMPSessionReflectorTestUnauthenticated as ReflectedLayer
    from scapy.contrib.stamp import STAMPSessionSenderTestUnauthenticated as SentLayer

AT_NS = 1_795_343_723_670_258_031


def test_scapy_reads_what_we_send() -> None:
    packet = stamp.sender_packet(7, AT_NS, session=0xBEEF)
    layer = SentLayer(packet)
    assert len(packet) == 44
    assert (layer.seq, layer.ssid, layer.err_estimate.S, layer.err_estimate.Z) == (7, 0xBEEF, 0, 0)
    assert layer.err_estimate.multiplier == 1
    assert abs(layer.ts - (AT_NS / 1e9 + 2_208_988_800)) < 1e-3


def test_we_reflect_what_scapy_sends_and_scapy_reads_it() -> None:
    asked = bytes(SentLayer(seq=9, ts=4_000_000_000.5, ssid=77)).ljust(60, b"\0")
    sent = stamp.read_sent(asked)
    assert sent is not None
    assert (sent.sequence, sent.session) == (9, 77)
    answer = stamp.reflector_packet(sent, 3, AT_NS, AT_NS + 2_000_000, (len(asked), 61))
    layer = ReflectedLayer(answer)
    assert len(answer) == 60
    assert (layer.seq, layer.ssid, layer.seq_sender, layer.ttl_sender) == (3, 77, 9, 61)
    assert layer.ts_sender == pytest.approx(4_000_000_000.5, abs=1e-6)
    assert layer.ts - layer.ts_rx == pytest.approx(0.002, abs=1e-6)


def test_we_read_what_scapy_reflects() -> None:
    asked = stamp.read_sent(stamp.sender_packet(5, AT_NS, session=12))
    assert asked is not None
    answer = bytes(
        ReflectedLayer(seq=2, ts=4_000_000_000.25, ts_rx=4_000_000_000.0, seq_sender=5, ttl_sender=64, ssid=12)
    )
    seen = stamp.read_reflected(answer.ljust(44, b"\0"))
    assert seen is not None
    assert (seen.sequence, seen.sent_sequence, seen.session, seen.ttl) == (2, 5, 12, 64)
    assert seen.held_ns == pytest.approx(250_000_000, abs=1_000)


def test_the_layout_is_that_of_the_rfc() -> None:
    """Octet by octet: 4.2.1 and 4.3.1."""
    sent = stamp.sender_packet(0x01020304, 0, session=0x0A0B)
    assert sent[:4] == b"\1\2\3\4"
    assert sent[4:12] == struct.pack("!II", 2_208_988_800, 0)
    assert sent[12:16] == b"\0\1\x0a\x0b"
    assert sent[16:] == bytes(28)
    asked = stamp.read_sent(sent)
    assert asked is not None
    answer = stamp.reflector_packet(asked, 1, 500_000_000, 500_000_000, (44, 255))
    assert answer[:4] == b"\0\0\0\1"
    assert answer[16:24] == struct.pack("!II", 2_208_988_800, 1 << 31)
    assert answer[24:28] == b"\1\2\3\4"
    assert answer[28:36] == sent[4:12]
    assert answer[36:44] == b"\0\1\0\0\xff\0\0\0"


@pytest.mark.parametrize("packet", [b"", bytes(43), bytes(14)])
def test_what_is_shorter_is_no_packet_and_is_not_answered(packet: bytes) -> None:
    assert stamp.read_sent(packet) is None
    assert stamp.read_reflected(packet) is None


def test_times_hold_across_the_turn_of_the_era() -> None:
    turn_ns = ((1 << 32) - 2_208_988_800) * 1_000_000_000
    asked = stamp.read_sent(stamp.sender_packet(1, turn_ns - 1))
    assert asked is not None
    answer = stamp.read_reflected(stamp.reflector_packet(asked, 0, turn_ns - 10_000_000, turn_ns + 10_000_000, (44, 1)))
    assert answer is not None
    assert answer.held_ns == pytest.approx(20_000_000, abs=1_000)
