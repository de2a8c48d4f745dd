"""Mask files to numbers, exactly as they are written: nothing is scaled, blended or clipped."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pixelwise.core.errors import DataError
from pixelwise.core.place import Place
from pixelwise.data.images import sixteen_bit_colour
from pixelwise.data.rasters.files import TIFF, check_amount, naming, open_array, open_raster
from pixelwise.data.rasters.reading import place_of

Pixels = NDArray[Any]

GREY_STEP = 0x010101  # a grey of 24 bits is a multiple of this


@dataclass(frozen=True, slots=True)
class Mask:
    """The numbers of one mask file.

    Attributes:
        pixels: `[h w]`: grey value, palette index, or 0xRRGGBB of a colour file.
        kind: 'values', 'palette' or 'colours'.
        palette: Colour of each palette index as 0xRRGGBB; empty for the other kinds.
        top: Largest value of a grey file of 1, 2 or 4 bits (1, 3, 15); 0 for whole bytes. Some
            programs write class numbers into such files, others black and white.
    """

    pixels: Pixels
    kind: str
    palette: tuple[int, ...] = ()
    top: int = 0


@dataclass(frozen=True, slots=True)
class MaskHeader:
    """What the beginning of a mask file tells.

    Attributes:
        size: Rows and columns.
        kind: 'values', 'palette' or 'colours'.
        lossy: Whether it is JPEG inside, whatever its name says.
        palette: As in `Mask`.
        top: As in `Mask`.
        nodata: Number that a TIFF declares to mean that nothing is known.
        place: Where on Earth a TIFF lies, when it says so.
    """

    size: tuple[int, int]
    kind: str
    lossy: bool
    palette: tuple[int, ...] = ()
    top: int = 0
    nodata: int | None = None
    place: Place | None = None


def read_mask(path: Path) -> Mask:
    """The mask in a file, alpha dropped.

    Raises:
        DataError: If the file is missing, damaged, or holds fractions or colours of 16 bits.
    """
    with naming(path):
        if path.suffix.lower() == ".npy":
            return _from_array(np.array(open_array(path)), path)
        if path.suffix.lower() in TIFF:
            return _from_raster(path)
        with Image.open(path) as picture:
            if sixteen_bit_colour(picture):
                return _from_raster(path)
            return _from_picture(picture, path)


def read_mask_header(path: Path) -> MaskHeader:
    """Size and kind of a mask file, without decoding it.

    Raises:
        DataError: If the file is missing or no image.
    """
    with naming(path):
        if path.suffix.lower() == ".npy":
            array = open_array(path)
            rows, columns = (*array.shape, 0, 0)[:2]
            return MaskHeader((rows, columns), "values" if array.ndim == 2 else "colours", lossy=False)
        if path.suffix.lower() in TIFF:
            with open_raster(path) as raster:
                kind = "colours" if raster.count > 2 else "values"
                size = (raster.height, raster.width)
                packing = str(raster.tags(ns="IMAGE_STRUCTURE").get("COMPRESSION", ""))
                lossy = "JPEG" in packing.upper()
                return MaskHeader(size, kind, lossy, nodata=_nodata(raster), place=place_of(raster))
        with Image.open(path) as picture:
            lossy = picture.format in {"JPEG", "MPO"}
            size = (picture.size[1], picture.size[0])
            return MaskHeader(size, _kind(picture), lossy, _palette(picture), _top(picture))


def _nodata(raster: Any) -> int | None:
    number = raster.nodata if raster.count <= 2 else None
    return int(number) if number is not None and float(number).is_integer() else None


def _from_picture(picture: Image.Image, path: Path) -> Mask:
    kind, top = _kind(picture), _top(picture)
    if kind == "colours":
        rgba = np.asarray(picture.convert("RGBA")).view(">u4")[..., 0]
        return Mask((rgba >> 8).astype(np.int32), kind)
    if kind == "palette":
        return Mask(np.asarray(picture), kind, _palette(picture))
    pixels = np.asarray(picture.getchannel(0) if picture.mode in {"LA", "La"} else picture)
    if pixels.dtype.kind == "b":
        pixels = (pixels.view(np.uint8) > 0).astype(np.uint8)  # Pillow's True is 255 inside
    elif top:
        pixels = pixels // (255 // top)  # Pillow stretched them to 0..255
    return Mask(_whole(pixels, path), kind, top=top)


def _kind(picture: Image.Image) -> str:
    if picture.mode == "P":
        return "palette"
    if picture.mode in {"RGB", "RGBA", "RGBX", "RGBa", "PA", "CMYK", "YCbCr", "LAB", "HSV"}:
        return "colours"
    return "values"


def _top(picture: Image.Image) -> int:
    tiles = cast("list[Any]", getattr(picture, "tile", []))
    packed = str(tiles[0][3]) if tiles else ""
    return 1 if picture.mode == "1" else {"L;2": 3, "L;4": 15}.get(packed, 0)


def _palette(picture: Image.Image) -> tuple[int, ...]:
    """Colours of the palette, without the padding that writers append."""
    flat = picture.getpalette("RGB") if picture.mode == "P" else None
    if not flat:
        return ()
    return tuple((r << 16) | (g << 8) | b for r, g, b in zip(flat[::3], flat[1::3], flat[2::3], strict=True))


def _from_raster(path: Path) -> Mask:
    with open_raster(path) as raster:
        check_amount(path, raster)
        if raster.count <= 2:
            return Mask(_whole(raster.read(1), path), "values")
        return _from_array(raster.read([1, 2, 3]).transpose(1, 2, 0), path)


def _from_array(array: Pixels, path: Path) -> Mask:
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[..., 0]
    if array.ndim == 2:
        return Mask(_whole(array, path), "values")
    if array.ndim != 3 or array.shape[2] not in (3, 4):
        raise DataError(
            f"{path} is no mask. Its shape is {array.shape}. Save one number per pixel, or red, green, blue."
        )
    red, green, blue = (_whole(array[..., band], path).astype(np.int64) for band in range(3))
    if array.dtype != np.uint8 and not (np.array_equal(red, green) and np.array_equal(red, blue)):
        raise DataError(f"{path} holds colours of {array.dtype}. Colours of 8 bits can be read. Save it so.")
    if array.dtype != np.uint8:
        return Mask(red, "values")
    return Mask(((red << 16) | (green << 8) | blue).astype(np.int32), "colours")


def _whole(pixels: Pixels, path: Path) -> Pixels:
    """The pixels as whole numbers; floating files are accepted where nothing is lost."""
    if pixels.dtype.kind in "ui":
        return pixels
    if pixels.dtype.kind == "b":
        return pixels.astype(np.uint8)
    if pixels.dtype.kind == "f" and np.isfinite(pixels).all() and (pixels == np.round(pixels)).all():
        return pixels.astype(np.int64)
    raise DataError(
        f"{path} holds fractions or no numbers. It holds {pixels.dtype}. Save class numbers as 8-bit PNG."
    )
