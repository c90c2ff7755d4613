"""A neutral gateway for radio networks that have no open interface, the 370 MHz PDT network before all.

The vendor's dispatcher (or a small program beside it) speaks lines of JSON with us: UTF-8, one object a line, ended by
LF, at most 16,000 octets, over TCP in either direction or UDP (whole lines in a datagram).  Every object has ``type``;
``resources/schemas/radio_gateway.schema.json`` describes each, with units and ranges; unknown fields are ignored, an
unknown type is counted.  Times are ISO 8601 with their zone; unknown is left out or null, never 0.

To us:

- ``hello`` (gateway, network) and ``alive``, so that silence means something
- ``presence`` (id, state), ``position`` (id, lat, lon, ...), ``power``, ``signal``, ``emergency`` of a terminal
- ``text`` (id, from, to, text): repeated until we say ``received``; ``call`` (from, group, state)
- ``delivery`` (id of our text, state ``sent`` ``confirmed`` ``failed`` ``deferred``, reason, wait_s)
- ``station`` (id, on_air, core ``reached`` or ``single-site``, mains, battery, vswr, busy_percent, terminals)

``stored``: true marks what the dispatcher hands on from a list, a store or a repetition: it is true, but no sign of
life.  What is dated more than five minutes back counts as stored too, marked or not.

From us: ``hello``, ``text`` (id, to, text), ``locate`` (id), ``received`` (id).

**Source:** the format of this project, version 1; no open specification of a PDT dispatcher's interface was found.
**Assumed:** nothing of any vendor: whoever writes the gateway follows the schema.
"""

from devices.drivers.radio_gateway.gateway import RadioGateway

__all__ = ["RadioGateway"]
