"""Events as a TAK client would write them, for tests."""

from __future__ import annotations

from datetime import UTC, datetime
from xml.sax.saxutils import quoteattr

from devices.driver import NS_PER_S

START_NS = 1_784_529_000 * NS_PER_S
POINT = '<point lat="34.3956" lon="113.7394" hae="112.4" ce="4.7" le="9.1"/>'
USER = '<takv platform="ATAK-CIV" version="5.1" os="33" device="x"/><__group name="Cyan" role="Team Member"/>'


def moment(at_ns: int) -> str:
    return datetime.fromtimestamp(at_ns / NS_PER_S, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def event(
    uid: str,
    at_ns: int,
    detail: str = "",
    *,
    kind: str = "a-f-G-U-C",
    how: str = "m-g",
    stale_s: float = 75.0,
    point: str = POINT,
) -> bytes:
    now, until = moment(at_ns), moment(at_ns + round(stale_s * NS_PER_S))
    return (
        f'<event version="2.0" uid={quoteattr(uid)} type="{kind}" time="{now}" start="{now}" stale="{until}"'
        f' how="{how}">{point}<detail>{detail}</detail></event>'
    ).encode()


def user(uid: str, at_ns: int, callsign: str = "JENNY", endpoint: str = "*:-1:stcp", stale_s: float = 75.0) -> bytes:
    contact = f"<contact callsign={quoteattr(callsign)} endpoint={quoteattr(endpoint)}/>"
    return event(uid, at_ns, USER + contact, stale_s=stale_s)


def text(sender: str, recipient: str, words: str, at_ns: int, name: str = "4de0262c-633f-46eb") -> bytes:
    target = quoteattr(recipient)
    detail = (
        f'<__chat parent="RootContactGroup" groupOwner="false" messageId="{name}" chatroom={target} id={target}'
        f' senderCallsign="JENNY"><chatgrp uid0="{sender}" uid1={target} id={target}/></__chat>'
        f'<link uid="{sender}" type="a-f-G-U-C" relation="p-p"/>'
        f'<remarks source="BAO.F.ATAK.{sender}" to={target} time="{moment(at_ns)}">{words}</remarks>'
    )
    uid = f"GeoChat.{sender}.{recipient}.{name}"
    return event(uid, at_ns, detail, kind="b-t-f", how="h-g-i-g-o", stale_s=86_400.0)


def receipt(sender: str, recipient: str, name: str, at_ns: int, kind: str = "b-t-f-d") -> bytes:
    detail = (
        f'<__chatreceipt parent="RootContactGroup" groupOwner="false" messageId="{name}" chatroom="x"'
        f' id="{recipient}" senderCallsign="JENNY"><chatgrp uid0="{sender}" uid1="{recipient}" id="{recipient}"/>'
        f'</__chatreceipt><link uid="{sender}" type="a-f-G-U-C" relation="p-p"/>'
    )
    return event(name, at_ns, detail, kind=kind, how="h-g-i-g-o", stale_s=86_400.0)
