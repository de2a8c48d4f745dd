"""Boundary IoU: intersection over union of the bands along the outlines."""

import torch
from jaxtyping import Bool, Int
from torch import Tensor
from torch.nn import functional as F

from pixelwise.metrics._outlines import pixels_of

SHARE = 0.02  # of the diagonal: how wide the bands are


def boundary_iou_counts(
    predicted: Bool[Tensor, "*n h w"],
    truth: Bool[Tensor, "*n h w"],
    valid: Bool[Tensor, "*n h w"],
    *,
    width: int | None = None,
) -> Int[Tensor, "*n 2"]:
    """Pixels in both inner bands, and in either; boundary IoU is the quotient of their sums over a data set.

    A band holds the pixels of a mask that are at most `width` steps, diagonal ones too, from its end, and the
    edge of the image is an end; pixels that do not count are none and are not counted.

    Args:
        predicted: Masks.
        truth: Masks.
        valid: The pixels that count.
        width: Of the bands, in pixels; None for 0.02 of the diagonal, at least 1.

    Reference:
        Cheng et al., "Boundary IoU: Improving Object-Centric Image Segmentation Evaluation", 2021,
        arXiv:2103.16562, equation 2; distances as in the authors' code.
    """
    if width is None:
        width = max(1, round(pixels_of(SHARE, *predicted.shape[-2:])))
    called, true = (_band(mask, valid, width) for mask in (predicted, truth))
    return torch.stack([(called & true).sum((-2, -1)), (called | true).sum((-2, -1))], dim=-1)


def _band(mask: Tensor, valid: Tensor, width: int) -> Tensor:
    outside = F.pad(~mask & valid, (width, width, width, width), value=True)
    for axis in (-2, -1):
        outside = _any_of(outside, 2 * width + 1, axis)
    return mask & valid & outside


def _any_of(mask: Bool[Tensor, "*n h w"], length: int, axis: int) -> Bool[Tensor, "*n H W"]:
    """Whether any of `length` neighbours along an axis is True; shorter by `length - 1`."""
    seen = 1
    while seen < length:
        step = min(seen, length - seen)
        rest = mask.shape[axis] - step
        mask = mask.narrow(axis, 0, rest) | mask.narrow(axis, step, rest)
        seen += step
    return mask
