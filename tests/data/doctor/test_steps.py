"""Each repair of a file, by hand: what it changes, and that it changes nothing else."""

import numpy as np
import pytest
import rasterio
from PIL import Image

from pixelwise.core.errors import DataError
from pixelwise.data.doctor._steps import Fit, LeaveOut, Move, Snap, Unturn, apply_steps, unturned
from pixelwise.data.images import read_header, read_image
from pixelwise.data.masks.files import read_mask
from tests.data.drawn import scene, truth, write_mask, write_png, write_tiff


@pytest.mark.parametrize("name", ["a.jpg", "a.webp"])
@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_unturning_changes_one_byte_and_no_pixel(name, orientation, tmp_path) -> None:
    path, target = tmp_path / name, tmp_path / "out" / name
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "a camera"
    Image.fromarray(scene(0)[0]).save(path, exif=exif, quality=90)
    with Image.open(path) as picture:
        stored = np.asarray(picture)
    assert read_header(path).turned
    assert apply_steps(path, target, [Unturn()]) == target
    assert not read_header(target).turned and read_header(target).size == (40, 56)
    shown = (read_image(target).numpy().transpose(1, 2, 0) * 255).round()
    assert np.array_equal(shown, stored)
    pairs = zip(path.read_bytes(), target.read_bytes(), strict=True)
    assert sum(one != other for one, other in pairs) == 1
    with Image.open(target) as picture:
        assert picture.getexif()[0x010F] == "a camera"


def test_what_has_no_orientation_is_refused(tmp_path) -> None:
    Image.fromarray(scene(0)[0]).save(tmp_path / "a.jpg")
    with pytest.raises(DataError, match="Its EXIF orientation was not found"):
        unturned(tmp_path / "a.jpg")


def test_fitting_by_hand(tmp_path) -> None:
    Image.fromarray(np.array([[1, 2], [3, 4]], np.uint8)).save(tmp_path / "a.png")
    written = apply_steps(tmp_path / "a.png", tmp_path / "b.png", [Fit((4, 3))])
    assert read_mask(written).pixels.tolist() == [[1, 2, 2], [1, 2, 2], [3, 4, 4], [3, 4, 4]]


def test_moving_by_hand(tmp_path) -> None:
    Image.fromarray(np.array([[1, 2, 3], [4, 5, 6]], np.uint8)).save(tmp_path / "a.png")
    written = apply_steps(tmp_path / "a.png", tmp_path / "b.png", [Move(1, -1, 9)])
    assert read_mask(written).pixels.tolist() == [[9, 9, 9], [2, 3, 9]]


def test_snapping_comes_before_fitting_and_fitting_before_moving(tmp_path) -> None:
    Image.fromarray(np.array([[0, 90]], np.uint8)).save(tmp_path / "a.png")
    steps = [Move(0, 1, 7), Fit((1, 4)), Snap((0, 100), colours=False)]
    assert read_mask(apply_steps(tmp_path / "a.png", tmp_path / "b.png", steps)).pixels.tolist() == [
        [7, 0, 0, 100]
    ]


def test_leaving_out_wins(tmp_path) -> None:
    write_mask(tmp_path / "a.png", scene(0)[1], "index")
    assert apply_steps(tmp_path / "a.png", tmp_path / "b.png", [Fit((1, 1)), LeaveOut()]) is None
    assert not (tmp_path / "b.png").exists()


@pytest.mark.parametrize(
    ("encoding", "suffix"),
    [
        *[(encoding, ".png") for encoding in ("index", "index16", "palette", "colour", "bits")],
        *[("tiff", ".tif"), ("npy", ".npy"), ("gif", ".gif")],
    ],
)
def test_masks_stay_what_they_are_written_in(encoding, suffix, tmp_path) -> None:
    path, target = tmp_path / f"a{suffix}", tmp_path / f"b{suffix}"
    write_mask(path, scene(0)[1], encoding)
    before = read_mask(path)
    assert apply_steps(path, target, [Fit((40, 56))]) == target
    after = read_mask(target)
    assert np.array_equal(after.pixels, before.pixels)
    assert (after.kind, after.pixels.dtype, after.top) == (before.kind, before.pixels.dtype, before.top)
    assert after.palette[:3] == before.palette[:3]
    assert len(np.unique(after.pixels)) == len(np.unique(truth(0, encoding)))


def test_a_geotiff_keeps_its_place(tmp_path) -> None:
    write_tiff(tmp_path / "a.tif", scene(0)[1], crs="EPSG:32616")
    written = apply_steps(tmp_path / "a.tif", tmp_path / "b.tif", [Snap((0, 1, 2), colours=False)])
    with rasterio.open(tmp_path / "a.tif") as old, rasterio.open(written) as new:
        assert (new.crs, new.transform, new.shape) == (old.crs, old.transform, old.shape)


def test_masks_of_four_bits_are_refused(tmp_path) -> None:
    write_png(tmp_path / "a.png", scene(0)[1], depth=4)
    with pytest.raises(DataError, match="Less than 8 bits mean numbers to some programs"):
        apply_steps(tmp_path / "a.png", tmp_path / "b.png", [Fit((4, 4))])


def test_greys_in_colour_files_are_snapped_as_greys(tmp_path) -> None:
    Image.fromarray(np.full((2, 2, 3), 250, np.uint8)).save(tmp_path / "a.png")
    written = apply_steps(tmp_path / "a.png", tmp_path / "b.png", [Snap((0, 255), colours=False)])
    assert np.asarray(Image.open(written)).tolist() == [[[255] * 3] * 2] * 2
