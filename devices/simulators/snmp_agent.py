"""The octets of an SNMP agent of version 2c: a question in, the answer out.

Answers Get and GetNext for the objects it is given, to whoever knows the community; anything else is met with silence
or refused, as a small switch does.  It never sets anything.

**Source:** RFC 3416 clauses 4.2.1, 4.2.2 (an object that is not there is an exception, not an error) and 4.2.5; RFC
3417 clause 3 (over UDP); RFC 1901 (the community).  pysnmp and pyasn1 write and read the octets.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pyasn1.codec.ber import decoder, encoder
from pyasn1.error import PyAsn1Error
from pysnmp.proto import api

LONGEST = 1_472
"""Octets of a question that is read, and of an answer: one Ethernet frame."""

_VERSION = 1
"""Of the message: 1 is version 2c."""

_GEN_ERR = 5
_NOT_WRITABLE = 17
_v2c: Any = api.PROTOCOL_MODULES[api.SNMP_VERSION_2C]

Values = Mapping[str, tuple[str, Any]]
"""By OID, the name of its type (``Counter64``, ``OctetString`` ...) and what it holds."""


def answer(packet: bytes, community: str, values: Values) -> bytes | None:
    """The answer to ``packet``; ``None``: it is no question of this version, or asked by a stranger."""
    try:
        message, _ = decoder.decode(packet[:LONGEST], asn1Spec=_v2c.Message())
        if int(_v2c.apiMessage.get_version(message)) != _VERSION:
            return None
        if bytes(_v2c.apiMessage.get_community(message)) != community.encode():
            return None
        said = _answered(message, values)
    except (PyAsn1Error, ValueError, RecursionError):
        return None
    return bytes(encoder.encode(said)) if said is not None else None


def _answered(message: Any, values: Values) -> Any:  # noqa: ANN401 - of the library, which has no types
    question = _v2c.apiMessage.get_pdu(message)
    asked = [oid for oid, _ in _v2c.apiPDU.get_varbinds(question)]
    said = _v2c.apiMessage.get_response(message)
    pdu = _v2c.apiMessage.get_pdu(said)
    if question.isSameTypeWith(_v2c.GetRequestPDU()):
        _v2c.apiPDU.set_varbinds(pdu, [(oid, _value(values.get(str(oid)), _v2c.NoSuchObject(""))) for oid in asked])
    elif question.isSameTypeWith(_v2c.GetNextRequestPDU()):
        _v2c.apiPDU.set_varbinds(pdu, [_next(oid, values) for oid in asked])
    elif question.isSameTypeWith(_v2c.SetRequestPDU()) or question.isSameTypeWith(_v2c.GetBulkRequestPDU()):
        is_set = question.isSameTypeWith(_v2c.SetRequestPDU())
        _v2c.apiPDU.set_error_status(pdu, _NOT_WRITABLE if is_set else _GEN_ERR)
        _v2c.apiPDU.set_error_index(pdu, 1 if asked else 0)
    else:
        return None
    return said


def _next(oid: Any, values: Values) -> tuple[Any, Any]:  # noqa: ANN401
    """The first object behind this one, by the order of their numbers."""
    behind = [one for one in map(_numbers, values) if one > tuple(oid)]
    if not behind:
        return oid, _v2c.EndOfMibView("")
    found = min(behind)
    return _v2c.ObjectIdentifier(found), _value(values[".".join(map(str, found))], _v2c.Null(""))


def _numbers(oid: str) -> tuple[int, ...]:
    return tuple(int(one) for one in oid.split("."))


def _value(held: tuple[str, Any] | None, missing: Any) -> Any:  # noqa: ANN401
    if held is None:
        return missing
    kind, value = held
    return getattr(_v2c, kind)(value)
