"""Soft intersection over union, the Jaccard loss."""

from typing import Annotated

from annotated_types import Ge
from jaxtyping import Float, Int
from torch import Tensor

from pixelwise.losses.tversky import tversky


def iou(
    logits: Float[Tensor, "b k h w"],
    labels: Int[Tensor, "b h w"] | Float[Tensor, "b k h w"],
    *,
    ignore_index: int = 255,
    smooth: Annotated[float, Ge(0)] = 1.0,
    per_image: bool = False,
    include_background: bool = True,
    include_absent: bool = True,
) -> Float[Tensor, ""]:
    """One minus the mean over classes of the soft intersection over union, `TP / (TP + FP + FN)`.

    The sums run over the whole batch, in all processes. Without smoothing it is `2 D / (1 + D)` of the
    Dice loss `D` of a class. (Some public code has no smoothing and no rule for a class neither true
    nor predicted, and returns NaN; other code returns minus the coefficient.)

    Args:
        logits: Scores before softmax (sigmoid for planes).
        labels: Class indices, or planes in 0..1 where a negative value does not count.
        ignore_index: Pixels with this label take no part.
        smooth: Added above and below the fraction; with zero, a class neither true nor predicted is
            left out of the mean.
        per_image: One coefficient per image and class instead of one per class.
        include_background: Whether the first of exclusive classes takes part.
        include_absent: Whether a class takes part that is true nowhere (per image: not in that image).

    Returns:
        The loss, in [0, 1].

    Reference:
        Rahman & Wang, "Optimizing Intersection-Over-Union in Deep Neural Networks for Image
        Segmentation", 2016, ISVC, section 3.
    """
    return tversky(
        logits,
        labels,
        ignore_index=ignore_index,
        fp_weight=1.0,
        fn_weight=1.0,
        smooth=smooth,
        per_image=per_image,
        include_background=include_background,
        include_absent=include_absent,
    )
