"""Masks of single objects to one mask of them all."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Bool

from pixelwise.core.errors import DataError
from pixelwise.data.masks.files import Pixels, read_mask

_WHITE = 255
_HALF = 127


def merge(paths: Sequence[Path], size: tuple[int, int]) -> Bool[np.ndarray, "h w"]:
    """True where any of the masks shows its object.

    Raises:
        DataError: If a mask is damaged, of another size, or neither 0 and 1 nor black and white.
    """
    merged = np.zeros(size, np.uint8)
    for path in paths:
        pixels = _white(path)
        if pixels.shape != size:
            raise DataError(
                f"{path} differs from its image in size. The mask is {pixels.shape}, the image {size} "
                "(rows, columns). Replace one of them."
            )
        np.maximum(merged, pixels, out=merged)
    return merged > _HALF


def _white(path: Path) -> Pixels:
    """The mask in 0..255; files of 0 and 1, of 1 bit, 16 bits, a palette or colours included."""
    mask = read_mask(path)
    pixels = mask.pixels
    if mask.kind == "palette" and pixels.max(initial=0) > 1:
        pixels = np.asarray((*mask.palette, *[0] * 256)[:256])[pixels]
    if pixels.dtype != np.uint8 and mask.kind != "values":
        pixels = np.max([pixels >> 16 & 255, pixels >> 8 & 255, pixels & 255], axis=0).astype(np.uint8)
    most = int(pixels.max(initial=0))
    if most > _WHITE:
        pixels, most = (pixels >> 8).astype(np.uint8), most >> 8
    if most == 1:
        return pixels.astype(np.uint8) * np.uint8(_WHITE)
    if 0 < most <= _HALF or int(pixels.min(initial=0)) < 0:
        raise DataError(
            f"{path} is no mask of one object. Its values go to {most}; 1 or 255 is wanted. Write objects "
            "as 255, one file each."
        )
    return pixels.astype(np.uint8, copy=False)
