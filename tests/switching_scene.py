"""A console whose route really changes, played inside ``unshare -n``: ``python -m tests.switching_scene FOLDER``.

Two bearers that both answer, on two real interfaces; what the kernel's table says is printed after each change.
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


if __name__ == "__main__":
    begun_s = time.monotonic()
    main(Path(sys.argv[1]))
    print(f"{time.monotonic() - begun_s:.1f} s", file=sys.stderr)
