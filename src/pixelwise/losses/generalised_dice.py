"""Generalised Dice loss: classes weigh by the inverse square of their size."""

from jaxtyping import Float, Int
from torch import Tensor

from pixelwise.losses._overlap import fractions, mean_over_classes, overlap


def generalised_dice(
    logits: Float[Tensor, "b k h w"],
    labels: Int[Tensor, "b h w"] | Float[Tensor, "b k h w"],
    *,
    ignore_index: int = 255,
    per_image: bool = False,
    include_background: bool = True,
) -> Float[Tensor, ""]:
    """One minus twice the weighted sum of overlaps over the weighted sum of sizes: one fraction for all.

    A class weighs one over the square of its true pixels, so small and large ones contribute alike.
    One that is true nowhere weighs as much as the heaviest of the others; where no class is true there
    is nothing to compare, and nothing is lost.

    Args:
        logits: Scores before softmax (sigmoid for planes).
        labels: Class indices, or planes in 0..1 where a negative value does not count.
        ignore_index: Pixels with this label take no part.
        per_image: One fraction per image instead of one for the batch in all processes.
        include_background: Whether the first of exclusive classes takes part.

    Returns:
        The loss, in [0, 1].

    Reference:
        Sudre, Li, Vercauteren, Ourselin & Cardoso, "Generalised Dice overlap as a deep learning loss
        function for highly unbalanced segmentations", 2017, arXiv:1707.03237, section 2.1.
    """
    counts = overlap(logits, labels, ignore_index, per_image=per_image, include_background=include_background)
    seen = counts.included & (counts.true > 0)
    weights = fractions(seen.to(counts.true.dtype), counts.true.square())
    heaviest = weights.amax(-1, keepdim=True).expand_as(weights)
    weights = weights.where(seen, heaviest) * counts.included
    above = (weights * counts.hits).sum(-1, keepdim=True)
    below = (weights * (counts.predicted + counts.true)).sum(-1, keepdim=True)
    return mean_over_classes(1 - 2 * fractions(above, below), seen.any(-1, keepdim=True), per_image)
