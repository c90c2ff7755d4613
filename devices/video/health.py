"""What is wrong with pictures that come in time: frozen, black, white, blurred, torn.

``Eye`` looks at a small copy of the luma (320 by 180 or less, nearest neighbour: noise stays noise), ``Judgement``
makes one word of what it saw, slowly enough not to flicker; ``Watch`` is both, for decoded frames of one size.
Nothing here hides a picture or changes it.

**Source:** own measurements of H.264, H.265 and MJPEG of still and frozen scenes with sensor noise.  Pictures of one
group differ by next to nothing in either, but between the same moments of two groups the noise of a live sensor
leaves 0.4 to 2 levels however strong the compression, while an encoder whose input froze comes down to 0.0-0.3 (to
half of what is usual for this source in the worst case) as soon as its rate control has settled: at once with a fixed
quantiser or MJPEG, after some five seconds else.  A clock drawn by the camera goes on moving over a frozen picture, so
the bands of text above and below are left out.  Motion JPEG has no groups: a picture that comes again is the same to
the last level, while strong compression leaves as little as 0.1 of a live sensor's noise.  Within one group it leaves
none (all blocks of a still scene are skipped), so pictures are compared with those of other groups only: a picture that
froze is told after a key frame, and never where none come.

Lines that repeat the one above are how a smear shows, and also how strong compression shows the dark and how a test
card shows its bars: only a long run of them with contrast that was not there before is one.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import cv2
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from devices.video.messages import Health

Luma = NDArray[np.uint8]

_NS_PER_S = 1_000_000_000
SIZE_PX = (320, 180)
"""Never more than the picture has: an enlarged copy would repeat lines."""
BAND_SHARE = 22 / 180
"""So much of the height above and below may hold text."""

_EARLIER_NS = (2 * _NS_PER_S, 5 * _NS_PER_S)
_KEPT_GROUPS, _KEPT_MOST_NS = 1.3, 16 * _NS_PER_S
_SAME_LEVELS, _SAME_MOST_LEVELS, _SAME_SHARE = 0.3, 0.55, 0.5
_REPEATED_LEVELS = 0.03
_DETAIL_LEVELS, _SAME_PLAIN_LEVELS = 8.0, 0.1
"""With less detail, as in fog, there is less that could change."""
_STILL_LEVELS = 2.5
_LEARN_CHANGE, _LEARN_SAME = 0.05, 0.002
_BLACK_LEVEL, _BLACK_SPREAD = 24.0, 5.0
_WHITE_LEVEL, _WHITE_SPREAD = 226.0, 12.0
_BLURRED_SHARE, _SHARP_SHARE = 0.45, 0.55
_SMEARED_SHARE, _SMEARED_CONTRAST = 0.25, 40
_SHARPNESS_AFTER = 50
_LEARN, _LEARN_BLURRED = 0.02, 0.0002
_LUMA_FIRST = frozenset(
    {"yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "yuv444p", "yuvj444p", "yuv440p", "yuvj440p", "nv12", "nv21", "gray"}
)
"""Formats whose first plane is the luma in octets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one picture showed between the bands of text.

    In grey levels of 0 to 255: ``brightness_levels`` and ``spread_levels``, mean and standard deviation;
    ``sharpness_levels``, standard deviation of the Laplacian; ``change_levels``, mean difference to that picture of
    another group, two to five seconds ago or a group's length, that is most like it (``None``: none is kept yet).
    ``smeared_share`` (0 to 1): of the height, the longest run of lines with contrast that repeat the line above them.
    """

    brightness_levels: float
    spread_levels: float
    sharpness_levels: float
    smeared_share: float
    change_levels: float | None


class Eye:
    """Looks at one stream's pictures, a few times a second."""

    def __init__(self) -> None:
        # One thread a stream: a pool of OpenCV's own in each of sixteen decoders would fight for the cores.
        cv2.setNumThreads(1)
        self._before: deque[tuple[int, int, Luma]] = deque()
        self._group, self._group_ns = 0, 0
        self._kept_ns = _EARLIER_NS[1]

    def look(self, luma: Luma, at_ns: int, group: int = 0) -> Look:
        """Look at the luma (height by width, 8 bits) of the picture whose packet is stamped ``at_ns``.

        ``group`` is another number for each group of pictures.
        """
        height, width = min(luma.shape[0], SIZE_PX[1]), min(luma.shape[1], SIZE_PX[0])
        small: Luma = np.asarray(cv2.resize(luma, (width, height), interpolation=cv2.INTER_NEAREST), np.uint8)
        band = round(height * BAND_SHARE)
        middle = small[band : height - band]
        mean, deviation = cv2.meanStdDev(middle)
        _, roughness = cv2.meanStdDev(cv2.Laplacian(middle, cv2.CV_16S))
        spread = float(deviation[0, 0])
        return Look(
            brightness_levels=float(mean[0, 0]),
            spread_levels=spread,
            sharpness_levels=float(roughness[0, 0]),
            smeared_share=_smeared_share(small),
            change_levels=self._compare(np.ascontiguousarray(middle[::2, ::2]), at_ns, group),
        )

    def _compare(self, sample: Luma, at_ns: int, group: int) -> float | None:
        if group != self._group:
            if self._group_ns:
                lasted_ns = int((at_ns - self._group_ns) * _KEPT_GROUPS)
                self._kept_ns = min(max(_EARLIER_NS[1], lasted_ns), _KEPT_MOST_NS)
            self._group, self._group_ns = group, at_ns
        before = self._before
        while before and at_ns - before[0][0] > self._kept_ns:
            before.popleft()
        earlier = [kept for kept_ns, of, kept in before if of != group and at_ns - kept_ns >= _EARLIER_NS[0]]
        before.append((at_ns, group, sample))
        if not earlier:
            return None
        # Each group of pictures begins coarse and is refined: only the same phase of an earlier one can be alike.
        return min(cv2.norm(sample, kept, cv2.NORM_L1) for kept in earlier) / sample.size


def _smeared_share(small: Luma) -> float:
    """The longest run of lines that are the line above again, and not flat, as a share of the height."""
    # Not cv2.reduce, which takes twenty times as long along this axis.
    steps = np.asarray(cv2.absdiff(small[1:], small[:-1])).max(axis=1)
    same = np.flatnonzero(steps)
    if len(same) == len(steps):
        return 0.0
    edges = np.concatenate(([-1], same, [len(steps)]))
    longest = int(np.argmax(np.diff(edges)))
    line = small[edges[longest] + 1]
    if int(line.max()) - int(line.min()) < _SMEARED_CONTRAST:
        return 0.0
    return float(edges[longest + 1] - edges[longest] - 1) / len(small)


@dataclass(slots=True, kw_only=True)
class _Latch:
    """One fault: believed after ``on_ns`` without a break, over after ``off_ns`` without it.

    ``early_ns``: when it is seen it has lasted for so long already.
    """

    on_ns: int
    off_ns: int
    early_ns: int = 0
    since_ns: int | None = None
    seen_ns: int | None = None
    is_set: bool = False

    def take(self, at_ns: int, *, is_seen: bool) -> None:
        """Whether the fault is seen in the picture of ``at_ns``."""
        if is_seen:
            if self.since_ns is None:
                self.since_ns = at_ns - self.early_ns
            self.seen_ns = at_ns
            self.is_set = self.is_set or at_ns - self.since_ns >= self.on_ns + self.early_ns
        elif not self.is_set:
            self.since_ns = None
        elif self.seen_ns is None or at_ns - self.seen_ns >= self.off_ns:
            self.is_set, self.since_ns = False, None


class Judgement:
    """One word of what was seen, with hysteresis.

    ``sharpness``: what is usual for this source, if it is known; ``has_groups``: pictures refer to others.
    """

    def __init__(
        self, *, may_stand_still: bool = False, sharpness: float | None = None, has_groups: bool = True
    ) -> None:
        self._may_stand_still = may_stand_still
        self._has_groups = has_groups
        self._usual_smear: float | None = None
        self.sharpness = sharpness
        self._learned: list[float] = []
        self._usual_change: float | None = None
        # The order of precedence.
        self._latches: dict[Health, _Latch] = {
            "black": _Latch(on_ns=2 * _NS_PER_S, off_ns=_NS_PER_S),
            "white": _Latch(on_ns=2 * _NS_PER_S, off_ns=_NS_PER_S),
            "frozen": _Latch(on_ns=_NS_PER_S, off_ns=_NS_PER_S, early_ns=_EARLIER_NS[0]),
            "torn": _Latch(on_ns=0, off_ns=2 * _NS_PER_S),
            "blurred": _Latch(on_ns=3 * _NS_PER_S, off_ns=2 * _NS_PER_S),
        }

    def judge(self, look: Look, at_ns: int, *, is_broken: bool = False) -> tuple[Health, int] | None:
        """What is wrong at ``at_ns`` and since which stamp; ``is_broken``: the decoder misses parts of the stream."""
        seen: dict[Health, bool] = {
            "black": look.brightness_levels < _BLACK_LEVEL and look.spread_levels < _BLACK_SPREAD,
            "white": look.brightness_levels > _WHITE_LEVEL and look.spread_levels < _WHITE_SPREAD,
            "frozen": self._is_frozen(look) and not self._may_stand_still,
            "torn": is_broken or self._is_smeared(look.smeared_share),
        }
        seen["blurred"] = not seen["black"] and not seen["white"] and self._is_blurred(look)
        return self._latched(seen, at_ns)

    def miss(self, at_ns: int) -> tuple[Health, int] | None:
        """Packets came and gave no picture: what was seen before still stands, and parts are missing."""
        self._latches["torn"].take(at_ns, is_seen=True)
        return self._first()

    def _latched(self, seen: dict[Health, bool], at_ns: int) -> tuple[Health, int] | None:
        for health, latch in self._latches.items():
            latch.take(at_ns, is_seen=seen[health])
        return self._first()

    def _first(self) -> tuple[Health, int] | None:
        for health, latch in self._latches.items():
            if latch.is_set and latch.since_ns is not None:
                return health, latch.since_ns
        return None

    def _is_smeared(self, share: float) -> bool:
        usual = share if self._usual_smear is None else self._usual_smear
        self._usual_smear = usual + (share - usual) * _LEARN
        return share - usual > _SMEARED_SHARE and not self._may_stand_still

    def _is_frozen(self, look: Look) -> bool:
        change, usual = look.change_levels, self._usual_change
        if change is None or change > _STILL_LEVELS:
            return False
        if not self._has_groups:
            return change < _REPEATED_LEVELS
        has_detail = look.sharpness_levels > _DETAIL_LEVELS
        is_same = change < (_SAME_LEVELS if has_detail else _SAME_PLAIN_LEVELS)
        if usual is None:
            self._usual_change = None if is_same else change
            return is_same
        is_less = change < min(_SAME_MOST_LEVELS, _SAME_SHARE * usual)
        # A lamp that was switched on takes noise away for good: in time that is the usual thing.
        self._usual_change = usual + (change - usual) * (_LEARN_SAME if is_less else _LEARN_CHANGE)
        return is_same or (is_less and has_detail)

    def _is_blurred(self, look: Look) -> bool:
        usual = self.sharpness
        if usual is None:
            self._learn_first(look.sharpness_levels)
            return False
        share = look.sharpness_levels / usual if usual > 0 else 1.0
        is_set = self._latches["blurred"].is_set
        # A lens that is covered must not become the usual thing within minutes; a camera that was turned may.
        rate = _LEARN if share >= _SHARP_SHARE else _LEARN_BLURRED
        self.sharpness = usual * (1 + rate) if share > 1 else usual * (1 - rate)
        return share < (_SHARP_SHARE if is_set else _BLURRED_SHARE)

    def _learn_first(self, sharpness: float) -> None:
        self._learned.append(sharpness)
        if len(self._learned) >= _SHARPNESS_AFTER:
            self.sharpness = sorted(self._learned)[_SHARPNESS_AFTER // 2]
            self._learned.clear()


class Watch:
    """Looks at one stream's decoded frames of one size and says what is wrong with them."""

    def __init__(self, *, may_stand_still: bool, sharpness: float | None, has_groups: bool = True) -> None:
        self._eye = Eye()
        self._judgement = Judgement(may_stand_still=may_stand_still, sharpness=sharpness, has_groups=has_groups)
        self._reformatter = VideoReformatter()

    @property
    def sharpness(self) -> float | None:
        """What is usual for this source; ``None``: not known yet."""
        return self._judgement.sharpness

    def look(self, frame: VideoFrame, at_ns: int, group: int = 0, *, is_broken: bool) -> tuple[Health, int] | None:
        """What is wrong since which stamp; ``is_broken``: parts of the stream are missing."""
        return self._judgement.judge(self._eye.look(self._luma(frame), at_ns, group), at_ns, is_broken=is_broken)

    def miss(self, at_ns: int) -> tuple[Health, int] | None:
        """Packets give no pictures."""
        return self._judgement.miss(at_ns)

    def _luma(self, frame: VideoFrame) -> Luma:
        if frame.format.name not in _LUMA_FIRST:
            frame = self._reformatter.reformat(frame, SIZE_PX[0], SIZE_PX[1], "gray", threads=1)
        plane = frame.planes[0]
        rows: Luma = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
        return rows[: frame.height, : frame.width]
