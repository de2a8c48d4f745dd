"""How many bits the numbers of an image file have."""

from pathlib import Path

import numpy as np
from PIL import Image

from pixelwise.data.images import sixteen_bit_colour
from pixelwise.data.rasters.files import TIFF, naming, open_array, open_raster

_BITS = {"1": "1 bit", "I;16": "16 bits", "I;16B": "16 bits", "I;16L": "16 bits", "I": "32 bits"}
_FEW = {"L;2": "2 bits", "L;4": "4 bits", "P;1": "1 bit", "P;2": "2 bits", "P;4": "4 bits"}


def depth(path: Path) -> str:
    """The bits of one band, in words; "float" is said where they are no whole numbers.

    Raises:
        DataError: If the file cannot be read.
    """
    with naming(path):
        if path.suffix.lower() == ".npy":
            return _of(open_array(path).dtype)
        if path.suffix.lower() in TIFF:
            with open_raster(path) as raster:
                return _of(np.dtype(raster.dtypes[0]))
        with Image.open(path) as picture:
            if sixteen_bit_colour(picture):
                return "16 bits"
            packed = str(picture.tile[0][3]) if picture.tile else ""
            return (
                _FEW.get(packed) or _BITS.get(picture.mode) or ("float" if picture.mode == "F" else "8 bits")
            )


def _of(dtype: np.dtype[np.generic]) -> str:
    bits = f"{8 * dtype.itemsize} bits"
    return f"{bits}, float" if dtype.kind == "f" else bits
