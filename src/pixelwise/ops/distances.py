"""Exact Euclidean distances to masks, for any number of masks at once and on any device."""

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.nn import functional as F

_IN_CACHE = 2**16  # numbers of the rows a CPU compares at a time
_ON_DEVICE = 2**24  # and of those that a device does
_CELLS = 2**32  # a square distance times this, plus the number of a cell, is one number
_FAR = 2**62
_CHECKED = 16  # steps between two looks whether any further step could matter


def distance_to(mask: Bool[Tensor, "*n h w"]) -> Float[Tensor, "*n h w"]:
    """Distance in pixels, between centres, to the nearest True pixel; infinite where there is none.

    Exact up to the last root: first along the columns, then the least of `column² + step²` along each
    row, step by step until a further step could only be longer. Takes no gradient.

    Reference:
        Meijster, Roerdink & Hesselink, "A general algorithm for computing distance transforms in linear
        time", 2000, section 2: the two passes; the second one here compares instead of scanning.
    """
    *_, rows, columns = mask.shape
    masks = mask.reshape(-1, rows, columns)
    if masks.numel() == 0:
        return torch.zeros(mask.shape, device=mask.device)
    exact = torch.float32 if rows**2 + columns**2 <= 2**24 else torch.float64
    seen = masks.any(dim=2).any(dim=1)[:, None, None]
    heights = _down_columns(masks, exact).square().where(seen, 0.0).reshape(-1, columns)
    most = _IN_CACHE if mask.device.type == "cpu" else _ON_DEVICE
    squares = torch.cat([_along_rows(part) for part in heights.split(max(1, most // columns))])
    distances = squares.sqrt().float().reshape(masks.shape)
    return distances.where(seen, torch.inf).reshape(mask.shape)


def distance_field(mask: Bool[Tensor, "*n h w"]) -> Float[Tensor, "*n h w"]:
    """Distance in pixels to the nearest pixel of the other kind, inside and outside alike.

    Zero everywhere for a mask that is all True or all False: it has no boundary to be near to.
    """
    return signed_distance(mask).abs()


def signed_distance(mask: Bool[Tensor, "*n h w"]) -> Float[Tensor, "*n h w"]:
    """`distance_field`, negative inside the mask; no pixel of a mask with a boundary is at zero."""
    outside, inside = distance_to(torch.stack([mask, ~mask]))
    signed = outside - inside
    return signed.where(signed.isfinite(), 0.0)


def boundary(mask: Bool[Tensor, "*n h w"]) -> Bool[Tensor, "*n h w"]:
    """The True pixels with a False one above, below, left or right; all beyond the image counts as False."""
    framed = F.pad(mask, (1, 1, 1, 1))
    inner = framed[..., :-2, 1:-1] & framed[..., 2:, 1:-1] & framed[..., 1:-1, :-2] & framed[..., 1:-1, 2:]
    return mask & ~inner


def two_nearest(
    cells: Int[Tensor, "*n h w"], reach: int
) -> tuple[Float[Tensor, "*n h w"], Float[Tensor, "*n h w"]]:
    """Distances in pixels to the nearest and to the second nearest of several cells.

    Args:
        cells: Number of the cell each pixel is of, zero for none; a pixel is at distance zero from its own.
        reach: Rows and columns looked away; a distance that takes more is infinite.
    """
    codes = torch.where(cells > 0, cells.long(), _FAR)
    parts = codes.reshape(-1, *codes.shape[-2:]).split(1 if cells.device.type == "cpu" else 64)
    squares = torch.cat([_two_squares(part, reach) for part in parts], dim=1)
    first, second = squares.float().where(squares < _FAR // _CELLS, torch.inf).sqrt().unbind()
    return first.reshape(cells.shape), second.reshape(cells.shape)


def _two_squares(codes: Int[Tensor, "n h w"], reach: int) -> Int[Tensor, "2 n h w"]:
    """Least and second least square distance, packed with the cell into one number while they compete."""
    found = [codes, torch.full_like(codes, _FAR)]
    for axis in (1, 2):
        before = list(found) if axis == 2 else found[:1]
        found = [each.clone() for each in found]
        for step in range(1, min(reach + 1, codes.shape[axis])):
            length = codes.shape[axis] - step
            for here, there in ((step, 0), (0, step)):
                first, second = (each.narrow(axis, here, length) for each in found)
                for seen in before:
                    _keep_two(first, second, seen.narrow(axis, there, length) + step**2 * _CELLS)
    return torch.stack(found) // _CELLS


def _keep_two(first: Tensor, second: Tensor, other: Tensor) -> None:
    """Take another square and cell into the two least ones of different cells, in place."""
    same = ((first ^ other) & (_CELLS - 1)) == 0
    later = torch.maximum(first, other).masked_fill_(same, _FAR)
    torch.minimum(second, later, out=second)
    torch.minimum(first, other, out=first)


def _down_columns(masks: Bool[Tensor, "n h w"], dtype: torch.dtype) -> Float[Tensor, "n h w"]:
    """Distance to the nearest True pixel above or below."""
    rows = torch.arange(masks.shape[1], dtype=dtype, device=masks.device)[:, None]
    above = rows.where(masks, -torch.inf).cummax(dim=1).values
    below = rows.where(masks, torch.inf).flip(1).cummin(dim=1).values.flip(1)
    return torch.minimum(rows - above, below - rows)


def _along_rows(heights: Float[Tensor, "n w"]) -> Float[Tensor, "n w"]:
    """The least, over the columns of its row, of `height + (column - own column)²` for each pixel."""
    least, columns = heights.clone(), heights.shape[1]
    for step in range(1, columns):
        if step % _CHECKED == 1 and bool((least <= step**2).all()):
            break
        raised = heights + step**2
        torch.minimum(least[:, step:], raised[:, :-step], out=least[:, step:])
        torch.minimum(least[:, :-step], raised[:, step:], out=least[:, :-step])
    return least
