"""Asymmetric similarity loss: one minus the soft F-measure."""

from typing import Annotated

from annotated_types import Ge
from jaxtyping import Float, Int
from torch import Tensor

from pixelwise.losses.tversky import tversky


def asymmetric(
    logits: Float[Tensor, "b k h w"],
    labels: Int[Tensor, "b h w"] | Float[Tensor, "b k h w"],
    *,
    ignore_index: int = 255,
    beta: Annotated[float, Ge(0)] = 1.5,
    smooth: Annotated[float, Ge(0)] = 1.0,
    per_image: bool = False,
    include_background: bool = True,
    include_absent: bool = True,
) -> Float[Tensor, ""]:
    """One minus the mean over classes of F-beta of soft counts: recall weighs beta times precision.

    It is the Tversky loss with weights that sum to one: `beta² / (1 + beta²)` for what is missed, the
    rest for what is invented. Beta one is Dice.

    Args:
        logits: Scores before softmax (sigmoid for planes).
        labels: Class indices, or planes in 0..1 where a negative value does not count.
        ignore_index: Pixels with this label take no part.
        beta: Above one misses cost more than inventions.
        smooth: Added above and below the fraction; with zero, a class neither true nor predicted is
            left out of the mean.
        per_image: One coefficient per image and class instead of one per class.
        include_background: Whether the first of exclusive classes takes part.
        include_absent: Whether a class takes part that is true nowhere (per image: not in that image).

    Returns:
        The loss, in [0, 1].

    Reference:
        Hashemi et al., "Asymmetric Loss Functions and Deep Densely Connected Networks for Highly
        Imbalanced Medical Image Segmentation", 2018, arXiv:1803.11078, equation 1.
    """
    return tversky(
        logits,
        labels,
        ignore_index=ignore_index,
        fp_weight=1 / (1 + beta**2),
        fn_weight=beta**2 / (1 + beta**2),
        smooth=smooth,
        per_image=per_image,
        include_background=include_background,
        include_absent=include_absent,
    )
