"""Outlines of masks of which parts do not count, and what lies near them."""

import math

import torch
from jaxtyping import Bool
from torch import Tensor
from torch.nn import functional as F

from pixelwise.ops.distances import boundary

_IN_CACHE = 2**20  # pixels that are looked at together


def outline(
    mask: Bool[Tensor, "*n h w"], valid: Bool[Tensor, "*n h w"], *, frame: bool
) -> Bool[Tensor, "*n h w"]:
    """The pixels of a mask with a pixel above, below, left or right that counts and is outside it.

    Where a mask ends at pixels that do not count, nobody knows where it ends: no outline.

    Args:
        mask: What has an outline.
        valid: The pixels that count; others are never part of an outline.
        frame: Whether a mask ends at the edge of the image.
    """
    unbroken = mask | ~valid
    if frame:
        return boundary(unbroken) & mask & valid
    return boundary(F.pad(unbroken, (1, 1, 1, 1), value=True))[..., 1:-1, 1:-1] & mask & valid


def near(mask: Bool[Tensor, "*n h w"], radius: float) -> Bool[Tensor, "*n h w"]:
    """The pixels whose centre is at most `radius` from that of a True pixel.

    As `distance_to(mask) <= radius`, in a time that grows with the radius and not with the image.
    """
    rows, columns = mask.shape[-2:]
    parts = mask.reshape(-1, rows, columns).split(max(1, _IN_CACHE // max(1, rows * columns)))
    return torch.cat([_near(part, radius) for part in parts]).view(mask.shape)


def _near(mask: Bool[Tensor, "n h w"], radius: float) -> Bool[Tensor, "n h w"]:
    """A disc is as many columns as it is wide, the outer ones short and the inner ones tall."""
    squared = int(radius**2 * (1 + 1e-12))  # a radius that is a root loses nothing to rounding
    found, tall, height = mask.clone(), mask.clone(), 0
    for step in range(math.isqrt(squared), -1, -1):
        while height < math.isqrt(squared - step**2):
            height += 1
            _add_shifted(tall, mask, height, -2)
        _add_shifted(found, tall, step, -1)
    return found


def _add_shifted(into: Tensor, mask: Tensor, step: int, axis: int) -> None:
    """Add to a mask, in place, another one moved by `step` pixels, either way."""
    length = mask.shape[axis] - step
    if length > 0:
        into.narrow(axis, step, length).logical_or_(mask.narrow(axis, 0, length))
        into.narrow(axis, 0, length).logical_or_(mask.narrow(axis, step, length))


def pixels_of(share: float, rows: int, columns: int) -> float:
    """A share of the image's diagonal, in pixels."""
    return share * math.hypot(rows, columns)
