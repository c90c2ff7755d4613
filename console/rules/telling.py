"""Telling the rear which bearer carries now: by a text, over the new bearer where it carries text."""

from __future__ import annotations

from console.configuration.model import ContactConfiguration
from console.orders import ComposeMessage
from console.pace_facts import Told
from console.rules import pace
from console.tables import Tables

PREFIX = "switch-"
"""How the ids of texts that tell of a change begin; its number follows."""


def rear_contacts(tables: Tables) -> list[ContactConfiguration]:
    """Who is told: the rear's contacts on the device of the bearer that carries; where it has none, all of the rear."""
    rear = [one for one in tables.configuration.contacts if one.is_rear]
    bearer = tables.bearers.get(tables.pace.carrier_id or "")
    device_id = None if bearer is None else bearer.configuration.device_id
    return [one for one in rear if one.device_id == device_id] or rear


def due(tables: Tables) -> list[ComposeMessage]:
    """The texts of a change that is to be told by itself, once."""
    row = tables.pace
    bearer = tables.bearers.get(row.carrier_id or "")
    if not row.is_telling_due or bearer is None:
        return []
    row.is_telling_due = False
    text = tables.configuration.switching.tell_rear.replace("{bearer}", bearer.configuration.name)
    return [
        ComposeMessage(
            message_id=f"{PREFIX}{row.number}-{number}",
            device_id=contact.device_id,
            recipient=contact.recipient,
            text=text,
        )
        for number, contact in enumerate(rear_contacts(tables), start=1)
    ]


def note(tables: Tables, order: ComposeMessage) -> None:
    """A text was put into the outbox: does it tell of the change in force?"""
    if not order.message_id.startswith(f"{PREFIX}{tables.pace.number}-"):
        return
    names = {(one.device_id, one.recipient): one.name for one in tables.configuration.contacts}
    name = names.get((order.device_id, order.recipient), order.recipient)
    pace.told(tables, Told(name=name, at_ns=tables.at_ns, message_id=order.message_id))
