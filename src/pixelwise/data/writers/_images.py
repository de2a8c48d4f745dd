"""Image files go along as they are."""

import os
import shutil
from pathlib import Path

import numpy as np
from jaxtyping import Float
from torch import Tensor

from pixelwise.data.rasters.writing import sidecar, write_png
from pixelwise.data.writers._sheet import Sheet

_WORLD = (".tfw", ".tifw", ".wld")  # beside a TIFF: where it lies


def carry(sheet: Sheet, folder: Path) -> Path:
    """The image in a folder, under the name of its sheet: the same bytes, with what tells its place.

    A hard link where the disk allows one, so that it takes no room; else a copy. Pixels that are in no file
    of their own become PNG where that holds them exactly, else .npy.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if not isinstance(sheet.image, Path):
        return _written(sheet.image, folder / sheet.name)
    path = folder / f"{sheet.name}{sheet.image.suffix}"
    _same(sheet.image, path)
    if sidecar(sheet.image).is_file():
        _same(sidecar(sheet.image), sidecar(path))
    for suffix in _WORLD:
        if (world := sheet.image.with_suffix(suffix)).is_file():
            _same(world, path.with_suffix(suffix))
    return path


def _same(source: Path, path: Path) -> None:
    try:
        os.link(source.resolve(), path)
    except OSError:  # another disk, or one without links
        shutil.copyfile(source, path)


def _written(pixels: Float[Tensor, "c h w"], stem: Path) -> Path:
    bands = pixels.numpy()
    for dtype in (np.uint8, np.uint16) if len(bands) in (1, 3) else ():
        most = np.float32(np.iinfo(dtype).max)
        whole = np.clip(np.nan_to_num(np.round(bands * most)), 0, most).astype(dtype)
        if np.array_equal(whole.astype(np.float32) / most, bands):
            path = stem.with_name(f"{stem.name}.png")
            write_png(path, whole.transpose(1, 2, 0))
            return path
    path = stem.with_name(f"{stem.name}.npy")
    np.save(path, bands)
    return path
