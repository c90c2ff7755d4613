"""Vector sources become a layer in WGS-84 with the few kinds that the map draws."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.importing.job import Skipped
from tests.importing.rig import features, imported, refused, told
from tests.importing.sources import LAT, LON

_TENTH_M_DEG = 1e-6


def skipped(found: list[Skipped]) -> dict[str, int]:
    return {one.reason: one.count for one in found}


def first_place(layer: Path) -> list[float]:
    place = features(layer)[0]["geometry"]["coordinates"]
    while isinstance(place[0], list):
        place = place[0]
    return [float(part) for part in place]


def test_a_geopackage_in_gauss_krueger_lies_where_the_coordinate_vectors_say(sources: Path, tmp_path: Path) -> None:
    out = tmp_path / "county.geojson"
    report = imported(sources / "county.gpkg", out)
    assert told(out) == [("road", 1, "郑新路"), ("road", 3, "县道 012"), ("boundary", 2, "新郑市")]
    assert first_place(out) == pytest.approx([LON, LAT], abs=_TENTH_M_DEG)
    assert (report.datum, report.crs) == ("cgcs2000", "EPSG:4547")
    assert report.counts == {"road": 2, "boundary": 1}


@pytest.mark.parametrize("name", ["gbk", "utf8"])
def test_a_shapefile_s_chinese_is_read_whatever_its_cpg_says(name: str, sources: Path, tmp_path: Path) -> None:
    out = tmp_path / "bridge.geojson"
    report = imported(sources / f"{name}.shp", out, feature_kind="road")
    assert told(out) == [("road", 2, "双洎河大桥")]
    assert report.notes == (["gb18030"] if name == "gbk" else [])


def test_what_says_no_reference_system_needs_one_and_a_wrong_one_is_noticed(sources: Path, tmp_path: Path) -> None:
    out = tmp_path / "layer.geojson"
    for name in ("bare.shp", "drawing.dxf"):
        with refused("no_crs"):
            imported(sources / name, out)
        with refused("crs_does_not_fit"):  # eastings without their zone said to be with it
            imported(sources / name, out, crs="EPSG:4526")
    with refused("crs_does_not_fit"):
        imported(sources / "far.shp", out)
    imported(sources / "drawing.dxf", out, crs="EPSG:4547")
    assert told(out) == [("road", 2, "")]
    assert first_place(out) == pytest.approx([LON, LAT], abs=_TENTH_M_DEG)


def test_shifted_places_are_put_where_they_are(sources: Path, tmp_path: Path) -> None:
    out = tmp_path / "gcj.geojson"
    report = imported(sources / "gcj.gpkg", out, datum="gcj02")
    assert told(out) == [("name", 2, "观音寺")]
    assert first_place(out) == pytest.approx([LON, LAT], abs=_TENTH_M_DEG)
    assert (report.datum, report.notes) == ("wgs84", ["unshifted"])


@pytest.mark.parametrize("name", ["marks.kml", "marks.kmz"])
def test_kml_and_kmz_are_read_and_their_links_only_counted(name: str, sources: Path, tmp_path: Path) -> None:
    out = tmp_path / "marks.geojson"
    report = imported(sources / name, out)
    assert told(out) == [("road", 2, "撤离路一"), ("other", 0, "城关小学")]
    assert first_place(out) == pytest.approx([LON, LAT], abs=_TENTH_M_DEG)
    left_out = skipped(report.skipped)
    assert (left_out["network_link"], left_out["overlay"]) == (1, 1)


def test_a_gpx_gives_its_track_and_its_waypoint_once(sources: Path, tmp_path: Path) -> None:
    out = tmp_path / "walk.geojson"
    imported(sources / "walk.gpx", out)
    assert told(out) == [("other", 0, "渡口"), ("other", 0, "侦察路线")]


def test_an_osm_extract_gives_roads_waters_names_and_boundaries_and_says_what_it_left_out(
    sources: Path, tmp_path: Path
) -> None:
    out = tmp_path / "henan.geojson"
    report = imported(sources / "henan.osm.pbf", out)
    assert sorted(told(out)) == sorted(
        [
            ("name", 1, "新村镇"),
            ("road", 0, "107国道"),
            ("road", 4, ""),
            ("river", 1, "双洎河"),
            ("water", 1, "轩辕湖"),
            ("boundary", 2, "新郑市"),
        ]
    )
    assert report.skipped == [Skipped(reason="not_for_map", count=2, example="面包")]


def test_only_the_area_asked_for_comes_in_and_the_rest_is_counted(sources: Path, tmp_path: Path) -> None:
    out = tmp_path / "area.geojson"
    area = (LON - 0.01, LAT - 0.01, LON + 0.005, LAT + 0.01)
    imported(sources / "county.gpkg", out, area_deg=area)
    places = [
        place
        for one in features(out)
        if one["geometry"]["type"] == "LineString"
        for place in one["geometry"]["coordinates"]
    ]
    assert max(place[0] for place in places) == pytest.approx(LON + 0.005, abs=_TENTH_M_DEG)
    with refused("nothing"):
        imported(sources / "county.gpkg", tmp_path / "none.geojson", area_deg=(100.0, 30.0, 101.0, 31.0))


def test_more_than_a_layer_may_hold_is_refused(sources: Path, tmp_path: Path) -> None:
    with refused("too_much"):
        imported(sources / "dense.gpkg", tmp_path / "dense.geojson")
    assert not list(tmp_path.iterdir())
