"""Is a wire's or a camera's URL well formed?  Only its form is judged: whether something answers shows when it runs."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from urllib.parse import SplitResult, unquote, urlsplit

from console.configuration.faults import said
from console.picture import Text
from devices.profiles import bundled
from devices.transports.address import OPTIONS, SECRET_OPTIONS, interface_name, parse
from devices.transports.contract import OpenFailed
from devices.video.target import SCHEMES, UrlError, target

_HOST = re.compile(r"(?=.{1,253}$)[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_.])?")
_IDENTITY = re.compile(r"usb=[0-9A-Fa-f]{4}:[0-9A-Fa-f]{4}(?::.+)?")
_PORT_NAME = re.compile(r"/\S.*|COM\d{1,3}", re.IGNORECASE)

Finding = tuple[str, dict[str, str | int]]
"""A reason word and its arguments."""

_NUMBERS: Mapping[str, tuple[float, float]] = {
    "baud": (50, 4_000_000),
    "interval_s": (0.1, 3_600),
    "timeout_s": (0.1, 60),
    "keepalive_s": (5, 3_600),
    "per_minute": (1, 100_000),
    "unit": (0, 255),
    "index": (0, 2**31 - 1),
}
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "bytesize": ("5", "6", "7", "8"),
    "parity": ("N", "E", "O", "M", "S"),
    "stopbits": ("1", "1.5", "2"),
    "rtscts": ("0", "1"),
    "xonxoff": ("0", "1"),
    "version": ("4", "5"),
    "auth": ("sha", "sha224", "sha256", "sha384", "sha512", "md5"),
    "privacy": ("aes", "aes192", "aes256", "des"),
}


def scheme_of(wire: str) -> str:
    """What stands before the first colon."""
    return wire.partition(":")[0] if ":" in wire else ""


def port_of(wire: str) -> str | None:
    """What this wire takes for itself alone on this machine, so that two cannot have it; ``None`` where nothing."""
    scheme, _, rest = wire.replace("modbus-rtu:", "serial:", 1).partition(":")
    target = rest.partition("?")[0]
    return f"{scheme}:{target}" if scheme in {"serial", "tcp-listen", "udp", "http-listen"} else None


def camera_port_of(url: str) -> str | None:
    """As ``port_of``, for the URL of a camera that passed the check: who pushes to a UDP port, and who is captured."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "v4l2":
        return f"v4l2:{parts.path}"
    if parts.scheme != "udp" or (_is_address(host) and ipaddress.ip_address(host).is_multicast):
        return None
    return f"udp:{f'[{host}]' if ':' in host else host}:{parts.port}"


def wire_finding(wire: str) -> Finding | None:
    """What is wrong with a device's wire, ``None`` if nothing.  The transports themselves have the last word."""
    scheme, _, rest = wire.partition(":")
    target, _, query = rest.partition("?")
    if not wire.isprintable():
        return "url_form", {}
    finding = _TARGETS.get(scheme, _host_and_port)(target) or _query_finding(scheme, query)
    if finding is not None:
        return finding
    try:
        parse(wire)
    except OpenFailed as trouble:
        return "url_refused", {"given": trouble.detail}
    return None


def _query_finding(scheme: str, query: str) -> Finding | None:
    """The first slip.  Behind a secret nothing is quoted: after a raw ``&`` its rest looks like an option."""
    seen: set[str] = set()
    finding: Finding | None
    for number, part in enumerate(filter(None, query.split("&")), start=1):
        key, equals, text = part.partition("=")
        is_quotable = key in OPTIONS.get(scheme, ()) or (bool(equals) and not seen & SECRET_OPTIONS)
        finding = _option_finding(scheme, key, unquote(text)) if equals and text else ("url_query", {"number": number})
        if finding is None and key in seen:
            finding = "url_query", {"number": number}
        if finding is not None:
            return finding if is_quotable else ("url_query", {"number": number})
        seen.add(key)
    return None


def _option_finding(scheme: str, key: str, value: str) -> Finding | None:
    known = OPTIONS.get(scheme, frozenset())
    if key not in known:
        return "url_option" if known else "url_no_option", {"key": key, "known": ", ".join(sorted(known))}
    if key in _NUMBERS:
        return _number_finding(scheme, key, value)
    if key in _CHOICES and value not in _CHOICES[key]:
        return "url_choice", {"key": key, "given": value, "known": ", ".join(_CHOICES[key])}
    if key == "profile" and "/" not in value and value not in bundled(scheme.partition("-")[0]):
        names = ", ".join(bundled(scheme.partition("-")[0]))
        return "url_choice", {"key": key, "given": value, "known": names}
    if key in {"to", "dev"}:
        return _host_and_port(value) if key == "to" else _interface(value)
    return ("url_host", {"given": value}) if key == "interface" and not _is_address(value) else None


def _number_finding(scheme: str, key: str, value: str) -> Finding | None:
    low, high = _NUMBERS[key]
    asks_when_told = key == "interval_s" and value == "0" and scheme in {"ping", "tcp-connect", "stamp"}
    if asks_when_told or _is_within(value, low, high):
        return None
    return "url_number", {"key": key, "given": value, "low": f"{low:g}", "high": f"{high:g}"}


def _is_within(value: str, low: float, high: float) -> bool:
    try:
        return low <= float(value) <= high
    except ValueError:
        return False


def _serial(target: str) -> Finding | None:
    if _PORT_NAME.fullmatch(target) or _IDENTITY.fullmatch(target):
        return None
    return "url_serial", {"given": target}


def _host(target: str) -> Finding | None:
    return None if _is_host(target) else ("url_host", {"given": target})


def _host_and_port(target: str) -> Finding | None:
    host, colon, port = target.rpartition(":")
    if not colon:
        return "url_no_port", {"given": target}
    if ":" in host and not host.startswith("["):  # where such an address ends and the port begins, nobody can tell
        return "url_host", {"given": target}
    return _host(host) or _port(port)


def _interface(name: str) -> Finding | None:
    try:
        interface_name(name)
    except OpenFailed:
        return "url_interface", {"given": name}
    return None


def _multicast(target: str) -> Finding | None:
    finding = _host_and_port(target)
    if finding is not None:
        return finding
    group = target.rpartition(":")[0].strip("[]").partition("@")[0]
    try:
        is_group = ipaddress.ip_address(group).is_multicast
    except ValueError:
        is_group = False
    return None if is_group else ("url_group", {"given": group})


def _port(port: str) -> Finding | None:
    if port.isascii() and port.isdigit() and 0 < int(port) <= 65_535:
        return None
    return "url_port", {"given": port}


def _is_host(host: str) -> bool:
    if host.startswith("[") and host.endswith("]"):
        return _is_address(host[1:-1])
    looks_numeric = bool(re.fullmatch(r"[0-9.]+", host))
    return _is_address(host) if looks_numeric or ":" in host else bool(_HOST.fullmatch(host))


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def _topic(target: str) -> Finding | None:
    address, _, topic = target.partition("/")
    return _host_and_port(address) or (None if topic else ("url_topic", {"given": target}))


_TARGETS: Mapping[str, Callable[[str], Finding | None]] = {
    "serial": _serial,
    "modbus-rtu": _serial,
    "mqtt": _topic,
    "mqtts": _topic,
    "ping": _host,
    "netlink": _interface,
    "udp-multicast": _multicast,
}


def camera_finding(url: str) -> Finding | None:
    """What is wrong with a camera's URL, ``None`` if nothing.  The video processes' own reading has the last word."""
    if url.partition(":")[0].lower() not in SCHEMES:
        return _CAMERA_FINDINGS["scheme"]
    if any(not sign.isprintable() or sign.isspace() for sign in url):
        return "url_form", {}
    try:
        parts = urlsplit(url)
        finding = _camera_place(parts, parts.port)
        wanted = target(url)
    except UrlError as error:
        return finding or _CAMERA_FINDINGS[error.wrong]
    except ValueError:
        return "url_camera_form", {}
    # A file that begins anew when it ends is for drills and tests: on a vehicle it would be an old picture for ever.
    return finding or (_CAMERA_FINDINGS["file"] if wanted.is_looped else None)


_KNOWN = ", ".join(f"{scheme}:" if scheme in {"file", "v4l2"} else f"{scheme}://" for scheme in SCHEMES)
_CAMERA_FINDINGS: Mapping[str, Finding] = {
    "scheme": ("url_camera", {"known": _KNOWN}),
    "form": ("url_camera_form", {}),
    "host": ("url_host", {"given": ""}),
    "port": ("url_no_port", {"given": ""}),
    "transport": ("url_camera_option", {}),
    "option": ("url_camera_query", {}),
    "file": ("url_camera_file", {}),
    "device": ("url_camera_device", {}),
}


def _camera_place(parts: SplitResult, port: int | None) -> Finding | None:
    if parts.scheme in {"file", "v4l2"}:
        return None
    if _is_torn_by_a_password(parts):
        return "url_camera_form", {}
    host = parts.hostname or ""
    if not _is_host(f"[{host}]" if ":" in host else host.removeprefix("@")):
        return "url_host", {"given": host}
    if port is None and parts.scheme in {"udp", "tcp", "srt"}:
        return "url_no_port", {"given": host}
    return ("url_port", {"given": "0"}) if port == 0 else None


def _is_torn_by_a_password(parts: SplitResult) -> bool:
    """A raw ``/ ? #`` in a password makes the user look like the host; at a raw ``@`` not every reader cuts alike."""
    behind = f"{parts.path}{parts.query}{parts.fragment}"
    return parts.netloc.count("@") > 1 or ("@" in behind and "@" not in parts.netloc and ":" in parts.netloc)


def told(finding: Finding) -> tuple[Text, Text]:
    """Reason and remedy of a finding."""
    word, args = finding
    if "given" in args:
        args = {**args, "given": str(args["given"]).rpartition("@")[2]}  # never a user or password in a fault
    return said("reason", word, **args), said("remedy", word, **args)
