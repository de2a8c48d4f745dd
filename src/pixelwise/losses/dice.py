"""Soft Dice loss."""

from typing import Annotated

from annotated_types import Ge
from jaxtyping import Float, Int
from torch import Tensor

from pixelwise.ops.gather import gathered_sum
from pixelwise.ops.planes import planes


def dice(
    logits: Float[Tensor, "b k h w"],
    labels: Int[Tensor, "b h w"] | Float[Tensor, "b k h w"],
    *,
    ignore_index: int = 255,
    smooth: Annotated[float, Ge(0)] = 1.0,
    squared: bool = False,
    per_image: bool = False,
) -> Float[Tensor, ""]:
    """One minus the mean over classes of the soft Dice coefficient.

    The sums run over the whole batch, in all processes, so a class absent from one image is not
    punished there. Zero when every counted pixel is certain and right; at most one.

    Args:
        logits: Scores before softmax (sigmoid for planes).
        labels: Class indices, or planes in 0..1 where a negative value does not count.
        ignore_index: Pixels with this label take no part.
        smooth: Added above and below the fraction; with zero, a class neither true nor predicted is
            left out of the mean.
        squared: Square probabilities and truth below the fraction, as V-Net does.
        per_image: One coefficient per image and class instead of one per class.

    Returns:
        The loss, in [0, 1].

    Reference:
        Milletari, Navab & Ahmadi, "V-Net", 2016, arXiv:1606.04797, section 3; here with plain
        sums below the fraction unless `squared`.
    """
    told = planes(logits, labels, ignore_index)
    probs = told.probs * told.valid
    over = (2, 3) if per_image else (0, 2, 3)
    overlap = (probs * told.truth).sum(over)
    if squared:
        total = probs.square().sum(over) + told.truth.square().sum(over)
    else:
        total = probs.sum(over) + told.truth.sum(over)
    if not per_image:
        overlap, total = gathered_sum(overlap), gathered_sum(total)
    ratios = (2 * overlap + smooth) / (total + smooth).clamp(min=1e-12)
    present = (total + smooth) > 0
    return ((1 - ratios) * present).sum() / present.sum().clamp(min=1)
