"""How the console speaks: texts by message id, ages, clocks, coordinates, in the language in force."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

from console.coordinates.telling import ANGULAR, STYLES, Style, say_place
from console.i18n import LANGUAGES, Language, translate
from console.picture import Text

NS_PER_S = 1_000_000_000
_S_PER_MIN = 60
_S_PER_H = 3600
_S_PER_DAY = 86400
_LATEST_NS = 4_102_444_800 * NS_PER_S
NOTHING = "—"
STRUCK = ("notice.mark_removed", "notice.road_removed")
"""Lines of the log that say what was taken away: struck through, not gone."""
_GRID_DATUMS = ("wgs84", "cgcs2000")


class Speech:
    """Turns ids and values into words.

    ``zone`` is the zone of clocks; ``None`` is this machine's.  ``style`` is how coordinates are written.
    """

    def __init__(self, language: Language = "zh", *, zone: tzinfo | None = None, style: Style = STYLES[0]) -> None:
        self.language: Language = language
        self.zone = zone
        self.style: Style = style

    def toggle(self) -> None:
        """Speak the other language from now on."""
        self.language = LANGUAGES[(LANGUAGES.index(self.language) + 1) % len(LANGUAGES)]

    def say(self, message_id: str, **args: object) -> str:
        """The text of a message id."""
        return translate(self.language, message_id, args or None)

    def tell(self, text: Text | None) -> str:
        """A text of the picture; arguments named ``*_ns`` become clock times, an absent text is empty."""
        if text is None:
            return ""
        args: dict[str, object] = {
            name: self.clock(value) if name.endswith("_ns") and isinstance(value, int) else value
            for name, value in text.args.items()
        }
        return translate(self.language, text.id, args or None)

    # ---- time

    def age(self, age_ns: int | None) -> str:
        """A span in its two leading units: ``41 秒``, ``27 分``, ``5 时 12 分``; below zero counts as zero."""
        if age_ns is None:
            return NOTHING
        seconds = max(0, age_ns) // NS_PER_S
        if seconds < _S_PER_MIN:
            return self.say("age.seconds", s=seconds)
        if seconds < _S_PER_H:
            return self.say("age.minutes", m=seconds // _S_PER_MIN)
        if seconds < _S_PER_DAY:
            return self.say("age.hours", h=seconds // _S_PER_H, m=seconds % _S_PER_H // _S_PER_MIN)
        return self.say("age.days", d=seconds // _S_PER_DAY, h=seconds % _S_PER_DAY // _S_PER_H)

    def fine_age(self, age_ns: int | None) -> str:
        """As ``age``, with tenths below ten seconds: ``0.4 秒``."""
        if age_ns is None or age_ns >= 10 * NS_PER_S:
            return self.age(age_ns)
        return self.say("age.tenths", s=f"{max(0, age_ns) / NS_PER_S:.1f}")

    def offset(self, offset_ns: int) -> str:
        """How far a clock is off: ``+0.1 s``, ``±0.0 s``; beyond ten minutes as an age, without a sign."""
        if abs(offset_ns) >= 10 * _S_PER_MIN * NS_PER_S:
            return self.age(abs(offset_ns))
        tenths = round(offset_ns / NS_PER_S, 1)
        return f"{tenths:+.1f} s" if tenths else "±0.0 s"

    def period(self, span_s: float) -> str:
        """A configured span: ``15 分``, ``90 秒``."""
        seconds = round(span_s)
        if seconds >= _S_PER_MIN and seconds % _S_PER_MIN == 0 and seconds < _S_PER_H:
            return self.say("age.minutes", m=seconds // _S_PER_MIN)
        if seconds < 10 * _S_PER_MIN:
            return self.say("age.seconds", s=seconds)
        return self.age(seconds * NS_PER_S)

    def _local(self, at_ns: int) -> datetime:
        return datetime.fromtimestamp(min(max(at_ns, 0), _LATEST_NS) // NS_PER_S, tz=UTC).astimezone(self.zone)

    def clock(self, at_ns: int | None) -> str:
        """Local time of day, ``14:32:07``."""
        return NOTHING if at_ns is None else f"{self._local(at_ns):%H:%M:%S}"

    def minute(self, at_ns: int | None, now_ns: int | None = None) -> str:
        """Local ``14:32``; with ``now_ns`` of another day ``07-19 14:32``: yesterday must not look like today."""
        if at_ns is None:
            return NOTHING
        local = self._local(at_ns)
        if now_ns is not None and local.date() != self._local(now_ns).date():
            return f"{local:%m-%d %H:%M}"
        return f"{local:%H:%M}"

    def end_of_span(self, low_ns: int, high_ns: int, now_ns: int) -> str:
        """The end of what begins at ``low_ns``: its day is said only where it is another one than was said there."""
        is_told = self._local(low_ns).date() == self._local(high_ns).date()
        return self.minute(high_ns, high_ns if is_told else now_ns)

    def span(self, low_ns: int, high_ns: int, now_ns: int) -> str:
        """``20:45–21:40``, ``07-21 00:58–02:12``, or one minute where both are in it."""
        low, high = self.minute(low_ns, now_ns), self.minute(high_ns, now_ns)
        return low if low == high else f"{low}–{self.end_of_span(low_ns, high_ns, now_ns)}"

    def second(self, at_ns: int | None, now_ns: int) -> str:
        """As ``minute``, to the second."""
        if at_ns is None:
            return NOTHING
        local = self._local(at_ns)
        return f"{local:%H:%M:%S}" if local.date() == self._local(now_ns).date() else f"{local:%m-%d %H:%M:%S}"

    def date(self, at_ns: int) -> str:
        """Local date with its weekday: ``2023-07-20 周四``."""
        local = self._local(at_ns)
        return f"{local:%Y-%m-%d} {self.say(f'weekday.{local.isoweekday()}')}"

    def short_date(self, at_ns: int) -> str:
        """Month and day: ``07-20``."""
        return f"{self._local(at_ns):%m-%d}"

    # ---- place and size

    def coordinates(self, lat_deg: float, lon_deg: float, datum: str) -> str:
        """The place in the style in force, with the datum: ``N 34°23′44.6″ E 113°44′26.1″ WGS-84``."""
        return f"{self.figures(lat_deg, lon_deg, datum)} {self.datum(datum)}"

    def figures(self, lat_deg: float, lon_deg: float, datum: str) -> str:
        """The same without the datum.

        Grids and codes are made of WGS-84 and CGCS2000 places alone: of others they would name another place.
        """
        style = self.style if datum in _GRID_DATUMS or self.style in ANGULAR else STYLES[0]
        return say_place(
            lat_deg, lon_deg, style, (self.say("coordinates.axis.north"), self.say("coordinates.axis.east"))
        )

    def style_name(self) -> str:
        """What the style in force is called."""
        return self.say(f"coordinates.style.{self.style}")

    def datum(self, datum: str) -> str:
        """The name of a datum; an unknown one says so."""
        return self.say(f"datum.{datum}")

    def distance(self, distance_m: float) -> str:
        """``850 m``, ``1.8 km``, ``112 km``."""
        if distance_m < 1000:
            return f"{distance_m:.0f} m"
        return f"{distance_m / 1000:.1f} km" if distance_m < 100_000 else f"{distance_m / 1000:.0f} km"

    def bearing(self, bearing_deg: float) -> str:
        """``152°``, three digits from true north."""
        return f"{round(bearing_deg) % 360:03d}°"

    def round_trip(self, round_trip_ms: float | None) -> str:
        """``612 ms``, ``1.4 s``; ``< 1 ms`` where it is less: nothing takes no time."""
        if round_trip_ms is None:
            return NOTHING
        if 0 <= round_trip_ms < 1:
            return "< 1 ms"
        return f"{round_trip_ms:.0f} ms" if round_trip_ms < 1000 else f"{round_trip_ms / 1000:.1f} s"

    def percent(self, value_percent: float | None) -> str:
        """``0.4%``, ``12%``."""
        if value_percent is None:
            return NOTHING
        return f"{value_percent:.0f}%" if value_percent == 0 or value_percent >= 10 else f"{value_percent:.1f}%"

    def rate(self, rate_bps: float | None) -> str:
        """``1.9 Mb/s``, ``640 kb/s``."""
        if rate_bps is None:
            return NOTHING
        return f"{rate_bps / 1e6:.1f} Mb/s" if rate_bps >= 1e6 else f"{rate_bps / 1e3:.0f} kb/s"

    def size(self, size_bytes: int | None) -> str:
        """``12 MB``, ``1.8 GB``: decimal, as disks are sold."""
        if size_bytes is None:
            return NOTHING
        if size_bytes >= 1_000_000_000:
            return f"{size_bytes / 1e9:.1f} GB"
        return f"{size_bytes / 1e6:.0f} MB" if size_bytes >= 1_000_000 else f"{size_bytes / 1e3:.0f} kB"
