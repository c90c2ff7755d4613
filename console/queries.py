"""What a view may ask beside the picture: older facts from the journal, a measure of a text, live octets.

Requests are answered asynchronously by the bridge; a page answers a request.  In replay nothing later than the
replayed moment is answered.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from console.picture import Alarm, Gap, Notice, Text
from devices.driver import TextLimit


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticesRequest:
    """Log lines, newest first, numbered below ``before`` (``None``: from the newest)."""

    before: int | None = None
    limit: int = 200
    subject_id: str | None = None
    kind: str | None = None
    contains: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticesPage:
    """``has_more``: older lines that match exist."""

    notices: tuple[Notice, ...]
    has_more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordsRequest:
    """Raw records of one source, newest first, numbered below ``before``."""

    source: str | None = None
    before: int | None = None
    limit: int = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordLine:
    """One raw record, and what its driver understood (one JSON object an observation) if it was octets."""

    seq: int
    at_ns: int
    kind: int
    source: str
    peer: str
    payload: bytes
    understood: tuple[str, ...] = ()
    is_outgoing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordsPage:
    """``has_more``: older records that match exist."""

    lines: tuple[RecordLine, ...]
    has_more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureRequest:
    """How would ``text`` fit one message of this device now?"""

    device_id: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasurePage:
    """``limit`` is ``None`` when the device cannot send text."""

    device_id: str
    text: str
    limit: TextLimit | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineRequest:
    """The whole span of the journal, for a time bar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelinePage:
    """First and last moment, the gaps, and the alarms that were raised with their moments."""

    from_ns: int
    to_ns: int
    gaps: tuple[Gap, ...]
    alarms: tuple[tuple[int, str], ...]
    """``(raised_ns, alarm id)``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindRequest:
    """What is plugged in and announced on the local networks, listened for ``for_s`` seconds.  Nothing is added."""

    for_s: float = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One find: ``kind`` is ``serial`` or the service type; ``wire`` what to put into the configuration, if known."""

    kind: str
    name: str
    wire: str | None
    detail: str
    is_configured: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FindPage:
    """Everything found."""

    found: tuple[Found, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingsRequest:
    """The recorded files that touch a span of console time, of these cameras (none named: of all)."""

    from_ns: int
    to_ns: int
    camera_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedFile:
    """One recorded file as the journal knows it at the asked moment.

    ``to_ns`` is the moment of asking while it is being written (``is_open``).  ``gaps``: ``(begin, missing
    nanoseconds)``.  ``is_clip``: written by SaveClip, so it repeats what may also lie in another file.  ``is_removed``:
    it made room for newer ones.
    """

    camera_id: str
    file: str
    from_ns: int
    to_ns: int
    gaps: tuple[tuple[int, int], ...]
    is_locked: bool
    is_clip: bool
    size_bytes: int
    codec: str | None
    is_removed: bool
    is_open: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureMark:
    """A MarkPicture: ``at_ns`` is the moment of the picture."""

    camera_id: str
    at_ns: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingsPage:
    """In order of their beginning, at most 5,000 files and 1,000 marks; ``has_more``: later ones were left out."""

    files: tuple[RecordedFile, ...]
    marks: tuple[PictureMark, ...]
    has_more: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRequest:
    """Write what these cameras recorded in a span (none named: all) as MP4 with a SHA-256 list.

    ``out`` is a folder that does not exist yet; ``None``: a new one in ``export`` of the incident's folder.  Answered
    when it is done, which may take minutes; cancelling ends it and leaves nothing.
    """

    from_ns: int
    to_ns: int
    camera_ids: tuple[str, ...] = ()
    out: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportPage:
    """How an export ended, in a sentence; ``remedy`` where it failed, ``out`` the folder where it did not."""

    is_good: bool
    text: Text
    remedy: Text | None = None
    out: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmStrip:
    """What the live incident still says while a replay is on the screen."""

    at_ns: int
    alarms: tuple[Alarm, ...]
    is_recorded: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayState:
    """Where a replay stands.  ``speed`` 0 is paused, else 0.5..60 times the recorded pace."""

    title: str
    from_ns: int
    to_ns: int
    at_ns: int
    speed: float


Request = (
    NoticesRequest | RecordsRequest | MeasureRequest | TimelineRequest | FindRequest | RecordingsRequest | ExportRequest
)
Page = NoticesPage | RecordsPage | MeasurePage | TimelinePage | FindPage | RecordingsPage | ExportPage
