"""Wires as people write them: ``scheme:what?option=value&...``.

Forms: ``serial:/dev/ttyUSB0?baud=115200``, ``serial:usb=VID:PID[:SERIAL]``, ``tcp:host:port``, ``tls:host:port?ca=..``,
``tcp-listen:address:port``, ``udp:address:port[?to=host:port]``, ``udp-multicast:group:port[?interface=address]``,
``memory:name``, ``ping:host[?dev=eth1]``, ``tcp-connect:host:port[?dev=..]``, ``stamp:host:port[?dev=..]``,
``netlink:eth1``,
``mqtt:host:port/topic?user=..&password=..`` (``mqtts:`` with TLS), ``http-listen:address:port?token=..`` (with ``cert``
and ``key``: TLS), ``snmp:host:port?community=..``, ``nut:host:port?ups=..``, ``modbus:host:port?unit=..&profile=..``,
``modbus-rtu:/dev/ttyUSB0?unit=..&profile=..``.
IPv6 addresses stand in brackets.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from devices.transports.contract import Framing, OpenFailed

_INTERFACE = re.compile(r"[A-Za-z0-9_.@-]{1,15}", re.ASCII)
_ASKED = frozenset({"interval_s", "timeout_s"})
OPTIONS: Mapping[str, frozenset[str]] = {
    "serial": frozenset({"baud", "bytesize", "parity", "stopbits", "rtscts", "xonxoff"}),
    "tcp": frozenset({"timeout_s"}),
    "tls": frozenset({"timeout_s", "ca", "cert", "key", "name"}),
    "tcp-listen": frozenset(),
    "udp": frozenset({"to"}),
    "udp-multicast": frozenset({"interface"}),
    "memory": frozenset(),
    "ping": frozenset({"interval_s", "timeout_s", "dev"}),
    "tcp-connect": frozenset({"interval_s", "timeout_s", "dev"}),
    "stamp": frozenset({"interval_s", "timeout_s", "dev"}),
    "netlink": frozenset({"interval_s"}),
    "mqtt": frozenset({"timeout_s", "keepalive_s", "per_minute", "user", "password", "version"}),
    "mqtts": frozenset({"timeout_s", "keepalive_s", "per_minute", "user", "password", "version", "ca", "cert", "key"}),
    "http-listen": frozenset({"token", "per_minute", "cert", "key"}),
    "snmp": frozenset(
        {"community", "user", "auth", "auth_password", "privacy", "privacy_password", "context", "profile", "index"}
    )
    | _ASKED,
    "nut": frozenset({"ups"}) | _ASKED,
    "modbus": frozenset({"unit", "profile"}) | _ASKED,
    "modbus-rtu": frozenset({"unit", "profile", "baud", "bytesize", "parity", "stopbits"}) | _ASKED,
}
SECRET_OPTIONS = frozenset({"password", "token", "community", "auth_password", "privacy_password"})
"""Options that nobody else may read: never in a message, a journal or a list of processes."""
REQUIRED: Mapping[str, str] = {"modbus": "profile", "modbus-rtu": "profile"}
"""What must be said, because a guess would give wrong values that look right."""
LINE_SCHEMES = frozenset(
    {"ping", "tcp-connect", "stamp", "netlink", "mqtt", "mqtts", "http-listen", "snmp", "nut", "modbus", "modbus-rtu"}
)
"""Wires that hand on one JSON line for each answer, message or request."""
DATAGRAM_SCHEMES = frozenset({"udp", "udp-multicast", "memory"}) | LINE_SCHEMES
STREAM_SCHEMES = frozenset(OPTIONS) - LINE_SCHEMES


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """A wire taken apart.  ``what`` is the port, the address or the name; ``port`` is 0 where the scheme has none.

    ``path`` is the topic behind the address of ``mqtt`` and ``mqtts``, else empty.
    """

    url: str
    scheme: str
    what: str
    host: str = ""
    port: int = 0
    path: str = ""
    options: Mapping[str, str]

    def number(self, option: str, default: float, low: float, high: float) -> float:
        """A number among the options.  Raises ``OpenFailed("bad-url")``."""
        text = self.options.get(option)
        if text is None:
            return default
        try:
            value = float(text)
        except ValueError:
            raise _bad(f"{option}={text}") from None
        if not low <= value <= high:
            raise _bad(f"{option}={text} ({low:g}..{high:g})")
        return value

    def choice(self, option: str, default: str, allowed: tuple[str, ...]) -> str:
        """One word of several among the options.  Raises ``OpenFailed("bad-url")``."""
        text = self.options.get(option, default)
        if text not in allowed:
            raise _bad(f"{option}={text} ({', '.join(allowed)})")
        return text

    def file(self, option: str) -> Path | None:
        """A path among the options.  Raises ``OpenFailed("missing")`` where no such file is."""
        text = self.options.get(option)
        if text is None:
            return None
        path = Path(text).expanduser()
        if not path.is_file():
            raise OpenFailed("missing", str(path))
        return path


def _bad(detail: str) -> OpenFailed:
    return OpenFailed("bad-url", detail)


def parse(url: str, framing: Framing | None = None) -> Wire:
    """Take a wire apart; with ``framing`` also check that such a driver can use it.

    Raises ``OpenFailed("bad-url")`` whose detail quotes the part that is wrong.
    """
    scheme, colon, rest = url.strip().partition(":")
    if not colon or scheme not in OPTIONS:
        raise _bad(scheme or url)
    if framing is not None and scheme not in (DATAGRAM_SCHEMES if framing == "datagram" else STREAM_SCHEMES):
        raise _bad(f"{scheme} ({framing})")
    what, _, query = rest.partition("?")
    options = _options(scheme, query)
    if REQUIRED.get(scheme, "") not in {"", *options}:
        raise _bad(f"{REQUIRED[scheme]}=")
    if scheme == "netlink":
        return Wire(url=url, scheme=scheme, what=interface_name(what), options=options)
    if scheme in {"serial", "memory", "modbus-rtu"}:
        if not what:
            raise _bad(url)
        return Wire(url=url, scheme=scheme, what=what, options=options)
    if scheme == "ping":
        return Wire(url=url, scheme=scheme, what=what, host=_host(what), options=options)
    address, path = _with_topic(what) if scheme in {"mqtt", "mqtts"} else (what, "")
    host, port = host_and_port(address)
    if port == 0 and scheme not in {"tcp-listen", "udp", "http-listen"}:
        raise _bad(what)
    if scheme == "udp-multicast" and not _is_group(host):
        raise _bad(host)
    return Wire(url=url, scheme=scheme, what=what, host=host, port=port, path=path, options=options)


def _with_topic(what: str) -> tuple[str, str]:
    address, _, topic = what.partition("/")
    if not topic or "\0" in topic or "#" in topic[:-1] or len(topic) > 1024:
        raise _bad(what)
    return address, topic


def _options(scheme: str, query: str) -> dict[str, str]:
    options: dict[str, str] = {}
    for part in filter(None, query.split("&")):
        name, equals, value = part.partition("=")
        if not equals or not value or name not in OPTIONS[scheme] or name in options:
            raise _bad(f"{name}=" if equals and not options.keys() & SECRET_OPTIONS else "?…")  # may be a secret's rest
        options[name] = unquote(value)
    return options


def host_and_port(text: str) -> tuple[str, int]:
    """``host:port`` or ``[address]:port``.  Raises ``OpenFailed("bad-url")``."""
    host, colon, port = text.rpartition(":")
    if not host or not colon or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise _bad(text)
    return _host(host), int(port)


def _host(text: str) -> str:
    host = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    if not host or any(letter.isspace() or letter in "/[]" for letter in host) or (":" in text and host == text):
        raise _bad(text)
    return host


def _is_group(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.version == 4 and address.is_multicast


def interface_name(text: str) -> str:
    """The name of a network interface.  Raises ``OpenFailed("bad-url")`` for what no interface can be called."""
    if not _INTERFACE.fullmatch(text) or text in {".", ".."}:
        raise _bad(text)
    return text


def written(host: str, port: int) -> str:
    """``host:port`` as it is read back."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def cleaned(text: str, letters: int = 120) -> str:
    """A stranger's words in one line without control characters, cut to so many letters."""
    return "".join(letter if letter.isprintable() else " " for letter in text[: 4 * letters])[:letters].strip()
