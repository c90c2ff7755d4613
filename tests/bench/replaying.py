"""``replay``: how fast an old journal goes through a new engine; ``moment``: how soon any moment of it is there."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable
from functools import cache
from itertools import islice

from pynmeagps import NMEAReader

from console.assembly import digest_of
from console.journal.reader import Reader
from console.records import Kind
from console.replay import catch_up, engine_at, new_engine, play
from tests.bench.figure import Figure, percentile
from tests.bench.recording import kept
from tests.bench.traffic import mix

SENTENCES = 5_000
load_mix = cache(mix)


def replay(count: int = 200_000) -> Iterable[Figure]:
    """Replay from zero, beside a usual library parsing the GNSS sentences alone."""
    reader = Reader(kept(count))
    records = reader.span()[2]
    began = time.perf_counter()
    engine = play(new_engine(), reader)
    rate = records / (time.perf_counter() - began)
    is_same = digest_of(engine.picture()) == digest_of(catch_up(reader).picture())
    said = (one.payload for one in reader.records() if one.kind == Kind.OCTETS and one.source.startswith("nmea"))
    sentences = list(islice(said, SENTENCES))
    reader.close()
    began = time.perf_counter()
    for sentence in sentences:
        NMEAReader.parse(sentence)
    parsed = len(sentences) / (time.perf_counter() - began)
    yield Figure(
        name="replay",
        what=f"headless from zero, {records:,} records",
        value=rate,
        unit="records/s",
        target=50_000,
        beside=f"pynmeagps parsing alone {parsed:,.0f}/s",
        ratio=rate / parsed,
        mix=load_mix(),
    )
    yield Figure(
        name="replay", what="digest equals that from the last snapshot", value=float(is_same), unit="", target=1.0,
        better="equal",
    )  # fmt: skip


def moment(count: int = 1_000_000, asks: int = 100) -> Iterable[Figure]:
    """Engine and picture at random moments, beside stepping everything from zero to the middle."""
    reader = Reader(kept(count))
    from_ns, to_ns, records = reader.span()
    chance = random.Random(3)
    spent_ms = []
    for _ in range(asks):
        at_ns = chance.randint(from_ns, to_ns)
        began = time.perf_counter()
        engine_at(reader, at_ns).picture()
        spent_ms.append(1000 * (time.perf_counter() - began))
    began = time.perf_counter()
    play(new_engine(), reader, until_ns=(from_ns + to_ns) // 2).picture()
    whole_ms = 1000 * (time.perf_counter() - began)
    reader.close()
    p95_ms = percentile(spent_ms, 0.95)
    yield Figure(
        name="moment",
        what=f"any moment of {records:,} records, p95 of {asks}",
        value=p95_ms,
        unit="ms",
        target=200,
        better="less",
        beside=f"from zero to the middle {whole_ms:,.0f} ms",
        ratio=p95_ms / whole_ms,
        mix=load_mix(),
    )
    yield Figure(name="moment", what="p50", value=percentile(spent_ms, 0.5), unit="ms")
    yield Figure(name="moment", what="longest", value=max(spent_ms), unit="ms")
