"""Whether probabilities mean what they say: calibration error and Brier score, from sums."""

from typing import Annotated

import torch
from annotated_types import Gt
from jaxtyping import Float
from torch import Tensor

from pixelwise.ops.planes import Labels, exclusive, planes


def calibration_sums(
    logits: Float[Tensor, "b k h w"],
    labels: Labels,
    *,
    bins: Annotated[int, Gt(0)] = 15,
    ignore_index: int = 255,
) -> Float[Tensor, "3 n"]:
    """Pixels, their confidences and how many are right, in bins of equal width of confidence; adds up.

    Exclusive classes: confidence is the highest probability, right is that class. Planes are told apart one
    by one: confidence is the probability of yes, right is a truth above 0.5. A bin holds its upper end.
    """
    told = planes(logits, labels, ignore_index)
    if exclusive(labels):
        valid = told.valid[:, 0]
        best = told.probs.max(1)
        confidence, right = best.values[valid], (best.indices == labels)[valid]
    else:
        confidence, right = told.probs[told.valid], (told.truth > 0.5)[told.valid]
    number = (confidence * bins).ceil().long().sub(1).clamp(0, bins - 1)
    weights = (torch.ones_like(confidence), confidence, right)
    sums = [number.bincount(weight.double(), minlength=bins) for weight in weights]
    return torch.stack(sums).double()  # bincount of nothing forgets what the weights are


def expected_calibration_error(sums: Float[Tensor, "3 n"]) -> Float[Tensor, ""]:
    """Mean distance, over the pixels, between how sure and how often right their bin is; NaN without pixels.

    Reference:
        Guo et al., "On Calibration of Modern Neural Networks", 2017, arXiv:1706.04599, equation 3.
    """
    pixels, confidence, right = sums
    return (confidence - right).abs().sum() / pixels.sum()


def maximum_calibration_error(sums: Float[Tensor, "3 n"]) -> Float[Tensor, ""]:
    """The largest such distance of any bin that has pixels; NaN without pixels.

    Reference:
        Guo et al., 2017, arXiv:1706.04599, equation 4.
    """
    pixels, confidence, right = sums
    gaps = (confidence - right).abs() / pixels
    return gaps[pixels > 0].max() if bool((pixels > 0).any()) else pixels.new_tensor(torch.nan)


def brier_sums(
    logits: Float[Tensor, "b k h w"], labels: Labels, *, ignore_index: int = 255
) -> Float[Tensor, " 2"]:
    """Squared distance of probabilities and truth, and what it is the sum over; adds up.

    Over the pixels that count for exclusive classes, over pixels and planes for independent ones.
    """
    told = planes(logits, labels, ignore_index)
    squares = ((told.probs - told.truth).double().square() * told.valid).sum()
    counting = told.valid[:, 0] if exclusive(labels) else told.valid
    return torch.stack([squares, counting.sum().double()])


def brier_score(sums: Float[Tensor, " 2"]) -> Float[Tensor, ""]:
    """Mean squared distance of probabilities and truth: in [0, 2] for exclusive classes, [0, 1] for planes.

    Reference:
        Brier, "Verification of Forecasts Expressed in Terms of Probability", 1950, equation 2.
    """
    return sums[0] / sums[1]
