"""Tversky loss: inventions and misses weigh differently."""

from typing import Annotated

from annotated_types import Ge
from jaxtyping import Float, Int
from torch import Tensor

from pixelwise.losses._overlap import mean_over_classes, overlap, tversky_index


def tversky(
    logits: Float[Tensor, "b k h w"],
    labels: Int[Tensor, "b h w"] | Float[Tensor, "b k h w"],
    *,
    ignore_index: int = 255,
    fp_weight: Annotated[float, Ge(0)] = 0.3,
    fn_weight: Annotated[float, Ge(0)] = 0.7,
    smooth: Annotated[float, Ge(0)] = 1.0,
    per_image: bool = False,
    include_background: bool = True,
    include_absent: bool = True,
) -> Float[Tensor, ""]:
    """One minus the mean over classes of `TP / (TP + fp_weight FP + fn_weight FN)`, of soft counts.

    The sums run over the whole batch, in all processes. One half and one half is Dice, one and one is
    intersection over union. The letters alpha and beta stand for opposite weights in different sources
    (in the paper alpha weighs false positives; in the survey's code, and in effect in Keras, false
    negatives), so the weights are named after what they weigh.

    Args:
        logits: Scores before softmax (sigmoid for planes).
        labels: Class indices, or planes in 0..1 where a negative value does not count.
        ignore_index: Pixels with this label take no part.
        fp_weight: Of what is predicted and not true.
        fn_weight: Of what is true and not predicted.
        smooth: Added above and below the fraction; with zero, a class neither true nor predicted is
            left out of the mean. (It counts twice as much as the `smooth` of Dice.)
        per_image: One coefficient per image and class instead of one per class.
        include_background: Whether the first of exclusive classes takes part.
        include_absent: Whether a class takes part that is true nowhere (per image: not in that image).

    Returns:
        The loss, in [0, 1].

    Reference:
        Salehi, Erdogmus & Gholipour, "Tversky loss function for image segmentation", 2017,
        arXiv:1706.05721, equation 4.
    """
    counts = overlap(
        logits,
        labels,
        ignore_index,
        per_image=per_image,
        include_background=include_background,
        include_absent=include_absent,
    )
    index, present = tversky_index(counts, fp_weight=fp_weight, fn_weight=fn_weight, smooth=smooth)
    return mean_over_classes(1 - index, present, per_image)
