"""An ONVIF camera is asked: a stranger's program for one, and servers that answer what they should not."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import re
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from devices.transports.onvif import OnvifCamera, OnvifTrouble, ask_camera
from devices.transports.soap_http import LARGEST_BYTES, digest_answer
from tests.onvif_scene import ADDRESS, play

USER, SECRET = "viewer", "Canary-77"
SOAP = '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>{}</s:Body></s:Envelope>'
Respond = Callable[[str, str, str], tuple[int, str, str]]
"""From operation, headers and body to status, further header and body."""


@pytest.mark.peer
def test_a_strangers_camera_is_found_and_says_its_streams_and_a_wrong_password_is_tried_once(tmp_path: Path) -> None:
    scene = play("find", tmp_path)
    (found,) = scene["found"]
    assert (found["service"], found["host"]) == (f"http://{ADDRESS}:8080/onvif/device_service", ADDRESS)
    assert found["name"] == "大桥 球机"
    asked = scene["asked"]
    assert (asked["maker"], asked["firmware"]) == ("PythonCam", "1.3.0")
    assert [one["url"] for one in asked["streams"]] == [
        f"rtsp://{ADDRESS}:8554/video_main",
        f"rtsp://{ADDRESS}:8554/video_sub",
    ]
    assert [(one["width_px"], one["height_px"], one["codec"]) for one in asked["streams"]] == [
        (640, 360, "H264"),
        (320, 180, "H264"),
    ]
    assert scene["refused"] == "unauthorised"


@contextlib.asynccontextmanager
async def server(respond: Respond) -> AsyncIterator[tuple[str, list[tuple[str, str, str]]]]:
    """A camera's web server; gives its device service and what was asked."""
    asked: list[tuple[str, str, str]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            headers = (await reader.readuntil(b"\r\n\r\n")).decode()
            length = re.search(r"(?i)content-length: (\d+)", headers)
            body = (await reader.readexactly(int(length[1]) if length else 0)).decode()
            operation = re.search(r"<q:(\w+) xmlns", body)
            asked.append((operation[1] if operation else "", headers, body))
            status, further, text = respond(*asked[-1])
            octets = text.encode()
            writer.write(f"HTTP/1.1 {status} X\r\n{further}Content-Length: {len(octets)}\r\n\r\n".encode() + octets)
            await writer.drain()
        writer.close()

    made = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with made:
        yield f"http://127.0.0.1:{made.sockets[0].getsockname()[1]}/onvif/device_service", asked


def camera(operation: str, headers: str, body: str) -> tuple[int, str, str]:
    """One that stands behind a port forward: every address that it names is its own, and it has both media services."""
    del headers, body
    media = "<Service><Namespace>http://www.onvif.org/ver{}0/media/wsdl</Namespace><XAddr>http://10.9.9.9/m{}</XAddr></Service>"
    profile = (
        '<Profiles token="{0}"><Name>{0}</Name><Configurations><VideoEncoder><Encoding>H265</Encoding>'
        "<Resolution><Width>{1}</Width><Height>{2}</Height></Resolution></VideoEncoder></Configurations></Profiles>"
    )
    said = {
        "GetSystemDateAndTime": "<UTCDateTime><Time><Hour>3</Hour><Minute>4</Minute><Second>5</Second></Time>"
        "<Date><Year>2020</Year><Month>1</Month><Day>2</Day></Date></UTCDateTime>",
        "GetServices": media.format(1, 1) + media.format(2, 2),
        "GetDeviceInformation": "<Manufacturer>HIK\x07</Manufacturer>".replace("\x07", ""),
        "GetProfiles": profile.format("sub", 640, 360) + profile.format("main", 1920, 1080),
        "GetStreamUri": "<Uri>rtsp://admin:leak@10.9.9.9:8554/s?a=1</Uri>",
    }
    return 200, "", SOAP.format(said.get(operation, ""))


def ask(
    respond: Respond, user: str = USER, **more: float
) -> tuple[OnvifCamera | OnvifTrouble, list[tuple[str, str, str]]]:
    async def run() -> tuple[OnvifCamera | OnvifTrouble, list[tuple[str, str, str]]]:
        async with server(respond) as (service, asked):
            try:
                return await ask_camera(service, user, SECRET, utc_ns=time.time_ns, **more), asked
            except OnvifTrouble as trouble:
                return trouble, asked

    return asyncio.run(run())


def test_the_host_that_answered_is_kept_and_a_user_in_an_address_is_dropped() -> None:
    found, asked = ask(camera)
    assert isinstance(found, OnvifCamera)
    assert [one.url for one in found.streams] == ["rtsp://127.0.0.1:8554/s?a=1"] * 2
    assert [(one.name, one.codec, one.width_px) for one in found.streams] == [
        ("main", "H265", 1920),
        ("sub", "H265", 640),
    ]
    assert [headers.split()[1] for operation, headers, _ in asked if operation == "GetProfiles"] == ["/m2"]


def test_the_password_travels_as_a_digest_by_the_cameras_own_clock() -> None:
    _, asked = ask(camera)
    body = next(body for operation, _, body in asked if operation == "GetDeviceInformation")
    nonce, created, digest = (
        re.search(rf"<[wu]:{name}[^>]*>([^<]*)<", body)[1]  # type: ignore[index]
        for name in ("Nonce", "Created", "Password")
    )
    assert created.startswith("2020-01-02T03:04:0")
    wanted = hashlib.sha1(base64.b64decode(nonce) + created.encode() + SECRET.encode(), usedforsecurity=False).digest()
    assert digest == base64.b64encode(wanted).decode()
    assert not [one for one in asked if SECRET in "".join(one)]


def test_a_user_with_signs_of_xml_stays_one_word() -> None:
    _, asked = ask(camera, "a<b&c")
    assert any("<w:Username>a&lt;b&amp;c</w:Username>" in body for _, _, body in asked)


@pytest.mark.parametrize(
    "refusal",
    [
        (401, "", ""),
        (
            400,
            "",
            SOAP.format(
                "<s:Fault><s:Code><s:Subcode><s:Value>ter:NotAuthorized</s:Value></s:Subcode></s:Code></s:Fault>"
            ),
        ),
    ],
)
def test_a_refused_password_is_tried_once(refusal: tuple[int, str, str]) -> None:
    def respond(operation: str, headers: str, body: str) -> tuple[int, str, str]:
        return camera(operation, headers, body) if "Password" not in body and "Info" not in operation else refusal

    found, asked = ask(respond)
    assert isinstance(found, OnvifTrouble)
    assert found.reason == "unauthorised"
    assert sum("Password" in body for _, _, body in asked) == 1


def test_a_camera_that_wants_http_digest_gets_it() -> None:
    challenge = 'WWW-Authenticate: Digest realm="cam", nonce="n1", qop="auth", algorithm=MD5\r\n'

    def hashed(words: str) -> str:
        return hashlib.md5(words.encode(), usedforsecurity=False).hexdigest()

    def respond(operation: str, headers: str, body: str) -> tuple[int, str, str]:
        told = dict(re.findall(r'(\w+)="?([^",\r]*)"?', headers.partition("Digest ")[2].split("\r\n")[0]))
        is_open = operation in {"GetSystemDateAndTime", "GetServices"}
        first, second = hashed(f"{USER}:cam:{SECRET}"), hashed(f"POST:{told.get('uri')}")
        right = ":".join((first, "n1", told.get("nc", ""), told.get("cnonce", ""), "auth", second))
        is_good = is_open or told.get("response") == hashed(right)
        return camera(operation, headers, body) if is_good else (401, challenge, "")

    found, _ = ask(respond)
    assert isinstance(found, OnvifCamera)


def test_http_basic_is_never_answered() -> None:
    _, asked = ask(lambda *_: (401, 'WWW-Authenticate: Basic realm="cam"\r\n', ""))
    assert not [headers for _, headers, _ in asked if "Authorization" in headers]


def test_the_digest_is_that_of_the_rfc() -> None:
    """**Source:** RFC 2617, clause 3.5: Mufasa, Circle Of Life; RFC 7616, clause 3.9.1: the same with SHA-256."""
    challenge = (
        'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", '
        'opaque="5ccc069c403ebaf9f0171e9517f40e41"'
    )
    told = digest_answer(challenge, ("GET", "/dir/index.html"), "Mufasa", "Circle Of Life", "0a4f113b")
    assert 'response="6629fae49393a05397450978507c4ef1"' in str(told)
    newer = (
        'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=SHA-256, '
        'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
    )
    own = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
    told = digest_answer(newer, ("GET", "/dir/index.html"), "Mufasa", "Circle of Life", own)
    assert 'response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"' in str(told)


@pytest.mark.parametrize(
    ("respond", "reason"),
    [
        (lambda *_: (200, "", "<html>router</html>"), "not-onvif"),
        (lambda *_: (200, "", "no xml"), "not-onvif"),
        (lambda *_: (302, "Location: http://192.0.2.66/\r\n", ""), "not-onvif"),
        (lambda *_: (200, "", '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'), "not-onvif"),
        (lambda *_: (200, "", "x" * (LARGEST_BYTES + 1)), "too-large"),
        (lambda *_: (200, "", SOAP.format("<s:Fault/>")), "not-onvif"),
        (lambda o, h, b: (200, "", SOAP.format("")) if o == "GetProfiles" else camera(o, h, b), "no-streams"),
        (
            lambda o, h, b: (200, "", SOAP.format("<Uri>http://x/</Uri>")) if o == "GetStreamUri" else camera(o, h, b),
            "no-streams",
        ),
    ],
)
def test_what_is_no_camera_is_said(respond: Respond, reason: str) -> None:
    found, _ = ask(respond)
    assert isinstance(found, OnvifTrouble)
    assert found.reason == reason


def test_a_camera_that_never_ends_its_answer_is_given_up() -> None:
    async def run() -> None:
        gone = asyncio.Event()

        async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            del reader
            writer.write(b"HTTP/1.1 200 OK\r\n")
            try:
                while not writer.is_closing():
                    writer.write(b"X: 1\r\n")
                    await writer.drain()
                    await asyncio.sleep(0.02)
            except OSError:
                pass
            finally:
                writer.close()
                gone.set()

        made = await asyncio.start_server(drip, "127.0.0.1", 0)
        async with made:
            service = f"http://127.0.0.1:{made.sockets[0].getsockname()[1]}/"
            with pytest.raises(OnvifTrouble) as caught:
                await ask_camera(service, USER, SECRET, utc_ns=time.time_ns, timeout_s=0.3)
            assert caught.value.reason == "timeout"
            await asyncio.wait_for(gone.wait(), 5)

    asyncio.run(run())


def test_nobody_there_is_said() -> None:
    async def run() -> None:
        with pytest.raises(OnvifTrouble) as caught:
            await ask_camera("http://127.0.0.1:1/onvif", USER, SECRET, utc_ns=time.time_ns)
        assert caught.value.reason == "unreachable"

    asyncio.run(run())
