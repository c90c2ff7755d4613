"""Reads one Job, does it, says how far it is, and ends with a Report or why not."""

from __future__ import annotations

import os
import resource
import sqlite3
import sys
import warnings
from typing import BinaryIO, cast

import msgspec

from console.importing.job import Job, Line, Refused, Report
from console.importing.trouble import refusal
from console.trouble import OperatorError

_MEMORY_SHARE = 0.6
_LEAST_MEMORY_BYTES = 2_000_000_000
_NICENESS = 10
_OUT_OF_MEMORY = 4
_SKIPPED_DRIVERS = (
    "GTI STACIT STACTA WCS WMS WMTS HTTP DAAS EEDA EEDAI OGCAPI PLMOSAIC Rasterlite GDALG "
    "OGR_VRT WFS OAPIF Elasticsearch Carto AmigoCloud PLSCENES CSW NGW ADBC GPSBabel MapML"
)
"""Readers that follow addresses or run other programs."""


def bound_itself() -> None:
    """Neither the console's processor nor all memory is the importer's; GDAL asks no network and no other program."""
    os.nice(_NICENESS)
    physical_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limit = max(_LEAST_MEMORY_BYTES, int(physical_bytes * _MEMORY_SHARE))
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.environ.update(
        GDAL_SKIP=_SKIPPED_DRIVERS,
        GDAL_CACHEMAX="256",
        CPL_VSIL_CURL_ALLOWED_EXTENSIONS=".none",
        OGR_SQLITE_PRAGMA="trusted_schema=OFF",
        PROJ_NETWORK="OFF",
        OSM_MAX_TMPFILE_SIZE="512",
    )
    warnings.simplefilter("ignore")  # a tile that is encoded lies nowhere: no need to say so a thousand times


def do(job: Job) -> Report:
    """Import each target with the library that can; only that one is loaded."""
    if job.target == "layer":
        from console.importing.worker.layers import make_layer  # noqa: PLC0415

        return make_layer(job, say)
    if job.target == "heights":
        from console.importing.worker.heights import make_heights  # noqa: PLC0415

        return make_heights(job, say)
    from console.importing.worker.tiles import make_tiles  # noqa: PLC0415

    return make_tiles(job, say)


def say(line: Line) -> None:
    """One line to whoever watches; where nobody does any more, this ends."""
    out = cast("BinaryIO", sys.stdout.buffer)
    out.write(msgspec.json.encode(line) + b"\n")
    out.flush()


def main() -> int:
    """0: done or refused in words; 4: memory was not enough."""
    job = msgspec.json.decode(sys.stdin.buffer.read(), type=Job)
    bound_itself()
    try:
        say(do(job))
    except OperatorError as trouble:
        say(_refused(trouble))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (OSError, sqlite3.Error) as error:
        say(_refused(refusal("unwritable", file=job.file_name, detail=getattr(error, "strerror", None) or str(error))))
    except MemoryError:
        return _OUT_OF_MEMORY
    return 0


def _refused(trouble: OperatorError) -> Refused:
    return Refused(
        text=trouble.text.id,
        text_args=dict(trouble.text.args),
        remedy=trouble.remedy.id,
        remedy_args=dict(trouble.remedy.args),
    )


if __name__ == "__main__":
    sys.exit(main())
