"""What a repair does to one file; each step is exact, and refuses what it cannot do exactly."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Bool
from numpy.typing import NDArray
from PIL import Image

from pixelwise.core.errors import DataError
from pixelwise.data.doctor._nothing import unmeasured
from pixelwise.data.masks.coding import unpacked
from pixelwise.data.masks.files import GREY_STEP, Mask, read_mask
from pixelwise.data.rasters.files import TIFF
from pixelwise.data.rasters.reading import describe
from pixelwise.data.rasters.writing import write_tif

Pixels = NDArray[Any]

NEAR = 16  # of 255: closer to a true number than any mixture is

_EDGE = 4  # pixels from a true number to the middle of a smooth edge, at most
_STRAY = 0.001  # share of a mask that may be farther
_ORIENTATION = 0x0112  # EXIF tag
_UPRIGHT = 1


@dataclass(frozen=True, slots=True)
class LeaveOut:
    """The file is not copied."""


@dataclass(frozen=True, slots=True)
class Unturn:
    """The photograph's EXIF orientation becomes «upright»; its pixels stay as they are stored."""


@dataclass(frozen=True, slots=True)
class Snap:
    """Numbers of no class become the nearest of the true numbers that are within two pixels of them."""

    numbers: tuple[int, ...]
    colours: bool


@dataclass(frozen=True, slots=True)
class Fit:
    """The mask gets the size of its image, by nearest neighbour."""

    size: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Move:
    """The mask moves; pixels that come from outside do not count."""

    rows: int
    columns: int
    void: int


@dataclass(frozen=True, slots=True)
class Void:
    """Pixels that were never measured in the image do not count in the mask."""

    image: Path
    void: int


Step = LeaveOut | Unturn | Snap | Fit | Move | Void
_ORDER = (LeaveOut, Unturn, Snap, Fit, Move, Void)


def apply_steps(source: Path, target: Path, steps: Sequence[Step]) -> Path | None:
    """Write the repaired file.

    Args:
        source: The file as it is.
        target: Where the repaired one goes; JPEG masks get the ending .png.
        steps: In any order.

    Returns:
        What was written; None if the file is left out.

    Raises:
        DataError: If a step cannot be done exactly.
    """
    ordered = sorted(steps, key=lambda step: _ORDER.index(type(step)))
    if any(isinstance(step, LeaveOut) for step in ordered):
        return None
    target.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(ordered[0], Unturn):
        target.write_bytes(unturned(source))
        return target
    mask = read_mask(source)
    if mask.top > 1:
        raise DataError(
            f"{source} is not repaired. Less than 8 bits mean numbers to some programs and greys to "
            "others. Save it with 8 bits."
        )
    pixels = mask.pixels
    for step in ordered:
        pixels = _changed(replace(mask, pixels=pixels), step, source)
    return _write(source, target, replace(mask, pixels=pixels))


def snapped(numbers: Pixels, true: Sequence[int], *, colours: bool) -> Pixels:
    """The numbers, each that is not among the true ones replaced.

    What is close to a true number becomes that. Smoothed edges hold mixtures of their two sides, which may be
    nearest to a third class: so only true numbers within two pixels are chosen from, all of them only where
    there are none.
    """
    keys = np.array(sorted(true), np.int64)
    strange = ~np.isin(numbers, keys)
    if not strange.any():
        return numbers
    rows, columns = np.nonzero(strange)
    parts = np.array([_parts(int(key), colours) for key in keys])
    away = np.empty((len(rows), len(keys)))
    own = _parts_of(numbers[rows, columns], colours)
    for index, part in enumerate(parts):
        beside = within(numbers == keys[index], 2)[rows, columns]
        close = np.abs(own - part).max(1) <= NEAR
        away[:, index] = np.abs(own - part).sum(1) + np.where(close, 0, np.where(beside, 1e3, 1e6))
    mended = numbers.copy()
    mended[rows, columns] = keys[away.argmin(1)]
    return mended


def within(there: Bool[np.ndarray, "h w"], pixels: int) -> Bool[np.ndarray, "h w"]:
    """The mask, grown by so many pixels in every direction."""
    for axis in (0, 1):
        padded = np.pad(there, [(pixels, pixels) if a == axis else (0, 0) for a in (0, 1)])
        length = there.shape[axis]
        grown = [padded.take(range(k, k + length), axis) for k in range(2 * pixels + 1)]
        there = np.logical_or.reduce(grown)
    return there


def unturned(path: Path) -> bytes:
    """The file's bytes, with «upright» for its EXIF orientation.

    Raises:
        DataError: If the orientation is not where it should be.
    """
    with Image.open(path) as picture:
        exif = bytes(picture.info.get("exif", b""))
        found = picture.getexif().get(_ORIENTATION, _UPRIGHT)
    data = bytearray(path.read_bytes())
    place = data.find(exif.removeprefix(b"Exif\0\0")) if exif else -1
    for order in ("little", "big"):
        tag, short, one = (n.to_bytes(k, order) for n, k in ((_ORIENTATION, 2), (3, 2), (1, 4)))
        at = data.find(tag + short + one + int(found).to_bytes(2, order), max(place, 0))
        if 0 <= place <= at:
            data[at + 8 : at + 10] = _UPRIGHT.to_bytes(2, order)
            return bytes(data)
    raise DataError(f"{path} is not repaired. Its EXIF orientation was not found. Save the image upright.")


def _changed(mask: Mask, step: Step, source: Path) -> Pixels:
    pixels = mask.pixels
    match step:
        case Snap(numbers, colours):
            return _snapped(mask, numbers, source, colours=colours)
        case Fit((rows, columns)):
            y = (np.arange(rows) * 2 + 1) * pixels.shape[0] // (2 * rows)
            x = (np.arange(columns) * 2 + 1) * pixels.shape[1] // (2 * columns)
            return pixels[y[:, None], x]
        case Move(rows, columns, void):
            return _moved(pixels, rows, columns, void)
        case Void(image, void):
            nothing = unmeasured(image)
            return np.where(nothing, _like(void, pixels), pixels)
        case _:
            return pixels


def _snapped(mask: Mask, numbers: Sequence[int], source: Path, *, colours: bool) -> Pixels:
    """A colour file of greys is snapped by its greys.

    Raises:
        DataError: If what is no class covers an area, and not only edges: it may be a class.
    """
    grey = mask.kind == "colours" and not colours
    coded = mask.pixels & 0xFF if grey else mask.pixels
    mended = snapped(coded, numbers, colours=colours)
    strange = ~np.isin(coded, list(numbers))
    inside = strange & ~within(~strange, _EDGE)
    away = np.abs(_parts_of(coded[inside], colours) - _parts_of(mended[inside], colours)).max(1)
    if (away > NEAR).sum() > _STRAY * coded.size:
        raise DataError(
            f"{source} is not repaired. What is no class covers whole areas, and may be one. Look at it."
        )
    return mended * GREY_STEP if grey else mended


def _moved(pixels: Pixels, rows: int, columns: int, void: int) -> Pixels:
    moved = np.full_like(pixels, _like(void, pixels))
    height, width = pixels.shape
    moved[max(rows, 0) : height + min(rows, 0), max(columns, 0) : width + min(columns, 0)] = pixels[
        max(-rows, 0) : height - max(rows, 0), max(-columns, 0) : width - max(columns, 0)
    ]
    return moved


def _like(number: int, pixels: Pixels) -> Any:
    info = np.iinfo(pixels.dtype)
    if not info.min <= number <= info.max:
        raise DataError(f"{number} is no number of {pixels.dtype}. It was to mean «does not count».")
    return pixels.dtype.type(number)


def _parts(number: int, colours: bool) -> tuple[int, ...]:
    return unpacked(number) if colours else (number,)


def _parts_of(numbers: Pixels, colours: bool) -> Pixels:
    numbers = numbers.astype(np.int64)
    return np.stack([numbers >> 16, numbers >> 8 & 255, numbers & 255] if colours else [numbers], axis=1)


def _write(source: Path, target: Path, mask: Mask) -> Path:
    """In the kind and format of the source; never JPEG."""
    pixels, suffix = mask.pixels, source.suffix.lower()
    if mask.kind == "colours":
        stacked = [pixels >> 16 & 255, pixels >> 8 & 255, pixels & 255]
        pixels = np.stack(stacked, axis=-1).astype(np.uint8)
    if suffix == ".npy":
        np.save(target, pixels)
    elif suffix in TIFF:
        _write_raster(source, target, pixels)
    else:
        target = target if suffix in {".png", ".bmp", ".gif"} else target.with_suffix(".png")
        picture = Image.fromarray(pixels > 0 if mask.top else pixels)
        if mask.kind == "palette":
            picture = Image.fromarray(pixels)
            picture.putpalette(b"".join(number.to_bytes(3, "big") for number in mask.palette))
        picture.save(target)
    return target


def _write_raster(source: Path, target: Path, pixels: Pixels) -> None:
    """Where it lies is kept, unless its grid changed."""
    old = describe(source)
    stacked = pixels[..., None] if pixels.ndim == 2 else pixels
    if stacked.dtype == np.int64:  # as floating files are read
        stacked = stacked.astype(np.int32)
    place = old.place if old.size == stacked.shape[:2] else None
    write_tif(target, stacked, place=place, nodata=old.nodata)
