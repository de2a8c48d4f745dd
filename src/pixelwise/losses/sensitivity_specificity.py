"""Errors on what is true and errors on what is not, each as a share, weighed against each other."""

from typing import Annotated, Literal

from annotated_types import Ge, Interval
from jaxtyping import Float, Int
from torch import Tensor

from pixelwise.losses._overlap import class_sums, fractions, mean_over_classes, shown
from pixelwise.ops.planes import planes


def sensitivity_specificity(
    logits: Float[Tensor, "b k h w"],
    labels: Int[Tensor, "b h w"] | Float[Tensor, "b k h w"],
    *,
    ignore_index: int = 255,
    sensitivity_weight: Annotated[float, Interval(ge=0, le=1)] = 0.05,
    form: Literal["squared_error", "one_minus"] = "squared_error",
    smooth: Annotated[float, Ge(0)] = 0.0,
    per_image: bool = False,
    include_background: bool = True,
) -> Float[Tensor, ""]:
    """Mean over classes of `w S / true pixels + (1-w) N / other pixels`.

    S is the error on the pixels of the class (what sensitivity lacks), N that on all others (what
    specificity lacks); some public code gives the two parts each other's name. A class without true
    pixels, or without others, has only the other part. The sums run over the whole batch, in all processes.

    Args:
        logits: Scores before softmax (sigmoid for planes).
        labels: Class indices, or planes in 0..1 where a negative value does not count.
        ignore_index: Pixels with this label take no part.
        sensitivity_weight: `w`.
        form: Errors are squared differences, as in the paper; or what soft sensitivity and soft
            specificity lack to one. (A survey prints the weighted sum of the two themselves, which is
            to be made large, not small.)
        smooth: Added below both fractions.
        per_image: One value per image and class instead of one per class.
        include_background: Whether the first of exclusive classes takes part.

    Returns:
        The loss, in [0, 1].

    Reference:
        Brosch et al., "Deep Convolutional Encoder Networks for Multiple Sclerosis Lesion
        Segmentation", 2015, MICCAI, equation 2.
    """
    told = planes(logits, labels, ignore_index)
    true, other = told.truth, told.valid.to(told.truth.dtype) - told.truth
    if form == "squared_error":
        errors = (told.probs - told.truth).square()
        missed, invented = errors * true, errors * other
    else:
        missed, invented = (1 - told.probs) * true, told.probs * other
    parts = [
        fractions(class_sums(error, per_image), class_sums(pixels, per_image) + smooth)
        for error, pixels in ((missed, true), (invented, other))
    ]
    costs = sensitivity_weight * parts[0] + (1 - sensitivity_weight) * parts[1]
    return mean_over_classes(costs, shown(labels, logits.shape[1], include_background), per_image)
