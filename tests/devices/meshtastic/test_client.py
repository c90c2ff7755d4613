"""The project's own client program, in an environment of its own, takes our simulated radio for a real one.

So the frames that our driver understands are those of the real protocol, not only of our reading of it.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
from pathlib import Path

import pytest

from devices.catalogue import make_simulator
from tests.devices.transports.test_hosting import hosted
from tests.peers import need


def client() -> str:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    own = cache / "command-post" / "peers" / "meshtastic" / "bin" / "meshtastic"
    return str(own) if own.exists() else need("meshtastic")


@pytest.mark.peer
def test_the_real_client_lists_our_nodes_and_gets_its_text_acknowledged() -> None:
    program = client()

    async def ask(host: str, *words: str) -> str:
        asking = await asyncio.create_subprocess_exec(
            program, "--host", host, "--timeout", "30", *words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        said, _ = await asyncio.wait_for(asking.communicate(), 50)
        assert asking.returncode == 0, said.decode()
        return said.decode()

    async def talk() -> None:
        radio = make_simulator("meshtastic", {"nodes": 2}, lambda: 0.5)
        assert radio is not None
        async with hosted(radio, "tcp-listen:127.0.0.1:0") as (wire, _):
            host = wire.partition(":")[2]
            listed = await ask(host, "--nodes", "--show-fields", "user.id,user.longName,position.latitude")
            assert "!a1b2c300" in listed
            assert "搜救二组" in listed
            assert "34.39" in listed
            said = await ask(host, "--dest", "!a1b2c301", "--sendtext", "你好", "--ack")
            assert "Received an ACK" in said

    asyncio.run(talk())
