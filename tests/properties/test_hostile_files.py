"""Files made to fill the memory, to take for ever, or to lead elsewhere: each is refused, by name."""

import gzip
import os
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import rasterio
from PIL import Image

from pixelwise.core.errors import DataError
from pixelwise.data.images import read_header, read_image
from pixelwise.data.masks.files import read_mask, read_mask_header
from tests.data.drawings.written import (
    TOOLS,
    coco_annotation,
    coco_file,
    cvat_file,
    labelme_file,
    labelme_shape,
    write_json,
)
from tests.data.readers.small import SMALL, Small
from tests.properties._reading import bounds, read


def empty(path: Path) -> None:
    path.write_bytes(b"")


def png_of_a_billion_pixels(path: Path) -> None:
    Image.new("1", (8, 8)).save(path)
    content = path.read_bytes()
    header = b"IHDR" + struct.pack(">II", 40_000, 40_000) + content[24:29]
    path.write_bytes(content[:12] + header + struct.pack(">I", zlib.crc32(header)) + content[33:])


def tiff_of_nothing(path: Path) -> None:
    """Some hundred bytes that stand for ten billion pixels, none of them written."""
    shape = {"width": 100_000, "height": 100_000, "count": 1, "dtype": "uint8"}
    layout = {"tiled": True, "blockxsize": 16_384, "blockysize": 16_384, "SPARSE_OK": True}
    place = rasterio.Affine(1.0, 0.0, 100.0, 0.0, -1.0, 200.0)
    with rasterio.open(path, "w", driver="GTiff", transform=place, **shape, **layout):
        pass


def array_of_a_trillion(path: Path) -> None:
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(
            file, {"descr": "<f8", "fortran_order": False, "shape": (10**6, 10**6)}
        )


def array_of_objects(path: Path) -> None:
    np.save(path, np.array([[{}]], object), allow_pickle=True)


def archive(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("a.npy", b"0" * 1000)


def pointer_to_another_file(path: Path) -> None:
    """A VRT, which GDAL would follow to any file or address."""
    outside = path.parent / "outside.png"
    Image.new("L", (2, 2), 7).save(outside)
    source = (
        f"<SimpleSource><SourceFilename>{outside}</SourceFilename><SourceBand>1</SourceBand></SimpleSource>"
    )
    path.write_text(
        '<VRTDataset rasterXSize="2" rasterYSize="2">'
        f'<VRTRasterBand dataType="Byte" band="1">{source}</VRTRasterBand></VRTDataset>'
    )


def pipe(path: Path) -> None:
    os.mkfifo(path)


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


@pytest.mark.parametrize("read_one", [read_image, read_header, read_mask, read_mask_header])
@pytest.mark.parametrize(
    ("name", "write"),
    [
        *((f"a{suffix}", empty) for suffix in (".png", ".jpg", ".gif", ".bmp", ".webp", ".tif", ".npy")),
        ("a.png", png_of_a_billion_pixels),
        ("a.tif", tiff_of_nothing),
        ("a.npy", array_of_a_trillion),
        ("a.npy", array_of_objects),
        ("a.npy", archive),
        ("a.tif", pointer_to_another_file),
        *((f"a{suffix}", pipe) for suffix in (".png", ".tif", ".npy")),
        *((f"a{suffix}", device) for suffix in (".png", ".tif", ".npy")),
        *((f"a{suffix}", Path.mkdir) for suffix in (".png", ".tif", ".npy")),
    ],
)
def test_no_picture_is_worth_a_hang_or_all_memory(
    read_one: Callable[[Path], object], name: str, write: Callable[[Path], None], tmp_path: Path
) -> None:
    write(tmp_path / name)
    if write is tiff_of_nothing and read_one in (read_header, read_mask_header):
        assert read_one(tmp_path / name).size == (100_000, 100_000)  # may be cut into tiles
        return
    with bounds(), pytest.raises(DataError, match=re.escape(str(tmp_path / name))):
        read_one(tmp_path / name)


def test_digits_are_not_unpacked_beyond_what_they_say(tmp_path: Path) -> None:
    small = next(small for small in SMALL if small.reader == "digits")
    small.draw(tmp_path)
    file = tmp_path / "train-images-idx3-ubyte.gz"
    file.write_bytes(file.read_bytes() + gzip.compress(bytes(2**24), 1) * 2**10)  # 16 GiB
    assert f"{file}: cut short or damaged" in read(small, tmp_path) and "holds more" in read(small, tmp_path)


@pytest.mark.parametrize("name", ["classes.yaml", "data.yaml"])
@pytest.mark.parametrize("text", ["aliases", "depth", "digits", "date"])
def test_yaml_that_grows_is_refused(name: str, text: str, tmp_path: Path) -> None:
    small = next(s for s in SMALL if str(s) == ("yolo" if name == "data.yaml" else "pairs lists"))
    small.draw(tmp_path)
    rows = "".join(f"x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * 9)}]\n" for n in range(1, 30))
    content = {
        "aliases": f"x0: &x0 [1]\n{rows}names: *x29\nclasses: *x29\n",
        "depth": "names: " + "[" * 5000,
        "digits": f"names: [{'9' * 5000}]",
        "date": "names: [2001-99-99]",
    }
    (tmp_path / name).write_text(content[text])
    assert f"{tmp_path / name} is no YAML" in read(small, tmp_path)


@pytest.mark.parametrize("small", [small for small in SMALL if small.reader in TOOLS], ids=str)
def test_json_that_is_too_deep_is_refused(small: Small, tmp_path: Path) -> None:
    small.draw(tmp_path)
    for file in [*tmp_path.rglob("*.json"), *tmp_path.rglob("*.geojson")]:
        file.write_text("[" * 100_000)
        assert str(file) in read(small, tmp_path)


@pytest.mark.parametrize("small", SMALL, ids=str)
def test_a_folder_that_contains_itself_is_no_trap(small: Small, tmp_path: Path) -> None:
    small.draw(tmp_path)
    for folder in [tmp_path, *(path for path in tmp_path.rglob("*") if path.is_dir())]:
        (folder / "again").symlink_to(tmp_path)
    told = read(small, tmp_path)
    assert not told or str(tmp_path) in told


@pytest.mark.parametrize(
    "tool", ["coco", *(pytest.param(tool, marks=pytest.mark.slow) for tool in ("cvat", "labelme", "yolo"))]
)
def test_an_outline_of_a_million_points_is_painted(tool: str, tmp_path: Path) -> None:
    TOOLS[tool](tmp_path)
    points = np.random.default_rng(0).uniform(0, 40, (10**6, 2)).round(2).tolist()
    flat = [number for point in points for number in point]
    if tool == "coco":
        write_json(tmp_path / "_annotations.coco.json", coco_file([coco_annotation(1, 3, [flat])]))
    elif tool == "labelme":
        write_json(tmp_path / "scene_0.json", labelme_file("scene_0", [labelme_shape("leaf", points)]))
    elif tool == "cvat":
        outline = ";".join(f"{x},{y}" for x, y in points)
        (tmp_path / "annotations.xml").write_text(cvat_file(f'<polygon label="leaf" points="{outline}"/>'))
    else:
        shares = " ".join(f"{number / 40:.4f}" for number in flat)
        (tmp_path / "labels" / "scene_0.txt").write_text(f"0 {shares}\n")
    assert read(Small(tool, TOOLS[tool]), tmp_path) == ""
