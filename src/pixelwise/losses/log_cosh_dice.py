"""Logarithm of the hyperbolic cosine of the Dice loss."""

from math import log
from typing import Annotated

from annotated_types import Ge
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional as F

from pixelwise.losses.dice import dice


def log_cosh_dice(
    logits: Float[Tensor, "b k h w"],
    labels: Int[Tensor, "b h w"] | Float[Tensor, "b k h w"],
    *,
    ignore_index: int = 255,
    smooth: Annotated[float, Ge(0)] = 1.0,
    per_image: bool = False,
    include_background: bool = True,
    include_absent: bool = True,
) -> Float[Tensor, ""]:
    """`ln cosh D` of the Dice loss D: half its square near zero, so the last errors pull ever less.

    Args:
        logits: Scores before softmax (sigmoid for planes).
        labels: Class indices, or planes in 0..1 where a negative value does not count.
        ignore_index: Pixels with this label take no part.
        smooth: As in `dice`.
        per_image: As in `dice`.
        include_background: As in `dice`.
        include_absent: As in `dice`.

    Returns:
        The loss, in [0, 0.4338].

    Reference:
        Jadon, "A survey of loss functions for semantic segmentation", 2020, arXiv:2006.14822, section
        II.C.5; written as `D + softplus(-2 D) - ln 2`, which cannot overflow.
    """
    lost = dice(
        logits,
        labels,
        ignore_index=ignore_index,
        smooth=smooth,
        per_image=per_image,
        include_background=include_background,
        include_absent=include_absent,
    )
    return lost + F.softplus(-2 * lost) - log(2)
