"""In which characters a shapefile's table is written: agencies write GBK and say nothing, or say UTF-8 and write GBK.

**Source:** ESRI, ArcGIS documentation "Read and write shapefile and dBASE files encoded in various code pages"
(``.cpg``); dBASE III table layout: header length at octet 8, little-endian.
"""

from __future__ import annotations

import codecs
from pathlib import Path

_MOST_BYTES = 8_000_000
_MOST_SPOILT = 0.02
"""Fields are cut at a number of octets, so a few characters are always cut in two."""


def charset_of(shp: Path) -> str:
    """The character set to read the table of ``shp`` in: what its ``.cpg`` says if that fits, else what does fit."""
    octets = _rows(shp)
    said = _said(shp)
    for name in (said, "UTF-8", "GB18030"):
        if name is not None and _fits(octets, name):
            return name
    return said or "ISO-8859-1"


def _rows(shp: Path) -> bytes:
    table = next((file for suffix in (".dbf", ".DBF") if (file := shp.with_suffix(suffix)).is_file()), None)
    if table is None:
        return b""
    with table.open("rb") as rows:
        head = rows.read(32)
        rows.seek(int.from_bytes(head[8:10], "little"))
        return rows.read(_MOST_BYTES)


def _said(shp: Path) -> str | None:
    file = next((file for suffix in (".cpg", ".CPG") if (file := shp.with_suffix(suffix)).is_file()), None)
    if file is None:
        return None
    word = file.read_bytes()[:40].decode("ascii", "replace").strip()
    word = {"936": "GB18030", "65001": "UTF-8"}.get(word, word)
    try:
        name = codecs.lookup(word).name
    except LookupError:
        return None
    return "GB18030" if name in {"gbk", "gb2312", "gb18030"} else "UTF-8" if name == "utf-8" else word


def _fits(octets: bytes, name: str) -> bool:
    beyond_ascii = sum(octet > 127 for octet in octets)
    if not beyond_ascii:
        return True
    return octets.decode(name, "replace").count("\ufffd") <= beyond_ascii * _MOST_SPOILT
