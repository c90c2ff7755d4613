"""Map packages that are damaged or were made to harm become a sentence, and never anything else."""

from __future__ import annotations

import gzip
import os
import random
import sqlite3
import time
from pathlib import Path

import pytest

from console.maps import mbtiles
from console.maps.mbtiles import MbTiles
from console.maps.package import coverage, inspect, open_source
from console.maps.pmtiles import PmTiles
from console.maps.source import BrokenPackage, tile_format
from tests.console.test_map_packages import KINDS, PLACES, Z14, make, write_pmtiles
from tests.map_packages import png, source, write_mbtiles


def hostile(path: Path, *statements: str) -> Path:
    database = sqlite3.connect(path)
    for statement in statements:
        database.execute(statement)
    database.commit()
    database.close()
    return path


ENDLESS = (
    "CREATE VIEW tiles AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n)"
    " SELECT i AS zoom_level, i AS tile_column, i AS tile_row, x'00' AS tile_data FROM n"
)
HOSTILE = {
    "an endless view": (ENDLESS,),
    "a view that calls functions": (
        "CREATE VIEW tiles AS SELECT 14 AS zoom_level, 1 AS tile_column, 1 AS tile_row, zeroblob(2000000000) tile_data",
    ),
    "a view that loads code": (
        "CREATE VIEW tiles AS SELECT load_extension('/x.so') zoom_level, 1 tile_column, 1 tile_row, x'00' tile_data",
    ),
    "a virtual table": ("CREATE VIRTUAL TABLE tiles USING fts4(zoom_level, tile_column, tile_row, tile_data)",),
    "other columns": ("CREATE TABLE tiles (a, b)",),
    "no tiles": ("CREATE TABLE other (a)",),
    "no rows": ("CREATE TABLE tiles (zoom_level, tile_column, tile_row, tile_data)",),
    "text for numbers": (
        "CREATE TABLE tiles (zoom_level, tile_column, tile_row, tile_data)",
        "INSERT INTO tiles VALUES ('14', 'x', 1e300, 'no picture')",
    ),
    "vector tiles": (
        "CREATE TABLE tiles (zoom_level, tile_column, tile_row, tile_data)",
        "INSERT INTO tiles VALUES (14, 13368, 9862, x'1f8b0800000000000003')",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_package_becomes_a_sentence_soon(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mbtiles, "_STATEMENT_S", 0.2)
    one = source(hostile(tmp_path / "bad.mbtiles", *HOSTILE[name]))
    began = time.monotonic()
    with pytest.raises(BrokenPackage) as broken:
        inspect(one, open_source(one))
    assert time.monotonic() - began < 30
    assert "bad.mbtiles" in broken.value.sentence("zh")
    assert "maps.broken" not in broken.value.sentence("zh")


@pytest.mark.parametrize(
    ("was", "now"),
    [
        (b"CREATE TABLE tiles", b"CREATE \x92ABLE tiles"),
        (b"INDEX tile_index ON tiles", b"INDEX tile_index ON t\x92les"),
        (b"tabletilestiles", b"tablet\x92lestiles"),
    ],
)
def test_octets_that_are_no_text_in_the_schema_are_damage(was: bytes, now: bytes, tmp_path: Path) -> None:
    """SQLite quotes them in its message as they are; found by turning octets at random."""
    path = write_mbtiles(tmp_path / "a.mbtiles", PLACES)
    octets = path.read_bytes()
    assert was in octets
    path.write_bytes(octets.replace(was, now))
    with pytest.raises(BrokenPackage) as broken:
        open_source(source(path))
    assert broken.value.text.id == "maps.broken.damaged"


def test_a_pipe_is_no_package_and_nobody_waits_for_it(tmp_path: Path) -> None:
    path = tmp_path / "pipe.mbtiles"
    os.mkfifo(path)
    pipe = os.open(path, os.O_RDWR)
    os.write(pipe, b"PMTiles\x03" + bytes(512))
    try:
        with pytest.raises(BrokenPackage) as broken:
            open_source(source(path))
    finally:
        os.close(pipe)
    assert broken.value.text.id == "maps.broken.no_package"


def test_triggers_never_run_and_nothing_is_written_to_the_file_or_beside_it(tmp_path: Path) -> None:
    path = write_mbtiles(tmp_path / "t.mbtiles", PLACES)
    hostile(path, "CREATE TRIGGER t AFTER INSERT ON tiles BEGIN DELETE FROM tiles; END")
    path.chmod(0o400)
    before = path.read_bytes()
    tiles = MbTiles(path)
    assert tiles.tile(*Z14) is not None
    with pytest.raises(BrokenPackage):
        tiles._all("INSERT INTO tiles VALUES (1, 1, 1, x'00')")
    with pytest.raises(BrokenPackage):
        tiles._all("ATTACH DATABASE '/tmp/other.db' AS other")
    with pytest.raises(BrokenPackage):
        tiles._all("PRAGMA query_only=OFF")
    tiles.close()
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["t.mbtiles"]


def test_a_blob_larger_than_any_tile_is_not_read(tmp_path: Path) -> None:
    path = write_mbtiles(tmp_path / "blob.mbtiles", PLACES)
    hostile(path, "UPDATE tiles SET tile_data = zeroblob(50000000) WHERE zoom_level=14 AND tile_column=13368")
    tiles = MbTiles(path)
    with pytest.raises(BrokenPackage):
        tiles.tile(*Z14)
    assert tiles.tile(14, 13367, 6521) is not None, "the others are still there"
    tiles.close()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(12))
def test_a_damaged_package_gives_tiles_or_a_sentence_and_never_anything_else(
    kind: str, seed: int, tmp_path: Path
) -> None:
    path = make(kind, tmp_path)
    octets = bytearray(path.read_bytes())
    chance = random.Random(seed)
    if seed % 3 == 0:
        octets = octets[: chance.randrange(1, len(octets))]
    else:
        for _ in range(60):
            octets[chance.randrange(len(octets) if seed % 3 == 1 else 600)] = chance.randrange(256)
    path.write_bytes(octets)
    one = source(path)
    try:
        tiles = open_source(one)
    except BrokenPackage:
        return
    try:
        package = inspect(one, tiles)
        coverage(package, tiles, (113.7, 34.3, 113.8, 34.4))
        for place in PLACES:
            try:
                octet = tiles.tile(*place)
            except BrokenPackage:
                continue
            assert octet is None or isinstance(octet, bytes)
    except BrokenPackage:
        return
    finally:
        tiles.close()


def test_a_directory_that_unpacks_to_more_than_one_can_be_is_refused(tmp_path: Path) -> None:
    path = write_pmtiles(tmp_path / "bomb.pmtiles", PLACES)
    octets = bytearray(path.read_bytes())
    bomb = gzip.compress(bytes(200_000_000))
    octets[8:16] = len(octets).to_bytes(8, "little")
    octets[16:24] = len(bomb).to_bytes(8, "little")
    path.write_bytes(bytes(octets) + bomb)
    with pytest.raises(BrokenPackage):
        PmTiles(path)


@pytest.mark.parametrize("octets", [b"", b"x", b"PMTiles\x02" + bytes(200), b"SQLite format 3\x00", b"PK\x03\x04" * 99])
def test_what_is_no_package_is_said_to_be_none(octets: bytes, tmp_path: Path) -> None:
    path = tmp_path / "none.mbtiles"
    path.write_bytes(octets)
    with pytest.raises(BrokenPackage) as broken:
        inspect(source(path), open_source(source(path)))
    assert "none.mbtiles" in broken.value.sentence("en")
    for missing in (tmp_path / "nowhere.mbtiles", tmp_path):
        with pytest.raises(BrokenPackage):
            open_source(source(missing))


def test_formats_are_known_by_their_first_octets() -> None:
    assert tile_format(png(1, 2, 3)) == "png"
    assert tile_format(b"\xff\xd8\xff\xe0") == "jpeg"
    assert tile_format(b"RIFF\x00\x00\x00\x00WEBPVP8 ") == "webp"
    assert tile_format(b"<svg xmlns=") is None
    assert tile_format(b"\x1f\x8b") is None
