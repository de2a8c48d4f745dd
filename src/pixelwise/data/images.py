"""Image files to tensors: any common format, any number of bands, 8 bits or more."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from jaxtyping import Bool, Float
from numpy.typing import NDArray
from PIL import Image, ImageOps
from rasterio.enums import ColorInterp
from torch import Tensor

from pixelwise.core.errors import DataError
from pixelwise.core.place import Place
from pixelwise.data.rasters.files import TIFF, check_amount, naming, open_array, open_raster
from pixelwise.data.rasters.reading import place_of

_ONE_BAND = frozenset({"1", "L", "LA", "La", "F", "I", "I;16", "I;16B", "I;16L", "I;16N"})
_ORIENTATION = 0x0112  # EXIF tag
_ENDS = {"PNG": b"IEND", "JPEG": b"\xff\xd9"}
_TAIL = 4096  # bytes at the end; some programs write a little behind the mark


@dataclass(frozen=True, slots=True)
class Header:
    """What the beginning of an image file tells, without decoding the rest.

    Attributes:
        size: Rows and columns as `read_image` returns them.
        bands: Bands as `read_image` returns them.
        turned: Whether an EXIF orientation turns or mirrors the stored pixels.
        place: Where on Earth a TIFF lies, when it says so.
    """

    size: tuple[int, int]
    bands: int
    turned: bool = False
    place: Place | None = None


def read_image(path: Path, *, bands: int | None = None) -> Float[Tensor, "c h w"]:
    """The image in a file, as float32.

    Whole numbers are divided by the largest of their type (255, 65535 ...), so that they lie in
    0..1; floating values stay as they are, NaN where a TIFF declares them missing. Photographs are
    turned upright as their EXIF orientation says. Alpha is dropped, but in TIFF files, where a
    fourth band is a measurement more often than not. Palette pictures become RGB. An array of
    three axes (.npy) has its bands on the shorter of the first and the last axis.

    Args:
        path: PNG, JPEG, GIF, BMP, WebP, TIFF or .npy.
        bands: Number of bands wanted; as many as the file has when None. One band is repeated,
            three become one by luma, of more the first ones are kept.

    Raises:
        DataError: If the file is missing, damaged or no image, or has too few bands.
    """
    with naming(path):
        pixels = _pixels(path)
    if pixels.dtype.kind not in "buif":
        raise DataError(f"{path} does not hold plain numbers. It holds {pixels.dtype}. Save real numbers.")
    with np.errstate(over="ignore"):  # beyond float32 is infinite, and so not finite for `split_missing`
        values = pixels.astype(np.float32, order="C")
    if pixels.dtype.kind in "ui":
        values /= np.float32(np.iinfo(pixels.dtype).max)  # by NumPy: the loader's threads share the cores
    image = torch.from_numpy(values)
    return image if bands is None else _with_bands(image, bands, path)


def read_header(path: Path) -> Header:
    """Size and bands of an image file, without decoding it; a PNG or JPEG without its end is refused.

    Raises:
        DataError: If the file is missing or no image.
    """
    with naming(path):
        if path.suffix.lower() == ".npy":
            return Header(*_shape(open_array(path), path))
        if path.suffix.lower() in TIFF:
            with open_raster(path) as raster:
                bands = 3 if _has_palette(raster) else raster.count
                return Header((raster.height, raster.width), bands, place=place_of(raster))
        with Image.open(path) as picture:
            _check_end(path, picture.format)
            columns, rows = picture.size
            orientation = _orientation(picture)
            size = (columns, rows) if orientation > 4 else (rows, columns)
            return Header(size, 1 if _is_grey(picture) else 3, orientation > 1)


def split_missing(image: Float[Tensor, "c h w"]) -> tuple[Float[Tensor, "c h w"], Bool[Tensor, "h w"]]:
    """The image with zeros for values that are not finite, and the mask of pixels that had any."""
    with np.errstate(all="ignore"):
        complete = np.isfinite(image.numpy().sum())  # one quick pass; most images miss nothing
    if complete:
        return image, torch.zeros(image.shape[1:], dtype=torch.bool)
    missing = ~image.isfinite()
    return image.masked_fill(missing, 0.0), missing.any(0)


def sixteen_bit_colour(picture: Image.Image) -> bool:
    """Whether Pillow would quietly cut this PNG to 8 bits; rasterio keeps them."""
    tiles = cast("list[Any]", getattr(picture, "tile", []))
    return bool(tiles) and str(tiles[0][3]) in {"RGB;16B", "RGBA;16B", "LA;16B"}


def _check_end(path: Path, kind: str | None) -> None:
    """Refuse a file that was cut off, as far as its last bytes tell.

    Raises:
        OSError: If the mark that ends every file of its kind is not near the end.
    """
    mark = _ENDS.get(kind or "")
    if mark is None:
        return
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _TAIL))
        if mark not in file.read():
            raise OSError(f"the end of the {kind} is missing: the file was cut off")


def _pixels(path: Path) -> NDArray[Any]:
    """Bands, rows, columns as stored, in the type of the file."""
    if path.suffix.lower() == ".npy":
        return _channels_first(open_array(path), path)
    if path.suffix.lower() in TIFF:
        return _raster_pixels(path)
    with Image.open(path) as picture:
        if sixteen_bit_colour(picture):
            with open_raster(path) as raster:
                check_amount(path, raster)
                return raster.read(list(range(1, raster.count + raster.count % 2)))  # alpha comes last
        upright = ImageOps.exif_transpose(picture) if _orientation(picture) > 1 else picture
        pixels = np.asarray(_plain(upright))
    return pixels[None] if pixels.ndim == 2 else pixels.transpose(2, 0, 1)


def _plain(picture: Image.Image) -> Image.Image:
    """The picture as grey or RGB, without alpha or palette."""
    if picture.mode in {"LA", "La"}:
        return picture.convert("L")
    if picture.mode in _ONE_BAND or picture.mode == "RGB":
        return picture
    return (picture.convert("RGBA") if picture.mode in {"P", "PA"} else picture).convert("RGB")


def _is_grey(picture: Image.Image) -> bool:
    tiles = cast("list[Any]", getattr(picture, "tile", []))
    return picture.mode in _ONE_BAND or (bool(tiles) and str(tiles[0][3]) == "LA;16B")


def _orientation(picture: Image.Image) -> int:
    """1 for upright; only formats of cameras are asked, others would be decoded for it."""
    if picture.format not in {"JPEG", "WEBP", "MPO"}:
        return 1
    found = picture.getexif().get(_ORIENTATION, 1)
    return found if isinstance(found, int) and 1 <= found <= 8 else 1


def _raster_pixels(path: Path) -> NDArray[Any]:
    with open_raster(path) as raster:
        check_amount(path, raster)
        pixels = raster.read()
        if _has_palette(raster):
            colours = np.zeros((256, 3), np.uint8)
            for index, colour in raster.colormap(1).items():
                colours[index] = colour[:3]
            return colours[pixels[0]].transpose(2, 0, 1)
        if pixels.dtype.kind == "f":
            for band, nothing in zip(pixels, raster.nodatavals, strict=True):
                if nothing is not None:
                    band[band == band.dtype.type(nothing)] = np.nan
        return pixels


def _has_palette(raster: Any) -> bool:
    return raster.count == 1 and raster.colorinterp[0] == ColorInterp.palette and raster.dtypes[0] == "uint8"


def _shape(array: NDArray[Any], path: Path) -> tuple[tuple[int, int], int]:
    if array.ndim not in (2, 3) or not array.size:
        raise DataError(
            f"{path} is no image. Its shape is {array.shape}. Save rows and columns, or rows, columns, bands."
        )
    if array.ndim == 2:
        return (array.shape[0], array.shape[1]), 1
    bands_first = array.shape[0] < array.shape[2]
    rows, columns, bands = (*array.shape[1:], array.shape[0]) if bands_first else array.shape
    return (rows, columns), bands


def _channels_first(array: NDArray[Any], path: Path) -> NDArray[Any]:
    _shape(array, path)
    if array.ndim == 2:
        return array[None]
    return array if array.shape[0] < array.shape[2] else array.transpose(2, 0, 1)


def _with_bands(image: Tensor, bands: int, path: Path) -> Tensor:
    found = image.shape[0]
    if found == bands:
        return image
    if found == 1:
        return image.repeat(bands, 1, 1)
    if found >= 3 and bands == 1:
        luma = torch.tensor([0.299, 0.587, 0.114])
        return (luma[:, None, None] * image[:3]).sum(0, keepdim=True)
    if found > bands:
        return image[:bands]
    raise DataError(
        f"{path} has too few bands. It has {found}, {bands} are wanted. Ask for {found} or fewer."
    )
