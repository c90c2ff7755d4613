"""Wires: they move octets and know nothing of their meaning."""

from __future__ import annotations

import time

from devices.transports.address import LINE_SCHEMES, Wire, parse
from devices.transports.contract import Clock, Framing, OpenFailed, Transport

__all__ = ["transport_for"]


def transport_for(url: str, framing: str, clock_ns: Clock = time.time_ns) -> Transport:
    """The transport that a wire's URL names, not yet open; ``framing`` is what its driver takes.

    ``clock_ns`` gives the time that samplers write into their lines.  Libraries are loaded when first needed.
    Raises ``OpenFailed("bad-url")``.
    """
    kind: Framing = "datagram" if framing == "datagram" else "stream"
    wire = parse(url, kind)
    if wire.scheme in LINE_SCHEMES:
        return _telling(wire, clock_ns)
    if wire.scheme == "serial":
        from devices.transports.serial_port import SerialPort  # noqa: PLC0415 - pyserial only where a port is used

        return SerialPort(wire)
    return _network(wire)


def _telling(wire: Wire, clock_ns: Clock) -> Transport:
    """What hands on one JSON line for each answer, message or request."""
    if wire.scheme in {"ping", "tcp-connect", "stamp"}:
        from devices.transports.samplers import Sampler  # noqa: PLC0415 - icmplib only where something is probed

        return Sampler(wire, clock_ns)
    if wire.scheme == "netlink":
        from devices.transports.netlink import Netlink  # noqa: PLC0415

        return Netlink(wire, clock_ns)
    if wire.scheme in {"mqtt", "mqtts"}:
        from devices.transports.mqtt import Mqtt  # noqa: PLC0415 - paho only where a broker is used

        return Mqtt(wire, clock_ns)
    if wire.scheme == "http-listen":
        from devices.transports.http_listen import HttpListen  # noqa: PLC0415 - h11 only where phones call

        return HttpListen(wire, clock_ns)
    return _polled(wire, clock_ns)


def _polled(wire: Wire, clock_ns: Clock) -> Transport:
    """What is asked in rounds."""
    from devices.transports.polled import Polled  # noqa: PLC0415

    if wire.scheme == "snmp":
        from devices.transports.snmp import SnmpAsker  # noqa: PLC0415 - pysnmp only where an agent is asked

        return Polled(wire, SnmpAsker(wire, clock_ns), clock_ns, 5.0)
    if wire.scheme == "nut":
        from devices.transports.nut import NutAsker  # noqa: PLC0415

        return Polled(wire, NutAsker(wire, clock_ns), clock_ns, 5.0)
    if wire.scheme in {"modbus", "modbus-rtu"}:
        from devices.transports.modbus import ModbusAsker  # noqa: PLC0415 - pymodbus only where it is spoken

        return Polled(wire, ModbusAsker(wire, clock_ns), clock_ns, 2.0)
    raise OpenFailed("bad-url", wire.scheme)


def _network(wire: Wire) -> Transport:
    if wire.scheme == "memory":
        from devices.transports.memory import named_wire  # noqa: PLC0415

        return named_wire(wire.what)[0]
    if wire.scheme in {"udp", "udp-multicast"}:
        from devices.transports.udp import Udp  # noqa: PLC0415

        return Udp(wire)
    from devices.transports.tcp import Tcp, TcpListen  # noqa: PLC0415

    if wire.scheme == "tcp-listen":
        return TcpListen(wire)
    if wire.scheme in {"tcp", "tls"}:
        return Tcp(wire)
    raise OpenFailed("bad-url", wire.scheme)
