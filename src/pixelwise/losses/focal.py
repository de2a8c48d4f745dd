"""Focal loss: cross entropy that looks away from what is already right."""

from typing import Annotated

import torch
from annotated_types import Ge, Interval
from jaxtyping import Float, Int
from torch import Tensor

from pixelwise.losses._class_weights import ClassWeights, pixel_weights
from pixelwise.losses._likelihood import exact, log_contrary, log_probs, mean_over, nats
from pixelwise.ops.planes import exclusive


def focal(
    logits: Float[Tensor, "b k h w"],
    labels: Int[Tensor, "b h w"] | Float[Tensor, "b k h w"],
    *,
    ignore_index: int = 255,
    gamma: Annotated[float, Ge(0)] = 2.0,
    alpha: Annotated[float, Interval(ge=0, le=1)] | None = 0.25,
    class_weights: ClassWeights = None,
) -> Float[Tensor, ""]:
    """Mean of `-a (1-p)^gamma ln p` over the pixels that count, `p` the probability of what is true.

    Exactly this: some public code adds a small number to `p` and divides the weights by their sum, which
    is another loss. The mean is over pixels; the paper, which detects boxes, divides by their number.

    Args:
        logits: Scores before softmax (sigmoid for planes).
        labels: Class indices, or planes in 0..1 where a negative value does not count.
        ignore_index: Pixels with this label take no part.
        gamma: How strongly to look away; zero is cross entropy.
        alpha: Of planes: what is true weighs `alpha`, what is not `1 - alpha`; None weighs both with one.
            Exclusive classes have `class_weights` instead.
        class_weights: One weight per class, or in a recipe a rule as for `cross_entropy`; the mean
            stays one over pixels.

    Returns:
        The loss, in nats; zero, with zero gradient, when no pixel counts.

    Raises:
        RecipeError: If the weights are a rule that was not computed.
        ShapeError: If there are not as many weights as classes.

    Reference:
        Lin, Goyal, Girshick, He & Dollár, "Focal Loss for Dense Object Detection", 2017,
        arXiv:1708.02002, equation 5.
    """
    costs, valid = nats(logits, labels, ignore_index)
    if exclusive(labels):
        index = labels.where(valid, 0).long()[:, None]
        costs = torch.exp(gamma * log_contrary(exact(logits), index)[:, 0]) * costs
    else:
        truth = labels.clamp(min=0).to(costs.dtype)
        likely, unlikely = log_probs(logits, labels)
        positive, negative = (1.0, 1.0) if alpha is None else (alpha, 1 - alpha)
        costs = -positive * truth * torch.exp(gamma * unlikely) * likely
        costs = costs - negative * (1 - truth) * torch.exp(gamma * likely) * unlikely
    return mean_over(costs * pixel_weights(class_weights, exact(logits), labels, valid), valid)
