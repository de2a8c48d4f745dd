"""Pixel-wise cross entropy."""

from typing import Literal

from jaxtyping import Float, Int
from torch import Tensor

from pixelwise.losses._class_weights import ClassWeights, pixel_weights
from pixelwise.losses._likelihood import exact, nats
from pixelwise.ops.gather import gathered_sum


def cross_entropy(
    logits: Float[Tensor, "b k h w"],
    labels: Int[Tensor, "b h w"] | Float[Tensor, "b k h w"],
    *,
    ignore_index: int = 255,
    class_weights: ClassWeights = None,
    normalise: Literal["weights", "pixels"] = "weights",
) -> Float[Tensor, ""]:
    """Mean negative log-likelihood, in nats, over the pixels that count.

    Independent planes are independent two-way choices: each plane's likelihood counts, which is
    `binary_cross_entropy`.

    Args:
        logits: Scores before softmax (sigmoid for planes).
        labels: Class indices, or planes in 0..1 where a negative value does not count.
        ignore_index: Pixels with this label take no part.
        class_weights: One weight per class; in a recipe also a rule, computed from the training data:
            inverse, root_inverse, median_frequency or enet. None means equal weights.
        normalise: Divide the weighted sum by the weights of the counted pixels, or by their number.

    Returns:
        The loss; zero, with zero gradient, when no pixel counts.

    Raises:
        RecipeError: If the weights are a rule that was not computed.
        ShapeError: If there are not as many weights as classes.

    Reference:
        Long, Shelhamer & Darrell, "Fully Convolutional Networks", 2015, arXiv:1411.4038, section 4.1;
        weights divided by their sum as in Eigen & Fergus, 2015, arXiv:1411.4734.
    """
    costs, valid = nats(logits, labels, ignore_index)
    if class_weights is None:
        return costs.sum() / valid.sum().clamp(min=1)
    weights = pixel_weights(class_weights, exact(logits), labels, valid)
    total = (costs * weights).sum()
    if normalise == "pixels":
        return total / valid.sum().clamp(min=1)
    return gathered_sum(total) / gathered_sum(weights.sum()).clamp(min=1e-12)
