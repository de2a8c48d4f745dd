"""Boundary F-score: how much of the outlines is found."""

from typing import Annotated

from annotated_types import Ge
from jaxtyping import Bool, Float
from torch import Tensor

from pixelwise.metrics._outlines import near, outline, pixels_of

SHARE = 0.0075  # of the diagonal: how far apart two outlines may be and still be one


def boundary_f(
    predicted: Bool[Tensor, "*n h w"],
    truth: Bool[Tensor, "*n h w"],
    valid: Bool[Tensor, "*n h w"],
    *,
    tolerance: Annotated[float, Ge(0)] | None = None,
) -> Float[Tensor, "*n"]:
    """Harmonic mean of the shares of predicted outline near a true one and of true outline near a predicted.

    In [0, 1] for each mask: 0 where only one of the two has an outline, NaN where neither has. Outlines are
    one pixel wide, inside the mask; the edge of the image is none, nor is that of pixels that do not count.
    Near is near: several pixels may match one (the benchmark of BSDS pairs them one to one).

    Args:
        predicted: Masks.
        truth: Masks.
        valid: The pixels that count.
        tolerance: Pixels between the centres of two that match; None for 0.0075 of the diagonal.

    Reference:
        Csurka, Larlus & Perronnin, "What is a good evaluation measure for semantic segmentation?", BMVC
        2013, section 2.3; averaged there over classes, then over images.
    """
    radius = pixels_of(SHARE, *predicted.shape[-2:]) if tolerance is None else tolerance
    called, true = (outline(mask, valid, frame=False) for mask in (predicted, truth))
    precise = (called & near(true, radius)).sum((-2, -1)) / called.sum((-2, -1))
    recalled = (true & near(called, radius)).sum((-2, -1)) / true.sum((-2, -1))
    neither = precise.isnan() & recalled.isnan()
    precise, recalled = precise.nan_to_num(0.0), recalled.nan_to_num(0.0)
    score = 2 * precise * recalled / (precise + recalled)
    return score.nan_to_num(0.0).where(~neither, float("nan"))
