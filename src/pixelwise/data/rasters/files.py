"""Which files are images, and what goes wrong when they are opened."""

import struct
import tokenize
import warnings
import zlib
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any, cast

import numpy as np
import rasterio
from numpy.typing import NDArray
from PIL import Image
from rasterio.errors import NotGeoreferencedWarning

from pixelwise.core.errors import DataError

TIFF = frozenset({".tif", ".tiff"})
EXTENSIONS = frozenset({".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".npy"}) | TIFF
GROUPS = "groups.csv"  # which raster each tile is of, and where in it
UNREADABLE = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    struct.error,
    zlib.error,
    tokenize.TokenError,  # out of the header of a .npy file
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,  # where warnings are errors
)
_MOST_VALUES = 2**30  # pixels times bands read at once: 4 GiB as float32
_DRIVERS = {  # GDAL's, by what a file begins with; others of them open further files, and addresses
    b"II*\0": "GTiff",
    b"MM\0*": "GTiff",
    b"II+\0": "GTiff",
    b"MM\0+": "GTiff",
    b"\x89PNG": "PNG",
    b"\xff\xd8": "JPEG",
    b"GIF8": "GIF",
    b"BM": "BMP",
    b"RIFF": "WEBP",
}

_opening = Lock()  # warning filters belong to the whole process


def is_image(path: Path) -> bool:
    """Whether the name ends like an image file we read and is not a hidden one."""
    return path.suffix.lower() in EXTENSIONS and not path.name.startswith(".")


@contextmanager
def naming(path: Path) -> Generator[None]:
    """Turn whatever a decoder raises into a `DataError` that names the file."""
    if path.exists() and not path.is_file():  # a pipe would be waited for, a device has no end
        raise DataError(f"{path} is no file. It is a folder, a pipe or a device. Remove or rename it.")
    try:
        yield
    except DataError:
        raise
    except MemoryError as error:  # a damaged PNG may claim that gigabytes follow
        raise DataError(
            f"{path} cannot be read. Its {path.stat().st_size} bytes claim to hold more than there is memory "
            "for. Replace the file if it is damaged, or cut the image with `pixelwise tile`."
        ) from error
    except UNREADABLE as error:
        if not path.exists():
            raise DataError(f"{path} is missing. Nothing is there. Check the path.") from error
        size = path.stat().st_size
        raise DataError(
            f"{path} cannot be read as an image. Its {size} bytes are damaged or of another kind ({error}). "
            "Replace or remove the file."
        ) from error


@contextmanager
def quietly() -> Generator[None]:
    """Opens rasters of any thread without the warning that they have no place on Earth."""
    with _opening, warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        yield


@contextmanager
def open_raster(path: Path) -> Generator[Any]:
    """A rasterio data set; that a plain picture has no place on Earth is no news.

    Raises:
        OSError: If it is missing, damaged, or of a kind that we do not read.
    """
    with path.open("rb") as file:
        begin = file.read(4)
    driver = next((name for mark, name in _DRIVERS.items() if begin.startswith(mark)), None)
    if driver is None:
        raise OSError("its first bytes are not those of a TIFF or another picture")
    with quietly():
        raster = cast("Any", rasterio).open(path, driver=driver)  # rasterio brings no types
    with raster:
        yield raster


def check_amount(path: Path, raster: Any) -> None:
    """Raise a `DataError` if a raster holds more than should be read at once, whatever its file weighs."""
    values = raster.width * raster.height * raster.count
    if values > _MOST_VALUES:
        raise DataError(
            f"{path} is too large to be read at once. It has {raster.count} bands of "
            f"{(raster.height, raster.width)} (rows, columns), {_MOST_VALUES} numbers are the most. Cut it "
            "with `pixelwise tile`."
        )


def open_array(path: Path) -> NDArray[Any]:
    """The array of a .npy file, on the disk: it cannot claim more than the file holds.

    Raises:
        OSError: If the file is missing or cut off.
        ValueError: If it is no such file, or holds objects.
    """
    return np.asarray(np.lib.format.open_memmap(path, mode="r"))
