"""Vector layers on the map: what is read of strangers' files, what is drawn where, in which colour, from which zoom."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage, QPainter

from console.i18n import LANGUAGES
from console.ownmaps import found_layers, own_layer
from console.surroundings import Datum, MapSource
from console.vectors.form import MOST_LAYERS
from console.vectors.layer import BrokenLayer, Paths, VectorLayer, read_layer
from console.vectors.store import LayerStore
from console.views.situation.legend import ground_note
from console.views.situation.projection import View, to_plane
from console.views.situation.scene import Moment
from console.views.situation.tile_layer import TileLayer
from console.views.situation.vectors import Vectors, path_of
from console.views.theme import Theme
from tests.views.pictures import picture
from tests.views.situation_rig import SPEECH

pytestmark = pytest.mark.usefixtures("qapp")

LAT, LON = 34.395949, 113.740662
GCJ_LAT, GCJ_LON = 34.394659427, 113.746811797
"""The same place in GCJ-02.  **Source:** gcoord, coordtransform and coordTransform agree to the last digit."""
EAST, NORTH = to_plane(LAT, LON)


def feature(kind: str, rank: int, shape: str, coordinates: Any, name: str = "") -> dict[str, Any]:
    properties = {"kind": kind, "rank": rank, "name": name}
    return {"type": "Feature", "properties": properties, "geometry": {"type": shape, "coordinates": coordinates}}


def across(kind: str, rank: int = 0, name: str = "") -> dict[str, Any]:
    """A line from west to east through the place."""
    return feature(kind, rank, "LineString", [[LON - 0.1, LAT], [LON, LAT], [LON + 0.1, LAT]], name)


def written(path: Path, *features: dict[str, Any], **head: str) -> MapSource:
    whole: dict[str, Any] = {"type": "FeatureCollection", "features": list(features)}
    if head:
        whole["command_post"] = {"format": 1, **head}
    path.write_text(json.dumps(whole), encoding="utf-8")
    return MapSource(id=path.stem, name="", path=path, datum="unknown")


def read(path: Path, *features: dict[str, Any]) -> VectorLayer:
    return read_layer(written(path, *features, datum="wgs84", name="路"))


def drawn(*layers: VectorLayer, zoom: float = 14.0) -> QImage:
    """Two hundred pixels about the place, on the ground's colour."""
    store = LayerStore(())
    store.layers = layers
    theme = Theme()
    image = QImage(200, 200, QImage.Format.Format_RGB32)
    image.fill(theme.palette.map_ground)
    view = View(centre_east_m=EAST, centre_north_m=NORTH, zoom=zoom, width_px=200, height_px=200)
    painter = QPainter(image)
    Vectors(store).draw(painter, picture(), view, theme, SPEECH, 0)
    painter.end()
    return image


def has(image: QImage, colour: QColor) -> bool:
    return any(image.pixelColor(x, y) == colour for x in range(image.width()) for y in range(image.height()))


# ---- reading


def test_a_layer_says_its_own_name_datum_and_day_and_what_the_vehicles_file_calls_it_goes_first(tmp_path: Path) -> None:
    source = written(tmp_path / "a.geojson", across("road"), name="新郑路网", datum="cgcs2000", date="2026-07-20")
    layer = read_layer(source)
    assert (layer.name, layer.datum, layer.date, layer.has_roads) == ("新郑路网", "cgcs2000", "2026-07-20", True)
    named = MapSource(id="a", name="本县道路", path=source.path, datum="gcj02", date="2025")
    assert read_layer(named).name == "本县道路"
    assert read_layer(named).datum == "cgcs2000", "the importer knew: the places are not shifted twice"


@pytest.mark.parametrize(("datum", "shown"), [("gcj02", "wgs84"), ("wgs84", "wgs84"), ("unknown", "unknown")])
def test_strangers_places_are_put_right_by_the_datum_that_the_vehicles_file_says(
    datum: Datum, shown: str, tmp_path: Path
) -> None:
    lat, lon = (GCJ_LAT, GCJ_LON) if datum == "gcj02" else (LAT, LON)
    source = written(tmp_path / "a.geojson", {"geometry": {"type": "Point", "coordinates": [lon, lat, 130.0]}})
    layer = read_layer(MapSource(id="a", name="", path=source.path, datum=datum))
    assert layer.datum == shown
    (points,) = layer.points
    assert points.kind == "other"
    assert points.places_m[0] == pytest.approx([EAST, NORTH], abs=0.01)


@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        (b"", "no_geojson"),
        (b"{", "no_geojson"),
        (b"[" * 100_000, "no_geojson"),
        (b'{"type":"FeatureCollection","features":' + b"[" * 100_000, "no_geojson"),
        (b'{"type":"Topology","features":[]}', "no_geojson"),
        (b'{"type":"FeatureCollection","features":[]}', "nothing"),
        (b'{"type":"FeatureCollection","features":[1,null,"x",{}]}', "nothing"),
        (b'{"type":"FeatureCollection","features":[' + b"1," * 200_001 + b"1]}", "too_much"),
        (b"SQLite format 3\0", "no_geojson"),
    ],
)
def test_a_file_that_is_no_layer_is_a_sentence(octets: bytes, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.geojson"
    path.write_bytes(octets)
    with pytest.raises(BrokenLayer) as caught:
        read_layer(own_layer(path))
    assert caught.value.text.id == f"vectors.broken.{reason}"
    assert all("bad.geojson" in caught.value.sentence(language) for language in LANGUAGES)


def test_features_that_lie_nowhere_are_left_out_and_the_others_drawn(tmp_path: Path) -> None:
    bad = [
        feature("road", 0, "LineString", [[500, 3], [4, 5]]),
        feature("road", 0, "LineString", [[1, 2]]),
        feature("road", 0, "LineString", []),
        feature("road", 0, "LineString", [["x", 2], [3, 4]]),
        feature("road", 0, "Circle", [1, 2]),
        feature("road", 0, "Point", [1]),
        {"geometry": None},
    ]
    layer = read(tmp_path / "a.geojson", *bad, across("road", 9, "路\x07\n二"), across("spaceship"))
    assert [(one.kind, one.rank, one.names) for one in layer.groups] == [("road", 0, ("路 二",)), ("other", 0, ("",))]


def test_thinning_keeps_the_ends_and_never_leaves_the_pixel() -> None:
    way = np.column_stack((np.linspace(0, 10_000, 5_001), np.zeros(5_001)))
    paths = Paths(points_m=np.vstack((way, way + 50_000)), starts=np.array([0, 5_001, 10_002]))
    thin = paths.thinned(11)
    pixel_m = 40_075_016.7 / 256 / 2**11
    assert len(thin.points_m) < 400
    for first, last, whole in ((0, thin.starts[1], way), (thin.starts[1], thin.starts[2], way + 50_000)):
        part = thin.points_m[first:last]
        assert (part[0] == whole[0]).all()
        assert (part[-1] == whole[-1]).all()
        assert np.diff(part[:, 0]).max() < 2 * pixel_m


def test_only_the_layers_of_the_folder_are_found_and_not_more_than_can_be_shown(tmp_path: Path) -> None:
    for number in range(20):
        (tmp_path / f"{number:02}.geojson").touch()
    (tmp_path / ".half.geojson").touch()
    (tmp_path / "base.mbtiles").touch()
    found = found_layers(tmp_path)
    assert [one.path.name for one in found] == [f"{number:02}.geojson" for number in range(MOST_LAYERS)]
    assert found_layers(tmp_path / "absent") == ()


def test_a_broken_layer_stops_no_other_and_one_read_again_takes_the_place_of_the_old(tmp_path: Path) -> None:
    good = written(tmp_path / "good.geojson", across("river"), datum="wgs84", name="甲")
    store = LayerStore([MapSource(id="gone", name="", path=tmp_path / "gone.geojson", datum="unknown"), good])
    store.start()
    try:
        wait_until(lambda: len(store.layers) == 1)
        assert [identity for identity, _ in store.broken] == ["gone"]
        store.add(written(tmp_path / "good.geojson", across("road"), datum="wgs84", name="乙"))
        wait_until(lambda: [layer.name for layer in store.layers] == ["乙"])
    finally:
        store.close()


def wait_until(is_so: Any) -> None:
    deadline = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


# ---- drawing


def test_every_line_of_the_path_is_where_the_view_puts_it(tmp_path: Path) -> None:
    second = feature("road", 0, "LineString", [[LON, LAT - 0.01], [LON, LAT + 0.01]])
    (group,) = read(tmp_path / "a.geojson", across("road"), second).groups
    view = View(centre_east_m=EAST, centre_north_m=NORTH, zoom=13, width_px=300, height_px=200)
    lines = path_of(group.paths, np.array([0, 1]), view).toSubpathPolygons()
    assert len(lines) == 2
    for line, places in zip(
        lines, (((LAT, LON - 0.1), (LAT, LON + 0.1)), ((LAT - 0.01, LON), (LAT + 0.01, LON))), strict=True
    ):
        for point, place in zip((line.first(), line.last()), places, strict=True):
            wanted = view.point(*place)
            assert (point.x(), point.y()) == pytest.approx((wanted.x(), wanted.y()), abs=0.01)
    assert path_of(group.paths, np.array([], dtype=np.intp), view).isEmpty()


@pytest.mark.parametrize(("kind", "colour"), [("road", "map_road"), ("river", "map_river_edge"), ("rail", "map_name")])
def test_a_line_has_the_colour_of_its_kind(kind: str, colour: str, tmp_path: Path) -> None:
    wanted = getattr(Theme().palette, colour)
    image = drawn(read(tmp_path / "a.geojson", across(kind)))
    assert has(image.copy(0, 98, 200, 4), wanted)
    assert not has(image.copy(0, 0, 200, 80), wanted)


def test_water_is_filled(tmp_path: Path) -> None:
    ring = [[LON - 1, LAT - 1], [LON + 1, LAT - 1], [LON + 1, LAT + 1], [LON - 1, LAT - 1]]
    image = drawn(read(tmp_path / "a.geojson", feature("water", 1, "Polygon", [ring])))
    assert image.pixelColor(150, 150) == Theme().palette.map_river


def test_what_matters_less_appears_closer_by_only(tmp_path: Path) -> None:
    lane = read(tmp_path / "a.geojson", across("road", 4))
    blank = drawn(zoom=11)
    assert drawn(lane, zoom=11) == blank
    assert drawn(lane, zoom=13) != blank
    assert drawn(read(tmp_path / "b.geojson", across("road", 0)), zoom=6) != blank


def test_a_line_smaller_than_a_dot_and_one_out_of_the_view_are_not_drawn(tmp_path: Path) -> None:
    dot = feature("road", 0, "LineString", [[LON, LAT], [LON + 1e-6, LAT]])
    away = feature("road", 0, "LineString", [[LON + 1, LAT], [LON + 2, LAT]])
    assert drawn(read(tmp_path / "a.geojson", dot, away)) == drawn()


def test_names_that_would_lie_on_one_another_give_way_to_the_more_important(tmp_path: Path) -> None:
    colour = Theme().palette.map_name

    def named(*ranks: int) -> QImage:
        places = [feature("name", rank, "Point", [LON, LAT], "县城" if rank == 1 else "村庄") for rank in ranks]
        return drawn(read(tmp_path / "a.geojson", *places))

    assert has(named(1), colour)
    assert named(1, 3) == named(1)
    assert named(1) != named(3)


def test_the_map_says_that_it_has_no_roads_until_a_layer_with_roads_is_there(tmp_path: Path) -> None:
    store = LayerStore(())
    vectors = Vectors(store)
    tiles = TileLayer(Theme(), ())
    view = View(centre_east_m=EAST, centre_north_m=NORTH, zoom=14, width_px=200, height_px=200)
    live = Moment(picture=replace(picture(), mode="live"), view=view, now_ns=0, selected_id=None, cursor_deg=None)

    def note(moment: Moment = live) -> str:
        return ground_note(moment, SPEECH, tiles, [vectors])[0]

    assert note().startswith("无道路数据 · ")
    store.layers = (read(tmp_path / "a.geojson", across("river")),)
    assert note().startswith("无道路数据 · ")
    assert note().endswith("图层：路")
    store.layers = (read_layer(replace(written(tmp_path / "b.geojson", across("road")), name="乡道")),)
    assert "无道路数据" not in note()
    assert note().endswith("图层：乡道（基准未知）")
    assert ground_note(live, SPEECH, tiles, [vectors])[1] == "warn"
    vectors.is_shown = False
    assert note().startswith("无道路数据 · ")
    drill = replace(live, picture=replace(picture(), mode="drill"))
    assert "无道路数据" not in note(drill), "the sketch says what it is"


def test_a_layer_that_arrives_is_drawn_at_the_next_refresh(tmp_path: Path) -> None:
    store = LayerStore(())
    vectors = Vectors(store)
    view = View(centre_east_m=EAST, centre_north_m=NORTH, zoom=14, width_px=200, height_px=200)
    before = vectors.key(picture(), view, 0)
    assert vectors.key(picture(), view, 10**12) == before
    store.layers = (read(tmp_path / "a.geojson", across("road")),)
    assert vectors.key(picture(), view, 0) != before
