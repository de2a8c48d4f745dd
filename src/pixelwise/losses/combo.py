"""Combo loss: weighed cross entropy and Dice."""

from typing import Annotated

from annotated_types import Ge, Interval
from jaxtyping import Float, Int
from torch import Tensor

from pixelwise.losses._likelihood import log_probs, mean_over
from pixelwise.losses.dice import dice
from pixelwise.ops.planes import planes


def combo(
    logits: Float[Tensor, "b k h w"],
    labels: Int[Tensor, "b h w"] | Float[Tensor, "b k h w"],
    *,
    ignore_index: int = 255,
    alpha: Annotated[float, Interval(ge=0, le=1)] = 0.5,
    beta: Annotated[float, Interval(ge=0, le=1)] = 0.5,
    smooth: Annotated[float, Ge(0)] = 1.0,
) -> Float[Tensor, ""]:
    """`alpha C + (1 - alpha) D` with D the Dice loss and C the mean of `-[b y ln p + (1-b)(1-y) ln(1-p)]`.

    C is over all pixels and classes. The paper subtracts the Dice coefficient, where this adds the Dice
    loss: larger by `1 - alpha`, the same gradient, and never negative. (The survey misprints y times
    the logarithm as a difference; its code is the plain mean of cross entropy and Dice loss.)

    Args:
        logits: Scores before softmax (sigmoid for planes).
        labels: Class indices, or planes in 0..1 where a negative value does not count.
        ignore_index: Pixels with this label take no part.
        alpha: How much the cross entropy counts.
        beta: Above one half misses cost more than inventions.
        smooth: Of the Dice loss.

    Returns:
        The loss; zero, with zero gradient, when no pixel counts.

    Reference:
        Taghanaki et al., "Combo loss: Handling input and output imbalance in multi-organ
        segmentation", 2019, arXiv:1805.02798, equation 3.
    """
    told = planes(logits, labels, ignore_index)
    likely, unlikely = log_probs(logits, labels)
    costs = -beta * told.truth * likely - (1 - beta) * (1 - told.truth) * unlikely
    lost = dice(logits, labels, ignore_index=ignore_index, smooth=smooth)
    return alpha * mean_over(costs, told.valid) + (1 - alpha) * lost
