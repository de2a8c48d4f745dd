import resource
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from pixelwise.core.errors import DataError
from pixelwise.data.images import read_header, read_image, split_missing
from pixelwise.data.rasters.files import is_image
from tests.data.drawn import scene, write_image, write_png, write_tiff

IMAGE = scene(0)[0]
EXACT = torch.from_numpy(IMAGE.transpose(2, 0, 1) / 255.0).float()


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".tif", ".npy"])
def test_lossless_files_are_read_exactly(suffix, tmp_path) -> None:
    path = tmp_path / f"a{suffix}"
    write_image(path, IMAGE)
    torch.testing.assert_close(read_image(path), EXACT)
    assert read_header(path).size == (40, 56) and read_header(path).bands == 3


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16", "F"])
def test_header_and_image_agree_for_every_kind(mode, tmp_path) -> None:
    grey = Image.fromarray(IMAGE[..., 0])
    picture = Image.fromarray(IMAGE).convert(mode) if mode != "I;16" else grey.convert("I;16")
    path = tmp_path / ("a.tif" if mode in {"CMYK", "F"} else "a.png")
    if mode in {"CMYK", "F"}:
        path = tmp_path / "a.jpg" if mode == "CMYK" else tmp_path / "a.tif"
    picture.save(path)
    image, header = read_image(path), read_header(path)
    assert image.dtype == torch.float32
    assert (
        tuple(image.shape)
        == (header.bands, *header.size)
        == ({"P": 3, "CMYK": 3, "RGB": 3, "RGBA": 3}.get(mode, 1), 40, 56)
    )


def test_16_bits_are_kept(tmp_path) -> None:
    deep = np.array([[0, 1, 300, 65535]], np.uint16)
    Image.fromarray(deep).save(tmp_path / "grey.png")
    write_png(tmp_path / "rgb.png", np.stack([deep, deep[:, ::-1], deep], -1), depth=16)
    write_tiff(tmp_path / "grey.tif", deep)
    expected = torch.tensor([0, 1 / 65535, 300 / 65535, 1])
    for name in ("grey.png", "grey.tif"):
        torch.testing.assert_close(read_image(tmp_path / name)[0, 0], expected)
    colour = read_image(tmp_path / "rgb.png")
    assert colour.shape == (3, 1, 4) and read_header(tmp_path / "rgb.png").bands == 3
    torch.testing.assert_close(colour[1, 0], expected.flip(0))


def test_a_fourth_band_is_kept_in_tiff_only(tmp_path) -> None:
    four = np.dstack([IMAGE, IMAGE[..., 0]])
    write_tiff(tmp_path / "a.tif", four)
    Image.fromarray(four).save(tmp_path / "a.png")
    assert read_image(tmp_path / "a.tif").shape[0] == 4
    torch.testing.assert_close(read_image(tmp_path / "a.png"), EXACT)


def test_floating_files_stay_as_they_are_and_missing_values_are_nan(tmp_path) -> None:
    heights = np.array([[1.5, -9999.0], [1e6, np.nan]], np.float32)
    write_tiff(tmp_path / "a.tif", heights, nodata=-9999.0)
    image = read_image(tmp_path / "a.tif")
    assert image[0, 0, 0] == 1.5 and image[0, 1, 0] == 1e6 and image[0, :, 1].isnan().all()
    filled, missing = split_missing(image)
    assert filled.tolist() == [[[1.5, 0.0], [1e6, 0.0]]]
    assert missing.tolist() == [[False, True], [False, True]]


def test_what_is_not_finite_is_missing(tmp_path) -> None:
    np.save(tmp_path / "a.npy", np.array([[np.inf, -np.inf, 1e300, 3e38, 3e38]]))
    filled, missing = split_missing(read_image(tmp_path / "a.npy"))
    assert missing.tolist() == [[True, True, True, False, False]]
    assert filled[0, 0, :3].tolist() == [0, 0, 0] and filled.isfinite().all()


def test_arrays_have_their_bands_on_the_shorter_side(tmp_path) -> None:
    for shape in ((5, 20, 30), (20, 30, 5), (20, 30)):
        np.save(tmp_path / "a.npy", np.zeros(shape, np.float64))
        bands = 5 if len(shape) == 3 else 1
        assert tuple(read_image(tmp_path / "a.npy").shape) == (bands, 20, 30)
        assert read_header(tmp_path / "a.npy").size == (20, 30)
    np.save(tmp_path / "a.npy", np.zeros(4))
    with pytest.raises(DataError, match=r"a.npy is no image. Its shape is \(4,\)"):
        read_image(tmp_path / "a.npy")
    np.save(tmp_path / "a.npy", np.zeros((2, 2), np.complex64))
    with pytest.raises(DataError, match="does not hold plain numbers"):
        read_image(tmp_path / "a.npy")


def test_bands_are_made_as_wanted(tmp_path) -> None:
    write_image(tmp_path / "a.png", IMAGE)
    write_image(tmp_path / "grey.png", IMAGE[..., 0])
    write_tiff(tmp_path / "two.tif", IMAGE[..., :2])
    write_tiff(tmp_path / "many.tif", np.dstack([IMAGE, IMAGE]))
    luma = (EXACT * torch.tensor([0.299, 0.587, 0.114])[:, None, None]).sum(0)
    torch.testing.assert_close(read_image(tmp_path / "a.png", bands=1)[0], luma)
    torch.testing.assert_close(read_image(tmp_path / "grey.png", bands=3), EXACT[:1].expand(3, -1, -1))
    torch.testing.assert_close(read_image(tmp_path / "many.tif", bands=3), EXACT)
    with pytest.raises(DataError, match=r"two.tif has too few bands. It has 2, 3 are wanted"):
        read_image(tmp_path / "two.tif", bands=3)


def test_what_is_missing_or_damaged_is_named(tmp_path) -> None:
    for name in ("a.png", "a.tif", "a.npy"):
        with pytest.raises(DataError, match=rf"{name} is missing"):
            read_image(tmp_path / name)
        (tmp_path / name).write_bytes(b"rubbish")
        with pytest.raises(DataError, match=rf"{name} cannot be read as an image. Its 7 bytes are damaged"):
            read_header(tmp_path / name)


def test_names_of_images() -> None:
    assert is_image(Path("a/b.PNG")) and is_image(Path("b.tiff"))
    assert not is_image(Path("._b.png")) and not is_image(Path("b.txt"))


@pytest.mark.real
def test_real_rasters(real_data: Path) -> None:
    shapes = {
        "spacenet_vegas_img2144/different-types/tiff_8channel_uint8.tif": (8, 650, 500),
        "spacenet_vegas_img2144/different-types/tiff_3channel_uint16.tif": (3, 650, 500),
        "naip_rgbn/m_4709963_se_14_1_20140720.tif": (4, 723, 934),
        "rasterio_cc0/RGBA.uint16.tif": (4, 411, 634),
        "rasterio_cc0/cogeo.tif": (3, 1024, 1024),
        "rasterio_cc0/rotated.tif": (1, 15, 10),
    }
    for name, shape in shapes.items():
        image = read_image(real_data / "geotiff" / name)
        assert tuple(image.shape) == shape and image.min() >= 0 and 0 < image.max() <= 1
    for name in ("float_nan.tif", "float_raster_with_nodata.tif"):
        filled, missing = split_missing(read_image(real_data / "geotiff" / "rasterio_cc0" / name))
        assert missing.any() and filled.isfinite().all() and filled.abs().max() < 1e6


def test_a_file_that_claims_more_than_memory_holds_is_named(tmp_path) -> None:
    """A PNG whose chunk says that two gigabytes follow: Pillow asks for them all at once."""
    write_png(tmp_path / "a.png", np.zeros((4, 4), np.uint8), 4)
    written = bytearray((tmp_path / "a.png").read_bytes())
    at = written.index(b"IDAT") - 4
    written[at : at + 4] = (2**31 - 1).to_bytes(4, "big")
    (tmp_path / "a.png").write_bytes(written)
    limits = resource.getrlimit(resource.RLIMIT_AS)
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + 2**30, limits[1]))
    try:
        with pytest.raises(
            DataError, match=r"a\.png cannot be read.*claim to hold more than there is memory"
        ):
            read_image(tmp_path / "a.png")
    finally:
        resource.setrlimit(resource.RLIMIT_AS, limits)
