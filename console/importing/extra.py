"""Whether the libraries of the import are installed, and how to get them."""

from __future__ import annotations

import importlib.util

PACKAGES = ("pyogrio", "rasterio", "shapely", "pyproj")
INSTALL = "uv sync --inexact --no-default-groups --extra import"
"""The one command that brings them; it needs a network once."""


def is_there() -> bool:
    """Whether all of them are installed.  Nothing is loaded."""
    return all(importlib.util.find_spec(name) is not None for name in PACKAGES)
