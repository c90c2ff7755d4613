"""The whole console with phones: a broker that is restarted, a listener with a token, and no secret anywhere."""

from __future__ import annotations

import contextlib
import http.client
import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.commands.console_process import picture_of, run, start
from tests.devices.transports.broker import broker, free_port, publish

CANARY = "gruenerstorch5"
VEHICLE = """\
[incident]
name = "手机"
since = 2026-07-20T06:30:00+08:00

[[device]]
id = "phones"
name = "手机"
driver = "owntracks"
wire = "mqtt:127.0.0.1:{broker}/owntracks/#?user=zhihui&password={canary}"

[[device]]
id = "traccar"
name = "手机二"
driver = "osmand"
wire = "http-listen:127.0.0.1:{http}?token={canary}"

[[team]]
id = "t1"
name = "一组"
symbol = "一"
expected_min = 15
means = ["phones/wang/p40"]

[[team]]
id = "t2"
name = "二组"
symbol = "二"
expected_min = 15
means = ["traccar/860000"]
"""


def location(seconds_ago: int) -> str:
    said = {"_type": "location", "lat": 34.3956, "lon": 113.7394, "tst": int(time.time()) - seconds_ago}
    return json.dumps(said)


def eventually(is_so: Callable[[], bool], within_s: float = 20) -> None:
    deadline_s = time.monotonic() + within_s
    while not is_so():
        assert time.monotonic() < deadline_s, "it never came to be so"
        time.sleep(0.1)


def asked(port: int, target: str) -> int:
    """The status of a request; 0 where nobody listens."""
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    with contextlib.suppress(OSError), contextlib.closing(client):
        client.request("GET", target)
        return client.getresponse().status
    return 0


def subscribers(log: Path) -> int:
    return log.read_text().count(" 1 owntracks/#") if log.exists() else 0


@pytest.mark.peer
def test_a_restarted_broker_renews_nobody_and_no_secret_is_written_anywhere(tmp_path: Path) -> None:
    port, listener, log = free_port(), free_port(), tmp_path / "broker.log"
    file, folder = tmp_path / "vehicle.toml", tmp_path / "incident"
    file.write_text(VEHICLE.format(broker=port, http=listener, canary=CANARY), encoding="utf-8")
    logging = ("log_type subscribe", f"log_dest file {log}")
    with broker(tmp_path, *logging, port=port):
        publish(port, "owntracks/wang/p40", location(3600), "-r")
        console = start("--headless", "--for", "120s", "--config", file, "--journal", folder)
        eventually(lambda: asked(listener, f"/?id=860000&lat=34.4&lon=113.7&token={CANARY}") == 200)
        assert asked(listener, "/?id=860000&lat=1&lon=2") == 401
        assert asked(listener, f"/?id=860000&lat=1&lon=2&token=not-{CANARY}") == 401
        eventually(lambda: subscribers(log) == 1)
    with broker(tmp_path, *logging, port=port):
        publish(port, "owntracks/wang/p40", location(1800), "-r")
        eventually(lambda: subscribers(log) == 2)
        eventually(lambda: _stored(folder) >= 2)
        argv = Path(f"/proc/{console.pid}/cmdline").read_bytes()
        console.terminate()
        said, complained = console.communicate(timeout=20)
    picture = picture_of(said)
    first, second = picture["teams"]
    assert (first["last_heard_ns"], second["last_heard_by"]) == (None, "traccar")
    assert first["place"]["fix_ns"] < picture["at_ns"] - 1700 * 10**9
    replayed = run("replay", "--headless", folder)
    assert picture_of(replayed.stdout)["digest"] == picture["digest"]
    exported = run("export", folder, "--to", "jsonl", tmp_path / "out.jsonl")
    texts = [said, complained, replayed.stdout, replayed.stderr, exported.stderr, argv.decode(errors="replace")]
    assert not [text for text in texts if CANARY in text]
    assert CANARY not in (tmp_path / "out.jsonl").read_text(encoding="utf-8")
    for path in folder.rglob("*"):
        if path.is_file() and path.name != "reserve":
            assert CANARY.encode() not in path.read_bytes(), path


def _stored(folder: Path) -> int:
    journal = folder / "journal.sqlite3"
    beside = folder / "journal.sqlite3-wal"
    octets = b"".join(path.read_bytes() for path in (journal, beside) if path.exists())
    return octets.count(b'"retained":true')
