"""Which pixels of an image were never measured: those its file declares, and those that look like it."""

from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float
from PIL import Image

from pixelwise.data.placed import read_placed
from pixelwise.data.rasters.files import TIFF, naming


def unmeasured(path: Path) -> Bool[np.ndarray, "h w"]:
    """The pixels that a file declares as no data or hides, and those that are not finite.

    Raises:
        DataError: If the file cannot be read.
    """
    missing = read_placed(path)[1].numpy()
    if path.suffix.lower() in TIFF or path.suffix.lower() == ".npy":
        return missing
    with naming(path), Image.open(path) as picture:
        if picture.mode in {"LA", "RGBA", "PA"}:
            return missing | (np.asarray(picture.getchannel("A")) == 0)
    return missing


def collar(image: Float[np.ndarray, "c h w"]) -> Bool[np.ndarray, "h w"]:
    """Pixels that are 0 in all bands, in a straight run from the border."""
    black = (image == 0).all(0)
    runs = [np.logical_and.accumulate(black, axis) for axis in (0, 1)]
    runs += [np.flip(np.logical_and.accumulate(np.flip(black, axis), axis), axis) for axis in (0, 1)]
    return np.logical_or.reduce(runs)
