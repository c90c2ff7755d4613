"""The published schema and the driver agree: what one takes, the other takes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from devices.commands import AskPosition, SendText
from devices.driver import Outgoing
from devices.drivers.radio_gateway import RadioGateway
from devices.observations import Malformed
from tests.devices.radio_gateway.conversation import START_NS, Conversation
from tests.devices.vectors import decode_cases

FILE = Path(__file__).parents[3] / "resources" / "schemas" / "radio_gateway.schema.json"
SCHEMA: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
LINES = [
    (case.name, line)
    for case in decode_cases("radio_gateway")
    for line in case.octets.splitlines()
    if line.startswith(b'{"type"') and line.endswith(b"}") and b"NaN" not in line
]


@pytest.fixture(scope="module")
def judge() -> Any:
    """Gives a validator for ``to_us`` or ``from_us``."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)

    def for_side(side: str) -> Any:
        return jsonschema.Draft202012Validator({"$ref": f"#/$defs/{side}", "$defs": SCHEMA["$defs"]})

    return for_side


@pytest.mark.parametrize(("name", "line"), LINES, ids=[name for name, _ in LINES])
def test_the_schema_and_the_driver_take_the_same_lines(name: str, line: bytes, judge: Any) -> None:  # noqa: ARG001
    said = json.loads(line)
    is_taken = not [one for one in RadioGateway({}).receive(line + b"\n", START_NS) if isinstance(one, Malformed)]
    is_known = said["type"] != "weather"
    assert judge("to_us").is_valid(said) == (is_taken and is_known)


@pytest.mark.parametrize(
    "said",
    [
        {"type": "presence", "id": "1", "state": "there"},
        {"type": "presence", "id": "", "state": "online"},
        {"type": "presence", "id": "1", "state": "online", "stored": "yes"},
        {"type": "presence", "id": "1", "state": "online", "at": "14:30"},
        {"type": "presence", "id": 1, "state": "online"},
        {"type": "position", "id": "1", "lat": 34.4},
        {"type": "position", "id": "1", "lat": "34.4", "lon": "113.7"},
        {"type": "position", "id": "1", "lat": True, "lon": True},
        {"type": "position", "id": "1", "lat": 34.4, "lon": 113.7, "fix": "rtk"},
        {"type": "position", "id": "1", "lat": 34.4, "lon": 113.7, "course_deg": 361},
        {"type": "text", "id": "1", "from": "1"},
        {"type": "text", "id": "1", "text": "x"},
        {"type": "delivery", "id": "1", "state": "lost"},
        {"type": "delivery", "state": "sent"},
        {"type": "call", "from": "1", "state": "paused"},
        {"type": "power", "id": "1", "charge_percent": 101},
        {"type": "signal", "id": "1", "quantity": "rssi", "value": 1},
        {"type": "station", "id": "bs", "core": "yes"},
        {"type": "station", "id": "bs", "vswr": 0.5},
        {"type": "station", "id": "bs", "mains": "yes"},
    ],
    ids=lambda said: json.dumps(said)[:60],
)
def test_both_refuse_what_is_wrong(said: dict[str, Any], judge: Any) -> None:
    seen = RadioGateway({}).receive(json.dumps(said).encode() + b"\n", START_NS)
    assert [one.reason for one in seen if isinstance(one, Malformed)] == ["field"]
    assert not judge("to_us").is_valid(said)


def test_everything_that_the_simulator_and_the_console_say_is_valid(judge: Any) -> None:
    talk = Conversation(mains_lost_after_s=20.0, emergency_after_s=5.0, unreachable=["3700202"])
    talk.run(5)
    talk.send(SendText(reference="m-1", recipient="3700202", text="速到新村桥"))
    talk.send(SendText(reference="m-2", recipient="3700203", text="返回"))
    talk.send(AskPosition(subject="3700201"))
    talk.run(60)
    assert {json.loads(line)["type"] for line in talk.heard} >= {
        "hello",
        "presence",
        "position",
        "power",
        "station",
        "call",
        "text",
        "delivery",
        "emergency",
    }
    for side, lines in (("to_us", talk.heard), ("from_us", talk.said)):
        for line in lines:
            assert list(judge(side).iter_errors(json.loads(line))) == [], line
    answer = talk.driver.encode(SendText(reference="m", recipient="1", text="x"), START_NS)
    assert isinstance(answer, Outgoing)
    assert judge("from_us").is_valid(json.loads(answer.octets))


def test_every_type_is_described_in_both_languages() -> None:
    for name, definition in SCHEMA["$defs"].items():
        words = definition.get("description", definition.get("title", ""))
        assert any("\u4e00" <= sign <= "\u9fff" for sign in words), name
