"""One HTTP POST to a camera: bounded, without redirects or proxies, with HTTP Digest where the camera wants it.

**Source:** RFC 9112 (by h11), RFC 7616 (HTTP Digest: MD5 and SHA-256, ``qop=auth`` or none).
**Assumed:** a camera's certificate is its own, so it is not checked: a person confirms the camera.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import secrets
import ssl
from typing import Literal
from urllib.parse import urlsplit
from urllib.request import parse_http_list, parse_keqv_list

import h11

from devices.transports.address import written

LARGEST_BYTES = 262_144
_HASHES = {"MD5": "md5", "SHA-256": "sha256"}


class HttpTrouble(Exception):  # noqa: N818 - what it is
    """No usable answer; ``detail`` holds no secret."""

    def __init__(self, reason: Literal["unreachable", "not-onvif", "too-large"], detail: str = "") -> None:
        super().__init__(reason)
        self.reason: Literal["unreachable", "not-onvif", "too-large"] = reason
        self.detail = detail


async def post(url: str, body: bytes, action: str, user: str, password: str) -> tuple[int, bytes]:
    """Status and octets of the answer.  Has no time limit of its own.  Raises ``HttpTrouble``."""
    status, octets, challenge = await _post(url, body, action, None)
    if status == 401 and user and challenge:
        told = digest_answer(challenge, ("POST", _target(url)), user, password, secrets.token_hex(8))
        if told is not None:
            status, octets, _ = await _post(url, body, action, told)
    return status, octets


async def _post(url: str, body: bytes, action: str, authorization: str | None) -> tuple[int, bytes, str | None]:
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        reader, writer = await asyncio.open_connection(host, port, ssl=_tls() if parts.scheme == "https" else None)
    except (OSError, UnicodeError) as error:
        raise HttpTrouble("unreachable", str(getattr(error, "strerror", None) or type(error).__name__)) from None
    try:
        wire = h11.Connection(h11.CLIENT, max_incomplete_event_size=32_768)
        headers = [
            ("Host", written(host, port)),
            ("Content-Type", f'application/soap+xml; charset=utf-8; action="{action}"'),
            ("Content-Length", str(len(body))),
            ("Connection", "close"),
        ]
        if authorization is not None:
            headers.append(("Authorization", authorization))
        for event in (
            h11.Request(method="POST", target=_target(url), headers=headers),
            h11.Data(body),
            h11.EndOfMessage(),
        ):
            writer.write(wire.send(event) or b"")
        await writer.drain()
        return await _receive(wire, reader)
    except (OSError, h11.ProtocolError) as error:
        raise HttpTrouble("not-onvif", type(error).__name__) from None
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def _receive(wire: h11.Connection, reader: asyncio.StreamReader) -> tuple[int, bytes, str | None]:
    status, challenge, octets = 0, None, bytearray()
    while True:
        event = wire.next_event()
        match event:
            case h11.NEED_DATA:
                wire.receive_data(await reader.read(16_384))
            case h11.Response():
                status = event.status_code
                told = [value.decode("latin-1") for name, value in event.headers if name == b"www-authenticate"]
                challenge = next((one for one in told if one.lower().startswith("digest ")), None)
            case h11.Data():
                octets += event.data
                if len(octets) > LARGEST_BYTES:
                    raise HttpTrouble("too-large")
            case h11.EndOfMessage() | h11.ConnectionClosed() | h11.PAUSED:
                return status, bytes(octets), challenge


def _target(url: str) -> str:
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _tls() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def digest_answer(challenge: str, asked_for: tuple[str, str], user: str, password: str, own: str) -> str | None:
    """The Authorization header for this challenge, ``None`` where it asks what we do not speak.

    ``asked_for`` is method and target, ``own`` our own nonce.
    """
    method, target = asked_for
    asked = parse_keqv_list([one for one in parse_http_list(challenge.partition(" ")[2]) if "=" in one])
    name = _HASHES.get(asked.get("algorithm", "MD5").upper())
    qops = {one.strip() for one in asked.get("qop", "").split(",") if one.strip()}
    realm, nonce = asked.get("realm", ""), asked.get("nonce", "")
    if name is None or (qops and "auth" not in qops) or '"' in user or not _is_plain(user + challenge):
        return None

    def hashed(*words: str) -> str:
        return hashlib.new(name, ":".join(words).encode(), usedforsecurity=False).hexdigest()

    first, second = hashed(user, realm, password), hashed(method, target)
    counted = ("00000001", own, "auth") if qops else ()
    told = f'Digest username="{user}", realm="{realm}", nonce="{nonce}", uri="{target}"'
    told += f', response="{hashed(first, nonce, *counted, second)}"'
    if "algorithm" in asked:
        told += f", algorithm={asked['algorithm']}"
    if "opaque" in asked:
        told += f', opaque="{asked["opaque"]}"'
    return f'{told}, qop=auth, nc=00000001, cnonce="{own}"' if qops else told


def _is_plain(text: str) -> bool:
    return len(text) < 4096 and text.isascii() and text.isprintable() and "\\" not in text
