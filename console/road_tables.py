"""What the engine knows of roads, as plain mutable tables: part of ``console.tables``."""

from __future__ import annotations

import msgspec

from console.map_marks import Vertex
from console.road_facts import Passage, Report, Road, RoadConfiguration


class RunTable(msgspec.Struct):
    """Somebody on the way along a road in one direction.

    Stations are counted in that direction: ``reached`` is the farthest one, ``covered`` how many were touched,
    ``off_m`` how far was driven beside the road since.
    """

    reached: int = -1
    covered: int = 0
    off_m: float = 0.0


class MoverTable(msgspec.Struct):
    """Where somebody who may prove roads was last."""

    lat_deg: float
    lon_deg: float
    at_ns: int


class RoadTable(msgspec.Struct):
    """One road's variable facts.  ``configuration`` is what the file, or who added it, says."""

    configuration: RoadConfiguration
    length_m: float
    box_deg: tuple[float, float, float, float]
    """South, west, north, east of all its line."""
    drawn: tuple[Vertex, ...] = ()
    """The line as a person drew it since: then that stands."""
    drawn_ns: int | None = None
    drawn_by: str = ""
    is_added: bool = False
    is_exit: bool = False
    is_exit_set: bool = False
    """Whether a person said so: then that stands, whatever the file says."""
    report: Report | None = None
    passage: Passage | None = None
    expires_s: float = 0.0
    forecast: str = ""
    forecast_ns: int | None = None
    is_expiry_told: bool = True
    told_ns: int = 0
    """When a passage was last written into the log."""
    runs: dict[str, RunTable] = {}
    """By who moves and in which direction: ``team>`` forward, ``team<`` backward."""

    @property
    def line(self) -> tuple[Vertex, ...]:
        """Where it runs."""
        return self.drawn or self.configuration.line

    def shown(self) -> Road:
        """The road as the picture has it."""
        configuration = self.configuration
        return Road(
            id=configuration.id,
            name=configuration.name,
            kind=configuration.kind,
            line=self.line,
            length_m=self.length_m,
            is_exit=self.is_exit,
            report=self.report,
            passage=self.passage,
            expires_s=self.expires_s,
            forecast=self.forecast,
            forecast_ns=self.forecast_ns,
            is_added=self.is_added,
            drawn_ns=self.drawn_ns,
            drawn_by=self.drawn_by,
        )
