"""Golden journals: old recordings, the picture they lead to, and the command that changes it on purpose.

``python -m tests.journals`` shows what a changed engine makes of them and writes the new expectation;
``python -m tests.journals add NAME FOLDER`` keeps the journal of an incident as a new one.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from console.assembly import digest_of, plain
from console.journal.reader import Reader
from console.records import Record
from console.replay import new_engine

FOLDER = Path(__file__).parent


def names() -> list[str]:
    """All golden journals."""
    return sorted(path.name.removesuffix(".jsonl.gz") for path in FOLDER.glob("*.jsonl.gz"))


def records(name: str) -> Iterator[Record]:
    """The records of one golden journal, in order."""
    with gzip.open(FOLDER / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
        for line in file:
            seq, at_ns, kind, source, peer, payload = json.loads(line)
            yield Record(seq, at_ns, kind, source, peer, bytes.fromhex(payload))


def add(name: str, folder: Path) -> None:
    """Keep the journal of an incident as a golden one."""
    reader = Reader(folder)
    with gzip.GzipFile(FOLDER / f"{name}.jsonl.gz", "wb", mtime=0) as file:
        for record in reader.records():
            file.write(json.dumps([*record[:5], record.payload.hex()]).encode() + b"\n")
    reader.close()


def outcome(name: str) -> dict[str, Any]:
    """What the engine of today makes of it: the picture's parts that matter, and the digest of all of it."""
    engine = new_engine()
    faults = 0
    for record in records(name):
        faults += sum(1 for effect in engine.step(record) if type(effect).__name__ == "FaultFound")
    picture = engine.picture()
    whole = plain(picture)
    return {
        "digest": digest_of(picture),
        "records": picture.records,
        "faults": faults,
        "alarms": {alarm["id"]: alarm["state"] for alarm in whole["alarms"]},
        "teams": {team["id"]: [team["last_heard_kind"], team["last_heard_ns"]] for team in whole["teams"]},
        "bearers": {bearer["id"]: bearer["state"] for bearer in whole["bearers"]},
        "cameras": {camera["id"]: [camera["state"], camera["grade"]] for camera in whole["cameras"]},
        "devices": {d["id"]: [d["state"], d["understood"], d["malformed"]] for d in whole["devices"]},
        "messages": {message["id"]: message["state"] for message in whole["messages"]},
        "notices": [f"{notice['number']} {notice['text']['id']} {notice['subject_id']}" for notice in whole["notices"]],
    }


def expectation(name: str) -> Path:
    """Where the accepted outcome lies."""
    return FOLDER / f"{name}.expected.json"
