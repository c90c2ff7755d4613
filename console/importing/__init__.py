"""Other people's maps made into what the console reads: tiles, vector layers, height tiles.

A process of its own (``main.py import``) that watches a second one, the worker: only that one loads GDAL.  A file that
crashes GDAL, fills the memory or never ends costs the worker, never the console, and leaves nothing under the final
name.
"""
