"""Pixel-wise cross entropy."""

from typing import Literal

from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional as F

from pixelwise.core.errors import ShapeError
from pixelwise.ops.gather import gathered_sum
from pixelwise.ops.planes import counted, exclusive


def cross_entropy(
    logits: Float[Tensor, "b k h w"],
    labels: Int[Tensor, "b h w"] | Float[Tensor, "b k h w"],
    *,
    ignore_index: int = 255,
    class_weights: tuple[float, ...] | None = None,
    normalise: Literal["weights", "pixels"] = "weights",
) -> Float[Tensor, ""]:
    """Mean negative log-likelihood, in nats, over the pixels that count.

    Independent planes are independent two-way choices: each plane's likelihood counts, which is
    `binary_cross_entropy`.

    Args:
        logits: Scores before softmax (sigmoid for planes).
        labels: Class indices, or planes in 0..1 where a negative value does not count.
        ignore_index: Pixels with this label take no part.
        class_weights: One weight per class; None means equal weights.
        normalise: Divide the weighted sum by the weights of the counted pixels, or by their number.

    Returns:
        The loss; zero, with zero gradient, when no pixel counts.

    Raises:
        ShapeError: If there are not as many weights as classes.

    Reference:
        Long, Shelhamer & Darrell, "Fully Convolutional Networks", 2015, arXiv:1411.4038, section 4.1;
        weights divided by their sum as in Eigen & Fergus, 2015, arXiv:1411.4734.
    """
    logits = logits.float()
    weights = None if class_weights is None else logits.new_tensor(class_weights)
    if weights is not None and len(weights) != logits.shape[1]:
        raise ShapeError(
            f"cross_entropy: {len(weights)} class weights for {logits.shape[1]} classes. "
            "Give one to each class."
        )
    valid = counted(labels, ignore_index)
    if exclusive(labels):
        nats = F.cross_entropy(logits, labels.long(), weights, ignore_index=ignore_index, reduction="none")
        weight = valid if weights is None else weights[labels.where(valid, 0).long()] * valid
    else:
        weight = valid if weights is None else weights[:, None, None] * valid
        nats = (
            F.binary_cross_entropy_with_logits(logits, labels.clamp(min=0).float(), reduction="none") * weight
        )
    if weights is None or normalise == "pixels":
        return nats.sum() / valid.sum().clamp(min=1)
    return gathered_sum(nats.sum()) / gathered_sum(weight.sum()).clamp(min=1e-12)
