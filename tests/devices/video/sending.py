"""Other people's senders, one for each way in which pictures come."""

from __future__ import annotations

import contextlib
import functools
import http.server
import os
import socketserver
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from devices.video.messages import REASONS
from devices.video.piece import Piece, SourceError
from devices.video.source import Source, open_source
from tests.devices.video.rig import CLIPS
from tests.peers import need

COPY = ("-c", "copy")
LIMIT_S = 25.0


@contextlib.contextmanager
def ffmpeg(*out: str, clip: Path = CLIPS / "street.ts", port: int | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """ffmpeg sends a clip over and over at its own pace; with ``port`` wait until it listens there."""
    words = [need("ffmpeg"), "-v", "error", "-re", "-stream_loop", "-1", "-i", str(clip), *out]
    process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        if port is not None:
            await_port(process, port)
        yield process
    finally:
        process.kill()
        process.wait()


def await_port(process: subprocess.Popen[bytes], port: int) -> None:
    """Wait until the process listens, without connecting: such a sender takes one connection only."""
    limit_s = time.monotonic() + LIMIT_S
    while not any(one.laddr and one.laddr.port == port for one in psutil.Process(process.pid).net_connections()):
        assert process.poll() is None, "the sender has ended"
        assert time.monotonic() < limit_s, "the sender does not listen"
        time.sleep(0.02)


@contextlib.contextmanager
def web(
    folder: Path, password: str | None = None, codes: dict[str, int] | None = None, tls: ssl.SSLContext | None = None
) -> Iterator[str]:
    """A web server of files; with a password for user ``op``; paths in ``codes`` are answered with that code."""

    class Files(http.server.SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            code = (codes or {}).get(self.path)
            if code is not None:
                self.send_error(code)
            elif password is not None and self.headers.get("Authorization") != f"Basic {password}":
                self.send_response(401)
                self.send_header("WWW-Authenticate", 'Basic realm="camera"')
                self.end_headers()
            else:
                super().do_GET()

        def guess_type(self, path: str | os.PathLike[str]) -> str:
            """What has no ending is a playlist here."""
            return super().guess_type(path) if Path(path).suffix else "application/vnd.apple.mpegurl"

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Files, directory=str(folder)))
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"{'http' if tls is None else 'https'}://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextlib.contextmanager
def group_camera(described: Path, port: int) -> Iterator[str]:
    """The RTSP conversation of a camera whose pictures go to a multicast group; who sends them is somebody else.

    GStreamer's server keeps the group's port for itself, so that no receiver on its own machine can have it.
    """
    group = f"RTP/AVP;multicast;destination=239.77.3.1;port={port}-{port + 1};ttl=0"

    class Conversation(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            heads = {"DESCRIBE": "Content-Type: application/sdp\r\n", "SETUP": f"Transport: {group}\r\n"}
            while (first := self.rfile.readline()).strip():
                fields = {}
                while line := self.rfile.readline().decode().strip():
                    name, _, value = line.partition(":")
                    fields[name.lower()] = value.strip()
                method = first.split()[0].decode()
                body = described.read_bytes() if method == "DESCRIBE" else b""
                head = f"RTSP/1.0 200 OK\r\nCSeq: {fields.get('cseq', '0')}\r\nSession: 7\r\n{heads.get(method, '')}"
                self.wfile.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Conversation) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"rtsp://127.0.0.1:{server.server_address[1]}/group"
        server.shutdown()


@contextlib.contextmanager
def opened(url: str) -> Iterator[Source]:
    """A source, tried until its sender is there."""
    limit_s = time.monotonic() + LIMIT_S
    while True:
        try:
            source = open_source(url)
            break
        except SourceError as error:
            if time.monotonic() > limit_s or error.reason not in REASONS:
                raise AssertionError(error.reason, error.detail) from None
            time.sleep(0.1)
    try:
        yield source
    finally:
        source.close()


def take(source: Source, count: int, ending: threading.Event | None = None) -> list[Piece]:
    """The next pieces; fails when they do not come in time."""
    limit_s = time.monotonic() + LIMIT_S
    taken: list[Piece] = []
    ending = ending or threading.Event()
    for piece in source.pieces(ending):
        taken.append(piece)
        if len(taken) == count:
            ending.set()
            return taken
        assert time.monotonic() < limit_s, f"only {len(taken)} pieces"
    raise AssertionError("it ended without a word")


def failure(url: str) -> SourceError:
    """How opening, or reading, this URL fails."""
    try:
        source = open_source(url)
    except SourceError as error:
        return error
    try:
        for _piece in source.pieces(threading.Event()):
            pass
    except SourceError as error:
        return error
    finally:
        source.close()
    raise AssertionError("it ended without a word")


def own_certificate(folder: Path) -> ssl.SSLContext:
    """A certificate that nobody vouches for, as cameras have."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "camera")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    path = folder / "own.pem"
    path.write_bytes(
        made.public_bytes(Encoding.PEM) + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context
