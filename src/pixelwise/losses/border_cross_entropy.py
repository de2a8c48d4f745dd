"""Cross entropy that weighs the narrow gaps between cells."""

from typing import Annotated

import torch
from annotated_types import Ge, Gt
from jaxtyping import Float, Int
from torch import Tensor

from pixelwise.losses._class_weights import ClassWeights, pixel_weights
from pixelwise.losses._likelihood import exact, nats
from pixelwise.ops.components import components
from pixelwise.ops.distances import two_nearest
from pixelwise.ops.planes import counted, exclusive

_REACH = 5  # standard deviations; beyond, less than 1e-5 is left


def border_cross_entropy(
    logits: Float[Tensor, "b k h w"],
    labels: Int[Tensor, "b h w"] | Float[Tensor, "b k h w"],
    *,
    ignore_index: int = 255,
    class_weights: ClassWeights = None,
    border_weight: Annotated[float, Ge(0)] = 10.0,
    sigma: Annotated[float, Gt(0)] = 5.0,
) -> Float[Tensor, ""]:
    """Mean over pixels of cross entropy times `v + w exp(-(d1 + d2)² / (2 sigma²))`.

    The d are the distances in pixels to the nearest and to the second nearest cell; a cell is a
    connected part (by sides, not by corners) of whatever is not class 0, or of each plane. Where
    there are fewer than two cells nothing is added.

    Args:
        logits: Scores before softmax (sigmoid for planes).
        labels: Class indices, or planes in 0..1 where a negative value does not count.
        ignore_index: Pixels with this label take no part, and are no cells.
        class_weights: v of each class, or in a recipe a rule as for `cross_entropy`; None is one.
        border_weight: w, what a pixel between two touching cells is worth beside v.
        sigma: How far the weight reaches, in pixels.

    Returns:
        The loss, in nats; zero, with zero gradient, when no pixel counts.

    Raises:
        RecipeError: If the class weights are a rule that was not computed.
        ShapeError: If there are not as many class weights as classes.

    Reference:
        Ronneberger, Fischer & Brox, "U-Net: Convolutional Networks for Biomedical Image Segmentation",
        2015, arXiv:1505.04597, equations 1 and 2 (there a sum).
    """
    costs, valid = nats(logits, labels, ignore_index)
    weights = pixel_weights(class_weights, exact(logits), labels, valid)
    weights = weights + border_weight * _between(labels, ignore_index, sigma).to(weights.dtype)
    return (costs * weights).sum() / valid.sum().clamp(min=1)


def _between(labels: Tensor, ignore_index: int, sigma: float) -> Float[Tensor, "b *k h w"]:
    """How narrow the gap around each pixel is: one where two cells touch, zero where none is near."""
    cells = (labels > 0) & counted(labels, ignore_index) if exclusive(labels) else labels > 0.5
    first, second = two_nearest(components(cells), reach=int(_REACH * sigma) + 1)
    return torch.exp(-((first + second) ** 2) / (2 * sigma**2))
