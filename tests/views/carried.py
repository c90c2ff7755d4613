"""What was measured and used of the bearers of the sample picture."""

from __future__ import annotations

from dataclasses import replace

from console.link_facts import Throughput, Usage
from console.picture import Bearer, Picture, Text
from tests.views.desks import MIN, NOW


def carrying(picture: Picture) -> Picture:
    """The sample picture with requirements, checks, use, evidence and one that flaps."""
    return replace(picture, bearers=tuple(_more(one) for one in picture.bearers))


def _text(*names: str) -> tuple[Text, ...]:
    return tuple(Text(id=f"bearer.evidence.{name}") for name in names)


def _more(one: Bearer) -> Bearer:
    match one.id:
        case "地面光纤":
            evidence = _text("carrier", "no_answer")
            reason = Text(id="bearer.reason.no_answer")
            found = Throughput(
                at_ns=NOW - 50 * MIN,
                out_mbps=96.4,
                back_mbps=94.1,
                offered_mbps=110,
                required_mbps=100,
                is_enough=False,
            )
            return replace(
                one, requires_mbps=100.0, evidence=evidence, reason=reason, throughput=found, can_be_checked=True
            )
        case "LTE 路由器":
            usage = Usage(used_bytes=1_800_000_000, from_ns=NOW, is_own=False, quota_bytes=20_000_000_000)
            return replace(
                one,
                requires_mbps=50.0,
                usage=usage,
                evidence=_text("unregistered"),
                is_unstable=True,
                can_be_checked=True,
            )
        case "VSAT 便携站":
            level = Text(id="bearer.evidence.esn0", args={"value": "9.4", "unit": "dB"})
            found = Throughput(
                at_ns=NOW - 6 * MIN, out_mbps=1.62, back_mbps=1.94, offered_mbps=2.2, required_mbps=2, is_enough=False
            )
            usage = Usage(used_bytes=425_000_000, from_ns=NOW, is_own=False, quota_bytes=500_000_000)
            return replace(
                one,
                requires_mbps=2.0,
                evidence=(*_text("answers"), level),
                throughput=found,
                usage=usage,
                loss_out_percent=0.2,
                loss_back_percent=3.1,
                can_be_checked=True,
                cost="metered",
                check_bytes=1_000_000,
            )
        case _:
            return one
