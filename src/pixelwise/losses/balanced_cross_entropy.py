"""Binary cross entropy in which what is rare and what is frequent weigh the same."""

from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional as F

from pixelwise.losses._likelihood import exact, mean_over
from pixelwise.ops.gather import gathered_sum
from pixelwise.ops.planes import planes


def balanced_cross_entropy(
    logits: Float[Tensor, "b k h w"],
    labels: Int[Tensor, "b h w"] | Float[Tensor, "b k h w"],
    *,
    ignore_index: int = 255,
    per_image: bool = False,
) -> Float[Tensor, ""]:
    """Mean over classes and counted pixels of `-[b y ln p + (1-b) (1-y) ln(1-p)]`, `p` by sigmoid.

    `b` is the share of pixels that are not of the class: the rarer a class, the more its pixels weigh. A
    class with no true pixel has b = 1 and costs nothing, whatever is predicted. Class indices are taken
    as one indicator plane per class.

    Args:
        logits: Scores before the sigmoid.
        labels: Planes in 0..1 where a negative value does not count, or class indices.
        ignore_index: Pixels with this label take no part.
        per_image: Take the share in each image instead of in the whole batch, in all processes.

    Returns:
        The loss, in nats; zero, with zero gradient, when no pixel counts.

    Reference:
        Xie & Tu, "Holistically-Nested Edge Detection", 2015, arXiv:1504.06375, equation 2 (there per
        image, and a sum).
    """
    told = planes(logits, labels, ignore_index)
    over = (2, 3) if per_image else (0, 2, 3)
    true = told.truth.sum(over, keepdim=True)
    every = told.valid.to(true.dtype).sum(over, keepdim=True)
    if not per_image:
        true, every = gathered_sum(true), gathered_sum(every)
    negative = 1 - true / every.clamp(min=1)
    scores = exact(logits)
    costs = -negative * told.truth * F.logsigmoid(scores)
    costs = costs - (1 - negative) * (1 - told.truth) * F.logsigmoid(-scores)
    return mean_over(costs, told.valid)
