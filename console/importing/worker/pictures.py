"""From the bands of a picture to what people see: colours, a palette, or grey stretched to what is there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasterio.enums import ColorInterp
from rasterio.io import MemoryFile

from console.importing.trouble import refusal

Raster = Any
"""A dataset of rasterio, which has no types."""

_OPAQUE = 255
_JPEG_QUALITY = 85
_SAMPLE_PX = 512
_STRETCH_PERCENT = (2.0, 98.0)
_COLOURS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a picture is shown.

    ``bands`` are its colours (1 or 3); ``palette`` (256, 4) where the values are names of colours; ``stretch`` are the
    values drawn black and white, one pair a band, where they are not octets; ``notes`` say what was done to it.
    """

    bands: tuple[int, ...]
    palette: NDArray[np.uint8] | None = None
    stretch: tuple[tuple[float, float], ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def is_indexed(self) -> bool:
        """Whether values between two values mean nothing."""
        return self.palette is not None

    @property
    def is_photograph(self) -> bool:
        """Whether it is kept as JPEG where it is opaque."""
        return len(self.bands) == _COLOURS

    def opacity_of(self, warped: Raster) -> int:
        """Which band of the warped picture says what is there."""
        kinds = list(warped.colorinterp)
        return kinds.index(ColorInterp.alpha) + 1 if ColorInterp.alpha in kinds else int(warped.count)

    def pixels(self, values: NDArray[Any], opacity: NDArray[Any]) -> NDArray[np.uint8]:
        """Red, green, blue and opacity (4, n, n)."""
        # The opacity of a picture of 16 bits is 65,535: there or not is all it says.
        seen = opacity.astype(np.uint8) if opacity.dtype == np.uint8 else np.where(opacity > 0, _OPAQUE, 0)
        if self.palette is not None:
            colours = self.palette[np.clip(values[0], 0, _OPAQUE).astype(np.uint8)].transpose(2, 0, 1)
            return np.concatenate((colours[:3], np.minimum(colours[3:], seen[None]))).astype(np.uint8)
        if self.stretch:
            values = np.stack([_stretched(band, *ends) for band, ends in zip(values, self.stretch, strict=True)])
        colours = np.repeat(values, _COLOURS, axis=0) if len(values) == 1 else values
        return np.concatenate((colours, seen[None])).astype(np.uint8)


def look_of(picture: Raster, file_name: str) -> Look:
    """How to show this picture.

    Raises:
        OperatorError: it has no bands that can be shown.
    """
    kinds = list(picture.colorinterp)
    colours = tuple(index + 1 for index, kind in enumerate(kinds) if kind is not ColorInterp.alpha)
    if not colours or np.dtype(picture.dtypes[0]).kind not in "uif":
        raise refusal("no_bands", file=file_name)
    if kinds[0] is ColorInterp.palette:
        return Look(bands=(1,), palette=_palette(picture.colormap(1)))
    bands = colours[:_COLOURS] if len(colours) >= _COLOURS else colours[:1]
    notes = ("bands",) if len(colours) > len(bands) else ()
    if all(picture.dtypes[band - 1] == "uint8" for band in bands):
        return Look(bands=bands, notes=notes)
    return Look(bands=bands, stretch=_ends(picture, bands), notes=(*notes, "stretched"))


def _palette(colours: dict[int, tuple[int, int, int, int]]) -> NDArray[np.uint8]:
    table = np.zeros((256, 4), dtype=np.uint8)
    for value, colour in colours.items():
        if 0 <= value < len(table):
            table[value] = colour
    return table


def _ends(picture: Raster, bands: tuple[int, ...]) -> tuple[tuple[float, float], ...]:
    """The values between which nearly all of each band lies, from a small copy of it."""
    shape = (len(bands), min(_SAMPLE_PX, picture.height), min(_SAMPLE_PX, picture.width))
    sample = picture.read(list(bands), out_shape=shape, masked=True)
    ends = []
    for band in sample:
        values = band.compressed()
        values = values[np.isfinite(values)]
        low, high = np.percentile(values, _STRETCH_PERCENT) if len(values) else (0.0, 1.0)
        ends.append((float(low), float(high) if high > low else float(low) + 1.0))
    return tuple(ends)


def _stretched(band: NDArray[Any], low: float, high: float) -> NDArray[np.uint8]:
    share = np.nan_to_num((band.astype(np.float64) - low) / (high - low))
    return np.round(np.clip(share, 0.0, 1.0) * _OPAQUE).astype(np.uint8)


def encoded(pixels: NDArray[np.uint8], look: Look) -> bytes:
    """A tile as JPEG where it is an opaque photograph, else as PNG."""
    is_opaque = bool((pixels[3] == _OPAQUE).all())
    bands = pixels[:3] if is_opaque else pixels
    size = {"width": pixels.shape[2], "height": pixels.shape[1], "count": len(bands), "dtype": "uint8"}
    options = {"driver": "JPEG", "quality": _JPEG_QUALITY} if is_opaque and look.is_photograph else {"driver": "PNG"}
    with MemoryFile() as memory:
        with memory.open(**options, **size) as file:
            file.write(bands)
        return bytes(memory.read())
