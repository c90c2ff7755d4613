"""What a view may ask of the history of bearers, and what it is answered: part of ``console.queries``."""

from __future__ import annotations

from dataclasses import dataclass

from console.bearer_facts import BearerSample


@dataclass(frozen=True, slots=True, kw_only=True)
class BearerHistoryRequest:
    """How these were from ``from_ns`` (``None``: their first slot) to ``to_ns``, in at most ``buckets`` steps?"""

    bearer_ids: tuple[str, ...]
    from_ns: int | None
    to_ns: int
    buckets: int = 360


@dataclass(frozen=True, slots=True, kw_only=True)
class BearerHistory:
    """One bearer: a sample ends at its ``at_ns``; a step of which nothing is known has none."""

    bearer_id: str
    samples: tuple[BearerSample, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BearerHistoryPage:
    """The span that is answered: it may end earlier than asked, at the replayed moment."""

    from_ns: int
    to_ns: int
    step_ns: int
    histories: tuple[BearerHistory, ...]
