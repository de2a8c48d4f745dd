"""Focal Tversky loss: a power of the Tversky loss of each class."""

from typing import Annotated

from annotated_types import Ge, Gt
from jaxtyping import Float, Int
from torch import Tensor

from pixelwise.losses._overlap import gentle_power, mean_over_classes, overlap, tversky_index


def focal_tversky(
    logits: Float[Tensor, "b k h w"],
    labels: Int[Tensor, "b h w"] | Float[Tensor, "b k h w"],
    *,
    ignore_index: int = 255,
    fp_weight: Annotated[float, Ge(0)] = 0.3,
    fn_weight: Annotated[float, Ge(0)] = 0.7,
    exponent: Annotated[float, Gt(0)] = 0.75,
    smooth: Annotated[float, Ge(0)] = 1.0,
    per_image: bool = False,
    include_background: bool = True,
    include_absent: bool = True,
) -> Float[Tensor, ""]:
    """Mean over classes of `(1 - T)^exponent`, T the Tversky index of the class.

    Below one, the exponent makes a class that is nearly right pull harder; above one, it leaves it
    alone and stays with the poorly found ones. The paper writes the exponent as 1/gamma with gamma in
    1..3, and takes 4/3, which is 0.75; texts that print gamma itself as the exponent mean the opposite.

    Args:
        logits: Scores before softmax (sigmoid for planes).
        labels: Class indices, or planes in 0..1 where a negative value does not count.
        ignore_index: Pixels with this label take no part.
        fp_weight: Of what is predicted and not true.
        fn_weight: Of what is true and not predicted.
        exponent: Of each class's Tversky loss; that up to 1e-7 counts as zero.
        smooth: Added above and below the fraction; with zero, a class neither true nor predicted is
            left out of the mean.
        per_image: One coefficient per image and class instead of one per class.
        include_background: Whether the first of exclusive classes takes part.
        include_absent: Whether a class takes part that is true nowhere (per image: not in that image).

    Returns:
        The loss, in [0, 1]. The power is of each class, not of the mean of the classes.

    Reference:
        Abraham & Khan, "A Novel Focal Tversky Loss Function With Improved Attention U-Net for Lesion
        Segmentation", 2018, arXiv:1810.07842, equation 4.
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
    return mean_over_classes(gentle_power(1 - index, exponent, least=1e-7), present, per_image)
