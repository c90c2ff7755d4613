"""Coordinates of a place in every style that people here write, read and say; pure, and without Qt.

Inside the console a place is WGS-84 latitude and longitude in degrees (CGCS2000 is taken as the same: ellipsoids
differ by about 0.1 mm, realisations by about 1 m).  Everything else is made at the edge, by this package.
"""
