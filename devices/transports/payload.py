"""What a line says of the payload of a message or request."""

from __future__ import annotations

PAYLOAD_OCTETS = 65_536


def payload_of(payload: bytes) -> dict[str, object]:
    """Its text, its octets where they are no text, or that it is too long."""
    if len(payload) > PAYLOAD_OCTETS:
        return {"error": "length"}
    try:
        return {"payload": payload.decode("utf-8")}
    except UnicodeDecodeError:
        return {"payload_hex": payload.hex()}
