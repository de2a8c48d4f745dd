"""One frame of Hypersim as its preview shows it: a real file format to try a network on."""

from pathlib import Path

import torch
from torch import Tensor

from pixelwise.core.errors import DataError, raise_faults
from pixelwise.data.images import read_image
from pixelwise.ops.cameras import Camera
from pixelwise.systems.rgbd.scenes import View

_FILES = {"colours": "_frame.0000.tonemap.jpg", "classes": "_frame.0000.semantic.png"}
_FIELD = 0.866  # focal length in columns: Hypersim's cameras see 60 degrees from side to side


def read_preview(root: Path, *, step: int = 8) -> View:
    """Colours and classes of a preview's frame, every so many pixels; its depth is not measured.

    Preview pictures show depth in colours, not in metres, so depth is 0 everywhere: unknown. The classes are
    the colours of the picture, numbered in the order of their values; names are not told.

    Layout:
        `_frame.0000.tonemap.jpg`, RGB, and `_frame.0000.semantic.png`, RGBA, one colour a class.

    Args:
        root: Folder of the pictures.
        step: Rows and columns from one pixel that is kept to the next.

    Raises:
        DataError: If pictures are missing, cannot be read, or differ in size.

    Reference:
        Roberts et al., "Hypersim", 2021, arXiv:2011.02523.
    """
    paths = {what: root / name for what, name in _FILES.items()}
    missing = [f"no {what}: {path} is not there." for what, path in paths.items() if not path.is_file()]
    raise_faults(DataError, "this is no preview of Hypersim:", missing)
    image, painted = (read_image(path, bands=3) for path in paths.values())
    if image.shape != painted.shape:
        raise DataError(
            f"{root}: colours and classes differ in size. They are {tuple(image.shape[1:])} and "
            f"{tuple(painted.shape[1:])} (rows, columns). Get the files anew."
        )
    image, painted = (each[:, step // 2 :: step, step // 2 :: step] for each in (image, painted))
    unknown = torch.zeros(image.shape[1:])
    return View(image.contiguous(), unknown, unknown, _numbered(painted), _camera(image))


def _numbered(painted: Tensor) -> Tensor:
    """The number of each pixel's colour among those that occur."""
    levels = (painted * 255).round().long()
    codes = levels[0] * 65536 + levels[1] * 256 + levels[2]
    return codes.unique(return_inverse=True)[1]


def _camera(image: Tensor) -> Camera:
    rows, columns = image.shape[1:]
    focal = columns * _FIELD
    middle = [[focal, 0.0, columns / 2], [0.0, focal, rows / 2], [0.0, 0.0, 1.0]]
    kind = torch.float64
    return Camera(
        torch.tensor(middle, dtype=kind), torch.eye(3, dtype=kind), torch.zeros(3, dtype=kind), rows, columns
    )
