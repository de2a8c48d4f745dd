"""Boundary loss: probabilities weighed by their distance from the true boundary."""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from pixelwise.losses._likelihood import mean_over
from pixelwise.losses._overlap import shown
from pixelwise.ops.distances import signed_distance
from pixelwise.ops.planes import planes


def boundary(
    logits: Float[Tensor, "b k h w"],
    labels: Int[Tensor, "b h w"] | Float[Tensor, "b k h w"],
    *,
    ignore_index: int = 255,
    include_background: bool = False,
) -> Float[Tensor, ""]:
    """Mean over pixels and classes of `p d`, d the distance to the true boundary, negative inside.

    Pixels count the more the farther they are from where they belong. It is least, and negative, when
    all is right. A class that is true nowhere, or everywhere, has no boundary and costs nothing, so
    this needs another loss beside it: the paper adds it to generalised Dice, more and more.

    Args:
        logits: Scores before softmax (sigmoid for planes).
        labels: Class indices, or planes in 0..1 where a negative value does not count.
        ignore_index: Pixels with this label take no part.
        include_background: Whether the first of exclusive classes takes part.

    Returns:
        The loss, in pixels; zero when no pixel counts.

    Reference:
        Kervadec et al., "Boundary loss for highly unbalanced segmentation", 2019, arXiv:1812.07032,
        equation 5. Both sides of the boundary are at distance one here; the authors' code moves the
        inside by one pixel, which adds a multiple of the truly covered area.
    """
    told = planes(logits, labels, ignore_index)
    with torch.no_grad():
        far = signed_distance(told.truth > 0.5)
    counted = told.valid & shown(labels, logits.shape[1], include_background)[:, None, None]
    return mean_over(told.probs * far, counted)
