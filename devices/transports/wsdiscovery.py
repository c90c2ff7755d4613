"""Cameras that answer a WS-Discovery probe, asked from every interface of this machine.  Suggestions only.

Anybody on the net can answer anything: answers are bounded in size and number, their XML knows no document types and
no entities, their words are cleaned, and nothing they name is opened here.

**Source:** WS-Discovery, April 2005 (``schemas.xmlsoap.org/ws/2005/04/discovery``), clauses 2.4 (group and port), 4
(SOAP over UDP: repeated, TTL 1), 5 (Probe and ProbeMatches); ONVIF Core Specification, clause "Device discovery"
(types ``dn:NetworkVideoTransmitter`` and ``tds:Device``, scopes ``onvif://www.onvif.org/name/...``).
**Assumed:** devices that leave ``RelatesTo`` out mean our probe: they answer to our socket alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit
from xml.etree.ElementTree import Element, ParseError

import ifaddr
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from devices.transports.address import cleaned

GROUP = ("239.255.255.250", 3702)
PROBES = 3
TYPES = ("dn:NetworkVideoTransmitter", "tds:Device")
"""Asked one after the other: a probe that names both is answered only by what is both."""
ANSWERS = 512
CAMERAS = 128
LARGEST_BYTES = 32_768
LONGEST_URL = 300
_PROBE = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"'
    ' xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"'
    ' xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"'
    ' xmlns:dn="http://www.onvif.org/ver10/network/wsdl" xmlns:tds="http://www.onvif.org/ver10/device/wsdl">'
    "<s:Header><a:MessageID>{message_id}</a:MessageID>"
    '<a:To s:mustUnderstand="1">urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To>'
    '<a:Action s:mustUnderstand="1">http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</a:Action></s:Header>'
    "<s:Body><d:Probe><d:Types>{types}</d:Types></d:Probe></s:Body></s:Envelope>"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Interface:
    """A local IPv4 address and how many bits of it name its net."""

    address: str
    prefix_bits: int

    @property
    def net(self) -> ipaddress.IPv4Network:
        """The net that this interface stands in."""
        return ipaddress.IPv4Network(f"{self.address}/{self.prefix_bits}", strict=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraCandidate:
    """A device that answered.

    ``endpoint`` is its own lasting identity, ``service`` the address of its ONVIF device service, ``host`` where the
    answer came from; ``name`` and ``hardware`` are its own words, shortened and never believed.
    """

    endpoint: str
    service: str
    host: str
    name: str
    hardware: str


def interfaces() -> tuple[Interface, ...]:
    """Every local IPv4 address, the loopback included: camera programs run on this machine too."""
    found = {
        Interface(address=str(one.ip), prefix_bits=one.network_prefix)
        for adapter in ifaddr.get_adapters()
        for one in adapter.ips
        if one.is_IPv4
    }
    return tuple(sorted(found, key=lambda one: one.address))


async def probe_cameras(seconds: float, asked: Sequence[Interface] | None = None) -> tuple[CameraCandidate, ...]:
    """Probe three times within ``seconds``, from every interface, and give who answered, sorted by host.

    An interface that cannot send to a group is passed over.
    """
    answers = Answers()
    loop = asyncio.get_running_loop()
    wires: list[asyncio.DatagramTransport] = []
    try:
        for interface in interfaces() if asked is None else asked:
            with contextlib.suppress(OSError):
                wire, _ = await loop.create_datagram_endpoint(
                    lambda from_=interface: _Ear(answers, from_),  # type: ignore[misc]
                    sock=_socket(interface),
                )
                wires.append(wire)
        for _ in range(PROBES):
            for wire in wires:
                for types in TYPES:
                    wire.sendto(answers.probe(types), GROUP)
            await asyncio.sleep(seconds / PROBES)
    finally:
        for wire in wires:
            wire.close()
    return answers.cameras()


def _socket(interface: Interface) -> socket.socket:
    wire = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        wire.setblocking(False)  # noqa: FBT003 - the socket's own signature
        wire.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 1)
        wire.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(interface.address))
        wire.bind((interface.address, 0))
    except OSError:
        wire.close()
        raise
    return wire


class _Ear(asyncio.DatagramProtocol):
    def __init__(self, answers: Answers, interface: Interface) -> None:
        self._answers, self._interface = answers, interface

    def datagram_received(self, data: bytes, addr: tuple[str | object, int]) -> None:
        self._answers.take(data, str(addr[0]), self._interface)


class Answers:
    """What was asked and who answered; pure, so that any datagram can be tried on it."""

    def __init__(self) -> None:
        self._asked: set[str] = set()
        self._taken = 0
        self._found: dict[str, tuple[int, CameraCandidate]] = {}

    def probe(self, types: str) -> bytes:
        """A new probe for these types."""
        message_id = f"urn:uuid:{uuid.uuid4()}"
        self._asked.add(message_id)
        return _PROBE.format(message_id=message_id, types=types).encode()

    def take(self, datagram: bytes, host: str, interface: Interface) -> None:
        """Take in a datagram that came from ``host``; what is no answer to us is passed over."""
        self._taken += 1
        if self._taken > ANSWERS or len(datagram) > LARGEST_BYTES:
            return
        try:
            root = fromstring(datagram, forbid_dtd=True)
        except (ParseError, DefusedXmlException, ValueError, LookupError):
            return
        relates_to = _text(root, "RelatesTo")
        if relates_to and relates_to not in self._asked:
            return
        for match in root.iter("{http://schemas.xmlsoap.org/ws/2005/04/discovery}ProbeMatch"):
            self._note(match, host, interface)

    def _note(self, match: Element, host: str, interface: Interface) -> None:
        ranked = [(_rank(one, host, interface), one) for one in _text(match, "XAddrs").split()[:16] if _is_service(one)]
        if not ranked:
            return
        rank, service = min(ranked, key=lambda one: one[0])
        reference = next((one for one in match if local(one) == "EndpointReference"), None)
        endpoint = cleaned(_text(reference, "Address")) if reference is not None else ""
        scopes = _text(match, "Scopes").split()[:64]
        candidate = CameraCandidate(
            endpoint=endpoint or service,
            service=service,
            host=host,
            name=_scope(scopes, "name"),
            hardware=_scope(scopes, "hardware"),
        )
        known = self._found.get(candidate.endpoint)
        if (known is None and len(self._found) < CAMERAS) or (known is not None and rank < known[0]):
            self._found[candidate.endpoint] = rank, candidate

    def cameras(self) -> tuple[CameraCandidate, ...]:
        """Who answered, one a device, by host."""
        return tuple(sorted((one for _, one in self._found.values()), key=lambda one: (one.host, one.endpoint)))


def local(element: Element) -> str:
    """An element's name without its namespace: devices disagree about prefixes and versions of the latter."""
    return str(element.tag).rpartition("}")[2]


def _text(root: Element, name: str) -> str:
    found = next((one for one in root.iter() if local(one) == name), None)
    return (found.text or "").strip() if found is not None else ""


def _scope(scopes: Sequence[str], kind: str) -> str:
    start = f"onvif://www.onvif.org/{kind}/"
    word = next((one[len(start) :] for one in scopes if one.lower().startswith(start)), "")
    return cleaned(unquote(word, errors="replace").replace("/", " "))


def _is_service(url: str) -> bool:
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable():
        return False
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.username is None and port != 0


def _rank(url: str, host: str, interface: Interface) -> int:
    """0: where the answer came from; 1: in the net of the interface; 2: another IPv4 place; 3: a name or IPv6."""
    named = urlsplit(url).hostname or ""
    if named == host:
        return 0
    try:
        return 1 if ipaddress.IPv4Address(named) in interface.net else 2
    except ValueError:
        return 3
