"""The process that loads GDAL: ``python -m console.importing.worker``, a Job on stdin, lines on stdout."""
