"""Cross entropy that weighs by how far the predicted contours are from the true ones."""

from typing import Literal

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from pixelwise.losses._likelihood import mean_over, nats
from pixelwise.ops.distances import boundary, distance_to
from pixelwise.ops.planes import exclusive, planes


def shape_aware(
    logits: Float[Tensor, "b k h w"],
    labels: Int[Tensor, "b h w"] | Float[Tensor, "b k h w"],
    *,
    ignore_index: int = 255,
    region: Literal["band", "all"] = "band",
    normalise: bool = False,
) -> Float[Tensor, ""]:
    """Mean cross entropy times `1 + E`, E the mean distance of predicted contours to true ones.

    E is of each image (each plane of an image; of exclusive classes the mean over those that are true
    or predicted) and takes no gradient. Predicted is the likeliest class, or a plane above one half.
    Where only one of truth and prediction is empty, E is the image's diagonal. The survey prints the
    two terms with a minus before logarithms that have one already; both are costs here.

    Args:
        logits: Scores before softmax (sigmoid for planes).
        labels: Class indices, or planes in 0..1 where a negative value does not count.
        ignore_index: Pixels with this label take no part.
        region: Where E counts: in the band between the two contours, where prediction and truth
            differ, as in the paper; or at all pixels, as in the survey.
        normalise: Measure E in diagonals of the image instead of pixels.

    Returns:
        The loss; zero, with zero gradient, when no pixel counts.

    Reference:
        Al Arif, Knapp & Slabaugh, "Shape-aware deep convolutional neural network for vertebrae
        segmentation", 2017, MSKI, equations 4-6; Jadon, 2020, arXiv:2006.14822, section II.D.1.
    """
    costs, valid = nats(logits, labels, ignore_index)
    with torch.no_grad():
        factors = _factors(logits, labels, ignore_index, everywhere=region == "all", normalise=normalise)
    return mean_over(costs * factors, valid)


def _factors(
    logits: Tensor, labels: Tensor, ignore_index: int, *, everywhere: bool, normalise: bool
) -> Float[Tensor, "b *k h w"]:
    told = planes(logits, labels, ignore_index)
    if exclusive(labels):
        chosen = torch.zeros_like(told.valid).scatter_(1, logits.argmax(1, keepdim=True), True)
    else:
        chosen = told.probs > 0.5
    predicted, true = chosen & told.valid, told.truth > 0.5
    far = _contour_distance(predicted, true, normalise)
    differ = predicted != true
    if exclusive(labels):
        shown = (predicted | true).flatten(2).any(2)
        far = (far * shown).sum(1, keepdim=True) / shown.sum(1, keepdim=True).clamp(min=1)
        differ = differ.any(1, keepdim=True)
    factors = 1 + far[:, :, None, None] * (differ | everywhere)
    return factors[:, 0] if exclusive(labels) else factors


def _contour_distance(
    predicted: Bool[Tensor, "b k h w"], true: Bool[Tensor, "b k h w"], normalise: bool
) -> Float[Tensor, "b k"]:
    """Mean distance in pixels from the contour of each predicted mask to that of the true one."""
    rows, columns = true.shape[-2:]
    diagonal = (rows**2 + columns**2) ** 0.5
    contour = boundary(predicted)
    distances = distance_to(boundary(true)).clamp(max=diagonal)  # empty truth: infinite before
    mean = (distances * contour).sum((2, 3)) / contour.sum((2, 3)).clamp(min=1)
    missed = true.flatten(2).any(2) & ~predicted.flatten(2).any(2)
    return mean.where(~missed, diagonal) / (diagonal if normalise else 1.0)
