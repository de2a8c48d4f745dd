"""Soft Dice loss."""

from typing import Annotated

from annotated_types import Ge
from jaxtyping import Float, Int
from torch import Tensor

from pixelwise.losses._overlap import fractions, mean_over_classes, overlap


def dice(
    logits: Float[Tensor, "b k h w"],
    labels: Int[Tensor, "b h w"] | Float[Tensor, "b k h w"],
    *,
    ignore_index: int = 255,
    smooth: Annotated[float, Ge(0)] = 1.0,
    squared: bool = False,
    per_image: bool = False,
    include_background: bool = True,
    include_absent: bool = True,
) -> Float[Tensor, ""]:
    """One minus the mean over classes of the soft Dice coefficient.

    The sums run over the whole batch, in all processes, so a class absent from one image is not
    punished there. Zero when every counted pixel is certain and right; at most one. (Some public code
    returns minus the coefficient, and Keras one for a class neither true nor predicted.)

    Args:
        logits: Scores before softmax (sigmoid for planes).
        labels: Class indices, or planes in 0..1 where a negative value does not count.
        ignore_index: Pixels with this label take no part.
        smooth: Added above and below the fraction; with zero, a class neither true nor predicted is
            left out of the mean.
        squared: Square probabilities and truth below the fraction, as V-Net does.
        per_image: One coefficient per image and class instead of one per class.
        include_background: Whether the first of exclusive classes takes part.
        include_absent: Whether a class takes part that is true nowhere (per image: not in that image).

    Returns:
        The loss, in [0, 1].

    Reference:
        Milletari, Navab & Ahmadi, "V-Net", 2016, arXiv:1606.04797, section 3; here with plain
        sums below the fraction unless `squared`.
    """
    counts = overlap(
        logits,
        labels,
        ignore_index,
        per_image=per_image,
        squared=squared,
        include_background=include_background,
        include_absent=include_absent,
    )
    below = counts.predicted + counts.true + smooth
    lost = 1 - fractions(2 * counts.hits + smooth, below)
    return mean_over_classes(lost, counts.included & (below > 0), per_image)
