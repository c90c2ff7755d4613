"""An event as XML, read through defusedxml: no document type, no entity, no outside reference.

**Source:** as ``event``; the XML declaration of a published WinTAK datagram says utf-16 while its octets are not.
**Assumed:** whatever the declaration says, the octets are UTF-8.  Octets that are not become U+FFFD: a spoilt callsign
is seen to be spoilt, the position beside it is kept.
"""

from __future__ import annotations

from typing import Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from devices.drivers.cot.event import Event, EventError, identity, instant_ns, known_m, number, place

MOST_TAGS: Final = 4_000
"""An event has some dozens; each costs the parser microseconds."""


def parse(text: bytes | str) -> Element:
    """The root of one document without a declaration.  Raises ``EventError``."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    if text.count("<") > MOST_TAGS:
        raise EventError("length")
    try:
        root: Element = fromstring(text, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError):
        raise EventError("xml") from None
    return root


def read(raw: bytes) -> Event:
    """One ``event`` element.  Raises ``EventError``."""
    root = parse(raw)
    uid, time_ns = identity(root.get("uid")), instant_ns(root.get("time"))
    if uid is None:
        raise EventError("uid")
    if time_ns is None:
        raise EventError("time")
    point = root.find("point")
    here = (None, None) if point is None else place(number(point.get("lat")), number(point.get("lon")))
    return Event(
        uid=uid,
        kind=root.get("type", "").strip(),
        how=root.get("how", "").strip(),
        opex=root.get("opex", "").strip(),
        time_ns=time_ns,
        start_ns=instant_ns(root.get("start")),
        stale_ns=instant_ns(root.get("stale")),
        lat_deg=here[0],
        lon_deg=here[1],
        hae_m=_length(point, "hae"),
        ce_m=_length(point, "ce"),
        le_m=_length(point, "le"),
        detail=root.find("detail"),
        raw=raw,
    )


def _length(point: Element | None, name: str) -> float | None:
    return None if point is None else known_m(number(point.get(name)))
