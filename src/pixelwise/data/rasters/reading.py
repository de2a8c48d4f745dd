"""Rasters of any size, read by windows; those that can only be read downwards are read once."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps
from rasterio.enums import ColorInterp

from pixelwise.core.errors import DataError
from pixelwise.core.palette import Colour
from pixelwise.core.place import Place
from pixelwise.data.rasters.files import TIFF, naming, open_array, open_raster

Pixels = NDArray[Any]
Window = Callable[[int, int, int, int], Pixels]  # top, left, rows, columns -> rows, columns, bands

_ANYWHERE = frozenset({"GTiff", "COG", "VRT", "ENVI", "HFA", "JP2OpenJPEG"})
_CAMERAS = frozenset({"JPEG", "WEBP", "MPO"})
_ORIENTATION = 0x0112  # EXIF tag


@dataclass(frozen=True, slots=True)
class Raster:
    """What an image file is like, without its pixels.

    Attributes:
        path: The file.
        size: Rows and columns.
        bands: Bands as they are stored: a palette is one, alpha is one more.
        dtype: Type of the numbers.
        alpha: Whether the last band is alpha; never in TIFF files, where it is a measurement more often.
        nodata: Value of pixels that were never measured, where the file declares one.
        palette: Colours that the numbers stand for; empty without a palette.
        place: Where on Earth it lies, when known.
        downwards: Whether it can only be read from the top down, as PNG and JPEG can.
        turned: Whether an EXIF orientation turns it, so that it must be read whole.
    """

    path: Path
    size: tuple[int, int]
    bands: int
    dtype: np.dtype[Any]
    alpha: bool = False
    nodata: float | None = None
    palette: tuple[Colour, ...] = ()
    place: Place | None = None
    downwards: bool = False
    turned: bool = False


def describe(path: Path) -> Raster:
    """What the beginning of an image file tells.

    Raises:
        DataError: If it is missing or no image, or an array without rows and columns.
    """
    with naming(path):
        if path.suffix.lower() == ".npy":
            array = _array(path)
            return Raster(path, (array.shape[0], array.shape[1]), array.shape[2], array.dtype)
        with open_raster(path) as raster:
            size, downwards = (raster.height, raster.width), raster.driver not in _ANYWHERE
            turned = raster.driver in _CAMERAS and _orientation(path) > 1
            if turned and _orientation(path) > 4:
                size = (size[1], size[0])
            return Raster(
                path,
                size,
                raster.count,
                np.dtype(raster.dtypes[0]),
                alpha=raster.count > 1
                and raster.colorinterp[-1] == ColorInterp.alpha
                and path.suffix.lower() not in TIFF,
                nodata=raster.nodata,
                palette=_palette(raster),
                place=place_of(raster),
                downwards=downwards,
                turned=turned,
            )


def place_of(raster: Any) -> Place | None:
    """Where an open rasterio data set lies on Earth; None where it does not say."""
    if raster.transform.is_identity and raster.crs is None:
        return None
    wkt = "" if raster.crs is None else str(raster.crs.to_wkt())
    a, b, c, d, e, f = tuple(raster.transform)[:6]
    return Place(wkt, (a, b, c, d, e, f))


@contextmanager
def windows_of(raster: Raster) -> Generator[Window]:
    """A function that reads windows of the raster, its numbers as they are stored.

    Windows of a raster that is read downwards should be asked for from the top down: each step back
    begins again at the first row. One thread at a time.

    Raises:
        DataError: If the file is damaged.
    """
    with naming(raster.path):
        if raster.turned or raster.path.suffix.lower() == ".npy":
            whole = _upright(raster.path) if raster.turned else _array(raster.path)
            yield lambda top, left, rows, columns: whole[top : top + rows, left : left + columns]
            return
        with open_raster(raster.path) as file:
            yield lambda top, left, rows, columns: _read(file, top, left, rows, columns)


def _read(file: Any, top: int, left: int, rows: int, columns: int) -> Pixels:
    pixels = np.empty((rows, columns, file.count), file.dtypes[0])
    file.read(window=((top, top + rows), (left, left + columns)), out=pixels.transpose(2, 0, 1))
    return pixels


def _palette(raster: Any) -> tuple[Colour, ...]:
    if raster.count > 1 or raster.colorinterp[0] != ColorInterp.palette or raster.dtypes[0] != "uint8":
        return ()
    colours = raster.colormap(1)
    return tuple(tuple(colours[index][:3]) for index in sorted(colours))


def _orientation(path: Path) -> int:
    with Image.open(path) as picture:
        found = picture.getexif().get(_ORIENTATION, 1)
    return found if isinstance(found, int) and 1 <= found <= 8 else 1


def _upright(path: Path) -> Pixels:
    with Image.open(path) as picture:
        pixels = np.asarray(ImageOps.exif_transpose(picture))
    return pixels[..., None] if pixels.ndim == 2 else pixels


def _array(path: Path) -> Pixels:
    """The array of a .npy file with its bands last, on the disk."""
    array = open_array(path)
    if array.ndim not in (2, 3) or not array.size or array.dtype.kind not in "buif":
        raise DataError(
            f"{path} is no image. It holds {array.dtype} of shape {array.shape}. Save rows and columns, or "
            "rows, columns, bands."
        )
    if array.ndim == 2:
        return array[..., None]
    return array.transpose(1, 2, 0) if array.shape[0] < array.shape[2] else array
