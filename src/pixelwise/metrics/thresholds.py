"""The mean IoU over probability thresholds of early U-Nets in Keras, counted over a whole set."""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from pixelwise.metrics.confusion import Tally, mean_iou, plane_counts

THRESHOLDS = tuple(number / 20 for number in range(10, 20))  # 0.5 to 0.95


def threshold_counts(
    probs: Float[Tensor, "b k h w"], truth: Float[Tensor, "b k h w"]
) -> Int[Tensor, "10 k 2 2"]:
    """`[[tn, fp], [fn, tp]]` of each plane with probabilities above each threshold; adds up."""
    return torch.stack([plane_counts(probs > threshold, truth).sum(0) for threshold in THRESHOLDS])


def mean_iou_over_thresholds(counts: Int[Tensor, "10 k 2 2"]) -> Float[Tensor, " k"]:
    """Of each plane, the IoU of foreground and background, averaged, then averaged over the thresholds.

    An all-background answer scores near one half here wherever objects are rare, so report the foreground's
    IoU beside it. The Keras metric of this name kept TensorFlow 1's streaming variables, which were set up
    once and never reset: its numbers mix training, validation and all epochs, and compare with no others.
    """
    return torch.stack(
        [torch.stack([mean_iou(Tally(one)) for one in of_plane]).mean() for of_plane in counts.unbind(1)]
    )
