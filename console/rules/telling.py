"""Telling the rear which bearer carries now: by a text, over the new bearer where it carries text."""

from __future__ import annotations

from console.configuration.model import ContactConfiguration
from console.orders import ComposeMessage
from console.pace_facts import Told
from console.rules import pace
from console.switch_texts import is_of_change, texts_of_change
from console.tables import Tables


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
    return texts_of_change(row.number, rear_contacts(tables), text)


def note(tables: Tables, order: ComposeMessage) -> None:
    """A text was put into the outbox: does it tell of the change in force?"""
    if not is_of_change(tables.pace.number, order.message_id):
        return
    names = {(one.device_id, one.recipient): one.name for one in tables.configuration.contacts}
    name = names.get((order.device_id, order.recipient), order.recipient)
    pace.told(tables, Told(name=name, at_ns=tables.at_ns, message_id=order.message_id))
