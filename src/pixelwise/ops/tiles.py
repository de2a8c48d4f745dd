"""Which windows cover an image, and how much each pixel of a window is worth."""

from collections.abc import Iterator

import torch
from jaxtyping import Float
from torch import Tensor


def starts(length: int, tile: int, overlap: int) -> list[int]:
    """First pixels of the windows of `tile` pixels that cover `length`, overlapping by `overlap` or more.

    The last window ends with the image; an image no longer than a tile is one window.
    """
    if length <= tile:
        return [0]
    number = -(-(length - overlap) // (tile - overlap))
    return [round(i * (length - tile) / (number - 1)) for i in range(number)]


def windows(rows: int, columns: int, tile: int, overlap: int) -> Iterator[tuple[slice, slice]]:
    """The windows that cover an image, row of windows by row of windows."""
    for top in starts(rows, tile, overlap):
        for left in starts(columns, tile, overlap):
            yield slice(top, min(rows, top + tile)), slice(left, min(columns, left + tile))


def feather(rows: int, columns: int, overlap: int) -> Float[Tensor, "h w"]:
    """What each pixel of a window is worth: one inside, falling evenly to almost nothing at the border."""

    def ramp(length: int) -> Tensor:
        inside = torch.arange(1, length + 1)
        return torch.minimum(inside, inside.flip(0)).clamp(max=max(1, overlap)) / max(1, overlap)

    return ramp(rows)[:, None] * ramp(columns)
