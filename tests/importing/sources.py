"""Small maps of every kind, made with other people's writers: ``python -m tests.importing.sources FOLDER``.

A process of its own, since the tests' own process also loads Qt and must not load GDAL twice.
"""

from __future__ import annotations

import sys
import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

LAT, LON = 34.395949, 113.740662
"""Xinzheng, the point of the coordinate vectors."""
EAST_4547, NORTH_4547 = 476_152.8207, 3_807_612.9565
"""The same in EPSG:4547.  **Source:** pyproj and a Krueger series of our own agree to 1e-7 m."""
GCJ_LON, GCJ_LAT = 113.746811797, 34.394659427
"""The same in GCJ-02.  **Source:** gcoord, coordtransform, coordTransform agree."""


def make_rasters(folder: Path) -> None:
    import rasterio  # noqa: PLC0415
    from rasterio.transform import from_bounds  # noqa: PLC0415

    def write(name: str, bands: Any, bounds: tuple[float, float, float, float], crs: str | None, **more: Any) -> None:
        count, height, width = bands.shape
        with rasterio.open(
            folder / name,
            "w",
            driver=more.pop("driver", "GTiff"),
            width=width,
            height=height,
            count=count,
            dtype=bands.dtype,
            crs=crs,
            transform=from_bounds(*bounds, width, height),
            **{key: value for key, value in more.items() if key not in {"colormap", "unit"}},
        ) as file:
            file.write(bands)
            if "colormap" in more:
                file.write_colormap(1, more["colormap"])
            if "unit" in more:
                file.set_band_unit(1, more["unit"])

    # West half red, east half green; the middle of it is the point.
    halves = np.zeros((3, 400, 500), np.uint8)
    halves[0, :, :250] = 200
    halves[1, :, 250:] = 200
    around = (EAST_4547 - 1000, NORTH_4547 - 800, EAST_4547 + 1000, NORTH_4547 + 800)
    write("halves.tif", halves, around, "EPSG:4547")
    write("nowhere.tif", halves, around, None)
    degrees = (LON - 0.01, LAT - 0.01, LON + 0.01, LAT + 0.01)
    write("gcj.tif", halves, degrees, "EPSG:4326")
    write("wide.tif", halves, (109.0, 30.0, 121.0, 36.0), "EPSG:4326")
    write("old.tif", halves, around, "EPSG:2383")  # Xian 1980, 3-degree, CM 114
    write("picture.gpkg", halves, (*degrees,), "EPSG:4326", driver="GPKG")
    hole = np.full((1, 256, 256), 7, np.uint8)
    hole[0, 100:150, 100:150] = 0
    write("hole.tif", hole, degrees, "EPSG:4326", nodata=0)
    write("palette.tif", hole % 2, degrees, "EPSG:4326", colormap={0: (0, 0, 255, 255), 1: (255, 255, 0, 255)})
    deep = np.stack([np.linspace(0, 9000, 256 * 256).reshape(256, 256)]).astype(np.uint16)
    write("deep.tif", deep, degrees, "EPSG:4326")
    # Heights that say where they are: 100 m + 1 m an arc second northwards from 34.3.
    rows = np.fromfunction(lambda y, _: 100 + (719.5 - y), (720, 720)).astype(np.float32)[None]
    rows[0, :20, :20] = -9999
    square = (113.6, 34.3, 113.8, 34.5)
    write("dem.tif", rows, square, "EPSG:4326", nodata=-9999)
    write("feet.tif", np.full((1, 720, 720), 1000, np.float32), square, "EPSG:4326", unit="ft")
    write("coarse.tif", np.full((1, 40, 40), 55, np.int16), (113.9, 34.9, 114.1, 35.1), "EPSG:4326")
    write("coarse_west.tif", np.full((1, 40, 40), 77, np.int16), (113.2, 34.2, 113.4, 34.4), "EPSG:4326")


def make_vectors(folder: Path) -> None:
    import pyogrio.raw  # noqa: PLC0415
    import shapely  # noqa: PLC0415

    def write(name: str, geometries: list[Any], fields: dict[str, list[str]], crs: str | None, **more: Any) -> None:
        pyogrio.raw.write(
            folder / name,
            shapely.to_wkb(np.array(geometries, dtype=object)),
            [np.array(column, dtype=object) for column in fields.values()],
            list(fields),
            geometry_type=more.pop("geometry_type", geometries[0].geom_type),
            crs=crs,
            **more,
        )

    def line(east: float, north: float) -> Any:
        return shapely.LineString([(east, north), (east + 500, north + 300), (east + 1000, north)])

    east, north = EAST_4547, NORTH_4547
    write(
        "county.gpkg",
        [line(east, north), line(east, north + 2000)],
        {"名称": ["郑新路", "县道 012"], "fclass": ["primary", "tertiary"]},
        "EPSG:4547",
        driver="GPKG",
        layer="道路",
    )
    ring = shapely.box(east - 3000, north - 3000, east + 3000, north + 3000)
    write("county.gpkg", [ring], {"名称": ["新郑市"]}, "EPSG:4547", driver="GPKG", layer="行政区划", append=True)
    for name, encoding in (("gbk", "GBK"), ("utf8", "UTF-8")):
        write(f"{name}.shp", [line(east, north)], {"NAME": ["双洎河大桥"]}, "EPSG:4547", encoding=encoding)
    (folder / "gbk.cpg").write_text("UTF-8", encoding="ascii")  # what agencies' exports say of their GBK
    write("bare.shp", [line(east, north)], {"NAME": ["x"]}, None)
    write("far.shp", [line(5_000_000, 9_000_000)], {"NAME": ["x"]}, "EPSG:4547")
    write("gcj.gpkg", [shapely.Point(GCJ_LON, GCJ_LAT)], {"name": ["观音寺"]}, "EPSG:4326", driver="GPKG", layer="地名")
    write(
        "drawing.dxf",
        [line(east, north)],
        {"Layer": ["ROAD_CENTRE"]},
        None,
        driver="DXF",
        geometry_type="LineString",
    )
    many = [shapely.Point(LON + index / 1e6, LAT) for index in range(50)]
    dense = shapely.LineString(
        np.column_stack((LON + np.arange(3_100_000) * 2e-5 % 1, LAT + np.arange(3_100_000) % 7 * 1e-3))
    )
    write("dense.gpkg", [dense], {"name": [""]}, "EPSG:4326", driver="GPKG", layer="roads")
    write("many.gpkg", many, {"name": ["点"] * 50}, "EPSG:4326", driver="GPKG", layer="points")


KML = f"""<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2"><Document>
<Folder><name>撤离道路</name><Placemark><name>撤离路一</name><LineString>
<coordinates>{LON},{LAT},0 {LON + 0.01},{LAT + 0.01},0</coordinates></LineString></Placemark></Folder>
<Folder><name>安置点</name><Placemark><name>城关小学</name><Point><coordinates>{LON},{LAT},0</coordinates></Point>
</Placemark></Folder>
<NetworkLink><Link><href>http://192.0.2.1/evil.kml</href></Link></NetworkLink>
<GroundOverlay><Icon><href>http://192.0.2.1/p.png</href></Icon></GroundOverlay>
</Document></kml>"""

GPX = f"""<?xml version="1.0"?>
<gpx version="1.1" creator="test" xmlns="http://www.topografix.com/GPX/1/1">
<wpt lat="{LAT}" lon="{LON}"><name>渡口</name></wpt>
<trk><name>侦察路线</name><trkseg><trkpt lat="{LAT}" lon="{LON}"/><trkpt lat="{LAT + 0.01}" lon="{LON + 0.02}"/>
</trkseg></trk></gpx>"""


def make_text(folder: Path) -> None:
    (folder / "marks.kml").write_text(KML, encoding="utf-8")
    (folder / "walk.gpx").write_text(GPX, encoding="utf-8")
    with zipfile.ZipFile(folder / "marks.kmz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("doc.kml", KML)
        archive.writestr("files/p.png", b"\x89PNG")


def make_osm(folder: Path) -> None:
    """An extract as Geofabrik's: ways, a multipolygon's ring, a place, a shop that this map does not show."""
    import osmium  # noqa: PLC0415
    from osmium.osm import mutable  # noqa: PLC0415

    path = folder / "henan.osm.pbf"
    path.unlink(missing_ok=True)
    with osmium.SimpleWriter(str(path)) as out:
        for number in range(1, 12):
            out.add_node(mutable.Node(id=number, version=1, location=(LON + number / 1000, LAT + (number % 3) / 1000)))
        out.add_node(mutable.Node(id=20, version=1, location=(LON, LAT), tags={"place": "town", "name": "新村镇"}))
        out.add_node(mutable.Node(id=21, version=1, location=(LON, LAT), tags={"shop": "bakery", "name": "面包"}))
        ways: list[tuple[int, list[int], dict[str, str]]] = [
            (1, [1, 2, 3], {"highway": "trunk", "name": "107国道"}),
            (2, [3, 4, 5], {"highway": "residential"}),
            (3, [5, 6, 7], {"waterway": "river", "name": "双洎河"}),
            (4, [7, 8, 9, 7], {"natural": "water", "name": "轩辕湖"}),
            (5, [8, 10, 11, 8], {"building": "yes"}),
            (6, [1, 4, 9, 1], {"boundary": "administrative", "admin_level": "6", "name": "新郑市"}),
        ]
        for number, nodes, tags in ways:
            out.add_way(mutable.Way(id=number, version=1, nodes=nodes, tags=tags))


def main() -> None:
    folder = Path(sys.argv[1])
    warnings.simplefilter("ignore")
    make_rasters(folder)
    make_vectors(folder)
    make_text(folder)
    make_osm(folder)


if __name__ == "__main__":
    main()
