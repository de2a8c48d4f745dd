"""Tiles: every pixel where it belongs, masks to the bit, places kept, nothing overwritten, little memory."""

import csv
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import rasterio
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from pixelwise.core.errors import DataError, RecipeError
from pixelwise.core.place import Place
from pixelwise.data.images import read_image
from pixelwise.data.rasters.files import open_raster
from pixelwise.data.rasters.reading import describe
from pixelwise.data.rasters.writing import write_png
from pixelwise.data.readers.pairs import pairs
from pixelwise.ops.grids import grid, window
from pixelwise.workflows.tile import tile

SIZE = (70, 100)
PLACE = rasterio.Affine(0.25, 0, 500000, 0, -0.25, 600000)


def mosaic(
    root: Path, name: str = "M-34", suffix: str = ".tif", size=SIZE, bands: int = 3, seed: int = 0, **options
):
    """An image and a mask of random numbers, so that no two tiles are alike."""
    rng = np.random.default_rng(seed)
    image = rng.integers(1, 255, (*size, bands), np.uint8)
    mask = rng.integers(0, 5, size, np.uint8)
    for folder, pixels in (("images", image), ("masks", mask[..., None])):
        path = root / folder / f"{name}{suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        if suffix == ".tif":
            shape = {"height": size[0], "width": size[1], "count": pixels.shape[2], "dtype": "uint8"}
            with rasterio.open(
                path, "w", driver="GTiff", crs="EPSG:2180", transform=PLACE, **shape, **options
            ) as file:
                file.write(pixels.transpose(2, 0, 1))
        elif suffix == ".npy":
            np.save(path, pixels.squeeze())
        else:
            Image.fromarray(pixels.squeeze()).save(path)
    return image, mask


def pixels(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path))


@given(length=st.integers(1, 60), size=st.integers(1, 20), stride=st.integers(1, 20))
def test_a_grid_covers_the_image_and_only_its_last_window_may_reach_beyond(length, size, stride) -> None:
    starts = grid(length, size, stride)
    assert starts == [i * stride for i in range(len(starts))] and starts[-1] < length
    assert starts[-1] + size >= length or stride > size
    assert all(start + size < length for start in starts[:-1])
    if stride == size:
        assert starts == list(range(0, length, size))  # as the tutorial's loop counts
    for start in starts:
        first, number = window(start, length, size, "shift")
        assert first + number <= length and number == min(size, length)
        first, number = window(start, length, size, "pad")
        assert first == start and number == min(size, max(0, length - start))
        assert (window(start, length, size, "drop") is None) == (start + size > length)


@pytest.mark.parametrize("suffix", [".tif", ".png", ".npy"])
@pytest.mark.parametrize("form", ["png", "tif"])
def test_tiles_are_named_as_in_the_tutorial_and_hold_the_very_pixels(suffix, form, tmp_path) -> None:
    image, mask = mosaic(tmp_path / "src", suffix=suffix)
    done = tile(tmp_path / "src", out=tmp_path / "out", size=32, form=form, quiet=True)
    assert (done.tiles, done.written, done.dropped) == (6, 6, 6)  # 2 of 3 rows, 3 of 4 columns
    for k in (0, 1, 2, 4, 5, 6):  # 3 and 7 reach beyond, and have their number
        row, column = divmod(k, 4)
        at = np.s_[32 * row : 32 * row + 32, 32 * column : 32 * column + 32]
        found = read_image(tmp_path / "out" / f"M-34_{k}.{form}").permute(1, 2, 0).numpy()
        np.testing.assert_array_equal((found * 255).round(), image[at])
        np.testing.assert_array_equal(
            (read_image(tmp_path / "out" / f"M-34_{k}_m.{form}")[0] * 255).round(), mask[at]
        )
    assert not (tmp_path / "out" / f"M-34_3.{form}").exists()


def test_jpeg_is_for_images_only(tmp_path) -> None:
    mosaic(tmp_path / "src")
    tile(tmp_path / "src", out=tmp_path / "out", size=32, form="jpg", quiet=True)
    with Image.open(tmp_path / "out" / "M-34_0.jpg") as found:
        assert found.format == "JPEG" and found.size == (32, 32)
    with Image.open(tmp_path / "out" / "M-34_0_m.png") as found:
        assert found.format == "PNG"


@pytest.mark.parametrize("suffix", [".tif", ".png"])
@pytest.mark.parametrize("stride", [13, 32, 50])
@pytest.mark.parametrize("workers", [1, 3])
def test_any_stride_and_number_of_threads(suffix, stride, workers, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("pixelwise.workflows.tile._STRIPS_BYTES", 3 * 32 * 70)  # two tiles or fewer a strip
    image, mask = mosaic(tmp_path / "src", suffix=suffix)
    done = tile(
        tmp_path / "src",
        out=tmp_path / "out",
        size=32,
        stride=stride,
        partial="shift",
        workers=workers,
        quiet=True,
    )
    rows = list(csv.DictReader((tmp_path / "out" / "groups.csv").read_text().splitlines()))
    assert len(rows) == done.tiles == len(grid(70, 32, stride)) * len(grid(100, 32, stride))
    for row in rows:
        top, left = int(row["top"]), int(row["left"])
        assert (row["group"], row["rows"], row["columns"]) == ("M-34", "32", "32")
        at = np.s_[top : top + 32, left : left + 32]
        np.testing.assert_array_equal(pixels(tmp_path / "out" / f"{row['name']}.png"), image[at])
        np.testing.assert_array_equal(pixels(tmp_path / "out" / f"{row['name']}_m.png"), mask[at])


def test_padded_tiles_are_whole_and_say_what_does_not_count(tmp_path) -> None:
    image, mask = mosaic(tmp_path / "src", nodata=0)
    with pytest.raises(RecipeError, match="Name it: --ignore 255"):
        tile(tmp_path / "src", out=tmp_path / "out", size=64, partial="pad", quiet=True)
    tile(tmp_path / "src", out=tmp_path / "out", size=64, partial="pad", ignore=255, quiet=True)
    last = pixels(tmp_path / "out" / "M-34_3.png")
    np.testing.assert_array_equal(last[:6, :36], image[64:, 64:])
    assert last.shape == (64, 64, 3) and not last[6:].any() and not last[:, 36:].any()
    labels = pixels(tmp_path / "out" / "M-34_3_m.png")
    np.testing.assert_array_equal(labels[:6, :36], mask[64:, 64:])
    assert (labels[6:] == 255).all() and (labels[:, 36:] == 255).all()


@pytest.mark.parametrize("form", ["png", "jpg", "tif"])
def test_tiles_know_where_on_earth_they_lie(form, tmp_path) -> None:
    mosaic(tmp_path / "src", nodata=0)
    tile(tmp_path / "src", out=tmp_path / "out", size=32, form=form, quiet=True)
    for name in (f"M-34_6.{form}", f"M-34_6_m.{'tif' if form == 'tif' else 'png'}"):
        found = describe(tmp_path / "out" / name).place
        assert found is not None
        assert found.transform == Place("", tuple(PLACE)[:6]).window(32, 64).transform
        assert rasterio.crs.CRS.from_wkt(found.crs).to_epsg() == 2180
    if form == "tif":
        assert describe(tmp_path / "out" / "M-34_6.tif").nodata == 0


def test_empty_tiles_are_left_out_when_asked(tmp_path) -> None:
    mosaic(tmp_path / "src")
    path = tmp_path / "src" / "images" / "M-34.tif"
    with rasterio.open(path, "r+") as file:
        file.write(np.zeros((3, 32, 32), np.uint8), window=((0, 32), (32, 64)))
    done = tile(tmp_path / "src", out=tmp_path / "out", size=32, skip_empty=True, quiet=True)
    assert done.empty == 1 and done.tiles == 5 and not (tmp_path / "out" / "M-34_1.png").exists()


def test_16_bits_palettes_and_other_bands_are_kept_or_refused(tmp_path) -> None:
    rng = np.random.default_rng(1)
    deep = rng.integers(0, 65535, (40, 40), np.uint16)
    (tmp_path / "src").mkdir()
    Image.fromarray(deep).save(tmp_path / "src" / "deep.png")
    flat = Image.fromarray(rng.integers(0, 3, (40, 40), np.uint8)).convert("P")
    flat.putpalette([0, 0, 0, 255, 0, 0, 0, 255, 0])
    flat.save(tmp_path / "src" / "palette.png")
    tile(tmp_path / "src", out=tmp_path / "out", size=20, quiet=True)
    np.testing.assert_array_equal(pixels(tmp_path / "out" / "deep_3.png"), deep[20:, 20:])
    with Image.open(tmp_path / "out" / "palette_3.png") as found:
        assert found.mode == "P" and found.getpalette()[:9] == [0, 0, 0, 255, 0, 0, 0, 255, 0]
        np.testing.assert_array_equal(np.asarray(found), np.asarray(flat)[20:, 20:])
    mosaic(tmp_path / "four", bands=4)
    with pytest.raises(DataError, match=r"4 bands of uint8, and PNG holds grey or RGB.*Choose --format tif"):
        tile(tmp_path / "four", out=tmp_path / "out4", size=20, quiet=True)
    tile(tmp_path / "four", out=tmp_path / "out4", size=20, form="tif", quiet=True)
    assert read_image(tmp_path / "out4" / "M-34_0.tif").shape == (4, 20, 20)


@given(bands=st.integers(1, 4), rows=st.integers(1, 9), columns=st.integers(1, 9), seed=st.integers(0, 99))
def test_our_png_is_read_by_others(bands, rows, columns, seed, tmp_path_factory) -> None:
    path = tmp_path_factory.mktemp("png") / "a.png"
    image = np.random.default_rng(seed).integers(0, 256, (rows, columns, bands), np.uint8)
    write_png(path, image)
    np.testing.assert_array_equal(pixels(path).reshape(image.shape), image)
    wide = np.random.default_rng(seed).integers(0, 65536, (rows, columns, bands), np.uint16)
    write_png(path, wide)
    with open_raster(path) as file:
        np.testing.assert_array_equal(file.read().transpose(1, 2, 0), wide)


def test_a_photograph_that_lies_on_its_side_is_cut_upright(tmp_path) -> None:
    image = np.zeros((20, 40, 3), np.uint8)
    image[:, :20] = 200
    exif = Image.Exif()
    exif[0x0112] = 6  # a quarter turn clockwise
    (tmp_path / "src").mkdir()
    Image.fromarray(image).save(tmp_path / "src" / "a.jpg", exif=exif)
    done = tile(tmp_path / "src", out=tmp_path / "out", size=20, quiet=True)
    assert done.tiles == 2
    assert (
        pixels(tmp_path / "out" / "a_0.png").mean() > 190 and pixels(tmp_path / "out" / "a_1.png").mean() < 10
    )


def test_an_interrupted_call_goes_on_and_nothing_is_overwritten(tmp_path) -> None:
    mosaic(tmp_path / "src")
    call = {"out": tmp_path / "out", "size": 32, "quiet": True}
    tile(tmp_path / "src", **call)
    for name in ("M-34_5.png", "M-34_6_m.png", "groups.csv"):
        (tmp_path / "out" / name).unlink()
    (tmp_path / "out" / ".M-34_5.png.part").write_bytes(b"half")
    before = (tmp_path / "out" / "M-34_0.png").stat().st_mtime_ns
    done = tile(tmp_path / "src", **call)
    assert (done.written, done.tiles) == (2, 6) and (tmp_path / "out" / "groups.csv").exists()
    assert (tmp_path / "out" / "M-34_0.png").stat().st_mtime_ns == before
    assert not list((tmp_path / "out").glob(".*"))
    with pytest.raises(RecipeError, match=r"is not empty.*It holds tiles of other rasters or options"):
        tile(tmp_path / "src", **(call | {"size": 16}))
    with pytest.raises(RecipeError, match="lies in"):
        tile(tmp_path / "src", **(call | {"out": tmp_path / "src" / "tiles"}))


def test_all_faults_are_told_before_anything_is_cut(tmp_path) -> None:
    mosaic(tmp_path / "src")
    mosaic(tmp_path / "src", "N-1", size=(50, 50))
    Image.fromarray(np.zeros((40, 40), np.uint8)).save(tmp_path / "src" / "masks" / "N-1.png")
    (tmp_path / "src" / "masks" / "N-1.tif").unlink()
    (tmp_path / "src" / "images" / "M-34.tif").write_bytes(b"no raster")
    with pytest.raises(DataError, match="2 faults") as told:
        tile(tmp_path / "src", out=tmp_path / "out", quiet=True)
    assert "M-34.tif cannot be read as an image" in str(told.value)
    assert "differ in size. The image is (50, 50), the mask (40, 40)" in str(told.value)
    assert not (tmp_path / "out").exists()
    (tmp_path / "src" / "masks" / "M-34.tif").unlink()
    with pytest.raises(DataError, match=r"1 of 2 images have no mask: M-34\.tif"):
        tile(tmp_path / "src" / "images", masks=tmp_path / "src" / "masks", out=tmp_path / "out", quiet=True)


@pytest.mark.parametrize("names", ["tutorial", "folders"])
def test_the_tiles_can_be_read_at_once_with_their_classes_and_splits(names, tmp_path) -> None:
    for split, name in (("train", "A-1"), ("train", "A-2"), ("test", "B-1")):
        mosaic(tmp_path / "src" / split, name)
    (tmp_path / "src" / "classes.yaml").write_text("classes: [other, building, wood, water, road]\n")
    done = tile(tmp_path / "src", out=tmp_path / "out", size=32, names=names, quiet=True)
    reader = pairs(tmp_path / "out")
    assert len(reader) == done.tiles == 18 and reader.classes.names[3] == "water"
    assert {name: len(numbers) for name, numbers in reader.splits.items()} == {"train": 12, "test": 6}
    assert {reader.names[number].rpartition("_")[0] for number in reader.splits["test"]} == {"B-1"}


def test_tiling_imports_no_torch() -> None:
    told = subprocess.run(
        [sys.executable, "-c", "import sys, pixelwise.workflows.tile; print('torch' in sys.modules)"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert told.stdout == "False\n"  # torch alone would take more memory than the tiles may


@pytest.mark.slow
@pytest.mark.parametrize("layout", ["tiled", "striped", "png"])
def test_memory_does_not_grow_with_the_raster(layout, tmp_path) -> None:
    path = tmp_path / "src" / ("a.png" if layout == "png" else "a.tif")
    path.parent.mkdir()
    shape = {"count": 3, "height": 6000, "width": 20000, "dtype": "uint8"}  # 360 MB
    options = (
        {"driver": "PNG", "zlevel": 1} if layout == "png" else {"driver": "GTiff", "compress": "deflate"}
    )
    if layout == "tiled":
        options |= {"tiled": True, "blockxsize": 512, "blockysize": 512}
    with rasterio.open(path, "w", transform=PLACE, **shape, **options) as file:
        file.write(np.full((3, 6000, 20000), 77, np.uint8))
    script = (
        "import sys, pathlib\nfrom pixelwise.workflows.tile import tile\n"
        "tile(sys.argv[1], out=sys.argv[2], size=1024, workers=4, quiet=True)\n"
        "print(pathlib.Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0])"
    )
    told = subprocess.run(
        [sys.executable, "-c", script, str(path.parent), str(tmp_path / "out")],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert int(told.stdout) < 400_000, told.stdout


@pytest.mark.parametrize("tiled", [False, True])
@pytest.mark.parametrize("interleave", ["pixel", "band"])
def test_bytes_that_are_not_packed_are_read_past_the_cache_and_are_the_same(
    tiled, interleave, tmp_path
) -> None:
    blocks = {"tiled": True, "blockxsize": 16, "blockysize": 16} if tiled else {}
    image, mask = mosaic(tmp_path / "src", bands=4, interleave=interleave, **blocks)
    tile(tmp_path / "src", out=tmp_path / "out", size=24, stride=20, form="tif", quiet=True)
    for path in (tmp_path / "out").glob("*.tif"):
        row, column = divmod(int(path.stem.removesuffix("_m").split("_")[1]), 5)
        at = np.s_[20 * row : 20 * row + 24, 20 * column : 20 * column + 24]
        with rasterio.open(path) as file:
            found = file.read().transpose(1, 2, 0)
            assert rasterio.enums.ColorInterp.alpha not in file.colorinterp  # a fourth band is measured
        wanted = mask[at][..., None] if path.stem.endswith("_m") else image[at]
        assert np.array_equal(found, wanted)


def test_alpha_stays_alpha_in_geotiff(tmp_path) -> None:
    rng = np.random.default_rng(0)
    Image.fromarray(rng.integers(0, 256, (32, 32, 4), np.uint8)).save(tmp_path / "a.png")
    tile(tmp_path / "a.png", out=tmp_path / "out", size=16, form="tif", quiet=True)
    with open_raster(tmp_path / "out" / "a_0.tif") as file:
        assert file.colorinterp[3] == rasterio.enums.ColorInterp.alpha
