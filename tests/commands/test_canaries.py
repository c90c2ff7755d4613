"""A secret of its own in every field that can hold one, searched for in everything that the console leaves or says."""

from __future__ import annotations

import base64
import contextlib
import http.client
import re
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psutil
import pytest

from devices.catalogue import entries
from devices.transports.address import OPTIONS, SECRET_OPTIONS
from tests.commands.console_process import picture_of, run, start
from tests.devices.transports.broker import free_port

OPEN = {
    "auth", "baud", "bytesize", "ca", "cert", "context", "dev", "index", "interface", "interval_s", "keepalive_s",
    "key", "name", "parity", "per_minute", "privacy", "profile", "rtscts", "stopbits", "timeout_s", "to", "unit",
    "ups", "user", "version", "xonxoff",
}  # fmt: skip
"""Options that are no secret; ``key`` is the path of one."""
OPEN_SETTINGS = {
    "allowed", "callsign", "country_code", "device", "endpoint", "gateway", "init", "interface", "prefix", "radios",
    "uid", "way",
}  # fmt: skip
"""Settings in words that are no secret; ``init`` is told in ``test_a_pin_in_the_beginning_commands...``."""


def canary(place: str) -> str:
    """What no text holds by chance, with signs that a wire has to escape."""
    return f"Kanarie/{place}&9@7 ü:{place}"


RAW = "Kanarie/raw ä=7@8"
"""As far as it need not be escaped."""
WIRES = {
    "owntracks": "mqtt:127.0.0.1:{closed}/owntracks/#?user=zhihui&password={mqtt}",
    "owntracks-tls": "mqtts:127.0.0.1:{closed}/owntracks/#?user=zhihui&password={mqtts}",
    "osmand": "http-listen:127.0.0.1:{http}?token={token}",
    "snmp": "snmp:127.0.0.1:{closed}?interval_s=1&timeout_s=0.5&community={community}",
    "owntracks-raw": "mqtt:127.0.0.1:{closed}/owntracks/#?user=zhihui&password=" + RAW + "&keepalive_s=30",
    "snmp-3": "snmp:127.0.0.1:{closed}?interval_s=1&timeout_s=0.5&user=zhihui&auth=sha256"
    "&auth_password={auth_password}&privacy=aes&privacy_password={privacy_password}",
}
PLACES = ("mqtt", "mqtts", "token", "community", "auth_password", "privacy_password")
CAMERAS = ("rtsp", "rtsp-query", "rtsp-sub")


def forms(secret: str) -> list[bytes]:
    """How a secret may stand somewhere: as it is, escaped, in Basic authentication, as an octet string in hex."""
    octets = secret.encode()
    plain = [secret, quote(secret, safe=""), quote(secret), octets.hex(), repr(secret)[1:-1]]
    return [octets, *(one.encode() for one in plain), base64.b64encode(b"zhihui:" + octets), base64.b64encode(octets)]


def vehicle(folder: Path, port: int) -> Path:
    escaped = {place: quote(canary(place), safe="") for place in PLACES}
    text = '[incident]\nname = "密"\nsince = 2026-07-20T06:30:00+08:00\n'
    for name, wire in WIRES.items():
        told = wire.format(closed=free_port(), http=port, **escaped)
        driver = name.partition("-")[0]
        text += f'\n[[device]]\nid = "{name}"\nname = "{name}"\ndriver = "{driver}"\nwire = "{told}"\n'
    rtsp, query, small = (quote(canary(place), safe="") for place in CAMERAS)
    for name, url in {
        "c1": f"rtsp://viewer:{rtsp}@127.0.0.1:{free_port()}/live",
        "c2": f"rtsp://127.0.0.1:{free_port()}/live?user=viewer&password={query}",
    }.items():
        text += f'\n[[camera]]\nid = "{name}"\nname = "{name}"\nurl = "{url}"\n'
    # Nobody enlarges it, so of this one the small stream is opened.
    text += f'\n[[camera]]\nid = "c3"\nurl = "rtsp://127.0.0.1:{free_port()}/live"\n'
    text += f'sub_url = "rtsp://viewer:{small}@127.0.0.1:{free_port()}/live"\n'
    file = folder / "vehicle.toml"
    file.write_text(text, encoding="utf-8")
    return file


def status(port: int, token: str) -> int:
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    with contextlib.suppress(OSError), contextlib.closing(client):
        client.request("GET", f"/?id=860000&lat=34.4&lon=113.7&token={quote(token, safe='')}")
        return client.getresponse().status
    return 0


def command_lines(pid: int) -> Iterator[bytes]:
    """Of the console and all its children: what ``ps`` shows to anybody."""
    for process in [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]:
        with contextlib.suppress(psutil.NoSuchProcess):
            yield "\0".join(process.cmdline()).encode(errors="surrogateescape")


def test_every_option_of_a_wire_and_every_setting_in_words_is_known_to_hold_a_secret_or_none() -> None:
    assert {option for options in OPTIONS.values() for option in options} == SECRET_OPTIONS | OPEN
    words = {key for one in entries().values() for key, setting in one.settings.items() if setting.type == "text"}
    assert words == OPEN_SETTINGS
    secrets = {(scheme, option) for scheme, options in OPTIONS.items() for option in options & SECRET_OPTIONS}
    tried = {(wire.partition(":")[0], option) for wire in WIRES.values() for option in re.findall(r"[?&](\w+)=", wire)}
    assert secrets <= tried


def test_no_secret_of_any_field_is_in_the_journal_the_log_an_export_or_a_command_line(tmp_path: Path) -> None:
    port, folder = free_port(), tmp_path / "incident"
    file = vehicle(tmp_path, port)
    assert run("check", file).returncode == 0
    console = start("--headless", "--for", "60s", "--config", file, "--journal", folder)
    deadline = time.monotonic() + 30
    while status(port, canary("token")) != 200:
        assert time.monotonic() < deadline, "the listener never came"
        time.sleep(0.1)
    assert status(port, canary("token") + "x") == 401
    left = dict.fromkeys(("owntracks", "owntracks-tls", "owntracks-raw", "snmp", "snmp-3"))
    lines = set()
    until = time.monotonic() + 3
    while time.monotonic() < until:
        lines |= set(command_lines(console.pid))
        time.sleep(0.1)
    console.terminate()
    said, complained = console.communicate(timeout=30)
    picture = picture_of(said)
    states = {device["id"]: device["state"] for device in picture["devices"]}
    assert states["osmand"] == "up"
    assert all(states[name] != "up" for name in left), states
    texts = [said.encode(), complained.encode(), *lines]
    for words in (("replay", "--headless", folder), ("check", file), ("drivers",)):
        done = run(*words)
        texts += [done.stdout.encode(), done.stderr.encode()]
    for kind in ("jsonl", "csv"):
        done = run("export", folder, "--to", kind, folder / f"out.{kind}")
        assert done.returncode == 0, done.stderr
        texts += [done.stdout.encode(), done.stderr.encode()]
    texts += [path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.name != "reserve"]
    assert sum(map(len, texts)) > 20_000
    assert len(lines) > 1, "no camera process was seen"
    for secret in (RAW, *map(canary, (*PLACES, *CAMERAS))):
        for form in (*forms(secret), secret.partition(" ")[2].encode()):
            assert not [text for text in texts if form and form in text], (secret, form)


@pytest.mark.parametrize(
    "wire",
    [
        "mqtt:127.0.0.1:1883/t?user=a&password=vor&Kanarie",
        "mqtt:127.0.0.1:1883/t?user=a&pasword=Kanarie",
        "mqtt:127.0.0.1:1883/t?user=a&password=x&password=Kanarie",
        "mqtt:127.0.0.1:1883/t?Kanarie",
        "mqtt:zhihui:Kanarie@127.0.0.1:1883/t",
        "mqtt://zhihui:Kanarie@127.0.0.1:1883/t",
        "http-listen:127.0.0.1:5055?token",
        "http-listen:127.0.0.1?token=Kanarie",
        "http-listen:127.0.0.1:5055?token=vor=Kanarie&per_minute=0",
        "snmp:127.0.0.1:161?community=vor?Kanarie&index=x",
        "snmp:Kanarie@127.0.0.1",
    ],
)
def test_a_wire_with_a_slip_is_told_without_what_may_be_its_secret(wire: str, tmp_path: Path) -> None:
    driver = {"mqtt": "owntracks", "http-listen": "osmand", "snmp": "snmp"}[wire.partition(":")[0]]
    file = tmp_path / "vehicle.toml"
    head = '[incident]\nname = "密"\nsince = 2026-07-20T06:30:00+08:00\n\n[[device]]\nid = "d"\nname = "d"\n'
    for ending in ('"', ""):  # an open quotation mark is another slip, in the same line
        file.write_text(f'{head}driver = "{driver}"\nwire = "{wire}{ending}\n', encoding="utf-8")
        for language in ("zh", "en"):
            done = run("check", file, "--lang", language)
            assert done.returncode == 1, done.stdout
            assert "Kanarie" not in done.stdout + done.stderr, done.stdout


def test_a_pin_in_the_beginning_commands_is_neither_said_nor_written_down(tmp_path: Path) -> None:
    file, folder = tmp_path / "vehicle.toml", tmp_path / "incident"
    head = '[incident]\nname = "密"\nsince = 2026-07-20T06:30:00+08:00\n\n[[device]]\nid = "r"\nname = "r"\n'
    begin = "ATE0|AT+CPIN=90817263|at + cpwd=SC,90817263"
    wire = f'driver = "tetra"\nwire = "tcp:127.0.0.1:{free_port()}"\ninit = "{begin}"\n'
    file.write_text(head + wire, encoding="utf-8")
    done = run("--headless", "--for", "2s", "--config", file, "--journal", folder)
    assert done.returncode == 0, done.stderr
    run("export", folder, "--to", "jsonl", folder / "out.jsonl")
    written = [path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.name != "reserve"]
    for text in (*written, done.stdout.encode(), done.stderr.encode()):
        assert b"90817263" not in text
