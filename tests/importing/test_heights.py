"""Height models become HGT tiles that the radio reach reads."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.importing.rig import imported, refused


def heights(folder: Path, name: str) -> np.ndarray[tuple[int, ...], np.dtype[np.int16]]:
    octets = (folder / name).read_bytes()
    side = {3601 * 3601 * 2: 3601, 1201 * 1201 * 2: 1201}[len(octets)]
    return np.frombuffer(octets, dtype=">i2").reshape(side, side).astype(np.int16)


def test_every_post_has_the_height_that_the_model_has_there(sources: Path, tmp_path: Path) -> None:
    out = tmp_path / "heights"
    report = imported(sources / "dem.tif", out)
    assert report.counts == {"cells": 1}
    tile = heights(out, "N34E113.hgt")
    # The model: 100 m at 34.3 N, a metre more each arc second northwards; posts lie half a pixel off its pixels.
    for seconds in (100, 360, 700):
        row = 3600 - (round(0.3 * 3600) + seconds)
        found = int(tile[row, round(0.7 * 3600)])
        assert found == pytest.approx(100 + seconds, abs=1), seconds
    assert tile[0, 0] == -32_768, "outside of the model there is no height, never zero"
    assert tile[3600 - round(0.4999 * 3600), round(0.6005 * 3600)] == -32_768, "nor in its hole"


def test_feet_become_metres(sources: Path, tmp_path: Path) -> None:
    imported(sources / "feet.tif", tmp_path / "heights")
    tile = heights(tmp_path / "heights", "N34E113.hgt")
    assert set(np.unique(tile)) == {-32_768, 305}


def test_a_coarse_model_over_four_degrees_gives_four_small_tiles_and_the_next_model_fills_their_holes(
    sources: Path, tmp_path: Path
) -> None:
    out = tmp_path / "heights"
    report = imported(sources / "coarse.tif", out)
    assert report.counts == {"cells": 4}
    assert {file.name for file in out.iterdir()} == {"N34E113.hgt", "N34E114.hgt", "N35E113.hgt", "N35E114.hgt"}
    before = heights(out, "N34E113.hgt")
    assert before.shape == (1201, 1201)
    with refused("exists"):
        imported(sources / "coarse_west.tif", out)
    imported(sources / "coarse_west.tif", out, may_replace=True)
    after = heights(out, "N34E113.hgt")
    assert (after[before != -32_768] == 55).all(), "what was there stays"
    assert (after == 77).any()


def test_a_picture_of_three_colours_is_no_height_model(sources: Path, tmp_path: Path) -> None:
    with refused("no_heights"):
        imported(sources / "halves.tif", tmp_path / "heights")
    assert not list(tmp_path.iterdir())
