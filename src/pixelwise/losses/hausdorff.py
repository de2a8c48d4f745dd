"""Hausdorff distance, estimated by distance transforms."""

from typing import Annotated

import torch
from annotated_types import Gt
from jaxtyping import Float, Int
from torch import Tensor

from pixelwise.losses._overlap import shown
from pixelwise.ops.distances import distance_field
from pixelwise.ops.gather import gathered_sum
from pixelwise.ops.planes import planes


def hausdorff(
    logits: Float[Tensor, "b k h w"],
    labels: Int[Tensor, "b h w"] | Float[Tensor, "b k h w"],
    *,
    ignore_index: int = 255,
    alpha: Annotated[float, Gt(0)] = 2.0,
    one_sided: bool = False,
    log: bool = False,
    include_background: bool = False,
) -> Float[Tensor, ""]:
    """Mean over pixels and classes of `(p - y)² (d_p^alpha + d_y^alpha)`.

    The d are distances in pixels to the boundary of the predicted (p above one half) and of the true
    mask; only `p` takes gradient. A mask that is empty, or full, has no boundary, and its d is zero.
    From random weights the distances mislead: begin with Dice or cross entropy, or add one of them.

    Args:
        logits: Scores before softmax (sigmoid for planes).
        labels: Class indices, or planes in 0..1 where a negative value does not count.
        ignore_index: Pixels with this label take no part.
        alpha: Above one, the farthest errors count most.
        one_sided: Leave `d_p` out, which halves the time.
        log: Take `ln(1 + loss)`, which tames the large values of the beginning.
        include_background: Whether the first of exclusive classes takes part.

    Returns:
        The loss, at least zero, in pixels to the power of alpha; zero when no pixel counts.

    Reference:
        Karimi & Salcudean, "Reducing the Hausdorff Distance in Medical Image Segmentation with
        Convolutional Neural Networks", 2019, arXiv:1904.10030, equations 8 and 9.
    """
    told = planes(logits, labels, ignore_index)
    with torch.no_grad():
        far = distance_field(told.truth > 0.5) ** alpha
        if not one_sided:
            far = far + distance_field((told.probs > 0.5) & told.valid) ** alpha
    counted = told.valid & shown(labels, logits.shape[1], include_background)[:, None, None]
    errors = (told.probs - told.truth).square() * far * counted
    number = counted.sum().to(errors.dtype)
    mean = gathered_sum(errors.sum()) / gathered_sum(number).clamp(min=1)
    return mean.log1p() if log else mean
