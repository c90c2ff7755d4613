"""Somebody else's TAK server, started for a test."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tests.peers import need


def program() -> str:
    """Where setup.sh put it, else anywhere on PATH."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    own = cache / "command-post" / "peers" / "taky" / "bin" / "taky"
    return str(own) if own.exists() else need("taky")


def free_port() -> int:
    with closing(socket.socket()) as asked:
        asked.bind(("127.0.0.1", 0))
        port: int = asked.getsockname()[1]
        return port


def certificate(folder: Path) -> None:
    """A server certificate for 127.0.0.1 that is its own authority."""
    made = [need("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    made += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "server.key", "-out", "server.pem"]
    subprocess.run(made, cwd=folder, check=True, capture_output=True)


@contextmanager
def taky(folder: Path, scheme: str = "tcp") -> Iterator[str]:
    """Run it in ``folder``; gives the wire to it, which will soon be open."""
    port = free_port()
    wire = f"{scheme}:127.0.0.1:{port}"
    secure = "enabled=false\n"
    if scheme == "tls":
        certificate(folder)
        wire += f"?ca={folder}/server.pem"
        secure = f"enabled=true\nclient_cert_required=false\nca={folder}/server.pem\n"
        secure += f"cert={folder}/server.pem\nkey={folder}/server.key\ncert_db={folder}/cert-db.txt\n"
    file = folder / "taky.conf"
    file.write_text(
        f"[taky]\nhostname=taky.test\nbind_ip=127.0.0.1\nroot_dir={folder}\n"
        f"[cot_server]\nport={port}\n[dp_server]\nupload_path={folder}\n[ssl]\n{secure}",
        encoding="utf-8",
    )
    with (folder / "taky.log").open("wb") as log:
        server = subprocess.Popen(
            [program(), "-c", str(file), "-l", "debug"],
            stdout=log,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            cwd=folder,
            env={key: value for key, value in os.environ.items() if not key.startswith("PYTHON")},
        )
    try:
        yield wire
    finally:
        server.terminate()
        try:
            server.wait(5.0)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait(5.0)
