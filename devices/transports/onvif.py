"""One ONVIF camera, asked by a person: what it is and where its streams are.

Asks the date first (its password digest counts by its own clock), then services, identity, profiles and stream
addresses.  Everything has one time limit, every answer a size limit; XML knows no document types.  A refused password
is tried no further: cameras lock accounts (**measured**: the client library onveef 0.6.0 sends a wrong one eight times
for two questions).  The password itself never leaves: only digests of it do.

**Source:** ONVIF Core Specification (device service ``GetSystemDateAndTime``, ``GetServices``, ``GetCapabilities``,
``GetDeviceInformation``; "User-based access control": WS-UsernameToken and HTTP Digest), ONVIF Media and Media2
Service Specifications (``GetProfiles``, ``GetStreamUri``), OASIS WS-Security UsernameToken Profile 1.0 (digest =
Base64(SHA-1(nonce + created + password))).
**Assumed:** a camera that names another host than the one that answered is behind a port forward or keeps an old
address: the host that answered is kept.
"""

from __future__ import annotations

import asyncio
import base64
import datetime as dt
import hashlib
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit, urlunsplit
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import escape

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from devices.transports.address import cleaned
from devices.transports.soap_http import HttpTrouble, post
from devices.transports.wsdiscovery import LONGEST_URL, local

PROFILES = 16
_DEVICE, _MEDIA, _MEDIA2 = (
    "http://www.onvif.org/ver10/device/wsdl",
    "http://www.onvif.org/ver10/media/wsdl",
    "http://www.onvif.org/ver20/media/wsdl",
)
_ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:tt="http://www.onvif.org/ver10/schema">'
    "<s:Header>{security}</s:Header><s:Body>{body}</s:Body></s:Envelope>"
)
_WSS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss"
_SECURITY = (
    '<w:Security s:mustUnderstand="1" xmlns:w="' + _WSS + '-wssecurity-secext-1.0.xsd"'
    ' xmlns:u="' + _WSS + '-wssecurity-utility-1.0.xsd"><w:UsernameToken><w:Username>{user}</w:Username>'
    '<w:Password Type="' + _WSS + '-username-token-profile-1.0#PasswordDigest">{digest}</w:Password>'
    '<w:Nonce EncodingType="' + _WSS + '-soap-message-security-1.0#Base64Binary">{nonce}</w:Nonce>'
    "<u:Created>{created}</u:Created></w:UsernameToken></w:Security>"
)

Reason = Literal["unreachable", "timeout", "unauthorised", "not-onvif", "too-large", "no-streams"]


class OnvifTrouble(Exception):  # noqa: N818 - what it is
    """The camera could not be asked; ``detail`` holds no secret."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(reason)
        self.reason: Reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True, kw_only=True)
class OnvifStream:
    """One profile and where its pictures come from; ``url`` holds no user.  Unknown is ``None``."""

    name: str
    url: str
    codec: str | None
    width_px: int | None
    height_px: int | None
    rate_fps: float | None
    rate_bps: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OnvifCamera:
    """What a camera says it is; ``streams`` from the largest picture to the smallest, never empty."""

    maker: str
    model: str
    firmware: str
    serial: str
    streams: tuple[OnvifStream, ...]


async def ask_camera(
    service: str, user: str, password: str, *, utc_ns: Callable[[], int], timeout_s: float = 12.0
) -> OnvifCamera:
    """Ask the camera whose device service stands at ``service``; an empty ``user`` asks without an account.

    ``utc_ns`` is our own clock, for a camera that does not tell its time.  Raises ``OnvifTrouble``.
    """
    try:
        async with asyncio.timeout(timeout_s):
            return await _Asking(service, user, password, utc_ns).ask()
    except TimeoutError:
        raise OnvifTrouble("timeout") from None
    except HttpTrouble as trouble:
        raise OnvifTrouble(trouble.reason, trouble.detail) from None
    except _Fault:
        raise OnvifTrouble("not-onvif") from None


class _Fault(Exception):  # noqa: N818 - a SOAP fault
    """The camera cannot do this; another way may be open."""


class _Asking:
    def __init__(self, service: str, user: str, password: str, utc_ns: Callable[[], int]) -> None:
        self._service, self._user, self._password = service, user, password
        self._utc_ns = utc_ns
        self._ahead_ns = 0
        self._media: dict[str, str] = {}

    async def ask(self) -> OnvifCamera:
        await self._set_clock()
        await self._find_media()
        about = await self._about()
        streams = await self._streams()
        if not streams:
            raise OnvifTrouble("no-streams")
        return OnvifCamera(streams=streams, **about)

    # ---- the steps

    async def _set_clock(self) -> None:
        """The camera's own time, for the digest; one that wants an account even for this is taken to be right."""
        try:
            root = await self._call(self._service, _DEVICE, "GetSystemDateAndTime", is_open=True)
        except (_Fault, OnvifTrouble):
            return
        utc = _first(root, "UTCDateTime")
        words = ("Year", "Month", "Day", "Hour", "Minute", "Second")
        values = [_number(utc, word) for word in words] if utc is not None else [None]
        if None in values:
            return
        try:
            told = dt.datetime(*(int(value or 0) for value in values), tzinfo=dt.UTC)  # type: ignore[misc, arg-type]
        except ValueError:
            return
        self._ahead_ns = int(told.timestamp()) * 1_000_000_000 - self._utc_ns()

    async def _find_media(self) -> None:
        try:
            root = await self._call_either(self._service, _DEVICE, "GetServices", _tag("IncludeCapability", "false"))
            for one in (each for each in root.iter() if local(each) == "Service"):
                self._learn(_said(one, "Namespace"), _said(one, "XAddr"))
        except _Fault:
            self._media = {}
        if not self._media:
            root = await self._call_either(self._service, _DEVICE, "GetCapabilities", _tag("Category", "All"))
            media = _first(root, "Media")
            self._learn(_MEDIA, _said(media, "XAddr") if media is not None else "")
        if not self._media:
            raise OnvifTrouble("not-onvif")

    def _learn(self, namespace: str, address: str) -> None:
        if namespace in {_MEDIA, _MEDIA2} and address:
            self._media[namespace] = self._here(address)

    async def _about(self) -> dict[str, str]:
        try:
            root = await self._call(self._service, _DEVICE, "GetDeviceInformation")
        except _Fault:
            root = Element("none")
        keys = {"maker": "Manufacturer", "model": "Model", "firmware": "FirmwareVersion", "serial": "SerialNumber"}
        return {key: cleaned(_said(root, word)) for key, word in keys.items()}

    async def _streams(self) -> tuple[OnvifStream, ...]:
        """Those of the newer service where there is one: the older cannot name H.265."""
        for space in (_MEDIA2, _MEDIA):
            if space in self._media:
                try:
                    found = await self._streams_of(space, self._media[space])
                except _Fault:
                    continue
                if found:
                    return tuple(sorted(found, key=lambda one: -(one.width_px or 0) * (one.height_px or 0)))
        return ()

    async def _streams_of(self, space: str, address: str) -> list[OnvifStream]:
        body = _tag("Type", "VideoEncoder") if space == _MEDIA2 else ""
        root = await self._call(address, space, "GetProfiles", body)
        found = []
        for profile in [one for one in root.iter() if local(one) == "Profiles"][:PROFILES]:
            token = profile.attrib.get("token", "")[:128]
            if token and token.isprintable():
                try:
                    url = await self._stream_url(space, address, token)
                except _Fault:
                    continue
                if url is not None:
                    found.append(_stream(profile, url))
        return found

    async def _stream_url(self, space: str, address: str, token: str) -> str | None:
        setup = _tag("Protocol", "RTSP")
        if space == _MEDIA:
            setup = (
                "<q:StreamSetup><tt:Stream>RTP-Unicast</tt:Stream>"
                "<tt:Transport><tt:Protocol>RTSP</tt:Protocol></tt:Transport></q:StreamSetup>"
            )
        root = await self._call(address, space, "GetStreamUri", setup + _tag("ProfileToken", escape(token)))
        url = _said(root, "Uri")
        return self._here(url) if _is_stream(url) else None

    # ---- one question

    async def _call_either(self, address: str, space: str, operation: str, body: str) -> Element:
        """Without an account first: what is open to all costs no try of the password."""
        try:
            return await self._call(address, space, operation, body, is_open=True)
        except OnvifTrouble as trouble:
            if trouble.reason != "unauthorised" or not self._user:
                raise
        return await self._call(address, space, operation, body)

    async def _call(
        self, address: str, space: str, operation: str, body: str = "", *, is_open: bool = False
    ) -> Element:
        account = ("", "") if is_open else (self._user, self._password)
        security = self._security() if account[0] else ""
        asked = _ENVELOPE.format(security=security, body=f'<q:{operation} xmlns:q="{space}">{body}</q:{operation}>')
        status, octets = await post(address, asked.encode(), f"{space}/{operation}", *account)
        try:
            root = fromstring(octets, forbid_dtd=True)
        except (ParseError, DefusedXmlException, ValueError, LookupError):
            root = None
        if status in {401, 403} or (root is not None and _is_refusal(root)):
            raise OnvifTrouble("unauthorised")
        if root is None:
            raise OnvifTrouble("not-onvif", str(status))
        if status != 200 or _first(root, "Fault") is not None:
            raise _Fault
        return root

    def _security(self) -> str:
        """A fresh token: a nonce is good once, and only around its own time by the camera's clock."""
        nonce = secrets.token_bytes(16)
        at_s = (self._utc_ns() + self._ahead_ns) // 1_000_000_000
        created = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at_s))
        octets = nonce + created.encode() + self._password.encode()
        digest = hashlib.sha1(octets, usedforsecurity=False).digest()
        words = {"digest": base64.b64encode(digest).decode(), "nonce": base64.b64encode(nonce).decode()}
        return _SECURITY.format(user=escape(self._user), created=created, **words)

    def _here(self, url: str) -> str:
        """The address with the host that answered; a web address also with its port, where the host differed."""
        try:
            parts, own = urlsplit(url), urlsplit(self._service)
            host, port = parts.hostname, parts.port
        except ValueError:
            return self._service
        if host == own.hostname:
            return _without_user(url)
        named = f"[{own.hostname}]" if ":" in (own.hostname or "") else own.hostname
        if parts.scheme in {"http", "https"}:
            return urlunsplit((own.scheme, own.netloc, parts.path, parts.query, ""))
        place = f"{named}:{port}" if port else f"{named}"
        return urlunsplit((parts.scheme, place, parts.path, parts.query, ""))


# ---- reading answers


def _tag(name: str, text: str) -> str:
    return f"<q:{name}>{text}</q:{name}>"


def _first(root: Element, name: str) -> Element | None:
    return next((one for one in root.iter() if local(one) == name), None)


def _said(root: Element, name: str) -> str:
    found = _first(root, name)
    return (found.text or "").strip() if found is not None else ""


def _number(root: Element | None, name: str) -> float | None:
    text = _said(root, name)[:20] if root is not None else ""
    return float(text) if text.replace(".", "", 1).isdigit() and text.isascii() else None


def _is_refusal(root: Element) -> bool:
    fault = _first(root, "Fault")
    if fault is None:
        return False
    words = " ".join((one.text or "") for one in fault.iter()).lower()
    return any(one in words for one in ("notauthorized", "not authorized", "failedauthentication", "failedcheck"))


def _is_stream(url: str) -> bool:
    if not 0 < len(url) <= LONGEST_URL or any(not sign.isprintable() or sign.isspace() for sign in url):
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme in {"rtsp", "rtsps"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _without_user(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, parts.query, ""))


def _stream(profile: Element, url: str) -> OnvifStream:
    encoder = next((one for one in profile.iter() if local(one) in {"VideoEncoderConfiguration", "VideoEncoder"}), None)
    sized = {key: _number(encoder, word) for key, word in (("width_px", "Width"), ("height_px", "Height"))}
    kbps = _number(encoder, "BitrateLimit")
    codec = cleaned(_said(encoder, "Encoding"), 16) if encoder is not None else ""
    return OnvifStream(
        name=cleaned(_said(profile, "Name"), 60),
        url=url,
        codec=codec or None,
        rate_fps=_number(encoder, "FrameRateLimit"),
        rate_bps=kbps * 1000 if kbps is not None else None,
        width_px=int(sized["width_px"]) if sized["width_px"] else None,
        height_px=int(sized["height_px"]) if sized["height_px"] else None,
    )
