"""The form of a vector layer's file, and its bounds.

GeoJSON (RFC 7946), WGS-84 longitude and latitude.  A member ``command_post`` beside ``features`` holds ``format`` (1),
``name``, ``datum`` (``wgs84 cgcs2000 unknown``), ``date`` (ISO 8601), ``source``, ``bounds`` (west, south, east, north)
and ``counts``.  A feature's properties are ``kind`` (``road rail river water boundary name other``), ``rank`` (0 seen
from afar .. 4 close by only) and ``name``.  Files of others, without any of this, are read too: their features are
``other``, and their datum is what the configuration says.
"""

FORMAT = 1
MOST_BYTES = 128_000_000
"""A file larger than this is not read."""
SUFFIX = ".geojson"
MOST_LAYERS = 16
MOST_FEATURES = 200_000
MOST_POINTS = 3_000_000
