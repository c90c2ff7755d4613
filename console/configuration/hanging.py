"""``depends_on`` in the file: read where it may stand, checked when all ids are known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from console.configuration.faults import said
from console.configuration.model import Configuration
from console.configuration.reading import Table, meant, shown
from console.rules.dependencies import circle_in, needs_of

KEY = "depends_on"
KINDS = ("device", "camera", "bearer", "station", "team", "supply", "load")
"""What may be named there."""


def read_dependencies(table: Table) -> tuple[str, ...]:
    """The ids this one hangs on, each once."""
    return tuple(dict.fromkeys(table.texts(KEY)))


def check_dependencies(configuration: Configuration, rows: Mapping[str, Sequence[Table]]) -> None:
    """Note ids that nothing has, what hangs on itself, and circles."""
    named = {str(row.values.get("id")): row for kind in KINDS for row in rows.get(kind, ())}
    is_sound = True
    for identity, row in named.items():
        given = row.values.get(KEY)
        parents = [given] if isinstance(given, str) else given if isinstance(given, list) else []
        for parent in parents:
            if not isinstance(parent, str):
                continue
            if parent.strip() == identity.strip():
                row.note(KEY, said("reason", "depends_on_itself"), said("remedy", "depends_on_circle"))
            elif parent.strip() not in named:
                reason = said("reason", "depends_on_unknown", id=shown(parent))
                row.note(KEY, reason, meant(parent, named.keys() - {identity}))
            else:
                continue
            is_sound = False
    circle = circle_in(needs_of(configuration)) if is_sound else None
    written = next((one for one in circle or () if one in named and KEY in named[one].values), None)
    if circle is not None and written is not None:  # a circle of supplies alone is told where they are checked
        path = shown(" → ".join(circle))
        named[written].note(KEY, said("reason", "depends_on_circle", path=path), said("remedy", "depends_on_circle"))
