"""Layers of roads, rivers, names and boundaries that the map draws: read from GeoJSON, without GDAL and without Qt."""
