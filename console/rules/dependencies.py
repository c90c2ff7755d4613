"""What hangs on what: the graph of ids from the configuration.  Configured, never guessed.

Everything that names ``depends_on`` needs all of what it names.  Each need is a group of ids of which one is enough:
a group of one for ``depends_on``, all sources of one load for what is fed by several.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from console.configuration.model import Configuration

Group = tuple[str, ...]
Needs = Mapping[str, tuple[Group, ...]]
"""By id, what it hangs on directly, in the order of the file: of each group one must stand."""


def needs_of(configuration: Configuration) -> dict[str, tuple[Group, ...]]:
    """The whole graph.  What hangs on nothing is not in it; an unknown id is nobody's parent."""
    needs: dict[str, tuple[Group, ...]] = {}
    for identity, parents in _named(configuration):
        if parents:
            needs[identity] = tuple((one,) for one in dict.fromkeys(parents))
    for identity, supplies in _fed(configuration).items():
        needs[identity] = (*needs.get(identity, ()), supplies)
    return needs


def _fed(configuration: Configuration) -> dict[str, Group]:
    """What lives on power, by which supplies: one of them is enough."""
    fed: dict[str, Group] = {}
    for supply in configuration.supplies:
        for one in supply.feeds:
            fed[one] = tuple(dict.fromkeys((*fed.get(one, ()), supply.id)))
    for load in configuration.loads:
        fed[load.id] = tuple(dict.fromkeys((*fed.get(load.id, ()), load.supply_id)))
    return fed


def _named(configuration: Configuration) -> Iterator[tuple[str, tuple[str, ...]]]:
    for device in configuration.devices:
        yield device.id, device.depends_on
    for camera in configuration.cameras:
        yield camera.id, camera.depends_on
    for bearer in configuration.bearers:
        yield bearer.id, bearer.depends_on
    for station in configuration.stations:
        yield station.id, station.depends_on
    for team in configuration.teams:
        yield team.id, team.depends_on


def parents_of(configuration: Configuration, identity: str) -> tuple[str, ...]:
    """What this id hangs on directly."""
    return parents_in(needs_of(configuration), identity)


def parents_in(needs: Needs, identity: str) -> tuple[str, ...]:
    """The same from a graph already made."""
    return tuple(dict.fromkeys(one for group in needs.get(identity, ()) for one in group))


def above(needs: Needs, identity: str) -> tuple[str, ...]:
    """All that this id hangs on, the nearest first, itself not among them; each once, in a circle too."""
    found: dict[str, None] = {}
    waiting = list(parents_in(needs, identity))
    while waiting:
        one = waiting.pop(0)
        if one not in found and one != identity:
            found[one] = None
            waiting += parents_in(needs, one)
    return tuple(found)


def below(needs: Needs, identity: str) -> tuple[str, ...]:
    """All that hangs on this id, directly or by others, in the order of the file."""
    return tuple(one for one in needs if identity in above(needs, one))


def circle_in(needs: Needs) -> tuple[str, ...] | None:
    """Ids that hang on one another in a circle, the first again at the end; ``None`` where there is none."""
    is_done: dict[str, bool] = {}
    for start in needs:
        path: list[str] = []
        found = _walk(needs, start, path, is_done)
        if found is not None:
            return found
    return None


def _walk(needs: Needs, start: str, path: list[str], is_done: dict[str, bool]) -> tuple[str, ...] | None:
    """Depth first, without recursion: a file may hang a thousand things on one another."""
    stack = [(start, iter(parents_in(needs, start)))] if start not in is_done else []
    path += [one for one, _ in stack]
    while stack:
        identity, parents = stack[-1]
        parent = next(parents, None)
        if parent is None:
            is_done[identity] = True
            stack.pop()
            path.pop()
        elif parent in path:
            return (*path[path.index(parent) :], parent)
        elif parent not in is_done:
            stack.append((parent, iter(parents_in(needs, parent))))
            path.append(parent)
    return None
