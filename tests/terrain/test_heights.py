"""Reading height tiles: places, voids, several tiles, and files that are not what their names say."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from console.terrain.heights import MOST_KEPT, Floats, Ground, corner_of, read_tile, tile_name
from console.trouble import OperatorError
from tests.terrain.tiles import SIDE, write_tile


def _slope(lats: Floats, lons: Floats) -> Floats:
    """One metre a row north from 100 m, two metres a column east."""
    return 100 + (lats - 34) * (SIDE - 1) + 2 * (lons - 113) * (SIDE - 1)


@pytest.mark.parametrize(
    ("name", "corner"),
    [
        ("N34E113.hgt", (34, 113)),
        ("s01w072.HGT", (-1, -72)),
        ("N90E113.hgt", None),
        ("N34E180.hgt", None),
        ("N34E113.hgt.part", None),
        ("N3４E113.hgt", None),
    ],
)
def test_a_name_tells_the_south_west_corner(name: str, corner: tuple[int, int] | None) -> None:
    assert corner_of(name) == corner


def test_the_file_a_place_lies_in_is_named() -> None:
    assert tile_name(34.4, 113.74) == "N34E113.hgt"
    assert tile_name(-0.5, -71.2) == "S01W072.hgt"


@pytest.mark.parametrize("side", [1201, 3601])
def test_posts_are_read_north_row_first_and_between_them_in_both_directions(tmp_path: Path, side: int) -> None:
    write_tile(tmp_path, "N34E113.hgt", _slope, side)
    ground = Ground(tmp_path)
    step = 1 / (SIDE - 1)
    assert ground.height_m(34.0, 113.0) == pytest.approx(100)
    assert ground.height_m(34 + 3 * step, 113 + 5 * step) == pytest.approx(113)
    assert ground.height_m(34 + 3.5 * step, 113 + 5.25 * step) == pytest.approx(114, abs=1.0)


def test_between_two_posts_the_height_is_theirs_by_nearness(tmp_path: Path) -> None:
    write_tile(tmp_path, "N34E113.hgt", _slope)
    step = 1 / (SIDE - 1)
    assert Ground(tmp_path).height_m(34 + 3.5 * step, 113 + 5.25 * step) == pytest.approx(114.0, abs=1e-6)


def test_a_void_makes_unknown_only_what_leans_on_it(tmp_path: Path) -> None:
    step = 1 / (SIDE - 1)

    def shape(lats: Floats, lons: Floats) -> Floats:
        is_hole = (np.abs(lats - (34 + 10 * step)) < step / 2) & (np.abs(lons - (113 + 10 * step)) < step / 2)
        return np.where(is_hole, np.nan, 50.0)

    write_tile(tmp_path, "N34E113.hgt", shape)
    ground = Ground(tmp_path)
    assert ground.height_m(34 + 10 * step, 113 + 10 * step) is None
    assert ground.height_m(34 + 9.5 * step, 113 + 9.5 * step) is None
    assert ground.height_m(34 + 9 * step, 113 + 9.5 * step) == pytest.approx(50.0)
    assert ground.height_m(34 + 11 * step, 113 + 10 * step) == pytest.approx(50.0)


def test_a_line_over_several_tiles_takes_each_place_from_its_own(tmp_path: Path) -> None:
    write_tile(tmp_path, "N34E113.hgt", lambda lats, _: 10 + 0 * lats)
    write_tile(tmp_path, "N34E114.hgt", lambda lats, _: 20 + 0 * lats)
    heights = Ground(tmp_path).heights_m(np.array([34.5, 34.5, 34.5]), np.array([113.9, 114.1, 115.1]))
    assert heights[:2].tolist() == [10, 20]
    assert np.isnan(heights[2]), "there is no tile: unknown, not zero"


def test_no_more_than_four_tiles_are_kept(tmp_path: Path) -> None:
    ground = Ground(tmp_path)
    for lon in range(110, 116):
        write_tile(tmp_path, f"N34E{lon}.hgt", lambda lats, _: 10 + 0 * lats)
    for lon in range(110, 116):
        assert ground.height_m(34.5, lon + 0.5) == 10
    assert len(ground._kept) == MOST_KEPT


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(OperatorError) as caught:
        Ground(tmp_path / "gone").height_m(34.5, 113.5)
    assert "gone" in caught.value.sentence("zh")


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def _grown(path: Path) -> None:
    with path.open("ab") as file:
        file.truncate(1 << 40)  # sparse: it claims a terabyte


def _swapped(path: Path) -> None:
    path.write_bytes(np.frombuffer(path.read_bytes(), dtype=">i2").astype("<i2").tobytes())


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _dangling(path: Path) -> None:
    path.unlink()
    path.symlink_to("nowhere")


@pytest.mark.parametrize("spoil", [_cut, _grown, _swapped, _folder, _pipe, _empty, _dangling])
def test_a_file_that_is_no_tile_gives_a_sentence_and_unknown_heights(tmp_path: Path, spoil: object) -> None:
    path = write_tile(tmp_path, "N34E113.hgt", lambda lats, _: 120 + 0 * lats)
    assert callable(spoil)
    spoil(path)
    with pytest.raises(OperatorError) as caught:
        read_tile(path)
    for language in ("zh", "en"):
        assert "N34E113.hgt" in caught.value.sentence(language)
    ground = Ground(tmp_path)
    assert ground.height_m(34.5, 113.5) is None
    assert list(ground.faults) == [(34, 113)]


def test_single_heights_that_cannot_be_are_unknown(tmp_path: Path) -> None:
    write_tile(tmp_path, "N34E113.hgt", lambda lats, lons: np.where((lats > 34.9) & (lons > 113.9), 20_000.0, 100.0))
    ground = Ground(tmp_path)
    assert ground.height_m(34.95, 113.95) is None
    assert ground.height_m(34.5, 113.5) == 100
