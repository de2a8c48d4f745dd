"""Images with what surveyors write beside the pixels: where they lie, and which were never measured."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Float
from numpy.typing import NDArray
from rasterio.enums import MaskFlags
from torch import Tensor

from pixelwise.core.place import Place
from pixelwise.data.images import read_image, split_missing
from pixelwise.data.rasters.files import TIFF, naming, open_raster
from pixelwise.data.rasters.reading import place_of
from pixelwise.data.rasters.writing import sidecar


def read_placed(
    path: Path, *, bands: int | None = None
) -> tuple[Float[Tensor, "c h w"], Bool[Tensor, "h w"], Place | None]:
    """An image, the mask of its pixels that were never measured, and where it lies if the file says so.

    Such pixels are 0 in every band. They are those where any band is not finite, where all bands hold the
    value that a TIFF declares as no data, and where its mask hides them. A band called alpha is believed to
    hide only where it is all or nothing, for many programs call a fourth measurement so.

    Args:
        path: As in `read_image`.
        bands: As in `read_image`.

    Raises:
        DataError: As `read_image` does.
    """
    image, missing = split_missing(read_image(path, bands=bands))
    if path.suffix.lower() not in TIFF and not _has_place_beside(path):
        return image, missing, None
    with naming(path), open_raster(path) as raster:
        place = place_of(raster)
        hidden = _hidden(raster) if path.suffix.lower() in TIFF else None
    if hidden is None or not hidden.any():
        return image, missing, place
    never = torch.from_numpy(hidden)
    return image.masked_fill(never, 0.0), missing | never, place


def _has_place_beside(path: Path) -> bool:
    """Whether a file beside a plain picture tells where it lies: GDAL's own, or a world file."""
    first, last = path.suffix[1:2], path.suffix[-1:]
    worlds = (path.with_suffix(end) for end in (f".{first}{last}w", f"{path.suffix}w", ".wld"))
    return sidecar(path).exists() or any(world.exists() for world in worlds)


def _hidden(raster: Any) -> NDArray[np.bool_] | None:
    """Pixels that a TIFF says to hold nothing; None where it says so of none."""
    flags = raster.mask_flag_enums
    if all(MaskFlags.all_valid in found for found in flags):
        return None
    if any(MaskFlags.alpha in found for found in flags):
        alpha: NDArray[Any] = raster.read(raster.count)
        hidden = alpha == 0
        return hidden if (hidden | (alpha == alpha.max())).all() else None
    return raster.dataset_mask() == 0
