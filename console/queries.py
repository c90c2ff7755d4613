"""What a view may ask beside the picture: older facts from the journal, a measure of a text, live octets.

Requests are answered asynchronously by the bridge; a page answers a request.  In replay nothing later than the
replayed moment is answered.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from console.bearer_queries import BearerHistoryPage, BearerHistoryRequest
from console.geojson import Reading
from console.picture import Alarm, AlarmLoad, Gap, Mode, Notice, Picture, Text
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
    """What is plugged in, announced or answers a probe on the local networks, within ``for_s``.  Nothing is added."""

    for_s: float = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One find: ``kind`` is ``serial``, ``onvif`` or the service type.

    ``wire`` is what a device would be configured with, ``service`` the ONVIF device service of a camera and ``url`` its
    picture, each if known; ``drivers`` are those that go over the wire; ``proposed_id`` is free in the configuration.
    ``is_configured``: something configured has this wire or stands at this address.
    """

    kind: str
    name: str
    wire: str | None
    detail: str
    is_configured: bool
    service: str | None = None
    url: str | None = None
    drivers: tuple[str, ...] = ()
    proposed_id: str = ""

    @property
    def is_camera(self) -> bool:
        """Whether it may be added as a camera."""
        return self.service is not None or self.url is not None


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
class Trouble:
    """Why something was not done, and what to do about it."""

    text: Text
    remedy: Text | None = None


FileDatum = Literal["wgs84", "gcj02", "bd09"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnFileRequest:
    """What marks and roads would this GeoJSON file add?  Nothing is added: the orders of the answer are to be given.

    ``by`` reads it in, at ``now_ns``, into an incident of this ``mode``.  ``datum`` is what the person says of the
    file; WGS-84 is what the format means.
    """

    file: Path
    by: str
    now_ns: int
    mode: Mode
    datum: FileDatum = "wgs84"


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnFilePage:
    """What the file holds, or why it was not taken."""

    reading: Reading | None = None
    trouble: Trouble | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnWriteRequest:
    """Write its marks and roads as GeoJSON to ``out``, as of ``at_ns``; answered by an ``ExportPage``."""

    out: Path
    picture: Picture
    at_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OffersRequest:
    """What does the camera whose ONVIF device service stands at ``service`` stream?  Asked with this account."""

    service: str
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One stream of a camera; ``url`` holds no user.  Unknown is ``None``."""

    name: str
    url: str
    codec: str | None = None
    width_px: int | None = None
    height_px: int | None = None
    rate_fps: float | None = None
    rate_bps: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OffersPage:
    """What the camera says it is (maker, model, firmware) and its streams, the largest first; or why not."""

    about: str = ""
    offers: tuple[Offer, ...] = ()
    trouble: Trouble | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialRequest:
    """Does a picture come from here?  Opened once; nothing is recorded or written down."""

    url: str
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialPage:
    """The first picture (``data``: four octets a pixel, blue first, ``stride_bytes`` a line), or why there is none."""

    trouble: Trouble | None = None
    codec: str | None = None
    source_px: tuple[int, int] | None = None
    width_px: int = 0
    height_px: int = 0
    stride_bytes: int = 0
    data: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddCameraRequest:
    """Write this camera into the person's configuration and receive it from now on."""

    id: str
    name: str
    url: str
    sub_url: str | None = None
    owner: str | None = None
    is_recorded: bool = True
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddDeviceRequest:
    """Write this device into the person's configuration and open its wire from now on."""

    id: str
    name: str
    driver: str
    wire: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedPage:
    """``troubles`` is empty when it was added under ``id``, written into ``file``."""

    id: str
    file: str = ""
    troubles: tuple[Trouble, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmStrip:
    """What the live incident still says while a replay is on the screen."""

    at_ns: int
    alarms: tuple[Alarm, ...]
    is_recorded: bool
    silenced_until_ns: int | None = None
    load: AlarmLoad | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayState:
    """Where a replay stands.  ``speed`` 0 is paused, else 0.5..60 times the recorded pace."""

    title: str
    from_ns: int
    to_ns: int
    at_ns: int
    speed: float


FindingRequest = FindRequest | OffersRequest | TrialRequest | AddCameraRequest | AddDeviceRequest
Request = (
    NoticesRequest
    | RecordsRequest
    | MeasureRequest
    | TimelineRequest
    | BearerHistoryRequest
    | RecordingsRequest
    | ExportRequest
    | DrawnFileRequest
    | DrawnWriteRequest
    | FindingRequest
)
FindingPage = FindPage | OffersPage | TrialPage | AddedPage
Page = (
    NoticesPage
    | RecordsPage
    | MeasurePage
    | TimelinePage
    | BearerHistoryPage
    | RecordingsPage
    | ExportPage
    | DrawnFilePage
    | FindingPage
)
