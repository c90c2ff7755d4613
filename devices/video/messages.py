"""What the console and the video processes say to each other, and how the shared pictures lie in memory.  Pure.

One JSON object a line: ``{"type": <class name>, ...fields}``; commands on the receiver's stdin, reports on its stdout.
A URL with its password travels in ``Open`` only (a pipe, never the command line) and comes back redacted.

**Pictures.**  One file of shared memory per camera, made and removed by the console.  It begins with ``WORDS`` signed
64-bit words in the machine's own order, followed at ``HEADER_BYTES`` by two slots of ``slot_bytes`` each::

    word  0 magic          1 layout version     2 slot_bytes
          3 packet stamp   4 packets            5 newest picture's number (0: none yet)
          6 decode faults  7 decoded pictures
    word  8.. slot 0, word 16.. slot 1, each:
         +0 sequence (odd while being written)  +1 picture's number   +2 width_px   +3 height_px
         +4 stride_bytes   +5 pts_ns (``UNKNOWN``: none)   +6 stamp of the picture's packet
    word 24 health: the place in ``HEALTHS`` plus one, 0 none   25 stamp since when (0: none)
         26 time between key frames in ns where nothing else is decoded (``Show.is_key_only``), else 0
         27 items taken by the decoder, counted from its start: a number that stands still means that it hangs
            (set to 0 by the receiver before it starts one)
         28 the usual sharpness of this source in thousandths, 0 unknown   29 of pictures of ``width << 32 | height``

Picture ``n`` lies in slot ``n % 2``, BGRA, ``stride_bytes * height_px`` octets.  All stamps are CLOCK_MONOTONIC
nanoseconds (one clock for all processes of a machine).  The **packet stamp** is the moment at which the newest packet
was due: its arrival, or, if it came late, the moment at which it should have arrived; it never goes back.  Words 3 and
4 belong to the receiver, all others after 2 to the decoder, so that no two processes write one word.

**Health** is what is wrong with pictures that come in time: they do not change although packets come (``frozen``), all
is ``black`` or ``white``, all is ``blurred`` or covered, parts are missing or smeared (``torn``).  It is judged of
what is decoded, so of nothing while nobody looks, and never hides a picture.
"""

from __future__ import annotations

import re
import tempfile
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote

import msgspec

from devices.video.playing import Moment, Play, Played, Shelf

State = Literal["connecting", "live", "delayed", "stalled", "down", "abnormal"]
Health = Literal["frozen", "black", "white", "blurred", "torn"]
HEALTHS: tuple[Health, ...] = ("frozen", "black", "white", "blurred", "torn")
Grade = Literal["main", "sub", "stills", "off"]
"""How much of a camera is fetched: its large stream, its small one, one key frame now and then, nothing."""

MAGIC = 0x4F45_4449_5643_5031
LAYOUT_VERSION = 2
WORDS = 32
HEADER_BYTES = 4096
UNKNOWN = -(1 << 63)

WORD_MAGIC, WORD_VERSION, WORD_SLOT_BYTES = 0, 1, 2
WORD_PACKET_STAMP, WORD_PACKETS, WORD_NEWEST, WORD_FAULTS, WORD_DECODED = 3, 4, 5, 6, 7
SLOT_WORDS = (8, 16)
WORD_HEALTH, WORD_HEALTH_SINCE, WORD_KEY_INTERVAL, WORD_TAKEN, WORD_SHARPNESS, WORD_SHARPNESS_SIZE = range(24, 30)
SLOT_SEQUENCE, SLOT_NUMBER, SLOT_WIDTH, SLOT_HEIGHT, SLOT_STRIDE, SLOT_PTS, SLOT_STAMP = range(7)

REASONS = (
    "refused", "timeout", "unreachable", "unauthorised", "forbidden", "not-found", "server-error", "no-video",
    "ended", "invalid-data", "bad-url", "port-busy", "stalled", "late", "unknown-codec", "decoder-crashed",
    "no-picture", "receiver-crashed", "receiver-hung", "disk-full", "folder-unwritable", "disk-slow",
    "codec-unrecordable", "no-memory", "stopped", "failed", "still-taken", "switch-failed", "segmented", "changed",
    "unsupported", "device-missing", "device-busy", "device-forbidden", "too-many", "from-file",
    "nothing-kept", "not-kept",
)  # fmt: skip
"""Every reason word; each has a text ``camera.reason.<word>`` in both languages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepare:
    """First command: whose pictures, where they are shown, where they are kept.

    ``slots`` is the path of the shared memory; ``record_folder`` ``None``: nothing is kept.  Without ``is_recorded``
    only what ``Save`` asks for is written there.  Recording stops while less than ``floor_bytes`` are free on the
    disk.  ``segment_s`` is the length of one recorded file.  The last ``ring_s`` seconds are held in memory, at most
    ``ring_bytes``.  ``unfinished`` names files whose end the journal does not know: each is told as ``recovered``.
    ``may_stand_still``: an unchanging picture is no fault (a screen, an HDMI feed).
    """

    camera_id: str
    slots: str
    record_folder: str | None = None
    is_recorded: bool = True
    floor_bytes: int = 2_000_000_000
    segment_s: float = 60.0
    may_stand_still: bool = False
    ring_s: float = 30.0
    ring_bytes: int = 32_000_000
    unfinished: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """Open the source once; how it ends is a ``Status`` in state ``down``.

    ``wall_offset_ns`` is console time minus CLOCK_MONOTONIC: recordings are named by console time.

    While another opening runs, that one goes on until this one has its first key frame, then the two change places: no
    black tile and no gap in the recording, which begins a new file there.  Where this one fails, the old one stays and
    ``Status`` says ``switch-failed`` with its old ``grade`` until the next ``Open``.  ``grade`` ``stills``: the first
    key frame is shown, nothing is recorded, and it ends by itself: ``down`` with ``still-taken``.
    """

    url: str
    wall_offset_ns: int
    grade: Grade = "main"


@dataclass(frozen=True, slots=True, kw_only=True)
class Show:
    """How large the picture is on the screen; 0: not visible.  ``rate_hz`` ``None``: every picture.

    ``is_key_only``: key frames alone are decoded, one every second or two for a tenth of the work.
    """

    width_px: int
    height_px: int
    rate_hz: float | None = None
    is_key_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Save:
    """Write the last ``last_s`` seconds from memory into files of their own; answered by ``Segment`` of this clip."""

    clip_id: str
    last_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Close:
    """End what is open; the process stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """Finish the recording and end the process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """The process runs and may be told to open."""

    pid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """How the source is.  Sent at once when the state, the reason or the recording changes, else once a second.

    ``is_connected``: the device answers (first lamp).  ``packet_age_ns`` counts from the packet stamp.  Rates are of
    the last second; unknown is ``None``.  ``reason`` is one of ``REASONS``; ``detail`` is redacted.  ``grade`` is
    what is being received, ``None`` before the first ``Open``.  ``received_bytes`` counts all payload since the
    process began, also what was thrown away and what two openings at once took.
    """

    state: State
    reason: str | None = None
    detail: str | None = None
    is_connected: bool = False
    packet_age_ns: int | None = None
    width_px: int | None = None
    height_px: int | None = None
    codec: str | None = None
    rate_fps: float | None = None
    rate_bps: float | None = None
    is_recording: bool = False
    decoder_pid: int | None = None
    gaps: int = 0
    health: Health | None = None
    health_age_ns: int | None = None
    grade: Grade | None = None
    received_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """What became of a recorded file (a name in the camera's folder), also the payload of a SEGMENT record.

    ``opened`` and ``closed`` in order; ``recovered``: its end was found after a crash; ``saved``: a clip of ``Save``
    is written (one event for each file, a clip across a break has several); ``save-failed``: ``reason`` says why.
    Times are console time, ``None`` where unknown.  ``gaps``: ``(begin, missing nanoseconds)`` of what never arrived.
    """

    event: Literal["opened", "closed", "recovered", "saved", "save-failed"]
    file: str = ""
    utc_start_ns: int = 0
    utc_end_ns: int | None = None
    packets: int = 0
    size_bytes: int = 0
    gaps: tuple[tuple[int, int], ...] = ()
    codec: str | None = None
    width_px: int | None = None
    height_px: int | None = None
    reason: str | None = None
    clip_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportFile:
    """One recorded file to export: where it lies and the console time it covers, as far as known."""

    camera_id: str
    path: str
    utc_start_ns: int
    utc_end_ns: int | None = None
    gaps: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """The one command of the exporting process: these files, between two moments, as MP4 into the new folder ``out``.

    ``spare_bytes`` stay free on that disk.  ``names``: what people call each camera; ``title`` and ``mode`` go into
    every file.
    """

    files: tuple[ExportFile, ...]
    out: str
    from_ns: int
    to_ns: int
    title: str = ""
    mode: str = "live"
    names: dict[str, str] = field(default_factory=dict)
    spare_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """How far an export is, and with ``is_done`` how it ended: ``reason`` is ``None`` or one of ``EXPORT_REASONS``.

    ``made`` counts the MP4 files, ``left_out`` the recorded files that could not be read.
    """

    is_done: bool
    done_bytes: int
    total_bytes: int
    made: int = 0
    left_out: int = 0
    reason: str | None = None
    detail: str | None = None


EXPORT_REASONS = ("nothing", "disk-full", "unwritable", "exists", "failed")
"""Why there is no export; each has a text ``recording.export.<word>`` and a remedy in both languages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """We were wrong: the redacted traceback, before the process ends."""

    where: str
    traceback: str = field(default="")


Command = Prepare | Open | Show | Save | Close | Stop | Export | Play | Shelf | Moment
Report = Ready | Status | Segment | Fault | Exported | Played

_KINDS: dict[str, type[Any]] = {kind.__name__: kind for kind in (*Command.__args__, *Report.__args__)}


class MessageError(ValueError):
    """A line is no message of ours."""


def pack(message: Command | Report) -> bytes:
    """One line, newline included."""
    return msgspec.json.encode({"type": type(message).__name__, **asdict(message)}) + b"\n"


def unpack(line: bytes) -> Command | Report:
    """The message of one line; unknown fields are ignored.  Raises ``MessageError``."""
    try:
        value = msgspec.json.decode(line)
        kind = _KINDS[value.pop("type")]
        known = {item.name for item in fields(kind)}
        message: Command | Report = msgspec.convert({k: v for k, v in value.items() if k in known}, kind)
    except (msgspec.MsgspecError, KeyError, AttributeError, TypeError) as error:
        # The line may hold a password: only the kind of the fault is told.
        raise MessageError(type(error).__name__) from None
    return message


_USERINFO = re.compile(r"(?<=://)[^/\s'\"]*@")
_TOKEN = re.compile(
    r"(?i)\b([\w-]{0,40}(?:password|passwd|passphrase|pwd|token|secret|key|auth|sign|signature|streamid))=([^&\s'\"#]*)"
)
_IN_PATH = re.compile(r"(?i)(?<=_)(password)=[^&_/\s'\"]*")
"""Cameras of one make carry it in the path: ``user=admin_password=..._channel=1``."""
_HEADER = re.compile(r"(?i)(authorization:\s*).*")


def secrets_of(url: str) -> tuple[str, ...]:
    """What of ``url`` must never be shown, as written and percent-decoded, longest first."""
    found = {match[2] for match in _TOKEN.finditer(url)}
    match = _USERINFO.search(url)
    if match is not None:
        userinfo = match.group()[:-1]
        found |= {userinfo, userinfo.partition(":")[2]}
    found |= {unquote(text) for text in found}
    return tuple(sorted((text for text in found if len(text) >= 4), key=len, reverse=True))


def redact(text: str, secrets: tuple[str, ...] = ()) -> str:
    """``text`` without users, passwords and tokens: fit for screens, logs, journals and indexes.

    ``secrets`` (see ``secrets_of``) are blanked wherever they stand, inside a URL or not.
    """
    text = _USERINFO.sub("***@", text)
    for secret in secrets:
        text = text.replace(secret, "***")
    return _HEADER.sub(r"\1***", _IN_PATH.sub(r"\1=***", _TOKEN.sub(r"\1=***", text)))


_RECORDED = re.compile(r"(\d{8}T\d{6})\.(\d{3})Z(?:-clip)?(?:-\d+)?\.(?:ts|mkv)")


def recorded_name(utc_ns: int, suffix: str) -> str:
    """The name of a recorded file that begins at this console time, without its folder."""
    start = datetime.fromtimestamp(utc_ns // 1_000_000_000, UTC).strftime("%Y%m%dT%H%M%S")
    return f"{start}.{utc_ns // 1_000_000 % 1000:03d}Z{suffix}"


def recorded_start_ns(name: str) -> int | None:
    """When the recorded file of this name begins, to the millisecond; ``None``: no name of a recorded file.

    What has a start is a plain name: no folder, nothing hidden.
    """
    match = _RECORDED.fullmatch(name)
    if match is None:
        return None
    try:
        start = datetime.strptime(match[1], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None
    return int(start.timestamp()) * 1_000_000_000 + int(match[2]) * 1_000_000


def memory_folder() -> Path:
    """Where shared pictures lie: memory where the system has such a folder."""
    memory = Path("/dev/shm")  # noqa: S108 - the system's own shared memory
    return memory if memory.is_dir() else Path(tempfile.gettempdir())
