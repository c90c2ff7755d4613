"""What people type, read: pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

from console.views.speech import NS_PER_S

_FORMATS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M")
_CLOCKS = ("%H:%M:%S", "%H:%M")


def read_time(typed: str, now_ns: int, zone: tzinfo | None) -> int | None:
    """The moment typed as ``14:05``, ``14:05:30`` or with a date, in local time; ``None`` if it is none of these.

    A bare clock time later than now means yesterday's, because nothing is noted before it happens.
    """
    now = datetime.fromtimestamp(now_ns // NS_PER_S, tz=UTC).astimezone(zone)
    text = typed.strip().replace("：", ":")
    for form in (*_FORMATS, *_CLOCKS):
        try:
            naive = datetime.strptime(text, form)  # noqa: DTZ007 - the zone is given below
        except ValueError:
            continue
        if form in _FORMATS:
            return int(naive.replace(tzinfo=now.tzinfo).timestamp()) * NS_PER_S
        moment = now.replace(hour=naive.hour, minute=naive.minute, second=naive.second, microsecond=0)
        if moment > now:
            moment -= timedelta(days=1)
        return int(moment.timestamp()) * NS_PER_S
    return None
