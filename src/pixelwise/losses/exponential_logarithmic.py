"""Powers of the logarithms of Dice and of likelihood."""

from typing import Annotated

from annotated_types import Ge, Gt
from jaxtyping import Float, Int
from torch import Tensor

from pixelwise.losses._class_weights import ClassWeights, pixel_weights
from pixelwise.losses._likelihood import exact, nats
from pixelwise.losses._overlap import fractions, gentle_power, mean_over_classes, overlap

_LEAST = 1e-6  # what is smaller costs nothing


def exponential_logarithmic(
    logits: Float[Tensor, "b k h w"],
    labels: Int[Tensor, "b h w"] | Float[Tensor, "b k h w"],
    *,
    ignore_index: int = 255,
    dice_weight: Annotated[float, Ge(0)] = 0.8,
    cross_entropy_weight: Annotated[float, Ge(0)] = 0.2,
    dice_exponent: Annotated[float, Gt(0)] = 0.3,
    cross_entropy_exponent: Annotated[float, Gt(0)] = 0.3,
    class_weights: ClassWeights = None,
    smooth: Annotated[float, Ge(0)] = 1.0,
) -> Float[Tensor, ""]:
    """Mean over classes of `(-ln Dice)^a` and mean over pixels of `v (-ln p)^b`, weighed and added.

    Both powers are taken before the means; some public code takes the first after the mean and leaves
    the second out. Exponents below one pull hard both on what is very wrong and on what is nearly
    right; where Dice is above one minus 1e-6, or a pixel costs less than 1e-6 nats, nothing is lost.

    Args:
        logits: Scores before softmax (sigmoid for planes).
        labels: Class indices, or planes in 0..1 where a negative value does not count.
        ignore_index: Pixels with this label take no part.
        dice_weight: Of the part of Dice.
        cross_entropy_weight: Of the part of likelihood.
        dice_exponent: a.
        cross_entropy_exponent: b.
        class_weights: v of each class, or in a recipe a rule as for `cross_entropy`; the paper's is
            `root_inverse`.
        smooth: Added above and below Dice.

    Returns:
        The loss; zero, with zero gradient, when no pixel counts.

    Raises:
        RecipeError: If the weights are a rule that was not computed.
        ShapeError: If there are not as many weights as classes.

    Reference:
        Wong, Moradi, Tang & Syeda-Mahmood, "3D Segmentation with Exponential Logarithmic Loss for
        Highly Unbalanced Object Sizes", 2018, arXiv:1809.00076, equations 1-3.
    """
    counts = overlap(logits, labels, ignore_index)
    below = counts.predicted + counts.true + smooth
    scores = fractions(2 * counts.hits + smooth, below).clamp(min=_LEAST)
    lost = gentle_power(-scores.log(), dice_exponent, _LEAST)
    regions = mean_over_classes(lost, below > 0, per_image=False)
    costs, valid = nats(logits, labels, ignore_index)
    weights = pixel_weights(class_weights, exact(logits), labels, valid)
    costs = gentle_power(costs, cross_entropy_exponent, _LEAST)
    pixels = (costs * weights).sum() / valid.sum().clamp(min=1)
    return dice_weight * regions + cross_entropy_weight * pixels
