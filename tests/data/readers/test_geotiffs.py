"""Images and masks with a place on Earth, read by `pairs`."""

from pathlib import Path

import numpy as np
import pytest
import rasterio
import torch
from PIL import Image

from pixelwise.core.errors import DataError
from pixelwise.core.place import Place
from pixelwise.data.placed import read_placed
from pixelwise.data.rasters.writing import write_sidecar
from pixelwise.data.readers.pairs import pairs
from pixelwise.data.recognise import recognise

GRID = (0.25, 0.0, 500_000.0, 0.0, -0.25, 300_000.0)
LABELS = np.array([[0, 1, 1], [0, 2, 4]], np.uint8)


def write(
    path: Path, array: np.ndarray, grid: tuple[float, ...] = GRID, crs: str = "EPSG:2180", **more
) -> None:
    bands = array[None] if array.ndim == 2 else array
    path.parent.mkdir(parents=True, exist_ok=True)
    shape = {"count": len(bands), "height": bands.shape[1], "width": bands.shape[2], "dtype": bands.dtype}
    place = {"transform": rasterio.Affine(*grid), "crs": crs}
    with rasterio.open(path, "w", driver="GTiff", **shape, **place, **more) as file:
        file.write(bands)


def draw(root: Path, image: np.ndarray, labels: np.ndarray = LABELS, name: str = "a", **of_image) -> None:
    write(root / "images" / f"{name}.tif", image, **of_image)
    write(root / "masks" / f"{name}.tif", labels)


def measured(bands: int = 3, dtype: str = "uint8") -> np.ndarray:
    return (1 + np.arange(bands * 6).reshape(bands, 2, 3)).astype(dtype)


@pytest.mark.parametrize(("bands", "dtype"), [(1, "uint8"), (3, "uint16"), (4, "uint8"), (6, "float32")])
def test_the_place_is_kept_for_any_bands_and_numbers(bands, dtype, tmp_path) -> None:
    draw(tmp_path, measured(bands, dtype))
    sample = pairs(tmp_path)[0]
    assert sample.image.shape == (bands, 2, 3)
    assert sample.place is not None and sample.place.transform == GRID
    assert "2180" in sample.place.crs
    assert sample.labels.tolist() == [[0, 1, 1], [0, 2, 3]]
    scale = {"uint8": 255, "uint16": 65535, "float32": 1}[dtype]
    assert sample.image[0, 0, 1] * scale == pytest.approx(2)


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int16", "float32"])
def test_no_data_does_not_count_where_all_bands_have_it(dtype, tmp_path) -> None:
    image = measured(3, dtype)
    image[:, 0, 0] = 99
    image[0, 1, 1] = 99  # in one band alone it is a measurement
    draw(tmp_path, image, nodata=99)
    sample = pairs(tmp_path)[0]
    expected = [[255, 1, 1], [0, 255 if dtype == "float32" else 2, 3]]  # a float is no number there
    assert sample.labels.tolist() == expected
    assert sample.image[:, 0, 0].tolist() == [0, 0, 0]


def test_not_a_number_never_becomes_class_0(tmp_path) -> None:
    image = measured(2, "float32")
    image[1, 0, 0] = np.nan
    draw(tmp_path, image)
    sample = pairs(tmp_path)[0]
    assert sample.labels.tolist() == [[255, 1, 1], [0, 2, 3]]
    assert sample.image.isfinite().all()


def test_what_a_mask_of_the_raster_hides_does_not_count(tmp_path) -> None:
    draw(tmp_path, measured())
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), rasterio.open(tmp_path / "images/a.tif", "r+") as file:
        file.write_mask(np.array([[True, True, False], [True, True, True]]))
    assert pairs(tmp_path)[0].labels.tolist() == [[0, 1, 255], [0, 2, 3]]


@pytest.mark.parametrize(
    ("fourth", "hides"), [([[0, 9, 9], [9, 9, 9]], True), ([[0, 5, 9], [9, 9, 9]], False)]
)
def test_a_fourth_band_called_alpha_hides_only_if_it_is_all_or_nothing(fourth, hides, tmp_path) -> None:
    image = np.concatenate([measured(), np.array([fourth], np.uint8)])
    draw(tmp_path, image, photometric="RGB", alpha="YES")
    assert pairs(tmp_path)[0].labels[0, 0] == (255 if hides else 0)


def test_no_data_of_masks_does_not_count(tmp_path) -> None:
    draw(tmp_path, measured())
    write(tmp_path / "masks" / "a.tif", np.array([[1, 2, 3], [9, 1, 1]], np.uint8), nodata=9)
    data = pairs(tmp_path)
    assert data.classes.values == (1, 2, 3)
    assert data[0].labels.tolist() == [[0, 1, 2], [255, 0, 0]]
    (tmp_path / "classes.yaml").write_text(
        "classes: [{name: a, value: 1}, {name: b, value: 2}, {name: c, value: 3}]"
    )
    assert pairs(tmp_path)[0].labels.tolist() == [[0, 1, 2], [255, 0, 0]]


def test_zero_declared_as_no_data_is_background_only_of_two_classes(tmp_path) -> None:
    draw(tmp_path, measured())
    write(tmp_path / "masks" / "a.tif", np.array([[0, 255, 0], [0, 0, 0]], np.uint8), nodata=0)
    assert pairs(tmp_path).classes.names == ("background", "foreground")
    write(tmp_path / "masks" / "a.tif", LABELS, nodata=0)
    data = pairs(tmp_path)
    assert data.classes.values == (1, 2, 4)
    assert data[0].labels.tolist() == [[255, 0, 0], [255, 1, 2]]


def test_a_mask_that_lies_elsewhere_is_refused(tmp_path) -> None:
    draw(tmp_path, measured(), grid=(0.25, 0.0, 500_000.5, 0.0, -0.25, 300_000.75))
    with pytest.raises(DataError) as error:
        pairs(tmp_path)
    told = (
        "a.tif and a.tif lie in different places. The mask begins 3.0 rows and -2.0 columns from the corner"
    )
    assert told in str(error.value)
    draw(tmp_path, measured(), grid=(0.5, 0.0, 500_000.0, 0.0, -0.5, 300_000.0))
    with pytest.raises(DataError, match="with pixels of another size"):
        pairs(tmp_path)
    draw(tmp_path, measured(), grid=(0.25, 0.0, 500_000.1, 0.0, -0.25, 300_000.0))  # less than half a pixel
    assert len(pairs(tmp_path)) == 1


def test_a_picture_with_a_file_of_its_place_beside_it(tmp_path) -> None:
    Image.fromarray(np.zeros((2, 3, 3), np.uint8)).save(tmp_path / "a.png")
    assert read_placed(tmp_path / "a.png")[2] is None
    write_sidecar(tmp_path / "a.png", Place("", GRID))
    image, missing, place = read_placed(tmp_path / "a.png")
    assert place is not None and place.transform == GRID
    assert not missing.any() and torch.equal(image, torch.zeros(3, 2, 3))


def test_a_photograph_with_a_world_file(tmp_path) -> None:
    Image.fromarray(np.zeros((2, 3, 3), np.uint8)).save(tmp_path / "a.jpg")
    lines = (0.25, 0.0, 0.0, -0.25, 500_000.125, 299_999.875)  # of the centre of the first pixel
    (tmp_path / "a.jgw").write_text("\n".join(map(str, lines)))
    place = read_placed(tmp_path / "a.jpg")[2]
    assert place == Place("", GRID)


@pytest.mark.parametrize("tile", ["", "_17"])
def test_landcover_ai_is_known_by_the_sheets_of_its_map(tile, tmp_path) -> None:
    for sheet in ("M-33-20-D-c-4-2", "N-34-66-C-c-4-3"):
        draw(tmp_path, measured(), np.array([[0, 1, 1], [0, 0, 4]], np.uint8), f"{sheet}{tile}")
    data = pairs(tmp_path)
    assert data.classes.names == ("background", "building", "woodland", "water", "road")
    assert data[0].labels.tolist() == [[0, 1, 1], [0, 0, 4]]
    assert "named like those of LandCover.ai" in data.notes[0]
    assert recognise(tmp_path)[0] == "pairs"
    assert pairs(tmp_path, ignore=(0,)).classes.names[0] == "building"
    draw(tmp_path, measured(), LABELS, "mine")
    assert pairs(tmp_path).classes.names[1] == "class 1" or "value" in pairs(tmp_path).classes.names[1]


def test_carvana_is_known_by_its_cars(tmp_path) -> None:
    for folder in ("train", "train_masks"):
        (tmp_path / folder).mkdir()
    for view in (1, 2):
        name = f"0cdf5b5d0ce1_{view:02}"
        Image.fromarray(np.zeros((2, 3, 3), np.uint8)).save(tmp_path / "train" / f"{name}.jpg")
        mask = Image.fromarray(LABELS > 0).convert("P")
        mask.save(tmp_path / "train_masks" / f"{name}_mask.gif")
    data = pairs(tmp_path)
    assert data.classes.names == ("background", "car")
    assert data[0].labels.tolist() == [[0, 1, 1], [0, 1, 1]]


@pytest.mark.real
def test_real_rasters(real_data: Path, tmp_path) -> None:
    folder = real_data / "geotiff"
    image, missing, place = read_placed(folder / "rasterio_cc0" / "RGB.byte.tif")
    with rasterio.open(folder / "rasterio_cc0" / "RGB.byte.tif") as file:
        assert torch.equal(missing, torch.from_numpy(file.dataset_mask() == 0))
        assert place is not None and place.transform == tuple(file.transform)[:6]
    assert 0.2 < missing.float().mean() < 0.5 and not image[:, missing].any()
    _, missing, place = read_placed(folder / "rasterio_cc0" / "float_nan.tif")
    assert missing.any() and place is not None
    vegas = folder / "spacenet_vegas_img2144"
    for kind in ("3channel_uint16", "8channel_uint8"):
        root = tmp_path / kind
        (root / "images").mkdir(parents=True)
        (root / "masks").mkdir()
        (root / "images" / "a.tif").write_bytes((vegas / "different-types" / f"tiff_{kind}.tif").read_bytes())
        (root / "masks" / "a.png").write_bytes(
            (vegas / "masks" / "mask_tiff_3channel_uint8.png").read_bytes()
        )
        sample = pairs(root)[0]
        assert sample.place is not None and sample.image.shape[1:] == (650, 500)
        assert set(sample.labels.unique().tolist()) <= {0, 1, 2, 3, 255}
