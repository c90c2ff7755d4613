"""A console whose route really changes, played inside ``unshare -n``: ``python -m tests.switching_scene FOLDER``.

Two bearers that both answer, on two real interfaces; what the kernel's table says is printed after each change.  Then
somebody else (a DHCP client) takes the route away, twice, and in the end leaves none.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from pathlib import Path

from console.picture import Picture
from console.switch_orders import TakeBearer
from tests.console.running import Running
from tests.peers import need

CONFIGURATION = """
[switching]
execute = "route"
[[device]]
id = "p-fibre"
driver = "probe"
wire = "tcp-connect:127.0.0.1:{port}?interval_s=0.2&timeout_s=1"
[[device]]
id = "p-lte"
driver = "probe"
wire = "tcp-connect:127.0.0.1:{port}?interval_s=0.2&timeout_s=1"
[[bearer]]
id = "fibre"
rung = "主"
device = "p-fibre"
[[bearer]]
id = "lte"
rung = "备"
device = "p-lte"
[[bearer]]
id = "wrong"
rung = "急"
[[uplink]]
bearer = "fibre"
gateway = "192.0.2.1"
interface = "way0"
[[uplink]]
bearer = "lte"
interface = "way2"
metric = 0
[[uplink]]
bearer = "wrong"
gateway = "203.0.113.1"
interface = "way0"
"""


def ip(*words: str) -> str:
    return subprocess.run([need("ip"), *words], check=True, capture_output=True, text=True).stdout.strip()


def main(folder: Path) -> None:
    ip("link", "set", "lo", "up")
    for first, second, address in (("way0", "way1", "192.0.2.2/24"), ("way2", "way3", "198.51.100.2/24")):
        ip("link", "add", first, "type", "veth", "peer", "name", second)
        ip("addr", "add", address, "dev", first)
        ip("link", "set", first, "up")
        ip("link", "set", second, "up")
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        file = folder / "vehicle.toml"
        file.write_text(CONFIGURATION.format(port=listener.getsockname()[1]), encoding="utf-8")
        console = Running(folder, file)
        try:
            seen = [_after(console, "fibre", 1)]
            for number, bearer_id in enumerate(("lte", "wrong"), start=2):
                console.desk.submit(TakeBearer(bearer_id=bearer_id, by="t"))
                seen.append(_after(console, bearer_id, number))
            seen += _fight(console)
        finally:
            console.close()
    print(json.dumps(seen))


def _after(console: Running, bearer_id: str, number: int) -> list[str]:
    def is_settled(picture: Picture) -> bool:
        pace = picture.pace
        return (pace.carrier_id, pace.number) == (bearer_id, number) and pace.execution in {"done", "failed"}

    picture = console.until(is_settled)
    reason = picture.pace.execution_reason
    said = "" if reason is None else f"{reason.id} {reason.args['detail']}"
    return [picture.pace.execution, said, *ip("route", "show", "default").splitlines()]


def _fight(console: Running) -> list[list[str]]:
    """What is told and what the table says each time that somebody else changes the route of the fibre."""
    console.desk.submit(TakeBearer(bearer_id="fibre", by="t"))
    seen = [_after(console, "fibre", 4)]
    foreign = ("route", "replace", "default", "via", "198.51.100.1", "dev", "way2")

    def told(picture: Picture) -> list[str]:
        return [notice.text.id for notice in picture.notices if notice.text.id == "switch.put_back"]

    ip(*foreign)
    console.until(lambda picture: told(picture) and picture.pace.execution == "done")
    seen.append(_state(console))
    ip(*foreign)
    replaced = console.until(lambda picture: picture.pace.execution == "replaced")
    console.until(lambda picture: picture.at_ns > replaced.at_ns + 1_200_000_000)  # time enough to fight, if it would
    assert len(told(console.pictures[-1])) == 1
    seen.append(_state(console))
    console.desk.submit(TakeBearer(bearer_id="fibre", by="t"))
    seen.append(_after(console, "fibre", 5))
    ip("route", "del", "default")
    console.until(lambda picture: picture.pace.execution == "replaced")
    seen.append(_state(console))
    ip("route", "add", "default", "via", "192.0.2.1", "dev", "way0", "metric", "50")
    console.until(lambda picture: picture.pace.execution == "done")
    seen.append(_state(console))
    return seen


def _state(console: Running) -> list[str]:
    picture = console.pictures[-1]
    pace, alarms = picture.pace, {alarm.id: alarm for alarm in picture.alarms}
    reason = pace.execution_reason
    said = "" if reason is None else f"{reason.id} {reason.args['detail']}".strip()
    alarm = alarms.get("switch_failed:console")
    alarming = f"{alarm.text.id} {alarm.state}" if alarm is not None and alarm.state == "unacknowledged" else ""
    return [pace.execution, said, alarming, *ip("route", "show", "default").splitlines()]


if __name__ == "__main__":
    begun_s = time.monotonic()
    main(Path(sys.argv[1]))
    print(f"{time.monotonic() - begun_s:.1f} s", file=sys.stderr)
