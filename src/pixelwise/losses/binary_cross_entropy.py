"""Binary cross entropy: each class against everything else."""

from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional as F

from pixelwise.losses._likelihood import exact, mean_over
from pixelwise.ops.planes import planes


def binary_cross_entropy(
    logits: Float[Tensor, "b k h w"],
    labels: Int[Tensor, "b h w"] | Float[Tensor, "b k h w"],
    *,
    ignore_index: int = 255,
    positive_weight: float = 1.0,
) -> Float[Tensor, ""]:
    """Mean over classes and counted pixels of `-[w y ln p + (1-y) ln(1-p)]`, in nats, `p` by sigmoid.

    Soft truth in 0..1 is allowed; its entropy is then a floor that the loss cannot go under. Class
    indices are taken as one indicator plane per class.

    Args:
        logits: Scores before the sigmoid.
        labels: Planes in 0..1 where a negative value does not count, or class indices.
        ignore_index: Pixels with this label take no part.
        positive_weight: `w`; above one missed pixels cost more than invented ones. (The public code of
            the survey below hands `w / (1 - w)` to its library, which for 0.25 is one third.)

    Returns:
        The loss; zero, with zero gradient, when no pixel counts.

    Reference:
        Tonin, "A simple example of semantic segmentation with tensorflow keras", 2020 (w = 1);
        Jadon, "A survey of loss functions for semantic segmentation", 2020, arXiv:2006.14822, eq. 4.
    """
    told = planes(logits, labels, ignore_index)
    weight = None if positive_weight == 1.0 else logits.new_tensor(positive_weight, dtype=told.truth.dtype)
    costs = F.binary_cross_entropy_with_logits(exact(logits), told.truth, pos_weight=weight, reduction="none")
    return mean_over(costs, told.valid)
