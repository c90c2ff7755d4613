"""Hostile, damaged and mislabelled files: a sentence, nothing left behind, nothing opened that should not be."""

from __future__ import annotations

import os
import random
import shutil
import zipfile
from pathlib import Path

import pytest

from console.commands import dispatch
from console.importing.source import recognise
from console.trouble import OperatorError
from tests.importing.rig import imported, refused
from tests.importing.sources import KML


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder / "layer.geojson"


def archive(path: Path, entries: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, octets in entries.items():
            file.writestr(name, octets)
    return path


def test_a_kmz_that_unpacks_to_something_absurd_is_stopped_while_it_unpacks(tmp_path: Path, out: Path) -> None:
    bomb = archive(tmp_path / "bomb.kmz", {"doc.kml": KML.encode() + b" " * 60_000_000})
    with refused("archive_bomb"):
        recognise(bomb, out.parent)
    assert sum(file.stat().st_size for file in out.parent.iterdir()) < 20_000_000


def test_a_kmz_that_lies_about_its_sizes_is_judged_by_what_comes_out(tmp_path: Path, out: Path) -> None:
    path = archive(tmp_path / "liar.kmz", {"doc.kml": KML.encode() + b" " * 5_000_000})
    octets = bytearray(path.read_bytes())
    at = octets.rindex(b"PK\x01\x02")
    octets[at + 24 : at + 28] = (1000).to_bytes(4, "little")
    path.write_bytes(octets)
    with pytest.raises(OperatorError):
        recognise(path, out.parent)


def test_a_kmz_of_thousands_of_files_is_refused(tmp_path: Path, out: Path) -> None:
    with refused("archive_bomb"):
        recognise(archive(tmp_path / "many.kmz", {f"{n}.png": b"" for n in range(2_100)}), out.parent)


def test_a_kmz_s_names_are_never_used_as_paths(tmp_path: Path, out: Path) -> None:
    path = archive(tmp_path / "slip.kmz", {"../../escaped.kml": KML.encode()})
    source = recognise(path, out.parent)
    assert source.path.parent == out.parent
    assert not (tmp_path.parent / "escaped.kml").exists()


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE kml [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><kml>&b;</kml>',
        '<!DOCTYPE kml SYSTEM "http://192.0.2.1/x.dtd"><kml/>',
        '<!DOCTYPE kml [<!ENTITY x SYSTEM "file:///etc/passwd">]><kml>&x;</kml>',
        "<kml>" + "<Folder>" * 5000 + "</Folder>" * 5000 + "</kml>",
    ],
)
def test_xml_with_document_types_entities_or_endless_nesting_is_not_opened(
    text: str, tmp_path: Path, out: Path
) -> None:
    path = tmp_path / "evil.kml"
    path.write_text(text, encoding="utf-8")
    with refused("unsafe_xml"):
        recognise(path, out.parent)


@pytest.mark.parametrize(
    ("name", "octets"),
    [
        ("a.tif", b'<VRTDataset rasterXSize="1"><SRSDataSource>/vsicurl/http://192.0.2.1/x</SRSDataSource>'),
        ("a.shp", b"<OGRVRTDataSource><OGRVRTLayer/></OGRVRTDataSource>"),
        ("a.gpkg", b"<GDAL_WMS/>"),
        ("a.pbf", b"\x1f\x8b"),
        ("a.dxf", b"AutoCAD Binary DXF\r\n"),
        ("a.kml", b"GIF89a"),
        ("a.kml", b"<OGRVRTDataSource><OGRVRTLayer/></OGRVRTDataSource>"),
        ("a.gpx", b"<kml/>"),
        ("a.tif", b""),
    ],
)
def test_what_is_not_what_its_name_says_never_reaches_gdal(name: str, octets: bytes, tmp_path: Path, out: Path) -> None:
    path = tmp_path / name
    path.write_bytes(octets)
    with refused("signature"):
        recognise(path, out.parent)


def test_folders_missing_files_and_unknown_kinds_are_named(tmp_path: Path, out: Path) -> None:
    (tmp_path / "folder.tif").mkdir()
    with refused("tile_folder"):
        recognise(tmp_path / "folder.tif", out.parent)
    os.mkfifo(tmp_path / "pipe.tif")
    with refused("no_file"):
        recognise(tmp_path / "pipe.tif", out.parent)
    with refused("unreadable"):
        recognise(tmp_path / "absent.tif", out.parent)
    with refused("suffix"):
        recognise(tmp_path / "plan.dwg", out.parent)


@pytest.mark.parametrize("name", ["halves.tif", "county.gpkg", "gbk.shp", "walk.gpx", "drawing.dxf", "henan.osm.pbf"])
def test_damaged_files_end_in_a_sentence_or_in_a_smaller_map_and_leave_nothing_half(
    name: str, sources: Path, tmp_path: Path
) -> None:
    chance = random.Random(name)
    octets = bytearray((sources / name).read_bytes())
    for _ in range(max(8, len(octets) // 400)):
        octets[chance.randrange(64, len(octets))] = chance.randrange(256)
    for spoilt, label in ((octets, "spoilt"), (octets[: len(octets) // 2], "cut")):
        folder = tmp_path / label
        folder.mkdir()
        for sibling in sources.glob(f"{Path(name).stem}.*"):
            shutil.copy(sibling, folder)
        path = folder / name
        path.write_bytes(spoilt)
        out = tmp_path / (f"{label}.mbtiles" if name.endswith(".tif") else f"{label}.geojson")
        try:
            imported(path, out, crs="EPSG:4547" if name.endswith(".dxf") else None)
        except OperatorError:
            assert not out.exists()
        else:
            assert out.exists()


def test_a_geopackage_whose_tables_are_views_with_functions_runs_none_of_them(
    sources: Path, tmp_path: Path, out: Path
) -> None:
    import sqlite3  # noqa: PLC0415

    path = tmp_path / "trap.gpkg"
    shutil.copy(sources / "many.gpkg", path)
    written = tmp_path / "written"
    with sqlite3.connect(path) as database:
        database.executescript(
            "ALTER TABLE points RENAME TO hidden;"
            "CREATE VIEW points AS SELECT fid, geom, writefile('WRITTEN', 'x') || load_extension('WRITTEN') AS name"
            " FROM hidden;".replace("WRITTEN", str(written))
        )
    database.close()
    try:
        imported(path, out)
    except OperatorError:
        assert not out.exists()
    assert not written.exists()


@pytest.mark.parametrize("name", ["base.mbtiles", "base.PMTiles"])
def test_a_package_of_tiles_is_told_where_it_belongs(tmp_path: Path, out: Path, name: str) -> None:
    package = tmp_path / name
    package.write_bytes(b"SQLite format 3\0")
    with refused("package"):
        recognise(package, out.parent)


def test_a_folder_of_tiles_is_told_what_to_do(tmp_path: Path, out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "tiles"
    folder.mkdir()
    with refused("tile_folder"):
        recognise(folder, out.parent)
    assert dispatch(["import", str(folder), "--to", str(tmp_path / "all.mbtiles")]) == 1
    assert "MBTiles" in capsys.readouterr().err
