"""Where the recordings of an incident lie, within which bounds, and who is told of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from devices.video.messages import Segment

FOLDER = "video"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingLimits:
    """Recording stops while less than ``floor_bytes`` are free (the journal must go on); ``segment_s`` is one file."""

    floor_bytes: int = 2_000_000_000
    segment_s: float = 60.0


def _nobody(_camera_id: str, _said: Segment) -> None:
    return


def _none(_camera_id: str) -> tuple[str, ...]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """``folder`` is the incident's.  ``on_segment`` is told what became of every recorded file.

    ``unfinished`` names the files of a camera whose ends its recorder is to find.
    """

    folder: Path
    limits: RecordingLimits = RecordingLimits()
    on_segment: Callable[[str, Segment], None] = _nobody
    unfinished: Callable[[str], tuple[str, ...]] = _none


def camera_folder(incident: Path, camera_id: str) -> Path:
    """Where this camera's recordings lie."""
    return incident / FOLDER / quote(camera_id, safe="")
