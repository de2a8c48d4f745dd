"""Blocks on a map: parts stay apart by the buffer, shares are kept, the same seed gives the same split."""

import numpy as np
import pytest
import rasterio
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from pixelwise.core.errors import DataError, RecipeError
from pixelwise.data.likeness import look
from pixelwise.data.splits.blocks import blocks, in_blocks
from pixelwise.data.splits.gridded import by_grid
from pixelwise.data.splits.grouping import group
from pixelwise.data.splits.known import Grouping, Known
from pixelwise.data.splits.leaks import leaks
from pixelwise.data.splits.parting import fits, part, shares_of
from pixelwise.data.splits.places import Footprint, footprints, near
from pixelwise.data.splits.spacing import Length, Spacing, length, told

SHARES = shares_of(0.15, 0.15, 100)
FLAT = look(torch.zeros(3, 8, 8))


def square(y: float, x: float, side: float = 10.0, grid: str = "a") -> Footprint:
    return Footprint(grid, (y, x, y + side, x + side), pixel=0.5)


def apart(one: Footprint, other: Footprint) -> float:
    """Distance of two rectangles, infinite on different maps."""
    if one.grid != other.grid:
        return float("inf")
    gaps = [
        max(0.0, other.bounds[axis] - one.bounds[axis + 2], one.bounds[axis] - other.bounds[axis + 2])
        for axis in (0, 1)
    ]
    return float(np.hypot(*gaps))


def on_map(prints) -> Grouping:
    return Grouping([0] * len(prints), ["all"] * len(prints), "place", "", prints=prints)


def dealt(prints, spacing: Spacing, seed: int, counts=None):
    """The best of the blocks, and its parts."""
    best = max(blocks(on_map(prints), spacing), key=lambda one: fits(one, SHARES, seed, counts))
    return best, part(best, SHARES, seed, counts)


@settings(max_examples=30, deadline=None)
@given(
    rows=st.integers(6, 14),
    columns=st.integers(6, 14),
    stride=st.sampled_from([5.0, 10.0, 13.0]),
    buffer=st.sampled_from([None, 0.0, 4.0, 11.0]),
    holes=st.floats(0, 0.4),
    seed=st.integers(0, 2**16),
)
def test_no_image_lies_within_the_buffer_of_another_part(rows, columns, stride, buffer, holes, seed) -> None:
    rng = np.random.default_rng(seed)
    everywhere = [square(stride * row, stride * column) for row in range(rows) for column in range(columns)]
    prints = [one for one in everywhere if rng.random() >= holes]
    spacing = Spacing(buffer=None if buffer is None else Length(buffer * 2, metres=False))
    found, parts = dealt(prints, spacing, seed)
    assert len(parts) == len(prints) and set(parts) <= {*SHARES, None}
    for number, one in enumerate(prints):
        for other in range(number):
            if parts[number] and parts[other] and parts[number] != parts[other]:
                assert apart(one, prints[other]) > (buffer or 0.0)
    again, parts_again = dealt(prints, spacing, seed)
    assert again.groups == found.groups and parts_again == parts


@pytest.mark.parametrize("seed", range(5))
def test_shares_and_classes_are_kept_and_little_is_left_out(seed) -> None:
    """A map of 24×24 tiles whose west is field and whose east is town."""
    prints = [square(10.0 * row, 10.0 * column) for row in range(24) for column in range(24)]
    town = np.array([column / 23 for _ in range(24) for column in range(24)])
    counts = np.stack([1 - town, town], axis=1) * 100
    found, parts = dealt(prints, Spacing(), seed, counts)
    kept = len(parts) - parts.count(None)
    assert kept > 0.75 * len(parts) and found.rule == "block"
    for name, share in SHARES.items():
        here = np.array(parts) == name
        assert abs(parts.count(name) / kept - share) < 0.08
        assert abs(town[here].mean() - 0.5) < 0.12
    assert dealt(prints, Spacing(), seed + 99, counts)[1] != parts


def test_a_block_is_a_square_of_the_side_that_is_asked_for() -> None:
    prints = [square(10.0 * row, 10.0 * column) for row in range(6) for column in range(6)]
    (found,) = blocks(on_map(prints), Spacing(block=Length(60.0, metres=False)))  # pixels of half a unit: 30
    assert found.groups == [2 * (row // 3) + column // 3 for row in range(6) for column in range(6)]
    assert found.reason == "4 blocks of 60 px; images that touch another part are left out"
    assert in_blocks([square(0.0, 0.0), square(0.0, 0.0, grid="b"), square(900.0, 900.0)], 10.0) == [0, 2, 1]


@given(seed=st.integers(0, 2**16), number=st.integers(0, 20), reach=st.sampled_from([0.0, 1.5, 4.0]))
def test_near_is_what_measuring_all_pairs_finds(seed, number, reach) -> None:
    rng = np.random.default_rng(seed)
    prints = [
        square(
            *rng.integers(0, 30, 2).astype(float).tolist(), side=float(rng.integers(1, 5)), grid="ab"[n % 2]
        )
        for n in range(number)
    ]
    slow = {(a, b) for b in range(number) for a in range(b) if apart(prints[a], prints[b]) <= reach + 0.25}
    assert {(min(pair), max(pair)) for pair in near(prints, reach)} == slow


@pytest.mark.parametrize(
    ("said", "found"),
    [("500m", Length(500.0, True)), ("2 km", Length(2000.0, True)), ("2048px", Length(2048.0, False))],
)
def test_lengths_are_said_with_their_unit(said, found) -> None:
    assert length(said) == found


def test_lengths_that_mean_nothing_are_refused() -> None:
    for said in ("500", "-3m", "many", "3 ft"):
        with pytest.raises(RecipeError, match=r"is no length\. Give metres or pixels"):
            length(said)
    with pytest.raises(DataError, match=r"500m cannot be told in these images.*Give pixels"):
        Length(500.0, metres=True).among([square(0.0, 0.0)])
    assert Length(8.0, metres=False).among([square(0.0, 0.0)]) == 4.0
    assert told(12_000.0, [Footprint("a", (0.0, 0.0, 1.0, 1.0), 1.0, metres=True)]) == "12 km"


def write(path, crs: str | None, transform: rasterio.Affine, side: int = 10) -> None:
    shape = {"height": side, "width": side, "count": 1, "dtype": "uint8", "crs": crs}
    with rasterio.open(path, "w", driver="GTiff", transform=transform, **shape) as file:
        file.write(np.zeros((1, side, side), np.uint8))


def test_places_are_told_in_metres_whatever_the_system(tmp_path) -> None:
    write(tmp_path / "feet.tif", "EPSG:2263", rasterio.Affine(10, 0, 1e6, 0, -10, 2e5))  # US feet
    (feet,) = footprints([tmp_path / "feet.tif"]) or []
    y0, x0, y1, x1 = feet.bounds
    assert feet.metres and feet.pixel == pytest.approx(3.048, rel=1e-4)
    assert (y1 - y0, x1 - x0) == pytest.approx((30.48, 30.48), rel=1e-4)
    write(tmp_path / "degrees.tif", "EPSG:4326", rasterio.Affine(1e-4, 0, 21, 0, -1e-4, 60.0005))
    (degrees,) = footprints([tmp_path / "degrees.tif"]) or []
    y0, x0, y1, x1 = degrees.bounds
    assert degrees.metres and degrees.pixel == pytest.approx(11.132)
    assert (y1 - y0, x1 - x0) == pytest.approx((111.32, 55.66), rel=1e-4)  # half as wide at 60 degrees
    both = footprints([tmp_path / "feet.tif", tmp_path / "degrees.tif"]) or []
    assert len({one.grid for one in both}) == 1 and all(one.metres for one in both)
    write(tmp_path / "none.tif", None, rasterio.Affine(2, 0, 0, 0, -2, 0))
    (nowhere,) = footprints([tmp_path / "none.tif"]) or []
    assert not nowhere.metres and nowhere.pixel == 2.0


def terrain(rows: int, columns: int, tile: int = 16, seed: int = 0):
    """What the tiles of one smooth picture look like."""
    rng = torch.Generator().manual_seed(seed)
    coarse = torch.rand(1, 3, 2 * rows, 2 * columns, generator=rng)
    whole = torch.nn.functional.interpolate(coarse, (rows * tile, columns * tile), mode="bicubic")[0]
    return [
        look(whole[:, tile * row : tile * row + tile, tile * column : tile * column + tile])
        for row in range(rows)
        for column in range(columns)
    ]


def tiles(root, names, side: int = 16):
    for name in names:
        Image.new("RGB", (side, side)).save(root / f"{name}.png")
    return [root / f"{name}.png" for name in names]


@pytest.mark.parametrize(
    "said",
    ["M34_r{row}_c{column:02d}", "M34_row{row}_col{column}_sat", "M34_x{x}_y{y}", "M34_{y}_{x:04d}"],
)
def test_names_that_tell_rows_and_columns_tell_places(said, tmp_path) -> None:
    names = [
        said.format(row=row, column=column, y=16 * row, x=16 * column)
        for row in range(4)
        for column in range(5)
    ]
    prints = by_grid(names, [FLAT] * 20, tiles(tmp_path, names)) or []
    assert prints[7] == Footprint("M34", (16.0, 32.0, 32.0, 48.0), pixel=1.0)


def test_bare_numbers_are_a_grid_only_where_pictures_go_on_in_their_neighbours(tmp_path) -> None:
    names = [f"scan_{row}_{column}" for row in range(6) for column in range(7)]
    files = tiles(tmp_path, names)
    looks = terrain(6, 7)
    prints = by_grid(names, looks, files) or []
    assert prints[8].bounds == (16, 16, 32, 32)  # row 1, column 1
    turned = [f"scan_{column}_{row}" for row in range(6) for column in range(7)]
    prints = by_grid(turned, looks, tiles(tmp_path, turned)) or []
    assert prints[1].bounds == (0, 16, 16, 32)  # it was the column that came first
    patients = [one for seed in range(6) for one in terrain(1, 7, seed=seed)]
    assert by_grid(names, patients, files) is None
    assert by_grid([f"{n}_{n * 7919 % 1000}" for n in range(42)], looks, files) is None


def test_a_raster_known_by_names_alone_is_cut_into_blocks(tmp_path) -> None:
    names = [f"scan_r{row}_c{column}" for row in range(12) for column in range(12)]
    known = Known(names, [FLAT] * 144, tiles(tmp_path, names))
    found = group(known, fits=lambda one: fits(one, SHARES, 0))
    assert found.rule == "block" and found.reason.startswith(
        "names tell rows and columns of tiles in 1 raster; cut into"
    )
    with pytest.raises(DataError, match="500m cannot be told"):
        group(known, spacing=Spacing(buffer=Length(500.0, metres=True)))
    with pytest.raises(RecipeError, match="are not cut into blocks"):
        group(known, "name", spacing=Spacing(block=Length(50.0, metres=False)))
    with pytest.raises(DataError, match=r"a buffer cannot be kept\. Images are grouped by none"):
        group(Known(["a", "b"], [FLAT] * 2), spacing=Spacing(buffer=Length(5.0, metres=False)))
    with pytest.raises(DataError, match="not every image says where it lies"):
        group(Known(["a", "b"], [FLAT] * 2), "block")


def test_tiles_that_touch_one_of_another_part_are_a_leak(tmp_path) -> None:
    names = [f"scan_r{row}_c{column}" for row in range(4) for column in range(4)]
    known = Known(names, [FLAT] * 16, tiles(tmp_path, names))
    (said,) = leaks(known, ["train"] * 12 + ["test"] * 4)
    assert "8 images overlap or touch one of another part: scan_r2_c0 (train) and scan_r3_c0 (test)" in said
    sound = [number for number in range(16) if number // 4 != 2]
    kept = Known([names[n] for n in sound], [FLAT] * 12, [known.files[n] for n in sound])
    assert leaks(kept, ["train"] * 8 + ["test"] * 4) == []
