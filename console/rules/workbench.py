"""What the squad asks at the workbench: a test with a plain verdict, and entries by hand."""

from __future__ import annotations

from console.orders import WriteNote
from console.picture import Text, Verdict
from console.rules.tracks import OPERATOR, hear
from console.tables import DeviceTable, Tables, TestRun
from devices.driver import NS_PER_S

TEST_NS = 8 * NS_PER_S


def begin_test(tables: Tables, device_id: str) -> bool:
    """Start judging this device; True when its wire must be opened for that."""
    device = tables.devices.get(device_id)
    if device is None or device.state == "disabled":
        return False
    device.test = TestRun(tables.at_ns, device.octets_in, device.understood, device.malformed)
    device.verdict = Verdict(is_good=None, text=Text(id="verdict.running"), at_ns=tables.at_ns)
    return device.state != "up"


def judge_test(tables: Tables, device: DeviceTable) -> None:
    """Finish a running test as soon as the wire has answered it, or when its time is over."""
    test = device.test
    if test is None:
        return
    octets = device.octets_in - test.octets_in
    understood = device.understood - test.understood
    malformed = device.malformed - test.malformed
    is_over = tables.at_ns - test.started_ns >= TEST_NS
    if understood >= 3 or (is_over and understood > 0):
        share = round(100 * malformed / max(1, malformed + understood))
        verdict = Text(
            id="verdict.good" if share < 20 else "verdict.noisy", args={"count": understood, "percent": share}
        )
        _decide(tables, device, verdict, is_good=share < 20)
    elif is_over and device.state != "up" and device.reason is not None:
        _decide(tables, device, Text(id="verdict.wire", args={"@reason": device.reason.id, **device.reason.args}))
    elif is_over and octets > 0:
        _decide(tables, device, Text(id="verdict.not_understood", args={"octets": octets}))
    elif is_over:
        _decide(tables, device, Text(id="verdict.silent"))


def _decide(tables: Tables, device: DeviceTable, text: Text, *, is_good: bool = False) -> None:
    device.test = None
    device.verdict = Verdict(is_good=is_good, text=text, at_ns=tables.at_ns)
    args = {"device": device.configuration.name, "@verdict": text.id, **text.args}
    tables.note("operator", device.configuration.id, "notice.tested", args)


def write_note(tables: Tables, order: WriteNote) -> None:
    """Keep an entry by hand; one that names a team and no earlier time is a sign of life of that team."""
    tables.note(
        "note",
        order.team_id or "console",
        "notice.entry" if order.happened_ns is None else "notice.back_entry",
        {"text": order.text, "by": order.by},
        order.happened_ns,
    )
    team = tables.teams.get(order.team_id or "")
    if team is not None and order.happened_ns is None:
        hear(team, tables.at_ns, OPERATOR, "note")
