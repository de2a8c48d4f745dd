"""Whatever is wrong with a file: an error that names it, in little memory and time, never a traceback.

`make fuzz` tries many more faults, and others each time.
"""

import gzip
import os
import re
import resource
import signal
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from hypothesis import HealthCheck, given, settings
from PIL import Image

from pixelwise.core.catalog import Catalog
from pixelwise.core.classes import IGNORE_INDEX
from pixelwise.core.errors import DataError
from pixelwise.data.images import read_header, read_image
from pixelwise.data.masks.files import read_mask, read_mask_header
from pixelwise.data.reader import Reader
from tests.data.drawings.written import (
    TOOLS,
    coco_annotation,
    coco_file,
    cvat_file,
    labelme_file,
    labelme_shape,
    write_json,
)
from tests.data.drawn import write_tiff
from tests.data.readers.small import SMALL, Small
from tests.properties._mutations import SECRET, Mutation, apply, mutations, restore

CATALOG = Catalog("pixelwise.data.readers", "reader")
TRIES = int(os.environ.get("PIXELWISE_FUZZ", "0"))  # per data set; 0: the 2,000 of every day, the same ones
EVERY_DAY = 2000 // (len(SMALL) - 2)  # the writers of two may not be installed
MEMORY = 3 * 2**30  # bytes that may be wanted, whatever a file says of itself
PATIENCE_S = 120  # only what hangs takes as long

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")  # it speaks of damage before it raises


class HangsError(BaseException):
    """Not an `Exception`, so that nothing takes it for a fault of the file."""


@contextmanager
def bounds() -> Iterator[None]:
    """Little memory and time, here where the system can bound them."""

    def hangs(*_: Any) -> None:
        raise HangsError(f"no answer in {PATIENCE_S} s")

    before, limits = signal.signal(signal.SIGALRM, hangs), resource.getrlimit(resource.RLIMIT_DATA)
    used = re.search(r"VmData:\s+(\d+) kB", Path("/proc/self/status").read_text())
    resource.setrlimit(resource.RLIMIT_DATA, (int(used[1]) * 1024 + MEMORY if used else -1, limits[1]))
    signal.alarm(PATIENCE_S)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
        resource.setrlimit(resource.RLIMIT_DATA, limits)


def read(small: Small, root: Path) -> str:
    """What the reader refuses to read, in its words; nothing when every sample is sound."""
    assert CATALOG.module(small.reader).recognise(root).reason
    try:
        with bounds():
            reader: Reader = CATALOG[small.reader](root, **small.options)
            assert len(reader) > 0
            for index in range(len(reader)):
                check_sample(reader, index)
    except DataError as error:
        return str(error)
    return ""


def check_sample(reader: Reader, index: int) -> None:
    sample = reader[index]
    assert sample.labels is not None and sample.image.isfinite().all()
    assert sample.labels.shape[-2:] == sample.image.shape[-2:]
    if reader.classes.exclusive:
        counted = sample.labels[sample.labels != IGNORE_INDEX]
        assert ((counted >= 0) & (counted < len(reader.classes))).all()
    else:
        assert ((sample.labels >= -1) & (sample.labels <= 1)).all()
        assert len(sample.labels) == len(reader.classes)


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder that no data set may look into, with pictures to be put where they do not belong."""
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "secret.txt").write_text(f"{SECRET} 1 1 1\n[{SECRET}]\n")
    grey = np.arange(56 * 40, dtype=np.uint16).reshape(40, 56)
    for mode in ("1", "L", "P", "RGBA", "CMYK", "I;16"):
        name = f"other_{mode.replace(';', '')}.{'jpg' if mode == 'CMYK' else 'png'}"
        picture = Image.fromarray(grey if mode == "I;16" else (grey % 7).astype(np.uint8))
        (picture if mode == "I;16" else picture.convert(mode)).save(folder / name)
    Image.new("RGB", (3, 1), (1, 2, 3)).save(folder / "other.png")
    Image.new("L", (1, 70000)).save(folder / "other_long.png")
    write_tiff(folder / "other.tif", np.full((40, 56), np.nan, np.float64))
    np.save(folder / "other.npy", np.zeros((0, 3), complex))
    return folder


@pytest.mark.parametrize("small", SMALL, ids=str)
def test_a_damaged_file_is_named_or_read_soundly(small: Small, tmp_path: Path, outside: Path) -> None:
    root = tmp_path / "data"
    root.mkdir()
    small.draw(root)
    contents = {path: path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}
    refused: list[str] = []

    @settings(
        max_examples=TRIES or EVERY_DAY,
        derandomize=not TRIES,
        database=None,
        deadline=None,
        print_blob=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(mutations())
    def damage(mutation: Mutation) -> None:
        try:
            done = apply(mutation, [*contents], outside)
            told = read(small, root)
            assert not told or str(root) in told, f"{done}: which file? {told}"
            assert SECRET not in told, f"{done}: {told}"
            refused.append(told)
        finally:
            restore(root, contents)

    assert read(small, root) == ""
    damage()
    assert sum(map(bool, refused)) > len(refused) / 4, "the faults are too mild to be noticed"


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
